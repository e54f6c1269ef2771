using OnnxGrow.Training.Differentiation;

namespace OnnxGrow.Training.Gradients;

/// <summary>ConvTranspose is a convolution's gradient: its own is that convolution, and the kernel's is the convolution's with input and result exchanged.</summary>
[Gradient("ConvTranspose")]
internal sealed class ConvTranspose : IGradient
{
    public void Differentiate(GradientEmitter at)
    {
        if (at.Has("output_shape") || at.String("auto_pad", "NOTSET") is not ("NOTSET" or "VALID"))
        {
            throw GradientEmitter.Refuse("a ConvTranspose with output_shape or auto_pad is not differentiated; give it pads and output_padding");
        }

        long[] kernelDims = at.DimsOf(at.Input(1));
        var windows = Windows.Of(at, kernelDims[2..]);
        if (at.IntList("output_padding") is { } added && added.Zip(windows.Strides).Any(p => p.First >= p.Second))
        {
            throw GradientEmitter.Refuse("output_padding is not smaller than the strides");
        }

        string gradient = at.TheGradient;
        long group = at.Int("group", 1);
        at.Give(0, () => at.Op("Conv", [.. windows.Attributes(group), ("pads", windows.Pads!)], gradient, at.Input(1)));
        at.Give(1, () => Convolution.ToKernel(at, gradient, kernelDims, at.Input(0), windows, group));
        at.Give(2, () => Convolution.ToBias(at, gradient, windows));
    }
}
