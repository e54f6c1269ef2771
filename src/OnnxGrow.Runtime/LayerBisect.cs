using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Inputs;
using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Runtime;

/// <summary>Makes the values inside two graphs outputs, runs one case, and finds where a difference in the outputs begins.</summary>
internal sealed class LayerBisect(EquivalenceOptions options, double tolerance, bool inFloat64)
{
    /// <param name="source">The graph to run for the source; it is changed.</param>
    /// <param name="grown">The graph to run for the grown model; it is changed.</param>
    /// <param name="sourceGraph">The source as it is: its nodes are the ones that are named.</param>
    /// <param name="grownGraph">The grown model as it is.</param>
    /// <param name="inputs">The case.</param>
    public LayerReport Run(OnnxModel source, OnnxModel grown, OnnxModel sourceGraph, OnnxModel grownGraph, InputCase inputs)
    {
        Pair[] pairs = Pairs(sourceGraph.Proto.Graph, grownGraph.Proto.Graph);
        LayerPair[] layers = [.. Present(options.LayerPairs, sourceGraph.Proto.Graph, grownGraph.Proto.Graph)];
        IReadOnlyDictionary<string, RuntimeTensor> a = RunAll(source, pairs.Select(p => p.Source).Concat(layers.Select(l => l.Source)), inputs.Inputs);
        IReadOnlyDictionary<string, RuntimeTensor> b = RunAll(grown, pairs.Select(p => p.Grown).Concat(layers.Select(l => l.Grown)), options.Interface?.Inputs(inputs.Inputs) ?? inputs.Inputs);
        var values = new Dictionary<string, Inside>(StringComparer.Ordinal);
        foreach (Pair pair in pairs)
        {
            values[pair.Source] = Compare(pair, a[pair.Source], b[pair.Grown]);
        }

        HashSet<string> spoilt = Spoilt(sourceGraph.Proto.Graph, values);
        Inside[] differing = [.. pairs.Where(p => spoilt.Contains(p.Source)).Select(p => values[p.Source]).Where(v => v.Differs)];
        LayerDifference? first = Describe(differing.FirstOrDefault(v => v.SameShape));
        LayerDifference? hint = Describe(differing.FirstOrDefault(v => !v.SameShape));
        bool outputDiffers = sourceGraph.Proto.Graph.Output.Any(o => values.TryGetValue(o.Name, out Inside? v) && v.Differs);
        var report = new LayerReport
        {
            Verdict = outputDiffers ? Verdict.NotEquivalent : Verdict.Equivalent,
            Text = "",
            Case = inputs.Name,
            InFloat64 = inFloat64,
            Compared = values.Values.Count(v => v.Comparison is not null && v.SameShape),
            ComparedByLeadingBlock = values.Values.Count(v => v.Comparison is not null && !v.SameShape),
            Skipped = values.Values.Count(v => v.Comparison is null),
            ByLayer = [.. layers.Select(l => Compare(l, a, b))],
            First = first,
            FirstInLeadingBlock = hint,
        };
        return report with { Text = TextOf(report) };
    }

    /// <summary>The analysis may know values that the file has only within a function.</summary>
    private static IEnumerable<LayerPair> Present(IReadOnlyList<LayerPair> layers, GraphProto source, GraphProto grown)
    {
        HashSet<string> before = [.. Values(source).Select(v => v.Name)], after = [.. Values(grown).Select(v => v.Name)];
        return layers.Where(l => before.Contains(l.Source) && after.Contains(l.Grown));
    }

    private LayerError Compare(LayerPair layer, IReadOnlyDictionary<string, RuntimeTensor> source, IReadOnlyDictionary<string, RuntimeTensor> grown)
    {
        Inside inside = Compare(new Pair(new NodeProto(), layer.Source, layer.Grown), source[layer.Source], grown[layer.Grown]);
        return new LayerError(layer.Layer, layer.Source, layer.Grown, inside.Comparison?.RequiredTolerance, !inside.SameShape);
    }

    private Inside Compare(Pair pair, RuntimeTensor left, RuntimeTensor right)
    {
        bool same = left.Dims.SequenceEqual(right.Dims);
        RuntimeTensor? block = same ? right : LeadingBlock.Of(right, left.Dims);
        if (!left.IsFloat || block is null)
        {
            return new Inside(pair, same, null, false);
        }

        TensorComparison apart = TensorComparer.Compare(pair.Source, left, block);
        return new Inside(pair, same, apart, apart.Judge(tolerance) == Verdict.NotEquivalent);
    }

