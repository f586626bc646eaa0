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


class ParserTest(unittest.TestCase):
    """Test the parser half, which also has to pass where the front is cut off."""

    def parse(self, parser, words):
        """Return the namespace, and what was printed to stderr."""
        with contextlib.redirect_stderr(io.StringIO()) as err:
            args = parser.parse_args(words.split())
        return args, err.getvalue()

    def error(self, parser, words):
        """Return what a parser prints when it exits with status 2."""
        with contextlib.redirect_stderr(io.StringIO()) as err:
            with self.assertRaises(SystemExit) as stop:
                parser.parse_args(words.split())
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
        """Check rows of arguments, words, variables, and what `check` expects."""
        for arguments, words, environ, expected in rows:
            with self.subTest(arguments=arguments, words=words, environ=environ):
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
        self.check_rows((
            ([("--x", {"type": parse_bool})], "--x off", {}, {"x": False}),
            ([("--x", {"type": parse_bool})], "--x maybe", {}, f"p: error: argument --x: {EXPECTED}"),
        ))


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

    # words, variables, dest, value, source
    ROWS = (
        ("", {}, "offline", None, DEFAULT),
        ("", {"S_OFFLINE": "No"}, "offline", False, variable("S_OFFLINE", "No")),
        ("--no-offline", {"S_OFFLINE": "1"}, "offline", False, typed("--offline")),
        ("--offline --no-offline", {"S_OFFLINE": "1"}, "offline", False, typed("--offline")),
        ("--offl", {}, "offline", True, typed("--offline")),
        ("", {"S_REFRESH": "off"}, "refresh", False, variable("S_REFRESH", "off")),
        ("-vr", {}, "refresh", True, typed("--refresh")),
        ("", {"S_NO_CACHE": "0"}, "cache", True, variable("S_NO_CACHE", "0")),
        ("", {"S_JOBS": "7", "S_OLD_JOBS": "8"}, "jobs", 7, variable("S_JOBS", "7")),
        ("", {"S_JOBS": "", "S_OLD_JOBS": "8"}, "jobs", 8, variable("S_OLD_JOBS", "8")),
        ("", {"S_JOBS": ""}, "jobs", 2, DEFAULT),
        ("--jobs=2", {}, "jobs", 2, typed("--jobs")),
        ("", {"S_PAIR": "1: 2"}, "pair", [1, 2], variable("S_PAIR", "1: 2")),
        ("", {"S_MAYBE": " x y "}, "maybe", " x y ", variable("S_MAYBE", " x y ")),
        ("", {"S_MAYBE": "--"}, "maybe", "--", variable("S_MAYBE", "--")),
        ("--maybe", {"S_MAYBE": "x"}, "maybe", "c", typed("--maybe")),
        ("", {"S_V": "no"}, "verbose", 0, variable("S_V", "no")),
        ("-vv", {"S_V": "3"}, "verbose", 2, typed("-v")),
        ("", {"S_Q": "0"}, "quiet", None, variable("S_Q", "0")),
        ("", {"S_MIRROR": " b,, c ,"}, "mirror", ["main", "b", "c"], variable("S_MIRROR", " b,, c ,")),
        ("", {"S_MIRROR": " , "}, "mirror", ["main"], DEFAULT),
        ("", {"S_MORE": "b  c"}, "more", ["a", "b", "c"], variable("S_MORE", "b  c")),
        ("", {"S_TOKEN": "5"}, "token", 5, variable("S_TOKEN", "5")),
    )

    def test_value_and_source(self):
        for words, environ, dest, value, source in self.ROWS:
            with self.subTest(words=words, environ=environ):
                self.check(sync(environ), words, {dest: (value, source)})

    def test_the_environment_of_the_process_is_read_when_parsing(self):
        parser = ArgumentParser()
        parser.add_argument("--x", env="X_OF_TEST")
        for text in ("1", "2"):
            with mock.patch.dict(os.environ, {"X_OF_TEST": text}):
                self.assertEqual(parser.parse_args([]).x, text)

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

    N = option("n", type=int)
    # arguments, words, the error, which has no word of N=x
    ALONE = (
        ([("--must", {"required": True}), N], "", "the following arguments are required: --must"),
        ([("must", {}), N], "", "the following arguments are required: must"),
        ([N], "--other", "unrecognized arguments: --other"),
        ([N, ("s", [])], "s --other", "unrecognized arguments: --other"),
        ([N, ("--y", {"action": "store_true"})], "--y=1", "argument --y: ignored explicit argument '1'"),
    )

    def test_what_argparse_finds_in_the_words_comes_first_and_alone(self):
        for arguments, words, message in self.ALONE:
            with self.subTest(arguments=arguments, words=words):
                self.check(build(arguments, {"N": "x"}), words, f"p: error: {message}")

    def test_help_works_whatever_the_environment_holds(self):
        with contextlib.redirect_stdout(io.StringIO()) as out, self.assertRaises(SystemExit) as stop:
            sync({"S_JOBS": "x", "S_V": "x"}).parse_args(["--help"])
        self.assertEqual((stop.exception.code, out.getvalue()[:11]), (0, "usage: sync"))

    SIZE, NONE = {"type": os.path.getsize, "default": "none.txt"}, {"X": os.devnull}
    # arguments, words, variables, values; there is no file none.txt
    DEFAULTS = (
        ([option("x", **SIZE)], "", NONE, {"x": 0}),
        ([place("x", nargs="?", **SIZE)], "", NONE, {"x": 0}),
        ([("s", [option("x", **SIZE)])], "s", NONE, {"x": 0}),
        ([option("x", type=int, default="auto")], "", {"X": "4"}, {"x": 4}),
        ([place("x", type=int, nargs="?", default="auto")], "", {"X": "4"}, {"x": 4}),
        ([option("x", type=int, default="3")], "", {}, {"x": (3, DEFAULT)}),
        ([place("x", type=int, nargs="?", default="3")], "", {"X": ""}, {"x": (3, DEFAULT)}),
    )

    def test_a_default_is_converted_only_where_it_is_used(self):
        self.check_rows(self.DEFAULTS)

    PRESET, JOBS = option("preset", action=Preset), ("--jobs", {})
    # arguments, words, variables, values
    ALSO = (
        ([PRESET, JOBS], "--jobs 4", {"PRESET": "p"}, {"jobs": ("4", typed("--jobs")), "preset": "p"}),
        ([JOBS, PRESET], "--jobs 4", {"PRESET": "p"}, {"jobs": ("4", typed("--jobs")), "preset": "p"}),
        ([PRESET, JOBS], "", {"PRESET": "p"}, {"jobs": "16", "preset": "p"}),
        ([JOBS, ("s", [PRESET])], "--jobs 4 s", {"PRESET": "p"}, {"jobs": "4", "preset": "p"}),
        ([PRESET, ("s", [JOBS])], "s --jobs 4", {"PRESET": "p"}, {"jobs": "4", "preset": "p"}),
    )

    def test_what_the_action_of_a_variable_also_sets_never_replaces_what_was_typed(self):
        self.check_rows(self.ALSO)

    def test_deprecated_options_warn(self):
        parser = build([flag("old")], {"OLD": "1"})
        parser._actions[-1].deprecated = True
        self.check(parser, "", ({"old": True}, "p: warning: option '--old' is deprecated (set by OLD)"))


