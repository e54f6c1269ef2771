using System.Text;

namespace OnnxGrow.Training.Data.Texts;

/// <summary>Reads text files of any length in parts that tokenizers can encode one by one.</summary>
internal static class TextFiles
{
    private const int PartLength = 1 << 20;
    private const int LongestPart = 1 << 26;

    /// <summary>Calls back for each part of a file: parts end before white space that follows something else.</summary>
    public static void Read(string path, Action<ReadOnlySpan<char>> part)
    {
        Guard(path, () =>
        {
            using StreamReader reader = Open(path);
            char[] buffer = new char[PartLength];
            int held = 0;
            while (true)
            {
                int read = reader.ReadBlock(buffer.AsSpan(held));
                held += read;
                if (read == 0 || held < buffer.Length)
                {
                    part(buffer.AsSpan(0, held));
                    return;
                }

                int cut = LastCut(buffer.AsSpan(0, held));
                if (cut == 0)
                {
                    if (buffer.Length >= LongestPart)
                    {
                        throw new BadInputException(ErrorCode.Data, $"text '{Text.Name(path)}' has {LongestPart} characters without white space between words; is it text?");
                    }

                    Array.Resize(ref buffer, buffer.Length * 2);
                    continue;
                }

                part(buffer.AsSpan(0, cut));
                buffer.AsSpan(cut, held - cut).CopyTo(buffer);
                held -= cut;
            }
        });
    }

    /// <summary>Calls back for each line that is not blank.</summary>
    public static void ReadLines(string path, Action<ReadOnlySpan<char>> line)
    {
        Guard(path, () =>
        {
            using StreamReader reader = Open(path);
            while (reader.ReadLine() is { } text)
            {
                if (!string.IsNullOrWhiteSpace(text))
                {
                    line(text);
                }
            }
        });
    }

    private static StreamReader Open(string path) => new(path, new UTF8Encoding(false, throwOnInvalidBytes: true), true, 1 << 16);

    private static void Guard(string path, Action read)
    {
        try
        {
            read();
        }
        catch (DecoderFallbackException e)
        {
            throw new BadInputException(ErrorCode.Data, $"text '{Text.Name(path)}' is not UTF-8; convert it, for example with iconv", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(ErrorCode.Data, $"text '{Text.Name(path)}' cannot be read: {Text.Name(e.Message)}", e);
        }
    }

    private static int LastCut(ReadOnlySpan<char> text)
    {
        for (int i = text.Length - 1; i > 0; i--)
        {
            if (char.IsWhiteSpace(text[i]) && !char.IsWhiteSpace(text[i - 1]))
            {
                return i;
            }
        }

        return 0;
    }
}
