using System.Diagnostics.CodeAnalysis;
using OnnxGrow.Runtime;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Engine;

/// <summary>Engines by name.</summary>
internal static class Engines
{
    /// <summary>The one that is always there.</summary>
    public const string Default = "onnxruntime";

    /// <summary>Makes an engine.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="model">The prepared model; it is disposed with the engine.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="update">The update.</param>
    /// <param name="session">Provider, threads and so on.</param>
    /// <exception cref="BadInputException">There is no such engine.</exception>
    [SuppressMessage("Performance", "CA1859", Justification = "Which engine it is, is a matter of its name.")]
    public static ITrainingEngine Open(string name, TrainableModel model, ILoss loss, UpdateOptions update, OrtSessionOptions session) => name switch
    {
        Default => new OrtEngine(model, loss, update, session),
        _ => throw new BadInputException($"unknown engine '{Text.Name(name)}'; there is {Default}"),
    };
}
