namespace OnnxGrow.Runtime.Inputs;

/// <summary>What a dynamic extent counts.</summary>
internal enum DimRole
{
    Batch,
    Length,
    Past,
    Total,
}

/// <summary>Sizes of one case: rows, positions, cached positions.</summary>
internal readonly record struct CaseSize(long Batch, long Length, long Past)
{
    public long Of(DimRole role) => role switch
    {
        DimRole.Batch => Batch,
        DimRole.Length => Length,
        DimRole.Past => Past,
        _ => Length + Past,
    };
}

/// <summary>
/// Which dynamic extent counts what. The first guess is from where a name stands: on an outermost axis it is the batch,
/// only in cached tensors (rank 4 and more) the past, else the length. Where a model does not run so, roles are varied
/// until it does: names are the exporter's whim.
/// </summary>
internal sealed class DimPlan
{
    private static readonly DimRole[] Roles = [DimRole.Length, DimRole.Total, DimRole.Past, DimRole.Batch];

    private readonly IReadOnlyDictionary<string, DimRole> _roles;

    private DimPlan(IReadOnlyDictionary<string, DimRole> roles) => _roles = roles;

    /// <summary>Whether any extent is the batch.</summary>
    public bool HasBatch => _roles.Values.Contains(DimRole.Batch);

    /// <summary>Whether any extent is a length.</summary>
    public bool HasLength => _roles.Values.Any(r => r is DimRole.Length or DimRole.Total);

    /// <summary>Whether any extent is a cached length.</summary>
    public bool HasPast => _roles.Values.Any(r => r is DimRole.Past or DimRole.Total);

    /// <summary>Names and roles, for the report.</summary>
    public IEnumerable<string> Describe() =>
        _roles.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{Text.Name(r.Key)} = {r.Value}");

    /// <summary>The plans to try, the likeliest first.</summary>
    public static IEnumerable<DimPlan> Candidates(IReadOnlyList<InputMeaning> inputs)
    {
        string[] symbols = [.. inputs.SelectMany(i => i.Dims).SelectMany(Terms).Where(t => !long.TryParse(t, out _)).Distinct()];
        DimRole[] guess = [.. symbols.Select(s => Guess(s, inputs))];
        for (int changes = 0; changes <= symbols.Length; changes++)
        {
            foreach (DimRole[] roles in Vary(guess, 0, changes))
            {
                yield return new DimPlan(symbols.Zip(roles).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal));
            }
        }
    }

    /// <summary>The extents of an input in a case.</summary>
    public long[] Extents(InputMeaning input, CaseSize size) =>
        [.. input.Dims.Select(d => Terms(d).Sum(t => long.TryParse(t, out long n) ? n : size.Of(_roles[t])))];

    private static string[] Terms(string dim) =>
        dim.Split('+', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static DimRole Guess(string symbol, IReadOnlyList<InputMeaning> inputs)
    {
        bool first = inputs.Any(i => i.Dims.Count > 0 && i.Dims[0] == symbol);

        // A mask over past and present may name it in a sum ("past + sequence").
        bool cached = inputs.Where(i => i.Dims.Contains(symbol)).All(i => i.Kind == InputKind.Values && i.Dims.Count >= 4);
        return first ? DimRole.Batch : cached ? DimRole.Past : DimRole.Length;
    }

    private static IEnumerable<DimRole[]> Vary(DimRole[] guess, int from, int changes)
    {
        if (changes == 0)
        {
            yield return guess;
            yield break;
        }

        for (int i = from; i + changes <= guess.Length; i++)
        {
            foreach (DimRole role in Roles.Where(r => r != guess[i]))
            {
                DimRole[] changed = [.. guess];
                changed[i] = role;
                foreach (DimRole[] rest in Vary(changed, i + 1, changes - 1))
                {
                    yield return rest;
                }
            }
        }
    }
}
