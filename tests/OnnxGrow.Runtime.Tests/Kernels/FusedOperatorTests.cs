using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Kernels;
using Xunit;

namespace OnnxGrow.Runtime.Tests.Kernels;

/// <summary>Nodes with programs in a session of ONNX Runtime.</summary>
public sealed class FusedOperatorTests
{
    private const string Program = "in Full Trailing Row Scalar; Mul 0 3; Add 4 1; Mul 5 2; RowMean 6; Sub 6 7; out 7 8";

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_node_is_run_on_any_number_of_threads(int threads)
    {
        Dictionary<string, RuntimeTensor> inputs = Inputs(300, 700, 700, 300);
        using OnnxModel model = Model(Program);
        using OnnxModel plain = Plain();
        using var fused = new OrtSession(model, new OrtSessionOptions { FusedKernels = true, Threads = threads });
        using var reference = new OrtSession(plain);
        IReadOnlyDictionary<string, RuntimeTensor> found = fused.Run(inputs);
        IReadOnlyDictionary<string, RuntimeTensor> expected = reference.Run(inputs);
        foreach (string output in new[] { "mean", "y" })
        {
            Assert.Equal<IEnumerable<long>>(expected[output].Dims, found[output].Dims);
            Assert.All(expected[output].ToDoubles().Zip(found[output].ToDoubles()), p => Assert.Equal(p.First, p.Second, 1e-5));
        }

        using var other = new OrtSession(model, new OrtSessionOptions { FusedKernels = true, Threads = 3 });
        Assert.Equal(found["y"].Buffer, other.Run(inputs)["y"].Buffer);
    }

    [Theory]
    [InlineData(12, 8, 7, 12, "input 1 has 7 elements")]
    [InlineData(12, 8, 8, 11, "input 2 has 11 elements")]
    [InlineData(12, 8, 40, 12, "input 1 has 40 elements")]
    public void Tensors_that_do_not_fit_are_an_error(int rows, int n, int trailing, int perRow, string says)
    {
        using OnnxModel model = Model(Program);
        using var session = new OrtSession(model, new OrtSessionOptions { FusedKernels = true });
        Assert.Contains(says, Assert.Throws<NotVerifiedException>(() => session.Run(Inputs(rows, n, trailing, perRow))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_tensor_gives_empty_ones()
    {
        using OnnxModel model = Model(Program);
        using var session = new OrtSession(model, new OrtSessionOptions { FusedKernels = true });
        Assert.Equal<IEnumerable<long>>([0L, 8], session.Run(Inputs(0, 8, 8, 0))["y"].Dims);
    }

    [Fact]
    public void A_program_that_is_none_is_an_error_of_loading()
    {
        using OnnxModel model = Model("in Full; Jump 0; out 1");
        Assert.Contains("no instruction", Assert.Throws<NotVerifiedException>(() => new OrtSession(model, new OrtSessionOptions { FusedKernels = true })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_leave_there_is_no_such_operator()
    {
        using OnnxModel model = Model(Program);
        Assert.Contains(FusedOperator.Domain, Assert.Throws<NotVerifiedException>(() => new OrtSession(model)).Message, StringComparison.Ordinal);
    }

    private static OnnxModel Model(string program)
    {
        OnnxModel model = Opened().Node("Fused", "x,t,r,s", "mean,y").Build();
        model.Proto.Graph.Node[0].Domain = FusedOperator.Domain;
        model.Proto.Graph.Node[0].Attribute.Add(new global::Onnx.AttributeProto
        {
            Name = FusedOperator.Program, Type = global::Onnx.AttributeProto.Types.AttributeType.String, S = Google.Protobuf.ByteString.CopyFromUtf8(program),
        });
        model.Proto.OpsetImport.Add(new global::Onnx.OperatorSetIdProto { Domain = FusedOperator.Domain, Version = 1 });
        return model;
    }

    private static OnnxModel Plain() => Opened().Node("Mul", "x,s", "a").Node("Add", "a,t", "b").Node("Mul", "b,r", "c")
        .Node("ReduceMean", "c", "mean", ("axes", new long[] { 1 })).Node("Sub", "c,mean", "y").Build();

    private static TestGraph Opened() => new TestGraph().Input("x", ElementType.Float32, "rows", "n").Input("t", ElementType.Float32, "t").Input("r", ElementType.Float32, "r", 1)
        .Input("s", ElementType.Float32).Output("mean", ElementType.Float32, "rows", 1).Output("y", ElementType.Float32, "rows", "n");

    private static Dictionary<string, RuntimeTensor> Inputs(int rows, int n, int trailing, int perRow)
    {
        var random = new Random(4);
        RuntimeTensor Noise(params long[] dims) => RuntimeTensor.FromDoubles(
            ElementType.Float32, dims, [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(_ => random.NextDouble() - 0.5)]);
        return new(StringComparer.Ordinal) { ["x"] = Noise(rows, n), ["t"] = Noise(trailing), ["r"] = Noise(perRow, 1), ["s"] = Noise() };
    }
}
