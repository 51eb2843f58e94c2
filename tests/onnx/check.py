"""Checks the models of a folder by onnx.checker, with the inference of types and shapes.

Prints a line for each model that is wrong, and in the end how many there were.
"""

import pathlib
import sys

import onnx

files = sorted(pathlib.Path(sys.argv[1]).glob("*.onnx"))
for file in files:
    try:
        onnx.checker.check_model(str(file), full_check=True)
    except Exception as error:  # the checker has classes of its own for each kind
        print(f"{file.name}: {error}")
print(len(files))
