namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>Arithmetic in the notation of the formulas, and the operators whose form depends on the operator set.</summary>
internal sealed partial class Emitter
{
    public string Add(string a, string b) => Op("Add", a, b);

    public string Add(string a, double b) => Op("Add", a, Scalar(b));

    public string Sub(string a, string b) => Op("Sub", a, b);

    public string Mul(string a, string b) => Op("Mul", a, b);

    public string Mul(string a, double b) => Op("Mul", a, Scalar(b));

    public string Div(string a, string b) => Op("Div", a, b);

    public string Less(string a, double b) => Op("Less", a, Scalar(b));

    public string Where(string condition, string then, string otherwise) => Op("Where", condition, then, otherwise);

    /// <summary>c0 + c1 x + c2 x^2 + ...</summary>
    public string Polynomial(string x, params ReadOnlySpan<double> coefficients)
    {
        string sum = Scalar(coefficients[^1]);
        for (int i = coefficients.Length - 2; i >= 0; i--)
        {
            sum = Add(Mul(sum, x), coefficients[i]);
        }

        return sum;
    }

    /// <summary>Emits a reduction that keeps its axes.</summary>
    public string Reduce(string opType, string x, params long[] axes)
    {
        bool asInput = Opset >= (opType == "ReduceSum" ? 13 : 18);
        return asInput ? Op(opType, x, IntList(axes)) : Op(opType, "axes", axes, x);
    }

    /// <summary>Emits Slice along axes, with steps; backwards from operator set 10 on only.</summary>
    public string Slice(string x, long[] starts, long[] ends, long[] axes, long[] steps)
    {
        if (Opset >= 10)
        {
            return Op("Slice", x, IntList(starts), IntList(ends), IntList(axes), IntList(steps));
        }

        if (steps.Any(s => s < 1))
        {
            throw Refuse("steps backwards need operator set 10; this model has " + Text.Number(Opset));
        }

        string output = Op("Slice", "starts", starts, x);
        Add("ends", ends);
        Add("axes", axes);
        for (int i = 0; i < steps.Length; i++)
        {
            output = Stride(output, axes[i], steps[i]);
        }

        return output;
    }

    // Every so many-th entry, for the operator sets whose Slice has no steps.
    private string Stride(string x, long axis, long step)
    {
        if (step == 1)
        {
            return x;
        }

        string count = Op("Div", Op("Add", Dim(x, (int)axis), IntScalar(step - 1)), IntScalar(step));
        return Gather(x, Op("Mul", Range(count), IntScalar(step)), axis);
    }

    /// <summary>Emits zero padding: begins of all axes, then ends.</summary>
    public string Pad(string x, long[] pads) =>
        pads.All(p => p == 0) ? x : Opset >= 11 ? Op("Pad", x, IntList(pads), Scalar(0)) : Op("Pad", "pads", pads, x);

    /// <summary>Emits a reshape to fixed extents, 0 to copy one and -1 for the one that is left.</summary>
    public string Reshape(string x, params long[] dims) => Op("Reshape", x, IntList(dims));

    /// <summary>Emits <paramref name="value"/>, NaN where x is NaN.</summary>
    public string KeepNaN(string output, string x, string value) => To(output, "Where", Op("IsNaN", x), x, value);
}
