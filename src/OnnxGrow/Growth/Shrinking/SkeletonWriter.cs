using Onnx;
using OnnxGrow.Analysis;
using OnnxGrow.Growth.Recipes;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Shrinking;

/// <summary>
/// Decides what a skeleton must hold, by doing what shrinking will do: the source's weights are taken away, the graph that is
/// left is grown, and what does not come back stays in.
/// </summary>
internal sealed class SkeletonWriter
{
    /// <summary>Tensors up to this many bytes that do not grow are kept: their checksums would take as much room.</summary>
    private const int SmallBytes = 64;

    private readonly GrownModel _grown;
    private readonly OnnxModel _source;
    private readonly TensorProto[] _tensors;
    private readonly TensorNote[] _notes;
    private readonly byte[]?[] _patches;

    private SkeletonWriter(GrownModel grown)
    {
        _grown = grown;
        _source = grown.Source.Model;
        _tensors = SourceSkeleton.TensorsOf(_source.Proto);
        _notes = new TensorNote[_tensors.Length];
        _patches = new byte[]?[_tensors.Length];
    }

    /// <summary>The bytes of the skeleton of a growth's source; null where it would be too large.</summary>
    public static byte[]? Write(GrownModel grown)
    {
        var writer = new SkeletonWriter(grown);
        writer.Decide();
        return SourceSkeleton.Write(writer._source, writer._notes, writer._patches);
    }

    private void Decide()
    {
        bool[] unchanged = Unchanged();
        using OnnxModel bare = _source.Clone();
        LateTensorData?[] late = Strip(bare, unchanged);
        using GrownModel again = Grower.Grow(ModelMap.Of(bare), _grown.Plan);
        // What the analysis has looked into, it will look into again.
        bool[] read = [.. late.Select(l => l is { WasRead: true })];
        Dictionary<LateTensorData, GrownWeight> weights = Determining.Weights(again);
        Parallel.For(0, _tensors.Length, i =>
        {
            char form = TensorNote.FormOf(_tensors[i], _source.Payloads);
            GrownWeight? weight = late[i] is { } l ? weights.GetValueOrDefault(l) : null;
            _notes[i] = late[i] is not null && unchanged[i] ? new TensorNote(Origin.Unchanged, form, Checksum.Of(_source.DataOf(_tensors[i])))
                : weight is null || read[i] ? new TensorNote(Origin.Kept, form == 'x' ? 'x' : '-', "")
                : Recovered(i, form, weight.Recipe!);
        });
    }

    /// <summary>Which tensors the grown model has as they are.</summary>
    private bool[] Unchanged()
    {
        Dictionary<TensorProto, string> keys = TensorKeys.Of(_source.Proto);
        Dictionary<string, TensorProto> grown = TensorKeys.ByKey(_grown.Model.Proto);
        var changed = new HashSet<TensorProto>(_grown.Weights.Select(w => w.Tensor), ReferenceEqualityComparer.Instance);
        return [.. _tensors.Select(t => keys.TryGetValue(t, out string? key) && grown.TryGetValue(key, out TensorProto? same) && !changed.Contains(same) && same.Equals(t))];
    }

    /// <summary>Takes the elements of all tensors that may come back out of a model, so that reading them is noticed.</summary>
    private static LateTensorData?[] Strip(OnnxModel bare, bool[] unchanged)
    {
        TensorProto[] tensors = SourceSkeleton.TensorsOf(bare.Proto);
        var late = new LateTensorData?[tensors.Length];
        for (int i = 0; i < tensors.Length; i++)
        {
            TensorProto tensor = tensors[i];
            if (!TensorSource.IsKnown(tensor))
            {
                continue;
            }

            bool weight = ElementTypes.IsGrowable((ElementType)tensor.DataType) && Tensors.CountOf(tensor) > 1;
            bool table = unchanged[i] && TensorNote.FormOf(tensor, bare.Payloads) != '-' && bare.DataOf(tensor).ByteLength > SmallBytes;
            if (weight || table)
            {
                TensorData data = bare.DataOf(tensor);
                late[i] = new LateTensorData(tensor.Name, data.ElementType, data.Count);
                late[i]!.Bind(data);
                bare.SetData(tensor, late[i]!);
            }
        }

        return late;
    }

    private TensorNote Recovered(int i, char form, WeightRecipe recipe)
    {
        TensorData source = _source.DataOf(_tensors[i]);
        if (LeftInverse.IsExact(recipe))
        {
            return new TensorNote(Origin.Exact, form, Checksum.Of(source));
        }

        var recovered = new RecoveredTensorData(recipe, new RecipeTensorData(recipe));
        if (source.ByteLength > Patch.MaxBytes)
        {
            string found = Checksum.Of(recovered);
            return new TensorNote(found == Checksum.Of(source) ? Origin.Exact : Origin.Rounded, form, found);
        }

        _patches[i] = Patch.Between(recovered, source);
        return new TensorNote(_patches[i] is null ? Origin.Exact : Origin.Patched, form, Checksum.Of(source));
    }
}
