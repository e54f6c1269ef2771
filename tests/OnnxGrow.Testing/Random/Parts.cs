namespace OnnxGrow.Testing.Random;

/// <summary>What the parts of a random model are built with.</summary>
internal sealed record Parts(GraphBuilder G, ModelShape Shape)
{
    /// <summary>Linear maps.</summary>
    public Linear Linear => new(this);

    /// <summary>Norms.</summary>
    public Norms Norms => new(this);
}
