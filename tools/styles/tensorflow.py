"""The BERT of bert.py as converters from TensorFlow and Keras write it (opset 9, 11 and 12)."""

import numpy as np

from bert import EPSILON, FFN, HEADS, LAYERS, SCALE, SIZE, SIZES, TYPES, VOCABULARY, WIDTH, inputs, make_weights
from blocks import dim, mean, squeeze, unsqueeze
from graph import F, I32, I64, Graph, save
from manifest import entry

FIXED = 16


class Stored:
    """Weights as they lie in the file: behind a node or several, a different one each time."""

    def __init__(self, g, w, plainly):
        self.g, self.w, self.plainly, self.made, self.turn = g, w, plainly, {}, 0

    def __call__(self, name):
        if name in self.made:
            return self.made[name]
        a, g = self.w[name], self.g
        prefix, g.prefix = g.prefix, "StatefulPartitionedCall/" + name.replace(".", "/") + "/"
        stored = name.replace(".", "/") + ":0"
        if self.plainly:
            made = g.init(stored, a)
        elif a.ndim == 2:
            made = (
                lambda: g.op("Identity", g.init(stored, a)),
                lambda: g.op("Transpose", g.init(stored, a.T), perm=[1, 0]),
                lambda: g.op("Reshape", g.init(stored, a.reshape(-1)), g.const(list(a.shape))),
                lambda: squeeze(g, g.init(stored, a[None]), 0),
                lambda: g.op("Identity", g.op("Transpose", g.op("Identity", g.init(stored, a.T)), perm=[1, 0])),
                lambda: squeeze(g, unsqueeze(g, g.op("Cast", g.init(stored, a), to=F), 0), 0),
            )[self.turn % 6]()
            self.turn += 1
        else:
            made = (
                lambda: g.op("Identity", g.init(stored, a)),
                lambda: g.op("Cast", g.init(stored, a.astype(np.float64)), to=F),
                lambda: unsqueeze(g, g.init(stored, a), 0),
                lambda: g.op("Reshape", g.init(stored, a[None, None]), g.const([-1])),
                lambda: squeeze(g, g.init(stored, a[None]), 0),
            )[self.turn % 5]()
            self.turn += 1
        g.prefix = prefix
        self.made[name] = made
        return made


def folded_norm(g, x, get, name):
    """As a batch normalisation: x * s + (shift - mean * s), with s the gain by the root's reciprocal."""
    middle = mean(g, x)
    d = g.op("Sub", x, middle)
    variance = mean(g, g.op("Mul", d, d))
    s = g.op("Reciprocal", g.op("Sqrt", g.op("Add", variance, g.f(EPSILON))))
    s = g.op("Mul", s, get(name + ".weight"))
    return g.op("Add", g.op("Mul", x, s), g.op("Sub", get(name + ".bias"), g.op("Mul", middle, s)))


def gelu(g, x, power):
    root = g.op("Pow", g.f(2), g.f(0.5)) if power else g.op("Sqrt", g.f(2))
    half = g.op("Mul", g.op("Add", g.op("Erf", g.op("Div", x, root)), g.f(1)), g.f(0.5))
    return g.op("Mul", x, half)


def start(g, sequence):
    for name in ("input_ids", "attention_mask", "token_type_ids"):
        g.input(name, I32, ["unk__0", sequence])


def finish(g, y, sequence):
    g.output(y, "logits", F, ["unk__0", sequence, VOCABULARY])


