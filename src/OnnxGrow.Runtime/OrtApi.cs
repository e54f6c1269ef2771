using System.Runtime.InteropServices;

namespace OnnxGrow.Runtime;

/// <summary>
/// ONNX Runtime's C interface, for what it has and its C# interface lacks. The table of functions only ever grows at its end, so that
/// the position of a function is part of the interface.
/// </summary>
internal static unsafe partial class OrtApi
{
    private const uint Version = 17;

    /// <summary>The table of functions.</summary>
    /// <exception cref="NotVerifiedException">This ONNX Runtime is older.</exception>
    public static nint* Functions
    {
        get
        {
            var getApi = (delegate* unmanaged[Cdecl]<uint, nint*>)OrtGetApiBase()[0];
            nint* api = getApi(Version);
            return api != null ? api : throw new NotVerifiedException(ErrorCode.Runtime, $"this ONNX Runtime does not offer version {Version} of its C interface");
        }
    }

    [LibraryImport("onnxruntime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial nint* OrtGetApiBase();
}
