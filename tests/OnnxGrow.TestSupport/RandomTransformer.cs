using Onnx;
using OnnxGrow.Onnx;

namespace OnnxGrow.TestSupport;

/// <summary>How the norms of a random transformer stand.</summary>
public enum Placement
{
    /// <summary>x + f(norm x).</summary>
    Pre,

    /// <summary>norm(x + f(x)).</summary>
    Post,

    /// <summary>x + norm(f(x)).</summary>
    ResPost,

    /// <summary>x + norm(f(norm x)).</summary>
    Sandwich,
}

/// <summary>What a random transformer looks like.</summary>
public sealed record TransformerShape
{
    /// <summary>Norm placement.</summary>
    public Placement Placement { get; init; }

    /// <summary>Whether norms are RMSNorms.</summary>
    public bool Rms { get; init; }

    /// <summary>Whether norms are written as several nodes.</summary>
    public bool Decomposed { get; init; }

    /// <summary>Whether linear layers have biases.</summary>
    public bool Bias { get; init; }

    /// <summary>Whether q, k and v are one matrix.</summary>
    public bool FusedQkv { get; init; }

    /// <summary>Whether the token table is the output layer too.</summary>
    public bool Tied { get; init; }

    /// <summary>Whether attention is causal by a constant mask.</summary>
    public bool Causal { get; init; }

    /// <summary>"gelu", "tanh", "relu" or "swiglu".</summary>
    public string Activation { get; init; } = "gelu";

    /// <summary>Layers.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Residual width.</summary>
    public int Hidden { get; init; } = 8;

    /// <summary>Attention heads.</summary>
    public int Heads { get; init; } = 2;

    /// <summary>Inner width of the feed-forward block.</summary>
    public int Ffn { get; init; } = 16;

    /// <summary>Rows of the token table.</summary>
    public int Vocabulary { get; init; } = 23;

    /// <summary>Longest sequence.</summary>
    public int Positions { get; init; } = 12;

    /// <summary>Epsilon of the norms; large ones are the hard case.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>Version of the operator set.</summary>
    public int Opset { get; init; } = 17;

    /// <summary>Draws a shape.</summary>
    public static TransformerShape Draw(SplitMix64 r)
    {
        int heads = r.Int(1, 4);
        int headSize = r.Pick(2, 3, 4, 8);
        bool rms = r.Int(0, 3) == 0;
        return new TransformerShape
        {
            Placement = r.Pick(Placement.Pre, Placement.Pre, Placement.Post, Placement.ResPost),
            Rms = rms,
            Decomposed = rms || r.Coin(),
            Bias = r.Coin(),
            FusedQkv = r.Coin(),
            Tied = r.Coin(),
            Causal = r.Coin(),
            Activation = r.Pick("gelu", "tanh", "relu", "swiglu"),
            Layers = r.Int(1, 3),
            Hidden = heads * headSize,
            Heads = heads,
            Ffn = r.Int(3, 24),
            Epsilon = r.Pick(1e-12f, 1e-5f, 1e-2f),
        };
    }
}

/// <summary>Builds a small transformer language model with random weights, in the operators that exporters use.</summary>
public sealed class RandomTransformer
{
    private readonly TransformerShape _shape;
    private readonly GraphBuilder _g;

    private RandomTransformer(TransformerShape shape, ulong seed)
    {
        _shape = shape;
        _g = new GraphBuilder(new SplitMix64(seed), shape.Opset);
    }

    /// <summary>Builds the model.</summary>
    public static ModelProto Build(TransformerShape shape, ulong seed) => new RandomTransformer(shape, seed).Build();

    private ModelProto Build()
    {
        int d = _shape.Hidden;
        string ids = _g.Input("input_ids", ElementType.Int64, "batch", "sequence");
        string table = _g.Weight("tokens", 0.8, 0, _shape.Vocabulary, d);
        string positions = _g.Weight("positions", 0.5, 0, 1, _shape.Positions, d);
        string size = _g.Node("Shape", [ids]);
        string sequence = _g.Node("Gather", [size, _g.Ints("one", 1)], ("axis", 0));
        string cut = _g.Node("Slice", [positions, _g.Ints("zero", 0), sequence, _g.Ints("axis", 1)]);
        string x = _g.Node("Add", [_g.Node("Gather", [table, ids]), cut]);
        x = _shape.Placement == Placement.Post ? Norm(x) : x;
        for (int i = 0; i < _shape.Layers; i++)
        {
            x = Block(x, h => Attention(h, size, sequence));
            x = Block(x, Feed);
        }

        x = _shape.Placement == Placement.Pre ? Norm(x) : x;
        string weight = _shape.Tied ? _g.Node("Transpose", [table], ("perm", new long[] { 1, 0 })) : _g.Weight("head", 0.4, 0, d, _shape.Vocabulary);
        string logits = _g.Node("MatMul", [x, weight]);
        _g.Output(logits, "logits", ElementType.Float32, "batch", "sequence", _shape.Vocabulary);
        return _g.Finish();
    }

    private string Block(string x, Func<string, string> f) => _shape.Placement switch
    {
        Placement.Pre => _g.Node("Add", [x, f(Norm(x))]),
        Placement.Post => Norm(_g.Node("Add", [x, f(x)])),
        _ => _g.Node("Add", [x, Norm(f(x))]),
    };

