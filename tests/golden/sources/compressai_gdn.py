"""CompressAI: GDN and GDN1, in float64.

`import compressai` asks for all that its models need; the layers need PyTorch alone, so they are imported
without running the packages' own modules.
"""

import importlib.metadata

import numpy as np
import torch

from golden import Golden, normal, uniform
from modules import import_without_parents
from torch_arrays import array, double

layers = import_without_parents("compressai.layers.gdn")
golden = Golden(
    compressai=importlib.metadata.version("compressai"), torch=torch.__version__, numpy=np.__version__
)


def add(name, op, options, mean=0.5, deviation=2, low=0.0, beta_low=0.5, initial=False):
    channels = 5
    x = normal(name, (2, channels, 4, 3), mean, deviation)
    dy = normal(name + " dy", x.shape)
    layer = getattr(layers, op)(channels, **options)
    if not initial:
        with torch.no_grad():
            layer.beta.copy_(double(uniform(name + " beta", channels, beta_low, 1.5)))
            layer.gamma.copy_(double(uniform(name + " gamma", (channels, channels), low, 0.6)))
    layer = layer.double()
    leaf = double(x).requires_grad_()
    y = layer(leaf)
    slopes = torch.autograd.grad((y * double(dy)).sum(), [leaf, layer.beta, layer.gamma])
    golden.add(
        name,
        op,
        options,
        inputs={"x": x, "dy": dy},
        params={key: array(value) for key, value in layer.state_dict().items()},
        outputs={"y": array(y)},
        gradients=dict(zip(["x", "beta", "gamma"], map(array, slopes))),
    )


for op in ("GDN", "GDN1"):
    for inverse in (False, True):
        name = op + (" inverse" if inverse else "")
        add(name, op, {"inverse": inverse})
        add(name + " initial", op, {"inverse": inverse}, initial=True)
        add(name + " below bounds", op, {"inverse": inverse, "beta_min": 0.04}, low=-0.3, beta_low=-0.2)
    add(op + " gamma_init", op, {"gamma_init": 0.4}, initial=True)
    add(op + " large", op, {}, 1e4, 1e3)

golden.write()
