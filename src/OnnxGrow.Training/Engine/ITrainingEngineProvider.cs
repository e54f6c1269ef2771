using OnnxGrow.Runtime;
using OnnxGrow.Training.Losses;
using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Engine;

/// <summary>Makes engines of a kind that lies in an assembly of its own; the table of engines finds it there.</summary>
internal interface ITrainingEngineProvider
{
    /// <summary>What it runs on, with the version, for the log.</summary>
    string Description { get; }

    /// <summary>Prepares a run.</summary>
    /// <param name="model">The prepared model; it is disposed with the engine.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="options">The update.</param>
    /// <param name="session">Provider, threads and so on.</param>
    ITrainingEngine Create(TrainableModel model, ILoss loss, UpdateOptions options, OrtSessionOptions session);
}
