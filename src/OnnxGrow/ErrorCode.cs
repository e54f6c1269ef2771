using System.Collections.Immutable;

namespace OnnxGrow;

/// <summary>
/// A kind of error, by a number that stays: commands print it, build logs and searches find it, and docs/reference/errors.md explains it.
/// The first digit is the family: 1 not equivalent, 2 input, 3 growth, 4 proof, 5 training, 7 a bug.
/// </summary>
/// <param name="Id">"OG" and four digits.</param>
/// <param name="ExitCode">What a command ends with.</param>
/// <param name="Title">What is wrong, in a few words.</param>
/// <param name="Cause">Where it comes from.</param>
/// <param name="Cure">What to do.</param>
public sealed record ErrorCode(string Id, ExitCode ExitCode, string Title, string Cause, string Cure)
{
    /// <summary>Two models are not equivalent.</summary>
    public static ErrorCode NotEquivalent { get; } = new("OG1001", ExitCode.NotEquivalent, "two models are not equivalent",
        "'verify' has found outputs that differ by more than rounding explains, another interface, or weights that are not what the plan makes of the source.",
        "The report names the level, the output and the input that differ most; 'verify --layers' finds the first layer that does, 'diff' what the models are made of. A model that was trained since it was grown is not equivalent any more.");

    /// <summary>A grown model failed its proof.</summary>
    public static ErrorCode NotProved { get; } = new("OG1002", ExitCode.NotEquivalent, "a grown model failed its proof",
        "The certificate, the witness or the model as shipped does not hold for the model that was just grown. It is not left behind.",
        "Please report it with the model's 'inspect --json' and the command: a growth that is allowed and does not hold is a bug. A graph that is chaotic in float32 (a top-k whose entries nearly tie) may pass with float64 weights.");

    /// <summary>Parts of a model will never learn.</summary>
    public static ErrorCode NeverLearns { get; } = new("OG1003", ExitCode.NotEquivalent, "parts of a model will never learn",
        "'check-trainable' has found weights whose gradient is zero at every step, or copies that stay equal (rules 5.1, 5.4).",
        "Grow with '--method lemon' (random shares), '--block cancel', or '--noise-db', which part copies; weights that the source does not use either are its own matter.");

    /// <summary>A file cannot be read or written.</summary>
    public static ErrorCode File { get; } = new("OG2000", ExitCode.BadInput, "a file cannot be read or written",
        "The system refuses: it is not there, no permission, no space.",
        "The message has the file and the system's own words.");

    /// <summary>The command line cannot be understood, or an option does not fit.</summary>
    public static ErrorCode Option { get; } = new("OG2001", ExitCode.BadInput, "an option does not fit",
        "An option is unknown, has a value that it does not take, or contradicts another.",
        "'onnxgrow COMMAND --help' shows what there is, with examples.");

    /// <summary>A file is no sound ONNX model.</summary>
    public static ErrorCode Model { get; } = new("OG2002", ExitCode.BadInput, "a file is no sound ONNX model",
        "It is not there, is cut short, is no ONNX protobuf message, or was changed while it was read.",
        "Export or download it again; 'python -m onnx.checker FILE' tells what the ONNX project thinks of it.");

    /// <summary>The elements of a tensor cannot be read.</summary>
    public static ErrorCode ModelData { get; } = new("OG2003", ExitCode.BadInput, "the elements of a tensor cannot be read",
        "A data file beside the model is missing, too short or outside the model's folder, or a tensor's elements do not fit its shape and type.",
        "Keep a model and its data files together, under the names that it was saved with. Links and paths that lead out of the model's folder are not followed.");

    /// <summary>A limit against hostile files was reached.</summary>
    public static ErrorCode Limit { get; } = new("OG2004", ExitCode.BadInput, "a limit was reached",
        "The file is larger, deeper or asks for more than a sound model is expected to.",
        "If you trust it, raise the limit that the message names with '--limit NAME=VALUE'.");

