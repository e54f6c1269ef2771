"""More operators for evaluate.py: convolutional stems, pooling, normalisation, several element
types.  Where an operator is already in evaluate.py, the one here does the same and more."""

import numpy as np
import torch
from onnx import TensorProto

FLOATS = (np.float16, np.float32, np.float64)

# numpy has no bfloat16: such values are computed in float32 here.
DTYPES = {
    TensorProto.FLOAT: "float32", TensorProto.DOUBLE: "float64", TensorProto.FLOAT16: "float16",
    TensorProto.BFLOAT16: "float32", TensorProto.INT64: "int64", TensorProto.INT32: "int32",
    TensorProto.BOOL: "bool", TensorProto.UINT8: "uint8", TensorProto.INT8: "int8",
}


def _wide(x):
    """A torch tensor of at least single precision: torch has few half kernels for the CPU."""
    x = np.ascontiguousarray(x)
    return torch.from_numpy(x.astype(np.float32) if x.dtype == np.float16 else x.copy())


def _through_torch(function, x, *rest):
    return function(_wide(x), *map(_wide, rest)).numpy().astype(x.dtype)


def _symmetric(a, spatial):
    pads = a.get("pads", [0] * (2 * spatial))
    if a.get("auto_pad", b"NOTSET") not in (b"NOTSET", b"VALID") or pads[:spatial] != pads[spatial:]:
        raise NotImplementedError("only symmetric explicit padding is known here")
    return pads[:spatial]


def _conv(a, x, w, b=None):
    spatial = w.ndim - 2
    convolve = {1: torch.conv1d, 2: torch.conv2d}[spatial]
    y = convolve(_wide(x), _wide(w), None if b is None else _wide(b),
                 a.get("strides", [1] * spatial), _symmetric(a, spatial),
                 a.get("dilations", [1] * spatial), a.get("group", 1))
    return y.numpy().astype(x.dtype)


def _max_pool(a, x):
    spatial = x.ndim - 2
    if a.get("ceil_mode", 0) or set(a.get("dilations", [1])) != {1}:
        raise NotImplementedError("MaxPool: neither ceil_mode nor dilations")
    pool = {1: torch.max_pool1d, 2: torch.max_pool2d}[spatial]
    return _through_torch(lambda t: pool(
        t, a["kernel_shape"], a.get("strides", [1] * spatial), _symmetric(a, spatial)), x)


def _average_pool(a, x):
    spatial = x.ndim - 2
    if a.get("ceil_mode", 0) or any(a.get("pads", [])):
        raise NotImplementedError("AveragePool: neither ceil_mode nor padding")
    pool = {1: torch.nn.functional.avg_pool1d, 2: torch.nn.functional.avg_pool2d}[spatial]
    return _through_torch(
        lambda t: pool(t, a["kernel_shape"], a.get("strides", [1] * spatial)), x)


def _batch_norm(a, x, scale, bias, mean, var):
    if a.get("training_mode", 0):
        raise NotImplementedError("BatchNormalization: inference only")
    shape = (1, -1) + (1,) * (x.ndim - 2)
    scale, bias, mean, var = (t.reshape(shape) for t in (scale, bias, mean, var))
    return ((x - mean) / np.sqrt(var + a.get("epsilon", 1e-5)) * scale + bias).astype(x.dtype)


def _slice(a, x, starts=None, ends=None, axes=None, steps=None):
    if starts is None:  # before opset 10 these are attributes
        starts, ends, axes = a["starts"], a["ends"], a.get("axes")
    axes = range(len(starts)) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    index = [slice(None)] * x.ndim
    for start, end, axis, step in zip(starts, ends, axes, steps):
        if step < 0:
            raise NotImplementedError("Slice: only forward")
        index[axis] = slice(int(start), int(end), int(step))
    return x[tuple(index)]


