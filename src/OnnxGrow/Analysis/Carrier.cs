using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis;

/// <summary>Axes that are carried by one and the same expansion P: a stream of activations with the weights that write it.</summary>
internal sealed class Carrier(Atom root)
{
    public Atom Root { get; } = root;

    public SizeClass Size => Root.Size;

    public CarrierNeed Needs { get; set; }

    /// <summary>Why, for each need; the first of its kind.</summary>
    public List<Need> Reasons { get; } = [];

    /// <summary>Whether an activation has the axis; where none has, weights alone do, and their entries are free to choose.</summary>
    public bool HasActivation { get; set; }

    /// <summary>Carriers that a node sums over together with this one.</summary>
    public List<ContractionLink> Contracted { get; } = [];

    /// <summary>Where weights of this carrier multiply activations entry by entry.</summary>
    public List<GainLink> GainOf { get; } = [];

    /// <summary>Gains and norms that read activations of this carrier.</summary>
    public List<GainLink> ReadBy { get; } = [];

    /// <summary>Gains and norms that write it.</summary>
    public List<GainLink> WrittenBy { get; } = [];

    /// <summary>Products of two activations that read or write it.</summary>
    public List<ProductLink> Products { get; } = [];

    /// <summary>The Softmax that writes it, if one does.</summary>
    public SoftmaxLink? SoftmaxOf { get; set; }

    /// <summary>Nodes that sum over it alone.</summary>
    public List<SumUse> SummedBy { get; } = [];

    /// <summary>Norms that write it.</summary>
    public List<Norms.NormInstance> NormOutputs { get; } = [];

    /// <summary>Norms that read it.</summary>
    public List<Norms.NormInstance> NormInputs { get; } = [];

    /// <summary>Sums of two activations on it: a residual stream has some.</summary>
    public int ResidualSums { get; set; }
}

/// <summary>A sum over this carrier and another; which of the two sides is a constant's.</summary>
internal sealed record ContractionLink(Carrier Other, Node Node, bool IsWeight, bool OtherIsWeight, bool IsLeft);

/// <summary>Two activations multiplied entry by entry.</summary>
internal sealed record ProductLink(Carrier Left, Carrier Right, Carrier Output, Node Node);

/// <summary>A gain between carriers: output = weight * input, entry by entry (after normalising, for a norm).</summary>
internal sealed record GainLink(Carrier Input, Carrier Weight, Carrier Output, Node Node, Norms.NormInstance? Norm, Value? WeightValue);

/// <summary>A Softmax over a carrier: what it reads and its node.</summary>
internal sealed record SoftmaxLink(Carrier Input, Node Node);
