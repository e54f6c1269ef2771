using Onnx;

namespace OnnxGrow.Training.Differentiation;

/// <summary>What stands in the way of differentiating a graph, told in one message.</summary>
internal sealed class MissingGradients
{
    private const int MostReasons = 8;

    private readonly SortedDictionary<string, (int Count, string Node)> _operators = new(StringComparer.Ordinal);
    private readonly List<string> _reasons = [];

    /// <summary>Whether there is anything.</summary>
    public bool Any => _operators.Count > 0 || _reasons.Count > 0;

    /// <summary>Notes a node, with a reason where its operator can be differentiated but not as it is used.</summary>
    public void Add(NodeProto node, string? reason)
    {
        string name = Text.Name(node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault() ?? "?");
        string type = OperatorNames.Of(node);
        if (reason is not null)
        {
            _reasons.Add($"node '{name}' ({Text.Name(type)}): {reason}");
            return;
        }

        _operators[type] = _operators.TryGetValue(type, out (int Count, string Node) known) ? (known.Count + 1, name) : (1, name);
    }

    /// <exception cref="CannotTrainException">Something is missing.</exception>
    public void ThrowIfAny()
    {
        if (!Any)
        {
            return;
        }

        string operators = _operators.Count == 0 ? "" : "there is no gradient for "
            + string.Join(", ", _operators.Select(o => $"{Text.Name(o.Key)} ({Text.Number(o.Value.Count)} nodes, for example '{o.Value.Node}')"));
        string more = _reasons.Count > MostReasons ? $"; and {Text.Number(_reasons.Count - MostReasons)} more" : "";
        string reasons = string.Join("; ", _reasons.Take(MostReasons)) + more;
        throw new CannotTrainException(
            ErrorCode.Gradient, $"the model cannot be differentiated: {operators}{(operators.Length > 0 && reasons.Length > 0 ? "; " : "")}{reasons}; "
            + "freeze the weights in front of these nodes, or export the model with other operators");
    }
}
