using OnnxGrow.Analysis.Axes;

namespace OnnxGrow.Analysis.Operators;

/// <summary>Einstein summation over one or two tensors, by the letters of its equation.</summary>
[Operator("Einsum")]
internal sealed class Einsum : Operator
{
    public override bool MixesWeights(Node node) => node.Inputs.Any(i => i is { IsStatic: true }) && node.Inputs.Any(i => i is { IsStatic: false });

    public override string? Flow(Node node, Flow flow)
    {
        if (node.Inputs.Count > 2 || Equation.Parse(node) is not { } equation)
        {
            return $"the equation of {node.Display} is not one of one or two tensors with a letter an axis";
        }

        Dictionary<char, Axis>[] sides = [.. node.Inputs.Select((v, i) => Letters(equation.Inputs[i], v!))];
        var result = new Dictionary<char, Axis>();
        foreach (char letter in sides.SelectMany(s => s.Keys).Distinct())
        {
            bool both = sides.All(s => s.ContainsKey(letter) && !Broadcasting.IsOne(s[letter])) && sides.Length == 2;
            bool kept = equation.Output.Contains(letter);
            Axis[] meeting = [.. sides.Where(s => s.ContainsKey(letter)).Select(s => s[letter])];
            if (both && !kept)
            {
                flow.Contract(meeting[0], meeting[1], node);
            }
            else if (both)
            {
                result[letter] = Multiply(meeting, node, flow);
            }
            else
            {
                Axis axis = meeting.FirstOrDefault(m => !Broadcasting.IsOne(m)) ?? Axis.One;
                result[letter] = axis;
                if (!kept)
                {
                    Sum(axis, node.Inputs.First(i => i!.Axes!.Contains(axis) || Broadcasting.IsOne(axis))!, node, flow);
                }
            }
        }

        Analysis.Flow.Set(node.Output(0), [.. equation.Output.Select(c => result[c])]);
        NoteAttention(equation, sides, node, flow);
        return null;
    }

    private static Dictionary<char, Axis> Letters(string letters, Value value)
    {
        if (letters.Length != value.Axes!.Length || letters.Distinct().Count() != letters.Length)
        {
            throw new ArgumentException("letters do not fit the tensor");
        }

        return letters.Zip(value.Axes).ToDictionary(p => p.First, p => p.Second);
    }

    private static Axis Multiply(Axis[] meeting, Node node, Flow flow)
    {
        if (node.Inputs.All(i => !i!.IsStatic))
        {
            return node.Input(0)!.IsMixed || !node.Input(1)!.IsMixed
                ? flow.Multiply(meeting[0], meeting[1], node)
                : flow.Multiply(meeting[1], meeting[0], node);
        }

        Axis merged = flow.Unify(meeting[0], meeting[1], node);
        flow.Require(merged, CarrierNeed.NoAverage | CarrierNeed.NoScale, node, $"{node.Display} multiplies two tensors entry by entry on it");
        return merged;
    }

    private static void Sum(Axis axis, Value of, Node node, Flow flow)
    {
        if (!of.IsStatic && axis.Extent is not null)
        {
            flow.Sums.Add(new SumUse(axis, node));
        }
        else
        {
            flow.Freeze(axis, node, $"{node.Display} sums over it");
        }
    }

    /// <summary>Two activations summed over one letter and batched over others: attention.</summary>
    private static void NoteAttention(Equation equation, Dictionary<char, Axis>[] sides, Node node, Flow flow)
    {
        if (sides.Length != 2 || node.Inputs.Any(i => i!.IsStatic) || node.Output(0)!.Axes!.Length < 3)
        {
            return;
        }

        // Heads are what both share; groups of query heads (grouped-query attention) are the queries' alone, as positions are.
        char[] both = [.. equation.Output.Where(c => sides.All(s => s.ContainsKey(c)))];
        char[] groups = [.. equation.Output.Where(c => sides[0].ContainsKey(c) && !sides[1].ContainsKey(c) && sides[0][c].Extent is not null)];
        Axis[] heads = groups.Length == 0 ? [.. both.Select(c => sides[0][c])]
            : [new Axis([.. both.Concat(groups).SelectMany(c => sides[0][c].Resolve()).Where(f => f.Extent is not null)])];
        foreach (char summed in sides[0].Keys.Where(c => sides[1].ContainsKey(c) && !equation.Output.Contains(c)))
        {
            flow.Attentions.Add(new AttentionUse(heads, sides[0][summed], node));
        }

        foreach (char own in equation.Output.Where(c => sides[1].ContainsKey(c) && !sides[0].ContainsKey(c)))
        {
            flow.Attentions.Add(new AttentionUse([], sides[1][own], node));
        }
    }

    private sealed record Equation(string[] Inputs, string Output)
    {
        public static Equation? Parse(Node node)
        {
            string text = new([.. (node.Attribute("equation")?.S.ToStringUtf8() ?? "").Where(c => !char.IsWhiteSpace(c))]);
            string[] sides = text.Split("->");
            string[] inputs = sides[0].Split(',');
            if (sides.Length > 2 || inputs.Length != node.Inputs.Count)
            {
                return null;
            }

            string output = sides.Length == 2 ? sides[1]
                : new string([.. sides[0].Where(char.IsLetter).GroupBy(c => c).Where(g => g.Count() == 1).Select(g => g.Key).Order()]);
            if (text.Contains("...", StringComparison.Ordinal))
            {
                if (sides.Length != 2)
                {
                    return null;
                }

                (inputs, output) = Spell(inputs, output, node);
            }

            return inputs.Append(output).All(t => t.All(c => char.IsLetter(c) || c >= Hidden)) && output.All(c => inputs.Any(i => i.Contains(c)))
                ? new Equation(inputs, output)
                : null;
        }

        private const char Hidden = '\uE000';

        /// <summary>Gives the axes that an ellipsis stands for letters of their own, counted from the innermost.</summary>
        private static (string[] Inputs, string Output) Spell(string[] inputs, string output, Node node)
        {
            int most = 0;
            var spelled = new string[inputs.Length];
            for (int i = 0; i < inputs.Length; i++)
            {
                int extra = node.Input(i)!.Axes!.Length - inputs[i].Count(char.IsLetter);
                bool has = inputs[i].Contains("...", StringComparison.Ordinal);
                most = has ? Math.Max(most, extra) : most;
                spelled[i] = inputs[i].Replace("...", Letters(has ? extra : 0), StringComparison.Ordinal);
            }

            return (spelled, output.Replace("...", Letters(most), StringComparison.Ordinal));
        }

        private static string Letters(int count) => new([.. Enumerable.Range(0, Math.Max(0, count)).Reverse().Select(i => (char)(Hidden + i))]);
    }
}
