using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Tensors one after the other along an axis.</summary>
[Operator("Concat")]
internal sealed class Concat : Operator
{
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
                : shapes.Any(s => s[i].Extent is null) ? Dynamic(shapes, i, node, flow)
                : new Axis(new Concatenation([.. shapes.Select(s => s[i])]));
        }

        Analysis.Flow.Set(node.Output(0), result);
        if (rank == 1 && node.Inputs.All(i => i!.Elements is not null))
        {
            Analysis.Flow.SetElements(node.Output(0), [.. node.Inputs.SelectMany(i => i!.Elements!)]);
        }

        return null;
    }

    private static Axis Dynamic(Axis[][] shapes, int i, Node node, Flow flow)
    {
        foreach (Axis[] shape in shapes)
        {
            flow.Freeze(shape[i], node, $"{node.Display} joins it with an axis of a dynamic extent");
        }

        return AxisSystem.NewAxis(null);
    }
}
