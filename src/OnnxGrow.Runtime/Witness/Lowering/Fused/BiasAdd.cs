namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>BiasAdd: x + bias + skip.</summary>
[Lowers("BiasAdd", Domain = Domains.Microsoft)]
internal sealed class BiasAdd : ILowering
{
    public bool Lower(Emitter to)
    {
        to.To(to.Output, "Add", to.Add(to.Input(0), to.Input(1)), to.Input(2));
        return true;
    }
}
