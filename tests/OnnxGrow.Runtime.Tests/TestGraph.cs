using Google.Protobuf;
using Onnx;
using OnnxGrow.Onnx;
using static Onnx.AttributeProto.Types;

namespace OnnxGrow.Runtime.Tests;

/// <summary>Builds small models in a few lines.</summary>
internal sealed class TestGraph
{
    private readonly GraphProto _graph = new() { Name = "test" };
    private readonly long _opset;

    public TestGraph(long opset = 17) => _opset = opset;

    public TestGraph Input(string name, ElementType type, params object[] dims)
    {
        _graph.Input.Add(Info(name, type, dims));
        return this;
    }

    public TestGraph Output(string name, ElementType type, params object[] dims)
    {
        _graph.Output.Add(Info(name, type, dims));
        return this;
    }

    public TestGraph Floats(string name, long[] dims, float[] values)
    {
        _graph.Initializer.Add(Tensors.Float32(name, dims, values));
        return this;
    }

    /// <summary>A float32 initializer of normal values.</summary>
    public TestGraph Weight(string name, int seed, params long[] dims)
    {
        var random = new Random(seed);
        float[] values = [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(_ =>
            (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
        return Floats(name, dims, values);
    }

    public TestGraph Ints(string name, long[] dims, params long[] values)
    {
        _graph.Initializer.Add(Tensors.Int64(name, dims, values));
        return this;
    }

    public TestGraph Initializer(TensorProto tensor)
    {
        _graph.Initializer.Add(tensor);
        return this;
    }

    public TestGraph Node(string opType, string inputs, string outputs, params (string Name, object Value)[] attributes)
    {
        _graph.Node.Add(NodeOf(opType, inputs, outputs, attributes));
        return this;
    }

    /// <summary>A node alone, for a graph inside another.</summary>
    public static NodeProto NodeOf(string opType, string inputs, string outputs, params (string Name, object Value)[] attributes)
    {
        var node = new NodeProto { OpType = opType, Name = "n_" + outputs };
        if (opType.Contains('.', StringComparison.Ordinal))
        {
            int dot = opType.LastIndexOf('.');
            (node.Domain, node.OpType) = (opType[..dot], opType[(dot + 1)..]);
        }

        node.Input.AddRange(inputs.Length == 0 ? [] : inputs.Split(',').Select(s => s.Trim()));
        node.Output.AddRange(outputs.Split(',').Select(s => s.Trim()));
        node.Attribute.AddRange(attributes.Select(a => Attribute(a.Name, a.Value)));
        return node;
    }

    public OnnxModel Build()
    {
        var model = new ModelProto { IrVersion = 8, Graph = _graph.Clone() };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = _opset });
        if (_graph.Node.Any(n => n.Domain == "com.microsoft"))
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
        }

        return OnnxModel.FromProto(model);
    }

    public static AttributeProto Attribute(string name, object value) => value switch
    {
        long i => new AttributeProto { Name = name, Type = AttributeType.Int, I = i },
        int i => new AttributeProto { Name = name, Type = AttributeType.Int, I = i },
        float f => new AttributeProto { Name = name, Type = AttributeType.Float, F = f },
        string s => new AttributeProto { Name = name, Type = AttributeType.String, S = ByteString.CopyFromUtf8(s) },
        TensorProto t => new AttributeProto { Name = name, Type = AttributeType.Tensor, T = t },
        GraphProto g => new AttributeProto { Name = name, Type = AttributeType.Graph, G = g },
        long[] list => new AttributeProto { Name = name, Type = AttributeType.Ints, Ints = { list } },
        float[] list => new AttributeProto { Name = name, Type = AttributeType.Floats, Floats = { list } },
        _ => throw new ArgumentException(value.GetType().Name),
    };

    public static ValueInfoProto Info(string name, ElementType type, params object[] dims)
    {
        var shape = new TensorShapeProto();
        foreach (object dim in dims)
        {
            shape.Dim.Add(dim is string s
                ? new TensorShapeProto.Types.Dimension { DimParam = s }
                : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(dim, null) });
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }
}
