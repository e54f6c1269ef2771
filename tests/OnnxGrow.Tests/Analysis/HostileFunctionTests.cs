using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Onnx;
using OnnxGrow.Tests.Onnx;
using Xunit;

namespace OnnxGrow.Tests.Analysis;

/// <summary>Functions of a model that call themselves or one another without end, or unfold to more than a machine holds.</summary>
public class HostileFunctionTests
{
    private static FunctionProto Function(string name, params NodeProto[] nodes)
    {
        var function = new FunctionProto { Name = name, Domain = "f", Input = { "a" }, Output = { "b" }, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } } };
        function.Node.AddRange(nodes);
        return function;
    }

    private static NodeProto Call(string function, string input = "a", string output = "b") =>
        new() { OpType = function, Domain = "f", Name = "call", Input = { input }, Output = { output } };

    private static NodeProto Relu => new() { OpType = "Relu", Input = { "a" }, Output = { "b" } };

    private static ModelProto Model(params FunctionProto[] functions)
    {
        ModelProto model = TestFolder.Model();
        model.IrVersion = 10;
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "f", Version = 1 });
        model.Graph.Input.Add(Info("x"));
        model.Graph.Output.Add(Info("y"));
        model.Graph.Node.Add(Call(functions[0].Name, "x", "y"));
        model.Functions.AddRange(functions);
        return model;

        static ValueInfoProto Info(string name) => new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1, Shape = new TensorShapeProto { Dim = { new TensorShapeProto.Types.Dimension { DimValue = 4 } } } } } };
    }

    private static void Map(ModelProto proto, ReadLimits? limits = null)
    {
        using var folder = new TestFolder();
        using OnnxModel model = OnnxModel.Open(folder.Write("m.onnx", proto), limits);
        ModelMap.Of(model);
    }

    private static void Refused(ModelProto proto, params string[] parts) => TestFolder.Refused(() => Map(proto), parts);

    [Fact]
    public void A_function_that_calls_itself_is_refused() => Refused(Model(Function("A", Call("A"))), "'A'", "must not call itself");

    [Fact]
    public void Functions_that_call_one_another_are_refused() =>
        Refused(Model(Function("A", Call("B")), Function("B", Call("C")), Function("C", Call("A"))), "without end");

    [Fact]
    public void Calls_that_double_are_refused_where_the_bodies_are_empty_too()
    {
        // 2^30 calls, which leave no node behind.
        FunctionProto[] functions =
        [
            .. Enumerable.Range(0, 30).Select(i => Function($"F{i}", Call($"F{i + 1}"), Call($"F{i + 1}", "a", "c"))),
            Function("F30"),
        ];
        Refused(Model(functions), "unfold to more than", "--limit unfolded=N");
    }

    [Fact]
    public void Calls_that_copy_a_long_list_are_refused_by_bytes()
    {
        var list = new NodeProto { OpType = "Relu", Input = { "a" }, Output = { "b" }, Attribute = { new AttributeProto { Name = "list" } } };
        list.Attribute[0].Floats.AddRange(Enumerable.Repeat(1f, 1_000_000));
        FunctionProto many = Function("A", [.. Enumerable.Range(0, 1000).Select(i => Call("B", "a", $"b{i}")), Call("B")]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        TestFolder.Refused(() => Map(Model(many, Function("B", list)), new ReadLimits { MaxGraphBytes = 20 << 20 }), "--limit graph-bytes=N");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200 << 20);
    }

    [Fact]
    public void A_function_that_is_there_twice_is_refused() => Refused(Model(Function("A", Relu), Function("A", Relu)), "'A'", "twice");

    [Fact]
    public void Overloads_are_told_apart()
    {
        FunctionProto other = Function("A", Call("A"));
        other.Overload = "other";
        Map(Model(Function("A", Relu), other));
    }

    [Fact]
    public void Sound_functions_pass_within_the_limit_and_not_beyond()
    {
        ModelProto model = Model(Function("A", Call("B", "a", "t"), Call("B", "t", "b")), Function("B", Relu));
        Map(model, new ReadLimits { MaxUnfolded = 10 });
        TestFolder.Refused(() => Map(model, new ReadLimits { MaxUnfolded = 1 }), "unfolded");
    }
}
