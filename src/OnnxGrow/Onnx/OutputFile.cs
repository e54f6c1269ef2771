using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace OnnxGrow.Onnx;

/// <summary>
/// A file that appears whole or not at all: written under another name in the same folder, flushed to the disk, then
/// renamed. Disposed before that, it leaves nothing.
/// </summary>
internal sealed class OutputFile : IDisposable
{
    private readonly string target;
    private readonly string temporary;
    private SafeFileHandle? handle;
    private bool moved;

    /// <summary>Makes the temporary file and reserves its bytes, so that a full disk is found before the work.</summary>
    public OutputFile(string target, long length)
    {
        this.target = target;
        temporary = Beside(target, "tmp");
        handle = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, length);
        try
        {
            RandomAccess.SetLength(handle, length);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Writes at a position.</summary>
    public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(handle!, bytes, offset);

    /// <summary>Makes sure that the bytes are on the disk, and closes the file.</summary>
    public void Finish()
    {
        RandomAccess.FlushToDisk(handle!);
        handle!.Dispose();
        handle = null;
    }

    /// <summary>
    /// Gives finished files their names, the last one being the model that refers to the others. One file replaces an
    /// older one in one step. Of several, that is not possible; so the older model is moved away first: at no moment is
    /// there a model beside data that is not its own.
    /// </summary>
    public static void Commit(params OutputFile[] files)
    {
        var previous = new List<(string Kept, string Target)>();
        var given = new List<string>();
        try
        {
            if (files[..^1].Any(file => Path.Exists(file.target)))
            {
                foreach (OutputFile file in files.Reverse().Where(file => Path.Exists(file.target)))
                {
                    string kept = Beside(file.target, "previous");
                    File.Move(file.target, kept);
                    previous.Add((kept, file.target));
                }
            }

            foreach (OutputFile file in files)
            {
                file.Move();
                given.Add(file.target);
            }
        }
        catch
        {
            given.ForEach(File.Delete);
            for (int i = previous.Count - 1; i >= 0; i--)
            {
                File.Move(previous[i].Kept, previous[i].Target, overwrite: true);
            }

            throw;
        }

        foreach ((string kept, _) in previous)
        {
            File.Delete(kept);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        handle?.Dispose();
        handle = null;
        if (!moved)
        {
            File.Delete(temporary);
        }
    }

    private static string Beside(string target, string purpose)
    {
        string random = RandomNumberGenerator.GetInt32(int.MaxValue).ToString("x8", CultureInfo.InvariantCulture);
        return Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{random}.{purpose}");
    }

    private void Move()
    {
        File.Move(temporary, target, overwrite: true);
        moved = true;
    }
}
