"""Other ways to keep weights: as inputs with a default (IR version 3), shared between layers, quantised."""

import numpy as np

import bert
import gpt
from blocks import Weights
from graph import I64, save
from manifest import entry

PRODUCTS = ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")
BLOCK = 16


def _products():
    return ["lm_head"] + [f"h.{i}.{part}" for i in range(gpt.LAYERS) for part in PRODUCTS]


def _with(w, changed):
    made = Weights(0)
    made.update(w)
    made.update({name + ".weight": value for name, value in changed.items()})
    return made


def per_channel(a):
    """int8 and a scale for each column; the scale a power of two, so that the products are exact."""
    scale = np.exp2(np.ceil(np.log2(np.abs(a).max(0) / 127))).astype(np.float32)
    return np.clip(np.rint(a / scale), -127, 127).astype(np.int8), scale


def qdq(w):
    numbers = {name: per_channel(w[name + ".weight"]) for name in _products()}

    def dense(g, x, _, name):
        q, scale = numbers[name]
        zero = g.init(name + ".zero_point", np.zeros(scale.shape, np.int8))
        matrix = g.op("DequantizeLinear", g.init(name + ".weight_quantized", q), g.init(name + ".scale", scale), zero, axis=1)
        return g.op("MatMul", x, matrix)

    return dense, _with(w, {name: (q * scale).astype(np.float32) for name, (q, scale) in numbers.items()})


def four_bits(a):
    """Columns in blocks of 16 rows: a scale (a power of two) and 16 values of four bits, 8 standing for zero."""
    rows, columns = a.shape
    blocks = a.T.reshape(columns, rows // BLOCK, BLOCK)
    scale = np.exp2(np.ceil(np.log2(np.abs(blocks).max(2) / 7))).astype(np.float32)
    q = np.clip(np.rint(blocks / scale[..., None]), -8, 7).astype(np.int64) + 8
    bytes_ = (q[..., 0::2] | (q[..., 1::2] << 4)).astype(np.uint8)
    value = ((q - 8) * scale[..., None]).reshape(columns, rows).T.astype(np.float32)
    return bytes_, scale, value


def nbits(w):
    numbers = {name: four_bits(w[name + ".weight"]) for name in _products()}

    def dense(g, x, weights, name):
        bytes_, scale, value = numbers[name]
        return g.ms("MatMulNBits", x, g.init(name + ".weight_Q4", bytes_), g.init(name + ".weight_scales", scale.reshape(-1)),
                    K=value.shape[0], N=value.shape[1], bits=4, block_size=BLOCK)

    return dense, _with(w, {name: value for name, (_, _, value) in numbers.items()})


def write(folder):
    w = gpt.make_weights()
    save(folder, "gpt-weights-as-inputs", gpt.plain(w, opset=11, constants="init"), ir=3, also_inputs=True)
    yield entry("gpt-weights-as-inputs", "gpt-plain", "IR version 3: every initializer is also an input", [gpt.ids], gpt.SIZES)

    w = bert.make_weights(seed=22, shared=True)
    save(folder, "albert-plain", bert.plain(w, I64))
    save(folder, "albert-shared", bert.plain(w, I64, layer=lambda i: 0))
    yield entry("albert-shared", "albert-plain", "ALBERT: every layer takes the same initializers", bert.inputs("int64"), bert.SIZES)

    w = gpt.make_weights(seed=42)
    for name, how, style in (("gpt-qdq", qdq, "DequantizeLinear of int8 weights, a scale for each column"),
                             ("gpt-nbits-ms", nbits, "MatMulNBits: four bits in blocks of 16")):
        dense, back = how(w)
        save(folder, name, gpt.plain(w, dense=dense))
        save(folder, name + "-plain", gpt.plain(back))
        yield entry(name, name + "-plain", style, [gpt.ids], gpt.SIZES, expect="refusal",
                    optimised=name != "gpt-qdq")  # the optimiser computes in int8
