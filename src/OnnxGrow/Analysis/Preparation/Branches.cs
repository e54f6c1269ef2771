using System.Globalization;
using Google.Protobuf;
using Onnx;

namespace OnnxGrow.Analysis.Preparation;

/// <summary>
/// The branches of If nodes, laid out in the graph around them so that dimensions flow through them as through any other
/// nodes. Both branches end in a node that stands for the choice; afterwards the nodes go back to where they came from.
/// Constants of branches stay with the graph's other constants, which branches see.
/// </summary>
internal static class Branches
{
    /// <summary>Domain of the node that stands for the choice; no file has it.</summary>
    public const string Domain = "onnxgrow.internal";

    /// <summary>The node that stands for the choice: condition, then the results of both branches.</summary>
    public const string Choice = "Choice";

    private const string Tag = "onnxgrow:branch:";
    private const int MaxDepth = 16;

    private static readonly string[] Sides = ["then_branch", "else_branch"];

    public static bool Any(GraphProto graph) => graph.Node.Any(IsIf);

    public static bool IsInside(NodeProto node) => node.DocString.StartsWith(Tag, StringComparison.Ordinal);

    /// <summary>The choices, the innermost first, of whose branches a node is.</summary>
    public static IEnumerable<string> ChoicesOf(NodeProto node)
    {
        foreach (string line in node.DocString.Split('\n'))
        {
            if (!line.StartsWith(Tag, StringComparison.Ordinal))
            {
                yield break;
            }

            yield return line[(line.IndexOf(':', Tag.Length) + 1)..];
        }
    }

    /// <summary>Makes a copy of a node one of the branches of a copy of its choice; a choice's copy gets its name.</summary>
    /// <param name="copy">The copy of the node.</param>
    /// <param name="name">The name of a choice's copy.</param>
    public static void MoveTo(NodeProto copy, Func<string, string> name)
    {
        string[] lines = copy.DocString.Split('\n');
        for (int i = 0; i < lines.Length && lines[i].StartsWith(Tag, StringComparison.Ordinal); i++)
        {
            int at = lines[i].IndexOf(':', Tag.Length) + 1;
            lines[i] = lines[i][..at] + name(lines[i][at..]);
        }

        copy.DocString = string.Join('\n', lines);
        if (copy.Domain == Domain)
        {
            copy.Name = name(copy.Name);
            AttributeProto own = copy.Attribute.First(a => a.Name == "name");
            own.S = ByteString.CopyFromUtf8(copy.Name);
        }
    }

    public static void LayOut(GraphProto graph)
    {
        // An If's own name goes to the choice, so that copies of other nodes cannot take it.
        HashSet<string> names = Naming.Taken(graph, leaveNameOf: IsIf);
        for (int depth = 0; Any(graph); depth++)
        {
            if (depth >= MaxDepth)
            {
                throw new BadInputException(ErrorCode.Graph, $"If nodes are nested more than {MaxDepth} deep");
            }

            var nodes = new List<NodeProto>();
            foreach (NodeProto node in graph.Node)
            {
                if (IsIf(node))
                {
                    LayOut(node, graph, nodes, names);
                }
                else
                {
                    nodes.Add(node);
                }
            }

            graph.Node.Clear();
            graph.Node.AddRange(nodes);
        }
    }

    /// <summary>Puts laid out branches back, the innermost first.</summary>
    public static void PutBack(GraphProto graph)
    {
        // A choice inside a branch stands before the choice that the branch is of.
        while (graph.Node.FirstOrDefault(n => n.Domain == Domain) is { } choice)
        {
            PutBack(graph, choice);
        }
    }

    private static bool IsIf(NodeProto node) =>
        node is { OpType: "If", Domain: "" or "ai.onnx", Input.Count: 1, Output.Count: > 0 } && Sides.All(side =>
            Branch(node, side) is { Input.Count: 0 } branch && branch.Output.Count == node.Output.Count);

    private static GraphProto? Branch(NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name)?.G;

