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
        (bool[] unchanged, TensorProto?[] larger) = Places();
        using OnnxModel bare = _source.Clone();
        LateTensorData?[] late = Strip(bare, [.. unchanged.Zip(larger, (u, l) => u || l is not null)]);
        using GrownModel again = Grower.Grow(ModelMap.Of(bare), _grown.Plan);
        // What the analysis has looked into, it will look into again.
        bool[] read = [.. late.Select(l => l is { WasRead: true })];
        Dictionary<LateTensorData, GrownWeight> weights = Determining.Weights(again);
        InParallel.For(_tensors.Length, 0, i =>
        {
            char form = TensorNote.FormOf(_tensors[i], _source.Payloads);
            GrownWeight? weight = late[i] is { } l ? weights.GetValueOrDefault(l) : null;
            _notes[i] = late[i] is not null && unchanged[i] ? new TensorNote(Origin.Unchanged, form, Checksum.Of(_source.DataOf(_tensors[i])))
                : late[i] is not null && larger[i] is { } whole && (weight is null || read[i]) && Leads(_tensors[i], whole) ? new TensorNote(Origin.Leading, form, Checksum.Of(_source.DataOf(_tensors[i])))
                : weight is null || read[i] ? new TensorNote(Origin.Kept, form == 'x' ? 'x' : '-', "")
                : Recovered(i, form, weight.Recipe!);
        });
    }

    /// <summary>Which tensors the grown model has as they are, and which may lead larger ones.</summary>
    private (bool[] Unchanged, TensorProto?[] Larger) Places()
    {
        Dictionary<TensorProto, string> keys = TensorKeys.Of(_source.Proto);
        Dictionary<string, TensorProto> grown = TensorKeys.ByKey(_grown.Model.Proto);
        var changed = new HashSet<TensorProto>(_grown.Weights.Select(w => w.Tensor), ReferenceEqualityComparer.Instance);
        TensorProto?[] places = [.. _tensors.Select(t => keys.TryGetValue(t, out string? key) ? grown.GetValueOrDefault(key) : null)];
        return (
            [.. _tensors.Zip(places, (t, same) => same is not null && !changed.Contains(same) && same.Equals(t))],
            [.. _tensors.Zip(places, (t, larger) => larger is not null && IsLarger(larger, t) ? larger : null)]);
    }

    private static bool IsLarger(TensorProto larger, TensorProto tensor) =>
        tensor.DataType == larger.DataType && TensorSource.IsKnown(tensor) && TensorSource.IsKnown(larger)
        && ElementTypes.Bits((ElementType)tensor.DataType) >= 8
        && !tensor.Dims.Equals(larger.Dims) && LeadingTensorData.Fits(larger.Dims, tensor.Dims);

    private bool Leads(TensorProto tensor, TensorProto larger) =>
        Checksum.Of(new LeadingTensorData(_grown.Model.DataOf(larger), larger.Dims, tensor.Dims)) == Checksum.Of(_source.DataOf(tensor));

    /// <summary>Takes the elements of all tensors that may come back out of a model, so that reading them is noticed.</summary>
    private static LateTensorData?[] Strip(OnnxModel bare, bool[] inPlace)
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
            bool table = inPlace[i] && TensorNote.FormOf(tensor, bare.Payloads) != '-' && bare.DataOf(tensor).ByteLength > SmallBytes;
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

        var recovered = new RecoveredTensorData(recipe, GrownData.Of(recipe));
        if (source.ByteLength > Patch.MaxBytes)
        {
            string found = Checksum.Of(recovered);
            return new TensorNote(found == Checksum.Of(source) ? Origin.Exact : Origin.Rounded, form, found);
        }

        _patches[i] = Patch.Between(recovered, source);
        return new TensorNote(_patches[i] is null ? Origin.Exact : Origin.Patched, form, Checksum.Of(source));
    }
}
