using System.CommandLine;
using OnnxGrow.Cli.Output;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.Training.Ligo;
using OnnxGrow.Training.Runs;

namespace OnnxGrow.Cli.Commands;

/// <summary>Options of learning growth operators, for <c>learn</c> and <c>grow --method ligo</c>.</summary>
internal sealed class LearnOptions
{
    private readonly Option<string> _recipe = new("--recipe") { Description = "With ligo: data and loss, and under 'learn' the steps, as YAML or JSON.", HelpName = "FILE" };
    private readonly Option<string> _tying = new("--tying") { Description = "With ligo: which axes share an operator: 'paper' (a dimension, and each layer's inner widths), 'code' (the same; old entries stay as they are) or 'none'.", HelpName = "HOW", DefaultValueFactory = _ => "paper" };
    private readonly Option<string> _start = new("--start") { Description = "With ligo: 'lossless' (LEMON's expansion) or 'paper' (stacked layers and selected entries, with noise).", HelpName = "WHERE", DefaultValueFactory = _ => "lossless" };
    private readonly Option<bool> _project = new("--project") { Description = "With ligo: write the lossless weights that are nearest to the learned ones; what was learned stays beside them, as OUTPUT.learned.onnx." };

    public void AddTo(Command command, bool required)
    {
        _recipe.Required = required;
        foreach (Option option in All)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Checks that the options are given with ligo only, and with it a recipe.</summary>
    public void Check(ParseResult parsed, bool learns)
    {
        if (learns && parsed.GetValue(_recipe) is null)
        {
            throw new BadInputException(ErrorCode.Option, "--method ligo learns from data: give --recipe FILE (data and loss, as for 'train')");
        }

        if (!learns && All.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } other)
        {
            throw new BadInputException(ErrorCode.Option, $"{other.Name} is for growth operators that are learned: give --method ligo, or leave it out");
        }
    }

    /// <summary>Where new layers go unless it is said.</summary>
    public DepthStyle? Depth(ParseResult parsed) => Start(parsed) == LigoStart.Paper ? DepthStyle.Stack : null;

    public int Run(ParseResult parsed, GrowthJob job, GrowthPlan plan, string output, bool force, string? jsonPath, ProofOptions proof, ReadOptions read)
    {
        bool project = parsed.GetValue(_project);
        bool quiet = jsonPath == "-";
        SideFile.Check("--json", jsonPath, job.SourcePath, output);
        if (project)
        {
            job.CheckOutput(output, force);
        }

        var run = new RunOptions
        {
            Model = job.SourcePath,
            Recipe = parsed.GetRequiredValue(_recipe),
            Output = project ? output + ".learned.onnx" : output,
            LogPath = output + ".log.jsonl",
            RecordPath = output + RunRecord.Suffix,
            Provider = proof.Read(parsed).Provider,
            Force = force,
            Limits = read.Read(parsed),
        };
        var options = new LigoOptions { Tying = Tying(parsed), Start = Start(parsed), Seed = plan.Seed };
        LigoResult learned;
        using (var view = quiet ? null : new TrainingView())
        {
            learned = LigoRun.Run(job, plan, run, options, view, Interruption.Token);
        }

        GrowthResult? projected = project ? Project(job, plan, run.Output, output, proof.Read(parsed)) : null;
        if (!quiet)
        {
            LearningView.Print(learned, options, projected);
        }

        if (jsonPath is not null)
        {
            JsonFile.Write(jsonPath, LearningView.ToJson(learned, options, projected, output));
        }

        return Failure.Ends(projected?.ExitCode ?? ExitCode.Success, ErrorCode.NotProved, projected?.Verdict ?? "");
    }

    private static GrowthResult Project(GrowthJob job, GrowthPlan plan, string learned, string output, Runtime.EquivalenceOptions proof)
    {
        GrowthPlan projection = job.Bind(plan with { Method = "lemon", Init = new InitFile(learned, null) });
        using GrownModel grown = Grower.Grow(job.Map, projection, Interruption.Token);
        return job.WriteVerified(grown, output, proof);
    }

    private Option[] All => [_recipe, _tying, _start, _project];

    private LigoTying Tying(ParseResult parsed) => parsed.GetValue(_tying) switch
    {
        "paper" => LigoTying.Paper,
        "code" => LigoTying.Code,
        "none" => LigoTying.None,
        var other => throw new BadInputException(ErrorCode.Option, $"--tying {OnnxGrow.Text.Name(other ?? "")}: give 'paper', 'code' or 'none'"),
    };

    private LigoStart Start(ParseResult parsed) => parsed.GetValue(_start) switch
    {
        "lossless" => LigoStart.Lossless,
        "paper" => LigoStart.Paper,
        var other => throw new BadInputException(ErrorCode.Option, $"--start {OnnxGrow.Text.Name(other ?? "")}: give 'lossless' or 'paper'"),
    };
}
