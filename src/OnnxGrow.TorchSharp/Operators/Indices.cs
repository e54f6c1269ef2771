namespace OnnxGrow.TorchSharp.Operators;

/// <summary>Indices as ONNX has them, which may count from the end.</summary>
internal static class Indices
{
    /// <summary>Indices along an axis as int64, all counted from its front.</summary>
    public static Tensor FromFront(Tensor indices, long extent)
    {
        Tensor wide = indices.dtype == ScalarType.Int64 ? indices : indices.to_type(ScalarType.Int64);
        return torch.where(wide.lt(0), wide.add(extent), wide);
    }

    /// <summary>Tuples of indices (the last axis) into some extents, as places in these axes laid end to end.</summary>
    public static Tensor Places(Tensor tuples, long[] extents)
    {
        Tensor? places = null;
        for (int i = 0; i < extents.Length; i++)
        {
            Tensor along = FromFront(tuples.select(-1, i), extents[i]);
            places = places is null ? along : (places * extents[i]) + along;
        }

        return places ?? torch.zeros(tuples.shape[..^1], ScalarType.Int64, tuples.device);
    }

    /// <summary>The number of elements of some extents.</summary>
    public static long Count(IEnumerable<long> extents) => extents.Aggregate(1L, (n, d) => checked(n * d));
}
