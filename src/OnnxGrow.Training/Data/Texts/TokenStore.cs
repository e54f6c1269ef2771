using System.Buffers.Binary;
using System.Security.Cryptography;
using OnnxGrow.Training.Data.Tokenizers;

namespace OnnxGrow.Training.Data.Texts;

/// <summary>The ids of all texts after each other, in a file and not in memory.</summary>
internal sealed class TokenStore : IDisposable
{
    private readonly FileStream _file = UnnamedFile.Create();
    private readonly int _width;

    /// <summary>Encodes texts; each ends with the end-of-text token where the tokenizer has one.</summary>
    public TokenStore(IEnumerable<string> paths, ITokenizer tokenizer, bool lines)
    {
        _width = tokenizer.VocabularySize <= 1 << 16 ? 2 : 4;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var ids = new List<int>();
        int? end = tokenizer.EndOfText();
        foreach (string path in paths)
        {
            if (lines)
            {
                TextFiles.ReadLines(path, line =>
                {
                    tokenizer.Encode(line, ids);
                    Append(ids, end, hash);
                });
            }
            else
            {
                TextFiles.Read(path, part =>
                {
                    tokenizer.Encode(part, ids);
                    Append(ids, null, hash);
                });
                Append(ids, end, hash);
            }
        }

        _file.Flush();
        Fingerprint = Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>How many ids.</summary>
    public long Count { get; private set; }

    /// <summary>The hash of the ids.</summary>
    public string Fingerprint { get; }

    /// <summary>Reads ids from a place on.</summary>
    public void Read(long at, Span<int> ids)
    {
        byte[] bytes = new byte[ids.Length * _width];
        UnnamedFile.ReadExactly(_file.SafeFileHandle, bytes, at * _width);
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = _width == 2
                ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(2 * i))
                : BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4 * i));
        }
    }

    public void Dispose() => _file.Dispose();

    private void Append(List<int> ids, int? end, IncrementalHash hash)
    {
        if (end is { } id)
        {
            ids.Add(id);
        }

        byte[] bytes = new byte[ids.Count * _width];
        for (int i = 0; i < ids.Count; i++)
        {
            if (_width == 2)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * i), (ushort)ids[i]);
            }
            else
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * i), ids[i]);
            }
        }

        _file.Write(bytes);
        hash.AppendData(bytes);
        Count += ids.Count;
        ids.Clear();
    }
}
