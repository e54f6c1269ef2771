"""What the vision, audio and image-text models share beyond common.py: random values by the
parameter's own name, and an export at opsets chosen per model."""

import math
import os
import warnings

import numpy as np
import torch
from torch import nn

from common import check

SCORES = ("q", "k", "qkv", "query", "key", "q_proj", "k_proj")  # attention far from uniform
HEADS = ("head", "head_dist", "fc", "classifier")
LAYER_SCALES = ("gamma", "gamma_1", "gamma_2", "lambda1")
NORMS = (nn.LayerNorm, nn.BatchNorm1d, nn.BatchNorm2d)


@torch.no_grad()
def randomise(model, seed):
    """Gives every parameter, and every running statistic, a non-trivial random value."""
    generator = np.random.Generator(np.random.PCG64(seed))

    def put(tensor, values):
        tensor.copy_(torch.from_numpy(np.asarray(values)))

    for name, module in model.named_modules():
        own = name.rsplit(".", 1)[-1]
        norm = isinstance(module, NORMS) or type(module).__name__.startswith("LayerNorm")
        for key, tensor in module.named_parameters(recurse=False):
            shape = tuple(tensor.shape)
            if key in LAYER_SCALES:
                put(tensor, generator.uniform(0.3, 1.0, shape))
            elif key == "logit_scale":
                put(tensor, generator.uniform(1.5, 2.5, shape))
            elif norm and key == "weight":
                put(tensor, generator.uniform(0.5, 1.5, shape))
            elif key == "bias" or key.endswith("_bias"):
                put(tensor, generator.standard_normal(shape) * 0.2)
            elif key == "weight" and isinstance(module, nn.Embedding):
                put(tensor, generator.standard_normal(shape) * 0.4)
            elif key == "weight":
                gain = 1.4 if own in SCORES else 2.0 if own in HEADS else 1.0
                fan_in = tensor[0].numel()
                put(tensor, generator.standard_normal(shape) * gain / math.sqrt(fan_in))
            elif key.endswith("bias_table"):
                put(tensor, generator.standard_normal(shape) * 0.7)
            else:  # class token, position table, ...
                put(tensor, generator.standard_normal(shape) * 0.3)
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            shape = tuple(module.running_mean.shape)
            put(module.running_mean, generator.standard_normal(shape) * 0.4)
            put(module.running_var, generator.uniform(0.5, 2.0, shape))
    return model.eval()


def write(model, path, inputs, outputs, opset, sample, dynamic_axes, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            sample,
            path,
            input_names=inputs,
            output_names=outputs,
            dynamic_axes=dynamic_axes,
            opset_version=opset,
            **options,
        )


def export(model, name, inputs, outputs, out_dir, samples, opsets, dynamic_axes=None):
    """Writes <name>-op<opset>.onnx for every opset and checks each file.

    samples       example inputs of several batch sizes; the first is traced, all are compared
    opsets        for every opset version, further arguments of torch.onnx.export
    dynamic_axes  without it, axis 0 of every input and output is the batch
    """
    if dynamic_axes is None:
        dynamic_axes = {key: {0: "batch"} for key in inputs + outputs}
    for opset, options in opsets.items():
        path = os.path.join(out_dir, f"{name}-op{opset}.onnx")
        write(model, path, inputs, outputs, opset, samples[0], dynamic_axes, **options)
        check(path, model, inputs, outputs, samples, tied=None)


def images(batches, channels=3, size=32, dtype=torch.float32):
    def one(batch):
        generator = torch.Generator().manual_seed(batch)
        return (torch.randn(batch, channels, size, size, generator=generator).to(dtype),)
    return [one(batch) for batch in batches]
