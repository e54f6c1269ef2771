using OnnxGrow.TorchSharp.Graph;

namespace OnnxGrow.TorchSharp.Operators;

/// <summary>One of two inner graphs.</summary>
[TorchOperator("If")]
internal sealed class If : ITorchOperator
{
    public Tensor[] Run(OperatorCall at) =>
        at.RunInner(at.Integers(0)[0] != 0 ? "then_branch" : "else_branch");
}
