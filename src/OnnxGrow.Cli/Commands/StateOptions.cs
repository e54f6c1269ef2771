using System.CommandLine;
using OnnxGrow.Onnx;
using OnnxGrow.Training.States;

namespace OnnxGrow.Cli.Commands;

/// <summary>Options of 'grow' for the state of an optimizer that grows along.</summary>
internal sealed class StateOptions
{
    private readonly Option<string> _state = new("--state") { Description = "The optimizer's state of the source (safetensors: W/exp_avg, W/exp_avg_sq, W/momentum_buffer for each weight W, and 'step'); it grows along.", HelpName = "FILE" };
    private readonly Option<string> _out = new("--state-out") { Description = "Where the grown state goes; left out, beside the output, as OUTPUT.state.safetensors.", HelpName = "FILE" };

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> All => [_state, _out];

    public void AddTo(Command command)
    {
        foreach (Option option in All)
        {
            command.Add(option);
        }
    }

    /// <summary>Opens the state, before any work is done; null where none was given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">The source.</param>
    /// <param name="source">Its file.</param>
    /// <param name="output">The grown model's file.</param>
    /// <param name="force">Whether files are replaced.</param>
    /// <param name="writesNothing">Whether the command writes no whole model.</param>
    public StateJob? Open(ParseResult parsed, OnnxModel model, string source, string? output, Option<bool> force, bool writesNothing)
    {
        string? target = parsed.GetValue(_out);
        if (parsed.GetValue(_state) is not { } state)
        {
            return target is null ? null : throw new BadInputException(ErrorCode.State, "--state-out says where a grown state goes; give the state that is to grow as --state FILE");
        }

        if (writesNothing)
        {
            throw new BadInputException(ErrorCode.State, "--state: the state grows when the model is written; leave it out with --dry-run, and with --shard give it to --finish");
        }

        target ??= output + ".state.safetensors";
        SideFile.Check("--state-out", target, source, output, state);
        return Path.Exists(target) && !parsed.GetValue(force)
            ? throw new BadInputException(ErrorCode.State, $"--state-out {OnnxGrow.Text.Name(target)}: exists already; --force replaces it")
            : new StateJob(OptimizerState.Open(state, model), target);
    }
}
