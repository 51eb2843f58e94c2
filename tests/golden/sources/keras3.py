"""Keras 3 on JAX: batch, group, layer and RMS normalization, in float64."""

import os

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import keras
import numpy as np

from golden import Golden, normal, uniform

keras.config.set_floatx("float64")
golden = Golden(keras=keras.__version__, jax=jax.__version__, numpy=np.__version__)


def numbers(name, variable):
    """Numbers for a variable that show where it is used."""
    shape = variable.shape
    if variable.name == "moving_variance":
        return uniform(name, shape, 0.5, 2)
    return normal(name, shape, 1 if variable.name in ("gamma", "scale") else 0, 0.4)


def add(name, op, layer, options, shape, mean=0.5, deviation=2, after=None, **call):
    """Adds a case of a layer. Its options are its arguments, those of its call, and what follows it."""
    x = normal(name, shape, mean, deviation)
    dy = normal(name + " dy", shape)
    layer.build(shape)
    for variable in layer.variables:
        variable.assign(numbers(name + " " + variable.name, variable))
    trained = [variable.value for variable in layer.trainable_variables]
    kept = [variable.value for variable in layer.non_trainable_variables]
    names = [variable.name for variable in layer.trainable_variables]
    kept_names = [variable.name for variable in layer.non_trainable_variables]

    def loss(x, trained):
        y, after_call = layer.stateless_call(trained, kept, x, **call)
        if after is not None:
            y = after(y)
        return jnp.sum(y * jnp.asarray(dy, jnp.float64)), (y, after_call)

    backward = jax.grad(loss, argnums=(0, 1), has_aux=True)
    (slope, slopes), (y, after_call) = backward(jnp.asarray(x, jnp.float64), trained)
    golden.add(
        name,
        op,
        dict(options, activation="none" if after is None else after.__name__, **call),
        inputs={"x": x, "dy": dy},
        params=dict(zip(names, trained)),
        state=dict(zip(kept_names, kept)),
        outputs={"y": y},
        next=dict(zip(kept_names, after_call)),
        gradients={"x": slope, **dict(zip(names, slopes))},
    )


def add_batch(name, shape=(3, 3, 2, 4), mean=0.5, training=True, **options):
    layer = keras.layers.BatchNormalization(**options)
    add(name, "BatchNormalization", layer, options, shape, mean, training=training)


for rank in (2, 3, 4, 5):
    shape = {2: (9, 4), 3: (4, 5, 4), 4: (3, 3, 2, 4), 5: (2, 2, 3, 2, 4)}[rank]
    add_batch("BatchNormalization rank %d" % rank, shape, momentum=0.5)
    add_batch("BatchNormalization rank %d inference" % rank, shape, training=False)
add_batch("BatchNormalization axis 1", (3, 4, 3, 2), axis=1, momentum=0.3, epsilon=0.1)
add_batch("BatchNormalization axis 1 inference", (3, 4, 3, 2), axis=1, training=False)
add_batch("BatchNormalization no center", center=False, momentum=0.5)
add_batch("BatchNormalization no scale", scale=False, momentum=0.5)
add_batch("BatchNormalization defaults", mean=100)
add_batch("BatchNormalization off centre", mean=1000, momentum=0.5)


def add_group(name, shape=(2, 4, 3, 8), mean=0.5, deviation=2, after=None, **options):
    layer = keras.layers.GroupNormalization(**options)
    add(name, "GroupNormalization", layer, options, shape, mean, deviation, after)


def gelu(y):
    return keras.ops.gelu(y, approximate=False)


add_group("GroupNormalization 2", groups=2)
add_group("GroupNormalization default groups", (2, 2, 3, 32))
add_group("GroupNormalization 1", groups=1)
add_group("GroupNormalization of one channel", groups=-1)
add_group("GroupNormalization axis 1", (2, 8, 4, 3), groups=4, axis=1)
add_group("GroupNormalization rank 3", (3, 7, 8), groups=2)
add_group("GroupNormalization rank 5", (2, 2, 3, 2, 8), groups=2)
add_group("GroupNormalization no center", groups=2, center=False)
add_group("GroupNormalization no scale", groups=2, scale=False, epsilon=0.1)
add_group("GroupNormalization off centre", groups=2, mean=1000)
add_group("GroupNormalization gelu", groups=2, after=gelu)


def add_layer(name, shape, mean=0.5, deviation=2, **options):
    layer = keras.layers.LayerNormalization(**options)
    add(name, "LayerNormalization", layer, options, shape, mean, deviation)


add_layer("LayerNormalization", (3, 5, 8))
add_layer("LayerNormalization two axes", (3, 5, 8), axis=[-2, -1])
add_layer("LayerNormalization no center", (3, 5, 8), center=False)
add_layer("LayerNormalization no scale", (3, 5, 8), scale=False, epsilon=0.1)
add_layer("LayerNormalization off centre", (4, 16), mean=1000)

for axis, shape in ((-1, (3, 5, 8)), (-1, (2, 3, 2, 8))):
    name = "RMSNormalization rank %d" % len(shape)
    layer = keras.layers.RMSNormalization(axis=axis)
    add(name, "RMSNormalization", layer, {"axis": axis}, shape, 1)

golden.write()
