using OnnxGrow.Training.Preparation;

namespace OnnxGrow.Training.Optimizers;

/// <summary>
/// An update rule, written as nodes. Every output replaces an input of its shape; what an output replaces must not be read by
/// nodes that do not come before it, so that both may be the same memory.
/// </summary>
internal interface IOptimizer
{
    /// <summary>The names of the tensors of a weight's shape that the rule keeps for it; they begin as zeros.</summary>
    IReadOnlyList<string> StateOf(Parameter parameter);

    /// <summary>Numbers that depend on the step alone, computed in float64.</summary>
    /// <param name="step">The step that a weight takes, 1 for its first.</param>
    IReadOnlyList<(string Name, double Value)> Numbers(long step);

    /// <summary>Writes the update of one weight.</summary>
    void Emit(UpdateEmitter at);
}