    private static void LayOut(NodeProto node, GraphProto graph, List<NodeProto> nodes, HashSet<string> names)
    {
        string id = Text.Unique(node.Name.Length > 0 ? node.Name : node.Output[0], names);
        var choice = new NodeProto { OpType = Choice, Domain = Domain, Name = id, DocString = node.DocString };
        choice.Input.Add(node.Input[0]);
        foreach (string side in Sides)
        {
            GraphProto branch = Branch(node, side)!;
            choice.Input.AddRange(LayOut(branch, side, id, node.DocString, graph, nodes, names));
            choice.Attribute.Add(new AttributeProto { Name = side, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(branch.Name) });
            choice.Attribute.Add(Types(branch, side + "_types"));
        }

        choice.Attribute.Add(new AttributeProto { Name = "name", Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(node.Name) });
        choice.Output.AddRange(node.Output);
        nodes.Add(choice);
    }

    private static List<string> LayOut(GraphProto branch, string side, string id, string outer, GraphProto graph, List<NodeProto> nodes, HashSet<string> names)
    {
        var renamed = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (TensorProto tensor in branch.Initializer)
        {
            graph.Initializer.Add(Moved(tensor, renamed[tensor.Name] = Text.Unique(tensor.Name, names)));
        }

        foreach (NodeProto node in branch.Node)
        {
            TensorProto? constant = node.OpType == "Constant" && node.Output.Count == 1 ? ConstantNode.TensorOf(node) : null;
            foreach (string output in node.Output.Where(o => o.Length > 0))
            {
                renamed[output] = Text.Unique(output, names);
            }

            if (constant is not null)
            {
                graph.Initializer.Add(Moved(constant, renamed[node.Output[0]]));
                continue;
            }

            Naming.Rename(node, renamed);
            string where = string.Create(CultureInfo.InvariantCulture, $"{Tag}{side}:{id}\n");

            // A branch of a branch: the tag of the inner one first, so that it is put back first.
            node.DocString = where + (outer.StartsWith(Tag, StringComparison.Ordinal) ? outer[..(outer.IndexOf('\n', StringComparison.Ordinal) + 1)] : "") + node.DocString;
            nodes.Add(node);
        }

        return [.. branch.Output.Select(o => renamed.GetValueOrDefault(o.Name, o.Name))];
    }

    private static TensorProto Moved(TensorProto tensor, string name)
    {
        tensor.Name = name;
        return tensor;
    }

    /// <summary>The element types of a branch's results; their extents may change with growth.</summary>
    private static AttributeProto Types(GraphProto branch, string name)
    {
        var types = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        types.Ints.AddRange(branch.Output.Select(o => (long)(o.Type?.TensorType?.ElemType ?? 0)));
        return types;
    }

    private static void PutBack(GraphProto graph, NodeProto choice)
    {
        var node = new NodeProto { OpType = "If", Name = choice.Attribute.First(a => a.Name == "name").S.ToStringUtf8(), DocString = choice.DocString };
        node.Input.Add(choice.Input[0]);
        node.Output.AddRange(choice.Output);
        int results = choice.Output.Count;
        var taken = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        foreach ((int i, string side) in Sides.Index())
        {
            string tag = $"{Tag}{side}:{choice.Name}\n";
            var branch = new GraphProto { Name = choice.Attribute.First(a => a.Name == side).S.ToStringUtf8() };
            var made = new HashSet<string>(StringComparer.Ordinal);
            foreach (NodeProto each in graph.Node)
            {
                // What growth has put beside a node of the branch reads its values and belongs to it.
                bool tagged = each.DocString.StartsWith(tag, StringComparison.Ordinal);
                if (each.Domain != Domain && (tagged || (!IsInside(each) && each.Input.Any(made.Contains))))
                {
                    each.DocString = tagged ? each.DocString[tag.Length..] : each.DocString;
                    made.UnionWith(each.Output);
                    branch.Node.Add(each);
                    taken.Add(each);
                }
            }

            long[] types = [.. choice.Attribute.First(a => a.Name == side + "_types").Ints];
            for (int r = 0; r < results; r++)
            {
                branch.Output.Add(Result(choice.Input[1 + (i * results) + r], (int)types[r]));
            }

            node.Attribute.Add(new AttributeProto { Name = side, Type = AttributeProto.Types.AttributeType.Graph, G = branch });
        }

        NodeProto[] rest = [.. graph.Node.Where(n => !taken.Contains(n)).Select(n => ReferenceEquals(n, choice) ? node : n)];
        graph.Node.Clear();
        graph.Node.AddRange(rest);
    }

    private static ValueInfoProto Result(string name, int type)
    {
        var info = new ValueInfoProto { Name = name };
        if (type != 0)
        {
            info.Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = type } };
        }

        return info;
    }
}
