using System.Reflection;
using OnnxGrow.Analysis;
using OnnxGrow.Growth.Deepening;
using OnnxGrow.Growth.Methods;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Widening;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth;

/// <summary>Rewrites a source model by a plan. Nothing is computed before the result is read or saved.</summary>
public static class Grower
{
    /// <summary>Version of this compiler, as metadata and reports say it.</summary>
    public static string Version { get; } =
        typeof(Grower).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>How exact a growth in width is, by a lossless method; the grown model itself is not made.</summary>
    /// <exception cref="CannotGrowException">The model cannot be grown so.</exception>
    internal static Exactness Try(ModelMap map, GrowthPlan plan)
    {
        KnownForm.Check(map.Model.Proto);
        GrowthMethod method = GrowthMethod.Find(plan.Method);
        MethodOptions.Check(method, plan);
        method.Check(map, plan);
        var targets = new TargetSizes(map, plan);
        var editor = new GraphEditor(map.Graph);
        using OnnxModel draft = editor.Target;
        var settings = new GrowthSettings(method, plan.Seed, plan.NoiseDb);
        var widener = new Widener(map, targets, editor, new NormEditor(editor, settings), settings);
        widener.Run();
        widener.Interface();
        return GrownModel.ExactnessOf(method, editor.ExactAttributes, editor.Weights.Values);
    }

    /// <summary>Grows a model.</summary>
    /// <param name="map">The source, analysed; its model must stay open as long as the result is used.</param>
    /// <param name="plan">What to grow.</param>
    /// <param name="cancellation">Stops it; nothing is left behind.</param>
    /// <exception cref="CannotGrowException">The model cannot be grown so; the message says why and what would be right.</exception>
    public static GrownModel Grow(ModelMap map, GrowthPlan plan, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        KnownForm.Check(map.Model.Proto);
        GrowthMethod method = GrowthMethod.Find(plan.Method);
        MethodOptions.Check(method, plan);
        method.Check(map, plan);
        var targets = new TargetSizes(map, plan);
        OnnxModel model = map.Graph.Model.Clone();
        var editor = new GraphEditor(map.Graph, model);
        var settings = new GrowthSettings(method, plan.Seed, plan.NoiseDb);
        var norms = new NormEditor(editor, settings);
        var widener = new Widener(map, targets, editor, norms, settings, cancellation);
        widener.Run();
        if (method.TakesNextLayer)
        {
            NextLayer.Apply(map, editor);
        }

        List<InterfaceChange> changes = widener.Interface();
        new Deepener(map, plan, editor, norms, settings, widener.EpsilonFactor, changes, cancellation).Run();
        cancellation.ThrowIfCancellationRequested();
        editor.Commit();
        Analysis.Preparation.Prepared.Restore(model.Proto.Graph);
        var grown = new GrownModel(map, plan, method, model);
        if (plan.Init is { } init)
        {
            grown.Initialisation = Initialisation.Apply(init, editor, model.Limits);
        }
        else if (method.Nearest is { } nearest)
        {
            GrownModel other = Grow(map, plan with { Method = nearest }, cancellation);
            grown.Initialisation = other;
            Initialisation.Apply(other.Model, editor);
        }

        if (method.IsFresh)
        {
            grown.Weights = FreshWeights.Initialise(map, model, editor, plan.Seed);
        }
        else
        {
            grown.Weights = [.. editor.Weights.Values.OrderBy(w => w.Name, StringComparer.Ordinal)];
        }

        grown.ExactAttributes = editor.ExactAttributes;
        grown.Interface = changes;
        NodeNotes.Write(map, model.Proto, grown.Weights);
        PlanMetadata.Write(model.Proto, plan);
        return grown;
    }
}
