"""Make random command lines for uv, for the scripts beside this one."""

import collections
import os
import sys

from common import uvflags

TRUE = ("1", "true", "t", "yes", "y", "on")
FALSE = ("0", "false", "f", "no", "n", "off")
BAD = ("", " 1", "TRUEE", "2", "-1", "ja", "nope", "o n")
# A value that uv accepts. An option that is not listed gets "x".
VALUES = {
    "python_preference": "system", "color": "never", "allow_insecure_host": "localhost",
    "directory": ".", "project": ".", "env_file": os.devnull, "python_platform": "linux",
    "index_strategy": "first-index", "preview_features": "json-output",
    "keyring_provider": "disabled", "resolution": "highest", "prerelease": "allow",
    "prerelease_package": "x=allow", "fork_strategy": "fewest", "exclude_newer": "2024-01-01",
    "exclude_newer_package": "x=2024-01-01", "link_mode": "copy", "config_setting": "k=v",
    "config_settings_package": "x:k=v", "max_recursion_depth": "100", "python": sys.executable,
    "output_format": "text", "script": "script.py",
}
# These would use the network, or print something instead of running.
UNFIT = {
    "help", "with", "with_editable", "with_requirements", "show_settings", "gui_script", "index",
    "default_index", "index_url", "extra_index_url", "find_links", "python_fetch", "config_file",
    "cache_dir",
}

# `before` and `behind` the subcommand are options. `command` is empty but for `run`.
Line = collections.namedtuple("Line", "before subcommand behind command environ")


class Options:
    """Hold what a subcommand knows: its options, their variables, and which may stand before it."""

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

    def is_global(self, action):
        return self.globals.issuperset(action.option_strings)

    def related(self, action):
        """Return the action, and those that are the same option or its opposite."""
        dest = action.dest.removeprefix("no_")
        return [a for a in self.fit if a.dest.removeprefix("no_") == dest]


def spelled(rng, action, value):
    """Return the words of an option in one of its forms."""
    option = rng.choice(action.option_strings)
    if action.nargs == 0:
        return [option]
    if option.startswith("--"):
        return rng.choice([[option, value], [f"{option}={value}"]])
    attached = option + (value or "=")
    return rng.choice([[option, value], [attached], [f"{option}={value}"]])


def usual_value(action):
    return VALUES.get(action.dest, "x")


def words_of(rng, actions, value):
    """Return the words of several options. Short ones share a word now and then."""
    words = []
    for action in actions:
        new = spelled(rng, action, value(action))
        short = new[0][:1] == "-" and new[0][:2] != "--"
        if short and words and words[-1] in ("-q", "-v", "-n", "-U") and rng.random() < 0.5:
            new[0] = words.pop() + new[0][1:]
        words += new
    return words


def any_case(rng, text):
    return "".join(rng.choice([c.lower(), c.upper()]) for c in text)


def variables(rng, options):
    """Return a few boolean variables, good and bad ones."""
    environ = {}
    for _ in range(rng.choice([0, 1, 1, 2, 2, 3])):
        name = rng.choice(options.likely if rng.random() < 0.6 else options.booleans)
        texts = rng.choice([TRUE, TRUE, TRUE, FALSE, FALSE, FALSE, FALSE, BAD])
        environ[name] = any_case(rng, rng.choice(texts))
    if rng.random() < 0.05:
        environ["UV_PYTHON_PREFERENCE"] = "system"
    if rng.random() < 0.1:
        name = rng.choice([n for n, action in options.variables.items() if action.nargs != 0])
        environ[name] = ""
    return environ


def line(rng, options, command, value=usual_value):
    """Return a random line that uv would take or reject for a reason of its own.

    `command` makes a command for the options behind the subcommand, `value` a value for an option.
    """
    chosen = rng.choices(options.fit, options.odds, k=rng.choice([0, 1, 2, 2, 3, 3, 4]))
    if chosen and rng.random() < 0.3:
        chosen.append(rng.choice(options.related(chosen[0])))
    before, behind = [], []
    for action in chosen:
        globally = options.is_global(action) and rng.random() < 0.3
        (before if globally else behind).append(action)
    typed = words_of(rng, behind, value)
    if rng.random() < 0.02:
        typed.append(rng.choice(["--refrsh", "-Z", "--offline=1", "--offl"]))
    environ = variables(rng, options)
    return Line(words_of(rng, before, value), options.subcommand, typed, command(behind), environ)
