"""The GPT of gpt.py with control flow: If around one node or around all layers, Loop and Scan over stacked weights."""

import numpy as np

from blocks import attend, causal, dim, layer_norm, linear, merge_heads, gelu_tanh, split_heads, unsqueeze
from gpt import (CACHED_SIZES, EPSILON, HEADS, LAYERS, PARTS, SCALE, SIZE, SIZES, VOCABULARY, WIDTH, cached_inputs, embed, finish,
                 finish_cached, ids, layers, make_weights, mlp, attention, pasts, start, start_cached, three)
from graph import BOOL, F, I64, Graph, save
from manifest import entry, input_of


def branch(g, prefix, name, make):
    """The body of an If: make gives its outputs."""
    child = g.body(prefix)
    for i, (value, output) in enumerate(make(child)):
        child.output(value, output, F)
    return child.proto(name)


def if_squeeze(w):
    """torch.squeeze of an axis whose size is not known: an If on that size, Squeeze in one branch and Identity in the other."""
    g = Graph(14)
    start(g)
    x, sequence = embed(g, w)
    bias = causal(g, sequence)

    def squeezed(x):
        x = unsqueeze(g, x, 1)
        one = g.op("Equal", g.op("Gather", g.op("Shape", x), g.const(1), axis=0), g.const(1))
        prefix = g.prefix
        return g.op("If", one,
                    then_branch=branch(g, prefix + "then/", "torch_jit1", lambda c: [(c.op("Squeeze", x, c.const([1])), prefix + "squeezed")]),
                    else_branch=branch(g, prefix + "else/", "torch_jit2", lambda c: [(c.op("Identity", x), prefix + "kept")]))

    for i in range(LAYERS):
        p = f"h.{i}."
        g.prefix = f"/h.{i}/"
        a, _ = attention(g, w, p, layer_norm(g, x, w, p + "ln_1", EPSILON), bias)
        x = g.op("Add", x, squeezed(a))
        x = g.op("Add", x, mlp(g, w, p, layer_norm(g, x, w, p + "ln_2", EPSILON)))
    g.prefix = "/"
    finish(g, w, x)
    return g


def if_cache(w):
    """An If around every concatenation with the cache."""
    g = Graph(14)
    past = start_cached(g)
    x, sequence = embed(g, w, past)
    some = g.op("Greater", past, g.const(0))

    def join(g, past, new):
        g.prefix += "key/" if past.endswith("key") else "value/"
        prefix = g.prefix
        made = g.op("If", some,
                    then_branch=branch(g, prefix + "then/", "with_past", lambda c: [(c.op("Concat", past, new, axis=2), prefix + "longer")]),
                    else_branch=branch(g, prefix + "else/", "without_past", lambda c: [(c.op("Identity", new), prefix + "same")]))
        g.prefix = prefix.rsplit("/", 2)[0] + "/"
        return made

    x, presents = layers(g, w, x, causal(g, sequence, past), pasts(), join=join)
    finish(g, w, x)
    finish_cached(g, presents)
    return g


def merged(w):
    """Optimum's merged decoder: both branches of one If hold all layers and take their weights from outside."""
    g = Graph(14)
    g.input("input_ids", I64, ["batch", "sequence"])
    for names in pasts():
        for name in names:
            g.input(name, F, ["batch", HEADS, "past", SIZE])
    g.input("use_cache_branch", BOOL, [1])
    names = ["logits"] + [f"present.{i}.{part}" for i in range(LAYERS) for part in ("key", "value")]

    def decoder(kind):
        def make(c):
            past = dim(c, pasts()[0][0], 2) if kind == "then" else None
            c.prefix = f"/{kind}/"
            x, sequence = embed(c, w, past)
            x, presents = layers(c, w, x, causal(c, sequence, past), pasts() if kind == "then" else None, prefix=f"/{kind}/")
            y = linear(c, layer_norm(c, x, w, "ln_f", EPSILON), w, "lm_head")
            values = [y] + [value for pair in presents for value in pair]
            return [(value, f"{name}_{kind}") for name, value in zip(names, values)]
        return make

    outputs = g.op("If", "use_cache_branch", out=names, name="optimum::if",
                   then_branch=branch(g, "/then/", "with_past", decoder("then")),
                   else_branch=branch(g, "/else/", "no_past", decoder("else")))
    for name in outputs:
        g.output(name, name, F, ["batch", "sequence", VOCABULARY] if name == "logits" else ["batch", HEADS, "total", SIZE])
    return g


