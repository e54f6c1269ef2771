"""Loads an export into PyTorch and compares what it computes with outputs of the ONNX model.

    python3 compare.py MODEL.onnx WEIGHTS --inputs inputs.npz --expected outputs.npz [--tolerance 1e-4]

The .npz files hold an array for each input or output, named like it.
"""

import argparse
import sys

import numpy as np
import torch

from onnx_module import OnnxModule


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("weights")
    parser.add_argument("--inputs", required=True)
    parser.add_argument("--expected", required=True)
    parser.add_argument("--tolerance", type=float, default=1e-4)
    arguments = parser.parse_args()
    module = OnnxModule(arguments.model, arguments.weights)
    given, wanted = np.load(arguments.inputs), np.load(arguments.expected)
    inputs = {name: torch.from_numpy(given[name]) for name in module.inputs}
    with torch.no_grad():
        outputs = module(**inputs)
    worst = 0.0
    for name, value in outputs.items():
        expected = wanted[name]
        difference = float(np.abs(value.numpy() - expected).max() / max(1e-30, np.abs(expected).max()))
        print(f"{name} {list(expected.shape)}: largest difference {difference:.2e} of the largest entry")
        worst = max(worst, difference)
    return 0 if worst <= arguments.tolerance else 1


if __name__ == "__main__":
    sys.exit(main())
