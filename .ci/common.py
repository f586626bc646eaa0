"""What the scripts beside this one share: uvflags, how it runs in this process, and random trials."""

import collections
import concurrent.futures
import functools
import io
import os
import random
import sys
from unittest import mock

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)
sys.dont_write_bytecode = True
os.environ["COLUMNS"] = "200"

import uvflags

# How a line ended: what `main` returned, or with what it would have replaced the process.
Outcome = collections.namedtuple("Outcome", "status argv environ out err")


class Handed(Exception):
    """Stop where a program would replace the process."""


def hand(path, argv, environ):
    """Stand in for os.execve."""
    if not os.access(path, os.X_OK):
        raise PermissionError(13, "Permission denied")
    raise Handed(argv, environ)


def outcome(words, environ, encoding="utf-8"):
    """Return what `main` does with a line in this process, which has these variables only."""
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    err = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace")
    status, handed = None, (None, None)
    streams = mock.patch.multiple(sys, argv=["uvflags.py"], stdout=out, stderr=err)
    variables = mock.patch.dict(os.environ, environ, clear=True)
    with streams, variables, mock.patch("signal.signal"), mock.patch("os.execve", hand):
        try:
            status = uvflags.main(words)
        except Handed as call:
            handed = call.args
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode(encoding))
    return Outcome(status, *handed, *texts)


def seed_of(text):
    """Return the seed that was typed, or else a random one."""
    return int(text) if text else random.SystemRandom().randrange(10**6)


def trials(trial, jobs, *args):
    """Call `trial(*args, job)` for each job, in processes. Return all failures, and all counts."""
    wrong, counts = [], collections.Counter()
    with concurrent.futures.ProcessPoolExecutor() as pool:
        for failures, more in pool.map(functools.partial(trial, *args), jobs, chunksize=20):
            wrong += failures
            counts.update(more)
    return wrong, counts


def report(what, wrong, counts, most=20):
    """Print counts, failures and, as the last line, the number of these. Return the exit status."""
    for counted, number in sorted(counts.items()):
        print(f"{number:7} {counted}")
    for failure in wrong[:most]:
        print(failure)
    print(f"{what}: {len(wrong)} failures")
    return 1 if wrong else 0
