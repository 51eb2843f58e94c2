"""Makes the models that the example and its tests load, with what Keras computes of them.

Run from the repository's root, with Python 3.11 and

    pip install tensorflow-cpu==2.14.1 tensorflow-probability==0.22.1
    pip install --no-deps tensorflow-addons==0.23.0 "typeguard<3" tensorflow-compression==2.14.1 \
        tensorflowjs==4.22.0 safetensors

and `deno fmt` afterwards. TensorFlow Compression has no later release for Python 3.11. TensorFlow.js'
converter also imports tensorflow-decision-forests 1.6.0, tensorflow-hub, tf-keras 2.15, jax and jaxlib
0.4.20, of which it uses nothing here.
"""

import os

import numpy as np
import tensorflow as tf
import tensorflow_addons as tfa
import tensorflow_compression as tfc
import tensorflowjs as tfjs
from safetensors.numpy import save_file

keras = tf.keras
EXAMPLE = "examples/tfjs_layers/denoiser"
TESTS = "tests/examples/tfjs_layers/keras"


def leaves(random, size):
    """A picture of disks that cover each other, from 0 to 1."""
    picture = np.full((size, size), 0.5, np.float32)
    rows, columns = np.mgrid[:size, :size]
    for _ in range(200):
        row, column = random.uniform(0, size, 2)
        radius = 2 / random.uniform(0.1, 0.8)
        picture[(rows - row) ** 2 + (columns - column) ** 2 < radius**2] = random.uniform()
    return picture


def denoiser():
    """A small network that adds a correction to a picture with noise."""
    x = keras.Input((None, None, 1), name="noisy")
    h = keras.layers.Conv2D(8, 3, padding="same", name="analysis")(x)
    h = tfc.GDN(name="gdn")(h)
    h = keras.layers.Conv2D(8, 3, padding="same", name="middle")(h)
    h = tfa.layers.InstanceNormalization(name="instance_normalization")(h)
    h = keras.layers.ReLU(name="relu")(h)
    h = keras.layers.Conv2D(8, 3, padding="same", name="synthesis")(h)
    h = keras.layers.GroupNormalization(2, name="group_normalization")(h)
    h = keras.layers.ReLU(name="relu_1")(h)
    h = keras.layers.Conv2D(1, 3, padding="same", name="correction")(h)
    return keras.Model(x, keras.layers.Add(name="denoised")([x, h]), name="denoiser")


def trained():
    """A denoiser that has learnt to take noise of deviation 0.1 off pictures, and such a picture."""
    model = denoiser()
    random = np.random.default_rng(1)
    clean = np.stack([leaves(random, 32) for _ in range(256)])[..., None]
    model.compile(keras.optimizers.legacy.Adam(3e-3), "mse")
    for _ in range(15):
        noisy = clean + random.normal(0, 0.1, clean.shape).astype(np.float32)
        model.fit(noisy, clean, 16, verbose=0)
    patch = leaves(random, 16)[None, ..., None]
    patch += random.normal(0, 0.1, patch.shape).astype(np.float32)
    fresh = denoiser()  # without the optimizer
    fresh.set_weights(model.get_weights())
    return fresh, patch


def zoo():
    """A model with an output for each kind of layer."""
    addons_group = tfa.layers.GroupNormalization
    addons_instance = tfa.layers.InstanceNormalization
    keras_group = keras.layers.GroupNormalization
    layers = [
        addons_group(2, name="addons_group"),
        addons_group(-1, name="addons_group_of_one", epsilon=0.01, center=False),
        addons_group(2, axis=1, name="addons_group_first"),
        addons_group(3, axis=2, name="addons_group_middle", scale=False),
        addons_instance(name="addons_instance"),
        addons_instance(axis=1, name="addons_instance_first", center=False, scale=False),
        keras_group(4, name="keras_group", gamma_regularizer="l2", beta_constraint="non_neg"),
        keras_group(-1, name="keras_group_of_one", epsilon=1e-5),
        keras_group(1, axis=-3, name="keras_group_first"),
        tfc.GDN(name="gdn_1"),
        tfc.GDN(name="gdn_2", alpha_parameter=2, epsilon_parameter=0.5, rectify=True),
        tfc.GDN(name="igdn", alpha_parameter=2, epsilon_parameter=0.5, inverse=True),
        tfc.GDN(name="gdn_first", data_format="channels_first"),
    ]
    x = keras.Input((4, 3, 8), name="x")
    model = keras.Model(x, [layer(x) for layer in layers], name="zoo")
    random = np.random.default_rng(2)
    model.set_weights([random.uniform(0.1, 1.5, w.shape) for w in model.get_weights()])
    return model, random.normal(0.5, 2, (2, 4, 3, 8)).astype(np.float32)


def save(model, x, folder):
    """Writes a model as TensorFlow.js reads it, Keras' own text of it, and its results for x."""
    tfjs.converters.save_keras_model(model, folder)
    results = model.predict(x, verbose=0)
    results = results if isinstance(results, list) else [results]
    named = {name: y for name, y in zip(model.output_names, results)}
    save_file({model.input_names[0]: x, **named}, os.path.join(folder, "keras.safetensors"))
    return model


keras.utils.set_random_seed(1)
tf.config.experimental.enable_op_determinism()
save(*trained(), EXAMPLE)
model = save(*zoo(), TESTS)
with open(os.path.join(TESTS, "to_json.json"), "w") as file:
    file.write(model.to_json(indent=1) + "\n")
