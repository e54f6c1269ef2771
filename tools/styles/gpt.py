"""A GPT in several styles on the same weights: Gelu 20 and model-local functions, If, Loop, quantised weights, weights as inputs."""

from onnx import AttributeProto, helper

from blocks import Weights, attend, causal, dim, gelu_tanh, layer_norm, linear, merge_heads, split_heads, unsqueeze
from graph import F, I64, Graph, save
from manifest import entry, input_of

WIDTH, HEADS, SIZE, FFN, LAYERS, VOCABULARY, LONGEST, EPSILON = 48, 3, 16, 96, 2, 100, 32, 1e-5
SCALE = SIZE ** -0.5


def make_weights(seed=41):
    w = Weights(seed)
    w.table("wte", VOCABULARY, WIDTH)
    w.table("wpe", LONGEST, WIDTH, 0.5)
    for i in range(LAYERS):
        p = f"h.{i}."
        w.gain(p + "ln_1", WIDTH, bias=True)
        w.matrix(p + "attn.c_attn", WIDTH, 3 * WIDTH, 1.3, bias=True)
        w.matrix(p + "attn.c_proj", WIDTH, WIDTH, bias=True)
        w.gain(p + "ln_2", WIDTH, bias=True)
        w.matrix(p + "mlp.c_fc", WIDTH, FFN, bias=True)
        w.matrix(p + "mlp.c_proj", FFN, WIDTH, bias=True)
    w.gain("ln_f", WIDTH, bias=True)
    w.matrix("lm_head", WIDTH, VOCABULARY)
    return w


def init(g, w, name):
    return g.init(name, w[name])


def pair(g, w, name):
    return init(g, w, name + ".weight"), init(g, w, name + ".bias")


def embed(g, w, past=None):
    x = g.op("Gather", init(g, w, "wte.weight"), "input_ids")
    sequence = dim(g, "input_ids", 1)
    end = sequence if past is None else g.op("Add", past, sequence)
    start = g.const([0]) if past is None else unsqueeze(g, past, 0)
    positions = g.op("Slice", init(g, w, "wpe.weight"), start, unsqueeze(g, end, 0), g.const([0]))
    return g.op("Add", x, positions), sequence


def start(g):
    g.input("input_ids", I64, ["batch", "sequence"])


def finish(g, w, x):
    y = linear(g, layer_norm(g, x, w, "ln_f", EPSILON), w, "lm_head")
    g.output(y, "logits", F, ["batch", "sequence", VOCABULARY])


def three(g, x):
    if g.opset >= 13:
        return g.op("Split", x, g.const([WIDTH] * 3), axis=-1, n=3)
    return g.op("Split", x, axis=2, split=[WIDTH] * 3, n=3)


def joined(g, past, new):
    return g.op("Concat", past, new, axis=2)


def attention(g, w, p, h, bias, past=None, join=joined):
    q, k, v = (split_heads(g, t, HEADS, SIZE) for t in three(g, linear(g, h, w, p + "attn.c_attn")))
    if past is not None:
        k, v = join(g, past[0], k), join(g, past[1], v)
    a = attend(g, q, k, v, SCALE, bias)
    return linear(g, merge_heads(g, a, WIDTH), w, p + "attn.c_proj"), (k, v)


def mlp(g, w, p, h):
    return linear(g, (g.activation or gelu_tanh)(g, linear(g, h, w, p + "mlp.c_fc")), w, p + "mlp.c_proj")


def layers(g, w, x, bias, pasts=None, prefix="/", join=joined):
    presents = []
    for i in range(LAYERS):
        p = f"h.{i}."
        g.prefix = f"{prefix}h.{i}/"
        a, present = attention(g, w, p, layer_norm(g, x, w, p + "ln_1", EPSILON), bias, None if pasts is None else pasts[i], join)
        presents.append(present)
        x = g.op("Add", x, a)
        x = g.op("Add", x, mlp(g, w, p, layer_norm(g, x, w, p + "ln_2", EPSILON)))
    g.prefix = prefix
    return x, presents


def plain(w, opset=14, constants="node", dense=None, activation=None):
    g = Graph(opset, constants=constants)
    g.dense, g.activation = dense, activation
    start(g)
    x, sequence = embed(g, w)
    x, _ = layers(g, w, x, causal(g, sequence))
    finish(g, w, x)
    return g


def pasts():
    return [(f"past_key_values.{i}.key", f"past_key_values.{i}.value") for i in range(LAYERS)]


def start_cached(g):
    start(g)
    for names in pasts():
        for name in names:
            g.input(name, F, ["batch", HEADS, "past", SIZE])
    return dim(g, pasts()[0][0], 2)


def finish_cached(g, presents):
    for i, names in enumerate(presents):
        for part, value in zip(("key", "value"), names):
            g.output(value, f"present.{i}.{part}", F, ["batch", HEADS, "total", SIZE])


def cached(w):
    """With a cache of keys and values."""
    g = Graph(14)
    past = start_cached(g)
    x, sequence = embed(g, w, past)
    x, presents = layers(g, w, x, causal(g, sequence, past), pasts())
    finish(g, w, x)
    finish_cached(g, presents)
    return g


# Model-local functions.
DOMAIN = "local"


def _reference(node, attribute, kind):
    """Gives a node an attribute that takes the value of the function's."""
    made = node.attribute.add()
    made.name = attribute[0]
    made.ref_attr_name = attribute[1]
    made.type = kind
    return node


def _function(name, inputs, outputs, nodes, attributes=(), local=False):
    opsets = [helper.make_opsetid("", 20)] + ([helper.make_opsetid(DOMAIN, 1)] if local else [])
    return helper.make_function(DOMAIN, name, inputs, outputs, nodes, opsets, list(attributes))


