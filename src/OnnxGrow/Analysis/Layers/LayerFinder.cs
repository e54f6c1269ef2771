using OnnxGrow.Analysis.Norms;

namespace OnnxGrow.Analysis.Layers;

/// <summary>
/// Finds the repeated layers: the trunk is cut at its nodes, and the longest run of a repeating sequence of equal pieces is
/// the stack of layers. Pieces are equal where they compute the same with weights of the same shapes.
/// </summary>
internal static class LayerFinder
{
    public static IReadOnlyList<Layer> Find(Graph graph, IReadOnlyList<NormInstance> norms, Func<Value, bool> isHidden, IReadOnlyList<ModelState> states)
    {
        var norm = norms.ToDictionary(n => n.Last);
        var forms = new ValueForms(graph, states.Select(s => s.Input).ToHashSet());
        var spans = new List<(Value Input, Value Output, int Stack)>();
        int stack = 0;
        foreach (List<Node> trunk in PostDominators.Trunks(graph, norms, isHidden))
        {
            trunk.RemoveAll(n => n.Outputs.All(o => o is not { Consumers.Count: > 0 }) && n != trunk[^1]);
            if (trunk.Count < 3)
            {
                continue;
            }

            Piece[] pieces = Pieces(trunk, norm, forms);
            foreach ((int start, int period, int count) in Stacks(trunk, pieces, norm).OrderBy(s => s.Start))
            {
                for (int i = 0; i < count; i++)
                {
                    spans.Add((Result(trunk[start + (i * period)]), Result(trunk[start + ((i + 1) * period)]), stack));
                }

                stack++;
            }
        }

        HashSet<Value> inputs = [.. spans.Select(s => s.Input)];
        ILookup<Value?, ModelState> owned = states.ToLookup(s => Owner(s.Output, inputs));
        var layers = new List<Layer>();
        foreach ((Value input, Value output, int of) in spans)
        {
            ModelState[] own = [.. owned[input]];
            layers.Add(new Layer { Index = layers.Count, Stack = of, Input = input, Output = output, States = own, Nodes = Between(input, output, own) });
        }

        return layers;
    }

    /// <summary>What lies between the nodes of a trunk; pieces that compute the same have the same number.</summary>
    private static Piece[] Pieces(List<Node> trunk, Dictionary<Node, NormInstance> norms, ValueForms forms)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var pieces = new Piece[trunk.Count - 1];
        for (int i = 0; i < pieces.Length; i++)
        {
            string signature = PieceSignature.Of(trunk[i], trunk[i + 1], norms, forms);
            if (!numbers.TryGetValue(signature, out int number))
            {
                numbers.Add(signature, number = numbers.Count);
            }

            pieces[i] = new Piece(number, HasWeights(signature));
        }

