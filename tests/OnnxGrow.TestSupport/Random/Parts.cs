namespace OnnxGrow.TestSupport.Random;

/// <summary>What the parts of a random model are built with.</summary>
internal sealed class Parts(GraphBuilder g, ModelShape shape)
{
    private readonly Dictionary<string, bool> _styles = new(StringComparer.Ordinal);

    /// <summary>The graph.</summary>
    public GraphBuilder G { get; } = g;

    /// <summary>What it is to look like.</summary>
    public ModelShape Shape { get; } = shape;

    /// <summary>Linear maps.</summary>
    public Linear Linear => new(this);

    /// <summary>Norms.</summary>
    public Norms Norms => new(this);

    /// <summary>Which of two ways something is written: all of a model is written alike, or its layers would not be.</summary>
    public bool Style(string place)
    {
        if (!_styles.TryGetValue(place, out bool style))
        {
            _styles.Add(place, style = G.Random.Coin());
        }

        return style;
    }
}
