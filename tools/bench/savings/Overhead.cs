using System.Diagnostics;
using System.Globalization;
using OnnxGrow.Growth;
using OnnxGrow.Growth.Plans;
using OnnxGrow.Runtime.Jobs;
using OnnxGrow.Training.Ligo;
using OnnxGrow.Training.Recipes;
using OnnxGrow.Training.Runs;

namespace OnnxGrow.Bench.Savings;

/// <summary>What steps of learning operators cost beside plain steps of the model that they grow to: time of the middle step, and memory.</summary>
internal static class Overhead
{
    /// <summary>Measures both, each in a process of its own, one after the other, several times.</summary>
    public static void Measure(Experiment experiment, string config, string only, int steps, int rounds)
    {
        foreach (TaskSetup task in experiment.Tasks)
        {
            foreach (GrowthSetup growth in experiment.Growths.Where(g => only == task.Name || only == $"{task.Name}-{g.Name}"))
            {
                var ratios = new List<(double Time, double Memory)>();
                for (int round = 0; round < rounds; round++)
                {
                    (double plainTime, double plainMemory) = Child(config, task.Name, growth.Name, "plain", steps);
                    (double learnTime, double learnMemory) = Child(config, task.Name, growth.Name, "learn", steps);
                    ratios.Add((learnTime / plainTime, learnMemory / plainMemory));
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"{task.Name} {growth.Name}: a plain step {plainTime * 1e3:F1} ms, {plainMemory:F0} MB; of learning {learnTime * 1e3:F1} ms, {learnMemory:F0} MB"));
                }

                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{task.Name} {growth.Name}: time {ratios.Select(r => r.Time).Order().ElementAt(rounds / 2):F2} x, memory {ratios.Select(r => r.Memory).Order().ElementAt(rounds / 2):F2} x (middle of {rounds})"));
            }
        }
    }

    /// <summary>One side: prints seconds of the middle step and the most memory, in MB.</summary>
    public static void Run(TaskSetup task, GrowthSetup growth, string side, int steps)
    {
        string folder = Directory.CreateTempSubdirectory("onnxgrow-overhead-").FullName;
        try
        {
            TrainingRecipe recipe = TrainingRecipe.Load(task.Recipe);
            var options = new RunOptions { Model = Path.Combine(folder, "start.onnx"), Recipe = task.Recipe, Output = Path.Combine(folder, "out.onnx") };
            using (GrowthJob job = GrowthJob.Open(task.Source))
            {
                GrowthPlan plan = Planner.Plan(job.Map, new GrowthRequest { Hidden = growth.Hidden, Heads = growth.Heads, Layers = growth.Layers });
                if (side == "learn")
                {
                    // The paper's 100 steps, unless the recipe says otherwise.
                    LigoRun.Run(job, plan, options, new LigoOptions());
                }
                else
                {
                    using (GrownModel grown = Grower.Grow(job.Map, job.Bind(plan)))
                    {
                        GrowthJob.WriteUnverified(grown, options.Model);
                    }

                    recipe = recipe with { Schedule = recipe.Schedule with { Steps = steps }, EvaluateEvery = 0, CheckpointEvery = 0 };
                    TrainingRun.Run(options, recipe, null, default);
                }
            }

            double[] seconds = [.. TrainingLog.Read(options.LogPath).Where(e => e.Loss is not null).Select(e => e.Seconds!.Value)];
            double[] each = [.. seconds.Zip(seconds.Skip(1), (a, b) => b - a).Order()];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{each[each.Length / 2]:R} {PeakMemory.MegabytesOf("self")!.Value:R}"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (double Seconds, double Memory) Child(string config, string task, string growth, string side, int steps)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (string argument in new[] { "overhead", "--config", config, "--only", $"{task}-{growth}", "--side", side, "--steps", steps.ToString(CultureInfo.InvariantCulture) })
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        string[] words = process.StandardOutput.ReadToEnd().Trim().Split('\n')[^1].Split(' ');
        process.WaitForExit();
        return process.ExitCode == 0
            ? (double.Parse(words[0], CultureInfo.InvariantCulture), double.Parse(words[1], CultureInfo.InvariantCulture))
            : throw new CannotTrainException($"the {side} side of {task} {growth} ended with exit code {process.ExitCode}");
    }
}
