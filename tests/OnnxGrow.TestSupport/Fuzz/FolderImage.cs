using System.IO.Compression;

namespace OnnxGrow.TestSupport.Fuzz;

/// <summary>A small folder in memory: files, links and folders, by paths with '/'.</summary>
public sealed class FolderImage
{
    /// <summary>The model of the folder.</summary>
    public const string ModelName = "model.onnx";

    private const string LinkMark = ".link";
    private static readonly DateTimeOffset Always = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Files.</summary>
    public SortedDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Symbolic links and where they lead.</summary>
    public SortedDictionary<string, string> Links { get; } = new(StringComparer.Ordinal);

    /// <summary>Folders without files.</summary>
    public SortedSet<string> Folders { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads a ZIP file; links are entries whose name ends in ".link".</summary>
    public static FolderImage Read(byte[] zip)
    {
        var folder = new FolderImage();
        using var archive = new ZipArchive(new MemoryStream(zip));
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            using var content = new MemoryStream();
            using (Stream stream = entry.Open())
            {
                stream.CopyTo(content);
            }

            if (entry.FullName.EndsWith('/'))
            {
                folder.Folders.Add(entry.FullName[..^1]);
            }
            else if (entry.FullName.EndsWith(LinkMark, StringComparison.Ordinal))
            {
                folder.Links[entry.FullName[..^LinkMark.Length]] = System.Text.Encoding.UTF8.GetString(content.ToArray());
            }
            else
            {
                folder.Files[entry.FullName] = content.ToArray();
            }
        }

        return folder;
    }

    /// <summary>The folder as a ZIP file.</summary>
    public byte[] ToZip()
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            IEnumerable<(string Name, byte[] Bytes)> entries =
            [
                .. Files.Select(f => (f.Key, f.Value)),
                .. Links.Select(l => (l.Key + LinkMark, System.Text.Encoding.UTF8.GetBytes(l.Value))),
                .. Folders.Select(f => (f + "/", Array.Empty<byte>())),
            ];
            foreach ((string name, byte[] bytes) in entries)
            {
                ZipArchiveEntry entry = archive.CreateEntry(name, CompressionLevel.Fastest);
                entry.LastWriteTime = Always;
                using Stream content = entry.Open();
                content.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    /// <summary>Makes the folder on disk.</summary>
    public void Write(string path)
    {
        foreach (string folder in Folders)
        {
            Directory.CreateDirectory(Path.Combine(path, folder));
        }

        foreach ((string name, byte[] bytes) in Files)
        {
            string file = Path.Combine(path, name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            if (!Directory.Exists(file))
            {
                File.WriteAllBytes(file, bytes);
            }
        }

        foreach ((string name, string target) in Links)
        {
            string link = Path.Combine(path, name);
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            if (!Path.Exists(link))
            {
                File.CreateSymbolicLink(link, target);
            }
        }
    }
}
