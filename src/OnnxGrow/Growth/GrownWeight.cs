using Onnx;
using OnnxGrow.Growth.Recipes;

namespace OnnxGrow.Growth;

/// <summary>One tensor of the grown model that is not the source's own.</summary>
/// <param name="Name">Its name in the grown graph (of the initializer, or of the Constant node's output).</param>
/// <param name="SourceName">Name of the source tensor.</param>
/// <param name="Tensor">The message in the grown model.</param>
/// <param name="Recipe">How it is computed; null where it is freshly initialised.</param>
public sealed record GrownWeight(string Name, string SourceName, TensorProto Tensor, WeightRecipe? Recipe);
