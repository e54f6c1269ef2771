using System.Globalization;
using System.Text.Json.Nodes;
using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Jobs;
using Spectre.Console;

namespace OnnxGrow.Cli.Output;

/// <summary>A plan for a person and for a machine.</summary>
internal static class PlanView
{
    public static void Headline(GrowthJob job, GrownModel grown)
    {
        (long before, long after) = (job.Map.ParameterCount(), Parameters(grown));
        string sizes = string.Join(", ", Changes(job.Map, grown.Plan));
        Terminal.Line($"{OnnxGrow.Text.Name(job.SourcePath)}: {ModelSummary.Of(job.Map).Family}");
        Terminal.Line($"  {sizes}");
        Terminal.Line($"  method {grown.Method.Name}, seed {grown.Plan.Seed.ToString(CultureInfo.InvariantCulture)}, class {Growability.Name(grown.Exactness)}");
        Terminal.Line($"  parameters {OnnxGrow.Text.Number(before)} -> {OnnxGrow.Text.Number(after)}, file {OnnxGrow.Text.Bytes(job.Model.InlineSize())} -> {OnnxGrow.Text.Bytes(grown.Model.InlineSize())}");
    }

    public static void Tensors(GrownModel grown)
    {
        Table table = Terminal.Table("tensor", "before", "after", ">bytes", "class", "rules");
        foreach (GrownWeight weight in grown.Weights)
        {
            TensorProto tensor = weight.Tensor;
            string before = weight.Recipe is { } r ? Dims(r.SourceDims) : "-";
            string copy = weight.SourceName == weight.Name || grown.Source.Graph.Find(weight.SourceName) is null ? "" : $" (from {OnnxGrow.Text.Name(weight.SourceName)})";
            table.Row(
                OnnxGrow.Text.Name(weight.Name) + copy, before, Dims(tensor.Dims),
                OnnxGrow.Text.Number(ElementTypes.ByteLength((ElementType)tensor.DataType, OnnxGrow.Onnx.Tensors.CountOf(tensor))),
                weight.Recipe is { } recipe ? Growability.Letter(RecipeExactness.Of(recipe)) : "L",
                weight.Recipe is null ? "-" : string.Join(' ', weight.Recipe.Rules));
        }

        Terminal.Write(table);
        Terminal.Line("Classes: B0 bit-exact, B1 exact weights, R rounded once, L lossy. Rules: see docs/growth-math.md.");
        Terminal.Line("Every other tensor is the source's own. Nothing was written.");
    }

    public static JsonObject ToJson(GrowthJob job, GrownModel grown) => new()
    {
        ["schema"] = "onnxgrow.grow/1",
        ["source"] = job.SourcePath,
        ["plan"] = JsonNode.Parse(PlanFile.ToJson(grown.Plan)),
        ["class"] = grown.Exactness.ToString(),
        ["parameters_before"] = job.Map.ParameterCount(),
        ["parameters_after"] = Parameters(grown),
        ["bytes_before"] = job.Model.InlineSize(),
        ["bytes_after"] = grown.Model.InlineSize(),
        ["tensors"] = new JsonArray([.. grown.Weights.Select(w => new JsonObject
        {
            ["name"] = w.Name,
            ["source"] = w.SourceName,
            ["before"] = w.Recipe is null ? null : new JsonArray([.. w.Recipe.SourceDims.Select(d => JsonValue.Create(d))]),
            ["after"] = new JsonArray([.. w.Tensor.Dims.Select(d => JsonValue.Create(d))]),
            ["class"] = w.Recipe is null ? "Lossy" : RecipeExactness.Of(w.Recipe).ToString(),
            ["rules"] = w.Recipe is null ? null : new JsonArray([.. w.Recipe.Rules.Select(r => JsonValue.Create(r))]),
        })]),
    };

    private static IEnumerable<string> Changes(ModelMap map, GrowthPlan plan)
    {
        var groups = plan.Dimensions.Select(p => (map.Find(p.Key)!, p.Value)).Where(p => p.Item1.Extent != p.Value)
            .GroupBy(p => (p.Item1.Role, p.Item1.Extent, p.Value));
        foreach (var group in groups)
        {
            string name = group.Count() == 1 ? group.First().Item1.Name : group.First().Item1.Name.Split('.')[0];
            yield return string.Create(CultureInfo.InvariantCulture, $"{name} {group.Key.Extent} -> {group.Key.Value}");
        }

        if (plan.Layers.Length > 0)
        {
            int count = map.Layers.Count;
            yield return string.Create(CultureInfo.InvariantCulture, $"layers {count} -> {count + plan.Layers.Length} (new ones after {string.Join(", ", plan.Layers.Select(l => l.After))})");
        }
    }

    private static long Parameters(GrownModel grown)
    {
        var inner = new Graph(grown.Model);
        return inner.Values.Where(v => v.Tensor is { } t && ElementTypes.IsGrowable((ElementType)t.DataType))
            .GroupBy(v => v.InitializerName).Select(g => OnnxGrow.Onnx.Tensors.CountOf(g.First().Tensor!)).Where(c => c > 1).Sum();
    }

    private static string Dims(IEnumerable<long> dims) => "[" + string.Join(", ", dims.Select(d => d.ToString(CultureInfo.InvariantCulture))) + "]";
}
