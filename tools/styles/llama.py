"""A Llama with grouped queries and a cache: as ONNX Runtime GenAI's builder writes it, with opset 23, and in primitives.

All take the same weights and compute the same, so one plain file is the twin of several.
"""

import numpy as np

from blocks import Weights, attend, causal, dim, linear, merge_heads, repeat_heads, rms_norm, rotary_tables, rotate, silu, split_heads, unsqueeze
from graph import F, I32, I64, Graph, save
from manifest import entry, input_of

WIDTH, HEADS, GROUPS, SIZE, FFN, LAYERS, VOCABULARY, LONGEST, EPSILON = 64, 4, 2, 16, 72, 2, 70, 64, 1e-5
SCALE = SIZE ** -0.5


def make_weights():
    w = Weights(11)
    w.table("model.embed_tokens", VOCABULARY, WIDTH)
    for i in range(LAYERS):
        p = f"model.layers.{i}."
        w.gain(p + "input_layernorm", WIDTH)
        w.matrix(p + "attn.q_proj.MatMul", WIDTH, HEADS * SIZE, 1.5)
        w.matrix(p + "attn.k_proj.MatMul", WIDTH, GROUPS * SIZE, 1.5)
        w.matrix(p + "attn.v_proj.MatMul", WIDTH, GROUPS * SIZE)
        w.matrix(p + "attn.o_proj.MatMul", HEADS * SIZE, WIDTH)
        w.gain(p + "post_attention_layernorm", WIDTH)
        w.matrix(p + "mlp.gate_proj.MatMul", WIDTH, FFN)
        w.matrix(p + "mlp.up_proj.MatMul", WIDTH, FFN)
        w.matrix(p + "mlp.down_proj.MatMul", FFN, WIDTH)
    w.gain("model.final_norm", WIDTH)
    w.matrix("lm_head.MatMul", WIDTH, VOCABULARY)
    return w


def _start(g, cache=True):
    g.input("input_ids", I64, ["batch", "sequence"])
    if cache:
        g.input("attention_mask", I64, ["batch", "total"])
        for i in range(LAYERS):
            for part in ("key", "value"):
                g.input(f"past_key_values.{i}.{part}", F, ["batch", GROUPS, "past", SIZE])


def _finish(g, y, presents):
    g.output(y, "logits", F, ["batch", "sequence", VOCABULARY])
    for i, pair in enumerate(presents):
        for part, value in zip(("key", "value"), pair):
            g.output(value, f"present.{i}.{part}", F, ["batch", GROUPS, "total", SIZE])


def embed(g, w):
    return g.op("Gather", g.init("model.embed_tokens.weight", w["model.embed_tokens.weight"]), "input_ids")


def gated(g, x, w, p, activation):
    gate = linear(g, x, w, p + "mlp.gate_proj.MatMul")
    up = linear(g, x, w, p + "mlp.up_proj.MatMul")
    return linear(g, g.op("Mul", activation(g, gate), up), w, p + "mlp.down_proj.MatMul")


def plain(w, cache=True, softcap=None, interleaved=False):
    g = Graph(14)
    _start(g, cache)
    cosine, sine = (g.init(n, t) for n, t in zip(("cos_cache", "sin_cache"), rotary_tables(LONGEST, SIZE)))
    x = embed(g, w)
    sequence = dim(g, "input_ids", 1)
    past = dim(g, "past_key_values.0.key", 2) if cache else None
    bias = causal(g, sequence, past)
    positions = g.op("Range", past or g.const(0), g.op("Add", past, sequence) if cache else sequence, g.const(1))
    cosine, sine = g.op("Gather", cosine, positions), g.op("Gather", sine, positions)
    presents = []
    for i in range(LAYERS):
        g.prefix = f"/model/layers.{i}/"
        p = f"model.layers.{i}."
        h = rms_norm(g, x, w, p + "input_layernorm", EPSILON)
        q = split_heads(g, linear(g, h, w, p + "attn.q_proj.MatMul"), HEADS, SIZE)
        k = split_heads(g, linear(g, h, w, p + "attn.k_proj.MatMul"), GROUPS, SIZE)
        v = split_heads(g, linear(g, h, w, p + "attn.v_proj.MatMul"), GROUPS, SIZE)
        q = rotate(g, q, cosine, sine, SIZE, interleaved=interleaved)
        k = rotate(g, k, cosine, sine, SIZE, interleaved=interleaved)
        if cache:
            k = g.op("Concat", f"past_key_values.{i}.key", k, axis=2)
            v = g.op("Concat", f"past_key_values.{i}.value", v, axis=2)
            presents.append((k, v))
        a = attend(g, q, repeat_heads(g, k, GROUPS, HEADS, SIZE), repeat_heads(g, v, GROUPS, HEADS, SIZE), SCALE, bias, softcap)
        x = g.op("Add", x, linear(g, merge_heads(g, a, HEADS * SIZE), w, p + "attn.o_proj.MatMul"))
        h = rms_norm(g, x, w, p + "post_attention_layernorm", EPSILON)
        x = g.op("Add", x, gated(g, h, w, p, silu))
    g.prefix = "/model/"
    y = linear(g, rms_norm(g, x, w, "model.final_norm", EPSILON), w, "lm_head.MatMul")
    _finish(g, y, presents)
    return g


