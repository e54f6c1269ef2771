namespace OnnxGrow.Onnx;

/// <summary>Recognises what people give instead of an ONNX model, to say what would be right.</summary>
internal static class FileKind
{
    /// <summary>What the file is and what to do, as the end of a sentence; null where it is not recognised.</summary>
    public static string? Hint(DataFile file)
    {
        byte[] head = new byte[(int)Math.Min(file.Length, 32)];
        try
        {
            file.Read(0, head);
        }
        catch (BadInputException)
        {
            return null;
        }

        return Hint(head);
    }

    private static string? Hint(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("version https://git-lfs"u8))
        {
            return "is a Git LFS pointer, not the model; fetch it with 'git lfs pull'";
        }

        if (head.StartsWith("PK\x03\x04"u8))
        {
            return "is a zip archive (a PyTorch checkpoint, a Keras model, ...); unpack it or export the model to ONNX";
        }

        if (head.StartsWith("GGUF"u8))
        {
            return "is a GGUF file; export the model to ONNX";
        }

        if (head.Length > 4 && head[0] == 0x89 && head[1..].StartsWith("HDF"u8))
        {
            return "is an HDF5 file (Keras); export the model to ONNX";
        }

        if (head.Length >= 8 && head[4..].StartsWith("TFL3"u8))
        {
            return "is a TensorFlow Lite model; export the model to ONNX";
        }

        if (head.Length >= 8 && head[4..].StartsWith("ORTM"u8))
        {
            return "is in ONNX Runtime's .ort format; give the .onnx file that it was made from";
        }

        if (head.Length > 8 && head[8] == (byte)'{' && head[6..8].SequenceEqual("\0\0"u8))
        {
            return "is a safetensors file, which has weights without a graph; export the model to ONNX";
        }

        return head.Length > 0 && head.IndexOfAnyExceptInRange((byte)9, (byte)126) < 0
            ? "is a text file; give a model in ONNX's binary form"
            : null;
    }
}
