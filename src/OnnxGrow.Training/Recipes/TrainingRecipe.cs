using OnnxGrow.Onnx;
using OnnxGrow.Training.Data;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Optimizers;
using OnnxGrow.Training.Precision;
using OnnxGrow.Training.Preparation;
using OnnxGrow.Training.Schedules;

namespace OnnxGrow.Training.Recipes;

/// <summary>How a model is trained: what the file `recipe.yaml` says.</summary>
public sealed record TrainingRecipe
{
    /// <summary>Losses by name.</summary>
    public static IReadOnlyList<string> Losses { get; } = ["cross-entropy", "causal-lm", "masked-lm", "mse", "distillation"];

    /// <summary>Optimizers by name.</summary>
    public static IReadOnlyList<string> Optimizers { get; } = ["adamw", "sgd", "lion", "muon"];

    /// <summary>Types that products of matrices compute in, by name.</summary>
    public static IReadOnlyList<string> Precisions { get; } = [.. new[] { ElementType.Float32, ElementType.BFloat16, ElementType.Float16 }.Select(NarrowKernels.NameOf)];

    /// <summary>The data.</summary>
    public required DataRecipe Data { get; init; }

    /// <summary>The learning rate over the steps.</summary>
    public required Schedule Schedule { get; init; }

    /// <summary>Steps of the run.</summary>
    public long Steps => Schedule.Steps;

    /// <summary>Batches whose mean gradient makes a step.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>What the norm of all gradients is clipped to; 0 for no clipping.</summary>
    public double Clip { get; init; }

    /// <summary>Weight decay of matrices and tables.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Whether columns that growth has split share their source's rate, 1/m for each of m copies.</summary>
    public bool SplitRate { get; init; }

    /// <summary>The type that products of matrices compute in; weights and state are float32 in any case.</summary>
    public ElementType Precision { get; init; } = ElementType.Float32;

    /// <summary>With float16, what the loss scale begins with.</summary>
    public double LossScale { get; init; } = OnnxGrow.Training.Precision.LossScale.Usual;

    /// <summary>Which weights are trained.</summary>
    public ParameterFilter Weights { get; init; } = new();

    /// <summary>Steps between evaluations; 0 for the end alone.</summary>
    public long EvaluateEvery { get; init; }

    /// <summary>Batches of an evaluation; 0 for all of the validation data.</summary>
    public int EvaluationBatches { get; init; }

    /// <summary>Steps between checkpoints; 0 for the end alone.</summary>
    public long CheckpointEvery { get; init; }

    /// <summary>How many checkpoints are kept.</summary>
    public int KeepCheckpoints { get; init; } = 3;

    /// <summary>Threads of the runtime; 0 for one a core.</summary>
    public int Threads { get; init; }

    /// <summary>How growth operators are learned.</summary>
    public LearnRecipe Learn { get; init; } = LearnOf(null);

    /// <summary>The teacher of a distillation.</summary>
    public string? Teacher { get; init; }

    internal ILoss Loss { get; init; } = new CrossEntropy(null);

    internal IOptimizer Optimizer { get; init; } = new AdamW();

    /// <summary>Reads a recipe.</summary>
    /// <exception cref="BadInputException">It is none; the message gives line and column.</exception>
    public static TrainingRecipe Load(string path)
    {
        (string text, string where) = YamlText.ReadFile(path, "recipe");
        return Parse(text, where);
    }

    /// <summary>Reads a recipe from text.</summary>
    /// <param name="text">YAML or JSON.</param>
    /// <param name="where">How messages name it.</param>
    /// <exception cref="BadInputException">It is none.</exception>
    public static TrainingRecipe Parse(string text, string where) => YamlText.Parse(
        text, where, "recipe", root => Read(new RecipeSection(root, where, "the recipe")), "a recipe is one mapping with 'data', 'steps', 'optimizer' and so on");

    private static TrainingRecipe Read(RecipeSection root)
    {
        RecipeSection data = root.Section("data") ?? throw root.Missing("data");
        long steps = root.Whole("steps", 0, 1, long.MaxValue);
        if (steps == 0)
        {
            throw root.Missing("steps");
        }

        RecipeSection? optimizer = root.Section("optimizer");
        RecipeSection? schedule = root.Section("schedule");
        RecipeSection? loss = root.Section("loss");
        RecipeSection? evaluate = root.Section("evaluate");
        RecipeSection? checkpoint = root.Section("checkpoint");
        RecipeSection? learn = root.Section("learn");
        string kind = loss?.Choice("kind", "cross-entropy", [.. Losses]) ?? "cross-entropy";
        var recipe = new TrainingRecipe
        {
            Data = DataRecipe.Read(data),
            Schedule = ScheduleOf(schedule, optimizer, steps),
            Optimizer = OptimizerOf(optimizer),
            Loss = LossOf(loss, kind),
            Teacher = kind == "distillation" ? loss!.String("teacher") ?? throw loss.Missing("teacher") : null,
            WeightDecay = optimizer?.Number("weight_decay", 0, 0) ?? 0,
            Precision = PrecisionOf(root),
            LossScale = LossScaleOf(root),
            SplitRate = SplitRateOf(optimizer),
            Clip = root.Number("clip", 0, 0),
            Accumulate = (int)root.Whole("accumulate", 1, 1, 1 << 16),
            Threads = (int)root.Whole("threads", 0, 0, 1024),
            Learn = LearnOf(learn),
            Weights = new ParameterFilter { Train = root.Strings("train"), Freeze = root.Strings("freeze") },
            EvaluateEvery = evaluate?.Whole("every", 0, 0, long.MaxValue) ?? 0,
            EvaluationBatches = (int)(evaluate?.Whole("batches", 0, 0, int.MaxValue) ?? 0),
            CheckpointEvery = checkpoint?.Whole("every", 0, 0, long.MaxValue) ?? 0,
            KeepCheckpoints = (int)(checkpoint?.Whole("keep", 3, 1, 10_000) ?? 3),
        };
        foreach (RecipeSection? section in new[] { optimizer, schedule, loss, evaluate, checkpoint, learn, root })
        {
            section?.End();
        }

        return recipe;
    }

