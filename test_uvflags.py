# SPDX-License-Identifier: 0BSD
"""Test uvflags: `python -m unittest`. It needs the standard library alone.

Where UVFLAGS_TEST_UV names a folder that holds uv-VERSION/bin/uv, some tests run the real uv too.
"""

import argparse
import ast
import contextlib
import copy
import dataclasses
import doctest
import inspect
import io
import itertools
import json
import os
import pickle
import re
import runpy
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
import zipapp
from unittest import mock

sys.dont_write_bytecode = True

import uvflags
from uvflags import ArgumentParser, Conflict, Namespace, Source, parse_bool

HERE = os.path.dirname(os.path.abspath(__file__))
UVFLAGS = os.path.join(HERE, "uvflags.py")
TRUE = ("1", "true", "t", "yes", "y", "on")
FALSE = ("0", "false", "f", "no", "n", "off")
EXPECTED = "expected true (1, true, t, yes, y, on) or false (0, false, f, no, n, off)"
YES_NO, SUPPRESS, REST = argparse.BooleanOptionalAction, argparse.SUPPRESS, argparse.REMAINDER
DEFAULT = Source("default", None, None)


def variable(name, text):
    return Source("environment", name, text)


def typed(name):
    return Source("command line", name, None)


def place(name, **keywords):
    """Return a positional for `build`. Its variable has its name in capitals."""
    return (name, {"env": name.upper().strip("-").replace("-", "_"), **keywords})


def option(name, **keywords):
    return place(f"--{name}", **keywords)


def flag(name, **keywords):
    return option(name, **{"action": "store_true", **keywords})


def fill(container, arguments):
    """Add arguments. A name with a list in place of keywords is a subcommand with its arguments."""
    commands = None
    for name, rest in arguments:
        if isinstance(rest, dict):
            container.add_argument(name, **rest)
        else:
            commands = commands or container.add_subparsers(dest="command")
            fill(commands.add_parser(name), rest)


def build(arguments, environ=(), **keywords):
    parser = ArgumentParser(prog="p", environ=dict(environ), **keywords)
    fill(parser, arguments)
    return parser


def parts(line):
    """Return the words of a line, and the variables that are set before them, as a shell does."""
    if not isinstance(line, str):
        return line, {}
    words, environ = shlex.split(line), {}
    while words and re.match(r"\w+=", words[0]):
        name, _, text = words.pop(0).partition("=")
        environ[name] = text
    return words, environ


class ParserTest(unittest.TestCase):
    """Test the parser half, which also has to pass where the front is cut off."""

    def parse(self, parser, line):
        """Return the namespace, and what was printed to stderr."""
        with contextlib.redirect_stderr(io.StringIO()) as err:
            args = parser.parse_args(parts(line)[0])
        return args, err.getvalue()

    def error(self, parser, line):
        """Return what a parser prints when it exits with status 2."""
        with contextlib.redirect_stderr(io.StringIO()) as err:
            with self.assertRaises(SystemExit) as stop:
                parser.parse_args(parts(line)[0])
        self.assertEqual(stop.exception.code, 2)
        return err.getvalue()

    def check(self, parser, words, expected):
        """Compare values, or pairs of value and source, and the warning. Or the end of the error."""
        if isinstance(expected, str):
            error = self.error(parser, words)
            self.assertTrue(error.endswith(f"{expected}\n"), error)
            self.assertEqual(error.count("error: "), expected.count("error: "), error)
            return
        values, warning = expected if isinstance(expected, tuple) else (expected, "")
        args, err = self.parse(parser, words)
        for dest, value in values.items():
            found = (getattr(args, dest), args.source_of(dest))
            self.assertEqual(found if isinstance(value, tuple) else found[0], value)
        self.assertEqual(err, warning and f"{warning}\n")

    def check_rows(self, rows, **keywords):
        """Check rows of arguments, a line, and what `check` expects."""
        for arguments, line, expected in rows:
            words, environ = parts(line)
            with self.subTest(arguments=arguments, line=line):
                self.check(build(arguments, environ, **keywords), words, expected)

    def help(self, parser):
        with mock.patch.dict(os.environ, {"COLUMNS": "200"}):
            return " ".join(parser.format_help().split())


class ParseBool(ParserTest):
    """The words of a boolean variable are these twelve, and no others."""

    BAD = (
        "", " ", " 1", "1 ", "TRUEE", "2", "-1", "00", "yess", "o n", "none", "null", "\uff11",
        "\u0443", "\u043en", "t\u0301", "\u0130", "\udc80", "1\n", "yes\0",
    )

    def test_spellings(self):
        for texts, truth in ((TRUE, True), (FALSE, False)):
            for text, change in itertools.product(texts, (str.lower, str.upper, str.title)):
                with self.subTest(text=change(text)):
                    self.assertIs(parse_bool(change(text)), truth)

    def test_anything_else_is_an_error_that_lists_them(self):
        for text in self.BAD:
            with self.subTest(text=text), self.assertRaises(ValueError) as caught:
                parse_bool(text)
            self.assertEqual(str(caught.exception), EXPECTED)
            self.assertIsInstance(caught.exception, argparse.ArgumentTypeError)

    def test_as_a_type(self):
        self.check(build([("--x", {"type": parse_bool})]), "--x maybe", f"p: error: argument --x: {EXPECTED}")


def sync(environ=None, **keywords):
    """Return a parser with an option of most kinds, each with a variable."""
    parser = ArgumentParser(prog="sync", env_prefix="S_", environ=environ or {}, **keywords)
    add = parser.add_argument
    add("--offline", action=argparse.BooleanOptionalAction, env=True)
    add("-r", "--refresh", action="store_true", env=True)
    add("--no-cache", action="store_false", dest="cache", env="S_NO_CACHE")
    add("--jobs", type=int, default=2, env=["S_JOBS", "S_OLD_JOBS"])
    add("--mode", choices=["copy", "link"], env=True)
    add("--pair", nargs=2, type=int, env=True, env_separator=":")
    add("--maybe", nargs="?", const="c", env=True)
    add("-v", action="count", default=0, env="S_V", dest="verbose")
    add("-q", action="count", env="S_Q", dest="quiet")
    add("--mirror", action="append", default=["main"], env=True, env_separator=",")
    add("--more", action="extend", nargs="+", default=["a"], env=True, env_separator=" ")
    add("--token", env=True, env_secret=True, type=int)
    add("place", nargs="?", default="here", env=True)
    return parser


class Fail(argparse.Action):
    """Reject all values, with a message that shows them."""

    def __call__(self, parser, namespace, values, option_string=None):
        raise argparse.ArgumentError(self, f"rejected {values!r} or {values}")


class Exit(argparse.Action):
    """End the program, with a message that shows all values."""

    def __call__(self, parser, namespace, values, option_string=None):
        parser.error(f"rejected {values!r} or {values}")


class Preset(argparse.Action):
    """Set two dests."""

    def __call__(self, parser, namespace, values, option_string=None):
        setattr(namespace, self.dest, values)
        namespace.jobs = "16"


class Remember(argparse.Action):
    """Store all that an action is called with."""

    def __call__(self, parser, namespace, values, option_string=None):
        before = getattr(namespace, self.dest, None) or []
        setattr(namespace, self.dest, [*before, (parser.prog, values, option_string)])


class Merging(ParserTest):
    """A value is what was typed, else the variable, else the default, and its source says so."""

    # a line, a dest, its value, its source
    ROWS = (
        ("", "offline", None, DEFAULT),
        ("S_OFFLINE=No", "offline", False, variable("S_OFFLINE", "No")),
        ("S_OFFLINE=1 --no-offline", "offline", False, typed("--offline")),
        ("--offl", "offline", True, typed("--offline")),
        ("-vr", "refresh", True, typed("--refresh")),
        ("S_NO_CACHE=0", "cache", True, variable("S_NO_CACHE", "0")),
        ("S_JOBS=7 S_OLD_JOBS=8", "jobs", 7, variable("S_JOBS", "7")),
        ("S_JOBS= S_OLD_JOBS=8", "jobs", 8, variable("S_OLD_JOBS", "8")),
        ("S_JOBS=", "jobs", 2, DEFAULT),
        ("--jobs=2", "jobs", 2, typed("--jobs")),
        ("S_MAYBE=' x y '", "maybe", " x y ", variable("S_MAYBE", " x y ")),
        ("S_MAYBE=--", "maybe", "--", variable("S_MAYBE", "--")),
        ("S_V=no", "verbose", 0, variable("S_V", "no")),
        ("S_V=3 -vv", "verbose", 2, typed("-v")),
        ("S_Q=0", "quiet", None, variable("S_Q", "0")),
        ("S_MIRROR=' b,, c ,'", "mirror", ["main", "b", "c"], variable("S_MIRROR", " b,, c ,")),
        ("S_MIRROR=' , '", "mirror", ["main"], DEFAULT),
        ("S_TOKEN=5", "token", 5, variable("S_TOKEN", "5")),
    )

    def test_value_and_source(self):
        for line, dest, value, source in self.ROWS:
            words, environ = parts(line)
            with self.subTest(line=line):
                self.check(sync(environ), words, {dest: (value, source)})

    SIZE, NONE = {"type": os.path.getsize, "default": "none.txt"}, f"X={os.devnull}"
    PRESET, JOBS, N = option("preset", action=Preset), ("--jobs", {}), option("n", type=int)
    # arguments, a line, values or error
    MORE = (
        # A default is converted only where it is used. There is no file none.txt.
        ([option("x", **SIZE)], NONE, {"x": 0}),
        ([place("x", nargs="?", **SIZE)], NONE, {"x": 0}),
        ([("s", [option("x", **SIZE)])], f"{NONE} s", {"x": 0}),
        ([option("x", type=int, default="3")], "", {"x": (3, DEFAULT)}),
        ([place("x", type=int, nargs="?", default="3")], "X=", {"x": (3, DEFAULT)}),
        # What the action of a variable also sets never replaces what was typed.
        ([PRESET, JOBS], "PRESET=p --jobs 4", {"jobs": ("4", typed("--jobs")), "preset": "p"}),
        ([JOBS, PRESET], "PRESET=p --jobs 4", {"jobs": ("4", typed("--jobs")), "preset": "p"}),
        ([PRESET, JOBS], "PRESET=p", {"jobs": "16", "preset": "p"}),
        ([JOBS, ("s", [PRESET])], "PRESET=p --jobs 4 s", {"jobs": "4", "preset": "p"}),
        ([PRESET, ("s", [JOBS])], "PRESET=p s --jobs 4", {"jobs": "4", "preset": "p"}),
        # A false variable gives the opposite if there is one.
        ([option("x", action="append_const", const=True)], "X=0", {"x": None}),
        ([option("x", action="append_const", const=1, default=[2])], "X=0", {"x": [2]}),
        ([option("x", action="store_const", const="json", default="text")], "X=0", {"x": "text"}),
        ([("-o", {"action": YES_NO, "default": True, "env": "O"})], "O=0", {"o": False}),
        # What argparse finds in the words comes first, and alone.
        ([("--must", {"required": True}), N], "N=x", "p: error: the following arguments are required: --must"),
        ([("must", {}), N], "N=x", "p: error: the following arguments are required: must"),
        ([N], "N=x --other", "p: error: unrecognized arguments: --other"),
        ([N, ("s", [])], "N=x s --other", "p: error: unrecognized arguments: --other"),
        ([N, ("--y", {"action": "store_true"})], "N=x --y=1", "p: error: argument --y: ignored explicit argument '1'"),
    )

    def test_more_values_and_errors(self):
        self.check_rows(self.MORE)

    def test_the_environment_of_the_process_is_read_when_parsing(self):
        parser = ArgumentParser()
        parser.add_argument("--x", env="X_OF_TEST")
        for text in ("1", "2"):
            with mock.patch.dict(os.environ, {"X_OF_TEST": text}):
                self.assertEqual(parser.parse_args([]).x, text)

    ENDS = (["--help"], ["--exit"], ["--nothing"], ["--maybe", "--jobs", "x"])

    def test_a_warning_is_printed_however_a_parse_ends(self):
        for words, exits in itertools.product(self.ENDS, (True, False)):
            parser = sync({"S_OFLINE": "1"}, exit_on_error=exits)
            parser.add_argument("--exit", nargs=0, action=type("End", (Fail,), {"__call__": lambda *_: sys.exit(3)}))
            out, err = io.StringIO(), io.StringIO()
            with self.subTest(words=words, exits=exits), self.assertRaises((SystemExit, argparse.ArgumentError)):
                with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                    parser.parse_args(words)
            self.assertEqual(err.getvalue().count("did you mean S_OFFLINE?"), 1)

    # variables, the error
    BAD = (
        ({"S_OFFLINE": ""}, f"'' for '--offline' (S_OFFLINE): {EXPECTED}", "set it to 1 or 0"),
        ({"S_REFRESH": "\xe9\x1b\udc80"}, f"'\xe9\\x1b\\udc80' for '--refresh' (S_REFRESH): {EXPECTED}",
         "set it to 1 or 0"),
        ({"S_REFRESH": "2"}, f"'2' for '--refresh' (S_REFRESH): {EXPECTED}", "set it to 1 or 0"),
        ({"S_OLD_JOBS": "x"}, "'x' for '--jobs' (S_OLD_JOBS): invalid int value: 'x'", "pass --jobs"),
        ({"S_PAIR": "1"}, "'1' for '--pair' (S_PAIR): expected 2 values, not 1", "pass --pair"),
        ({"S_PAIR": "1:2:3"}, "'1:2:3' for '--pair' (S_PAIR): expected 2 values, not 3", "pass --pair"),
        ({"S_V": "-1"}, f"'-1' for '-v' (S_V): {EXPECTED}, or a number such as 2", "set it to 1 or 0"),
        ({"S_TOKEN": "ab"}, "for '--token' (S_TOKEN)", "pass --token"),
        ({"S_ODD": "3"}, "'3' for '--odd' (S_ODD): rejected '3' or 3", "pass --odd"),
    )

    def test_bad_variables(self):
        for environ, message, way_out in self.BAD:
            parser = sync(environ)
            parser.add_argument("--odd", action=Fail, env=True)
            (name,) = environ
            with self.subTest(environ=environ):
                message = f"sync: error: invalid value {message}\nhint: unset {name}, or {way_out}"
                self.check(parser, "", message)
        self.check(build([option("x", action=Exit)], {"X": "v"}), "", "p: error: rejected 'v' or v")
        error = self.error(sync({"S_MODE": "move"}), "")
        self.assertIn(" 'move' for '--mode' (S_MODE): invalid choice: 'move'", error)

    @unittest.skipUnless(hasattr(sys, "get_int_max_str_digits"), "this Python converts any number")
    def test_a_number_that_is_too_long(self):
        self.assertIn("for '-v' (S_V): ", self.error(sync({"S_V": "9" * 5000}), ""))

    def test_everything_wrong_is_one_error(self):
        environ = {"S_JOBS": "x", "S_V": "x", "S_OFFLINE": "1", "S_REFRESH": "1", "S_TOKN": "1"}
        parser = sync(environ, conflicts=[Conflict("offline", "refresh")])
        parser.add_argument("--need", required=True, env=True)
        error = self.error(parser, "")
        self.assertEqual((error.count("sync: error: "), error.count("usage: ")), (4, 1))
        self.assertIn("sync: warning: S_TOKN is set, but nothing reads it: did you mean S_TOKEN?", error)

    def test_deprecated_options_warn(self):
        parser = build([flag("old")], {"OLD": "1"})
        parser._actions[-1].deprecated = True
        self.check(parser, "", ({"old": True}, "p: warning: option '--old' is deprecated (set by OLD)"))


class Law(ParserTest):
    """A variable acts as its argument typed once, whatever the argument does."""

    # keywords of --x, the text of its variable (commas divide it), words that do the same
    OPTIONS = (
        ({}, "-a", "--x=-a"), ({"nargs": "?", "const": "c"}, "a", "--x a"), ({"default": SUPPRESS}, "a", "--x a"),
        ({"type": int, "default": "bad"}, "5", "--x 5"),
        ({"choices": ["a", "b"], "required": True}, "b", "--x b"),
        ({"nargs": "*", "type": int}, "1,2", "--x 1 2"), ({"nargs": "+", "choices": "ab"}, "a,b", "--x a b"),
        ({"nargs": 2, "default": "d"}, "a,b", "--x a b"), ({"nargs": REST, "choices": "c"}, "a,b", "--x a b"),
        ({"action": "store_true"}, "1", "--x"), ({"action": "store_false"}, "1", "--x"),
        ({"action": "store_false", "dest": "y", "default": SUPPRESS}, "1", "--x"),
        ({"action": "store_const", "const": 5, "default": 4}, "1", "--x"),
        ({"action": "append"}, "a,b", "--x a --x b"), ({"action": "append", "nargs": "?"}, "a", "--x a"),
        ({"action": "append", "default": ["d"], "type": int}, "1", "--x 1"),
        ({"action": "append", "default": SUPPRESS}, "a", "--x a"),
        ({"action": "append", "nargs": "*", "default": [["d"]]}, "a,b", "--x a b"),
        ({"action": "append_const", "const": False, "default": [1]}, "1", "--x"),
        ({"action": "extend"}, "ab", "--x ab"), ({"action": "extend", "nargs": "+"}, "a,b", "--x a b"),
        ({"action": "count"}, "yes", "--x"), ({"action": "count", "default": 3}, "2", "--x --x"),
        ({"action": "count", "default": SUPPRESS}, "1", "--x"),
        ({"action": YES_NO}, "1", "--x"), ({"action": YES_NO, "default": True}, "0", "--no-x"),
        ({"action": Remember}, "a", "--x a"), ({"action": Remember, "nargs": 0}, "1", "--x"),
        ({"action": Remember, "nargs": "+", "type": int}, "1,2", "--x 1 2"),
    )
    # the same for a positional
    POSITIONALS = (
        ({"type": int}, "5", "5"), ({"nargs": 2, "type": int}, "1,2", "1 2"),
        ({"nargs": 2, "action": "append"}, "a,b", "a b"), ({"nargs": "+", "choices": "ab"}, "a,b", "a b"),
        ({"nargs": "+", "action": "extend", "default": ["d"]}, "a,b", "a b"),
        ({"nargs": "?", "choices": ["a"], "default": "bad"}, "a", "a"),
        ({"nargs": "?", "action": "append"}, "a", "a"), ({"nargs": "?", "default": SUPPRESS}, "a", "a"),
        ({"nargs": "*"}, "a,b", "a b"), ({"nargs": "*", "type": int, "default": "bad"}, "1", "1"),
        ({"nargs": "*", "action": "append", "default": [["d"]]}, "a", "a"),
        ({"nargs": "*", "action": "extend", "default": ["d"]}, "a,b", "a b"),
        ({"nargs": "*", "action": "extend", "default": SUPPRESS}, "a", "a"),
        ({"nargs": REST, "choices": ["c"], "type": int}, "1,2", "1 2"), ({"action": Remember}, "a", "a"),
        ({"action": Remember, "nargs": "?"}, "a", "a"), ({"action": Remember, "nargs": "*"}, "a,b", "a b"),
    )

    def rows(self):
        """Yield the argument in the parser itself and in a subcommand, words before it, and the row."""
        for name, table in (("--x", self.OPTIONS), ("x", self.POSITIONALS)):
            for keywords, text, words in table:
                row = (name, {"env": "X", "env_separator": "," if "," in text else None, **keywords})
                yield [flag("other"), row], [], row, text, words.split()
                yield [flag("other"), ("s", [row])], ["s"], row, text, words.split()

    def test_a_variable_acts_as_its_argument_typed_once(self):
        """Fail too where a Python no longer calls `_get_values`, as every conflict would go silent."""
        for arguments, before, (name, keywords), text, words in self.rows():
            dest = keywords.get("dest", "x")
            with self.subTest(arguments=arguments):
                expected = build(arguments).parse_args(before + words)
                source = typed("--x" if name == "--x" else None)
                self.assertEqual(expected.source_of(dest), source)
                args = build(arguments, {"X": text}).parse_args(before)
                self.assertEqual((args, args.source_of(dest)), (expected, variable("X", text)))
                args = build(arguments, {"X": "junk"}).parse_args(before + words)
                self.assertEqual((args, args.source_of(dest)), (expected, source))

    def test_an_ignored_variable_acts_as_none(self):
        for arguments, before, (name, keywords), text, _ in self.rows():
            keywords.pop("required", None)
            required = name == "x" and keywords.get("nargs") not in ("?", "*", REST)
            if required or keywords.get("default") == "bad" or text == "0":
                continue
            row = Conflict(keywords.get("dest", "x"), "other", "command line wins")
            with self.subTest(arguments=arguments):
                words = " ".join(["--other", *before])
                args, err = self.parse(build(arguments, {"X": text}, conflicts=[row]), words)
                self.assertEqual(args, self.parse(build(arguments), words)[0])
                self.assertIn("warning: ignoring X=", err)

