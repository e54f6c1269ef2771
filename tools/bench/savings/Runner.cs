using System.Globalization;
using OnnxGrow.Training.Recipes;
using OnnxGrow.Training.Runs;

namespace OnnxGrow.Bench.Savings;

/// <summary>Makes a start and trains it.</summary>
internal static class Runner
{
    private const int FirstSteps = 100;

    public static RunRow Run(TaskSetup task, GrowthSetup growth, RunKey key)
    {
        string folder = Directory.CreateTempSubdirectory("onnxgrow-savings-").FullName;
        try
        {
            return Run(task, growth, key, folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static RunRow Run(TaskSetup task, GrowthSetup growth, RunKey key, string folder)
    {
        string model = Path.Combine(folder, "start.onnx");
        StartCost cost;
        try
        {
            cost = Start.All.First(s => s.Name == key.Start).Make(task, growth, key.Seed, task.Recipe, model);
        }
        catch (CannotGrowException e)
        {
            return Empty(key) with { Refused = e.Message };
        }

        TrainingRecipe recipe = TrainingRecipe.Load(task.Recipe);
        long steps = (long)Math.Round(task.Steps * key.Fraction);
        recipe = recipe with
        {
            Data = recipe.Data with { Seed = key.Seed },
            Schedule = recipe.Schedule with { MaxRate = key.Rate, Steps = steps },
            EvaluateEvery = task.EvaluateEvery,
            CheckpointEvery = 0,
        };
        var options = new RunOptions { Model = model, Recipe = task.Recipe, Output = Path.Combine(folder, "trained.onnx"), Force = true };
        TrainingRun.Run(options, recipe, null, default);
        RunRecord record = RunRecord.Read(options.RecordPath);
        IReadOnlyList<LogEntry> log = TrainingLog.Read(options.LogPath);
        LogEntry[] evaluations = [.. log.Where(e => e.ValidationLoss is not null)];
        return Empty(key) with
        {
            Parameters = record.TrainedParameters,
            FlopsPerStep = record.FlopsPerStep(),
            StartFlops = cost.Flops,
            StartSeconds = Math.Round(cost.Seconds, 2),
            Seconds = Math.Round(log[^1].Seconds ?? 0, 2),
            Steps = steps,
            At = [.. evaluations.Select(e => e.Step)],
            ValidationLoss = [.. evaluations.Select(e => Math.Round(e.ValidationLoss!.Value, 5))],
            Accuracy = [.. evaluations.Select(e => Math.Round(e.ValidationAccuracy ?? 0, 5))],
            First = [.. log.Where(e => e.Loss is not null && e.Step <= FirstSteps).Select(e => Math.Round(e.Loss!.Value, 4))],
        };
    }

    private static RunRow Empty(RunKey key) => new()
    {
        Key = key,
        Date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        Machine = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores, {MachineFacts.Here.Architecture}, {MachineFacts.Here.System}, one thread a run"),
    };
}
