"""Parts of transformers in primitive operators (opset 9 to 17)."""

import numpy as np


def unsqueeze(g, x, *axes):
    return g.op("Unsqueeze", x, g.const(list(axes))) if g.opset >= 13 else g.op("Unsqueeze", x, axes=list(axes))


def squeeze(g, x, *axes):
    return g.op("Squeeze", x, g.const(list(axes))) if g.opset >= 13 else g.op("Squeeze", x, axes=list(axes))


def mean(g, x):
    return g.op("ReduceMean", x, axes=[-1], keepdims=1)


def linear(g, x, weights, name, bias_first=False):
    """x by [in, out], plus the bias when there is one."""
    if g.dense is not None:
        y = g.dense(g, x, weights, name)
    else:
        y = g.op("MatMul", x, g.init(name + ".weight", weights[name + ".weight"]))
    if name + ".bias" in weights:
        b = g.init(name + ".bias", weights[name + ".bias"])
        y = g.op("Add", b, y) if bias_first else g.op("Add", y, b)
    return y


def layer_norm(g, x, weights, name, epsilon=1e-5):
    d = g.op("Sub", x, mean(g, x))
    variance = mean(g, g.op("Pow", d, g.f(2)))
    y = g.op("Div", d, g.op("Sqrt", g.op("Add", variance, g.f(epsilon))))
    y = g.op("Mul", y, g.init(name + ".weight", weights[name + ".weight"]))
    return g.op("Add", y, g.init(name + ".bias", weights[name + ".bias"]))


def rms_norm(g, x, weights, name, epsilon=1e-5):
    square = mean(g, g.op("Pow", x, g.f(2)))
    inverse = g.op("Reciprocal", g.op("Sqrt", g.op("Add", square, g.f(epsilon))))
    return g.op("Mul", g.init(name + ".weight", weights[name + ".weight"]), g.op("Mul", x, inverse))


def gelu_erf(g, x):
    e = g.op("Add", g.op("Erf", g.op("Div", x, g.f(1.4142135381698608))), g.f(1))
    return g.op("Mul", g.op("Mul", x, e), g.f(0.5))


def gelu_tanh(g, x):
    cubic = g.op("Mul", g.op("Pow", x, g.f(3)), g.f(0.044715))
    t = g.op("Tanh", g.op("Mul", g.op("Add", x, cubic), g.f(np.sqrt(2 / np.pi))))
    return g.op("Mul", g.op("Mul", x, g.f(0.5)), g.op("Add", t, g.f(1)))


def silu(g, x):
    return g.op("Mul", x, g.op("Sigmoid", x))


def quick_gelu(g, x, alpha=1.702):
    return g.op("Mul", x, g.op("Sigmoid", g.op("Mul", x, g.f(alpha))))


def split_heads(g, x, heads, size):
    """[B, S, N*H] to [B, N, S, H]."""
    return g.op("Transpose", g.op("Reshape", x, g.const([0, 0, heads, size])), perm=[0, 2, 1, 3])


def merge_heads(g, x, width):
    return g.op("Reshape", g.op("Transpose", x, perm=[0, 2, 1, 3]), g.const([0, 0, width]))


def attend(g, q, k, v, scale, bias=None, softcap=None):
    """All [B, N, S, H]; the bias is added to the scores."""
    scores = g.op("MatMul", q, g.op("Transpose", k, perm=[0, 1, 3, 2]))
    scores = g.op("Mul", scores, g.f(scale))
    if softcap:
        scores = g.op("Mul", g.op("Tanh", g.op("Div", scores, g.f(softcap))), g.f(softcap))
    if bias is not None:
        scores = g.op("Add", scores, bias)
    return g.op("MatMul", g.op("Softmax", scores, axis=3 if g.opset < 13 else -1), v)


def dim(g, x, axis):
    """A dimension as a scalar."""
    return g.op("Gather", g.op("Shape", x), g.const(axis), axis=0)


def causal(g, sequence, past=None, lowest=-1e9):
    """[S, past + S]: 0 where a query sees the key, and lowest where it does not. Takes scalars."""
    total = sequence if past is None else g.op("Add", past, sequence)
    rows = g.op("Range", g.const(0) if past is None else past, total, g.const(1))
    columns = g.op("Range", g.const(0), total, g.const(1))
    later = g.op("Greater", unsqueeze(g, columns, 0), unsqueeze(g, rows, 1))
    return g.op("Where", later, g.f(lowest), g.f(0))


def repeat_heads(g, x, groups, heads, size):
    """[B, G, S, H] to [B, N, S, H], each head for N/G queries."""
    times = heads // groups
    if times == 1:
        return x
    x = unsqueeze(g, x, 2)
    x = g.op("Expand", x, g.const([1, 1, times, 1, 1]))
    shape = g.op("Concat", g.const([0]), g.const([heads]), g.const([-1]), g.const([size]), axis=0)
    return g.op("Reshape", x, shape)


def rotate(g, x, cosine, sine, size, rotary=None, interleaved=False):
    """Rotary embedding of [B, N, S, H]; cosine and sine are [.., S, rotary / 2]."""
    rotary = rotary or size
    rest = None
    if rotary < size:
        rest = _slice(g, x, rotary, size)
        x = _slice(g, x, 0, rotary)
    if interleaved:
        a, b = _slice(g, x, 0, rotary, 2), _slice(g, x, 1, rotary, 2)
    else:
        a, b = _slice(g, x, 0, rotary // 2), _slice(g, x, rotary // 2, rotary)
    c = g.op("Sub", g.op("Mul", a, cosine), g.op("Mul", b, sine))
    d = g.op("Add", g.op("Mul", b, cosine), g.op("Mul", a, sine))
    if interleaved:
        c, d = unsqueeze(g, c, 4), unsqueeze(g, d, 4)
        y = g.op("Reshape", g.op("Concat", c, d, axis=4), g.const([0, 0, 0, rotary]))
    else:
        y = g.op("Concat", c, d, axis=3)
    return y if rest is None else g.op("Concat", y, rest, axis=3)


def _slice(g, x, start, end, step=1):
    return g.op("Slice", x, g.const([start]), g.const([end]), g.const([3]), g.const([step]))


# Weights. Gains differ from one, biases from zero and attention is far from uniform, so that no change
# is right by chance.
class Weights(dict):
    def __init__(self, seed):
        super().__init__()
        self.random = np.random.RandomState(seed)

    def matrix(self, name, rows, columns, spread=1.0, bias=False):
        self[name + ".weight"] = (self.random.standard_normal((rows, columns)) * spread / np.sqrt(rows)).astype(np.float32)
        if bias:
            self[name + ".bias"] = (self.random.standard_normal(columns) * 0.2).astype(np.float32)

    def table(self, name, rows, columns, spread=1.0):
        self[name + ".weight"] = (self.random.standard_normal((rows, columns)) * spread).astype(np.float32)

    def gain(self, name, width, bias=False):
        self[name + ".weight"] = self.random.uniform(0.5, 1.5, width).astype(np.float32)
        if bias:
            self[name + ".bias"] = (self.random.standard_normal(width) * 0.2).astype(np.float32)


def rotary_tables(length, size, base=100.0):
    """cos and sin [length, size / 2]."""
    angles = np.outer(np.arange(length), base ** (-np.arange(0, size, 2) / size))
    # Rounded: the last bit of a cosine may differ between mathematics libraries.
    return np.round(np.cos(angles), 6).astype(np.float32), np.round(np.sin(angles), 6).astype(np.float32)
