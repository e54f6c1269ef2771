namespace OnnxGrow.MSBuild;

/// <summary>The known name that was probably meant.</summary>
internal static class Nearest
{
    /// <summary>The name with the fewest letters to change, case aside.</summary>
    public static string To(string name, IEnumerable<string> known) =>
        known.MinBy(k => Distance(name.ToUpperInvariant(), k.ToUpperInvariant()))!;

    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
