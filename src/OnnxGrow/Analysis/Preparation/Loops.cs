using System.Globalization;
using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.Analysis.Preparation;

/// <summary>
/// Lays out loops whose number of turns is in the file, turn after turn: a Loop over layers with a constant count and no
/// other end, a Scan over stacked weights. Dimensions then flow through them as through layers written one by one, a stack of
/// weights is taken apart into a weight for each turn, and layers can be added. Loops that a run decides on stay closed.
/// </summary>
internal sealed class Loops
{
    /// <summary>More turns than layers of any model are a loop over something else.</summary>
    public const int MaxTurns = 512;

    /// <summary>Loops are not laid out to more nodes than this.</summary>
    public const int MaxNodes = 200_000;

    private readonly OnnxModel _model;
    private readonly Constants _constants;
    private readonly long _opset;
    private readonly HashSet<string> _names;
    private readonly LayerStacks _stacks;
    private string? _always;

    private Loops(OnnxModel model)
    {
        _model = model;
        _constants = new Constants(model);
        _opset = model.Proto.OpsetImport.FirstOrDefault(i => i.Domain is "" or "ai.onnx")?.Version ?? 1;
        _names = Naming.Taken(model.Proto.Graph);
        _stacks = new LayerStacks(model, _names);
    }

    public static bool Any(GraphProto graph) => graph.Node.Any(n => LoopForm.IsLoop(n));

    /// <summary>Lays out what can be; loops within loops too.</summary>
    public static void LayOut(OnnxModel model)
    {
        while (new Loops(model).Run())
        {
        }
    }

    private bool Run()
    {
        GraphProto graph = _model.Proto.Graph;
        var nodes = new List<NodeProto>();
        bool any = false;
        foreach (NodeProto node in graph.Node)
        {
            LoopForm? loop = LoopForm.IsLoop(node) ? LoopForm.Of(node, _constants, _opset) : null;
            if (loop is null || graph.Node.Count + ((long)loop.Turns * loop.Body.Node.Count) > MaxNodes)
            {
                nodes.Add(node);
                continue;
            }

            any = true;
            LayOut(loop, nodes);
        }

        graph.Node.Clear();
        graph.Node.AddRange(nodes);
        _stacks.DropUnread();
        return any;
    }

    private void LayOut(LoopForm loop, List<NodeProto> nodes)
    {
        var shared = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (TensorProto tensor in loop.Body.Initializer)
        {
            string name = shared[tensor.Name] = Text.Unique(tensor.Name, _names);
            tensor.Name = name;
            _model.Proto.Graph.Initializer.Add(tensor);
            _constants.Add(tensor);
        }

        string[] states = [.. loop.Initial];
        var collected = loop.Collected.Select(_ => new List<string>()).ToArray();
        for (int turn = 0; turn < loop.Turns; turn++)
        {
            var renamed = new Dictionary<string, string>(shared, StringComparer.Ordinal) { [""] = "" };
            loop.Bind(turn, states, renamed, name => Number(name, turn), Always, (stack, axis, at) => Part(stack, axis, at, loop, nodes));
            Turn(loop, turn, renamed, nodes);
            for (int i = 0; i < states.Length; i++)
            {
                states[i] = renamed.GetValueOrDefault(loop.Next[i], loop.Next[i]);
            }

            for (int i = 0; i < collected.Length; i++)
            {
                string part = renamed.GetValueOrDefault(loop.Collected[i].Name, loop.Collected[i].Name);
                collected[i].Insert(loop.Collected[i].Backwards ? 0 : collected[i].Count, Unsqueezed(part, loop.Collected[i].Axis, nodes));
            }
        }

        for (int i = 0; i < states.Length; i++)
        {
            Give("Identity", [states[i]], loop.Node.Output[i], nodes);
        }

        for (int i = 0; i < collected.Length && states.Length + i < loop.Node.Output.Count; i++)
        {
            NodeProto? join = Give("Concat", collected[i], loop.Node.Output[states.Length + i], nodes);
            join?.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = loop.Collected[i].Axis });
        }
    }

    private void Turn(LoopForm loop, int turn, Dictionary<string, string> renamed, List<NodeProto> nodes)
    {
        string prefix = string.Create(CultureInfo.InvariantCulture, $"{(loop.Node.Name.Length > 0 ? loop.Node.Name : loop.Node.OpType)}/{turn}/");
        foreach (NodeProto node in loop.Body.Node)
        {
            NodeProto copy = node.Clone();
            foreach (string output in node.Output.Where(o => o.Length > 0))
            {
                renamed[output] = Text.Unique(prefix + output, _names);
            }

            // What a turn takes from a stack of weights is a weight of its own.
            string? stack = LayerStacks.StackOf(node, loop.Number);
            if (stack is not null && !renamed.ContainsKey(stack) && _stacks.Part(stack, turn) is { } part)
            {
                renamed[node.Output[0]] = part;
                continue;
            }

            Naming.Rename(copy, renamed);
            copy.Name = copy.Name.Length == 0 ? "" : Text.Unique(prefix + copy.Name, _names);
            nodes.Add(copy);
        }
    }

    private string Number(string name, int turn)
    {
        TensorProto number = Tensors.Int64(Text.Unique(string.Create(CultureInfo.InvariantCulture, $"{name}/{turn}"), _names), [], turn);
        _model.Proto.Graph.Initializer.Add(number);
        return number.Name;
    }

    private string Always()
    {
        if (_always is null)
        {
            TensorProto truth = Tensors.Numbers(Text.Unique("Loop/true", _names), ElementType.Bool, [], 1);
            _model.Proto.Graph.Initializer.Add(truth);
            _always = truth.Name;
        }

        return _always;
    }

    /// <summary>What a Scan hands to a turn.</summary>
    private string Part(string stack, long axis, int at, LoopForm loop, List<NodeProto> nodes)
    {
        if (axis == 0 && _stacks.Part(stack, at) is { } part)
        {
            return part;
        }

        string output = Text.Unique(string.Create(CultureInfo.InvariantCulture, $"{stack}/{at}"), _names);
        var gather = new NodeProto { OpType = "Gather" };
        gather.Input.Add([stack, Number(loop.Node.OpType + "/at", at)]);
        gather.Output.Add(output);
        gather.Attribute.Add(new AttributeProto { Name = "axis", Type = AttributeProto.Types.AttributeType.Int, I = axis });
        nodes.Add(gather);
        return output;
    }

    private string Unsqueezed(string value, long axis, List<NodeProto> nodes)
    {
        string output = Text.Unique(value + "/unsqueezed", _names);
        var node = new NodeProto { OpType = "Unsqueeze" };
        node.Input.Add(value);
        node.Output.Add(output);
        if (_opset >= 13)
        {
            TensorProto axes = Tensors.Int64(Text.Unique(output + "/axes", _names), [1], axis);
            _model.Proto.Graph.Initializer.Add(axes);
            node.Input.Add(axes.Name);
        }
        else
        {
            var axes = new AttributeProto { Name = "axes", Type = AttributeProto.Types.AttributeType.Ints };
            axes.Ints.Add(axis);
            node.Attribute.Add(axes);
        }

        nodes.Add(node);
        return output;
    }

    private static NodeProto? Give(string opType, IEnumerable<string> inputs, string output, List<NodeProto> nodes)
    {
        if (output.Length == 0)
        {
            return null;
        }

        var node = new NodeProto { OpType = opType };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        nodes.Add(node);
        return node;
    }
}
