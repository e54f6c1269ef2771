namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>GemmaRotaryEmbedding: q cos(e) + rotated q sin(e), and the same for k.</summary>
[Lowers("GemmaRotaryEmbedding", Domain = Domains.Microsoft)]
internal sealed class GemmaRotaryEmbedding : ILowering
{
    public bool Lower(Emitter to)
    {
        string angle = to.Unsqueeze(to.Input(0), 1);
        string cos = to.Op("Cos", angle);
        string sin = to.Op("Sin", angle);
        to.Give(0, "Add", to.Mul(to.Input(1), cos), to.Mul(to.Input(2), sin));
        to.Give(1, "Add", to.Mul(to.Input(3), cos), to.Mul(to.Input(4), sin));
        return true;
    }
}
