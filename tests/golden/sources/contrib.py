"""tf.contrib.layers of TensorFlow 1.15: gdn, group_norm, instance_norm and batch_norm.

TensorFlow's kernels on a CPU have no NCHW; where the original asks for it, they are given what it means
in NHWC. float64 is what the original computes in where its kernels have it: the fused batch norm and
renorm have float32 alone.
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
from tensorflow.contrib import layers
from tensorflow.python.ops import nn

from golden import Golden, channels_first, normal, uniform

tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
golden = Golden(tensorflow=tf.__version__, numpy=np.__version__)
THREAD = tf.compat.v1.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)

ACTIVATIONS = {
    "relu": tf.nn.relu,
    "relu6": tf.nn.relu6,
    "leaky_relu": tf.nn.leaky_relu,
    "elu": tf.nn.elu,
    "sigmoid": tf.nn.sigmoid,
    "tanh": tf.nn.tanh,
    "softplus": tf.nn.softplus,
    "swish": tf.nn.swish,
}


def to_last(rank):
    return [0] + list(range(2, rank)) + [1]


def to_first(rank):
    return [0, rank - 1] + list(range(1, rank - 1))


def in_nhwc(kernel, is_first):
    """A kernel that is given channels on axis 1 as the last axis, and its result back."""

    def wrapped(x, *args, data_format=None, **rest):
        if not is_first(data_format):
            return kernel(x, *args, **rest)
        rank = len(x.shape)
        result = kernel(tf.transpose(x, to_last(rank)), *args, **rest)
        if isinstance(result, tf.Tensor):
            return tf.transpose(result, to_first(rank))
        return (tf.transpose(result[0], to_first(rank)),) + tuple(result[1:])

    return wrapped


def starts_with_nc(data_format):
    return data_format is not None and data_format.startswith("NC")


for name in ("convolution", "bias_add", "fused_batch_norm"):
    setattr(nn, name, in_nhwc(getattr(nn, name), starts_with_nc))


def last_name(variable):
    return variable.name.split("/")[-1].split(":")[0]


def run(build, inputs, variables, dtype):
    """What a layer computes of its inputs, and its variables before, after, and their gradients.

    build makes y of tensors by their names; variables are the arrays that its variables start with. The
    updates of moving statistics run after y and the gradients have been read.
    """
    with tf.Graph().as_default(), tf.compat.v1.Session(config=THREAD) as session:
        tf.compat.v1.set_random_seed(1)
        tensors = {key: tf.constant(array, dtype) for key, array in inputs.items() if key != "dy"}
        y = build(**tensors)
        named = {last_name(variable): variable for variable in tf.compat.v1.global_variables()}
        assert set(variables) <= set(named), (sorted(variables), sorted(named))
        session.run(tf.compat.v1.global_variables_initializer())
        for key, array in variables.items():
            named[key].load(np.array(array, np.float32), session)
        trained = {last_name(variable) for variable in tf.compat.v1.trainable_variables()}
        state = sorted(set(named) - trained)
        before = session.run({key: named[key] for key in state})
        sources = dict(tensors, **{key: named[key] for key in trained})
        loss = tf.reduce_sum(tf.constant(inputs["dy"], y.dtype) * y)
        gradients = {
            key: gradient
            for key, gradient in zip(sources, tf.gradients(loss, list(sources.values())))
            if gradient is not None
        }
        params = session.run({key: named[key] for key in trained})
        output, slopes = session.run([y, gradients])
        session.run(tf.compat.v1.get_collection(tf.compat.v1.GraphKeys.UPDATE_OPS))
        after = session.run({key: named[key] for key in state})
    return dict(params=params, state=before, outputs={"y": output}, next=after, gradients=slopes)


def add(name, function, options, inputs, variables=None, dtype="float64", **more):
    """Adds a case of one of the functions; more are arguments that are not plain data."""
    inputs = dict(inputs, dy=normal(name + " dy", inputs["x"].shape))
    arguments = dict(options, **more)
    if "activation_fn" in options:
        arguments["activation_fn"] = ACTIVATIONS[options["activation_fn"]]

    def build(x, scale=None, bias=None, batch_weights=None):
        if scale is not None:
            arguments["adjustment"] = lambda shape: (scale, bias)
        if batch_weights is not None:
            arguments["batch_weights"] = batch_weights
        return getattr(layers, function)(x, **arguments)

    result = run(build, inputs, variables or {}, dtype)
    golden.add(name, function, options, dtype, inputs=inputs, **result)
    return result


def affine(name, channels):
    return {"beta": normal(name + " beta", channels), "gamma": normal(name + " gamma", channels, 1, 0.3)}


# GDN


def stored(channels, beta_low=0.5, low=0.0):
    return {
        "reparam_beta": uniform("beta", channels, beta_low, 1.5),
        "reparam_gamma": uniform("gamma", (channels, channels), low, 0.6),
    }


SHAPES = {3: (2, 7, 5), 4: (2, 4, 3, 5), 5: (2, 2, 3, 2, 5)}
for rank, shape in SHAPES.items():
    for inverse in (False, True):
        name = "gdn rank %d%s" % (rank, " inverse" if inverse else "")
        x = normal(name, shape, 0.5, 2)
        add(name, "gdn", {"inverse": inverse}, {"x": x}, stored(5))
        # With channels_first it fails on rank 5: `shape[:3] + [-1]` is a sum there, not a longer list.
        if rank < 5:
            first = {"inverse": inverse, "data_format": "channels_first"}
            add(name + " first", "gdn", first, {"x": channels_first(x)}, stored(5))
# Stored parameters on both sides of bounds that are not the default ones, and exactly at them.
bounds = {"beta_min": 0.04, "reparam_offset": 0.0625}
at = stored(5, -0.2, -0.3)
at["reparam_gamma"][1] = [0.0625, 0, 0.0625, 0.03, 0.0625]
for inverse in (False, True):
    name = "gdn bounds%s" % (" inverse" if inverse else "")
    add(name, "gdn", dict(bounds, inverse=inverse), {"x": normal(name, SHAPES[4])}, at)
add("gdn default bounds", "gdn", {}, {"x": normal("default bounds", SHAPES[4])}, stored(5, -0.5, -0.2))
add("gdn no offset", "gdn", {"reparam_offset": 0.0}, {"x": normal("no offset", SHAPES[4])}, stored(5))
add("gdn large", "gdn", {}, {"x": normal("large", SHAPES[4], 1e4, 1e3)}, stored(5))
for gamma_init in (0.1, 0.0, 0.7):
    add("gdn init %g" % gamma_init, "gdn", {"gamma_init": gamma_init}, {"x": normal("init", SHAPES[4])})
add("gdn init offset", "gdn", {"gamma_init": 0.3, "reparam_offset": 0.25}, {"x": normal("init", SHAPES[4])})

# Group norm and instance norm. Its own axes are literal, so they are named for every rank but 4.

IMAGE = (2, 4, 3, 8)


def add_group(name, options, shape=IMAGE, mean=0.5, deviation=2.0, dtype="float64", params=("beta", "gamma")):
    axis = options.get("channels_axis", -1)
    variables = {key: value for key, value in affine(name, shape[axis]).items() if key in params}
    add(name, "group_norm", options, {"x": normal(name, shape, mean, deviation)}, variables, dtype)


add_group("group_norm 2", {"groups": 2})
add_group("group_norm default groups", {}, (2, 2, 3, 32))
add_group("group_norm 1", {"groups": 1})
add_group("group_norm one per channel", {"groups": 8})
add_group("group_norm NCHW", {"groups": 4, "channels_axis": -3, "reduction_axes": [-2, -1]}, (2, 8, 4, 3))
add_group("group_norm middle", {"groups": 2, "channels_axis": 2, "reduction_axes": [1, 3]}, (2, 3, 6, 4))
add_group("group_norm rank 2", {"groups": 2, "reduction_axes": []}, (5, 8))
add_group("group_norm rank 3", {"groups": 2, "reduction_axes": [1]}, (3, 7, 8))
add_group("group_norm rank 3 literal", {"groups": 2}, (3, 7, 8))
add_group("group_norm rank 5", {"groups": 2, "reduction_axes": [-4, -3, -2]}, (2, 2, 3, 2, 8))
add_group("group_norm one axis", {"groups": 2, "reduction_axes": [1]})
add_group("group_norm batch", {"groups": 2, "reduction_axes": [0, 1, 2]})
add_group("group_norm no axes", {"groups": 2, "reduction_axes": []})
add_group("group_norm epsilon", {"groups": 2, "epsilon": 0.5})
add_group("group_norm no center", {"groups": 2, "center": False}, params=["gamma"])
add_group("group_norm no scale", {"groups": 2, "scale": False}, params=["beta"])
add_group("group_norm plain", {"groups": 2, "center": False, "scale": False}, params=[])
add_group("group_norm off centre", {"groups": 2}, mean=1000)
add_group("group_norm far off centre", {"groups": 2}, mean=1e5, deviation=10)
add_group("group_norm mean_close_to_zero", {"groups": 2, "mean_close_to_zero": True}, mean=1e-3)
add_group("group_norm mean_close_to_zero float32", {"groups": 2, "mean_close_to_zero": True}, dtype="float32")
for activation in ACTIVATIONS:
    add_group("group_norm " + activation, {"groups": 4, "activation_fn": activation})


def add_instance(name, options, shape=IMAGE, mean=0.5, params=("beta", "gamma")):
    channels = shape[1] if options.get("data_format") == "NCHW" else shape[-1]
    variables = {key: value for key, value in affine(name, channels).items() if key in params}
    add(name, "instance_norm", options, {"x": normal(name, shape, mean, 2)}, variables)


add_instance("instance_norm", {})
add_instance("instance_norm NCHW", {"data_format": "NCHW"}, (2, 8, 4, 3))
add_instance("instance_norm rank 3", {}, (3, 7, 4))
add_instance("instance_norm rank 5 NCHW", {"data_format": "NCHW"}, (2, 4, 2, 3, 2))
add_instance("instance_norm off centre", {"epsilon": 1e-3}, mean=1000)
add_instance("instance_norm relu", {"activation_fn": "relu"})
add_instance("instance_norm no center", {"center": False}, params=["gamma"])
add_instance("instance_norm no scale", {"scale": False}, params=["beta"])
add_instance("instance_norm epsilon", {"epsilon": 0.5, "data_format": "NCHW"})

# Batch norm. `updates_collections` None runs the updates with y; the default leaves them to the caller.

STATS = {"moving_mean": normal("moving_mean", 4, 0, 0.5), "moving_variance": uniform("moving_variance", 4, 0.5, 2)}
FLAT, ROW, SQUARE, CUBE = (9, 4), (4, 5, 4), (3, 3, 2, 4), (2, 2, 3, 2, 4)


def add_batch(name, options, shape=SQUARE, mean=0.5, dtype="float64", state=None, **inputs):
    variables = dict(STATS if state is None else state)
    given = affine(name, 4)
    if options.get("center", True):
        variables["beta"] = given["beta"]
    if options.get("scale", False):
        variables["gamma"] = given["gamma"]
    x = normal(name, shape, mean, 2)
    inputs = dict(inputs, x=channels_first(x) if options.get("data_format") == "NCHW" else x)
    more = {}
    if "updates_collections" in options:
        more["updates_collections"] = options["updates_collections"] and tf.compat.v1.GraphKeys.UPDATE_OPS
    return add(name, "batch_norm", options, inputs, variables, dtype, **more)


for shape in (FLAT, ROW, SQUARE, CUBE):
    for data_format in ("NHWC", "NCHW"):
        for fused in (True, False):
            kernel = fused and len(shape) in (2, 4)
            name = "batch_norm rank %d %s%s" % (len(shape), data_format, " fused" if fused else "")
            options = {"scale": True, "decay": 0.5, "data_format": data_format, "fused": fused}
            add_batch(name, options, shape, dtype="float32" if kernel else "float64")
add_batch("batch_norm defaults", {}, mean=100, dtype="float32")
add_batch("batch_norm plain", {"center": False, "decay": 0.3, "epsilon": 0.1, "fused": False})
add_batch("batch_norm decay 0", {"scale": True, "decay": 0.0, "fused": False})
add_batch("batch_norm off centre", {"scale": True, "decay": 0.5, "fused": False}, mean=1000)
add_batch("batch_norm off centre fused", {"scale": True, "decay": 0.5}, mean=30, dtype="float32")
for shape in (FLAT, SQUARE):
    for fused in (True, False):
        name = "batch_norm updates None rank %d%s" % (len(shape), " fused" if fused else "")
        options = {"scale": True, "decay": 0.5, "updates_collections": None, "fused": fused}
        add_batch(name, options, shape, dtype="float32" if fused else "float64")
for data_format in ("NHWC", "NCHW"):
    for fused in (True, False):
        name = "batch_norm inference %s%s" % (data_format, " fused" if fused else "")
        options = {"scale": True, "is_training": False, "data_format": data_format, "fused": fused}
        add_batch(name, options, dtype="float32" if fused else "float64")
for activation in ACTIVATIONS:
    options = {"scale": True, "decay": 0.5, "activation_fn": activation, "fused": False}
    add_batch("batch_norm " + activation, options)
options = {"scale": True, "is_training": False, "activation_fn": "tanh", "fused": False}
add_batch("batch_norm inference tanh", options)

weights = np.array([0.5, 0, 2], np.float32)
for data_format in ("NHWC", "NCHW"):
    options = {"scale": True, "decay": 0.5, "data_format": data_format}
    add_batch("batch_norm batch_weights " + data_format, options, batch_weights=weights)
options = {"decay": 0.5, "updates_collections": None, "fused": False, "activation_fn": "swish"}
add_batch("batch_norm batch_weights rank 2", options, (3, 4), batch_weights=weights)

# Zero debias, three steps in a row: each starts with the state that the one before it has left.
for fused in (True, False):
    state = STATS
    for step in range(3):
        options = {"decay": 0.9, "zero_debias_moving_mean": True, "fused": fused}
        name = "batch_norm zero_debias%s %d" % (" fused" if fused else "", step)
        result = add_batch(name, options, dtype="float32" if fused else "float64", mean=3, state=state)
        state = result["next"]

# Renorm, likewise.
CLIPPING = {"rmin": 0.8, "rmax": 1.2, "dmax": 0.3}
for clipping in (None, CLIPPING, {"rmax": 1.1}):
    state = STATS
    for step in range(2):
        limits = "" if clipping is None else " ".join(["", *clipping])
        name = "batch_norm renorm%s %d" % (limits, step)
        options = {"scale": True, "decay": 0.9, "renorm": True, "renorm_decay": 0.7, "renorm_clipping": clipping}
        result = add_batch(name, options, dtype="float32", state=state)
        state = result["next"]
options = {"scale": True, "decay": 0.9, "renorm": True, "data_format": "NCHW", "activation_fn": "elu"}
add_batch("batch_norm renorm NCHW", dict(options, renorm_clipping=CLIPPING), dtype="float32")
add_batch("batch_norm renorm rank 2", {"renorm": True, "decay": 0.9}, FLAT, dtype="float32")
add_batch("batch_norm renorm inference", {"renorm": True, "is_training": False}, dtype="float32")


def adjusted(name, scale, bias):
    return {"scale": normal(name + " scale", scale, 1, 0.3), "bias": normal(name + " bias", bias, 0, 0.3)}


SCALED = {"scale": True, "decay": 0.5}
add_batch("batch_norm adjustment channels", SCALED, **adjusted("channels", (4,), (4,)))
add_batch("batch_norm adjustment samples", SCALED, **adjusted("samples", (3, 1, 1, 1), (3, 1, 1, 4)))
add_batch("batch_norm adjustment places", SCALED, **adjusted("places", (3, 3, 2, 1), (3, 3, 2, 4)))
options = dict(SCALED, data_format="NCHW", activation_fn="tanh")
add_batch("batch_norm adjustment NCHW", options, **adjusted("NCHW", (3, 4, 1, 1), (1, 4, 1, 1)))
add_batch("batch_norm adjustment rank 2", SCALED, FLAT, **adjusted("rank 2", (9, 1), (9, 4)))
options = dict(SCALED, renorm=True, renorm_clipping=CLIPPING)
add_batch("batch_norm adjustment renorm", options, dtype="float32", **adjusted("renorm", (3, 1, 1, 1), (4,)))
add_batch("batch_norm adjustment inference", {"is_training": False}, **adjusted("inference", (4,), (4,)))

# What kernorm does in another way, on purpose: docs/tensorflow.md has the numbers of both.


def add_difference(name, options, inputs, dtype="float64"):
    inputs = {key: np.array(value, np.float32) for key, value in inputs.items()}
    add(name, "batch_norm", options, inputs, dtype=dtype)
    golden.cases[-1]["op"] = "difference"


add_difference("epsilon of the fused kernel", {"epsilon": 1e-6}, {"x": [[1e-3], [-1e-3]]}, "float32")
both = {"x": [[1], [3]], "batch_weights": [1, 1], "scale": [2], "bias": [1]}
add_difference("batch_weights with adjustment", {}, both)
add_difference("NaN of weight 0", {}, {"x": [[1], [3], [np.nan]], "batch_weights": [1, 1, 0]})

golden.write()
