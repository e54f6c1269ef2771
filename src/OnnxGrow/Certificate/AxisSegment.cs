namespace OnnxGrow.Certificate;

/// <summary>Equations of one axis that follow each other, and so do their source entries and all the grown entries that they sum.</summary>
/// <param name="Start">The first equation.</param>
/// <param name="Length">How many.</param>
/// <param name="Source">The first one's source index; <see cref="Growth.Recipes.AxisExpansion.Zero"/> where they are zero.</param>
/// <param name="Terms">The grown indices that the first one sums.</param>
internal sealed record AxisSegment(int Start, int Length, int Source, int[] Terms)
{
    /// <summary>The segments of an axis, in order.</summary>
    public static AxisSegment[] Of(CheckedAxis axis)
    {
        var segments = new List<AxisSegment>();
        int start = 0;
        for (int e = 1; e <= axis.Equations; e++)
        {
            if (e == axis.Equations || !Follows(axis, e))
            {
                segments.Add(new AxisSegment(start, e - start, SourceOf(axis, start), [.. axis.TermsOf(start)]));
                start = e;
            }
        }

        return [.. segments];
    }

    /// <summary>The index of P_out W that an equation is about, as the map has it.</summary>
    public static int SourceOf(CheckedAxis axis, int equation) => axis.IsReader ? equation : axis.Map[equation];

    private static bool Follows(CheckedAxis axis, int equation)
    {
        int source = SourceOf(axis, equation);
        int before = SourceOf(axis, equation - 1);
        if (source != (before >= 0 ? before + 1 : before))
        {
            return false;
        }

        ArraySegment<int> terms = axis.TermsOf(equation);
        ArraySegment<int> last = axis.TermsOf(equation - 1);
        for (int k = 0; k < terms.Count && terms.Count == last.Count; k++)
        {
            if (terms[k] != last[k] + 1)
            {
                return false;
            }
        }

        return terms.Count == last.Count;
    }
}
