using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators.Fused;

/// <summary>
/// Rotary embeddings as one operator: pairs of entries are turned by angles from a table. Pairs are copied whole, with their
/// columns of the table (rule 3.5 d).
/// </summary>
internal static class RotaryFlow
{
    /// <summary>Turns one head.</summary>
    /// <param name="size">The axis of a head's entries.</param>
    /// <param name="tables">Cosines and sines, a column a pair.</param>
    /// <param name="interleaved">Whether the two of a pair are neighbours, not halves apart.</param>
    /// <param name="node">The node.</param>
    /// <param name="flow">The flow.</param>
    /// <returns>The axis of the result; null where the table does not fit.</returns>
    public static Axis? Turn(Axis size, IEnumerable<Value> tables, bool interleaved, Node node, Flow flow)
    {
        Axis? column = null;
        foreach (Value table in tables)
        {
            if (table.Axes is not [.., { } own])
            {
                return null;
            }

            column = column is null ? own : flow.Unify(column, own, node);
        }

        if (column?.Extent is not { } pairs || size.Extent is not { } extent || 2 * pairs > extent)
        {
            return null;
        }

        flow.Inside.Add(column);
        flow.Require(column, CarrierNeed.NoAverage | CarrierNeed.NoZero | CarrierNeed.NoScale, node, $"{node.Display} takes angles from it");
        Axis rest = AxisSystem.NewAxis(extent - (2 * pairs));
        bool whole = extent == 2 * pairs;
        if (interleaved)
        {
            Axis turned = whole ? size : AxisSystem.NewAxis(2 * pairs);
            if (!whole && !flow.System.Unify(size, new Axis(new Concatenation([turned, rest]))))
            {
                return null;
            }

            List<Factor> factors = turned.Resolve();
            if (flow.System.Take(factors, 2, fromEnd: true) is not { } two)
            {
                return null;
            }

            var pair = new Axis([.. two]);
            flow.Freeze(pair, node, $"{node.Display} turns the two of a pair");
            Axis result = new([.. flow.Multiply(new Axis([.. factors]), column, node).Resolve(), .. two]);
            return whole ? result : new Axis(new Concatenation([result, rest]));
        }

        Axis half = AxisSystem.NewAxis(pairs);
        Axis[] parts = whole ? [half, half] : [half, half, rest];
        if (!flow.System.Unify(size, new Axis(new Concatenation([.. parts]))))
        {
            return null;
        }

        Axis output = flow.Multiply(half, column, node);
        return new Axis(new Concatenation(whole ? [output, output] : [output, output, rest]));
    }
}
