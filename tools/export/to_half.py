"""Turns a float32 graph into one that is float16 or bfloat16 throughout: weights, constants,
inputs, outputs and the targets of casts.  Nothing stays in float32, so no cast is needed anywhere.

PyTorch on a CPU has no half kernels for convolution, LayerNorm and softmax, so a .half() module
cannot be traced there; the graph it would have given is the one written here.
"""

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, defs, numpy_helper, shape_inference

FLOAT = TensorProto.FLOAT
LARGEST = {TensorProto.FLOAT16: 65504.0, TensorProto.BFLOAT16: 3.3895313892515355e38}
TYPE_STRINGS = {TensorProto.FLOAT16: "tensor(float16)", TensorProto.BFLOAT16: "tensor(bfloat16)"}


def round_to(values, kind):
    """The 16-bit patterns of finite values, rounded to nearest even."""
    values = np.clip(values, -LARGEST[kind], LARGEST[kind])
    if kind == TensorProto.FLOAT16:
        return values.astype(np.float16).view(np.uint16)
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def convert_tensor(tensor, kind):
    if tensor.data_type == TensorProto.DOUBLE:
        raise ValueError(f"{tensor.name}: double")
    if tensor.data_type != FLOAT:
        return
    values = numpy_helper.to_array(tensor)
    bits = np.asarray(round_to(values, kind))
    converted = TensorProto(
        name=tensor.name, data_type=kind, dims=tensor.dims, raw_data=bits.astype("<u2").tobytes())
    tensor.CopyFrom(converted)


def convert_type(type_proto, kind):
    if type_proto.tensor_type.elem_type == FLOAT:
        type_proto.tensor_type.elem_type = kind


def convert_node(node, kind):
    for attribute in node.attribute:
        if attribute.type in (AttributeProto.GRAPH, AttributeProto.GRAPHS):
            raise NotImplementedError(f"{node.name}: a nested graph")
        if attribute.type == AttributeProto.TENSOR:
            convert_tensor(attribute.t, kind)
        elif node.op_type == "Constant" and attribute.name.startswith("value_float"):
            raise NotImplementedError(f"{node.name}: {attribute.name}")
        elif node.op_type == "Cast" and attribute.name == "to" and attribute.i == FLOAT:
            attribute.i = kind
    if node.op_type == "ConstantOfShape" and not node.attribute:
        raise NotImplementedError(f"{node.name}: float32 by default")


def convert(model, kind):
    """The same graph over float16 or bfloat16."""
    result = onnx.ModelProto()
    result.CopyFrom(model)
    graph = result.graph
    for tensor in graph.initializer:
        convert_tensor(tensor, kind)
    for value in (*graph.input, *graph.output, *graph.value_info):
        convert_type(value.type, kind)
    for node in graph.node:
        convert_node(node, kind)
    verify(result, kind)
    return result


def verify(model, kind):
    """Every value of the type is where the operator allows it, and no float32 is left."""
    onnx.checker.check_model(model, full_check=True)
    inferred = shape_inference.infer_shapes(model, check_type=True, strict_mode=True).graph
    types = {t.name: t.data_type for t in inferred.initializer}
    for value in (*inferred.input, *inferred.output, *inferred.value_info):
        types[value.name] = value.type.tensor_type.elem_type
    wrong = [name for name, code in types.items() if code in (FLOAT, TensorProto.DOUBLE)]
    if wrong:
        raise ValueError(f"still float32: {wrong[:5]}")
    version = model.opset_import[0].version
    for node in inferred.node:
        schema = defs.get_schema(node.op_type, version)
        allowed = {c.type_param_str: set(c.allowed_type_strs) for c in schema.type_constraints}
        for formals, names in ((schema.inputs, node.input), (schema.outputs, node.output)):
            for index, name in enumerate(names):
                formal = formals[min(index, len(formals) - 1)]
                known = allowed.get(formal.typeStr, {formal.typeStr})
                if types.get(name) == kind and TYPE_STRINGS[kind] not in known:
                    raise ValueError(f"{node.op_type}-{version} does not take {TYPE_STRINGS[kind]}")
