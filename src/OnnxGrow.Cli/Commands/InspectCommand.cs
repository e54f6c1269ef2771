using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using OnnxGrow.Analysis;
using OnnxGrow.Cli.Help;
using OnnxGrow.Cli.Output;
using OnnxGrow.Growth;
using OnnxGrow.Onnx;
using Spectre.Console;

namespace OnnxGrow.Cli.Commands;

/// <summary><c>onnxgrow inspect</c>: what a model is made of, and how each dimension can grow.</summary>
internal static class InspectCommand
{
    public static Command Build()
    {
        var model = new Argument<string>("MODEL") { Description = "The ONNX model." };
        var json = new Option<bool>("--json") { Description = "Print JSON instead of tables." };
        var all = new Option<bool>("--all") { Description = "List every weight of every dimension, not only the first few." };
        var command = new ExampledCommand(
            "inspect",
            "Show the dimensions, layers and norms of a model, and how each dimension can grow.",
            "onnxgrow inspect models/bert-mini-op17.onnx",
            "onnxgrow inspect models/t5-mini-op17.onnx --all",
            "onnxgrow inspect models/llama-mini-op17.onnx --json")
        {
            model, json, all,
        };
        var read = new ReadOptions();
        read.AddTo(command);
        command.SetAction(parsed => Run(parsed.GetRequiredValue(model), read.Read(parsed), parsed.GetValue(json), parsed.GetValue(all)));
        return command;
    }

    private static int Run(string path, ReadLimits limits, bool json, bool all)
    {
        using OnnxModel model = OnnxModel.Open(path, limits);
        ModelMap map = ModelMap.Of(model);
        ModelSummary summary = ModelSummary.Of(map);
        IReadOnlyList<Growability> growth = Growability.Of(map);
        if (json)
        {
            JsonFile.Write("-", ToJson(path, map, summary, growth));
        }
        else
        {
            Print(path, map, summary, growth, all);
        }

        return (int)ExitCode.Success;
    }

    private static void Print(string path, ModelMap map, ModelSummary summary, IReadOnlyList<Growability> growth, bool all)
    {
        Terminal.Line(OnnxGrow.Text.Name(path));
        Terminal.Line($"  {summary.Family}, {summary.NormPlacement}{(summary.TiedHead ? ", output layer tied to the token table" : "")}");
        Terminal.Line(string.Create(CultureInfo.InvariantCulture,
            $"  opset {map.Graph.Opset}, {map.Graph.Nodes.Count} nodes, {map.Layers.Count} layers, {OnnxGrow.Text.Number(summary.Parameters)} parameters"));
        Terminal.Line($"  {string.Join(", ", summary.Parts.Select(p => $"{p.Part} {OnnxGrow.Text.Number(p.Parameters)}"))}");
        Terminal.Line();
        Terminal.Write(DimensionTable(map, growth, all));
        if (map.Layers.Count > 0)
        {
            Table layers = Terminal.Table(">layer", ">nodes", "takes", "hands on");
            foreach (Analysis.Layers.Layer layer in map.Layers)
            {
                layers.Row(layer.Index.ToString(CultureInfo.InvariantCulture), layer.Nodes.Count.ToString(CultureInfo.InvariantCulture), OnnxGrow.Text.Name(layer.Input.Name), OnnxGrow.Text.Name(layer.Output.Name));
            }

            Terminal.Write(layers);
        }

        if (map.Norms.Count > 0)
        {
            Table norms = Terminal.Table("norm", "stands", ">nodes", ">epsilon", "output");
            foreach ((Analysis.Norms.NormInstance norm, NormPlacement placement) in map.Norms.Zip(map.Placements))
            {
                norms.Row(norm.Kind.ToString(), placement.ToString(), norm.Nodes.Count.ToString(CultureInfo.InvariantCulture),
                    norm.Epsilon is { } e ? ((float)e.Value).ToString("R", CultureInfo.InvariantCulture) : "none", OnnxGrow.Text.Name(norm.Output.Name));
            }

            Terminal.Write(norms);
        }
    }

