using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Addition and subtraction: linear, so that both sides are carried by the same expansion.</summary>
[Operator("Add")]
[Operator("Sub")]
[Operator("Sum")]
[Operator("Mean")]
internal sealed class Sum : Operator
{
    public override int RequiredInputs(Node node) => node.Inputs.Count;

    public override string? Flow(Node node, Flow flow)
    {
        Axis[][] aligned = Broadcasting.Align([.. node.Inputs.Select(i => i!.Axes!)]);
        var result = new Axis[aligned.Length];
        for (int i = 0; i < aligned.Length; i++)
        {
            result[i] = Broadcasting.Merge(aligned[i], node, flow);
            if (aligned[i].Any(a => !Broadcasting.IsOne(a)) && aligned[i].Any(Broadcasting.IsOne))
            {
                // x + c with one c for the whole axis: zeros would become c.
                flow.Require(result[i], CarrierNeed.NoZero | CarrierNeed.NoScale, node, $"{node.Display} adds the same number to all entries of the axis");
            }
        }

        Analysis.Flow.Set(node.Output(0), result);
        Analysis.Flow.SetElements(node.Output(0), SizeArithmetic.Binary(node, node.Is("Sub") ? '-' : '+'));
        return null;
    }
}
