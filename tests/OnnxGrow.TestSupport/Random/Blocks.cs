namespace OnnxGrow.TestSupport.Random;

/// <summary>Residual blocks with their norms.</summary>
internal sealed class Blocks(Parts parts, Func<string, string> norm, long[] ones)
{
    private readonly GraphBuilder _g = parts.G;
    private readonly ModelShape _shape = parts.Shape;

    /// <summary>x with what a block adds to it.</summary>
    public string Add(string x, Func<string, string> block) => _shape.Placement switch
    {
        Placement.Pre => _g.Add(x, Scaled(block(norm(x)))),
        Placement.Post => norm(_g.Add(x, Scaled(block(x)))),
        Placement.ResPost => _g.Add(x, Scaled(norm(block(x)))),
        _ => _g.Add(x, Scaled(norm(block(norm(x))))),
    };

    /// <summary>x with what two blocks add that read the same.</summary>
    public string AddBoth(string x, Func<string, string> one, Func<string, string> other)
    {
        if (_shape.Placement == Placement.ResPost)
        {
            return _g.Add(_g.Add(x, Scaled(norm(one(x)))), Scaled(norm(other(x))));
        }

        string read = norm(x);
        return parts.Style("one sum")
            ? _g.Add(_g.Add(x, Scaled(one(read))), Scaled(other(read)))
            : _g.Add(x, Scaled(_g.Add(one(read), other(parts.Style("one norm") ? read : norm(x)))));
    }

    private string Scaled(string x) => _shape.LayerScale ? _g.Mul(x, _g.Weight("layer_scale", 0.3, 0.8, [_shape.Hidden, .. ones])) : x;
}
