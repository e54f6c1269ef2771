namespace OnnxGrow.MSBuild;

/// <summary>What the value of a metadata is.</summary>
internal enum MetadataKind
{
    /// <summary>A value of the command's option.</summary>
    Value,

    /// <summary>Values, separated by semicolons, each given to the option.</summary>
    Values,

    /// <summary>true gives the option.</summary>
    Switch,

    /// <summary>false gives the option.</summary>
    SwitchOff,

    /// <summary>A file that is read.</summary>
    InputFile,

    /// <summary>A model that is read, with its data files.</summary>
    InputModel,

    /// <summary>A folder of which every file is read.</summary>
    InputFolder,

    /// <summary>A file that is written.</summary>
    OutputFile,

    /// <summary>A file about the run, for those who look at it afterwards: it stays when the growth fails, and after a clean.</summary>
    LogFile,

    /// <summary>Of the build step alone.</summary>
    Step,
}

/// <summary>One metadata of <c>OnnxGrowModel</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Option">The option of <c>onnxgrow grow</c> that it stands for; null for those of the build step.</param>
/// <param name="Kind">What its value is.</param>
/// <param name="Says">What it says, for the table in the documentation.</param>
internal sealed record GrowMetadata(string Name, string? Option, MetadataKind Kind, string Says)
{
    /// <summary>All that there are, in the order of the documentation.</summary>
    public static IReadOnlyList<GrowMetadata> All { get; } =
    [
        new("Hidden", "--hidden", MetadataKind.Value, "residual width; alone it keeps the size of a head and the FFN ratio"),
        new("Heads", "--heads", MetadataKind.Value, "attention heads of every layer"),
        new("KvHeads", "--kv-heads", MetadataKind.Value, "heads of keys and values, where query heads share them"),
        new("HeadDim", "--head-dim", MetadataKind.Value, "size of a head"),
        new("Ffn", "--ffn", MetadataKind.Value, "FFN width, or `xR` for R times the residual width"),
        new("Experts", "--experts", MetadataKind.Value, "experts of every layer"),
        new("Vocabulary", "--vocabulary", MetadataKind.Value, "tokens"),
        new("Positions", "--positions", MetadataKind.Value, "positions"),
        new("Classes", "--classes", MetadataKind.Value, "classes"),
        new("Sizes", "--size", MetadataKind.Values, "sizes of dimensions by name, such as `ffn.0=512;ffn.1=384`"),
        new("WidenInterface", "--widen-interface", MetadataKind.Switch, "`true`: inputs and outputs may become wider"),
        new("Layers", "--layers", MetadataKind.Value, "layers, or a number for each stack (`6,4`)"),
        new("At", "--at", MetadataKind.Value, "source layers behind which new ones go (`2,5`)"),
        new("Depth", "--depth", MetadataKind.Value, "`interpolate` or `stack`"),
        new("Block", "--block", MetadataKind.Value, "`zero` or `cancel`: what new layers add nothing by"),
        new("Method", "--method", MetadataKind.Value, "how: `lemon` unless it is said"),
        new("Init", "--init", MetadataKind.InputModel, "with lemon: a model of the grown architecture, to be as near to as lossless allows"),
        new("NoiseDb", "--noise-db", MetadataKind.Value, "with hypercloning: noise that cancels, in decibels"),
        new("Seed", "--seed", MetadataKind.Value, "seed of everything random"),
        new("Plan", "--plan", MetadataKind.InputFile, "a plan file, in place of all of the above"),
        new("Recipe", "--recipe", MetadataKind.InputFile, "with ligo: data and loss"),
        new("Tying", "--tying", MetadataKind.Value, "with ligo: `paper`, `code` or `none`"),
        new("Start", "--start", MetadataKind.Value, "with ligo: `lossless` or `paper`"),
        new("Projected", "--project", MetadataKind.Switch, "with ligo, `true`: the lossless weights nearest to the learned ones"),
        new("State", "--state", MetadataKind.InputFile, "the optimizer's state of the source, which grows along"),
        new("StateOutputFile", "--state-out", MetadataKind.OutputFile, "where the grown state goes; `OUTPUT.state.safetensors` unless it is said"),
        new("OutputFile", null, MetadataKind.Step, "where the grown model goes; `$(OnnxGrowOutputPath)` and the model's name unless it is said"),
        new("Report", "--report", MetadataKind.OutputFile, "write a page about the growth, to this file"),
        new("Json", "--json", MetadataKind.OutputFile, "where plan and report go as JSON; beside the other records unless it is said"),
        new("Junit", "--junit", MetadataKind.LogFile, "write the checks as JUnit XML, to this file; it stays whatever happens"),
        new("Sarif", "--sarif", MetadataKind.LogFile, "write what failed as SARIF, to this file; it stays whatever happens"),
        new("Summary", "--summary", MetadataKind.LogFile, "add a summary in Markdown to this file; it stays whatever happens"),
        new("SavePlan", "--save-plan", MetadataKind.OutputFile, "write the plan that is followed, to this file"),
        new("External", "--external", MetadataKind.Switch, "`true`: weights in `OUTPUT.data`"),
        new("Safetensors", "--safetensors", MetadataKind.Switch, "`true`: weights in a safetensors file"),
        new("ShardSize", "--shard-size", MetadataKind.Value, "weights in files of at most this size (`4GiB`)"),
        new("Memory", "--memory", MetadataKind.Value, "memory for blocks of weights (`256MiB`)"),
        new("Threads", "--threads", MetadataKind.Value, "threads; 0 for one a processor"),
        new("Verify", "--no-verify", MetadataKind.SwitchOff, "`false`: nothing is proved, and a warning says so"),
        new("Proof", "--proof", MetadataKind.Value, "how far the proof goes: `certificate`, `witness` or `run`"),
        new("Provider", "--provider", MetadataKind.Value, "where the models run as shipped: `cpu` or `cuda`"),
        new("Inputs", "--inputs", MetadataKind.InputFolder, "a folder with inputs (.npy), in place of generated ones"),
        new("Tolerance", "--tolerance", MetadataKind.Value, "relative tolerance as shipped"),
        new("InputSeed", "--input-seed", MetadataKind.Value, "seed of the generated inputs"),
        new("CheckTrainable", "--check-trainable", MetadataKind.Switch, "`true`: it is an error if some of the grown model can never learn"),
        new("Limits", "--limit", MetadataKind.Values, "what the file may ask of the machine, such as `messages=10000000`"),
        new("AllowHardLinks", "--allow-hard-links", MetadataKind.Switch, "`true`: read data files that have another name on this disk"),
        new("AdditionalInputs", null, MetadataKind.Step, "more files that the growth depends on, such as a recipe's data"),
        new("CopyToOutputDirectory", null, MetadataKind.Step, "`PreserveNewest`, `Always`, `IfDifferent` or `Never`: copy the grown model beside the program, and publish it"),
        new("Link", null, MetadataKind.Step, "where in the output folder it is copied to; the output's own name unless it is said"),
    ];

    /// <summary>Options of <c>onnxgrow grow</c> that are no metadata: the step gives them itself, or they make no model.</summary>
    public static IReadOnlyList<string> NotMetadata { get; } = ["--output", "--force", "--dry-run", "--shard", "--finish", "--help"];

    /// <summary>What editors write to any item; it means nothing here.</summary>
    public static IReadOnlyList<string> Ignored { get; } = ["Visible", "SubType", "Generator"];

    /// <summary>The metadata of a name, in any case; null where there is none.</summary>
    public static GrowMetadata? Find(string name) => All.FirstOrDefault(m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
