using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OnnxGrow.Growth.Plans;

/// <summary>Plans as text: written as JSON, read as YAML (of which JSON is a part). Unknown keys are errors with their place.</summary>
public static class PlanFile
{
    /// <summary>Longest plan text that is read, in characters, and longest file, in bytes.</summary>
    public const int MaxLength = YamlText.MaxLength;

    /// <summary>Deepest nesting of a plan's text; a plan needs four levels.</summary>
    public const int MaxNesting = YamlText.MaxNesting;

    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] Keys = ["version", "method", "seed", "block", "dimensions", "layers", "widen_interface", "noise_db", "init", "source_sha256"];

    /// <summary>The plan as JSON, the same text for the same plan.</summary>
    public static string ToJson(GrowthPlan plan)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("version", plan.Version);
            json.WriteString("method", plan.Method);
            json.WriteNumber("seed", plan.Seed);
            json.WriteString("block", NameOf(plan.Block));
            json.WriteStartObject("dimensions");
            foreach ((string name, long size) in plan.Dimensions)
            {
                json.WriteNumber(name, size);
            }

            json.WriteEndObject();
            json.WriteStartArray("layers");
            foreach (LayerInsertion layer in plan.Layers)
            {
                json.WriteStartObject();
                json.WriteNumber("after", layer.After);
                json.WriteNumber("copy_of", layer.CopyOf);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (plan.WidenInterface)
            {
                json.WriteBoolean("widen_interface", true);
            }

            if (plan.NoiseDb is { } noise)
            {
                json.WriteNumber("noise_db", noise);
            }

            if (plan.Init is { } init)
            {
                json.WriteStartObject("init");
                json.WriteString("path", init.Path);
                if (init.Sha256 is { } content)
                {
                    json.WriteString("sha256", content);
                }

                json.WriteEndObject();
            }

            if (plan.SourceSha256 is { } hash)
            {
                json.WriteString("source_sha256", hash);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    /// <summary>Reads a plan file.</summary>
    /// <exception cref="BadInputException">The file cannot be read as a plan; the message gives line and column.</exception>
    public static GrowthPlan Load(string path)
    {
        (string text, string where) = YamlText.ReadFile(path, "plan");
        return Parse(text, where);
    }

    /// <summary>Reads a plan from YAML or JSON text.</summary>
    /// <exception cref="BadInputException">The text is not a plan.</exception>
    public static GrowthPlan Parse(string text, string where) =>
        YamlText.Parse(text, where, "plan", root => Read(root, where), $"a plan is one mapping with the keys {Text.List(Keys)}");

    private static GrowthPlan Read(YamlMappingNode root, string where)
    {
        var plan = new GrowthPlan();
        foreach ((YamlNode keyNode, YamlNode value) in root.Children)
        {
            string key = Scalar(keyNode, where);
            plan = key switch
            {
                "version" => plan with { Version = (int)Number(value, where, 1, GrowthPlan.CurrentVersion) },
                "method" => plan with { Method = Scalar(value, where) },
                "seed" => plan with { Seed = ulong.TryParse(Scalar(value, where), NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed) ? seed : throw At(where, value.Start, "'seed' must be a whole number from 0 to 2^64-1") },
                "block" => plan with { Block = BlockOf(value, where) },
                "dimensions" => plan with { Dimensions = Dimensions(value, where) },
                "layers" => plan with { Layers = Layers(value, where) },
                "widen_interface" => plan with { WidenInterface = Scalar(value, where) switch { "true" => true, "false" => false, _ => throw At(where, value.Start, "'widen_interface' must be true or false") } },
                "noise_db" => plan with { NoiseDb = double.TryParse(Scalar(value, where), NumberStyles.Float, CultureInfo.InvariantCulture, out double noise) ? noise : throw At(where, value.Start, "'noise_db' must be a number of decibels") },
                "init" => plan with { Init = Init(value, where) },
                "source_sha256" => plan with { SourceSha256 = Scalar(value, where) },
                _ => throw At(where, keyNode.Start, $"unknown key '{Text.Name(key)}'{Nearest(key)}; a plan has {Text.List(Keys)}"),
            };
        }

        return plan;
    }

    private static ImmutableSortedDictionary<string, long> Dimensions(YamlNode node, string where)
    {
        var sizes = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach ((YamlNode key, YamlNode value) in Mapping(node, where, "'dimensions'").Children)
        {
            sizes[Scalar(key, where)] = Number(value, where, 1, int.MaxValue);
        }

        return sizes.ToImmutable();
    }

    private static ImmutableArray<LayerInsertion> Layers(YamlNode node, string where)
    {
        if (node is not YamlSequenceNode list)
        {
            throw At(where, node.Start, "'layers' must be a list of {after: N, copy_of: N}");
        }

        var layers = ImmutableArray.CreateBuilder<LayerInsertion>();
        foreach (YamlNode item in list.Children)
        {
            int? after = null;
            int? copyOf = null;
            foreach ((YamlNode keyNode, YamlNode value) in Mapping(item, where, "an item of 'layers'").Children)
            {
                switch (Scalar(keyNode, where))
                {
                    case "after":
                        after = (int)Number(value, where, 0, int.MaxValue);
                        break;
                    case "copy_of":
                        copyOf = (int)Number(value, where, 0, int.MaxValue);
                        break;
                    case var key:
                        throw At(where, keyNode.Start, $"unknown key '{Text.Name(key)}'; a layer has 'after' and 'copy_of'");
                }
            }

            layers.Add(new LayerInsertion(after ?? throw At(where, item.Start, "a layer needs 'after': the source layer that it follows"), copyOf ?? after.Value));
        }

        return layers.ToImmutable();
    }

    private static InitFile Init(YamlNode node, string where)
    {
        string? path = null;
        string? hash = null;
        foreach ((YamlNode keyNode, YamlNode value) in Mapping(node, where, "'init'").Children)
        {
            switch (Scalar(keyNode, where))
            {
                case "path":
                    path = Scalar(value, where);
                    break;
                case "sha256":
                    hash = Scalar(value, where);
                    break;
                case var key:
                    throw At(where, keyNode.Start, $"unknown key '{Text.Name(key)}'; 'init' has 'path' and 'sha256'");
            }
        }

        return new InitFile(path ?? throw At(where, node.Start, "'init' needs 'path': a model of the grown architecture"), hash);
    }

    private static string NameOf(BlockStyle block) => block == BlockStyle.Cancel ? "cancel" : "zero";

    private static BlockStyle BlockOf(YamlNode node, string where) => Scalar(node, where) switch
    {
        "zero" => BlockStyle.Zero,
        "cancel" => BlockStyle.Cancel,
        _ => throw At(where, node.Start, "'block' must be 'zero' or 'cancel'"),
    };

    private static YamlMappingNode Mapping(YamlNode node, string where, string what) =>
        node as YamlMappingNode ?? throw At(where, node.Start, $"{what} must be a mapping");

    private static string Scalar(YamlNode node, string where) =>
        (node as YamlScalarNode)?.Value ?? throw At(where, node.Start, "a single value is expected here");

    private static long Number(YamlNode node, string where, long least, long most) =>
        long.TryParse(Scalar(node, where), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most
            ? number
            : throw At(where, node.Start, string.Create(CultureInfo.InvariantCulture, $"'{Text.Name(Scalar(node, where))}' is not a whole number from {least} to {most}"));

    private static BadInputException At(string where, Mark mark, string what) => YamlText.At(where, mark, what);

    private static string Nearest(string key)
    {
        return Explain.NearestNames.To(key, Keys, 1) is [var near] ? $" (did you mean '{near}'?)" : "";
    }
}