    /// <summary>An output cannot be written there.</summary>
    public static ErrorCode Output { get; } = new("OG2005", ExitCode.BadInput, "an output cannot be written there",
        "The file is there already, would replace an input, or its folder is missing or cannot be written.",
        "Give another path, or '--force' to replace what is there. Nothing is replaced before the new file is whole.");

    /// <summary>A plan does not fit.</summary>
    public static ErrorCode Plan { get; } = new("OG2006", ExitCode.BadInput, "a plan does not fit",
        "It was made for another source, or says something that plans do not hold.",
        "'grow --dry-run --save-plan FILE' writes one that fits.");

    /// <summary>A plan or recipe file cannot be read.</summary>
    public static ErrorCode Yaml { get; } = new("OG2007", ExitCode.BadInput, "a plan, a recipe or another file of settings cannot be read",
        "It is not there, is no YAML or JSON, or has a key or a value that is not known; the message has the line.",
        "Keys of plans are in docs/growth-math.md's terms as 'grow --save-plan' writes them, those of recipes in docs/training.md.");

    /// <summary>An initialisation does not fit.</summary>
    public static ErrorCode Initialisation { get; } = new("OG2008", ExitCode.BadInput, "an initialisation does not fit",
        "The file of '--init' is no model of the grown architecture, was changed since the plan was made, or holds what is no finite number.",
        "The same options with '--method random' write one that fits.");

    /// <summary>A model's metadata do not say what is asked of them.</summary>
    public static ErrorCode Metadata { get; } = new("OG2009", ExitCode.BadInput, "a grown model's metadata do not say what is asked of them",
        "The model was not grown by OnnxGrow, a tool has dropped or changed its metadata or tensors, or its growth was lossy.",
        "Give the model as 'grow' wrote it, or trained on with its graph, names and metadata kept.");

    /// <summary>A part of a growth in parts does not fit.</summary>
    public static ErrorCode Part { get; } = new("OG2010", ExitCode.BadInput, "parts of a growth do not fit together",
        "'--shard' and '--finish' were given with other options, on another source, or parts are missing.",
        "Run all parts with the same options, then '--finish' with them too.");

    /// <summary>Inputs to compare two models on do not fit.</summary>
    public static ErrorCode TestInput { get; } = new("OG2011", ExitCode.BadInput, "inputs to compare models on do not fit",
        "The folder of '--inputs' lacks an input of the model, or an array has another type or shape.",
        "One .npy file for each input, named after it, or folders of those; the message has the type and shape that is wanted.");

    /// <summary>Training data do not fit.</summary>
    public static ErrorCode Data { get; } = new("OG2012", ExitCode.BadInput, "training data do not fit",
        "Files are missing or damaged, or what they hold does not fit the model's inputs, its vocabulary or its positions.",
        "docs/training.md has the kinds of data; tools/data makes them.");

    /// <summary>A recipe does not fit the model.</summary>
    public static ErrorCode Recipe { get; } = new("OG2013", ExitCode.BadInput, "a recipe does not fit",
        "It asks for a loss, parameters, a precision or a schedule that this model, its data or this build does not have.",
        "docs/training.md has the keys; the message names the one that does not fit, and what would.");

    /// <summary>A training run cannot be begun or carried on.</summary>
    public static ErrorCode Run { get; } = new("OG2014", ExitCode.BadInput, "a training run cannot be begun, carried on or reported",
        "Its output is there already, or its checkpoints, log or record are missing or damaged, or belong to another recipe or model.",
        "'--resume' carries on a run that is there, '--force' begins anew in its place.");

    /// <summary>An optimizer's state does not fit.</summary>
    public static ErrorCode State { get; } = new("OG2015", ExitCode.BadInput, "an optimizer's state does not fit",
        "The safetensors file of '--state' has tensors of other names or shapes than the model's weights.",
        "Names are W/exp_avg, W/exp_avg_sq or W/momentum_buffer for each weight W; see the README.");

