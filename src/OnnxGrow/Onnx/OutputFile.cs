using Microsoft.Win32.SafeHandles;

namespace OnnxGrow.Onnx;

/// <summary>A file that is being written in an <see cref="OutputStage"/>.</summary>
internal sealed class OutputFile : IDisposable
{
    private readonly long _length;
    private SafeFileHandle? _handle;

    /// <summary>Makes the file and reserves its bytes, so that a full disk is found before the work.</summary>
    public OutputFile(string path, long length)
    {
        _length = length;
        WriteStep.Reach("create");
        try
        {
            _handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, length);
            WriteStep.Reach("reserve");
            RandomAccess.SetLength(_handle, length);
        }
        catch (ArgumentOutOfRangeException e)
        {
            // How .NET reports a length that the file system or a limit does not allow.
            Dispose();
            throw new IOException("the file is too large", e);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Writes at a position; may be called from several threads.</summary>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        WriteStep.Reach("write");
        RandomAccess.Write(_handle!, bytes, offset);
    }

    /// <summary>Makes sure that the bytes are on the disk, and closes the file.</summary>
    /// <param name="cancellation">Stops the flushing.</param>
    public void Finish(CancellationToken cancellation = default)
    {
        WriteStep.Reach("flush");
        WriteBack.Run(_handle!, _length, cancellation);
        RandomAccess.FlushToDisk(_handle!);
        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _handle?.Dispose();
        _handle = null;
    }
}
