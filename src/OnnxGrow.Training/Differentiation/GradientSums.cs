namespace OnnxGrow.Training.Differentiation;

/// <summary>The gradients of values while a graph is walked backwards: each is the sum of what its readers gave.</summary>
/// <param name="wanted">The values whose gradients are wanted.</param>
internal sealed class GradientSums(IReadOnlySet<string> wanted)
{
    private readonly Dictionary<string, List<string>> _terms = new(StringComparer.Ordinal);

    /// <summary>What each gradient is of: it has the extents of that value.</summary>
    public Dictionary<string, string> ValueOf { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether a value's gradient is wanted.</summary>
    public bool Wants(string value) => wanted.Contains(value);

    /// <summary>Adds a gradient.</summary>
    public void Add(string value, string gradient)
    {
        if (!_terms.TryGetValue(value, out List<string>? terms))
        {
            _terms.Add(value, terms = []);
        }

        terms.Add(gradient);
        ValueOf[gradient] = value;
    }

    /// <summary>The sum so far, written where there are several; null where there is none.</summary>
    public string? Of(string value, GraphWriter writer)
    {
        if (!_terms.TryGetValue(value, out List<string>? terms))
        {
            return null;
        }

        if (terms.Count > 1)
        {
            string sum = terms.Count == 2 ? writer.Add(terms[0], terms[1]) : writer.Op("Sum", [.. terms]);
            terms.Clear();
            terms.Add(sum);
            ValueOf[sum] = value;
        }

        return terms[0];
    }
}
