using System.Globalization;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace OnnxGrow.MSBuild;

/// <summary>The command that grows: an assembly that <c>dotnet</c> runs, or a program.</summary>
internal static class Tool
{
    /// <summary>Whether <c>dotnet</c> runs it.</summary>
    public static bool IsAssembly(string path) => path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// What tells one build of the tool from another: of assemblies the identity that the compiler gives to what they are made
    /// of, so that the same tool, built or unpacked again, is the same; of a program size and time.
    /// </summary>
    public static string Identity(string path)
    {
        if (!IsAssembly(path))
        {
            var file = new FileInfo(path);
            return string.Create(CultureInfo.InvariantCulture, $"{path} {file.Length} {file.LastWriteTimeUtc.Ticks}");
        }

        string[] own = [path, .. Directory.EnumerateFiles(Path.GetDirectoryName(path)!, "OnnxGrow.*.dll").Order(StringComparer.Ordinal)];
        return string.Join(' ', own.Select(Mvid));
    }

    private static string Mvid(string path)
    {
        using FileStream file = File.OpenRead(path);
        using var image = new PEReader(file);
        MetadataReader metadata = image.GetMetadataReader();
        return metadata.GetGuid(metadata.GetModuleDefinition().Mvid).ToString("N");
    }
}
