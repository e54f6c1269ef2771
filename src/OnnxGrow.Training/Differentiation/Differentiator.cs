using Onnx;

namespace OnnxGrow.Training.Differentiation;

/// <summary>
/// Reverse-mode differentiation of an ONNX graph: the nodes are walked backwards once, each turning the gradients of its outputs
/// into those of its inputs, written as nodes of standard operators behind the graph's own.
/// </summary>
internal sealed class Differentiator
{
    private readonly GraphWriter _writer;
    private readonly ValueTable _values;
    private readonly Func<string, double[]?> _constants;

    /// <param name="writer">Appends to the graph that is differentiated, whose nodes are in topological order.</param>
    /// <param name="values">What is known of its values.</param>
    /// <param name="constants">The values of small constants, by name; null where a value is none.</param>
    public Differentiator(GraphWriter writer, ValueTable values, Func<string, double[]?> constants)
    {
        _writer = writer;
        _values = values;
        _constants = constants;
    }

    /// <summary>The values that what has been written is the gradients of, or parts of them: these have their extents.</summary>
    public IReadOnlyDictionary<string, string> ValueOf { get; private set; } = new Dictionary<string, string>();

    /// <summary>Writes the gradients of some values.</summary>
    /// <param name="seeds">Gradients of the loss by values of the graph.</param>
    /// <param name="parameters">The values whose gradients are asked for.</param>
    /// <returns>The names of the gradients; values that the loss does not depend on are missing.</returns>
    /// <exception cref="CannotTrainException">Nodes on the way cannot be differentiated; all of them are named.</exception>
    public IReadOnlyDictionary<string, string> Run(IReadOnlyDictionary<string, string> seeds, IReadOnlyCollection<string> parameters)
    {
        NodeProto[] nodes = [.. _writer.Graph.Node];
        IReadOnlySet<string> wanted = Dependence.Between(nodes, [.. seeds.Keys], parameters, _values);
        var sums = new GradientSums(wanted);
        ValueOf = sums.ValueOf;
        foreach ((string value, string gradient) in seeds)
        {
            sums.Add(value, gradient);
        }

        var missing = new MissingGradients();
        foreach (NodeProto node in nodes.Reverse())
        {
            if (!node.Output.Any(o => o.Length > 0 && wanted.Contains(o)) || !Dependence.Takes(node).Any(wanted.Contains))
            {
                continue;
            }

            if (GradientTable.Of(node) is not { } gradient)
            {
                missing.Add(node, null);
                continue;
            }

            if (missing.Any)
            {
                // What follows has no gradients to go on with; all that is missing is still told.
                continue;
            }

            var at = new GradientEmitter(_writer, node, _values, sums, _constants);
            if (!Enumerable.Range(0, node.Output.Count).Any(o => at.Gradient(o) is not null))
            {
                continue;
            }

            try
            {
                gradient.Differentiate(at);
            }
            catch (NoGradientException e)
            {
                missing.Add(node, e.Message);
            }
        }

        missing.ThrowIfAny();
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string parameter in parameters)
        {
            if (sums.Of(parameter, _writer) is { } gradient)
            {
                result.Add(parameter, gradient);
            }
        }

        return result;
    }
}