class Adding(ParserTest):
    """`add_argument` takes `env`, and help, usage and `required` know of the variable."""

    def test_env_has_three_forms(self):
        parser = ArgumentParser(env_prefix="A_", environ={"A_MAX_JOBS": "1", "B": "2", "OLD": "3"})
        parser.add_argument("--max-jobs", env=True)
        parser.add_argument_group("g").add_argument("b", nargs="?", env="B")
        group = parser.add_argument_group("h").add_mutually_exclusive_group()
        group.add_argument("--c", env=["NEW", "OLD"])
        parser.add_mutually_exclusive_group().add_argument("--d-e", dest="f-g", env=True)
        args = parser.parse_args([])
        self.assertEqual((args.max_jobs, args.b, args.c), ("1", "2", "3"))
        self.assertIn("(env: A_F_G)", self.help(parser))

    def test_no_other_form(self):
        for env in (1, False, b"X", [1], {"X": 1}, object()):
            with self.subTest(env=env), self.assertRaisesRegex(TypeError, "env is a variable's name"):
                ArgumentParser().add_argument("--x", env=env)
        with self.assertRaisesRegex(ValueError, "env=True needs an env_prefix"):
            ArgumentParser().add_argument("--x", env=True)

    def test_a_name_is_one_that_a_shell_can_set(self):
        names = {"opt.lr": "A_OPT_LR", "data set": "A_DATA_SET", "a=b": "A_A_B", "\xe9": "A__"}
        for dest, name in names.items():
            parser = ArgumentParser(env_prefix="A_", environ={name: "v"})
            parser.add_argument("--x", dest=dest, env=True)
            with self.subTest(dest=dest):
                self.assertEqual(parser.parse_args([]).source_of(dest), variable(name, "v"))

    # two arguments of one dest, and what the error calls them
    SECOND = (
        (option("a", dest="x"), option("b", dest="x"), "--a and --b"),
        (flag("x"), flag("no-x", action="store_false", dest="x"), "--x and --no-x"),
        (place("x", nargs="?"), option("xx", dest="x", env="X"), "x and --xx"),
    )

    def test_one_argument_of_a_dest_has_variables(self):
        kinds = ("", "argument_", "mutually_exclusive_")
        for (first, second, names), kind in itertools.product(self.SECOND, kinds):
            parser = build([first], conflict_handler="resolve")
            container = getattr(parser, f"add_{kind}group")() if kind else parser
            with self.subTest(first=first, kind=kind), self.assertRaises(ValueError) as caught:
                fill(container, [second])
            way_out = "give one of them a list of names, or give them two dests and a Conflict"
            message = f"{names} both have a variable for the dest 'x': {way_out}"
            self.assertEqual(str(caught.exception), message)
        replaced = build([option("x", env="A"), option("x", env="B")], {"B": "b"}, conflict_handler="resolve")
        self.assertEqual(replaced.parse_args([]).x, "b")

    def test_also_where_both_come_from_parents(self):
        parents = [build([option(name, dest="x")], add_help=False) for name in "ab"]
        with self.assertRaisesRegex(ValueError, "--a and --b both have a variable for the dest 'x'"):
            ArgumentParser(parents=parents)
        parents[1] = build([("--b", {"dest": "x"})], add_help=False)
        self.assertEqual(ArgumentParser(parents=parents).parse_args(["--b", "1"]).x, "1")

    def test_without_env_an_argument_is_argparses(self):
        for keywords, _, _ in Law.OPTIONS:
            action = ArgumentParser(env_prefix="X_").add_argument("--x", **keywords)
            stock = argparse.ArgumentParser().add_argument("--x", **keywords)
            self.assertEqual(repr(action), repr(stock))

    def test_a_separator_needs_room(self):
        for nargs in (None, "?"):
            with self.assertRaisesRegex(ValueError, "--x holds only one value"):
                ArgumentParser().add_argument("--x", nargs=nargs, env="X", env_separator=",")

    def test_help_names_the_variables(self):
        hidden, last = option("d", help=SUPPRESS), ("--f", {"help": "fourth"})
        rows = [option("a", help="of %(prog)s"), option("b", env=["B", "C"]), hidden, option("e", env="%")]
        text = self.help(build([*rows, last], {"A": "value"}))
        end = "--a A of p (env: A) --b B (env: B, C) --e E (env: %) --f F fourth"
        self.assertTrue(text.endswith(end), text)

    NEED = "p: error: the following arguments are required: "
    FILE = place("file")
    # arguments, a line, values or error
    REQUIRED = (
        ([option("need", required=True)], "NEED=x", {"need": "x"}),
        ([option("need", required=True)], "", f"usage: p [-h] [--need NEED]\n{NEED}--need (or set NEED)"),
        ([option("need", required=True, nargs="?", const="c")], "--need", {"need": "c"}),
        ([option("need", required=True), ("--y", {"dest": "need"})], "--need 1 --y 2", {"need": "2"}),
        ([option("need", required=True, nargs="*", env=["N", "O"])], "", f"{NEED}--need (or set N)"),
        ([flag("x", action=YES_NO, required=True)], "X=0", {"x": False}),
        ([option("n", type=int, required=True)], "N=x",
         "p: error: invalid value 'x' for '--n' (N): invalid int value: 'x'\nhint: unset N, or pass --n"),
        ([FILE], "", f"{NEED}file (or set FILE)"),
        ([place("x", nargs=2, metavar=("C", "D"))], "", f"{NEED}C, D (or set X)"),
        ([place("p", nargs="*")], "", {"p": []}),
        ([place("p", nargs=REST)], "P=", {"p": []}),
        ([FILE, ("rest", {"nargs": "*"})], "FILE=f", {"file": "f", "rest": []}),
        ([FILE, ("rest", {"nargs": "*", "default": "d"})], "FILE=f", {"file": "f", "rest": "d"}),
        ([FILE, place("p"), ("q", {"nargs": "*"})], "P=p x", {"file": "x", "p": "p", "q": []}),
        ([FILE, ("--o", {}), ("q", {"nargs": "*"})], "FILE=f --o 1", {"file": "f", "q": []}),
        ([FILE, place("p"), ("--o", {}), ("q", {"nargs": "*"})], "P=v x --o 1 y", {"p": "y"}),
        ([place("file", action=Fail), ("q", {"nargs": "*"})], "", f"{NEED}file (or set FILE)"),
        ([FILE, ("last", {})], "FILE=f", f"{NEED}last"),
        ([place("p", nargs="*")], "--", {"p": []}),
        ([place("p", nargs=2, env_separator=","), ("s", [("--y", {})])], "P=a,b s", {"p": ["a", "b"], "y": None}),
        ([place("p", nargs=REST)], "--", {"p": ["--"]}),
        ([place("x", metavar="ONE"), ("x", {"metavar": "TWO"})], "1", f"{NEED}TWO"),
        ([("x", {"metavar": "ONE"}), place("x", metavar="TWO")], "1", f"{NEED}TWO (or set X)"),
    )

    def test_required(self):
        self.check_rows(self.REQUIRED)
        parser = build([option("x", required=True), ("--x", {})], conflict_handler="resolve")
        self.assertIsNone(parser.parse_args([]).x)

    def test_an_ignored_variable_may_be_missed_and_its_default_may_be_bad(self):
        for keywords, error in (
            ({"required": True}, f"{self.NEED}--x (or set X)"),
            ({"default": "://u:p@h"}, "p: error: argument --x: invalid int value: '://***@h'"),
        ):
            row = Conflict("x", "y", "command line wins")
            parser = build([option("x", type=int, **keywords), flag("y")], {"X": "1"}, conflicts=[row])
            error = f"ignoring X=1 because '--y' was given\nusage: p [-h] [--x X] [--y]\n{error}"
            self.check(parser, "--y", f"p: warning: {error}")


def reject(text):
    raise argparse.ArgumentTypeError(f"rejected {text!r} or {text}")


class Secrets(ParserTest):
    """No message shows what a secret argument holds, nor the user and password of a URL."""

    # keywords of --token, more words
    ROWS = (
        ({"action": Fail}, []), ({"action": Fail, "nargs": "+"}, []), ({"action": Exit}, []),
        ({"type": reject}, []), ({"nargs": 2, "type": reject}, []), ({"type": int}, []),
        ({"choices": "ab"}, []), ({}, ["--other"]),
    )

    def test_what_a_secret_argument_holds(self):
        product = itertools.product(self.ROWS, ("S3CR3T", "S'3C\\R3T"), (True, False), (True, False))
        for (keywords, words), secret, is_typed, exits in product:
            arguments = [option("token", env_secret=True, **keywords), flag("other")]
            environ, line = ({}, [f"--token={secret}", *words]) if is_typed else ({"TOKEN": secret}, words)
            parser = build(arguments, environ, conflicts=[Conflict("token", "other")], exit_on_error=exits)
            with self.subTest(keywords=keywords, line=line, exits=exits):
                with contextlib.redirect_stderr(io.StringIO()) as err:
                    with self.assertRaises((SystemExit, argparse.ArgumentError)) as caught:
                        parser.parse_args(line)
                shown = err.getvalue() + str(caught.exception)
                self.assertRegex(shown, "argument|rejected|invalid value for '--token'")
                self.assertNotIn(secret, shown)
                self.assertNotIn(repr(secret)[1:-1], shown)

    X, SECRET = option("x", env_secret=True), ("--token", {"env_secret": True})
    # arguments, a line, values or error
    MORE = (
        # A short word is hidden where it is quoted, and a warning names a secret variable alone.
        ([option("n", env_secret=True, type=int)], "--n ok", "p: error: argument --n: invalid int value: '***'"),
        ([option("n", env_secret=True, type=int)], "--n=", "p: error: argument --n: invalid int value: '***'"),
        ([X, flag("y")], "X=S3CR3T --y", ({"x": None}, "p: warning: ignoring X because '--y' was given")),
        # Part of a longer word, and of another secret.
        ([SECRET, option("n", env_secret=True, type=int), ("--m", {"type": int})], "--token 3CR3 --n=0 --m=x3CR3",
         "p: error: argument --m: invalid int value: 'x***'"),
        ([SECRET, option("n", env_secret=True, type=reject)], "--token 3CR3 --n S3CR3T",
         "p: error: argument --n: rejected '***' or ***"),
        # The same word for another argument.
        ([SECRET, X, flag("y"), ("s", [("--same", {"type": reject})])], "--token S3CR3T s --same S3CR3T",
         "p s: error: argument --same: rejected '***' or ***"),
    )

    def test_where_a_secret_is_hidden(self):
        for arguments, line, expected in self.MORE:
            rows = [Conflict("x", "y", "command line wins")] if self.X in arguments else []
            self.check_rows([(arguments, line, expected)], conflicts=rows)

    # a word, what a message shows of it
    URLS = (
        ("https://h:80 b/a@b", "https://h:80 b/a@b"), ("https://h?S3CR3T what?no", "https://h?*** what?no"),
        ("https://me:S3CR3T@host/x", "https://***@host/x"), ("https://S3CR3T@host", "https://***@host"),
        ("https://me:S3@CR3T@host", "https://***@host"), ("https://me:S3/CR3T@host/x@y", "https://***@y"),
        ("https://me:S3:CR3T@host:80/x", "https://***@host:80/x"),
        ("https://me:S3CR3T@host/a@b", "https://***@host/a@b"),
        ("https://me%40:S3CR3T@host", "https://***@host"), ("https://me:S3CR3T?x@host", "https://***@host"),
        ("HTTPS://me:S3CR3T@host", "HTTPS://***@host"), ("http:///me:S3CR3T@host", "http:///***@host"),
        ("http:/me:S3CR3T@host", "http:/***@host"), ("http:me:S3CR3T@host", "http:***@host"),
        (r"http:\\me:S3CR3T@host", r"http:\\***@host"), (r"http:/\me:S3CR3T@host", r"http:/\***@host"),
        ("http://me:S3CR3T w@host", "http://***@host"),
        ("a=https://me:S3CR3T@host,ssh://S3CR3T@host", "a=https://***@host,ssh://***@host"),
        ("git+https://host:8443/repo@v1.2", "git+https://host:8443/repo@v1.2"),
        ("https://host/a@b?c@d", "https://host/a@b?***"), ("https://[::1]:80/a@b", "https://[::1]:80/a@b"),
        ("me@host:path", "me@host:path"),
    )

    def test_users_and_passwords_in_urls(self):
        arguments = [option("n", type=int), option("many", action="append")]
        for word, shown in self.URLS:
            for words, name in (([f"--not={word}"], ""), (["--n", word], ""), ([], "N"), (["--n=1"], "MANY")):
                parser = build(arguments, {name: word}, conflicts=[Conflict("n", "many")])
                with self.subTest(words=words, name=name):
                    with contextlib.redirect_stderr(io.StringIO()) as err, self.assertRaises(SystemExit):
                        parser.parse_args(words)
                    self.assertIn(shown, err.getvalue().replace(repr(shown)[1:-1], shown))
                    self.assertNotRegex(err.getvalue(), "S3|CR3T")

    def test_a_long_word_is_no_trouble(self):
        for word in ("://a:" * 20000, "https://a:b/" * 9000, "://a@" * 20000):
            shown = word.replace("a@", "***@")
            self.assertTrue(self.error(build([]), word).endswith(f"error: unrecognized arguments: {shown}\n"))


class Conflicts(ParserTest):
    """A row judges the merged values by its policy, and the error says how to undo each side."""

    BOTH_TYPED = "p: error: the argument '--a' cannot be used with '--b'\nhint: drop --a or --b"
    BOTH_SET = (
        "p: error: the argument '--a' (A=1) cannot be used with '--b' (B=x)\n"
        "hint: unset A, set it to 0, or pass --no-a\nhint: unset B"
    )
    A_TYPED = "p: error: the argument '--a' cannot be used with '--b' (B=x)\nhint: unset B"
    B_TYPED = (
        "p: error: the argument '--b' cannot be used with '--a' (A=on)\n"
        "hint: unset A, set it to 0, or pass --no-a"
    )
    IGNORE_A = ({"a": (False, DEFAULT), "b": ["x"]}, "p: warning: ignoring A=on because '--b' was given")
    IGNORE_B = ({"a": True, "b": ([], DEFAULT)}, "p: warning: ignoring B=x because '--a' was given")
    STAYS = ({"a": True, "b": ["x"]}, "p: warning: '--a' has no effect beside '--b' (B=x)")
    BOTH, ONLY_A, ONLY_B = {"a": True, "b": ["x"]}, {"a": True, "b": []}, {"a": False, "b": ["x"]}
    # words, variables, what comes of them: always, command line wins, typed only, variable yields, ... stays
    POLICIES = (
        ("--a --b x", {}, BOTH_TYPED, BOTH_TYPED, BOTH_TYPED, BOTH, BOTH),
        ("--b x --a", {"A": "0"}, BOTH_TYPED, BOTH_TYPED, BOTH_TYPED, BOTH, BOTH),
        ("--a", {"B": "x"}, A_TYPED, IGNORE_B, BOTH, IGNORE_B, STAYS),
        ("--b x", {"A": "on"}, B_TYPED, IGNORE_A, BOTH, BOTH, BOTH),
        ("", {"A": "1", "B": "x"}, BOTH_SET, BOTH_SET, BOTH, BOTH, BOTH),
        ("--b x", {"A": "0"}, *[ONLY_B] * 5),
        ("--b x --no-a", {"A": "1"}, *[ONLY_B] * 5),
        ("--a", {"B": ""}, *[ONLY_A] * 5),
        ("", {"A": "0", "B": "x"}, *[ONLY_B] * 5),
        ("--no-a", {"B": "x"}, *[ONLY_B] * 5),
    )
    AB = (flag("a", action=YES_NO, default=False), option("b", action="append", default=[]))

    def test_each_policy_on_each_mix_of_sources(self):
        policies = ("always", "command line wins", "typed only", "variable yields", "variable stays")
        for words, environ, *expected in self.POLICIES:
            for policy, outcome in zip(policies, expected):
                row = Conflict("a", "b") if policy == "always" else Conflict("a", "b", policy)
                with self.subTest(words=words, environ=environ, policy=policy):
                    self.check(build(self.AB, environ, conflicts=[row]), words, outcome)

    X, Y, NO_X = flag("x"), flag("y"), flag("no-x", action="store_false", dest="x")
    X_SET = "p: error: the argument '--y' cannot be used with '--x' (X=1)\nhint: unset X"
    OR_0, UNDO = f"{X_SET} or set it to 0", {"action": "store_false", "dest": "x"}
    NOT_BOOLEAN = f"p: error: invalid value '-' for '--x' (X): {EXPECTED}\nhint: unset X, or set it to 1 or 0"
    # arguments with the row x, y, a line, values or error
    ROWS = (
        ([option("x", action="count", default=1), Y], "X=no --y", {"x": (1, variable("X", "no"))}),
        ([option("x", action="count", default=1), Y], "X=00 --y", {"x": (1, variable("X", "00"))}),
        ([option("x", action="store_const", const=3, default=2), Y], "X=no --y", {"x": 2}),
        ([flag("x", action=YES_NO, default=True), Y], "X=no --y", {"x": False}),
        ([("--x", {"default": "d"}), Y], "--y", {"x": "d"}),
        ([("--x", {"nargs": "?"}), Y], "--x --y", {"x": (None, typed("--x"))}),
        ([("--x", {"nargs": "*"}), Y], "--x --y", {"x": ([], typed("--x"))}),
        ([flag("x", default=True), Y], "X=- --y", NOT_BOOLEAN),
        ([option("x", type=int), Y], "X=0 --y",
         "p: error: the argument '--y' cannot be used with '--x' (X=0)\nhint: unset X"),
        ([flag("x"), place("y", nargs="?", metavar="PLACE")], "--x 1",
         "p: error: the argument '--x' cannot be used with 'PLACE'\nhint: drop --x or PLACE"),
        ([flag("x", env="L"), flag("y", env="L")], "L=1",
         "p: error: the argument '--x' (L=1) cannot be used with '--y' (L=1)\nhint: unset L or set it to 0"),
        ([NO_X, Y], "--no-x --y",
         "p: error: the argument '--no-x' cannot be used with '--y'\nhint: drop --no-x or --y"),
        ([NO_X, Y], "NO_X=0 --y", {"x": True, "y": True}),
        ([NO_X, ("--x", {"action": "store_true"}), Y], "NO_X=1 --y", {"x": False, "y": True}),
        ([X, Y], "X=1 --y", OR_0),
        ([X, Y, ("--no-x", {"action": "store_true"})], "X=1 --y", OR_0),
        ([X, Y, ("--no-x", UNDO)], "X=1 --y", f"{X_SET}, set it to 0, or pass --no-x"),
        ([X, Y, ("--no-x", {**UNDO, "help": SUPPRESS})], "X=1 --y", OR_0),
        ([flag("x", action=YES_NO, help=SUPPRESS), Y], "X=1 --y", OR_0),
        ([option("x"), Y, ("--no-x", UNDO)], "X=1 --y", X_SET),
    )

    def test_what_is_in_effect_and_how_to_undo_it(self):
        self.check_rows(self.ROWS, conflicts=[Conflict("x", "y")])
        sets_both = build([("--x", {"action": Preset}), ("--jobs", {})], conflicts=[Conflict("x", "jobs")])
        self.check(sets_both, "--x 1", {"x": "1", "jobs": "16"})

    def test_variables_are_ignored_before_the_rest_is_judged(self):
        rows = [Conflict("b", "c"), Conflict("a", "b", "command line wins")]
        for order in (rows, rows[::-1], [*rows, Conflict("b", "a", "command line wins")]):
            parser = build([flag("a"), flag("b"), flag("c")], {"B": "1", "C": "1"}, conflicts=order)
            values = {"a": True, "b": False, "c": True}
            self.check(parser, "--a", (values, "p: warning: ignoring B=1 because '--a' was given"))

    def test_there_is_no_other_policy(self):
        names = "always, command line wins, typed only, variable yields, variable stays"
        with self.assertRaisesRegex(ValueError, f"'sometimes' is not one of the policies: {names}"):
            Conflict("a", "b", "sometimes")

    def test_a_row_names_two_dests(self):
        a, b = ("--a", {}), ("--b", {})
        for row in (("a", "b", "always"), Conflict("a", "c"), Conflict("--a", "--b"), Conflict("a", "a")):
            for arguments in ([a, b], [a, ("s", [b])]):
                with self.subTest(row=row), self.assertRaises(ValueError) as caught:
                    build(arguments, conflicts=[row]).parse_args([])
                form = "write Conflict(first, second, policy), with two of the dests a, b,"
                self.assertIn(f"{row!r}: {form}", str(caught.exception))
                self.assertIn("(a dest has no dashes)", str(caught.exception))

    def test_rows_of_parents(self):
        parent = build(self.AB, add_help=False, conflicts=[Conflict("a", "b")])
        child = ArgumentParser(prog="p", parents=[parent], environ={"A": "1", "B": "x"})
        self.check(child, "", self.BOTH_SET)


