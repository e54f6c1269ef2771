namespace OnnxGrow.TestSupport.Random;

/// <summary>Queries, keys and values by heads: [batch, heads, sequence, size].</summary>
internal sealed class Heads(Parts parts)
{
    private readonly GraphBuilder _g = parts.G;
    private readonly ModelShape _shape = parts.Shape;

    /// <summary>The heads of queries of one value and of keys and values of another.</summary>
    /// <param name="x">What queries are of.</param>
    /// <param name="memory">What keys and values are of.</param>
    public (string Q, string K, string V) Of(string x, string memory)
    {
        QkvForm form = x == memory ? _shape.Qkv : QkvForm.Separate;
        (string q, string k, string v) = form switch
        {
            QkvForm.Separate => Separate(x, memory),
            QkvForm.Joined => Joined(x),
            QkvForm.HeadsThree => HeadsThree(x),
            QkvForm.ThreeHeads => ThreeHeads(x),
            _ => Groups(x),
        };
        if (_shape.QkNorm == QkNorm.Head)
        {
            (q, k) = (parts.Norms.Inner(q, _shape.HeadDim), parts.Norms.Inner(k, _shape.HeadDim));
        }

        return (HeadsFirst(q), HeadsFirst(k), HeadsFirst(v));
    }

    private int D => _shape.HeadDim;

    private int Kv => _shape.KvHeads * _shape.HeadDim;

    private string HeadsFirst(string x) => _g.Transpose(x, 0, 2, 1, 3);

    private (string Q, string K, string V) Separate(string x, string memory) => Cut(
        parts.Linear.Of(x, _shape.Hidden, _shape.Inner), parts.Linear.Of(memory, _shape.Hidden, Kv), parts.Linear.Of(memory, _shape.Hidden, Kv));

    private (string Q, string K, string V) Joined(string x)
    {
        string all = parts.Linear.Of(x, _shape.Hidden, _shape.Inner + (2 * Kv));
        string[] qkv = parts.Style("heads 1")
            ? _g.Split(all, 2, _shape.Inner, Kv, Kv)
            : [_g.Slice(all, 2, 0, _shape.Inner), _g.Slice(all, 2, _shape.Inner, _shape.Inner + Kv), _g.Slice(all, 2, _shape.Inner + Kv, long.MaxValue)];
        return Cut(qkv[0], qkv[1], qkv[2]);
    }

    /// <summary>Heads of widths; norms over the full width come before.</summary>
    private (string Q, string K, string V) Cut(string q, string k, string v)
    {
        if (_shape.QkNorm == QkNorm.Full)
        {
            (q, k) = (parts.Norms.Inner(q, _shape.Inner), parts.Norms.Inner(k, Kv));
        }

        return (Cut(q, _shape.Heads), Cut(k, _shape.KvHeads), Cut(v, _shape.KvHeads));
    }

    private string Cut(string x, int heads) => !_shape.ComputedShapes ? _g.Reshape(x, 0, 0, heads, D)
        : _g.Node("Reshape", [x, _g.Concat(0, _g.SizeOf(x, 0), _g.SizeOf(x, 1), _g.Ints("heads", heads), _g.Ints("size", parts.Style("heads 2") ? D : -1))]);

    private (string Q, string K, string V) HeadsThree(string x)
    {
        string all = parts.Linear.Of(x, _shape.Hidden, 3 * _shape.Inner);
        if (parts.Style("heads 3"))
        {
            string[] wide = _g.Split(_g.Reshape(all, 0, 0, _shape.Heads, 3 * D), 3, D, D, D);
            return (wide[0], wide[1], wide[2]);
        }

        string[] qkv = [.. _g.Split(_g.Reshape(all, 0, 0, _shape.Heads, 3, D), 3, 1, 1, 1).Select(p => _g.Squeeze(p, 3))];
        return (qkv[0], qkv[1], qkv[2]);
    }

    private (string Q, string K, string V) ThreeHeads(string x)
    {
        string all = _g.Reshape(parts.Linear.Of(x, _shape.Hidden, 3 * _shape.Inner), 0, 0, 3, _shape.Heads, D);
        string[] qkv = parts.Style("heads 4")
            ? [.. Enumerable.Range(0, 3).Select(i => _g.Node("Gather", [_g.Transpose(all, 2, 0, 1, 3, 4), _g.Int("which", i)], ("axis", 0)))]
            : [.. _g.Split(all, 2, 1, 1, 1).Select(p => _g.Squeeze(p, 2))];
        return (qkv[0], qkv[1], qkv[2]);
    }

    private (string Q, string K, string V) Groups(string x)
    {
        int group = _shape.Group;
        string all = _g.Reshape(parts.Linear.Of(x, _shape.Hidden, _shape.KvHeads * (group + 2) * D), 0, 0, _shape.KvHeads, group + 2, D);
        string[] parted = _g.Split(all, 3, group, 1, 1);
        return (_g.Reshape(parted[0], 0, 0, _shape.Heads, D), _g.Squeeze(parted[1], 3), _g.Squeeze(parted[2], 3));
    }
}