def _functions():
    node = helper.make_node
    yield _function("Linear", ["x", "w", "b"], ["y"], [node("MatMul", ["x", "w"], ["p"]), node("Add", ["p", "b"], ["y"])])
    yield _function("ResidualNorm", ["x", "skip", "gain", "shift"], ["y", "sum"], [
        node("Add", ["x", "skip"], ["sum"]),
        _reference(node("LayerNormalization", ["sum", "gain", "shift"], ["y"], axis=-1), ("epsilon", "epsilon"), AttributeProto.FLOAT),
    ], ["epsilon"])
    # A function that calls another one.
    yield _function("Mlp", ["x", "w1", "b1", "w2", "b2"], ["y"], [
        node("Linear", ["x", "w1", "b1"], ["h"], domain=DOMAIN),
        _reference(node("Gelu", ["h"], ["a"]), ("approximate", "approximation"), AttributeProto.STRING),
        node("Linear", ["a", "w2", "b2"], ["y"], domain=DOMAIN),
    ], ["approximation"], local=True)


def functions(w):
    """Opset 20: Gelu and LayerNormalization; the feed-forward block and residual and norm are functions."""
    g = Graph(20)
    start(g)
    x, sequence = embed(g, w)
    bias = causal(g, sequence)
    h = g.op("LayerNormalization", x, *pair(g, w, "h.0.ln_1"), axis=-1, epsilon=EPSILON)
    for i in range(LAYERS):
        p = f"h.{i}."
        g.prefix = f"/h.{i}/"
        a, _ = attention(g, w, p, h, bias)
        h, x = g.op("ResidualNorm", a, x, *pair(g, w, p + "ln_2"), domain=DOMAIN, n=2, epsilon=EPSILON)
        m = g.op("Mlp", h, *pair(g, w, p + "mlp.c_fc"), *pair(g, w, p + "mlp.c_proj"), domain=DOMAIN, approximation="tanh")
        following = f"h.{i + 1}.ln_1" if i + 1 < LAYERS else "ln_f"
        h, x = g.op("ResidualNorm", m, x, *pair(g, w, following), domain=DOMAIN, n=2, epsilon=EPSILON)
    g.prefix = "/"
    g.output(linear(g, h, w, "lm_head"), "logits", F, ["batch", "sequence", VOCABULARY])
    return g, list(_functions())


PARTS = ("ln_1.weight", "ln_1.bias", "attn.c_attn.weight", "attn.c_attn.bias", "attn.c_proj.weight", "attn.c_proj.bias",
         "ln_2.weight", "ln_2.bias", "mlp.c_fc.weight", "mlp.c_fc.bias", "mlp.c_proj.weight", "mlp.c_proj.bias")


def layer_function(w):
    """Opset 20: a whole layer is one function, called for every layer with its weights."""
    body = Graph(20)
    names = {part: part.replace(".", "_") for part in PARTS}

    def lin(x, name):
        return body.op("Add", body.op("MatMul", x, names[name + ".weight"]), names[name + ".bias"])

    h = body.op("LayerNormalization", "x", names["ln_1.weight"], names["ln_1.bias"], axis=-1)
    q, k, v = (split_heads(body, t, HEADS, SIZE) for t in three(body, lin(h, "attn.c_attn")))
    a = lin(merge_heads(body, attend(body, q, k, v, SCALE, "mask"), WIDTH), "attn.c_proj")
    x = body.op("Add", "x", a)
    h = body.op("LayerNormalization", x, names["ln_2.weight"], names["ln_2.bias"], axis=-1)
    y = body.op("Add", x, lin(body.op("Gelu", lin(h, "mlp.c_fc"), approximate="tanh"), "mlp.c_proj"))
    made = helper.make_function(DOMAIN, "Layer", ["x", "mask"] + list(names.values()), [y], body.nodes, [helper.make_opsetid("", 20)])
    g = Graph(20)
    start(g)
    x, sequence = embed(g, w)
    mask = causal(g, sequence)
    for i in range(LAYERS):
        g.prefix = f"/h.{i}/"
        x = g.op("Layer", x, mask, *[init(g, w, f"h.{i}.{part}") for part in PARTS], domain=DOMAIN)
    g.prefix = "/"
    h = g.op("LayerNormalization", x, *pair(g, w, "ln_f"), axis=-1, epsilon=EPSILON)
    g.output(linear(g, h, w, "lm_head"), "logits", F, ["batch", "sequence", VOCABULARY])
    return g, [made]


def cached_inputs():
    return [ids] + [input_of(name, "float32", ["batch", HEADS, "past", SIZE], "uniform", -1.0, 1.0) for names in pasts() for name in names]


CACHED_SIZES = [{"batch": b, "sequence": s, "past": p} for b, s, p in ((1, 1, 0), (2, 7, 0), (2, 1, 5), (2, 4, 9))]
ids = input_of("input_ids", "int64", ["batch", "sequence"], "integers", 0, VOCABULARY - 1)
SIZES = [{"batch": b, "sequence": s} for b, s in ((1, 1), (2, 7), (3, 32))]


def write(folder):
    w = make_weights()
    save(folder, "gpt-plain", plain(w))
    save(folder, "gpt-cache-plain", cached(w))
    g, made = functions(w)
    save(folder, "gpt-op20-functions", g, ir=9, domains=[DOMAIN], functions=made)
    g, made = layer_function(w)
    save(folder, "gpt-op20-layer-function", g, ir=9, domains=[DOMAIN], functions=made)
    yield entry("gpt-op20-functions", "gpt-plain", "opset 20: model-local functions with attributes, one calling another; Gelu; LayerNormalization", [ids], SIZES)
    yield entry("gpt-op20-layer-function", "gpt-plain", "opset 20: every layer a call of one model-local function", [ids], SIZES)
