using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>Split: the gradients of the pieces side by side, zeros for pieces that the loss does not depend on.</summary>
[Gradient("Split")]
internal sealed class Split : IGradient
{
    public void Differentiate(GradientEmitter at) => at.Give(0, () =>
    {
        int count = at.Node.Output.Count;
        string[] parts = [.. Enumerable.Range(0, count).Select(o => at.Gradient(o) ?? at.ZerosLike(at.Demand(o), at.TypeOf(at.Input(0))))];
        return count == 1 ? parts[0] : at.Op("Concat", [("axis", at.Int("axis", 0))], parts);
    });
}
