using OnnxGrow.Onnx;

namespace OnnxGrow.Analysis.Norms;

/// <summary>
/// Recognises a norm that is written as several nodes. Every value that follows from x is held as a polynomial in the atoms
/// x, its mean M, the variance V (or mean square Q), the standard deviation S, its reciprocal R, and constants W; the norm
/// is found where a value equals <c>(x R - M R) W + W'</c> or <c>x R W + W'</c>.
/// </summary>
internal sealed class DecomposedNorm
{
    private const int MaxNodes = 40;
    private const string X = "X";
    private const string Mean = "M";
    private const string Variance = "V";
    private const string MeanSquare = "Q";
    private const string Deviation = "S";
    private const string Reciprocal = "R";

    private readonly Graph _graph;
    private readonly int _fromEnd;
    private readonly Dictionary<Value, Polynomial> _known = [];
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<string, Value> _constants = new(StringComparer.Ordinal);
    private NormKind? _kind;
    private EpsilonSlot? _epsilon;

    private DecomposedNorm(Graph graph, int fromEnd)
    {
        _graph = graph;
        _fromEnd = fromEnd;
    }

    public static NormInstance? Match(Value x, Node start, Graph graph, HashSet<Node> taken)
    {
        var matcher = new DecomposedNorm(graph, ReducedAxis(start) ?? 1);
        matcher._known[x] = Polynomial.Atom(X);
        return matcher.Explore(x, start, taken);
    }

    /// <summary>The one axis that a mean runs over, counted from the innermost; null where that is not known or not one.</summary>
    public static int? ReducedAxis(Node node)
    {
        if (node.Int("keepdims", 1) != 1)
        {
            return null;
        }

        long[]? axes = node.Ints("axes");
        if (axes is null && node.Input(1)?.Tensor is { } tensor && tensor.Int64Data.Count + tensor.RawData.Length > 0)
        {
            axes = tensor.Int64Data.Count > 0 ? [.. tensor.Int64Data]
                : tensor.RawData.Length == 8 ? [BitConverter.ToInt64(tensor.RawData.Span)] : null;
        }

        // An axis counted from the front takes the rank, where the file or a first look says it.
        return axes is not [var axis] ? null
            : axis < 0 ? (int)Math.Min(-axis, int.MaxValue)
            : RankOf(node.Input(0)) is var rank && axis < rank ? (int)(rank - axis)
            : null;
    }

    private static long RankOf(Value? value) => value?.Info?.Type?.TensorType?.Shape?.Dim.Count ?? value?.Rank ?? -1;

    private NormInstance? Explore(Value x, Node start, HashSet<Node> taken)
    {
        NormInstance? best = null;
        int first = start.Index;
        foreach (Value.Use use in x.Consumers)
        {
            first = Math.Min(first, use.Node.Index);
        }

        // Nodes of one norm stand close together, but others may stand between them.
        var frontier = new SortedSet<int>(x.Consumers.Select(u => u.Node.Index));
        while (frontier.Count > 0 && _nodes.Count < MaxNodes)
        {
            Node node = _graph.Nodes[frontier.Min];
            frontier.Remove(frontier.Min);
            if (taken.Contains(node) || node.Outputs is not [{ } output] || _known.ContainsKey(output)
                || Evaluate(node) is not { } polynomial)
            {
                continue;
            }

            _known[output] = polynomial;
            _nodes.Add(node);
            if (AsNorm(polynomial) is { } affine)
            {
                best = Build(x, output, affine) ?? best;
                if (affine.Bias is not null)
                {
                    break;
                }
            }

            frontier.UnionWith(output.Consumers.Select(u => u.Node.Index));
        }

        return best;
    }

    private Polynomial? Evaluate(Node node)
    {
        Polynomial? a = Operand(node.Input(0));
        Polynomial? b = Operand(node.Input(1));
        if (a is null && b is null)
        {
            return null;
        }

        return node.Operator switch
        {
            "ReduceMean" when ReducedAxis(node) == _fromEnd => a is null ? null : ReduceMean(a),
            "Cast" or "Identity" => a,
            "Neg" => a?.Times(Polynomial.Constant(-1)),
            "Add" => a is null || b is null ? null : Add(node, a, b),
            "Sub" => a is null || b is null ? null : a.Plus(b, -1),
            "Mul" => a is null || b is null ? null : a.Times(b),
            "Div" => a is null || b is null ? null : Divide(a, b),
            "Reciprocal" => a is null ? null : Divide(Polynomial.Constant(1), a),
            "Sqrt" => a is null ? null : Root(a),
            "Pow" => a is null || b?.AsConstant() is not { } exponent ? null : Power(a, exponent),
            _ => null,
        };
    }

    private Polynomial? Operand(Value? value)
    {
        if (value is null)
        {
            return null;
        }

        if (_known.TryGetValue(value, out Polynomial? known))
        {
            return known;
        }

        // Constants enter as numbers where they are single, as opaque atoms where they have an entry a channel.
        if (ConstantLeaf.Of(value) is not { } leaf || ElementTypes.Bits((ElementType)leaf.Tensor!.DataType) < 8)
        {
            return null;
        }

        bool isFloat = ElementTypes.IsGrowable((ElementType)leaf.Tensor.DataType);
        bool isInteger = leaf.Tensor.DataType is (int)ElementType.Int64 or (int)ElementType.Int32;
        if ((isFloat || isInteger) && Tensors.CountOf(leaf.Tensor) == 1)
        {
            Span<double> number = stackalloc double[1];
            _graph.Model.DataOf(leaf.Tensor).ReadDoubles(0, number);
            return Polynomial.Constant(number[0]);
        }

        if (!isFloat)
        {
            return null;
        }

        string name = "W:" + value.Name;
        _constants[name] = value;
        return ConstantLeaf.DimsOf(value) is { } dims && dims.Count(d => d != 1) == 1 && dims.Length >= _fromEnd && dims[^_fromEnd] != 1
            ? Polynomial.Atom(name)
            : null;
    }

