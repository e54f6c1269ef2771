namespace OnnxGrow.TestSupport.Random;

/// <summary>Activations, as exporters write them.</summary>
internal static class Activations
{
    /// <summary>An activation by its name.</summary>
    public static string Of(GraphBuilder g, string x, string name) => name switch
    {
        "relu" => g.Node("Relu", [x]),
        "silu" => g.Mul(x, g.Node("Sigmoid", [x])),
        "quick" => g.Mul(x, g.Node("Sigmoid", [g.Mul(x, g.Number("quick", 1.702))])),
        "tanh" => Tanh(g, x),
        _ => g.Opset >= 20 ? g.Node("Gelu", [x]) : Erf(g, x),
    };

    private static string Erf(GraphBuilder g, string x)
    {
        string erf = g.Node("Erf", [g.Node("Div", [x, g.Number("sqrt2", Math.Sqrt(2))])]);
        return g.Mul(g.Mul(x, g.Add(erf, g.Number("one", 1))), g.Number("half", 0.5));
    }

    private static string Tanh(GraphBuilder g, string x)
    {
        string cubic = g.Mul(g.Node("Pow", [x, g.Number("three", 3)]), g.Number("c", 0.044715));
        string gate = g.Add(g.Node("Tanh", [g.Mul(g.Add(x, cubic), g.Number("k", 0.7978846))]), g.Number("one", 1));
        return g.Mul(g.Mul(x, g.Number("half", 0.5)), gate);
    }
}
