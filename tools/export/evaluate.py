"""A plain evaluator for the handful of ONNX ops in these graphs.

It exists so that an export can be checked on its own, with no inference runtime installed: the
file is run at several batch and sequence sizes and compared with the PyTorch module.  An op or
an attribute it does not know is an error, never a guess.
"""

import functools

import numpy as np
import torch
from onnx import helper, numpy_helper, TensorProto

import evaluate_vision


def _dtype(code):
    return np.dtype({
        TensorProto.FLOAT: "float32", TensorProto.INT64: "int64", TensorProto.INT32: "int32",
        TensorProto.BOOL: "bool", TensorProto.UINT8: "uint8",
    }[code])


def _reshape(x, shape):
    shape = [x.shape[i] if d == 0 else int(d) for i, d in enumerate(shape)]
    return x.reshape(shape)


def _slice(x, starts, ends, axes=None, steps=None):
    axes = range(len(starts)) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    index = [slice(None)] * x.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps):
        index[axis] = slice(int(start), int(end), int(step))
    return x[tuple(index)]


def _axes(given, attribute):
    return tuple(int(a) for a in (attribute if given is None else given))


def _unsqueeze(x, axes):
    rank = x.ndim + len(axes)
    for axis in sorted(a % rank for a in axes):
        x = np.expand_dims(x, axis)
    return x


def _split(x, a, sizes=None, parts=1):
    sizes = a.get("split") if sizes is None else sizes
    at = np.cumsum(sizes)[:-1] if sizes is not None else parts
    return tuple(np.split(x, at, axis=a.get("axis", 0)))


def _softmax(x, axis):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _layer_norm(x, gain, bias, eps):
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred ** 2).mean(-1, keepdims=True) + eps) * gain + bias


def _gemm(a, b, c, t):
    a = a.T if t.get("transA") else a
    b = b.T if t.get("transB") else b
    return t.get("alpha", 1.0) * (a @ b) + t.get("beta", 1.0) * c


def _conv(x, w, b, a):
    if a.get("group", 1) != 1 or any(a.get("pads", [])) or set(a.get("dilations", [1])) != {1}:
        raise NotImplementedError("Conv: only a plain patch projection is known here")
    return torch.conv2d(torch.tensor(x), torch.tensor(w), torch.tensor(b), a["strides"]).numpy()


