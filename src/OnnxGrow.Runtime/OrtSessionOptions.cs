namespace OnnxGrow.Runtime;

/// <summary>How far ONNX Runtime may rewrite a graph before it runs it.</summary>
public enum GraphOptimization
{
    /// <summary>
    /// Not at all. The float64 witness runs so: even the basic level joins a decomposed LayerNorm to one node, whose
    /// epsilon is an attribute and would be rounded to float32.
    /// </summary>
    None,

    /// <summary>
    /// Constant folding and removal of what does nothing: every node keeps its own kernel. The default where models are
    /// compared, because fusions depend on shapes and patterns: with them two graphs that compute the same may be run by
    /// different kernels, and what is measured is ONNX Runtime's, not the models'.
    /// </summary>
    Basic,

    /// <summary>Fusions too.</summary>
    Extended,

    /// <summary>Fusions and layouts: what an application gets that sets nothing.</summary>
    All,
}

/// <summary>How a model is run.</summary>
public sealed record OrtSessionOptions
{
    /// <summary>The execution provider: "cpu" or "cuda".</summary>
    public string Provider { get; init; } = "cpu";

    /// <summary>How far the graph may be rewritten.</summary>
    public GraphOptimization Optimization { get; init; } = GraphOptimization.Basic;

    /// <summary>Threads within an operator; 0 for one a core.</summary>
    public int Threads { get; init; }

    /// <summary>Ask for deterministic kernels.</summary>
    public bool Deterministic { get; init; } = true;

    /// <summary>On CUDA, let float32 products be rounded to TF32 (costs 1e-3).</summary>
    public bool AllowTf32 { get; init; }

    /// <summary>Let graphs hold nodes of <see cref="Kernels.FusedOperator"/>, which only the CPU runs.</summary>
    internal bool FusedKernels { get; init; }

    /// <summary>Ends a run that is under way, and refuses later ones.</summary>
    public CancellationToken Cancellation { get; init; }
}
