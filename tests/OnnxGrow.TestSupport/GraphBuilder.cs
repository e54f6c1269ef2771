using System.Globalization;
using Google.Protobuf;
using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.TestSupport;

/// <summary>Writes small ONNX graphs: a method a node, names made up as it goes.</summary>
public sealed class GraphBuilder(SplitMix64 random, int opset)
{
    private int _count;

    /// <summary>The generator of the weights.</summary>
    public SplitMix64 Random { get; } = random;

    /// <summary>The graph.</summary>
    public GraphProto Graph { get; } = new() { Name = "random" };

    /// <summary>Version of the default operator set.</summary>
    public int Opset { get; } = opset;

    /// <summary>The type of weights and of constants that are not integers.</summary>
    public ElementType FloatType { get; init; } = ElementType.Float32;

    /// <summary>Adds a graph input.</summary>
    public string Input(string name, ElementType type, params object[] dims)
    {
        Graph.Input.Add(Info(name, type, dims));
        return name;
    }

    /// <summary>Makes a value an output of the graph.</summary>
    public void Output(string value, string name, ElementType type, params object[] dims)
    {
        var node = new NodeProto { OpType = "Identity", Name = name + "/Identity" };
        node.Input.Add(value);
        node.Output.Add(name);
        Graph.Node.Add(node);
        Graph.Output.Add(Info(name, type, dims));
    }

    /// <summary>Adds a node and gives the name of its first output.</summary>
    public string Node(string op, string[] inputs, params (string Name, object Value)[] attributes) => Nodes(op, inputs, 1, attributes)[0];

    /// <summary>Adds a node of several outputs.</summary>
    public string[] Nodes(string op, string[] inputs, int outputs, params (string Name, object Value)[] attributes)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{op}_{_count++}");
        var node = new NodeProto { OpType = op, Name = name };
        node.Input.AddRange(inputs);
        node.Output.AddRange(Enumerable.Range(0, outputs).Select(i => outputs == 1 ? name + "_out" : string.Create(CultureInfo.InvariantCulture, $"{name}_out{i}")));
        foreach ((string key, object value) in attributes)
        {
            node.Attribute.Add(Attribute(key, value));
        }

        Graph.Node.Add(node);
        return [.. node.Output];
    }

    /// <summary>Adds random weights of this deviation around a mean.</summary>
    public string Weight(string name, double deviation, double mean, params long[] dims)
    {
        long count = dims.Aggregate(1L, (a, b) => a * b);
        var values = new float[count];
        for (long i = 0; i < count; i++)
        {
            values[i] = (float)(mean + (deviation * Random.Normal()));
        }

        return Floats(name, dims, values);
    }

    /// <summary>Adds a constant tensor of the type of weights.</summary>
    public string Floats(string name, long[] dims, params float[] values)
    {
        TensorProto tensor = Tensors.Numbers(Unique(name), FloatType, dims, [.. values.Select(v => (double)v)]);
        Graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>Adds a constant list of int64.</summary>
    public string Ints(string name, params long[] values)
    {
        TensorProto tensor = Tensors.Int64(Unique(name), [values.Length], values);
        Graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>Adds a constant int64.</summary>
    public string Int(string name, long value)
    {
        TensorProto tensor = Tensors.Int64(Unique(name), [], value);
        Graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    /// <summary>The finished model.</summary>
    public ModelProto Finish()
    {
        var model = new ModelProto { IrVersion = 8, ProducerName = "random", Graph = Graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        return model;
    }

    private string Unique(string name) => string.Create(CultureInfo.InvariantCulture, $"{name}_{_count++}");

    private static ValueInfoProto Info(string name, ElementType type, object[] dims)
    {
        var shape = new TensorShapeProto();
        foreach (object dim in dims)
        {
            shape.Dim.Add(dim is string symbol
                ? new TensorShapeProto.Types.Dimension { DimParam = symbol }
                : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(dim, CultureInfo.InvariantCulture) });
        }

        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }

    private static AttributeProto Attribute(string key, object value)
    {
        var attribute = new AttributeProto { Name = key };
        switch (value)
        {
            case int or long:
                attribute.Type = AttributeProto.Types.AttributeType.Int;
                attribute.I = Convert.ToInt64(value, CultureInfo.InvariantCulture);
                break;
            case float f:
                attribute.Type = AttributeProto.Types.AttributeType.Float;
                attribute.F = f;
                break;
            case string text:
                attribute.Type = AttributeProto.Types.AttributeType.String;
                attribute.S = ByteString.CopyFromUtf8(text);
                break;
            case long[] list:
                attribute.Type = AttributeProto.Types.AttributeType.Ints;
                attribute.Ints.AddRange(list);
                break;
            default:
                throw new ArgumentException($"no attribute of type {value.GetType()}", nameof(value));
        }

        return attribute;
    }
}
