using System.Collections.Immutable;
using OnnxGrow.Analysis.Layers;
using OnnxGrow.Analysis.Norms;
using OnnxGrow.Onnx;

namespace OnnxGrow.Analysis;

/// <summary>A model in a few words and numbers.</summary>
public sealed record ModelSummary
{
    /// <summary>What kind of transformer it is: "decoder (causal) on token ids".</summary>
    public required string Family { get; init; }

    /// <summary>Norm and placement: "Pre-LayerNorm".</summary>
    public required string NormPlacement { get; init; }

    /// <summary>Whether a token table is also the output layer's weight.</summary>
    public required bool TiedHead { get; init; }

    /// <summary>Elements of all weights.</summary>
    public required long Parameters { get; init; }

    /// <summary>Elements by part: "embeddings", "layer 0", ..., "head".</summary>
    public required ImmutableArray<(string Part, long Parameters)> Parts { get; init; }

    /// <summary>Summarises a model.</summary>
    public static ModelSummary Of(ModelMap map) => new()
    {
        Family = ModelFamily.Of(map),
        NormPlacement = PlacementOf(map),
        TiedHead = IsTied(map),
        Parameters = map.ParameterCount(),
        Parts = PartsOf(map),
    };

    private static string PlacementOf(ModelMap map)
    {
        if (map.Norms.Count == 0)
        {
            return "no norms";
        }

        var inLayers = map.Layers.SelectMany(l => l.Nodes).ToHashSet();
        var norms = map.Norms.Zip(map.Placements).ToArray();
        var counted = norms.Where(n => inLayers.Contains(n.First.Last) && n.Second != Analysis.NormPlacement.Inner).ToArray();
        counted = counted.Length > 0 ? counted : norms;
        string kind = counted[0].First.Kind == NormKind.LayerNorm ? "LayerNorm" : "RMSNorm";
        var kinds = counted.Select(n => n.Second).Distinct().Order().ToArray();
        string placement = kinds switch
        {
            [Analysis.NormPlacement.Pre] => "Pre-",
            [Analysis.NormPlacement.Post] => "Post-",
            [Analysis.NormPlacement.ResPost] => "Res-Post-",
            [Analysis.NormPlacement.Pre, Analysis.NormPlacement.ResPost] => "sandwich ",
            [Analysis.NormPlacement.Inner] => "inner ",
            _ => "mixed ",
        };
        return placement + kind;
    }

    private static bool IsTied(ModelMap map) => map.Flow.Lookups
        .Select(l => l.Node.Input(0)!)
        .Any(table => table.IsStatic && Uses(table).Any(n => n.Operator is "MatMul" or "Gemm"));

    /// <summary>The nodes that use a value as it is or behind operators that hand it on.</summary>
    private static List<Node> Uses(Value value)
    {
        var found = new List<Node>();
        var work = new Stack<Value>([value]);
        while (work.TryPop(out Value? v))
        {
            foreach (Value.Use use in v.Consumers)
            {
                if (use.Node.Operator is "Transpose" or "Identity" or "Cast" && use.Node.Output(0) is { } output)
                {
                    work.Push(output);
                }
                else
                {
                    found.Add(use.Node);
                }
            }
        }

        return found;
    }

    private static ImmutableArray<(string Part, long Parameters)> PartsOf(ModelMap map)
    {
        var layerOf = new Dictionary<Node, int>();
        foreach (Layer layer in map.Layers)
        {
            foreach (Node node in layer.Nodes)
            {
                layerOf[node] = layer.Index;
            }
        }

        int first = map.Layers.Count > 0 ? map.Layers[0].Nodes[0].Index : int.MaxValue;
        var totals = new SortedDictionary<int, long>();
        foreach (IGrouping<string, Value> weight in map.Weights().GroupBy(w => w.InitializerName, StringComparer.Ordinal))
        {
            long count = Tensors.CountOf(weight.First().Tensor!);
            Node[] users = [.. weight.SelectMany(Uses)];
            if (count <= 1 || users.Length == 0)
            {
                continue;
            }

            int[] layers = [.. users.Select(u => layerOf.GetValueOrDefault(u, -1)).Distinct()];
            int part = layers is [>= 0 and var only] ? only : users.Min(u => u.Index) < first && map.Layers.Count > 0 ? -1 : int.MaxValue;
            totals[part] = totals.GetValueOrDefault(part) + count;
        }

        return [.. totals.Select(t => (t.Key == -1 ? "embeddings" : t.Key == int.MaxValue ? map.Layers.Count > 0 ? "head" : "all" : FormattableString.Invariant($"layer {t.Key}"), t.Value))];
    }
}
