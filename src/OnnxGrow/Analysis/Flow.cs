using OnnxGrow.Analysis.Axes;
using OnnxGrow.Analysis.Norms;
using OnnxGrow.Onnx;

namespace OnnxGrow.Analysis;

/// <summary>What an operator asks of the way in which an axis is carried.</summary>
[Flags]
internal enum CarrierNeed
{
    None = 0,

    /// <summary>Rows of P that average are not kept: f(mean x) is not mean f(x).</summary>
    NoAverage = 1,

    /// <summary>Rows of zeros are not kept: f(0) is not 0.</summary>
    NoZero = 2,

    /// <summary>A common coefficient is not kept: f(c x) is not c f(x).</summary>
    NoScale = 4,

    /// <summary>Tails must hold the mean: a LayerNorm reads the axis.</summary>
    OnlyAverage = 8,

    /// <summary>Tails must hold zeros: an RMSNorm reads the axis, or a norm has written it.</summary>
    OnlyZero = 16,

    /// <summary>The source's entries must be there just once: another activation is multiplied with them and summed over.</summary>
    OneCopy = 32,
}

/// <summary>An axis that must be carried in a certain way, and why.</summary>
internal sealed record Need(Axis Axis, CarrierNeed What, Node Node, string Why);

/// <summary>What kind of use keeps an axis from growing.</summary>
internal enum FreezeKind
{
    /// <summary>The use itself: nothing on the axis may change.</summary>
    Fixed,

    /// <summary>Entries are looked up by their number: the old ones must keep theirs, more may follow.</summary>
    Lookup,

    /// <summary>It is an axis of an input of the model.</summary>
    Input,

    /// <summary>It is an axis of an output of the model.</summary>
    Output,
}

/// <summary>An axis on which nothing may grow, and why; of the model's inputs and outputs the value, too.</summary>
internal sealed record Frozen(Axis Axis, Node? Node, string Why, FreezeKind Kind = FreezeKind.Fixed, Value? Interface = null);

/// <summary>Two axes that a node sums over together, and whether either is a constant's.</summary>
internal sealed record Contraction(Axis Left, Axis Right, Node Node, bool LeftIsWeight, bool RightIsWeight);

/// <summary>An axis that a constant multiplies entry by entry.</summary>
internal sealed record GainUse(Axis Input, Axis Weight, Axis Output, Node Node, NormInstance? Norm, Value? WeightValue = null);

/// <summary>
/// Two activations that a node multiplies entry by entry: the result is zero where either is, and a copy where both are
/// copies of the same entry, so the two need not be carried alike.
/// </summary>
internal sealed record ProductUse(Axis Left, Axis Right, Axis Output, Node Node);

/// <summary>
/// A product of attention, of queries with keys or of weights with values: the axes that it is batched over and the size of
/// a head.
/// </summary>
internal sealed record AttentionUse(IReadOnlyList<Axis> Heads, Axis Size, Node Node);

/// <summary>A size that the kernels of an operator take only as a multiple of something.</summary>
internal sealed record MultipleOf(Axis Axis, long Factor, Node Node);

/// <summary>
/// An attention operator that scales its scores by one over the square root of a head's size, where the node does not say by
/// what: it has to go on with the source's.
/// </summary>
internal sealed record DefaultScale(Node Node, Axis Size, double Scale);

/// <summary>A Softmax over an axis.</summary>
internal sealed record SoftmaxUse(Axis Input, Axis Output, Node Node);

/// <summary>A sum over an axis of one activation: of its entries, or of what a function makes of each (squares).</summary>
internal sealed record SumUse(Axis Axis, Node Node, bool IsLinear = true);

/// <summary>
/// A node that takes a computed size as a number (the square root of a head's size): it must go on taking the source's.
/// </summary>
internal sealed record PinnedSize(Node Node, int Input);

/// <summary>An axis that a table is looked up along, by indices that are fed or computed.</summary>
internal sealed record Lookup(Axis Axis, Node Node, int IndexInput, Value Table);

/// <summary>An integer that a node takes (an element of an input, or of an attribute) and what it has to be.</summary>
/// <remarks>Element -1 of an attribute is an attribute that is a single integer.</remarks>
internal sealed record SizeSlot(Node Node, int Input, string? Attribute, int Element, SizeExpression Given, SizeExpression Required);

