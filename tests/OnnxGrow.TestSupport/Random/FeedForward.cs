namespace OnnxGrow.TestSupport.Random;

/// <summary>Feed-forward blocks: plain, gated, or of several experts that a router weighs.</summary>
internal sealed class FeedForward(Parts parts)
{
    private readonly GraphBuilder _g = parts.G;
    private readonly ModelShape _shape = parts.Shape;

    /// <summary>What the block gives.</summary>
    public string Of(string x) => _shape.Experts > 0 ? Experts(x) : Plain(x);

    private string Plain(string x)
    {
        string h = Activations.Of(_g, parts.Linear.Of(x, _shape.Hidden, _shape.Ffn), _shape.Activation);
        h = _shape.Gated ? _g.Mul(h, parts.Linear.Of(x, _shape.Hidden, _shape.Ffn)) : h;
        return parts.Linear.Of(h, _shape.Ffn, _shape.Hidden);
    }

    private string Experts(string x)
    {
        string shares = _g.Node("Softmax", [parts.Linear.Of(x, _shape.Hidden, _shape.Experts)], ("axis", -1));
        return parts.Style("stacked") ? Stacked(x, shares) : OneByOne(x, shares);
    }

    /// <summary>The weights of all experts in one tensor.</summary>
    private string Stacked(string x, string shares)
    {
        string h = Activations.Of(_g, Each(x, _shape.Hidden, _shape.Ffn, "bsd,edf->bsef"), _shape.Activation);
        h = _shape.Gated ? _g.Mul(h, Each(x, _shape.Hidden, _shape.Ffn, "bsd,edf->bsef")) : h;
        string y = Each(h, _shape.Ffn, _shape.Hidden, "bsef,efd->bsed");
        return parts.Style("mixed")
            ? _g.Node("Einsum", [y, shares], ("equation", "bsed,bse->bsd"))
            : _g.Sum(_g.Mul(y, _g.Unsqueeze(shares, 3)), 2);
    }

    private string Each(string x, int from, int to, string equation) =>
        _g.Node("Einsum", [x, _g.Weight("experts", 0.7 / Math.Sqrt(from), 0, _shape.Experts, from, to)], ("equation", equation));

    /// <summary>Expert after expert, each times its share.</summary>
    private string OneByOne(string x, string shares)
    {
        string[] each = _g.Split(shares, 2, [.. Enumerable.Repeat(1L, _shape.Experts)]);
        return each.Select(share => _g.Mul(Plain(x), share)).Aggregate(_g.Add);
    }
}
