namespace OnnxGrow.TestSupport.Random;

/// <summary>Rotary embeddings of heads [batch, heads, sequence, size].</summary>
internal sealed class Rotary
{
    private const double Base = 100;

    private readonly Parts _parts;
    private readonly GraphBuilder _g;
    private readonly ModelShape _shape;
    private readonly string _cos;
    private readonly string _sin;

    /// <summary>Makes the angles of the places from one size on and below another.</summary>
    public Rotary(Parts parts, string from, string to)
    {
        _parts = parts;
        _g = parts.G;
        _shape = parts.Shape;
        (_cos, _sin) = _shape.RotaryComputed ? Computed(from, to) : (Table("cos", Math.Cos, from, to), Table("sin", Math.Sin, from, to));
    }

    private int Pairs => _shape.RotaryDim / 2;

    /// <summary>Entries of an angle table: halves have each angle twice.</summary>
    private int Width => _shape.Rotary == RotaryForm.Half ? 2 * Pairs : Pairs;

    /// <summary>Turns heads by their places.</summary>
    public string Turn(string x)
    {
        int rest = _shape.HeadDim - _shape.RotaryDim;
        if (rest == 0)
        {
            return TurnAll(x);
        }

        string[] parted = _parts.Style("rotary part")
            ? _g.Split(x, 3, _shape.RotaryDim, rest)
            : [_g.Slice(x, 3, 0, _shape.RotaryDim), _g.Slice(x, 3, _shape.RotaryDim, _shape.HeadDim)];
        return _g.Concat(-1, TurnAll(parted[0]), parted[1]);
    }

    private string TurnAll(string x) => _shape.Rotary == RotaryForm.Half ? Halves(x) : PairsOf(x);

    private string Halves(string x)
    {
        string[] half = _parts.Style("halves") ? _g.Split(x, 3, Pairs, Pairs) : [_g.Slice(x, 3, 0, Pairs), _g.Slice(x, 3, Pairs, long.MaxValue)];
        string turned = _g.Concat(-1, _g.Node("Neg", [half[1]]), half[0]);
        return _g.Add(_g.Mul(x, _cos), _g.Mul(turned, _sin));
    }

    private string PairsOf(string x)
    {
        string paired = _g.Node("Reshape", [x, _g.Concat(0, _g.SizeOf(x, 0), _g.SizeOf(x, 1), _g.SizeOf(x, 2), _g.Ints("pairs", Pairs), _g.Ints("two", 2))]);
        string[] half = [.. _g.Split(paired, 4, 1, 1).Select(h => _g.Squeeze(h, 4))];
        string first = _g.Node("Sub", [_g.Mul(half[0], _cos), _g.Mul(half[1], _sin)]);
        string second = _g.Add(_g.Mul(half[0], _sin), _g.Mul(half[1], _cos));
        string stacked = _g.Concat(-1, _g.Unsqueeze(first, 4), _g.Unsqueeze(second, 4));
        return _g.Reshape(stacked, 0, 0, 0, _shape.RotaryDim);
    }

    private double Frequency(int i) => Math.Pow(Base, -(double)(i % Pairs) / Pairs);

    private string Table(string name, Func<double, double> f, string from, string to)
    {
        int width = Width;
        var values = new float[_shape.Positions * width];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)f(i / width * Frequency(i % width));
        }

        return _g.Slice(_g.Floats(name, [_shape.Positions, width], values), 0, from, to);
    }

    private (string Cos, string Sin) Computed(string from, string to)
    {
        string places = _g.Unsqueeze(_g.Cast(_g.Range(from, to)), 1);
        string angles = _g.Mul(places, _g.Floats("inv_freq", [1, Pairs], [.. Enumerable.Range(0, Pairs).Select(i => (float)Frequency(i))]));
        angles = _shape.Rotary == RotaryForm.Half ? _g.Concat(-1, angles, angles) : angles;
        return (_g.Node("Cos", [angles]), _g.Node("Sin", [angles]));
    }
}
