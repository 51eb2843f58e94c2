"""PyTorch: group, layer, instance and batch norm, and the optimizers, in float64."""

import numpy as np
import torch
from torch import nn

from golden import Golden, normal, uniform
from torch_arrays import array, double

golden = Golden(torch=torch.__version__, numpy=np.__version__)


def add(name, op, module, options, x, training=True, after=None):
    """Adds a case of a module: its state dict is set, and read before and after.

    The options are the module's arguments, its mode, and the activation that follows it.
    """
    module = module.double().train(training)
    values = {
        key: normal(name + " " + key, tensor.shape, 1 if key == "weight" else 0, 0.4)
        for key, tensor in module.state_dict().items()
        if key in ("weight", "bias", "running_mean")
    }
    if "running_mean" in values:
        values["running_var"] = uniform(name + " running_var", values["running_mean"].shape, 0.5, 2)
        values["num_batches_tracked"] = np.zeros(())
    module.load_state_dict({key: double(value) for key, value in values.items()})
    params = dict(module.named_parameters())
    before = {key: array(value).copy() for key, value in module.named_buffers()}
    dy = normal(name + " dy", x.shape)
    leaf = double(x).requires_grad_()
    y = module(leaf)
    if after is not None:
        y = after(y)
    slopes = torch.autograd.grad((y * double(dy)).sum(), [leaf, *params.values()])
    golden.add(
        name,
        op,
        dict(options, training=training, activation="none" if after is None else after.__name__),
        inputs={"x": x, "dy": dy},
        params={key: array(value) for key, value in params.items()},
        state=before,
        outputs={"y": array(y)},
        next={key: array(value) for key, value in module.named_buffers()},
        gradients=dict(zip(["x", *params], map(array, slopes))),
    )


def add_group(name, shape=(2, 6, 4, 3), mean=0.5, deviation=2, after=None, **options):
    module = nn.GroupNorm(num_channels=shape[1], **options)
    add(name, "GroupNorm", module, options, normal(name, shape, mean, deviation), after=after)


add_group("GroupNorm 2", num_groups=2)
add_group("GroupNorm 1", num_groups=1)
add_group("GroupNorm of one channel", num_groups=6)
add_group("GroupNorm rank 3", (3, 6, 7), num_groups=3)
add_group("GroupNorm rank 5", (2, 4, 2, 3, 2), num_groups=2, eps=0.1)
add_group("GroupNorm without weights", num_groups=2, affine=False)
add_group("GroupNorm off centre", num_groups=3, mean=1000)
add_group("GroupNorm far off centre", num_groups=2, mean=1e6, deviation=100)
add_group("GroupNorm small", num_groups=2, mean=1000, deviation=0.01)
add_group("GroupNorm gelu", num_groups=2, after=nn.functional.gelu)

for rank, kind in ((3, nn.InstanceNorm1d), (4, nn.InstanceNorm2d), (5, nn.InstanceNorm3d)):
    for affine in (False, True):
        shape = (2, 4, 5, 3, 2)[:rank]
        options = {"affine": affine, "eps": 1e-3}
        name = "InstanceNorm rank %d%s" % (rank, " affine" if affine else "")
        add(name, "InstanceNorm", kind(4, **options), options, normal(name, shape, 0.5, 2))
x = normal("InstanceNorm off centre", (2, 4, 5, 3), 1000, 1)
add("InstanceNorm off centre", "InstanceNorm", nn.InstanceNorm2d(4), {}, x)


def add_layer(name, shape, normalized_shape, mean=0.5, after=None, **options):
    module = nn.LayerNorm(normalized_shape, **options)
    options["normalized_shape"] = normalized_shape
    add(name, "LayerNorm", module, options, normal(name, shape, mean, 2), after=after)


add_layer("LayerNorm", (3, 5, 8), [8])
add_layer("LayerNorm two axes", (3, 5, 8), [5, 8])
add_layer("LayerNorm all axes", (5, 8), [5, 8], eps=0.1)
add_layer("LayerNorm without weights", (3, 5, 8), [8], elementwise_affine=False)
add_layer("LayerNorm off centre", (4, 16), [16], mean=1000)
add_layer("LayerNorm gelu", (4, 16), [16], after=nn.functional.gelu)


def add_batch(name, kind, shape, mean=0.5, training=True, **options):
    module = kind(shape[1], **options)
    add(name, "BatchNorm", module, options, normal(name, shape, mean, 2), training)


for rank, kind in ((2, nn.BatchNorm1d), (3, nn.BatchNorm1d), (4, nn.BatchNorm2d), (5, nn.BatchNorm3d)):
    shape = (6, 4, 3, 2, 2)[:rank]
    add_batch("BatchNorm rank %d" % rank, kind, shape, momentum=0.3)
    add_batch("BatchNorm rank %d eval" % rank, kind, shape, training=False)
add_batch("BatchNorm defaults", nn.BatchNorm2d, (6, 4, 3, 2))
add_batch("BatchNorm without weights", nn.BatchNorm2d, (6, 4, 3, 2), affine=False, momentum=0.5)
add_batch("BatchNorm epsilon", nn.BatchNorm1d, (6, 4), eps=0.5, momentum=1.0)
add_batch("BatchNorm off centre", nn.BatchNorm2d, (6, 4, 3, 2), mean=1000, momentum=0.3)

STEPS = 4


def add_optimizer(name, op, kind, **options):
    """Steps with gradients that change; the gradients of case k lead from its params to its outputs."""
    start = {"w": normal(name + " w", (3, 4)), "b": normal(name + " b", (4,))}
    leaves = {key: double(value).requires_grad_() for key, value in start.items()}
    optimizer = kind(leaves.values(), foreach=False, **options)
    inputs = {}
    outputs = {}
    for step in range(STEPS):
        for key, leaf in leaves.items():
            gradient = normal("%s %s %d" % (name, key, step), leaf.shape)
            inputs["%s.%d" % (key, step)] = gradient
            leaf.grad = double(gradient)
        optimizer.step()
        outputs.update({"%s.%d" % (key, step): array(leaf).copy() for key, leaf in leaves.items()})
    golden.add(name, op, options, inputs=inputs, params=start, outputs=outputs)


SGD, ADAM, ADAMW = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW
add_optimizer("SGD", "SGD", SGD, lr=0.1)
add_optimizer("SGD momentum", "SGD", SGD, lr=0.1, momentum=0.9)
add_optimizer("SGD dampening", "SGD", SGD, lr=0.1, momentum=0.9, dampening=0.5)
add_optimizer("SGD dampening alone", "SGD", SGD, lr=0.1, dampening=0.5)
add_optimizer("SGD nesterov", "SGD", SGD, lr=0.1, momentum=0.9, nesterov=True)
add_optimizer("SGD weight_decay", "SGD", SGD, lr=0.1, weight_decay=0.3)
add_optimizer("SGD all", "SGD", SGD, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.3)
add_optimizer("Adam", "Adam", ADAM)
add_optimizer("Adam options", "Adam", ADAM, lr=0.05, betas=[0.8, 0.9], eps=0.1)
add_optimizer("AdamW", "AdamW", ADAMW)
add_optimizer("AdamW options", "AdamW", ADAMW, lr=0.05, betas=[0.8, 0.9], eps=1e-3, weight_decay=0.5)

golden.write()
