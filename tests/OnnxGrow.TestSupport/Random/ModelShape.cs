using OnnxGrow.Onnx;

namespace OnnxGrow.TestSupport.Random;

/// <summary>What kind of model.</summary>
public enum ModelKind
{
    /// <summary>Tokens to logits, with or without a cache.</summary>
    Decoder,

    /// <summary>An encoder, and a decoder that attends to it.</summary>
    EncoderDecoder,

    /// <summary>An image to classes, channels first all the way through.</summary>
    Image,
}

/// <summary>What normalises.</summary>
public enum NormStyle
{
    /// <summary>LayerNorm.</summary>
    Layer,

    /// <summary>RMSNorm.</summary>
    Rms,

    /// <summary>BatchNorm with fixed statistics.</summary>
    Batch,
}

/// <summary>How queries, keys and values are projected.</summary>
public enum QkvForm
{
    /// <summary>By a matrix each.</summary>
    Separate,

    /// <summary>By one matrix, [q | k | v].</summary>
    Joined,

    /// <summary>By one matrix, [heads, 3, d].</summary>
    HeadsThree,

    /// <summary>By one matrix, [3, heads, d].</summary>
    ThreeHeads,

    /// <summary>By one matrix, the queries of a group with its key and value: [groups, queries + 2, d].</summary>
    Groups,
}

/// <summary>How heads of keys and values serve several query heads.</summary>
public enum RepeatForm
{
    /// <summary>By Expand to sizes read off the graph, and Reshape.</summary>
    Expand,

    /// <summary>By Expand to a constant shape, and Reshape.</summary>
    ExpandConstant,

    /// <summary>By broadcasting over an axis of its own.</summary>
    Grouped,
}

/// <summary>How a linear map is written.</summary>
public enum LinearForm
{
    /// <summary>MatMul and Add.</summary>
    MatMul,

    /// <summary>MatMul with the transpose of what is stored, and Add.</summary>
    Transposed,

    /// <summary>Gemm on rows.</summary>
    Gemm,

    /// <summary>Einsum and Add.</summary>
    Einsum,
}

/// <summary>Rotary embedding.</summary>
public enum RotaryForm
{
    /// <summary>None.</summary>
    None,

    /// <summary>Pairs (i, i + d/2).</summary>
    Half,

    /// <summary>Pairs (2i, 2i + 1).</summary>
    Interleaved,
}

/// <summary>Norms of queries and keys.</summary>
public enum QkNorm
{
    /// <summary>None.</summary>
    None,

    /// <summary>Over each head.</summary>
    Head,

    /// <summary>Over all heads at once.</summary>
    Full,
}

/// <summary>How scores are scaled.</summary>
public enum ScaleForm
{
    /// <summary>Divided by a constant.</summary>
    Divided,

    /// <summary>Times a constant.</summary>
    Times,

    /// <summary>By the square root of a size that the graph computes.</summary>
    Computed,

    /// <summary>Queries and keys, each by a root.</summary>
    BothSides,
}

/// <summary>What is added to scores by distance.</summary>
public enum DistanceBias
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Distance times a slope per head.</summary>
    Alibi,

    /// <summary>A learned number per distance and head.</summary>
    Relative,
}

/// <summary>What a random model looks like. All of it is printed where a check fails.</summary>
public sealed record ModelShape
{
    /// <summary>Kind of model.</summary>
    public ModelKind Kind { get; init; }

    /// <summary>Type of the weights.</summary>
    public ElementType Type { get; init; } = ElementType.Float32;

    /// <summary>Version of the operator set.</summary>
    public int Opset { get; init; } = 17;

    /// <summary>Layers (of each stack).</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Residual width.</summary>
    public int Hidden { get; init; } = 8;

    /// <summary>Query heads.</summary>
    public int Heads { get; init; } = 2;

    /// <summary>Heads of keys and values.</summary>
    public int KvHeads { get; init; } = 2;

    /// <summary>Size of a head.</summary>
    public int HeadDim { get; init; } = 4;

    /// <summary>Inner width.</summary>
    public int Ffn { get; init; } = 8;

    /// <summary>Experts of every feed-forward block; 0 for none.</summary>
    public int Experts { get; init; }

    /// <summary>Rows of the token table.</summary>
    public int Vocabulary { get; init; } = 19;

    /// <summary>Longest sequence.</summary>
    public int Positions { get; init; } = 11;

    /// <summary>Classes in place of logits; 0 for logits.</summary>
    public int Classes { get; init; }

    /// <summary>What normalises.</summary>
    public NormStyle Norm { get; init; }

    /// <summary>Whether a norm is one operator where there is one.</summary>
    public bool FusedNorm { get; init; }

    /// <summary>Whether norms have gains.</summary>
    public bool Affine { get; init; } = true;

    /// <summary>Whether gains are stored as w of 1 + w.</summary>
    public bool OnePlus { get; init; }

    /// <summary>Epsilon of the norms.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>Where norms stand.</summary>
    public Placement Placement { get; init; }

    /// <summary>Whether attention and feed-forward block read the same.</summary>
    public bool Parallel { get; init; }

    /// <summary>Whether what a block adds is scaled entry by entry.</summary>
    public bool LayerScale { get; init; }

    /// <summary>Whether linear maps have biases.</summary>
    public bool Bias { get; init; }

    /// <summary>How linear maps are written.</summary>
    public LinearForm Linear { get; init; }

    /// <summary>How queries, keys and values are projected.</summary>
    public QkvForm Qkv { get; init; }

    /// <summary>How keys and values are repeated.</summary>
    public RepeatForm Repeat { get; init; }

    /// <summary>Whether shapes are put together from sizes that the graph computes.</summary>
    public bool ComputedShapes { get; init; }

    /// <summary>Rotary embedding.</summary>
    public RotaryForm Rotary { get; init; }

    /// <summary>Entries of a head that are turned.</summary>
    public int RotaryDim { get; init; }

    /// <summary>Whether angles are computed, not read from tables.</summary>
    public bool RotaryComputed { get; init; }

    /// <summary>Norms of queries and keys.</summary>
    public QkNorm QkNorm { get; init; }

    /// <summary>How scores are scaled.</summary>
    public ScaleForm Scale { get; init; }

    /// <summary>Whether scores are capped by a tanh.</summary>
    public bool SoftCap { get; init; }

    /// <summary>What is added to scores by distance.</summary>
    public DistanceBias Distance { get; init; }

    /// <summary>Whether tokens see what is before them only.</summary>
    public bool Causal { get; init; }

    /// <summary>"erf", "tanh", "quick", "silu" or "relu".</summary>
    public string Activation { get; init; } = "erf";

    /// <summary>Whether the activation gates another linear map.</summary>
    public bool Gated { get; init; }

    /// <summary>Whether there is a table of positions.</summary>
    public bool LearnedPositions { get; init; }

    /// <summary>Whether keys and values of earlier calls come in and go out.</summary>
    public bool Cache { get; init; }

    /// <summary>Whether the token table is the output layer too.</summary>
    public bool Tied { get; init; }

    /// <summary>Query heads that share a head of keys and values.</summary>
    public int Group => Heads / KvHeads;

    /// <summary>The width of all query heads together.</summary>
    public int Inner => Heads * HeadDim;
}
