"""CPython's own tests of argparse, with uvflags.ArgumentParser where they say argparse.ArgumentParser."""

import argparse
import importlib
import os
import sys
import types
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True

import uvflags


def stock_tests():
    """The test module, which gets the stand-in; argparse itself must go on calling its own class by its name."""
    stand_in = types.ModuleType("argparse")
    vars(stand_in).update(vars(argparse))
    stand_in.ArgumentParser = uvflags.ArgumentParser
    sys.modules["argparse"] = stand_in
    try:
        module = importlib.import_module("test.test_argparse")
    finally:
        sys.modules["argparse"] = argparse
    if module.argparse is not stand_in:
        raise SystemExit("the test module did not get the stand-in")
    return module


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(stock_tests())
    result = unittest.TextTestRunner(verbosity=0).run(suite)
    print(
        "test_argparse on Python %d.%d.%d: %d run, %d failures, %d errors, %d skipped"
        % (
            *sys.version_info[:3],
            result.testsRun,
            len(result.failures),
            len(result.errors),
            len(result.skipped),
        )
    )
    return 0 if result.wasSuccessful() and result.testsRun > 1000 else 1


if __name__ == "__main__":
    sys.exit(main())
