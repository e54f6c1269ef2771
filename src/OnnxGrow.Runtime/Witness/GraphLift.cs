using Google.Protobuf.Collections;
using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Witness.Lowering;

namespace OnnxGrow.Runtime.Witness;

/// <summary>Rewrites a model's floats to a wider type, and its operators to primitive ones.</summary>
internal static class GraphLift
{
    /// <summary>Makes the lifted form of a model, which must stay open as long as that is used, and is not changed.</summary>
    /// <exception cref="NotVerifiedException">The model uses something that has no such form; the message names it.</exception>
    public static OnnxModel Lift(OnnxModel model, LiftOptions options, IReadOnlyDictionary<AttributeProto, double>? exactAttributes = null)
    {
        OnnxModel lifted = model.Clone();
        try
        {
            var state = new LiftState(model, lifted, options, exactAttributes);
            state.Pair();
            LiftTypes.Of(lifted.Proto.Graph, options);
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
            throw new NotVerifiedException(ErrorCode.Witness, "the float64 witness does not lift sparse initializers");
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
            if (!state.Options.Lowers(node))
            {
                result.Add(node);
            }
            else if (!LoweringTable.TryLower(emitter))
            {
                if (state.Options.MustRun)
                {
                    LiftState.RefuseForeign(node);
                    state.RefuseExact(node);
                }

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

            if (attribute.Name is "to" or "dtype" or "output_datatype" && state.Options.IsLifted((ElementType)attribute.I))
            {
                attribute.I = (long)state.Options.FloatType;
            }

            foreach (GraphProto graph in LiftState.GraphsOf(attribute))
            {
                LiftGraph(graph, scope, functions);
            }
        }

        if (node.OpType == "ConstantOfShape" && node.Attribute.Count == 0)
        {
            node.Attribute.Add(TensorAttribute("value", Tensors.Numbers("", functions.State.Options.FloatType, [1], 0)));
        }
    }

    // value_float and value_floats have no wider form: the node holds a tensor instead.
    private static void LiftConstant(NodeProto node, LiftState state)
    {
        if (node.OpType != "Constant" || node.Attribute.Count != 1)
        {
            return;
        }

        AttributeProto attribute = node.Attribute[0];
        TensorProto? tensor = attribute.Name switch
        {
            "value_float" => Tensors.Numbers("", state.Options.FloatType, [], state.Exact(attribute)),
            "value_floats" => Tensors.Numbers("", state.Options.FloatType, [attribute.Floats.Count], [.. attribute.Floats.Select(f => (double)f)]),
            _ => null,
        };
        if (tensor is not null)
        {
            node.Attribute[0] = TensorAttribute("value", tensor);
        }
    }

    internal static AttributeProto TensorAttribute(string name, TensorProto tensor) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Tensor, T = tensor };
}
