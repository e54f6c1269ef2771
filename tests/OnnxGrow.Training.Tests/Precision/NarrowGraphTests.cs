using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Precision;
using Xunit;

namespace OnnxGrow.Training.Tests.Precision;

/// <summary>Training graphs whose products are narrow: which values are, and what the gradients are then.</summary>
public sealed class NarrowGraphTests
{
    private static readonly string[] Moves = ["Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity"];

    [Theory]
    [InlineData("gpt2-mini-op17.onnx", ElementType.Float16)]
    [InlineData("bert-mini-op17.onnx", ElementType.BFloat16)]
    [InlineData("llama-mini-op17.onnx", ElementType.BFloat16)]
    [InlineData("vit-mini-op17.onnx", ElementType.Float16)]
    [InlineData("gemma-einsum-mini-op17.onnx", ElementType.Float16)]
    public void Products_are_narrow_and_nothing_else_is(string file, ElementType type)
    {
        using var model = new NarrowCase(file);
        using TrainingGraph graph = model.Graph(type);
        using TrainingGraph wide = model.Graph(ElementType.Float32);
        GraphProto proto = graph.Model.Proto.Graph;
        HashSet<string> narrow = NarrowCase.Narrow(proto, type);
        HashSet<string> weights = [.. model.Parameters.Select(p => p.Name)];
        HashSet<string> dependent = [.. weights];
        int products = 0;
        foreach (NodeProto node in proto.Node)
        {
            dependent.UnionWith(node.Input.Any(dependent.Contains) ? node.Output : []);
            if (NarrowProducts.Products.Contains(node.OpType) && node.Input.Any(dependent.Contains))
            {
                Assert.All(node.Input, i => Assert.Contains(i, narrow));
                products++;
            }
            else if (node.OpType is not ("Cast" or "Shape" or "Size"))
            {
                Assert.True(Moves.Contains(node.OpType) || !node.Input.Any(narrow.Contains), $"{node.OpType} '{node.Name}' is narrow");
            }
        }

        // As many as there were; each weight is cast once for forward and backward together, and none of the casts undoes another.
        Assert.Equal(wide.Model.Proto.Graph.Node.Count(n => NarrowProducts.Products.Contains(n.OpType)), proto.Node.Count(n => NarrowProducts.Products.Contains(n.OpType)));
        Assert.True(products > 20);
        NodeProto[] casts = [.. proto.Node.Where(n => n.OpType == "Cast" && n.Attribute[0].I == (long)type)];
        Assert.Equal(casts.Length, casts.Select(c => c.Input[0]).Distinct().Count());
        Assert.DoesNotContain(casts, c => proto.Node.Any(n => n.OpType == "Cast" && n.Output[0] == c.Input[0] && narrow.Contains(n.Input[0])));
        Assert.All(proto.Output, o => Assert.DoesNotContain(o.Name, narrow));
    }

    [Theory]
    [InlineData("gpt2-mini-op17.onnx", ElementType.Float16, false)]
    [InlineData("gpt2-mini-op17.onnx", ElementType.Float16, true)]
    [InlineData("gpt2-mini-op17.onnx", ElementType.BFloat16, true)]
    [InlineData("bert-mini-op17.onnx", ElementType.BFloat16, true)]
    public void Gradients_are_those_of_float32_to_the_types_accuracy(string file, ElementType type, bool emulate)
    {
        using var model = new NarrowCase(file);
        using TrainingGraph wide = model.Graph(ElementType.Float32);
        using TrainingGraph narrow = model.Graph(type);
        double scale = type == ElementType.Float16 ? LossScale.Usual : 1;
        using OnnxModel emulated = NarrowCase.Emulated(narrow.Model, type);
        IReadOnlyDictionary<string, double[]> expected = model.Run(wide.Model, 1);
        IReadOnlyDictionary<string, double[]> found = model.Run(emulate ? emulated : narrow.Model, scale);

        // Half a unit in the last place; a gradient is what some tens of rounded products came to, whose errors are independent:
        // at most 4 of them were measured. ONNX Runtime's own kernels on the CPU round sums as well: 16 were measured.
        double rounding = type == ElementType.Float16 ? Math.Pow(2, -11) : Math.Pow(2, -8);
        double largest = 0;
        double floor = 1e-5 * expected.Max(e => Norm(e.Value));
        foreach ((string name, double[] values) in expected.Where(e => Norm(e.Value) > floor))
        {
            double by = name == TrainingGraph.Loss ? 1 : scale;
            double off = Norm([.. values.Zip(found[name], (e, f) => e - (f / by))]) / Norm(values);
            Assert.True(off < (emulate ? 8 : 32) * rounding, $"{name}: {off:E2}");
            largest = Math.Max(largest, off);
        }

        Assert.True(largest > rounding / 2, "nothing was rounded");
    }

    [Fact]
    public void Bfloat16_is_refused_where_the_provider_has_no_products_of_it()
    {
        Assert.Null(NarrowKernels.Of(ElementType.Float32, new OrtSessionOptions()));
        Assert.Equal(NarrowProducts.Products.Order(), NarrowKernels.Of(ElementType.Float16, new OrtSessionOptions())!.Kinds.Order());
        string message = Assert.Throws<BadInputException>(() => NarrowKernels.Of(ElementType.BFloat16, new OrtSessionOptions())).Message;
        Assert.Contains("no MatMul of bfloat16 on the provider 'cpu'", message, StringComparison.Ordinal);
        Assert.Contains("--provider cuda", message, StringComparison.Ordinal);
    }

    private static double Norm(double[] values) => Math.Sqrt(values.Sum(v => v * v));
}
