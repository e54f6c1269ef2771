"""A BERT in several styles on the same weights: fused by ONNX Runtime's transformer optimiser, packed, TensorFlow's, and in primitives."""

import numpy as np

from blocks import Weights, attend, dim, gelu_erf, layer_norm, linear, merge_heads, split_heads, unsqueeze
from graph import F, I32, Graph, save
from manifest import entry, input_of

WIDTH, HEADS, SIZE, FFN, LAYERS, VOCABULARY, LONGEST, TYPES, EPSILON = 48, 3, 16, 96, 2, 100, 32, 2, 1e-5
SCALE = SIZE ** -0.5


def make_weights(seed=21, shared=False):
    w = Weights(seed)
    w.table("embeddings.word", VOCABULARY, WIDTH)
    w.table("embeddings.position", LONGEST, WIDTH, 0.5)
    w.table("embeddings.type", TYPES, WIDTH, 0.5)
    w.gain("embeddings.norm", WIDTH, bias=True)
    for i in range(1 if shared else LAYERS):
        p = f"layer.{i}."
        w.matrix(p + "query", WIDTH, WIDTH, 1.5, bias=True)
        w.matrix(p + "key", WIDTH, WIDTH, 1.5, bias=True)
        w.matrix(p + "value", WIDTH, WIDTH, bias=True)
        w.matrix(p + "attention.output", WIDTH, WIDTH, bias=True)
        w.gain(p + "attention.norm", WIDTH, bias=True)
        w.matrix(p + "intermediate", WIDTH, FFN, bias=True)
        w.matrix(p + "output", FFN, WIDTH, bias=True)
        w.gain(p + "norm", WIDTH, bias=True)
    if shared:
        for name in [n for n in w if n.startswith("layer.0.")]:
            for i in range(1, LAYERS):
                w[name.replace("layer.0.", f"layer.{i}.")] = w[name]
    w.matrix("head.transform", WIDTH, WIDTH, bias=True)
    w.gain("head.norm", WIDTH, bias=True)
    w["head.bias"] = (w.random.standard_normal(VOCABULARY) * 0.2).astype(np.float32)
    return w


def init(g, w, name):
    return g.init(name, w[name])


def _inputs(g, kind):
    for name in ("input_ids", "attention_mask", "token_type_ids"):
        g.input(name, kind, ["batch", "sequence"])


def _finish(g, y):
    g.output(y, "logits", F, ["batch", "sequence", VOCABULARY])


def additive(g):
    """(1 - mask) * -10000 as [B, 1, 1, S]."""
    mask = g.op("Cast", unsqueeze(g, "attention_mask", 1, 2), to=F)
    return g.op("Mul", g.op("Sub", g.f(1), mask), g.f(-10000))


def embeddings(g, w):
    x = g.op("Add", g.op("Gather", init(g, w, "embeddings.word.weight"), "input_ids"),
             g.op("Gather", init(g, w, "embeddings.type.weight"), "token_type_ids"))
    sequence = unsqueeze(g, dim(g, "input_ids", 1), 0)
    positions = g.op("Slice", init(g, w, "embeddings.position.weight"), g.const([0]), sequence, g.const([0]))
    return layer_norm(g, g.op("Add", x, positions), w, "embeddings.norm", EPSILON)


def head(g, w, x):
    x = layer_norm(g, gelu_erf(g, linear(g, x, w, "head.transform")), w, "head.norm", EPSILON)
    y = g.op("MatMul", x, g.op("Transpose", init(g, w, "embeddings.word.weight"), perm=[1, 0]))
    return g.op("Add", y, init(g, w, "head.bias"))


def plain(w, kind, layer=lambda i: i):
    """layer: whose weights layer i takes."""
    g = Graph(14)
    _inputs(g, kind)
    x = embeddings(g, w)
    bias = additive(g)
    for i in range(LAYERS):
        p = f"layer.{layer(i)}."
        g.prefix = f"/layer.{i}/"
        q, k, v = (split_heads(g, linear(g, x, w, p + n), HEADS, SIZE) for n in ("query", "key", "value"))
        a = linear(g, merge_heads(g, attend(g, q, k, v, SCALE, bias), WIDTH), w, p + "attention.output")
        x = layer_norm(g, g.op("Add", a, x), w, p + "attention.norm", EPSILON)
        h = linear(g, gelu_erf(g, linear(g, x, w, p + "intermediate")), w, p + "output")
        x = layer_norm(g, g.op("Add", h, x), w, p + "norm", EPSILON)
    g.prefix = "/head/"
    _finish(g, head(g, w, x))
    return g


def _joined(g, w, p):
    weight = g.init(p + "qkv.weight", np.concatenate([w[f"{p}{n}.weight"] for n in ("query", "key", "value")], 1))
    bias = g.init(p + "qkv.bias", np.concatenate([w[f"{p}{n}.bias"] for n in ("query", "key", "value")]))
    return weight, bias


def _skip_norm(g, w, x, skip, bias, name):
    """SkipLayerNormalization with the bias of the projection before it."""
    return g.ms("SkipLayerNormalization", x, skip, init(g, w, name + ".weight"), init(g, w, name + ".bias"), bias, epsilon=EPSILON)


def _mlp(g, w, x, p):
    h = g.op("MatMul", x, init(g, w, p + "intermediate.weight"))
    h = g.ms("BiasGelu", h, init(g, w, p + "intermediate.bias"))
    return g.op("MatMul", h, init(g, w, p + "output.weight"))


