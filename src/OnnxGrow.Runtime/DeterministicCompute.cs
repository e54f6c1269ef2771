using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OnnxGrow.Runtime;

/// <summary>
/// Sets a session's deterministic-compute flag, which ONNX Runtime's C interface has and its C# interface lacks. The table
/// of C functions only ever grows at its end, so that the position of a function is part of the interface.
/// </summary>
internal static unsafe partial class DeterministicCompute
{
    private const uint ApiVersion = 16;
    private const int SetDeterministicComputeIndex = 273;

    public static void Enable(SessionOptions options)
    {
        var getApi = (delegate* unmanaged[Cdecl]<uint, nint*>)OrtGetApiBase()[0];
        nint* api = getApi(ApiVersion);
        if (api == null)
        {
            throw new NotVerifiedException($"this ONNX Runtime does not offer version {ApiVersion} of its C interface");
        }

        var set = (delegate* unmanaged[Cdecl]<nint, byte, nint>)api[SetDeterministicComputeIndex];
        nint status = set(options.DangerousGetHandle(), 1);
        GC.KeepAlive(options);
        if (status != 0)
        {
            throw new NotVerifiedException("ONNX Runtime refused to switch to deterministic kernels");
        }
    }

    [LibraryImport("onnxruntime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial nint* OrtGetApiBase();
}