    /// <summary>Operators begin near one and need small steps, whatever the weights take; a hundred of them, as in the paper.</summary>
    private static LearnRecipe LearnOf(RecipeSection? section)
    {
        RecipeSection? optimizer = section?.Section("optimizer");
        RecipeSection? schedule = section?.Section("schedule");
        var learn = new LearnRecipe
        {
            Schedule = ScheduleOf(schedule, optimizer, section?.Whole("steps", Ligo.LigoOptions.PaperSteps, 1, long.MaxValue) ?? Ligo.LigoOptions.PaperSteps),
            Optimizer = OptimizerOf(optimizer),
            WeightDecay = optimizer?.Number("weight_decay", 0, 0) ?? 0,
        };
        optimizer?.End();
        schedule?.End();
        return learn;
    }

    private static Schedule ScheduleOf(RecipeSection? section, RecipeSection? optimizer, long steps) => new()
    {
        Kind = section?.Choice("kind", "cosine", [.. Schedule.Kinds]) ?? "cosine",
        MaxRate = optimizer?.Number("lr", 1e-3, 0) ?? 1e-3,
        MinRate = section?.Number("min_lr", 0, 0) ?? 0,
        Warmup = section?.Whole("warmup", 0, 0, steps) ?? 0,
        DecayFraction = section?.Number("decay", 0.2, 1e-6, 1) ?? 0.2,
        LemonFraction = section?.Number("fraction", 1, 1e-6, 1) ?? 1,
        Steps = steps,
    };

    private static IOptimizer OptimizerOf(RecipeSection? section)
    {
        string kind = section?.Choice("kind", "adamw", [.. Optimizers]) ?? "adamw";
        double[]? betas = section?.Has("betas") == true ? [.. section.Numbers("betas", 0)] : null;
        if (betas is not null && (betas.Length != 2 || betas.Any(b => b is < 0 or >= 1)))
        {
            throw section!.Bad("betas", "'betas' must be two numbers from 0 to below 1");
        }

        double epsilon = section?.Number("eps", 1e-8, 0) ?? 1e-8;
        return kind switch
        {
            "sgd" => new Sgd(section!.Number("momentum", 0.9, 0, 1), section.Flag("nesterov", false)),
            "lion" => new Lion(betas?[0] ?? 0.9, betas?[1] ?? 0.99),
            "muon" => new Muon(new AdamW(betas?[0] ?? 0.9, betas?[1] ?? 0.999, epsilon), section!.Number("momentum", 0.95, 0, 1)),
            _ => new AdamW(betas?[0] ?? 0.9, betas?[1] ?? 0.999, epsilon),
        };
    }

    private static ElementType PrecisionOf(RecipeSection root) => root.Choice("precision", "float32", [.. Precisions]) switch
    {
        "float16" => ElementType.Float16,
        "bfloat16" => ElementType.BFloat16,
        _ => ElementType.Float32,
    };

    private static double LossScaleOf(RecipeSection root)
    {
        double scale = root.Number("loss_scale", OnnxGrow.Training.Precision.LossScale.Usual, 1, 1e30);
        return !root.Has("loss_scale") || PrecisionOf(root) == ElementType.Float16 ? scale
            : throw root.Bad("loss_scale", "'loss_scale' goes with precision: float16; the other types have the range of float32 and need none");
    }

    private static bool SplitRateOf(RecipeSection? section) =>
        section?.Flag("split_rate", false) == true
        && (section.Choice("kind", "adamw", [.. Optimizers]) != "muon"
            ? true
            : throw section.Bad("split_rate", "'split_rate' goes with adamw, sgd and lion; muon's updates are orthogonal, so that copies of a column share one already"));

    private static ILoss LossOf(RecipeSection? section, string kind)
    {
        string? output = section?.String("output");
        if (kind == "mse")
        {
            return new MeanSquaredError(output);
        }

        var hard = new CrossEntropy(output, section?.Whole("ignore_index", -100, long.MinValue, long.MaxValue) ?? -100, section?.Number("label_smoothing", 0, 0, 0.999) ?? 0);
        return kind == "distillation"
            ? new Distillation(hard, section!.Number("temperature", 1, 1e-3), section.Number("weight", 0.5, 0, 1))
            : hard;
    }
}
