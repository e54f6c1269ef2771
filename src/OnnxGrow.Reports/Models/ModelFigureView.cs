using System.Globalization;
using OnnxGrow.Reports.Html;

namespace OnnxGrow.Reports.Models;

/// <summary>Draws a model as a stack of blocks, the input on top. It is a list, so that it can be read aloud too.</summary>
internal static class ModelFigureView
{
    private const int FewestAlike = 3;

    /// <summary>Draws some models side by side.</summary>
    public static void Write(HtmlWriter html, params ReadOnlySpan<(string Caption, ModelFigure Figure)> models)
    {
        html.Open("div", ("class", "models"));
        foreach ((string caption, ModelFigure figure) in models)
        {
            Write(html, caption, figure);
        }

        html.Close();
    }

    private static void Write(HtmlWriter html, string caption, ModelFigure figure)
    {
        long most = figure.Parts.Max(p => p.Parameters);
        html.Open("figure", ("class", "model"));
        html.Open("figcaption").Element("strong", caption).Text(" ").Element("span", figure.Name, ("class", "name"));
        html.Element("p", string.Join(", ", figure.Facts)).Element("p", $"{Text.Number(figure.Parameters)} parameters", ("class", "total")).Close();
        html.Open("ol", ("class", "stack"));
        int stacks = figure.Parts.Where(p => p.Kind == PartKind.Layer).Select(p => p.Stack).Distinct().Count();
        int stack = -1;
        foreach ((FigurePart part, int count) in Alike(figure.Parts))
        {
            bool first = stacks > 1 && part.Kind == PartKind.Layer && part.Stack != stack;
            stack = part.Kind == PartKind.Layer ? part.Stack : stack;
            Write(html, part, count, first, most);
        }

        html.Close().Close();
    }

    /// <summary>Layers that follow one another and have nothing to tell them apart share a block.</summary>
    private static IEnumerable<(FigurePart Part, int Count)> Alike(IReadOnlyList<FigurePart> parts)
    {
        for (int i = 0; i < parts.Count;)
        {
            int end = i + 1;
            while (end < parts.Count && IsLike(parts[i], parts[end]))
            {
                end++;
            }

            if (end - i >= FewestAlike)
            {
                yield return (parts[i], end - i);
                i = end;
                continue;
            }

            yield return (parts[i++], 1);
        }
    }

    private static bool IsLike(FigurePart a, FigurePart b) =>
        a.Kind == PartKind.Layer && b.Kind == PartKind.Layer && a.Stack == b.Stack && a.Parameters == b.Parameters && a.Mark == b.Mark
        && a.Mark == PartMark.None && a.From is null && b.From is null && a.Sizes.SequenceEqual(b.Sizes);

    private static void Write(HtmlWriter html, FigurePart part, int count, bool firstOfStack, long most)
    {
        html.Open("li", ("class", $"block {part.Kind.ToString().ToLowerInvariant()}{(part.Mark == PartMark.None ? "" : " " + part.Mark.ToString().ToLowerInvariant())}"));
        if (firstOfStack)
        {
            html.Element("p", string.Create(CultureInfo.InvariantCulture, $"stack {part.Stack + 1}"), ("class", "stackname"));
        }

        html.Open("p", ("class", "title")).Element("strong", Title(part, count)).Text(" ");
        if (part.Mark != PartMark.None)
        {
            html.Element("span", part.Mark == PartMark.New ? "new" : "wider", ("class", "mark")).Text(" ");
        }

        html.Element("span", count > 1 ? $"{Text.Number(part.Parameters)} parameters each" : $"{Text.Number(part.Parameters)} parameters", ("class", "count")).Close();
        Bar(html, part.Parameters, most);
        if (part.Sizes.Count > 0)
        {
            html.Open("ul", ("class", "inner"));
            foreach (IGrouping<string, FigureSize> block in part.Sizes.GroupBy(s => s.Block, StringComparer.Ordinal))
            {
                html.Open("li", ("class", "part " + block.Key)).Element("span", block.Key, ("class", "what"));
                foreach (FigureSize size in block)
                {
                    html.Text(" ").Open("span", ("class", "size")).Element("b", size.Size.ToString(CultureInfo.InvariantCulture)).Text(" " + size.What);
                    if (size.Was is { } was)
                    {
                        html.Element("span", string.Create(CultureInfo.InvariantCulture, $" (was {was})"), ("class", "was"));
                    }

                    html.Close();
                }

                html.Close();
            }

            html.Close();
        }

        if (part.From is { } from)
        {
            html.Element("p", from, ("class", "from"));
        }

        html.Close();
    }

    private static string Title(FigurePart part, int count) => part.Kind switch
    {
        PartKind.Embeddings => "Embeddings",
        PartKind.Layer when count > 1 => string.Create(CultureInfo.InvariantCulture, $"Layers {part.Layer} to {part.Layer + count - 1}"),
        PartKind.Layer => string.Create(CultureInfo.InvariantCulture, $"Layer {part.Layer}"),
        PartKind.Head => "Head",
        _ => "Whole model",
    };

    /// <summary>The part's share of the largest, which the number beside it says too.</summary>
    private static void Bar(HtmlWriter html, long parameters, long most)
    {
        double share = most == 0 ? 0 : 100.0 * parameters / most;
        html.Open("svg", ("class", "bar"), ("viewBox", "0 0 100 4"), ("preserveAspectRatio", "none"), ("aria-hidden", "true"), ("focusable", "false"));
        html.Open("rect", ("width", share.ToString("0.##", CultureInfo.InvariantCulture)), ("height", "4")).Close();
        html.Close();
    }
}
