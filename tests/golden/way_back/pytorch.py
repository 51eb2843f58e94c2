"""Loads state dicts into modules of PyTorch, and evaluates them."""

import torch

from way_back import answer


def compute(name, arguments, weights, x):
    module = getattr(torch.nn, name)(**arguments)
    state = {key: torch.tensor(value) for key, value in weights.items()}
    missing, unexpected = module.load_state_dict(state, strict=False)
    assert not unexpected and set(missing) <= {"num_batches_tracked"}, (missing, unexpected)
    return module.eval()(torch.tensor(x)).detach().numpy()


answer(compute)
