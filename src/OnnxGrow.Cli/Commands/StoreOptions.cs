using System.CommandLine;
using System.Globalization;
using OnnxGrow.Onnx;

namespace OnnxGrow.Cli.Commands;

/// <summary>Options that say how a model is stored, and with how much memory and how many threads.</summary>
internal sealed class StoreOptions
{
    private readonly Option<bool> _external = new("--external") { Description = "Put the weights beside the model, in MODEL.data. Without it they stay where the source has them, unless the model would be larger than protobuf allows (2 GiB - 1)." };
    private readonly Option<bool> _safetensors = new("--safetensors") { Description = "Put the weights beside the model, in a file that readers of safetensors can open too." };
    private readonly Option<string> _shardSize = new("--shard-size") { Description = "Put the weights beside the model, in files of at most this size (a larger tensor has its own).", HelpName = "SIZE" };
    private readonly Option<string> _memory = new("--memory") { Description = "Memory for blocks of weights on their way, such as 256MiB.", HelpName = "SIZE", DefaultValueFactory = _ => "512MiB" };
    private readonly Option<int> _threads = Threads();

    /// <summary>The option for the number of threads, for any command.</summary>
    internal static Option<int> Threads() => new("--threads") { Description = "Threads that compute and check weights; 0 for one a processor. The bytes written do not depend on it.", HelpName = "N", DefaultValueFactory = _ => 0 };

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> All => [_external, _safetensors, _shardSize, _memory, _threads];

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in All)
        {
            command.Add(option);
        }
    }

    /// <summary>What they say.</summary>
    public SaveOptions Read(ParseResult parsed)
    {
        long? shard = parsed.GetValue(_shardSize) is { } text ? Size("--shard-size", text) : null;
        bool safetensors = parsed.GetValue(_safetensors);
        bool external = parsed.GetValue(_external) || safetensors || shard is not null;
        return new SaveOptions
        {
            ExternalThreshold = external ? SaveOptions.WorthMoving : null,
            ShardBytes = shard,
            Safetensors = safetensors,
            MemoryBytes = Size("--memory", parsed.GetValue(_memory)!),
            MaxParallelism = Threads(parsed, _threads),
        };
    }

    /// <summary>The number of threads that was asked for, or one a processor.</summary>
    internal static int Threads(ParseResult parsed, Option<int> option) => parsed.GetValue(option) switch
    {
        0 => Environment.ProcessorCount,
        > 0 and var threads => threads,
        _ => throw new BadInputException(ErrorCode.Option, "--threads: give a number of threads, or 0 for one a processor"),
    };

    /// <summary>Bytes, as a number with or without a unit.</summary>
    internal static long Size(string option, string text)
    {
        string trimmed = text.Trim();
        int digits = trimmed.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        double factor = trimmed[digits..].Trim().ToUpperInvariant() switch
        {
            "" or "B" => 1,
            "K" or "KIB" => 1L << 10,
            "M" or "MIB" => 1L << 20,
            "G" or "GIB" => 1L << 30,
            "T" or "TIB" => 1L << 40,
            "KB" => 1e3,
            "MB" => 1e6,
            "GB" => 1e9,
            "TB" => 1e12,
            _ => 0,
        };
        return factor > 0 && double.TryParse(trimmed.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number * factor is >= 1 and < long.MaxValue
            ? (long)(number * factor)
            : throw new BadInputException(ErrorCode.Option, $"{option} {OnnxGrow.Text.Name(text)}: give a size in bytes, or with a unit (512MiB, 2GB)");
    }
}
