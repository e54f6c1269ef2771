namespace OnnxGrow.Training.Differentiation;

/// <summary>
/// Differentiates one operator: given the gradients of its outputs, writes nodes that compute those of its inputs. Adding an
/// operator is adding a class with <see cref="GradientAttribute"/>.
/// </summary>
internal interface IGradient
{
    /// <summary>Writes the gradients of all inputs that are wanted (<see cref="GradientEmitter.Wants"/>).</summary>
    /// <exception cref="NoGradientException">The operator is used in a way that has no gradient here (<see cref="GradientEmitter.Refuse"/>).</exception>
    void Differentiate(GradientEmitter at);
}

/// <summary>Names an operator that a class differentiates.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class GradientAttribute(string opType) : OperatorClassAttribute(opType);

/// <summary>Why one node cannot be differentiated; collected, so that all of them are told at once.</summary>
internal sealed class NoGradientException(string message) : Exception(message);
