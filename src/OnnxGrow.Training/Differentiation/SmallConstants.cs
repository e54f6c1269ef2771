using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Differentiation;

/// <summary>The values of a graph's small initializers and constants, by name.</summary>
internal sealed class SmallConstants
{
    private const long MostElements = 4096;

    private readonly OnnxModel _model;
    private readonly Dictionary<string, TensorProto> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _same = new(StringComparer.Ordinal);

    /// <summary>Those of a model, which must stay open.</summary>
    public SmallConstants(OnnxModel model)
    {
        _model = model;
        foreach (TensorProto tensor in model.Proto.Graph.Initializer)
        {
            _tensors[tensor.Name] = tensor;
        }

        foreach (NodeProto node in model.Proto.Graph.Node.Where(n => n.Output.Count > 0))
        {
            if (node.OpType == "Constant" && Analysis.ConstantNode.TensorOf(node) is { } tensor)
            {
                _tensors[node.Output[0]] = tensor;
            }
            else if (node.OpType == "Identity" && node.Input.Count == 1)
            {
                _same[node.Output[0]] = node.Input[0];
            }
        }
    }

    /// <summary>The values of a constant; null where a value is computed or large.</summary>
    public double[]? ValuesOf(string name)
    {
        for (int i = 0; i < 16 && _same.TryGetValue(name, out string? source); i++)
        {
            name = source;
        }

        if (!_tensors.TryGetValue(name, out TensorProto? tensor) || Tensors.CountOf(tensor) > MostElements)
        {
            return null;
        }

        double[] values = new double[Tensors.CountOf(tensor)];
        _model.DataOf(tensor).ReadDoubles(0, values);
        return values;
    }
}