def genai(w, packed):
    """GroupQueryAttention with its own rotation and cache. packed: q, k, v in one matrix, and SiLU as QuickGelu."""
    g = Graph(14, constants="init" if packed else "node")
    _start(g)
    cosine, sine = (g.init(n, t) for n, t in zip(("cos_cache", "sin_cache"), rotary_tables(LONGEST, SIZE)))
    g.prefix = "/model/attn_mask_reformat/attn_mask_subgraph/"
    lengths = g.op("ReduceSum", "attention_mask", g.const([1]), keepdims=1)
    lengths = g.op("Cast", g.op("Sub", lengths, g.const([1])), to=I32)
    total = g.op("Cast", g.op("Gather", g.op("Shape", "attention_mask"), g.const(1), axis=0), to=I32)
    g.prefix = "/model/embed_tokens/"
    x = embed(g, w)
    presents, skip = [], None
    for i in range(LAYERS):
        p = f"model.layers.{i}."

        def norm(x, skip, name, more=True):
            gain = g.init(name + ".weight", w[name + ".weight"])
            if skip is None:
                g.prefix = "/" + name.replace(".", "/") + "/LayerNorm/"
                return g.op("SimplifiedLayerNormalization", x, gain, axis=-1, epsilon=EPSILON, stash_type=1), x
            g.prefix = "/" + name.replace(".", "/") + "/SkipLayerNorm/"
            node = f"{g.prefix}SkipSimplifiedLayerNormalization"
            out = [node + "_output_0", "", "", node + "_output_3"] if more else [node + "_output_0"]
            g.ms("SkipSimplifiedLayerNormalization", x, skip, gain, out=out, name=node, epsilon=EPSILON)
            return out[0], out[-1]

        h, x = norm(x, skip, p + "input_layernorm")
        g.prefix = f"/model/layers.{i}/attn/"
        if packed:
            name = p + "attn.qkv_proj.MatMul.weight"
            joined = np.concatenate([w[f"{p}attn.{c}_proj.MatMul.weight"] for c in "qkv"], 1)
            q, k, v = g.op("MatMul", h, g.init(name, joined)), None, None
        else:
            q, k, v = (linear(g, h, w, f"{p}attn.{c}_proj.MatMul") for c in "qkv")
        a, key, value = g.ms("GroupQueryAttention", q, k, v, f"past_key_values.{i}.key", f"past_key_values.{i}.value", lengths, total,
                             cosine, sine, n=3, num_heads=HEADS, kv_num_heads=GROUPS, scale=SCALE, local_window_size=-1, softcap=0.0,
                             do_rotary=1, rotary_interleaved=0)
        presents.append((key, value))
        skip = linear(g, a, w, p + "attn.o_proj.MatMul")
        h, x = norm(x, skip, p + "post_attention_layernorm")
        g.prefix = f"/model/layers.{i}/mlp/"
        skip = gated(g, h, w, p, (lambda g, x: g.ms("QuickGelu", x, alpha=1.0)) if packed else silu)
    h, _ = norm(x, skip, "model.final_norm", more=False)
    g.prefix = "/lm_head/"
    _finish(g, linear(g, h, w, "lm_head.MatMul"), presents)
    return g


def opset23(w):
    """The standard's own RMSNormalization, RotaryEmbedding and Attention on [B, S, N*H], with a cache."""
    g = Graph(23)
    _start(g)
    cosine, sine = (g.init(n, t) for n, t in zip(("cos_cache", "sin_cache"), rotary_tables(LONGEST, SIZE)))
    x = embed(g, w)
    past = dim(g, "past_key_values.0.key", 2)
    ids = g.op("Range", past, g.op("Add", past, dim(g, "input_ids", 1)), g.const(1))
    ids = g.op("Expand", unsqueeze(g, ids, 0), g.op("Shape", "input_ids"))
    presents = []
    for i in range(LAYERS):
        g.prefix = f"/model/layers.{i}/"
        p = f"model.layers.{i}."
        h = g.op("RMSNormalization", x, g.init(p + "input_layernorm.weight", w[p + "input_layernorm.weight"]), axis=-1, epsilon=EPSILON)
        q, k, v = (linear(g, h, w, f"{p}attn.{c}_proj.MatMul") for c in "qkv")
        q = g.op("RotaryEmbedding", q, cosine, sine, ids, num_heads=HEADS)
        k = g.op("RotaryEmbedding", k, cosine, sine, ids, num_heads=GROUPS)
        a, key, value = g.op("Attention", q, k, v, None, f"past_key_values.{i}.key", f"past_key_values.{i}.value", n=3,
                             q_num_heads=HEADS, kv_num_heads=GROUPS, is_causal=1, scale=SCALE)
        presents.append((key, value))
        x = g.op("Add", x, linear(g, a, w, p + "attn.o_proj.MatMul"))
        h = g.op("RMSNormalization", x, g.init(p + "post_attention_layernorm.weight", w[p + "post_attention_layernorm.weight"]),
                 axis=-1, epsilon=EPSILON)
        x = g.op("Add", x, gated(g, h, w, p, silu))
    h = g.op("RMSNormalization", x, g.init("model.final_norm.weight", w["model.final_norm.weight"]), axis=-1, epsilon=EPSILON)
    _finish(g, linear(g, h, w, "lm_head.MatMul"), presents)
    return g


