using Onnx;

namespace OnnxGrow.Onnx;

/// <summary>Every tensor message of a model: initializers, attributes, sparse ones, in subgraphs and functions too.</summary>
internal static class ProtoTensors
{
    /// <summary>Where a tensor is, which decides whether runtimes read its data from a file beside the model.</summary>
    public enum Place
    {
        /// <summary>An initializer of a graph.</summary>
        Initializer,

        /// <summary>An attribute, or part of a sparse tensor.</summary>
        Other,
    }

    /// <summary>Calls <paramref name="visit"/> for every tensor, in the order of the file.</summary>
    public static void Visit(ModelProto model, Action<TensorProto, Place> visit)
    {
        Visit(model.Graph, visit);
        foreach (TrainingInfoProto training in model.TrainingInfo)
        {
            Visit(training.Initialization, visit);
            Visit(training.Algorithm, visit);
        }

        foreach (FunctionProto function in model.Functions)
        {
            Visit(function.AttributeProto, visit);
            foreach (NodeProto node in function.Node)
            {
                Visit(node.Attribute, visit);
            }
        }
    }

    private static void Visit(GraphProto? graph, Action<TensorProto, Place> visit)
    {
        if (graph is null)
        {
            return;
        }

        foreach (NodeProto node in graph.Node)
        {
            Visit(node.Attribute, visit);
        }

        foreach (TensorProto tensor in graph.Initializer)
        {
            visit(tensor, Place.Initializer);
        }

        foreach (SparseTensorProto sparse in graph.SparseInitializer)
        {
            Visit(sparse, visit);
        }
    }

    private static void Visit(IEnumerable<AttributeProto> attributes, Action<TensorProto, Place> visit)
    {
        foreach (AttributeProto attribute in attributes)
        {
            if (attribute.T is not null)
            {
                visit(attribute.T, Place.Other);
            }

            Visit(attribute.G, visit);
            Visit(attribute.SparseTensor, visit);
            foreach (TensorProto tensor in attribute.Tensors)
            {
                visit(tensor, Place.Other);
            }

            foreach (GraphProto graph in attribute.Graphs)
            {
                Visit(graph, visit);
            }

            foreach (SparseTensorProto sparse in attribute.SparseTensors)
            {
                Visit(sparse, visit);
            }
        }
    }

    private static void Visit(SparseTensorProto? sparse, Action<TensorProto, Place> visit)
    {
        if (sparse?.Values is not null)
        {
            visit(sparse.Values, Place.Other);
        }

        if (sparse?.Indices is not null)
        {
            visit(sparse.Indices, Place.Other);
        }
    }
}