class Groups(ParserTest):
    """A mutually exclusive group judges its arguments, typed or set, and not their dests."""

    A, B, XML = flag("a"), ("--b", {}), flag("xml", action="store_const", const="xml", dest="format")
    OTHER_A, FORMAT = ("--a", {"dest": "other"}), ("--format", {})
    ONE_OF, REQUIRED = "p: error: one of the arguments", "is required (or set"
    NEED, IGNORING, B_GIVEN = f"{ONE_OF} --a --b {REQUIRED} A)", "p: warning: ignoring", "because '--b' was given"
    NO_CACHE = flag("no-cache", action="store_false", dest="cache")
    # what is in the group, what is outside, is it required, a line, values or error
    ROWS = (
        ([A, B], [], False, "A=1 --b x", ({"a": (False, DEFAULT), "b": "x"}, f"{IGNORING} A=1 {B_GIVEN}")),
        ([A, option("b")], [], False, "A=0 B=y --b x", {"a": False, "b": "x"}),
        ([A, option("b")], [], False, "B=x --a", ({"a": True, "b": None}, f"{IGNORING} B=x because '--a' was given")),
        ([A, option("b")], [], False, "A=1 B=x",
         "p: error: the argument '--a' (A=1) cannot be used with '--b' (B=x)\n"
         "hint: unset A or set it to 0\nhint: unset B"),
        ([A, place("p", nargs="?", default="d")], [], False, "P=v --a",
         ({"a": True, "p": "d"}, f"{IGNORING} P=v because '--a' was given")),
        ([A, B], [], False, "--b x --a", "p: error: argument --a: not allowed with argument --b"),
        ([A, B], [], True, "A=1", {"a": True}),
        ([A, B], [], True, "A=0 --b x", {"b": "x"}),
        ([A, B], [], True, "", NEED),
        ([A, B], [], True, "A=0", NEED),
        ([A, B], [], True, "A=maybe",
         f"p: error: invalid value 'maybe' for '--a' (A): {EXPECTED}\nhint: unset A, or set it to 1 or 0"),
        ([NO_CACHE, B], [], False, "NO_CACHE=1 --b x", ({"cache": True}, f"{IGNORING} NO_CACHE=1 {B_GIVEN}")),
        ([NO_CACHE, B], [], True, "NO_CACHE=1", {"cache": False}),
        ([XML, B], [FORMAT], False, "XML=1 --format text --b x", {"format": "text", "b": "x"}),
        ([XML, B], [FORMAT], False, "XML=1 --b x", ({"format": None}, f"{IGNORING} XML=1 {B_GIVEN}")),
        ([("--xml", {"dest": "format"}), B], [option("format")], False, "FORMAT=v --b x", {"format": "v"}),
        ([XML, B], [FORMAT], True, "--format text", f"{ONE_OF} --xml --b {REQUIRED} XML)"),
        ([A, B], [OTHER_A], False, "A=1 --a 1 --b x", {"other": "1", "b": "x"}),
        ([A, B], [OTHER_A], True, "--a 2", "p: error: the following arguments are required: --b"),
        ([A, B, XML], [OTHER_A], True, "A=1 --a 2", f"{ONE_OF} --b --xml {REQUIRED} XML)"),
        ([A, B, XML], [("--b", {})], True, "--b x", f"{ONE_OF} --a --xml {REQUIRED} A or XML)"),
        ([B, ("--c", {})], [], True, "", f"{ONE_OF} --b --c is required"),
    )

    def test_groups(self):
        for members, others, required, line, expected in self.ROWS:
            words, environ = parts(line)
            parser = build([], environ, conflict_handler="resolve")
            group = parser.add_argument_group("g").add_mutually_exclusive_group(required=required)
            fill(group, members)
            fill(parser, others)
            with self.subTest(members=members, others=others, line=line):
                self.check(parser, words, expected)

    def test_groups_of_parents(self):
        parent = build([], add_help=False)
        fill(parent.add_mutually_exclusive_group(required=True), [self.A, self.B])
        self.check(ArgumentParser(prog="p", parents=[parent], environ={}), "", self.NEED)
        stock = argparse.ArgumentParser(add_help=False)
        stock.add_mutually_exclusive_group().add_argument("--a")
        self.check(ArgumentParser(prog="p", parents=[stock]), "", {"a": None})

    def test_a_group_without_variables_is_argparses(self):
        parser = build([])
        fill(parser.add_mutually_exclusive_group(required=True), [("--a", {"type": int}), ("--b", {})])
        self.assertIn("[-h] (--a A | --b B)", parser.format_usage())
        first, _ = parser.parse_known_args(["--a", "1"])
        self.assertEqual(vars(parser.parse_args(["--b", "x"], first)), {"a": 1, "b": "x"})


class Subcommands(ParserTest):
    """All levels of subcommands are one parse, with one set of values, rows and problems."""

    TWO = (
        option("x", default="root", env="ROOT"),
        ("run", [option("x", default="run", env="RUN"), flag("plain")]),
        ("other", [option("y", type=int)]),
    )
    V, ITEM = ("-v", {"action": "count", "default": 0}), ("--item", {"action": "append", "default": ["d"]})
    THREE = (V, ITEM, ("--x", {}), ("s", [V, ITEM, ("--x", {}), ("t", [V, ITEM, option("x", default="t")])]))
    LEVEL = ("--level", {})
    DEBUG = ("--debug", {"action": "store_const", "const": "DEBUG", "dest": "level"})
    # arguments, a line, values or pairs of value and source
    ROWS = (
        (TWO, "RUN=v --x 1 run", {"x": ("1", typed("--x")), "command": ("run", typed(None))}),
        (TWO, "ROOT=v run --x 1", {"x": ("1", typed("--x"))}),
        (TWO, "ROOT=v run", {"x": ("v", variable("ROOT", "v"))}),
        (TWO, "ROOT=v RUN=w run", {"x": ("w", variable("RUN", "w"))}),
        (TWO, "run", {"x": ("run", DEFAULT)}),
        (TWO, "RUN=w other", {"x": ("root", DEFAULT)}),
        (TWO, "Y=junk run", {"command": "run"}),
        (THREE, "-v --item a s -v --item b t -v --item c", {"v": 3, "item": ["d", "a", "b", "c"]}),
        (THREE, "-v --item a s t", {"v": (1, typed("-v")), "item": ["d", "a"], "x": "t"}),
        (THREE, "X=v --x 1 s t", {"x": "1"}),
        (THREE, "s --x 2 t", {"x": "2"}),
        (THREE, "X=v s t", {"x": "v", "v": 0, "item": ["d"]}),
        ([option("item", action="append"), ("s", [ITEM])], "ITEM=v s", {"item": ["v"]}),
        ([option("item", action="append"), ("s", [ITEM])], "ITEM=v s --item a", {"item": ["d", "a"]}),
        ([("s", [("t", [])])], "s", {"command": (None, DEFAULT)}),
        ([("s", [place("command", nargs="?")])], "s", {"command": (None, DEFAULT)}),
        ([("s", [place("command", nargs="?")])], "COMMAND=v s", {"command": "v"}),
        ([("s", [("--command", {"action": "append"})])], "s --command a", {"command": ["a"]}),
        ([LEVEL, ("s", [LEVEL, DEBUG])], "--level info s --debug", {"level": "DEBUG"}),
        ([LEVEL, ("s", [("t", [DEBUG])])], "--level info s t --debug", {"level": "DEBUG"}),
        ([LEVEL, ("s", [DEBUG])], "--level info s", {"level": "info"}),
    )

    def test_values(self):
        self.check_rows(self.ROWS)

    N, M = option("n", type=int), option("m", type=int)
    BAD_N = "error: invalid value 'x' for '--n' (N): invalid int value: 'x'\nhint: unset N, or pass --n"
    BAD_M = "error: invalid value 'x' for '--m' (M): invalid int value: 'x'\nhint: unset M, or pass --m"
    NEED = option("need", required=True)
    NO_NEED = "error: the following arguments are required: --need (or set NEED)"
    # arguments, a line, the usage and the error
    REPORTS = (
        ([N, ("s", [("t", [])])], "N=x s t", f"usage: p [-h] [--n N] {{s}} ...\np: {BAD_N}"),
        ([("s", [N, ("t", [])])], "N=x s t", f"usage: p s [-h] [--n N] {{t}} ...\np s: {BAD_N}"),
        ([M, ("s", [N])], "M=x N=x s", f"usage: p s [-h] [--n N]\np s: {BAD_N}\np s: {BAD_M}"),
        ([NEED, ("s", [N])], "N=x s", f"usage: p s [-h] [--n N]\np s: {BAD_N}\np s: {NO_NEED}"),
        ([NEED, ("s", [N])], "s", f"usage: p [-h] [--need NEED] {{s}} ...\np: {NO_NEED}"),
        ([N, ("s", [NEED])], "N=x s", f"usage: p [-h] [--n N] {{s}} ...\np: {BAD_N}\np: {NO_NEED}"),
        ([option("x", required=True), ("s", [NEED])], "s", f"usage: p s [-h] [--need NEED]\np s: {NO_NEED}\n"
         "p s: error: the following arguments are required: --x (or set X)"),
        ([("s", []), ("t", [N])], "N=x t", f"usage: p t [-h] [--n N]\np t: {BAD_N}"),
    )

    def test_the_parser_of_the_first_problem_reports_all(self):
        self.check_rows(self.REPORTS)

    def test_conflicts_across_levels(self):
        arguments = [flag("a", action=YES_NO), ("s", [flag("b")])]
        for words, environ in (("--a s --b", {}), ("s --b", {"A": "1"}), ("--a s", {"B": "1"})):
            with self.subTest(words=words):
                error = self.error(build(arguments, environ, conflicts=[Conflict("a", "b")]), words)
                self.assertIn("p s: error: the argument", error)
        parser = build(arguments, {"A": "0"}, conflicts=[Conflict("a", "b")])
        self.check(parser, "s --b", {"a": False, "b": True})

    COLOR, SUB = option("color", default="auto"), option("color", default="sub", env="SUB")
    # the root's argument, that of the subcommand, variables, color where --plain is typed
    FALL_BACK = (
        (COLOR, [option("color", default=SUPPRESS)], {"COLOR": "x"}, "auto"),
        (COLOR, [option("color", default=SUPPRESS, env="SUB")], {"SUB": "x"}, "auto"),
        (COLOR, [], {"COLOR": "x"}, "auto"),
        (COLOR, [SUB], {"SUB": "x"}, "sub"),
        (COLOR, [("--color", {"default": "sub"})], {"COLOR": "x"}, "sub"),
        (("--color", {}), [SUB], {"SUB": "x"}, "sub"),
    )

    def test_an_ignored_variable_falls_back_to_the_default_of_its_level(self):
        row = Conflict("plain", "color", "command line wins")
        for argument, arguments, environ, color in self.FALL_BACK:
            parser = build([argument, ("s", [*arguments, flag("plain")])], environ, conflicts=[row])
            ((name, text),) = environ.items()
            with self.subTest(arguments=arguments, environ=environ):
                warning = f"p s: warning: ignoring {name}={text} because '--plain' was given"
                self.check(parser, "s --plain", ({"color": (color, DEFAULT)}, warning))

    def test_set_defaults(self):
        parser = ArgumentParser(environ={})
        run = parser.add_subparsers(dest="command").add_parser("run")
        run.set_defaults(func=len, command="mine")
        args = parser.parse_args(["run"], Namespace(func=None))
        self.assertEqual((args.func, args.command), (len, "mine"))

    def test_foreign_parsers(self):
        for words, x in (("--x 1 run", "run"), ("run --x 2", "2")):
            parser = build([option("x")])
            commands = parser.add_subparsers(parser_class=argparse.ArgumentParser)
            commands.add_parser("run").add_argument("--x", default="run")
            self.check(parser, words, {"x": x})
        root = argparse.ArgumentParser()
        run = root.add_subparsers(parser_class=ArgumentParser).add_parser("run", environ={"X": "v"})
        run.add_argument("--x", env="X")
        self.assertEqual(root.parse_args(["run"]).x, "v")

    def test_an_action_that_gives_a_subcommand_its_namespace(self):
        class Commands(argparse._SubParsersAction):
            def __call__(self, parser, namespace, values, option_string=None):
                self._name_parser_map[values[0]].parse_args(values[1:], namespace)

        parser = build([option("x")], {"X": "v"})
        run = parser.add_subparsers(action=Commands).add_parser("run")
        run.add_argument("--force", action="store_true")
        with mock.patch.dict(os.environ, {"Y_OF_TEST": "w"}):
            run.add_argument("--y", env="Y_OF_TEST")
            args = parser.parse_args(["run", "--force"])
        self.assertEqual((args.force, args.x, args.y), (True, "v", "w"))

    def test_a_parser_that_is_called_for_itself(self):
        class Again(argparse.Action):
            def __call__(self, parser, namespace, values, option_string=None):
                setattr(namespace, self.dest, parser.parse_args(["--x", values]))

        parser = ArgumentParser(environ={"X": "env"})
        run = parser.add_subparsers().add_parser("run", environ={"X": "w"})
        run.add_argument("--y", env="X")
        parser.add_argument("--again", action=Again)
        parser.add_argument("--like", type=lambda text: run.parse_args(text.split()))
        parser.add_argument("--x", env="X")
        args = parser.parse_args(["--again", "inner", "--like", "", "run"])
        self.assertEqual((args.x, args.again.x, args.like.y, args.y), ("env", "inner", "w", "env"))
        self.assertEqual(args.again.source_of("x"), typed("--x"))

    def test_an_action_that_parses_more_words(self):
        class Reread(argparse.Action):
            def __call__(self, parser, namespace, values, option_string=None):
                parser.parse_args(values.split("+"), namespace)

        arguments = [("--file", {"action": Reread}), option("y"), option("z")]
        values = {"y": "env", "z": ("file", typed("--z"))}
        self.check(build(arguments, {"Y": "env", "Z": "env"}), "--file=--z=file", values)


