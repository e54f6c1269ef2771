using System.CommandLine;
using OnnxGrow.Runtime;

namespace OnnxGrow.Cli.Commands;

/// <summary>Options of the equivalence check that 'grow' and 'verify' share.</summary>
internal sealed class ProofOptions
{
    private readonly Option<string> _proof = new("--proof") { Description = "How far the proof goes: the certificate over the weights, also both graphs in float64 (witness), also both models as they are (run). Left out: run if the free memory is enough, else certificate.", HelpName = "certificate|witness|run" };
    private readonly Option<string> _provider = new("--provider") { Description = "Where the models run as shipped: cpu or cuda.", HelpName = "cpu|cuda", DefaultValueFactory = _ => "cpu" };
    private readonly Option<string> _inputs = new("--inputs") { Description = "A folder with inputs (name.npy, or a folder of .npy files a case) in place of generated ones.", HelpName = "DIR" };
    private readonly Option<double?> _tolerance = new("--tolerance") { Description = "Relative tolerance as shipped, instead of 1e-5 (float32) times the number of layers.", HelpName = "T" };
    private readonly Option<ulong> _inputSeed = new("--input-seed") { Description = "Seed of the generated inputs.", HelpName = "N", DefaultValueFactory = _ => 1UL };

    public void AddTo(Command command)
    {
        command.Add(_proof);
        command.Add(_provider);
        command.Add(_inputs);
        command.Add(_tolerance);
        command.Add(_inputSeed);
    }

    private static ProofLevel? Level(string? text) => text switch
    {
        null => null,
        "certificate" => ProofLevel.Certificate,
        "witness" => ProofLevel.Witness,
        "run" => ProofLevel.Run,
        _ => throw new BadInputException(ErrorCode.Option, $"--proof {OnnxGrow.Text.Name(text)}: give certificate, witness or run"),
    };

    public EquivalenceOptions Read(ParseResult parsed, WorkProgress? progress = null)
    {
        string provider = parsed.GetValue(_provider)!;
        if (provider is not ("cpu" or "cuda"))
        {
            throw new BadInputException(ErrorCode.Option, $"--provider {OnnxGrow.Text.Name(provider)}: give cpu or cuda");
        }

        double? tolerance = parsed.GetValue(_tolerance);
        if (tolerance is { } t && !(t >= 0 && double.IsFinite(t)))
        {
            throw new BadInputException(ErrorCode.Option, "--tolerance: give a number of 0 or more, such as 1e-5");
        }

        string? inputs = parsed.GetValue(_inputs);
        if (inputs is not null && !Directory.Exists(inputs))
        {
            throw new BadInputException(ErrorCode.Option, $"--inputs {OnnxGrow.Text.Name(inputs)}: there is no such folder");
        }

        return new EquivalenceOptions
        {
            Proof = Level(parsed.GetValue(_proof)),
            Provider = provider,
            Tolerance = tolerance,
            InputsDir = inputs,
            Seed = parsed.GetValue(_inputSeed),
            Progress = progress,
            Cancellation = Interruption.Token,
        };
    }
}
