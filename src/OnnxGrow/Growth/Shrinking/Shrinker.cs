using System.Collections.Immutable;
using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Growth.Methods;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Shrinking;

/// <summary>
/// Recovers the source from a grown model: its graph from the metadata, its weights by the left inverse of every recipe. The
/// growth is done again on the graph, which tells the recipes; nothing else of the source is needed.
/// </summary>
public sealed class Shrinker
{
    private readonly OnnxModel _grown;
    private readonly string _name;
    private readonly GrowthPlan _plan;
    private readonly SourceSkeleton _skeleton;
    private readonly Dictionary<string, TensorProto> _found;

    private Shrinker(OnnxModel grown, string name, GrowthPlan plan, string without)
    {
        _grown = grown;
        _name = name;
        _plan = plan;
        string text = grown.Proto.MetadataProps.FirstOrDefault(p => p.Key == PlanMetadata.SourceGraphKey)?.Value
            ?? throw new BadInputException(
                ErrorCode.Metadata, $"{name}: its metadata has a plan, but not the source's graph ('{PlanMetadata.SourceGraphKey}'), without which {without}: it was grown by a lossy method or by a version of OnnxGrow without 'shrink', or saved by a tool that drops long metadata");
        string where = $"{name}, metadata '{PlanMetadata.SourceGraphKey}'";
        _skeleton = SourceSkeleton.Read(SkeletonText.Decode(text, where), where);
        _found = TensorKeys.ByKey(grown.Proto);
    }

    /// <summary>Recovers a source.</summary>
    /// <param name="grown">The grown model; it must stay open as long as the result is used.</param>
    /// <exception cref="BadInputException">It does not hold what it takes, or it is damaged.</exception>
    /// <exception cref="CannotGrowException">It was grown by a lossy method.</exception>
    public static ShrunkModel Shrink(OnnxModel grown)
    {
        string name = NameOf(grown);
        GrowthPlan plan = PlanMetadata.Read(grown.Proto) ?? throw new BadInputException(
            ErrorCode.Metadata, $"{name}: its metadata holds no plan, so it was not grown by OnnxGrow, or a tool has dropped its metadata; only a model that 'grow' wrote can be shrunk");
        if (!GrowthMethod.Find(plan.Method).IsLossless)
        {
            throw new CannotGrowException(ErrorCode.Lossy, $"{name}: was made by '{plan.Method}', which throws the source's weights away; nothing is left to shrink to");
        }

        if (plan.Init is { } init && (init.Sha256 is null || init.Path is ['/', '/', ..] or ['\\', ..]))
        {
            // Metadata may be anybody's: only a file whose content they know is looked at, and none on another machine.
            throw new BadInputException(ErrorCode.Metadata, $"{name}: the plan in its metadata names the initialisation '{Text.Name(init.Path)}' without its SHA-256, or on another machine");
        }

        var shrinker = new Shrinker(grown, name, plan, "it cannot be shrunk");
        try
        {
            return shrinker.Run();
        }
        catch
        {
            shrinker._skeleton.Model.Dispose();
            throw;
        }
    }

    /// <summary>How the axes of a grown model's weights were expanded, by name; weights that did not grow are missing.</summary>
    /// <param name="grown">The model, as 'grow' wrote it or trained on.</param>
    /// <exception cref="BadInputException">Its metadata do not say, or they are damaged.</exception>
    internal static IReadOnlyDictionary<string, ImmutableArray<RecipeAxis>> AxesOf(OnnxModel grown)
    {
        string name = NameOf(grown);
        GrowthPlan plan = PlanMetadata.Read(grown.Proto) ?? throw new BadInputException(
            ErrorCode.Metadata, $"{name}: its metadata holds no plan, so it was not grown by OnnxGrow, or a tool has dropped its metadata; which of its columns are copies is not known");

        // What free entries began with is not asked for.
        var shrinker = new Shrinker(grown, name, plan with { Init = null }, "which of its columns are copies is not known");
        using (shrinker._skeleton.Model)
        using (GrownModel again = shrinker.GrowAgain())
        {
            var axes = new Dictionary<string, ImmutableArray<RecipeAxis>>(StringComparer.Ordinal);
            foreach (GrownWeight weight in again.Weights.Where(w => w.Recipe is not null))
            {
                axes[weight.Name] = weight.Recipe!.Axes;
            }

            return axes;
        }
    }

    private static string NameOf(OnnxModel grown) => grown.SourcePath is { } path ? Text.Name(path) : "the grown model";

    private GrownModel GrowAgain()
    {
        CheckSizes();
        BindPlaces();
        try
        {
            return Grower.Grow(ModelMap.Of(_skeleton.Model), _plan);
        }
        catch (CannotGrowException e)
        {
            throw new BadInputException(ErrorCode.Metadata, $"{_name}: its plan does not fit the source graph in its metadata ({e.Message}); one of them was changed after the growth", e);
        }
    }

    private ShrunkModel Run()
    {
        using (GrownModel again = GrowAgain())
        {
            Dictionary<TensorProto, string> keys = TensorKeys.Of(again.Model.Proto);
            Dictionary<LateTensorData, GrownWeight> weights = Determining.Weights(again);
            for (int i = 0; i < _skeleton.Tensors.Length; i++)
            {
                if (_skeleton.Late[i] is { } late && _skeleton.Notes[i].Origin is not (Origin.Unchanged or Origin.Leading))
                {
                    GrownWeight weight = weights.GetValueOrDefault(late) ?? throw new BadInputException(
                        ErrorCode.Metadata, $"{_name}: no tensor of it tells the elements of the source's '{Text.Name(late.Name)}'; its plan or its metadata was changed after the growth");
                    TensorProto found = Find(keys[weight.Tensor], weight.Tensor, weight.Name);
                    late.Bind(Patched(i, new RecoveredTensorData(weight.Recipe!, _grown.DataOf(found))));
                }
            }

            return new ShrunkModel(_skeleton.Model, _plan, _skeleton.Notes, TakeNumbers(again));
        }
    }

