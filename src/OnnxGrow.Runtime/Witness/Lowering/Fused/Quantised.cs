namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>Operators on quantised weights or values: what they compute is rounded by its nature, so that no float64 form is theirs.</summary>
[Lowers("MatMulNBits", Domain = Domains.Microsoft)]
[Lowers("MatMulBnb4", Domain = Domains.Microsoft)]
[Lowers("MatMulFpQ4", Domain = Domains.Microsoft)]
[Lowers("GatherBlockQuantized", Domain = Domains.Microsoft)]
[Lowers("DynamicQuantizeMatMul", Domain = Domains.Microsoft)]
[Lowers("DynamicQuantizeLSTM", Domain = Domains.Microsoft)]
[Lowers("MatMulIntegerToFloat", Domain = Domains.Microsoft)]
[Lowers("QAttention", Domain = Domains.Microsoft)]
[Lowers("QEmbedLayerNormalization", Domain = Domains.Microsoft)]
[Lowers("QGemm", Domain = Domains.Microsoft)]
[Lowers("QMoE", Domain = Domains.Microsoft)]
[Lowers("QLinearAdd", Domain = Domains.Microsoft)]
[Lowers("QLinearMul", Domain = Domains.Microsoft)]
[Lowers("QLinearSoftmax", Domain = Domains.Microsoft)]
[Lowers("QLinearSigmoid", Domain = Domains.Microsoft)]
[Lowers("QuantizeLinear", Domain = Domains.Microsoft)]
[Lowers("DequantizeLinear", Domain = Domains.Microsoft)]
[Lowers("DynamicQuantizeLinear")]
[Lowers("QuantizeLinear")]
[Lowers("DequantizeLinear")]
[Lowers("QLinearMatMul")]
[Lowers("QLinearConv")]
internal sealed class Quantised : ILowering
{
    public bool Lower(Emitter to) =>
        throw to.Refuse("it is quantised; compare the model before quantisation");
}
