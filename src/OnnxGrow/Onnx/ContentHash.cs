using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace OnnxGrow.Onnx;

/// <summary>Hashes that say which file a plan or a report is about.</summary>
public static class ContentHash
{
    private const int BlockBytes = 1 << 20;

    /// <summary>The SHA-256 of a file's bytes, in lower-case hexadecimal.</summary>
    /// <exception cref="BadInputException">The file cannot be read, or is a device or a pipe, which may never end.</exception>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public static string Sha256OfFile(string path, CancellationToken cancellation = default)
    {
        try
        {
            using SafeFileHandle handle = FileFacts.Open(RealPath.Resolve(path));
            if (FileFacts.Of(handle) is { IsRegular: false })
            {
                throw new BadInputException(ErrorCode.Model, $"{Text.Name(path)}: is a folder, a device or a pipe; give a file");
            }

            using FileStream stream = new(handle, FileAccess.Read, 0);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            byte[] buffer = new byte[BlockBytes];
            int read;
            while ((read = stream.Read(buffer)) > 0)
            {
                cancellation.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException(ErrorCode.Model, $"{Text.Name(path)}: cannot be read: {e.Message}", e);
        }
    }
}
