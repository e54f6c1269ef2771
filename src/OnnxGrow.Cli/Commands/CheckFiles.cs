using System.CommandLine;
using System.Diagnostics;
using System.Text;
using OnnxGrow.Onnx;
using OnnxGrow.Reports.Checks;

namespace OnnxGrow.Cli.Commands;

/// <summary>The reports for CI systems that 'grow' and 'verify' write: JUnit XML, SARIF, and a step summary in Markdown.</summary>
internal sealed class CheckFiles
{
    private readonly Option<string> _junit = new("--junit") { Description = "Write the checks as JUnit XML, a test case each.", HelpName = "FILE.xml" };
    private readonly Option<string> _sarif = new("--sarif") { Description = "Write what failed as SARIF 2.1.0, a result each.", HelpName = "FILE.sarif" };
    private readonly Option<string> _summary = new("--summary") { Description = "Write a summary in Markdown; it is added to a file that is there, such as $GITHUB_STEP_SUMMARY.", HelpName = "FILE.md" };
    private readonly Stopwatch _watch = new();
    private bool _written;

    /// <summary>The options.</summary>
    public IEnumerable<Option<string>> All => [_junit, _sarif, _summary];

    public void AddTo(Command command)
    {
        foreach (Option<string> option in All)
        {
            command.Add(option);
        }
    }

    /// <summary>The first of the options that was given; null where none was.</summary>
    public Option? Given(ParseResult parsed) => All.FirstOrDefault(o => parsed.GetValue(o) is not null);

    /// <summary>Checks the places before any work is done.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="force">Whether files that are there are replaced; a summary is added to in any case.</param>
    /// <param name="others">Files that the command also reads or writes.</param>
    /// <exception cref="BadInputException">One cannot go there.</exception>
    public void Check(ParseResult parsed, bool force, params string?[] others)
    {
        var taken = new List<string?>(others);
        foreach (Option<string> option in All)
        {
            string? path = parsed.GetValue(option);
            ReportFile.Check("a report", "report." + option.HelpName!.Split('.')[1], option.Name, path, force || option == _summary, [.. taken]);
            taken.Add(path);
        }
    }

    /// <summary>Does a command's work; where it fails by an error, the reports say so.</summary>
    public int Watch(ParseResult parsed, string command, string source, string grown, Func<int> work)
    {
        _watch.Start();
        try
        {
            return work();
        }
        catch (Exception e) when (Interruption.ExitCode is null && !_written && Given(parsed) is not null)
        {
            ExitCode code = e switch
            {
                OnnxGrowException known => known.ExitCode,
                IOException or UnauthorizedAccessException => ExitCode.BadInput,
                _ => ExitCode.InternalError,
            };
            try
            {
                Write(parsed, new CheckRun { Command = command, Source = source, Grown = grown, Summary = e.Message, ExitCode = code, IsError = true, Seconds = 0 });
            }
            catch (OnnxGrowException)
            {
                // What went wrong first is what has to be said.
            }

            throw;
        }
    }

    /// <summary>Writes those that were asked for.</summary>
    /// <exception cref="BadInputException">One cannot be written.</exception>
    public void Write(ParseResult parsed, CheckRun run)
    {
        if (Given(parsed) is null)
        {
            return;
        }

        _written = true;
        run = run with { Seconds = _watch.Elapsed.TotalSeconds };
        if (parsed.GetValue(_junit) is { } junit)
        {
            WholeFile.WriteText(junit, JUnitReport.Of(run));
        }

        if (parsed.GetValue(_sarif) is { } sarif)
        {
            WholeFile.WriteText(sarif, SarifReport.Of(run, Directory.GetCurrentDirectory()));
        }

        if (parsed.GetValue(_summary) is { } summary)
        {
            Append(summary, SummaryReport.Of(run));
        }
    }

    /// <summary>Adds to a file in one piece, or not at all; the file stays the same one, which a CI system may hold open.</summary>
    private static void Append(string path, string text)
    {
        if (!File.Exists(path))
        {
            WholeFile.WriteText(path, text);
            return;
        }

        try
        {
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
            long before = file.Length;
            try
            {
                file.Write(Encoding.UTF8.GetBytes(text));
            }
            catch (IOException)
            {
                file.SetLength(before);
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(ErrorCode.Output, $"--summary {OnnxGrow.Text.Name(path)}: cannot be added to: {OnnxGrow.Text.Shown(e.Message)}", e);
        }
    }
}