    /// <summary>Dimensions that the layers have alike share a row, unless all are asked for.</summary>
    private static Table DimensionTable(ModelMap map, IReadOnlyList<Growability> growth, bool all)
    {
        Table table = Terminal.Table("|dimension", ">size", "grows", "ties together");
        var rows = map.Dimensions.Zip(growth).GroupBy(d => all || d.First.Layer is null ? d.First.Name : $"{d.First.Role} {d.First.Extent} {d.Second.CanGrow} {d.First.Name.Split('#').ElementAtOrDefault(1)}", StringComparer.Ordinal);
        foreach (var row in rows)
        {
            (Dimension dimension, Growability g) = row.First();
            string name = row.Count() == 1 ? dimension.Name : $"{dimension.Name} .. {row.Last().First.Name}";
            int shown = all ? int.MaxValue : 3;
            string ties = string.Join(", ", dimension.Weights.Take(shown).Select(w => string.Create(CultureInfo.InvariantCulture, $"{OnnxGrow.Text.Name(w.Tensor)}[{w.Axis}]")));
            string more = dimension.Weights.Length > shown ? string.Create(CultureInfo.InvariantCulture, $" and {dimension.Weights.Length - shown} more") : "";
            table.Row(name, OnnxGrow.Text.Number(dimension.Extent), g.Text, ties + more);
        }

        return table;
    }

    private static JsonObject ToJson(string path, ModelMap map, ModelSummary summary, IReadOnlyList<Growability> growth) => new()
    {
        ["schema"] = "onnxgrow.inspect/1",
        ["model"] = path,
        ["family"] = summary.Family,
        ["norm_placement"] = summary.NormPlacement,
        ["tied_head"] = summary.TiedHead,
        ["opset"] = map.Graph.Opset,
        ["nodes"] = map.Graph.Nodes.Count,
        ["parameters"] = summary.Parameters,
        ["parts"] = new JsonArray([.. summary.Parts.Select(p => new JsonObject { ["part"] = p.Part, ["parameters"] = p.Parameters })]),
        ["dimensions"] = new JsonArray([.. map.Dimensions.Zip(growth).Select(d => new JsonObject
        {
            ["name"] = d.First.Name,
            ["role"] = d.First.Role.ToString(),
            ["size"] = d.First.Extent,
            ["layer"] = d.First.Layer,
            ["can_grow"] = d.Second.CanGrow,
            ["any_size"] = d.Second.AnyWidth,
            ["class_multiples"] = d.Second.Multiples?.ToString(),
            ["class_others"] = d.Second.Others?.ToString(),
            ["growth"] = d.Second.Text,
            ["refusals"] = new JsonArray([.. d.First.Refusals.Select(r => JsonValue.Create(r))]),
            ["weights"] = new JsonArray([.. d.First.Weights.Select(w => new JsonObject { ["tensor"] = w.Tensor, ["axis"] = w.Axis })]),
        })]),
        ["layers"] = new JsonArray([.. map.Layers.Select(l => new JsonObject
        {
            ["index"] = l.Index,
            ["input"] = l.Input.Name,
            ["output"] = l.Output.Name,
            ["nodes"] = new JsonArray([.. l.Nodes.Select(n => JsonValue.Create(n.Name))]),
        })]),
        ["norms"] = new JsonArray([.. map.Norms.Zip(map.Placements).Select(n => new JsonObject
        {
            ["kind"] = n.First.Kind.ToString(),
            ["placement"] = n.Second.ToString(),
            ["input"] = n.First.Input.Name,
            ["output"] = n.First.Output.Name,
            ["epsilon"] = n.First.Epsilon?.Value,
            ["nodes"] = new JsonArray([.. n.First.Nodes.Select(x => JsonValue.Create(x.Name))]),
        })]),
    };
}