def opset23_heads(w):
    """Attention on [B, N, S, H] with a mask and a soft cap; the rotation interleaved."""
    g = Graph(23, constants="init")
    _start(g, cache=False)
    cosine, sine = rotary_tables(LONGEST, SIZE)
    cosine, sine = g.init("cos_cache", cosine), g.init("sin_cache", sine)
    x = embed(g, w)
    sequence = dim(g, "input_ids", 1)
    shape = g.op("Shape", "input_ids")
    ids = g.op("Expand", unsqueeze(g, g.op("Range", g.const(0), sequence, g.const(1)), 0), shape)
    square = g.op("Concat", unsqueeze(g, sequence, 0), unsqueeze(g, sequence, 0), axis=0)
    mask = g.op("Trilu", g.op("Expand", g.const(True, bool), square), upper=0)
    for i in range(LAYERS):
        g.prefix = f"/model/layers.{i}/"
        p = f"model.layers.{i}."
        h = g.op("RMSNormalization", x, g.init(p + "input_layernorm.weight", w[p + "input_layernorm.weight"]), epsilon=EPSILON)
        q = split_heads(g, linear(g, h, w, p + "attn.q_proj.MatMul"), HEADS, SIZE)
        k = split_heads(g, linear(g, h, w, p + "attn.k_proj.MatMul"), GROUPS, SIZE)
        v = split_heads(g, linear(g, h, w, p + "attn.v_proj.MatMul"), GROUPS, SIZE)
        q = g.op("RotaryEmbedding", q, cosine, sine, ids, interleaved=1)
        k = g.op("RotaryEmbedding", k, cosine, sine, ids, interleaved=1)
        a = g.op("Attention", q, k, v, mask, softcap=5.0)
        x = g.op("Add", x, linear(g, merge_heads(g, a, HEADS * SIZE), w, p + "attn.o_proj.MatMul"))
        h = g.op("RMSNormalization", x, g.init(p + "post_attention_layernorm.weight", w[p + "post_attention_layernorm.weight"]), epsilon=EPSILON)
        x = g.op("Add", x, gated(g, h, w, p, silu))
    h = g.op("RMSNormalization", x, g.init("model.final_norm.weight", w["model.final_norm.weight"]), epsilon=EPSILON)
    _finish(g, linear(g, h, w, "lm_head.MatMul"), [])
    return g


def write(folder):
    w = make_weights()
    ids = input_of("input_ids", "int64", ["batch", "sequence"], "integers", 0, VOCABULARY - 1)
    cached = [ids, input_of("attention_mask", "int64", ["batch", "past+sequence"], "ones")]
    for i in range(LAYERS):
        for part in ("key", "value"):
            cached.append(input_of(f"past_key_values.{i}.{part}", "float32", ["batch", GROUPS, "past", SIZE], "uniform", -1.0, 1.0))
    sizes = [{"batch": b, "sequence": s, "past": p} for b, s, p in ((1, 1, 0), (2, 7, 0), (2, 1, 5), (1, 4, 9))]
    free = [{"batch": b, "sequence": s} for b, s in ((1, 1), (2, 7), (3, 20))]
    save(folder, "llama-plain", plain(w))
    save(folder, "llama-softcap-plain", plain(w, cache=False, softcap=5.0, interleaved=True))
    save(folder, "llama-gqa-ms", genai(w, packed=False))
    save(folder, "llama-gqa-packed-ms", genai(w, packed=True))
    save(folder, "llama-op23", opset23(w), ir=10)
    save(folder, "llama-op23-heads", opset23_heads(w), ir=10)
    yield entry("llama-gqa-ms", "llama-plain", "ONNX Runtime GenAI's builder", cached, sizes)
    yield entry("llama-gqa-packed-ms", "llama-plain", "ONNX Runtime GenAI's builder; packed q, k, v; QuickGelu", cached, sizes)
    yield entry("llama-op23", "llama-plain", "opset 23: RMSNormalization, RotaryEmbedding, Attention with a cache", cached, sizes)
    yield entry("llama-op23-heads", "llama-softcap-plain", "opset 23: Attention on [batch, heads, sequence, size], masked, soft cap", [ids], free)
