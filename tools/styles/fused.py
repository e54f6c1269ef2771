"""What the manifest says of the files that ONNX Runtime's optimiser writes (see Optimiser.cs)."""

from manifest import entry, input_of

SIZES = [{"batch": 1, "sequence": 1}, {"batch": 2, "sequence": 7}, {"batch": 3, "sequence": 64}]
FIXED = [{}, {}]


def _text(batch, sequence, encoder):
    dims = [batch, sequence]
    inputs = [input_of("input_ids", "int64", dims, "integers", 0, 499)]
    if encoder:
        inputs.append(input_of("attention_mask", "int64", dims, "mask"))
        inputs.append(input_of("token_type_ids", "int64", dims, "integers", 0, 1))
    return inputs


def _image(batch):
    return [input_of("pixel_values", "float32", [batch, 3, 32, 32], "uniform", -1.0, 1.0)]


def entries():
    style = "ONNX Runtime's optimiser, extended level"
    for name, twin, inputs, sizes, note in (
        ("bert-mini-ort", "bert-mini-op17", _text("batch", "sequence", True), SIZES, ""),
        ("bert-mini-ort-attention", "bert-mini-op12", _text("batch", "sequence", True), SIZES, "; bias second"),
        ("bert-mini-ort-fixed", "bert-mini-folded-op12", _text(2, 16, True), FIXED, "; bias second, fixed shapes, no Gemm"),
        ("bert-mini-ort-fixed-gemm", "bert-mini-op17", _text(2, 16, True), FIXED, "; fixed shapes"),
        ("gpt2-mini-ort", "gpt2-mini-op12", _text("batch", "sequence", False), SIZES, ""),
        ("gpt2-mini-ort-fixed", "gpt2-mini-op17", _text(2, 16, False), FIXED, "; fixed shapes"),
        ("vit-mini-ort-op12", "vit-mini-op12", _image("batch"), [{"batch": 1}, {"batch": 3}], ""),
        ("vit-mini-ort-op17", "vit-mini-op17", _image("batch"), [{"batch": 1}, {"batch": 3}], ""),
        ("vit-mini-ort-fixed", "vit-mini-op17", _image(2), FIXED, "; fixed shapes"),
        ("vit-mini-qkv-ort", "vit-mini-qkv-op17", _image("batch"), [{"batch": 1}, {"batch": 3}], ""),
    ):
        yield entry(name, "../" + twin, style + note, inputs, sizes)
