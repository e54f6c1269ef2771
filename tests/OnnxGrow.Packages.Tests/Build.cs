using System.Reflection;

namespace OnnxGrow.Packages.Tests;

/// <summary>How the tests, and with them everything that is packed, were built.</summary>
internal static class Build
{
    private static readonly string[] Switches = ["UseOnnxRuntimeNuGet", "OnnxRuntimeCuda", "UseTorchSharp", "TorchSharpPath"];

    public static string Configuration => Value("Configuration");

    public static string Version => Value("PackageVersion");

    public static bool TakesOnnxRuntimeFromNuGet => Value("UseOnnxRuntimeNuGet") == "true";

    public static bool PacksTorchSharp => Value("UseTorchSharp") == "true" && Value("TorchSharpPath").Length == 0;

    /// <summary>The arguments of <c>dotnet</c> that build or pack in the same way.</summary>
    public static string[] Arguments =>
        ["-c", Configuration, .. Switches.Where(s => Value(s).Length > 0).Select(s => $"-p:{s}={Value(s)}")];

    private static string Value(string name) =>
        typeof(Build).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == name).Value ?? "";
}
