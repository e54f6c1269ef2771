using Google.Protobuf.Collections;
using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Runtime.Witness;

/// <summary>
/// Model-local functions. Each call gets a function of its own, in which attributes by reference have the caller's
/// values and types and extents of the inputs are known, so that its nodes are lowered like those of a graph.
/// </summary>
internal sealed class FunctionCalls(LiftState state, ModelProto model, ReadLimits limits)
{
    private readonly Dictionary<(string, string, string), FunctionProto> _functions = Index(model);

    private readonly List<FunctionProto> _made = [];
    private int _depth;
    private long _bytes;

    /// <summary>What the lift knows.</summary>
    public LiftState State => state;

    /// <summary>Makes and lifts the function that a node calls; false where the node is no call.</summary>
    public bool Lift(NodeProto call, ValueScope scope)
    {
        if (!_functions.TryGetValue((Domain(call.Domain), call.OpType, call.Overload), out FunctionProto? function))
        {
            return false;
        }

        if (_depth >= limits.MaxCalls)
        {
            throw new NotVerifiedException(
                ErrorCode.Witness, $"node '{LiftState.NameOf(call)}': calls of the function {Text.Name(call.OpType)} lie deeper than {limits.MaxCalls}; a function must not call itself; {ReadLimits.Raise("calls")}");
        }

        // A few functions that call one another twice are a million calls.
        _bytes += function.CalculateSize();
        if (_made.Count + _depth >= limits.MaxUnfolded)
        {
            throw new NotVerifiedException(
                ErrorCode.Witness, $"node '{LiftState.NameOf(call)}': the model's functions unfold to more than {Text.Number(limits.MaxUnfolded)} calls; {ReadLimits.Raise("unfolded")}");
        }

        if (_bytes > limits.MaxGraphBytes)
        {
            throw new NotVerifiedException(
                ErrorCode.Witness, $"node '{LiftState.NameOf(call)}': the model's functions unfold to more than {Text.Bytes(limits.MaxGraphBytes)}; {ReadLimits.Raise("graph-bytes")}");
        }

        FunctionProto made = function.Clone();
        foreach ((NodeProto from, NodeProto to) in function.Node.Zip(made.Node))
        {
            state.Track(from, to);
        }

        Bind(made.Node, call, function);
        ValueScope inner = Scope(made, call, scope);
        _depth++;
        GraphLift.LiftNodes(made.Node, inner, this);
        _depth--;
        Rename(call, made);
        _made.Add(made);
        foreach ((string outside, string inside) in call.Output.Zip(made.Output))
        {
            scope.Set(outside, inner.TypeOf(inside), inner.DimsOf(inside));
        }

        return true;
    }

    /// <summary>Puts the functions that were made in place of the model's.</summary>
    public void Finish()
    {
        model.Functions.Clear();
        model.Functions.Add(_made);
    }

    private static Dictionary<(string, string, string), FunctionProto> Index(ModelProto model)
    {
        var functions = new Dictionary<(string, string, string), FunctionProto>();
        foreach (FunctionProto function in model.Functions)
        {
            if (!functions.TryAdd((Domain(function.Domain), function.Name, function.Overload), function))
            {
                throw new NotVerifiedException(ErrorCode.Witness, $"the function '{Text.Name(function.Name)}' is defined twice");
            }
        }

        return functions;
    }

    private ValueScope Scope(FunctionProto made, NodeProto call, ValueScope outside)
    {
        var scope = new ValueScope(null, LiftState.OpsetOf(made.OpsetImport) ?? state.Opset);
        HashSet<string> absent = [];
        for (int i = 0; i < made.Input.Count; i++)
        {
            string given = i < call.Input.Count ? call.Input[i] : "";
            if (given.Length == 0)
            {
                absent.Add(made.Input[i]);
                continue;
            }

            scope.Set(made.Input[i], outside.TypeOf(given), outside.DimsOf(given));
        }

        // An input that the caller leaves out is left out of the nodes that would take it.
        foreach (NodeProto node in made.Node)
        {
            LeaveOut(node, absent);
        }

        LiftTypes.Of(made.ValueInfo, state.Options);
        LiftTypes.OfSubgraphs(made.Node, state.Options);
        scope.Declare(made.ValueInfo);
        return scope;
    }

    private static void LeaveOut(NodeProto node, HashSet<string> absent)
    {
        for (int i = 0; i < node.Input.Count; i++)
        {
            node.Input[i] = absent.Contains(node.Input[i]) ? "" : node.Input[i];
        }

        foreach (NodeProto inner in node.Attribute.SelectMany(LiftState.GraphsOf).SelectMany(g => g.Node))
        {
            LeaveOut(inner, absent);
        }
    }

    // An attribute by reference becomes the caller's, or the function's default; without either the operator's holds.
    private void Bind(RepeatedField<NodeProto> nodes, NodeProto call, FunctionProto function)
    {
        foreach (NodeProto node in nodes)
        {
            for (int i = node.Attribute.Count - 1; i >= 0; i--)
            {
                AttributeProto attribute = node.Attribute[i];
                foreach (GraphProto graph in LiftState.GraphsOf(attribute))
                {
                    Bind(graph.Node, call, function);
                }

                if (attribute.RefAttrName.Length == 0)
                {
                    continue;
                }

                AttributeProto? given = call.Attribute.FirstOrDefault(a => a.Name == attribute.RefAttrName)
                    ?? function.AttributeProto.FirstOrDefault(a => a.Name == attribute.RefAttrName);
                if (given is null)
                {
                    node.Attribute.RemoveAt(i);
                    continue;
                }

                AttributeProto bound = given.Clone();
                state.Track(given, bound);
                bound.Name = attribute.Name;
                node.Attribute[i] = bound;
            }
        }
    }

    private void Rename(NodeProto call, FunctionProto made)
    {
        made.Name = FormattableString.Invariant($"{made.Name}_{state.Options.Suffix}_{_made.Count}");
        made.Attribute.Clear();
        made.AttributeProto.Clear();
        call.OpType = made.Name;
        call.Attribute.Clear();

        // Lowered nodes are of the default domain, which the function may not have needed before.
        if (LiftState.OpsetOf(made.OpsetImport) is null)
        {
            made.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = state.Opset });
        }
    }

    private static string Domain(string domain) => domain == "ai.onnx" ? "" : domain;
}
