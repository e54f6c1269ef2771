using System.Globalization;
using Onnx;

namespace OnnxGrow.TestSupport.Fuzz;

/// <summary>Functions of the model's own: calls of themselves, calls that multiply, parameters that are not there.</summary>
internal static class FunctionMutations
{
    private const string Domain = "local";

    public static void Change(ModelProto model, GraphProto graph, SplitMix64 r)
    {
        switch (r.Int(0, 5))
        {
            case 0:
                Ring(model, graph, r);
                break;
            case 1:
                Bomb(model, graph, r);
                break;
            case 2 when model.Functions.Count > 0:
                Edit(model.Functions[r.Int(0, model.Functions.Count - 1)], r);
                break;
            default:
                Outline(model, graph, r);
                break;
        }
    }

    // Functions that call the next, the last the first.
    private static void Ring(ModelProto model, GraphProto graph, SplitMix64 r)
    {
        int count = r.Int(1, 4);
        for (int i = 0; i < count; i++)
        {
            model.Functions.Add(Calling(Name("ring", i), Name("ring", (i + 1) % count), 1));
        }

        Call(graph, Name("ring", 0), r);
    }

    // Each calls the one before several times: a few hundred bytes that stand for any number of nodes.
    private static void Bomb(ModelProto model, GraphProto graph, SplitMix64 r)
    {
        int depth = r.Pick(3, 12, 40, 90, 300, 5000);
        int times = r.Pick(1, 2, 2, 10);
        for (int i = 0; i < depth; i++)
        {
            model.Functions.Add(Calling(Name("bomb", i), i == 0 ? "Relu" : Name("bomb", i - 1), times));
        }

        Call(graph, Name("bomb", depth - 1), r);
    }

    // Some nodes of the graph become the body of a function, with or without what they need.
    private static void Outline(ModelProto model, GraphProto graph, SplitMix64 r)
    {
        if (graph.Node.Count == 0)
        {
            return;
        }

        int from = r.Int(0, graph.Node.Count - 1);
        NodeProto[] body = [.. graph.Node.Skip(from).Take(r.Int(1, 6))];
        var made = body.SelectMany(n => n.Output).ToHashSet(StringComparer.Ordinal);
        string[] inputs = [.. body.SelectMany(n => n.Input).Where(i => !made.Contains(i)).Distinct(StringComparer.Ordinal)];
        var function = new FunctionProto { Name = "outlined", Domain = Domain };
        function.Input.AddRange(inputs.Skip(r.Int(0, 3) / 3));
        function.Output.AddRange(made.Where(m => m.Length > 0));
        function.Node.AddRange(body.Select(b => b.Clone()));
        function.OpsetImport.AddRange(r.Int(0, 4) == 0 ? [] : model.OpsetImport.Select(o => o.Clone()));
        var call = new NodeProto { OpType = function.Name, Domain = Domain };
        call.Input.AddRange(inputs);
        call.Output.AddRange(function.Output);
        foreach (NodeProto node in body)
        {
            graph.Node.Remove(node);
        }

        graph.Node.Insert(from, call);
        Register(model, function);
        if (r.Coin())
        {
            Edit(function, r);
        }
    }

    private static void Edit(FunctionProto function, SplitMix64 r)
    {
        switch (r.Int(0, 7))
        {
            case 0:
                function.Input.Add(Hostile.Name(r));
                break;
            case 1 when function.Output.Count > 0:
                function.Output.RemoveAt(0);
                break;
            case 2 when function.Node.Count > 0:
                function.Node.RemoveAt(r.Int(0, function.Node.Count - 1));
                break;
            case 3:
                function.Attribute.Add(r.Pick("epsilon", "axis", "perm"));
                foreach (AttributeProto attribute in function.Node.SelectMany(n => n.Attribute))
                {
                    attribute.RefAttrName = attribute.Name;
                }

                break;
            case 4:
                function.Name = Hostile.Name(r);
                break;
            case 5:
                function.OpsetImport.Clear();
                break;
            case 6 when function.Node.Count > 0:
                AttributeMutations.Change(function.Node[r.Int(0, function.Node.Count - 1)], r);
                break;
            default:
                function.Output.Add(r.Coin() ? "nowhere" : function.Input.FirstOrDefault() ?? "");
                break;
        }
    }

    private static FunctionProto Calling(string name, string callee, int times)
    {
        var function = new FunctionProto { Name = name, Domain = Domain };
        function.Input.Add("x");
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = Domain, Version = 1 });
        string value = "x";
        for (int i = 0; i < times; i++)
        {
            var node = new NodeProto { OpType = callee, Domain = callee == "Relu" ? "" : Domain };
            node.Input.Add(value);
            value = Name("y", i);
            node.Output.Add(value);
            function.Node.Add(node);
        }

        function.Output.Add(value);
        return function;
    }

    private static void Call(GraphProto graph, string function, SplitMix64 r)
    {
        var call = new NodeProto { OpType = function, Domain = Domain };
        call.Input.Add(NodeMutations.AnyName(graph, r));
        call.Output.Add("called");
        graph.Node.Add(call);
    }

    private static void Register(ModelProto model, FunctionProto function)
    {
        model.Functions.Add(function);
        if (model.OpsetImport.All(o => o.Domain != Domain))
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = Domain, Version = 1 });
        }
    }

    private static string Name(string stem, int i) => string.Create(CultureInfo.InvariantCulture, $"{stem}{i}");
}
