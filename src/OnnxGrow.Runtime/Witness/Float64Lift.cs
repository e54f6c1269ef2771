using Google.Protobuf.Collections;
using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Witness.Lowering;

namespace OnnxGrow.Runtime.Witness;

/// <summary>
/// Lifts a model to float64: the same graph, computed so finely that two models that are equal in real arithmetic agree
/// to 1e-12. Weights are read through <see cref="TensorData.ReadDoubles"/>, so that a recipe gives its value before it is
/// rounded; operators that ONNX Runtime has no float64 kernel for, or that round an attribute, become primitive ones.
/// </summary>
public static class Float64Lift
{
    /// <summary>Makes the float64 form of a model. Names of inputs, outputs and values stay.</summary>
    /// <param name="model">The model; it must stay open as long as the result is used, and is not changed.</param>
    /// <param name="exactAttributes">Values of float attributes of <paramref name="model"/> before they were rounded, by identity.</param>
    /// <exception cref="NotVerifiedException">The model uses something that has no float64 form; the message names it.</exception>
    public static OnnxModel Lift(OnnxModel model, IReadOnlyDictionary<AttributeProto, double>? exactAttributes = null)
    {
        OnnxModel lifted = model.Clone();
        try
        {
            var state = new LiftState(model, lifted, exactAttributes);
            state.Pair();
            LiftTypes.Of(lifted.Proto.Graph);
            var functions = new FunctionCalls(state, lifted.Proto, lifted.Limits);
            LiftGraph(lifted.Proto.Graph, null, functions);
            functions.Finish();
            return lifted;
        }
        catch
        {
            lifted.Dispose();
            throw;
        }
    }

    private static void LiftGraph(GraphProto graph, ValueScope? outer, FunctionCalls functions)
    {
        if (graph.SparseInitializer.Count > 0)
        {
            throw new NotVerifiedException("the float64 witness does not lift sparse initializers");
        }

        foreach (TensorProto tensor in graph.Initializer)
        {
            functions.State.LiftTensor(tensor);
        }

        LiftNodes(graph.Node, ValueScope.Of(graph, outer, outer?.Opset ?? functions.State.Opset), functions);
    }

    internal static void LiftNodes(RepeatedField<NodeProto> nodes, ValueScope scope, FunctionCalls functions)
    {
        LiftState state = functions.State;
        var result = new List<NodeProto>(nodes.Count);
        foreach (NodeProto node in nodes)
        {
            LiftAttributes(node, scope, functions);
            if (functions.Lift(node, scope))
            {
                result.Add(node);
                continue;
            }

            ValueLearning.Learn(node, scope, state);
            var emitter = new Emitter(state, scope, node, result);
            if (!LoweringTable.TryLower(emitter))
            {
                LiftState.RefuseForeign(node);
                state.RefuseExact(node);
                result.Add(node);
            }
        }

        nodes.Clear();
        nodes.Add(result);
    }

    private static void LiftAttributes(NodeProto node, ValueScope scope, FunctionCalls functions)
    {
        LiftState state = functions.State;
        LiftConstant(node, state);
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (attribute.T is { } tensor)
            {
                state.LiftTensor(tensor);
            }

            foreach (TensorProto each in attribute.Tensors)
            {
                state.LiftTensor(each);
            }

            if (attribute.Name is "to" or "dtype" or "output_datatype" && IsLifted((ElementType)attribute.I))
            {
                attribute.I = (long)ElementType.Float64;
            }

            foreach (GraphProto graph in LiftState.GraphsOf(attribute))
            {
                LiftGraph(graph, scope, functions);
            }
        }

        if (node.OpType == "ConstantOfShape" && node.Attribute.Count == 0)
        {
            node.Attribute.Add(TensorAttribute("value", Tensors.Float64("", [1], 0)));
        }
    }

    // value_float and value_floats have no float64 form: the node holds a tensor instead.
    private static void LiftConstant(NodeProto node, LiftState state)
    {
        if (node.OpType != "Constant" || node.Attribute.Count != 1)
        {
            return;
        }

        AttributeProto attribute = node.Attribute[0];
        TensorProto? tensor = attribute.Name switch
        {
            "value_float" => Tensors.Float64("", [], state.Exact(attribute)),
            "value_floats" => Tensors.Float64("", [attribute.Floats.Count], [.. attribute.Floats.Select(f => (double)f)]),
            _ => null,
        };
        if (tensor is not null)
        {
            node.Attribute[0] = TensorAttribute("value", tensor);
        }
    }

    internal static bool IsLifted(ElementType type) =>
        type is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16;

    internal static AttributeProto TensorAttribute(string name, TensorProto tensor) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Tensor, T = tensor };
}
