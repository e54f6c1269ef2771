using System.Globalization;

namespace OnnxGrow.Analysis.Norms;

/// <summary>
/// A polynomial with real coefficients in named atoms: enough algebra to see that a handful of nodes compute a norm, in
/// whatever order an exporter wrote them.
/// </summary>
internal sealed class Polynomial
{
    private const int MaxTerms = 12;

    // A norm needs x^2 and a few factors; a graph that squares again and again must not fill the memory.
    private const int MaxKeyLength = 2048;

    private readonly SortedDictionary<string, double> _terms;

    private Polynomial(SortedDictionary<string, double> terms) => _terms = terms;

    public int Count => _terms.Count;

    public IEnumerable<(string[] Atoms, double Coefficient)> Terms =>
        _terms.Select(t => (t.Key.Length == 0 ? [] : t.Key.Split('\t'), t.Value));

    public static Polynomial Constant(double value) => new(new(StringComparer.Ordinal) { [""] = value });

    public static Polynomial Atom(string name) => new(new(StringComparer.Ordinal) { [name] = 1 });

    public Polynomial? Plus(Polynomial other, double factor = 1)
    {
        var sum = new SortedDictionary<string, double>(_terms, StringComparer.Ordinal);
        foreach ((string key, double value) in other._terms)
        {
            double total = sum.GetValueOrDefault(key) + (factor * value);
            if (total == 0)
            {
                sum.Remove(key);
            }
            else
            {
                sum[key] = total;
            }
        }

        return sum.Count > MaxTerms ? null : new Polynomial(sum);
    }

    public Polynomial? Times(Polynomial other)
    {
        var product = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach ((string a, double x) in _terms)
        {
            foreach ((string b, double y) in other._terms)
            {
                string key = a.Length == 0 ? b : b.Length == 0 ? a
                    : string.Join('\t', a.Split('\t').Concat(b.Split('\t')).Order(StringComparer.Ordinal));
                if (key.Length > MaxKeyLength)
                {
                    return null;
                }

                product[key] = product.GetValueOrDefault(key) + (x * y);
            }
        }

        foreach (string key in product.Where(t => t.Value == 0).Select(t => t.Key).ToArray())
        {
            product.Remove(key);
        }

        return product.Count > MaxTerms ? null : new Polynomial(product);
    }

    public double? AsConstant() => _terms.Count == 0 ? 0 : _terms.Count == 1 && _terms.TryGetValue("", out double v) ? v : null;

    /// <summary>Whether the terms are these, coefficients included; keys are atoms joined by a tab, in ordinal order.</summary>
    public bool Is(params (string Key, double Coefficient)[] terms) =>
        terms.Length == _terms.Count
        && terms.All(t => _terms.TryGetValue(t.Key, out double v) && Math.Abs(v - t.Coefficient) <= 1e-12);

    public bool Contains(string atom) => _terms.Keys.Any(k => k.Split('\t').Contains(atom));

    public override string ToString() => string.Join(" + ", _terms.Select(t =>
        string.Create(CultureInfo.InvariantCulture, $"{t.Value}*{t.Key.Replace('\t', '*')}")));
}