        return pieces;
    }

    /// <summary>
    /// The repetitions of a trunk, the longest first and others in what it leaves over; where nothing repeats, the one layer
    /// that there is.
    /// </summary>
    private static List<(int Start, int Period, int Count)> Stacks(List<Node> trunk, Piece[] pieces, Dictionary<Node, NormInstance> norms)
    {
        var found = new List<(int Start, int Period, int Count)>();
        var rest = new Queue<(int From, int To)>([(0, pieces.Length)]);
        while (rest.TryDequeue(out (int From, int To) part))
        {
            Piece[] own = pieces[part.From..part.To];
            bool whole = own.Length == pieces.Length;
            if (own.Length < 2 || (Repetition(own) ?? Single(trunk[part.From..(part.To + 1)], own, norms, whole ? 1 : 2)) is not { } one)
            {
                continue;
            }

            int start = part.From + one.Start;
            int end = start + (one.Period * one.Count);
            found.Add((start, one.Period, one.Count));
            rest.Enqueue((part.From, start));
            rest.Enqueue((end, part.To));
        }

        return found;
    }

    /// <summary>The layer input that a state is computed from; null where it is from several or none.</summary>
    private static Value? Owner(Value state, HashSet<Value> inputs)
    {
        Value? owner = null;
        var seen = new HashSet<Value>();
        var work = new Stack<Value>([state]);
        while (work.TryPop(out Value? value))
        {
            if (inputs.Contains(value))
            {
                if (owner is not null && owner != value)
                {
                    return null;
                }

                owner = value;
                continue;
            }

            if (seen.Add(value) && value.Producer is { } node && value.Elements is null)
            {
                foreach (Value? input in node.Inputs)
                {
                    if (input is { IsStatic: false })
                    {
                        work.Push(input);
                    }
                }
            }
        }

        return owner;
    }

    internal static Value Result(Node node) => node.Outputs.First(o => o is { } v && (v.Consumers.Count > 0 || v.IsGraphOutput))!;

    private static (int Start, int Period, int Count)? Repetition(Piece[] pieces)
    {
        int[] weighted = new int[pieces.Length + 1];
        for (int i = 0; i < pieces.Length; i++)
        {
            weighted[i + 1] = weighted[i] + (pieces[i].HasWeights ? 1 : 0);
        }

        (int Start, int Period, int Count)? best = null;
        int bestCoverage = 0;
        for (int period = 1; period <= pieces.Length / 2 && weighted[^1] > 0; period++)
        {
            // So much at most can be covered; most periods of a long stack are ruled out by that, or by the few places of
            // which a repetition must hold one.
            if (pieces.Length / period * period <= bestCoverage || !MayRepeat(pieces, period))
            {
                continue;
            }

            int run = 0;
            for (int i = 0; i + period < pieces.Length; i++)
            {
                run = pieces[i].Number == pieces[i + period].Number ? run + 1 : 0;
                int count = (run / period) + 1;
                int coverage = count * period;
                if (count < 2 || coverage < bestCoverage)
                {
                    continue;
                }

                // Where the run allows several starts, the latest leaves what precedes the stack (an embedding norm) out of it.
                int start = i + 1 - ((count - 1) * period);
                bool better = coverage > bestCoverage || (best is { } b && b.Period == period);
                if (better && weighted[start + period] > weighted[start])
                {
                    best = (start, period, count);
                    bestCoverage = coverage;
                }
            }
        }

        return best;
    }

    /// <summary>Two equal stretches of this length, one behind the other, have equal pieces at a multiple of it.</summary>
    private static bool MayRepeat(Piece[] pieces, int period)
    {
        for (int i = 0; i + period < pieces.Length; i += period)
        {
            if (pieces[i].Number == pieces[i + period].Number)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// A stack of one layer repeats nothing: it is what lies from the first residual block to the last, with the norm behind
    /// it where the blocks are joined by norms (Post-LN).
    /// </summary>
    private static (int Start, int Period, int Count)? Single(List<Node> trunk, Piece[] pieces, Dictionary<Node, NormInstance> norms, int least)
    {
        int[] blocks = [.. Enumerable.Range(0, pieces.Length).Where(i => pieces[i].HasWeights && IsResidual(trunk[i], trunk[i + 1]))];
        // Blocks of one stream: what changes the width (patch merging) comes between layers of different stacks.
        blocks = [.. blocks.GroupBy(i => StreamOf(trunk[i + 1])).Select(g => g.ToArray()).FirstOrDefault(g => g.Length >= least) ?? []];
        if (blocks.Length == 0)
        {
            return null;
        }

        int end = blocks[^1] + 1;
        bool post = Enumerable.Range(blocks[0], end - blocks[0]).Any(i => norms.ContainsKey(trunk[i + 1]));
        if (post && end < pieces.Length && norms.ContainsKey(trunk[end + 1]))
        {
            end++;
        }

        return (blocks[0], end - blocks[0], 1);
    }

    private static Axes.SizeClass? StreamOf(Node node) => Result(node).Axes?.SelectMany(a => a.Atoms()).LastOrDefault(a => a.Extent is not null)?.Size;

    /// <summary>Whether one node adds to what the other gives, by itself or after others: parallel blocks add one after the other.</summary>
    private static bool IsResidual(Node from, Node to)
    {
        // An explicit stack: a chain of sums may be long.
        var work = new Stack<Node>([to]);
        var seen = new HashSet<Node>();
        while (work.TryPop(out Node? sum))
        {
            foreach (Value? input in sum.Is("Add") && seen.Add(sum) ? sum.Inputs : [])
            {
                if (input?.Producer == from)
                {
                    return true;
                }

                if (input?.Producer is { } producer && producer.Index > from.Index)
                {
                    work.Push(producer);
                }
            }
        }

        return false;
    }

    private static bool HasWeights(string signature) =>
        signature.Contains("MatMul", StringComparison.Ordinal)
        || signature.Contains("Gemm", StringComparison.Ordinal)
        || signature.Contains("Einsum", StringComparison.Ordinal)
        || signature.Contains("Attention", StringComparison.Ordinal);

    /// <summary>
    /// Nodes that depend on the layer's input or states, by data or by shape, and that its output or states depend on.
    /// </summary>
    private static List<Node> Between(Value input, Value output, ModelState[] states)
    {
        var after = new HashSet<Node>();
        HashSet<Value> starts = [input, .. states.Select(s => s.Input)];
        Value[] ends = [output, .. states.Select(s => s.Output)];
        int last = ends.Max(e => e.Producer!.Index);
        var reached = new Stack<Value>(starts);
        while (reached.TryPop(out Value? value))
        {
            foreach (Value.Use use in value.Consumers)
            {
                if (use.Node.Index <= last && after.Add(use.Node))
                {
                    foreach (Value? made in use.Node.Outputs)
                    {
                        if (made is not null)
                        {
                            reached.Push(made);
                        }
                    }
                }
            }
        }

        var inside = new HashSet<Node>();
        var work = new Stack<Node>(ends.Select(e => e.Producer!));
        while (work.TryPop(out Node? node))
        {
            if (after.Contains(node) && inside.Add(node))
            {
                foreach (Value? v in node.Inputs.Concat(node.Captured))
                {
                    if (v?.Producer is { } producer && v != input)
                    {
                        work.Push(producer);
                    }
                }
            }
        }

        return [.. inside.OrderBy(n => n.Index)];
    }

    /// <summary>What lies between two nodes of a trunk: the number of what it computes, and whether weights take part.</summary>
    private readonly record struct Piece(int Number, bool HasWeights);
}
