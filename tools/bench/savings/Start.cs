using OnnxGrow.Growth;
using OnnxGrow.Growth.Methods;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.Training.Ligo;
using OnnxGrow.Training.Runs;

namespace OnnxGrow.Bench.Savings;

/// <summary>What a run begins with.</summary>
internal abstract record Start(string Name)
{
    /// <summary>All of them; "scratch" first, which the others are compared with.</summary>
    public static IReadOnlyList<Start> All { get; } =
    [
        new Scratch(),
        new MethodStart("stack", "stack"),
        new MethodStart("interpolate", "interpolate"),
        new MethodStart("bert2bert-fpi", "bert2bert-fpi"),
        new MethodStart("bert2bert-aki", "bert2bert-aki"),
        new MethodStart("hypercloning", "hypercloning"),
        new MethodStart("lemon", "lemon"),
        new MethodStart("lemon-cancel", "lemon", BlockStyle.Cancel),
        new MethodStart("lemon-aki", "lemon-aki"),
        new MethodStart("lemon-aki-cancel", "lemon-aki", BlockStyle.Cancel),
        new LigoStartPoint("ligo", LigoStart.Paper, false),
        new LigoStartPoint("ligo-lemon", LigoStart.Lossless, false),
        new LigoStartPoint("ligo-projected", LigoStart.Paper, true),
    ];

    /// <summary>Makes the model that a run begins with.</summary>
    /// <returns>What that has cost.</returns>
    /// <exception cref="CannotGrowException">The method does not grow so.</exception>
    public abstract StartCost Make(TaskSetup task, GrowthSetup growth, ulong seed, string recipe, string path);

    /// <summary>Whether it adds something to a growth of this kind: a method of depth alone in a growth of width does not, nor one of width in a growth of depth.</summary>
    public virtual bool Suits(GrowthSetup growth) => true;

    protected static GrowthRequest Request(GrowthSetup growth, ulong seed) => new()
    {
        Hidden = growth.Hidden, Heads = growth.Heads, Layers = growth.Layers, Seed = seed,
    };
}

/// <summary>What a start has cost: operations, and seconds.</summary>
internal readonly record struct StartCost(double Flops, double Seconds);

/// <summary>The target model untrained, as the task begins.</summary>
internal sealed record Scratch() : Start("scratch")
{
    public override StartCost Make(TaskSetup task, GrowthSetup growth, ulong seed, string recipe, string path)
    {
        if (task.Scratch is null)
        {
            return new MethodStart(Name, "random").Make(task, growth, seed, recipe, path);
        }

        File.Copy(task.Scratch.Replace("{growth}", growth.Name, StringComparison.Ordinal), path);
        return new StartCost(0, 0);
    }
}

/// <summary>A growth by a method that needs no data.</summary>
internal sealed record MethodStart(string Name, string Method, BlockStyle Block = BlockStyle.Zero) : Start(Name)
{
    public override bool Suits(GrowthSetup growth) =>
        (Method is not ("stack" or "interpolate") || growth.Layers is not null)
        && (Method is not ("bert2bert-fpi" or "bert2bert-aki" or "lemon-aki" or "hypercloning") || growth.Hidden is not null)
        && (Block == BlockStyle.Zero || (growth.Layers is not null && growth.Hidden is not null));

    public override StartCost Make(TaskSetup task, GrowthSetup growth, ulong seed, string recipe, string path)
    {
        long begin = System.Diagnostics.Stopwatch.GetTimestamp();
        using var job = GrowthJob.Open(task.Source);
        GrowthPlan plan = job.Bind(Planner.Plan(job.Map, Request(growth, seed) with { Method = Method, Block = Block }));
        using GrownModel grown = Grower.Grow(job.Map, plan);
        GrowthJob.WriteUnverified(grown, path);
        return new StartCost(0, System.Diagnostics.Stopwatch.GetElapsedTime(begin).TotalSeconds);
    }
}

/// <summary>Operators learned on the first batches of the run's own data.</summary>
internal sealed record LigoStartPoint(string Name, LigoStart Where, bool Projects) : Start(Name)
{
    public override StartCost Make(TaskSetup task, GrowthSetup growth, ulong seed, string recipe, string path)
    {
        long begin = System.Diagnostics.Stopwatch.GetTimestamp();
        using var job = GrowthJob.Open(task.Source);
        GrowthPlan plan = Planner.Plan(job.Map, Request(growth, seed) with { Depth = Where == LigoStart.Paper ? DepthStyle.Stack : DepthStyle.Interpolate });
        string learned = Projects ? path + ".learned" : path;
        LigoResult result = LigoRun.Run(
            job, plan, new RunOptions { Model = task.Source, Recipe = recipe, Output = learned, Force = true }, new LigoOptions { Start = Where, Seed = seed });
        if (Projects)
        {
            using GrownModel grown = Grower.Grow(job.Map, job.Bind(plan with { Method = new Lemon().Name, Init = new InitFile(learned, null) }));
            GrowthJob.WriteUnverified(grown, path);
        }

        return new StartCost(result.FlopsPerStep * result.Steps, System.Diagnostics.Stopwatch.GetElapsedTime(begin).TotalSeconds);
    }
}
