using System.CommandLine;
using System.Globalization;
using OnnxGrow.Cli.Help;
using OnnxGrow.Cli.Output;
using OnnxGrow.Onnx;
using OnnxGrow.Training.Export;

namespace OnnxGrow.Cli.Commands;

/// <summary><c>onnxgrow export</c>: a model's weights for other frameworks, and back.</summary>
internal static class ExportCommand
{
    public static Command Build()
    {
        var model = new Argument<string>("MODEL") { Description = "The model." };
        var to = new Option<string>("--to") { Description = "The format of the weights.", HelpName = string.Join('|', WeightFile.Formats) };
        to.CompletionSources.Add([.. WeightFile.Formats]);
        var from = new Option<string>("--from") { Description = "The other way: put the weights of a file that this command wrote, and training has changed, into MODEL; the result goes to -o.", HelpName = "FILE" };
        var output = new Option<string>("-o", "--output") { Description = "Where the weights go (the map beside them, as FILE.json); with --from, the model.", HelpName = "FILE", Required = true };
        var force = new Option<bool>("--force") { Description = "Replace existing files." };
        var command = new ExampledCommand(
            "export",
            """
            Write a model's weights to a file for PyTorch, JAX or TorchSharp, with a map beside it: FILE.json tells for
            each initializer its name in the file, the parameter's path in the exported module, extents, type, role, and
            whether it is stored transposed. With --from, put the weights of such a file back into the model.
            """,
            "onnxgrow export grown.onnx --to safetensors -o grown.safetensors",
            "onnxgrow export grown.onnx --to npz -o grown.npz",
            "onnxgrow export grown.onnx --from trained.safetensors -o trained.onnx")
        {
            model, to, from, output, force,
        };
        var store = new StoreOptions();
        store.AddTo(command);
        var read = new ReadOptions();
        read.AddTo(command);
        command.SetAction(parsed =>
        {
            string source = parsed.GetRequiredValue(model);
            string target = parsed.GetRequiredValue(output);
            string? format = parsed.GetValue(to);
            string? weights = parsed.GetValue(from);
            if (format is null == weights is null)
            {
                throw new BadInputException(ErrorCode.Option, "export: give --to safetensors or --to npz to write weights, or --from FILE to put weights back");
            }

            SideFile.Check("-o", target, source, weights);
            string[] written = weights is null ? [target, WeightFile.MapOf(target)] : [target];
            if (!parsed.GetValue(force) && Array.Find(written, Path.Exists) is { } there)
            {
                throw new BadInputException(ErrorCode.Option, $"-o {OnnxGrow.Text.Name(there)}: exists already; --force replaces it");
            }

            using OnnxModel opened = OnnxModel.Open(source, read.Read(parsed));
            SaveOptions save = store.Read(parsed) with { Cancellation = Interruption.Token };
            if (weights is null)
            {
                WeightMap map = WeightFile.Write(opened, target, format!, save);
                Terminal.Line(string.Create(CultureInfo.InvariantCulture,
                    $"{OnnxGrow.Text.Name(target)}: {map.Weights.Count} weights, {OnnxGrow.Text.Number(map.Weights.Sum(w => w.Dims.Aggregate(1L, (n, d) => n * d)))} parameters; map in {OnnxGrow.Text.Name(WeightFile.MapOf(target))}"));
            }
            else
            {
                using IDisposable file = WeightFile.Read(opened, weights);
                opened.Save(target, save);
                Terminal.Line($"{OnnxGrow.Text.Name(target)}: written, with the weights of {OnnxGrow.Text.Name(weights)}");
            }

            return (int)ExitCode.Success;
        });
        return command;
    }
}
