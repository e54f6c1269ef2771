using Microsoft.Win32.SafeHandles;

namespace OnnxGrow.Training.Data;

/// <summary>Files for what is unpacked or encoded once and read many times: gone with the process, however it ends.</summary>
internal static class UnnamedFile
{
    public static FileStream Create()
    {
        string path = Path.Combine(Path.GetTempPath(), "onnxgrow-" + Path.GetRandomFileName());
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            BufferSize = 1 << 16,
        });

        // An open file needs no name; without one nothing is left behind by a process that is killed.
        File.Delete(path);
        return file;
    }

    /// <summary>Fills a span from a place of a file, of which another reader may have another place.</summary>
    public static void ReadExactly(SafeFileHandle file, Span<byte> into, long at)
    {
        for (int done = 0; done < into.Length;)
        {
            int read = RandomAccess.Read(file, into[done..], at + done);
            if (read == 0)
            {
                throw new BadInputException(ErrorCode.Data, "a data file has become shorter while it was read");
            }

            done += read;
        }
    }

    /// <summary>Copies so many bytes, no more and no fewer than the source has.</summary>
    public static void CopyExactly(Stream from, FileStream to, long bytes, Func<string, BadInputException> bad)
    {
        byte[] buffer = new byte[1 << 16];
        for (long left = bytes; left > 0;)
        {
            int read = from.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0)
            {
                throw bad($"its header asks for {bytes} bytes and it holds {bytes - left}");
            }

            to.Write(buffer, 0, read);
            left -= read;
        }

        if (from.Read(buffer, 0, 1) != 0)
        {
            throw bad($"its header asks for {bytes} bytes and it holds more");
        }

        to.Flush();
    }
}