    private string Attention(string x, string size, string sequence)
    {
        int d = _shape.Hidden;
        int heads = _shape.Heads;
        int headSize = d / heads;
        string[] qkv;
        if (_shape.FusedQkv)
        {
            string all = Linear(x, d, 3 * d);
            qkv = _shape.Opset < 13
                ? _g.Nodes("Split", [all], 3, ("axis", 2), ("split", new long[] { d, d, d }))
                : _g.Nodes("Split", [all, _g.Ints("split", d, d, d)], 3, ("axis", 2));
        }
        else
        {
            qkv = [Linear(x, d, d), Linear(x, d, d), Linear(x, d, d)];
        }

        string shape = _g.Node("Concat", [_g.Node("Gather", [size, _g.Ints("batch", 0)], ("axis", 0)), sequence, _g.Ints("heads", heads), _g.Ints("head_dim", headSize)], ("axis", 0));
        string[] split = [.. qkv.Select(v => _g.Node("Transpose", [_g.Node("Reshape", [v, shape])], ("perm", new long[] { 0, 2, 1, 3 })))];
        string scores = _g.Node("MatMul", [split[0], _g.Node("Transpose", [split[1]], ("perm", new long[] { 0, 1, 3, 2 }))]);
        scores = _g.Node("Div", [scores, _g.Floats("scale", [], MathF.Sqrt(headSize))]);
        if (_shape.Causal)
        {
            int n = _shape.Positions;
            var mask = new float[n * n];
            for (int i = 0; i < n; i++)
            {
                for (int j = i + 1; j < n; j++)
                {
                    mask[(i * n) + j] = -1e4f;
                }
            }

            string cut = _g.Floats("mask", [1, 1, n, n], mask);
            cut = _g.Node("Slice", [cut, _g.Ints("from", 0), sequence, _g.Ints("axis", 2)]);
            cut = _g.Node("Slice", [cut, _g.Ints("from", 0), sequence, _g.Ints("axis", 3)]);
            scores = _g.Node("Add", [scores, cut]);
        }

        string context = _g.Node("MatMul", [_g.Node("Softmax", [scores], ("axis", -1)), split[2]]);
        context = _g.Node("Transpose", [context], ("perm", new long[] { 0, 2, 1, 3 }));
        context = _g.Node("Reshape", [context, _g.Ints("merged", 0, 0, d)]);
        return Linear(context, d, d);
    }

    private string Feed(string x)
    {
        int d = _shape.Hidden;
        int f = _shape.Ffn;
        if (_shape.Activation == "swiglu")
        {
            string gate = Linear(x, d, f);
            string silu = _g.Node("Mul", [gate, _g.Node("Sigmoid", [gate])]);
            return Linear(_g.Node("Mul", [silu, Linear(x, d, f)]), f, d);
        }

        string h = Linear(x, d, f);
        h = _shape.Activation switch
        {
            "relu" => _g.Node("Relu", [h]),
            "gelu" => Gelu(h),
            _ => TanhGelu(h),
        };
        return Linear(h, f, d);
    }

    private string Gelu(string h)
    {
        string erf = _g.Node("Erf", [_g.Node("Div", [h, _g.Floats("sqrt2", [], MathF.Sqrt(2))])]);
        return _g.Node("Mul", [_g.Node("Mul", [h, _g.Node("Add", [erf, _g.Floats("one", [], 1)])]), _g.Floats("half", [], 0.5f)]);
    }

    private string TanhGelu(string h)
    {
        string cubic = _g.Node("Mul", [_g.Node("Pow", [h, _g.Floats("three", [], 3)]), _g.Floats("c", [], 0.044715f)]);
        string inner = _g.Node("Mul", [_g.Node("Add", [h, cubic]), _g.Floats("k", [], 0.7978846f)]);
        string gate = _g.Node("Add", [_g.Node("Tanh", [inner]), _g.Floats("one", [], 1)]);
        return _g.Node("Mul", [_g.Node("Mul", [h, _g.Floats("half", [], 0.5f)]), gate]);
    }

    private string Linear(string x, int from, int to)
    {
        string y = _g.Node("MatMul", [x, _g.Weight("w", 0.6 / Math.Sqrt(from), 0, from, to)]);
        return _shape.Bias ? _g.Node("Add", [_g.Weight("b", 0.2, 0, to), y]) : y;
    }

    private string Norm(string x)
    {
        int d = _shape.Hidden;
        string gain = _g.Weight("gain", 0.3, 1, d);
        string? bias = _shape.Rms || !_shape.Bias ? null : _g.Weight("beta", 0.2, 0, d);
        if (!_shape.Decomposed)
        {
            return _g.Node("LayerNormalization", bias is null ? [x, gain] : [x, gain, bias], ("axis", -1), ("epsilon", _shape.Epsilon));
        }

        string centred = _shape.Rms ? x : _g.Node("Sub", [x, Mean(x)]);
        string square = _g.Node("Pow", [centred, _g.Floats("two", [], 2)]);
        string deviation = _g.Node("Sqrt", [_g.Node("Add", [Mean(square), _g.Floats("eps", [], _shape.Epsilon)])]);
        string standard = _shape.Rms
            ? _g.Node("Mul", [x, _g.Node("Reciprocal", [deviation])])
            : _g.Node("Div", [centred, deviation]);
        string scaled = _g.Node("Mul", [standard, gain]);
        return bias is null ? scaled : _g.Node("Add", [scaled, bias]);
    }

    private string Mean(string x) => _g.Node("ReduceMean", [x], ("axes", new long[] { -1 }), ("keepdims", 1));
}