    // Growth changes values inside for good reason (a mean over a wider axis, a sum of shared weights) and makes up for it
    // further on. What spoils an output is what reaches it without passing a value that agrees.
    private static HashSet<string> Spoilt(GraphProto graph, Dictionary<string, Inside> values)
    {
        var producers = new Dictionary<string, NodeProto>(StringComparer.Ordinal);
        foreach (NodeProto node in graph.Node)
        {
            foreach (string output in node.Output)
            {
                producers[output] = node;
            }
        }

        string[] start = [.. graph.Output.Select(o => o.Name).Where(n => values.TryGetValue(n, out Inside? v) && v.Differs)];
        var reached = new HashSet<string>(start, StringComparer.Ordinal);
        var queue = new Queue<string>(start);
        while (queue.TryDequeue(out string? name))
        {
            foreach (string input in producers.TryGetValue(name, out NodeProto? node) ? node.Input : [])
            {
                bool agrees = values.TryGetValue(input, out Inside? value) && value is { Comparison: not null, Differs: false };
                if (!agrees && producers.ContainsKey(input) && reached.Add(input))
                {
                    queue.Enqueue(input);
                }
            }
        }

        return reached;
    }

    // By name; where an exporter or optimizer renamed everything, by the order of the nodes.
    private static Pair[] Pairs(GraphProto source, GraphProto grown)
    {
        var names = grown.Node.SelectMany(n => n.Output).ToHashSet(StringComparer.Ordinal);
        Pair[] byName = [.. Values(source).Where(v => names.Contains(v.Name)).Select(v => new Pair(v.Node, v.Name, v.Name))];
        bool sameNodes = source.Node.Select(n => (n.OpType, n.Output.Count)).SequenceEqual(grown.Node.Select(n => (n.OpType, n.Output.Count)));
        if (byName.Length * 2 >= names.Count || !sameNodes)
        {
            return byName;
        }

        return [.. Values(source).Zip(Values(grown)).Select(v => new Pair(v.First.Node, v.First.Name, v.Second.Name))];
    }

    private static IEnumerable<(NodeProto Node, string Name)> Values(GraphProto graph) =>
        from node in graph.Node
        where node.OpType is not ("Constant" or "Shape" or "SplitToSequence" or "SequenceConstruct")
        from name in node.Output
        where name.Length > 0
        select (node, name);

    private IReadOnlyDictionary<string, RuntimeTensor> RunAll(
        OnnxModel model, IEnumerable<string> names, IReadOnlyDictionary<string, RuntimeTensor> inputs)
    {
        var present = model.Proto.Graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        model.Proto.Graph.Output.Add(names.Where(present.Add).Select(n => new ValueInfoProto { Name = n }));
        using var session = new OrtSession(model, new OrtSessionOptions
        {
            Optimization = inFloat64 ? GraphOptimization.None : options.Optimization,
            Threads = options.Threads,
            Cancellation = options.Cancellation,
        });
        return session.Run(inputs.ToDictionary(
            i => i.Key, i => inFloat64 && i.Value.IsFloat ? i.Value.ConvertTo(ElementType.Float64) : i.Value, StringComparer.Ordinal));
    }

    private static LayerDifference? Describe(Inside? value) => value is null
        ? null
        : new LayerDifference(NameOf(value.Pair.Node), Text.Name(value.Pair.Node.OpType), value.Pair.Source, value.Comparison!);

    private static string TextOf(LayerReport report)
    {
        if (report.Verdict == Verdict.Equivalent)
        {
            return $"the outputs agree on {report.Case}; there is no node to blame";
        }

        string sure = report.First is null
            ? "no value of equal shape inside the graphs tells where the two part"
            : FormattableString.Invariant(
                $"the two part at '{Text.Name(report.First.Value)}' of {report.First.Operator} '{report.First.Node}', {report.First.Comparison.MaxRelative:0.##e+0} apart");
        return report.FirstInLeadingBlock is null
            ? sure
            : $"{sure}; of the values that grew, '{Text.Name(report.FirstInLeadingBlock.Value)}' of {report.FirstInLeadingBlock.Operator} "
                + $"'{report.FirstInLeadingBlock.Node}' is the first whose leading block differs (a hint only)";
    }

    private static string NameOf(NodeProto node) => Text.Name(node.Name.Length > 0 ? node.Name : node.Output[0]);

    private sealed record Inside(Pair Pair, bool SameShape, TensorComparison? Comparison, bool Differs);

    private sealed record Pair(NodeProto Node, string Source, string Grown);
}