class Unread(ParserTest):
    """A variable that nothing reads, one slip away from one that is read, is warned of."""

    # a variable that nothing reads, and the one that is meant
    ROWS = (
        ("S_REFERSH", "S_REFRESH"), ("S_REFRESHH", "S_REFRESH"), ("S_REFRES", "S_REFRESH"),
        ("S_REFRISH", "S_REFRESH"), ("S_OFLINE", "S_OFFLINE"), ("S_HERE", "S_THERE"),
        ("S_REFXRESH", "S_REFRESH"), ("S_FERRESH", None), ("S_REFRESH_ALL", None), ("S_REFRESH", None),
        ("REFRESH", None), ("T_REFRESH", None),
    )

    def test_one_slip_away(self):
        for name, meant in self.ROWS:
            parser = sync({name: "0"})
            parser.add_subparsers().add_parser("sub").add_argument("--there", env="S_THERE")
            warning = f"sync: warning: {name} is set, but nothing reads it: did you mean {meant}?\n"
            with self.subTest(name=name):
                self.assertEqual(self.parse(parser, "")[1], warning if meant else "")

    # variable, words, the prefix that is read
    PREFIXES = (("S_OFLINE", "s", "S_"), ("S_OFLINE", "", ""), ("T_OFLINE", "s", ""), ("T_OFLINE", "t", "T_"))

    def test_a_prefix_of_a_subcommand_counts_where_it_was_typed(self):
        for name, words, prefix in self.PREFIXES:
            parser = build([], {name: "1"})
            commands = parser.add_subparsers()
            commands.add_parser("s", env_prefix="S_").add_argument("--offline", env=True)
            commands.add_parser("t", env_prefix="T_").add_argument("--offline", env=True)
            hint = f"did you mean {prefix}OFFLINE?"
            warning = f"p {words}: warning: {name} is set, but nothing reads it: {hint}"
            with self.subTest(name=name, words=words):
                self.check(parser, words, ({}, prefix and warning))

    def test_20_000_variables(self):
        environ = {f"UV_REFRES{n}": "1" for n in reversed(range(20000))}
        arguments = [option("a", env="UV_REFRESH"), option("b", env="UV_REFRESK")]
        parser = build(arguments, environ, env_prefix="UV_")
        parser.add_subparsers().add_parser("s", env_prefix="UV_")
        warnings = re.findall(r"warning: (\S+) is set.*(\S{10})\?\n", self.parse(parser, "s")[1])
        self.assertEqual(warnings, [(f"UV_REFRES{n}", "UV_REFRESH") for n in range(10)])

    def test_equal_names_are_no_slip(self):
        for first, second, slip in (("A", "A", False), ("", "", False), ("A", "", True), ("", "AB", False)):
            self.assertIs(uvflags._one_slip(first, second), slip)

    def test_only_with_a_prefix(self):
        self.check(build([flag("refresh")], {"REFERSH": "0"}), "", {"refresh": False})


class DropIn(ParserTest):
    """In all else this is argparse: what it promises, and what programs do with it."""

    def test_import_changes_nothing_in_argparse(self):
        code = """
import argparse
things = [argparse, *(thing for thing in vars(argparse).values() if isinstance(thing, type))]
before = [dict(vars(thing)) for thing in things]
import uvflags
after = [dict(vars(thing)) for thing in things]
assert len(things) > 20 and uvflags.ArgumentParser is not argparse.ArgumentParser
print([thing for thing, old, new in zip(things, before, after) if old != new])
"""
        words, folder = [sys.executable, "-B", "-c", code], os.path.dirname(uvflags.__file__)
        self.assertEqual(subprocess.check_output(words, stderr=subprocess.STDOUT, cwd=folder, text=True), "[]\n")

    def test_namespace_is_argparses(self):
        args, _ = self.parse(sync({"S_JOBS": "7"}), "-r")
        stock = argparse.Namespace(**vars(args))
        self.assertEqual((args == stock, stock == args, repr(args)), (True, True, repr(stock)))
        self.assertEqual(Namespace(a=1).source_of("a"), DEFAULT)
        self.assertNotIn("_uvflags_sources", vars(args))

    def test_source_of_knows_what_args_has(self):
        args = build([("--dry-run", {"default": "d"}), ("--gone", {"default": SUPPRESS})]).parse_args([])
        self.assertEqual(args.source_of("dry_run"), DEFAULT)
        for dest in ("dry-run", "gone", "dryrun"):
            with self.assertRaisesRegex(AttributeError, dest):
                args.source_of(dest)

    def test_copies_and_pickles_keep_the_sources(self):
        args, _ = self.parse(sync({"S_JOBS": "7"}), "-r")
        copies = [copy.copy(args), copy.deepcopy(args)]
        copies += [pickle.loads(pickle.dumps(args, p)) for p in range(2, pickle.HIGHEST_PROTOCOL + 1)]
        for other in copies:
            self.assertEqual(other, args)
            self.assertEqual(other.source_of("jobs"), variable("S_JOBS", "7"))
        parser = copy.deepcopy(sync({"S_JOBS": "7"}))
        self.assertEqual(parser.parse_args([]).jobs, 7)

    HOLDERS = (
        argparse.Namespace, Namespace, type("Subclass", (Namespace,), {"x": "held"}),
        type("Slots", (), {"__slots__": ("x", "command")}), type("OfItsClass", (), {"x": "held"}),
        dataclasses.make_dataclass("Settings", [("x", str, "held")]),
    )
    X, SUB = option("x", default="d"), ("s", [option("x", default="d")])
    # arguments, words, variables, x where the namespace holds "held"
    HELD = (
        ([X], "", {}, "held"), ([X], "", {"X": "v"}, "v"), ([X], "--x 1", {"X": "v"}, "1"),
        ([X, ("s", [])], "s", {}, "held"), ([X, ("s", [])], "s", {"X": "v"}, "v"),
        ([SUB], "s", {}, "d"), ([SUB], "s", {"X": "v"}, "v"),
    )

    def test_what_the_namespace_of_a_caller_holds_is_a_default(self):
        for kind, (arguments, words, environ, value) in itertools.product(self.HOLDERS, self.HELD):
            holder = kind()
            holder.x = getattr(holder, "x", "held")
            if kind.__name__ in ("Subclass", "OfItsClass"):
                del holder.x  # the class holds it
            with self.subTest(kind=kind, arguments=arguments, words=words, environ=environ):
                self.assertIs(build(arguments, environ).parse_args(words.split(), holder), holder)
                self.assertEqual(holder.x, value)
                self.assertNotIn("_uvflags_sources", getattr(holder, "__dict__", ()))

    def test_what_a_subcommand_reads_in_a_second_parse_has_its_own_source(self):
        parser = build((option("x"), ("s", [option("x")])), {"X": "v"})
        args = parser.parse_args(["--x", "2", "s"], parser.parse_args([]))
        self.assertEqual((args.x, args.source_of("x")), ("2", typed("--x")))

    def test_values_are_converted_outside_of_a_parse_too(self):
        parser = build((option("x", type=int),), {"X": "1"})
        self.assertEqual(parser._get_value(parser._actions[1], "5"), 5)

    def test_a_second_parse_keeps_the_sources_of_the_first(self):
        first, rest = sync({"S_JOBS": "7", "S_OFFLINE": "1"}).parse_known_args(["-v", "--other"])
        self.assertEqual(rest, ["--other"])
        second = sync({"S_JOBS": "8"}, conflicts=[Conflict("offline", "mode", "command line wins")])
        with contextlib.redirect_stderr(io.StringIO()) as err:
            args = second.parse_args(["--mode", "link"], first)
        self.assertEqual((args.jobs, args.source_of("jobs")), (7, variable("S_JOBS", "7")))
        self.assertEqual(args.source_of("verbose"), typed("-v"))
        self.assertEqual((args.offline, args.source_of("offline")), (None, DEFAULT))
        self.assertIn("ignoring S_OFFLINE=1", err.getvalue())
        a, x = ("--a", {"action": "store_true"}), option("x", type=int, default="5")
        parser = build([a, x], {"X": "6"}, conflicts=[Conflict("a", "x", "command line wins")])
        earlier = (build([a, x]).parse_args([]), parser.parse_args([]), Namespace(x="7"))
        for holder, value in zip(earlier, (5, 5, "7")):
            with contextlib.redirect_stderr(io.StringIO()):
                self.assertEqual(parser.parse_args(["--a"], holder).x, value)

    def test_a_variable_that_is_false_stays_so_in_a_second_parse(self):
        arguments = [flag("no-cache", action="store_false", dest="cache"), ("--dir", {})]
        parser = build(arguments, {"NO_CACHE": "0"}, conflicts=[Conflict("cache", "dir")])
        first = parser.parse_args([])
        self.assertEqual(vars(parser.parse_args(["--dir", "d"], first)), {"cache": True, "dir": "d"})

    def test_intermixed(self):
        arguments = [option("x", required=True), flag("y"), place("p", nargs="*", action="extend")]
        parser = build(arguments, {"X": "v", "P": "q"}, conflicts=[Conflict("x", "y")])
        args = parser.parse_intermixed_args(["a", "--x", "w", "b"])
        self.assertEqual((args.x, args.p, args.source_of("p")), ("w", ["a", "b"], typed(None)))
        args, rest = parser.parse_known_intermixed_args(["--z"])
        self.assertEqual((args.x, args.p, rest), ("v", ["q"], ["--z"]))
        with contextlib.redirect_stderr(io.StringIO()) as err, self.assertRaises(SystemExit):
            parser.parse_intermixed_args(["a", "--y"])
        self.assertEqual(err.getvalue().count("cannot be used"), 1)
        with contextlib.redirect_stderr(io.StringIO()) as err, self.assertRaises(SystemExit):
            build([place("p")]).parse_intermixed_args(["--"])
        self.assertRegex(err.getvalue(), r"required: p \(or set P\)|unrecognized arguments: --")  # since 3.14

    def test_exit_on_error(self):
        bad_n = "invalid value 'y' for '--n' (N): invalid int value: 'y'\nhint: unset N, or pass --n"
        bad_m = "invalid value 'x' for '--m' (M): invalid int value: 'x'\nhint: unset M, or pass --m"
        for root, sub in itertools.product((True, False), repeat=2):
            parser = build([option("m", type=int)], {"M": "x", "N": "y"}, exit_on_error=root)
            fill(parser.add_subparsers().add_parser("s", exit_on_error=sub), [option("n", type=int)])
            with self.subTest(root=root, sub=sub):
                if root or sub:
                    self.check(parser, "s", f"p s: error: {bad_n}\np s: error: {bad_m}")
                    continue
                with self.assertRaises(argparse.ArgumentError) as caught:
                    parser.parse_args(["s"])
                self.assertEqual(str(caught.exception), f"{bad_n}\n{bad_m}")

    def test_files_of_arguments_and_defaults(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "words")
            with open(path, "w") as file:
                file.write("--jobs\n5\n")
            parser = sync({"S_MODE": "copy"}, fromfile_prefix_chars="@")
            parser.set_defaults(mode="link", extra=1)
            args = parser.parse_args([f"@{path}"])
        self.assertEqual((args.jobs, args.source_of("jobs")), (5, typed("--jobs")))
        self.assertEqual((args.mode, args.extra), ("copy", 1))

    def test_closed_and_full_streams(self):
        for broken in (
            mock.patch.object(sys, "stderr", None),
            mock.patch("argparse.ArgumentParser._print_message", side_effect=OSError),  # as before Python 3.12
        ):
            with broken, contextlib.redirect_stdout(io.StringIO()), self.assertRaises(SystemExit) as stop:
                sync().parse_args(["--nothing"])
            self.assertEqual(stop.exception.code, 2)

    def test_threads_share_a_parser(self):
        parser, both, found = sync({}), threading.Barrier(2, timeout=60), {}
        parser.add_argument("--wait", type=lambda _: both.wait())

        def parse(word):
            args = parser.parse_args(["--wait", "for the other", word, "--wait", "again"])
            found[word] = [args.source_of(dest) for dest in ("offline", "refresh")]

        threads = [threading.Thread(target=parse, args=(word,)) for word in ("--offline", "-r")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(found, {"--offline": [typed("--offline"), DEFAULT], "-r": [DEFAULT, typed("--refresh")]})

    def test_private_names_of_argparse(self):
        text = inspect.getsource(uvflags)
        listed = re.search("# These private names of argparse.*?\n\n", text, re.DOTALL).group()
        names = set(re.findall(r"\b_[A-Za-z]\w*", listed))
        used = set(re.findall(r"\b_[A-Za-z]\w*", text.replace(listed, "")))
        parser = argparse.ArgumentParser()
        holders = (argparse, parser, parser.add_mutually_exclusive_group(), parser.add_subparsers())
        for name in names:
            with self.subTest(name=name):
                self.assertTrue(any(hasattr(holder, name) for holder in holders))
        self.assertEqual(used.intersection(re.findall(r"\w+", inspect.getsource(argparse))), names)

    def test_docstring(self):
        results = doctest.testmod(uvflags)
        self.assertEqual((results.failed, results.attempted > 5), (0, True))


VERSIONS = ("0.7.2", "0.9.22", getattr(uvflags, "_UV_VERSION", ""))
REAL_UV = os.environ.get("UVFLAGS_TEST_UV", "")
PROGRAM = f"{shlex.quote(sys.executable)} {shlex.quote(UVFLAGS)}"  # as a shell reads it
needs_uv = unittest.skipUnless(REAL_UV, "UVFLAGS_TEST_UV names no folder with real uvs")
SUBCOMMANDS = ("run", "sync", "lock")
SECRET = "S3CR3T"
WORKS = ["python", "-c", "print('ran')"]

# A stand-in for uv that prints what it got, as `sh` can do: no Python starts for it.
RECORDING_UV = """#!/bin/sh
printf '%s\\0' "$$" "$#" "$@"
env -0
"""
ANY_PYTHON = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n'


def setUpModule():
    """Make a folder with a recording uv, one with the tools of a command, and one for the rest."""
    global FOLDER, RECORDING, TOOLS
    print("The tests of the front take about 20 seconds, or 40 with the real uvs.", file=sys.stderr)
    plain = mock.patch.dict(os.environ, {"NO_COLOR": "1", "COLUMNS": "80"})  # for what runs in this process
    plain.start()
    unittest.addModuleCleanup(plain.stop)
    for name in ("FORCE_COLOR", "PYTHON_COLORS"):
        os.environ.pop(name, None)
    FOLDER = tempfile.mkdtemp(prefix="uvflags-")
    tools = {"python": ANY_PYTHON}
    for tool in ("sh", "env", "mkdir", "rmdir"):
        tools[tool] = f'#!/bin/sh\nexec {shutil.which(tool)} "$@"\n'
    RECORDING, TOOLS = folder_of({"uv": RECORDING_UV, "env": tools["env"]}), folder_of(tools)


def tearDownModule():
    shutil.rmtree(FOLDER)


def script(path, text, mode=0o755):
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, mode)
    return path


def folder_of(files, mode=0o755):
    """Return a new folder with these files."""
    folder = tempfile.mkdtemp(dir=FOLDER)
    for name, text in files.items():
        script(os.path.join(folder, name), text, mode)
    return folder


def uv_in(folder):
    return os.path.join(folder, "uv")


def clean(environ=None, path=None):
    """Return an environment with what a process needs, and what the test wants."""
    base = {"PATH": path or TOOLS, "HOME": FOLDER, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "100"}
    return {**base, **(environ or {})}


def real(version):
    return {"UV": os.path.join(REAL_UV, f"uv-{version}", "bin", "uv"), "UV_PYTHON_DOWNLOADS": "never"}


def start(line, environ=None, *, path=None, program=(sys.executable, UVFLAGS), **keywords):
    """Start `python uvflags.py LINE`, or another program, as a person does. A line may be a list of words."""
    words, variables = parts(line)
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.run(
        [*program, *words], env=clean({**variables, **(environ or {})}, path), encoding="utf-8",
        errors="surrogateescape", check=False, **{"cwd": FOLDER, **pipes, **keywords},
    )


def shell(line, environ=None, **keywords):
    return start([line], environ, program=("sh", "-c"), **keywords)


def recorded(done):
    """Return what the recording uv got: its process, its words, its environment."""
    pid, count, *rest = done.stdout.split("\0")
    words, environ = rest[: int(count)], dict(line.split("=", 1) for line in rest[int(count) : -1])
    return int(pid), words, environ


class Handed(Exception):
    """Stop where a process would be replaced."""


class Outcome:
    """Run `main` in this process: its status, its output, and what it would have become."""

    def __init__(self, line, environ=None, *, path=None, out=None):
        words, variables = parts(line)
        out, err = out or io.StringIO(), io.StringIO()
        self.path = self.argv = self.environ = self.status = None
        environ = clean({**variables, **(environ or {})}, path or RECORDING)
        streams = mock.patch.multiple(sys, argv=["uvflags.py"], stdout=out, stderr=err)
        execve = mock.patch("os.execve", side_effect=self.hand)
        with mock.patch.dict(os.environ, environ, clear=True), streams, execve, mock.patch("signal.signal"):
            with contextlib.suppress(Handed):
                self.status = uvflags.main(words)
        self.err = err.getvalue()
        if isinstance(out, io.StringIO):
            self.out = out.getvalue()

    def hand(self, path, argv, environ):
        self.path, self.argv, self.environ = path, argv, environ
        raise Handed

    def data(self):
        """Return the object that `explain --json` prints."""
        return json.loads(self.out)


def check_lines(test, rows, **keywords):
    """Check rows of a line, its status (None if something is started), and a part of what is printed."""
    for line, status, part in rows:
        with test.subTest(line=line):
            outcome = Outcome(line, **keywords)
            test.assertEqual(outcome.status, status, outcome.err)
            test.assertIn(part, outcome.out + outcome.err)


def options_of(subcommand):
    """Return the options of a subcommand that set something, as argparse has them."""
    parser = uvflags._subcommand_parser("uvflags", subcommand)
    return [action for action in parser._actions if action.dest not in ("help", "command")]


def words_of(action, value="v"):
    """Return the words of an option."""
    option = uvflags._main_spelling(action)
    return [option] if action.nargs == 0 else [option, value]


