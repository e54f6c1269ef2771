using Microsoft.Win32.SafeHandles;

namespace OnnxGrow.Onnx;

/// <summary>
/// A file that tensors are read from, opened when first needed. It is read at positions rather than mapped: a file that
/// becomes shorter under a map kills the process, a read only comes back short.
/// </summary>
internal sealed class DataFile : IDisposable
{
    private readonly Lock gate = new();
    private readonly string realPath;
    private readonly bool onlyName;
    private readonly FileFacts.State? found;
    private SafeFileHandle? handle;
    private bool disposed;

    /// <summary>
    /// A file by the name to show and the path, free of symbolic links, to open; <paramref name="onlyName"/> refuses one that
    /// has another name when it is opened.
    /// </summary>
    public DataFile(string displayPath, string realPath, long length, bool onlyName = false)
    {
        DisplayPath = displayPath;
        this.realPath = realPath;
        this.onlyName = onlyName;
        found = FileFacts.Of(realPath);
        Length = length;
    }

    /// <summary>The path as the caller or the model gave it, for messages.</summary>
    public string DisplayPath { get; }

    /// <summary>The path without symbolic links.</summary>
    public string RealPath => realPath;

    /// <summary>The length when the file was found.</summary>
    public long Length { get; }

    /// <summary>Fills <paramref name="destination"/> from a position in the file.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        SafeFileHandle file = Handle();
        try
        {
            while (destination.Length > 0)
            {
                int read = RandomAccess.Read(file, destination, offset);
                if (read <= 0)
                {
                    throw new BadInputException(
                        ErrorCode.ModelData, $"{Text.Name(DisplayPath)}: the file became shorter while it was read; nothing else may write to it");
                }

                offset += read;
                destination = destination[read..];
            }
        }
        catch (IOException e)
        {
            throw new BadInputException(ErrorCode.ModelData, $"{Text.Name(DisplayPath)}: cannot be read: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            handle?.Dispose();
        }
    }

    private SafeFileHandle Handle()
    {
        SafeFileHandle? open = Volatile.Read(ref handle);
        if (open is not null)
        {
            return open;
        }

        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, typeof(OnnxModel));
            return handle ??= Open();
        }
    }

    private SafeFileHandle Open()
    {
        SafeFileHandle? opened = null;
        try
        {
            // All that was checked of the path is checked again of what was opened, which nobody can swap any more.
            opened = FileFacts.Open(realPath);
            bool same = FileFacts.IsOpenAt(opened, realPath);
            if (FileFacts.Of(opened) is { } now)
            {
                same &= now.IsRegular && (found is not { } then || now.IsSameAs(then)) && !(onlyName && now.Links > 1);
            }

            if (!same || RandomAccess.GetLength(opened) != Length)
            {
                throw new BadInputException(
                    ErrorCode.ModelData, $"{Text.Name(DisplayPath)}: the file was replaced while the model was open; open the model again");
            }

            SafeFileHandle result = opened;
            opened = null;
            return result;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(ErrorCode.ModelData, $"{Text.Name(DisplayPath)}: cannot be opened: {e.Message}", e);
        }
        finally
        {
            opened?.Dispose();
        }
    }
}
