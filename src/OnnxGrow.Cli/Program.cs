using System.CommandLine;
using OnnxGrow.Cli.Commands;
using OnnxGrow.Cli.Output;

namespace OnnxGrow.Cli;

/// <summary>The command <c>onnxgrow</c>.</summary>
public static class Program
{
    /// <summary>Runs the command.</summary>
    /// <param name="args">The command line.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Main(string[] args)
    {
        RootCommand root = Build();
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            Failure.Write(ErrorCode.Option, parsed.Errors[0].Message);
            Console.Error.WriteLine("'onnxgrow --help', or --help after a command, shows what there is.");
            return (int)ExitCode.BadInput;
        }

        using var interruption = Interruption.Install();
        return Guarded(() => parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false }));
    }

    internal static RootCommand Build()
    {
        var root = new RootCommand(
            "Grows an ONNX transformer into a wider and deeper one that computes the same function, and proves it.")
        {
            InspectCommand.Build(),
            GrowCommand.Build(),
            VerifyCommand.Build(),
            ShrinkCommand.Build(),
            ExplainCommand.Build(),
            DiffCommand.Build(),
            LearnCommand.Build(),
            TrainCommand.Build(),
            ReportCommand.Build(),
            ExportCommand.Build(),
            CheckTrainableCommand.Build(),
        };
        root.SetAction(_ => root.Parse(["--help"]).Invoke());
        return root;
    }

    private static int Guarded(Func<int> run)
    {
        try
        {
            return run();
        }
        catch (Exception) when (Interruption.ExitCode is not null)
        {
            // Whatever failed, failed because it was stopped.
            Console.Error.WriteLine("onnxgrow: stopped");
            return Interruption.ExitCode.Value;
        }
        catch (OnnxGrowException e)
        {
            Failure.Write(e.Code, e.Message);
            return (int)e.ExitCode;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Failure.Write(ErrorCode.File, e.Message);
            return (int)ErrorCode.File.ExitCode;
        }
        catch (Exception e)
        {
            Failure.Write(ErrorCode.Internal, "this is a bug of OnnxGrow's own; please report it with the command and the model's 'inspect' output");
            Console.Error.WriteLine(Text.Shown(e.ToString().ReplaceLineEndings("\n")));
            return (int)ExitCode.InternalError;
        }
    }
}
