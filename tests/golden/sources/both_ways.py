"""Layers of Keras 2, forward and back."""

import tensorflow as tf


def both_ways(layer, x, dy, variables):
    """What a layer makes of x, and the gradients of sum(dy * y) with respect to x and its variables."""
    leaf = tf.constant(x, tf.float64)

    @tf.function  # without it, the gradient of a convolution of rank 5 fails in TensorFlow 2.14
    def run():
        with tf.GradientTape() as tape:
            tape.watch(leaf)
            y = layer(leaf)
            loss = tf.reduce_sum(y * tf.constant(dy, tf.float64))
        return y, tape.gradient(loss, {"x": leaf, **variables})

    y, slopes = run()
    return y, {key: slope.numpy() for key, slope in slopes.items()}
