"""ONNX operators as PyTorch functions: those that exporters write for GPT-2, BERT, ViT, Llama and T5."""

import numpy as np
import torch
from onnx import numpy_helper
from torch.nn import functional as F

_TYPES = {
    1: torch.float32, 2: torch.uint8, 3: torch.int8, 5: torch.int16, 6: torch.int32, 7: torch.int64,
    9: torch.bool, 10: torch.float16, 11: torch.float64, 16: torch.bfloat16,
}


def _ints(value):
    return [int(v) for v in value.reshape(-1).tolist()]


def _axes(attributes, given):
    return _ints(given) if given is not None else [int(a) for a in attributes.get("axes", [])]


def _constant(attributes):
    if "value" in attributes:
        return torch.from_numpy(np.array(numpy_helper.to_array(attributes["value"])))
    for name, kind in (("value_float", torch.float32), ("value_floats", torch.float32), ("value_int", torch.int64), ("value_ints", torch.int64)):
        if name in attributes:
            return torch.tensor(attributes[name], dtype=kind)
    raise NotImplementedError(f"a Constant of {', '.join(attributes)}")


def _cast(attributes, x):
    return x.to(_TYPES[attributes["to"]])


def _shape(attributes, x):
    end = attributes.get("end")
    return torch.tensor(x.shape[attributes.get("start", 0):end], dtype=torch.int64)


def _gather(attributes, x, index):
    axis = attributes.get("axis", 0) % x.dim()
    index = index.to(x.device)
    index = torch.where(index < 0, index + x.shape[axis], index)
    if axis == 0 and x.dim() == 2 and x.is_floating_point():
        return F.embedding(index, x)
    taken = x.index_select(axis, index.reshape(-1))
    return taken.reshape(x.shape[:axis] + index.shape + x.shape[axis + 1:])


def _reshape(attributes, x, shape):
    sizes = _ints(shape)
    return x.reshape([x.shape[i] if s == 0 and not attributes.get("allowzero") else s for i, s in enumerate(sizes)])


def _unsqueeze(attributes, x, axes=None):
    axes = _axes(attributes, axes)
    rank = x.dim() + len(axes)
    for axis in sorted(a % rank for a in axes):
        x = x.unsqueeze(axis)
    return x


def _squeeze(attributes, x, axes=None):
    axes = _axes(attributes, axes) or [i for i, s in enumerate(x.shape) if s == 1]
    for axis in sorted((a % x.dim() for a in axes), reverse=True):
        x = x.squeeze(axis)
    return x


def _slice(attributes, x, starts=None, ends=None, axes=None, steps=None):
    starts = _ints(starts) if starts is not None else attributes["starts"]
    ends = _ints(ends) if ends is not None else attributes["ends"]
    axes = _axes(attributes, axes) or list(range(len(starts)))
    steps = _ints(steps) if steps is not None else [1] * len(starts)
    for start, end, axis, step in zip(starts, ends, axes, steps):
        size = x.shape[axis]
        if step > 0:
            at = [slice(None)] * x.dim()
            at[axis % x.dim()] = slice(start, end, step)
            x = x[tuple(at)]
        else:
            index = list(range(size))[slice(start, None if end < -size else end, step)]
            x = x.index_select(axis, torch.tensor(index, dtype=torch.int64))
    return x


def _split(attributes, x, sizes=None):
    axis = attributes.get("axis", 0)
    sizes = _ints(sizes) if sizes is not None else attributes.get("split")
    if sizes is None:
        raise NotImplementedError("Split without sizes")
    return torch.split(x, [int(s) for s in sizes], axis)


def _gemm(attributes, a, b, c=None):
    a = a.t() if attributes.get("transA") else a
    b = b.t() if attributes.get("transB") else b
    product = a @ b * attributes["alpha"] if attributes.get("alpha", 1.0) != 1.0 else a @ b
    return product if c is None else product + c * attributes.get("beta", 1.0)


def _normalise(attributes, x, gain, bias=None):
    axis = attributes.get("axis", -1) % x.dim()
    return F.layer_norm(x, x.shape[axis:], gain, bias, attributes.get("epsilon", 1e-5))


def _softmax(attributes, x):
    return torch.softmax(x, attributes.get("axis", -1))


def _reduce_mean(attributes, x, axes=None):
    axes = _axes(attributes, axes) or list(range(x.dim()))
    return x.mean(axes, keepdim=bool(attributes.get("keepdims", 1)))


def _conv(attributes, x, weight, bias=None):
    rank = weight.dim() - 2
    pads = attributes.get("pads", [0] * (2 * rank))
    if pads[:rank] != pads[rank:] or rank != 2:
        raise NotImplementedError("Conv of other than two axes, or with pads that differ")
    return F.conv2d(x, weight, bias, attributes.get("strides", 1), pads[:rank], attributes.get("dilations", 1), attributes.get("group", 1))


def _div(attributes, a, b):
    return a / b if a.is_floating_point() else torch.div(a, b, rounding_mode="trunc")


def _constant_of_shape(attributes, shape):
    value = torch.from_numpy(np.array(numpy_helper.to_array(attributes["value"]))) if "value" in attributes else torch.zeros(1)
    return value.reshape(()).expand(_ints(shape)).clone()


def _expand(attributes, x, shape):
    return x.expand(torch.broadcast_shapes(x.shape, tuple(_ints(shape))))


def _range(attributes, start, end, step):
    return torch.arange(start.item(), end.item(), step.item(), dtype=start.dtype)


def _pow(attributes, a, b):
    return a.pow(b.item()) if b.numel() == 1 else a.pow(b)


def _least(attributes, *values):
    found = values[0]
    for value in values[1:]:
        found = torch.minimum(found, value)
    return found


OPERATORS = {
    "Abs": lambda _, x: x.abs(),
    "Add": lambda _, a, b: a + b,
    "Cast": _cast,
    "Concat": lambda attributes, *values: torch.cat([v.to(values[0].device) for v in values], attributes["axis"]),
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "Conv": _conv,
    "Cos": lambda _, x: x.cos(),
    "Div": _div,
    "Equal": lambda _, a, b: a == b,
    "Erf": lambda _, x: x.erf(),
    "Expand": _expand,
    "Gather": _gather,
    "Gemm": _gemm,
    "Greater": lambda _, a, b: a > b,
    "Identity": lambda _, x: x,
    "LayerNormalization": _normalise,
    "Less": lambda _, a, b: a < b,
    "LessOrEqual": lambda _, a, b: a <= b,
    "Log": lambda _, x: x.log(),
    "MatMul": lambda _, a, b: a @ b,
    "Min": _least,
    "Mul": lambda _, a, b: a * b,
    "Neg": lambda _, x: -x,
    "Pow": _pow,
    "Range": _range,
    "ReduceMean": _reduce_mean,
    "Relu": lambda _, x: x.relu(),
    "Reshape": _reshape,
    "Shape": _shape,
    "Sigmoid": lambda _, x: x.sigmoid(),
    "Sin": lambda _, x: x.sin(),
    "Slice": _slice,
    "Softmax": _softmax,
    "Split": _split,
    "Sqrt": lambda _, x: x.sqrt(),
    "Squeeze": _squeeze,
    "Sub": lambda _, a, b: a - b,
    "Tanh": lambda _, x: x.tanh(),
    "Tile": lambda _, x, repeats: x.repeat(_ints(repeats)),
    "Transpose": lambda attributes, x: x.permute(attributes.get("perm", list(range(x.dim()))[::-1])),
    "Unsqueeze": _unsqueeze,
    "Where": lambda _, condition, a, b: torch.where(condition, a, b),
}
