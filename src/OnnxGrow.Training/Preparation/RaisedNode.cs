using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Preparation;

/// <summary>One node while it is raised, and the nodes that come to stand in front of it and behind it.</summary>
/// <param name="node">The node, which is changed in place.</param>
/// <param name="facts">What is known of values.</param>
/// <param name="names">The names in use.</param>
internal sealed class RaisedNode(NodeProto node, TensorFacts facts, NamesInUse names)
{
    /// <summary>The node.</summary>
    public NodeProto Node => node;

    /// <summary>Nodes in front of it.</summary>
    public List<NodeProto> Before { get; } = [];

    /// <summary>Nodes behind it.</summary>
    public List<NodeProto> After { get; } = [];

    /// <summary>What is known of values.</summary>
    public TensorFacts Facts => facts;

    /// <summary>The name of an input; empty where it is left out.</summary>
    public string Input(int index) => index < node.Input.Count ? node.Input[index] : "";

    /// <summary>Whether an output is there.</summary>
    public bool HasOutput(int index) => index < node.Output.Count && node.Output[index].Length > 0;

    /// <summary>Sets an input; those before it that are missing are left out.</summary>
    public void SetInput(int index, string name)
    {
        while (node.Input.Count <= index)
        {
            node.Input.Add("");
        }

        node.Input[index] = name;
    }

    /// <summary>An attribute, or null.</summary>
    public AttributeProto? Attribute(string name)
    {
        AttributeProto? found = node.Attribute.FirstOrDefault(a => a.Name == name);
        return found is { RefAttrName.Length: > 0 }
            ? throw Refuse($"its attribute '{Text.Name(name)}' is an argument of a function; write the function out first")
            : found;
    }

    /// <summary>Takes an attribute away and gives it; null where there is none.</summary>
    public AttributeProto? Take(string name)
    {
        AttributeProto? found = Attribute(name);
        if (found is not null)
        {
            node.Attribute.Remove(found);
        }

        return found;
    }

    /// <summary>Sets an attribute.</summary>
    public void Set(string name, object value)
    {
        Take(name);
        node.Attribute.Add(Attributes.Of(name, value));
    }

    /// <summary>Makes a list of integers that was an attribute an input.</summary>
    public void IntsToInput(string attribute, int input)
    {
        if (Take(attribute) is { } list)
        {
            SetInput(input, Ints([.. list.Ints]));
        }
    }

    /// <summary>Makes a float that was an attribute an input, a scalar of the type of the node's first.</summary>
    public void FloatToInput(string attribute, int input)
    {
        if (Take(attribute) is { } number)
        {
            SetInput(input, Float(number.F));
        }
    }

    /// <summary>A constant list of integers in front of the node.</summary>
    public string Ints(params long[] values) => Constant(Tensors.Int64("", [values.Length], values));

    /// <summary>A constant scalar in front of the node, of the type of the node's first input.</summary>
    public string Float(float value)
    {
        ElementType type = facts.TypeOf(Input(0));
        return ElementTypes.IsGrowable(type)
            ? Constant(Tensors.Scalar("", type, value))
            : Front("CastLike", [], Constant(Tensors.Scalar("", ElementType.Float32, value)), Input(0));
    }

    /// <summary>A constant in front of the node.</summary>
    public string Constant(TensorProto tensor) => Front("Constant", [("value", tensor)]);

    /// <summary>A node in front of this one; gives the name of its output.</summary>
    public string Front(string opType, (string Name, object Value)[] attributes, params string[] inputs)
    {
        string output = names.Fresh(opType);
        Before.Add(Make(opType, attributes, inputs, output));
        return output;
    }

    /// <summary>Puts a node behind this one, which makes the output of that name out of others.</summary>
    public void Behind(string output, string opType, (string Name, object Value)[] attributes, params string[] inputs) =>
        After.Add(Make(opType, attributes, inputs, output));

    /// <summary>Gives an output another name, for a node behind this one that makes it; gives both names.</summary>
    public (string Old, string New) Rename(int output)
    {
        string old = node.Output[output];
        node.Output[output] = names.Fresh(node.OpType);
        return (old, node.Output[output]);
    }

    /// <summary>Why this node cannot be raised.</summary>
    public CannotTrainException Refuse(string reason) => new(
        $"node '{Text.Name(node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault() ?? "?")}' ({Text.Name(node.OpType)}) cannot be "
        + FormattableString.Invariant($"raised to operator set {GraphWriter.Opset}: {reason}"));

    private NodeProto Make(string opType, (string Name, object Value)[] attributes, string[] inputs, string output)
    {
        var made = new NodeProto { OpType = opType, Name = names.Fresh(opType + "_node") };
        made.Input.AddRange(inputs);
        made.Output.Add(output);
        made.Attribute.AddRange(attributes.Select(a => Attributes.Of(a.Name, a.Value)));
        return made;
    }
}
