"""A small graph writer: nodes get names and outputs by themselves, initializers are kept once."""

import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MS = "com.microsoft"
F, I64, I32, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.INT32, TensorProto.BOOL


class Graph:
    """One graph, or the body of an If or a Loop (a child writes no initializers of its own: it sees its parent's)."""

    def __init__(self, opset, prefix="", parent=None, constants="node", suffix="_output_%d"):
        self.opset, self.prefix, self.parent, self.constants, self.suffix = opset, prefix, parent, constants, suffix
        self.nodes, self.inputs, self.outputs, self.values = [], [], [], []
        self.initializers = {} if parent is None else parent.initializers
        self.counts = {} if parent is None else parent.counts
        self.scalars = {}
        self.dense = None  # another way to write a product with a weight
        self.activation = None  # another activation than the architecture's

    # What the graph takes and gives.
    def input(self, name, kind, dims):
        self.inputs.append(helper.make_tensor_value_info(name, kind, dims))
        return name

    def output(self, value, name, kind=F, dims=None):
        """Names the output: the node that makes the value is renamed, or an Identity put after an input."""
        for node in self.nodes:
            for i, one in enumerate(node.output):
                if one == value:
                    node.output[i] = name
                    for other in self.nodes:
                        for j, used in enumerate(other.input):
                            if used == value:
                                other.input[j] = name
                    self.outputs.append(helper.make_tensor_value_info(name, kind, dims))
                    return
        self.op("Identity", value, out=name)
        self.outputs.append(helper.make_tensor_value_info(name, kind, dims))

    # What is in it.
    def init(self, name, array):
        array = np.asarray(array)
        if name in self.initializers:
            assert np.array_equal(self.initializers[name], array), name
        self.initializers[name] = array
        return name

    def const(self, value, dtype=np.int64):
        array = np.asarray(value, dtype=dtype)
        key = (array.tobytes(), str(array.dtype), array.shape)
        if key not in self.scalars:
            if self.constants == "node":
                self.scalars[key] = self.op("Constant", value=numpy_helper.from_array(array))
            else:
                self.scalars[key] = self.init(f"{self.prefix}constant_{len(self.scalars)}", array)
        return self.scalars[key]

    def f(self, value):
        return self.const(value, np.float32)

    def op(self, kind, *inputs, n=1, out=None, domain="", name=None, **attributes):
        """Adds a node. None among the inputs stands for one left out; out: the names of its outputs."""
        if name is None:
            number = self.counts.get((self.prefix, kind), 0)
            self.counts[(self.prefix, kind)] = number + 1
            name = f"{self.prefix}{kind}" + (f"_{number}" if number else "")
        if out is None:
            out = [name + self.suffix % i for i in range(n)]
        elif isinstance(out, str):
            out = [out]
        while inputs and inputs[-1] is None:
            inputs = inputs[:-1]
        node = helper.make_node(kind, [i or "" for i in inputs], out, name=name, domain=domain or None,
                                **{k: v for k, v in attributes.items() if v is not None})
        # The protobuf lists attributes in the order they are given; keep that the same whatever the caller's order.
        ordered = sorted(node.attribute, key=lambda a: a.name)
        del node.attribute[:]
        node.attribute.extend(ordered)
        self.nodes.append(node)
        return out[0] if len(out) == 1 else tuple(out)

    def ms(self, kind, *inputs, **keywords):
        return self.op(kind, *inputs, domain=MS, **keywords)

    def body(self, prefix, constants="node"):
        child = Graph(self.opset, prefix, self, constants)
        return child

    def proto(self, name):
        tensors = [] if self.parent is not None else [numpy_helper.from_array(np.array(a, order="C"), n) for n, a in self.initializers.items()]
        return helper.make_graph(self.nodes, name, self.inputs, self.outputs, tensors, value_info=self.values)

    def model(self, ir=8, domains=(), functions=(), also_inputs=False):
        graph = self.proto("main_graph")
        if also_inputs:  # IR version 3: every initializer is an input with a default
            for tensor in graph.initializer:
                graph.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims)))
        opsets = [helper.make_opsetid("", self.opset)] + [helper.make_opsetid(d, 1) for d in domains]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="OnnxGrow styles", functions=list(functions))
        model.ir_version = ir
        return model


def uses(graph, domain):
    """Whether a node of that domain is in the graph or in a body inside it."""
    for node in graph.node:
        if node.domain == domain or any(a.type == onnx.AttributeProto.GRAPH and uses(a.g, domain) for a in node.attribute):
            return True
    return False


def save(folder, name, g, ir=8, **keywords):
    domains = list(keywords.pop("domains", ()))
    if uses(g.proto("x"), MS):
        domains.append(MS)
    model = g.model(ir, domains, **keywords)
    with open(os.path.join(folder, name + ".onnx"), "wb") as file:
        file.write(model.SerializeToString(deterministic=True))
