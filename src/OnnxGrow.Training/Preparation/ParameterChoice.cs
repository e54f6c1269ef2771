using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Preparation;

/// <summary>
/// Tells weights from other numbers in a graph: exporters write both as initializers. A number alone, a mask, a table of sines, the
/// angles of rotary positions and what normalises an input are no weights, unless the user says so.
/// </summary>
internal sealed class ParameterChoice
{
    private readonly OnnxModel _model;
    private readonly ParameterFilter _filter;
    private readonly GraphReaders _readers;
    private readonly HashSet<string> _inputs;

    private ParameterChoice(OnnxModel model, ParameterFilter filter)
    {
        _model = model;
        _filter = filter;
        _readers = new GraphReaders(model.Proto.Graph);
        _inputs = [.. model.Proto.Graph.Input.Select(i => i.Name)];
    }

    /// <summary>Divides the float tensors of a prepared model.</summary>
    /// <param name="model">The prepared model.</param>
    /// <param name="filter">What the user wants.</param>
    /// <param name="own">Names of tensors that the file itself has, so that they can be written back.</param>
    public static (List<(Parameter Parameter, TensorProto Tensor)> Parameters, List<FrozenTensor> Frozen) Of(
        OnnxModel model, ParameterFilter filter, IReadOnlySet<string> own)
    {
        var choice = new ParameterChoice(model, filter);
        var parameters = new List<(Parameter, TensorProto)>();
        var frozen = new List<FrozenTensor>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string name, TensorProto tensor) in TensorsOf(model.Proto.Graph))
        {
            if (!own.Contains(name) || !seen.Add(name) || !ElementTypes.IsGrowable((ElementType)tensor.DataType))
            {
                continue;
            }

            if (choice.ReasonToFreeze(name, tensor) is { } reason)
            {
                if (filter.Only is not null)
                {
                    continue;
                }

                frozen.Add(new FrozenTensor(name, reason));
            }
            else
            {
                parameters.Add((new Parameter(name, [.. tensor.Dims], choice.RoleOf(name, tensor)), tensor));
            }
        }

        filter.CheckUsed(seen);
        return (parameters, frozen);
    }

    /// <summary>Every tensor of a graph that is the value of a name: initializers and Constant nodes.</summary>
    public static IEnumerable<(string Name, TensorProto Tensor)> TensorsOf(GraphProto graph)
    {
        foreach (TensorProto tensor in graph.Initializer)
        {
            yield return (tensor.Name, tensor);
        }

        foreach (NodeProto node in graph.Node.Where(n => n.OpType == "Constant" && n.Domain is "" or "ai.onnx"))
        {
            if (node.Attribute.FirstOrDefault(a => a.Name == "value")?.T is { } tensor)
            {
                yield return (node.Output[0], tensor);
            }
        }
    }

    private string? ReasonToFreeze(string name, TensorProto tensor)
    {
        switch (_filter.Says(name))
        {
            case true:
                return null;
            case false:
                return "frozen by the recipe";
        }

        if (Tensors.CountOf(tensor) < 2)
        {
            return "a number, not a weight";
        }

        (NodeProto Node, int Input)[] readers = [.. _readers.Through(name)];
        if (readers.Length == 0)
        {
            return "nothing reads it";
        }

        if (readers.All(r => IsAngle(r.Node, 0)))
        {
            return "the angles of positions";
        }

        if (Tensors.CountOf(tensor) <= 4 && readers.All(r => r.Node.OpType is "Sub" or "Div" or "Mul" or "Add" && r.Node.Input.Any(_inputs.Contains)))
        {
            return "normalises an input";
        }

        return FixedTables.Describe([.. tensor.Dims], Sample(tensor));
    }

    /// <summary>The beginning of a tensor tells what it is; one of a few million elements is a weight in any case.</summary>
    private double[] Sample(TensorProto tensor)
    {
        const int Most = 1 << 22;
        if (Tensors.CountOf(tensor) > Most)
        {
            return [1e9];
        }

        double[] values = new double[Tensors.CountOf(tensor)];
        _model.DataOf(tensor).ReadDoubles(0, values);
        return values;
    }

    /// <summary>Whether a node's output comes to nothing but sines and cosines.</summary>
    private bool IsAngle(NodeProto node, int depth) =>
        node.OpType is "Sin" or "Cos"
        || (depth < 16 && node.OpType is "Mul" or "MatMul" or "Einsum" or "Div" or "Concat" or "Cast" or "Transpose" or "Reshape" or "Unsqueeze" or "Expand" or "Identity" or "Slice" or "Squeeze"
            && _readers.Of(node.Output[0]) is { Count: > 0 } readers && readers.All(r => IsAngle(r.Node, depth + 1)));

    private ParameterRole RoleOf(string name, TensorProto tensor)
    {
        if (tensor.Dims.Count(d => d != 1) < 2)
        {
            return ParameterRole.Vector;
        }

        (NodeProto Node, int Input)[] readers = [.. _readers.Through(name)];
        return readers.Any(r => r.Node.OpType.StartsWith("Gather", StringComparison.Ordinal) && r.Input == 0) ? ParameterRole.Table
            : readers.Any(r => r.Node.OpType is "MatMul" or "Gemm" or "Conv" or "ConvTranspose" or "Einsum") ? ParameterRole.Matrix
            : ParameterRole.Vector;
    }
}
