using Onnx;

namespace OnnxGrow.Analysis;

/// <summary>One node of a <see cref="Graph"/>.</summary>
public sealed class Node
{
    private readonly List<Value?> _inputs = [];
    private readonly List<Value?> _outputs = [];

    internal Node(NodeProto proto, int index, int fileIndex)
    {
        Proto = proto;
        Index = index;
        FileIndex = fileIndex;
    }

    /// <summary>The file's own message.</summary>
    public NodeProto Proto { get; }

    /// <summary>Position in <see cref="Graph.Nodes"/>.</summary>
    public int Index { get; }

    /// <summary>Position in the file.</summary>
    public int FileIndex { get; }

    /// <summary>The inputs; null for one that is left out.</summary>
    public IReadOnlyList<Value?> Inputs => _inputs;

    /// <summary>The outputs; null for one that is left out.</summary>
    public IReadOnlyList<Value?> Outputs => _outputs;

    /// <summary>Values of this graph that the node's subgraphs use.</summary>
    public List<Value> Captured { get; } = [];

    /// <summary>The operator, with its domain where that is not the default one.</summary>
    public string Operator => Proto.Domain is "" or "ai.onnx" ? Proto.OpType : Proto.Domain + "." + Proto.OpType;

    /// <summary>The node's name, or where it has none its first output's.</summary>
    public string Name => Proto.Name.Length > 0 ? Proto.Name : Proto.Output.Count > 0 ? Proto.Output[0] : $"#{Index}";

    /// <summary>Name and operator, for messages.</summary>
    public string Display => $"'{Text.Name(Name)}' ({Text.Name(Operator)})";

    /// <summary>Whether the node is this operator of the default domain.</summary>
    public bool Is(string opType) => Proto.OpType == opType && (Proto.Domain is "" or "ai.onnx");

    /// <summary>Input <paramref name="index"/>, or null where it is left out.</summary>
    public Value? Input(int index) => index < _inputs.Count ? _inputs[index] : null;

    /// <summary>Output <paramref name="index"/>, or null where it is left out.</summary>
    public Value? Output(int index) => index < _outputs.Count ? _outputs[index] : null;

    /// <summary>The attribute of this name, or null.</summary>
    public AttributeProto? Attribute(string name) => Proto.Attribute.FirstOrDefault(a => a.Name == name);

    /// <summary>An integer attribute, or its default.</summary>
    public long Int(string name, long missing) => Attribute(name)?.I ?? missing;

    /// <summary>A float attribute, or its default.</summary>
    public float Float(string name, float missing) => Attribute(name)?.F ?? missing;

    /// <summary>A list-of-integers attribute, or null.</summary>
    public long[]? Ints(string name) => Attribute(name) is { } a ? [.. a.Ints] : null;

    /// <inheritdoc/>
    public override string ToString() => Display;

    internal void AddInput(Value? value)
    {
        value?.AddConsumer(this, _inputs.Count);
        _inputs.Add(value);
    }

    internal void AddOutput(Value? value) => _outputs.Add(value);
}
