using System.Reflection;
using OnnxGrow.Runtime;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Engine;

/// <summary>Engines by name. The one on TorchSharp lies in an assembly that is there only where the build had TorchSharp.</summary>
internal static class Engines
{
    /// <summary>The engine that is always there.</summary>
    public const string Default = "onnxruntime";

    /// <summary>The engine on TorchSharp.</summary>
    public const string TorchSharp = "torchsharp";

    private const string TorchAssembly = "OnnxGrow.TorchSharp";

    private static readonly Lazy<ITrainingEngineProvider?> Torch = new(FindTorch);

    /// <summary>The names of all engines.</summary>
    public static IReadOnlyList<string> Names { get; } = [Default, TorchSharp];

    /// <summary>Whether this build has an engine.</summary>
    public static bool Has(string name) => name == Default || (name == TorchSharp && Torch.Value is not null);

    /// <summary>What an engine runs on, with the version.</summary>
    /// <exception cref="BadInputException">There is no such engine in this build.</exception>
    public static string Describe(string name) => name == Default ? "ONNX Runtime " + OrtSession.RuntimeVersion : Provider(name).Description;

    /// <summary>Checks a name before anything is read.</summary>
    /// <exception cref="BadInputException">There is no such engine in this build; the message says how to get it.</exception>
    public static void Check(string name)
    {
        if (name != Default)
        {
            _ = Provider(name);
        }
    }

    /// <summary>Makes an engine.</summary>
    /// <param name="name">The engine.</param>
    /// <param name="model">The prepared model; it is disposed with the engine.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="update">The update.</param>
    /// <param name="session">Provider, threads and so on.</param>
    /// <exception cref="BadInputException">There is no such engine in this build; the message says how to get it.</exception>
    /// <exception cref="CannotTrainException">Something has no gradient, or the engine lacks an operator.</exception>
    public static ITrainingEngine Open(string name, TrainableModel model, ILoss loss, UpdateOptions update, OrtSessionOptions session) =>
        name == Default ? new OrtEngine(model, loss, update, session) : Provider(name).Create(model, loss, update, session);

    private static ITrainingEngineProvider Provider(string name)
    {
        if (name != TorchSharp)
        {
            throw new BadInputException(ErrorCode.Option, $"unknown engine '{Text.Name(name)}'; there are {string.Join(" and ", Names)}");
        }

        return Torch.Value ?? throw new BadInputException(
            ErrorCode.Option, "the engine 'torchsharp' is not part of this build, because not every NuGet feed has TorchSharp; where yours has it, build with "
            + "-p:UseTorchSharp=true (and -p:TorchSharpCuda=true for a GPU), where you have built it yourself with -p:TorchSharpPath=FOLDER; "
            + "or use the engine 'onnxruntime'");
    }

    /// <summary>The provider in the assembly beside this one; null where that is missing, or was built without TorchSharp.</summary>
    private static ITrainingEngineProvider? FindTorch()
    {
        try
        {
            return Assembly.Load(new AssemblyName(TorchAssembly)).GetTypes()
                .FirstOrDefault(t => !t.IsAbstract && typeof(ITrainingEngineProvider).IsAssignableFrom(t)) is { } type
                ? (ITrainingEngineProvider)Activator.CreateInstance(type)!
                : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (ReflectionTypeLoadException)
        {
            // The assembly is there, TorchSharp is not.
            return null;
        }
    }
}
