using System.Collections.Immutable;
using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Compare;

/// <summary>Matches the tensors of two models: by the plan that one was grown by, else by their names.</summary>
internal sealed record TensorTable(ImmutableArray<TensorDifference> Differences, int Same, int OtherConstants)
{
    public static TensorTable Of(ModelMap a, ModelMap b, GrowthPlan? plan)
    {
        Dictionary<string, TensorProto> left = TensorsOf(a);
        Dictionary<string, TensorProto> right = TensorsOf(b);
        Dictionary<string, (string Source, Exactness Exactness, ImmutableArray<string> Rules)> made = Made(a, plan);
        var differences = new List<TensorDifference>();
        int same = 0;
        int others = 0;
        foreach ((string name, TensorProto tensor) in right)
        {
            string from = made.TryGetValue(name, out var how) && !left.ContainsKey(name) ? how.Source : name;
            TensorProto? before = left.GetValueOrDefault(from);
            TensorChange? change = before is null || from != name ? TensorChange.Added : ChangeOf(before, a.Graph.Model, tensor, b.Graph.Model);
            if (change is null)
            {
                same += IsWeight(tensor) ? 1 : 0;
                continue;
            }

            if (!IsWeight(tensor))
            {
                others++;
                continue;
            }

            differences.Add(new TensorDifference
            {
                Change = change.Value,
                NameA = before is null ? null : from,
                NameB = name,
                ShapeA = before is null ? null : TypeText.Of(before),
                ShapeB = TypeText.Of(tensor),
                Exactness = how.Source is null ? null : how.Exactness,
                Rules = how.Source is null ? [] : how.Rules,
            });
        }

        foreach ((string name, TensorProto tensor) in left.Where(t => !right.ContainsKey(t.Key)))
        {
            if (IsWeight(tensor))
            {
                differences.Add(new TensorDifference { Change = TensorChange.Removed, NameA = name, ShapeA = TypeText.Of(tensor) });
            }
            else
            {
                others++;
            }
        }

        return new TensorTable([.. differences], same, others);
    }

    /// <summary>What the plan makes of the source, by the name of the result; nothing where it cannot be followed any more.</summary>
    private static Dictionary<string, (string Source, Exactness Exactness, ImmutableArray<string> Rules)> Made(ModelMap source, GrowthPlan? plan)
    {
        var made = new Dictionary<string, (string, Exactness, ImmutableArray<string>)>(StringComparer.Ordinal);
        if (plan is null)
        {
            return made;
        }

        try
        {
            using GrownModel grown = Grower.Grow(source, plan);
            foreach (GrownWeight weight in grown.Weights)
            {
                string from = source.Graph.Find(weight.SourceName)?.InitializerName ?? weight.SourceName;
                made[weight.Name] = (from, weight.Recipe is null ? Exactness.Lossy : RecipeExactness.Of(weight.Recipe), weight.Recipe?.Rules ?? []);
            }
        }
        catch (OnnxGrowException)
        {
            // Another version's plan, or an initialisation that is not at hand: names have to do.
        }

        return made;
    }

    private static Dictionary<string, TensorProto> TensorsOf(ModelMap map)
    {
        var tensors = new Dictionary<string, TensorProto>(StringComparer.Ordinal);
        foreach (Value value in map.Graph.Values.Where(v => v.Tensor is not null))
        {
            tensors.TryAdd(value.InitializerName, value.Tensor!);
        }

        return tensors;
    }

    // Single numbers are no weights: they are scales, epsilons and the like.
    private static bool IsWeight(TensorProto tensor) => ElementTypes.IsGrowable((ElementType)tensor.DataType) && Tensors.CountOf(tensor) > 1;

    private static TensorChange? ChangeOf(TensorProto a, OnnxModel ofA, TensorProto b, OnnxModel ofB) =>
        TensorContents.AreSame(a, ofA, b, ofB) ? null
        : a.DataType != b.DataType || !a.Dims.Equals(b.Dims) ? TensorChange.Reshaped
        : TensorChange.Revalued;
}
