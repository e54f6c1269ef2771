"""A T5 decoder (relative positions as attention_bias, cross attention) and a Whisper encoder, fused and in primitives."""

import numpy as np

from blocks import (Weights, attend, causal, dim, gelu_erf, gelu_tanh, layer_norm, linear, merge_heads, rms_norm, split_heads,
                    unsqueeze)
from graph import F, I32, I64, Graph, save
from manifest import entry, input_of

WIDTH, HEADS, SIZE, FFN, LAYERS, VOCABULARY, BUCKETS, EPSILON = 48, 3, 16, 64, 2, 100, 16, 1e-6
BANDS, FRAMES, EPSILON_W = 20, 24, 1e-5


def make_t5():
    w = Weights(51)
    w.table("shared", VOCABULARY, WIDTH)
    w.table("relative_attention_bias", BUCKETS, HEADS)
    for i in range(LAYERS):
        for block in ("self", "cross"):
            p = f"block.{i}.{block}."
            w.gain(p + "norm", WIDTH)
            # T5 does not divide by the root of the head's size; its queries are that much smaller.
            w.matrix(p + "q", WIDTH, WIDTH, 1.5 * SIZE ** -0.5)
            w.matrix(p + "k", WIDTH, WIDTH, 1.5)
            w.matrix(p + "v", WIDTH, WIDTH)
            w.matrix(p + "o", WIDTH, WIDTH)
        p = f"block.{i}.ff."
        w.gain(p + "norm", WIDTH)
        w.matrix(p + "wi_0", WIDTH, FFN)
        w.matrix(p + "wi_1", WIDTH, FFN)
        w.matrix(p + "wo", FFN, WIDTH)
    w.gain("final_norm", WIDTH)
    w.matrix("lm_head", WIDTH, VOCABULARY)
    return w


def _start_t5(g, w):
    g.input("input_ids", I64, ["batch", "sequence"])
    g.input("encoder_attention_mask", I32, ["batch", "encoder_sequence"])
    g.input("encoder_hidden_states", F, ["batch", "encoder_sequence", WIDTH])
    x = g.op("Gather", g.init("shared.weight", w["shared.weight"]), "input_ids")
    g.prefix = "/relative/"
    sequence = dim(g, "input_ids", 1)
    places = g.op("Range", g.const(0), sequence, g.const(1))
    back = g.op("Sub", unsqueeze(g, places, 1), unsqueeze(g, places, 0))
    back = g.op("Min", g.op("Max", back, g.const(0)), g.const(BUCKETS - 1))
    bias = g.op("Gather", g.init("relative_attention_bias.weight", w["relative_attention_bias.weight"]), back)
    bias = unsqueeze(g, g.op("Transpose", bias, perm=[2, 0, 1]), 0)
    return x, g.op("Add", bias, causal(g, sequence))


def t5_plain(w):
    g = Graph(14)
    x, bias = _start_t5(g, w)
    seen = g.op("Cast", unsqueeze(g, "encoder_attention_mask", 1, 2), to=F)
    hidden = g.op("Mul", g.op("Sub", g.f(1), seen), g.f(-1e9))
    for i in range(LAYERS):
        for block, source, mask in (("self", None, bias), ("cross", "encoder_hidden_states", hidden)):
            p = f"block.{i}.{block}."
            g.prefix = "/" + p.replace(".", "/")
            h = rms_norm(g, x, w, p + "norm", EPSILON)
            q = split_heads(g, linear(g, h, w, p + "q"), HEADS, SIZE)
            k, v = (split_heads(g, linear(g, source or h, w, p + n), HEADS, SIZE) for n in "kv")
            x = g.op("Add", x, linear(g, merge_heads(g, attend(g, q, k, v, 1.0, mask), WIDTH), w, p + "o"))
        p = f"block.{i}.ff."
        g.prefix = "/" + p.replace(".", "/")
        h = rms_norm(g, x, w, p + "norm", EPSILON)
        h = g.op("Mul", gelu_tanh(g, linear(g, h, w, p + "wi_0")), linear(g, h, w, p + "wi_1"))
        x = g.op("Add", x, linear(g, h, w, p + "wo"))
    g.prefix = "/head/"
    y = linear(g, rms_norm(g, x, w, "final_norm", EPSILON), w, "lm_head")
    g.output(y, "logits", F, ["batch", "sequence", VOCABULARY])
    return g


