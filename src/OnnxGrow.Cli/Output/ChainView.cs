using System.Globalization;
using OnnxGrow.Analysis;
using OnnxGrow.Explain;

namespace OnnxGrow.Cli.Output;

/// <summary>A chain of nodes, one value a line, with the node that leads to it beside it.</summary>
internal static class ChainView
{
    private const int Head = 5;
    private const int Tail = 3;
    private const int WidestValue = 90;

    public static void Print(TieChain chain, string indent, bool all)
    {
        var lines = new List<(string Value, string By)> { (Value(chain.From, chain.FromAxis), "") };
        lines.AddRange(chain.Steps.Select(s => ("-> " + Value(s.To, s.ToAxis), $"through {s.Node.Display}, which {s.How}")));
        int width = Math.Min(WidestValue, lines.Max(l => l.Value.Length));
        bool cut = !all && lines.Count > Head + Tail + 2;
        for (int i = 0; i < lines.Count; i++)
        {
            if (cut && i == Head)
            {
                Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{indent}... {lines.Count - Head - Tail} more steps (--all shows them) ..."));
                i = lines.Count - Tail;
            }

            Terminal.Line((indent + lines[i].Value.PadRight(width) + (lines[i].By.Length == 0 ? "" : "  " + lines[i].By)).TrimEnd());
        }
    }

    /// <summary>A value's axis: "wte.weight[1]".</summary>
    public static string Value(Value value, int axis) => string.Create(CultureInfo.InvariantCulture, $"{Text.Name(value.Name)}[{axis}]");
}
