using System.CommandLine;
using OnnxGrow.Analysis;
using OnnxGrow.Cli.Help;
using OnnxGrow.Cli.Output;
using OnnxGrow.Compare;
using OnnxGrow.Onnx;

namespace OnnxGrow.Cli.Commands;

/// <summary><c>onnxgrow diff</c>: how two models differ, read off their files.</summary>
internal static class DiffCommand
{
    public static Command Build()
    {
        var a = new Argument<string>("A") { Description = "The first model." };
        var b = new Argument<string>("B") { Description = "The second model." };
        var json = new Option<bool>("--json") { Description = "Print JSON instead of tables." };
        var all = new Option<bool>("--all") { Description = "List every weight that differs, not only the first of those alike." };
        var command = new ExampledCommand(
            "diff",
            """
            Show how two models differ: sizes, layers, weights, operators; and where one was grown from the other, how.
            Nothing is run: 'onnxgrow verify' tells whether they compute the same. Differences are no error.
            """,
            "onnxgrow diff models/gpt2-mini-op17.onnx grown.onnx",
            "onnxgrow diff grown.onnx trained.onnx --all")
        {
            a, b, json, all,
        };
        var read = new ReadOptions();
        read.AddTo(command);
        command.SetAction(parsed => Run(parsed.GetRequiredValue(a), parsed.GetRequiredValue(b), read.Read(parsed), parsed.GetValue(json), parsed.GetValue(all)));
        return command;
    }

    private static int Run(string pathA, string pathB, ReadLimits limits, bool json, bool all)
    {
        using OnnxModel a = OnnxModel.Open(pathA, limits);
        using OnnxModel b = OnnxModel.Open(pathB, limits);
        ModelComparison comparison = ModelComparer.Compare(ModelMap.Of(a), ModelMap.Of(b));
        if (json)
        {
            JsonFile.Write("-", DiffJson.Of(pathA, pathB, comparison));
        }
        else
        {
            DiffView.Print(pathA, pathB, comparison, all);
        }

        return (int)ExitCode.Success;
    }
}