    private static Polynomial? ReduceMean(Polynomial a)
    {
        if (a.Is((X, 1)))
        {
            return Polynomial.Atom(Mean);
        }

        if (a.Is(($"{X}\t{X}", 1), ($"{Mean}\t{X}", -2), ($"{Mean}\t{Mean}", 1)))
        {
            return Polynomial.Atom(Variance);
        }

        return a.Is(($"{X}\t{X}", 1)) ? Polynomial.Atom(MeanSquare) : null;
    }

    private Polynomial? Add(Node node, Polynomial a, Polynomial b)
    {
        int constant = a.AsConstant() is not null ? 0 : b.AsConstant() is not null ? 1 : -1;
        if (constant >= 0 && KindOf(constant == 0 ? b : a) is not null)
        {
            _epsilon = new EpsilonSlot(node, constant, (constant == 0 ? a : b).AsConstant()!.Value);
        }

        return a.Plus(b);
    }

    private static NormKind? KindOf(Polynomial a) =>
        a.Is((Variance, 1)) || a.Is((MeanSquare, 1), ($"{Mean}\t{Mean}", -1)) ? NormKind.LayerNorm
        : a.Is((MeanSquare, 1)) ? NormKind.RmsNorm
        : null;

    private Polynomial? Root(Polynomial a)
    {
        Polynomial? bare = _epsilon is { } e ? a.Plus(Polynomial.Constant(-e.Value)) : a;
        if (bare is null || (KindOf(bare) ?? KindOf(a)) is not { } kind)
        {
            return null;
        }

        _kind = kind;
        return Polynomial.Atom(Deviation);
    }

    private Polynomial? Power(Polynomial a, double exponent) => exponent switch
    {
        2 => a.Times(a),
        0.5 => Root(a),
        -0.5 => Root(a) is null ? null : Polynomial.Atom(Reciprocal),
        1 => a,
        _ => null,
    };

    private static Polynomial? Divide(Polynomial a, Polynomial b)
    {
        if (b.Is((Deviation, 1)))
        {
            return a.Times(Polynomial.Atom(Reciprocal));
        }

        return b.AsConstant() is { } c && c != 0 ? a.Times(Polynomial.Constant(1 / c)) : null;
    }

    /// <summary>Reads a polynomial as normalised x times a gain plus a bias.</summary>
    private Affine? AsNorm(Polynomial p)
    {
        if (_kind is null)
        {
            return null;
        }

        string? gain = null;
        string? bias = null;
        bool sawX = false;
        bool sawMean = false;
        foreach ((string[] atoms, double coefficient) in p.Terms)
        {
            bool isX = atoms.Contains(X);
            bool isMean = atoms.Contains(Mean);
            string[] rest = [.. atoms.Where(t => t is not (X or Mean or Reciprocal))];
            bool single = atoms.Count(t => t is X or Mean) == 1 && atoms.Count(t => t == Reciprocal) == 1;
            if (isX || isMean)
            {
                if (!single || rest.Length > 1 || coefficient != (isX ? 1 : -1) || (isMean && _kind == NormKind.RmsNorm))
                {
                    return null;
                }

                string? factor = rest.FirstOrDefault();
                if ((sawX || sawMean) && factor != gain)
                {
                    return null;
                }

                gain = factor;
                sawX |= isX;
                sawMean |= isMean;
            }
            else if (atoms is [var only] && only.StartsWith("W:", StringComparison.Ordinal) && coefficient == 1 && bias is null)
            {
                bias = only;
            }
            else
            {
                return null;
            }
        }

        bool whole = sawX && sawMean == (_kind == NormKind.LayerNorm);
        return whole ? new Affine(gain, bias) : null;
    }

    private NormInstance? Build(Value x, Value output, Affine affine)
    {
        // Only the nodes that lead to the output belong to the norm, and nothing else may look inside.
        var inside = new HashSet<Node>();
        var work = new Stack<Value>([output]);
        while (work.TryPop(out Value? value))
        {
            if (value != x && value.Producer is { } node && _nodes.Contains(node) && inside.Add(node))
            {
                foreach (Value? input in node.Inputs)
                {
                    if (input is not null && _known.ContainsKey(input))
                    {
                        work.Push(input);
                    }
                }
            }
        }

        foreach (Node node in inside)
        {
            Value made = node.Outputs[0]!;
            if (made != output && (made.IsGraphOutput || made.Consumers.Any(u => !inside.Contains(u.Node))))
            {
                return null;
            }
        }

        return new NormInstance
        {
            Kind = _kind!.Value,
            FromEnd = _fromEnd,
            Input = x,
            Output = output,
            Gain = affine.Gain is { } g ? _constants[g] : null,
            Bias = affine.Bias is { } b ? _constants[b] : null,
            Epsilon = _epsilon,
            Nodes = [.. inside.OrderBy(n => n.Index)],
        };
    }

    private sealed record Affine(string? Gain, string? Bias);
}
