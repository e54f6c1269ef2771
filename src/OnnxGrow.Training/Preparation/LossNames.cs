using Onnx;
using OnnxGrow.Training.Losses;

namespace OnnxGrow.Training.Preparation;

/// <summary>
/// Names of the inputs that a loss adds, which data go by. A value within the model that is called so gets another name; inputs,
/// outputs and weights keep theirs, since recipes and files go by them.
/// </summary>
internal static class LossNames
{
    private static readonly string[] Names = [CrossEntropy.Labels, MeanSquaredError.Target, Distillation.Teacher];

    /// <summary>Renames values of a graph.</summary>
    public static void Free(GraphProto graph)
    {
        var names = new NamesInUse(graph, "model");
        HashSet<string> kept = [.. graph.Input.Select(i => i.Name), .. graph.Output.Select(o => o.Name)];
        foreach (string name in Names.Where(n => !kept.Contains(n) && graph.Node.Any(node => node.OpType != "Constant" && node.Output.Contains(n))))
        {
            Rename(graph, name, names.Fresh(name));
        }
    }

    private static void Rename(GraphProto graph, string from, string to)
    {
        foreach (NodeProto node in graph.Node)
        {
            Replace(node.Input, from, to);
            Replace(node.Output, from, to);
            foreach (GraphProto inner in node.Attribute.SelectMany(a => a.Graphs.Append(a.G)).OfType<GraphProto>())
            {
                // Names of inner graphs hide none of those outside, so that the name means the same there.
                Rename(inner, from, to);
                foreach (ValueInfoProto output in inner.Output.Where(o => o.Name == from))
                {
                    output.Name = to;
                }
            }
        }
    }

    private static void Replace(Google.Protobuf.Collections.RepeatedField<string> names, string from, string to)
    {
        for (int i = 0; i < names.Count; i++)
        {
            names[i] = names[i] == from ? to : names[i];
        }
    }
}
