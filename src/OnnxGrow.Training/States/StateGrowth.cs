using Onnx;
using OnnxGrow.Growth;
using OnnxGrow.Onnx;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.States;

/// <summary>What has become of an optimizer's state when its model grew.</summary>
/// <param name="Path">The file.</param>
/// <param name="Step">The step that it stands at.</param>
/// <param name="Grown">Tensors that follow from the source's.</param>
/// <param name="New">Tensors of weights that begin at this step.</param>
public sealed record GrownStateSummary(string Path, long Step, int Grown, int New);

/// <summary>
/// Grows the state of an optimizer along with its model, by the recipes of the weights read the other way (growth-math, section 6).
/// Weights that growth has added begin with none, and with their own count of steps.
/// </summary>
public static class StateGrowth
{
    /// <summary>Grows a state and writes it, a block at a time.</summary>
    /// <param name="grown">The grown model.</param>
    /// <param name="state">The state of the source's optimizer.</param>
    /// <param name="path">Where to.</param>
    /// <param name="options">Threads, memory and so on.</param>
    public static GrownStateSummary Write(GrownModel grown, OptimizerState state, string path, SaveOptions? options = null)
    {
        (IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, long> born) = Of(grown, state);
        Dictionary<string, string> texts = OptimizerState.TextsOf(state.Step, born);
        foreach ((string key, string value) in state.Texts)
        {
            texts.TryAdd(key, value);
        }

        SafetensorsFile.Write(path, tensors, texts, options);
        int added = tensors.Count(t => t.Data is NoMoment);
        return new GrownStateSummary(path, state.Step, tensors.Count - added, added);
    }

    /// <summary>The tensors of a grown state, and the steps at which the weights' states began.</summary>
    internal static (IReadOnlyList<NamedTensor> Tensors, IReadOnlyDictionary<string, long> Born) Of(GrownModel grown, OptimizerState state)
    {
        ILookup<string, OptimizerState.Entry> bySource = state.Entries.ToLookup(e => e.Weight, StringComparer.Ordinal);
        var weights = grown.Weights.ToDictionary(w => w.Name, StringComparer.Ordinal);
        var tensors = new List<NamedTensor>();
        var born = new Dictionary<string, long>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string name, TensorProto tensor) in ParameterChoice.TensorsOf(grown.Model.Proto.Graph))
        {
            if (!seen.Add(name))
            {
                continue;
            }

            GrownWeight? weight = weights.GetValueOrDefault(name);
            foreach (OptimizerState.Entry entry in bySource[weight?.SourceName ?? name])
            {
                TensorData data = weight is null ? entry.Tensor.Data
                    : Continues(weight) ? new GrownMoment(weight.Recipe!, entry.Tensor.Data, entry.Kind.Power)
                    : new NoMoment(entry.Tensor.Data.ElementType, Tensors.CountOf(tensor));
                tensors.Add(new NamedTensor(name + "/" + entry.Kind.Name, [.. tensor.Dims], data));
                long began = data is NoMoment ? state.Step : state.Born.GetValueOrDefault(entry.Weight);
                if (began != 0)
                {
                    born[name] = began;
                }
            }
        }

        return (tensors, born);
    }

    /// <summary>Whether a weight is the source's own, grown: what has another name stands in a place that the source has not.</summary>
    private static bool Continues(GrownWeight weight) =>
        weight.Name == weight.SourceName && weight.Recipe is { } recipe && TransposedRecipe.Exists(recipe);

    /// <summary>The moment of a weight that has seen no gradient.</summary>
    private sealed class NoMoment(ElementType type, long count) : TensorData
    {
        public override ElementType ElementType => type;

        public override long Count => count;

        public override void ReadBytes(long byteOffset, Span<byte> destination) => destination.Clear();
    }
}
