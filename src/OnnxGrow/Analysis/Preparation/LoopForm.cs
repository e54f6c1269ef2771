using Onnx;

namespace OnnxGrow.Analysis.Preparation;

/// <summary>What a Loop or a Scan does, where the file says how many turns it takes.</summary>
internal sealed class LoopForm
{
    // A body may hand a condition on in circles.
    private const int MaxIdentities = 16;

    private readonly (string Stack, long Axis, bool Backwards, string Inner)[] _scanned;
    private readonly string[] _inner;
    private readonly string? _condition;

    private LoopForm(NodeProto node, GraphProto body, int turns, int states, int firstState, string? number, string? condition)
    {
        Node = node;
        Body = body;
        Turns = turns;
        Number = number;
        _condition = condition;
        int given = node.OpType == "Loop" ? 2 : 0;
        int after = node.OpType == "Loop" ? 1 : 0;
        Initial = [.. node.Input.Skip(given).Take(states)];
        _inner = [.. body.Input.Skip(firstState).Take(states).Select(i => i.Name)];
        Next = [.. body.Output.Skip(after).Take(states).Select(o => o.Name)];
        long[] axes = Ints(node, "scan_output_axes");
        long[] directions = Ints(node, "scan_output_directions");
        Collected = [.. body.Output.Skip(after + states).Select((o, i) => (o.Name, axes.ElementAtOrDefault(i), directions.ElementAtOrDefault(i) == 1))];
        long[] inAxes = Ints(node, "scan_input_axes");
        long[] inDirections = Ints(node, "scan_input_directions");
        _scanned = node.OpType == "Loop" ? [] : [.. node.Input.Skip(states).Select((s, i) => (s, inAxes.ElementAtOrDefault(i), inDirections.ElementAtOrDefault(i) == 1, body.Input[states + i].Name))];
    }

    /// <summary>The node.</summary>
    public NodeProto Node { get; }

    /// <summary>What every turn computes.</summary>
    public GraphProto Body { get; }

    /// <summary>How often.</summary>
    public int Turns { get; }

    /// <summary>The body's name for the number of the turn; null for a Scan, which has none.</summary>
    public string? Number { get; }

    /// <summary>What the first turn starts from.</summary>
    public IReadOnlyList<string> Initial { get; }

    /// <summary>The body's results that the next turn starts from.</summary>
    public IReadOnlyList<string> Next { get; }

    /// <summary>The body's results that are put side by side, and along which new axis.</summary>
    public IReadOnlyList<(string Name, long Axis, bool Backwards)> Collected { get; }

    /// <summary>Whether a node is a Loop or a Scan.</summary>
    public static bool IsLoop(NodeProto node) => node is { OpType: "Loop" or "Scan", Domain: "" or "ai.onnx" };

    /// <summary>The form of a loop; null where a run decides how often it turns, or it is not sound.</summary>
    public static LoopForm? Of(NodeProto node, Constants constants, long opset)
    {
        GraphProto? body = node.Attribute.FirstOrDefault(a => a.Name == "body")?.G;
        LoopForm? form = body is null ? null : node.OpType == "Loop" ? OfLoop(node, body, constants) : OfScan(node, body, constants, opset);
        return form is { Turns: > 0 and <= Loops.MaxTurns } && form.Initial.Count + form.Collected.Count == node.Output.Count ? form : null;
    }

    /// <summary>Gives the names that the body's inputs have in one turn.</summary>
    public void Bind(int turn, string[] states, Dictionary<string, string> renamed, Func<string, string> number, Func<string> always, Func<string, long, int, string> part)
    {
        for (int i = 0; i < _inner.Length; i++)
        {
            renamed[_inner[i]] = states[i];
        }

        foreach ((string stack, long axis, bool backwards, string inner) in _scanned)
        {
            renamed[inner] = part(stack, axis, backwards ? Turns - 1 - turn : turn);
        }

        if (Number is not null)
        {
            renamed[Number] = number(Number);
        }

        if (_condition is not null)
        {
            renamed[_condition] = always();
        }
    }

    private static LoopForm? OfLoop(NodeProto node, GraphProto body, Constants constants)
    {
        int states = node.Input.Count - 2;
        if (states < 0 || body.Input.Count != states + 2 || body.Output.Count < states + 1 || node.Input[0].Length == 0
            || constants.NumberOf(node.Input[0]) is not { } turns || turns > Loops.MaxTurns || turns != Math.Floor(turns))
        {
            return null;
        }

        // The loop ends early where its condition is or becomes false; one that is not given is true at first.
        string first = node.Input[1];
        string condition = body.Input[1].Name;
        bool endless = (first.Length == 0 || constants.NumberOf(first) == 1) && PassesOn(body, condition);
        return endless ? new LoopForm(node, body, (int)turns, states, 2, body.Input[0].Name, condition) : null;
    }

    /// <summary>Whether the body hands on the condition as it came, or true.</summary>
    private static bool PassesOn(GraphProto body, string condition)
    {
        string name = body.Output[0].Name;
        for (int steps = 0; steps < MaxIdentities && body.Node.FirstOrDefault(n => n.Output.Contains(name)) is { OpType: "Identity", Input.Count: 1 } identity; steps++)
        {
            name = identity.Input[0];
        }

        if (name == condition)
        {
            return true;
        }

        TensorProto? constant = body.Initializer.FirstOrDefault(t => t.Name == name)
            ?? body.Node.Where(n => n.OpType == "Constant" && n.Output.Contains(name)).Select(ConstantNode.TensorOf).FirstOrDefault();
        return constant is not null && (constant.RawData.Length == 1 ? constant.RawData[0] == 1 : constant.Int32Data.Count == 1 && constant.Int32Data[0] == 1);
    }

    private static LoopForm? OfScan(NodeProto node, GraphProto body, Constants constants, long opset)
    {
        // Before operator set 9, Scan had a batch and lengths.
        int scanned = (int)(node.Attribute.FirstOrDefault(a => a.Name == "num_scan_inputs")?.I ?? 0);
        int states = node.Input.Count - scanned;
        if (opset < 9 || scanned < 1 || states < 0 || body.Input.Count != node.Input.Count || body.Output.Count < states)
        {
            return null;
        }

        long[] axes = Ints(node, "scan_input_axes");
        for (int i = 0; i < scanned; i++)
        {
            // A stack of weights tells how many there are; sequences that are scanned over are none.
            long axis = axes.ElementAtOrDefault(i);
            if (constants.DimsOf(node.Input[states + i]) is { } dims && axis >= 0 && axis < dims.Length && dims[axis] <= Loops.MaxTurns)
            {
                return axes.All(a => a >= 0) && Ints(node, "scan_output_axes").All(a => a >= 0)
                    ? new LoopForm(node, body, (int)dims[axis], states, 0, null, null)
                    : null;
            }
        }

        return null;
    }

    private static long[] Ints(NodeProto node, string name) => [.. node.Attribute.FirstOrDefault(a => a.Name == name)?.Ints ?? []];
}