    /// <summary>
    /// Growth makes nothing smaller: what the source or the plan says to be larger than anything in the file is made up, and
    /// is not worth the memory.
    /// </summary>
    private void CheckSizes()
    {
        long largest = 1;
        ProtoTensors.Visit(_grown.Proto, (tensor, _) => largest = tensor.Dims.Append(largest).Max());
        TensorProto? larger = _skeleton.Tensors.Where((t, i) => _skeleton.Late[i] is not null && t.Dims.Append(0).Max() > largest).FirstOrDefault();
        if (larger is not null)
        {
            throw new BadInputException(ErrorCode.Metadata, $"{_name}: the source's '{Text.Name(larger.Name)}' would have the shape {Tensors.ShapeText(larger)}, larger than anything in the grown model; the metadata was changed after the growth");
        }

        if (_plan.Dimensions.Any(d => d.Value > largest) || _plan.Layers.Length > _grown.Proto.Graph.Node.Count)
        {
            throw new BadInputException(ErrorCode.Metadata, $"{_name}: the plan in its metadata is for a larger model than this; it was changed after the growth");
        }
    }

    // What the grown model has in the same place is there before the graph is understood, which may take its values.
    private void BindPlaces()
    {
        Dictionary<TensorProto, string> keys = TensorKeys.Of(_skeleton.Model.Proto);
        for (int i = 0; i < _skeleton.Tensors.Length; i++)
        {
            Origin origin = _skeleton.Notes[i].Origin;
            if (origin is Origin.Unchanged or Origin.Leading)
            {
                TensorProto tensor = _skeleton.Tensors[i];
                string key = keys.GetValueOrDefault(tensor) ?? throw new BadInputException(
                    ErrorCode.Metadata, $"{_name}: the source graph in its metadata has a tensor without a place; it was damaged after the growth");
                _skeleton.Late[i]!.Bind(origin == Origin.Unchanged ? _grown.DataOf(Find(key, tensor, tensor.Name)) : Leading(key, tensor));
            }
        }
    }

    private LeadingTensorData Leading(string key, TensorProto tensor)
    {
        TensorProto found = Held(key, tensor.Name);
        return found.DataType == tensor.DataType && LeadingTensorData.Fits(found.Dims, tensor.Dims)
            ? new LeadingTensorData(_grown.DataOf(found), found.Dims, tensor.Dims)
            : throw new BadInputException(ErrorCode.Metadata, $"{_name}: '{Text.Name(tensor.Name)}' holds {Tensors.TypeText(found)} {Tensors.ShapeText(found)}, where the growth by its plan gives more rows of {Tensors.TypeText(tensor)} {Tensors.ShapeText(tensor)}; shrink the model before it is converted");
    }

    private TensorProto Held(string key, string name) =>
        _found.GetValueOrDefault(key) ?? throw new BadInputException(
            ErrorCode.Metadata, $"{_name}: lacks the tensor '{Text.Name(name)}' ({Text.Name(key)}), which the growth by its plan has; give the model as 'grow' wrote it, or trained with its names and graph kept");

    private TensorProto Find(string key, TensorProto like, string name)
    {
        TensorProto found = Held(key, name);
        return found.DataType == like.DataType && found.Dims.Equals(like.Dims)
            ? found
            : throw new BadInputException(ErrorCode.Metadata, $"{_name}: '{Text.Name(name)}' holds {Tensors.TypeText(found)} {Tensors.ShapeText(found)}, where the growth by its plan gives {Tensors.TypeText(like)} {Tensors.ShapeText(like)}; shrink the model before it is converted");
    }

    /// <summary>A patch is for the elements that it was made for; on others it would be noise.</summary>
    private TensorData Patched(int i, RecoveredTensorData recovered) =>
        _skeleton.Patches[i] is { } patch && Patch.Apply(recovered, patch) is var patched && Checksum.Of(patched) == _skeleton.Notes[i].Checksum
            ? patched
            : recovered;

    /// <summary>Single numbers are kept, but one that the grown model has as it is may have been trained there.</summary>
    private ImmutableArray<string> TakeNumbers(GrownModel again)
    {
        Dictionary<TensorProto, string> keys = TensorKeys.Of(_skeleton.Model.Proto);
        Dictionary<string, TensorProto> grown = TensorKeys.ByKey(again.Model.Proto);
        var changed = new HashSet<TensorProto>(again.Weights.Select(w => w.Tensor), ReferenceEqualityComparer.Instance);
        var replaced = ImmutableArray.CreateBuilder<string>();
        foreach (TensorProto tensor in _skeleton.Tensors.Where((_, i) => _skeleton.Notes[i].Origin == Origin.Kept))
        {
            bool mayDiffer = ElementTypes.IsGrowable((ElementType)tensor.DataType) && Tensors.CountOf(tensor) == 1
                && keys.TryGetValue(tensor, out string? key) && grown.TryGetValue(key, out TensorProto? same) && !changed.Contains(same)
                && _found.ContainsKey(key);
            if (!mayDiffer)
            {
                continue;
            }

            TensorData found = _grown.DataOf(Find(keys[tensor], tensor, tensor.Name));
            if (Checksum.Of(found) != Checksum.Of(_skeleton.Model.DataOf(tensor)))
            {
                _skeleton.Model.SetData(tensor, found);
                replaced.Add(tensor.Name.Length > 0 ? tensor.Name : keys[tensor]);
            }
        }

        return replaced.ToImmutable();
    }
}
