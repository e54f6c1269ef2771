namespace OnnxGrow.Explain;

/// <summary>Names that a mistyped one may stand for.</summary>
public static class NearestNames
{
    // Names are compared letter by letter, which is quadratic in their length.
    private const int Longest = 256;

    /// <summary>The closest names, best first: those that contain it, then those with the fewest letters changed.</summary>
    public static IReadOnlyList<string> To(string name, IEnumerable<string> names, int most = 5)
    {
        string wanted = name.Length > Longest ? name[..Longest] : name;
        (string Name, bool Contains, int Distance)[] all = [.. names.Distinct(StringComparer.Ordinal)
            .Select(n => (n, wanted.Length > 2 && n.Contains(wanted, StringComparison.OrdinalIgnoreCase), Distance(wanted, n)))];

        // What is much farther off than the best is no help, and what has little in common with the name is none either.
        int farthest = all.Length == 0 ? 0 : Math.Min(Math.Max(3, wanted.Length / 2), (2 * all.Min(n => n.Distance)) + 2);
        return [.. all.Where(n => n.Contains || n.Distance <= farthest)
            .OrderBy(n => n.Contains ? 0 : 1).ThenBy(n => n.Distance).ThenBy(n => n.Name, StringComparer.Ordinal)
            .Take(most).Select(n => n.Name)];
    }

    private static int Distance(string a, string b)
    {
        b = b.Length > Longest ? b[..Longest] : b;
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int change = char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? diagonal : diagonal + 1;
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
