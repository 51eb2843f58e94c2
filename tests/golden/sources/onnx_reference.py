"""ONNX's reference implementation of its normalizations, in float64. It has no gradients."""

import numpy as np
import onnx
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from golden import Golden, normal, uniform

OPERATORS = 23
golden = Golden(onnx=onnx.__version__, numpy=np.__version__)


def evaluate(op, attributes, tensors, outputs):
    """The outputs of a model of one node."""
    inputs = [helper.make_tensor_value_info(key, TensorProto.DOUBLE, None) for key in tensors]
    results = [helper.make_tensor_value_info(key, TensorProto.DOUBLE, None) for key in outputs]
    node = helper.make_node(op, list(tensors), outputs, **attributes)
    graph = helper.make_graph([node], "golden", inputs, results)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPERATORS)])
    doubles = {key: np.asarray(value, np.float64) for key, value in tensors.items()}
    return dict(zip(outputs, ReferenceEvaluator(model).run(None, doubles)))


def add(name, op, attributes, shape, axis=1, params=("scale", "B"), mean=0.5, state=(), moved=(), extents=None):
    x = normal(name, shape, mean, 2)
    sizes = extents or (shape[axis],)
    trained = {key: normal(name + " " + key, sizes, 1 if key == "scale" else 0, 0.4) for key in params}
    before = {key: uniform(name + " " + key, sizes, 0.5, 2) for key in state}
    y, *after = evaluate(op, attributes, dict(x=x, **trained, **before), ["y", *moved]).items()
    golden.add(
        name,
        op,
        attributes,
        inputs={"x": x},
        params=trained,
        state=before,
        outputs=dict([y]),
        next=dict(after),
    )


STATE = ("input_mean", "input_var")
MOVED = ("running_mean", "running_var")
for rank in (2, 3, 4, 5):
    shape = (6, 4, 3, 2, 2)[:rank]
    name = "BatchNormalization rank %d" % rank
    add(name, "BatchNormalization", {}, shape, state=STATE)
    attributes = {"training_mode": 1, "momentum": 0.6}
    add(name + " training", "BatchNormalization", attributes, shape, state=STATE, moved=MOVED)
attributes = {"training_mode": 1, "epsilon": 0.1}
add("BatchNormalization epsilon", "BatchNormalization", attributes, (6, 4, 3, 2), state=STATE, moved=MOVED)
attributes = {"training_mode": 1, "momentum": 0.5}
add("BatchNormalization off centre", "BatchNormalization", attributes, (6, 4, 3), mean=1000, state=STATE, moved=MOVED)

# The statistics are taken in float32 by default, and in one pass; 11 stands for float64.
DOUBLE = {"stash_type": 11}
for groups in (1, 2, 6):
    name = "GroupNormalization %d" % groups
    attributes = dict(DOUBLE, num_groups=groups)
    add(name, "GroupNormalization", attributes, (2, 6, 4, 3), params=("scale", "bias"))
attributes = dict(DOUBLE, num_groups=2, epsilon=0.1)
add("GroupNormalization epsilon", "GroupNormalization", attributes, (2, 6, 7), params=("scale", "bias"))
attributes = dict(DOUBLE, num_groups=3)
add("GroupNormalization off centre", "GroupNormalization", attributes, (2, 6, 7), params=("scale", "bias"), mean=1000)

add("InstanceNormalization", "InstanceNormalization", {}, (2, 4, 5, 3))
add("InstanceNormalization rank 3", "InstanceNormalization", {"epsilon": 0.1}, (2, 4, 5))
add("InstanceNormalization off centre", "InstanceNormalization", {}, (2, 4, 5), mean=1000)

add("LayerNormalization", "LayerNormalization", {}, (3, 5, 8), axis=-1)
add("LayerNormalization two axes", "LayerNormalization", {"axis": 1}, (3, 5, 8), extents=(5, 8))
add("LayerNormalization epsilon", "LayerNormalization", {"epsilon": 0.1}, (3, 5, 8), axis=-1)
add("LayerNormalization off centre", "LayerNormalization", {}, (3, 5, 8), axis=-1, mean=1000)

add("RMSNormalization", "RMSNormalization", {}, (3, 5, 8), axis=-1, params=("scale",))
add("RMSNormalization epsilon", "RMSNormalization", {"epsilon": 0.1}, (3, 5, 8), axis=-1, params=("scale",))

# What it makes of data far from zero by default: docs/tensorflow.md.
x = np.array([[[9999, 10000, 10001, 10002]]], np.float32)
ones = {"scale": np.ones(1), "bias": np.zeros(1)}
result = evaluate("GroupNormalization", {"num_groups": 1}, dict(x=x, **ones), ["y"])
golden.add("one pass in float32", "difference", {"num_groups": 1}, inputs={"x": x}, outputs=result)

golden.write()
