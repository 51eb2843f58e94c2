"""Gives layers of Keras 3 their weights, and calls them."""

import os

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"

import keras
import numpy as np

from way_back import answer


def compute(name, arguments, weights, x):
    layer = getattr(keras.layers, name)(**arguments)
    layer.build(x.shape)
    assert {variable.name for variable in layer.variables} == set(weights), weights.keys()
    for variable in layer.variables:
        variable.assign(weights[variable.name])
    return np.array(layer(x), np.float32)


answer(compute)