def flat(w, opset, dynamic, plainly):
    """Activations as [B * S, width], MatMul and Add; token types by OneHot; ones by the mask for a square mask."""
    g = Graph(opset, constants="init", suffix=":%d")
    length = "unk__1" if dynamic else FIXED
    start(g, length)
    get = Stored(g, w, plainly)
    g.prefix = "bert/"
    if dynamic:
        batch, sequence = (unsqueeze(g, dim(g, "input_ids", axis), 0) for axis in (0, 1))

        def shape(*dims):
            return g.op("Concat", *[{"B": batch, "S": sequence}.get(d) or g.const([d]) for d in dims], axis=0)
    else:
        def shape(*dims):
            return g.const([{"B": -1, "S": FIXED}.get(d, d) for d in dims])
    g.prefix = "bert/embeddings/"
    words = g.op("Gather", get("embeddings.word.weight"), g.op("Reshape", "input_ids", g.const([-1])), axis=0)
    words = g.op("Reshape", words, shape("B", "S", WIDTH))
    hot = g.op("OneHot", g.op("Cast", g.op("Reshape", "token_type_ids", g.const([-1])), to=I64), g.const([TYPES]) if opset < 11 else g.const(TYPES),
               g.const([0, 1], np.float32), axis=-1)
    types = g.op("Reshape", g.op("MatMul", hot, get("embeddings.type.weight")), shape("B", "S", WIDTH))
    if dynamic:
        positions = g.op("Gather", get("embeddings.position.weight"),
                         g.op("Range", g.const(0), squeeze(g, sequence, 0), g.const(1)), axis=0)
        positions = unsqueeze(g, positions, 0)
    else:
        positions = g.op("Slice", get("embeddings.position.weight"), starts=[0], ends=[FIXED], axes=[0])
        positions = g.op("Reshape", positions, g.const([1, FIXED, WIDTH]))
    x = folded_norm(g, g.op("Add", g.op("Add", words, types), positions), get, "embeddings.norm")
    x = g.op("Reshape", x, g.const([-1, WIDTH]))
    g.prefix = "bert/mask/"
    mask = g.op("Cast", g.op("Reshape", "attention_mask", shape("B", 1, "S")), to=F)
    ones = g.op("Add", g.op("Mul", g.op("Cast", unsqueeze(g, "attention_mask", 2), to=F), g.f(0)), g.f(1))
    bias = g.op("Mul", g.op("Sub", g.f(1), unsqueeze(g, g.op("Mul", ones, mask), 1)), g.f(-10000))

    def dense(x, name):
        return g.op("Add", g.op("MatMul", x, get(name + ".weight")), get(name + ".bias"))

    def heads(x, perm):
        return g.op("Transpose", g.op("Reshape", x, shape("B", "S", HEADS, SIZE)), perm=perm)

    for i in range(LAYERS):
        p = f"layer.{i}."
        g.prefix = f"bert/encoder/layer_{i}/"
        q, k, v = (heads(dense(x, p + n), [0, 2, 3, 1] if n == "key" else [0, 2, 1, 3]) for n in ("query", "key", "value"))
        scores = g.op("Add", g.op("Mul", g.op("MatMul", q, k), g.f(SCALE)), bias)
        a = g.op("Transpose", g.op("MatMul", g.op("Softmax", scores, axis=3), v), perm=[0, 2, 1, 3])
        a = dense(g.op("Reshape", a, g.const([-1, WIDTH])), p + "attention.output")
        x = folded_norm(g, g.op("Add", a, x), get, p + "attention.norm")
        h = dense(gelu(g, dense(x, p + "intermediate"), power=i == 0), p + "output")
        x = folded_norm(g, g.op("Add", h, x), get, p + "norm")
    g.prefix = "cls/predictions/"
    x = folded_norm(g, gelu(g, dense(x, "head.transform"), True), get, "head.norm")
    y = g.op("MatMul", x, g.op("Transpose", get("embeddings.word.weight"), perm=[1, 0]))
    y = g.op("Add", y, get("head.bias"))
    finish(g, g.op("Reshape", y, shape("B", "S", VOCABULARY)), length)
    return g