def t5_fused(w):
    g = Graph(14)
    x, bias = _start_t5(g, w)
    skip = None

    def norm(name):
        nonlocal x
        gain = g.init(name + ".weight", w[name + ".weight"])
        if skip is None:
            return g.op("SimplifiedLayerNormalization", x, gain, axis=-1, epsilon=EPSILON, stash_type=1)
        node = g.prefix + "SkipSimplifiedLayerNormalization"
        y, _, _, x = g.ms("SkipSimplifiedLayerNormalization", x, skip, gain, name=node, epsilon=EPSILON,
                          out=[node + "_output_0", "", "", node + "_output_3"])
        return y

    for i in range(LAYERS):
        p = f"block.{i}.self."
        g.prefix = "/" + p.replace(".", "/")
        h = norm(p + "norm")
        a = g.ms("MultiHeadAttention", *(linear(g, h, w, p + n) for n in "qkv"), None, None, bias, num_heads=HEADS, scale=1.0)
        skip = linear(g, a, w, p + "o")
        p = f"block.{i}.cross."
        g.prefix = "/" + p.replace(".", "/")
        h = norm(p + "norm")
        k, v = (linear(g, "encoder_hidden_states", w, p + n) for n in "kv")
        if i == 1:  # keys and values as [B, N, S, H]
            k, v = (split_heads(g, t, HEADS, SIZE) for t in (k, v))
        a = g.ms("MultiHeadAttention", linear(g, h, w, p + "q"), k, v, None, "encoder_attention_mask", num_heads=HEADS, scale=1.0,
                 mask_filter_value=-1e9)
        skip = linear(g, a, w, p + "o")
        p = f"block.{i}.ff."
        g.prefix = "/" + p.replace(".", "/")
        h = norm(p + "norm")
        h = g.op("Mul", g.ms("FastGelu", linear(g, h, w, p + "wi_0")), linear(g, h, w, p + "wi_1"))
        skip = linear(g, h, w, p + "wo")
    g.prefix = "/head/"
    y = g.ms("SkipSimplifiedLayerNormalization", x, skip, g.init("final_norm.weight", w["final_norm.weight"]), epsilon=EPSILON)
    g.output(linear(g, y, w, "lm_head"), "logits", F, ["batch", "sequence", VOCABULARY])
    return g


def make_whisper():
    w = Weights(52)
    for name, rows in (("conv1", BANDS), ("conv2", WIDTH)):
        w.matrix(name, 3 * rows, WIDTH, bias=True)
        w[name + ".weight"] = np.array(w[name + ".weight"].T.reshape(WIDTH, rows, 3), order="C")
    w.table("embed_positions", FRAMES, WIDTH, 0.5)
    for i in range(LAYERS):
        p = f"layers.{i}."
        w.gain(p + "self_attn_layer_norm", WIDTH, bias=True)
        w.matrix(p + "self_attn.q_proj", WIDTH, WIDTH, 1.5, bias=True)
        w.matrix(p + "self_attn.k_proj", WIDTH, WIDTH, 1.5)
        w.matrix(p + "self_attn.v_proj", WIDTH, WIDTH, bias=True)
        w.matrix(p + "self_attn.out_proj", WIDTH, WIDTH, bias=True)
        w.gain(p + "final_layer_norm", WIDTH, bias=True)
        w.matrix(p + "fc1", WIDTH, FFN, bias=True)
        w.matrix(p + "fc2", FFN, WIDTH, bias=True)
    w.gain("layer_norm", WIDTH, bias=True)
    return w


def _stem(g, w, gelu):
    g.input("input_features", F, ["batch", BANDS, "frames"])
    x = "input_features"
    for name, stride in (("conv1", 1), ("conv2", 2)):
        x = g.op("Conv", x, g.init(name + ".weight", w[name + ".weight"]), g.init(name + ".bias", w[name + ".bias"]),
                 kernel_shape=[3], pads=[1, 1], strides=[stride], dilations=[1], group=1)
        x = gelu(g, x)
    x = g.op("Transpose", x, perm=[0, 2, 1])
    positions = g.op("Slice", g.init("embed_positions.weight", w["embed_positions.weight"]), g.const([0]), unsqueeze(g, dim(g, x, 1), 0),
                     g.const([0]))
    return g.op("Add", x, positions)


