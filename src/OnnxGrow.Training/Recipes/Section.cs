using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OnnxGrow.Training.Recipes;

/// <summary>A mapping of a recipe, read key by key; what nobody asked for is an error with its place.</summary>
internal sealed class Section
{
    private readonly string _where;
    private readonly string _name;
    private readonly Mark _start;
    private readonly Dictionary<string, (YamlNode Key, YamlNode Value)> _entries = new(StringComparer.Ordinal);
    private readonly List<string> _known = [];

    /// <summary>A mapping.</summary>
    /// <param name="node">The mapping.</param>
    /// <param name="where">How messages name the file.</param>
    /// <param name="name">How they name the mapping; empty for the root.</param>
    public Section(YamlMappingNode node, string where, string name)
    {
        _where = where;
        _name = name;
        _start = node.Start;
        foreach ((YamlNode key, YamlNode value) in node.Children)
        {
            _entries.Add((key as YamlScalarNode)?.Value ?? throw YamlText.At(where, key.Start, "a key must be a single value"), (key, value));
        }
    }

    /// <summary>Whether a key is there.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>A text, or its default.</summary>
    public string Text(string key, string missing) => Find(key) is { } node ? Scalar(key, node) : missing;

    /// <summary>A text, or null.</summary>
    public string? TextOrNull(string key) => Find(key) is { } node ? Scalar(key, node) : null;

    /// <summary>A text that must be there.</summary>
    public string Text(string key) => Find(key) is { } node ? Scalar(key, node) : throw Missing(key);

    /// <summary>One of some texts, or its default.</summary>
    public string OneOf(string key, string missing, IEnumerable<string> choices)
    {
        string value = Text(key, missing);
        return choices.Contains(value) ? value : throw Bad(key, $"'{OnnxGrow.Text.Name(value)}' is none of {OnnxGrow.Text.List(choices)}");
    }

    /// <summary>A number, or its default.</summary>
    public double Number(string key, double missing, double least = double.NegativeInfinity, double most = double.PositiveInfinity)
    {
        if (Find(key) is not { } node)
        {
            return missing;
        }

        return double.TryParse(Scalar(key, node), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) && value >= least && value <= most
            ? value
            : throw Bad(key, $"'{OnnxGrow.Text.Name(Scalar(key, node))}' is not a number{Range(least, most)}");
    }

    /// <summary>A whole number, or its default.</summary>
    public long Integer(string key, long missing, long least = 0, long most = long.MaxValue)
    {
        if (Find(key) is not { } node)
        {
            return missing;
        }

        return long.TryParse(Scalar(key, node), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= least && value <= most
            ? value
            : throw Bad(key, $"'{OnnxGrow.Text.Name(Scalar(key, node))}' is not a whole number{Range(least, most)}");
    }

    /// <summary>true or false, or its default.</summary>
    public bool Flag(string key, bool missing) => Text(key, missing ? "true" : "false") switch
    {
        "true" => true,
        "false" => false,
        var other => throw Bad(key, $"'{OnnxGrow.Text.Name(other)}' is neither true nor false"),
    };

    /// <summary>A list of numbers, or null.</summary>
    public double[]? Numbers(string key) => List(key)?.Select(text =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : throw Bad(key, $"'{OnnxGrow.Text.Name(text)}' is not a number")).ToArray();

    /// <summary>A list of texts, or null; one text alone is a list of it.</summary>
    public string[]? List(string key) => Find(key) switch
    {
        null => null,
        YamlScalarNode one => [one.Value ?? ""],
        YamlSequenceNode list => [.. list.Children.Select(item => Scalar(key, item))],
        var other => throw YamlText.At(_where, other.Start, $"'{Path(key)}' must be a list"),
    };

    /// <summary>A mapping inside, or null.</summary>
    public Section? Inner(string key) => Find(key) switch
    {
        null => null,
        YamlMappingNode mapping => new Section(mapping, _where, Path(key)),
        var other => throw YamlText.At(_where, other.Start, $"'{Path(key)}' must be a mapping"),
    };

    /// <summary>An error about a key's value.</summary>
    public BadInputException Bad(string key, string what) =>
        YamlText.At(_where, _entries.TryGetValue(key, out var entry) ? entry.Value.Start : _start, $"'{Path(key)}': {what}");

    /// <summary>An error about a key that is not there.</summary>
    public BadInputException Missing(string key) => YamlText.At(_where, _start, $"'{Path(key)}' is missing");

    /// <exception cref="BadInputException">There is a key that nobody asked for.</exception>
    public void Finish()
    {
        foreach ((string key, (YamlNode node, _)) in _entries)
        {
            if (!_known.Contains(key))
            {
                string near = Explain.NearestNames.To(key, _known, 1) is [var one] ? $" (did you mean '{one}'?)" : "";
                throw YamlText.At(_where, node.Start, $"unknown key '{OnnxGrow.Text.Name(Path(key))}'{near}; there are {OnnxGrow.Text.List(_known)}");
            }
        }
    }

    private YamlNode? Find(string key)
    {
        if (!_known.Contains(key))
        {
            _known.Add(key);
        }

        return _entries.TryGetValue(key, out var entry) ? entry.Value : null;
    }

    private string Path(string key) => _name.Length == 0 ? key : $"{_name}.{key}";

    private string Scalar(string key, YamlNode node) =>
        (node as YamlScalarNode)?.Value ?? throw YamlText.At(_where, node.Start, $"'{Path(key)}' must be a single value");

    private static string Range(double least, double most) =>
        double.IsInfinity(least) && double.IsInfinity(most) ? ""
        : most >= long.MaxValue ? FormattableString.Invariant($" from {least} on")
        : FormattableString.Invariant($" from {least} to {most}");
}
