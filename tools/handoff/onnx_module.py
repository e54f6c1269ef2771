"""An ONNX graph as a plain nn.Module, with the parameters that 'onnxgrow export' wrote.

The module's parameters have the names and orientation of the module that was exported: state_dict() has
'bert.encoder.layer.0.attention.self.query.weight' as [out, in], whichever way the graph stores it.
"""

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

import weights as files
from operators import OPERATORS


class OnnxModule(nn.Module):
    """Runs a graph's nodes in order; autograd does the rest."""

    def __init__(self, model_path, weights_path):
        super().__init__()
        self._map = files.load_map(weights_path)
        tensors = files.load(weights_path)
        graph = onnx.load(model_path).graph
        self._places = {}
        for initializer, entry in self._map["weights"].items():
            array = tensors[entry["name"]]
            if list(array.shape) != entry["dims"]:
                raise ValueError(f"{entry['name']} has the shape {list(array.shape)}, and the map says {entry['dims']}")
            value = torch.from_numpy(np.array(array))
            owner, leaf = self._owner(entry["name"])
            owner.register_parameter(leaf, nn.Parameter(value.t().contiguous() if entry["transposed"] else value))
            self._places[initializer] = (owner, leaf, entry["transposed"])
        # Numbers, masks and tables are the graph's own; what is computed of them alone stays on the CPU with shapes.
        self._constants = {t.name: torch.from_numpy(np.array(numpy_helper.to_array(t))) for t in graph.initializer if t.name not in self._places}
        self._nodes = [_Node(n) for n in graph.node if n.op_type != "Constant" or n.output[0] not in self._places]
        self.inputs = [i.name for i in graph.input if i.name not in self._places and i.name not in self._constants]
        self.outputs = [o.name for o in graph.output]
        unknown = sorted({n.operator for n in self._nodes} - set(OPERATORS))
        if unknown:
            raise NotImplementedError(f"operators.py has no {', '.join(unknown)}")

    def forward(self, **inputs):
        """The outputs by name."""
        missing = [name for name in self.inputs if name not in inputs]
        if missing:
            raise ValueError(f"inputs are missing: {', '.join(missing)}")
        values = dict(self._constants)
        values.update(inputs)
        for name, (owner, leaf, transposed) in self._places.items():
            # Asked for at every step: FSDP puts other tensors in their place.
            value = getattr(owner, leaf)
            values[name] = value.t() if transposed else value
        for node in self._nodes:
            found = OPERATORS[node.operator](node.attributes, *[values[name] if name else None for name in node.inputs])
            for name, value in zip(node.outputs, found if isinstance(found, (tuple, list)) else (found,)):
                values[name] = value
        return {name: values[name] for name in self.outputs}

    def arrays(self, state=None):
        """The weights as 'onnxgrow export --from' takes them back: by the map's names, in the graph's orientation."""
        state = self.state_dict() if state is None else state
        found = {}
        for entry in self._map["weights"].values():
            value = state[_name(entry["name"])].detach().cpu()
            found[entry["name"]] = (value.t() if entry["transposed"] else value).contiguous().numpy()
        return found

    def _owner(self, name):
        owner = self
        *path, leaf = _name(name).split(".")
        for part in path:
            if part not in owner._modules:
                owner.add_module(part, nn.Module())
            owner = owner._modules[part]
        return owner, leaf


def _name(name):
    """A name that modules take: nothing empty between dots."""
    return ".".join(part for part in name.replace("/", ".").split(".") if part)


class _Node:
    def __init__(self, proto):
        self.operator = proto.op_type
        self.inputs = list(proto.input)
        self.outputs = list(proto.output)
        self.attributes = {a.name: onnx.helper.get_attribute_value(a) for a in proto.attribute}
