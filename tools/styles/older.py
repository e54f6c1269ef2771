"""The GPT of gpt.py in opsets 9 to 13: every way to write a causal mask, and other activations."""

import numpy as np
from onnx import numpy_helper

from blocks import dim, gelu_erf, layer_norm, linear, merge_heads, quick_gelu, silu, split_heads, unsqueeze
from gpt import EPSILON, HEADS, LAYERS, LONGEST, SIZE, SIZES, WIDTH, finish, ids, init, make_weights, plain, start, three
from graph import BOOL, F, Graph, save
from manifest import entry


# Masks: each gives (scores -> masked scores), and the places 0, 1, ... for the table of positions.
def by_nonzero(g, sequence):
    """Opset 9 has no Range: the places are where ones are not zero."""
    ones = g.op("ConstantOfShape", sequence, value=numpy_helper.from_array(np.array([1], np.int64)))
    places = g.op("Squeeze", g.op("Transpose", g.op("NonZero", ones), perm=[1, 0]), axes=[1])
    later = g.op("Cast", g.op("Greater", unsqueeze(g, places, 0), unsqueeze(g, places, 1)), to=F)
    bias = g.op("Mul", later, g.f(-10000))
    return lambda s: g.op("Add", s, bias), places


def _buffer(g, sequence, array):
    square = g.op("Concat", sequence, sequence, axis=0)
    return g.op("Slice", g.init("bias", array), g.const([0, 0]), square, g.const([2, 3]))


def by_where(g, sequence):
    """A buffer of bytes, cut and cast to bool; Where over the scores, as GPT-2 has it."""
    seen = _buffer(g, sequence, np.tril(np.ones((1, 1, LONGEST, LONGEST), np.uint8)))
    seen = g.op("Cast", seen, to=BOOL)
    places = g.op("Slice", g.init("position_ids", np.arange(LONGEST, dtype=np.int64)), g.const([0]), sequence, g.const([0]))
    return lambda s: g.op("Where", seen, s, g.f(-10000)), places


def by_product(g, sequence):
    """scores * b - 10000 * (1 - b), as the first GPT-2 had it."""
    seen = _buffer(g, sequence, np.tril(np.ones((1, 1, LONGEST, LONGEST), np.float32)))
    hidden = g.op("Mul", g.op("Sub", g.f(1), seen), g.f(10000))
    places = g.op("Range", g.const(0), g.op("Squeeze", sequence, axes=[0]), g.const(1))
    return lambda s: g.op("Sub", g.op("Mul", s, seen), hidden), places


def by_running_sum(g, sequence):
    """Places as a running sum of ones; LessOrEqual, Not, and -inf by Where."""
    ones = g.op("Expand", g.const(1), sequence)
    places = g.op("Sub", g.op("CumSum", ones, g.const(0)), g.const(1))
    seen = g.op("LessOrEqual", unsqueeze(g, places, 0), unsqueeze(g, places, 1))
    return lambda s: g.op("Where", g.op("Not", seen), g.f(-np.inf), s), places


def by_triangle(g, sequence):
    """The upper triangle of a constant square, above the diagonal."""
    lowest = numpy_helper.from_array(np.array([np.finfo(np.float32).min], np.float32))
    square = g.op("ConstantOfShape", g.op("Concat", sequence, sequence, axis=0), value=lowest)
    bias = unsqueeze(g, unsqueeze(g, g.ms("Trilu", square, g.const(1), upper=1), 0), 0)
    places = g.op("Range", g.const(0), g.op("Squeeze", sequence, g.const([0])), g.const(1))
    return lambda s: g.op("Add", s, bias), places


# Activations written in another way than in the twins.
def tanh_by_products(g, x):
    cubic = g.op("Mul", g.op("Mul", g.op("Mul", x, x), x), g.f(0.044715))
    t = g.op("Tanh", g.op("Mul", g.f(0.7978845608), g.op("Add", x, cubic)))
    return g.op("Mul", g.f(0.5), g.op("Mul", x, g.op("Add", g.f(1), t)))


