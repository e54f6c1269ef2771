using Google.Protobuf.Collections;
using Onnx;
using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Preparation;

/// <summary>
/// Raises the standard operators of a model to the operator set that gradients are written in. What later sets changed (attributes that
/// became inputs, axes with another meaning) is rewritten, a class for each change; what the model computes stays, to the last bit.
/// </summary>
internal static class OpsetRaise
{
    /// <summary>The oldest set that is read; before it, broadcasting was an attribute.</summary>
    private const long Oldest = 7;

    /// <summary>The first version of the file format that knows <see cref="GraphWriter.Opset"/>.</summary>
    private const long IrVersion = 8;

    /// <summary>Raises a model in place; one that is new enough stays as it is.</summary>
    /// <exception cref="CannotTrainException">A node means what no newer operator says; it is named.</exception>
    public static void Run(ModelProto model)
    {
        var names = new NamesInUse(model, "raised");
        bool raised = false;
        if (Import(model.OpsetImport) is { Version: < GraphWriter.Opset } import)
        {
            Check(import, "the model");
            Raise(model.Graph, import.Version, new TensorFacts(null, model.Graph), names);
            import.Version = GraphWriter.Opset;
            raised = true;
        }

        foreach (FunctionProto function in model.Functions)
        {
            if (Import(function.OpsetImport) is { Version: < GraphWriter.Opset } own)
            {
                Check(own, $"the function '{Text.Name(function.Name)}'");
                Raise(function.Node, own.Version, new TensorFacts(null, new GraphProto()), names);
                own.Version = GraphWriter.Opset;
                raised = true;
            }
        }

        if (raised)
        {
            WeightsStayConstant(model);
            model.IrVersion = Math.Max(model.IrVersion, IrVersion);
        }
    }

    /// <summary>
    /// Before version 4 of the format weights were listed among the inputs and were constants all the same; from then on, what is listed
    /// is an input with a default.
    /// </summary>
    private static void WeightsStayConstant(ModelProto model)
    {
        if (model.IrVersion >= 4)
        {
            return;
        }

        var weights = model.Graph.Initializer.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        ValueInfoProto[] inputs = [.. model.Graph.Input.Where(i => !weights.Contains(i.Name))];
        model.Graph.Input.Clear();
        model.Graph.Input.Add(inputs);
    }

    private static OperatorSetIdProto? Import(RepeatedField<OperatorSetIdProto> imports) =>
        imports.FirstOrDefault(i => i.Domain is "" or "ai.onnx");

    private static void Check(OperatorSetIdProto import, string who)
    {
        if (import.Version < Oldest)
        {
            throw new CannotTrainException(ErrorCode.Untrainable, FormattableString.Invariant(
                $"{who} is of operator set {import.Version}; sets from {Oldest} on are trained: export it again with a newer one"));
        }
    }

    private static void Raise(GraphProto graph, long from, TensorFacts facts, NamesInUse names) => Raise(graph.Node, from, facts, names);

    private static void Raise(RepeatedField<NodeProto> nodes, long from, TensorFacts facts, NamesInUse names)
    {
        NodeProto[] old = [.. nodes];
        nodes.Clear();
        foreach (NodeProto node in old)
        {
            foreach (AttributeProto attribute in node.Attribute)
            {
                foreach (GraphProto inner in attribute.Graphs.Append(attribute.G).OfType<GraphProto>())
                {
                    Raise(inner, from, new TensorFacts(facts, inner), names);
                }
            }

            facts.Note(node);
            var at = new RaisedNode(node, facts, names);
            if (node.Domain is "" or "ai.onnx")
            {
                foreach ((long _, IRaise raise) in RaiseTable.Of(node.OpType, from))
                {
                    raise.Raise(at);
                }
            }

            nodes.Add(at.Before);
            nodes.Add(node);
            nodes.Add(at.After);
        }
    }
}
