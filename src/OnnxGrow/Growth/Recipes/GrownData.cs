using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Recipes;

/// <summary>The elements that a recipe describes.</summary>
public static class GrownData
{
    /// <summary>The tensor of a recipe, computed where it is read.</summary>
    /// <exception cref="CannotGrowException">The recipe asks for what no weight can do.</exception>
    public static TensorData Of(WeightRecipe recipe) =>
        recipe switch
    {
        { NewFrom: not null } => new NextLayerData(recipe),
        { Init: not null } when !RecipeLayout.AddsNothing(recipe) => new ProjectedTensorData(recipe),
        _ => new RecipeTensorData(recipe),
    };
}