    /// <summary>A file of weights does not fit.</summary>
    public static ErrorCode WeightFile { get; } = new("OG2016", ExitCode.BadInput, "a file of weights does not fit",
        "A .npz or safetensors file is damaged, or lacks weights of the model, or holds them in other shapes.",
        "'export' writes one that fits, with a map beside it.");

    /// <summary>A graph is not sound.</summary>
    public static ErrorCode Graph { get; } = new("OG2017", ExitCode.BadInput, "a graph is not sound",
        "A node reads what nothing gives, a value is defined twice, the nodes go round in a circle, or a function calls itself.",
        "Export the model again; 'python -m onnx.checker FILE' names what is wrong.");

    /// <summary>A report cannot be read back.</summary>
    public static ErrorCode Report { get; } = new("OG2018", ExitCode.BadInput, "a report cannot be read back",
        "The file is no equivalence report as '--json' writes it.",
        "Write it again by 'verify --json FILE'.");

    /// <summary>Input of another kind.</summary>
    public static ErrorCode Input { get; } = new("OG2099", ExitCode.BadInput, "input cannot be used as it is",
        "A file, an option or a plan is not what is wanted.",
        "The message says what, where, and what would be right.");

    /// <summary>A size cannot be reached without loss.</summary>
    public static ErrorCode Size { get; } = new("OG3001", ExitCode.CannotGrow, "a size cannot be reached without loss",
        "The mathematics does not allow it for this graph: a norm weighs entries that would be no whole copies, heads must divide, a Softmax would count copies twice.",
        "The message has the nearest sizes that can be. 'explain' follows the refusal to the node.");

    /// <summary>A dimension cannot grow.</summary>
    public static ErrorCode Dimension { get; } = new("OG3002", ExitCode.CannotGrow, "a dimension is not there or cannot grow",
        "The model has no such dimension, it would get smaller, or an operator on its way does not allow it to grow.",
        "'inspect' lists dimensions, and whether and how each can grow; 'shrink' makes a grown model small again.");

    /// <summary>Layers cannot be added so.</summary>
    public static ErrorCode Layers { get; } = new("OG3003", ExitCode.CannotGrow, "layers cannot be added so",
        "The model has no layers that repeat, the number does not fit the method, or a layer cannot be made to add nothing.",
        "'inspect' shows the layers that were found; the message says what stands in the way.");

    /// <summary>A weight cannot follow.</summary>
    public static ErrorCode Weight { get; } = new("OG3004", ExitCode.CannotGrow, "a weight or a norm cannot follow",
        "One weight is used in ways that would have to grow differently, has an element type that does not grow (quantised models), or a norm's epsilon has no room.",
        "Export the model with its own copy of the weight for each use; grow the float model and quantise afterwards.");

    /// <summary>The method does not do it.</summary>
    public static ErrorCode Method { get; } = new("OG3005", ExitCode.CannotGrow, "the method does not do what is asked",
        "Some methods grow width or depth only, or learn from data.",
        "docs/methods.md says what each does.");

    /// <summary>A lossy growth cannot be undone.</summary>
    public static ErrorCode Lossy { get; } = new("OG3006", ExitCode.CannotGrow, "a lossy growth cannot be undone",
        "The method has thrown source weights away.",
        "Keep the source.");

    /// <summary>Growth of another kind that cannot be.</summary>
    public static ErrorCode Growth { get; } = new("OG3099", ExitCode.CannotGrow, "the model cannot be grown as asked",
        "The model is sound, but the growth asked for is not possible.",
        "The message says why, and the nearest that can be.");

    /// <summary>ONNX Runtime cannot be used as asked.</summary>
    public static ErrorCode Runtime { get; } = new("OG4001", ExitCode.NotVerified, "ONNX Runtime cannot run it",
        "The provider is not there (CUDA without its libraries or a GPU), or the model has an operator that this build of ONNX Runtime lacks.",
        "'--provider cpu'; or the certificate alone: '--proof certificate'. The README says how to get the CUDA provider.");

