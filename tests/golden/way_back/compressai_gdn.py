"""Loads whole state dicts into GDN and GDN1 of CompressAI, and evaluates them."""

import pathlib
import sys

import torch

from way_back import answer

sys.path.append(str(pathlib.Path(__file__).parents[1] / "sources"))
from modules import import_without_parents

layers = import_without_parents("compressai.layers.gdn")


def compute(name, arguments, weights, x):
    module = getattr(layers, name)(x.shape[1], **arguments)
    module.load_state_dict({key: torch.tensor(value) for key, value in weights.items()})
    return module(torch.tensor(x)).detach().numpy()


answer(compute)