class Options(unittest.TestCase):
    """The options of run, sync and lock are read as uv reads them, and help shows them."""

    # a line, the options that are read from it, the command
    SHAPES = (
        ("run -qw requests pytest -x", {"quiet": 1, "with": ["requests"]}, "pytest -x"),
        ("run -wrequests python", {"with": ["requests"]}, "python"),
        ("run --with=-x python", {"with": ["-x"]}, "python"),
        ("run --with - python", {"with": ["-"]}, "python"),
        ("run -- python -c x", {}, "python -c x"),
        ("run -- -- x", {}, "-- x"),
        ("run -np3.11 -vv x", {"no_cache": True, "python": "3.11", "verbose": 2}, "x"),
        ("run -np=3.11 x", {"no_cache": True, "python": "3.11"}, "x"),
        ("run -p=3.11 x", {"python": "3.11"}, "x"),
        ("run -p= x", {"python": ""}, "x"),
        ("run --group cmd", {"group": ["cmd"]}, ""),
        ("run - a", {}, "- a"),
        ("run", {}, ""),
        ("run x @file", {}, "x @file"),
        ("run -1 x", {}, "-1 x"),
        ("run --refresh-package a --no-refresh --refresh-package b x",
         {"refresh_package": ["a", "b"], "refresh": False}, "x"),
        ("run --no-refresh --refresh-package a --refresh x", {"refresh": True, "refresh_package": ["a"]}, "x"),
        ("run --dev --no-dev x", {"no_dev": True}, "x"),
        ("run --managed-python --no-managed-python x", {"no_managed_python": True}, "x"),
        ("run --system-certs --no-native-tls x", {"system_certs": False}, "x"),
        ("run --no_workspace --no-exact x", {"no_project": True, "exact": False}, "x"),
        ("UV_PREVIEW_FEATURES=a,b UV_NO_GROUP='c d' UV_ENV_FILE='e,f g' run x",
         {"env_file": ["e,f", "g"], "no_group": ["c", "d"], "preview_features": ["a", "b"]}, "x"),
    )

    def test_shapes_of_options(self):
        for line, options, command in self.SHAPES:
            with self.subTest(line=line):
                words, environ = parts(line)
                data = Outcome(["explain", "--json", *words], environ).data()
                values = {dest: option["value"] for dest, option in data["options"].items()}
                self.assertEqual((values, data["command"]), (options, command.split()))
                self.assertEqual(data["starts"], ["uv", *words])

    # a line, the program's name in the error, the error; in a cluster, Pythons differ
    ERRORS = (
        ("run --offline=1 x", "uvflags.py run", "argument --offline: ignored explicit argument '1'\n"),
        ("run --offline= x", "uvflags.py run", "argument --offline: ignored explicit argument ''\n"),
        ("run -q=1 x", "uvflags.py run", "argument -q/--quiet: ignored explicit argument '1'\n"),
        ("run -mx", "uvflags.py run", "argument"),
        ("run -qZ x", "uvflags.py run", "argument"),
        ("-qZ run x", "uvflags.py", "argument"),
        ("run --with -x y", "uvflags.py run", "argument -w/--with: expected one argument\n"),
        ("run -qp -- y", "uvflags.py run", "argument -p/--python: expected one argument\n"),
        ("sync x", "uvflags.py sync", "unexpected argument 'x': sync takes only options\nhint: drop x\n"),
        ("lock -- x", "uvflags.py lock", "unexpected argument 'x': lock takes only options\n"),
        ("sync -U requests", "uvflags.py sync",
         "unexpected argument 'requests': sync takes only options\nhint: pass --upgrade-package requests\n"),
        ("--offline", "uvflags.py", "a subcommand is missing: run, sync, lock or explain\n"),
        ("", "uvflags.py", "a subcommand is missing: run, sync, lock or explain\n"),
    )

    def test_words_that_uv_would_not_take(self):
        for line, prog, message in self.ERRORS:
            with self.subTest(line=line):
                outcome = Outcome(line)
                self.assertEqual((outcome.status, outcome.out), (2, ""))
                self.assertIn(message, outcome.err)
                self.assertRegex(outcome.err, rf"^usage: ({prog}.*?) \[.*\n\1: error: ")

    def test_an_option_is_named_as_it_was_typed(self):
        check_lines(self, (
            ("lock --check --upgrade", 2,
             "'--upgrade' cannot be used with '--check'\nhint: drop --upgrade or --check\n"),
            ("lock --check-exists -U", 2, "'--upgrade' cannot be used with '--check-exists'\n"),
            ("UV_FROZEN=1 lock --check", None, "ignoring UV_FROZEN=1 because '--check' was given\n"),
            ("UV_LOCKED=1 lock --check-exists", None, "ignoring UV_LOCKED=1 because '--check-exists' was given\n"),
            ("UV_LOCKED=1 lock -U", 2, "'--upgrade' cannot be used with '--locked' (UV_LOCKED=1)\n"),
            ("run --no_workspace --package a x", 2, "'--package' cannot be used with '--no_workspace'\n"),
            ("run --no-refresh --upgrade --locked x", 2, "'--upgrade' cannot be used with '--locked'\n"),
            ("UV_REFRESH=0 run --offline --refresh-package a x", 2, "cannot be used with '--refresh-package'\n"),
            ("run --offline --refresh --refresh-package a x", 2, "cannot be used with '--refresh-package'\n"),
            ("explain --json lock --check", 0, '"name": "--check"'),
        ))

    # a line, a part of what is printed
    HELP = (
        ("--help", "`sync --help`"), ("-h", "UVFLAGS_EXPLAIN=1"), ("--offline -h run", "Global options:"),
        ("--version", f"uvflags {uvflags.__version__}, for uv {VERSIONS[2]}"), ("-V", "uvflags"),
        ("run --help", "usage: uvflags.py run [OPTIONS] [COMMAND [ARGS...]]"),
        ("run -qh --bogus", "Cache options:"), ("explain run -h", "usage: uvflags.py run"),
        ("explain --help", "--json"), ("run -h", "--no-offline"),
        ("sync -h", "usage: uvflags.py sync [OPTIONS]\n"), ("lock -h", "--check-exists"),
        ("run -h", "refresh all cached data (env: UV_REFRESH)"),
    )

    def test_help_and_version(self):
        environ = {"UV_OFFLINE": "junk", "UV_INDEX_URL": f"http://u:{SECRET}@h", "UV_PYTHON": "100%"}
        for line, part in self.HELP:
            with self.subTest(line=line):
                outcome = Outcome(line, environ)
                self.assertEqual((outcome.status, outcome.err), (0, ""))
                self.assertIn(part, outcome.out)
                self.assertNotIn(SECRET, outcome.out)

    def test_the_version_is_a_global_option(self):
        self.assertIn("-V, --version", Outcome("--help").out.split("Global options:")[1])

    def test_help_fits_the_terminal_and_has_a_text_for_each_option(self):
        for subcommand, columns in itertools.product(SUBCOMMANDS, (80, 120)):
            text = Outcome([subcommand, "--help"], {"COLUMNS": str(columns)}).out
            self.assertLessEqual(max(map(len, text.splitlines())), columns - 2)
            headings, texts = re.findall(r"^(\w.*):$", text, re.MULTILINE), []
            self.assertEqual(len(headings), len(set(headings)))
            for action in options_of(subcommand):
                shown = re.search(rf"^  .*{action.option_strings[0]}\b(?!-)", text, re.MULTILINE)
                if action.help is argparse.SUPPRESS:
                    self.assertNotIn(f"  {action.option_strings[0]} ", text)
                else:
                    self.assertIsNotNone(shown, action.option_strings)
                    texts.append(action.help.split(" (env")[0])
            self.assertTrue(all(texts))
            self.assertEqual(len(texts), len(set(texts)))


# The lines of the report that brought uvflags, with the words that it adds and the variables that it removes.
REPORT = (
    ("UV_OFFLINE=0 UV_REFRESH=1 run x", "--refresh --no-offline", "UV_OFFLINE"),
    ("UV_OFFLINE=0 run --refresh x", "--no-offline", "UV_OFFLINE"),
    ("UV_OFFLINE=1 run --no-offline --refresh x", "", "UV_OFFLINE"),
    ("UV_NO_PROJECT=0 run --package x x", "", "UV_NO_PROJECT"),
    ("UV_NO_BUILD=0 run --build x", "", "UV_NO_BUILD"),
    ("UV_NO_BINARY=0 run --binary x", "", "UV_NO_BINARY"),
    ("UV_NO_BUILD_ISOLATION=0 run --build-isolation x", "", "UV_NO_BUILD_ISOLATION"),
    ("UV_COMPILE_BYTECODE=0 run --no-compile-bytecode x", "", "UV_COMPILE_BYTECODE"),
    ("UV_NO_SOURCES=0 run --frozen x", "", "UV_NO_SOURCES"),
    ("UV_FROZEN=0 run --locked x", "", "UV_FROZEN"),
)


class WhyItExists(unittest.TestCase):
    """What is wrong with a line of the report is one error, and the real uvs run the other lines."""

    USAGE = "usage: uvflags.py run [OPTIONS] [COMMAND [ARGS...]]\nuvflags.py run: error: "
    OFFLINE = "hint: unset UV_OFFLINE, set it to 0, or pass --no-offline\n"
    # a line, the error
    WRONG = (
        ("UV_OFFLINE=1 UV_REFRESH=1 run x",
         "the argument '--offline' (UV_OFFLINE=1) cannot be used with '--refresh' (UV_REFRESH=1)\n"
         f"{OFFLINE}hint: unset UV_REFRESH or set it to 0\n"),
        ("UV_OFFLINE=1 run --refresh x",
         f"the argument '--refresh' cannot be used with '--offline' (UV_OFFLINE=1)\n{OFFLINE}"),
        ("UV_OFFLINE= UV_REFRESH=world run x",
         f"invalid value 'world' for '--refresh' (UV_REFRESH): {EXPECTED}\n"
         "hint: unset UV_REFRESH, or set it to 1 or 0\n"
         f"uvflags.py run: error: invalid value '' for '--offline' (UV_OFFLINE): {EXPECTED}\n"
         "hint: unset UV_OFFLINE, or set it to 1 or 0\n"),
    )

    def test_what_is_wrong_is_one_error(self):
        for line, error in self.WRONG:
            for outcome in (Outcome(line), Outcome(line, path=TOOLS)):
                self.assertEqual((outcome.status, outcome.out, outcome.err), (2, "", self.USAGE + error))
        done = start(line, path=RECORDING)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (2, "", self.USAGE + error))

    @needs_uv
    def test_the_real_uvs_run_the_others(self):
        for version, (line, *_) in itertools.product(VERSIONS, REPORT):
            words, environ = parts(line)
            done = start([*words[:-1], *WORKS], {**environ, **real(version)})
            with self.subTest(version=version, line=line):
                if "--package" in words:  # uv says this after it has checked conflicts
                    self.assertIn("No `pyproject.toml` found", done.stderr)
                else:
                    self.assertEqual((done.returncode, done.stdout), (0, "ran\n"), done.stderr)


