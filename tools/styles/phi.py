"""A Phi: attention and feed-forward side by side, partly rotated heads, a cache; fused and in primitives."""

from blocks import Weights, attend, causal, dim, gelu_tanh, layer_norm, linear, merge_heads, rotary_tables, rotate, split_heads, unsqueeze
from graph import F, I64, Graph, save
from manifest import entry, input_of

WIDTH, HEADS, SIZE, ROTARY, FFN, LAYERS, VOCABULARY, LONGEST, EPSILON = 48, 3, 16, 8, 96, 2, 100, 64, 1e-5
SCALE = SIZE ** -0.5


def make_weights():
    w = Weights(31)
    w.table("model.embed_tokens", VOCABULARY, WIDTH)
    for i in range(LAYERS):
        p = f"model.layers.{i}."
        w.gain(p + "input_layernorm", WIDTH, bias=True)
        for c, spread in (("q", 1.5), ("k", 1.5), ("v", 1.0)):
            w.matrix(f"{p}attn.{c}_proj", WIDTH, WIDTH, spread, bias=True)
        w.matrix(p + "attn.dense", WIDTH, WIDTH, bias=True)
        w.matrix(p + "mlp.fc1", WIDTH, FFN, bias=True)
        w.matrix(p + "mlp.fc2", FFN, WIDTH, bias=True)
    w.gain("model.final_layernorm", WIDTH, bias=True)
    w.matrix("lm_head", WIDTH, VOCABULARY, bias=True)
    return w


def _start(g):
    g.input("input_ids", I64, ["batch", "sequence"])
    g.input("position_ids", I64, ["batch", "sequence"])
    for i in range(LAYERS):
        for part in ("key", "value"):
            g.input(f"past_key_values.{i}.{part}", F, ["batch", HEADS, "past", SIZE])
    return [g.init(n, t) for n, t in zip(("cos_cache", "sin_cache"), rotary_tables(LONGEST, ROTARY))]


def _finish(g, y, presents):
    g.output(y, "logits", F, ["batch", "sequence", VOCABULARY])
    for i, pair in enumerate(presents):
        for part, value in zip(("key", "value"), pair):
            g.output(value, f"present.{i}.{part}", F, ["batch", HEADS, "total", SIZE])


def embed(g, w):
    return g.op("Gather", g.init("model.embed_tokens.weight", w["model.embed_tokens.weight"]), "input_ids")


def plain(w):
    g = Graph(14)
    cosine, sine = _start(g)
    x = embed(g, w)
    bias = causal(g, dim(g, "input_ids", 1), dim(g, "past_key_values.0.key", 2))
    cosine, sine = (unsqueeze(g, g.op("Gather", t, "position_ids"), 1) for t in (cosine, sine))
    presents = []
    for i in range(LAYERS):
        g.prefix = f"/model/layers.{i}/"
        p = f"model.layers.{i}."
        h = layer_norm(g, x, w, p + "input_layernorm", EPSILON)
        q, k, v = (split_heads(g, linear(g, h, w, f"{p}attn.{c}_proj"), HEADS, SIZE) for c in "qkv")
        q, k = (rotate(g, t, cosine, sine, SIZE, ROTARY) for t in (q, k))
        k = g.op("Concat", f"past_key_values.{i}.key", k, axis=2)
        v = g.op("Concat", f"past_key_values.{i}.value", v, axis=2)
        presents.append((k, v))
        a = linear(g, merge_heads(g, attend(g, q, k, v, SCALE, bias), WIDTH), w, p + "attn.dense")
        m = linear(g, gelu_tanh(g, linear(g, h, w, p + "mlp.fc1")), w, p + "mlp.fc2")
        x = g.op("Add", g.op("Add", a, m), x)
    g.prefix = "/model/"
    _finish(g, linear(g, layer_norm(g, x, w, "model.final_layernorm", EPSILON), w, "lm_head"), presents)
    return g


def fused(w):
    """RotaryEmbedding and MultiHeadAttention, causal by itself; FastGelu with and without its bias."""
    g = Graph(17)
    cosine, sine = _start(g)
    x = embed(g, w)
    presents = []
    for i in range(LAYERS):
        g.prefix = f"/model/layers.{i}/"
        p = f"model.layers.{i}."
        gain, shift = (g.init(f"{p}input_layernorm.{n}", w[f"{p}input_layernorm.{n}"]) for n in ("weight", "bias"))
        if i == 0:
            h = g.op("LayerNormalization", x, gain, shift, axis=-1, epsilon=EPSILON, stash_type=1)
        else:
            node = g.prefix + "SkipLayerNorm"
            h, _, _, x = g.ms("SkipLayerNormalization", x, branches, gain, shift, name=node, epsilon=EPSILON,
                              out=[node + "_output_0", "", "", node + "_output_3"])
        q, k, v = (linear(g, h, w, f"{p}attn.{c}_proj") for c in "qkv")
        q, k = (g.ms("RotaryEmbedding", t, "position_ids", cosine, sine, num_heads=HEADS, rotary_embedding_dim=ROTARY, interleaved=0)
                for t in (q, k))
        a, key, value = g.ms("MultiHeadAttention", q, k, v, None, None, None, f"past_key_values.{i}.key", f"past_key_values.{i}.value",
                             n=3, num_heads=HEADS, scale=SCALE, unidirectional=1)
        presents.append((key, value))
        a = linear(g, a, w, p + "attn.dense")
        if i == 0:
            m = g.op("MatMul", h, g.init(p + "mlp.fc1.weight", w[p + "mlp.fc1.weight"]))
            m = g.ms("FastGelu", m, g.init(p + "mlp.fc1.bias", w[p + "mlp.fc1.bias"]))
        else:
            m = g.ms("FastGelu", linear(g, h, w, p + "mlp.fc1"))
        branches = g.op("Add", a, linear(g, m, w, p + "mlp.fc2"))
    g.prefix = "/model/final/"
    gain, shift = (g.init(f"model.final_layernorm.{n}", w[f"model.final_layernorm.{n}"]) for n in ("weight", "bias"))
    h = g.ms("SkipLayerNormalization", x, branches, gain, shift, epsilon=EPSILON)
    _finish(g, linear(g, h, w, "lm_head"), presents)
    return g


def write(folder):
    w = make_weights()
    given = [input_of("input_ids", "int64", ["batch", "sequence"], "integers", 0, VOCABULARY - 1),
             input_of("position_ids", "int64", ["batch", "sequence"], "positions")]
    for i in range(LAYERS):
        for part in ("key", "value"):
            given.append(input_of(f"past_key_values.{i}.{part}", "float32", ["batch", HEADS, "past", SIZE], "uniform", -1.0, 1.0))
    sizes = [{"batch": b, "sequence": s, "past": p} for b, s, p in ((1, 1, 0), (2, 7, 0), (2, 1, 5), (2, 4, 9))]
    save(folder, "phi-plain", plain(w))
    save(folder, "phi-mha-ms", fused(w))
    yield entry("phi-mha-ms", "phi-plain", "RotaryEmbedding, MultiHeadAttention with a cache, FastGelu; parallel branches", given, sizes)