/// <summary>
/// Lets axes flow through a graph, node by node, and collects what the operators say of them. An operator that says
/// nothing lets no axis through: whatever reaches it is frozen.
/// </summary>
internal sealed class Flow
{
    /// <summary>Integer tensors of more elements than this are not followed as sizes.</summary>
    public const int MaxElements = 64;

    private readonly Dictionary<string, Axis> _symbols = new(StringComparer.Ordinal);

    private readonly CancellationToken _cancellation;

    private Flow(Graph graph, IReadOnlyList<NormInstance> norms, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        Graph = graph;
        Norms = norms;
    }

    /// <summary>Lets axes flow through a graph.</summary>
    public static Flow Through(Graph graph, CancellationToken cancellation = default)
    {
        if (graph.Nodes.Any(CountsAxesFromTheFront))
        {
            // Whether such an axis is the last one takes the rank, which a first look without norms finds.
            new Flow(graph, [], cancellation).Run();
            foreach (Value value in graph.Values)
            {
                value.Rank = value.Axes?.Length ?? -1;
                value.Axes = null;
                value.Elements = null;
            }
        }

        var flow = new Flow(graph, NormFinder.Find(graph), cancellation);
        flow.Run();
        return flow;
    }

    public Graph Graph { get; }

    public IReadOnlyList<NormInstance> Norms { get; }

    public AxisSystem System { get; } = new();

    public List<Need> Needs { get; } = [];

    public List<Frozen> Freezes { get; } = [];

    public List<Contraction> Contractions { get; } = [];

    public List<GainUse> Gains { get; } = [];

    public List<Lookup> Lookups { get; } = [];

    public List<SizeSlot> Slots { get; } = [];

    public List<ProductUse> Products { get; } = [];

    public List<SoftmaxUse> Softmaxes { get; } = [];

    /// <summary>Axes of constants of which a range is taken that is known only when the model runs.</summary>
    public List<Axis> Ranges { get; } = [];

    public List<MultipleOf> Multiples { get; } = [];

    public List<DefaultScale> DefaultScales { get; } = [];

    /// <summary>Axes of activations that exist inside an operator only.</summary>
    public List<Axis> Inside { get; } = [];

    public List<AttentionUse> Attentions { get; } = [];

    public List<SumUse> Sums { get; } = [];

    public List<PinnedSize> Pins { get; } = [];

    private void Run()
    {
        foreach (Value value in Graph.Values)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (value.Tensor is not null)
            {
                StartConstant(value);
            }
            else if (value.IsGraphInput)
            {
                StartInput(value);
            }
        }

        var insideNorms = new Dictionary<Node, NormInstance>();
        foreach (NormInstance norm in Norms)
        {
            foreach (Node node in norm.Nodes)
            {
                insideNorms[node] = norm;
            }
        }

        foreach (Node node in Graph.Nodes)
        {
            _cancellation.ThrowIfCancellationRequested();
            bool isStatic = node.Captured.Count == 0 && node.Inputs.All(i => i is null || i.IsStatic);
            foreach (Value? output in node.Outputs)
            {
                output?.IsStatic = isStatic;
            }

            if (insideNorms.TryGetValue(node, out NormInstance? norm))
            {
                if (norm.Last == node)
                {
                    NormFlow.Run(norm, this);
                }

                continue;
            }

            FlowThrough(node);
        }

        foreach (Value output in Graph.Outputs)
        {
            foreach (Axis axis in output.Axes ?? [])
            {
                Freeze(axis, null, $"it is an axis of the model's output '{Text.Name(output.Name)}'", FreezeKind.Output, output);
            }
        }

