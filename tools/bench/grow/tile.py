"""What HyperCloning does to a state dict, in memory: load, tile every weight, save. Reference for tools/bench/grow.

tile.py make STATE HIDDEN LAYERS VOCABULARY    writes a GPT-like state dict of random weights
tile.py tile STATE TILED                       loads it, doubles every width and saves it
"""
import sys

import torch


def make(path, hidden, layers, vocabulary):
    state = {"wte": torch.randn(vocabulary, hidden), "wpe": torch.randn(1024, hidden)}
    for i in range(layers):
        state[f"h.{i}.attn"] = torch.randn(hidden, 3 * hidden)
        state[f"h.{i}.proj"] = torch.randn(hidden, hidden)
        state[f"h.{i}.fc"] = torch.randn(hidden, 4 * hidden)
        state[f"h.{i}.out"] = torch.randn(4 * hidden, hidden)
    torch.save(state, path)


def tile(source, target):
    state = torch.load(source)
    grown = {
        name: weight.repeat(1, 2) if name in ("wte", "wpe") else weight.repeat(2, 2) / 2
        for name, weight in state.items()
    }
    torch.save(grown, target)


if sys.argv[1] == "make":
    make(sys.argv[2], *(int(a) for a in sys.argv[3:]))
else:
    tile(*sys.argv[2:])
