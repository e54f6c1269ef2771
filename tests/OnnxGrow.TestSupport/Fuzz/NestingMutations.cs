using System.Globalization;
using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.TestSupport.Fuzz;

/// <summary>Graphs within graphs, and long chains.</summary>
internal static class NestingMutations
{
    public static void Change(GraphProto graph, SplitMix64 r)
    {
        switch (r.Int(0, 5))
        {
            case 0:
                Deep(graph, r);
                break;
            case 1:
                Chain(graph, r);
                break;
            case 2 or 3:
                Branch(graph, r);
                break;
            default:
                Loop(graph, r);
                break;
        }
    }

    // An If in an If in an If, as deep as readers allow and deeper.
    private static void Deep(GraphProto graph, SplitMix64 r)
    {
        int depth = r.Pick(2, 10, 30, 32, 34, 60);
        GraphProto body = Body(NodeMutations.AnyName(graph, r));
        for (int i = 0; i < depth; i++)
        {
            var outer = new GraphProto { Name = "deep" };
            outer.Node.Add(If(NodeMutations.AnyName(graph, r), body, r.Int(0, 9) == 0 ? Body("nowhere") : Body("x"), "inner"));
            outer.Output.Add(new ValueInfoProto { Name = "inner" });
            body = outer;
        }

        graph.Node.Insert(r.Int(0, graph.Node.Count), If(NodeMutations.AnyName(graph, r), body, Body("x"), "deep"));
    }

    private static void Chain(GraphProto graph, SplitMix64 r)
    {
        string value = NodeMutations.AnyName(graph, r);
        string other = NodeMutations.AnyName(graph, r);
        string[] operators = r.Coin() ? ["Identity"] : [r.Pick("Add", "Mul", "Concat", "Relu", "Shape", "Sqrt", "MatMul", "Sub"), r.Pick("Add", "Mul", "Cast", "Transpose", "Where")];
        bool twice = r.Coin();
        int length = r.Pick(10, 100, 1000, 3000);
        for (int i = 0; i < length; i++)
        {
            var node = new NodeProto { OpType = operators[i % operators.Length] };
            node.Input.Add(value);
            if (node.OpType is not ("Identity" or "Relu" or "Shape" or "Sqrt" or "Cast" or "Transpose"))
            {
                // With other counts than the operator's the whole chain would be refused at its first node.
                node.Input.AddRange(Enumerable.Repeat(twice ? value : other, node.OpType == "Where" ? 2 : 1));
            }

            value = string.Create(CultureInfo.InvariantCulture, $"chain{i}");
            node.Output.Add(value);
            if (node.OpType == "Concat")
            {
                node.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = r.Int(-1, 1) });
            }

            graph.Node.Add(node);
        }

        if (graph.Output.Count > 0 && r.Coin())
        {
            graph.Output[0].Name = value;
        }
    }

    // Some nodes move into both branches of an If.
    private static void Branch(GraphProto graph, SplitMix64 r)
    {
        if (graph.Node.Count == 0)
        {
            return;
        }

        int from = r.Int(0, graph.Node.Count - 1);
        GraphProto body = Cut(graph, from, r);
        string condition = NodeMutations.AnyName(graph, r);
        if (r.Coin())
        {
            condition = "condition";
            graph.Initializer.Add(Tensors.Scalar(condition, ElementType.Bool, r.Int(0, 1)));
        }

        NodeProto node = If(condition, body, r.Coin() ? body.Clone() : Body("x"), "");
        node.Output.Clear();
        node.Output.AddRange(body.Output.Select(o => o.Name));
        graph.Node.Insert(from, node);
    }

    private static void Loop(GraphProto graph, SplitMix64 r)
    {
        if (graph.Node.Count == 0)
        {
            return;
        }

        int from = r.Int(0, graph.Node.Count - 1);
        GraphProto body = Cut(graph, from, r);
        string carried = NodeMutations.AnyName(graph, r);
        body.Input.Add(new ValueInfoProto { Name = "i" });
        body.Input.Add(new ValueInfoProto { Name = "go" });
        body.Input.Add(new ValueInfoProto { Name = r.Coin() ? carried : "carried" });
        if (r.Int(0, 4) > 0)
        {
            body.Output.Insert(0, new ValueInfoProto { Name = "go" });
        }

        graph.Initializer.Add(Tensors.Int64("trips", [], r.Pick(0, 1, 2, 3, 1000, Hostile.Number(r))));
        var node = new NodeProto { OpType = r.Int(0, 4) == 0 ? "Scan" : "Loop" };
        node.Input.AddRange([r.Coin() ? "trips" : carried, r.Coin() ? "" : carried, carried]);
        node.Output.AddRange(body.Output.Skip(1).Select(o => o.Name));
        node.Attribute.Add(new AttributeProto { Name = "body", Type = AttributeProto.Types.AttributeType.Graph, G = body });
        if (node.OpType == "Scan")
        {
            node.Attribute.Add(new AttributeProto { Name = "num_scan_inputs", Type = AttributeProto.Types.AttributeType.Int, I = r.Pick(0, 1, 2, Hostile.Number(r)) });
        }

        graph.Node.Insert(from, node);
    }

    private static GraphProto Cut(GraphProto graph, int from, SplitMix64 r)
    {
        NodeProto[] nodes = [.. graph.Node.Skip(from).Take(r.Int(1, 12))];
        var body = new GraphProto { Name = "cut" };
        foreach (NodeProto node in nodes)
        {
            graph.Node.Remove(node);
            body.Node.Add(node);
        }

        body.Output.AddRange(nodes.TakeLast(r.Int(1, 2)).SelectMany(n => n.Output).Select(o => new ValueInfoProto { Name = o }));
        return body;
    }

    private static GraphProto Body(string reads)
    {
        var body = new GraphProto { Name = "body" };
        var node = new NodeProto { OpType = "Identity" };
        node.Input.Add(reads);
        node.Output.Add("inner");
        body.Node.Add(node);
        body.Output.Add(new ValueInfoProto { Name = "inner" });
        return body;
    }

    private static NodeProto If(string condition, GraphProto then, GraphProto other, string output)
    {
        var node = new NodeProto { OpType = "If" };
        node.Input.Add(condition);
        node.Output.Add(output);
        node.Attribute.Add(new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = then });
        node.Attribute.Add(new AttributeProto { Name = "else_branch", Type = AttributeProto.Types.AttributeType.Graph, G = other });
        return node;
    }
}