def tanh_by_sigmoid(g, x):
    inner = g.op("Mul", x, g.op("Add", g.f(1.5957691216), g.op("Mul", g.op("Mul", x, x), g.f(0.0713548163))))
    return g.op("Mul", x, g.op("Sigmoid", inner))


def quick_swapped(g, x):
    return g.op("Mul", g.op("Sigmoid", g.op("Mul", g.f(1.702), x)), x)


def silu_by_division(g, x):
    return g.op("Div", x, g.op("Add", g.f(1), g.op("Exp", g.op("Neg", x))))


def erf_by_half(g, x):
    return g.op("Mul", g.op("Mul", x, g.f(0.5)), g.op("Add", g.op("Erf", g.op("Mul", x, g.f(0.7071067811865476))), g.f(1)))


def variant(w, opset, mask, activation, constants, gemm):
    g = Graph(opset, constants=constants)
    start(g)
    sequence = unsqueeze(g, dim(g, "input_ids", 1), 0)
    masked, places = mask(g, sequence)
    x = g.op("Add", g.op("Gather", init(g, w, "wpe.weight"), places), g.op("Gather", init(g, w, "wte.weight"), "input_ids"))

    def dense(x, name):
        if not gemm:
            return linear(g, x, w, name, bias_first=True)
        y = g.op("Gemm", g.op("Reshape", x, g.const([-1, w[name + ".weight"].shape[0]])), g.init(name + ".weight", w[name + ".weight"].T),
                 g.init(name + ".bias", w[name + ".bias"]), alpha=1.0, beta=1.0, transB=1)
        shape = g.op("Concat", unsqueeze(g, dim(g, x, 0), 0), sequence, g.const([-1]), axis=0)
        return g.op("Reshape", y, shape)

    for i in range(LAYERS):
        p = f"h.{i}."
        g.prefix = f"/h.{i}/"
        h = layer_norm(g, x, w, p + "ln_1", EPSILON)
        q, k, v = (split_heads(g, t, HEADS, SIZE) for t in three(g, dense(h, p + "attn.c_attn")))
        q = g.op("Div", q, g.f(SIZE ** 0.25))
        k = g.op("Div", g.op("Transpose", k, perm=[0, 1, 3, 2]), g.f(SIZE ** 0.25))
        a = g.op("MatMul", g.op("Softmax", masked(g.op("MatMul", q, k)), axis=3), v)
        x = g.op("Add", dense(merge_heads(g, a, WIDTH), p + "attn.c_proj"), x)
        h = layer_norm(g, x, w, p + "ln_2", EPSILON)
        x = g.op("Add", x, dense(activation(g, dense(h, p + "mlp.c_fc")), p + "mlp.c_proj"))
    g.prefix = "/"
    finish(g, w, x)
    return g


def write(folder):
    w = make_weights()
    for name, activation in (("quick", quick_gelu), ("silu", silu), ("erf", gelu_erf)):
        save(folder, f"gpt-{name}-plain", plain(w, activation=activation))
    for name, opset, mask, activation, twin, constants, gemm, style in (
        ("gpt-op9", 9, by_nonzero, tanh_by_products, "gpt-plain", "node", True, "places by NonZero; additive mask; GELU by products; Gemm with transB"),
        ("gpt-op10", 10, by_where, quick_swapped, "gpt-quick-plain", "node", False, "mask a buffer of bytes, Where; x * sigmoid(1.702 x); bias first"),
        ("gpt-op11", 11, by_product, silu_by_division, "gpt-silu-plain", "init", True, "scores * b - 10000 (1 - b); x / (1 + exp(-x))"),
        ("gpt-op12", 12, by_running_sum, tanh_by_sigmoid, "gpt-plain", "init", False, "places by CumSum; -inf by Where; tanh GELU as a sigmoid"),
        ("gpt-op13", 13, by_triangle, erf_by_half, "gpt-erf-plain", "node", False, "Trilu of ConstantOfShape; erf GELU with x / 2"),
    ):
        save(folder, name, variant(w, opset, mask, activation, constants, gemm), ir=6 if opset < 13 else 7)
        yield entry(name, twin, f"opset {opset}: {style}", [ids], SIZES)
