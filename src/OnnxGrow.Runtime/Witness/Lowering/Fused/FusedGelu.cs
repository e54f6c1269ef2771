namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>Gelu with a bias before it: exact (Gelu, BiasGelu) or by tanh (FastGelu, and GemmFastGelu after a product).</summary>
[Lowers("Gelu", Domain = Domains.Microsoft)]
[Lowers("BiasGelu", Domain = Domains.Microsoft)]
[Lowers("FastGelu", Domain = Domains.Microsoft)]
[Lowers("GemmFastGelu", Domain = Domains.Microsoft)]
internal sealed class FusedGelu : ILowering
{
    public bool Lower(Emitter to)
    {
        bool product = to.Node.OpType == "GemmFastGelu";
        string x = product ? to.Op("MatMul", to.Input(0), to.Input(1)) : to.Input(0);
        string bias = to.Input(product ? 2 : 1);
        Gelu.Emit(to, bias.Length == 0 ? x : to.Add(x, bias), product || to.Node.OpType == "FastGelu", to.Output);
        return true;
    }
}
