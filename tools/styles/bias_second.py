"""Writes the sample BERTs with the bias as the second input of Add, as exporters before PyTorch 1.11
and other frameworks write it.  ONNX Runtime's optimiser finds attention only in that order.

    python3 tools/styles/bias_second.py FOLDER
"""

import os
import sys

import onnx

MODELS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "models")


def main(folder):
    os.makedirs(folder, exist_ok=True)
    for name in ("bert-mini-op12", "bert-mini-folded-op12"):
        model = onnx.load(os.path.join(MODELS, name + ".onnx"))
        vectors = {i.name for i in model.graph.initializer if len(i.dims) == 1}
        for node in model.graph.node:
            if node.op_type == "Add" and node.input[0] in vectors:
                node.input[:] = [node.input[1], node.input[0]]
        onnx.save(model, os.path.join(folder, name + ".onnx"))


if __name__ == "__main__":
    main(sys.argv[1])
