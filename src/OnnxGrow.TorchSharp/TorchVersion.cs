namespace OnnxGrow.TorchSharp;

/// <summary>What differs between the versions of TorchSharp that this source is compiled with, or is wanting in all of them.</summary>
internal static class TorchVersion
{
    /// <summary>Whether a device is the host.</summary>
    public static bool IsHost(Device device) => device.type == DeviceType.CPU;

    /// <summary>The version, for messages and logs.</summary>
    public static string Name
    {
        get
        {
            Version? version = typeof(torch).Assembly.GetName().Version;
            return version is null ? "TorchSharp" : $"TorchSharp {version.Major}.{version.Minor}.{version.Build}";
        }
    }

    /// <summary>
    /// The gradients of a scalar, as new tensors; null where it does not depend on one. A tensor's own gradient is a method before
    /// 0.102.5 and a property since; this function is the same in all versions.
    /// </summary>
    public static Tensor?[] Gradients(Tensor scalar, IReadOnlyList<Tensor> by)
    {
        IList<Tensor> found = torch.autograd.grad([scalar], [.. by], allow_unused: true);
        return [.. found.Select(g => IsDefined(g) ? g : null)];
    }

    /// <summary>A gradient that does not exist comes as a tensor without a handle, which nothing but its use tells.</summary>
    private static bool IsDefined(Tensor tensor)
    {
        try
        {
            return tensor.Handle != IntPtr.Zero;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
