"""What the scripts share: inputs, and the file that they write.

A file has cases. Metadata "cases" is a JSON list of their names, the original's function, its options in
its own words, and the type that it computed in. The tensors of a case are named
"<case>/<group>/<name>"; the groups are inputs, params, state (before), outputs, next (the state after)
and gradients, which are those of sum(dy * y). Numbers are rounded to float32 when they are written, and
inputs before they are used.
"""

import json
import sys
import zlib

import numpy as np
from safetensors.numpy import save_file


def _random(name):
    return np.random.default_rng(zlib.crc32(name.encode()))


def normal(name, shape, mean=0.0, deviation=1.0):
    """Normal numbers of a name, as float32 has them."""
    return (mean + deviation * _random(name).standard_normal(shape)).astype(np.float32)


def uniform(name, shape, low, high):
    """Numbers of a name between two bounds, as float32 has them."""
    return _random(name).uniform(low, high, shape).astype(np.float32)


def channels_first(x):
    """x with its last axis on place 1."""
    return np.moveaxis(x, -1, 1)


def channels_last(x):
    """x with the axis on place 1 behind the others."""
    return np.moveaxis(x, 1, -1)


class Golden:
    """The cases of one source."""

    def __init__(self, **versions):
        self.versions = versions
        self.cases = []
        self.tensors = {}

    def add(self, name, op, options, dtype="float64", **groups):
        """Adds a case; each group is a dictionary of arrays."""
        assert all(case["name"] != name for case in self.cases), name
        self.cases.append({"name": name, "op": op, "options": options, "dtype": dtype})
        for group, arrays in groups.items():
            assert group in ("inputs", "params", "state", "outputs", "next", "gradients"), group
            for key, array in arrays.items():
                self.tensors["%s/%s/%s" % (name, group, key)] = np.array(array, np.float32, order="C")

    def write(self):
        """Writes the file that the command line names."""
        metadata = {
            "versions": json.dumps(self.versions, sort_keys=True),
            "cases": json.dumps(self.cases, sort_keys=True),
        }
        save_file(self.tensors, sys.argv[1], metadata)
        print("%d cases" % len(self.cases))
