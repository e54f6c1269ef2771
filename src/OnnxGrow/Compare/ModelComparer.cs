using System.Collections.Immutable;
using System.Globalization;
using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Onnx;

namespace OnnxGrow.Compare;

/// <summary>Compares two models by what their files say.</summary>
public static class ModelComparer
{
    /// <summary>Compares two models.</summary>
    /// <exception cref="BadInputException">The data of a tensor cannot be read.</exception>
    public static ModelComparison Compare(ModelMap a, ModelMap b)
    {
        string? hashA = HashOf(a);
        string? hashB = HashOf(b);
        Lineage? lineage = LineageReader.Read(a, hashA, b, hashB);
        TensorTable tensors = TensorTable.Of(a, b, lineage is { OfB: true, OtherIsSource: true } ? lineage.Plan : null);
        return new ModelComparison
        {
            HashA = hashA,
            HashB = hashB,
            IsSame = (hashA is not null && hashA == hashB) || (tensors is { Differences.IsEmpty: true, OtherConstants: 0 } && ModelContents.AreSame(a.Model, b.Model)),
            Lineage = lineage,
            Facts = FactsOf(a, b),
            Dimensions = DimensionsOf(a, b),
            Interface = [.. InterfaceOf(a.Graph.Inputs, b.Graph.Inputs, true), .. InterfaceOf(a.Graph.Outputs, b.Graph.Outputs, false)],
            Norms = NormsOf(a, b),
            Operators = OperatorsOf(a, b),
            Tensors = tensors.Differences,
            SameTensors = tensors.Same,
            OtherConstants = tensors.OtherConstants,
        };
    }

    private static string? HashOf(ModelMap map) => map.Model.SourcePath is { } path ? ContentHash.Sha256OfFile(path) : null;

    private static ImmutableArray<Fact> FactsOf(ModelMap a, ModelMap b)
    {
        ModelSummary x = ModelSummary.Of(a);
        ModelSummary y = ModelSummary.Of(b);
        var facts = new List<Fact>
        {
            new("kind", x.Family, y.Family),
            new("norms", x.NormPlacement, y.NormPlacement),
            new("output layer", Head(x), Head(y)),
            new("layers", Number(a.Layers.Count), Number(b.Layers.Count)),
            new("parameters", Text.Number(x.Parameters), Text.Number(y.Parameters)),
            new("nodes", Number(a.Model.Proto.Graph.Node.Count), Number(b.Model.Proto.Graph.Node.Count)),
        };
        Dictionary<string, long> opsets = a.Model.Proto.OpsetImport.Concat(b.Model.Proto.OpsetImport).Select(DomainOf).Distinct(StringComparer.Ordinal)
            .ToDictionary(d => d, _ => 0L, StringComparer.Ordinal);
        facts.AddRange(opsets.Keys.Order(StringComparer.Ordinal).Select(d => new Fact(
            d.Length == 0 ? "opset" : "opset of " + Text.Name(d), OpsetOf(a.Model.Proto, d), OpsetOf(b.Model.Proto, d))));
        return [.. facts];
    }

    private static string Head(ModelSummary summary) => summary.TiedHead ? "output layer tied to the token table" : "output layer not tied";

    private static string DomainOf(OperatorSetIdProto import) => import.Domain is "ai.onnx" ? "" : import.Domain;

    private static string OpsetOf(ModelProto model, string domain) =>
        model.OpsetImport.LastOrDefault(i => DomainOf(i) == domain) is { } import ? Number(import.Version) : "none";

    private static ImmutableArray<DimensionDifference> DimensionsOf(ModelMap a, ModelMap b) =>
    [
        .. a.Dimensions.Select(d => new DimensionDifference(d.Name, d.Role, d.Extent, b.Find(d.Name)?.Extent)),
        .. b.Dimensions.Where(d => a.Find(d.Name) is null).Select(d => new DimensionDifference(d.Name, d.Role, null, d.Extent)),
    ];

    private static IEnumerable<InterfaceDifference> InterfaceOf(List<Value> a, List<Value> b, bool isInput)
    {
        foreach (string name in a.Concat(b).Select(v => v.Name).Distinct(StringComparer.Ordinal))
        {
            string? x = a.Find(v => v.Name == name) is { } own ? TypeText.Of(own.Info) : null;
            string? y = b.Find(v => v.Name == name) is { } other ? TypeText.Of(other.Info) : null;
            if (x != y)
            {
                yield return new InterfaceDifference(name, isInput, x, y);
            }
        }
    }

    private static ImmutableArray<NormDifference> NormsOf(ModelMap a, ModelMap b)
    {
        var x = a.Norms.Zip(a.Placements).CountBy(n => (n.First.Kind, n.Second)).ToDictionary();
        var y = b.Norms.Zip(b.Placements).CountBy(n => (n.First.Kind, n.Second)).ToDictionary();
        return [.. x.Keys.Union(y.Keys).Order().Select(k => new NormDifference(k.Kind, k.Second, x.GetValueOrDefault(k), y.GetValueOrDefault(k)))];
    }

    private static ImmutableArray<OperatorDifference> OperatorsOf(ModelMap a, ModelMap b)
    {
        Dictionary<string, int> x = a.Model.Proto.Graph.Node.CountBy(OperatorOf, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        Dictionary<string, int> y = b.Model.Proto.Graph.Node.CountBy(OperatorOf, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        return [.. x.Keys.Union(y.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(o => new OperatorDifference(o, x.GetValueOrDefault(o), y.GetValueOrDefault(o))).Where(o => o.A != o.B)];
    }

    private static string OperatorOf(NodeProto node) => node.Domain is "" or "ai.onnx" ? node.OpType : node.Domain + "." + node.OpType;

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
