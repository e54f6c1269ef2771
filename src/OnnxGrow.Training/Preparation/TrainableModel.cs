using Onnx;
using OnnxGrow.Analysis.Preparation;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Witness;
using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Preparation;

/// <summary>
/// A model in the form in which it is trained: functions inlined, what has no gradient written as primitive operators, one
/// operator set, narrow floats widened, shapes known, weights told from other numbers. Weights keep their names.
/// </summary>
internal sealed class TrainableModel : IDisposable
{
    private readonly Dictionary<string, TensorProto> _tensors;

    private TrainableModel(
        OnnxModel forward, ValueTable values, List<(Parameter Parameter, TensorProto Tensor)> parameters, List<FrozenTensor> frozen, List<TiedWeight> ties)
    {
        Ties = ties;
        Forward = forward;
        Values = values;
        Parameters = [.. parameters.Select(p => p.Parameter)];
        Frozen = frozen;
        _tensors = parameters.ToDictionary(p => p.Parameter.Name, p => p.Tensor, StringComparer.Ordinal);
    }

    /// <summary>The prepared graph; weights are still in it.</summary>
    public OnnxModel Forward { get; }

    /// <summary>What is known of its values.</summary>
    public ValueTable Values { get; }

    /// <summary>The weights that are trained.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Tensors of the source that are computed from a weight here.</summary>
    public IReadOnlyList<TiedWeight> Ties { get; }

    /// <summary>Other tensors of floats.</summary>
    public IReadOnlyList<FrozenTensor> Frozen { get; }

    /// <summary>Prepares a model.</summary>
    /// <param name="source">The model; it must stay open, and is not changed.</param>
    /// <param name="example">Inputs that it runs on, with extents above 1 along open axes.</param>
    /// <param name="filter">Which weights to train.</param>
    /// <param name="floatType">Float32, or float64 for checks.</param>
    /// <exception cref="CannotTrainException">The model has nothing to train, or something that cannot be prepared.</exception>
    public static TrainableModel Of(
        OnnxModel source, IReadOnlyDictionary<string, RuntimeTensor> example, ParameterFilter filter, ElementType floatType = ElementType.Float32)
    {
        HashSet<string> own = [.. ParameterChoice.TensorsOf(source.Proto.Graph).Select(t => t.Name)];
        using OnnxModel inlined = source.Clone();
        FunctionInliner.Run(inlined.Proto, inlined.Limits);
        NodeOrder.Sort(inlined.Proto.Graph);
        OnnxModel forward = Lowered(inlined, floatType);
        try
        {
            OpsetRaise.Run(forward.Proto);
            WideWeights.Narrow(forward, floatType);
            forward.Proto.Graph.ValueInfo.Clear();
            LossNames.Free(forward.Proto.Graph);
            List<TiedWeight> ties = TiedWeights.Tie(forward);
            IReadOnlyDictionary<string, RuntimeTensor> inputs = DeclaredTypes.Of(forward, example);

            // Not every operator has a float64 kernel; its shapes are those of the lowered form.
            using OnnxModel? lifted = floatType == ElementType.Float64 ? Float64Lift.Lift(forward) : null;
            ValueTable values = ValueTable.Of(lifted ?? forward, inputs);
            (List<(Parameter, TensorProto)> parameters, List<FrozenTensor> frozen) = ParameterChoice.Of(forward, filter, own);
            return parameters.Count > 0
                ? new TrainableModel(forward, values, parameters, frozen, ties)
                : throw new CannotTrainException(ErrorCode.Untrainable, "the model has no weights to train: " + string.Join("; ", frozen.Take(8).Select(f => $"'{Text.Name(f.Name)}' is {f.Reason}")));
        }
        catch
        {
            forward.Dispose();
            throw;
        }
    }

    /// <summary>The type that all weights are trained in.</summary>
    public ElementType FloatType => (ElementType)TensorOf(Parameters[0]).DataType;

    /// <summary>A weight as the file has it, in the type that it is trained in.</summary>
    public RuntimeTensor ValueOf(Parameter parameter) => RuntimeTensor.Of(DataOf(parameter), parameter.Dims);

    /// <summary>A weight's elements in the source.</summary>
    public TensorData DataOf(Parameter parameter) => Forward.DataOf(_tensors[parameter.Name]);

    /// <summary>The tensor of a weight in <see cref="Forward"/>.</summary>
    public TensorProto TensorOf(Parameter parameter) => _tensors[parameter.Name];

    /// <inheritdoc/>
    public void Dispose() => Forward.Dispose();

    private static OnnxModel Lowered(OnnxModel model, ElementType floatType)
    {
        try
        {
            return PrimitiveForm.Of(model, floatType, node => GradientTable.Of(node) is null && !GradientTable.IsFlat(node));
        }
        catch (NotVerifiedException e)
        {
            throw new CannotTrainException(ErrorCode.Untrainable, e.Message, e);
        }
    }
}
