namespace OnnxGrow.TorchSharp.Graph;

/// <summary>
/// Runs one ONNX operator by operators of TorchSharp that autograd knows. Adding an operator is adding a class with
/// <see cref="TorchOperatorAttribute"/>.
/// </summary>
internal interface ITorchOperator
{
    /// <summary>The node's outputs; those behind the last that is asked for may be left out.</summary>
    Tensor[] Run(OperatorCall at);
}

/// <summary>Names an operator that a class runs.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class TorchOperatorAttribute(string opType) : OperatorClassAttribute(opType);
