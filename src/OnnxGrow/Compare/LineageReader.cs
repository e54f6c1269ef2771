using OnnxGrow.Analysis;
using OnnxGrow.Explain;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;

namespace OnnxGrow.Compare;

/// <summary>Reads from two models which was grown from which.</summary>
internal static class LineageReader
{
    /// <summary>The lineage of the second; that of the first where only it has one, or only it was grown from the other.</summary>
    public static Lineage? Read(ModelMap a, string? hashA, ModelMap b, string? hashB)
    {
        Lineage? ofB = Of(b, a, hashA, true);
        Lineage? ofA = Of(a, b, hashB, false);
        return ofA is { OtherIsSource: true } && ofB is not { OtherIsSource: true } ? ofA : ofB ?? ofA;
    }

    private static Lineage? Of(ModelMap grown, ModelMap other, string? otherHash, bool ofB)
    {
        string? Entry(string key) => grown.Model.Proto.MetadataProps.FirstOrDefault(p => p.Key == key)?.Value;
        if (Entry(PlanMetadata.PlanKey) is null)
        {
            return null;
        }

        GrowthPlan? plan = null;
        string? fault = null;
        try
        {
            plan = PlanMetadata.Read(grown.Model.Proto);
        }
        catch (BadInputException e)
        {
            // Metadata is anyone's to write; the models are compared all the same.
            fault = e.Message;
        }

        string? source = Entry(PlanMetadata.SourceKey) ?? plan?.SourceSha256;
        bool? isSource = source is null || otherHash is null ? null : source == otherHash;
        return new Lineage
        {
            OfB = ofB,
            Tool = Entry(PlanMetadata.ToolKey),
            Plan = plan,
            PlanFault = fault,
            Changes = plan is not null && isSource == true ? [.. PlanExplainer.ChangesOf(other, plan)] : [],
            SourceSha256 = source,
            Verdict = Entry(PlanMetadata.VerdictKey),
            OtherIsSource = isSource,
        };
    }
}
