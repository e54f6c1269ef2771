using OnnxGrow.Analysis.Axes;
using OnnxGrow.Analysis.Preparation;

namespace OnnxGrow.Analysis.Operators;

/// <summary>The choice between two branches of an If node: both give what the node gives, so both are carried alike.</summary>
[Operator(Branches.Choice, Domain = Branches.Domain)]
internal sealed class Choice : Operator
{
    public override bool AcceptsUnknownShapes => true;

    public override bool TakesSizes(Node node, int input) => true;

    public override IEnumerable<int> HandsOn(Node node, int output) => [1 + output, 1 + node.Outputs.Count + output];

    public override string? Flow(Node node, Flow flow)
    {
        int count = node.Outputs.Count;
        int? decided = node.Input(0)?.Elements is [{ Known: { } known }] ? (known != 0 ? 0 : 1) : null;
        for (int i = 0; i < count; i++)
        {
            Axis[]? yes = node.Input(1 + i)?.Axes;
            Axis[]? no = node.Input(1 + count + i)?.Axes;
            Axis[]? result = decided switch
            {
                0 => yes,
                1 => no,
                _ => yes is not null && no is not null && yes.Length == no.Length ? [.. yes.Zip(no).Select(p => Meet(p.First, p.Second, node, flow))] : null,
            };
            if (result is null)
            {
                return $"the branches of {node.Display} give tensors of different or unknown ranks";
            }

            Analysis.Flow.Set(node.Outputs[i], result);
        }

        return null;
    }

    private static Axis Meet(Axis a, Axis b, Node node, Flow flow)
    {
        if (Broadcasting.IsOne(a) || Broadcasting.IsOne(b))
        {
            // One entry in the one branch and any number in the other: nothing of it may be counted on to grow.
            flow.Freeze(a, node, $"{node.Display} has another extent in its other branch");
            flow.Freeze(b, node, $"{node.Display} has another extent in its other branch");
            return Broadcasting.IsOne(a) && Broadcasting.IsOne(b) ? Axis.One : AxisSystem.NewAxis(null);
        }

        return a.Extent is null != b.Extent is null ? AxisSystem.NewAxis(null) : flow.Unify(a, b, node);
    }
}
