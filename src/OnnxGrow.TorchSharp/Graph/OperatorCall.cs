using Onnx;

namespace OnnxGrow.TorchSharp.Graph;

/// <summary>One node while it is run: its inputs, attributes and inner graphs.</summary>
/// <param name="node">The node.</param>
/// <param name="run">The run that it is part of.</param>
internal sealed class OperatorCall(NodeProto node, GraphRun run)
{
    private readonly List<Tensor> _given = [];

    /// <summary>The operator's name.</summary>
    public string OpType => node.OpType;

    /// <summary>How many inputs the node has; some may be left out.</summary>
    public int Inputs => node.Input.Count;

    /// <summary>How many outputs the node has; some may be left out.</summary>
    public int Outputs => node.Output.Count;

    /// <summary>Where the node computes: on the host if all that it reads is there (shapes and indices), else where the weights are.</summary>
    public Device Place { get; } = node.Input.Any(i => i.Length > 0 && !run.IsOnHost(i)) ? run.Device : torch.CPU;

    /// <summary>Where the weights are.</summary>
    public Device Device => run.Device;

    /// <summary>Whether an input is given.</summary>
    public bool Has(int input) => input < node.Input.Count && node.Input[input].Length > 0;

    /// <summary>Whether an output is asked for.</summary>
    public bool Wants(int output) => output < node.Output.Count && node.Output[output].Length > 0;

    /// <summary>An input, where the node computes.</summary>
    public Tensor Input(int index)
    {
        Tensor tensor = run.Find(node.Input[index], Place);
        _given.Add(tensor);
        return tensor;
    }

    /// <summary>Whether a tensor is one of the inputs, not a new one.</summary>
    public bool IsInput(Tensor tensor) => _given.Any(g => ReferenceEquals(g, tensor));

    /// <summary>An input that may be left out.</summary>
    public Tensor? Optional(int index) => Has(index) ? Input(index) : null;

    /// <summary>All inputs that are given.</summary>
    public Tensor[] All => [.. Enumerable.Range(0, Inputs).Where(Has).Select(Input)];

    /// <summary>The elements of an input of integers: a shape, axes.</summary>
    public long[] Integers(int index) => run.Integers(node.Input[index]);

    /// <summary>The elements of an input of integers; null where it is left out.</summary>
    public long[]? OptionalIntegers(int index) => Has(index) ? Integers(index) : null;

    /// <summary>The one element of an input, where it is at hand without waiting for a device and nothing is trained by it; else null.</summary>
    public double? Number(int index)
    {
        if (!Has(index) || !run.IsOnHost(node.Input[index]))
        {
            return null;
        }

        Tensor tensor = run.Find(node.Input[index], torch.CPU);
        return tensor.numel() == 1 && !tensor.requires_grad ? HostValues.Doubles(tensor)[0] : null;
    }

    /// <summary>Whether the node has an attribute.</summary>
    public bool HasAttribute(string name) => Find(name) is not null;

    /// <summary>An integer attribute, or its default.</summary>
    public long Int(string name, long missing) => Find(name)?.I ?? missing;

    /// <summary>A float attribute, or its default.</summary>
    public double Float(string name, double missing) => Find(name)?.F ?? missing;

    /// <summary>A list-of-integers attribute, or null.</summary>
    public long[]? IntList(string name) => Find(name) is { } a ? [.. a.Ints] : null;

    /// <summary>A string attribute, or its default.</summary>
    public string String(string name, string missing) => Find(name)?.S.ToStringUtf8() ?? missing;

    /// <summary>A tensor attribute, or null.</summary>
    public Tensor? TensorOf(string name) => Find(name)?.T is { } tensor ? TorchTypes.FromData(run.DataOf(tensor), [.. tensor.Dims]) : null;

    /// <summary>An axis of a value counted from the front.</summary>
    public static int Axis(long axis, long rank) => (int)(axis < 0 ? axis + rank : axis);

    /// <summary>Runs an inner graph.</summary>
    /// <param name="attribute">The attribute that holds it.</param>
    /// <param name="inputs">Its inputs, in its order.</param>
    /// <returns>Its outputs, in its order.</returns>
    public Tensor[] RunInner(string attribute, params Tensor[] inputs) => run.Inner(Find(attribute)!.G, inputs);

    /// <summary>How many inputs and outputs an inner graph has.</summary>
    public (int Inputs, int Outputs) CountsOf(string attribute) => (Find(attribute)!.G.Input.Count, Find(attribute)!.G.Output.Count);

    /// <summary>Why this node is not run as it is.</summary>
    public CannotTrainException Refuse(string reason) =>
        new($"node '{Text.Name(node.Name.Length > 0 ? node.Name : node.Output[0])}' ({Text.Name(node.OpType)}): {reason}; the engine onnxruntime may run it");

    private AttributeProto? Find(string name) => node.Attribute.FirstOrDefault(a => a.Name == name);
}
