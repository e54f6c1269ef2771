using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Inputs;

/// <summary>Makes the tensors of one case after another.</summary>
internal sealed class CaseMaker
{
    private readonly IReadOnlyList<InputMeaning> _inputs;
    private readonly Dictionary<string, IdStream> _ids;
    private readonly SplitMix64 _random;
    private readonly MaskStyle _masks;

    public CaseMaker(IReadOnlyList<InputMeaning> inputs, ulong seed, MaskStyle masks)
    {
        _inputs = inputs;
        _masks = masks;
        _random = SplitMix64.For(seed, "values");
        _ids = inputs.Where(i => i.Kind == InputKind.Index)
            .ToDictionary(i => i.Name, i => new IdStream(i.Rows - i.First, SplitMix64.For(seed, i.Name)), StringComparer.Ordinal);
    }

    /// <summary>How many different rows of an input's table have been used.</summary>
    public long RowsUsed(string input) => _ids.TryGetValue(input, out IdStream? ids) ? ids.Distinct : 0;

    /// <summary>Makes a case; <paramref name="ordinal"/> decides which mask patterns it shows.</summary>
    public IReadOnlyDictionary<string, RuntimeTensor> Make(DimPlan plan, CaseSize size, int ordinal)
    {
        var tensors = new Dictionary<string, RuntimeTensor>(StringComparer.Ordinal);
        var masks = new Dictionary<string, long[]>(StringComparer.Ordinal);
        foreach (InputMeaning input in _inputs)
        {
            long[] dims = plan.Extents(input, size);
            long count = dims.Aggregate(1L, (a, b) => checked(a * b));
            tensors.Add(input.Name, input.Kind switch
            {
                InputKind.Index => Ids(input, dims, count),
                InputKind.Mask => RuntimeTensor.FromIntegers(input.ElementType, dims, Mask(masks, dims, ordinal)),
                InputKind.Position => Positions(input, dims, count),
                _ => Values(input, dims, count),
            });
        }

        return tensors;
    }

    private RuntimeTensor Ids(InputMeaning input, long[] dims, long count)
    {
        IdStream stream = _ids[input.Name];
        long[] values = new long[count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = input.First + stream.Next();
        }

        return RuntimeTensor.FromIntegers(input.ElementType, dims, values);
    }

    /// <summary>Places in order, each row from a start of its own.</summary>
    private RuntimeTensor Positions(InputMeaning input, long[] dims, long count)
    {
        const int LatestStart = 16;
        long length = dims.Length == 0 ? 1 : dims[^1];
        long[] values = new long[count];
        for (long row = 0; row * length < count; row++)
        {
            long start = row == 0 ? 0 : _random.Below(LatestStart);
            for (long i = 0; i < length; i++)
            {
                values[(row * length) + i] = start + i;
            }
        }

        return RuntimeTensor.FromIntegers(input.ElementType, dims, values);
    }

    private RuntimeTensor Values(InputMeaning input, long[] dims, long count)
    {
        if (!ElementTypes.IsGrowable(input.ElementType))
        {
            throw new NotVerifiedException(
                ErrorCode.NoInputs, $"no inputs can be made for '{Text.Name(input.Name)}' of type {input.ElementType}; give inputs with --inputs");
        }

        double[] values = new double[count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _random.Normal();
        }

        return RuntimeTensor.FromDoubles(input.ElementType, dims, values);
    }

    // Masks of the same extents (as of an encoder's several inputs) are the same.
    private long[] Mask(Dictionary<string, long[]> made, long[] dims, int ordinal)
    {
        string key = string.Join(',', dims);
        if (!made.TryGetValue(key, out long[]? mask))
        {
            made.Add(key, mask = MaskPatterns.Make(dims, ordinal, _masks, _random));
        }

        return mask;
    }
}
