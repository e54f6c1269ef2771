using OnnxGrow.Runtime;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.TorchSharp;

/// <summary>How a module is made of an ONNX model.</summary>
public sealed record OnnxModuleOptions
{
    /// <summary>Where it computes; null for the host. `to(device)` moves it later.</summary>
    public Device? Device { get; init; }

    /// <summary>Which weights become parameters, by patterns of their names; what is none stays a constant.</summary>
    public ParameterFilter Weights { get; init; } = new();

    /// <summary>
    /// Inputs that the model runs on, with extents above 1 along open axes; null to have them made from the model itself. They show
    /// what its values are, nothing is learnt from them.
    /// </summary>
    public IReadOnlyDictionary<string, RuntimeTensor>? Example { get; init; }
}
