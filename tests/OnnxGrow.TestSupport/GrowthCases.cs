using OnnxGrow.Growth.Plans;

namespace OnnxGrow.TestSupport;

/// <summary>The growths that must hold for every model of the project.</summary>
public static class GrowthCases
{
    /// <summary>Name and request of each; the models have width 48, 3 heads, an FFN of 192 and 3 layers.</summary>
    public static IReadOnlyList<(string Name, GrowthRequest Request)> All { get; } =
    [
        ("width x2", new GrowthRequest { Hidden = 96 }),
        ("width x4/3", new GrowthRequest { Hidden = 64 }),
        ("heads 3 to 5", new GrowthRequest { Heads = 5 }),
        ("FFN 192 to 250", new GrowthRequest { Ffn = 250 }),
        ("depth +1", new GrowthRequest { Layers = 4 }),
        ("depth x2", new GrowthRequest { Layers = 6 }),
        ("all at once", new GrowthRequest { Hidden = 144, Heads = 10, FfnRatio = 3.5, Layers = 7, Block = BlockStyle.Cancel }),
    ];
}