    /// <summary>No inputs can be made up.</summary>
    public static ErrorCode NoInputs { get; } = new("OG4002", ExitCode.NotVerified, "no inputs can be made up for the model",
        "An input has a type or a constraint from which values cannot be guessed.",
        "Give real inputs: '--inputs DIR', with a .npy file for each.");

    /// <summary>The float64 witness cannot be made.</summary>
    public static ErrorCode Witness { get; } = new("OG4003", ExitCode.NotVerified, "the float64 witness cannot be made",
        "An operator of the model has no float64 form here.",
        "'--proof certificate' or '--proof run' proves without it; please report the operator.");

    /// <summary>Nothing could be proved, for another reason.</summary>
    public static ErrorCode Proof { get; } = new("OG4099", ExitCode.NotVerified, "nothing could be proved",
        "A proof that was asked for could not be made.",
        "The message says why.");

    /// <summary>Gradients are missing.</summary>
    public static ErrorCode Gradient { get; } = new("OG5001", ExitCode.CannotTrain, "operators without a gradient",
        "The graph uses operators that cannot be differentiated here; all of them are listed.",
        "docs/reference/operators.md lists those that can. Weights behind them may be frozen ('parameters' in the recipe).");

    /// <summary>The graph cannot be trained.</summary>
    public static ErrorCode Untrainable { get; } = new("OG5002", ExitCode.CannotTrain, "the graph cannot be trained",
        "Nothing in it can learn, or its operator set cannot be raised to one that has the training operators.",
        "Export the model with floating-point weights as initializers, and a current operator set.");

    /// <summary>The loss does not fit the model's outputs.</summary>
    public static ErrorCode Loss { get; } = new("OG5003", ExitCode.CannotTrain, "the loss does not fit the model",
        "The output that the loss reads is missing or has another rank.",
        "Name the output in the recipe's 'loss', as docs/training.md shows.");

    /// <summary>The loss became no number.</summary>
    public static ErrorCode NotANumber { get; } = new("OG5004", ExitCode.CannotTrain, "the loss or its gradients are no numbers any more",
        "Training has diverged: too high a rate, no clipping, or overflow of float16.",
        "A lower rate, 'clip: 1.0', a longer warm-up, or bfloat16; the last good checkpoint is there, and '--resume' carries on from it.");

    /// <summary>ONNX Runtime cannot run the training graph.</summary>
    public static ErrorCode Memory { get; } = new("OG5005", ExitCode.CannotTrain, "ONNX Runtime cannot run the training graph",
        "Memory ran out, or a kernel is missing for the type.",
        "A smaller batch with 'accumulate', or another precision; the message has ONNX Runtime's own words.");

    /// <summary>Training of another kind that cannot be.</summary>
    public static ErrorCode Training { get; } = new("OG5099", ExitCode.CannotTrain, "the model cannot be trained as asked",
        "The model is sound, but the training asked for is not possible.",
        "The message says why.");

    /// <summary>A bug of OnnxGrow's own.</summary>
    public static ErrorCode Internal { get; } = new("OG7001", ExitCode.InternalError, "a bug of OnnxGrow's own",
        "Something happened that should not.",
        "Please report it with the command and the model's 'inspect' output.");

    /// <summary>All codes, by their numbers.</summary>
    public static ImmutableArray<ErrorCode> All { get; } =
    [
        NotEquivalent, NotProved, NeverLearns,
        File, Option, Model, ModelData, Limit, Output, Plan, Yaml, Initialisation, Metadata, Part, TestInput, Data, Recipe, Run, State, WeightFile, Graph, Report, Input,
        Size, Dimension, Layers, Weight, Method, Lossy, Growth,
        Runtime, NoInputs, Witness, Proof,
        Gradient, Untrainable, Loss, NotANumber, Memory, Training,
        Internal,
    ];

    /// <inheritdoc/>
    public override string ToString() => Id;
}
