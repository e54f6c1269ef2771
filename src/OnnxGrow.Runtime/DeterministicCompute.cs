using Microsoft.ML.OnnxRuntime;

namespace OnnxGrow.Runtime;

/// <summary>Sets a session's deterministic-compute flag, which ONNX Runtime's C interface has and its C# interface lacks.</summary>
internal static unsafe class DeterministicCompute
{
    private const int SetDeterministicComputeIndex = 273;

    public static void Enable(SessionOptions options)
    {
        var set = (delegate* unmanaged[Cdecl]<nint, byte, nint>)OrtApi.Functions[SetDeterministicComputeIndex];
        nint status = set(options.DangerousGetHandle(), 1);
        GC.KeepAlive(options);
        if (status != 0)
        {
            throw new NotVerifiedException(ErrorCode.Runtime, "ONNX Runtime refused to switch to deterministic kernels");
        }
    }
}
