using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Inputs;

/// <summary>Finds out what the inputs of a graph stand for, from the graph and not from their names.</summary>
internal sealed class InputClassifier(OnnxModel model)
{
    private readonly GraphUses _uses = new(model);
    private readonly HashSet<string> _indexValues = new(StringComparer.Ordinal);

    /// <summary>The inputs that must be fed, in the graph's order.</summary>
    public IReadOnlyList<InputMeaning> Classify()
    {
        var initializers = model.Proto.Graph.Initializer.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var fed = model.Proto.Graph.Input.Where(i => !initializers.Contains(i.Name)).ToList();
        var meanings = fed.Select(Integers).ToList();
        return [.. fed.Zip(meanings, (input, meaning) => meaning ?? Others(input, meanings))];
    }

    /// <summary>Extents of position tables and sliced buffers: lengths at which a model may end, smallest first.</summary>
    public IReadOnlyList<long> LengthHints()
    {
        var hints = new SortedSet<long>();
        foreach (NodeProto node in _uses.Nodes)
        {
            if (node.OpType is not ("Gather" or "Slice") || _uses.Constant(node.Input[0]) is not { } table)
            {
                continue;
            }

            bool lookup = node.OpType == "Gather";
            if (lookup && (Axis(node) != 0 || table.Dims.Count < 2 || _indexValues.Contains(node.Input[1])))
            {
                continue;
            }

            hints.UnionWith(lookup ? [table.Dims[0]] : table.Dims);
        }

        return [.. hints.Where(h => h > 1)];
    }

    private InputMeaning? Integers(ValueInfoProto input)
    {
        InputMeaning meaning = Describe(input);
        if (meaning.ElementType is not (ElementType.Int64 or ElementType.Int32))
        {
            return null;
        }

        (long rows, long first) = Trace(input.Name);
        return rows > 0 ? meaning with { Kind = InputKind.Index, Rows = rows, First = first }
            : meaning with { Kind = IsCounted(input.Name) ? InputKind.Position : InputKind.Mask };
    }

    /// <summary>Whether the numbers are multiplied, as they are, with a list of constants: positions with frequencies.</summary>
    private bool IsCounted(string input)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { input };
        var queue = new Queue<string>([input]);
        while (queue.TryDequeue(out string? name))
        {
            foreach ((NodeProto node, int use) in _uses.Of(name))
            {
                if (node.OpType is "Mul" or "MatMul" or "Einsum" && node.Input.Count == 2 && _uses.IsListOfConstants(node.Input[1 - use]))
                {
                    return true;
                }

                if (node.OpType is "Cast" or "Unsqueeze" or "Squeeze" or "Reshape" or "Expand" or "Identity" or "Transpose" && use == 0 && seen.Add(node.Output[0]))
                {
                    queue.Enqueue(node.Output[0]);
                }
            }
        }

        return false;
    }

    // A float input is a mask where it has the extents of a list of tokens, or spans positions by positions for all heads.
    private static InputMeaning Others(ValueInfoProto input, List<InputMeaning?> integers)
    {
        InputMeaning meaning = Describe(input);
        if (meaning.ElementType == ElementType.Bool)
        {
            return meaning with { Kind = InputKind.Mask };
        }

        IReadOnlyList<string> dims = meaning.Dims;
        bool listOfTokens = dims.Count == 2
            && (dims.All(IsDynamic) || integers.Any(other => other is not null && other.Dims.SequenceEqual(dims)));
        bool pairs = dims.Count == 4 && dims[1] == "1" && dims[2] == dims[3];
        return meaning with { Kind = listOfTokens || pairs ? InputKind.Mask : InputKind.Values };
    }

    private static bool IsDynamic(string dim) => !long.TryParse(dim, out _);

    private static InputMeaning Describe(ValueInfoProto input)
    {
        TypeProto.Types.Tensor type = input.Type?.TensorType
            ?? throw new NotVerifiedException(ErrorCode.NoInputs, $"the input '{Text.Name(input.Name)}' is not a tensor; no inputs can be made for it");
        if (type.Shape is null)
        {
            throw new NotVerifiedException(
                ErrorCode.NoInputs, $"the input '{Text.Name(input.Name)}' has no shape in the file; give inputs with --inputs");
        }

        return new InputMeaning
        {
            Name = input.Name,
            ElementType = (ElementType)type.ElemType,
            Dims = [.. type.Shape.Dim.Select((d, axis) => d.HasDimValue ? FormattableString.Invariant($"{d.DimValue}")
                : d.DimParam.Length > 0 ? d.DimParam
                : FormattableString.Invariant($"{input.Name}.{axis}"))],
            Kind = InputKind.Values,
        };
    }

    // Follows a value through what only moves its elements about, to where they select rows.
    private (long Rows, long First) Trace(string input)
    {
        long rows = 0, first = 0;
        var seen = new HashSet<string>(StringComparer.Ordinal) { input };
        var queue = new Queue<(string Name, long Offset)>([(input, 0)]);
        while (queue.TryDequeue(out (string Name, long Offset) at))
        {
            _indexValues.Add(at.Name);
            foreach ((NodeProto node, int use) in _uses.Of(at.Name))
            {
                if (RowsOf(node, use) is { } found and > 0)
                {
                    long last = found - at.Offset;
                    rows = rows == 0 ? last : Math.Min(rows, last);
                    first = Math.Max(first, -at.Offset);
                }
                else if (Moves(node, use) && node.Output.Count > 0 && seen.Add(node.Output[0]))
                {
                    queue.Enqueue((node.Output[0], at.Offset + OffsetOf(node, use)));
                }
            }
        }

        return (rows, first);
    }

    private long? RowsOf(NodeProto node, int use) => (node.OpType, use) switch
    {
        ("Gather", 1) => Extent(node.Input[0], (int)Axis(node)),
        ("OneHot", 0) => (long?)_uses.Scalar(node.Input[1]),
        ("EmbedLayerNormalization", 0) => Extent(node.Input[2], 0),
        ("EmbedLayerNormalization", 1) => Extent(node.Input[4], 0),
        ("EmbedLayerNormalization", 8) => Extent(node.Input[3], 0),
        _ => null,
    };

    private long? Extent(string name, int axis) =>
        _uses.DimsOf(name) is { Length: > 0 } dims && axis < dims.Length ? dims[axis < 0 ? axis + dims.Length : axis] : null;

    private static long Axis(NodeProto node) => node.Attribute.FirstOrDefault(a => a.Name == "axis")?.I ?? 0;

    private bool Moves(NodeProto node, int use) => node.OpType switch
    {
        "Identity" or "Unsqueeze" or "Squeeze" or "Reshape" or "Flatten" or "Transpose" or "Slice" or "Expand" or "Tile"
            or "Split" or "Gather" or "GatherElements" or "Clip" => use == 0,
        "Cast" => node.Attribute.Any(a => a.Name == "to" && (ElementType)a.I is ElementType.Int32 or ElementType.Int64),
        "Concat" => true,
        "Where" => use > 0,
        "Add" or "Sub" => use == 0 && _uses.Scalar(node.Input[1]) is not null
            || (node.OpType == "Add" && _uses.Scalar(node.Input[0]) is not null),
        _ => false,
    };

    private long OffsetOf(NodeProto node, int use) => node.OpType switch
    {
        "Add" => (long)(_uses.Scalar(node.Input[1 - use]) ?? 0),
        "Sub" => -(long)(_uses.Scalar(node.Input[1]) ?? 0),
        _ => 0,
    };
}
