using Onnx;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Kernels;
using OnnxGrow.Training.Differentiation;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Fusion;

/// <summary>
/// Rewrites a training graph for the CPU: chains of elementwise operators and of reductions along the last axis become one node
/// each, which passes over memory once (<see cref="FusedOperator"/>). Written with standard operators, every step of a
/// normalisation, a GELU or an optimizer's update reads and writes whole tensors.
/// </summary>
internal static class ElementwiseFusion
{
    /// <summary>The rewritten graph.</summary>
    /// <param name="model">The graph of standard operators, which stays as it is.</param>
    /// <param name="values">What is known of the model's values; null where the graph has none of a model's.</param>
    /// <param name="valueOf">What gradients are of.</param>
    public static OnnxModel Of(OnnxModel model, ValueTable? values, IReadOnlyDictionary<string, string> valueOf)
    {
        OnnxModel fused = model.Clone();
        try
        {
            Run(fused, values, valueOf);
            return fused;
        }
        catch
        {
            fused.Dispose();
            throw;
        }
    }

    private static void Run(OnnxModel model, ValueTable? values, IReadOnlyDictionary<string, string> valueOf)
    {
        GraphProto graph = model.Proto.Graph;
        if (graph.Node.Any(n => n.Attribute.Any(a => a.G is not null)))
        {
            // Graphs within see values of this one by name.
            return;
        }

        CommonNodes.Run(graph);
        var constants = new SmallConstants(model);
        var shapes = new ValueShapes(graph, values, valueOf, constants);
        FusibleNode?[] fusible = [.. graph.Node.Select(n => FusibleNode.Of(n, shapes, constants.ValuesOf))];
        var nodes = new FusionGraph(graph, name => values?.Knows(name) == true);
        new GroupFormation(nodes, fusible).Run();
        new Recomputation(nodes, fusible).Run();
        Write(graph, nodes, fusible);
        model.Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = FusedOperator.Domain, Version = 1 });
        NodeOrder.Sort(graph);
        Pruning.Run(model.Proto);
    }

    private static void Write(GraphProto graph, FusionGraph nodes, FusibleNode?[] fusible)
    {
        var writer = new GraphWriter(graph);
        FusionGroup[] groups = [.. nodes.Groups.OfType<FusionGroup>().Distinct()];
        HashSet<string> read = [.. nodes.Outputs, .. nodes.Nodes.Where((_, i) => nodes.Groups[i] is null).SelectMany(n => n.Input)];
        foreach (FusionGroup group in groups)
        {
            HashSet<string> computed = [.. group.Computed.Select(m => nodes.Nodes[m].Output[0])];
            read.UnionWith(group.Computed.SelectMany(m => nodes.Nodes[m].Input).Where(i => !computed.Contains(i)));
        }

        graph.Node.Clear();
        graph.Node.AddRange(nodes.Nodes.Where((_, i) => nodes.Groups[i] is null));
        foreach (FusionGroup group in groups)
        {
            string[] outputs = [.. group.Members.Select(m => nodes.Nodes[m].Output[0]).Where(read.Contains)];
            if (outputs.Length > 0)
            {
                graph.Node.Add(new GroupWriter(nodes, fusible, group).Write(writer, outputs));
            }
        }
    }
}
