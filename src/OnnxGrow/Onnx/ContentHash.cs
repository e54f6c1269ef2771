using System.Security.Cryptography;

namespace OnnxGrow.Onnx;

/// <summary>Hashes that say which file a plan or a report is about.</summary>
public static class ContentHash
{
    /// <summary>The SHA-256 of a file's bytes, in lower-case hexadecimal.</summary>
    /// <exception cref="BadInputException">The file cannot be read.</exception>
    public static string Sha256OfFile(string path)
    {
        try
        {
            using FileStream stream = new(path, new FileStreamOptions { BufferSize = 1 << 20, Options = FileOptions.SequentialScan });
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{Text.Name(path)}: cannot be read: {e.Message}", e);
        }
    }
}
