using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Axes;
using OnnxGrow.Analysis.Norms;

namespace OnnxGrow.Explain;

/// <summary>
/// Which axes each node ties together: those that it sums over, multiplies or normalises together are on record; of the
/// others, those that are carried alike on both sides of it.
/// </summary>
internal sealed class AxisLinks
{
    private readonly Dictionary<Node, NormInstance> _norms = [];
    private readonly Dictionary<Node, List<Record>> _records = [];

    public AxisLinks(ModelMap map)
    {
        foreach (NormInstance norm in map.Norms)
        {
            foreach (Node node in norm.Nodes)
            {
                _norms[node] = norm;
            }
        }

        Flow flow = map.Flow;
        foreach (Contraction c in flow.Contractions)
        {
            Note(c.Node, "sums over both", c.Left, c.Right);
        }

        foreach (GainUse gain in flow.Gains.Where(g => g.Norm is null))
        {
            Note(gain.Node, "multiplies entry by entry", gain.Input, gain.Weight, gain.Output);
        }

        foreach (ProductUse product in flow.Products)
        {
            Note(product.Node, HowOf(product.Node), product.Left, product.Right, product.Output);
        }

        foreach (SoftmaxUse softmax in flow.Softmaxes)
        {
            Note(softmax.Node, "normalises over it", softmax.Input, softmax.Output);
        }
    }

    /// <summary>Whether the axis has an atom of the size.</summary>
    public static bool Has(Axis axis, SizeClass size) => axis.Atoms().Any(a => a.Size == size);

    /// <summary>The values that a node reads and writes; of a norm of several nodes, those of the norm.</summary>
    public IEnumerable<Value> ValuesOf(Node node) => _norms.TryGetValue(node, out NormInstance? norm) && norm.Nodes.Count > 1
        ? ValuesOf(norm)
        : node.Inputs.Concat(node.Outputs).OfType<Value>().Distinct();

    /// <summary>The axes of the size that a node ties to this one.</summary>
    public IEnumerable<TieStep> From(Value value, int axis, SizeClass size)
    {
        IEnumerable<Node> nodes = value.Consumers.Where(u => u.Input >= 0).Select(u => u.Node);
        foreach (Node node in (value.Producer is { } producer ? nodes.Prepend(producer) : nodes).Distinct())
        {
            IEnumerable<TieStep> steps = _norms.TryGetValue(node, out NormInstance? norm) && ValuesOf(norm).Contains(value)
                ? Through(norm, value, axis)
                : [];
            if (norm is null || norm.Nodes.Count == 1)
            {
                steps = steps.Concat(Through(node, value, axis, size));
            }

            foreach (TieStep step in steps.Where(s => Has(s.To.Axes![s.ToAxis], size)))
            {
                yield return step;
            }
        }
    }

    private static IEnumerable<TieStep> Through(NormInstance norm, Value value, int axis)
    {
        // Gain and bias are vectors that run along the normalised axis; the other axes belong to input and output.
        int fromEnd = IsVector(value, norm) && value.Axes!.Length == 1 ? norm.FromEnd : value.Axes!.Length - axis;
        bool along = fromEnd == norm.FromEnd;
        foreach (Value other in ValuesOf(norm))
        {
            if (other.Axes is { } axes && other != value && (along || !IsVector(other, norm)))
            {
                int at = IsVector(other, norm) && axes.Length == 1 ? 0 : axes.Length - fromEnd;
                if (at >= 0)
                {
                    yield return new TieStep(norm.Last, along ? HowOf(norm) : "hands it on", other, at);
                }
            }
        }
    }

