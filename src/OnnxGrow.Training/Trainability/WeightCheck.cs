using System.Collections.Immutable;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Trainability;

/// <summary>What is to be said of one weight, by the gradients that it got.</summary>
/// <param name="parameter">The weight.</param>
/// <param name="start">Its values at the start.</param>
/// <param name="gradients">Its gradients, by step and batch.</param>
/// <param name="elsewhere">The size of its gradients at disturbed weights.</param>
/// <param name="zero">The size up to which a gradient is zero.</param>
/// <param name="equal">The part of its largest gradient up to which two are equal.</param>
/// <param name="dimension">The name of the dimension of an axis.</param>
internal sealed class WeightCheck(
    Parameter parameter, double[] start, double[][][] gradients, double[] elsewhere, double zero, double equal, Func<int, string?> dimension)
{
    /// <summary>All that there is to say.</summary>
    public IEnumerable<TrainabilityFinding> Run()
    {
        TrainabilityProblem? whole = ProblemOf(elsewhere.Max(), [.. gradients.Select(Largest)]);
        TrainabilityFinding[] found = whole is { } problem ? [new TrainabilityFinding(parameter.Name, problem, null, null, [], parameter.Count, [])] : [];
        if (whole is not (null or TrainabilityProblem.ZeroAtFirst))
        {
            return found;
        }

        // What all of the weight has is said once; copies in what waits for a step may stay equal all the same.
        IEnumerable<int> axes = Enumerable.Range(0, parameter.Dims.Count).Where(a => parameter.Dims[a] > 1);
        return found.Concat(axes.SelectMany(axis => Along(new WeightSlices(parameter, axis))).Where(f => whole is null || f.Problem != whole));
    }

    private static double Largest(double[][] batches) => batches.Max(b => b.Max(Math.Abs));

    private TrainabilityProblem? ProblemOf(double otherwise, double[] steps) =>
        otherwise <= zero && steps.All(s => s <= zero) ? TrainabilityProblem.WithoutEffect
        : steps.All(s => s <= zero) ? TrainabilityProblem.ZeroForEver
        : steps[0] <= zero ? TrainabilityProblem.ZeroAtFirst
        : null;

    private IEnumerable<TrainabilityFinding> Along(WeightSlices slices)
    {
        double[] otherwise = new double[slices.Count];
        slices.Largest(elsewhere, otherwise);
        double[][] steps = [.. gradients.Select(batches =>
        {
            double[] largest = new double[slices.Count];
            Array.ForEach(batches, b => slices.Largest(b, largest));
            return largest;
        })];
        TrainabilityProblem?[] problems = [.. Enumerable.Range(0, slices.Count).Select(s => ProblemOf(otherwise[s], [.. steps.Select(step => step[s])]))];
        foreach (IGrouping<TrainabilityProblem?, int> group in Enumerable.Range(0, slices.Count).Where(s => problems[s] is not null).GroupBy(s => problems[s]))
        {
            yield return Finding(slices, group.Key!.Value, [.. group], []);
        }

        // What has no gradient is said already, and is no copy because of that.
        (int[] copies, int[] like) = Equals(slices, [.. Enumerable.Range(0, slices.Count).Where(s => problems[s] is null or TrainabilityProblem.ZeroAtFirst)]);
        if (copies.Length > 0)
        {
            yield return Finding(slices, TrainabilityProblem.StayEqual, [.. copies], [.. like]);
        }
    }

    private TrainabilityFinding Finding(WeightSlices slices, TrainabilityProblem problem, ImmutableArray<int> indices, ImmutableArray<int> like) =>
        new(parameter.Name, problem, slices.Axis, dimension(slices.Axis), indices, slices.Count, like);

    /// <summary>Slices that are equal, and get equal gradients at every step; each with the one before it that it is equal to.</summary>
    private (int[] Copies, int[] Like) Equals(WeightSlices slices, int[] candidates)
    {
        // Equal slices have equal sums; sorted by them they are neighbours, unless sums agree by chance.
        double[] values = new double[slices.Count];
        double[] sums = new double[slices.Count];
        slices.Sign(start, values);
        Array.ForEach(gradients, step => Array.ForEach(step, b => slices.Sign(b, sums)));
        int[] order = [.. candidates.OrderBy(s => values[s]).ThenBy(s => s)];
        var copies = new List<(int Copy, int Like)>();
        for (int first = 0; first < order.Length;)
        {
            int end = first + 1;
            while (end < order.Length && values[order[end]] == values[order[first]])
            {
                end++;
            }

            // Within what starts equal, what is moved equally.
            int[] group = [.. order[first..end].OrderBy(s => sums[s]).ThenBy(s => s)];
            for (int i = 1, head = 0; i < group.Length; i++)
            {
                if (Together(slices, group[head], group[i]))
                {
                    copies.Add((group[i], group[head]));
                }
                else
                {
                    head = i;
                }
            }

            first = end;
        }

        copies.Sort();
        return ([.. copies.Select(c => c.Copy)], [.. copies.Select(c => c.Like)]);
    }

    private bool Together(WeightSlices slices, int a, int b) =>
        slices.Distance(start, a, b) == 0
        && gradients.All(step => step.All(batch => slices.Distance(batch, a, b) <= Math.Max(zero, equal * batch.Max(Math.Abs))));
}
