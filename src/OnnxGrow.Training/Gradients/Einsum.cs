using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>
/// Einsum: the gradient of an operand is the einsum of the result's gradient with the other operands. An index that only the
/// operand has was summed alone: its gradient is the same all along it. Where an operand's extent of 1 was broadcast, the gradient
/// is the sum.
/// </summary>
[Gradient("Einsum")]
internal sealed class Einsum : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        int[] ranks = [.. at.Node.Input.Select(at.RankOf)];
        EinsumEquation equation = EinsumEquation.Parse(at.String("equation", ""), ranks);
        var extents = new Dictionary<char, long>();
        for (int i = 0; i < ranks.Length; i++)
        {
            foreach ((char letter, long extent) in equation.Operands[i].Zip(at.DimsOf(at.Input(i))))
            {
                extents[letter] = Math.Max(extent, extents.GetValueOrDefault(letter));
            }
        }

        string gradient = at.TheGradient;
        for (int i = 0; i < ranks.Length; i++)
        {
            int operand = i;
            at.Give(i, () => Operand(at, equation, extents, operand, gradient));
        }
    }

    private static string Operand(GradientEmitter at, EinsumEquation equation, Dictionary<char, long> extents, int operand, string gradient)
    {
        string own = equation.Operands[operand];
        long[] dims = at.DimsOf(at.Input(operand));
        int[] others = [.. Enumerable.Range(0, equation.Operands.Length).Where(o => o != operand)];
        string elsewhere = equation.Result + string.Concat(others.Select(o => equation.Operands[o]));
        bool[] broadcast = [.. own.Select((letter, axis) => dims[axis] == 1 && extents[letter] != 1)];
        bool[] alone = [.. own.Select(letter => !elsewhere.Contains(letter, StringComparison.Ordinal))];
        string kept = string.Concat(own.Where((_, axis) => !broadcast[axis] && !alone[axis]));
        string written = string.Join(',', others.Select(o => equation.Operands[o]).Prepend(equation.Result)) + "->" + kept;
        string value = at.Op("Einsum", [("equation", written)], [gradient, .. others.Select(o => at.Input(o))]);
        long[] back = [.. Enumerable.Range(0, own.Length).Where(axis => broadcast[axis] || alone[axis]).Select(axis => (long)axis)];
        string whole = back.Length == 0 ? value : at.Op("Unsqueeze", value, at.Ints(back));
        return alone.Any(a => a) ? at.Op("Expand", whole, at.ShapeOf(at.Input(operand))) : whole;
    }
}
