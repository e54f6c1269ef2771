using System.Collections.Immutable;
using Onnx;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;

namespace OnnxGrow.Growth.Shrinking;

/// <summary>
/// The source of a grown model, computed from the grown model's tensors when it is read. It is the source if the grown model
/// is as it was grown; <see cref="Check"/> tells.
/// </summary>
public sealed class ShrunkModel : IDisposable
{
    private readonly TensorNote[] _notes;
    private readonly ImmutableArray<string> _replaced;

    internal ShrunkModel(OnnxModel model, GrowthPlan plan, TensorNote[] notes, ImmutableArray<string> replaced)
    {
        Model = model;
        Plan = plan;
        _notes = notes;
        _replaced = replaced;
    }

    /// <summary>The model; the grown one must stay open as long as it is used.</summary>
    public OnnxModel Model { get; }

    /// <summary>The plan that the grown model was made by.</summary>
    public GrowthPlan Plan { get; }

    /// <summary>Tensors that are read back from grown ones.</summary>
    public int Inverted => _notes.Count(n => n.Origin is Origin.Leading or Origin.Exact or Origin.Patched or Origin.Rounded);

    /// <summary>Tensors that the grown model has as they are.</summary>
    public int Unchanged => _notes.Count(n => n.Origin == Origin.Unchanged);

    /// <summary>Tensors that come back within rounding only; the others come back bit for bit.</summary>
    public int Rounded => _notes.Count(n => n.Origin == Origin.Rounded);

    /// <summary>Tensors that are not what an unchanged grown model gives, by name; empty where all are.</summary>
    /// <param name="written">The model, or what was read back after it was written.</param>
    /// <param name="cancellation">Stops it.</param>
    public ImmutableArray<string> Check(OnnxModel written, CancellationToken cancellation = default)
    {
        TensorProto[] tensors = SourceSkeleton.TensorsOf(written.Proto);
        if (tensors.Length != _notes.Length)
        {
            throw new ArgumentException($"has {tensors.Length} tensors, not {_notes.Length}", nameof(written));
        }

        Dictionary<TensorProto, string> keys = TensorKeys.Of(written.Proto);
        var changed = new bool[tensors.Length];
        InParallel.For(
            tensors.Length,
            0,
            i => changed[i] = _notes[i].Origin != Origin.Kept && Checksum.Of(written.DataOf(tensors[i])) != _notes[i].Checksum,
            cancellation);
        return [.. _replaced, .. tensors.Where((_, i) => changed[i]).Select(t => t.Name.Length > 0 ? t.Name : keys.GetValueOrDefault(t, "a tensor without a name"))];
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();
}
