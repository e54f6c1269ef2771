using Onnx;
using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis;

/// <summary>One value of a <see cref="Graph"/>: an input, a weight, or what a node makes; with what is known of its shape.</summary>
public sealed class Value(string name, Node? producer, int outputIndex)
{
    private readonly List<Use> _consumers = [];

    /// <summary>The name in the file.</summary>
    public string Name { get; } = name;

    /// <summary>The node that makes it; null for inputs and initializers.</summary>
    public Node? Producer { get; } = producer;

    /// <summary>Which output of its producer it is.</summary>
    public int OutputIndex { get; } = outputIndex;

    /// <summary>The nodes that use it; input index -1 stands for a use inside the node's subgraph.</summary>
    public IReadOnlyList<Use> Consumers => _consumers;

    /// <summary>The tensor, where the value is an initializer or a Constant node's output.</summary>
    public TensorProto? Tensor { get; internal set; }

    /// <summary>
    /// The initializer's name in the file. It differs from <see cref="Name"/> where several nodes share one vector: each use
    /// is then a value of its own, since exporters merge vectors that merely happen to be equal.
    /// </summary>
    public string InitializerName { get; internal set; } = name;

    /// <summary>What the file itself says of the value's type, if anything.</summary>
    public ValueInfoProto? Info { get; internal set; }

    /// <summary>Whether the value is fed from outside.</summary>
    public bool IsGraphInput { get; internal set; }

    /// <summary>Whether the value is handed out.</summary>
    public bool IsGraphOutput { get; internal set; }

    /// <summary>Whether the value follows from constants alone.</summary>
    public bool IsStatic { get; internal set; }

    /// <summary>Whether a weight matrix has gone into it: hidden states have this, masks and position tables do not.</summary>
    internal bool IsMixed { get; set; }

    /// <summary>The rank, where the file or a first look at the graph tells it; -1 otherwise.</summary>
    internal int Rank { get; set; } = -1;

    /// <summary>The axes, outermost first; null where even the rank is unknown.</summary>
    public Axis[]? Axes { get; internal set; }

    /// <summary>The elements, where the value is a small integer tensor that is computed from sizes and constants.</summary>
    internal SizeExpression[]? Elements { get; set; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal void AddConsumer(Node node, int input) => _consumers.Add(new Use(node, input));

    /// <summary>A use of a value.</summary>
    /// <param name="Node">The node that uses it.</param>
    /// <param name="Input">Which of its inputs; -1 inside a subgraph of it.</param>
    public readonly record struct Use(Node Node, int Input);
}
