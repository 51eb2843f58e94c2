"""tensorflow-addons: GroupNormalization and InstanceNormalization, in float64."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
import tensorflow_addons as tfa

from both_ways import both_ways
from golden import Golden, normal

golden = Golden(addons=tfa.__version__, tensorflow=tf.__version__, numpy=np.__version__)


def add(name, op, options, shape, mean=0.5, deviation=2):
    x = normal(name, shape, mean, deviation)
    dy = normal(name + " dy", shape)
    layer = getattr(tfa.layers, op)(dtype="float64", **options)
    layer.build(tf.TensorShape(shape))
    variables = {variable.name.split(":")[0].split("/")[-1]: variable for variable in layer.trainable_variables}
    params = {key: normal(name + " " + key, value.shape, key == "gamma", 0.4) for key, value in variables.items()}
    for key, variable in variables.items():
        variable.assign(params[key])
    y, slopes = both_ways(layer, x, dy, variables)
    golden.add(
        name,
        op,
        options,
        inputs={"x": x, "dy": dy},
        params=params,
        outputs={"y": y},
        gradients=slopes,
    )


IMAGE = (2, 4, 3, 8)


def add_group(title, shape=IMAGE, mean=0.5, deviation=2, **options):
    add("GroupNormalization " + title, "GroupNormalization", options, shape, mean, deviation)


add_group("2", groups=2)
add_group("default groups", (2, 2, 3, 32))
add_group("1", groups=1)
add_group("of one channel", groups=-1)
add_group("axis 1", (2, 8, 4, 3), groups=4, axis=1)
add_group("axis 2", (2, 4, 6, 3), groups=3, axis=2)
add_group("rank 3", (3, 7, 8), groups=2)
add_group("rank 5", (2, 2, 3, 2, 8), groups=2)
add_group("no center", groups=2, center=False)
add_group("no scale", groups=2, scale=False, epsilon=0.1)
add_group("off centre", groups=2, mean=1000)
add_group("far off centre", groups=2, mean=1e5, deviation=10)

for options in ({}, {"axis": 1}, {"center": False}, {"scale": False, "epsilon": 0.1}):
    title = " ".join(["InstanceNormalization", *map(str, options)])
    add(title, "InstanceNormalization", options, IMAGE)
add("InstanceNormalization rank 3", "InstanceNormalization", {}, (3, 7, 4))
add("InstanceNormalization off centre", "InstanceNormalization", {}, IMAGE, 1000)

golden.write()
