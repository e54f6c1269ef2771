namespace OnnxGrow.TorchSharp.Graph;

/// <summary>Elements of small tensors as numbers.</summary>
internal static class HostValues
{
    /// <summary>Integers, or truth as 0 and 1.</summary>
    public static long[] Integers(Tensor tensor)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return tensor.numel() == 0 ? [] : tensor.detach().cpu().to_type(ScalarType.Int64).contiguous().data<long>().ToArray();
    }

    /// <summary>Floats.</summary>
    public static double[] Doubles(Tensor tensor)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return tensor.numel() == 0 ? [] : tensor.detach().cpu().to_type(ScalarType.Float64).contiguous().data<double>().ToArray();
    }
}
