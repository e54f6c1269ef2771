using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime;
using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Precision;

/// <summary>Finds out which products a provider computes in a narrow type, by loading one of each.</summary>
internal static class NarrowKernels
{
    /// <summary>What a graph needs at least to gain anything.</summary>
    private static readonly string[] Needed = ["MatMul", "Gemm"];

    /// <summary>The products that the provider has kernels for; null for float32, which needs none.</summary>
    /// <param name="type">The type to compute in.</param>
    /// <param name="session">The provider.</param>
    /// <exception cref="BadInputException">It lacks those that everything else builds on.</exception>
    public static NarrowProducts? Of(ElementType type, OrtSessionOptions session)
    {
        if (type == ElementType.Float32)
        {
            return null;
        }

        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (string product in NarrowProducts.Products)
        {
            if (Loads(product, type, session) is not { } why)
            {
                found.Add(product);
            }
            else if (Needed.Contains(product))
            {
                string name = NameOf(type);
                throw new BadInputException(
                    ErrorCode.Recipe, $"precision {name}: ONNX Runtime {OrtSession.RuntimeVersion} has no {product} of {name} on the provider '{session.Provider}' ({why}); "
                    + (session.Provider == "cpu" ? $"use --provider cuda for {name}; on the CPU leave 'precision' out, since float32 is fastest there (float16 runs too, by casts)" : "leave 'precision' out, or take another"));
            }
        }

        return new NarrowProducts(type, found);
    }

    /// <summary>The name of a type as recipes have it.</summary>
    public static string NameOf(ElementType type) => type.ToString().ToLowerInvariant();

    /// <summary>Why a product cannot be loaded; null where it can.</summary>
    private static string? Loads(string product, ElementType type, OrtSessionOptions session)
    {
        long[] dims = product.StartsWith("Conv", StringComparison.Ordinal) ? [1, 1, 2, 2] : [2, 2];
        var graph = new GraphProto { Name = "product" };
        graph.Input.Add(TrainingGraph.Info("a", type, dims));
        graph.Input.Add(TrainingGraph.Info("b", type, dims));
        graph.Output.Add(new ValueInfoProto { Name = "c" });
        var node = new NodeProto { OpType = product, Input = { "a", "b" }, Output = { "c" } };
        if (product == "Einsum")
        {
            node.Attribute.Add(Attributes.Of("equation", "ij,jk->ik"));
        }

        graph.Node.Add(node);
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = GraphWriter.Opset });
        try
        {
            using OnnxModel wrapped = OnnxModel.FromProto(model);
            using var loaded = new OrtSession(wrapped, session);
            return null;
        }
        catch (NotVerifiedException e)
        {
            return e.Message;
        }
    }
}
