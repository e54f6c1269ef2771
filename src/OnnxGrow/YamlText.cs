using System.Globalization;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace OnnxGrow;

/// <summary>YAML (of which JSON is a part) from people and from strangers: bounded, without aliases, errors with their place.</summary>
internal static class YamlText
{
    /// <summary>Longest text that is read, in characters, and longest file, in bytes.</summary>
    public const int MaxLength = 4 << 20;

    /// <summary>Deepest nesting.</summary>
    public const int MaxNesting = 16;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; a pipe will do.</param>
    /// <param name="what">What it is, for messages: "plan".</param>
    /// <returns>The text, and how messages name it.</returns>
    /// <exception cref="BadInputException">It cannot be read.</exception>
    public static (string Text, string Where) ReadFile(string path, string what)
    {
        string where = $"{what} '{Text.Name(path)}'";
        try
        {
            return File.Exists(path) ? (ReadText(path, where, what), where) : throw new BadInputException(ErrorCode.Yaml, $"{where}: no such file");
        }
        catch (DecoderFallbackException e)
        {
            throw new BadInputException(ErrorCode.Yaml, $"{where}: is not text in UTF-8", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(ErrorCode.Yaml, $"{where}: {e.Message}", e);
        }
    }

    /// <summary>Parses a text whose root is a mapping.</summary>
    /// <param name="text">The text.</param>
    /// <param name="where">How messages name it.</param>
    /// <param name="what">What it is.</param>
    /// <param name="read">Makes the result out of the root.</param>
    /// <param name="form">What would be right, where the root is no mapping.</param>
    /// <exception cref="BadInputException">It is no such text.</exception>
    public static T Parse<T>(string text, string where, string what, Func<YamlMappingNode, T> read, string form)
    {
        if (text.Length > MaxLength)
        {
            throw new BadInputException(ErrorCode.Yaml, $"{where}: {text.Length} characters are too many for a {what} (at most {MaxLength})");
        }

        try
        {
            RefuseAliases(text, where, what);
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            return yaml.Documents.Count == 1 && yaml.Documents[0].RootNode is YamlMappingNode root
                ? read(root)
                : throw new BadInputException(ErrorCode.Yaml, $"{where}: {form}");
        }
        catch (YamlException e)
        {
            throw new BadInputException(ErrorCode.Yaml, string.Create(CultureInfo.InvariantCulture,
                $"{where}, line {e.Start.Line}, column {e.Start.Column}: not readable as YAML or JSON: {Text.Name(e.Message)}"), e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            // The library has exceptions of its own only for the mistakes that it knows.
            throw new BadInputException(ErrorCode.Yaml, $"{where}: not readable as YAML or JSON: {Text.Name(e.Message)}", e);
        }
    }

    /// <summary>An error at a place.</summary>
    public static BadInputException At(string where, Mark mark, string what) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{where}, line {mark.Line}, column {mark.Column}: {what}"));

    /// <summary>The text of a file, which may be a pipe; one that does not end is read no further than it may be long.</summary>
    private static string ReadText(string path, string where, string what)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[MaxLength + 1];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (length > MaxLength)
        {
            throw new BadInputException(ErrorCode.Yaml, $"{where}: has more than {MaxLength} bytes, too many for a {what}");
        }

        using var reader = new StreamReader(new MemoryStream(bytes, 0, length), new UTF8Encoding(false, throwOnInvalidBytes: true));
        return reader.ReadToEnd();
    }

    /// <summary>Nobody needs anchors here, and aliases can blow a small file up without bound.</summary>
    private static void RefuseAliases(string text, string where, string what)
    {
        var parser = new Parser(new StringReader(text));
        int depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current!.NestingIncrease;
            if (parser.Current is AnchorAlias)
            {
                throw At(where, parser.Current.Start, $"aliases are not allowed in a {what}");
            }

            if (depth > MaxNesting)
            {
                throw At(where, parser.Current.Start, $"nested too deeply for a {what}");
            }
        }
    }
}
