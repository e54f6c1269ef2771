using System.Globalization;
using System.Runtime.InteropServices;
using OnnxGrow.Onnx;
using OnnxGrow.Runtime.Inputs;
using OnnxGrow.Training.Data.Tokenizers;

namespace OnnxGrow.Training.Data.Texts;

/// <summary>
/// Sequences for masked language models: tokens are drawn anew for each epoch; of those drawn 80 % become the mask token,
/// 10 % a random one and 10 % stay. Special tokens are never drawn nor put in; only tokens drawn have labels.
/// </summary>
internal sealed class MaskedSamples : ISamples
{
    private const double Masked = 0.8;
    private const double MaskedOrRandom = 0.9;

    private readonly TokenStore _tokens;
    private readonly int _length;
    private readonly int _body;
    private readonly double _rate;
    private readonly int _mask;
    private readonly int? _start;
    private readonly int? _end;
    private readonly int _vocabulary;
    private readonly HashSet<int> _specials;

    public MaskedSamples(TokenStore tokens, ITokenizer tokenizer, int length, double rate)
    {
        _tokens = tokens;
        _length = length;
        _rate = rate;
        _mask = tokenizer.MaskToken() ?? throw new BadInputException(
            ErrorCode.Data, "masked language modelling needs a mask token, and the tokenizer has none; add one: tokenizer: {..., specials: ['[MASK]']}");
        _start = tokenizer.StartOfSequence();
        _end = tokenizer.EndOfSequence();
        _vocabulary = tokenizer.VocabularySize;
        _specials = [.. tokenizer.Specials.Values];
        _body = length - (_start is null ? 0 : 1) - (_end is null ? 0 : 1);
        Fields = [new(FieldNames.InputIds, ElementType.Int64, [length]), new(FieldNames.Labels, ElementType.Int64, [length])];
        Count = _body > 0 ? tokens.Count / _body : 0;
        if (Count == 0)
        {
            throw new BadInputException(ErrorCode.Data, string.Create(CultureInfo.InvariantCulture, $"the texts have {tokens.Count} tokens, and a sequence of {length} takes {_body}: there is not one"));
        }

        if (_specials.Count >= _vocabulary)
        {
            throw new BadInputException(ErrorCode.Data, "the tokenizer has nothing but special tokens");
        }
    }

    public IReadOnlyList<DataField> Fields { get; }

    public long Count { get; }

    public string Fingerprint => string.Create(CultureInfo.InvariantCulture, $"masked;{_length};{_rate:R};{_tokens.Fingerprint}");

    public void Read(long index, SampleUse use, Span<Memory<byte>> fields)
    {
        int[] tokens = new int[_body];
        _tokens.Read(index * _body, tokens);
        Span<long> ids = MemoryMarshal.Cast<byte, long>(fields[0].Span);
        Span<long> labels = MemoryMarshal.Cast<byte, long>(fields[1].Span);
        labels.Fill(FieldNames.NoLabel);
        int at = 0;
        if (_start is { } start)
        {
            ids[at++] = start;
        }

        var random = new SplitMix64(use.Draw);
        foreach (int token in tokens)
        {
            // Drawn for special tokens too, so that where one stands does not change what is drawn after it.
            (double drawn, double how, long other) = (random.Uniform(), random.Uniform(), OtherToken(random));
            ids[at] = token;
            if (drawn < _rate && !_specials.Contains(token))
            {
                labels[at] = token;
                ids[at] = how < Masked ? _mask : how < MaskedOrRandom ? other : token;
            }

            at++;
        }

        if (_end is { } end)
        {
            ids[at] = end;
        }
    }

    public void Dispose() => _tokens.Dispose();

    private long OtherToken(SplitMix64 random)
    {
        long token;
        do
        {
            token = random.Below(_vocabulary);
        }
        while (_specials.Contains((int)token));

        return token;
    }
}
