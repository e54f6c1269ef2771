using System.Globalization;
using System.Text;
using OnnxGrow.Growth.Methods;

namespace OnnxGrow.Docs;

/// <summary>The methods of growth, from their classes.</summary>
internal static class MethodsPage
{
    /// <summary>The page.</summary>
    public static string Text()
    {
        var page = new StringBuilder("# Methods\n\n" + Markdown.Written);
        page.Append("[methods.md](../methods.md) tells what each does, by which paper, and where it departs from it; [choosing.md](../choosing.md) which to take.\n\n");
        page.Append("| `--method` | lossless | copies | shares | new entries | depth | what the help says |\n|---|---|---|---|---|---|---|\n");
        foreach (GrowthMethod method in GrowthMethod.All.Values)
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{method.Name}` | {(method.IsLossless ? "yes" : "**no**")} | {Copies(method)} | {Shares(method)} | {Free(method)} | {Depth(method)} | {Markdown.Cell(method.Summary)} |\n");
        }

        return page.ToString();
    }

    private static bool Learns(GrowthMethod method) => method is Ligo;

    private static string Copies(GrowthMethod method) => method.IsFresh ? "-" : Learns(method) ? "learned" : method.TakesNextLayer ? "from the layer behind" : method.Maps switch
    {
        IndexMaps.Circular => "in turn",
        IndexMaps.RandomWhereLossless => "drawn where that is lossless",
        _ => "drawn",
    };

    private static string Shares(GrowthMethod method) => method.IsFresh || Learns(method) ? "-" : method.Split.ToString().ToLowerInvariant() + (method.TakesNoise ? ", with noise if asked for" : "");

    private static string Free(GrowthMethod method) => method.IsFresh || Learns(method) ? "-" : method.Free.ToString().ToLowerInvariant() + (method.TakesInit ? ", or nearest to a file's" : method.Nearest is { } nearest ? $", nearest to {nearest}'s" : "");

    private static string Depth(GrowthMethod method) => method.IsFresh ? "-" : Learns(method) ? "learned mixtures" : method.KeepsCopiedLayers ? "copies as they are" : "copies that add nothing";
}
