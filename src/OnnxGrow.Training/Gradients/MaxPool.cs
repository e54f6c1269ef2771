using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>MaxPool: each window's gradient goes to the element that the operator's own indices name, in the input as a list.</summary>
[Gradient("MaxPool")]
internal sealed class MaxPool : IGradient
{
    public void Differentiate(GradientEmitter at) => at.Give(0, () =>
    {
        if (at.Int("storage_order", 0) != 0)
        {
            throw GradientEmitter.Refuse("indices in column order (storage_order 1) are not differentiated; leave it out");
        }

        string x = at.Input(0);
        string list = at.Zeros(at.Op("Reshape", at.Op("Size", x), at.Ints(1)), at.TypeOf(x));
        string sum = at.AddAlongInto(list, 0, 1, at.Reshape(at.Demand(1), -1), at.Reshape(at.TheGradient, -1));
        return at.ReshapeLike(sum, x);
    });
}