    private IEnumerable<TieStep> Through(Node node, Value value, int axis, SizeClass size)
    {
        Axis own = value.Axes![axis];
        List<Record> records = _records.GetValueOrDefault(node, []);
        Value[] values = [.. ValuesOf(node).Where(v => v.Axes is not null)];
        Record[] mine = [.. records.Where(r => r.Holds(own))];

        // A fused operator has on record what happens inside it: axes that no value shows as they are, but as parts.
        Record[] inner = mine.Length > 0 ? [] : [.. records.Where(r => r.HasPartOf(own, size) && !values.Any(v => v.Axes!.Any(r.Holds)))];
        foreach (Value other in values)
        {
            IEnumerable<int> found = mine.Length > 0
                ? Positions(other, a => mine.Any(r => r.Holds(a)))
                : Alike(node, value, axis, other, size, records).Concat(Positions(other, a => inner.Any(r => r.HasPartOf(a, size)))).Distinct();
            foreach (int at in found)
            {
                if (other != value || at != axis)
                {
                    yield return new TieStep(node, mine.Length > 0 ? mine[0].How : HowOf(node), other, at);
                }
            }
        }
    }

    /// <summary>Axes that are the same one, or share a factor with it, before those that are merely carried alike.</summary>
    private static IEnumerable<int> Alike(Node node, Value value, int axis, Value other, SizeClass size, List<Record> records)
    {
        if (other == value)
        {
            return [];
        }

        Axis own = value.Axes![axis];
        int[] same = [.. Positions(other, a => ReferenceEquals(a, own) || a.Factors.Any(f => f.Extent != 1 && own.Factors.Contains(f)))];
        if (same.Length > 0)
        {
            return same;
        }

        bool broadcasts = Broadcasts(node);
        HashSet<Atom> atoms = [.. own.Atoms().Where(a => a.Size == size)];
        return Positions(other, a => !records.Any(r => r.Holds(a)) && a.Atoms().Any(atoms.Contains))
            .Where(at => !broadcasts || other.Axes!.Length - at == value.Axes.Length - axis);
    }

    private static IEnumerable<int> Positions(Value value, Func<Axis, bool> wanted) =>
        Enumerable.Range(0, value.Axes!.Length).Where(i => wanted(value.Axes[i]));

    private static IEnumerable<Value> ValuesOf(NormInstance norm) => new[] { norm.Input, norm.Output, norm.Gain, norm.Bias }.OfType<Value>();

    private static bool IsVector(Value value, NormInstance norm) => value == norm.Gain || value == norm.Bias;

    /// <summary>Operators that work entry by entry tie axes at the same place only, counted from the innermost.</summary>
    private static bool Broadcasts(Node node) => node.Operator is "Add" or "Sub" or "Mul" or "Div" or "Pow" or "Sum" or "Mean" or "Min" or "Max"
        or "Where" or "PRelu" or "Mod" or "And" or "Or" or "Xor" or "Equal" or "Less" or "Greater" or "LessOrEqual" or "GreaterOrEqual";

    private static string HowOf(NormInstance norm) => norm.Nodes.Count == 1 ? "normalises over it"
        : $"ends a {(norm.Kind == NormKind.LayerNorm ? "LayerNorm" : "RMSNorm")} of several nodes over it";

    private static string HowOf(Node node) => node.Operator switch
    {
        "Add" or "Sub" or "Sum" or "Mean" => "adds entry by entry",
        "Mul" or "Div" => "multiplies entry by entry",
        "MatMul" when node.Inputs.All(i => i is { IsStatic: false }) => "multiplies batch by batch",
        "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze" => "regroups the axes",
        "Transpose" => "reorders the axes",
        "Concat" => "joins the parts",
        "Split" or "Slice" => "cuts parts out",
        "Gather" => "looks rows up and hands it on",
        "MatMul" or "Gemm" or "Conv" => "writes its result along it",
        _ => "hands it on",
    };

    private void Note(Node node, string how, params Axis[] axes)
    {
        if (!_records.TryGetValue(node, out List<Record>? list))
        {
            _records.Add(node, list = []);
        }

        list.Add(new Record(how, axes));
    }

    private sealed record Record(string How, Axis[] Axes)
    {
        // By reference: the operators hand on the very objects that the values hold.
        public bool Holds(Axis axis) => Axes.Any(a => ReferenceEquals(a, axis));

        public bool HasPartOf(Axis axis, SizeClass size)
        {
            HashSet<Atom> atoms = [.. axis.Atoms().Where(a => a.Size == size)];
            return Axes.Any(a => a.Atoms().Any(atoms.Contains));
        }
    }
}
