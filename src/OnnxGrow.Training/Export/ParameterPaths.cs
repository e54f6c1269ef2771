using System.Text.RegularExpressions;
using Onnx;
using OnnxGrow.Analysis;

namespace OnnxGrow.Training.Export;

/// <summary>
/// The paths that weights had in the module that was exported. Most initializers are named by them; where an exporter has folded a
/// transpose or made a name up, the node that reads the weight tells: its name is its module's scope, and the bias beside it may
/// have kept its own.
/// </summary>
internal sealed partial class ParameterPaths(GraphProto graph)
{
    private readonly GraphReaders _readers = new(graph);

    /// <summary>Whether an exporter made a name up.</summary>
    public static bool IsMadeUp(string name) => MadeUp().IsMatch(name);

    /// <summary>The path of a weight, and the node that reads it.</summary>
    /// <param name="name">The weight's name in the graph.</param>
    public (string Path, NodeProto? Node, int Input) Of(string name)
    {
        (NodeProto Node, int Input)[] readers = [.. _readers.Through(name)];
        (NodeProto? node, int input) = readers.Length > 0 ? readers[0] : default;
        if (!IsMadeUp(name))
        {
            return (name, node, input);
        }

        string? module = readers.Select(r => ScopeOf(r.Node) ?? NeighbourOf(r.Node)).FirstOrDefault(m => m is not null);
        return (module is null || node is null ? name : $"{module}.{KindOf(node, input)}", node, input);
    }

    /// <summary>Whether a graph stores a matrix as [in, out] that its module has the other way round.</summary>
    /// <remarks>Only folding a transpose gives a matrix a name of the exporter's; one with a name of its own is stored as its module has it.</remarks>
    public bool IsTransposed(string name, int rank) =>
        rank == 2 && IsMadeUp(name) && _readers.Of(name) is { Count: > 0 } readers
        && readers.All(r => r.Input == 1 && (r.Node.OpType == "MatMul" || (r.Node.OpType == "Gemm" && r.Node.Attribute.FirstOrDefault(a => a.Name == "transB")?.I is null or 0)));

    /// <summary>The module that a node's name says it is of: /bert/encoder/layer.0/attention/self/query/MatMul.</summary>
    private static string? ScopeOf(NodeProto node)
    {
        string[] parts = node.Name.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return node.Name.StartsWith('/') && parts.Length > 1 ? string.Join('.', parts[..^1]) : null;
    }

    /// <summary>The module of the bias that is added to a product.</summary>
    private string? NeighbourOf(NodeProto node)
    {
        const string Bias = ".bias";
        IEnumerable<string> beside = node.Input.Concat(_readers.Of(node.Output[0]).Where(r => r.Node.OpType == "Add").SelectMany(r => r.Node.Input));
        return beside.FirstOrDefault(n => n.EndsWith(Bias, StringComparison.Ordinal) && !IsMadeUp(n))?[..^Bias.Length];
    }

    private static string KindOf(NodeProto node, int input) => node.OpType switch
    {
        "Add" or "Sub" => "bias",
        "LayerNormalization" or "Gemm" or "Conv" or "BatchNormalization" or "InstanceNormalization" or "GroupNormalization" when input == 2 => "bias",
        _ => "weight",
    };

    [GeneratedRegex(@"^(\d+|onnx::.*|_v_.*|val_\d+|const.*_\d+|.*_output_\d+.*|/.*)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex MadeUp();
}
