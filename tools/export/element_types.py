"""vit-fp16-mini, vit-f64-mini and gpt2-bf16-mini: architectures of this folder in other element
types.  Double is exported as it is; the 16-bit files are exported in float32 and converted."""

import contextlib
import os
import tempfile

import numpy as np
import onnx
import torch
from onnx import TensorProto

import gpt2
import to_half
import vit
from common import randomise
from evaluate import evaluate
from vision_common import export, images, write


@contextlib.contextmanager
def sizes(module, **values):
    """Builds an architecture of this folder at another size."""
    before = {key: getattr(module, key) for key in values}
    try:
        vars(module).update(values)
        yield
    finally:
        vars(module).update(before)


def half(model, name, inputs, outputs, out_dir, samples, opsets, dynamic_axes, kind, dtype):
    for opset, options in opsets.items():
        path = os.path.join(out_dir, f"{name}-op{opset}.onnx")
        with tempfile.TemporaryDirectory() as folder:
            single = os.path.join(folder, "single.onnx")
            write(model, single, inputs, outputs, opset, samples[0], dynamic_axes, **options)
            onnx.save(to_half.convert(onnx.load(single), kind), path)

        # The module with rounded weights, computed in float32, is what the file approximates.
        graph = onnx.load(path).graph
        rounded = {key: value.to(dtype).to(value.dtype) if value.is_floating_point() else value
                   for key, value in model.state_dict().items()}
        kept = {key: value.clone() for key, value in model.state_dict().items()}
        model.load_state_dict(rounded)
        worst, spread = 0.0, 0.0
        for sample in samples:
            feeds = [t.to(dtype) if t.is_floating_point() else t for t in sample]
            with torch.no_grad():
                wants = model(*[t.float() if t.is_floating_point() else t for t in feeds])
            arrays = [t.float().numpy() if t.dtype == torch.bfloat16 else t.numpy() for t in feeds]
            actual = evaluate(graph, dict(zip(inputs, arrays)))[outputs[0]]
            if kind == TensorProto.FLOAT16 and actual.dtype != np.float16:
                raise SystemExit(f"{path}: computed in {actual.dtype}")
            worst = max(worst, float(np.abs(actual.astype(np.float32) - wants.numpy()).max()))
            spread = float(wants.std())
        model.load_state_dict(kept)
        if not worst < 0.03 * spread:
            raise SystemExit(f"{path}: differs from PyTorch by {worst}")
        print(f"{os.path.basename(path):26} {os.path.getsize(path):8} bytes, "
              f"{len(graph.node):4} nodes, max difference {worst:.1e}; std {spread:.2f}")


def main(out_dir):
    batch = {"pixel_values": {0: "batch"}, "logits": {0: "batch"}}
    tokens = {0: "batch", 1: "sequence"}
    half(
        randomise(vit.ViTForImageClassification(), seed=42),
        "vit-fp16-mini",
        ["pixel_values"],
        ["logits"],
        out_dir,
        samples=images([2, 1, 5]),
        opsets={12: {}, 17: {"do_constant_folding": False}},
        dynamic_axes=batch,
        kind=TensorProto.FLOAT16,
        dtype=torch.float16,
    )
    with sizes(gpt2, VOCAB=240, LAYERS=2):
        model = gpt2.GPT2LMHeadModel()
        samples = [gpt2.sample(2, 11), gpt2.sample(1, 1), gpt2.sample(3, 17)]
    half(
        randomise(model, seed=43),
        "gpt2-bf16-mini",
        ["input_ids"],
        ["logits"],
        out_dir,
        samples=samples,
        opsets={opset: {"do_constant_folding": False} for opset in (16, 17)},  # keeps the tie
        dynamic_axes={"input_ids": tokens, "logits": tokens},
        kind=TensorProto.BFLOAT16,
        dtype=torch.bfloat16,
    )
    with sizes(vit, HIDDEN=32, HEADS=2, FFN=64, LAYERS=2):
        model = vit.ViTForImageClassification()
    export(
        randomise(model, seed=44).double(),
        "vit-f64-mini",
        ["pixel_values"],
        ["logits"],
        out_dir,
        samples=images([2, 1, 5], dtype=torch.float64),
        opsets={12: {}, 17: {"do_constant_folding": False}},
    )
