"""Reads and writes what 'onnxgrow export' makes: a .safetensors or .npz file, and the map beside it.

NumPy alone, so that JAX users can take it as it is; bfloat16 is given as torch tensors where torch is there.
"""

import json
import os
import struct

import numpy as np

_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}
_ALIGNMENT = 4096


def load_map(path):
    """The map beside a file: a dict by initializer, in the order of the graph."""
    with open(path + ".json", encoding="utf-8") as file:
        described = json.load(file)
    if described.get("schema") != "onnxgrow.weights/1":
        raise ValueError(f"{path}.json is no map of weights (schema onnxgrow.weights/1)")
    return described


def load(path):
    """The tensors of a file as NumPy arrays by name."""
    with open(path, "rb") as file:
        zipped = file.read(2) == b"PK"
    if zipped:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    return _load_safetensors(path)


def save(path, tensors):
    """Writes NumPy arrays by name, as .npz or .safetensors by the path's ending; whole or not at all."""
    beside = path + ".writing"
    with open(beside, "wb") as file:
        if path.endswith(".npz"):
            np.savez(file, **tensors)
        else:
            _save_safetensors(file, tensors)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


def _load_safetensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > os.path.getsize(path) - 8:
            raise ValueError(f"{path} is no safetensors file")
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    found = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        shape = tuple(entry["shape"])
        if entry["dtype"] == "BF16":
            # The upper half of a float32.
            raw = np.fromfile(path, "<u2", (end - begin) // 2, offset=8 + length + begin)
            found[name] = (raw.astype("<u4") << 16).view("<f4").reshape(shape)
            continue
        kind = np.dtype(_TYPES[entry["dtype"]])
        found[name] = np.fromfile(path, kind, (end - begin) // kind.itemsize, offset=8 + length + begin).reshape(shape)
    return found


def _save_safetensors(file, tensors):
    names = {np.dtype(kind): name for name, kind in _TYPES.items()}
    header, at = {"__metadata__": {"format": "pt"}}, 0
    arrays = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
    for name, array in arrays.items():
        header[name] = {"dtype": names[array.dtype], "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-(len(text) + 8) % _ALIGNMENT)
    file.write(struct.pack("<Q", len(text)))
    file.write(text)
    for array in arrays.values():
        file.write(array.tobytes())
