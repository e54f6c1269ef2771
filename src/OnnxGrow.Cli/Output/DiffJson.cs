using System.Text.Json.Nodes;
using OnnxGrow.Compare;
using OnnxGrow.Growth.Plans;

namespace OnnxGrow.Cli.Output;

/// <summary>The same for a machine.</summary>
internal static class DiffJson
{
    public static JsonObject Of(string pathA, string pathB, ModelComparison diff) => new()
    {
        ["schema"] = "onnxgrow.diff/1",
        ["a"] = new JsonObject { ["model"] = pathA, ["sha256"] = diff.HashA },
        ["b"] = new JsonObject { ["model"] = pathB, ["sha256"] = diff.HashB },
        ["same"] = diff.IsSame,
        ["same_file"] = diff.SameFile,
        ["lineage"] = diff.Lineage is { } lineage ? Of(lineage) : null,
        ["facts"] = Array(diff.Facts.Select(f => new JsonObject { ["name"] = f.Name, ["a"] = f.A, ["b"] = f.B })),
        ["dimensions"] = Array(diff.Dimensions.Select(d => new JsonObject { ["name"] = d.Name, ["role"] = d.Role.ToString(), ["a"] = d.A, ["b"] = d.B })),
        ["interface"] = Array(diff.Interface.Select(i => new JsonObject { ["name"] = i.Name, ["input"] = i.IsInput, ["a"] = i.A, ["b"] = i.B })),
        ["norms"] = Array(diff.Norms.Select(n => new JsonObject { ["kind"] = n.Kind.ToString(), ["placement"] = n.Placement.ToString(), ["a"] = n.A, ["b"] = n.B })),
        ["operators"] = Array(diff.Operators.Select(o => new JsonObject { ["operator"] = o.Operator, ["a"] = o.A, ["b"] = o.B })),
        ["weights"] = Array(diff.Tensors.Select(t => new JsonObject
        {
            ["change"] = t.Change.ToString(),
            ["a"] = t.NameA,
            ["b"] = t.NameB,
            ["shape_a"] = t.ShapeA,
            ["shape_b"] = t.ShapeB,
            ["class"] = t.Exactness?.ToString(),
            ["rules"] = new JsonArray([.. t.Rules.Select(r => JsonValue.Create(r))]),
        })),
        ["same_weights"] = diff.SameTensors,
        ["other_constants"] = diff.OtherConstants,
    };

    private static JsonObject Of(Lineage lineage) => new()
    {
        ["grown"] = lineage.OfB ? "b" : "a",
        ["other_is_source"] = lineage.OtherIsSource,
        ["source_sha256"] = lineage.SourceSha256,
        ["tool"] = lineage.Tool,
        ["plan"] = lineage.Plan is { } plan ? JsonNode.Parse(PlanFile.ToJson(plan)) : null,
        ["plan_fault"] = lineage.PlanFault,
        ["changes"] = new JsonArray([.. lineage.Changes.Select(c => JsonValue.Create(c))]),
        ["verdict"] = lineage.Verdict,
    };

    private static JsonArray Array(IEnumerable<JsonObject> objects) => new([.. objects]);
}
