using System.Globalization;
using Onnx;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth;

/// <summary>
/// Gives every grown weight that leaves something free its tensor of an initialised model of the grown architecture.
/// Source: growth-math, rules 0.1 and 5.2.
/// </summary>
internal static class Initialisation
{
    private const int MaxListed = 5;

    /// <summary>Sets the recipes.</summary>
    /// <returns>The model; it must stay open as long as the recipes are used.</returns>
    /// <exception cref="BadInputException">The file is not there or another, or tensors are missing or of another shape.</exception>
    public static OnnxModel Apply(InitFile file, GraphEditor editor, ReadLimits limits)
    {
        if (!File.Exists(file.Path))
        {
            throw new BadInputException(ErrorCode.Initialisation, $"--init {Text.Name(file.Path)}: no such file; it must be at hand whenever the plan is followed");
        }

        if (file.Sha256 is { } wanted && ContentHash.Sha256OfFile(file.Path) is var found && found != wanted)
        {
            throw new BadInputException(ErrorCode.Initialisation, $"--init {Text.Name(file.Path)}: its SHA-256 is {found}, and the plan was made with {Text.Name(wanted)}");
        }

        OnnxModel model = OnnxModel.Open(file.Path, limits);
        try
        {
            Apply(file, model, editor);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Sets the recipes from a model that was grown by another method; weights that have no like in it keep theirs.</summary>
    /// <param name="model">That model; it must stay open as long as the recipes are used.</param>
    /// <param name="editor">Holds the recipes.</param>
    public static void Apply(OnnxModel model, GraphEditor editor) => Set(model, editor);

    private static void Apply(InitFile file, OnnxModel model, GraphEditor editor)
    {
        List<string> wrong = Set(model, editor);
        if (wrong.Count > 0)
        {
            string more = wrong.Count > MaxListed ? string.Create(CultureInfo.InvariantCulture, $" and {wrong.Count - MaxListed} more") : "";
            throw new BadInputException(
                ErrorCode.Initialisation, $"--init {Text.Name(file.Path)}: not a model of the grown architecture: {string.Join("; ", wrong.Take(MaxListed))}{more} (the same options with --method random write one)");
        }
    }

    /// <returns>Weights that leave something free and find no like in the model, with what is wrong.</returns>
    private static List<string> Set(OnnxModel model, GraphEditor editor)
    {
        Dictionary<string, TensorProto> tensors = TensorsOf(model.Proto.Graph);
        var wrong = new List<string>();
        foreach (GrownWeight weight in editor.Weights.Values.OrderBy(w => w.Name, StringComparer.Ordinal).ToArray())
        {
            if (weight.Recipe is not { } recipe || !HasFreedom(recipe))
            {
                continue;
            }

            TensorProto? tensor = tensors.GetValueOrDefault(weight.Name);
            if (Fault(tensor, recipe) is { } fault)
            {
                wrong.Add($"'{Text.Name(weight.Name)}' {fault}");
                continue;
            }

            editor.SetRecipe(weight.Name, weight.SourceName, weight.Tensor, recipe with
            {
                Init = model.DataOf(tensor!),
                Rules = [.. recipe.Rules, "5.2"],
            });
        }

        return wrong;
    }

    /// <summary>Whether more than one tensor satisfies the recipe's equations.</summary>
    private static bool HasFreedom(WeightRecipe recipe) =>
        !RecipeLayout.AddsNothing(recipe)
        && recipe.Axes.Any(a => a.Role switch
        {
            AxisRole.Reader => a.Expansion.Copies.Any(c => c > 1) || a.Expansion.Map.Contains(AxisExpansion.Zero),
            AxisRole.Gain => recipe.Free == FreeFill.Random && a.Expansion.Map.Contains(AxisExpansion.Zero),
            AxisRole.Append => a.Expansion.Map.Contains(AxisExpansion.Zero),
            _ => false,
        });

    private static string? Fault(TensorProto? tensor, WeightRecipe recipe) =>
        tensor is null ? $"is missing (wanted [{string.Join(", ", recipe.TargetDims)}])"
        : !tensor.Dims.SequenceEqual(recipe.TargetDims) ? $"is [{string.Join(", ", tensor.Dims)}] (wanted [{string.Join(", ", recipe.TargetDims)}])"
        : !ElementTypes.IsGrowable((ElementType)tensor.DataType) ? $"holds {(ElementType)tensor.DataType}"
        : null;

    private static Dictionary<string, TensorProto> TensorsOf(GraphProto graph)
    {
        var tensors = new Dictionary<string, TensorProto>(StringComparer.Ordinal);
        foreach (NodeProto node in graph.Node)
        {
            if (node.OpType == "Constant" && node.Output.Count == 1 && node.Attribute.FirstOrDefault(a => a.Name == "value")?.T is { } tensor)
            {
                tensors[node.Output[0]] = tensor;
            }
        }

        foreach (TensorProto tensor in graph.Initializer)
        {
            tensors[tensor.Name] = tensor;
        }

        return tensors;
    }
}