class HandOver(unittest.TestCase):
    """uv gets what was typed, at most two words more, and no variable that says anything else."""

    # a line, the words that uvflags adds, the variables that it removes
    ROWS = (
        *REPORT,
        ("run x", "", ""),
        ("UV_OFFLINE=1 UV_FROZEN=no UV_PYTHON=3.11 OTHER=x run x", "", ""),
        ("UV_REFRESH=1 run x", "--refresh", ""),
        ("UV_REFRESH=1 run --refresh x", "", ""),
        ("UV_REFRESH=1 run --no-refresh x", "", "UV_REFRESH"),
        ("UV_REFRESH=0 run --no-refresh x", "", "UV_REFRESH"),
        ("UV_REFRESH=0 run x", "", ""),
        ("UV_REFRESH=0 UV_OFFLINE=0 run x", "--no-offline", "UV_OFFLINE UV_REFRESH"),
        ("UV_OFFLINE=0 run --refresh --no-offline x", "", "UV_OFFLINE"),
        ("UV_OFFLINE=1 run --offline x", "", ""),
        ("UV_OFFLINE=junk run --offline x", "", "UV_OFFLINE"),
        ("UV_OFFLINE=1 --no-offline run x", "", "UV_OFFLINE"),
        ("-qn --color never --offline run -n x", "", ""),
        ("--trusted-host a --color=never run --allow-insecure-host b x", "", ""),
        ("--managed-python run --no-managed-python x", "", ""),
        ("UV_OFFLINE=1 run --refresh --no-refresh x", "", ""),
        ("run --offline --no-refresh --refresh-package a x", "", ""),
        ("UV_OFFLINE=1 UV_REFRESH=1 run --no-refresh --refresh-package a x", "", "UV_REFRESH"),
        ("UV_NO_BUILD=0 run --no-build x", "", "UV_NO_BUILD"),
        ("UV_LOCKED=0 UV_FROZEN=0 run x", "", "UV_FROZEN UV_LOCKED"),
        ("UV_LOCKED=1 UV_FROZEN=0 run x", "", "UV_FROZEN"),
        ("UV_FROZEN=1 run --no-frozen --upgrade x", "", "UV_FROZEN"),
        ("run --frozen --no-frozen x", "", ""),
        ("lock --check --no-locked", "", ""),
        ("UV_FROZEN=1 UV_NO_SOURCES=1 UV_NO_BUILD=0 run x", "", ""),
        ("UV_DEV=0 run --no-dev x", "", "UV_DEV"),
        ("UV_DEV=1 UV_NO_DEV=0 run x", "", "UV_NO_DEV"),
        ("UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=yes run x", "", ""),
        ("UV_SYSTEM_CERTS=0 UV_NATIVE_TLS=1 run x", "", "UV_NATIVE_TLS"),
        ("UV_SYSTEM_CERTS=0 UV_NATIVE_TLS=junk run x", "", "UV_NATIVE_TLS"),
        ("UV_NATIVE_TLS=1 run --no-system-certs x", "", "UV_NATIVE_TLS"),
        ("UV_INDEX_STRATEGY= UV_WORKING_DIRECTORY= UV_NO_GROUP=' ' run x", "",
         "UV_INDEX_STRATEGY UV_NO_GROUP UV_WORKING_DIRECTORY"),
        ("UV_NO_SYNC= UV_ENV_FILE= sync", "", "UV_ENV_FILE UV_NO_SYNC"),
        ("UV_ISOLATED= UV_DEV= UV_ONLY= lock", "", "UV_DEV UV_ISOLATED"),
        ("UV_REFRESH=1 UV_OFFLINE=0 sync", "--refresh --no-offline", "UV_OFFLINE"),
        ("UV_NO_DEV=0 sync --script s", "", "UV_NO_DEV"),
        ("UV_LOCKED=1 lock --check-exists", "", "UV_LOCKED"),
    )

    def test_words_and_environment_and_that_explain_tells_them(self):
        for line, added, removed in self.ROWS:
            words, environ = parts(line)
            at = min(words.index(name) for name in SUBCOMMANDS if name in words) + 1
            argv = ["uv", *words[:at], *added.split(), *words[at:]]
            left = clean({**environ, "UVFLAGS_HAND_OVERS": "1"}, RECORDING)
            for name in removed.split():
                del left[name]
            with self.subTest(line=line):
                outcome = Outcome(line)
                self.assertEqual((outcome.argv, outcome.path), (argv, uv_in(RECORDING)), outcome.err)
                self.assertEqual(outcome.environ, left)
                data = Outcome(["explain", "--json", *words], environ).data()
                self.assertEqual((data["starts"], data["uv"]), (argv, uv_in(RECORDING)))
                self.assertEqual((data["added"], sorted(data["removed"])), (added.split(), removed.split()))
                self.assertEqual((data["warnings"], data["errors"]), (re.findall("warning: (.*)", outcome.err), []))

    def test_a_process_gets_the_same(self):
        for line in (
            "UV_REFRESH=0 UV_OFFLINE=0 run x", f"UV_INDEX=http://u:{SECRET}@h run --index http://u:{SECRET}@h x",
            "UV_REFRESH=1 UV_LOCKED=1 lock --check-exists", "UV_FROZEN=0 add x --offline",
        ):
            expected = Outcome(line)
            _, words, environ = recorded(start(line, path=RECORDING))
            with self.subTest(line=line):
                self.assertEqual(["uv", *words], expected.argv)
                for name in {*expected.environ, *parts(line)[1]}:
                    self.assertEqual(environ.get(name), expected.environ.get(name))

    def test_false_variables_conflict_with_nothing(self):
        for subcommand in SUBCOMMANDS:
            actions = options_of(subcommand)
            names = [n for a in actions if a.nargs == 0 for n in uvflags._variables(a).names]
            self.assertGreater(len(names), 17)
            command = ["cmd"] if subcommand == "run" else []
            for action, text in zip(actions, itertools.cycle(FALSE)):
                outcome = Outcome([subcommand, *words_of(action), *command], dict.fromkeys(names, text))
                self.assertEqual((outcome.status, outcome.err), (None, ""), (words_of(action), text))

    def test_every_byte_of_the_command_arrives(self):
        words = [b"", b"--", b"-x", b"--refresh", b"\xff\xfe\x80", b"@f", b"%s", b"a b\n", b"\xc3\xa9", b"-"]
        words = ["run", "-qw", "requests", "cmd", *(word.decode("utf-8", "surrogateescape") for word in words)]
        self.assertEqual(recorded(start([os.fsencode(word) for word in words], path=RECORDING))[1], words)

    def test_uv_is_the_process_that_was_started(self):
        pid, out = shell(f"echo $$; exec {PROGRAM} run x", path=f"{RECORDING}{os.pathsep}{TOOLS}").stdout.split("\n", 1)
        self.assertEqual(out.split("\0")[0], pid)

    def test_status_and_signals_are_the_commands(self):
        for code, status in (("exit 3", 3), ("kill -TERM $$", -signal.SIGTERM), ("kill -PIPE $$", -signal.SIGPIPE)):
            self.assertEqual(start(["run", "sh", "-c", code]).returncode, status)
            uv = folder_of({"uv": f"#!/bin/sh\n{code}\n"})
            self.assertEqual(start("run x", path=uv).returncode, status)

    def test_an_interrupt_reaches_the_command_once(self):
        code = (
            "import signal, sys\nn = []\nsignal.signal(signal.SIGINT, lambda *_: n.append(1))\n"
            "print('up', flush=True)\nsys.stdin.read()\nprint(len(n))"
        )
        argv = [sys.executable, UVFLAGS, "run", "python", "-c", code]
        with subprocess.Popen(
            argv, env=clean(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True,
        ) as process:
            self.assertEqual(process.stdout.readline(), b"up\n")
            os.killpg(process.pid, signal.SIGINT)
            out = process.communicate(b"")[0]
        self.assertEqual((out, process.returncode), (b"1\n", 0))

    def test_windows(self):
        folder = folder_of(dict.fromkeys(("uv", "uv.cmd", "none", "tool.exe"), "x"))
        # PATHEXT, a name, the file that counts
        for endings, name, found in (
            (".COM;.EXE;.BAT;.CMD", "uv", "uv.cmd"), (".CMD;.EXE", "tool", "tool.exe"), ("", "uv", "uv.cmd"),
            (".CPL", "tool", "tool.exe"), (".CPL", "uv", None), (".CMD", "none", None),
            (".CMD", "tool.exe", "tool.exe"),
        ):
            environ = clean({"PATHEXT": endings}, folder)
            with mock.patch.dict(os.environ, environ, clear=True), mock.patch.object(os, "name", "nt"):
                with self.subTest(endings=endings, name=name):
                    path = uvflags._which(name, os.F_OK)
                    self.assertEqual(path and os.path.basename(path), found)
        with mock.patch.object(os, "name", "nt"), mock.patch("signal.signal") as ignore:
            with mock.patch("subprocess.call", return_value=7) as call:
                self.assertEqual(uvflags._become("p", ["uv"], {"A": "b"}), 7)
        call.assert_called_once_with(["uv"], executable="p", env={"A": "b"})
        ignore.assert_called_once_with(signal.SIGINT, signal.SIG_IGN)


class Loops(unittest.TestCase):
    """A uv, or a program, that leads back to uvflags without end is an error, and nothing else is."""

    # what the count holds, uv's own count, and what is handed over
    COUNTS = (
        ("", "", "1"), ("junk", "", "1"), ("0", "", "1"), ("7", "", "8"), ("19", "", "20"), ("-5", "", "1"),
        ("7 3", "3", "8 3"), ("20 3", "4", "1 4"), ("20", "1", "1 1"), ("20 1", "", "1"), ("7 3 3", "3", "1 3"),
    )

    def test_starts_are_counted(self):
        for text, depth, count in self.COUNTS:
            environ = {"UVFLAGS_HAND_OVERS": text, "UV_RUN_RECURSION_DEPTH": depth}
            for line in ("run x", "add x"):
                with self.subTest(text=text, depth=depth, line=line):
                    self.assertEqual(Outcome(line, environ).environ["UVFLAGS_HAND_OVERS"], count)
        for text, line in itertools.product(("20", "9" * 5000), ("run x", "add x", "run --newer x")):
            self.assertIn("leads back", Outcome(line, {"UVFLAGS_HAND_OVERS": text}).err)
        self.assertIn("leads back", Outcome("UVFLAGS_HAND_OVERS=100 run python", path=TOOLS).err)
        self.assertEqual(Outcome("UVFLAGS_HAND_OVERS=99 run python", path=TOOLS).argv, ["python"])

    def test_a_program_that_leads_back_here(self):
        for name, text, count in (
            ("uv", f'exec {PROGRAM} "$@"', 17), ("uv", f'{PROGRAM} "$@"', 17),
            ("pytest", f"exec {PROGRAM} run pytest", 98),
        ):
            folder = folder_of({name: f"#!/bin/sh\n{text}\n"})
            path = f"{folder}{os.pathsep}{TOOLS}"
            done = start("run pytest", {"UVFLAGS_HAND_OVERS": str(count)}, path=path, timeout=60)
            with self.subTest(text=text):
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                what = "uv" if name == "uv" else "the program"
                error = f"error: {folder}/{name} leads back to uvflags\nhint: put {what} itself first on PATH"
                self.assertIn(error, done.stderr)

    @needs_uv
    def test_tools_that_drop_variables(self):
        words = ["run", "--no-project", "env", "-u", "UV_RUN_RECURSION_DEPTH", sys.executable, UVFLAGS]
        for version in VERSIONS:
            done = start([*words, *words, "run", "--no-project", "sh", "-c", "echo ran"], real(version))
            self.assertEqual((done.returncode, done.stdout), (0, "ran\n"), done.stderr)

    @needs_uv
    def test_real_uv_between_two_starts(self):
        """A program that ends in its own start runs 25 times, and uv's own error ends it after that."""
        folder = folder_of({})
        again = script(os.path.join(folder, "again"), "")
        script(again, f"#!/bin/sh\necho >>{folder}/log\nexec {PROGRAM} run --no-project {again}\n")
        done = start(["run", "--no-project", again], {**real(VERSIONS[2]), "UV_RUN_MAX_RECURSION_DEPTH": "25"})
        self.assertIn("recursive", done.stderr)
        self.assertNotIn("leads back", done.stderr)
        with open(os.path.join(folder, "log")) as file:
            self.assertGreater(len(file.read()), 23)


# Each row of the conflict table: subcommands, dests, dests that they conflict with, the policy.
POLICIES = """
run sync lock | offline | refresh refresh_package | always
run sync lock | upgrade | locked frozen | always
run sync lock | upgrade_package upgrade_group | frozen | always
run sync lock | locked | frozen | command line wins
run sync lock | cache_dir | no_cache | variable yields
run sync lock | no_config | config_file | variable yields
run sync lock | index_url | default_index | variable yields
run sync lock | managed_python | no_managed_python | command line wins
run sync lock | managed_python no_managed_python | python_preference | command line wins
run sync lock | allow_python_downloads | no_python_downloads | always
run sync lock | quiet | verbose | always
run sync lock | color | no_color | always
run sync | frozen | no_sources | typed only
run sync | frozen | no_sources | variable yields
run sync | no_sources no_sources_package | frozen | variable stays
run sync | resolution prerelease prerelease_package pre fork_strategy | frozen | variable stays
run sync | exclude_newer exclude_newer_package | frozen | variable stays
run sync | extra | all_extras only_group | always
run sync | all_extras | only_group | always
run sync | only_group only_dev | group all_groups | always
run sync | only_group | dev | command line wins
run sync | only_dev | no_dev | command line wins
run sync | dev | no_dev | command line wins
run sync | package | all_packages | always
run | locked | no_sync | variable yields
run | extra all_extras group all_groups only_group only_dev package all_packages | no_sync | variable stays
run | exact reinstall reinstall_package compile_bytecode | no_sync | variable stays
run | upgrade upgrade_package upgrade_group | no_sync | variable stays
run | active | isolated | variable yields
run | active all_packages project | no_project | variable yields
run | package | no_project | command line wins
run | env_file | no_env_file | variable yields
run | module | script gui_script | always
run | script | gui_script | always
sync | no_install_project | only_install_project | command line wins
sync | no_install_workspace | only_install_workspace | command line wins
sync | no_install_local | only_install_local | command line wins
sync | no_install_project | only_install_workspace only_install_local | variable yields
sync | no_install_workspace | only_install_project only_install_local | variable yields
sync | no_install_local | only_install_project only_install_workspace | variable yields
sync | no_install_package | only_install_package | always
sync | script | extra all_extras no_extra group only_group all_groups only_dev | always
sync | script | package all_packages | always
sync | script | dev no_dev no_group | typed only
sync | script | no_default_groups | command line wins
sync | script | no_install_project no_install_workspace no_install_local | command line wins
lock | dry_run | locked frozen | typed only
"""
# Two pairs of which the last word counts, so that both typed are no conflict.
LAST_COUNTS = ({"dev", "no_dev"}, {"managed_python", "no_managed_python"})
VALUES = {"python_preference": "system", "color": "never"}


def listed():
    """Return subcommand, first, second and policy of each conflict that POLICIES lists."""
    rows = []
    for row in POLICIES.strip().splitlines():
        *sides, policy = row.split(" | ")
        rows += itertools.product(*map(str.split, sides), [policy])
    return rows


def rows_of_the_parsers():
    """Return the same of the conflicts that the parsers have."""
    rows = set()
    for subcommand in SUBCOMMANDS:
        for row in uvflags._subcommand_parser("uvflags", subcommand)._conflicts:
            rows.add((subcommand, *row))
    return rows


def lines_of_policies():
    """Yield subcommand, words, variables, whether that is an error, and what a warning says of a variable."""
    pairs = {}
    for subcommand, first, second, policy in listed():
        policies = pairs.setdefault((subcommand, frozenset([first, second])), {first: [], second: []})
        policies[first].append(policy)
    actions = {name: {a.dest: a for a in reversed(options_of(name))} for name in SUBCOMMANDS}
    for (subcommand, dests), policies in pairs.items():
        held = [*policies[min(dests)], *policies[max(dests)]]
        always, wins = "always" in held, "command line wins" in held
        words, variables = {}, {}
        for dest in policies:
            action, value = actions[subcommand][dest], VALUES.get(dest, "v")
            words[dest] = words_of(action, value)
            text = "1" if action.nargs == 0 else value
            variables[dest] = dict.fromkeys(uvflags._variables(action).names[:1], text)
        first, second = policies
        is_error = (always or wins or "typed only" in held) and dests not in LAST_COUNTS
        yield subcommand, words[first] + words[second], {}, is_error, ""
        for one, other in ((first, second), (second, first)):
            for name in variables[other]:
                warning = ""
                if wins or "variable yields" in policies[one]:
                    warning = f"ignoring {name}"
                elif "variable stays" in policies[one]:
                    warning = f"no effect {name}"
                yield subcommand, words[one], variables[other], always, warning
        if variables[first] and variables[second]:
            yield subcommand, [], {**variables[first], **variables[second]}, always or wins, ""


class TheTable(unittest.TestCase):
    """The conflicts of run, sync and lock are those listed above, and each mix of sources obeys its policy."""

    def test_every_row_is_listed(self):
        self.assertEqual(rows_of_the_parsers(), set(listed()))

    def test_each_row_in_each_mix_of_sources(self):
        count = 0
        for subcommand, words, environ, is_error, warning in lines_of_policies():
            command = ["cmd"] if subcommand == "run" else []
            outcome = Outcome([subcommand, *words, *command], environ)
            count += 1
            with self.subTest(subcommand=subcommand, words=words, environ=environ):
                self.assertEqual(outcome.status, 2 if is_error else None, outcome.err)
                self.assertEqual(outcome.err.count("cannot be used with"), int(is_error))
                found = re.findall(r"warning: (?:'.*' has )?(ignoring|no effect) (?:beside '.*' \()?(\w+)", outcome.err)
                self.assertEqual([" ".join(names) for names in found], [warning] if warning else [], outcome.err)
                if warning:
                    self.assertEqual(next(iter(environ)) in outcome.environ, warning.startswith("no effect"))
        self.assertGreater(count, 250)


class Hints(unittest.TestCase):
    """A line that does what a hint says passes."""

    def ways(self, words, environ, error):
        """Yield each way out that the hints name, as the words and variables of a new line."""
        for hint in re.findall("hint: (.*)", error):
            name = None
            for way in re.split(r", or |, | or ", hint):
                verb, *rest = way.split()
                changed = dict(environ)
                if verb == "unset":
                    name = rest[0]
                    del changed[name]
                    yield way, words, changed
                elif verb == "set":
                    yield way, words, {**environ, name: "0"}
                elif verb == "pass":
                    yield way, [*rest, *words], environ
                else:
                    at = words.index(way.split()[-1])
                    value = at + 1 < len(words) and not words[at + 1].startswith("-")
                    yield way, words[:at] + words[at + 1 + value :], environ

    def followed(self):
        """Yield every line that a hint of a row of the table leads to."""
        for subcommand, words, environ, is_error, _ in lines_of_policies():
            if is_error:
                command = ["python", "-c", ""] if subcommand == "run" else []
                outcome = Outcome([subcommand, *words, *command], environ)
                for way, new_words, new_environ in self.ways(words, environ, outcome.err):
                    yield way, [subcommand, *new_words, *command], new_environ

    def test_every_hint_makes_the_line_pass(self):
        count = 0
        for way, words, environ in self.followed():
            outcome = Outcome(words, environ)
            count += 1
            self.assertIsNone(outcome.status, (way, words, environ, outcome.err))
        self.assertGreater(count, 200)

    def test_hints_of_bad_variables(self):
        """That each may be 0 is proved by false variables, which conflict with nothing."""
        for subcommand in SUBCOMMANDS:
            flags = [action for action in options_of(subcommand) if action.nargs == 0]
            names = [name for action in flags for name in uvflags._variables(action).names]
            error = Outcome([subcommand], dict.fromkeys(names, "junk")).err
            for name in names:
                if name != "UV_NATIVE_TLS":  # the second of one option
                    self.assertIn(f"({name}): {EXPECTED}\nhint: unset {name}, or set it to 1 or 0\n", error)
                self.assertIsNone(Outcome([subcommand], {name: "1"}).status)


class WithoutUv(unittest.TestCase):
    """Without uv, run starts the command itself, after a note, and what needs uv is an error."""

    NOTE = "uvflags.py run: note: uv was not found, so the command runs directly in the current environment"
    MORE = "; UVFLAGS_NEEDS_UV=1 makes this an error\n"
    # options that make no difference to a command
    HARMLESS = (
        "--offline --no-cache --no-sync --no-progress --color=never --config-file=f --no-config",
        "--refresh --refresh-package x --frozen -vv --cache-dir=c", "--no-color",
        "--no-frozen --no-offline --no-refresh --no-locked --build --no-env-file --no-project", "-q",
    )

    def test_the_interpreter_where_it_is_meant(self):
        bare = folder_of({"tool": "", "A.PY": "", "a.pyz": "", "a.py": ""})
        tool, upper, zipped, path = (os.path.join(bare, name) for name in ("tool", "A.PY", "a.pyz", "a.py"))
        package = folder_of({"__main__.py": ""}, 0o644)
        for words, argv in (
            ([tool], [tool]),
            (["python", "-c", "x"], [sys.executable, "-c", "x"]),
            ([path, "a"], [sys.executable, path, "a"]),
            ([upper], [sys.executable, upper]), ([zipped, "a"], [sys.executable, zipped, "a"]),
            ([package], [sys.executable, package]),
            (["-m", "mod", "-k"], [sys.executable, "-m", "mod", "-k"]),
            (["-", "a"], [sys.executable, "-", "a"]),
            ([sys.executable], [sys.executable]),
        ):
            with self.subTest(words=words):
                outcome = Outcome(["run", *words], path=bare)
                self.assertEqual((outcome.argv, outcome.path), (argv, argv[0]))
                self.assertEqual(outcome.err, self.NOTE + self.MORE)
        script(os.path.join(bare, "python"), "", 0o644)  # not executable, so the next one counts
        for folders in ([TOOLS], [bare, TOOLS]):
            on_path = Outcome("run python", path=os.pathsep.join(folders))
            self.assertEqual((on_path.argv, on_path.path), (["python"], os.path.join(TOOLS, "python")))

    def test_a_uv_that_cannot_be_executed_is_none(self):
        folder = folder_of({})
        os.mkdir(uv_in(folder))
        for path in (folder_of({"uv": "x"}, 0o644), folder, os.path.join(FOLDER, "none"), os.pathsep):
            with self.subTest(path=path):
                outcome = Outcome(["run", sys.executable], path=path)
                self.assertEqual((outcome.argv, outcome.err), ([sys.executable], self.NOTE + self.MORE))

    def test_harmless_options(self):
        for words in self.HARMLESS:
            outcome = Outcome(f"run {words} python", path=TOOLS)
            self.assertEqual(outcome.argv, ["python"], outcome.err)
            self.assertEqual(outcome.err, "" if words == "-q" else self.NOTE + self.MORE)

    def test_every_other_option_needs_uv(self):
        harmless = {word.split("=")[0] for words in self.HARMLESS for word in words.split()}
        harmless |= {"--quiet", "--verbose", "--module"}
        needing = [a for a in options_of("run") if harmless.isdisjoint(a.option_strings)]
        # What only undoes something is done without uv.
        needing = [a for a in needing if a.const is not False and "--no_workspace" not in a.option_strings]
        self.assertGreater(len(needing), 70)
        for action in needing:
            name = uvflags._main_spelling(action)
            outcome = Outcome(["run", *words_of(action), "python"], path=TOOLS)
            message = f"the argument '{name}' needs uv, which was not found\n"
            self.assertEqual((outcome.status, outcome.argv), (2, None))
            self.assertIn(f"{message}hint: install uv, or drop {name}\n", outcome.err)
        outcome = Outcome("run -wx --python 3.11 -w y python", path=TOOLS)
        self.assertEqual(re.findall("the argument '(.*?)' needs", outcome.err), ["--with", "--python"])

    def test_variables_without_effect(self):
        line = f"UV_PYTHON=3.11 UV_OFFLINE=1 UV_INDEX=http://{SECRET} UV_NO_DEV=0 UV_NO_BUILD=1 run python"
        note = f"{self.NOTE}; without effect: UV_INDEX, UV_NO_BUILD=1, UV_PYTHON=3.11{self.MORE}"
        self.assertEqual(Outcome(line, path=TOOLS).err, note)

    # a line, what needs uv
    NOTHING = (
        ("run", "'run' without a command"), ("sync", "'sync'"), ("lock", "'lock'"), ("add x", "'add'"),
        ("UVFLAGS_NEEDS_UV=1 run python", "UVFLAGS_NEEDS_UV is set, and this line"),
        ("UVFLAGS_NEEDS_UV=1 run", "'run' without a command"), ("UVFLAGS_NEEDS_UV=1 add x", "'add'"),
    )

    def test_what_is_nothing_without_uv(self):
        for line, what in self.NOTHING:
            outcome = Outcome(line, path=TOOLS)
            message = f"{what} needs uv, which was not found\nhint: install uv, or name it in UV\n"
            self.assertEqual((outcome.status, outcome.err.split("error: ", 1)[1]), (2, message))
            self.assertIsNone(Outcome(line).status)
        self.assertEqual(Outcome("UVFLAGS_NEEDS_UV=no run python", path=TOOLS).argv, ["python"])
        outcome = Outcome("UVFLAGS_NEEDS_UV=junk run python", path=TOOLS)
        self.assertIn(f"warning: ignoring UVFLAGS_NEEDS_UV: {EXPECTED}\n", outcome.err)

    def test_a_command_that_cannot_start(self):
        """It has the status that a shell gives it."""
        files = folder_of({"unfit": "x"}, 0o644)
        unfit, broken, no_format = (os.path.join(files, name) for name in ("unfit", "broken", "no-format"))
        script(broken, "#!/none\n")
        script(no_format, "\0")
        for command, status, why in (
            ("no-such-command", 127, "command not found"), ("./no/such", 127, "command not found"),
            ("no-such-file.py", 127, "command not found"), (FOLDER, 127, "command not found"),
            ("unfit", 126, "Permission denied"), (unfit, 126, "Permission denied"),
            (broken, 126, "No such file or directory"), (no_format, 126, "Exec format error"),
        ):
            with self.subTest(command=command):
                done = start(["run", command], path=files)
                self.assertEqual((done.returncode, done.stdout), (status, ""))
                self.assertEqual(done.stderr, f"{self.NOTE}{self.MORE}{command}: {why}\n")
        with mock.patch.object(Outcome, "hand", side_effect=ValueError("embedded null byte")):
            outcome = Outcome(["run", "python", "a\0b"], path=TOOLS)
        self.assertEqual((outcome.status, outcome.err.splitlines()[-1]), (126, "python: embedded null byte"))

    def test_a_process_runs_each_kind(self):
        folder = folder_of({"greet.py": "import sys; print('hello', *sys.argv[1:])"})
        for line, stdin, out in (
            ("run greet.py a --refresh", "", "hello a --refresh\n"),
            ("run -m greet -q", "", "hello -q\n"),
            ("run - x", "import sys; print(sys.argv)", "['-', 'x']\n"),
            ("run sh -c 'echo $1' sh 'a b'", "", "a b\n"),
        ):
            with self.subTest(line=line):
                done = start(line, cwd=folder, stdin=None, input=stdin)
                self.assertEqual((done.stdout, done.returncode), (out, 0), done.stderr)


class Explain(unittest.TestCase):
    """`explain` tells what a line comes to, in lines or in JSON, and starts nothing."""

    def test_lines(self):
        """README.md shows the rest, and a test of it compares that."""
        error = "the argument '--refresh' cannot be used with '--offline' (UV_OFFLINE=1)\nhint: unset UV_OFFLINE, "
        check_lines(self, (
            ("explain run -w a -wb x", 0, 'with = ["a", "b"] (command line)\ncommand: x\nstarts: uv run -w a -wb x\n'),
            ("explain run x 'a b' http://u:p@h", 0, "command: x 'a b' 'http://***@h'\n"),
            ("UV_OFLINE=1 UV_FROZEN=1 explain run --locked x", 0, "mean UV_OFFLINE?\nwarning: ignoring UV_FROZEN=1"),
            ("--offline explain -q run x", 0, "starts: uv --offline -q run x\n"),
            ("explain --offline -q run x", 0, "starts: uv --offline -q run x\n"),
            ("--offline -q explain run x", 0, "starts: uv --offline -q run x\n"),
            ("UV_OFFLINE=1 explain run --refresh x", 2, f"\ncommand: x\nuv: {uv_in(RECORDING)}\nconfiguration files"),
            ("UV_OFFLINE=1 explain run --refresh x", 2, f"uvflags.py run: error: {error}"),
        ))

    def test_errors_come_after_the_listing(self):
        done = start("explain run --offline --refresh x", stderr=subprocess.STDOUT)
        self.assertRegex(done.stdout, re.compile("configuration files.*error: ", re.DOTALL))

    def test_json(self):
        data = Outcome("UV_FROZEN=1 UV_OFFLINE=0 explain --json -q run --locked x").data()
        options = {
            "quiet": {"value": 1, "source": "command line", "name": "--quiet", "text": None},
            "locked": {"value": True, "source": "command line", "name": "--locked", "text": None},
            "offline": {"value": False, "source": "environment", "name": "UV_OFFLINE", "text": "0"},
            "frozen": {
                "value": None, "source": "environment", "name": "UV_FROZEN", "text": "1",
                "ignored": "because '--locked' was given",
            },
        }
        expected = {
            "command": ["x"], "options": options, "uv": uv_in(RECORDING),
            "starts": ["uv", "-q", "run", "--locked", "x"], "added": [], "removed": ["UV_FROZEN"],
            "warnings": ["ignoring UV_FROZEN=1 because '--locked' was given"], "errors": [],
        }
        self.assertEqual(data, expected)
        self.assertEqual(list(data), list(expected))

    def test_an_error_in_json(self):
        outcome = Outcome("UV_OFFLINE=1 UV_NO_BUILD=0 explain --json run --build --refresh x")
        message = "the argument '--refresh' cannot be used with '--offline' (UV_OFFLINE=1)"
        hint = "unset UV_OFFLINE, set it to 0, or pass --no-offline"
        error = {"message": message, "hint": hint, "options": ["--refresh", "--offline"]}
        self.assertEqual((outcome.status, outcome.err), (2, ""))
        self.assertEqual(outcome.data()["errors"], [error])
        planned = [outcome.data()[name] for name in ("starts", "added", "removed")]
        self.assertEqual(planned, [[], [], []])
        self.assertTrue(outcome.out.startswith('{\n  "command": [\n'))

    def test_without_uv(self):
        data = Outcome("UV_PYTHON=3.11 explain --json run python x", path=TOOLS).data()
        self.assertEqual((data["starts"], data["uv"], data["errors"]), (["python", "x"], None, []))
        self.assertIn("; without effect: UV_PYTHON=3.11", data["warnings"][0])
        data = Outcome("explain --json run --with a x", path=TOOLS).data()
        self.assertEqual((data["starts"], data["errors"][0]["options"]), ([], ["--with"]))
        self.assertIn("\nuv: not found\n", Outcome("explain run x", path=TOOLS).out)

    # a line, what it starts, what is printed
    WHILE_IT_RUNS = (
        ("UVFLAGS_EXPLAIN=1 run --offline x", "uv run --offline x",
         r"offline = true \(command line\)\ncommand: x\nstarts: uv run .*alone\n"),
        ("UVFLAGS_EXPLAIN=Yes lock", "uv lock", "starts: uv lock\n.*alone\n"),
        ("UVFLAGS_EXPLAIN=0 run x", "uv run x", ""),
        ("UVFLAGS_EXPLAIN=1 add x", "uv add x", ""),
        ("UVFLAGS_EXPLAIN=maybe lock", "uv lock",
         rf"uvflags.py lock: warning: ignoring UVFLAGS_EXPLAIN: {re.escape(EXPECTED)}\n"),
        ("UVFLAGS_EXPLAIN=on UV_OFFLINE=1 sync --refresh", None,
         r"refresh = true .*\(UV_OFFLINE=1\)\nuv: .*alone\nusage: .*cannot be used with.*\n"),
    )

    def test_while_it_runs(self):
        for line, argv, printed in self.WHILE_IT_RUNS:
            with self.subTest(line=line):
                outcome = Outcome(line)
                self.assertEqual(outcome.argv, argv and argv.split())
                self.assertRegex(outcome.err, re.compile(rf"\A{printed}\Z", re.DOTALL))


class PassedOn(unittest.TestCase):
    """What uvflags does not know goes to uv as it is, but without false booleans."""

    # a line, the option that uvflags does not know; None where it is a subcommand
    ROWS = (
        ("run --refrsh x", "--refrsh"), ("run --newer a x", "--newer"), ("run --offl x --frozen", "--offl"),
        ("run --=x", "--=x"), ("run --version", "--version"), ("sync --frozzen --newer b", "--frozzen"),
        ("lock --json", "--json"), ("--frozen run x", "--frozen"), ("--json run x", "--json"),
        ("--newer sync --frozen", "--newer"), ("run -q --newer=1 -- x -h", "--newer=1"),
        ("pip install -r @f --", None), ("add x --offline", None), ("-q --color never export --x", None),
        ("sycn -U x", None), ("python -c x", None), ("help run", None), ("-- run x", None), ("tool run -h", None),
        ("--newer pip x", None), ("-q -v --offline --no-offline pip x", None),
    )

    def test_words_and_warning(self):
        for line, option in self.ROWS:
            with self.subTest(line=line):
                argv = ["uv", *line.split()]
                outcome = Outcome(line, {"UV_REFRESH": "junk", "UV_LOCKED": "1", "UV_FROZEN": "1"})
                self.assertEqual((outcome.argv, outcome.environ["UV_REFRESH"]), (argv, "junk"))
                warning = f"warning: uv gets this line as it is, as uvflags does not know '{option}'\n"
                self.assertTrue(outcome.err.endswith(warning) if option else not outcome.err, outcome.err)
                data = Outcome(f"explain --json {line}", {"UV_DEV": "0"}).data()
                self.assertEqual((data["starts"], data["removed"], data["errors"]), (argv, ["UV_DEV"], []))
                self.assertIn(option or "knows only run, sync and lock", data["warnings"][0])
                outcome = Outcome(line, path=TOOLS)
                self.assertEqual((outcome.status, outcome.argv), (2, None))
                self.assertIn("needs uv, which was not found\nhint: install uv, or name it in UV\n", outcome.err)

    def test_what_can_not_be_printed_is_escaped(self):
        for words in (["\x1b[1m", "x"], ["run", "--\x1b[1m", "x"], ["run", "-q\x1b", "x"]):
            for path in (TOOLS, RECORDING):
                self.assertNotIn("\x1b", Outcome(words, path=path).err)

    def test_booleans_that_are_false_do_not_go(self):
        kept = {"UV_OFFLINE", "UV_NO_CACHE", "UV_SYSTEM_CERTS", "UV_NATIVE_TLS"}
        booleans = {"UV_SYSTEM_PYTHON", "UV_BREAK_SYSTEM_PACKAGES", "UV_REQUIRE_HASHES", "UV_NO_VERIFY_HASHES"}
        booleans.add("UV_VENV_CLEAR")
        values = set()
        for action in itertools.chain(*map(options_of, SUBCOMMANDS)):
            (booleans if action.nargs == 0 else values).update(uvflags._variables(action).names)
        self.assertEqual((len(booleans), len(values)), (39, 27))
        for line in ("add x", "run --newer x"):
            for text, names in (("0", kept), ("No", kept), ("1", booleans), ("", booleans), ("junk", booleans)):
                environ = Outcome(line, dict.fromkeys(booleans | values, text)).environ
                self.assertEqual({n for n in booleans if n in environ}, names, (line, text))
                self.assertEqual({n for n in values if n in environ}, values)


class NothingTypedIsLost(unittest.TestCase):
    """A group that a variable leaves out gets a warning, and what a row of the table ignores gets only one."""

    def test_what_is_said(self):
        ignoring = "warning: ignoring {}=1 because '--locked' was given\n"
        leaves_out = "warning: {} leaves out the group '{}'\n"
        for line, warning in (
            ("UV_NO_SYNC=1 run --locked --extra a x", ignoring.format("UV_NO_SYNC")),
            ("UV_FROZEN=1 run --locked --pre x", ignoring.format("UV_FROZEN")),
            ("UV_NO_GROUP='a docs' sync --group docs --group b", leaves_out.format("UV_NO_GROUP=a docs", "docs")),
            ("UV_NO_GROUP=docs run --only-group docs x", leaves_out.format("UV_NO_GROUP=docs", "docs")),
            ("UV_NO_DEV=1 sync --group dev", leaves_out.format("UV_NO_DEV=1", "dev")),
            ("UV_NO_GROUP=dev sync --only-dev", leaves_out.format("UV_NO_GROUP=dev", "dev")),
            ("UV_NO_GROUP=dev sync --dev", leaves_out.format("UV_NO_GROUP=dev", "dev")),
            ("UV_NO_GROUP=dev UV_DEV=1 sync", ""),
            ("UV_NO_DEV=1 UV_NO_GROUP=dev sync --group docs", ""),
            ("sync --group dev --no-dev --no-group dev", ""),
            ("UV_NO_DEV=0 sync --group dev", ""),
        ):
            with self.subTest(line=line):
                outcome = Outcome(line)
                self.assertEqual((outcome.status, outcome.err.partition(": ")[2]), (None, warning))


class WhichUv(unittest.TestCase):
    """uv is the one that UV names by a path, else the first on PATH, else the one beside Python."""

    def test_uv_in_the_environment(self):
        named, on_path = uv_in(folder_of({"uv": RECORDING_UV})), uv_in(RECORDING)
        no_paths = ("/none", FOLDER, "", os.path.join(HERE, "README.md"), "true", "python", "1", "uv", "\x1b")
        rows = [(named, named), (os.path.relpath(named), named), *((text, on_path) for text in no_paths)]
        lines = (("run x", "uvflags.py run"), ("add x", "uvflags.py"))
        for (text, path), (line, prog) in itertools.product(rows, lines):
            outcome, shown = Outcome(line, {"UV": text}), text.replace("\x1b", r"\x1b")
            with self.subTest(text=text, line=line):
                self.assertEqual(os.path.abspath(outcome.path), path)
                warning = f"{prog}: warning: UV={shown} is no path of a program, so PATH decides\n"
                self.assertEqual(outcome.err, warning if path == on_path and text else "")

    def test_uv_beside_the_running_python(self):
        folder = folder_of({"uv": RECORDING_UV})
        os.symlink(sys.executable, os.path.join(folder, "python"))
        done = start("run x", program=(os.path.join(folder, "python"), UVFLAGS))
        self.assertEqual(recorded(done)[1], ["run", "x"])
        with mock.patch.object(sys, "executable", None):  # Python may not know it
            self.assertIn("needs uv, which was not found", Outcome("sync", path=TOOLS).err)


class SecretsOfUv(unittest.TestCase):
    """Nothing shows user, password or query of a URL, nor the value of an option that takes one."""

    # a line, what is shown of its URLs
    URLS = (
        ("run --index https://host/simple x", "https://host/simple"),
        (f"run --index=https://me:{SECRET}@host/s?t={SECRET} x", "--index=https://***@host/s?***"),
        (f"run -ihttps://{SECRET}@host x", "-ihttps://***@host"),
        (f"UV_INDEX='https://u:{SECRET}@h/?t={SECRET} https://b/?t={SECRET}' run x",
         "UV_INDEX=https://***@h/?*** https://b/?***"),
        ("run -f . --project .. x", "starts: uv run -f *** --project .. x"),
        ("run -i line --index n x", "starts: uv run -i *** --index *** x"),
        ("run -i line x", "index_url = *** (command line)"),
        ("run docker://alpine:3.18 https://h:80. x", "command: docker://alpine:3.18 https://h:80. x"),
        (f"UV_INDEX=S3CR run -f{SECRET} a S3CR --b=S3CR x", "command: a S3CR --b=S3CR x\nstarts: uv run -f*** a S3CR"),
        (f"run -vi={SECRET} x", "***"),
        (f"UV_INDEX='{SECRET} https://b/x' run x", "UV_INDEX=*** https://b/x"),
        (f"run --newer -i https://h/?t={SECRET} x", "h/?***"),
        (f"sync --index a https://h/?t={SECRET}", "unexpected argument https://h/?***"),
        (f"run --find-links {SECRET} x", "--find-links *** x"),
        (f"run -f {SECRET[1:]} --index {SECRET} x", "--index *** x"), ("run --index= x", "--index= x"),
        ("run -f wheels --cache-dir wheels x", "cache_dir = wheels"),
        (f"run -f{SECRET} --offline --refresh x", "find_links = [***"),
        (f"UV_FIND_LINKS={SECRET} UV_OFFLINE=junk run x", "invalid value junk"),
        (f"UV_PYTHON=http://u:{SECRET}@h run --with http://u:{SECRET}@h x", "--with http://***@h x"),
        (f"UV_OFFLINE=1 run --refresh-package http://u:{SECRET}@h x", "--refresh-package cannot be used"),
        (f"run -q=http://u:{SECRET}@h x", "ttp://***@h"),  # of a cluster, Pythons drop the h
        (f"run --xhttp://u:{SECRET}@h=@ x", "does not know --xhttp://***@\n"),
        (f"http://u:{SECRET}@h", "starts: uv http://***@h"),
    )

    def test_what_is_shown(self):
        for line, shown in self.URLS:
            words, environ = parts(line)
            for path, front in itertools.product((RECORDING, TOOLS), ([], ["explain", "--json"], ["explain"])):
                outcome = Outcome([*front, *words], {**environ, "UVFLAGS_EXPLAIN": "1"}, path=path)
                text = outcome.out + outcome.err
                with self.subTest(line=line, path=path, front=front):
                    self.assertNotIn(SECRET, text)
                    if front == ["explain"] and path == RECORDING:
                        self.assertIn(shown, re.sub("['\"]", "", text))

    def test_the_options_that_hold_a_secret(self):
        secret = [action.dest for action in options_of("run") if uvflags._variables(action).secret]
        self.assertEqual(secret, ["index", "default_index", "index_url", "extra_index_url", "find_links"])


class Slips(unittest.TestCase):
    """A slip in the name of a variable gets one warning, whatever comes of the line. Variables of uv get none."""

    # Variables of uv 0.13.9 that no option reads. Of all that uv documents, these ten are nearest to one that is read.
    OTHERS = "- API_KEY EXCLUDE NO_WRAP OVERRIDE RUN_RECURSION_DEPTH TEST_INDEX_URL TOOL_DIR VENV_CLEAR VENV_SEED"

    def test_variables_of_uv(self):
        environ = {f"UV_{name}": "1" for name in self.OTHERS.split()}
        environ.update(dict.fromkeys(re.findall(r"\$(\w+)", uvflags._TABLE), "1"))
        for subcommand in SUBCOMMANDS:
            self.assertNotIn("nothing reads it", Outcome([subcommand], environ).err)

    def test_one_warning(self):
        slips = (("UV_REFERSH", "UV_REFRESH"), ("UVFLAGS_EXPLIAN", "UVFLAGS_EXPLAIN"))
        for subcommand, (slip, name), words in itertools.product(SUBCOMMANDS, slips, ("", " -p", " --newer")):
            warning = f"warning: {slip} is set, but nothing reads it: did you mean {name}?\n"
            for line in (f"{slip}=1 {subcommand}{words}", f"{slip}=1 UVFLAGS_EXPLAIN=1 {subcommand}{words}"):
                with self.subTest(line=line):
                    outcome = Outcome(line)
                    self.assertIn(warning, outcome.err)
                    self.assertEqual(outcome.err.count(slip), 1)


class Start(unittest.TestCase):
    """The start surprises nobody: no traceback, no foreign module, no changed variable or signal."""

    def test_modules_beside_it_are_not_imported(self):
        names = "types signal json operator re argparse shlex contextvars collections subprocess gettext shutil"
        folder = folder_of({f"{name}.py": f"raise SystemExit('{name} is imported')\n" for name in names.split()})
        path = shutil.copy(UVFLAGS, folder)
        link = os.path.join(folder_of({}), "link.py")
        os.symlink(path, link)
        for program, cwd, line in (
            (path, FOLDER, "explain --json run x"), (link, FOLDER, "explain run x"),
            ("uvflags.py", folder, "run --help"), ("uvflags.py", folder, ["run", *WORKS]),
        ):
            done = start(line, program=(sys.executable, program), cwd=cwd)
            with self.subTest(program=program, line=line):
                self.assertEqual((done.returncode, "is imported" in done.stderr + done.stdout), (0, False), done.stderr)

    def test_the_program_is_named_as_it_was_started(self):
        archive, source = os.path.join(folder_of({}), "app.pyz"), folder_of({})
        shutil.copy(UVFLAGS, source)
        zipapp.create_archive(source, archive, main="uvflags:main")
        code = "import sys, uvflags; sys.argv[0] = '/x/uvflags'; sys.exit(uvflags.main())"
        for program, name in (
            ([UVFLAGS], "uvflags.py"), (["-m", "uvflags"], "python -m uvflags"), ([archive], "app.pyz"),
            (["-m", "cProfile", UVFLAGS], "uvflags.py"), (["-c", code], "uvflags"),
        ):
            done = start("run -p", program=(sys.executable, *program), cwd=HERE)
            self.assertIn(f"\n{name} run: error: argument -p", done.stderr)
        with mock.patch.object(sys, "argv", []), contextlib.redirect_stderr(io.StringIO()) as err:
            self.assertEqual(uvflags.main(), 2)
        self.assertIn("uvflags: error: a subcommand is missing", err.getvalue())

    def test_as_a_script_it_handles_an_interrupt_unless_it_is_ignored(self):
        for (run, what, name), handler in itertools.product(
            ((runpy.run_path, UVFLAGS, "uvflags.py"), (runpy.run_module, "uvflags", "python -m uvflags")),
            (signal.default_int_handler, signal.SIG_IGN),  # as of a job in the background
        ):
            with contextlib.ExitStack() as stack:
                stack.enter_context(mock.patch.object(sys, "argv", [UVFLAGS, "--help"]))
                stack.enter_context(mock.patch.object(sys, "path", list(sys.path)))
                stack.enter_context(mock.patch("signal.getsignal", return_value=handler))
                handle = stack.enter_context(mock.patch("signal.signal"))
                out = stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
                stack.enter_context(self.assertRaises(SystemExit))
                run(what, run_name="__main__")
            calls = [mock.call(signal.SIGINT, signal.SIG_DFL)] if handler != signal.SIG_IGN else []
            self.assertEqual(handle.mock_calls, calls)
            self.assertTrue(out.getvalue().startswith(f"usage: {name} ["))

    def test_an_interrupt_during_the_imports(self):
        with open(UVFLAGS) as file:
            text = file.read()
        text = text.replace("\nimport argparse\n", "\nos.kill(os.getpid(), signal.SIGINT)\nimport argparse\n")
        program = (sys.executable, os.path.join(folder_of({"uvflags.py": text}), "uvflags.py"))
        handle = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}  # as in the foreground
        done = start(["run", *WORKS], program=program, **handle)
        self.assertEqual((done.returncode, done.stderr), (-signal.SIGINT, ""))
        done = shell(f"trap '' INT; {shlex.join(program)} run sh -c 'kill -INT $$; echo ran'")
        self.assertEqual((done.returncode, done.stdout), (0, "ran\n"))  # ignored from the start, as by nohup

    def test_imported_it_leaves_the_path_and_the_signals_alone(self):
        code = "import signal, sys; a = list(sys.path), signal.getsignal(2); import uvflags"
        code += "; print(a == (sys.path, signal.getsignal(2)))"
        self.assertEqual(start([code], program=(sys.executable, "-c"), cwd=HERE).stdout, "True\n")

    # how a command is started that prints "ran"
    WAYS = (
        ((UVFLAGS, "run", "sh", "-c"), "echo ran"),  # the file is a program
        (("sh", "-c"), f"mkdir gone && cd gone && rmdir ../gone && {PROGRAM} run sh -c 'echo ran'"),
        ((sys.executable, "-c"), "import threading, uvflags\nthreading.Thread(target=uvflags.main, args=(['run', "
         "'sh', '-c', 'echo ran'],)).start()"),
        *(((sys.executable, *flags, UVFLAGS, "run", "--refresh", "sh", "-c"), "echo ran") for flags in (
            ("-I",), ("-S",), ("-OO",), ("-W", "error", "-X", "dev"), ("-X", "utf8=0"),
        )),
    )

    def test_ways_to_start_it(self):
        python3 = folder_of({"python3": ANY_PYTHON})
        for program, line in self.WAYS:
            with self.subTest(program=program, line=line):
                done = start([line], {"PYTHONPATH": HERE}, program=program, path=f"{python3}{os.pathsep}{TOOLS}")
                self.assertEqual((done.returncode, done.stdout), (0, "ran\n"), done.stderr)
                self.assertNotIn("Warning", done.stderr)

    def test_the_locale_of_python_is_not_passed_on(self):
        for environ, kept in (
            ({}, None), ({"LC_CTYPE": "C.UTF-8"}, "C.UTF-8"), ({"LANG": "C"}, None), ({"LC_ALL": "C.UTF-8"}, None),
        ):
            got = recorded(start("run x", environ, path=RECORDING))[2]
            if not os.path.exists("/proc/self/environ") and kept is None:
                got.pop("LC_CTYPE", None)  # nothing tells who has set it
            self.assertEqual((got.get("LC_CTYPE"), got.get("LANG")), (kept, environ.get("LANG")))

    def test_variables_and_words_as_linux_has_them(self):
        """Python may have set LC_CTYPE itself, and cannot convert the words of some old locales back."""
        for started, kept in (([b"A=b"], False), ([b"A=b", b"LC_CTYPE=C"], True), ([], True)):
            with mock.patch.object(uvflags, "_as_started", return_value=started):
                environ = Outcome("LC_CTYPE=C.UTF-8 run x").environ
            self.assertEqual("LC_CTYPE" in environ, kept)
        error = UnicodeEncodeError("euc_kr", "x", 0, 1, "cannot be encoded")
        started = [b"python", b"uvflags.py", b"run", b"\xea", b"a"]
        with mock.patch.object(uvflags, "_as_started", return_value=started), mock.patch("signal.signal"):
            with mock.patch.object(sys, "argv", ["uvflags.py", "run", "\uac00", "a"]):
                with mock.patch("os.execve", side_effect=[error, Handed]) as call, self.assertRaises(Handed):
                    uvflags._become("uv", ["uv", "run", "--refresh", "\uac00", "a"], {})
        self.assertEqual(call.call_args[0], ("uv", ["uv", b"run", "--refresh", b"\xea", b"a"], {}))
        self.assertEqual(uvflags._as_started("no such thing"), [])
        self.assertEqual(bool(uvflags._as_started("cmdline")), os.path.exists("/proc/self/cmdline"))

    def test_a_thread_leaves_signals_alone(self):
        before = signal.getsignal(signal.SIGPIPE)
        thread = threading.Thread(target=uvflags._handle_pipes, args=(signal.SIG_DFL,))
        thread.start()
        thread.join()
        self.assertEqual(signal.getsignal(signal.SIGPIPE), before)


