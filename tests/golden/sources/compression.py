"""tensorflow-compression 2: GDN with its exponents, among them the classic GDN and GDN1, in float64."""

import os
from importlib import metadata

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
import tensorflow_compression as tfc

from both_ways import both_ways
from golden import Golden, channels_first, normal, uniform

tf.keras.backend.set_floatx("float64")
golden = Golden(compression=metadata.version("tensorflow-compression"), tensorflow=tf.__version__, numpy=np.__version__)


def add(name, options, shape=(2, 4, 3, 5), trained=(), low=0.0, beta_low=0.5, sign=None, op="GDN"):
    """Adds a case; trained are the exponents that are variables, and sign is that of all x."""
    x = normal(name, shape, 0.5, 2)
    x = x if sign is None else sign * np.abs(x)
    if options.get("data_format") == "channels_first":
        x = channels_first(x)
    dy = normal(name + " dy", x.shape)
    fixed = {"%s_parameter" % exponent: None for exponent in trained}
    layer = tfc.GDN(dtype="float64", **options, **fixed)
    layer.build(x.shape)
    values = {
        "reparam_beta": uniform(name + " beta", shape[-1], beta_low, 1.5),
        "reparam_gamma": uniform(name + " gamma", (shape[-1], shape[-1]), low, 0.6),
        "reparam_alpha": np.float32(1.3),
        "reparam_epsilon": np.float32(0.9),
    }
    variables = {
        "reparam_" + key: getattr(layer, key + "_parameter").variable for key in ("beta", "gamma", *trained)
    }
    for key, variable in variables.items():
        variable.assign(values[key])
    y, slopes = both_ways(layer, x, dy, variables)
    golden.add(
        name,
        op,
        options,
        inputs={"x": x, "dy": dy},
        params={key: values[key] for key in variables},
        outputs={"y": y},
        gradients=slopes,
    )


CLASSIC = {"alpha_parameter": 2, "epsilon_parameter": 0.5}
for title, exponents in (("GDN1", {}), ("GDN", CLASSIC)):
    for inverse in (False, True):
        for rank in (2, 3, 4, 5):
            shape = {2: (6, 5), 3: (2, 7, 5), 4: (2, 4, 3, 5), 5: (2, 2, 3, 2, 5)}[rank]
            name = "%s rank %d%s" % (title, rank, " inverse" if inverse else "")
            options = dict(exponents, inverse=inverse)
            add(name, options, shape)
            add(name + " first", dict(options, data_format="channels_first"), shape)
    add(title + " rectify", dict(exponents, rectify=True))
    add(title + " below bounds", exponents, low=-0.3, beta_low=-0.2)
# Other exponents: it raises x itself, not |x|, so x is positive here.
for alpha, epsilon in ((1.5, 0.75), (3, 0.25), (2, 1), (1, 0.5)):
    exponents = {"alpha_parameter": alpha, "epsilon_parameter": epsilon}
    add("GDN %g %g" % (alpha, epsilon), exponents, sign=1)
    add("GDN %g %g inverse" % (alpha, epsilon), dict(exponents, inverse=True), sign=1)
add("GDN trained alpha", {"epsilon_parameter": 0.5}, trained=["alpha"], sign=1)
add("GDN trained epsilon", {"alpha_parameter": 2}, trained=["epsilon"])
add("GDN trained both", {"inverse": True}, trained=["alpha", "epsilon"], sign=1)

# What it does to x below 0, where kernorm has a number: docs/tensorflow.md.
add("x below 0", {"alpha_parameter": 1.5}, (1, 1), sign=-1, op="difference")

golden.write()
