using OnnxGrow.Onnx;

namespace OnnxGrow.TestSupport.Random;

/// <summary>Models over tokens: a decoder, with a cache or without, or an encoder and a decoder that attends to it.</summary>
internal sealed class LanguageModel
{
    private readonly Parts _parts;
    private readonly GraphBuilder _g;
    private readonly ModelShape _shape;
    private readonly string _table;

    public LanguageModel(Parts parts)
    {
        _parts = parts;
        _g = parts.G;
        _shape = parts.Shape;
        _table = _g.Weight("tokens", 0.8, 0, _shape.Vocabulary, _shape.Hidden);
    }

    /// <summary>Builds the whole graph.</summary>
    public void Build()
    {
        string? memory = _shape.Kind == ModelKind.EncoderDecoder ? Encoder() : null;
        string ids = _g.Input(memory is null ? "input_ids" : "decoder_input_ids", ElementType.Int64, "batch", "sequence");
        string sequence = _g.SizeOf(ids, 1);
        LayerCache[]? caches = _shape.Cache ? Caches() : null;
        string past = caches is null ? _g.Ints("past", 0) : _g.SizeOf("past_key_values.0.key", 2);
        string total = caches is null ? sequence : _g.Add(past, sequence);
        Rotary? rotary = _shape.Rotary == RotaryForm.None ? null : new Rotary(_parts, past, total);
        var attention = new Attention(_parts, rotary, new ScoreBias(_parts, past, total));
        Head(Stack(Embed(ids, past, total), attention, memory, caches));
    }

    private string Norm(string x) => _parts.Norms.Stream(x, _shape.Hidden);

    private string Encoder()
    {
        string ids = _g.Input("input_ids", ElementType.Int64, "batch", "source");
        string zero = _g.Ints("zero", 0);
        string x = Embed(ids, zero, _g.SizeOf(ids, 1));
        return Stack(x, new Attention(_parts, null, null), null, null);
    }

    private string Embed(string ids, string from, string to)
    {
        string x = _g.Node("Gather", [_table, ids], ("axis", 0));
        if (_shape.LearnedPositions)
        {
            string places = _g.Weight("positions", 0.5, 0, _shape.Positions, _shape.Hidden);
            x = _g.Add(x, _parts.Style("places") ? _g.Slice(places, 0, from, to) : _g.Node("Gather", [places, _g.Range(from, to)], ("axis", 0)));
        }

        return _shape.Placement == Placement.Post ? Norm(x) : x;
    }

    private LayerCache[] Caches() =>
    [
        .. Enumerable.Range(0, _shape.Layers).Select(i => new LayerCache(_parts, Past(i, "key"), Past(i, "value"), i)),
    ];

    private string Past(int layer, string what) => _g.Input($"past_key_values.{layer}.{what}", _shape.Type, "batch", _shape.KvHeads, "past", _shape.HeadDim);

    private string Stack(string x, Attention attention, string? memory, LayerCache[]? caches)
    {
        var blocks = new Blocks(_parts, Norm, []);
        var feed = new FeedForward(_parts);
        var cross = new Attention(_parts, null, null);
        for (int i = 0; i < _shape.Layers; i++)
        {
            LayerCache? cache = caches?[i];
            if (_shape.Parallel)
            {
                x = blocks.AddBoth(x, h => attention.Of(h, h, cache), feed.Of);
                continue;
            }

            x = blocks.Add(x, h => attention.Of(h, h, cache));
            x = memory is null ? x : blocks.Add(x, h => cross.Of(h, memory));
            x = blocks.Add(x, feed.Of);
        }

        // Without a norm of its own before the blocks, the stream is normed at the end.
        return _shape.Placement is Placement.Pre or Placement.Sandwich ? Norm(x) : x;
    }

    private void Head(string x)
    {
        if (_shape.Classes > 0)
        {
            string first = _g.Node("Gather", [x, _g.Int("first", 0)], ("axis", 1));
            string classes = _g.Node("Gemm", [first, _g.Weight("head", 0.4, 0, _shape.Classes, _shape.Hidden), _g.Weight("head_bias", 0.2, 0, _shape.Classes)], ("transB", 1));
            _g.Output(classes, "logits", _shape.Type, "batch", _shape.Classes);
            return;
        }

        string weight = _shape.Tied ? _g.Transpose(_table, 1, 0) : _g.Weight("head", 0.4, 0, _shape.Hidden, _shape.Vocabulary);
        _g.Output(_g.MatMul(x, weight), "logits", _shape.Type, "batch", "sequence", _shape.Vocabulary);
    }
}
