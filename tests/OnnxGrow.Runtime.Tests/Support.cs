using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Witness;
using Xunit;

namespace OnnxGrow.Runtime.Tests;

/// <summary>Runs models and finds test data.</summary>
internal static class Support
{
    public static readonly OrtSessionOptions Plain = new() { Optimization = GraphOptimization.None, Threads = 1 };

    public static IReadOnlyDictionary<string, RuntimeTensor> Run(OnnxModel model, params (string Name, RuntimeTensor Value)[] inputs)
    {
        using var session = new OrtSession(model, Plain);
        return session.Run(inputs.ToDictionary(i => i.Name, i => i.Value));
    }

    /// <summary>The lifted model's first output on float64 inputs.</summary>
    public static RuntimeTensor RunLifted(OnnxModel model, params (string Name, RuntimeTensor Value)[] inputs)
    {
        using OnnxModel lifted = Float64Lift.Lift(model);
        AssertNoFloat32(lifted);
        return Run(lifted, [.. inputs.Select(i => (i.Name, i.Value.IsFloat ? i.Value.ConvertTo(ElementType.Float64) : i.Value))]).First().Value;
    }

    public static RuntimeTensor Normal(int seed, params long[] dims)
    {
        var random = new Random(seed);
        double[] values = [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(_ =>
            (double)(float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
        return RuntimeTensor.FromDoubles(ElementType.Float32, dims, values);
    }

    public static RuntimeTensor Doubles(params double[] values) => RuntimeTensor.FromDoubles(ElementType.Float64, [values.Length], values);

    public static void Near(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        double scale = Math.Max(expected.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max(), 1e-300);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                expected[i] == actual[i] || Math.Abs(expected[i] - actual[i]) <= tolerance * scale,
                $"[{i}]: expected {expected[i]:R}, is {actual[i]:R}");
        }
    }

    /// <summary>No initializer, constant, cast or declared type of the model is a narrow float.</summary>
    public static void AssertNoFloat32(OnnxModel model)
    {
        int[] narrow = [(int)ElementType.Float32, (int)ElementType.Float16, (int)ElementType.BFloat16];
        global::Onnx.GraphProto graph = model.Proto.Graph;
        Assert.DoesNotContain(graph.Initializer, t => narrow.Contains(t.DataType));
        Assert.DoesNotContain(graph.Input.Concat(graph.Output).Concat(graph.ValueInfo), v => narrow.Contains(v.Type?.TensorType?.ElemType ?? 0));
        foreach (global::Onnx.NodeProto node in graph.Node)
        {
            Assert.DoesNotContain(node.Attribute, a => a.T is not null && narrow.Contains(a.T.DataType));

            // A cast there and back is a rounding that the operator itself makes (Resize, of an extent).
            bool back = node.OpType == "Cast" && graph.Node.Any(n => n.OpType == "Cast" && n.Input[0] == node.Output[0]);
            Assert.DoesNotContain(node.Attribute, a => a.Name == "to" && !back && narrow.Contains((int)a.I));
            Assert.DoesNotContain(node.Attribute, a => a.Name is "value_float" or "value_floats");
        }
    }

    /// <summary>The checkout's folder; tests run somewhere below it.</summary>
    public static string Root
    {
        get
        {
            string? folder = AppContext.BaseDirectory;
            while (folder is not null && !File.Exists(Path.Combine(folder, "Directory.Packages.props")))
            {
                folder = Path.GetDirectoryName(folder);
            }

            return folder ?? throw new DirectoryNotFoundException("not run from within the checkout");
        }
    }

    /// <summary>Sample models of the checkout, and those of a folder "shared/models" in or beside it.</summary>
    public static IEnumerable<string> Models()
    {
        string[] folders = [Path.Combine(Root, "models"), Path.Combine(Root, "shared", "models"), Path.Combine(Root, "..", "shared", "models")];
        return folders.Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f, "*.onnx")).Select(Path.GetFullPath).Distinct().Order(StringComparer.Ordinal);
    }
}