def whisper_plain(w):
    g = Graph(14)
    x = _stem(g, w, gelu_erf)
    for i in range(LAYERS):
        p = f"layers.{i}."
        g.prefix = f"/layers.{i}/"
        h = layer_norm(g, x, w, p + "self_attn_layer_norm", EPSILON_W)
        q, k, v = (split_heads(g, linear(g, h, w, f"{p}self_attn.{n}_proj"), HEADS, SIZE) for n in "qkv")
        a = merge_heads(g, attend(g, q, k, v, SIZE ** -0.5), WIDTH)
        x = g.op("Add", x, linear(g, a, w, p + "self_attn.out_proj"))
        h = layer_norm(g, x, w, p + "final_layer_norm", EPSILON_W)
        x = g.op("Add", x, linear(g, gelu_erf(g, linear(g, h, w, p + "fc1")), w, p + "fc2"))
    g.prefix = "/"
    g.output(layer_norm(g, x, w, "layer_norm", EPSILON_W), "last_hidden_state", F, ["batch", "positions", WIDTH])
    return g


def whisper_fused(w):
    """The bias of the keys is zero in the joined bias; the projection's bias lies in SkipLayerNormalization."""
    g = Graph(17)
    x = _stem(g, w, lambda g, x: g.ms("Gelu", x))
    skip = None

    def product(x, name):
        return g.op("MatMul", x, g.init(name + ".weight", w[name + ".weight"]))

    def pair(name):
        return g.init(name + ".weight", w[name + ".weight"]), g.init(name + ".bias", w[name + ".bias"])

    def norm(name, bias=None):
        nonlocal x
        if skip is None:
            return g.op("LayerNormalization", x, *pair(name), axis=-1, epsilon=EPSILON_W)
        node = g.prefix + name + "/SkipLayerNorm"
        y, _, _, x = g.ms("SkipLayerNormalization", x, skip, *pair(name), g.init(bias, w[bias]), name=node, epsilon=EPSILON_W,
                          out=[node + "_output_0", "", "", node + "_output_3"])
        return y

    for i in range(LAYERS):
        p = f"layers.{i}."
        g.prefix = f"/layers.{i}/"
        h = norm(p + "self_attn_layer_norm", f"layers.{i - 1}.fc2.bias")
        bias = np.concatenate([w[p + "self_attn.q_proj.bias"], np.zeros(WIDTH, np.float32), w[p + "self_attn.v_proj.bias"]])
        a = g.ms("MultiHeadAttention", *(product(h, f"{p}self_attn.{n}_proj") for n in "qkv"), g.init(p + "self_attn.bias", bias),
                 num_heads=HEADS)
        skip = product(a, p + "self_attn.out_proj")
        h = norm(p + "final_layer_norm", p + "self_attn.out_proj.bias")
        skip = product(g.ms("BiasGelu", product(h, p + "fc1"), g.init(p + "fc1.bias", w[p + "fc1.bias"])), p + "fc2")
    g.prefix = "/"
    y = norm("layer_norm", f"layers.{LAYERS - 1}.fc2.bias")
    g.output(y, "last_hidden_state", F, ["batch", "positions", WIDTH])
    return g


def write(folder):
    w = make_t5()
    save(folder, "t5-decoder-plain", t5_plain(w))
    save(folder, "t5-decoder-ms", t5_fused(w))
    given = [input_of("input_ids", "int64", ["batch", "sequence"], "integers", 0, VOCABULARY - 1),
             input_of("encoder_attention_mask", "int32", ["batch", "encoder_sequence"], "mask"),
             input_of("encoder_hidden_states", "float32", ["batch", "encoder_sequence", WIDTH], "uniform", -1.0, 1.0)]
    yield entry("t5-decoder-ms", "t5-decoder-plain", "MultiHeadAttention with relative positions as attention_bias, and across to an encoder", given,
                [{"batch": b, "sequence": s, "encoder_sequence": e} for b, s, e in ((1, 1, 3), (2, 7, 5), (3, 20, 11))])
    w = make_whisper()
    save(folder, "whisper-encoder-plain", whisper_plain(w))
    save(folder, "whisper-encoder-ms", whisper_fused(w))
    yield entry("whisper-encoder-ms", "whisper-encoder-plain", "MultiHeadAttention with a bias, SkipLayerNormalization with bias and sum, BiasGelu",
                [input_of("input_features", "float32", ["batch", BANDS, "frames"], "uniform", -1.0, 1.0)],
                [{"batch": b, "frames": f} for b, f in ((1, 2), (2, 9), (2, 48))])
