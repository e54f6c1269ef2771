using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Inputs;
using OnnxGrow.Runtime.Witness;

namespace OnnxGrow.Training.Preparation;

/// <summary>Inputs that a model runs on, made from the model itself, with more than one entry along every open axis.</summary>
internal static class ExampleInputs
{
    private const long Length = 8;

    /// <summary>The tensors by input.</summary>
    /// <param name="model">The model.</param>
    /// <param name="seed">Decides the values.</param>
    /// <exception cref="NotVerifiedException">No inputs were found that the model runs on.</exception>
    public static IReadOnlyDictionary<string, RuntimeTensor> Of(OnnxModel model, ulong seed = 0)
    {
        using OnnxModel? lifted = Lifted(model);
        using var session = new OrtSession(lifted ?? model);
        InputSet set = InputGenerator.Generate(lifted ?? model, seed, Length, inputs => TrialRun.Of(session, inputs));

        // The case with the largest smallest extent: a one along an open axis would be taken for one that broadcasts.
        return DeclaredTypes.Of(model, set.Cases.MaxBy(c => (c.Inputs.Values.SelectMany(t => t.Dims).DefaultIfEmpty(1).Min(), c.Inputs.Values.Sum(t => t.Count)))!.Inputs);
    }

    /// <summary>In float64 models run whose own types have no kernels on the CPU; null where there is no such form.</summary>
    private static OnnxModel? Lifted(OnnxModel model)
    {
        try
        {
            return Float64Lift.Lift(model);
        }
        catch (NotVerifiedException)
        {
            return null;
        }
    }
}
