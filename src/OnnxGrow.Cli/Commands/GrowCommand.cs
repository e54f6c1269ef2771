using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using OnnxGrow.Analysis;
using OnnxGrow.Cli.Output;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Methods;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Onnx;
using OnnxGrow.Reports.Checks;
using OnnxGrow.Reports.Equivalence;
using OnnxGrow.Runtime;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.Runtime.Reports.Checks;
using Spectre.Console;

namespace OnnxGrow.Cli.Commands;

/// <summary><c>onnxgrow grow</c>: makes a wider and deeper model, and proves that it computes the same.</summary>
internal sealed class GrowCommand
{
    private readonly Argument<string> _model = new("MODEL") { Description = "The source model." };
    private readonly Option<string> _output = new("-o", "--output") { Description = "Where the grown model goes." };
    private readonly Option<long?> _hidden = new("--hidden") { Description = "Residual width after growth. Alone it keeps the size of a head and the FFN ratio, so heads and FFN grow with it.", HelpName = "N" };
    private readonly Option<long?> _heads = new("--heads") { Description = "Attention heads of every layer after growth; alone it leaves the residual width.", HelpName = "N" };
    private readonly Option<long?> _kvHeads = new("--kv-heads") { Description = "Heads of keys and values after growth, where query heads share them (grouped-query attention).", HelpName = "N" };
    private readonly Option<long?> _headDim = new("--head-dim") { Description = "Size of a head after growth.", HelpName = "N" };
    private readonly Option<long?> _vocabulary = new("--vocabulary") { Description = "Tokens after growth. Old logits stay; old probabilities lose what the new tokens get.", HelpName = "N" };
    private readonly Option<long?> _positions = new("--positions") { Description = "Positions after growth; the old ones stay.", HelpName = "N" };
    private readonly Option<long?> _classes = new("--classes") { Description = "Classes after growth. Old logits stay; old probabilities lose what the new classes get.", HelpName = "N" };
    private readonly Option<long?> _experts = new("--experts") { Description = "Experts of every layer after growth, a multiple of those before.", HelpName = "N" };
    private readonly Option<string[]> _size = new("--size") { Description = "Size of one dimension by its name in 'inspect', such as ffn.2=512; may be given more than once.", HelpName = "NAME=N" };
    private readonly Option<string> _ffn = new("--ffn") { Description = "FFN width after growth, or xR for R times the residual width.", HelpName = "N|xR" };
    private readonly Option<string> _layers = new("--layers") { Description = "Number of layers after growth; a number for each stack (6,4) where the model has several.", HelpName = "N" };
    private readonly Option<bool> _widen = new("--widen-interface") { Description = "Let inputs and outputs that the growing dimensions run along become wider; without it such a growth is refused." };
    private readonly Option<string> _at = new("--at") { Description = "Source layers (from 0) after each of which a new layer goes.", HelpName = "I,J,..." };
    private readonly Option<string> _depth = new("--depth") { Description = "Where new layers go without --at: 'interpolate' (after the layer they copy) or 'stack' (on top).", HelpName = "STYLE", DefaultValueFactory = _ => "interpolate" };
    private readonly Option<string> _block = new("--block") { Description = "What new layers add nothing by: 'zero' (type 1, bit-exact) or 'cancel' (type 2, all weights learn at once).", HelpName = "STYLE", DefaultValueFactory = _ => "zero" };
    private readonly Option<string> _method = new("--method") { HelpName = "NAME", DefaultValueFactory = _ => "lemon" };
    private readonly Option<ulong> _seed = new("--seed") { Description = "Seed of everything random.", HelpName = "N", DefaultValueFactory = _ => 0UL };
    private readonly Option<string> _init = new("--init") { Description = "With lemon: a model of the grown architecture (as --method random writes it); the grown weights are the lossless ones nearest to its.", HelpName = "FILE" };
    private readonly Option<double?> _noiseDb = new("--noise-db") { Description = "With hypercloning: noise that cancels between copies, at this signal-to-noise ratio in decibels.", HelpName = "DB" };
    private readonly Option<string> _plan = new("--plan") { Description = "Take everything from a plan file (YAML or JSON) instead of the options above.", HelpName = "FILE" };
    private readonly Option<string> _savePlan = new("--save-plan") { Description = "Write the plan that is followed.", HelpName = "FILE" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Print the plan, tensor by tensor, and write nothing." };
    private readonly Option<bool> _noVerify = new("--no-verify") { Description = "Write the model without proving anything; its metadata says so." };
    private readonly Option<string> _shard = new("--shard") { Description = "Compute the I-th of N parts of the data files only, into OUTPUT.parts; any number of processes and machines may do so at once.", HelpName = "I/N" };
    private readonly Option<bool> _finish = new("--finish") { Description = "Check the parts that --shard has written, prove the model and put it in its place." };
    private readonly Option<bool> _checkTrainable = new("--check-trainable") { Description = "Check afterwards that all of the grown model can learn, as 'check-trainable' does; it stays, and the exit code is 1, where some of it cannot." };
    private readonly StateOptions _state = new();
    private readonly LearnOptions _learn = new();
    private readonly Option<bool> _force = new("--force") { Description = "Replace an existing output." };
    private readonly Option<string> _json = new("--json") { Description = "Write plan and report as JSON to a file, or to '-'.", HelpName = "FILE" };
    private readonly Option<string> _report = new("--report") { Description = "Write a page about the growth: both models drawn, what each weight came from, errors and verdict.", HelpName = "FILE.html" };
    private readonly CheckFiles _checks = new();
    private readonly ProofOptions _proof = new();
    private readonly StoreOptions _store = new();
    private readonly ReadOptions _read = new();

    public static Command Build() => new GrowCommand().Create();

    private Command Create()
    {
        _method.Description = "How, one of:" + string.Concat(GrowthMethod.All.Values.Select(m => $"\n{m.Name}: {m.Summary}")) + "\n";
        var command = new Command("grow", """
            Grow a model without changing what it computes, and prove it.

            Examples:
              onnxgrow grow models/bert-mini-op17.onnx --hidden 96 --layers 6 -o grown.onnx
              onnxgrow grow models/gpt2-mini-op17.onnx --hidden 64 --dry-run
              onnxgrow grow small.onnx --plan plan.yaml -o large.onnx
              onnxgrow grow small.onnx --hidden 96 --state adam.safetensors -o large.onnx --check-trainable
              onnxgrow grow small.onnx --layers 6 -o large.onnx --report growth.html
            """)
        {
            _model, _output, _hidden, _heads, _kvHeads, _headDim, _ffn, _experts, _vocabulary, _positions, _classes, _size, _layers, _at, _widen, _depth, _block, _method, _seed, _init, _noiseDb, _plan, _savePlan, _dryRun, _noVerify, _shard, _finish, _checkTrainable, _force, _json, _report,
        };
        _checks.AddTo(command);
        _learn.AddTo(command, required: false);
        _state.AddTo(command);
        _store.AddTo(command);
        _proof.AddTo(command);
        _read.AddTo(command);
        command.SetAction(Watched);
        return command;
    }

    /// <summary>An option that was given and that learning growth operators has no use for.</summary>
    private Option? Unsuited(ParseResult parsed) => new Option[] { _dryRun, _shard, _finish, _savePlan, _noVerify, _checkTrainable, _report, _init, _noiseDb }
        .Concat(_state.All).Concat(_store.All).Concat(_checks.All).FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false });

    private int Watched(ParseResult parsed)
    {
        string source = parsed.GetRequiredValue(_model);
        string? output = parsed.GetValue(_output);
        if (_checks.Given(parsed) is { } option && new Option[] { _dryRun, _noVerify, _shard }.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } other)
        {
            throw new BadInputException(ErrorCode.Option, $"{option.Name} reports what was proved, and with {other.Name} nothing is; leave one of the two out");
        }

        _checks.Check(parsed, parsed.GetValue(_force), source, output, parsed.GetValue(_savePlan), parsed.GetValue(_json), parsed.GetValue(_report));
        return _checks.Watch(parsed, "grow", source, output ?? "", () => Run(parsed));
    }

    private int Run(ParseResult parsed)
    {
        string source = parsed.GetRequiredValue(_model);
        string? output = parsed.GetValue(_output);
        bool dryRun = parsed.GetValue(_dryRun);
        if (output is null && !dryRun)
        {
            throw new BadInputException(ErrorCode.Option, "grow: where should the grown model go? Give -o FILE (or --dry-run to see the plan only)");
        }

        using var job = GrowthJob.Open(source, _read.Read(parsed), Interruption.Token);
        bool learns = parsed.GetValue(_method) == Ligo.MethodName;
        _learn.Check(parsed, learns);
        GrowthPlan plan = WantedPlan("grow", parsed, job.Map, learns ? _learn.Depth(parsed) : null);
        if (learns)
        {
            return Unsuited(parsed) is { } option
                ? throw new BadInputException(ErrorCode.Option, $"grow --method ligo: what is learned cannot be shown or divided beforehand, is not lossless, and has no state to grow; leave {option.Name} out (with --project, verify and check-trainable can follow)")
                : _learn.Run(parsed, job, plan, output!, parsed.GetValue(_force), parsed.GetValue(_json), _proof, _read);
        }

        plan = job.Bind(plan);
        if (output is not null && !dryRun)
        {
            job.CheckOutput(output, parsed.GetValue(_force));
        }

        SideFile.Check("--save-plan", parsed.GetValue(_savePlan), source, output);
        SideFile.Check("--json", parsed.GetValue(_json), source, output, parsed.GetValue(_savePlan));
        string? page = parsed.GetValue(_report);
        if (page is not null && parsed.GetValue(_shard) is not null)
        {
            throw new BadInputException(ErrorCode.Option, "--report: a part has nothing to report yet; give it with --finish");
        }

        ReportFile.Check("--report", page, parsed.GetValue(_force), source, output, parsed.GetValue(_savePlan), parsed.GetValue(_json));
        using StateJob? state = _state.Open(parsed, job.Model, source, output, _force, parsed.GetValue(_shard) is not null || dryRun);
        using GrownModel grown = Grower.Grow(job.Map, plan, Interruption.Token);
        if (parsed.GetValue(_savePlan) is { } savePlan)
        {
            WholeFile.WriteText(savePlan, PlanFile.ToJson(plan));
        }

        string? jsonPath = parsed.GetValue(_json);
        bool quiet = jsonPath == "-";
        SaveOptions store = _store.Read(parsed);
        if (!quiet)
        {
            PlanView.Headline(job, grown);
            if (GrowthJob.StorageNote(grown, output, store) is { } note)
            {
                Terminal.Line("  " + note);
            }
        }

        JsonObject json = PlanView.ToJson(job, grown);
        GrowthResult? done = null;
        ReportCheck? canLearn = null;
        int exit = (int)ExitCode.Success;
        if (dryRun)
        {
            if (!quiet)
            {
                PlanView.Tensors(grown);
            }
        }
        else
        {
            var progress = new WorkProgress();
            SaveOptions save = store with { Cancellation = Interruption.Token, Progress = progress };
            if (parsed.GetValue(_shard) is { } shard)
            {
                return WritePart(grown, output!, shard, save, progress, parsed);
            }

            bool finish = parsed.GetValue(_finish);
            if (!finish)
            {
                job.CheckOutput(grown, output!, parsed.GetValue(_force), save);
            }

            EquivalenceOptions? proof = parsed.GetValue(_noVerify) ? null : _proof.Read(parsed, progress) with { CertificateThreads = save.MaxParallelism, Layers = page is not null };
            GrowthResult result;
            using (ProgressLine.Start(progress))
            {
                result = finish ? PartsJob.Finish(job, grown, output!, proof, save, parsed.GetValue(_force))
                    : proof is null ? GrowthJob.WriteUnverified(grown, output!, save)
                    : job.WriteVerified(grown, output!, proof, save);
            }

            done = result;
            if (!quiet)
            {
                ReportView.Print(result);
            }

            if (result.Written)
            {
                state?.Write(grown, save, quiet, json);
            }

            json["output"] = output;
            json["report"] = result.Report is null ? null : JsonNode.Parse(result.Report.ToJson());
            json["verdict"] = result.Verdict;
            exit = Failure.Ends(result.ExitCode, ErrorCode.NotProved, result.Verdict);
            if (result.Written && parsed.GetValue(_checkTrainable))
            {
                int trainable = CheckTrainableCommand.Check(output!, _read.Read(parsed), quiet, json);
                exit = exit == 0 ? trainable : exit;
                canLearn = new ReportCheck(CheckRule.Trainable, null, trainable == 0 ? CheckOutcome.Passed : CheckOutcome.Failed, trainable == 0 ? "all that can learn does" : "some of the grown model will never learn");
            }
        }

        if (page is not null)
        {
            ReportFile.Write(page, GrowthReport.OfGrowth(grown, source, output, done?.Verdict, done?.Report));
        }

        if (jsonPath is not null)
        {
            JsonFile.Write(jsonPath, json);
        }

        if (done is not null)
        {
            _checks.Write(parsed, new CheckRun
            {
                Command = "grow",
                Source = source,
                Grown = done.Output,
                Report = done.Report,
                Summary = done.Report?.Summary ?? done.Verdict,
                ExitCode = (ExitCode)exit,
                Seconds = 0,
                More = canLearn is null ? [] : [canLearn],
            });
        }

        return exit;
    }

    private static (int Part, int Parts) Part(string text)
    {
        string[] numbers = text.Split('/');
        return numbers.Length == 2
            && int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out int part)
            && int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out int parts)
            && part >= 1 && part <= parts && parts <= PartsJob.MaxParts
            ? (part, parts)
            : throw new BadInputException(ErrorCode.Option, $"--shard {OnnxGrow.Text.Name(text)}: give the number of the part and how many there are, such as 3/8");
    }

    private int WritePart(GrownModel grown, string output, string shard, SaveOptions save, WorkProgress progress, ParseResult parsed)
    {
        if (parsed.GetValue(_finish))
        {
            throw new BadInputException(ErrorCode.Option, "--shard computes a part and --finish puts all of them together; give one of the two");
        }

        (int part, int parts) = Part(shard);
        IReadOnlyList<string> files;
        int kept;
        using (ProgressLine.Start(progress))
        {
            (files, kept) = PartsJob.Write(grown, output, part, parts, save);
        }

        if (parsed.GetValue(_json) != "-")
        {
            Terminal.Line(string.Create(CultureInfo.InvariantCulture,
                $"part {part} of {parts}: {files.Count} data files in {OnnxGrow.Text.Name(output)}.parts{(kept > 0 ? $", {kept} of them were there already" : "")}; when all parts are there, --finish puts them together"));
        }

        return (int)ExitCode.Success;
    }

    /// <summary>The options that say what to grow, for commands that show a growth rather than make it.</summary>
    internal IEnumerable<Option> What => Requests.Append(_widen).Append(_plan);

    /// <summary>The plan that those options make; it may be empty.</summary>
    internal GrowthPlan PlanOf(ParseResult parsed, ModelMap map, DepthStyle? depth = null) =>
        parsed.GetValue(_plan) is { } file ? FromFile(parsed, file) : Planner.Plan(map, Request(parsed, depth));

    /// <summary>That plan, for commands that make a growth.</summary>
    /// <exception cref="BadInputException">It is empty.</exception>
    internal GrowthPlan WantedPlan(string command, ParseResult parsed, ModelMap map, DepthStyle? depth) => PlanOf(parsed, map, depth) is { IsEmpty: false } plan
        ? plan
        : throw new BadInputException(ErrorCode.Option, $"{command}: nothing to grow was asked for; give --hidden, --heads, --head-dim, --ffn, --layers, --size or --plan (see 'onnxgrow inspect' for what the model has)");

    private Option[] Requests => [_hidden, _heads, _kvHeads, _headDim, _ffn, _experts, _vocabulary, _positions, _classes, _size, _layers, _at, _depth, _block, _method, _seed, _init, _noiseDb];

    private GrowthPlan FromFile(ParseResult parsed, string file)
    {
        Option? other = Requests.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false });
        return other is null
            ? PlanFile.Load(file)
            : throw new BadInputException(ErrorCode.Option, $"--plan already says what to grow; leave {other.Name} out, or change the plan file");
    }

    private GrowthRequest Request(ParseResult parsed, DepthStyle? depth)
    {
        (long? ffn, double? ratio) = Ffn(parsed.GetValue(_ffn));
        ImmutableArray<int> layers = Numbers("--layers", parsed.GetValue(_layers), "give a number of layers, or one for each stack joined by commas (6,4)");
        GrowthMethod method = GrowthMethod.Find(parsed.GetValue(_method)!);
        if (parsed.GetResult(_depth) is { Implicit: false } && method.Place(1, 0) is not null)
        {
            throw new BadInputException(ErrorCode.Option, $"--depth: the method '{method.Name}' has places of its own for new layers; leave --depth out");
        }

        return new GrowthRequest
        {
            Hidden = parsed.GetValue(_hidden),
            Heads = parsed.GetValue(_heads),
            KvHeads = parsed.GetValue(_kvHeads),
            HeadDim = parsed.GetValue(_headDim),
            Vocabulary = parsed.GetValue(_vocabulary),
            Positions = parsed.GetValue(_positions),
            Classes = parsed.GetValue(_classes),
            Experts = parsed.GetValue(_experts),
            Sizes = Sizes(parsed.GetValue(_size) ?? []),
            Ffn = ffn,
            FfnRatio = ratio,
            Layers = layers is [var only] ? only : null,
            LayersByStack = layers.Length > 1 ? layers : [],
            WidenInterface = parsed.GetValue(_widen),
            At = Numbers("--at", parsed.GetValue(_at), "give source layers as numbers from 0, joined by commas (2,5)"),
            Depth = depth is { } preset && parsed.GetResult(_depth) is not { Implicit: false } ? preset : parsed.GetValue(_depth) switch
            {
                "interpolate" => DepthStyle.Interpolate,
                "stack" => DepthStyle.Stack,
                var other => throw new BadInputException(ErrorCode.Option, $"--depth {OnnxGrow.Text.Name(other ?? "")}: give 'interpolate' or 'stack'"),
            },
            Block = parsed.GetValue(_block) switch
            {
                "zero" => BlockStyle.Zero,
                "cancel" => BlockStyle.Cancel,
                var other => throw new BadInputException(ErrorCode.Option, $"--block {OnnxGrow.Text.Name(other ?? "")}: give 'zero' or 'cancel'"),
            },
            Method = method.Name,
            Seed = parsed.GetValue(_seed),
            Init = parsed.GetValue(_init),
            NoiseDb = parsed.GetValue(_noiseDb),
        };
    }

    private static (long? Size, double? Ratio) Ffn(string? text)
    {
        if (text is null)
        {
            return (null, null);
        }

        if (text.StartsWith('x') && double.TryParse(text.AsSpan(1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double ratio) && ratio > 0)
        {
            return (null, ratio);
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long size) && size > 0
            ? (size, null)
            : throw new BadInputException(ErrorCode.Option, $"--ffn {OnnxGrow.Text.Name(text)}: give a width (1024) or a multiple of the residual width (x4)");
    }

    private static ImmutableSortedDictionary<string, long> Sizes(string[] texts)
    {
        var sizes = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (string text in texts)
        {
            int at = text.LastIndexOf('=');
            sizes[at > 0 ? text[..at] : ""] = at > 0 && long.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long size) && size > 0
                ? size
                : throw new BadInputException(ErrorCode.Option, $"--size {OnnxGrow.Text.Name(text)}: give a dimension and its size, such as ffn.2=512");
        }

        return sizes.ToImmutable();
    }

    private static ImmutableArray<int> Numbers(string option, string? text, string hint)
    {
        if (text is null)
        {
            return [];
        }

        var numbers = ImmutableArray.CreateBuilder<int>();
        foreach (string part in text.Split(','))
        {
            numbers.Add(int.TryParse(part.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                ? number
                : throw new BadInputException(ErrorCode.Option, $"{option} {OnnxGrow.Text.Name(text)}: {hint}"));
        }

        return numbers.ToImmutable();
    }
}