def _div(x, y):
    if x.dtype.kind == "i":
        return (np.sign(x) * np.sign(y) * (np.abs(x) // np.abs(y))).astype(x.dtype)
    return x / y


def _constant(a):
    return numpy_helper.to_array(a["value"])


def _fill(shape, a):
    value = numpy_helper.to_array(a["value"]) if "value" in a else np.zeros(1, np.float32)
    return np.full([int(d) for d in shape], value[0], value.dtype)


def _cumsum(x, axis, a):
    if a.get("exclusive") or a.get("reverse"):
        raise NotImplementedError("CumSum: only the plain one")
    return np.cumsum(x, axis=int(axis), dtype=x.dtype)


def _top_k(x, k, a):
    if not a.get("largest", 1):
        raise NotImplementedError("TopK: only the largest")
    axis = a.get("axis", -1)
    order = np.argsort(-x, axis=axis, kind="stable").take(np.arange(int(k[0])), axis=axis)
    return np.take_along_axis(x, order, axis), order


def _scatter_elements(x, i, u, a):
    if a.get("reduction", b"none") != b"none":
        raise NotImplementedError("ScatterElements: only without a reduction")
    y = x.copy()
    np.put_along_axis(y, i, u, axis=a.get("axis", 0))
    return y


def _scatter_nd(x, i, u, a):
    if a.get("reduction", b"none") != b"none":
        raise NotImplementedError("ScatterND: only without a reduction")
    y = x.copy()
    y[tuple(np.moveaxis(i, -1, 0))] = u
    return y


def _reduce(function, x, a, axes=None):
    axes = a.get("axes") if axes is None else axes
    axes = None if axes is None else tuple(int(d) for d in axes)
    return function(x, axis=axes, keepdims=bool(a.get("keepdims", 1))).astype(x.dtype)


def _trilu(x, k, a):
    return (np.triu if a.get("upper", 1) else np.tril)(x, 0 if k is None else int(k))


OPS = {
    "Add": lambda a, x, y: x + y,
    "Sub": lambda a, x, y: x - y,
    "Mul": lambda a, x, y: x * y,
    "Div": lambda a, x, y: _div(x, y),
    "Pow": lambda a, x, y: np.power(x, y).astype(x.dtype),
    "Sqrt": lambda a, x: np.sqrt(x),
    "Tanh": lambda a, x: np.tanh(x),
    "Erf": lambda a, x: torch.erf(torch.tensor(x)).numpy(),
    "Neg": lambda a, x: -x,
    "Abs": lambda a, x: np.abs(x),
    "Exp": lambda a, x: np.exp(x),
    "Log": lambda a, x: np.log(x),
    "Cos": lambda a, x: np.cos(x),
    "Sin": lambda a, x: np.sin(x),
    "Floor": lambda a, x: np.floor(x),
    "Relu": lambda a, x: np.maximum(x, np.zeros((), x.dtype)),
    "Sigmoid": lambda a, x: torch.sigmoid(torch.tensor(x)).numpy(),
    "Reciprocal": lambda a, x: np.ones((), x.dtype) / x,
    "Min": lambda a, *xs: functools.reduce(np.minimum, xs),
    "Max": lambda a, *xs: functools.reduce(np.maximum, xs),
    "Not": lambda a, x: ~x,
    "And": lambda a, x, y: x & y,
    "Or": lambda a, x, y: x | y,
    "Less": lambda a, x, y: x < y,
    "LessOrEqual": lambda a, x, y: x <= y,
    "Greater": lambda a, x, y: x > y,
    "GreaterOrEqual": lambda a, x, y: x >= y,
    "Equal": lambda a, x, y: np.equal(x, y),
    "Where": lambda a, c, x, y: np.where(c, x, y),
    "Cast": lambda a, x: x.astype(_dtype(a["to"])),
    "Identity": lambda a, x: x,
    "Constant": lambda a: _constant(a),
    "ConstantOfShape": lambda a, s: _fill(s, a),
    "Shape": lambda a, x: np.array(x.shape, np.int64),
    "Gather": lambda a, x, i: np.take(x, i, axis=a.get("axis", 0)),
    "Concat": lambda a, *xs: np.concatenate(xs, axis=a["axis"]),
    "Slice": lambda a, *xs: _slice(*xs),
    "Split": lambda a, x, s=None, n=1: _split(x, a, s, n),
    "Reshape": lambda a, x, s: _reshape(x, s),
    "Flatten": lambda a, x: x.reshape(int(np.prod(x.shape[:a.get("axis", 1)])), -1),
    "Transpose": lambda a, x: np.transpose(x, a.get("perm")),
    "Unsqueeze": lambda a, x, s=None: _unsqueeze(x, _axes(s, a.get("axes"))),
    "Squeeze": lambda a, x, s=None: np.squeeze(x, _axes(s, a.get("axes"))),
    "Expand": lambda a, x, s: x * np.ones([int(d) for d in s], x.dtype),
    "Range": lambda a, x, y, z: np.arange(x, y, z, dtype=x.dtype),
    "ReduceMean": lambda a, x: x.mean(tuple(a["axes"]), keepdims=bool(a.get("keepdims", 1))),
    "ReduceSum": lambda a, x, s=None: _reduce(np.sum, x, a, s),
    "ReduceMax": lambda a, x: _reduce(np.max, x, a),
    "CumSum": lambda a, x, d: _cumsum(x, d, a),
    "TopK": lambda a, x, k: _top_k(x, k, a),
    "Tile": lambda a, x, r: np.tile(x, r),
    "Trilu": lambda a, x, k=None: _trilu(x, k, a),
    "NonZero": lambda a, x: np.stack(np.nonzero(x)).astype(np.int64),
    "GatherElements": lambda a, x, i: np.take_along_axis(x, i, axis=a.get("axis", 0)),
    "ScatterElements": lambda a, x, i, u: _scatter_elements(x, i, u, a),
    "ScatterND": lambda a, x, i, u: _scatter_nd(x, i, u, a),
    "Einsum": lambda a, *xs: np.einsum(a["equation"].decode(), *xs),
    "Softmax": lambda a, x: _softmax(x, a["axis"]),
    "LayerNormalization": lambda a, x, g, b: _layer_norm(x, g, b, a.get("epsilon", 1e-5)),
    "MatMul": lambda a, x, y: x @ y,
    "Gemm": lambda a, x, y, c: _gemm(x, y, c, a),
    "Conv": lambda a, x, w, b: _conv(x, w, b, a),
}
OPS.update(evaluate_vision.OPS)


def evaluate(graph, feeds):
    """Runs the graph on numpy feeds; returns its outputs by name."""
    values = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    values.update(feeds)
    for node in graph.node:
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        arguments = [values[name] if name else None for name in node.input]
        if node.op_type == "Softmax" and attributes.get("axis") not in (-1, arguments[0].ndim - 1):
            raise NotImplementedError("Softmax: only over the last axis")
        extra = {"n": len(node.output)} if node.op_type == "Split" else {}
        # Two masks of float32's minimum, added; the logarithm of a distance of 0, cast and unused.
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            results = OPS[node.op_type](attributes, *arguments, **extra)
        results = results if isinstance(results, tuple) else (results,)
        values.update(zip(node.output, (np.asarray(r) for r in results)))
    return {output.name: values[output.name] for output in graph.output}
