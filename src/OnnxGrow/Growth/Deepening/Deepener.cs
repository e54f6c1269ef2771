using System.Globalization;
using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Layers;
using OnnxGrow.Analysis.Norms;
using OnnxGrow.Analysis.Preparation;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Growth.Deepening;

/// <summary>
/// Inserts new layers: copies of source layers, as wide as those have become, that add nothing to the residual stream.
/// Source: growth-math, rules 4.1 to 4.4. A lossy method may have them as they are instead (rule L.2).
/// </summary>
internal sealed class Deepener(ModelMap map, GrowthPlan plan, GraphEditor editor, NormEditor norms, GrowthSettings settings, Func<NormInstance, double> epsilonFactor, List<InterfaceChange> changes, CancellationToken cancellation)
{
    private readonly Dictionary<int, LayerShape> _shapes = [];
    private readonly Dictionary<Node, NormInstance> _norms = map.Norms.ToDictionary(n => n.Last);
    private int _copies;

    public void Run()
    {
        DepthPlanner.CheckNew(plan.Layers.Length, map.Model.Limits);
        foreach (LayerInsertion insertion in plan.Layers)
        {
            if (insertion.After < 0 || insertion.After >= map.Layers.Count || insertion.CopyOf < 0 || insertion.CopyOf >= map.Layers.Count)
            {
                throw new CannotGrowException(ErrorCode.Layers, string.Create(CultureInfo.InvariantCulture,
                    $"the plan puts a copy of layer {insertion.CopyOf} after layer {insertion.After}, but the model's layers are 0 to {map.Layers.Count - 1}"));
            }
        }

        var states = new StateCopies(map, editor, changes);
        foreach (IGrouping<int, LayerInsertion> place in plan.Layers.GroupBy(l => l.After))
        {
            Insert(map.Layers[place.Key], [.. place.Select(l => ShapeOf(l.CopyOf))], states);
        }

        states.Finish();
    }

    private LayerShape ShapeOf(int index)
    {
        if (!_shapes.TryGetValue(index, out LayerShape? shape))
        {
            _shapes.Add(index, shape = settings.Method.KeepsCopiedLayers ? LayerShape.AsItIs(map.Layers[index]) : LayerShape.Of(map.Layers[index], _norms, map.Graph));
        }

        return shape;
    }

    private void Insert(Layer after, LayerShape[] blocks, StateCopies states)
    {
        if (blocks.Select(b => InsideOfChoice(b.Layer)).FirstOrDefault(n => n is not null) is { } inside)
        {
            throw new CannotGrowException(
                ErrorCode.Layers, $"layer {after.Index}: {inside.Display} is inside a branch of an If node; a new layer would have to be in both branches, with the same weights; grow a model without the branches (for a merged decoder, the one with its cache)");
        }

        PostNormChain? chain = blocks.Any(b => b.Norms.Count > 0) ? StartChain(after, blocks) : null;
        NodeProto anchor = editor.Of(after.Output.Producer!);
        string current = after.Output.Name;
        var inserted = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        foreach (LayerShape block in blocks)
        {
            cancellation.ThrowIfCancellationRequested();
            var copy = new LayerCopy(editor, norms, settings, plan, block, string.Create(CultureInfo.InvariantCulture, $"grown{_copies++}"));
            current = copy.Make(current, chain);
            states.AddCopy(block.Layer, after, copy);
            editor.InsertAfter(anchor, copy.Nodes);
            inserted.UnionWith(copy.Nodes);
        }

        Rewire(after.Output, current, inserted);
    }

    /// <summary>A node of a branch whose choice the layer does not hold.</summary>
    private static Node? InsideOfChoice(Layer layer)
    {
        HashSet<string> choices = [.. layer.Nodes.Where(n => n.Proto.Domain == Branches.Domain).Select(n => n.Proto.Name)];
        return layer.Nodes.FirstOrDefault(n => Branches.ChoicesOf(n.Proto).Any(c => !choices.Contains(c)));
    }

