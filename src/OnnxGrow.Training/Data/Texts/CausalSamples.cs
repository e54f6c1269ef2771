using System.Globalization;
using System.Runtime.InteropServices;
using OnnxGrow.Onnx;

namespace OnnxGrow.Training.Data.Texts;

/// <summary>
/// Sequences for causal language models, packed without padding. The label of a position is the id after it, already
/// shifted; the very last id of the texts has none. What does not fill a sequence at the end is left out.
/// </summary>
internal sealed class CausalSamples : ISamples
{
    private readonly TokenStore _tokens;
    private readonly int _length;

    public CausalSamples(TokenStore tokens, int length)
    {
        _tokens = tokens;
        _length = length;
        Fields = [new(FieldNames.InputIds, ElementType.Int64, [length]), new(FieldNames.Labels, ElementType.Int64, [length])];
        Count = tokens.Count / length;
        if (Count == 0)
        {
            throw new BadInputException(ErrorCode.Data, string.Create(CultureInfo.InvariantCulture, $"the texts have {tokens.Count} tokens, fewer than one sequence of {length}"));
        }
    }

    public IReadOnlyList<DataField> Fields { get; }

    public long Count { get; }

    public string Fingerprint => string.Create(CultureInfo.InvariantCulture, $"causal;{_length};{_tokens.Fingerprint}");

    public void Read(long index, SampleUse use, Span<Memory<byte>> fields)
    {
        int[] tokens = new int[_length + 1];
        long first = index * _length;
        int there = (int)Math.Min(tokens.Length, _tokens.Count - first);
        _tokens.Read(first, tokens.AsSpan(0, there));
        Span<long> ids = MemoryMarshal.Cast<byte, long>(fields[0].Span);
        Span<long> labels = MemoryMarshal.Cast<byte, long>(fields[1].Span);
        for (int i = 0; i < _length; i++)
        {
            ids[i] = tokens[i];
            labels[i] = i + 1 < there ? tokens[i + 1] : FieldNames.NoLabel;
        }
    }

    public void Dispose() => _tokens.Dispose();
}