class Streams(unittest.TestCase):
    """Streams that are closed, full, read by nobody or of another encoding end in a status, with no traceback."""

    # how the streams are set, words, the status
    ROWS = (
        (">&-", "run --help", 0), ("2>&-", "run --bogus", 2), (">&- 2>&-", "run --bogus", 2),
        (">&-", "explain run x", 0), ("2>&-", "run sh -c 'exit 4'", 4), ("<&-", "run sh -c 'exit 4'", 4),
        (">/dev/full", "run sh -c 'exit 4'", 4), (">/dev/full", "explain run x", 2),
        (">/dev/full", "run --help", 2), ("2>/dev/full", "run sh -c 'exit 4'", 4),
    )

    @unittest.skipUnless(os.path.exists("/dev/full"), "there is no /dev/full")
    def test_closed_and_full(self):
        for redirection, words, status in self.ROWS:
            with self.subTest(redirection=redirection, words=words):
                done = shell(f"{PROGRAM} {words} {redirection}")
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertNotIn("Traceback", done.stderr)

    def test_read_by_nobody(self):
        no_format = os.path.join(folder_of({"no-format": "\0"}), "no-format")
        for stream, words, status in (
            ("stdout", ["explain", "run", *["x" * 1000] * 100], 0), ("stdout", ["run", "--help"], 0),
            ("stderr", ["run", no_format], 126),
        ):
            read, write = os.pipe()
            os.close(read)
            with os.fdopen(write, "w") as pipe, self.subTest(words=words):
                done = start(words, {"PYTHONUNBUFFERED": "1" * (stream == "stderr")}, **{stream: pipe})
                self.assertEqual((done.returncode, done.stderr or ""), (status, ""))

    def test_no_file(self):
        full = OSError(28, "No space left on device")
        for error, status, message in (
            (BrokenPipeError(), 0, ""), (full, 2, "uvflags.py: error: cannot write: No space left on device\n"),
        ):
            stream = mock.Mock(**{"encoding": None, "flush.side_effect": error})
            outcome = Outcome("explain run x", out=stream)
            self.assertEqual((outcome.status, outcome.err), (status, message))
            self.assertIn("command: x\n", stream.write.call_args_list[0][0][0])
        with mock.patch.dict(os.environ, clean(), clear=True), mock.patch("sys.stderr", None):
            with mock.patch("sys.stdout", None):
                self.assertEqual(uvflags.main(["explain", "run", "x"]), 0)

    def test_a_closed_stdout_and_no_defect_taken_for_one(self):
        for line in ("explain run x", "--help"):
            closed = io.StringIO()
            closed.close()
            with mock.patch.object(sys, "stdout", closed), contextlib.redirect_stderr(io.StringIO()) as err:
                self.assertEqual(uvflags.main(line.split()), 2)
                self.assertIs(sys.stdout, closed)
            self.assertTrue(err.getvalue().endswith(": error: cannot write: stdout is closed\n"))
        with mock.patch.object(uvflags, "_start", side_effect=ValueError("a defect")):
            with self.assertRaisesRegex(ValueError, "a defect"):
                uvflags.main(["run"])

    def test_what_cannot_be_encoded(self):
        stream = io.TextIOWrapper(io.BytesIO(), "ascii", errors="strict")
        self.assertEqual(Outcome("explain run caf\u00e9", out=stream).status, 0)
        self.assertIn(b"command: 'caf\\xe9'\n", stream.buffer.getvalue())
        self.assertEqual((stream.errors, stream.encoding), ("strict", "ascii"))
        done = start("LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 explain run caf\u00e9")
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class Readme(unittest.TestCase):
    """What README.md shows is so: each line after a `$`, each row of a table, each block."""

    def setUp(self):
        with open(os.path.join(HERE, "README.md"), encoding="utf-8") as file:
            self.text = file.read()
        self.folder = folder_of({})
        shutil.copy(UVFLAGS, self.folder)
        self.write("test_it.py", "import unittest\nclass T(unittest.TestCase):\n    def test(self): pass\n")

    def write(self, name, text):
        return script(os.path.join(self.folder, name), text)

    def blocks(self, language):
        return re.findall(rf"^```{language}\n(.*?)^```$", self.text, re.MULTILINE | re.DOTALL)

    def table(self, header):
        """Return the rows, without the marks of code, of the table whose header begins so."""
        rows = self.text.split(f"\n| {header}")[1].split("\n\n")[0].split("\n")[2:]
        self.assertGreater(len(rows), 3)
        return [[cell.strip().replace("`", "") for cell in row.strip("|").split(" | ")] for row in rows]

    def shell(self, line, environ=None, *, uv=None):
        path = os.pathsep.join([TOOLS, os.path.dirname(uv)] if uv else [TOOLS])
        environ = {"COLUMNS": "80", "UV_PYTHON": sys.executable, "UV_PYTHON_DOWNLOADS": "never", **(environ or {})}
        return shell(line, environ, path=path, cwd=self.folder, stderr=subprocess.STDOUT)

    def commands(self, number):
        return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", self.blocks("console")[number], re.MULTILINE)

    def test_its_size_and_the_files_that_it_names(self):
        lines = self.text.splitlines()
        self.assertLessEqual(len(lines), 260)
        self.assertLessEqual(max(map(len, lines)), 120)
        for name in re.findall(r"\.ci/\w+\.\w+", self.text):
            self.assertTrue(not os.path.isdir(os.path.join(HERE, ".ci")) or os.path.exists(os.path.join(HERE, name)))

    @needs_uv
    def test_the_first_screen(self):
        commands = self.commands(0)
        self.assertEqual([" uv run " in command.split("#")[0] for command, _ in commands], [True, False] * 3)
        for command, output in commands:
            done = self.shell(command, uv=real(VERSIONS[2])["UV"])
            self.assertEqual(done.stdout[: len(output)], output)

    @needs_uv
    def test_uv_leaves_nothing_in_a_clone(self):
        shutil.copy(os.path.join(HERE, "pyproject.toml"), self.folder)
        for version in VERSIONS:
            done = self.shell(self.blocks("sh")[0].split("\n")[0], uv=real(version)["UV"])
            self.assertEqual(done.stdout, "hello\n")
        self.assertEqual(sorted(os.listdir(self.folder)), ["pyproject.toml", "test_it.py", "uvflags.py"])

    def test_explain(self):
        [(command, output)] = self.commands(1)
        output = output.replace("/usr/bin/uv", uv_in(RECORDING))
        command = f"unset UV_PYTHON UV_PYTHON_DOWNLOADS; {command}"
        self.assertEqual(self.shell(command, uv=uv_in(RECORDING)).stdout[: len(output)], output)
        command = command.replace("UVFLAGS_EXPLAIN=1 ", "").replace(".py run", ".py explain run")
        self.assertEqual(self.shell(command, uv=uv_in(RECORDING)).stdout, output)
        section = self.text.split("prints an object")[1].split("Both exit")[0]
        self.assertEqual(set(re.findall(r"`(\w+)`", section)), set(Outcome("explain --json run x").data()))

    def test_the_rules(self):
        for rule, line, answer in self.table("rule "):
            words, environ = parts(line)
            outcome = Outcome(["explain", *words], environ)
            with self.subTest(rule=rule):
                self.assertIn(answer, outcome.out + outcome.err)
                self.assertEqual(outcome.status, 2 if "invalid" in answer or "cannot" in answer else 0)

    def test_the_policies(self):
        for policy, *outcomes in self.table("policy "):
            for first, second, outcome in zip((1, 1, 0, 0), (1, 0, 1, 0), outcomes):
                words, environ = ["--a"] * first + ["--b"] * second, {"A": str(1 - first), "B": str(1 - second)}
                parser = build([flag("a"), flag("b")], environ, conflicts=[Conflict("a", "b", policy)])
                with self.subTest(policy=policy, words=words), contextlib.redirect_stderr(io.StringIO()) as err:
                    with contextlib.suppress(SystemExit):
                        parser.parse_args(words)
                    found = [word for word in ("error", "warning: ignoring", "no effect") if word in err.getvalue()]
                    wanted = {"error": "error", "passes": "", "warning: the first has no effect": "no effect"}
                    self.assertEqual("".join(found), wanted.get(outcome, "warning: ignoring"))

    def test_the_conflicts(self):
        rows = rows_of_the_parsers()
        for where, *sides, policy in self.table("where "):
            subcommands = where.replace("all", "run, sync, lock").split(", ")
            names = [side.replace("--", "").replace("-", "_").split(", ") for side in sides]
            self.assertLessEqual(set(itertools.product(subcommands, *names, [policy])), rows)

    def test_the_comparison(self):
        arguments = [flag("offline"), flag("refresh"), option("jobs", type=int), option("size", type=int)]
        for line, *_, outcome in self.table("| argparse"):
            (_, *words), environ = parts(line)
            parser = build(arguments, environ, conflicts=[Conflict("offline", "refresh")], exit_on_error=False)
            if outcome == "passes":
                parser.parse_args(words)
                continue
            self.assertRegex(outcome, "error that names (OFFLINE|both)")
            with self.assertRaises(argparse.ArgumentError) as caught:
                parser.parse_args(words)
            for name in environ:
                self.assertIn(name, str(caught.exception))

    @unittest.skipUnless(shutil.which("make"), "there is no make")
    def test_the_makefile(self):
        line = re.search("`(RUN = .*?)`", self.text).group(1)
        self.write("Makefile", f"{line}\n\ntest:\n\t$(RUN) python -m unittest\n")
        for words, part in (
            ("UV_OFFLINE=1 {} test", "\nOK\n"), ("UV_OFFLINE=1 UV_REFRESH=1 {} test", "Error 2\n"),
            ("{} UV=true test", "UV=true is no path"),
        ):
            self.assertIn(part, self.shell(words.format(shutil.which("make"))).stdout)

    def test_the_github_step(self):
        line, pairs = re.search(r"run: (.*)\n  env: \{(.*)\}", self.blocks("yaml")[0]).groups()
        environ = dict(re.findall(r'(\w+): "(\w+)"', pairs))
        self.assertEqual(set(environ), {"UV_OFFLINE", "UV_REFRESH", "UVFLAGS_NEEDS_UV"})
        self.assertIn("needs uv", self.shell(line, environ).stdout)
        self.assertIn("cannot be used", self.shell(line, {**environ, "UV_OFFLINE": "true"}).stdout)

    @needs_uv
    def test_the_justfile(self):
        just = os.path.join(REAL_UV, "just", "bin", "just")
        if not os.path.exists(just):
            self.skipTest("there is no just beside the uvs")
        [text] = self.blocks("just")
        other = "'--offline' (UV_OFFLINE=1) cannot be used with '--refresh' (UV_REFRESH=1)"
        self.write("python3", ANY_PYTHON)
        ways = re.findall('`(uv := ".*?")`', self.text)
        self.assertEqual(len(ways), 2)
        for way in ('uv := "python uvflags.py"', *ways):
            self.assertIn('uv := "python uvflags.py"', text)
            self.write("justfile", text.replace('uv := "python uvflags.py"', way))
            for line, part in (
                (f"UV_REFRESH=1 {just} test -v", "OK"), (f"UV_OFFLINE=1 UV_REFRESH=0 {just} test", "OK"),
                (f"UV_OFFLINE=1 UV_REFRESH=1 {just} test", other),
            ):
                with self.subTest(way=way, line=line):
                    self.assertIn(part, self.shell(f"PATH=$PATH:. {line}", uv=real(VERSIONS[2])["UV"]).stdout)

    def test_the_dockerfile(self):
        """That the lock file stays as it is, `.ci/uvs.py promises` proves of each option."""
        block = self.blocks("dockerfile")[0]
        environ = dict(re.findall(r"^ENV (\w+)=(\w+)$", block, re.MULTILINE))
        line = re.search("RUN python uvflags.py (.*)", block).group(1)
        check = re.search("`python uvflags.py ([^`]* --check)` fails", self.text).group(1)
        for words, err in ((line, ""), (check, "warning: ignoring UV_FROZEN=1 because '--check' was given\n")):
            outcome = Outcome(words, environ)
            self.assertEqual((outcome.argv, outcome.err.partition(": ")[2]), (["uv", *words.split()], err))
        for option in ("--upgrade", "-P name"):
            self.assertIn("cannot be used", Outcome(f"{line} {option}", environ).err)

    def test_the_scripts(self):
        deploy, settings = self.blocks("python")
        self.write("deploy.py", deploy)
        for command, output in self.commands(2):
            wrap = r"\n {7,}|\n *\{"  # each Python has its own way to break the lines of a usage
            self.assertEqual(re.sub(wrap, " ", self.shell(command).stdout), re.sub(wrap, " ", output))
        self.write("settings.py", settings)
        for text, environ, output in (
            ('{"jobs": 5}', "", "5\n"), ('{"jobs": 5}', "JOBS=6", "6\n"),
            ('{"job": 5}', "", "settings.json: unknown key 'job'\n"),
        ):
            self.write("settings.json", text)
            done = self.shell(f"DEPLOY_TOKEN=x {environ} python settings.py")
            self.assertEqual(done.stdout[-len(output) :], output)
        names = {"__name__": "deploy"}
        exec(deploy, names)
        call = re.search(r"A test .*: `(make_parser.*)`", self.text).group(1)
        self.assertEqual(eval(call, names).token, "x")

    @needs_uv
    def test_the_env_file(self):
        self.write("deploy.py", self.blocks("python")[0])
        self.write(".env", "DEPLOY_TOKEN=x\nJOBS=3\n")
        command = re.search("`([^`]* --env-file .*?)`", self.text).group(1)
        for environ, jobs in (("", 3), ("JOBS=4 ", 4)):
            self.assertIn(f"jobs={jobs}", self.shell(environ + command, uv=real(VERSIONS[2])["UV"]).stdout)

    @needs_uv
    def test_the_differences(self):
        uv = real(VERSIONS[2])["UV"]
        self.write("pyproject.toml", '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\n')
        self.assertEqual(self.shell("uv lock", uv=uv).returncode, 0)
        for line, *outcomes in self.table("line "):
            assignments, words = re.match(r"((?:UV_[A-Z_]+=\w* )*)(.*)", line.replace(" x", " python -c pass")).groups()
            for program, outcome in zip(("uv", "python uvflags.py"), outcomes):
                with self.subTest(line=line, program=program):
                    done = self.shell(f"{assignments}{program} {words}", uv=uv)
                    self.assertEqual(done.returncode, 0 if outcome.startswith("passes") else 2, done.stdout)
                    self.assertEqual("uvflags.py run: warning" in done.stdout, outcome.endswith("warning"))