    private PostNormChain StartChain(Layer after, LayerShape[] blocks)
    {
        NormInstance previous = _norms.GetValueOrDefault(after.Output.Producer!) ?? throw new CannotGrowException(
            ErrorCode.Layers, $"layer {after.Index}: a new layer behind it would norm the stream again, which is lossless only behind a norm (rule 4.4), and its output '{Text.Name(after.Output.Name)}' is none");
        NormInstance[] others = [.. blocks.SelectMany(b => b.Norms)];
        if (others.Any(n => n.Kind != previous.Kind) || previous.Gain is null || others.Any(n => n.Gain is null || (n.Bias is null) != (previous.Bias is null)))
        {
            throw new CannotGrowException(
                ErrorCode.Layers, $"layer {after.Index}: the norms of a new layer and the one before it must be of one kind, with a gain (and all or none with a bias), to be chained without loss (rule 4.4)");
        }

        if (previous.Epsilon is not { Value: > 0 } || others.Any(n => n.Epsilon is null))
        {
            throw new CannotGrowException(ErrorCode.Layers, $"{previous.Display}: without an epsilon of its own it cannot be chained (rule 4.4)");
        }

        EpsilonChain epsilons = EpsilonChain.Of(previous.Epsilon.Value, others.Length);
        var chain = new PostNormChain(previous, others.Length, epsilons);

        // The first norm of the chain only standardises: its gain and bias move to the last.
        norms.Scale(previous, editor.Of(previous.Epsilon.Node), epsilons.First / previous.Epsilon.Value * epsilonFactor(previous), "4.4");
        chain.Gain = ReplaceByUnit(previous, previous.Gain, 1);
        chain.Bias = previous.Bias is null ? null : ReplaceByUnit(previous, previous.Bias, 0);
        return chain;
    }

    /// <summary>Gives a norm a gain of ones or a bias of zeros, and hands back the recipe of what it had.</summary>
    private WeightRecipe ReplaceByUnit(NormInstance norm, Value constant, double unit)
    {
        Value leaf = ConstantLeaf.Of(constant)!;

        WeightRecipe had = editor.Weights.GetValueOrDefault(leaf.Name)?.Recipe ?? editor.Plain(leaf, leaf.Name, settings);
        Node user = norm.Nodes.First(n => n.Inputs.Contains(constant));
        int input = user.Inputs.ToList().IndexOf(constant);
        TensorProto tensor = editor.AddConstant(leaf, leaf.InitializerName + "_unit", leaf.Tensor!.Clone(), editor.Of(user));
        editor.SetRecipe(tensor.Name, leaf, tensor, had with { Name = tensor.Name, Factor = 0, Offset = -unit, Rules = ["4.4"] });
        editor.Of(user).Input[input] = Behind(constant, leaf, tensor.Name, editor.Of(user));
        return had;
    }

    /// <summary>What stands between a constant and its use (casts, reshapes) comes between another constant and it too.</summary>
    private string Behind(Value value, Value leaf, string name, NodeProto anchor)
    {
        if (value == leaf)
        {
            return name;
        }

        Node node = value.Producer!;
        NodeProto copy = editor.Of(node).Clone();
        copy.Input[0] = Behind(node.Input(0)!, leaf, name, anchor);
        copy.Name = copy.Name.Length == 0 ? "" : editor.Unique(copy.Name + "_unit");
        copy.Output[0] = editor.Unique(value.Name + "_unit");
        editor.InsertBefore(anchor, copy);
        return copy.Output[0];
    }

    /// <summary>Whatever read the layer's output reads the last copy's.</summary>
    private void Rewire(Value output, string current, HashSet<NodeProto> inserted)
    {
        foreach (Node node in output.Consumers.Select(u => u.Node).Distinct())
        {
            NodeProto proto = editor.Of(node);
            Replace(proto, output.Name, current);
            if (node.Captured.Contains(output))
            {
                throw new CannotGrowException(
                    ErrorCode.Layers, $"a subgraph of {node.Display} uses the output of a layer ('{Text.Name(output.Name)}'), so no layer can be put behind it");
            }
        }

        if (!output.IsGraphOutput)
        {
            return;
        }

        // The name belongs to the interface: the last copy's result takes it over.
        string moved = editor.Unique(output.Name + "_before_growth");
        foreach (NodeProto proto in inserted)
        {
            Replace(proto, output.Name, moved);
        }

        NodeProto producer = editor.Of(output.Producer!);
        producer.Output[output.OutputIndex] = moved;
        foreach (NodeProto proto in inserted.Concat(output.Consumers.Select(u => editor.Of(u.Node))))
        {
            Replace(proto, current, output.Name);
            for (int i = 0; i < proto.Output.Count; i++)
            {
                if (proto.Output[i] == current)
                {
                    proto.Output[i] = output.Name;
                }
            }
        }
    }

    private static void Replace(NodeProto node, string from, string to)
    {
        for (int i = 0; i < node.Input.Count; i++)
        {
            if (node.Input[i] == from)
            {
                node.Input[i] = to;
            }
        }
    }
}

/// <summary>The norms that stand one after the other behind a Post-LN layer, and what the last of them has to hold.</summary>
internal sealed class PostNormChain(NormInstance previous, int others, EpsilonChain epsilons)
{
    private int _rest = others;

    public NormInstance Previous { get; } = previous;

    public EpsilonChain Epsilons { get; } = epsilons;

    public WeightRecipe Gain { get; set; } = null!;

    public WeightRecipe? Bias { get; set; }

    /// <summary>Counts the norms down.</summary>
    /// <returns>Whether this is the last.</returns>
    public bool NextIsLast() => --_rest == 0;
}
