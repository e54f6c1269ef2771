"""Shared by every architecture: random weights, the export itself, and the checks on the file.

The models are test material, not trained networks.  What matters is that the *graphs* are
what PyTorch's exporter really writes for idiomatic transformer code, and that no parameter is
at a value (gain 1, bias 0, near-uniform attention) that would let a wrong transformation pass.
"""

import math
import os
import warnings

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from evaluate import evaluate

OPSETS = (12, 17)  # 12: LayerNorm decomposed into primitive ops; 17: LayerNormalization


class Conv1D(nn.Module):
    """GPT-2's linear layer: the weight is [in, out] and the product is one addmm on a 2-D view."""

    def __init__(self, nf, nx):
        super().__init__()
        self.nf = nf
        self.weight = nn.Parameter(torch.empty(nx, nf))
        self.bias = nn.Parameter(torch.empty(nf))

    def forward(self, x):
        size_out = x.size()[:-1] + (self.nf,)
        x = torch.addmm(self.bias, x.view(-1, x.size(-1)), self.weight)
        x = x.view(size_out)
        return x


# Gains above 1, by the module's own name: attention scores have to be far from uniform, and
# the logits of the small classifiers have to differ from one sample to the next.
GAINS = {
    "query": 1.4, "key": 1.4, "qkv": 1.4, "c_attn": 1.4,
    "seq_relationship": 2.0, "classifier": 2.0, "head": 2.0,
    "q_proj": 1.4, "k_proj": 1.4, "wq": 1.4, "wk": 1.4, "q_lin": 1.4, "k_lin": 1.4,
    "query_key_value": 1.4, "router": 2.0,
}


@torch.no_grad()
def randomise(model, seed):
    """Gives every parameter a non-trivial random value; a tied parameter is drawn once."""
    generator = np.random.Generator(np.random.PCG64(seed))
    done = set()

    def fill(parameter, values):
        if parameter is not None and id(parameter) not in done:
            done.add(id(parameter))
            parameter.copy_(torch.from_numpy(values(tuple(parameter.shape))))

    def normal(parameter, std):
        fill(parameter, lambda shape: generator.standard_normal(shape) * std)

    for name, module in model.named_modules():
        if isinstance(module, nn.LayerNorm):
            fill(module.weight, lambda shape: generator.uniform(0.5, 1.5, shape))
            normal(module.bias, 0.2)
        elif type(module).__name__.endswith("RMSNorm") or type(module).__name__ == "T5LayerNorm":
            offset = getattr(module, "offset", 0.0)  # a norm that multiplies with 1 + weight
            fill(module.weight, lambda shape: generator.uniform(0.5, 1.5, shape) - offset)
        elif isinstance(module, nn.Embedding):
            normal(module.weight, 0.4)
        elif isinstance(module, (nn.Linear, nn.Conv2d, Conv1D)):
            weight = module.weight
            fan_in = weight.shape[0] if isinstance(module, Conv1D) else weight[0].numel()
            gain = GAINS.get(name.rsplit(".", 1)[-1], 1.0)
            normal(weight, gain / math.sqrt(fan_in))
            normal(module.bias, 0.2)
    for _, parameter in model.named_parameters():  # class token, position table, ...
        stacked = parameter.ndim == 3 and parameter.shape[0] > 1  # experts: [E, in, out]
        normal(parameter, 1.0 / math.sqrt(parameter.shape[1]) if stacked else 0.3)
    return model.eval()


def flatten(values):
    """The tensors of nested tuples in order, the way the exporter takes inputs and outputs apart."""
    if isinstance(values, torch.Tensor):
        return [values]
    return [tensor for value in values for tensor in flatten(value)]


def export(model, name, inputs, outputs, out_dir, dynamic_axes, samples, folding=True, tied=None,
           opsets=OPSETS):
    """Writes <name>-op<opset>.onnx for every opset and checks each file.

    inputs        the names of the graph inputs
    samples       example inputs of several sizes; the first is traced, all are compared
    folding       do_constant_folding
    tied          the initializer that has to serve a Gather and, through a Transpose, a MatMul
    """
    for opset in opsets:
        path = os.path.join(out_dir, f"{name}-op{opset}.onnx")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                model,
                samples[0],
                path,
                input_names=inputs,
                output_names=outputs,
                dynamic_axes=dynamic_axes,
                opset_version=opset,
                do_constant_folding=folding,
            )
        check(path, model, inputs, outputs, samples, tied)


def check(path, model, inputs, outputs, samples, tied):
    model_proto = onnx.load(path)  # given a path, the full check writes the inferred shapes into it
    onnx.checker.check_model(model_proto, full_check=True)
    graph = model_proto.graph
    weights = {t.name: numpy_helper.to_array(t) for t in graph.initializer}

    if sorted(i.name for i in graph.input) != sorted(inputs):
        raise SystemExit(f"{path}: inputs are {[i.name for i in graph.input]}")
    for key, value in weights.items():
        if value.dtype != np.float32 or value.size == 1 or np.isinf(value).any():
            continue  # integers, scalars, and masks
        if value.std() < 0.02:
            raise SystemExit(f"{path}: {key} is (nearly) constant")

    if tied is not None:
        readers = [n for n in graph.node if tied in n.input]
        through = [n.output[0] for n in readers if n.op_type == "Transpose"]
        matmul = [n for n in graph.node if n.op_type == "MatMul" and n.input[1] in through]
        kinds = sorted(n.op_type for n in readers)
        if kinds[-1:] != ["Transpose"] or set(kinds[:-1]) != {"Gather"} or len(matmul) != 1:
            raise SystemExit(f"{path}: {tied} is not shared: {[n.op_type for n in readers]}")

    worst, spread = compare(path, model, inputs, outputs, samples)
    print(f"{os.path.basename(path):34} {os.path.getsize(path):8} bytes, "
          f"{len(graph.node):4} nodes, max difference {worst:.1e}; {', '.join(spread)}")


def compare(path, model, inputs, outputs, samples):
    """The file, run at sizes other than the traced one, must agree with the PyTorch module."""
    graph = onnx.load(path).graph
    worst, spread = 0.0, []
    for sample in samples:
        with torch.no_grad():
            expected = flatten(model(*sample))
        actual = evaluate(graph, {k: v.numpy() for k, v in zip(inputs, flatten(sample))})
        for key, want in zip(outputs, expected):
            if actual[key].shape != tuple(want.shape):
                raise SystemExit(f"{path}: {key} is {actual[key].shape}, not {tuple(want.shape)}")
            worst = max(worst, float(np.abs(actual[key] - want.numpy()).max()))
        spread = [f"{key} std {float(want.std()):.2f}" for key, want in zip(outputs, expected)]
    if not worst < 1e-4:
        raise SystemExit(f"{path}: differs from PyTorch by {worst}")
    return worst, spread
