namespace OnnxGrow.TestSupport.Random;

/// <summary>Norms over any axis, as one operator or as several.</summary>
internal sealed class Norms(Parts parts)
{
    private readonly GraphBuilder _g = parts.G;
    private readonly ModelShape _shape = parts.Shape;

    /// <summary>A norm of the residual stream, whose channels are last.</summary>
    public string Stream(string x, int width) => _shape.Norm == NormStyle.Batch
        ? _g.Transpose(Batch(_g.Transpose(x, 0, 2, 1), width), 0, 2, 1)
        : Of(x, width, -1, []);

    /// <summary>A norm of an image's channels, which are first.</summary>
    public string Channels(string x, int width) => _shape.Norm == NormStyle.Batch ? Batch(x, width) : Of(x, width, 1, [1, 1]);

    /// <summary>A norm over the last axis of a value that has another axis of heads.</summary>
    public string Inner(string x, int width) => Of(x, width, -1, []);

    /// <summary>A norm over an axis; its vectors have further axes of 1.</summary>
    private string Of(string x, int width, long axis, long[] ones)
    {
        bool rms = _shape.Norm == NormStyle.Rms;
        string? gain = _shape.Affine ? _g.Weight("gain", 0.3, _shape.OnePlus ? 0 : 1, [width, .. ones]) : null;
        if (gain is not null && _shape.OnePlus)
        {
            gain = _g.Add(gain, _g.Number("one", 1));
        }

        string? bias = rms || !_shape.Affine || !_shape.Bias ? null : _g.Weight("beta", 0.2, 0, [width, .. ones]);
        if (_shape.FusedNorm && !rms && gain is not null && axis == -1 && _g.Opset >= 17)
        {
            return _g.Node("LayerNormalization", bias is null ? [x, gain] : [x, gain, bias], ("axis", axis), ("epsilon", _shape.Epsilon));
        }

        string y = rms ? RootMeanSquare(x, axis) : Standardised(x, axis);
        y = gain is null ? y : _g.Mul(y, gain);
        return bias is null ? y : _g.Add(y, bias);
    }

    private string RootMeanSquare(string x, long axis)
    {
        string deviation = Deviation(x, axis);
        return parts.Style("reciprocal") ? _g.Mul(x, _g.Node("Reciprocal", [deviation])) : _g.Node("Div", [x, deviation]);
    }

    private string Standardised(string x, long axis)
    {
        string centred = _g.Node("Sub", [x, _g.Mean(x, axis)]);
        return _g.Node("Div", [centred, Deviation(centred, axis)]);
    }

    private string Deviation(string x, long axis)
    {
        string square = parts.Style("square") ? _g.Mul(x, x) : _g.Node("Pow", [x, _g.Number("two", 2)]);
        return _g.Node("Sqrt", [_g.Add(_g.Mean(square, axis), _g.Number("eps", _shape.Epsilon))]);
    }

    private string Batch(string x, int width)
    {
        string variance = _g.Floats("variance", [width], [.. Enumerable.Range(0, width).Select(_ => (float)(0.5 + _g.Random.Unit()))]);
        return _g.Node(
            "BatchNormalization", [x, _g.Weight("gain", 0.3, 1, width), _g.Weight("beta", 0.2, 0, width), _g.Weight("mean", 0.3, 0, width), variance], ("epsilon", _shape.Epsilon));
    }
}
