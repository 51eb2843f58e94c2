"""What the scripts share that compute by what kernorm has trained: the file they read, and theirs.

Metadata "layers" is a JSON list of names, classes and arguments. The tensors of a layer are named
"<name>/x" and "<name>/weights/<weight>". The answer has "<name>" for what the layer makes of x.
"""

import json
import sys

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file


def answer(compute):
    """Writes what compute(class, arguments, weights, x) returns for each layer."""
    with safe_open(sys.argv[1], "numpy") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}
        layers = json.loads(file.metadata()["layers"])
    results = {}
    for layer in layers:
        start = layer["name"] + "/weights/"
        weights = {key[len(start) :]: value for key, value in tensors.items() if key.startswith(start)}
        x = tensors[layer["name"] + "/x"]
        results[layer["name"]] = np.ascontiguousarray(compute(layer["class"], layer["arguments"], weights, x))
    save_file(results, sys.argv[2])
