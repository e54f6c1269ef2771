using System.Text;
using System.Text.Json;

namespace OnnxGrow.Training.Data.Tokenizers;

/// <summary>Reads the text files that vocabularies come in, with limits: they come from anywhere.</summary>
internal static class VocabularyFile
{
    /// <summary>Largest file, in bytes.</summary>
    public const int MaxBytes = 64 << 20;

    /// <summary>Most tokens; ids are below it.</summary>
    public const int MaxTokens = 4 << 20;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The lines of a file, without their ends; an empty last one does not count.</summary>
    public static string[] Lines(string path)
    {
        string[] lines = [.. ReadText(path).Split('\n').Select(l => l.TrimEnd('\r'))];
        return lines is [.., ""] ? lines[..^1] : lines;
    }

    /// <summary>Tokens and their ids from a JSON object.</summary>
    public static Dictionary<string, int> Ids(string path)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var seen = new HashSet<int>();
        try
        {
            using JsonDocument json = JsonDocument.Parse(ReadText(path), new JsonDocumentOptions { MaxDepth = 4 });
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw Bad(path, "a vocabulary is one JSON object of tokens and their ids, as in {\"a\": 0, \"b\": 1}");
            }

            foreach (JsonProperty token in json.RootElement.EnumerateObject())
            {
                if (token.Value.ValueKind != JsonValueKind.Number || !token.Value.TryGetInt32(out int id) || id is < 0 or >= MaxTokens)
                {
                    throw Bad(path, $"the id of token '{Text.Name(token.Name)}' is not a whole number from 0 to {MaxTokens - 1}");
                }

                if (!ids.TryAdd(token.Name, id) || !seen.Add(id))
                {
                    throw Bad(path, $"the token '{Text.Name(token.Name)}' or its id {id} occurs twice");
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new BadInputException(ErrorCode.Data, $"vocabulary '{Text.Name(path)}': not readable as JSON: {Text.Name(e.Message)}", e);
        }

        return ids.Count > 0 ? ids : throw Bad(path, "it has no tokens");
    }

    public static BadInputException Bad(string path, string why) => new($"vocabulary '{Text.Name(path)}': {why}");

    private static string ReadText(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] bytes = new byte[(int)Math.Min(file.CanSeek ? file.Length + 1 : MaxBytes + 1L, MaxBytes + 1L)];
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > MaxBytes)
            {
                throw Bad(path, $"it has more than {Text.Bytes(MaxBytes)}, too much for a vocabulary");
            }

            ReadOnlySpan<byte> text = bytes.AsSpan(0, length);
            return Strict.GetString(text.StartsWith(Encoding.UTF8.Preamble) ? text[Encoding.UTF8.Preamble.Length..] : text);
        }
        catch (DecoderFallbackException e)
        {
            throw new BadInputException(ErrorCode.Data, $"vocabulary '{Text.Name(path)}': it is not text in UTF-8", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(ErrorCode.Data, $"vocabulary '{Text.Name(path)}': {Text.Name(e.Message)}", e);
        }
    }
}
