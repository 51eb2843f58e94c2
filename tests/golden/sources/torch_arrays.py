"""Arrays for PyTorch, and from it."""

import numpy as np
import torch

torch.set_num_threads(1)


def array(tensor):
    return tensor.detach().numpy()


def double(value):
    return torch.tensor(np.asarray(value, np.float64))
