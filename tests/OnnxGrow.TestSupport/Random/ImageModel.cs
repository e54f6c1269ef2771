namespace OnnxGrow.TestSupport.Random;

/// <summary>A transformer on images, channels first: convolutions of one pixel in place of linear maps.</summary>
internal sealed class ImageModel(Parts parts)
{
    private const int Colours = 2;
    private const int Pixels = 4;

    private readonly GraphBuilder _g = parts.G;
    private readonly ModelShape _shape = parts.Shape;

    /// <summary>Builds the whole graph.</summary>
    public void Build()
    {
        string image = _g.Input("pixels", _shape.Type, "batch", Colours, Pixels, Pixels);
        string x = _g.Node("Conv", [image, _g.Weight("stem", 0.4, 0, _shape.Hidden, Colours, 2, 2), _g.Weight("stem_bias", 0.2, 0, _shape.Hidden)], ("strides", new long[] { 2, 2 }));
        x = _g.Add(x, _g.Weight("positions", 0.4, 0, 1, _shape.Hidden, Pixels / 2, Pixels / 2));
        x = _shape.Placement == Placement.Post ? Norm(x) : x;
        var blocks = new Blocks(parts, Norm, [1, 1]);
        for (int i = 0; i < _shape.Layers; i++)
        {
            x = blocks.Add(x, Attention);
            x = blocks.Add(x, Feed);
        }

        x = _shape.Placement is Placement.Pre or Placement.Sandwich ? Norm(x) : x;
        string pooled = _g.Node("Flatten", [_g.Node("GlobalAveragePool", [x])]);
        string classes = _g.Node("Gemm", [pooled, _g.Weight("head", 0.4, 0, _shape.Classes, _shape.Hidden), _g.Weight("head_bias", 0.2, 0, _shape.Classes)], ("transB", 1));
        _g.Output(classes, "logits", _shape.Type, "batch", _shape.Classes);
    }

    private string Norm(string x) => parts.Norms.Channels(x, _shape.Hidden);

    private string Attention(string x)
    {
        (string q, string k, string v) = Qkv(x);
        string scores = _g.MatMul(_g.Transpose(q, 0, 1, 3, 2), k);
        scores = _g.Mul(scores, _g.Number("scale", 1 / Math.Sqrt(_shape.HeadDim)));
        string weights = _g.Node("Softmax", [scores], ("axis", -1));
        string context = _g.MatMul(v, _g.Transpose(weights, 0, 1, 3, 2));
        string merged = _shape.ComputedShapes
            ? _g.Node("Reshape", [context, _g.Concat(0, _g.SizeOf(x, 0), _g.Ints("inner", parts.Style("merged") ? -1 : _shape.Inner), _g.SizeOf(x, 2), _g.SizeOf(x, 3))])
            : _g.Reshape(context, 0, _shape.Inner, Pixels / 2, Pixels / 2);
        return Conv(merged, _shape.Inner, _shape.Hidden);
    }

    /// <summary>Heads [batch, heads, size, pixels].</summary>
    private (string Q, string K, string V) Qkv(string x)
    {
        int d = _shape.HeadDim;
        if (_shape.Qkv == QkvForm.Separate)
        {
            string[] each = [.. Enumerable.Range(0, 3).Select(_ => _g.Reshape(Conv(x, _shape.Hidden, _shape.Inner), 0, _shape.Heads, d, -1))];
            return (each[0], each[1], each[2]);
        }

        string all = Conv(x, _shape.Hidden, 3 * _shape.Inner);
        string[] qkv = _shape.Qkv == QkvForm.HeadsThree
            ? _g.Split(_g.Reshape(all, 0, _shape.Heads, 3 * d, -1), 2, d, d, d)
            : [.. _g.Split(_g.Reshape(all, 0, 3, _shape.Heads, d, (Pixels / 2) * (Pixels / 2)), 1, 1, 1, 1).Select(p => _g.Squeeze(p, 1))];
        return (qkv[0], qkv[1], qkv[2]);
    }

    private string Feed(string x)
    {
        string h = Activations.Of(_g, Conv(x, _shape.Hidden, _shape.Ffn), _shape.Activation);
        h = _shape.Gated ? _g.Mul(h, Conv(x, _shape.Hidden, _shape.Ffn)) : h;
        return Conv(h, _shape.Ffn, _shape.Hidden);
    }

    private string Conv(string x, int from, int to)
    {
        string w = _g.Weight("w", 0.7 / Math.Sqrt(from), 0, to, from, 1, 1);
        return _g.Node("Conv", _shape.Bias ? [x, w, _g.Weight("b", 0.2, 0, to)] : [x, w], ("kernel_shape", new long[] { 1, 1 }));
    }
}
