using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace OnnxGrow.Runtime;

/// <summary>
/// Where ONNX Runtime's library is, in a folder that has those of several platforms (<c>runtimes/PLATFORM/native</c> beside this
/// assembly, as in the packed command). Left to itself the loader would ask the system first, and another version may be there.
/// </summary>
internal static class OrtLibrary
{
    private const string Name = "onnxruntime";

    /// <summary>The file for this platform; it need not be there.</summary>
    private static string File { get; } = Path.Combine(Folder, FileName);

    private static string Folder =>
        Path.Combine(typeof(OrtLibrary).Assembly.Location is { Length: > 0 } place ? Path.GetDirectoryName(place)! : AppContext.BaseDirectory, "runtimes", Platform, "native");

    /// <summary>Whether the program's list of dependencies leads the loader there; then nothing is left to do.</summary>
    private static bool IsSearched =>
        AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string folders
        && folders.Split(Path.PathSeparator).Any(f => Path.TrimEndingDirectorySeparator(f) == Folder);

    private static string Platform =>
        (OperatingSystem.IsWindows() ? "win-" : OperatingSystem.IsMacOS() ? "osx-" : "linux-") + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    private static string FileName =>
        OperatingSystem.IsWindows() ? Name + ".dll" : OperatingSystem.IsMacOS() ? $"lib{Name}.dylib" : $"lib{Name}.so";

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "It has to be settled before anything of ONNX Runtime is called, from whatever type here.")]
    internal static void Settle()
    {
        if (!System.IO.File.Exists(File) || IsSearched)
        {
            return;
        }

        // Both assemblies call into it, and must come by the same library.
        OrtEnv.DisableDllImportResolver = true;
        try
        {
            NativeLibrary.SetDllImportResolver(typeof(OrtEnv).Assembly, Resolve);
        }
        catch (InvalidOperationException)
        {
            // The program has a resolver of its own for ONNX Runtime; that one decides.
            return;
        }

        NativeLibrary.SetDllImportResolver(typeof(OrtLibrary).Assembly, Resolve);
    }

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? search) =>
        library == Name && NativeLibrary.TryLoad(File, out nint handle) ? handle : 0;
}
