using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace OnnxGrow;

/// <summary>YAML from files that may come from anywhere, read with limits and with the place of each mistake.</summary>
internal static class YamlText
{
    /// <summary>Reads a text of one document.</summary>
    /// <param name="text">The text.</param>
    /// <param name="where">What it is, for messages.</param>
    /// <param name="kind">What such a text is called, with its article.</param>
    /// <param name="maxNesting">Deepest nesting.</param>
    /// <param name="read">Makes of the document what it stands for; null where there is not exactly one.</param>
    public static T Read<T>(string text, string where, string kind, int maxNesting, Func<YamlNode?, T> read)
    {
        try
        {
            RefuseAliases(text, where, kind, maxNesting);
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            return read(yaml.Documents.Count == 1 ? yaml.Documents[0].RootNode : null);
        }
        catch (YamlException e)
        {
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"{where}, line {e.Start.Line}, column {e.Start.Column}: not readable as YAML or JSON: {Text.Name(e.Message)}"), e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            // The library has exceptions of its own only for the mistakes that it knows.
            throw new BadInputException($"{where}: not readable as YAML or JSON: {Text.Name(e.Message)}", e);
        }
    }

    /// <summary>A mistake at a place of the text.</summary>
    public static BadInputException At(string where, Mark mark, string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{where}, line {mark.Line}, column {mark.Column}: {what}"));

    /// <summary>Nothing here needs anchors, and aliases can blow a small file up without bound.</summary>
    private static void RefuseAliases(string text, string where, string kind, int maxNesting)
    {
        var parser = new Parser(new StringReader(text));
        int depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current!.NestingIncrease;
            if (parser.Current is AnchorAlias)
            {
                throw At(where, parser.Current.Start, $"aliases are not allowed in {kind}");
            }

            if (depth > maxNesting)
            {
                throw At(where, parser.Current.Start, $"nested too deeply for {kind}");
            }
        }
    }
}