        System.Settle();
    }

    public static void Set(Value? value, params Axis[] axes) => value?.Axes = axes;

    public static void SetElements(Value? value, SizeExpression[]? elements)
    {
        if (value is not null && elements is { Length: <= MaxElements } && elements.All(e => e.Leaves <= SizeExpression.MaxLeaves))
        {
            value.Elements = elements;
        }
    }

    public void Require(Axis axis, CarrierNeed need, Node node, string why)
    {
        if (axis.Factors.Length > 0)
        {
            Needs.Add(new Need(axis, need, node, why));
        }
    }

    public void Freeze(Axis axis, Node? node, string why, FreezeKind kind = FreezeKind.Fixed, Value? boundary = null)
    {
        if (axis.Factors.Length > 0)
        {
            Freezes.Add(new Frozen(axis, node, why, kind, boundary));
        }
    }

    public void Freeze(Value? value, Node? node, string why)
    {
        foreach (Axis axis in value?.Axes ?? [])
        {
            Freeze(axis, node, why);
        }

        foreach (SizeExpression element in value?.Elements ?? [])
        {
            FreezeSizes(element, node, "its size enters a computation");
        }
    }

    public void FreezeSizes(SizeExpression expression, Node? node, string why)
    {
        switch (expression)
        {
            case AxisSize size:
                Freeze(size.Axis, node, why);
                break;
            case BinarySize binary:
                FreezeSizes(binary.Left, node, why);
                FreezeSizes(binary.Right, node, why);
                break;
            default:
                break;
        }
    }

    /// <summary>Both axes are carried alike; where that cannot be, neither may grow.</summary>
    public Axis Unify(Axis a, Axis b, Node node)
    {
        if (!System.Unify(a, b))
        {
            string why = $"{node.Display} brings together axes of different structure ({a} and {b})";
            Freeze(a, node, why);
            Freeze(b, node, why);
        }

        return a.Factors.Length > 0 ? a : b;
    }

    /// <summary>The node sums over this axis of its first input and this axis of its second.</summary>
    public void Contract(Axis left, Axis right, Node node) => Contract(left, right, node, node.Input(0)!, node.Input(1)!);

    /// <summary>The node sums over an axis of one value together with an axis of another.</summary>
    public void Contract(Axis left, Axis right, Node node, Value of, Value with)
    {
        if (!System.SameSize(left, right))
        {
            string why = $"{node.Display} sums over axes of different structure ({left} and {right})";
            Freeze(left, node, why);
            Freeze(right, node, why);
        }

        Contractions.Add(new Contraction(left, right, node, of.IsStatic, with.IsStatic));
    }

    /// <summary>The node normalises over an axis that may hold several copies of all its entries.</summary>
    /// <returns>The axis of the result.</returns>
    public Axis Softmax(Axis input, Node node)
    {
        Axis output = System.Mirror(input);
        const CarrierNeed Copies = CarrierNeed.NoAverage | CarrierNeed.NoZero | CarrierNeed.NoScale;
        Require(input, Copies, node, $"{node.Display} normalises over it");
        Softmaxes.Add(new SoftmaxUse(input, output, node));
        return output;
    }

    /// <summary>The node multiplies two activations entry by entry on this axis.</summary>
    /// <returns>The axis of the result.</returns>
    public Axis Multiply(Axis left, Axis right, Node node)
    {
        List<Factor> a = left.Resolve();
        List<Factor> b = right.Resolve();
        if (a.Count == b.Count && a.Zip(b).All(p => ReferenceEquals(p.First, p.Second)))
        {
            Require(left, CarrierNeed.NoAverage | CarrierNeed.NoScale, node, $"{node.Display} combines two activations entry by entry");
            return left;
        }

        if (!System.SameSize(left, right))
        {
            return Unify(left, right, node);
        }

        Axis output = System.Mirror(left);
        System.SameSize(output, right);
        foreach (Axis axis in new[] { left, right, output })
        {
            Require(axis, CarrierNeed.NoAverage | CarrierNeed.NoScale, node, $"{node.Display} combines two activations entry by entry");
        }

        Products.Add(new ProductUse(left, right, output, node));
        return output;
    }

    /// <summary>An operator of which nothing is known: no axis of its inputs may grow.</summary>
    public void Refuse(Node node, string why)
    {
        foreach (Value? input in node.Inputs.Concat(node.Captured))
        {
            Freeze(input, node, why);
        }

        foreach (Value? output in node.Outputs)
        {
            if (output is not null && output.Axes is null && output.Info is { } info)
            {
                output.Axes = AxesOf(info);
                Freeze(output, node, why);
            }
        }
    }

    /// <summary>A new axis for a dimension of a file's type; dimensions of one name share an axis.</summary>
    public Axis[]? AxesOf(global::Onnx.ValueInfoProto info)
    {
        if (info.Type?.TensorType?.Shape is not { Dim.Count: <= Tensors.MaxRank } shape)
        {
            return null;
        }

        return [.. shape.Dim.Select(dim =>
        {
            if (dim.HasDimValue)
            {
                return AxisSystem.NewAxis(dim.DimValue);
            }

            if (!dim.HasDimParam || dim.DimParam.Length == 0)
            {
                return AxisSystem.NewAxis(null);
            }

            if (!_symbols.TryGetValue(dim.DimParam, out Axis? axis))
            {
                _symbols.Add(dim.DimParam, axis = AxisSystem.NewAxis(null, dim.DimParam));
            }

            return axis;
        })];
    }

    private static bool CountsAxesFromTheFront(Node node) =>
        (node.Is("ReduceMean") && (node.Ints("axes") is not { } axes || axes.Any(a => a >= 0)))
        || (node.Is("LayerNormalization") && node.Int("axis", -1) >= 0);

    private void FlowThrough(Node node)
    {
        if (node.Is("Constant"))
        {
            return;
        }

        if (OperatorTable.Find(node) is not { } op)
        {
            Refuse(node, $"the operator of {node.Display} is not known to OnnxGrow, so no axis may grow through it");
            return;
        }

        if (!op.AcceptsUnknownShapes && node.Inputs.Any(i => i is not null && i.Axes is null))
        {
            Refuse(node, $"the shape of an input of {node.Display} is not known");
            return;
        }

        if (Enumerable.Range(0, op.RequiredInputs(node)).Any(i => node.Input(i) is null))
        {
            Refuse(node, $"{node.Display} lacks an input that its operator needs");
            return;
        }

        string? why;
        try
        {
            why = op.Flow(node, this);
        }
        catch (Exception e) when (e is ArithmeticException or IndexOutOfRangeException or ArgumentException or InvalidOperationException)
        {
            // A node whose inputs do not fit its operator: a runtime would refuse it, and nothing may grow through it.
            why = $"{node.Display} does not fit its inputs ({e.GetType().Name})";
        }

        foreach (Value? output in node.Outputs.Where(o => o?.Axes is { Length: > Tensors.MaxRank }))
        {
            why = $"{node.Display} makes a tensor of more than {Tensors.MaxRank} axes";
            output!.Axes = null;
        }

        if (why is not null)
        {
            Refuse(node, why);
            return;
        }

        PinSizes(node, op);
    }

    /// <summary>Sizes that go into arithmetic on data must stay what they are there.</summary>
    private void PinSizes(Node node, Operator op)
    {
        bool mixed = node.Inputs.Any(i => i is not null && op.Mixes(node, i)) || op.MixesWeights(node);
        foreach (Value? output in node.Outputs)
        {
            output?.IsMixed = mixed;
        }

        if (node.Outputs.Any(o => o?.Elements is not null))
        {
            return;
        }

        for (int i = 0; i < node.Inputs.Count; i++)
        {
            if (node.Inputs[i]?.Elements is { } elements && !op.TakesSizes(node, i) && elements.Any(e => e is not ConstantSize))
            {
                Pins.Add(new PinnedSize(node, i));
            }
        }
    }

    private void StartConstant(Value value)
    {
        value.IsStatic = true;
        value.Axes = [.. value.Tensor!.Dims.Select(d => AxisSystem.NewAxis(d))];
        if (value.Tensor.DataType is not ((int)ElementType.Int64 or (int)ElementType.Int32))
        {
            return;
        }

        long count = Tensors.CountOf(value.Tensor);
        if (count <= MaxElements)
        {
            var numbers = new double[count];
            Graph.Model.DataOf(value.Tensor).ReadDoubles(0, numbers);
            value.Elements = [.. numbers.Select((n, i) => (SizeExpression)new ConstantSize(n, new ConstantElement(value, i)))];
        }
    }

    private void StartInput(Value value)
    {
        value.Axes = value.Info is { } info ? AxesOf(info) : null;
        foreach (Axis axis in value.Axes ?? [])
        {
            if (axis.Extent is not null)
            {
                Freeze(axis, null, $"it is an axis of the model's input '{Text.Name(value.Name)}'", FreezeKind.Input, value);
            }
        }
    }
}
