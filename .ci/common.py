"""Share what scripts beside this one need: uvflags in this process, trials, random lines for uv."""

import collections
import concurrent.futures
import functools
import io
import os
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


def try_all(what, trial, jobs, *args):
    """Call `trial(*args, job)` for each job, in processes. It returns failures, and what to count.

    Print the counts, some failures and, as the last line, their number. Return the exit status.
    """
    wrong, counts = [], collections.Counter()
    with concurrent.futures.ProcessPoolExecutor() as pool:
        for failures, more in pool.map(functools.partial(trial, *args), jobs, chunksize=20):
            wrong += failures
            counts.update(more)
    for counted, number in sorted(counts.items()):
        print(f"{number:7} {counted}")
    for failure in wrong[:20]:
        print(failure)
    print(f"{what}: {len(wrong)} failures")
    return 1 if wrong else 0


TRUE = ("1", "true", "t", "yes", "y", "on")
FALSE = ("0", "false", "f", "no", "n", "off")
BAD = ("", " 1", "TRUEE", "2", "-1", "ja", "nope", "o n")
# A value that uv accepts, and that is not its default. An option that is not listed gets "x".
URL = "https://example.invalid/x"
VALUES = {
    "python_preference": "system", "color": "never", "allow_insecure_host": "localhost",
    "directory": ".", "project": ".", "env_file": os.devnull, "python_platform": "linux",
    "index_strategy": "unsafe-best-match", "preview_features": "json-output",
    "keyring_provider": "subprocess", "resolution": "lowest", "prerelease": "allow",
    "prerelease_package": "x=allow", "fork_strategy": "fewest", "exclude_newer": "2024-01-01",
    "exclude_newer_package": "x=2024-01-01", "link_mode": "copy", "config_setting": "k=v",
    "config_settings_package": "x:k=v", "max_recursion_depth": "50", "python": sys.executable,
    "output_format": "json", "script": "script.py", "python_fetch": "manual", "index": URL,
    "default_index": URL, "index_url": URL, "extra_index_url": URL, "find_links": URL,
}
# These would use the network, or print something instead of running.
UNFIT = (
    "with with_editable with_requirements show_settings gui_script index default_index index_url "
    "extra_index_url find_links python_fetch config_file cache_dir"
).split()

# `before` and `behind` the subcommand are the words of the options with these dests. `command` is
# empty but for `run`.
Line = collections.namedtuple("Line", "before subcommand behind command environ dests")


def topic(dest):
    """Return what an option and its opposite have in common."""
    return dest.removeprefix("no_")


class Options:
    """Hold what a subcommand knows: its options, and their variables."""

    def __init__(self, subcommand, unfit=UNFIT):
        parser = uvflags._subcommand_parser("uvflags", subcommand)
        self.subcommand = subcommand
        self.actions = [a for a in parser._actions if a.dest not in ("help", "command")]
        self.fit = [action for action in self.actions if action.dest not in unfit]
        in_conflict = {dest for row in parser._conflicts for dest in row[:2]}
        self.odds = [3 if action.dest in in_conflict else 1 for action in self.fit]
        self.variables = {name: a for a in self.actions for name in uvflags._variables(a).names}
        self.booleans = [name for name, action in self.variables.items() if action.nargs == 0]
        self.likely = [n for n in self.booleans if self.variables[n].dest in in_conflict]
        self.globals = set(uvflags._root_parser("uvflags")._option_string_actions)


def words_of(rng, actions, value):
    """Return the words of several options. Short ones share a word now and then."""
    words = []
    for action in actions:
        option = rng.choice(action.option_strings)
        new, short = [option], option[:2] != "--"
        if action.nargs != 0:
            text = value(action)
            new = rng.choice([[option, text], [f"{option}={text}"]])
            if short and text and rng.random() < 0.3:
                new = [option + text]
        if short and words and words[-1] in ("-q", "-v", "-n", "-U") and rng.random() < 0.5:
            new[0] = words.pop() + new[0][1:]
        words += new
    return words


def random_variables(rng, options):
    """Return a few boolean variables, good and bad ones, and now and then one with a value."""
    environ = {}
    for _ in range(rng.choice([0, 1, 1, 2, 2, 3])):
        name = rng.choice(options.likely if rng.random() < 0.6 else options.booleans)
        text = rng.choice(rng.choice([TRUE, TRUE, TRUE, FALSE, FALSE, FALSE, FALSE, BAD]))
        environ[name] = rng.choice([text, text.upper(), text.title()])
    if rng.random() < 0.05:
        environ["UV_PYTHON_PREFERENCE"] = "system"
    if rng.random() < 0.1:
        environ[rng.choice(list(options.variables))] = ""
    return environ


def random_line(rng, known, command, value=lambda action: VALUES.get(action.dest, "x")):
    """Return a random line that uv would take or reject for a reason of its own.

    `command` makes a command for the dests of the options, `value` a value for an option.
    """
    chosen = rng.choices(known.fit, known.odds, k=rng.choice([0, 1, 2, 2, 3, 3, 4]))
    if chosen and rng.random() < 0.3:
        chosen.append(rng.choice([a for a in known.fit if topic(a.dest) == topic(chosen[0].dest)]))
    before, behind = [], []
    for action in chosen:
        if known.globals.issuperset(action.option_strings) and rng.random() < 0.3:
            before.append(action)
        else:
            behind.append(action)
    words = [words_of(rng, before, value), known.subcommand, words_of(rng, behind, value)]
    if rng.random() < 0.02:
        words[2].append(rng.choice(["--refrsh", "-Z", "--offline=1", "--offl"]))
    dests = [action.dest for action in chosen]
    return Line(*words, command(dests), random_variables(rng, known), dests)
