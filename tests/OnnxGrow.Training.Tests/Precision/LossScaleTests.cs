using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Training.Optimizers;
using OnnxGrow.Training.Precision;
using OnnxGrow.Training.Preparation;
using Xunit;

namespace OnnxGrow.Training.Tests.Precision;

/// <summary>The scale of gradients, and updates that undo it or change nothing.</summary>
public sealed class LossScaleTests
{
    private static readonly Parameter W = new("W", [2], ParameterRole.Matrix);

    [Fact]
    public void It_is_halved_by_an_overflow_and_doubled_after_2000_good_steps()
    {
        var scale = new LossScale();
        Assert.Equal(65536, scale.Value);
        scale = scale.After(true);
        Assert.Equal((32768, 0, 1), (scale.Value, scale.Good, scale.Skipped));
        for (int i = 0; i < 1999; i++)
        {
            scale = scale.After(false);
        }

        Assert.Equal((32768, 1999, 1), (scale.Value, scale.Good, scale.Skipped));
        scale = scale.After(false);
        Assert.Equal((65536, 0, 1), (scale.Value, scale.Good, scale.Skipped));
        Assert.False(new LossScale { Value = 2 }.After(true).IsSpent);
        Assert.True(new LossScale { Value = 1 }.After(true).IsSpent);
    }

    [Theory]
    [InlineData("adamw", float.PositiveInfinity)]
    [InlineData("adamw", float.NaN)]
    [InlineData("sgd", float.NegativeInfinity)]
    [InlineData("lion", float.NaN)]
    [InlineData("muon", float.PositiveInfinity)]
    public void A_step_with_an_overflow_changes_nothing_and_others_are_those_of_the_plain_gradient(string kind, float wrong)
    {
        IOptimizer rule = kind switch
        {
            "sgd" => new Sgd(),
            "lion" => new Lion(),
            "muon" => new Muon(new AdamW()),
            _ => new AdamW(),
        };
        IReadOnlyDictionary<string, RuntimeTensor> plain = Run(rule, false, 1, [0.25f, -3]);
        IReadOnlyDictionary<string, RuntimeTensor> scaled = Run(rule, true, 1024, [256, -3072]);
        IReadOnlyDictionary<string, RuntimeTensor> skipped = Run(rule, true, 1024, [256, wrong]);
        Assert.Equal(plain.Keys, scaled.Keys);
        foreach (string name in plain.Keys)
        {
            // A power of two changes no digit.
            Assert.Equal(plain[name].ToDoubles(), scaled[name].ToDoubles());
        }

        Assert.False(double.IsFinite(skipped[OptimizerGraph.Norm].ToDoubles()[0]));
        Assert.Equal([1.0, 2], skipped["W/next"].ToDoubles());
        foreach (string state in rule.StateOf(W))
        {
            Assert.Equal([0.5, 0.5], skipped[$"W/{state}/next"].ToDoubles());
        }
    }

    private static IReadOnlyDictionary<string, RuntimeTensor> Run(IOptimizer rule, bool skips, double scale, float[] gradient)
    {
        using OptimizerGraph graph = OptimizerGraph.Of([(W, RelativeRate.One, 0)], rule, 0.1, 1, ElementType.Float32, skips);
        RuntimeTensor Scalar(double value) => RuntimeTensor.FromDoubles(ElementType.Float32, [], [value]);
        RuntimeTensor Pair(params double[] values) => RuntimeTensor.FromDoubles(ElementType.Float32, [2], values);
        var inputs = new Dictionary<string, RuntimeTensor>
        {
            ["W"] = Pair(1, 2), ["W/gradient"] = Pair(gradient[0], gradient[1]), [OptimizerGraph.Rate] = Scalar(0.01),
        };
        foreach (string state in rule.StateOf(W))
        {
            inputs["W/" + state] = Pair(0.5, 0.5);
        }

        foreach ((string name, double value) in rule.Numbers(1))
        {
            inputs[OptimizerGraph.NumberOf(name, 0)] = Scalar(value);
        }

        if (skips)
        {
            inputs[OptimizerGraph.Unscale] = Scalar(1 / scale);
        }

        using var session = new OrtSession(graph.Model);
        return session.Run(inputs);
    }
}
