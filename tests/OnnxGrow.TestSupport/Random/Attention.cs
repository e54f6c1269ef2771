namespace OnnxGrow.TestSupport.Random;

/// <summary>Attention over a sequence, to itself or to another.</summary>
internal sealed class Attention(Parts parts, Rotary? rotary, ScoreBias? bias)
{
    private readonly GraphBuilder _g = parts.G;
    private readonly ModelShape _shape = parts.Shape;

    /// <summary>What attention gives, back at the residual width.</summary>
    /// <param name="x">What attends.</param>
    /// <param name="memory">What is attended to.</param>
    /// <param name="cache">The layer's keys and values so far.</param>
    public string Of(string x, string memory, LayerCache? cache = null)
    {
        (string q, string k, string v) = new Heads(parts).Of(x, memory);
        if (rotary is not null)
        {
            (q, k) = (rotary.Turn(q), rotary.Turn(k));
        }

        if (cache is not null)
        {
            (k, v) = cache.Extend(k, v);
        }

        bool grouped = _shape.Group > 1 && _shape.Repeat == RepeatForm.Grouped;
        (q, k, v) = grouped ? (_g.Node("Reshape", [q, GroupShape(q)]), _g.Unsqueeze(k, 2), _g.Unsqueeze(v, 2)) : (q, Repeat(k), Repeat(v));
        (q, k) = _shape.Scale == ScaleForm.BothSides ? (Root(q), Root(k)) : (q, k);
        string turned = grouped ? _g.Transpose(k, 0, 1, 2, 4, 3) : _g.Transpose(k, 0, 1, 3, 2);
        string scores = Scaled(_g.MatMul(q, turned), q);
        scores = _shape.SoftCap ? Capped(scores) : scores;
        scores = bias is null ? scores : bias.Apply(scores);
        string context = _g.MatMul(_g.Node("Softmax", [scores], ("axis", -1)), v);
        if (grouped)
        {
            context = _g.Reshape(context, 0, _shape.Heads, -1, _shape.HeadDim);
        }

        context = _g.Transpose(context, 0, 2, 1, 3);
        context = _shape.ComputedShapes
            ? _g.Node("Reshape", [context, _g.Concat(0, _g.SizeOf(context, 0), _g.SizeOf(context, 1), _g.Ints("inner", parts.Style("merged") ? _shape.Inner : -1))])
            : _g.Reshape(context, 0, 0, _shape.Inner);
        return parts.Linear.Of(context, _shape.Inner, _shape.Hidden);
    }

    private string GroupShape(string q) => _g.Concat(
        0, _g.SizeOf(q, 0), _g.Ints("groups", _shape.KvHeads), _g.Ints("each", _shape.Group), _g.SizeOf(q, 2), _g.Ints("size", _shape.HeadDim));

    private string Repeat(string x)
    {
        if (_shape.Group == 1)
        {
            return x;
        }

        string shape = _shape.Repeat == RepeatForm.ExpandConstant ? _g.Ints("repeat", 1, 1, _shape.Group, 1, 1)
            : _g.Concat(0, _g.SizeOf(x, 0), _g.Ints("groups", _shape.KvHeads), _g.Ints("each", _shape.Group), _g.SizeOf(x, 2), _g.SizeOf(x, 3));
        return _g.Reshape(_g.Node("Expand", [_g.Unsqueeze(x, 2), shape]), 0, _shape.Heads, -1, _shape.HeadDim);
    }

    private string Root(string x) => _g.Mul(x, _g.Number("root_scale", Math.Pow(_shape.HeadDim, -0.25)));

    private string Scaled(string scores, string q) => _shape.Scale switch
    {
        ScaleForm.Divided => _g.Node("Div", [scores, _g.Number("scale", Math.Sqrt(_shape.HeadDim))]),
        ScaleForm.Times => _g.Mul(scores, _g.Number("scale", 1 / Math.Sqrt(_shape.HeadDim))),
        ScaleForm.Computed => _g.Node("Div", [scores, _g.Node("Sqrt", [_g.Cast(_g.SizeOf(q, -1))])]),
        _ => scores,
    };

    private string Capped(string scores)
    {
        string cap = _g.Number("cap", 2.5);
        return _g.Mul(_g.Node("Tanh", [_g.Node("Div", [scores, cap])]), cap);
    }
}

/// <summary>The keys and values of one layer, as they come in and go out.</summary>
internal sealed class LayerCache(Parts parts, string key, string value, int layer)
{
    /// <summary>All keys and values, which go out too.</summary>
    public (string K, string V) Extend(string k, string v) => (Extend(key, k, "key"), Extend(value, v, "value"));

    private string Extend(string past, string now, string what)
    {
        string all = parts.G.Concat(2, past, now);
        parts.G.Output(all, $"present.{layer}.{what}", parts.Shape.Type, "batch", parts.Shape.KvHeads, "total", parts.Shape.HeadDim);
        return all;
    }
}
