namespace OnnxGrow.Training.Trainability;

/// <summary>A few steps of Adam on the batches of a probe, all batches a step, and the gradients that were met.</summary>
internal sealed class ProbedRun
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly GradientProbe _probe;

    public ProbedRun(GradientProbe probe, int steps, double rate)
    {
        _probe = probe;
        Start = probe.Weights();
        double[][] weights = [.. Start.Select(w => (double[])w.Clone())];
        double[][] mean = [.. Start.Select(w => new double[w.Length])];
        double[][] square = [.. Start.Select(w => new double[w.Length])];
        for (int step = 0; step <= steps; step++)
        {
            double[][][] batches = [.. Enumerable.Range(0, probe.Batches).Select(b => probe.Gradients(weights, b))];
            Steps.Add(batches);
            for (int p = 0; p < weights.Length && step < steps; p++)
            {
                Move(weights[p], [.. batches.Select(b => b[p])], mean[p], square[p], rate, step + 1);
            }
        }
    }

    /// <summary>The weights at the start.</summary>
    public double[][] Start { get; }

    /// <summary>The gradients: by step, batch and weight.</summary>
    public List<double[][][]> Steps { get; } = [];

    /// <summary>All gradients that were met, one list of weights after the other.</summary>
    public IEnumerable<double[][]> Seen => Steps.SelectMany(s => s);

    /// <summary>The largest gradient of each entry over all batches, at other weights.</summary>
    public double[][] Gradients(double[][] weights)
    {
        double[][] largest = [.. weights.Select(w => new double[w.Length])];
        for (int b = 0; b < _probe.Batches; b++)
        {
            double[][] found = _probe.Gradients(weights, b);
            for (int p = 0; p < largest.Length; p++)
            {
                for (int i = 0; i < largest[p].Length; i++)
                {
                    largest[p][i] = Math.Max(largest[p][i], Math.Abs(found[p][i]));
                }
            }
        }

        return largest;
    }

    private static void Move(double[] weight, double[][] gradients, double[] mean, double[] square, double rate, int step)
    {
        double first = 1 - Math.Pow(Beta1, step);
        double second = 1 - Math.Pow(Beta2, step);
        for (int i = 0; i < weight.Length; i++)
        {
            double gradient = gradients.Sum(g => g[i]) / gradients.Length;
            mean[i] = (Beta1 * mean[i]) + ((1 - Beta1) * gradient);
            square[i] = (Beta2 * square[i]) + ((1 - Beta2) * gradient * gradient);
            weight[i] -= rate * (mean[i] / first) / (Math.Sqrt(square[i] / second) + Epsilon);
        }
    }
}
