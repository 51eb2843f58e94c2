"""Imports a module without the packages around it."""

import importlib
import importlib.util
import sys
import types


def import_without_parents(name):
    """A module of a package, of which the packages above it are left empty."""
    parts = name.split(".")
    (place,) = importlib.util.find_spec(parts[0]).submodule_search_locations
    for depth in range(1, len(parts)):
        package = types.ModuleType(".".join(parts[:depth]))
        package.__path__ = ["/".join([place, *parts[1:depth]])]
        sys.modules[package.__name__] = package
    return importlib.import_module(name)
