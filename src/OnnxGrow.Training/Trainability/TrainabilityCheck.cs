using System.Collections.Immutable;
using OnnxGrow.Analysis;
using OnnxGrow.Onnx;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Trainability;

/// <summary>
/// Tells what will never learn: weights whose gradient is zero for ever, and copies that stay equal. Gradients are computed at the
/// start, and again after each of a few steps of Adam; and once at weights that are disturbed, which tells what has no gradient
/// because the start is a bad one from what has none anywhere.
/// </summary>
public static class TrainabilityCheck
{
    /// <summary>Below this part of the largest gradient in the model, one is zero: what float64 leaves of sums that cancel.</summary>
    private const double Zero = 1e-13;

    /// <summary>Below this part of the largest gradient of a weight, gradients of its slices are equal.</summary>
    private const double Equal = 1e-9;

    private const double Rate = 1e-3;
    private const double Disturbance = 0.5;

    /// <summary>Checks a model.</summary>
    /// <param name="model">The model; it must stay open.</param>
    /// <param name="batches">On how many random batches.</param>
    /// <param name="steps">After how many steps; two are enough for new blocks that add nothing.</param>
    /// <param name="seed">Decides the batches.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="CannotTrainException">Something has no gradient.</exception>
    public static TrainabilityReport Run(OnnxModel model, int batches = 3, int steps = 2, ulong seed = 1, CancellationToken cancellation = default)
    {
        ModelMap map = ModelMap.Of(model, cancellation);
        using var probe = new GradientProbe(model, batches, seed, cancellation);
        var run = new ProbedRun(probe, steps, Rate);
        double[][] elsewhere = run.Gradients(Disturbed(probe.Weights(), seed));
        double zero = Zero * Math.Max(run.Seen.Max(at => at.Max(LargestOf)), elsewhere.Max(LargestOf));
        ILookup<(string, int), string> dimensions = map.Dimensions.SelectMany(d => d.Weights.Select(w => (Key: (w.Tensor, w.Axis), d.Name))).ToLookup(d => d.Key, d => d.Name);
        var findings = ImmutableArray.CreateBuilder<TrainabilityFinding>();
        foreach (Parameter parameter in probe.Unreached)
        {
            findings.Add(new TrainabilityFinding(parameter.Name, TrainabilityProblem.WithoutEffect, null, null, [], parameter.Count, []));
        }

        for (int p = 0; p < probe.Parameters.Count; p++)
        {
            int index = p;
            Parameter parameter = probe.Parameters[p];
            findings.AddRange(new WeightCheck(
                parameter,
                run.Start[p],
                [.. run.Steps.Select(step => step.Select(batch => batch[index]).ToArray())],
                elsewhere[p],
                zero,
                Equal,
                axis => string.Join(" x ", dimensions[(parameter.Name, axis)]) is { Length: > 0 } name ? name : null).Run());
        }

        return new TrainabilityReport(probe.Parameters.Count, probe.Batches, steps, findings.DrainToImmutable());
    }

    private static double LargestOf(double[] values) => values.Length == 0 ? 0 : values.Max(Math.Abs);

    /// <summary>Every weight somewhere else: a start at which nothing is zero or equal by choice.</summary>
    private static double[][] Disturbed(double[][] weights, ulong seed)
    {
        var random = new Random((int)(seed & 0xFFFF) ^ 0x5EED);
        foreach (double[] weight in weights)
        {
            double size = Math.Sqrt(weight.Sum(w => w * w) / Math.Max(1, weight.Length));
            size = size > 0 ? size : 0.1;
            for (int i = 0; i < weight.Length; i++)
            {
                weight[i] += Disturbance * size * ((2 * random.NextDouble()) - 1);
            }
        }

        return weights;
    }
}
