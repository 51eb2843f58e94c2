"""Layers of CompressAI with their state dicts, an input and the output, as JSON.

    python tests/onnx/compressai_layers.py > tests/onnx/compressai_layers.json

The file in the repository is of CompressAI 1.2.8 and PyTorch.
"""

import json

import torch
from compressai.layers import GDN, GDN1

CHANNELS = 3


def numbers(tensor):
    digits = [float(f"{value:.9g}") for value in tensor.flatten().tolist()]
    return {"shape": list(tensor.shape), "data": digits}


torch.manual_seed(1)
layers = []
for layer in (GDN, GDN1):
    for inverse in (False, True):
        module = layer(CHANNELS, inverse=inverse)
        with torch.no_grad():
            for parameter in module.parameters():
                parameter += 0.3 * torch.randn_like(parameter)  # some of them below their bounds
            x = 2 * torch.randn(2, CHANNELS, 2, 2)
            y = module(x)
        layers.append({
            "layer": layer.__name__,
            "inverse": inverse,
            "stateDict": {key: numbers(value) for key, value in module.state_dict().items()},
            "x": numbers(x),
            "y": numbers(y),
        })
print(json.dumps(layers))
