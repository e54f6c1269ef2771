using System.Collections.Immutable;
using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Analysis.Axes;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Growth.Widening;

namespace OnnxGrow.Explain;

/// <summary>Explains what a plan does to single tensors.</summary>
public sealed class PlanExplainer : IDisposable
{
    private readonly ModelMap _map;
    private readonly GrownModel _grown;
    private ModelMap? _grownMap;

    /// <summary>Follows a plan; nothing is computed and nothing is written.</summary>
    /// <exception cref="CannotGrowException">The model cannot be grown so; see <see cref="RefusalExplainer"/>.</exception>
    public PlanExplainer(ModelMap map, GrowthPlan plan)
    {
        _map = map;
        _grown = Grower.Grow(map, plan);
    }

    /// <summary>What the tensor itself is: in the source, or where the plan adds it, in the grown model.</summary>
    /// <exception cref="BadInputException">There is none of this name in either.</exception>
    public TensorExplanation Tensor(string name)
    {
        if (_map.Graph.Find(name) is not null)
        {
            return new TensorExplainer(_map).Explain(name);
        }

        _grownMap ??= ModelMap.Of(_grown.Model);
        return _grownMap.Graph.Find(name) is not null
            ? new TensorExplainer(_grownMap).Explain(name) with { IsAdded = true }
            : throw TensorExplainer.Unknown(name, _map, _grownMap);
    }

    /// <summary>What the plan does to the tensor.</summary>
    public GrowthExplanation Growth(string name)
    {
        GrownWeight[] own = [.. _grown.Weights.Where(w => w.Name == name)];
        GrownWeight[] made = [.. _grown.Weights.Where(w => w.SourceName == name && w.Name != name)];
        GrownWeight[] shown = own.Length > 0 ? own : made;
        return new GrowthExplanation
        {
            Plan = _grown.Plan,
            Changes = [.. ChangesOf(_map, _grown.Plan)],
            Exactness = _grown.Exactness,
            Weights = [.. shown.Select(w => WeightGrowthReader.Read(w, _grown))],
            Carried = shown.Length == 0 && _map.Graph.Find(name) is { Tensor: null, Axes: not null } value ? CarriedOf(value) : null,
            AlsoSourceOf = own.Length > 0 ? [.. made.Select(w => w.Name)] : [],
        };
    }

    /// <summary>How every tensor of a grown model that is not the source's own is made.</summary>
    public static ImmutableArray<WeightGrowth> WeightsOf(GrownModel grown) => [.. grown.Weights.Select(w => WeightGrowthReader.Read(w, grown))];

    /// <summary>A plan's changes: "hidden 48 -> 96", "layers 3 -> 6 (new ones behind 0, 1, 2)".</summary>
    public static IEnumerable<string> ChangesOf(ModelMap map, GrowthPlan plan)
    {
        var sizes = plan.Dimensions.Select(p => (Dimension: map.Find(p.Key), Target: p.Value))
            .Where(p => p.Dimension is { } d && d.Extent != p.Target)
            .GroupBy(p => (p.Dimension!.Role, p.Dimension.Extent, p.Target));
        foreach (var alike in sizes)
        {
            Dimension first = alike.First().Dimension!;
            string name = alike.Count() == 1 ? first.Name : $"{first.Name} .. {alike.Last().Dimension!.Name}";
            yield return string.Create(CultureInfo.InvariantCulture, $"{name} {alike.Key.Extent} -> {alike.Key.Target}");
        }

        if (plan.Layers.Length > 0)
        {
            string behind = string.Join(", ", plan.Layers.Select(l => l.After.ToString(CultureInfo.InvariantCulture)));
            yield return string.Create(CultureInfo.InvariantCulture, $"layers {map.Layers.Count} -> {map.Layers.Count + plan.Layers.Length} (new ones behind {behind})");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _grown.Dispose();

    private CarriedValue? CarriedOf(Value value)
    {
        var targets = new TargetSizes(_map, _grown.Plan);
        if (value.Axes!.All(a => !targets.Grows(a)))
        {
            return null;
        }

        var solver = ExpansionSolver.Solve(_map.Carriers, targets, new GrowthSettings(_grown.Method, _grown.Plan.Seed, _grown.Plan.NoiseDb));
        var axes = ImmutableArray.CreateBuilder<AxisGrowth>();
        double scale = 1;
        for (int i = 0; i < value.Axes!.Length; i++)
        {
            Axis axis = value.Axes[i];
            if (!targets.Grows(axis))
            {
                continue;
            }

            // What is computed from constants, or has axes of dynamic extents mixed in, has a size but no expansion to show.
            AxisExpansion? expansion = null;
            if (!value.IsStatic && axis.Extent is not null && axis.Atoms().All(a => !targets.Grows(a.Size) || solver.Plans.ContainsKey(_map.Carriers.Of(a))))
            {
                expansion = new WeightShapes(_map.Carriers, solver, targets).ExpansionsOf(value)[i];
            }

            scale *= expansion?.Scale ?? 1;
            axes.Add(new AxisGrowth(i, axis.Extent, targets.Of(axis), "Activation",
                expansion is null ? "grows" : ExpansionText.Words(AxisRole.Writer, expansion),
                expansion is null ? "" : ExpansionText.Map(AxisRole.Writer, expansion)));
        }

        return new CarriedValue(axes.ToImmutable(), scale);
    }
}
