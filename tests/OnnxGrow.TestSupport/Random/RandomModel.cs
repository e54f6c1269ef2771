using Onnx;

namespace OnnxGrow.TestSupport.Random;

/// <summary>Builds small models with random weights, of many architectures, in the operators that exporters use.</summary>
public static class RandomModel
{
    /// <summary>Builds a model.</summary>
    /// <param name="shape">What it looks like.</param>
    /// <param name="seed">Decides the weights, and among ways to write the same.</param>
    public static ModelProto Build(ModelShape shape, ulong seed)
    {
        var g = new GraphBuilder(new SplitMix64(seed), shape.Opset) { FloatType = shape.Type };
        var parts = new Parts(g, shape);
        if (shape.Kind == ModelKind.Image)
        {
            new ImageModel(parts).Build();
        }
        else
        {
            new LanguageModel(parts).Build();
        }

        return g.Finish();
    }
}
