using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>An Einsum equation with a letter for every axis: the ellipsis and the result are written out.</summary>
/// <param name="Operands">The letters of each operand's axes.</param>
/// <param name="Result">The letters of the result's axes.</param>
internal sealed record EinsumEquation(string[] Operands, string Result)
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary>Reads an equation for operands of some ranks.</summary>
    /// <exception cref="NoGradientException">The equation is not one, or has no gradient here.</exception>
    public static EinsumEquation Parse(string equation, int[] ranks)
    {
        string[] sides = equation.Replace(" ", "", StringComparison.Ordinal).Split("->");
        string[] operands = sides[0].Split(',');
        if (operands.Length != ranks.Length || sides.Length > 2)
        {
            throw GradientEmitter.Refuse($"the equation '{Text.Name(equation)}' does not describe its {Text.Number(ranks.Length)} operands");
        }

        // Without an arrow the result has the ellipsis first, then the letters that occur once, in alphabetical order.
        string named = sides[0].Replace(".", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal);
        string result = sides.Length == 2
            ? sides[1]
            : (sides[0].Contains("...", StringComparison.Ordinal) ? "..." : "")
                + string.Concat(named.GroupBy(c => c).Where(g => g.Count() == 1).Select(g => g.Key).Order());
        string free = string.Concat(Letters.Except(named + result));
        int[] dots = [.. operands.Zip(ranks, (o, r) => o.Contains("...", StringComparison.Ordinal) ? r - (o.Length - 3) : 0)];
        int most = dots.Max();
        if (most > free.Length || dots.Any(d => d < 0))
        {
            throw GradientEmitter.Refuse($"the equation '{Text.Name(equation)}' does not fit the ranks of its operands");
        }

        string open = free[..most];
        var written = new EinsumEquation(
            [.. operands.Zip(dots, (o, d) => o.Replace("...", open[(most - d)..], StringComparison.Ordinal))],
            result.Replace("...", open, StringComparison.Ordinal));
        if (written.Operands.Append(written.Result).Any(o => o.Distinct().Count() != o.Length))
        {
            throw GradientEmitter.Refuse(
                $"the equation '{Text.Name(equation)}' repeats an index within an operand (a diagonal), which is not differentiated");
        }

        return written;
    }
}
