using OnnxGrow.Runtime.Inputs;
using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Runtime;

/// <summary>Which proofs to run.</summary>
[Flags]
public enum EquivalenceLevels
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The certificate over the weights; the caller runs it and hands in its summary.</summary>
    Certificate = 1,

    /// <summary>Both graphs in float64.</summary>
    Witness = 2,

    /// <summary>Both models as they are.</summary>
    AsShipped = 4,

    /// <summary>All of them.</summary>
    All = Certificate | Witness | AsShipped,
}

/// <summary>How two models are compared.</summary>
public sealed record EquivalenceOptions
{
    /// <summary>The execution provider of the comparison as shipped: "cpu" or "cuda". The witness runs on the processor.</summary>
    public string Provider { get; init; } = "cpu";

    /// <summary>
    /// The tolerance of the comparison as shipped, relative (see <see cref="Comparison.TensorComparison.MaxRelative"/>);
    /// null for the default of the weights' type times <see cref="Depth"/>: 1e-5 for float32, 1e-3 for float16, 1e-2 for
    /// bfloat16, 1e-12 for float64.
    /// </summary>
    public double? Tolerance { get; init; }

    /// <summary>
    /// The tolerance of the witness; null for 1e-12 where the grown weights are given before rounding, and where they are
    /// the stored ones for what rounding them may cost: 1e-6 for float32, 1e-2 for float16, 5e-2 for bfloat16.
    /// </summary>
    public double? WitnessTolerance { get; init; }

    /// <summary>The number of layers of the grown model: rounding adds up over them.</summary>
    public int Depth { get; init; } = 1;

    /// <summary>Decides all random choices.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The longest sequence to try.</summary>
    public long MaxLength { get; init; } = InputGenerator.DefaultMaxLength;

    /// <summary>A folder with inputs in place of generated ones.</summary>
    public string? InputsDir { get; init; }

    /// <summary>Also find the first value inside the graphs where the two part.</summary>
    public bool Layers { get; init; }

    /// <summary>What the layers of the two models hand on, in pairs; used with <see cref="Layers"/>.</summary>
    public IReadOnlyList<LayerPair> LayerPairs { get; init; } = [];

    /// <summary>Which proofs to run.</summary>
    public EquivalenceLevels Levels { get; init; } = EquivalenceLevels.All;

    /// <summary>Threads of the certificate; 0 for one a processor.</summary>
    public int CertificateThreads { get; init; }

    /// <summary>How far the proof goes; null for as far as the free memory lets it.</summary>
    public ProofLevel? Proof { get; init; }

    /// <summary>Why levels that could have been run were not; null where none was left out.</summary>
    public string? NotRun { get; init; }

    /// <summary>What the certificate found; null where it was not run.</summary>
    public CertificateSummary? Certificate { get; init; }

    /// <summary>How far ONNX Runtime may rewrite the graphs in the comparison as shipped.</summary>
    public GraphOptimization Optimization { get; init; } = GraphOptimization.Basic;

    /// <summary>Threads within an operator; 0 for one a core.</summary>
    public int Threads { get; init; }

    /// <summary>How inputs and outputs of the two correspond, where growth changed them; null where they are the same.</summary>
    public GrownInterface? Interface { get; init; }

    /// <summary>Is told how far it is; null for nobody.</summary>
    public WorkProgress? Progress { get; init; }

    /// <summary>Stops it, in the middle of a run of ONNX Runtime too.</summary>
    public CancellationToken Cancellation { get; init; }
}
