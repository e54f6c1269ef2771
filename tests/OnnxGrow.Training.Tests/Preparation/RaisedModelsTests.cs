using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Inputs;
using OnnxGrow.Runtime.Witness;
using OnnxGrow.TestSupport;
using Xunit;

namespace OnnxGrow.Training.Tests.Preparation;

/// <summary>Every model that is at hand gives the same bits when it is raised.</summary>
public sealed class RaisedModelsTests
{
    public static TheoryData<string> Models =>
        [.. Repository.AllModels.Concat(Repository.SharedModels is { } shared ? Directory.EnumerateFiles(shared, "*.onnx") : [])
            .Select(path => Path.GetRelativePath(Repository.Root, path))];

    [Theory]
    [MemberData(nameof(Models))]
    public void Raised_models_give_the_same_bits(string path)
    {
        using OnnxModel model = OnnxModel.Open(Path.Combine(Repository.Root, path));
        bool lift = NeedsFloat64(model);
        using OnnxModel runs = lift ? Float64Lift.Lift(model) : model.Clone();
        using var session = new OrtSession(runs);
        InputSet set = InputGenerator.Generate(runs, 5, 8, inputs => TrialRun.Of(session, inputs));
        RaisedModels.AssertSame(model, set.Cases.Select(c => c.Inputs), lift);
    }

    /// <summary>
    /// Models of float types or operators that the CPU has no kernels for run in float64 form only; one of float16 is rounded between
    /// operators wherever one of its kernels is missing, and that differs from one operator set to the next.
    /// </summary>
    private static bool NeedsFloat64(OnnxModel model) =>
        model.Proto.Graph.Initializer.Any(i => (ElementType)i.DataType is ElementType.Float16 or ElementType.BFloat16 or ElementType.Float64)
            || model.Proto.Graph.Node.Any(n => n.OpType == "RemovePadding");
}
