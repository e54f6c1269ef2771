using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Comparison;
using OnnxGrow.Runtime.Inputs;
using OnnxGrow.Runtime.Reports;

namespace OnnxGrow.Runtime;

/// <summary>Makes the values inside two graphs outputs, runs one case, and finds the first where the two part.</summary>
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
        IReadOnlyDictionary<string, RuntimeTensor> a = RunAll(source, pairs.Select(p => p.Source), inputs, null);
        IReadOnlyDictionary<string, RuntimeTensor> b = RunAll(grown, pairs.Select(p => p.Grown), inputs, options.AdaptInput);
        int compared = 0, blocks = 0, skipped = 0;
        LayerDifference? first = null, firstBlock = null;
        foreach (Pair pair in pairs)
        {
            RuntimeTensor left = a[pair.Source], right = b[pair.Grown];
            bool same = left.Dims.SequenceEqual(right.Dims);
            RuntimeTensor? block = same ? right : LeadingBlock.Of(right, left.Dims);
            if (!left.IsFloat || block is null)
            {
                skipped++;
                continue;
            }

            TensorComparison apart = TensorComparer.Compare(pair.Source, left, block);
            LayerDifference? found = apart.Judge(tolerance) == Verdict.NotEquivalent
                ? new LayerDifference(NameOf(pair.Node), Text.Name(pair.Node.OpType), pair.Source, apart)
                : null;
            if (same)
            {
                compared++;
                first ??= found;
            }
            else
            {
                blocks++;
                firstBlock ??= found;
            }
        }

        return new LayerReport
        {
            Verdict = first is not null ? Verdict.NotEquivalent : compared > 0 ? Verdict.Equivalent : Verdict.NotVerified,
            Text = Describe(first, firstBlock, compared, blocks),
            InFloat64 = inFloat64,
            Compared = compared,
            ComparedByLeadingBlock = blocks,
            Skipped = skipped,
            First = first,
            FirstInLeadingBlock = firstBlock,
        };
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
        OnnxModel model, IEnumerable<string> names, InputCase inputs, Func<string, RuntimeTensor, RuntimeTensor>? adapt)
    {
        var present = model.Proto.Graph.Output.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        model.Proto.Graph.Output.Add(names.Where(present.Add).Select(n => new ValueInfoProto { Name = n }));
        using var session = new OrtSession(model, new OrtSessionOptions
        {
            Optimization = inFloat64 ? GraphOptimization.None : options.Optimization,
            Threads = options.Threads,
        });
        return session.Run(inputs.Inputs.ToDictionary(
            i => i.Key,
            i =>
            {
                RuntimeTensor tensor = adapt is null ? i.Value : adapt(i.Key, i.Value);
                return inFloat64 && tensor.IsFloat ? tensor.ConvertTo(ElementType.Float64) : tensor;
            },
            StringComparer.Ordinal));
    }

    private static string Describe(LayerDifference? first, LayerDifference? firstBlock, int compared, int blocks)
    {
        string hint = firstBlock is null ? "" : FormattableString.Invariant(
            $"; of {blocks} values that grew, the first whose leading block differs is '{Text.Name(firstBlock.Value)}' of {firstBlock.Operator} '{firstBlock.Node}' (a hint only)");
        return first is null
            ? FormattableString.Invariant($"all {compared} values of equal shape agree") + hint
            : FormattableString.Invariant(
                $"the two part at '{Text.Name(first.Value)}' of {first.Operator} '{first.Node}', {first.Comparison.MaxRelative:0.##e+0} apart") + hint;
    }

    private static string NameOf(NodeProto node) => Text.Name(node.Name.Length > 0 ? node.Name : node.Output[0]);

    private sealed record Pair(NodeProto Node, string Source, string Grown);
}
