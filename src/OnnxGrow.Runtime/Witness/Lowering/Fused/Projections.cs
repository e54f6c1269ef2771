namespace OnnxGrow.Runtime.Witness.Lowering;

/// <summary>
/// Query, key and value as [batch, heads, length, head size], from what ONNX Runtime's attention operators take: one
/// product, one tensor with the three in one another, or three tensors with one bias.
/// </summary>
internal static class Projections
{
    /// <summary>From [B, S, q + k + v]; a third each where the node gives no sizes.</summary>
    public static string[] OfProduct(Emitter to, string projected, long heads)
    {
        if (to.Ints("qkv_hidden_sizes") is { Length: 3 } sizes && sizes.Any(s => s != sizes[0]))
        {
            return [.. Enumerable.Range(0, 3).Select(
                i => DotProduct.Split(to, to.Cut(projected, 2, sizes.Take(i).Sum(), sizes.Take(i + 1).Sum()), heads))];
        }

        string split = to.Transpose(to.Reshape(projected, 0, 0, 3, heads, -1), 2, 0, 3, 1, 4);
        return [.. Enumerable.Range(0, 3).Select(i => to.Gather(split, to.IntScalar(i), 0))];
    }

    /// <summary>From [B, S, N, 3, H], the last three axes joined or not, and a bias [3, N, H].</summary>
    public static string[] OfOne(Emitter to, string x, string bias, long heads)
    {
        string packed = to.Reshape(x, 0, 0, heads, 3, -1);
        string whole = bias.Length == 0 ? packed : to.Add(packed, to.Transpose(to.Reshape(bias, 3, heads, -1), 1, 0, 2));
        return Unpack(to, whole, 3);
    }

    /// <summary>From [B, S, N*H] each, the values perhaps of another size, and a bias that holds the three in turn.</summary>
    public static string[] OfThree(Emitter to, string query, string key, string value, string bias, long heads)
    {
        string width = to.Dim(query, 2);
        string twice = to.Add(width, width);
        string q = Biased(to, query, bias, to.IntList(0), width);
        string k = Biased(to, key, bias, width, twice);
        string v = Biased(to, value, bias, twice, to.IntList(long.MaxValue));
        return [.. new[] { q, k, v }.Select(x => DotProduct.Split(to, x, heads))];
    }

    /// <summary>A tensor and its part of the bias.</summary>
    public static string Biased(Emitter to, string x, string bias, string from, string end) =>
        bias.Length == 0 ? x : to.Add(x, to.Cut(bias, 0, from, end));

    /// <summary>[B, S, N, count, H] as so many [B, N, S, H].</summary>
    public static string[] Unpack(Emitter to, string x, int count)
    {
        string split = to.Transpose(x, 3, 0, 2, 1, 4);
        return [.. Enumerable.Range(0, count).Select(i => to.Gather(split, to.IntScalar(i), 0))];
    }
}
