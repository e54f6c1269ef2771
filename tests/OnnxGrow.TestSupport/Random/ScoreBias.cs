namespace OnnxGrow.TestSupport.Random;

/// <summary>What is added to scores: a causal mask, and biases by distance.</summary>
internal sealed class ScoreBias(Parts parts, string past, string total)
{
    private readonly GraphBuilder _g = parts.G;
    private readonly ModelShape _shape = parts.Shape;
    private string? _mask;

    /// <summary>Scores [batch, heads, queries, keys] with the biases of one layer.</summary>
    public string Apply(string scores)
    {
        if (_shape.Distance == DistanceBias.Alibi)
        {
            scores = _g.Add(scores, Alibi());
        }

        if (_shape.Distance == DistanceBias.Relative)
        {
            scores = _g.Add(scores, Relative());
        }

        return _shape.Causal ? _g.Add(scores, _mask ??= Mask()) : scores;
    }

    private string Mask()
    {
        int n = _shape.Positions;
        if (parts.Style("mask"))
        {
            var mask = new float[n * n];
            for (int i = 0; i < mask.Length; i++)
            {
                mask[i] = i % n > i / n ? -1e4f : 0;
            }

            return Cut(_g.Floats("mask", [1, 1, n, n], mask));
        }

        string late = _g.Node("Greater", [_g.Unsqueeze(Keys(), 0), _g.Unsqueeze(Queries(), 1)]);
        return _g.Node("Where", [late, _g.Number("hidden", -1e4), _g.Number("seen", 0)]);
    }

    private string Alibi()
    {
        string slopes = _g.Floats("slopes", [_shape.Heads, 1, 1], [.. Enumerable.Range(0, _shape.Heads).Select(h => (float)Math.Pow(2, -(h + 1.0)))]);
        string distance = _g.Node("Sub", [_g.Unsqueeze(Keys(), 0), _g.Unsqueeze(Queries(), 1)]);
        return _g.Mul(slopes, _g.Cast(distance));
    }

    private string Relative()
    {
        int n = _shape.Positions;
        long[] index = [.. Enumerable.Range(0, n * n).Select(i => (long)Math.Clamp((i % n) - (i / n) + 2, 0, 4))];
        string numbers = _g.Reshape(_g.Ints("distances", index), n, n);
        string biases = _g.Node("Gather", [_g.Weight("by_distance", 0.5, 0, 5, _shape.Heads), numbers], ("axis", 0));
        return Cut(_g.Unsqueeze(_g.Transpose(biases, 2, 0, 1), 0));
    }

    private string Queries() => _g.Range(past, total);

    private string Keys() => _g.Range(_g.Ints("zero", 0), total);

    /// <summary>The rows of the queries and the columns of the keys.</summary>
    private string Cut(string table) => _g.Slice(_g.Slice(table, 2, past, total), 3, _g.Ints("zero", 0), total);
}
