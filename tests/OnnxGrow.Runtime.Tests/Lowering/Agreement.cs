using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Witness;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Lowering;

/// <summary>Runs a model as it is and lifted to float64 on the same inputs.</summary>
internal static class Agreement
{
    public const ElementType F = ElementType.Float32;

    /// <summary>A model of one node: inputs with their values, outputs of any shape.</summary>
    public static void Node(
        string op, long opset, string outputs, (string Name, object Value)[] attributes, params (string Name, RuntimeTensor? Value)[] inputs)
    {
        Agrees(One(op, opset, outputs, attributes, inputs), 2e-5, Given(inputs));
    }

    /// <summary>The same at an old and at a new operator set, for fused operators, whose primitives differ.</summary>
    public static void Fused(
        string op, string outputs, (string Name, object Value)[] attributes, params (string Name, RuntimeTensor? Value)[] inputs)
    {
        foreach (long opset in new long[] { 11, 12, 17, 21 })
        {
            Node("com.microsoft." + op, opset, outputs, attributes, inputs);
        }
    }

    public static OnnxModel One(
        string op, long opset, string outputs, (string Name, object Value)[] attributes, params (string Name, RuntimeTensor? Value)[] inputs)
    {
        var graph = new TestGraph(opset);
        foreach ((string name, RuntimeTensor? value) in inputs)
        {
            if (value is not null)
            {
                // Extents are open, but those of tables and gains, which some schemas ask for.
                bool table = value.Dims.Length <= 2 && value.IsFloat;
                graph.Input(name, value.ElementType, [.. value.Dims.Select((d, i) => table ? d : (object)$"{name}_{i}")]);
            }
        }

        foreach (string output in outputs.Split(',').Where(o => o.Length > 0))
        {
            (string name, ElementType type) = output.Split(':') is [var n, var t] ? (n, Enum.Parse<ElementType>(t)) : (output, F);
            graph.Output(name, type);
        }

        string names = string.Join(',', outputs.Split(',').Select(o => o.Split(':')[0]));
        OnnxModel model = graph.Node(op, string.Join(',', inputs.Select(i => i.Value is null ? "" : i.Name)).TrimEnd(','), names, attributes).Build();
        Open(model);
        return model;
    }

    /// <summary>Takes the outputs' shapes away, which a test does not say.</summary>
    public static OnnxModel Open(OnnxModel model)
    {
        foreach (ValueInfoProto output in model.Proto.Graph.Output)
        {
            output.Type.TensorType.Shape = null;
        }

        return model;
    }

    public static void Agrees(OnnxModel model, double tolerance, params (string Name, RuntimeTensor Value)[] inputs)
    {
        IReadOnlyDictionary<string, RuntimeTensor> narrow = Support.Run(model, inputs);
        IReadOnlyDictionary<string, RuntimeTensor> wide = Wide(model, inputs);
        foreach ((string name, RuntimeTensor expected) in narrow)
        {
            Assert.Equal([.. expected.Dims], wide[name].Dims.ToArray());
            Near(name, expected.ToDoubles(), wide[name].ToDoubles(), tolerance);
        }
    }

    /// <summary>A lifted model gives what another gives as it is; where the runtime has no kernel for the first.</summary>
    public static void Same(
        OnnxModel model, (string Name, RuntimeTensor Value)[] inputs, OnnxModel reference, (string Name, RuntimeTensor Value)[] others)
    {
        IReadOnlyDictionary<string, RuntimeTensor> narrow = Support.Run(reference, others);
        foreach ((string name, RuntimeTensor wide) in Wide(model, inputs))
        {
            Assert.Equal([.. narrow[name].Dims], wide.Dims.ToArray());
            Near(name, narrow[name].ToDoubles(), wide.ToDoubles(), 2e-5);
        }
    }

    /// <summary>The lifted model's outputs.</summary>
    public static IReadOnlyDictionary<string, RuntimeTensor> Wide(OnnxModel model, params (string Name, RuntimeTensor Value)[] inputs)
    {
        using OnnxModel lifted = Float64Lift.Lift(model);
        Support.AssertNoFloat32(lifted);
        return Support.Run(lifted, [.. inputs.Select(i => (i.Name, i.Value.IsFloat ? i.Value.ConvertTo(ElementType.Float64) : i.Value))]);
    }

    public static (string Name, RuntimeTensor Value)[] Given((string Name, RuntimeTensor? Value)[] inputs) =>
        [.. inputs.Where(i => i.Value is not null).Select(i => (i.Name, i.Value!))];

    public static RuntimeTensor Ints(ElementType type, long[] dims, params long[] values) => RuntimeTensor.FromIntegers(type, dims, values);

    public static (string Name, object Value)[] Set(params object[] pairs) => [.. pairs.Chunk(2).Select(p => ((string)p[0], p[1]))];

    private static void Near(string name, double[] expected, double[] actual, double tolerance)
    {
        double scale = Math.Max(expected.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max(), 1e-30);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                expected[i].Equals(actual[i]) || Math.Abs(expected[i] - actual[i]) <= tolerance * Math.Min(scale, 1e30),
                $"{name}[{i}]: expected {expected[i]:R}, is {actual[i]:R}");
        }
    }
}
