using System.Globalization;
using OnnxGrow.TestSupport.Fuzz;

namespace OnnxGrow.Fuzz;

/// <summary>The command line.</summary>
internal sealed record Options
{
    public FuzzTarget[] Targets { get; init; } = Enum.GetValues<FuzzTarget>();

    public ulong Seed { get; init; } = 1;

    public double Minutes { get; init; } = 1;

    public int Workers { get; init; } = Environment.ProcessorCount;

    public string Out { get; init; } = Path.Combine("artifacts", "fuzz");

    public string? Replay { get; init; }

    public long From { get; init; }

    public long Step { get; init; } = 1;

    public long? Input { get; init; }

    public int Without { get; init; }

    public string? Keep { get; init; }

    public bool IsWorker { get; init; }

    public static Options Parse(string[] args)
    {
        var options = new Options();
        for (int i = 0; i < args.Length; i++)
        {
            if (args[i] == "--worker")
            {
                options = options with { IsWorker = true };
                continue;
            }

            string value = i + 1 < args.Length ? args[i + 1] : throw new ArgumentException($"{args[i]} takes a value");
            options = Set(options, args[i], value);
            i++;
        }

        return options;
    }

    private static Options Set(Options options, string name, string value) => name switch
    {
        "--target" => options with { Targets = value == "all" ? Enum.GetValues<FuzzTarget>() : [TargetOf(value)] },
        "--seed" => options with { Seed = ulong.Parse(value, CultureInfo.InvariantCulture) },
        "--minutes" => options with { Minutes = double.Parse(value, CultureInfo.InvariantCulture) },
        "--workers" => options with { Workers = int.Parse(value, CultureInfo.InvariantCulture) },
        "--out" => options with { Out = value },
        "--replay" => options with { Replay = value },
        "--from" => options with { From = long.Parse(value, CultureInfo.InvariantCulture) },
        "--step" => options with { Step = long.Parse(value, CultureInfo.InvariantCulture) },
        "--input" => options with { Input = long.Parse(value, CultureInfo.InvariantCulture) },
        "--without" => options with { Without = int.Parse(value, CultureInfo.InvariantCulture) },
        "--keep" => options with { Keep = value },
        _ => throw new ArgumentException($"there is no option '{name}'; see the head of tools/fuzz/Program.cs"),
    };

    private static FuzzTarget TargetOf(string value) =>
        Enum.TryParse(value, ignoreCase: true, out FuzzTarget target) && Enum.IsDefined(target)
            ? target
            : throw new ArgumentException($"'{value}' is no target; there are model, data, plan, skeleton and all");
}
