using System.CommandLine;
using OnnxGrow.Onnx;

namespace OnnxGrow.Cli.Commands;

/// <summary>Options of every command that opens a model: what the file may ask of the machine.</summary>
internal sealed class ReadOptions
{
    private readonly Option<string[]> _limit = new("--limit")
    {
        Description = $"Raise or lower what a model's graph may take: {OnnxGrow.Text.List(ReadLimits.Names)}; may be given more than once.",
        HelpName = "NAME=N",
    };

    private readonly Option<bool> _hardLinks = new("--allow-hard-links") { Description = "Read data files that have another name on this disk." };

    public void AddTo(Command command)
    {
        command.Add(_limit);
        command.Add(_hardLinks);
    }

    public ReadLimits Read(ParseResult parsed)
    {
        ReadLimits limits = ReadLimits.Default with { AllowHardLinks = parsed.GetValue(_hardLinks) };
        foreach (string text in parsed.GetValue(_limit) ?? [])
        {
            int at = text.IndexOf('=', StringComparison.Ordinal);
            limits = at > 0
                ? limits.With(text[..at], text[(at + 1)..])
                : throw new BadInputException(ErrorCode.Option, $"--limit {OnnxGrow.Text.Name(text)}: give a limit and its value, such as messages=10000000; there are {OnnxGrow.Text.List(ReadLimits.Names)}");
        }

        return limits;
    }
}