def _fused_head(g, w, x):
    h = g.ms("BiasGelu", g.op("MatMul", x, init(g, w, "head.transform.weight")), init(g, w, "head.transform.bias"))
    h = g.op("LayerNormalization", h, init(g, w, "head.norm.weight"), init(g, w, "head.norm.bias"), axis=-1, epsilon=EPSILON)
    y = g.ms("FusedMatMul", h, init(g, w, "embeddings.word.weight"), transA=0, transB=1, alpha=1.0)
    return g.op("Add", y, init(g, w, "head.bias"))


def _fused_embeddings(g, w, mask):
    return g.ms("EmbedLayerNormalization", "input_ids", "token_type_ids", init(g, w, "embeddings.word.weight"),
                init(g, w, "embeddings.position.weight"), init(g, w, "embeddings.type.weight"), init(g, w, "embeddings.norm.weight"),
                init(g, w, "embeddings.norm.bias"), mask, n=2, epsilon=EPSILON)


def embedded(w):
    """EmbedLayerNormalization, Attention on the lengths, SkipLayerNormalization with a bias, BiasGelu."""
    g = Graph(17, constants="init")
    _inputs(g, I32)
    x, lengths = _fused_embeddings(g, w, "attention_mask")
    for i in range(LAYERS):
        p = f"layer.{i}."
        g.prefix = f"/layer.{i}/"
        a = g.ms("Attention", x, *_joined(g, w, p), lengths, num_heads=HEADS)
        a = g.op("MatMul", a, init(g, w, p + "attention.output.weight"))
        x = _skip_norm(g, w, a, x, init(g, w, p + "attention.output.bias"), p + "attention.norm")
        x = _skip_norm(g, w, _mlp(g, w, x, p), x, init(g, w, p + "output.bias"), p + "norm")
    g.prefix = "/head/"
    _finish(g, _fused_head(g, w, x))
    return g


def many_heads(w):
    """MultiHeadAttention with its bias and a mask of keys; Attention's residual by SkipLayerNormalization without a bias."""
    g = Graph(17)
    _inputs(g, I32)
    x, _ = _fused_embeddings(g, w, None)
    for i in range(LAYERS):
        p = f"layer.{i}."
        g.prefix = f"/layer.{i}/"
        q, k, v = (g.op("MatMul", x, init(g, w, f"{p}{n}.weight")) for n in ("query", "key", "value"))
        bias = _joined_bias(g, w, p)
        a = g.ms("MultiHeadAttention", q, k, v, bias, "attention_mask", num_heads=HEADS, mask_filter_value=-10000.0)
        a = linear(g, a, w, p + "attention.output")
        x = _skip_norm(g, w, x, a, None, p + "attention.norm")
        x = _skip_norm(g, w, x, g.op("Add", _mlp(g, w, x, p), init(g, w, p + "output.bias")), None, p + "norm")
    g.prefix = "/head/"
    _finish(g, _fused_head(g, w, x))
    return g


def _joined_bias(g, w, p):
    return g.init(p + "qkv.bias", np.concatenate([w[f"{p}{n}.bias"] for n in ("query", "key", "value")]))


def packed(w, heads):
    """Tokens without their padding: RemovePadding, PackedAttention or PackedMultiHeadAttention, RestorePadding."""
    g = Graph(17)
    _inputs(g, I32)
    x, lengths = _fused_embeddings(g, w, "attention_mask")
    x, offset, cumulated, _ = g.ms("RemovePadding", x, lengths, n=4)
    for i in range(LAYERS):
        p = f"layer.{i}."
        g.prefix = f"/layer.{i}/"
        if heads:
            q, k, v = (g.op("MatMul", x, init(g, w, f"{p}{n}.weight")) for n in ("query", "key", "value"))
            a = g.ms("PackedMultiHeadAttention", q, k, v, _joined_bias(g, w, p), offset, cumulated, num_heads=HEADS, scale=SCALE)
        else:
            a = g.ms("PackedAttention", x, *_joined(g, w, p), offset, cumulated, num_heads=HEADS, scale=SCALE)
        a = g.op("MatMul", a, init(g, w, p + "attention.output.weight"))
        x = _skip_norm(g, w, a, x, init(g, w, p + "attention.output.bias"), p + "attention.norm")
        x = _skip_norm(g, w, _mlp(g, w, x, p), x, init(g, w, p + "output.bias"), p + "norm")
    g.prefix = "/head/"
    _finish(g, _fused_head(g, w, g.ms("RestorePadding", x, offset)))
    return g


def inputs(kind):
    dims = ["batch", "sequence"]
    return [input_of("input_ids", kind, dims, "integers", 0, VOCABULARY - 1), input_of("attention_mask", kind, dims, "mask"),
            input_of("token_type_ids", kind, dims, "integers", 0, TYPES - 1)]


SIZES = [{"batch": b, "sequence": s} for b, s in ((1, 1), (2, 7), (3, 32))]


def write(folder):
    w = make_weights()
    save(folder, "bert-int32-plain", plain(w, I32))
    save(folder, "bert-embed-ms", embedded(w))
    save(folder, "bert-mha-ms", many_heads(w))
    save(folder, "bert-packed-attention-ms", packed(w, heads=False))
    save(folder, "bert-packed-heads-ms", packed(w, heads=True))
    yield entry("bert-embed-ms", "bert-int32-plain", "ONNX Runtime's transformer optimiser: EmbedLayerNormalization, Attention on lengths, biases in SkipLayerNormalization",
                inputs("int32"), SIZES)
    yield entry("bert-mha-ms", "bert-int32-plain", "MultiHeadAttention with a bias and a mask of keys", inputs("int32"), SIZES)
    yield entry("bert-packed-attention-ms", "bert-int32-plain", "packed tokens: PackedAttention", inputs("int32"), SIZES, runs=False)
    yield entry("bert-packed-heads-ms", "bert-int32-plain", "packed tokens: PackedMultiHeadAttention", inputs("int32"), SIZES, runs=False)
