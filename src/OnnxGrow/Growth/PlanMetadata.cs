using Onnx;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Shrinking;

namespace OnnxGrow.Growth;

/// <summary>What a grown model says of itself, in the model's own metadata.</summary>
public static class PlanMetadata
{
    /// <summary>Key of the tool's name and version.</summary>
    public const string ToolKey = "onnxgrow.tool";

    /// <summary>Key of the plan, as JSON.</summary>
    public const string PlanKey = "onnxgrow.plan";

    /// <summary>Key of the source file's SHA-256.</summary>
    public const string SourceKey = "onnxgrow.source_sha256";

    /// <summary>Key of the source without its weights, from which a grown model can be shrunk.</summary>
    public const string SourceGraphKey = "onnxgrow.source_graph";

    /// <summary>Key of the verdict.</summary>
    public const string VerdictKey = "onnxgrow.verdict";

    /// <summary>Writes tool, plan and source hash into a model; the verdict is added by <see cref="SetVerdict"/>.</summary>
    public static void Write(ModelProto model, GrowthPlan plan)
    {
        Set(model, ToolKey, "OnnxGrow " + Grower.Version);
        Set(model, PlanKey, PlanFile.ToJson(plan));
        if (plan.SourceSha256 is { } hash)
        {
            Set(model, SourceKey, hash);
        }

        // A source that was grown itself has another one.
        Remove(model, SourceGraphKey);
    }

    /// <summary>Writes the source's graph into a grown model, so that it can be shrunk; not for lossy methods.</summary>
    /// <remarks>It reads the source once, for checksums. A graph that is too large for a reader's limits is left out.</remarks>
    public static void SetSourceGraph(GrownModel grown)
    {
        if (grown.Method.IsLossless && SkeletonWriter.Write(grown) is { } skeleton)
        {
            Set(grown.Model.Proto, SourceGraphKey, SkeletonText.Encode(skeleton));
        }
    }

    /// <summary>Writes what was proved of the model.</summary>
    public static void SetVerdict(ModelProto model, string verdict) => Set(model, VerdictKey, verdict);

    /// <summary>The plan that a model was grown by; null where it says none.</summary>
    /// <exception cref="BadInputException">There is a plan, but it cannot be read.</exception>
    public static GrowthPlan? Read(ModelProto model) =>
        model.MetadataProps.FirstOrDefault(p => p.Key == PlanKey) is { } entry
            ? PlanFile.Parse(entry.Value, "the model's metadata")
            : null;

    private static void Remove(ModelProto model, string key)
    {
        for (int i = model.MetadataProps.Count - 1; i >= 0; i--)
        {
            if (model.MetadataProps[i].Key == key)
            {
                model.MetadataProps.RemoveAt(i);
            }
        }
    }

    /// <summary>Writes an entry of the metadata, over one of its key.</summary>
    internal static void Set(ModelProto model, string key, string value)
    {
        StringStringEntryProto? entry = model.MetadataProps.FirstOrDefault(p => p.Key == key);
        if (entry is null)
        {
            model.MetadataProps.Add(entry = new StringStringEntryProto { Key = key });
        }

        entry.Value = value;
    }
}