def tensordot(w):
    """A Dense layer on three axes: to [B * S, width] and back for every one, with shapes computed each time."""
    g = Graph(11, constants="init", suffix=":%d")
    start(g, "unk__1")
    get = Stored(g, w, plainly=False)
    g.prefix = "model/"

    def dense(x, name, output):
        prefix, g.prefix = g.prefix, g.prefix + name + "/Tensordot/"
        shape = g.op("Cast", g.op("Shape", x), to=I32)
        kept = g.op("Gather", shape, g.const([0, 1], np.int32), axis=0)
        size = g.op("ReduceProd", kept, axes=[0], keepdims=1)
        inner = g.op("ReduceProd", g.op("Gather", shape, g.const([2], np.int32), axis=0), axes=[0], keepdims=1)
        y = g.op("Reshape", g.op("Transpose", x, perm=[0, 1, 2]), g.op("Cast", g.op("Concat", size, inner, axis=0), to=I64))
        y = g.op("MatMul", y, get(name + ".weight"))
        back = g.op("Concat", kept, g.const([output], np.int32), axis=0)
        y = g.op("Reshape", y, g.op("Cast", back, to=I64))
        g.prefix = prefix
        return g.op("Add", y, get(name + ".bias"))

    def split(x):
        shape = g.op("Shape", x)
        batch = g.op("Slice", shape, g.const([0]), g.const([1]), g.const([0]))
        return g.op("Reshape", x, g.op("Concat", batch, g.const([-1]), g.const([HEADS]), g.const([SIZE]), axis=0))

    sequence = dim(g, "input_ids", 1)
    positions = g.op("Gather", get("embeddings.position.weight"), g.op("Range", g.const(0), sequence, g.const(1)))
    x = g.op("Add", g.op("Gather", get("embeddings.word.weight"), "input_ids"), unsqueeze(g, positions, 0))
    x = folded_norm(g, g.op("Add", x, g.op("Gather", get("embeddings.type.weight"), "token_type_ids")), get, "embeddings.norm")
    mask = g.op("Cast", unsqueeze(g, unsqueeze(g, "attention_mask", 1), 1), to=F)
    bias = g.op("Mul", g.op("Sub", g.f(1), mask), g.f(-10000))
    for i in range(LAYERS):
        p = f"layer.{i}."
        g.prefix = f"model/layer_._{i}/"
        q, k, v = (g.op("Transpose", split(dense(x, p + n, WIDTH)), perm=[0, 2, 1, 3]) for n in ("query", "key", "value"))
        scores = g.op("Div", g.op("MatMul", q, g.op("Transpose", k, perm=[0, 1, 3, 2])), g.op("Sqrt", g.f(SIZE)))
        a = g.op("MatMul", g.op("Softmax", g.op("Add", scores, bias), axis=3), v)
        a = g.op("Transpose", a, perm=[0, 2, 1, 3])
        batch = g.op("Slice", g.op("Shape", a), g.const([0]), g.const([1]), g.const([0]))
        a = g.op("Reshape", a, g.op("Concat", batch, g.const([-1]), g.const([WIDTH]), axis=0))
        x = folded_norm(g, g.op("Add", dense(a, p + "attention.output", WIDTH), x), get, p + "attention.norm")
        h = dense(gelu(g, dense(x, p + "intermediate", FFN), power=False), p + "output", WIDTH)
        x = folded_norm(g, g.op("Add", h, x), get, p + "norm")
    g.prefix = "model/mlm___cls/"
    x = folded_norm(g, gelu(g, dense(x, "head.transform", WIDTH), False), get, "head.norm")
    flat_x = g.op("Reshape", x, g.const([-1, WIDTH]))
    y = g.op("MatMul", flat_x, g.op("Transpose", get("embeddings.word.weight"), perm=[1, 0]))
    y = g.op("Reshape", y, g.op("Concat", g.const([-1]), unsqueeze(g, sequence, 0), g.const([VOCABULARY]), axis=0))
    finish(g, g.op("Add", y, get("head.bias")), "unk__1")
    return g


