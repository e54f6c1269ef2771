using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Tensors one after the other along an axis.</summary>
[Operator("Concat")]
internal sealed class Concat : Operator
{
    /// <summary>Axes of more parts than this are not kept apart: a hostile graph doubles them at every node.</summary>
    private const int MaxParts = 512;

    public override int RequiredInputs(Node node) => Math.Max(1, node.Inputs.Count);

    public override IEnumerable<int> HandsOn(Node node, int output) => Enumerable.Range(0, node.Inputs.Count);

    public override string? Flow(Node node, Flow flow)
    {
        Axis[][] shapes = [.. node.Inputs.Select(i => i!.Axes!)];
        int rank = shapes[0].Length;
        if (shapes.Any(s => s.Length != rank))
        {
            return $"{node.Display} takes tensors of different ranks";
        }

        long axis = node.Int("axis", 0);
        int at = (int)(axis < 0 ? axis + rank : axis);
        var result = new Axis[rank];
        for (int i = 0; i < rank; i++)
        {
            result[i] = i != at ? Broadcasting.Merge([.. shapes.Select(s => s[i])], node, flow)
                : shapes.Length == 1 ? shapes[0][i]
                : Join(shapes, i, node, flow);
        }

        Analysis.Flow.Set(node.Output(0), result);
        if (rank == 1 && node.Inputs.All(i => i!.Elements is not null))
        {
            Analysis.Flow.SetElements(node.Output(0), [.. node.Inputs.SelectMany(i => i!.Elements!)]);
        }

        return null;
    }

    private static Axis Join(Axis[][] shapes, int i, Node node, Flow flow)
    {
        bool isDynamic = shapes.Any(s => s[i].Extent is null);
        var joined = isDynamic ? null : new Concatenation([.. shapes.Select(s => s[i])]);
        if (joined is { Weight: <= MaxParts })
        {
            return new Axis(joined);
        }

        foreach (Axis[] shape in shapes)
        {
            flow.Freeze(shape[i], node, isDynamic ? $"{node.Display} joins it with an axis of a dynamic extent" : $"{node.Display} joins it with more than {MaxParts} others");
        }

        return AxisSystem.NewAxis(joined?.Extent);
    }
}
