using OnnxGrow.Training.Recipes;

namespace OnnxGrow.Bench.Savings;

/// <summary>What is compared, as a file says it.</summary>
internal sealed record Experiment
{
    public required string Folder { get; init; }

    /// <summary>Where the results go: a file for each task and growth.</summary>
    public required string Results { get; init; }

    public required IReadOnlyList<TaskSetup> Tasks { get; init; }

    public required IReadOnlyList<GrowthSetup> Growths { get; init; }

    public required IReadOnlyList<ulong> Seeds { get; init; }

    /// <summary>Lengths of LEMON's own schedule, as parts of the run from scratch.</summary>
    public required IReadOnlyList<double> LemonFractions { get; init; }

    /// <summary>Starts that are trained on that schedule too.</summary>
    public required IReadOnlyList<string> OwnSchedules { get; init; }

    public static Experiment Load(string path)
    {
        (string text, string where) = YamlText.ReadFile(path, "experiment");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return YamlText.Parse(text, where, "experiment", node => Read(new RecipeSection(node, where, "the experiment"), folder), "an experiment has 'tasks', 'seeds' and so on");
    }

    private static Experiment Read(RecipeSection root, string folder)
    {
        RecipeSection tasks = root.Section("tasks") ?? throw root.Missing("tasks");
        RecipeSection growths = root.Section("growths") ?? throw root.Missing("growths");
        var found = new Experiment
        {
            Folder = folder,
            Results = Path.Combine(folder, root.String("results") ?? throw root.Missing("results")),
            Tasks = [.. tasks.Keys.Select(k => TaskSetup.Read(k, tasks.Section(k)!, folder))],
            Growths = [.. growths.Keys.Select(k => GrowthSetup.Read(k, growths.Section(k)!))],
            Seeds = [.. root.Numbers("seeds", 0).Select(s => (ulong)s)],
            LemonFractions = root.Numbers("lemon_fractions", 0),
            OwnSchedules = root.Strings("own_schedules"),
        };
        root.End();
        return found;
    }
}

/// <summary>One task: a trained source, its data, and how it grows.</summary>
internal sealed record TaskSetup
{
    public required string Name { get; init; }

    public required string Source { get; init; }

    public required string Recipe { get; init; }

    /// <summary>
    /// The untrained model that training from scratch begins with, "{growth}" standing for the growth's name; null for the method "random",
    /// whose matrices have a deviation of 0.02, which not every task learns from.
    /// </summary>
    public string? Scratch { get; init; }

    public required long Steps { get; init; }

    public required long EvaluateEvery { get; init; }

    /// <summary>Rates that training from scratch is tried with; all others take the best of them.</summary>
    public required IReadOnlyList<double> Rates { get; init; }

    public static TaskSetup Read(string name, RecipeSection section, string folder)
    {
        var task = new TaskSetup
        {
            Name = name,
            Source = Path.Combine(folder, section.String("source") ?? throw section.Missing("source")),
            Recipe = Path.Combine(folder, section.String("recipe") ?? throw section.Missing("recipe")),
            Scratch = section.String("scratch") is { } scratch ? Path.Combine(folder, scratch) : null,
            Steps = section.Whole("steps", 1000, 1, long.MaxValue),
            EvaluateEvery = section.Whole("every", 25, 1, long.MaxValue),
            Rates = section.Numbers("rates", 0),
        };
        section.End();
        return task;
    }
}

/// <summary>What a source grows to.</summary>
internal sealed record GrowthSetup(string Name, long? Hidden, long? Heads, int? Layers)
{
    public static GrowthSetup Read(string name, RecipeSection section)
    {
        var growth = new GrowthSetup(
            name, section.WholeOrNone("hidden", 1, int.MaxValue), section.WholeOrNone("heads", 1, int.MaxValue), (int?)section.WholeOrNone("layers", 1, int.MaxValue));
        section.End();
        return growth;
    }
}
