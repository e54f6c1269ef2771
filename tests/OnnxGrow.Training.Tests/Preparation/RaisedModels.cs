using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Witness;
using OnnxGrow.Training.Preparation;
using Xunit;

namespace OnnxGrow.Training.Tests.Preparation;

/// <summary>Runs a model before and after it is raised.</summary>
internal static class RaisedModels
{
    /// <summary>Checks that the raised model gives the same bits.</summary>
    /// <param name="model">The model.</param>
    /// <param name="cases">Inputs to run it on.</param>
    /// <param name="lift">Whether both run in float64 form.</param>
    public static void AssertSame(OnnxModel model, IEnumerable<IReadOnlyDictionary<string, RuntimeTensor>> cases, bool lift = false)
    {
        using OnnxModel raised = model.Clone();
        OpsetRaise.Run(raised.Proto);
        Assert.All(raised.Proto.OpsetImport.Where(o => o.Domain is "" or "ai.onnx"), o => Assert.True(o.Version >= 18));

        // As they are: an optimizer may find other forms in the two.
        var options = new OrtSessionOptions { Optimization = GraphOptimization.None, Threads = 1 };
        using OnnxModel old = lift ? Float64Lift.Lift(model) : model.Clone();
        using OnnxModel young = lift ? Float64Lift.Lift(raised) : raised.Clone();
        using var before = new OrtSession(old, options);
        using var after = new OrtSession(young, options);
        int compared = 0;
        foreach (IReadOnlyDictionary<string, RuntimeTensor> inputs in cases)
        {
            IReadOnlyDictionary<string, RuntimeTensor> found = after.Run(inputs);
            foreach ((string name, RuntimeTensor expected) in before.Run(inputs))
            {
                Assert.Equal(expected.ElementType, found[name].ElementType);
                Assert.Equal([.. expected.Dims], found[name].Dims.ToArray());
                Assert.True(expected.Bytes.Span.SequenceEqual(found[name].Bytes.Span), $"the values of '{name}' are others");
                compared++;
            }
        }

        Assert.NotEqual(0, compared);
    }
}
