using OnnxGrow.Onnx;
using OnnxGrow.Runtime;

namespace OnnxGrow.Training.Tests.Gradients;

/// <summary>Inputs for gradient checks.</summary>
internal static class Values
{
    /// <summary>Normal values, the same for the same seed.</summary>
    public static RuntimeTensor Normal(int seed, params long[] dims) => Map(seed, x => x, dims);

    /// <summary>Values between 0.2 and about 3, away from where logarithms and roots have no derivative.</summary>
    public static RuntimeTensor Positive(int seed, params long[] dims) => Map(seed, x => 0.2 + Math.Abs(x), dims);

    /// <summary>Normal values, none within 0.1 of zero, where |x| or max(x, 0) has a kink.</summary>
    public static RuntimeTensor NoZero(int seed, params long[] dims) => Map(seed, x => x + (x < 0 ? -0.1 : 0.1), dims);

    /// <summary>Normal values through a function.</summary>
    public static RuntimeTensor Map(int seed, Func<double, double> map, params long[] dims)
    {
        var random = new Random(seed);
        double[] values = [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(_ =>
            map(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
        return RuntimeTensor.FromDoubles(ElementType.Float32, dims, values);
    }

    /// <summary>Integers.</summary>
    public static RuntimeTensor Ints(long[] dims, params long[] values) => RuntimeTensor.FromIntegers(ElementType.Int64, dims, values);

    /// <summary>Truths.</summary>
    public static RuntimeTensor Truths(long[] dims, params bool[] values) =>
        RuntimeTensor.FromIntegers(ElementType.Bool, dims, [.. values.Select(v => v ? 1L : 0L)]);

    /// <summary>Attributes.</summary>
    public static (string Name, object Value)[] Set(params object[] pairs) => [.. pairs.Chunk(2).Select(p => ((string)p[0], p[1]))];
}
