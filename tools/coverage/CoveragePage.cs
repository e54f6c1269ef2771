using System.Globalization;
using System.Text;
using OnnxGrow.Runtime;

namespace OnnxGrow.Coverage;

/// <summary>The page docs/coverage.md.</summary>
internal static class CoveragePage
{
    public static string Of(IReadOnlyList<CoverageRow> rows)
    {
        var page = new StringBuilder();
        page.Append("# What is covered\n\n");
        page.Append(CultureInfo.InvariantCulture, $"Written by `dotnet run -c Release --project tools/coverage` with ONNX Runtime {OrtSession.RuntimeVersion} on {Environment.ProcessorCount} CPU cores, {DateTime.UtcNow:yyyy-MM-dd}.\n\n");
        page.Append("Every cell is a growth that was made, written, read back and proved: class of exactness, worst relative error of the\nfloat64 witness (at most 1e-12), worst relative error as shipped. The certificate holds in every cell that is not marked, and\n`shrink` gave the source file back byte for byte. An empty cell means that the model has no such dimension. Lossy methods compute\nanother function, so there is nothing to prove; they are in the tests. Numbers in brackets are the reasons below the tables.\n\n");
        page.Append("The growths: width x2 and x4/3; one more head (of a group of query heads, where those share keys and values); one more head of\nkeys and values; a head's size by half; 7 more FFN units; twice the experts; 11 more tokens, 5 more positions, 3 more classes (old\nentries stay); a new layer in every stack; width, heads and FFN x2 with a new layer in every stack.\n\n");
        var reasons = new List<string>();
        page.Append("## Growths, by `lemon`\n\n");
        Table(page, rows, r => r.Growths, reasons);
        page.Append("\n## Lossless methods, on width x2 (llama-pro: on a new layer)\n\n");
        Table(page, rows, r => r.Methods, reasons);
        page.Append("\n## Reasons\n\n");
        for (int i = 0; i < reasons.Count; i++)
        {
            page.Append(CultureInfo.InvariantCulture, $"{i + 1}. {reasons[i]}\n");
        }

        return page.ToString();
    }

    private static void Table(StringBuilder page, IReadOnlyList<CoverageRow> rows, Func<CoverageRow, IReadOnlyList<CoverageCell>> cells, List<string> reasons)
    {
        string[] columns = [.. rows.Select(cells).MaxBy(c => c.Count)!.Select(c => c.Name)];
        page.Append("| model |").AppendJoin(" |", columns.Select(c => " " + c)).Append(" |\n|---|").AppendJoin("|", columns.Select(_ => "---")).Append("|\n");
        foreach (CoverageRow row in rows)
        {
            page.Append("| ").Append(row.Model).Append(" |");
            foreach (string column in columns)
            {
                CoverageCell? cell = cells(row).FirstOrDefault(c => c.Name == column) ?? cells(row).FirstOrDefault(c => c.Name == "map");
                page.Append(' ').Append(cell?.Text);
                if (cell is { Why.Length: > 0 })
                {
                    page.Append(CultureInfo.InvariantCulture, $" [{NumberOf(Generalised(cell.Why), reasons)}]");
                }

                page.Append(" |");
            }

            page.Append('\n');
        }
    }

    private static int NumberOf(string reason, List<string> reasons)
    {
        int at = reasons.IndexOf(reason);
        if (at < 0)
        {
            reasons.Add(reason);
            at = reasons.Count - 1;
        }

        return at + 1;
    }

    private static string Generalised(string why) => why.ReplaceLineEndings(" ");
}