class Law(ParserTest):
    """A variable acts as its argument typed once, whatever the argument does."""

    # keywords of --x, the text of its variable (commas divide it), words that do the same
    OPTIONS = (
        ({}, "-a", "--x=-a"), ({"nargs": 1}, "a", "--x a"), ({"nargs": "?", "const": "c"}, "a", "--x a"),
        ({"type": int, "default": "bad"}, "5", "--x 5"),
        ({"choices": ["a", "b"], "required": True}, "b", "--x b"),
        ({"default": SUPPRESS}, "a", "--x a"), ({"dest": "y", "default": "a"}, "a", "--x a"),
        ({"nargs": "*", "type": int}, "1,2", "--x 1 2"), ({"nargs": "+", "choices": "ab"}, "a,b", "--x a b"),
        ({"nargs": 2, "default": "d"}, "a,b", "--x a b"), ({"nargs": REST, "choices": "c"}, "a,b", "--x a b"),
        ({"action": "store_true"}, "1", "--x"), ({"action": "store_false"}, "1", "--x"),
        ({"action": "store_false", "dest": "y", "default": SUPPRESS}, "1", "--x"),
        ({"action": "store_const", "const": 5, "default": 4}, "1", "--x"),
        ({"action": "append"}, "a,b", "--x a --x b"), ({"action": "append", "nargs": "?"}, "a", "--x a"),
        ({"action": "append", "default": ["d"], "type": int}, "1", "--x 1"),
        ({"action": "append", "default": SUPPRESS}, "a", "--x a"),
        ({"action": "append", "nargs": 2}, "a,b", "--x a b"),
        ({"action": "append", "nargs": "*", "default": [["d"]]}, "a,b", "--x a b"),
        ({"action": "append_const", "const": 5}, "1", "--x"),
        ({"action": "append_const", "const": False, "default": [1]}, "1", "--x"),
        ({"action": "extend"}, "ab", "--x ab"), ({"action": "extend", "nargs": "+"}, "a,b", "--x a b"),
        ({"action": "extend", "nargs": 2, "default": ["d"]}, "a,b", "--x a b"),
        ({"action": "count"}, "yes", "--x"), ({"action": "count", "default": 3}, "2", "--x --x"),
        ({"action": "count", "default": SUPPRESS}, "1", "--x"),
        ({"action": YES_NO}, "1", "--x"), ({"action": YES_NO, "default": True}, "0", "--no-x"),
        ({"action": Remember}, "a", "--x a"), ({"action": Remember, "nargs": 0}, "1", "--x"),
        ({"action": Remember, "nargs": "?", "const": "c"}, "a", "--x a"),
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

    # arguments, words, variables, values
    OPPOSITES = (
        ([option("x", action="append_const", const=True)], "", {"X": "0"}, {"x": None}),
        ([option("x", action="append_const", const=1, default=[2])], "", {"X": "0"}, {"x": [2]}),
        ([option("x", action="store_const", const="json", default="text")], "", {"X": "0"}, {"x": "text"}),
        ([("-o", {"action": YES_NO, "default": True, "env": "O"})], "", {"O": "0"}, {"o": False}),
        ([("--o", {"action": YES_NO, "default": True, "env": "O"})], "", {"O": "0"}, {"o": False}),
    )

    def test_a_false_variable_gives_the_opposite_if_there_is_one(self):
        self.check_rows(self.OPPOSITES)


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
    # arguments, words, variables, values or error
    REQUIRED = (
        ([option("need", required=True)], "", {"NEED": "x"}, {"need": "x"}),
        ([option("need", required=True)], "", {}, f"usage: p [-h] [--need NEED]\n{NEED}--need (or set NEED)"),
        ([option("need", required=True)], "", {"NEED": ""}, f"{NEED}--need (or set NEED)"),
        ([option("need", required=True, nargs="?", const="c")], "--need", {}, {"need": "c"}),
        ([option("need", required=True), ("--y", {"dest": "need"})], "--need 1 --y 2", {}, {"need": "2"}),
        ([option("need", required=True, nargs="*", env=["N", "O"])], "", {}, f"{NEED}--need (or set N)"),
        ([("--need", {"required": True}), option("x", required=True)], "--x 1", {}, f"{NEED}--need"),
        ([option("x", required=True, nargs=2, metavar=("C", "D"))], "", {}, f"{NEED}--x (or set X)"),
        ([flag("x", action=YES_NO, required=True)], "", {"X": "0"}, {"x": False}),
        ([option("n", type=int, required=True)], "", {"N": "x"},
         "p: error: invalid value 'x' for '--n' (N): invalid int value: 'x'\nhint: unset N, or pass --n"),
        ([FILE], "", {"FILE": "f"}, {"file": "f"}),
        ([FILE], "", {}, f"{NEED}file (or set FILE)"),
        ([place("x", nargs=2, metavar=("C", "D"))], "", {}, f"{NEED}C, D (or set X)"),
        ([place("p", nargs="*")], "", {}, {"p": []}),
        ([place("p", nargs=REST)], "", {}, {"p": []}),
        ([place("p", nargs=REST)], "", {"P": ""}, {"p": []}),
        ([FILE, ("rest", {"nargs": "*"})], "", {"FILE": "f"}, {"file": "f", "rest": []}),
        ([FILE, ("rest", {"nargs": "*", "default": None})], "", {"FILE": "f"}, {"file": "f", "rest": []}),
        ([FILE, ("rest", {"nargs": "*", "default": "d"})], "", {"FILE": "f"}, {"file": "f", "rest": "d"}),
        ([FILE, ("p", {"nargs": "?"}), ("q", {"nargs": REST})], "", {"FILE": "f"}, {"p": None, "q": []}),
        ([FILE, place("p"), ("q", {"nargs": "*"})], "x", {"P": "p"}, {"file": "x", "p": "p", "q": []}),
        ([FILE, ("--o", {}), ("q", {"nargs": "*"})], "--o 1", {"FILE": "f"}, {"file": "f", "q": []}),
        ([FILE, place("p"), ("--o", {}), ("q", {"nargs": "*"})], "x --o 1 y", {"P": "v"}, {"p": "y"}),
        ([place("file", action=Fail), ("q", {"nargs": "*"})], "", {}, f"{NEED}file (or set FILE)"),
        ([FILE, ("last", {})], "", {"FILE": "f"}, f"{NEED}last"),
        ([place("p", nargs="*")], "--", {"P": "v"}, {"p": ["v"]}),
        ([place("p", nargs="?")], "--", {"P": "v"}, {"p": ("v", variable("P", "v"))}),
        ([place("p", nargs="*")], "--", {}, {"p": []}),
        ([place("x", metavar="ONE"), ("x", {"metavar": "TWO"})], "1", {}, f"{NEED}TWO"),
        ([("x", {"metavar": "ONE"}), place("x", metavar="TWO")], "1", {}, f"{NEED}TWO (or set X)"),
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
        product = itertools.product(self.ROWS, ("S3CR3T", "S'3C\\R3T", "S3"), (True, False), (True, False))
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

    def test_a_short_word_is_hidden_where_it_is_quoted(self):
        parser = build([option("token", env_secret=True, type=int)])
        self.check(parser, "--token ok", "p: error: argument --token: invalid int value: '***'")

    def test_the_same_word_for_another_argument(self):
        parser = build([("--token", {"env_secret": True}), ("s", [("--same", {"type": reject})])])
        self.check(parser, "s", {"token": None})
        error = "p s: error: argument --same: rejected '***' or ***"
        self.check(parser, "--token S3CR3T s --same S3CR3T", error)

    def test_a_warning_names_a_secret_variable_alone(self):
        row = Conflict("x", "y", "command line wins")
        parser = build([option("x", env_secret=True), flag("y")], {"X": "S3CR3T"}, conflicts=[row])
        self.check(parser, "--y", ({"x": None}, "p: warning: ignoring X because '--y' was given"))

    # a word, what a message shows of it
    URLS = (
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
            shown = word.replace("a@", "***@").replace("a:b", "***")
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
    NOT_BOOLEAN = f"p: error: invalid value '-' for '--x' (X): {EXPECTED}\nhint: unset X, or set it to 1 or 0"
    # arguments with the row x, y, words, variables, values or error
    ROWS = (
        ([option("x", action="count", default=1), Y], "--y", {"X": "no"}, {"x": (1, variable("X", "no"))}),
        ([option("x", action="store_const", const=3, default=2), Y], "--y", {"X": "no"}, {"x": 2}),
        ([flag("x", action=YES_NO, default=True), Y], "--y", {"X": "no"}, {"x": False}),
        ([("--x", {"default": "d"}), Y], "--y", {}, {"x": "d"}),
        ([("--x", {"nargs": "?"}), Y], "--x --y", {}, {"x": (None, typed("--x"))}),
        ([("--x", {"nargs": "*"}), Y], "--x --y", {}, {"x": ([], typed("--x"))}),
        ([flag("x", default=True), Y], "--y", {"X": "-"}, NOT_BOOLEAN),
        ([option("x", type=int), Y], "--y", {"X": "0"},
         "p: error: the argument '--y' cannot be used with '--x' (X=0)\nhint: unset X"),
        ([flag("x"), place("y", nargs="?", metavar="PLACE")], "--x 1", {},
         "p: error: the argument '--x' cannot be used with 'PLACE'\nhint: drop --x or PLACE"),
        ([flag("x", env="L"), flag("y", env="L")], "", {"L": "1"},
         "p: error: the argument '--x' (L=1) cannot be used with '--y' (L=1)\nhint: unset L or set it to 0"),
        ([NO_X, Y], "--no-x --y", {}, "p: error: the argument '--no-x' cannot be used with '--y'"
         "\nhint: drop --no-x or --y"),
        ([NO_X, Y], "--y", {"NO_X": "0"}, {"x": True, "y": True}),
        ([NO_X, ("--x", {"action": "store_true"}), Y], "--y", {"NO_X": "1"}, {"x": False, "y": True}),
        ([X, Y], "--y", {"X": "1"}, f"{X_SET} or set it to 0"),
        ([X, Y, ("--no-x", {"action": "store_true"})], "--y", {"X": "1"}, f"{X_SET} or set it to 0"),
        ([X, Y, ("--no-x", {"action": "store_false", "dest": "x"})], "--y", {"X": "1"},
         f"{X_SET}, set it to 0, or pass --no-x"),
        ([X, Y, ("--no-x", {"action": "store_false", "dest": "x", "help": SUPPRESS})], "--y", {"X": "1"},
         f"{X_SET} or set it to 0"),
        ([flag("x", action=YES_NO, help=SUPPRESS), Y], "--y", {"X": "1"}, f"{X_SET} or set it to 0"),
        ([option("x"), Y, ("--no-x", {"action": "store_false", "dest": "x"})], "--y", {"X": "1"}, X_SET),
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
    NEED = "p: error: one of the arguments --a --b is required (or set A)"
    IGNORED = "p: warning: ignoring A=1 because '--b' was given"
    NO_CACHE = flag("no-cache", action="store_false", dest="cache")
    # what is in the group, what is outside, is it required, words, variables, values or error
    ROWS = (
        ([A, B], [], False, "--b x", {"A": "1"}, ({"a": (False, DEFAULT), "b": "x"}, IGNORED)),
        ([A, option("b")], [], False, "--b x", {"A": "0", "B": "y"}, {"a": False, "b": "x"}),
        ([A, option("b")], [], False, "--a", {"B": "x"},
         ({"a": True, "b": None}, "p: warning: ignoring B=x because '--a' was given")),
        ([A, option("b")], [], False, "", {"A": "1", "B": "x"},
         "p: error: the argument '--a' (A=1) cannot be used with '--b' (B=x)\n"
         "hint: unset A or set it to 0\nhint: unset B"),
        ([A, B], [], False, "--b x --a", {}, "p: error: argument --a: not allowed with argument --b"),
        ([A, B], [], True, "", {"A": "1"}, {"a": True}),
        ([A, B], [], True, "--b x", {"A": "0"}, {"b": "x"}),
        ([A, B], [], True, "", {}, NEED),
        ([A, B], [], True, "", {"A": "0"}, NEED),
        ([A, B], [], True, "", {"A": "maybe"},
         f"p: error: invalid value 'maybe' for '--a' (A): {EXPECTED}\nhint: unset A, or set it to 1 or 0"),
        ([NO_CACHE, B], [], False, "--b x", {"NO_CACHE": "1"},
         ({"cache": True}, "p: warning: ignoring NO_CACHE=1 because '--b' was given")),
        ([NO_CACHE, B], [], True, "", {"NO_CACHE": "1"}, {"cache": False}),
        ([XML, B], [FORMAT], False, "--format text --b x", {"XML": "1"}, {"format": "text", "b": "x"}),
        ([XML, B], [FORMAT], False, "--b x", {"XML": "1"},
         ({"format": None}, "p: warning: ignoring XML=1 because '--b' was given")),
        ([("--xml", {"dest": "format"}), B], [option("format")], False, "--b x", {"FORMAT": "v"},
         {"format": "v"}),
        ([XML, B], [FORMAT], True, "--format text", {},
         "p: error: one of the arguments --xml --b is required (or set XML)"),
        ([A, B], [OTHER_A], False, "--a 1 --b x", {"A": "1"}, {"other": "1", "b": "x"}),
        ([A, B], [OTHER_A], True, "--a 2", {}, "p: error: the following arguments are required: --b"),
        ([A, B, XML], [OTHER_A], True, "--a 2", {"A": "1"},
         "p: error: one of the arguments --b --xml is required (or set XML)"),
        ([A, B, XML], [("--b", {})], True, "--b x", {},
         "p: error: one of the arguments --a --xml is required (or set A or XML)"),
        ([B, ("--c", {})], [], True, "", {}, "p: error: one of the arguments --b --c is required"),
    )

    def test_groups(self):
        for members, others, required, words, environ, expected in self.ROWS:
            parser = build([], environ, conflict_handler="resolve")
            group = parser.add_argument_group("g").add_mutually_exclusive_group(required=required)
            fill(group, members)
            fill(parser, others)
            with self.subTest(members=members, others=others, words=words, environ=environ):
                self.check(parser, words, expected)

    def test_groups_of_parents(self):
        parent = build([], add_help=False)
        fill(parent.add_mutually_exclusive_group(required=True), [self.A, self.B])
        self.check(ArgumentParser(prog="p", parents=[parent], environ={}), "", self.NEED)

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
    # arguments, words, variables, values or pairs of value and source
    ROWS = (
        (TWO, "--x 1 run", {"RUN": "v"}, {"x": ("1", typed("--x")), "command": ("run", typed(None))}),
        (TWO, "--x 1 run", {"RUN": ""}, {"x": ("1", typed("--x"))}),
        (TWO, "run --x 1", {"ROOT": "v"}, {"x": ("1", typed("--x"))}),
        (TWO, "run", {"ROOT": "v"}, {"x": ("v", variable("ROOT", "v"))}),
        (TWO, "run", {"ROOT": "v", "RUN": "w"}, {"x": ("w", variable("RUN", "w"))}),
        (TWO, "run", {}, {"x": ("run", DEFAULT)}),
        (TWO, "other", {"RUN": "w"}, {"x": ("root", DEFAULT)}),
        (TWO, "run", {"Y": "junk"}, {"command": "run"}),
        (THREE, "-v --item a s -v --item b t -v --item c", {}, {"v": 3, "item": ["d", "a", "b", "c"]}),
        (THREE, "-v --item a s t", {}, {"v": (1, typed("-v")), "item": ["d", "a"], "x": "t"}),
        (THREE, "--x 1 s t", {"X": "v"}, {"x": "1"}),
        (THREE, "s --x 2 t", {}, {"x": "2"}),
        (THREE, "--x 1 s --x 2 t --x 3", {}, {"x": "3"}),
        (THREE, "s t", {"X": "v"}, {"x": "v", "v": 0, "item": ["d"]}),
        ([option("item", action="append"), ("s", [ITEM])], "s", {"ITEM": "v"}, {"item": ["v"]}),
        ([option("item", action="append"), ("s", [ITEM])], "s --item a", {"ITEM": "v"}, {"item": ["d", "a"]}),
        ([("s", [("t", [])])], "s", {}, {"command": (None, DEFAULT)}),
        ([("s", [("t", [])])], "s t", {}, {"command": ("t", typed(None))}),
        ([("s", [place("command", nargs="?")])], "s", {}, {"command": (None, DEFAULT)}),
        ([("s", [place("command", nargs="?")])], "s", {"COMMAND": "v"}, {"command": "v"}),
        ([("s", [("--command", {"action": "append"})])], "s --command a", {}, {"command": ["a"]}),
        ([LEVEL, ("s", [LEVEL, DEBUG])], "--level info s --debug", {}, {"level": "DEBUG"}),
        ([LEVEL, ("s", [("t", [DEBUG])])], "--level info s t --debug", {}, {"level": "DEBUG"}),
        ([LEVEL, ("s", [DEBUG])], "--level info s", {}, {"level": "info"}),
    )

    def test_values(self):
        self.check_rows(self.ROWS)

    N, M = option("n", type=int), option("m", type=int)
    BAD_N = "error: invalid value 'x' for '--n' (N): invalid int value: 'x'\nhint: unset N, or pass --n"
    BAD_M = "error: invalid value 'x' for '--m' (M): invalid int value: 'x'\nhint: unset M, or pass --m"
    NEED = option("need", required=True)
    NO_NEED = "error: the following arguments are required: --need (or set NEED)"
    # arguments, words, variables, the usage and the error
    REPORTS = (
        ([N, ("s", [])], "s", {"N": "x"}, f"usage: p [-h] [--n N] {{s}} ...\np: {BAD_N}"),
        ([N, ("s", [("t", [])])], "s t", {"N": "x"}, f"usage: p [-h] [--n N] {{s}} ...\np: {BAD_N}"),
        ([("s", [N, ("t", [])])], "s t", {"N": "x"}, f"usage: p s [-h] [--n N] {{t}} ...\np s: {BAD_N}"),
        ([M, ("s", [N])], "s", {"M": "x", "N": "x"}, f"usage: p s [-h] [--n N]\np s: {BAD_N}\np s: {BAD_M}"),
        ([NEED, ("s", [N])], "s", {"N": "x"}, f"usage: p s [-h] [--n N]\np s: {BAD_N}\np s: {NO_NEED}"),
        ([NEED, ("s", [N])], "s", {}, f"usage: p [-h] [--need NEED] {{s}} ...\np: {NO_NEED}"),
        ([N, ("s", [NEED])], "s", {"N": "x"}, f"usage: p [-h] [--n N] {{s}} ...\np: {BAD_N}\np: {NO_NEED}"),
        ([option("x", required=True), ("s", [NEED])], "s", {},
         f"usage: p s [-h] [--need NEED]\np s: {NO_NEED}\n"
         "p s: error: the following arguments are required: --x (or set X)"),
        ([("s", []), ("t", [N])], "t", {"N": "x"}, f"usage: p t [-h] [--n N]\np t: {BAD_N}"),
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
        (COLOR, [SUB], {"COLOR": "x"}, "sub"),
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

    def test_also_where_the_line_fails(self):
        error = self.error(sync({"S_REFERSH": "0"}), "--nothing")
        self.assertEqual(error.count("did you mean S_REFRESH?"), 1)

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
        words = [sys.executable, "-B", "-c", code]
        folder = os.path.dirname(uvflags.__file__)
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
        self.assertEqual((done.stdout, done.stderr), ("[]\n", ""))

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

    def test_a_copied_parser(self):
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

    def test_suppressed_defaults(self):
        parser = build([option("x"), option("y")], {"Y": "1"}, argument_default=SUPPRESS)
        self.assertEqual(vars(parser.parse_args([])), {"y": "1"})

    def test_closed_and_full_streams(self):
        for stream in (None, open(os.devnull)):  # noqa: SIM115
            with mock.patch.object(sys, "stderr", stream), self.assertRaises(SystemExit) as stop:
                with contextlib.redirect_stdout(io.StringIO()):
                    sync().parse_args(["--nothing"])
            self.assertEqual(stop.exception.code, 2)
        stream.close()
        with mock.patch("argparse.ArgumentParser._print_message", side_effect=OSError):
            with self.assertRaises(SystemExit) as stop:  # as before Python 3.12
                sync().parse_args(["--nothing"])
            self.assertEqual(stop.exception.code, 2)

    def test_threads_share_a_parser(self):
        parser, failures = sync({}), []

        def parse(number):
            for i in range(250):
                jobs = number * 1000 + i
                args = parser.parse_args(["--jobs", str(jobs), *(["--offline"] if i % 2 else ["-r"])])
                found = (args.jobs, args.offline is True, args.source_of("jobs"))
                if found != (jobs, i % 2 == 1, typed("--jobs")):
                    failures.append(found)

        threads = [threading.Thread(target=parse, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

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
needs_sh = unittest.skipUnless(shutil.which("sh"), "there is no sh")
needs_uv = unittest.skipUnless(REAL_UV, "UVFLAGS_TEST_UV names no folder with real uvs")
WORKS = ["python", "-c", "print('ran')"]

# A stand-in for uv that prints what it got, as `sh` can do: no Python starts for it.
RECORDING_UV = """#!/bin/sh
printf '%s\\0' "$$" "$#" "$@"
env -0
"""


def setUpModule():
    """Make a folder with a recording uv, one with the tools of a command, and one for the rest."""
    global FOLDER, RECORDING, TOOLS
    plain = mock.patch.dict(os.environ, {"NO_COLOR": "1", "COLUMNS": "80"})  # for what runs in this process
    plain.start()
    unittest.addModuleCleanup(plain.stop)
    for name in ("FORCE_COLOR", "PYTHON_COLORS"):
        os.environ.pop(name, None)
    FOLDER = tempfile.mkdtemp(prefix="uvflags-")
    RECORDING, TOOLS = os.path.join(FOLDER, "recording"), os.path.join(FOLDER, "tools")
    os.mkdir(RECORDING)
    os.mkdir(TOOLS)
    script(os.path.join(RECORDING, "uv"), RECORDING_UV)
    for tool in ("sh", "env", "mkdir", "rmdir"):
        if shutil.which(tool):
            script(os.path.join(TOOLS, tool), f'#!/bin/sh\nexec {shutil.which(tool)} "$@"\n')
    script(os.path.join(TOOLS, "python"), f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    script(os.path.join(RECORDING, "env"), f'#!/bin/sh\nexec {shutil.which("env")} "$@"\n')


def tearDownModule():
    shutil.rmtree(FOLDER)


def script(path, text, mode=0o755):
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, mode)
    return path


def clean(environ=None, path=None):
    """Return an environment with what a process needs, and what the test wants."""
    base = {"PATH": path or TOOLS, "HOME": FOLDER, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "100"}
    return {**base, **(environ or {})}


def real(version):
    return {"UV": os.path.join(REAL_UV, f"uv-{version}", "bin", "uv"), "UV_PYTHON_DOWNLOADS": "never"}


def start(words, environ=None, *, path=None, program=(UVFLAGS,), **keywords):
    """Start `python uvflags.py WORDS` as a person does."""
    keywords = {"cwd": FOLDER, "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, **keywords}
    return subprocess.run(
        [sys.executable, *program, *words], env=clean(environ, path), stderr=subprocess.PIPE,
        encoding="utf-8", errors="surrogateescape", check=False, **keywords,
    )


def recorded(done):
    """Return what the recording uv got: its process, its words, its environment."""
    pid, count, *rest = done.stdout.split("\0")
    words, environ = rest[: int(count)], dict(line.split("=", 1) for line in rest[int(count) : -1])
    return int(pid), words, environ


class Handed(Exception):
    """Stop where a process would be replaced."""


class Outcome:
    """Run `main` in this process: its status, its output, and what it would have become."""

    def __init__(self, words, environ=None, *, path=None, out=None, really=False):
        out, err = out or io.StringIO(), io.StringIO()
        self.path = self.argv = self.environ = self.status = None
        environ = clean(environ, path or RECORDING)
        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch.dict(os.environ, environ, clear=True))
            stack.enter_context(mock.patch.object(sys, "argv", ["uvflags.py"]))
            if not really:
                stack.enter_context(mock.patch("os.execve", side_effect=self.hand))
            stack.enter_context(mock.patch("signal.signal"))
            stack.enter_context(contextlib.redirect_stdout(out))
            stack.enter_context(contextlib.redirect_stderr(err))
            with contextlib.suppress(Handed):
                self.status = uvflags.main(words)
        self.err = err.getvalue()
        if isinstance(out, io.StringIO):
            self.out = out.getvalue()

    def hand(self, path, argv, environ):
        self.path, self.argv, self.environ = path, argv, environ
        raise Handed


def explained(words, environ=None, *, path=None):
    """Return the object that `explain --json` prints."""
    return json.loads(Outcome(["explain", "--json", *words], environ, path=path).out)


def options_of(subcommand):
    """Return the options of a subcommand that set something, as argparse has them."""
    parser = uvflags._subcommand_parser("uvflags", subcommand)
    return [action for action in parser._actions if action.dest not in ("help", "command")]


def words_of(action, value="v"):
    """Return the words of an option."""
    option = uvflags._main_spelling(action)
    return [option] if action.nargs == 0 else [option, value]


class Options(unittest.TestCase):
    def test_help_texts(self):
        for subcommand in ("run", "sync", "lock"):
            helps = [a.help for a in options_of(subcommand) if a.help is not argparse.SUPPRESS]
            texts = [text.split(" (env")[0] for text in helps]
            self.assertTrue(all(texts))
            self.assertEqual(len(texts), len(set(texts)))

    # the words behind `run`, the options that are read from them, the command
    SHAPES = (
        ("-qw requests pytest -x", {"quiet": 1, "with": ["requests"]}, "pytest -x"),
        ("-wrequests python", {"with": ["requests"]}, "python"),
        ("-w=requests python", {"with": ["requests"]}, "python"),
        ("--with=requests pytest --refresh", {"with": ["requests"]}, "pytest --refresh"),
        ("--with=-x python", {"with": ["-x"]}, "python"),
        ("--with - python", {"with": ["-"]}, "python"),
        ("-- python -c x", {}, "python -c x"),
        ("-- -- x", {}, "-- x"),
        ("-m pytest -k foo", {"module": True}, "pytest -k foo"),
        ("-np3.11 -vv x", {"no_cache": True, "python": "3.11", "verbose": 2}, "x"),
        ("-np=3.11 x", {"no_cache": True, "python": "3.11"}, "x"),
        ("-p=3.11 x", {"python": "3.11"}, "x"),
        ("-p= x", {"python": ""}, "x"),
        ("--group cmd", {"group": ["cmd"]}, ""),
        ("- a", {}, "- a"),
        ("script.py a b", {}, "script.py a b"),
        ("", {}, ""),
        ("--", {}, ""),
        ("x @file", {}, "x @file"),
        ("-1 x", {}, "-1 x"),
        ("--refresh-package a --no-refresh --refresh-package b x",
         {"refresh_package": ["a", "b"], "refresh": False}, "x"),
        ("--no-refresh --refresh-package a --refresh x", {"refresh": True, "refresh_package": ["a"]}, "x"),
        ("--no-dev --dev x", {"dev": True}, "x"),
        ("--dev --no-dev x", {"no_dev": True}, "x"),
        ("--system-certs --no-native-tls x", {"system_certs": False}, "x"),
        ("--no_workspace --no-exact x", {"no_project": True, "exact": False}, "x"),
    )

    def test_shapes_of_options(self):
        for words, options, command in self.SHAPES:
            with self.subTest(words=words):
                outcome = Outcome(["run", *words.split()])
                self.assertEqual(outcome.argv, ["uv", "run", *words.split()], outcome.err)
                data = explained(["run", *words.split()])
                self.assertEqual(data["command"], command.split())
                values = {dest: option["value"] for dest, option in data["options"].items()}
                self.assertEqual(values, options)

    # words, the program's name in the error, the error; in a cluster, Pythons differ
    ERRORS = (
        ("run --offline=1 x", "uvflags.py run", "argument --offline: ignored explicit argument '1'\n"),
        ("run --offline= x", "uvflags.py run", "argument --offline: ignored explicit argument ''\n"),
        ("run --module=x", "uvflags.py run", "argument -m/--module: ignored explicit argument 'x'\n"),
        ("run -q=1 x", "uvflags.py run", "argument -q/--quiet: ignored explicit argument '1'\n"),
        ("run -mx", "uvflags.py run", "argument"), ("run -qZ x", "uvflags.py run", "argument"),
        ("-qZ run x", "uvflags.py", "argument"), ("--offline= run x", "uvflags.py", "--offline: ignored"),
        ("run --python", "uvflags.py run", "argument -p/--python: expected one argument\n"),
        ("run --with -x y", "uvflags.py run", "argument -w/--with: expected one argument\n"),
        ("run -qp -- y", "uvflags.py run", "argument -p/--python: expected one argument\n"),
        ("sync x", "uvflags.py sync", "unexpected argument 'x': sync takes only options\n"),
        ("lock -- x", "uvflags.py lock", "unexpected argument 'x': lock takes only options\n"),
        ("sync -U requests", "uvflags.py sync",
         "unexpected argument 'requests': sync takes only options\nhint: pass --upgrade-package requests\n"),
        ("--offline", "uvflags.py", "a subcommand is missing: run, sync, lock or explain\n"),
        ("", "uvflags.py", "a subcommand is missing: run, sync, lock or explain\n"),
        ("explain", "uvflags.py", "a subcommand is missing: run, sync, lock or explain\n"),
    )

    def test_words_that_uv_would_not_take(self):
        for words, prog, message in self.ERRORS:
            with self.subTest(words=words):
                outcome = Outcome(words.split(" ") if words else [])
                self.assertEqual((outcome.status, outcome.out), (2, ""))
                self.assertIn(message, outcome.err)
                name = re.match(r"usage: (.*?) \[.*\n(.*): error: ", outcome.err)
                self.assertTrue(name.group(1) == name.group(2) and name.group(1).startswith(prog))

    # words, a part of what is printed
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
        environ = {"UV_OFFLINE": "junk", "UV_INDEX_URL": "http://u:SECRET@h", "UV_PYTHON": "100%"}
        for words, part in self.HELP:
            with self.subTest(words=words):
                outcome = Outcome(words.split(), environ)
                self.assertEqual((outcome.status, outcome.err), (0, ""))
                self.assertIn(part, outcome.out)
                self.assertNotIn("SECRET", outcome.out)

    def test_help_fits_the_terminal(self):
        for subcommand, columns in itertools.product(("run", "sync", "lock"), (80, 120)):
            text = Outcome([subcommand, "--help"], {"COLUMNS": str(columns)}).out
            self.assertLessEqual(max(map(len, text.splitlines())), columns - 2)
            headings = re.findall(r"^(\w.*):$", text, re.MULTILINE)
            self.assertEqual(len(headings), len(set(headings)))
            for action in options_of(subcommand):
                shown = re.search(rf"^  .*{action.option_strings[0]}\b(?!-)", text, re.MULTILINE)
                if action.help is argparse.SUPPRESS:
                    self.assertNotIn(f"  {action.option_strings[0]} ", text)
                else:
                    self.assertIsNotNone(shown, action.option_strings)


# words, variables, and what comes of it: the words that uv gets besides those typed, or the error
REPORT = (
    ("", {"UV_OFFLINE": "0", "UV_REFRESH": "1"}, ["--refresh", "--no-offline"]),
    (
        "", {"UV_OFFLINE": "1", "UV_REFRESH": "1"},
        "the argument '--offline' (UV_OFFLINE=1) cannot be used with '--refresh' (UV_REFRESH=1)\n"
        "hint: unset UV_OFFLINE, set it to 0, or pass --no-offline\n"
        "hint: unset UV_REFRESH or set it to 0\n",
    ),
    ("--refresh", {"UV_OFFLINE": "0"}, ["--no-offline"]),
    (
        "--refresh", {"UV_OFFLINE": "1"},
        "the argument '--refresh' cannot be used with '--offline' (UV_OFFLINE=1)\n"
        "hint: unset UV_OFFLINE, set it to 0, or pass --no-offline\n",
    ),
    (
        "", {"UV_OFFLINE": "", "UV_REFRESH": ""},
        f"invalid value '' for '--refresh' (UV_REFRESH): {EXPECTED}\n"
        "hint: unset UV_REFRESH, or set it to 1 or 0\n"
        f"uvflags.py run: error: invalid value '' for '--offline' (UV_OFFLINE): {EXPECTED}\n"
        "hint: unset UV_OFFLINE, or set it to 1 or 0\n",
    ),
    (
        "", {"UV_OFFLINE": "hello", "UV_REFRESH": "world"},
        f"invalid value 'world' for '--refresh' (UV_REFRESH): {EXPECTED}\n"
        "hint: unset UV_REFRESH, or set it to 1 or 0\n"
        f"uvflags.py run: error: invalid value 'hello' for '--offline' (UV_OFFLINE): {EXPECTED}\n"
        "hint: unset UV_OFFLINE, or set it to 1 or 0\n",
    ),
    (
        "--offline --refresh", {},
        "the argument '--offline' cannot be used with '--refresh'\nhint: drop --offline or --refresh\n",
    ),
    ("--no-offline --refresh", {"UV_OFFLINE": "1"}, []),
    ("--package x", {"UV_NO_PROJECT": "0"}, []),
    ("--build", {"UV_NO_BUILD": "0"}, []),
    ("--binary", {"UV_NO_BINARY": "0"}, []),
    ("--build-isolation", {"UV_NO_BUILD_ISOLATION": "0"}, []),
    ("--no-compile-bytecode", {"UV_COMPILE_BYTECODE": "0"}, []),
    ("--frozen", {"UV_NO_SOURCES": "0"}, []),
    ("--locked", {"UV_FROZEN": "0"}, []),
)


class WhyItExists(unittest.TestCase):
    """Run the lines of the report as processes, without uv, with one that records, and with uv."""

    def rejects(self, done, error):
        usage = "usage: uvflags.py run [OPTIONS] [COMMAND [ARGS...]]\n"
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(done.stderr, f"{usage}uvflags.py run: error: {error}")

    def test_without_uv(self):
        for words, environ, expected in REPORT:
            done = start(["run", *words.split(), *WORKS], environ)
            with self.subTest(words=words, environ=environ):
                if isinstance(expected, str):
                    self.rejects(done, expected)
                elif words not in ("--package x", "--locked"):
                    self.assertEqual((done.returncode, done.stdout), (0, "ran\n"))
                    self.assertEqual(done.stderr, WithoutUv.NOTE + WithoutUv.MORE)
                else:
                    option = words.split()[0]
                    error = f"the argument '{option}' needs uv, which was not found\n"
                    self.rejects(done, f"{error}hint: install uv, or drop {option}\n")

    @needs_sh
    def test_with_a_recording_uv(self):
        for words, environ, expected in REPORT:
            done = start(["run", *words.split(), *WORKS], environ, path=RECORDING)
            with self.subTest(words=words, environ=environ):
                if isinstance(expected, str):
                    self.rejects(done, expected)
                else:
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                    self.assertEqual(recorded(done)[1], ["run", *expected, *words.split(), *WORKS])

    @needs_uv
    def test_with_the_real_uv(self):
        for version, (words, environ, expected) in itertools.product(VERSIONS, REPORT):
            done = start(["run", *words.split(), *WORKS], {**environ, **real(version)})
            with self.subTest(version=version, words=words, environ=environ):
                if isinstance(expected, str):
                    self.rejects(done, expected)
                elif "--package" in words:  # uv says this after it has checked conflicts
                    self.assertIn("No `pyproject.toml` found", done.stderr)
                else:
                    self.assertEqual((done.returncode, done.stdout), (0, "ran\n"), done.stderr)

    def test_copied_alone_elsewhere(self):
        with tempfile.TemporaryDirectory() as folder:
            copied = shutil.copy(UVFLAGS, folder)
            done = start(["run", "--refresh", *WORKS], program=[copied], cwd=folder)
            self.assertEqual((done.returncode, done.stdout), (0, "ran\n"))
            self.assertEqual(os.listdir(folder), ["uvflags.py"])


class HandOver(unittest.TestCase):
    # words, variables, the words that uv gets, the variables that it does not get
    ROWS = (
        ("run x", {}, "run x", ""),
        ("run x", {"UV_OFFLINE": "1", "UV_FROZEN": "no", "UV_PYTHON": "3.11", "OTHER": "x"}, "run x", ""),
        ("run x", {"UV_REFRESH": "1"}, "run --refresh x", ""),
        ("run --refresh x", {"UV_REFRESH": "1"}, "run --refresh x", ""),
        ("run --no-refresh x", {"UV_REFRESH": "1"}, "run --no-refresh x", "UV_REFRESH"),
        ("run --no-refresh x", {"UV_REFRESH": "0"}, "run --no-refresh x", "UV_REFRESH"),
        ("run x", {"UV_REFRESH": "0"}, "run x", ""),
        ("run x", {"UV_REFRESH": "0", "UV_OFFLINE": "0"}, "run --no-offline x", "UV_REFRESH UV_OFFLINE"),
        ("run --refresh-package a x", {"UV_OFFLINE": "F"},
         "run --no-offline --refresh-package a x", "UV_OFFLINE"),
        ("run --refresh x", {"UV_OFFLINE": "0"}, "run --no-offline --refresh x", "UV_OFFLINE"),
        ("run --refresh --no-offline x", {"UV_OFFLINE": "0"}, "run --refresh --no-offline x", "UV_OFFLINE"),
        ("run --offline x", {"UV_OFFLINE": "1"}, "run --offline x", ""),
        ("run --offline x", {"UV_OFFLINE": "0"}, "run --offline x", "UV_OFFLINE"),
        ("run --offline x", {"UV_OFFLINE": "junk"}, "run --offline x", "UV_OFFLINE"),
        ("--no-offline run x", {"UV_OFFLINE": "1"}, "--no-offline run x", "UV_OFFLINE"),
        ("--offline run --no-offline x", {}, "--offline run --no-offline x", ""),
        ("-qn --color never --offline run -n x", {}, "-qn --color never --offline run -n x", ""),
        ("--trusted-host a --color=never run --allow-insecure-host b x", {},
         "--trusted-host a --color=never run --allow-insecure-host b x", ""),
        ("run --dev --no-dev x", {}, "run --dev --no-dev x", ""),
        ("--managed-python --no-managed-python run x", {}, "--managed-python --no-managed-python run x", ""),
        ("--managed-python run --no-managed-python x", {}, "--managed-python run --no-managed-python x", ""),
        ("run --refresh --no-refresh x", {"UV_OFFLINE": "1"}, "run --refresh --no-refresh x", ""),
        ("run --offline --no-refresh --refresh-package a x", {},
         "run --offline --no-refresh --refresh-package a x", ""),
        ("run --no-refresh x", {"UV_OFFLINE": "1", "UV_REFRESH": "1"}, "run --no-refresh x", "UV_REFRESH"),
        ("run --no-refresh x", {"UV_OFFLINE": "1"}, "run --no-refresh x", ""),
        ("run --no-refresh --refresh-package a x", {"UV_OFFLINE": "1", "UV_REFRESH": "1"},
         "run --no-refresh --refresh-package a x", "UV_REFRESH"),
        ("run --build x", {"UV_NO_BUILD": "1"}, "run --build x", "UV_NO_BUILD"),
        ("run --build x", {"UV_NO_BUILD": "0"}, "run --build x", "UV_NO_BUILD"),
        ("run --no-build x", {"UV_NO_BUILD": "1"}, "run --no-build x", ""),
        ("run --no-build x", {"UV_NO_BUILD": "0"}, "run --no-build x", "UV_NO_BUILD"),
        ("run --locked x", {"UV_FROZEN": "1"}, "run --locked x", "UV_FROZEN"),
        ("run --locked x", {"UV_FROZEN": "0"}, "run --locked x", "UV_FROZEN"),
        ("run --locked x", {"UV_LOCKED": "hello"}, "run --locked x", "UV_LOCKED"),
        ("run x", {"UV_LOCKED": "0", "UV_FROZEN": "0"}, "run x", "UV_LOCKED UV_FROZEN"),
        ("run x", {"UV_LOCKED": "1", "UV_FROZEN": "0"}, "run x", "UV_FROZEN"),
        ("run --no-locked x", {"UV_LOCKED": "1"}, "run --no-locked x", "UV_LOCKED"),
        ("run --no-frozen --upgrade x", {"UV_FROZEN": "1"}, "run --no-frozen --upgrade x", "UV_FROZEN"),
        ("run --frozen --no-frozen x", {}, "run --frozen --no-frozen x", ""),
        ("lock --check --no-locked", {}, "lock --check --no-locked", ""),
        ("run x", {"UV_FROZEN": "1", "UV_NO_SOURCES": "1", "UV_NO_BUILD": "0"}, "run x", ""),
        ("run --frozen x", {"UV_NO_SOURCES": "1"}, "run --frozen x", "UV_NO_SOURCES"),
        ("run --no-sources x", {"UV_FROZEN": "1"}, "run --no-sources x", ""),
        ("lock --frozen", {"UV_NO_SOURCES": "1"}, "lock --frozen", ""),
        ("run --frozen x", {"UV_NO_SOURCES": "0"}, "run --frozen x", "UV_NO_SOURCES"),
        ("run --package a x", {"UV_NO_PROJECT": "1"}, "run --package a x", "UV_NO_PROJECT"),
        ("run --only-dev x", {"UV_NO_DEV": "1"}, "run --only-dev x", "UV_NO_DEV"),
        ("run --only-dev x", {"UV_NO_DEV": "0"}, "run --only-dev x", "UV_NO_DEV"),
        ("run --only-group g x", {"UV_DEV": "1"}, "run --only-group g x", "UV_DEV"),
        ("run --dev x", {"UV_NO_DEV": "1"}, "run --dev x", "UV_NO_DEV"),
        ("run --no-dev x", {"UV_DEV": "0"}, "run --no-dev x", "UV_DEV"),
        ("run x", {"UV_DEV": "1", "UV_NO_DEV": "0"}, "run x", "UV_NO_DEV"),
        ("run --managed-python x", {"UV_PYTHON_PREFERENCE": "system"}, "run --managed-python x",
         "UV_PYTHON_PREFERENCE"),
        ("run --python-preference system x", {"UV_NO_MANAGED_PYTHON": "1"},
         "run --python-preference system x", "UV_NO_MANAGED_PYTHON"),
        ("run x", {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "yes"}, "run x", ""),
        ("run x", {"UV_SYSTEM_CERTS": "0", "UV_NATIVE_TLS": "1"}, "run x", "UV_NATIVE_TLS"),
        ("run x", {"UV_SYSTEM_CERTS": "0", "UV_NATIVE_TLS": "junk"}, "run x", "UV_NATIVE_TLS"),
        ("run --no-system-certs x", {"UV_NATIVE_TLS": "1"}, "run --no-system-certs x", "UV_NATIVE_TLS"),
        ("run x", {"UV_INDEX_STRATEGY": "", "UV_WORKING_DIRECTORY": "", "UV_NO_GROUP": " "}, "run x",
         "UV_NO_GROUP UV_INDEX_STRATEGY UV_WORKING_DIRECTORY"),
        ("run", {}, "run", ""),
        ("sync", {"UV_NO_SYNC": "", "UV_ENV_FILE": ""}, "sync", "UV_NO_SYNC UV_ENV_FILE"),
        ("lock", {"UV_ISOLATED": "", "UV_DEV": "", "UV_ONLY": ""}, "lock", "UV_ISOLATED UV_DEV"),
        ("sync", {"UV_REFRESH": "1", "UV_OFFLINE": "0"}, "sync --refresh --no-offline", "UV_OFFLINE"),
        ("sync --script s", {"UV_NO_DEV": "1"}, "sync --script s", ""),
        ("sync --script s", {"UV_NO_DEV": "0"}, "sync --script s", "UV_NO_DEV"),
        ("sync --script s", {"UV_NO_DEFAULT_GROUPS": "1"}, "sync --script s", "UV_NO_DEFAULT_GROUPS"),
        ("lock --check-exists", {"UV_LOCKED": "1"}, "lock --check-exists", "UV_LOCKED"),
        ("lock --dry-run", {"UV_LOCKED": "1"}, "lock --dry-run", ""),
        ("lock --no-sources", {"UV_FROZEN": "1"}, "lock --no-sources", ""),
    )

    def test_words_and_environment(self):
        for words, environ, expected, removed in self.ROWS:
            with self.subTest(words=words, environ=environ):
                outcome = Outcome(words.split(), environ)
                self.assertEqual(outcome.argv, ["uv", *expected.split()], outcome.err)
                self.assertEqual(outcome.path, os.path.join(RECORDING, "uv"))
                given = clean({**environ, "UVFLAGS_HAND_OVERS": "1"}, RECORDING)
                left = {n: text for n, text in given.items() if n not in removed.split()}
                self.assertEqual(outcome.environ, left)

    @needs_sh
    def test_a_process_gets_the_same_and_explain_tells_it(self):
        for words, environ, expected, removed in self.ROWS:
            with self.subTest(words=words, environ=environ):
                done = start(words.split(), environ, path=RECORDING)
                _, argv, got = recorded(done)
                self.assertEqual(argv, expected.split())
                self.assertEqual({n for n in environ if n not in got}, set(removed.split()))
                data = explained(words.split(), environ)
                self.assertEqual((data["starts"], data["errors"]), (["uv", *argv], []))
                self.assertEqual(set(data["removed"]), set(removed.split()))
                self.assertEqual(data["uv"], os.path.join(RECORDING, "uv"))

    def test_a_secret_is_passed_on(self):
        words = ["run", "--index", "http://u:p@h", "x"]
        self.assertEqual(Outcome(words).argv, ["uv", *words])

    def test_what_is_ignored_is_said_once(self):
        outcome = Outcome(["run", "--locked", "x"], {"UV_FROZEN": "1"})
        warning = "uvflags.py run: warning: ignoring UV_FROZEN=1 because '--locked' was given\n"
        self.assertEqual(outcome.err, warning)

    def test_false_variables_conflict_with_nothing(self):
        for subcommand in ("run", "sync", "lock"):
            actions = options_of(subcommand)
            names = [n for a in actions if a.nargs == 0 for n in uvflags._variables(a).names]
            self.assertGreater(len(names), 17)
            command = ["cmd"] if subcommand == "run" else []
            for action, spelling in itertools.product(actions, FALSE):
                outcome = Outcome([subcommand, *words_of(action), *command], dict.fromkeys(names, spelling))
                self.assertEqual((outcome.status, outcome.err), (None, ""), (words_of(action), spelling))

    @unittest.skipIf(os.name == "nt", "bytes are no words there")
    @needs_sh
    def test_every_byte_of_the_command_arrives(self):
        words = [b"", b"--", b"-x", b"--refresh", b"\xff\xfe\x80", b"@f", b"%s", b"a b\n", b"\xc3\xa9", b"-"]
        for options in (b"", b"--", b"-qw requests", b"--with=requests", b"-m", b"-np3.11"):
            argv = [sys.executable, UVFLAGS, b"run", *options.split(), b"cmd", *words]
            done = subprocess.run(argv, env=clean({}, RECORDING), stdout=subprocess.PIPE, check=True)
            got = done.stdout.split(b"\0")
            self.assertEqual(got[2 : 2 + int(got[1])], [b"run", *options.split(), b"cmd", *words])

    @needs_sh
    def test_uv_is_the_process_that_was_started(self):
        argv = [sys.executable, UVFLAGS, "run", "x"]
        with subprocess.Popen(argv, env=clean({}, RECORDING), stdout=subprocess.PIPE) as process:
            out = process.communicate()[0]
        self.assertEqual(int(out.split(b"\0")[0]), process.pid)

    def folder_with_uv(self, text, mode=0o755, name="uv"):
        folder = tempfile.mkdtemp(dir=FOLDER)
        script(os.path.join(folder, name), text, mode)
        return folder

    @needs_sh
    def test_status_and_signals_are_the_commands(self):
        for code, status in (
            ("exit 0", 0), ("exit 3", 3), ("kill -TERM $$", -signal.SIGTERM),
            ("kill -PIPE $$", -signal.SIGPIPE),
        ):
            with self.subTest(code=code):
                self.assertEqual(start(["run", "sh", "-c", code]).returncode, status)
                uv = self.folder_with_uv(f"#!/bin/sh\n{code}\n")
                self.assertEqual(start(["run", "x"], path=uv).returncode, status)

    @needs_sh
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

    def test_a_uv_that_cannot_be_executed_is_none(self):
        folder = tempfile.mkdtemp(dir=FOLDER)
        os.mkdir(os.path.join(folder, "uv"))
        for path in (self.folder_with_uv("x", 0o644), folder, os.path.join(FOLDER, "none"), os.pathsep):
            with self.subTest(path=path):
                outcome = Outcome(["run", sys.executable], path=path)
                self.assertEqual((outcome.argv, outcome.err), ([sys.executable], WithoutUv.NOTE + WithoutUv.MORE))

    @needs_sh
    def test_a_uv_that_leads_back_here_ends_in_an_error(self):
        for text in ('exec "{0}" "{1}" "$@"', '"{0}" "{1}" "$@"'):
            uv = self.folder_with_uv("#!/bin/sh\n" + text.format(sys.executable, UVFLAGS) + "\n")
            with self.subTest(text=text):
                done = start(["run", "x"], path=uv, timeout=60)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                hint = "hint: put uv itself first on PATH, or name it in UV\n"
                self.assertIn(f"error: {uv}/uv leads back to uvflags\n{hint}", done.stderr)

    # what the count holds, uv's own count, and what is handed over
    COUNTS = (
        ("", "", "1"), ("junk", "", "1"), ("0", "", "1"), ("7", "", "8"), ("19", "", "20"), ("-5", "", "1"),
        ("7 3", "3", "8 3"), ("20 3", "4", "1 4"), ("20", "1", "1 1"), ("20 1", "", "1"), ("7 3 3", "3", "1 3"),
    )

    def test_hand_overs_are_counted(self):
        for text, depth, count in self.COUNTS:
            environ = {"UVFLAGS_HAND_OVERS": text, "UV_RUN_RECURSION_DEPTH": depth}
            with self.subTest(text=text, depth=depth):
                self.assertEqual(Outcome(["run", "x"], environ).environ["UVFLAGS_HAND_OVERS"], count)
                self.assertEqual(Outcome(["add", "x"], environ).environ["UVFLAGS_HAND_OVERS"], count)
        for text in ("20", "9" * 5000):
            for words in (["run", "x"], ["add", "x"], ["run", "--newer", "x"]):
                self.assertIn("leads back", Outcome(words, {"UVFLAGS_HAND_OVERS": text}).err)
        without_uv = {"UVFLAGS_HAND_OVERS": "100"}
        self.assertIn("leads back", Outcome(["run", "python"], without_uv, path=TOOLS).err)
        without_uv = {"UVFLAGS_HAND_OVERS": "99"}
        self.assertEqual(Outcome(["run", "python"], without_uv, path=TOOLS).argv, ["python"])

    @needs_uv
    def test_tools_that_drop_variables_are_no_loop(self):
        words = ["run", "--no-project", "env", "-u", "UV_RUN_RECURSION_DEPTH", sys.executable, UVFLAGS]
        for version in VERSIONS:
            done = start([*words, *words, "run", "--no-project", "sh", "-c", "echo ran"], real(version))
            self.assertEqual((done.returncode, done.stdout), (0, "ran\n"), done.stderr)

    def test_windows(self):
        folder = tempfile.mkdtemp(dir=FOLDER)
        for name in ("uv", "uv.cmd", "none", "tool.exe"):
            script(os.path.join(folder, name), "x")
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

    def test_the_program_is_named_as_it_was_started(self):
        for program, name in (([UVFLAGS], "uvflags.py"), (["-m", "uvflags"], "python -m uvflags")):
            done = start(["run", "-p"], program=program, cwd=HERE)
            self.assertIn(f"\n{name} run: error: argument -p", done.stderr)
        folder = tempfile.mkdtemp(dir=FOLDER)
        shutil.copy(UVFLAGS, folder)
        archive = os.path.join(FOLDER, "app.pyz")
        zipapp.create_archive(folder, archive, main="uvflags:main")
        for program, name in (([archive], "app.pyz"), (["-m", "cProfile", UVFLAGS], "uvflags.py")):
            self.assertIn(f"\n{name} run: error: argument -p", start(["run", "-p"], program=program).stderr)
        code = "import sys, uvflags; sys.argv = ['/x/uvflags', 'lock', '-p']; sys.exit(uvflags.main())"
        done = start([], program=["-c", code], cwd=HERE)
        self.assertEqual((done.returncode, done.stderr[:27]), (2, "usage: uvflags lock [OPTION"))
        for run, start_of_usage in (
            (lambda: runpy.run_path(UVFLAGS, run_name="__main__"), "usage: uvflags.py ["),
            (lambda: runpy.run_module("uvflags", run_name="__main__"), "usage: python -m uvflags ["),
        ):
            interrupted = mock.patch("signal.getsignal", return_value=signal.default_int_handler)
            with mock.patch.object(sys, "argv", [UVFLAGS, "--help"]), interrupted, mock.patch("signal.signal") as handle:
                with contextlib.redirect_stdout(io.StringIO()) as out, self.assertRaises(SystemExit):
                    run()
            handle.assert_called_once_with(signal.SIGINT, signal.SIG_DFL)
            ignored = mock.patch("signal.getsignal", return_value=signal.SIG_IGN)  # as of a job in the background
            with mock.patch.object(sys, "argv", [UVFLAGS, "-V"]), ignored, mock.patch("signal.signal") as handle:
                with contextlib.redirect_stdout(io.StringIO()), self.assertRaises(SystemExit):
                    run()
            handle.assert_not_called()
            self.assertEqual(out.getvalue()[: len(start_of_usage)], start_of_usage)


# For each row of the conflict table: the subcommand, the sides as words and as variables, the policy.
ALWAYS, WINS, TYPED = "always", "command line wins", "typed only"
YIELDS, STAYS = "variable yields", "variable stays"
THREE = f"{TYPED} and {YIELDS} and {STAYS}"
POLICIES = (
    ("run sync lock", "--offline", "UV_OFFLINE=1", "--refresh", "UV_REFRESH=1", ALWAYS),
    ("run sync lock", "--offline", "UV_OFFLINE=1", "--refresh-package v", "", ALWAYS),
    ("run sync lock", "--upgrade", "", "--locked", "UV_LOCKED=1", ALWAYS),
    ("run sync lock", "--upgrade", "", "--frozen", "UV_FROZEN=1", ALWAYS),
    ("run sync lock", "--locked", "UV_LOCKED=1", "--frozen", "UV_FROZEN=1", WINS),
    ("run sync lock", "--upgrade-package v", "", "--frozen", "UV_FROZEN=1", ALWAYS),
    ("run sync lock", "--upgrade-group v", "", "--frozen", "UV_FROZEN=1", ALWAYS),
    ("run sync lock", "--cache-dir v", "UV_CACHE_DIR=v", "--no-cache", "UV_NO_CACHE=1", YIELDS),
    ("run", "--env-file v", "UV_ENV_FILE=v", "--no-env-file", "UV_NO_ENV_FILE=1", YIELDS),
    ("run", "--locked", "UV_LOCKED=1", "--no-sync", "UV_NO_SYNC=1", YIELDS),
    ("run", "--active", "", "--isolated", "UV_ISOLATED=1", YIELDS),
    *(("run", words, "", "--no-project", "UV_NO_PROJECT=1", YIELDS) for words in ("--active", "--all-packages")),
    ("run", "--project v", "UV_PROJECT=v", "--no-project", "UV_NO_PROJECT=1", YIELDS),
    ("run sync lock", "--no-config", "UV_NO_CONFIG=1", "--config-file v", "UV_CONFIG_FILE=v", YIELDS),
    ("run sync lock", "--index-url v", "UV_INDEX_URL=v", "--default-index v", "UV_DEFAULT_INDEX=v", YIELDS),
    *(
        ("sync", f"--no-install-{one}", f"UV_NO_INSTALL_{one.upper()}=1", f"--only-install-{other}",
         f"UV_ONLY_INSTALL_{other.upper()}=1", YIELDS)
        for one, other in itertools.permutations(("project", "workspace", "local"), 2)
    ),
    *(
        ("run", words, "", "--no-sync", "UV_NO_SYNC=1", STAYS)
        for words in (
            "--extra v", "--all-extras", "--group v", "--all-groups", "--only-group v", "--only-dev", "--package v",
            "--all-packages", "--exact", "--reinstall", "--reinstall-package v", "--upgrade", "--upgrade-package v",
            "--upgrade-group v",
        )
    ),
    ("run", "--compile-bytecode", "UV_COMPILE_BYTECODE=1", "--no-sync", "UV_NO_SYNC=1", STAYS),
    *(
        ("run sync", f"--{option} v", f"UV_{option.upper().replace('-', '_')}=v" if env else "", "--frozen",
         "UV_FROZEN=1", STAYS)
        for option, env in (
            ("no-sources-package", True), ("resolution", True), ("prerelease", True), ("fork-strategy", True),
            ("exclude-newer", True), ("prerelease-package", False), ("exclude-newer-package", False),
        )
    ),
    ("run sync", "--pre", "", "--frozen", "UV_FROZEN=1", STAYS),
    ("run sync", "--frozen", "UV_FROZEN=1", "--no-sources", "UV_NO_SOURCES=1", THREE),
    ("run sync lock", "--managed-python", "UV_MANAGED_PYTHON=1", "--python-preference system",
     "UV_PYTHON_PREFERENCE=system", WINS),
    ("run sync lock", "--no-managed-python", "UV_NO_MANAGED_PYTHON=1", "--python-preference system",
     "UV_PYTHON_PREFERENCE=system", WINS),
    ("run sync lock", "--allow-python-downloads", "", "--no-python-downloads", "", ALWAYS),
    ("run sync lock", "--quiet", "", "--verbose", "", ALWAYS),
    ("run sync lock", "--color never", "", "--no-color", "", ALWAYS),
    ("run sync", "--extra v", "", "--all-extras", "", ALWAYS),
    ("run sync", "--extra v", "", "--only-group v", "", ALWAYS),
    ("run sync", "--all-extras", "", "--only-group v", "", ALWAYS),
    ("run sync", "--only-group v", "", "--group v", "", ALWAYS),
    ("run sync", "--only-group v", "", "--all-groups", "", ALWAYS),
    ("run sync", "--only-dev", "", "--group v", "", ALWAYS),
    ("run sync", "--only-dev", "", "--all-groups", "", ALWAYS),
    ("run sync", "--only-group v", "", "--dev", "UV_DEV=1", WINS),
    ("run sync", "--only-dev", "", "--no-dev", "UV_NO_DEV=1", WINS),
    ("run sync", "--package v", "", "--all-packages", "", ALWAYS),
    ("run", "--package v", "", "--no-project", "UV_NO_PROJECT=1", WINS),
    ("run", "--module", "", "--script", "", ALWAYS),
    ("run", "--module", "", "--gui-script", "", ALWAYS),
    ("run", "--script", "", "--gui-script", "", ALWAYS),
    ("sync", "--no-install-project", "UV_NO_INSTALL_PROJECT=1", "--only-install-project",
     "UV_ONLY_INSTALL_PROJECT=1", WINS),
    ("sync", "--no-install-workspace", "UV_NO_INSTALL_WORKSPACE=1", "--only-install-workspace",
     "UV_ONLY_INSTALL_WORKSPACE=1", WINS),
    ("sync", "--no-install-local", "UV_NO_INSTALL_LOCAL=1", "--only-install-local",
     "UV_ONLY_INSTALL_LOCAL=1", WINS),
    ("sync", "--no-install-package v", "", "--only-install-package v", "", ALWAYS),
    ("sync", "--script v", "", "--all-extras", "", ALWAYS),
    ("sync", "--script v", "", "--extra v", "", ALWAYS),
    ("sync", "--script v", "", "--no-extra v", "", ALWAYS),
    ("sync", "--script v", "", "--group v", "", ALWAYS),
    ("sync", "--script v", "", "--only-group v", "", ALWAYS),
    ("sync", "--script v", "", "--all-groups", "", ALWAYS),
    ("sync", "--script v", "", "--only-dev", "", ALWAYS),
    ("sync", "--script v", "", "--package v", "", ALWAYS),
    ("sync", "--script v", "", "--all-packages", "", ALWAYS),
    ("sync", "--script v", "", "--dev", "UV_DEV=1", TYPED),
    ("sync", "--script v", "", "--no-dev", "UV_NO_DEV=1", TYPED),
    ("sync", "--script v", "", "--no-group v", "UV_NO_GROUP=v", TYPED),
    ("sync", "--script v", "", "--no-default-groups", "UV_NO_DEFAULT_GROUPS=1", WINS),
    ("sync", "--script v", "", "--no-install-project", "UV_NO_INSTALL_PROJECT=1", WINS),
    ("sync", "--script v", "", "--no-install-workspace", "UV_NO_INSTALL_WORKSPACE=1", WINS),
    ("sync", "--script v", "", "--no-install-local", "UV_NO_INSTALL_LOCAL=1", WINS),
    ("lock", "--dry-run", "", "--locked", "UV_LOCKED=1", TYPED),
    ("lock", "--dry-run", "", "--frozen", "UV_FROZEN=1", TYPED),
)
# The two pairs whose last word wins, so that both typed are no conflict.
PAIRS = (
    ("run sync lock", "--managed-python", "UV_MANAGED_PYTHON=1", "--no-managed-python",
     "UV_NO_MANAGED_PYTHON=1"),
    ("run sync", "--dev", "UV_DEV=1", "--no-dev", "UV_NO_DEV=1"),
)
# Which mixes of sources are an error, under each policy: both typed, one of them, both variables.
ERRORS_OF = {
    ALWAYS: (True, True, True), WINS: (True, False, True), TYPED: (True, False, False),
    YIELDS: (False, False, False), STAYS: (False, False, False), THREE: (True, False, False),
}


def lines_of_policies():
    """Yield subcommand, words, variables, whether that is an error, and what the warning names."""
    for subcommands, first, one, second, two, policy in (*POLICIES, *((*row, None) for row in PAIRS)):
        both_typed, one_typed, both_set = ERRORS_OF[policy or WINS]
        for subcommand in subcommands.split():
            yield (subcommand, [*first.split(), *second.split()], {}, both_typed and policy is not None, "")
            for words, setting in ((first, two), (second, one)):
                if setting:
                    warns = policy in (WINS, THREE, None)
                    warns = warns or (policy in (YIELDS, STAYS) and words == first)
                    ignored = setting if warns else ""
                    yield subcommand, words.split(), dict([setting.split("=")]), one_typed, ignored
            if one and two:
                yield subcommand, [], dict([one.split("="), two.split("=")]), both_set, ""


class TheTable(unittest.TestCase):
    def test_every_row_is_listed(self):
        rows = set()
        for subcommand in ("run", "sync", "lock"):
            for first, second, policy in uvflags._subcommand_parser("uvflags", subcommand)._conflicts:
                rows.add((subcommand, frozenset([first, second]), policy))
        listed = set()
        for subcommands, first, _, second, _, policy in (*POLICIES, *((*row, WINS) for row in PAIRS)):
            dests = frozenset(w.split()[0][2:].replace("-", "_") for w in (first, second))
            for subcommand, part in itertools.product(subcommands.split(), policy.split(" and ")):
                listed.add((subcommand, dests, part))
        self.assertEqual(rows, listed)

    OPTION = re.compile(r"(-\w )?--[\w-]+( --[\w-]+)*( ~--\w+| [~!]--[\w-]+)*( [A-Z=]+,?(\.\.\.)?| \.\.\.)?( \$UV_[A-Z_]+)*(  \S.*)?")

    def test_each_row_is_well_formed(self):
        """A slip in the table would go unseen, as in `--bar$UV_BAR` or in a conflict of `offlin`."""
        for section in uvflags._TABLE.split("\n[")[1:]:
            head, *rows = section.splitlines()
            self.assertRegex(head, r"^(root|run|sync|lock)( \w+)*\] [A-Z][a-z]+( options)?$")
            for name in head.split("]")[0].split():
                dests = {action.dest for action in uvflags._subcommand_parser("p", name)._actions}
                for row in rows:
                    if row.startswith("-"):
                        self.assertRegex(row, rf"^({self.OPTION.pattern})$", head)
                        continue
                    firsts, seconds, *policy = row.split(" | ")
                    self.assertIn(policy, [[], *([p] for p in uvflags._POLICIES if p != "always")], row)
                    self.assertEqual({*firsts.split(), *seconds.split()} - dests, set(), f"[{head}: {row}")

    def test_each_row_in_each_mix_of_sources(self):
        count = 0
        for subcommand, words, environ, is_error, ignored in lines_of_policies():
            command = ["cmd"] if subcommand == "run" else []
            outcome = Outcome([subcommand, *words, *command], environ)
            count += 1
            with self.subTest(subcommand=subcommand, words=words, environ=environ):
                self.assertEqual(outcome.status, 2 if is_error else None, outcome.err)
                self.assertEqual(outcome.err.count("cannot be used with"), int(is_error))
                setting = r"warning: (?:ignoring|'.*' has no effect beside '.*') \(?(\w+)"
                names = [ignored.split("=")[0]] if ignored else []
                self.assertEqual(re.findall(setting, outcome.err), names, outcome.err)
        self.assertGreater(count, 250)


class Hints(unittest.TestCase):
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
        for subcommand in ("run", "sync", "lock"):
            for action in options_of(subcommand):
                for name in uvflags._variables(action).names:
                    if action.nargs == 0:
                        error = Outcome([subcommand], {name: "junk"}).err
                        self.assertIn(f"hint: unset {name}, or set it to 1 or 0\n", error)
                        for environ in ({}, {name: "1"}, {name: "0"}):
                            self.assertIsNone(Outcome([subcommand], environ).status)


class WithoutUv(unittest.TestCase):
    NOTE = "uvflags.py run: note: uv was not found, so the command runs directly in the current environment"
    MORE = "; UVFLAGS_NEEDS_UV=1 makes this an error\n"
    # options that make no difference to a command
    HARMLESS = (
        "--offline --no-cache --no-sync --no-progress --color=never --config-file=f --no-config",
        "--refresh --refresh-package x --frozen -vv --cache-dir=c", "--no-color",
        "--no-frozen --no-offline --no-refresh --no-locked --build --no-env-file --no-project", "-q",
    )

    def test_the_interpreter_where_it_is_meant(self):
        path = script(os.path.join(FOLDER, "hello.py"), "print('hello')")
        bare = tempfile.mkdtemp(dir=FOLDER)
        tool = script(os.path.join(bare, "tool"), "")
        upper, zipped = script(os.path.join(bare, "A.PY"), ""), script(os.path.join(bare, "a.pyz"), "")
        package = os.path.join(bare, "package")
        os.mkdir(package)
        script(os.path.join(package, "__main__.py"), "", 0o644)
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
        on_path = Outcome(["run", "python"], path=TOOLS)
        self.assertEqual((on_path.argv, on_path.path), (["python"], os.path.join(TOOLS, "python")))
        script(os.path.join(bare, "python"), "", 0o644)  # not executable, so the next one counts
        outcome = Outcome(["run", "python"], path=os.pathsep.join([bare, TOOLS]))
        self.assertEqual(outcome.path, os.path.join(TOOLS, "python"))

    def test_harmless_options(self):
        for words in self.HARMLESS:
            outcome = Outcome(["run", *words.split(), "python"], path=TOOLS)
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

    def test_all_at_once(self):
        outcome = Outcome(["run", "-wx", "--python", "3.11", "-w", "y", "python"], path=TOOLS)
        self.assertEqual(re.findall("the argument '(.*?)' needs", outcome.err), ["--with", "--python"])

    def test_variables_without_effect(self):
        environ = {
            "UV_PYTHON": "3.11", "UV_OFFLINE": "1", "UV_INDEX": "http://SECRET", "UV_NO_DEV": "0",
            "UV_NO_BUILD": "1",
        }
        note = f"{self.NOTE}; without effect: UV_INDEX, UV_NO_BUILD=1, UV_PYTHON=3.11{self.MORE}"
        self.assertEqual(Outcome(["run", "python"], environ, path=TOOLS).err, note)

    def test_what_is_nothing_without_uv(self):
        for subcommand in ("run", "sync", "lock"):
            outcome = Outcome([subcommand], path=TOOLS)
            self.assertEqual(outcome.status, 2)
            without = " without a command" if subcommand == "run" else ""
            message = f"'{subcommand}'{without} needs uv, which was not found\n"
            self.assertIn(f"error: {message}hint: install uv, or name it in UV\n", outcome.err)

    def test_status_of_the_shell(self):
        unfit = script(os.path.join(TOOLS, "unfit"), "x", 0o644)
        broken = script(os.path.join(FOLDER, "broken"), "#!/none\n")
        for command, status, why in (
            ("no-such-command", 127, "command not found"), ("./no/such", 127, "command not found"),
            ("no-such-file.py", 127, "command not found"),
            ("unfit", 126, "Permission denied"), (unfit, 126, "Permission denied"),
            (broken, 126, "No such file or directory"), (FOLDER, 127, "command not found"),
        ):
            with self.subTest(command=command):
                done = start(["run", command])
                self.assertEqual((done.returncode, done.stdout), (status, ""))
                self.assertEqual(done.stderr, f"{self.NOTE}{self.MORE}{command}: {why}\n")

    def test_a_command_that_cannot_start(self):
        with mock.patch.object(Outcome, "hand", side_effect=OSError(8, "Exec format error")):
            outcome = Outcome(["run", "python"], path=TOOLS)
        self.assertEqual((outcome.status, outcome.err), (126, f"{self.NOTE}{self.MORE}python: Exec format error\n"))

    @needs_sh
    def test_a_process_runs_each_kind(self):
        script(os.path.join(FOLDER, "greet.py"), "import sys; print('hello', *sys.argv[1:])")
        for words, stdin, out in (
            (["python", "-c", "print('hello')"], "", "hello\n"),
            (["greet.py", "a", "--refresh"], "", "hello a --refresh\n"),
            (["-m", "greet", "-q"], "", "hello -q\n"),
            (["-", "x"], "import sys; print(sys.argv)", "['-', 'x']\n"),
            (["sh", "-c", "echo $1", "sh", "a b"], "", "a b\n"),
        ):
            with self.subTest(words=words):
                done = start(["run", *words], stdin=None, input=stdin)
                self.assertEqual((done.stdout, done.returncode), (out, 0), done.stderr)


class Explain(unittest.TestCase):
    def test_text(self):
        outcome = Outcome(
            ["explain", "--color", "never", "run", "-w", "a", "--locked", "-wb", "x", "a b", "http://u:p@h"],
            {"UV_FROZEN": "1", "UV_REFRESH": "on", "UV_OFLINE": "1"},
        )
        expected = f"""\
color = "never" (command line)
with = ["a", "b"] (command line)
locked = true (command line)
refresh = true (UV_REFRESH=on)
frozen = null (UV_FROZEN=1, ignored because '--locked' was given)
command: x 'a b' 'http://***@h'
starts: uv --color never run --refresh -w a --locked -wb x 'a b' 'http://***@h'
added: --refresh
removed: UV_FROZEN
uv: {RECORDING}/uv
warning: UV_OFLINE is set, but nothing reads it: did you mean UV_OFFLINE?
warning: ignoring UV_FROZEN=1 because '--locked' was given
configuration files: read by uv alone
"""
        self.assertEqual((outcome.out, outcome.status, outcome.err), (expected, 0, ""))
        self.assertIsNone(outcome.argv)

    def test_json(self):
        data = explained(["-q", "run", "--locked", "x"], {"UV_FROZEN": "1", "UV_OFFLINE": "0"})
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
            "command": ["x"], "options": options, "uv": os.path.join(RECORDING, "uv"),
            "starts": ["uv", "-q", "run", "--locked", "x"], "added": [], "removed": ["UV_FROZEN"],
            "warnings": ["ignoring UV_FROZEN=1 because '--locked' was given"], "errors": [],
        }
        self.assertEqual(data, expected)
        self.assertEqual(list(data), list(expected))

    # words, variables, a part of the message: an option is named as it was typed
    NAMES = (
        ("lock --check --upgrade", {}, "'--upgrade' cannot be used with '--check'\nhint: drop --upgrade or --check\n"),
        ("lock --check-exists -U", {}, "'--upgrade' cannot be used with '--check-exists'\n"),
        ("lock --check", {"UV_FROZEN": "1"}, "ignoring UV_FROZEN=1 because '--check' was given\n"),
        ("lock --check-exists", {"UV_LOCKED": "1"}, "ignoring UV_LOCKED=1 because '--check-exists' was given\n"),
        ("lock -U", {"UV_LOCKED": "1"}, "'--upgrade' cannot be used with '--locked' (UV_LOCKED=1)\n"),
        ("run --no_workspace --package a x", {}, "'--package' cannot be used with '--no_workspace'\n"),
        ("run --no-refresh --upgrade --locked x", {}, "'--upgrade' cannot be used with '--locked'\n"),
        ("run --offline --refresh-package a x", {"UV_REFRESH": "0"}, "cannot be used with '--refresh-package'\n"),
        ("run --offline --refresh --refresh-package a x", {}, "cannot be used with '--refresh-package'\n"),
    )

    def test_an_option_is_named_as_it_was_typed(self):
        for words, environ, part in self.NAMES:
            self.assertIn(part, Outcome(words.split(), environ).err)
        self.assertEqual(explained(["lock", "--check"])["options"]["locked"]["name"], "--check")

    # the words, UV_INDEX, and what is shown of the URLs
    URLS = (
        (["--index", "https://host/simple"], "", "https://host/simple"),
        (["--index=https://me:S3CR3T@host/s?t=S3CR3T"], "", "--index=https://***@host/s?***"),
        (["-ihttps://S3CR3T@host"], "", "-ihttps://***@host"), (["-vi=S3CR3T"], "", "***"),
        ([], "https://u:S3CR3T@h/?t=S3CR3T https://b/?t=S3CR3T", "UV_INDEX=https://***@h/?*** https://b/?***"),
        ([], "https://me:S3CR3T S3CR3T@h/", "https://***@h/"),
        (["-fS3CR3T", "a", "S3CR", "--b=S3CR"], "S3CR", "command: a S3CR --b=S3CR x\nstarts: uv run -f*** a S3CR"),
        ([], "S3CR3T https://b/x", "UV_INDEX=*** https://b/x"), (["--newer", "-i", "https://h/?t=S3CR3T"], "", "h/?***"),
    )

    def test_what_is_secret_in_a_url(self):
        for words, index, shown in self.URLS:
            with self.subTest(words=words, index=index):
                out = Outcome(["explain", "run", *words, "x"], {"UV_INDEX": index}).out
                self.assertIn(shown, out.replace("'", ""))
                data = json.dumps(explained(["run", *words, "x"], {"UV_INDEX": index}))
                self.assertNotIn("S3CR3T", out + data)
        error = Outcome(["sync", "--index", "a", "https://h/?t=S3CR3T"]).err
        self.assertIn("unexpected argument 'https://h/?***'", error)

    def test_a_variable_may_hold_several_values(self):
        environ = {"UV_PREVIEW_FEATURES": "a,b", "UV_NO_GROUP": "c d", "UV_ENV_FILE": "e,f g"}
        options = explained(["run", "x"], environ)["options"]
        values = {dest: option["value"] for dest, option in options.items()}
        expected = {"env_file": ["e,f", "g"], "no_group": ["c", "d"], "preview_features": ["a", "b"]}
        self.assertEqual(values, expected)

    ERROR = "the argument '--refresh' cannot be used with '--offline' (UV_OFFLINE=1)"

    def test_a_line_in_conflict(self):
        words = ["run", "--refresh", "x"]
        outcome = Outcome(["explain", *words], {"UV_OFFLINE": "1"})
        listing = "refresh = true (command line)\noffline = true (UV_OFFLINE=1)\ncommand: x\n"
        self.assertEqual((outcome.status, outcome.out[: len(listing)]), (2, listing))
        self.assertNotIn("starts:", outcome.out)
        hint = "unset UV_OFFLINE, set it to 0, or pass --no-offline"
        self.assertIn(f"uvflags.py run: error: {self.ERROR}\nhint: {hint}\n", outcome.err)
        outcome = Outcome(["explain", "--json", "--offline", *words])
        self.assertEqual((outcome.status, outcome.err), (2, ""))
        data = explained(words, {"UV_OFFLINE": "1"})
        error = {"message": self.ERROR, "hint": hint, "options": ["--refresh", "--offline"]}
        self.assertEqual((data["errors"], data["starts"]), ([error], []))

    def test_both_places_of_global_options(self):
        for before in ("--offline explain -q", "explain --offline -q", "--offline -q explain"):
            outcome = Outcome([*before.split(), "run", "x"])
            self.assertIn("starts: uv --offline -q run x\n", outcome.out)

    def test_sync_and_lock(self):
        self.assertEqual(explained(["sync", "--frozen"])["starts"], ["uv", "sync", "--frozen"])
        self.assertEqual(explained(["lock"], {"UV_REFRESH": "1"})["added"], ["--refresh"])

    def test_without_uv(self):
        data = explained(["run", "python", "x"], {"UV_PYTHON": "3.11"}, path=TOOLS)
        self.assertEqual((data["starts"], data["uv"], data["errors"]), (["python", "x"], None, []))
        self.assertIn("; without effect: UV_PYTHON=3.11", data["warnings"][0])
        data = explained(["run", "--with", "a", "x"], path=TOOLS)
        self.assertEqual((data["starts"], data["errors"][0]["options"]), ([], ["--with"]))

    def test_while_it_runs(self):
        for text in ("1", "yes"):
            outcome = Outcome(["run", "--offline", "x"], {"UVFLAGS_EXPLAIN": text})
            self.assertEqual(outcome.argv, ["uv", "run", "--offline", "x"])
            self.assertTrue(
                outcome.err.startswith("offline = true (command line)\ncommand: x\nstarts: uv run")
            )
        outcome = Outcome(["lock"], {"UVFLAGS_EXPLAIN": "maybe"})
        self.assertEqual(outcome.argv, ["uv", "lock"])
        self.assertEqual(outcome.err, f"uvflags.py lock: warning: ignoring UVFLAGS_EXPLAIN: {EXPECTED}\n")
        outcome = Outcome(["sync", "--refresh"], {"UVFLAGS_EXPLAIN": "on", "UV_OFFLINE": "1"})
        self.assertEqual((outcome.status, outcome.argv), (2, None))
        self.assertIn(f"(UV_OFFLINE=1)\nuv: {RECORDING}", outcome.err)
        self.assertEqual(Outcome(["run", "x"], {"UVFLAGS_EXPLAIN": "0"}).err, "")

    @unittest.skipUnless(hasattr(os, "pipe"), "there are no pipes")
    def test_a_reader_that_stops_reading(self):
        for words in (["explain", "run", *["x" * 1000] * 100], ["run", "--help"]):
            read, write = os.pipe()
            os.close(read)
            with os.fdopen(write, "w") as pipe:
                done = start(words, stdout=pipe)
            self.assertEqual((done.returncode, done.stderr), (0, ""))


class PassedOn(unittest.TestCase):
    """What uvflags does not know goes to uv as it is, but without false booleans."""

    # words, the option that uvflags does not know; None where it is a subcommand
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
        for words, option in self.ROWS:
            with self.subTest(words=words):
                outcome = Outcome(words.split(), {"UV_REFRESH": "junk", "UV_LOCKED": "1", "UV_FROZEN": "1"})
                self.assertEqual(outcome.argv, ["uv", *words.split()])
                warning = f"warning: uv gets this line as it is, as uvflags does not know '{option}'\n"
                self.assertTrue(outcome.err.endswith(warning) if option else not outcome.err, outcome.err)
                self.assertEqual(outcome.environ["UV_REFRESH"], "junk")

    def test_explain_shows_them(self):
        for words, option in self.ROWS:
            data = explained(words.split(), {"UV_DEV": "0"})
            found = (data["starts"], data["removed"], data["errors"])
            self.assertEqual(found, (["uv", *words.split()], ["UV_DEV"], []))
            self.assertIn(option or "knows only run, sync and lock", data["warnings"][0])

    def test_without_uv(self):
        for words, _ in self.ROWS:
            outcome = Outcome(words.split(), path=TOOLS)
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
        for action in itertools.chain(*map(options_of, ("run", "sync", "lock"))):
            (booleans if action.nargs == 0 else values).update(uvflags._variables(action).names)
        self.assertEqual((len(booleans), len(values)), (39, 27))
        for words in (["add", "x"], ["run", "--newer", "x"]):
            for text, names in (("0", kept), ("No", kept), ("1", booleans), ("", booleans), ("junk", booleans)):
                environ = Outcome(words, dict.fromkeys(booleans | values, text)).environ
                self.assertEqual({n for n in booleans if n in environ}, names, (words, text))
                self.assertEqual({n for n in values if n in environ}, values)


class NothingTypedIsLost(unittest.TestCase):
    """Where uv would drop what was typed because of a variable, the variable goes, or a word is said."""

    YIELDS = "ignoring {} because '{}' was given"
    # words, variables, and a part of the warning, or of the error; "" where nothing is said
    ROWS = (
        ("lock -P apple", {"UV_FROZEN": "1"}, "'--upgrade-package' cannot be used with '--frozen' (UV_FROZEN=1)"),
        ("sync --upgrade-group g", {"UV_FROZEN": "1"}, "'--upgrade-group' cannot be used with '--frozen'"),
        ("run -P apple --frozen x", {}, "the argument '--upgrade-package' cannot be used with '--frozen'"),
        ("lock -P apple", {"UV_LOCKED": "1"}, ""),
        ("run --env-file .env x", {"UV_NO_ENV_FILE": "1"}, YIELDS.format("UV_NO_ENV_FILE=1", "--env-file")),
        ("run --no-env-file x", {"UV_ENV_FILE": ".env"}, ""),
        ("run --env-file .env --no-env-file x", {}, ""),
        ("sync --cache-dir d", {"UV_NO_CACHE": "1"}, YIELDS.format("UV_NO_CACHE=1", "--cache-dir")),
        ("sync --no-cache", {"UV_CACHE_DIR": "d"}, ""), ("sync --no-cache --cache-dir d", {}, ""),
        ("run --locked x", {"UV_NO_SYNC": "1"}, YIELDS.format("UV_NO_SYNC=1", "--locked")),
        ("run --no-sync x", {"UV_LOCKED": "1"}, ""), ("run --no-sync --locked x", {}, ""),
        ("run --locked --extra a x", {"UV_NO_SYNC": "1"}, YIELDS.format("UV_NO_SYNC=1", "--locked")),
        ("run --locked --pre x", {"UV_FROZEN": "1"}, YIELDS.format("UV_FROZEN=1", "--locked")),
        ("run --frozen x", {"UV_NO_SOURCES": "1"}, YIELDS.format("UV_NO_SOURCES=1", "--frozen")),
        ("run --no-sources x", {"UV_FROZEN": "1"}, "'--no-sources' has no effect beside '--frozen' (UV_FROZEN=1)"),
        ("lock --no-sources", {"UV_FROZEN": "1"}, ""), ("lock --frozen", {"UV_NO_SOURCES": "1"}, ""),
        ("sync --group docs --group b", {"UV_NO_GROUP": "a docs"}, "UV_NO_GROUP=a docs leaves out the group 'docs'"),
        ("run --only-group docs x", {"UV_NO_GROUP": "docs"}, "UV_NO_GROUP=docs leaves out the group 'docs'"),
        ("sync --group dev", {"UV_NO_DEV": "1"}, "UV_NO_DEV=1 leaves out the group 'dev'"),
        ("sync --only-group dev", {"UV_NO_DEV": "1"}, "UV_NO_DEV=1 leaves out the group 'dev'"),
        ("sync --only-dev", {"UV_NO_GROUP": "dev"}, "UV_NO_GROUP=dev leaves out the group 'dev'"),
        ("sync --dev", {"UV_NO_GROUP": "dev"}, "UV_NO_GROUP=dev leaves out the group 'dev'"),
        ("run --group a x", {"UV_NO_SYNC": "1"}, "'--group' has no effect beside '--no-sync' (UV_NO_SYNC=1)"),
        ("sync --group docs", {"UV_NO_DEV": "1", "UV_NO_GROUP": "dev"}, ""),
        ("sync --group dev --no-dev --no-group dev", {}, ""), ("sync --group dev", {"UV_NO_DEV": "0"}, ""),
    )

    def test_what_is_said(self):
        for words, environ, said in self.ROWS:
            with self.subTest(words=words, environ=environ):
                outcome = Outcome(words.split(), environ)
                kinds = re.findall(r"^uvflags\.py \w+: (\w+): ", outcome.err, re.MULTILINE)
                self.assertEqual(len(kinds), 1 if said else 0, outcome.err)
                self.assertIn(said, outcome.err)
                self.assertEqual(outcome.argv is None, kinds == ["error"])
                if said.startswith("ignoring"):
                    self.assertEqual([n for n in environ if n in outcome.environ], [])


class WhichUv(unittest.TestCase):
    """uv is the one that UV names by a path, else the first on PATH, else the one beside Python."""

    def test_uv_in_the_environment(self):
        named = script(os.path.join(tempfile.mkdtemp(dir=FOLDER), "uv"), RECORDING_UV)
        on_path = os.path.join(RECORDING, "uv")
        for text, path in (
            (named, named), (os.path.relpath(named), named), ("/none", on_path), (FOLDER, on_path), ("", on_path),
            (os.path.join(HERE, "README.md"), on_path), ("true", on_path), ("python", on_path), ("1", on_path),
            ("uv", on_path), ("\x1b", on_path),
        ):
            for words in (["run", "x"], ["add", "x"]):
                outcome = Outcome(words, {"UV": text})
                with self.subTest(text=text, words=words):
                    self.assertEqual(os.path.abspath(outcome.path), path)
                    shown = text.replace("\x1b", r"\x1b")
                    prog = "uvflags.py run" if words[0] == "run" else "uvflags.py"
                    warning = f"{prog}: warning: UV={shown} is no path of a program, so PATH decides\n"
                    self.assertEqual(outcome.err, warning if path == on_path and text else "")

    @needs_sh
    def test_uv_beside_the_running_python(self):
        folder = tempfile.mkdtemp(dir=FOLDER)
        os.symlink(sys.executable, os.path.join(folder, "python"))
        script(os.path.join(folder, "uv"), RECORDING_UV)
        argv = [os.path.join(folder, "python"), UVFLAGS, "run", "x"]
        done = subprocess.run(argv, env=clean(), stdout=subprocess.PIPE, text=True, check=True)
        self.assertEqual(recorded(done)[1], ["run", "x"])

    def test_uvflags_needs_uv(self):
        for words in ("run python", "run", "sync", "add x", "run --newer x"):
            outcome = Outcome(words.split(), {"UVFLAGS_NEEDS_UV": "1"}, path=TOOLS)
            self.assertEqual((outcome.status, outcome.argv), (2, None))
            self.assertIn("needs uv, which was not found", outcome.err)
            self.assertIsNone(Outcome(words.split(), {"UVFLAGS_NEEDS_UV": "1"}).status)
        outcome = Outcome(["run", "python"], {"UVFLAGS_NEEDS_UV": "no"}, path=TOOLS)
        self.assertEqual(outcome.argv, ["python"])
        outcome = Outcome(["run", "python"], {"UVFLAGS_NEEDS_UV": "junk"}, path=TOOLS)
        self.assertIn(f"warning: ignoring UVFLAGS_NEEDS_UV: {EXPECTED}\n", outcome.err)

    @needs_sh
    def test_a_program_that_starts_itself_through_uvflags_without_uv(self):
        folder = tempfile.mkdtemp(dir=FOLDER)
        program = script(os.path.join(folder, "pytest"), f'#!/bin/sh\nexec {PROGRAM} run pytest\n')
        done = start(["run", "pytest"], {"UVFLAGS_HAND_OVERS": "97"}, path=f"{folder}{os.pathsep}{TOOLS}", timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"error: {program} leads back to uvflags\nhint: ", done.stderr)

    @needs_uv
    def test_real_uv_between_two_starts_is_no_loop(self):
        """A program that ends in its own start runs 25 times, and uv's own error ends it after that."""
        folder = tempfile.mkdtemp(dir=FOLDER)
        again = f"exec {PROGRAM} run --no-project {folder}/again"
        script(os.path.join(folder, "again"), f'#!/bin/sh\necho >>{folder}/log\n{again}\n')
        environ = {**real(VERSIONS[2]), "UV_RUN_MAX_RECURSION_DEPTH": "25"}
        done = start(["run", "--no-project", f"{folder}/again"], environ)
        self.assertIn("recursive", done.stderr)
        self.assertNotIn("leads back", done.stderr)
        with open(os.path.join(folder, "log")) as file:
            self.assertGreater(len(file.read()), 23)


class Start(unittest.TestCase):
    """The start surprises nobody: no traceback, no foreign module, no changed variable or stream."""

    def folder(self, *modules):
        """Return a folder with a copy of uvflags.py, and modules that fail when they are imported."""
        folder = tempfile.mkdtemp(dir=FOLDER)
        shutil.copy(UVFLAGS, folder)
        for name in modules:
            script(os.path.join(folder, f"{name}.py"), f"raise SystemExit('{name} is imported')\n", 0o644)
        return folder

    def test_modules_beside_it_are_not_imported(self):
        names = "types signal json operator re argparse shlex contextvars collections subprocess gettext shutil"
        folder = self.folder(*names.split())
        link = os.path.join(tempfile.mkdtemp(dir=FOLDER), "link.py")
        os.symlink(os.path.join(folder, "uvflags.py"), link)
        for path, cwd in ((os.path.join(folder, "uvflags.py"), FOLDER), ("uvflags.py", folder), (link, FOLDER)):
            for words in (["run", *WORKS], ["explain", "--json", "run", "x"], ["run", "--help"], ["explain", "lock"]):
                done = start(words, program=[path], cwd=cwd)
                self.assertNotIn("is imported", done.stderr + done.stdout, words)
        self.assertIn("ran\n", start(["run", *WORKS], program=["uvflags.py"], cwd=folder).stdout)

    def test_imported_it_leaves_the_path_and_the_signals_alone(self):
        code = "import signal, sys; a = list(sys.path), signal.getsignal(2); import uvflags"
        code += "; print(a == (sys.path, signal.getsignal(2)))"
        self.assertEqual(start([], program=["-c", code], cwd=HERE).stdout, "True\n")

    @needs_sh
    def test_an_interrupt_during_the_imports(self):
        path = os.path.join(tempfile.mkdtemp(dir=FOLDER), "uvflags.py")
        with open(UVFLAGS) as file:
            text = file.read()
        script(path, text.replace("\nimport argparse\n", "\nos.kill(os.getpid(), signal.SIGINT)\nimport argparse\n"))
        handle = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}  # as in the foreground
        done = start(["run", *WORKS], program=[path], **handle)
        self.assertEqual((done.returncode, done.stderr), (-signal.SIGINT, ""))
        line = f"trap '' INT; {shlex.quote(sys.executable)} {shlex.quote(path)} run sh -c 'kill -INT $$; echo ran'"
        done = subprocess.run(["sh", "-c", line], env=clean(), capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, "ran\n"))  # ignored from the start, as by nohup

    @needs_sh
    def test_the_file_is_a_program(self):
        script(os.path.join(FOLDER, "python3"), f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        path = os.pathsep.join([FOLDER, TOOLS])
        done = subprocess.run([UVFLAGS, "run", *WORKS], env=clean({}, path), capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, "ran\n"), done.stderr)

    @needs_sh
    def test_the_locale_of_python_is_not_passed_on(self):
        for environ, kept in (
            ({}, None), ({"LC_CTYPE": "C.UTF-8"}, "C.UTF-8"), ({"LANG": "C"}, None), ({"LC_ALL": "C.UTF-8"}, None),
        ):
            got = recorded(start(["run", "x"], environ, path=RECORDING))[2]
            if not os.path.exists("/proc/self/environ") and kept is None:
                got.pop("LC_CTYPE", None)  # nothing tells who has set it
            self.assertEqual((got.get("LC_CTYPE"), got.get("LANG")), (kept, environ.get("LANG")))

    def test_variables_and_words_as_linux_has_them(self):
        """Python may have set LC_CTYPE itself, and cannot convert the words of some old locales back."""
        for started, kept in (([b"A=b"], False), ([b"A=b", b"LC_CTYPE=C"], True), ([], True)):
            with mock.patch.object(uvflags, "_as_started", return_value=started):
                environ = Outcome(["run", "x"], {"LC_CTYPE": "C.UTF-8"}).environ
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

    def test_calls_of_main_that_are_odd(self):
        """A word with NUL, no words at all, a closed stdout: an error or a start, and no traceback."""
        outcome = Outcome(["run", "python", "a\0b"], path=TOOLS, really=True)
        self.assertEqual((outcome.status, outcome.err.splitlines()[-1]), (126, "python: embedded null byte"))
        with mock.patch.object(sys, "argv", []), contextlib.redirect_stderr(io.StringIO()) as err:
            self.assertEqual(uvflags.main(), 2)
        self.assertIn("uvflags: error: a subcommand is missing", err.getvalue())
        for words, status in ((["explain", "run", "x"], 2), (["--help"], 2)):
            closed = io.StringIO()
            closed.close()
            with mock.patch.object(sys, "stdout", closed), contextlib.redirect_stderr(io.StringIO()) as err:
                self.assertEqual(uvflags.main(words), status)
                self.assertIs(sys.stdout, closed)
            self.assertTrue(err.getvalue().endswith(": error: cannot write: stdout is closed\n"))

    def test_a_defect_is_not_taken_for_a_closed_stdout(self):
        with mock.patch.object(uvflags, "_start", side_effect=ValueError("a defect")):
            with self.assertRaisesRegex(ValueError, "a defect"):
                uvflags.main(["run"])

    @needs_sh
    def test_main_in_a_thread(self):
        code = "import sys, threading, uvflags\n"
        code += "threading.Thread(target=uvflags.main, args=(['run', 'sh', '-c', 'echo ran'],)).start()"
        done = start([], program=["-c", code], cwd=HERE)
        self.assertEqual((done.returncode, done.stdout), (0, "ran\n"), done.stderr)

    def test_main_leaves_stdout_as_it_is(self):
        stream = io.TextIOWrapper(io.BytesIO(), "ascii", errors="strict")
        self.assertEqual(Outcome(["explain", "run", "caf\u00e9"], out=stream).status, 0)
        self.assertEqual((stream.errors, stream.encoding), ("strict", "ascii"))

    @needs_sh
    def test_a_program_that_cannot_start_and_a_stderr_that_nobody_reads(self):
        unfit = script(os.path.join(FOLDER, "no-format"), "\0")
        read, write = os.pipe()
        os.close(read)
        with os.fdopen(write, "w") as pipe:
            argv = [sys.executable, UVFLAGS, "run", unfit]
            done = subprocess.run(argv, env=clean({"PYTHONUNBUFFERED": "1"}), stderr=pipe, check=False)
        self.assertEqual(done.returncode, 126)


class Unusual(unittest.TestCase):
    def test_flags_of_the_interpreter(self):
        for flags in (["-I"], ["-S"], ["-O"], ["-OO"], ["-W", "error"], ["-X", "dev"], ["-X", "utf8=0"]):
            done = start(["run", "--refresh", *WORKS], program=[*flags, UVFLAGS])
            self.assertEqual((done.stdout, done.returncode), ("ran\n", 0), done.stderr)
            self.assertNotIn("Warning", done.stderr)

    # how the streams are set, words, the status
    STREAMS = (
        (">&-", "run --help", 0), ("2>&-", "run --bogus", 2), (">&- 2>&-", "run --bogus", 2),
        (">&-", "explain run x", 0), ("2>&-", "run sh -c 'exit 4'", 4), ("<&-", "run sh -c 'exit 4'", 4),
        (">/dev/full", "run sh -c 'exit 4'", 4), (">/dev/full", "explain run x", 2),
        (">/dev/full", "run --help", 2), ("2>/dev/full", "run sh -c 'exit 4'", 4),
    )

    @unittest.skipUnless(os.path.exists("/dev/full"), "there is no /dev/full")
    @needs_sh
    def test_closed_and_full_streams(self):
        for redirection, words, status in self.STREAMS:
            with self.subTest(redirection=redirection, words=words):
                done = subprocess.run(
                    ["sh", "-c", f"{PROGRAM} {words} {redirection}"], env=clean(), capture_output=True, text=True, check=False
                )
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertNotIn("Traceback", done.stderr)

    def test_a_stdout_that_is_no_file(self):
        class Stream:
            text = ""

            def __init__(self, error):
                self.error = error

            def write(self, text):
                self.text += text

            def flush(self):
                raise self.error

        full = OSError(28, "No space left on device")
        for error, status, message in (
            (BrokenPipeError(), 0, ""),
            (full, 2, "uvflags.py: error: cannot write: No space left on device\n"),
        ):
            stream = Stream(error)
            outcome = Outcome(["explain", "run", "x"], out=stream)
            self.assertEqual((outcome.status, outcome.err), (status, message))
            self.assertIn("command: x\n", stream.text)
        with mock.patch.dict(os.environ, clean(), clear=True), mock.patch("sys.stderr", None):
            with mock.patch("sys.stdout", None):
                self.assertEqual(uvflags.main(["explain", "run", "x"]), 0)

    @needs_sh
    def test_a_working_directory_that_is_gone(self):
        line = f"mkdir gone && cd gone && rmdir ../gone && {PROGRAM} run sh -c 'echo ran'"
        done = subprocess.run(
            ["sh", "-c", line], env=clean(), cwd=FOLDER, capture_output=True, text=True, check=False
        )
        self.assertEqual((done.returncode, done.stdout), (0, "ran\n"), done.stderr)

    def test_long_words(self):
        for word, status in (
            ("x" * 100_000, None), ("--" + "x" * 100_000, None),
            ("--with=" + "x" * 100_000, None), ("-" + "q" * 10_000, None),
        ):
            self.assertEqual(Outcome(["run", word, "cmd"]).status, status)

    @needs_sh
    def test_what_cannot_be_encoded(self):
        words = ["explain", "run", "caf\u00e9"]
        environ = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
        done = start(words, environ)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        stream = io.TextIOWrapper(io.BytesIO(), "ascii")
        self.assertEqual(Outcome(words, out=stream).status, 0)
        self.assertIn(b"command: 'caf\\xe9'\n", stream.buffer.getvalue())

    SECRET = "S3CR3T"

    def test_secrets_are_nowhere(self):
        url = f"http://user:{self.SECRET}@host"
        secret = [action for action in options_of("run") if uvflags._variables(action).secret]
        self.assertEqual(len(secret), 5)
        for action in secret:
            name, env = uvflags._main_spelling(action), uvflags._variables(action).names[0]
            short = [option for option in action.option_strings if len(option) == 2]
            for words, environ in (
                (["run", name, self.SECRET, "cmd"], {}), (["run", f"{name}={self.SECRET}", "cmd"], {}),
                (["run", f"{short[0] if short else name + '='}{url}", "--offline", "--refresh", "cmd"], {}),
                (["run", "cmd"], {env: self.SECRET}),
                (["run", "cmd"], {env: self.SECRET, "UV_OFFLINE": "junk"}),
                (["run", "--help"], {env: url}), (["run", name[:-1] + "=" + url, "cmd"], {}),
                (["run", "-q=" + url, "cmd"], {}), (["run", f"--x{url}=@", "cmd"], {}),
                (["run", f"--offline={url}"], {}), ([url], {}), (["sync", url], {}),
                (["run", "--with", url, "cmd"], {"UV_PYTHON": url}),
                (["run", "--refresh-package", url, "cmd"], {"UV_OFFLINE": "1"}),
            ):
                for path, front in itertools.product(
                    (RECORDING, TOOLS), ([], ["explain"], ["explain", "--json"])
                ):
                    outcome = Outcome([*front, *words], {**environ, "UVFLAGS_EXPLAIN": "1"}, path=path)
                    self.assertNotIn(self.SECRET, outcome.out + outcome.err, (front, words, environ))

    def test_variables_that_uv_documents_bring_no_warning(self):
        environ = {f"UV_{name}": "1" for name in DOCUMENTED.split()}
        self.assertGreater(len(environ), 140)
        for subcommand in ("run", "sync", "lock"):
            self.assertNotIn("nothing reads it", Outcome([subcommand], environ).err)
            warning = f"uvflags.py {subcommand}: warning: UV_REFERSH is set, but nothing reads it"
            warning += ": did you mean UV_REFRESH?\n"
            self.assertEqual(Outcome([subcommand], {"UV_REFERSH": "1"}).err, warning)
            for words in ([subcommand, "-p"], [subcommand, "--newer"]):
                self.assertIn(warning, Outcome(words, {"UV_REFERSH": "1"}).err)
            explaining = Outcome([subcommand], {"UV_REFERSH": "1", "UVFLAGS_EXPLAIN": "1"})
            self.assertEqual(explaining.err.count("UV_REFERSH"), 1)
            explaining = Outcome([subcommand], {"UVFLAGS_EXPLIAN": "1"})
            self.assertIn("UVFLAGS_EXPLIAN is set, but nothing reads it: did you mean UVFLAGS_EXPLAIN?", explaining.err)


# The variables that uv 0.13.9 documents, without their UV_.
DOCUMENTED = """
- AMD_GPU_ARCHITECTURE API_KEY ASTRAL_MIRROR_URL AUTH_TOKEN AZURE_ENDPOINT_URL
BREAK_SYSTEM_PACKAGES BUILD_BACKEND BUILD_CONSTRAINT CACHE_DIR COMPILE_BYTECODE
COMPILE_BYTECODE_TIMEOUT CONCURRENT_BUILDS CONCURRENT_CACHE_READS CONCURRENT_DOWNLOADS
CONCURRENT_INSTALLS CONFIG_FILE CONSTRAINT CREDENTIALS_DIR CUDA_DRIVER_VERSION
CUSTOM_COMPILE_COMMAND DEFAULT_INDEX DEPENDENCY_MODE DEV DISABLE_UPDATE DOWNLOAD_URL ENV_FILE
EXCLUDE EXCLUDE_NEWER EXTRA_INDEX_URL FIND_LINKS FORK_STRATEGY FROZEN GCS_ENDPOINT_URL
GITHUB_FAST_PATH_URL GITHUB_TOKEN GIT_LFS GRAALPY_INSTALL_MIRROR HIDE_BUILD_OUTPUT
HTTP_CONNECT_TIMEOUT HTTP_RETRIES HTTP_TIMEOUT INDEX INDEX_NAME_PASSWORD INDEX_NAME_USERNAME
INDEX_STRATEGY INDEX_URL INIT_BARE INIT_BUILD_BACKEND INSECURE_HOST INSECURE_NO_ZIP_VALIDATION
INSTALLER_GHE_BASE_URL INSTALLER_GITHUB_BASE_URL INSTALL_DIR ISOLATED KEYRING_PROVIDER
LEGACY_TAR_BACKEND LINK_MODE LOCKED LOCK_TIMEOUT LOG_CONTEXT MALWARE_CHECK MALWARE_CHECK_URL
MANAGED_PYTHON NATIVE_TLS NO_BINARY NO_BINARY_PACKAGE NO_BUILD NO_BUILD_ISOLATION
NO_BUILD_PACKAGE NO_CACHE NO_CONFIG NO_DEFAULT_GROUPS NO_DEV NO_EDITABLE NO_ENV_FILE
NO_GITHUB_FAST_PATH NO_GROUP NO_HF_TOKEN NO_INSTALLER_METADATA NO_INSTALL_LOCAL
NO_INSTALL_PROJECT NO_INSTALL_WORKSPACE NO_MANAGED_PYTHON NO_MODIFY_PATH NO_PROGRESS NO_PROJECT
NO_PYTHON_DOWNLOADS NO_SOURCES NO_SOURCES_PACKAGE NO_SYNC NO_SYSTEM_CONFIG NO_VERIFY_HASHES
NO_WRAP OFFLINE ONLY_INSTALL_LOCAL ONLY_INSTALL_PROJECT ONLY_INSTALL_WORKSPACE OVERRIDE
PRERELEASE PREVIEW PREVIEW_FEATURES PRINT_QUIET PROJECT PROJECT_ENVIRONMENT PUBLISH_CHECK_URL
PUBLISH_INDEX PUBLISH_NO_ATTESTATIONS PUBLISH_PASSWORD PUBLISH_TOKEN PUBLISH_URL
PUBLISH_USERNAME PYODIDE_INSTALL_MIRROR PYPY_INSTALL_MIRROR PYTHON PYTHON_BIN_DIR
PYTHON_CACHE_DIR PYTHON_CPYTHON_BUILD PYTHON_DOWNLOADS PYTHON_DOWNLOADS_JSON_URL
PYTHON_GRAALPY_BUILD PYTHON_INSTALL_BIN PYTHON_INSTALL_DIR PYTHON_INSTALL_MIRROR
PYTHON_INSTALL_REGISTRY PYTHON_NO_REGISTRY PYTHON_PREFERENCE PYTHON_PYODIDE_BUILD
PYTHON_PYPY_BUILD PYTHON_SEARCH_PATH REQUEST_TIMEOUT REQUIRE_BUILD_HASHES REQUIRE_HASHES
REQUIRE_METADATA_RANGE_REQUESTS RESOLUTION RUN_MAX_RECURSION_DEPTH RUN_RECURSION_DEPTH
S3_ENDPOINT_URL SHOW_RESOLUTION SKIP_WHEEL_FILENAME_CHECK STACK_SIZE SYSTEM_CERTS SYSTEM_PYTHON
TEST_INDEX_URL THREADPOOL_SIZE TOOL_BIN_DIR TOOL_DIR TORCH_BACKEND UNMANAGED_INSTALL
UPLOAD_HTTP_TIMEOUT VENV_CLEAR VENV_RELOCATABLE VENV_SEED WORKING_DIR WORKING_DIRECTORY
"""


class Readme(unittest.TestCase):
    """Run what README.md shows, as it stands: each line after a `$`, each row of a table, each block."""

    def setUp(self):
        with open(os.path.join(HERE, "README.md"), encoding="utf-8") as file:
            self.text = file.read()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        shutil.copy(UVFLAGS, self.folder)
        self.write("test_it.py", "import unittest\nclass T(unittest.TestCase):\n    def test(self): pass\n")

    def write(self, name, text, mode=0o644):
        return script(os.path.join(self.folder, name), text, mode)

    def blocks(self, language):
        return re.findall(rf"^```{language}\n(.*?)^```$", self.text, re.MULTILINE | re.DOTALL)

    def table(self, header):
        """Return the rows, without the marks of code, of the table whose header begins so."""
        rows = self.text.split(f"\n| {header}")[1].split("\n\n")[0].split("\n")[2:]
        self.assertGreater(len(rows), 3)
        return [[cell.strip().replace("`", "") for cell in row.strip("|").split(" | ")] for row in rows]

    def shell(self, line, environ=None, *, uv=None):
        path = [TOOLS, os.path.dirname(uv)] if uv else [TOOLS]
        environ = {"COLUMNS": "80", "UV_PYTHON_DOWNLOADS": "never", **(environ or {})}
        return subprocess.run(
            ["sh", "-c", line], env=clean(environ, os.pathsep.join(path)), cwd=self.folder,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )

    def commands(self, number):
        return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", self.blocks("console")[number], re.MULTILINE)

    def make_project(self):
        self.write("pyproject.toml", '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\n')
        lock = 'version = 1\nrequires-python = ">={}"\n\n[[package]]\n'
        lock += 'name = "p"\nversion = "1"\nsource = {{ virtual = "." }}\n'
        self.write("uv.lock", lock.format("3.9"))
        return lock

    def test_its_size(self):
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

    @needs_sh
    def test_the_two_commands_of_a_newcomer(self):
        run, test = self.blocks("sh")[0].strip().split("\n")
        self.assertEqual(self.shell(run).stdout.split("\n")[1:], ["hello", ""])
        self.assertEqual(self.shell(test).stdout[-4:], "\nOK\n")

    @needs_uv
    def test_uv_leaves_nothing_in_a_clone(self):
        shutil.copy(os.path.join(HERE, "pyproject.toml"), self.folder)
        for version in VERSIONS:
            done = self.shell(self.blocks("sh")[0].split("\n")[0], uv=real(version)["UV"])
            self.assertEqual(done.stdout, "hello\n")
        self.assertEqual(sorted(os.listdir(self.folder)), ["pyproject.toml", "test_it.py", "uvflags.py"])

    @needs_sh
    def test_explain(self):
        [(command, output)] = self.commands(1)
        uv = os.path.join(RECORDING, "uv")
        output = output.replace("/usr/bin/uv", uv)
        self.assertEqual(self.shell(command, uv=uv).stdout[: len(output)], output)
        command = command.replace("UVFLAGS_EXPLAIN=1 ", "").replace(".py run", ".py explain run")
        self.assertEqual(self.shell(command, uv=uv).stdout, output)
        section = self.text.split("prints an object")[1].split("Both exit")[0]
        self.assertEqual(set(re.findall(r"`(\w+)`", section)), set(explained(["run", "x"])))
        self.assertEqual(self.shell("python uvflags.py explain run --offline --refresh x", uv=uv).returncode, 2)

    def test_the_rules(self):
        for rule, line, answer in self.table("rule "):
            words = line.split()
            environ = dict(word.split("=", 1) for word in words if re.match("[A-Z_]+=", word))
            done = Outcome(["explain", *words[len(environ) :]], environ, path=RECORDING)
            with self.subTest(rule=rule):
                self.assertIn(answer, done.out + done.err)
                self.assertEqual(done.status, 2 if "invalid" in answer or "cannot" in answer else 0)

    def test_the_policies(self):
        for policy, *outcomes in self.table("policy "):
            for first, second, outcome in zip((1, 1, 0, 0), (1, 0, 1, 0), outcomes):
                words, environ = ["--a"] * first + ["--b"] * second, {"A": str(1 - first), "B": str(1 - second)}
                parser = ArgumentParser(environ=environ, conflicts=[Conflict("a", "b", policy)])
                parser.add_argument("--a", action="store_true", env="A")
                parser.add_argument("--b", action="store_true", env="B")
                with self.subTest(policy=policy, words=words), mock.patch("sys.stderr", io.StringIO()) as err:
                    with contextlib.suppress(SystemExit):
                        parser.parse_args(words)
                    found = [word for word in ("error", "warning: ignoring", "no effect") if word in err.getvalue()]
                    wanted = {"error": "error", "passes": "", "warning: the first has no effect": "no effect"}
                    self.assertEqual("".join(found), wanted.get(outcome, "warning: ignoring"))

    def test_the_conflicts(self):
        table = set()
        for subcommand in ("run", "sync", "lock"):
            for row in uvflags._subcommand_parser("uvflags", subcommand)._conflicts:
                table.add((subcommand, *row))
        for where, *sides, policy in self.table("where "):
            for pair in itertools.product(*(side.split(", ") for side in sides)):
                dests = [name[2:].replace("-", "_") for name in pair]
                for subcommand in where.replace("all", "run, sync, lock").split(", "):
                    self.assertIn((subcommand, *dests, policy), table)

    @unittest.skipUnless(shutil.which("make"), "there is no make")
    def test_the_makefile(self):
        line = re.search("`(RUN = .*?)`", self.text).group(1)
        self.write("Makefile", f"{line}\n\ntest:\n\t$(RUN) python -m unittest\n")
        for environ, ending in (
            ({"UV_OFFLINE": "1"}, "OK\n"), ({"UV_OFFLINE": "1", "UV_REFRESH": "1"}, "Error 2\n"),
        ):
            self.assertTrue(self.shell(f"{shutil.which('make')} test", environ).stdout.endswith(ending))
        self.assertIn("UV=true is no path", self.shell(f"{shutil.which('make')} UV=true test").stdout)

    @needs_sh
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
        uv, [text] = real(VERSIONS[2])["UV"], self.blocks("just")
        train, desk = {"UV_OFFLINE": "1", "UV_REFRESH": "0"}, {"UV_REFRESH": "1"}
        both = {"UV_OFFLINE": "1", "UV_REFRESH": "1"}
        other = "'--offline' (UV_OFFLINE=1) cannot be used with '--refresh' (UV_REFRESH=1)"
        self.write("python3", f'#!/bin/sh\nexec {sys.executable} "$@"\n', 0o755)
        ways = re.findall('`(uv := ".*?")`', self.text)
        self.assertEqual(len(ways), 2)
        for way in ('uv := "python uvflags.py"', *ways):
            self.assertIn('uv := "python uvflags.py"', text)
            self.write("justfile", text.replace('uv := "python uvflags.py"', way))
            for recipe, environ, part in (("test -v", desk, "OK"), ("test", train, "OK"), ("test", both, other)):
                with self.subTest(way=way, recipe=recipe, environ=environ):
                    line = f"PATH=$PATH:. {just} {recipe}"
                    self.assertIn(part, self.shell(line, {**environ, "UV_PYTHON": sys.executable}, uv=uv).stdout)

    @needs_uv
    def test_the_dockerfile(self):
        block = self.blocks("dockerfile")[0]
        environ = dict(re.findall(r"^ENV (\w+)=(\w+)$", block, re.MULTILINE))
        environ["UV_PYTHON"] = sys.executable
        line = re.search("RUN (.*)", block).group(1)
        stale = self.make_project().format("3.8")
        self.write("uv.lock", stale)
        for version in VERSIONS:
            uv = real(version)["UV"]
            self.assertEqual(self.shell(line, environ, uv=uv).returncode, 0)
            for option in ("--upgrade", "-P name"):
                self.assertIn("cannot be used", self.shell(f"{line} {option}", environ, uv=uv).stdout)
            check = re.search("`([^`]* --check)` fails", self.text).group(1)
            self.assertIn("needs to be updated", self.shell(check, environ, uv=uv).stdout)
            with open(os.path.join(self.folder, "uv.lock")) as file:
                self.assertEqual(file.read(), stale)

    @needs_sh
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
            done = self.shell(environ + command, {"UV_PYTHON": sys.executable}, uv=real(VERSIONS[2])["UV"])
            self.assertIn(f"jobs={jobs}", done.stdout)

    def test_the_comparison(self):
        outcomes = {"passes": "", "error that names OFFLINE": "(OFFLINE=1)"}
        for line, stock, *_, outcome in self.table("| argparse"):
            self.assertEqual(stock, "no variables")
            words = line.split()
            environ = dict(word.split("=") for word in words if "=" in word)
            rows = [Conflict("offline", "refresh")]
            parser = ArgumentParser("prog", environ=environ, conflicts=rows, exit_on_error=False)
            for name in ("offline", "refresh"):
                parser.add_argument(f"--{name}", action="store_true", env=name.upper())
            for name in ("jobs", "size"):
                parser.add_argument(f"--{name}", type=int, env=name.upper())
            try:
                parser.parse_args(words[len(environ) + 1 :])
                message = ""
            except argparse.ArgumentError as error:
                message = str(error)
            names = outcomes[outcome].split() if outcome in outcomes else list(environ)
            self.assertEqual(bool(message), outcome != "passes")
            for name in names:
                self.assertIn(name, message)

    @needs_uv
    def test_the_differences(self):
        uv = real(VERSIONS[2])["UV"]
        self.make_project()
        os.remove(os.path.join(self.folder, "uv.lock"))
        self.shell("uv lock", {"UV_PYTHON": sys.executable}, uv=uv)
        for line, *outcomes in self.table("line "):
            words = line.replace(" x", " python -c pass").split()
            count = len([word for word in words if re.match("UV_[A-Z_]+=", word)])
            for program, outcome in zip(("uv", "python uvflags.py"), outcomes):
                with self.subTest(line=line, program=program):
                    command = " ".join([*words[:count], program, *words[count:]])
                    done = self.shell(command, {"UV_PYTHON": sys.executable}, uv=uv)
                    self.assertEqual(done.returncode, 0 if outcome.startswith("passes") else 2, done.stdout)
                    self.assertEqual("uvflags.py run: warning" in done.stdout, outcome.endswith("warning"))


class TheFile(unittest.TestCase):
    """Check what can be said of uvflags.py as a text."""

    def setUp(self):
        with open(UVFLAGS, encoding="utf-8") as file:
            self.text = file.read()

    def test_public_names(self):
        public = ["ArgumentParser", "Conflict", "Namespace", "Source", "main", "parse_bool"]
        self.assertEqual(sorted(uvflags.__all__), public)
        defined = [node.name for node in ast.parse(self.text).body if hasattr(node, "name")]
        self.assertEqual(sorted(name for name in defined if not name.startswith("_")), public)

    def test_the_parser_half_stands_alone(self):
        half = self.text[: self.text.index("\n# uv's options") + 1]
        tests = [test.__name__ for test in ParserTest.__subclasses__()]
        with tempfile.TemporaryDirectory() as folder:
            script(os.path.join(folder, "uvflags.py"), half)
            shutil.copy(__file__, os.path.join(folder, "test_uvflags.py"))
            words = [sys.executable, "-m", "unittest", *(f"test_uvflags.{name}" for name in tests)]
            done = subprocess.run(words, cwd=folder, env=clean(), capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"Ran [6-9]\d tests")

    def test_functions_are_short(self):
        for node in ast.walk(ast.parse(self.text)):
            if isinstance(node, ast.FunctionDef):
                self.assertLessEqual(node.end_lineno - node.lineno + 1, 40, node.name)
        self.assertLessEqual(max(map(len, self.text.splitlines())), 100)


if __name__ == "__main__":
    unittest.main()