class TheFile(unittest.TestCase):
    """uvflags.py as a text: its public names, its short functions, and the parser half, which stands alone."""

    def setUp(self):
        with open(UVFLAGS, encoding="utf-8") as file:
            self.text = file.read()

    def test_public_names(self):
        public = ["ArgumentParser", "Conflict", "Namespace", "Source", "main", "parse_bool"]
        self.assertEqual(sorted(uvflags.__all__), public)
        defined = [node.name for node in ast.parse(self.text).body if hasattr(node, "name")]
        self.assertEqual(sorted(name for name in defined if not name.startswith("_")), public)

    def test_the_parser_half_stands_alone(self):
        folder = folder_of({"uvflags.py": self.text[: self.text.index("\n# uv's options") + 1]})
        shutil.copy(__file__, os.path.join(folder, "test_uvflags.py"))
        tests = [f"test_uvflags.{test.__name__}" for test in ParserTest.__subclasses__()]
        done = start(tests, program=(sys.executable, "-m", "unittest"), cwd=folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"Ran [6-9]\d tests")

    def test_functions_are_short(self):
        for node in ast.walk(ast.parse(self.text)):
            if isinstance(node, ast.FunctionDef):
                self.assertLessEqual(node.end_lineno - node.lineno + 1, 40, node.name)
        self.assertLessEqual(max(map(len, self.text.splitlines())), 100)


if __name__ == "__main__":
    unittest.main()
