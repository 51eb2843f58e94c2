"""Workloads in PyTorch, in a process of their own, for bench/peers/pytorch.ts.

Reads commands, each a line of JSON that numbers may follow, and answers each in the same form. It ends
when its input does.
"""

import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

source, sink = sys.stdin.buffer, sys.stdout.buffer
GROUPS = 32
opened = {}


def floats(shape):
    count = int(np.prod(shape))
    data = np.frombuffer(source.read(4 * count), np.float32).copy()
    return torch.from_numpy(data).reshape(shape)


def answer(head, parts=()):
    sink.write((json.dumps(head) + "\n").encode())
    for part in parts:
        sink.write(part.detach().numpy().tobytes())
    sink.flush()


def gdn(is_last, inverse):
    def run(x, beta, matrix):
        root = torch.sqrt(sums(x * x, beta, matrix))
        return x * root if inverse else x / root

    def sums(squares, beta, matrix):
        if is_last:
            rows = squares.reshape(-1, squares.shape[-1])
            return torch.addmm(beta, rows, matrix).reshape(squares.shape)
        planes = squares.flatten(2)
        return (torch.matmul(matrix.t(), planes) + beta[:, None]).reshape(squares.shape)

    return run


def channels_first(is_last, op):
    """An op whose channels come second, on a view that keeps the order in memory."""
    if not is_last:
        return op
    return lambda x, *params: op(x.permute(0, 3, 1, 2), *params).permute(0, 2, 3, 1)


def op_of(operation, is_last, inverse, epsilon, state):
    def group(x, beta, gamma):
        return F.group_norm(x, GROUPS, gamma, beta, epsilon["groupNorm"])

    def batch(x, beta, gamma):
        return F.batch_norm(x, None, None, gamma, beta, True, 0, epsilon["batchNorm"])

    def infer(x, beta, gamma):
        return F.batch_norm(x, *state, gamma, beta, False, 0, epsilon["batchNorm"])

    def instance(x, beta, gamma):
        return F.instance_norm(x, None, None, gamma, beta, eps=epsilon["instanceNorm"])

    def layer(x, beta, gamma):
        return F.layer_norm(x, x.shape[-1:], gamma, beta, epsilon["layerNorm"])

    def rms(x, gamma):
        if hasattr(F, "rms_norm"):
            return F.rms_norm(x, x.shape[-1:], gamma, epsilon["rmsNorm"])
        return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + epsilon["rmsNorm"]) * gamma

    def pipeline(x, beta, gamma, matrix):
        h = gdn(is_last, False)(x, beta, matrix)
        return channels_first(is_last, lambda h: batch(group(h, beta, gamma), beta, gamma))(h)

    in_either_order = {
        "gdn": gdn(is_last, inverse),
        "layerNorm": layer,
        "rmsNorm": rms,
        "pipeline": pipeline,
    }
    if operation in in_either_order:
        return in_either_order[operation]
    of_channels_first = {
        "groupNorm": group,
        "batchNormTraining": batch,
        "batchNormInference": infer,
        "instanceNorm": instance,
    }
    return channels_first(is_last, of_channels_first[operation])


def open_workload(command):
    """A function that computes a workload once, and returns its results."""
    workload = command["workload"]
    backward = workload.get("backward", False)
    given = {name: floats(shape) for name, shape in command["inputs"]}
    state = [given.pop(name) for name in ("mean", "variance") if name in given]
    dy = given.pop("dy", None)
    is_last = workload["format"] == "NHWC"
    inverse = workload.get("inverse", False)
    op = op_of(workload["operation"], is_last, inverse, command["epsilon"], state)
    args = list(given.values())
    for arg in args:
        arg.requires_grad_(backward)

    def run():
        if not backward:
            with torch.inference_mode():
                return [op(*args)]
        y = op(*args)
        return [y, *torch.autograd.grad(y, args, dy)]

    return run


def serve():
    torch.set_num_threads(1)
    answer({"version": torch.__version__})
    for line in source:
        command = json.loads(line)
        number, do = command["number"], command["do"]
        if do == "open":
            opened[number] = open_workload(command)
            answer({})
        elif do == "compute":
            parts = opened[number]()
            answer({"lengths": [part.numel() for part in parts]}, [p.contiguous() for p in parts])
        elif do == "time":
            opened[number]()  # wakes the process up
            start = time.perf_counter()
            for _ in range(command["calls"]):
                opened[number]()
            answer({"ms": 1000 * (time.perf_counter() - start) / command["calls"]})
        elif do == "close":
            del opened[number]
            answer({})


serve()
