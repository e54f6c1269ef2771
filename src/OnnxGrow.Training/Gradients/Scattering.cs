using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>What the operators that scatter have in common.</summary>
internal static class Scattering
{
    /// <summary>Whether updates are added to the data; else they are written over it.</summary>
    /// <exception cref="NoGradientException">It is some other reduction.</exception>
    public static bool Adds(GradientEmitter at) => at.String("reduction", "none") switch
    {
        "add" => true,
        "none" => false,
        var other => throw GradientEmitter.Refuse($"the reduction '{Text.Name(other)}' is not differentiated; 'none' and 'add' are"),
    };
}
