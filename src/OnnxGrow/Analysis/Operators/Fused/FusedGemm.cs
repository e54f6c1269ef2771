using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators.Fused;

/// <summary>Gemm with an activation behind it.</summary>
[Operator("FusedGemm", Domain = Domains.Microsoft)]
internal sealed class FusedGemm : Operator
{
    private readonly Gemm _gemm = new();

    public override int RequiredInputs(Node node) => 2;

    public override bool MixesWeights(Node node) => _gemm.MixesWeights(node);

    public override string? Flow(Node node, Flow flow)
    {
        string? why = _gemm.Flow(node, flow);
        string unit = node.Attribute("activation")?.S.ToStringUtf8() ?? "";
        bool keepsZero = unit is "Relu" or "Tanh" or "LeakyRelu" or "Elu" or "Selu" or "Softsign" or "";
        CarrierNeed need = CarrierNeed.NoAverage | CarrierNeed.NoScale | (keepsZero ? CarrierNeed.None : CarrierNeed.NoZero);
        foreach (Axis axis in why is null && unit.Length > 0 ? node.Output(0)!.Axes! : [])
        {
            flow.Require(axis, need, node, $"{node.Display} is not linear");
        }

        return why;
    }
}