def _clip(a, x, low=None, high=None):
    low = a.get("min") if low is None else low
    high = a.get("max") if high is None else high
    x = x if low is None else np.maximum(x, np.asarray(low, x.dtype))
    return x if high is None else np.minimum(x, np.asarray(high, x.dtype))


def _argmax(a, x):
    axis = a.get("axis", 0)
    if a.get("select_last_index", 0):
        raise NotImplementedError("ArgMax: the first of equals only")
    index = np.argmax(x, axis)
    return np.expand_dims(index, axis) if a.get("keepdims", 1) else index


def _reduce(function):
    def run(a, x, axes=None):
        axes = a.get("axes") if axes is None else axes
        axes = None if axes is None else tuple(int(i) for i in axes)
        return function(x, axes, bool(a.get("keepdims", 1))).astype(x.dtype)
    return run


def _gather_nd(a, x, index):
    if a.get("batch_dims", 0):
        raise NotImplementedError("GatherND: no batch dimensions")
    return x[tuple(np.moveaxis(index, -1, 0))]


def _scatter_nd(a, x, index, updates):
    x = x.copy()
    x[tuple(np.moveaxis(index, -1, 0))] = updates
    return x


def _layer_norm(a, x, gain, bias=None):
    if a.get("axis", -1) not in (-1, x.ndim - 1):
        raise NotImplementedError("LayerNormalization: only over the last axis")
    wide = x.astype(np.float32) if x.dtype == np.float16 else x
    centred = wide - wide.mean(-1, keepdims=True)
    wide = centred / np.sqrt((centred ** 2).mean(-1, keepdims=True) + a.get("epsilon", 1e-5))
    y = wide.astype(x.dtype) * gain
    return y if bias is None else y + bias


OPS = {
    "Conv": _conv,
    "MaxPool": _max_pool,
    "AveragePool": _average_pool,
    "GlobalAveragePool": lambda a, x: x.mean(tuple(range(2, x.ndim)), keepdims=True),
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "Slice": _slice,
    "Cast": lambda a, x: x.astype(DTYPES[a["to"]]),
    "Erf": lambda a, x: _through_torch(torch.erf, x),
    "Relu": lambda a, x: np.maximum(x, np.zeros((), x.dtype)),
    "Sigmoid": lambda a, x: _through_torch(torch.sigmoid, x),
    "Exp": lambda a, x: np.exp(x),
    "Log": lambda a, x: np.log(x),
    "Neg": lambda a, x: -x,
    "Reciprocal": lambda a, x: (1 / x).astype(x.dtype),
    "Min": lambda a, x, *ys: _fold(np.minimum, x, ys),
    "Max": lambda a, x, *ys: _fold(np.maximum, x, ys),
    "Clip": _clip,
    "ArgMax": _argmax,
    "ReduceL2": _reduce(lambda x, axes, keep: np.sqrt(np.sum(x * x, axes, keepdims=keep))),
    "ReduceSum": _reduce(lambda x, axes, keep: np.sum(x, axes, keepdims=keep)),
    "ReduceMean": _reduce(lambda x, axes, keep: np.mean(x, axes, keepdims=keep)),
    "GatherND": _gather_nd,
    "ScatterND": _scatter_nd,
    "Less": lambda a, x, y: np.less(x, y),
    "Greater": lambda a, x, y: np.greater(x, y),
    "LessOrEqual": lambda a, x, y: np.less_equal(x, y),
    "GreaterOrEqual": lambda a, x, y: np.greater_equal(x, y),
    "Not": lambda a, x: np.logical_not(x),
    "And": lambda a, x, y: np.logical_and(x, y),
    "Or": lambda a, x, y: np.logical_or(x, y),
    "Tile": lambda a, x, n: np.tile(x, [int(i) for i in n]),
    "Trilu": lambda a, x, k=0: np.triu(x, int(k)) if a.get("upper", 1) else np.tril(x, int(k)),
}


def _fold(function, x, ys):
    for y in ys:
        x = function(x, y)
    return x
