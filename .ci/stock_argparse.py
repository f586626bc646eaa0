"""Run CPython's tests of argparse with uvflags.ArgumentParser in place of argparse.ArgumentParser.

They prove that it is a drop-in for argparse, on the Python that runs this.
"""

import argparse
import importlib
import os
import platform
import sys
import types
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True

import uvflags


def main():
    # Only the tests get the stand-in: argparse itself must go on calling its own class by its name.
    stand_in = types.ModuleType("argparse")
    vars(stand_in).update(vars(argparse), ArgumentParser=uvflags.ArgumentParser)
    sys.modules["argparse"] = stand_in
    module = importlib.import_module("test.test_argparse")
    sys.modules["argparse"] = argparse
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    result = unittest.TextTestRunner(verbosity=0).run(suite)
    print(f"test_argparse on Python {platform.python_version()}: {result}")
    passed = result.wasSuccessful() and result.testsRun > 1000 and module.argparse is stand_in
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