def einsum(w):
    """Keras' MultiHeadAttention: kernels of three axes, every product an Einsum."""
    g = Graph(12, constants="init", suffix=":%d")
    start(g, "unk__1")
    g.prefix = "functional/"

    def get(name, array=None):
        return g.init("functional/" + name.replace(".", "/"), w[name] if array is None else array)

    def ein(equation, x, name, kernel, bias):
        y = g.op("Einsum", x, get(name + ".weight", w[name + ".weight"].reshape(kernel)), equation=equation)
        return g.op("Add", y, get(name + ".bias", w[name + ".bias"].reshape(bias)))

    sequence = dim(g, "input_ids", 1)
    positions = g.op("Gather", get("embeddings.position.weight"), g.op("Range", g.const(0), sequence, g.const(1)))
    x = g.op("Add", g.op("Gather", get("embeddings.word.weight"), "input_ids"), positions)
    x = folded_norm(g, g.op("Add", x, g.op("Gather", get("embeddings.type.weight"), "token_type_ids")), get, "embeddings.norm")
    seen = g.op("Cast", unsqueeze(g, "attention_mask", 1, 2), to=F)
    bias = g.op("Mul", g.op("Sub", g.f(1), seen), g.f(-10000))
    for i in range(LAYERS):
        p = f"layer.{i}."
        g.prefix = f"functional/layer_{i}/"
        q, k, v = (ein("abc,cde->abde", x, p + n, (WIDTH, HEADS, SIZE), (HEADS, SIZE)) for n in ("query", "key", "value"))
        q = g.op("Mul", q, g.f(SCALE))
        scores = g.op("Einsum", k, q, equation="aecd,abcd->acbe")
        a = g.op("Einsum", g.op("Softmax", g.op("Add", scores, bias), axis=3), v, equation="acbe,aecd->abcd")
        a = ein("abcd,cde->abe", a, p + "attention.output", (HEADS, SIZE, WIDTH), (WIDTH,))
        x = folded_norm(g, g.op("Add", x, a), get, p + "attention.norm")
        h = gelu(g, ein("abc,cd->abd", x, p + "intermediate", (WIDTH, FFN), (FFN,)), power=True)
        x = folded_norm(g, g.op("Add", ein("abc,cd->abd", h, p + "output", (FFN, WIDTH), (WIDTH,)), x), get, p + "norm")
    g.prefix = "functional/head/"
    x = folded_norm(g, gelu(g, ein("abc,cd->abd", x, "head.transform", (WIDTH, WIDTH), (WIDTH,)), True), get, "head.norm")
    y = g.op("Einsum", x, get("embeddings.word.weight"), equation="abc,dc->abd")
    finish(g, g.op("Add", y, get("head.bias")), "unk__1")
    return g


def write(folder):
    w = make_weights()
    twin = "bert-int32-plain"
    save(folder, "bert-tf-op9", flat(w, 9, dynamic=False, plainly=True), ir=4)
    save(folder, "bert-tf-op11", flat(w, 11, dynamic=True, plainly=False), ir=6)
    save(folder, "bert-tf-tensordot-op11", tensordot(w), ir=6)
    save(folder, "bert-keras-einsum-op12", einsum(w), ir=7)
    fixed = [dict(i, dims=["batch", FIXED]) for i in inputs("int32")]
    yield entry("bert-tf-op9", twin, "tf2onnx, opset 9: flat activations, fixed sequence, LayerNorm folded like a batch normalisation", fixed,
                [{"batch": 1}, {"batch": 3}])
    yield entry("bert-tf-op11", twin, "tf2onnx, opset 11: flat activations; weights behind Transpose, Identity, Cast, Reshape, Squeeze, Unsqueeze",
                inputs("int32"), SIZES)
    yield entry("bert-tf-tensordot-op11", twin, "tf2onnx, opset 11: Tensordot with shapes computed each time", inputs("int32"), SIZES)
    yield entry("bert-keras-einsum-op12", twin, "Keras, opset 12: Einsum with kernels of three axes", inputs("int32"), SIZES)
