namespace OnnxGrow.Runtime.Inputs;

/// <summary>Reads NumPy's .npy files: little-endian, C order, f2 f4 f8 i4 i8 u1 b1.</summary>
public static class NpyFile
{
    // An array of .NET holds no more.
    private const long MaxBytes = 0x7FFFFFC7;

    /// <summary>Reads a file.</summary>
    /// <exception cref="BadInputException">The file is not what this reads; the message says why.</exception>
    public static RuntimeTensor Read(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return Read(file, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(ErrorCode.TestInput, $"'{Text.Name(path)}' cannot be read: {e.Message}", e);
        }
    }

    private static RuntimeTensor Read(FileStream file, string path)
    {
        NpyHeader header = NpyHeader.Read(file, path, MaxBytes);
        if (header.Bytes != file.Length - file.Position)
        {
            throw NpyHeader.Bad(path, $"its shape asks for {header.Bytes} bytes and it holds {file.Length - file.Position}");
        }

        byte[] data = new byte[header.Bytes];
        file.ReadExactly(data);
        return new RuntimeTensor(header.ElementType, header.Dims, data);
    }
}
