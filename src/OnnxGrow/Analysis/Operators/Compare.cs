using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Entry by entry with several inputs, and not linear: only copies stay what they are.</summary>
[Operator("Pow")]
[Operator("Max")]
[Operator("Min")]
[Operator("Mod")]
[Operator("Equal")]
[Operator("Less")]
[Operator("LessOrEqual")]
[Operator("Greater")]
[Operator("GreaterOrEqual")]
[Operator("And")]
[Operator("Or")]
[Operator("Xor")]
[Operator("PRelu")]
[Operator("Where")]
internal sealed class Compare : Operator
{
    public override int RequiredInputs(Node node) => Math.Max(2, node.Inputs.Count);

    public override string? Flow(Node node, Flow flow)
    {
        bool keepsZero = node.Is("Pow") && Broadcasting.Align(node.Input(1)!.Axes!).All(a => Broadcasting.IsOne(a[0]));
        CarrierNeed need = CarrierNeed.NoAverage | CarrierNeed.NoScale | (keepsZero ? CarrierNeed.None : CarrierNeed.NoZero);
        Axis[][] aligned = Broadcasting.Align([.. node.Inputs.Select(i => i!.Axes!)]);
        var result = new Axis[aligned.Length];
        for (int i = 0; i < aligned.Length; i++)
        {
            result[i] = Broadcasting.Merge(aligned[i], node, flow);
            flow.Require(result[i], need, node, $"{node.Display} is not linear");
        }

        Analysis.Flow.Set(node.Output(0), result);
        if (node.Is("Equal"))
        {
            Analysis.Flow.SetElements(node.Output(0), SizeArithmetic.Equal(node));
        }
        else if (node.Is("Where"))
        {
            Analysis.Flow.SetElements(node.Output(0), SizeArithmetic.Where(node));
        }

        return null;
    }
}