def _layer(c, x, bias, part):
    """One layer; part gives the weight of a name."""
    def norm(x, name):
        return c.op("LayerNormalization", x, part(name + ".weight"), part(name + ".bias"), axis=-1, epsilon=EPSILON)

    def dense(x, name):
        return c.op("Add", c.op("MatMul", x, part(name + ".weight")), part(name + ".bias"))

    q, k, v = (split_heads(c, t, HEADS, SIZE) for t in three(c, dense(norm(x, "ln_1"), "attn.c_attn")))
    x = c.op("Add", x, dense(merge_heads(c, attend(c, q, k, v, SCALE, bias), WIDTH), "attn.c_proj"))
    return c.op("Add", x, dense(gelu_tanh(c, dense(norm(x, "ln_2"), "mlp.c_fc")), "mlp.c_proj"))


def _stacks(g, w):
    return {part: g.init("stacked." + part, np.stack([w[f"h.{i}.{part}"] for i in range(LAYERS)])) for part in PARTS}


def loop(w):
    """A Loop whose number is the layer: its weights are gathered out of [layers, ...]."""
    g = Graph(17)
    start(g)
    x, sequence = embed(g, w)
    bias = causal(g, sequence)
    stacks = _stacks(g, w)
    c = g.body("/loop/")
    c.input("layer_number", I64, [])
    c.input("go_on", BOOL, [])
    c.input("hidden", F, ["batch", "sequence", WIDTH])
    y = _layer(c, "hidden", bias, lambda part: c.op("Gather", stacks[part], "layer_number", axis=0))
    c.output("go_on", "still_on", BOOL, [])
    c.output(y, "hidden_after", F, ["batch", "sequence", WIDTH])
    x = g.op("Loop", g.const(LAYERS), g.const(True, bool), x, body=c.proto("layer"))
    finish(g, w, x)
    return g


def scan(w):
    """A Scan over the stacked weights, as JAX runs its layers."""
    g = Graph(17)
    start(g)
    x, sequence = embed(g, w)
    bias = causal(g, sequence)
    stacks = _stacks(g, w)
    c = g.body("/scan/")
    c.input("hidden", F, ["batch", "sequence", WIDTH])
    for part in PARTS:
        c.input("one." + part, F, list(w["h.0." + part].shape))
    c.output(_layer(c, "hidden", bias, lambda part: "one." + part), "hidden_after", F, ["batch", "sequence", WIDTH])
    x = g.op("Scan", x, *stacks.values(), body=c.proto("layer"), num_scan_inputs=len(PARTS))
    finish(g, w, x)
    return g


def write(folder):
    w = make_weights()
    save(folder, "gpt-if-squeeze", if_squeeze(w))
    save(folder, "gpt-if-cache", if_cache(w))
    save(folder, "gpt-merged", merged(w))
    save(folder, "gpt-loop", loop(w))
    save(folder, "gpt-scan", scan(w))
    yield entry("gpt-if-squeeze", "gpt-plain", "If around Squeeze, as torch writes it", [ids], SIZES)
    yield entry("gpt-if-cache", "gpt-cache-plain", "If around the concatenation with the cache", cached_inputs(), CACHED_SIZES)
    yield entry("gpt-merged", "gpt-cache-plain", "Optimum's merged decoder: one If, all layers in both branches",
                cached_inputs() + [input_of("use_cache_branch", "bool", [1], "value", value="use")],
                [dict(size, use=int(size["past"] > 0)) for size in CACHED_SIZES])
    yield entry("gpt-loop", "gpt-plain", "Loop over layers, weights stacked", [ids], SIZES)
    yield entry("gpt-scan", "gpt-plain", "Scan over stacked weights, as from JAX", [ids], SIZES)
