"""The manifest's entries and how they are written."""

import collections
import json
import os

import onnx

DOMAINS = {"": "", "ai.onnx": ""}


def input_of(name, dtype, dims, fill, low=None, high=None, value=None):
    """fill: integers or uniform (of low..high), ones, mask (ones, then zeros), positions (past...), value (of a symbol)."""
    made = {"name": name, "dtype": dtype, "dims": list(dims), "fill": fill}
    if low is not None:
        made["min"], made["max"] = low, high
    if value is not None:
        made["value"] = value
    return made


def entry(name, twin, style, inputs, sizes, runs=True, expect=None, optimised=True):
    """runs: on the CPU. optimised: to the same result as without the optimiser. expect: what a compiler should say."""
    made = {"file": name + ".onnx", "twin": None if twin is None else twin + ".onnx", "style": style, "runs": runs,
            "inputs": inputs, "sizes": sizes}
    if not optimised:
        made["optimised"] = False
    if expect is not None:
        made["expect"] = expect
    return made


def _operators(graph, counts):
    for node in graph.node:
        domain = DOMAINS.get(node.domain, node.domain)
        counts[(domain + "." if domain else "") + node.op_type] += 1
        for attribute in node.attribute:
            for body in [attribute.g] if attribute.type == onnx.AttributeProto.GRAPH else attribute.graphs:
                _operators(body, counts)


def write(folder, entries):
    made = []
    for one in entries:
        model = onnx.load(os.path.join(folder, one["file"]))
        counts = collections.Counter()
        _operators(model.graph, counts)
        for function in model.functions:
            _operators(function, counts)
        opset = {DOMAINS.get(o.domain, o.domain): o.version for o in model.opset_import}
        one["opset"] = opset.get("", 1)
        one["operators"] = dict(sorted(counts.items()))
        made.append(one)
    lines = ",\n".join("    " + json.dumps(m) for m in made)
    with open(os.path.join(folder, "manifest.json"), "w", newline="\n") as file:
        file.write('{\n  "models": [\n' + lines + "\n  ]\n}\n")
