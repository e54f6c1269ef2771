using System.Text.Json.Nodes;
using OnnxGrow.Explain;
using OnnxGrow.Growth.Plans;

namespace OnnxGrow.Cli.Output;

/// <summary>The same for a machine.</summary>
internal static class ExplainJson
{
    public static JsonObject Of(string model, TensorExplanation? tensor, GrowthExplanation? growth, RefusalExplanation? refusal) => new()
    {
        ["schema"] = "onnxgrow.explain/1",
        ["model"] = model,
        ["tensor"] = tensor is null ? null : Of(tensor),
        ["growth"] = growth is null ? null : Of(growth),
        ["refusal"] = refusal is null ? null : Of(refusal),
    };

    private static JsonObject Of(TensorExplanation tensor) => new()
    {
        ["name"] = tensor.Value.Name,
        ["kind"] = tensor.Kind,
        ["added"] = tensor.IsAdded,
        ["type"] = tensor.Type?.ToString(),
        ["shape"] = tensor.Shape,
        ["made_by"] = tensor.Value.Producer?.Name,
        ["used_by"] = Names(tensor.Value.Consumers.Select(u => u.Node.Name).Distinct(StringComparer.Ordinal)),
        ["other_uses"] = Names(tensor.OtherUses),
        ["axes"] = Array(tensor.Axes.Select(a => new JsonObject
        {
            ["axis"] = a.Axis,
            ["extent"] = a.Extent,
            ["text"] = a.Text,
            ["ties"] = Array(a.Ties.Select(t => new JsonObject
            {
                ["dimension"] = t.Dimension.Name,
                ["landmark"] = t.Landmark,
                ["is_landmark"] = t.IsLandmark,
                ["chain"] = t.Chain is null ? null : Of(t.Chain),
            })),
        })),
        ["dimensions"] = Array(tensor.Dimensions.Select(d => new JsonObject
        {
            ["name"] = d.Dimension.Name,
            ["role"] = d.Dimension.Role.ToString(),
            ["size"] = d.Dimension.Extent,
            ["can_grow"] = d.Growth.CanGrow,
            ["growth"] = d.Growth.Text,
            ["needs"] = Array(d.Needs.Select(n => new JsonObject { ["what"] = n.What, ["why"] = n.Why, ["node"] = n.Node.Name, ["nodes"] = n.Nodes })),
            ["refusals"] = Array(d.Refusals.Select(r => new JsonObject { ["why"] = r.Why, ["node"] = r.Node?.Name })),
        })),
    };

    private static JsonObject Of(GrowthExplanation growth) => new()
    {
        ["plan"] = JsonNode.Parse(PlanFile.ToJson(growth.Plan)),
        ["changes"] = Names(growth.Changes),
        ["class"] = growth.Exactness.ToString(),
        ["weights"] = Array(growth.Weights.Select(w => new JsonObject
        {
            ["name"] = w.Name,
            ["source"] = w.Source,
            ["origin"] = w.Origin,
            ["before"] = new JsonArray([.. w.SourceDims.Select(d => JsonValue.Create(d))]),
            ["after"] = new JsonArray([.. w.TargetDims.Select(d => JsonValue.Create(d))]),
            ["class"] = w.Exactness.ToString(),
            ["axes"] = Array(w.Axes.Select(Of)),
            ["coefficient"] = w.Coefficient,
            ["values"] = w.Values,
            ["seed"] = w.Seed,
            ["streams"] = Names(w.Streams),
            ["rules"] = Array(w.Rules.Select(r => new JsonObject { ["number"] = r.Number, ["name"] = r.Name, ["formula"] = r.Formula })),
        })),
        ["carried"] = growth.Carried is null ? null : new JsonObject { ["axes"] = Array(growth.Carried.Axes.Select(Of)), ["scale"] = growth.Carried.Scale },
        ["also_source_of"] = Names(growth.AlsoSourceOf),
    };

    private static JsonObject Of(AxisGrowth axis) => new()
    {
        ["axis"] = axis.Axis,
        ["before"] = axis.Source,
        ["after"] = axis.Target,
        ["role"] = axis.Role,
        ["words"] = axis.Words,
        ["map"] = axis.Map,
    };

    private static JsonObject Of(RefusalExplanation refusal) => new()
    {
        ["message"] = refusal.Message,
        ["causes"] = Array(refusal.Causes.Select(c => new JsonObject
        {
            ["dimension"] = c.Dimension.Name,
            ["node"] = c.Node?.Name,
            ["operator"] = c.Node?.Operator,
            ["value"] = c.Value?.Name,
            ["axis"] = c.Axis < 0 ? null : c.Axis,
            ["why"] = c.Why,
            ["help"] = c.Help,
            ["starts_at_tensor"] = c.StartsAtTensor,
            ["chain"] = c.Chain is null ? null : Of(c.Chain),
        })),
    };

    private static JsonArray Of(TieChain chain) => new(
    [
        new JsonObject { ["value"] = chain.From.Name, ["axis"] = chain.FromAxis },
        .. chain.Steps.Select(s => new JsonObject
        {
            ["value"] = s.To.Name,
            ["axis"] = s.ToAxis,
            ["node"] = s.Node.Name,
            ["operator"] = s.Node.Operator,
            ["how"] = s.How,
        }),
    ]);

    private static JsonArray Names(IEnumerable<string> names) => new([.. names.Select(n => JsonValue.Create(n))]);

    private static JsonArray Array(IEnumerable<JsonObject> objects) => new([.. objects]);
}
