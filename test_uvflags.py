# SPDX-License-Identifier: 0BSD
"""Tests of uvflags: `python -m unittest`. Standard library alone.

Where UVFLAGS_TEST_UV names a folder that holds uv-VERSION/bin/uv, the processes are started with the real uv too.
"""

import argparse
import contextlib
import copy
import doctest
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
import types
import unittest
from unittest import mock

sys.dont_write_bytecode = True

import uvflags
from uvflags import ArgumentParser, Conflict, Namespace, Source, parse_bool

HERE = os.path.dirname(os.path.abspath(__file__))
UVFLAGS = os.path.join(HERE, "uvflags.py")
REAL_UV = os.environ.get("UVFLAGS_TEST_UV", "")
VERSIONS = ("0.7.2", "0.9.22", "0.13.9")
TRUE = ("1", "true", "t", "yes", "y", "on")
FALSE = ("0", "false", "f", "no", "n", "off")
EXPECTED = "expected true (1, true, t, yes, y, on) or false (0, false, f, no, n, off)"
DEFAULT = Source("default", None, None)

# A stand-in for uv that tells what it got, as `sh` and `env` can: no Python starts for it.
RECORDING_UV = """#!/bin/sh
printf '%s\\0' "$$" "$#" "$@"
env -0
"""


def variable(name, text):
    return Source("environment", name, text)


def typed(name):
    return Source("command line", name, None)


def setUpModule():
    """Make one folder with a recording uv, one with the tools a command needs, and one with nothing in it."""
    global FOLDER, RECORDING, TOOLS
    FOLDER = tempfile.mkdtemp(prefix="uvflags-")
    RECORDING, TOOLS = os.path.join(FOLDER, "recording"), os.path.join(FOLDER, "tools")
    for folder in (RECORDING, TOOLS):
        os.mkdir(folder)
    script(os.path.join(RECORDING, "uv"), RECORDING_UV)
    os.symlink(sys.executable, os.path.join(TOOLS, "python"))
    for tool in ("sh", "env", "mkdir", "rmdir"):
        os.symlink(shutil.which(tool), os.path.join(TOOLS, tool))
    os.symlink(os.path.join(TOOLS, "env"), os.path.join(RECORDING, "env"))


def tearDownModule():
    shutil.rmtree(FOLDER)


def script(path, text, mode=0o755):
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, mode)
    return path


def clean(environ=None, path=None):
    """An environment with nothing in it but what a process needs, and what the test wants."""
    base = {"PATH": path or TOOLS, "HOME": FOLDER, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "100"}
    return {**base, **(environ or {})}


def start(words, environ=None, *, path=None, program=UVFLAGS, flags=(), **keywords):
    """Start `python uvflags.py WORDS` as a person does."""
    keywords.setdefault("cwd", FOLDER)
    keywords.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run(
        [sys.executable, *flags, program, *words],
        env=clean(environ, path),
        stdout=keywords.pop("stdout", subprocess.PIPE),
        stderr=keywords.pop("stderr", subprocess.PIPE),
        encoding="utf-8",
        errors="surrogateescape",
        check=False,
        **keywords,
    )


def recorded(done):
    """What the recording uv got: its pid, its arguments, its environment."""
    pid, count, *rest = done.stdout.split("\0")
    argv, environ = rest[: int(count)], dict(line.split("=", 1) for line in rest[int(count) : -1])
    return int(pid), argv, environ


class Handed(Exception):
    """What `os.execve` was called with."""


class Outcome:
    """What `main` did with some words in this process: its status and output, and what it would have become."""

    def __init__(self, words, environ=None, *, path=None):
        out, err = io.StringIO(), io.StringIO()
        self.path = self.argv = self.environ = None
        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch.dict(os.environ, clean(environ, path or RECORDING), clear=True))
            stack.enter_context(mock.patch.object(sys, "argv", ["uvflags.py"]))
            stack.enter_context(mock.patch("os.execve", side_effect=self.hand))
            stack.enter_context(mock.patch("signal.signal"))
            stack.enter_context(contextlib.redirect_stdout(out))
            stack.enter_context(contextlib.redirect_stderr(err))
            try:
                self.status = uvflags.main(words)
            except SystemExit as stop:
                self.status = stop.code
            except Handed:
                self.status = None
        self.out, self.err = out.getvalue(), err.getvalue()

    def hand(self, path, argv, environ):
        self.path, self.argv, self.environ = path, argv, environ
        raise Handed


def explained(words, environ=None, *, path=None):
    """The object that `explain --json` prints."""
    outcome = Outcome(["explain", "--json", *words], environ, path=path)
    return json.loads(outcome.out)


class ParseBool(unittest.TestCase):
    def test_every_spelling_in_three_letter_cases(self):
        for texts, truth in ((TRUE, True), (FALSE, False)):
            for text, change in itertools.product(texts, (str.lower, str.upper, str.title)):
                with self.subTest(text=change(text)):
                    self.assertIs(parse_bool(change(text)), truth)

    BAD = ("", " ", " 1", "1 ", "TRUEE", "2", "-1", "00", "yess", "o n", "none", "null", "\uff11", "\u0443", "\u043en",
           "t\u0301", "\u0130", "\udc80", "1\n", "yes\0")  # fmt: skip

    def test_everything_else_is_an_error_with_the_spellings(self):
        for text in self.BAD:
            with self.subTest(text=text), self.assertRaises(ValueError) as caught:
                parse_bool(text)
            self.assertEqual(str(caught.exception), EXPECTED)


def sync(environ, **keywords):
    """A parser with an option of most kinds, each with a variable."""
    keywords.setdefault("conflicts", [Conflict("offline", "refresh")])
    parser = ArgumentParser(prog="sync", environ=environ, **keywords)
    add = parser.add_argument
    add("--offline", action=argparse.BooleanOptionalAction, env="S_OFFLINE")
    add("-r", "--refresh", action="store_true", env="S_REFRESH")
    add("--no-cache", action="store_false", dest="cache", env="S_NO_CACHE")
    add("--jobs", type=int, default=2, env="S_JOBS")
    add("--mode", choices=["copy", "link"], env="S_MODE")
    add("--pair", nargs=2, type=int, env="S_PAIR", env_separator=":")
    add("--maybe", nargs="?", const="c", env="S_MAYBE")
    add("--json", action="store_const", const="json", dest="format", default="text", env="S_JSON")
    add("-v", action="count", default=0, env="S_V", dest="verbose")
    add("--mirror", action="append", default=["main"], env="S_MIRRORS", env_separator=",")
    add("--more", action="extend", nargs="+", default=["a"], env="S_MORE", env_separator=" ")
    add("--token", env="S_TOKEN", env_secret=True, type=int)
    add("place", nargs="?", default="here", env="S_PLACE")
    return parser


def error_of(case, parser, words):
    """What a parser prints when it gives up with status 2."""
    with contextlib.redirect_stderr(io.StringIO()) as err, case.assertRaises(SystemExit) as stop:
        parser.parse_args(words)
    case.assertEqual(stop.exception.code, 2)
    return err.getvalue()


class Merging(unittest.TestCase):
    # words, variables, dest, value, source
    ROWS = (
        ("", {}, "offline", None, DEFAULT),
        ("", {"S_OFFLINE": "1"}, "offline", True, variable("S_OFFLINE", "1")),
        ("", {"S_OFFLINE": "No"}, "offline", False, variable("S_OFFLINE", "No")),
        ("--no-offline", {"S_OFFLINE": "1"}, "offline", False, typed("--no-offline")),
        ("--offline", {"S_OFFLINE": "junk"}, "offline", True, typed("--offline")),
        ("--offline --no-offline", {"S_OFFLINE": "1"}, "offline", False, typed("--no-offline")),
        ("--offl", {}, "offline", True, typed("--offline")),
        ("", {"S_REFRESH": "on"}, "refresh", True, variable("S_REFRESH", "on")),
        ("", {"S_REFRESH": "off"}, "refresh", False, variable("S_REFRESH", "off")),
        ("-r", {}, "refresh", True, typed("-r")),
        ("-vr", {}, "refresh", True, typed("-r")),
        ("", {"S_NO_CACHE": "1"}, "cache", False, variable("S_NO_CACHE", "1")),
        ("", {"S_NO_CACHE": "0"}, "cache", True, variable("S_NO_CACHE", "0")),
        ("", {"S_JOBS": "7"}, "jobs", 7, variable("S_JOBS", "7")),
        ("", {"S_JOBS": ""}, "jobs", 2, DEFAULT),
        ("--jobs=3", {"S_JOBS": "junk"}, "jobs", 3, typed("--jobs")),
        ("", {"S_MODE": "link"}, "mode", "link", variable("S_MODE", "link")),
        ("", {"S_PAIR": "1:2"}, "pair", [1, 2], variable("S_PAIR", "1:2")),
        ("", {"S_MAYBE": "x y"}, "maybe", "x y", variable("S_MAYBE", "x y")),
        ("--maybe", {"S_MAYBE": "x"}, "maybe", "c", typed("--maybe")),
        ("", {"S_JSON": "1"}, "format", "json", variable("S_JSON", "1")),
        ("", {"S_JSON": "0"}, "format", "text", variable("S_JSON", "0")),
        ("", {"S_V": "yes"}, "verbose", 1, variable("S_V", "yes")),
        ("", {"S_V": "no"}, "verbose", 0, variable("S_V", "no")),
        ("-vv", {"S_V": "yes"}, "verbose", 2, typed("-v")),
        ("", {"S_MIRRORS": "b,,c,"}, "mirror", ["main", "b", "c"], variable("S_MIRRORS", "b,,c,")),
        ("", {"S_MIRRORS": ","}, "mirror", ["main"], DEFAULT),
        ("--mirror x", {"S_MIRRORS": "b"}, "mirror", ["main", "x"], typed("--mirror")),
        ("", {"S_MORE": "b  c"}, "more", ["a", "b", "c"], variable("S_MORE", "b  c")),
        ("", {}, "place", "here", DEFAULT),
        ("", {"S_PLACE": "there"}, "place", "there", variable("S_PLACE", "there")),
        ("far", {"S_PLACE": "there"}, "place", "far", typed(None)),
        ("", {"S_TOKEN": "5"}, "token", 5, variable("S_TOKEN", "5")),
    )

    def test_value_and_source(self):
        for words, environ, dest, value, source in self.ROWS:
            with self.subTest(words=words, environ=environ):
                args = sync(environ).parse_args(words.split())
                self.assertEqual(getattr(args, dest), value)
                self.assertEqual(args.source_of(dest), source)

    def test_the_environment_of_the_process_is_read_at_parse_time(self):
        parser = ArgumentParser()
        parser.add_argument("--x", env="X_OF_TEST")
        for text in ("1", "2"):
            with mock.patch.dict(os.environ, {"X_OF_TEST": text}):
                self.assertEqual(parser.parse_args([]).x, text)

    BAD = (
        (
            {"S_OFFLINE": ""},
            f"invalid value '' for '--offline' (S_OFFLINE): {EXPECTED}\nhint: unset S_OFFLINE, or set it to 1 or 0",
        ),
        ({"S_REFRESH": "\x1b[1m\udc80"}, rf"invalid value '\x1b[1m\udc80' for '--refresh' (S_REFRESH): {EXPECTED}"),
        (
            {"S_JOBS": "many"},
            "invalid value 'many' for '--jobs' (S_JOBS): invalid int value: 'many'\nhint: unset S_JOBS, or pass --jobs",
        ),
        ({"S_MODE": "move"}, "invalid value 'move' for '--mode' (S_MODE): invalid choice: 'move'"),
        ({"S_PAIR": "1"}, "invalid value '1' for '--pair' (S_PAIR): expected 2 arguments"),
        ({"S_PAIR": "1:2:3"}, "invalid value '1:2:3' for '--pair' (S_PAIR): expected 2 values, not 3"),
        ({"S_TOKEN": "secret"}, "invalid value for '--token' (S_TOKEN)\nhint: unset S_TOKEN, or pass --token"),
    )

    def test_bad_variables(self):
        for environ, message in self.BAD:
            with self.subTest(environ=environ):
                self.assertIn(message, error_of(self, sync(environ), []))

    def test_a_bad_positional_is_given_not_passed(self):
        parser = ArgumentParser(environ={"N": "x"})
        parser.add_argument("number", type=int, env="N")
        self.assertIn("hint: unset N, or give number", error_of(self, parser, []))

    def test_secrets_stay_out_of_errors_and_help(self):
        for words, environ in ((["--token", "SECRET"], {}), ([], {"S_TOKEN": "SECRET"})):
            error = error_of(self, sync(environ), words)
            self.assertIn("--token", error)
            self.assertNotIn("SECRET", error)

    def test_everything_wrong_is_one_error(self):
        error = error_of(self, sync({"S_JOBS": "x", "S_V": "x", "S_OFFLINE": "1", "S_REFRESH": "1"}), [])
        self.assertEqual(error.count("sync: error: "), 3)
        self.assertEqual(error.count("usage: "), 1)

    def test_help_works_whatever_the_environment_holds(self):
        with contextlib.redirect_stdout(io.StringIO()) as out, self.assertRaises(SystemExit) as stop:
            sync({"S_JOBS": "x", "S_V": "x", "S_OFFLINE": "1", "S_REFRESH": "1"}).parse_args(["--help"])
        self.assertEqual(stop.exception.code, 0)
        self.assertIn("usage: sync", out.getvalue())

    def test_required_is_satisfied_by_a_variable(self):
        for option in ("--need", "need"):
            required = {"required": True} if option[0] == "-" else {}
            for environ, value in (({"NEED": "x"}, "x"), ({}, None), ({"NEED": ""}, None)):
                parser = ArgumentParser(environ=environ)
                action = parser.add_argument(option, env="NEED", **required)
                with self.subTest(option=option, environ=environ):
                    if value:
                        self.assertEqual(parser.parse_args([]).need, value)
                    else:
                        self.assertIn(f"required: {option}", error_of(self, parser, []))
                    self.assertEqual((action.required, repr(action.required)), (True, "True"))

    def test_a_required_flag_may_be_false(self):
        parser = ArgumentParser(environ={"X": "0"})
        parser.add_argument("--x", action=argparse.BooleanOptionalAction, required=True, env="X")
        self.assertIs(parser.parse_args([]).x, False)

    def test_first_variable_of_a_pair_that_decides(self):
        for x, no_x, value in (
            ("1", "0", True),
            ("0", "1", False),
            ("0", "0", False),
            ("1", None, True),
            (None, "1", False),
        ):
            environ = {name: text for name, text in (("X", x), ("NO_X", no_x)) if text}
            parser = ArgumentParser(environ=environ)
            parser.add_argument("--x", action="store_true", env="X")
            parser.add_argument("--no-x", action="store_false", dest="x", env="NO_X")
            with self.subTest(environ=environ):
                self.assertIs(parser.parse_args([]).x, value)
                self.assertEqual(parser.parse_args(["--no-x"]).source_of("x"), typed("--no-x"))

    def test_a_true_constant_outranks_a_false_one(self):
        parser = ArgumentParser(environ={"A": "0", "B": "1"})
        parser.add_argument("--a", action="store_const", const="a", dest="x", env="A")
        parser.add_argument("--b", action="store_const", const="b", dest="x", env="B")
        self.assertEqual(parser.parse_args([]).x, "b")

    def test_an_action_that_sets_another_dest_counts_as_typed_for_it(self):
        class Both(argparse.Action):
            def __call__(self, parser, namespace, values, option_string=None):
                namespace.level = values
                namespace.x = "both"

        for words, environ, x, source in (
            (["--level", "3"], {"X": "env"}, "both", typed("--level")),
            ([], {"LEVEL": "3"}, "both", variable("LEVEL", "3")),
            ([], {"X": "env"}, "env", variable("X", "env")),
        ):
            parser = ArgumentParser(environ=environ)
            parser.add_argument("--level", action=Both, env="LEVEL")
            parser.add_argument("--x", env="X", default="1", type=str)
            with self.subTest(words=words, environ=environ):
                args = parser.parse_args(words)
                self.assertEqual((args.x, args.source_of("x")), (x, source))

    def test_the_conversion_of_a_default_is_no_action(self):
        parser = ArgumentParser(environ={"N": "5"})
        parser.add_argument("--last")
        parser.add_argument("--n", type=int, default="3", env="N")
        parser.add_argument("--m", type=int, default="4")
        args = parser.parse_args(["--last", "x"])
        self.assertEqual(
            (args.n, args.source_of("n"), args.m, args.source_of("m")), (5, variable("N", "5"), 4, DEFAULT)
        )

    def test_an_action_may_reject_its_variable(self):
        class Odd(argparse.Action):
            def __call__(self, parser, namespace, values, option_string=None):
                raise argparse.ArgumentError(self, f"{option_string} {values} is odd")

        parser = ArgumentParser(environ={"ODD": "3"})
        parser.add_argument("--odd", action=Odd, env="ODD")
        self.assertIn("invalid value '3' for '--odd' (ODD): --odd 3 is odd", error_of(self, parser, []))

    def test_a_variable_acts_in_place_of_an_absent_positional(self):
        for keywords, value in (
            ({"nargs": "*", "action": "append"}, [["a", "b"]]),
            ({"nargs": "?", "action": "append"}, ["a", "b"]),
            ({"nargs": "*", "action": "extend", "default": ["x"]}, ["x", "a", "b"]),
            ({"nargs": "*"}, ["a", "b"]),
        ):
            parser = ArgumentParser(environ={"P": "a b"})
            parser.add_argument("p", env="P", env_separator=" ", **keywords)
            with self.subTest(keywords=keywords):
                self.assertEqual(parser.parse_args([]).p, value)

    def test_separator_needs_room(self):
        with self.assertRaisesRegex(ValueError, "--x holds only one value"):
            ArgumentParser().add_argument("--x", env="X", env_separator=",")


class Conflicts(unittest.TestCase):
    @staticmethod
    def parser(policy, environ, **keywords):
        parser = ArgumentParser(prog="p", environ=environ, conflicts=[Conflict("a", "b", policy)], **keywords)
        parser.add_argument("--a", action=argparse.BooleanOptionalAction, default=False, env="A")
        parser.add_argument("--b", action="append", default=[], env="B")
        return parser

    # words, variables, then what each policy makes of them: an error that names these, or the values and the warning
    ROWS = (
        ("--a --b x", {}, "'--a' cannot be used with '--b'", ..., ...),
        ("--b x --a", {"A": "0"}, "'--a' cannot be used with '--b'", ..., ...),
        ("--a", {"B": "x"}, "'--a' cannot be used with '--b' (B=x)", (True, [], "ignoring B=x because '--a' was given"), ...),
        ("--b x", {"A": "on"}, "'--b' cannot be used with '--a' (A=on)", (False, ["x"], "ignoring A=on because '--b' was given"), ...),
        ("", {"A": "1", "B": "x"}, "'--a' (A=1) cannot be used with '--b' (B=x)", ..., (True, ["x"], "")),
        ("--b x", {"A": "0"}, (False, ["x"], ""), ..., ...),
        ("--b x --no-a", {"A": "1"}, (False, ["x"], ""), ..., ...),
        ("--a", {"B": ""}, (True, [], ""), ..., ...),
        ("", {"A": "0", "B": "x"}, (False, ["x"], ""), ..., ...),
        ("--no-a", {"B": "x"}, (False, ["x"], ""), ..., ...),
        ("", {}, (False, [], ""), ..., ...),
    )  # fmt: skip

    def test_each_policy_on_each_mix_of_sources(self):
        for words, environ, *outcomes in self.ROWS:
            expected = None
            for policy, outcome in zip(("always", "command line wins", "typed only"), outcomes):
                expected = expected if outcome is ... else outcome
                with self.subTest(words=words, environ=environ, policy=policy):
                    self.check(self.parser(policy, environ), words.split(), expected)

    def check(self, parser, words, expected):
        if isinstance(expected, str):
            error = error_of(self, parser, words)
            self.assertIn(f"p: error: the argument {expected}\nhint: ", error)
            self.assertNotIn("warning", error)
            return
        with contextlib.redirect_stderr(io.StringIO()) as err:
            args = parser.parse_args(words)
        a, b, warning = expected
        self.assertEqual((args.a, args.b, err.getvalue()), (a, b, f"p: warning: {warning}\n" if warning else ""))
        if warning:
            self.assertEqual(args.source_of("a" if "A=" in warning else "b"), DEFAULT)

    def test_hints(self):
        for words, environ, hint in (
            ("--a --b x", {}, "drop --a or --b"),
            ("--a", {"B": "x"}, "unset B"),
            ("--b x", {"A": "1"}, "unset A, set it to 0, or pass --no-a"),
            ("", {"A": "1", "B": "x"}, "unset A, set it to 0, or pass --no-a; or unset B"),
        ):
            with self.subTest(words=words, environ=environ):
                error = error_of(self, self.parser("always", environ), words.split())
                self.assertTrue(error.endswith(f"hint: {hint}\n"), error)

    def test_variables_are_set_aside_before_the_rest_is_judged(self):
        rows = [Conflict("b", "c"), Conflict("a", "b", "command line wins")]
        for order in (rows, rows[::-1]):
            parser = ArgumentParser(environ={"B": "1", "C": "1"}, conflicts=order)
            for name in "abc":
                parser.add_argument(f"--{name}", action="store_true", env=name.upper())
            with contextlib.redirect_stderr(io.StringIO()) as err:
                args = parser.parse_args(["--a"])
            self.assertEqual((args.a, args.b, args.c), (True, False, True))
            self.assertEqual(err.getvalue().count("ignoring B=1"), 1)

    def test_set_aside_falls_back_to_the_default_of_every_dest_it_set(self):
        class Both(argparse.Action):
            def __call__(self, parser, namespace, values, option_string=None):
                namespace.x, namespace.y = values, values

        parser = ArgumentParser(environ={"X": "v"}, conflicts=[Conflict("a", "x", "command line wins")])
        parser.add_argument("--a", action="store_true")
        parser.add_argument("--x", action=Both, env="X", default=argparse.SUPPRESS)
        parser.add_argument("--y", default="kept")
        with contextlib.redirect_stderr(io.StringIO()):
            args = parser.parse_args(["--a"])
        self.assertEqual(vars(args), {"a": True, "y": "kept"})

    def test_false_constants_and_counts_conflict_with_nothing(self):
        for option in ({"action": "count", "default": 1}, {"action": "store_const", "const": 3, "default": 2}):
            parser = ArgumentParser(environ={"X": "no"}, conflicts=[Conflict("x", "y")])
            parser.add_argument("--x", env="X", **option)
            parser.add_argument("--y", action="store_true")
            self.assertEqual(parser.parse_args(["--y"]).source_of("x"), variable("X", "no"))

    def test_a_row_must_name_arguments_and_a_policy(self):
        for row in (Conflict("a", "nothing"), Conflict("nothing", "a"), Conflict("a", "b", "sometimes")):
            parser = ArgumentParser(conflicts=[row])
            parser.add_argument("--a")
            parser.add_argument("--b")
            with self.subTest(row=row), self.assertRaises(ValueError) as caught:
                parser.parse_args([])
            self.assertIn(repr(row), str(caught.exception))

    @staticmethod
    def exclusive(environ, **keywords):
        parser = ArgumentParser(prog="p", environ=environ)
        group = parser.add_argument_group("g").add_mutually_exclusive_group(**keywords)
        group.add_argument("--a", action="store_true", env="A")
        group.add_argument("--b", env="B")
        group.add_argument("--json", action="store_const", const="json", dest="format", env="JSON")
        group.add_argument("--xml", action="store_const", const="xml", dest="format", env="XML")
        return parser

    def test_mutually_exclusive_groups_count_variables(self):
        for words, environ, expected in (
            ("--a", {"B": "x"}, (True, None, "ignoring B=x because '--a' was given")),
            ("--b x", {"A": "1"}, (False, "x", "ignoring A=1 because '--b' was given")),
            ("--b x", {"A": "0"}, (False, "x", "")),
            ("", {"A": "1", "B": "x"}, "'--a' (A=1) cannot be used with '--b' (B=x)"),
            ("", {"JSON": "1", "XML": "1"}, "'--json' (JSON=1) cannot be used with '--xml' (XML=1)"),
            ("", {"JSON": "1", "XML": "0"}, (False, None, "")),
            ("", {}, (False, None, "")),
        ):
            with self.subTest(words=words, environ=environ):
                self.check(self.exclusive(environ), words.split(), expected)

    def test_a_required_group_is_satisfied_by_a_variable_that_is_true(self):
        self.assertIs(self.exclusive({"A": "1"}, required=True).parse_args([]).a, True)
        self.assertIn("is required", error_of(self, self.exclusive({"A": "0"}, required=True), []))

    class Other(argparse.Action):
        """Sets another dest than its own, and its own where that is not suppressed."""

        def __call__(self, parser, namespace, values, option_string=None):
            namespace.other = values
            if self.default is not argparse.SUPPRESS:
                setattr(namespace, self.dest, values)

    def test_a_variable_never_replaces_another_dest_that_was_typed(self):
        for namespace in (None, argparse.Namespace()):
            parser = ArgumentParser(environ={"X": "v"})
            parser.add_argument("--x", action=self.Other, env="X")
            parser.add_argument("--other")
            args = parser.parse_args(["--other", "typed"], namespace)
            self.assertEqual(vars(args), {"x": "v", "other": "typed"})
        args = parser.parse_args(["--other", "typed"])
        self.assertEqual((args.source_of("x"), args.source_of("other")), (variable("X", "v"), typed("--other")))
        self.assertEqual(parser.parse_args([]).source_of("other"), variable("X", "v"))

    def test_a_namespace_of_a_class_of_its_own(self):
        class Settings:
            fixed = property(lambda self: 1)

            def method(self):
                return self.fixed

        parser = ArgumentParser(environ={"X": "v"})
        parser.add_argument("--x", env="X")
        self.assertEqual(vars(parser.parse_args([], Settings())), {"x": "v"})

    def test_a_dest_that_was_never_set_is_set_aside(self):
        parser = ArgumentParser(environ={"X": "v"}, conflicts=[Conflict("other", "y", "command line wins")])
        parser.add_argument("--x", action=self.Other, env="X", default=argparse.SUPPRESS)
        parser.add_argument("--other")
        parser.add_argument("--y")
        with contextlib.redirect_stderr(io.StringIO()) as err:
            self.assertEqual(vars(parser.parse_args(["--y", "1"])), {"other": None, "y": "1"})
        self.assertIn("ignoring X=v because '--y' was given", err.getvalue())

    def test_an_option_without_a_variable_reads_none(self):
        parser = ArgumentParser(environ={"": "junk", "A": "1"}, env_prefix="A")
        parser.add_argument("--x")
        parser.add_argument("--flag", action="store_true")
        with contextlib.redirect_stderr(io.StringIO()) as err:
            self.assertEqual(vars(parser.parse_args([])), {"x": None, "flag": False})
        self.assertEqual(err.getvalue(), "")

    def test_a_group_of_the_parser_itself(self):
        parser = ArgumentParser(prog="p", environ={"A": "x"})
        group = parser.add_mutually_exclusive_group(required=True)
        group.add_argument("--a", env="A")
        group.add_argument("--b", action="store_true")
        self.assertEqual(parser.parse_args([]).a, "x")
        with contextlib.redirect_stderr(io.StringIO()) as err:
            self.assertEqual(vars(parser.parse_args(["--b"])), {"a": None, "b": True})
        self.assertEqual(err.getvalue(), "p: warning: ignoring A=x because '--b' was given\n")

    def test_two_outside_of_one_group_do_not_exclude_each_other(self):
        parser = ArgumentParser(environ={"A": "1", "B": "1"})
        parser.add_argument("--a", action="store_const", const="a", dest="x", env="A")
        parser.add_argument("--b", action="store_const", const="b", dest="x", env="B")
        self.assertEqual(parser.parse_args([]).x, "a")

    def test_rows_of_parents_count(self):
        parent = self.parser("always", None, add_help=False)
        parser = ArgumentParser(parents=[parent], environ={"A": "1", "B": "x"})
        self.assertIn("cannot be used", error_of(self, parser, []))

    def test_conflicts_between_positionals(self):
        parser = ArgumentParser(conflicts=[Conflict("a", "place")])
        parser.add_argument("--a", action="store_true")
        parser.add_argument("place", nargs="?", metavar="PLACE")
        self.assertIn("'--a' cannot be used with 'PLACE'", error_of(self, parser, ["--a", "here"]))


class Subcommands(unittest.TestCase):
    @staticmethod
    def parser(environ, conflicts=(), parser_class=None):
        parser = ArgumentParser(prog="p", environ=environ, conflicts=[Conflict("offline", "refresh"), *conflicts])
        parser.add_argument("--offline", action=argparse.BooleanOptionalAction, env="ROOT_OFFLINE")
        parser.add_argument("--x", default="root", env="ROOT_X")
        parser.add_argument("--need", required=True, env="NEED")
        keywords = {"parser_class": parser_class} if parser_class else {}
        commands = parser.add_subparsers(dest="command", prog="p", **keywords)
        run = commands.add_parser("run")
        env = {} if parser_class else {"env": "RUN_X"}
        run.add_argument("--x", default="run", **env)
        run.add_argument("--need", default="never")
        run.add_argument("--offline", action="store_true", default=False)
        run.add_argument("--refresh", action="store_true", **({} if parser_class else {"env": "RUN_REFRESH"}))
        commands.add_parser("other").add_argument("--y", type=int, **({} if parser_class else {"env": "OTHER_Y"}))
        return parser

    ROWS = (
        ("--x typed run", {"RUN_X": "v"}, "typed", typed("--x")),
        ("run --x typed", {"ROOT_X": "v"}, "typed", typed("--x")),
        ("--x typed run --x later", {}, "later", typed("--x")),
        ("run", {"ROOT_X": "v"}, "v", variable("ROOT_X", "v")),
        ("run", {"ROOT_X": "v", "RUN_X": "w"}, "w", variable("RUN_X", "w")),
        ("run", {}, "run", DEFAULT),
        ("other", {"RUN_X": "w"}, "root", DEFAULT),
    )

    def test_order_of_the_levels(self):
        for words, environ, value, source in self.ROWS:
            with self.subTest(words=words, environ=environ):
                args = self.parser({"NEED": "x", **environ}).parse_args(words.split())
                self.assertEqual(
                    (args.x, args.source_of("x"), args.command),
                    (value, source, words.split()[-1] if "other" in words else "run"),
                )

    def test_required_on_either_level(self):
        for words in ("--need x run", "run --need x"):
            self.assertEqual(self.parser({}).parse_args(words.split()).need, "x")
        self.assertIn("required: --need", error_of(self, self.parser({}), ["run"]))

    def test_only_variables_of_reached_parsers_are_read(self):
        self.assertEqual(self.parser({"NEED": "x", "OTHER_Y": "junk"}).parse_args(["run"]).command, "run")
        self.assertIn(
            "p other: error: invalid value 'junk'",
            error_of(self, self.parser({"NEED": "x", "OTHER_Y": "junk"}), ["other"]),
        )

    def test_conflicts_across_levels(self):
        for words, environ in (
            ("--offline run --refresh", {}),
            ("run --refresh", {"ROOT_OFFLINE": "1"}),
            ("--offline run", {"RUN_REFRESH": "1"}),
        ):
            with self.subTest(words=words):
                self.assertIn(
                    "p run: error: the argument", error_of(self, self.parser({"NEED": "x", **environ}), words.split())
                )
        self.assertIs(self.parser({"NEED": "x", "ROOT_OFFLINE": "0"}).parse_args(["run", "--refresh"]).refresh, True)

    def test_set_aside_falls_back_to_the_subcommands_default(self):
        rows = [Conflict("refresh", "x", "command line wins")]
        with contextlib.redirect_stderr(io.StringIO()) as err:
            args = self.parser({"NEED": "x", "RUN_X": "v"}, rows).parse_args(["run", "--refresh"])
        self.assertEqual((args.x, args.source_of("x")), ("run", DEFAULT))
        self.assertIn("p run: warning: ignoring RUN_X=v because '--refresh' was given", err.getvalue())

    def test_a_foreign_parser_class_does_as_it_always_did(self):
        for words, x in (("--x typed run", "run"), ("run --x later", "later"), ("--x typed other", "typed")):
            args = self.parser({"NEED": "x", "ROOT_X": "v"}, parser_class=argparse.ArgumentParser).parse_args(
                words.split()
            )
            self.assertEqual(args.x, x)

    def test_a_foreign_parser_does_not_tell_what_was_typed(self):
        rows = [Conflict("x", "offline", "command line wins")]
        for namespace in (None, argparse.Namespace()):
            environ = {"NEED": "x", "ROOT_X": "v", "ROOT_OFFLINE": "1"}
            parser = self.parser(environ, rows, parser_class=argparse.ArgumentParser)
            self.assertEqual(parser.parse_args(["run", "--x", "later"], namespace).x, "later")
        self.assertEqual(parser.parse_args(["run"]).source_of("x"), DEFAULT)

    def test_a_subcommands_parser_that_a_type_uses(self):
        parser = ArgumentParser(environ={"X": "v"})
        run = parser.add_subparsers().add_parser("run", environ={"X": "w"})
        run.add_argument("--x", env="X")
        parser.add_argument("--like", type=lambda text: run.parse_args(text.split()))
        args = parser.parse_args(["--like", "", "run"])
        self.assertEqual((args.like.x, args.x), ("w", "v"))

    def test_below_a_foreign_root(self):
        root = argparse.ArgumentParser()
        run = root.add_subparsers(parser_class=ArgumentParser).add_parser("run", environ={"X": "v"})
        run.add_argument("--x", env="X")
        self.assertEqual(root.parse_args(["run"]).x, "v")

    def test_an_unknown_subcommand(self):
        self.assertIn("invalid choice: 'nope'", error_of(self, self.parser({"NEED": "x"}), ["nope"]))

    def test_the_action_outside_of_a_parse(self):
        commands = ArgumentParser().add_subparsers(dest="command")
        commands.add_parser("run").add_argument("--x", default=1)
        namespace = argparse.Namespace()
        commands(None, namespace, ["run"])
        self.assertEqual(vars(namespace), {"command": "run", "x": 1})


class Unread(unittest.TestCase):
    ROWS = (
        ("S_REFERSH", "S_REFRESH"), ("S_REFRESHH", "S_REFRESH"), ("S_REFRES", "S_REFRESH"), ("S_REFRISH", "S_REFRESH"),
        ("S_OFLINE", "S_OFFLINE"), ("S_FERRESH", None), ("S_REFRESH_ALL", None), ("S_REFRESH", None),
        ("REFRESH", None), ("S_HERE", "S_THERE"),
    )  # fmt: skip

    def test_one_slip_away(self):
        for name, meant in self.ROWS:
            parser = sync({name: "0"}, env_prefix="S_")
            parser.add_subparsers().add_parser("sub").add_argument("--there", env="S_THERE")
            with self.subTest(name=name), contextlib.redirect_stderr(io.StringIO()) as err:
                parser.parse_args([])
            warning = f"sync: warning: {name} is set, but nothing reads it: did you mean {meant}?\n" if meant else ""
            self.assertEqual(err.getvalue(), warning)

    def test_only_with_a_prefix(self):
        with contextlib.redirect_stderr(io.StringIO()) as err:
            sync({"S_REFERSH": "0"}).parse_args([])
        self.assertEqual(err.getvalue(), "")


class DropIn(unittest.TestCase):
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
        done = start(["-c", code], program="-B", cwd=HERE)
        self.assertEqual((done.stdout, done.stderr), ("[]\n", ""))

    def test_public_names(self):
        self.assertEqual(uvflags.__all__, ["ArgumentParser", "Conflict", "Namespace", "Source", "main", "parse_bool"])
        public = {name for name in vars(uvflags) if not name.startswith("_")}
        modules = {name for name in public if isinstance(getattr(uvflags, name), types.ModuleType)}
        self.assertEqual(
            public - modules - {"annotations", "namedtuple", "combinations", "TYPE_CHECKING"}, set(uvflags.__all__)
        )

    def test_namespace_is_argparses(self):
        args = sync({"S_JOBS": "7"}).parse_args(["-r"])
        stock = argparse.Namespace(**vars(args))
        self.assertEqual(args, stock)
        self.assertEqual(stock, args)
        self.assertEqual(repr(args), repr(stock))
        self.assertNotIn("_uvflags_sources", vars(args))
        self.assertEqual(Namespace(a=1).source_of("a"), DEFAULT)

    def test_copies_and_pickles_keep_the_sources(self):
        args = sync({"S_JOBS": "7"}).parse_args(["-r"])
        copies = [copy.copy(args), copy.deepcopy(args)]
        copies += [pickle.loads(pickle.dumps(args, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
        for other in copies:
            self.assertEqual(other, args)
            self.assertEqual(other.source_of("jobs"), variable("S_JOBS", "7"))

    def test_a_copied_parser(self):
        parser = copy.deepcopy(sync({"S_JOBS": "7"}))
        self.assertEqual(parser.parse_args([]).jobs, 7)

    def test_a_dest_called_source_of(self):
        for words, environ, value in (([], {}, None), (["--source-of", "x"], {}, "x"), ([], {"SO": "v"}, "v")):
            parser = ArgumentParser(environ=environ)
            parser.add_argument("--source-of", env="SO")
            args = parser.parse_args(words)
            self.assertEqual(args.source_of, value)
            self.assertIsInstance(Namespace.source_of(args, "source_of"), Source)
        parser = ArgumentParser(argument_default=argparse.SUPPRESS)
        parser.add_argument("--source-of")
        self.assertNotIn("source_of", vars(parser.parse_args([])))

    def test_a_namespace_of_the_callers(self):
        class Settings:
            jobs = 9

        for holder in (argparse.Namespace(jobs=9), Namespace(jobs=9), Settings()):
            args = sync({"S_JOBS": "7", "S_MODE": "link"}).parse_args(["-r"], holder)
            self.assertIs(args, holder)
            self.assertEqual((args.jobs, args.mode, args.refresh), (9, "link", True))
            self.assertNotIn("_uvflags_sources", vars(holder))
        self.assertEqual(sync({"S_JOBS": "7"}).parse_args([], Namespace(jobs=9)).source_of("jobs"), DEFAULT)

    def test_a_second_parse_keeps_the_sources_of_the_first(self):
        first, rest = sync({"S_JOBS": "7", "S_OFFLINE": "1"}).parse_known_args(["-v", "--other"])
        self.assertEqual(rest, ["--other"])
        second = sync({"S_JOBS": "8"}, conflicts=[Conflict("offline", "mode", "command line wins")])
        with contextlib.redirect_stderr(io.StringIO()) as err:
            args = second.parse_args(["--mode", "link"], first)
        self.assertEqual(
            (args.jobs, args.source_of("jobs"), args.source_of("verbose")), (7, variable("S_JOBS", "7"), typed("-v"))
        )
        self.assertEqual((args.offline, args.source_of("offline")), (None, DEFAULT))
        self.assertIn("ignoring S_OFFLINE=1", err.getvalue())

    def test_held_values_outrank_a_subcommands_default(self):
        parser = ArgumentParser(environ={"X": "v"})
        parser.add_subparsers().add_parser("run").add_argument("--x", default="run", env="X")
        self.assertEqual(parser.parse_args(["run"], argparse.Namespace(x="held")).x, "held")

    def test_intermixed(self):
        parser = ArgumentParser(environ={"X": "v", "P": "q"}, conflicts=[Conflict("x", "y")])
        parser.add_argument("--x", env="X", required=True)
        parser.add_argument("--y", action="store_true")
        parser.add_argument("p", nargs="*", env="P", action="extend")
        args = parser.parse_intermixed_args(["a", "--x", "w", "b"])
        self.assertEqual((args.x, args.p, args.source_of("p")), ("w", ["a", "b"], typed(None)))
        args, rest = parser.parse_known_intermixed_args(["--z"])
        self.assertEqual((args.x, args.p, rest), ("v", ["q"], ["--z"]))
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
            parser.parse_intermixed_args(["a", "--y"])

    def test_intermixed_counts_a_group_once(self):
        parser = ArgumentParser(environ={"A": "1"})
        group = parser.add_mutually_exclusive_group()
        group.add_argument("--a", action="store_true", env="A")
        group.add_argument("--b", action="store_true")
        parser.add_argument("p", nargs="*")
        self.assertEqual(vars(parser.parse_intermixed_args(["x"])), {"a": True, "b": False, "p": ["x"]})

    def test_a_parser_that_its_own_action_calls_afresh(self):
        class Again(argparse.Action):
            def __call__(self, parser, namespace, values, option_string=None):
                setattr(namespace, self.dest, parser.parse_args(["--x", values]))

        parser = ArgumentParser(environ={"X": "env"})
        parser.add_argument("--again", action=Again)
        parser.add_argument("--x", env="X")
        args = parser.parse_args(["--again", "inner"])
        self.assertEqual((args.x, args.source_of("x")), ("env", variable("X", "env")))
        self.assertEqual((args.again.x, args.again.source_of("x")), ("inner", typed("--x")))

    def test_exit_on_error(self):
        parser = sync({"S_OFFLINE": "1"}, exit_on_error=False)
        with self.assertRaises(argparse.ArgumentError) as caught:
            parser.parse_args(["-r"])
        self.assertIn("'-r' cannot be used with '--offline'", str(caught.exception))

    def test_files_of_arguments_and_defaults(self):
        path = script(os.path.join(FOLDER, "words"), "--jobs\n5\n")
        parser = sync({"S_MODE": "copy"}, fromfile_prefix_chars="@")
        parser.set_defaults(mode="link", extra=1)
        args = parser.parse_args([f"@{path}"])
        self.assertEqual((args.jobs, args.source_of("jobs"), args.mode, args.extra), (5, typed("--jobs"), "copy", 1))

    def test_suppressed_defaults(self):
        parser = ArgumentParser(argument_default=argparse.SUPPRESS, environ={"Y": "1"})
        parser.add_argument("--x", env="X")
        parser.add_argument("--y", env="Y")
        args = parser.parse_args([])
        self.assertEqual((vars(args), args.source_of("x")), ({"y": "1"}, DEFAULT))

    def test_a_parser_called_from_an_action(self):
        inner = ArgumentParser(environ={"X": "inner"})
        inner.add_argument("--x", env="X")

        class Nested(argparse.Action):
            def __call__(self, parser, namespace, values, option_string=None):
                setattr(namespace, self.dest, inner.parse_args([]))

        class Reread(argparse.Action):
            def __call__(self, parser, namespace, values, option_string=None):
                parser.parse_args(values.split("+"), namespace)

        outer = ArgumentParser(environ={"Y": "outer", "Z": "outer"})
        outer.add_argument("--inner", action=Nested, nargs=0)
        outer.add_argument("--file", action=Reread)
        outer.add_argument("--y", env="Y")
        outer.add_argument("--z", env="Z")
        args = outer.parse_args(["--inner", "--file=--z=file"])
        self.assertEqual((args.inner.x, args.y, args.z), ("inner", "outer", "file"))
        self.assertEqual((args.inner.source_of("x"), args.source_of("x")), (variable("X", "inner"), DEFAULT))

    def test_help_names_the_variable_and_what_it_holds(self):
        environ = {"A": "100% \x1b", "SECRET": "hidden", "B": "[bold]"}
        parser = ArgumentParser(environ=environ)
        parser.add_argument("--a", env="A", help="first of %(prog)s")
        parser.add_argument("--b", env="B", help="second")
        parser.add_argument("--c", env="C", help="third")
        parser.add_argument("--d", env="D")
        parser.add_argument("--e", env="E", help=argparse.SUPPRESS)
        parser.add_argument("--secret", env="SECRET", env_secret=True, help="fourth")
        text = " ".join(parser.format_help().split())
        self.assertIn(f"first of {parser.prog} (env: A=100% \\x1b)", text)
        for part in ("second (env: B=[bold])", "third (env: C)", "fourth (env: SECRET)"):
            self.assertIn(part, text)
        self.assertNotIn("hidden", text)
        self.assertNotIn("env: D", text)
        with mock.patch.dict(os.environ, {"C": "x"}):
            self.assertIn("(env: C)", " ".join(parser.format_help().split()))
        bare = argparse.HelpFormatter("p")
        self.assertIn("(env: C", bare._expand_help(parser._option_string_actions["--c"]))

    def test_values_outside_of_a_parse(self):
        parser = ArgumentParser()
        action = parser.add_argument("--x", type=int)
        self.assertEqual(parser._get_values(action, ["3"]), 3)

    def test_threads_share_a_parser(self):
        parser, failures = sync(None), []

        def parse(number):
            for i in range(250):
                jobs = number * 1000 + i
                args = parser.parse_args(["--jobs", str(jobs), *(["--offline"] if i % 2 else ["-r"])])
                if (args.jobs, args.source_of("jobs"), args.offline is True) != (jobs, typed("--jobs"), bool(i % 2)):
                    failures.append(args)

        threads = [threading.Thread(target=parse, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_docstring(self):
        results = doctest.testmod(uvflags)
        self.assertEqual(results.failed, 0)
        self.assertGreater(results.attempted, 4)


# The options of `uv run` 0.13.9 and the variable that uvflags adds, as facts: heading and kind; then names, $VARIABLE
# ("!" where it can hold a credential), "+hidden" from help, "+global" for those that may stand before `run`.
FACTS = """
Options: list
  --extra
  --no-extra
  --group
  --no-group $UV_NO_GROUP
  --only-group
  --no-editable-package
  --env-file $UV_ENV_FILE
  --with -w
  --with-editable
  --with-requirements
Options: flag
  --all-extras
  --no-all-extras +hidden
  --dev $UV_DEV +hidden
  --no-dev $UV_NO_DEV
  --only-dev
  --no-default-groups $UV_NO_DEFAULT_GROUPS
  --all-groups
  --module -m
  --editable +hidden
  --no-editable $UV_NO_EDITABLE
  --inexact --no-exact +hidden
  --exact
  --no-env-file $UV_NO_ENV_FILE
  --isolated $UV_ISOLATED +global
  --active
  --no-active +hidden
  --no-sync $UV_NO_SYNC
  --locked $UV_LOCKED
  --no-locked +hidden
  --frozen $UV_FROZEN
  --no-frozen +hidden
  --script -s
  --gui-script
  --all-packages
  --no-project --no_workspace $UV_NO_PROJECT
  --show-resolution $UV_SHOW_RESOLUTION +hidden
Options: value
  --package
  --max-recursion-depth $UV_RUN_MAX_RECURSION_DEPTH +hidden
  --python-platform
Index options: list
  --index $UV_INDEX!
  --extra-index-url $UV_EXTRA_INDEX_URL!
  --find-links -f $UV_FIND_LINKS!
Index options: value
  --default-index $UV_DEFAULT_INDEX!
  --index-url -i $UV_INDEX_URL!
  --index-strategy $UV_INDEX_STRATEGY
  --keyring-provider $UV_KEYRING_PROVIDER
Index options: flag
  --no-index
Resolver options: flag
  --upgrade -U
  --no-upgrade +hidden
  --pre +hidden
  --no-sources $UV_NO_SOURCES
Resolver options: list
  --upgrade-package -P
  --upgrade-group
  --prerelease-package
  --exclude-newer-package
  --no-sources-package $UV_NO_SOURCES_PACKAGE
Resolver options: value
  --resolution $UV_RESOLUTION
  --prerelease $UV_PRERELEASE
  --fork-strategy $UV_FORK_STRATEGY
  --exclude-newer $UV_EXCLUDE_NEWER
Installer options: flag
  --reinstall --force-reinstall
  --no-reinstall +hidden
  --compile-bytecode --compile $UV_COMPILE_BYTECODE
  --no-compile-bytecode --no-compile +hidden
Installer options: list
  --reinstall-package
Installer options: value
  --link-mode $UV_LINK_MODE
Build options: list
  --config-setting -C --config-settings
  --config-settings-package
  --no-build-isolation-package
  --no-build-package $UV_NO_BUILD_PACKAGE
  --no-binary-package $UV_NO_BINARY_PACKAGE
Build options: flag
  --no-build-isolation $UV_NO_BUILD_ISOLATION
  --build-isolation +hidden
  --no-build $UV_NO_BUILD
  --build +hidden
  --no-binary $UV_NO_BINARY
  --binary +hidden
  --require-build-hashes $UV_REQUIRE_BUILD_HASHES
  --no-require-build-hashes
Cache options: flag
  --refresh $UV_REFRESH
  --no-refresh +hidden
  --no-cache -n --no-cache-dir $UV_NO_CACHE +global
Cache options: list
  --refresh-package
Cache options: value
  --cache-dir $UV_CACHE_DIR +global
Python options: value
  --python -p $UV_PYTHON
  --python-preference $UV_PYTHON_PREFERENCE +hidden +global
Python options: flag
  --managed-python $UV_MANAGED_PYTHON +global
  --no-managed-python $UV_NO_MANAGED_PYTHON +global
  --allow-python-downloads +hidden +global
  --no-python-downloads +global
Global options: value
  --python-fetch +hidden +global
  --color +global
  --directory $UV_WORKING_DIR +global
  --project $UV_PROJECT +global
  --config-file $UV_CONFIG_FILE +global
Global options: count
  --quiet -q +global
  --verbose -v +global
Global options: flag
  --no-color +hidden +global
  --native-tls $UV_NATIVE_TLS +hidden +global
  --no-native-tls +hidden +global
  --system-certs $UV_SYSTEM_CERTS +global
  --no-system-certs +hidden +global
  --offline $UV_OFFLINE +global
  --no-offline +hidden +global
  --preview $UV_PREVIEW +hidden +global
  --no-preview +hidden +global
  --show-settings +hidden +global
  --no-progress $UV_NO_PROGRESS +global
  --no-installer-metadata $UV_NO_INSTALLER_METADATA +hidden +global
  --no-config $UV_NO_CONFIG +global
Global options: list
  --allow-insecure-host --trusted-host $UV_INSECURE_HOST +global
  --preview-features --preview-feature $UV_PREVIEW_FEATURES +hidden +global
"""

# The variables that uv 0.13.9 documents.
DOCUMENTED = """
UV UV_PREVIEW_FEATURES UV_PYTHON_PREFERENCE UV_RUN_MAX_RECURSION_DEPTH UV_INDEX_NAME_PASSWORD UV_INDEX_NAME_USERNAME
UV_AMD_GPU_ARCHITECTURE UV_API_KEY UV_ASTRAL_MIRROR_URL UV_AUTH_TOKEN UV_AZURE_ENDPOINT_URL
UV_BREAK_SYSTEM_PACKAGES UV_BUILD_BACKEND UV_BUILD_CONSTRAINT UV_CACHE_DIR UV_COMPILE_BYTECODE
UV_COMPILE_BYTECODE_TIMEOUT UV_CONCURRENT_BUILDS UV_CONCURRENT_CACHE_READS UV_CONCURRENT_DOWNLOADS
UV_CONCURRENT_INSTALLS UV_CONFIG_FILE UV_CONSTRAINT UV_CREDENTIALS_DIR UV_CUDA_DRIVER_VERSION
UV_CUSTOM_COMPILE_COMMAND UV_DEFAULT_INDEX UV_DEPENDENCY_MODE UV_DEV UV_DISABLE_UPDATE UV_DOWNLOAD_URL
UV_ENV_FILE UV_EXCLUDE UV_EXCLUDE_NEWER UV_EXTRA_INDEX_URL UV_FIND_LINKS UV_FORK_STRATEGY UV_FROZEN
UV_GCS_ENDPOINT_URL UV_GITHUB_FAST_PATH_URL UV_GITHUB_TOKEN UV_GIT_LFS UV_GRAALPY_INSTALL_MIRROR
UV_HIDE_BUILD_OUTPUT UV_HTTP_CONNECT_TIMEOUT UV_HTTP_RETRIES UV_HTTP_TIMEOUT UV_INDEX UV_INDEX_STRATEGY
UV_INDEX_URL UV_INIT_BARE UV_INIT_BUILD_BACKEND UV_INSECURE_HOST UV_INSECURE_NO_ZIP_VALIDATION
UV_INSTALLER_GHE_BASE_URL UV_INSTALLER_GITHUB_BASE_URL UV_INSTALL_DIR UV_ISOLATED UV_KEYRING_PROVIDER
UV_LEGACY_TAR_BACKEND UV_LINK_MODE UV_LOCKED UV_LOCK_TIMEOUT UV_LOG_CONTEXT UV_MALWARE_CHECK
UV_MALWARE_CHECK_URL UV_MANAGED_PYTHON UV_NATIVE_TLS UV_NO_BINARY UV_NO_BINARY_PACKAGE UV_NO_BUILD
UV_NO_BUILD_ISOLATION UV_NO_BUILD_PACKAGE UV_NO_CACHE UV_NO_CONFIG UV_NO_DEFAULT_GROUPS UV_NO_DEV UV_NO_EDITABLE
UV_NO_ENV_FILE UV_NO_GITHUB_FAST_PATH UV_NO_GROUP UV_NO_HF_TOKEN UV_NO_INSTALLER_METADATA UV_NO_INSTALL_LOCAL
UV_NO_INSTALL_PROJECT UV_NO_INSTALL_WORKSPACE UV_NO_MANAGED_PYTHON UV_NO_MODIFY_PATH UV_NO_PROGRESS
UV_NO_PROJECT UV_NO_PYTHON_DOWNLOADS UV_NO_SOURCES UV_NO_SOURCES_PACKAGE UV_NO_SYNC UV_NO_SYSTEM_CONFIG
UV_NO_VERIFY_HASHES UV_NO_WRAP UV_OFFLINE UV_ONLY_INSTALL_LOCAL UV_ONLY_INSTALL_PROJECT
UV_ONLY_INSTALL_WORKSPACE UV_OVERRIDE UV_PRERELEASE UV_PREVIEW UV_PRINT_QUIET UV_PROJECT UV_PROJECT_ENVIRONMENT
UV_PUBLISH_CHECK_URL UV_PUBLISH_INDEX UV_PUBLISH_NO_ATTESTATIONS UV_PUBLISH_PASSWORD UV_PUBLISH_TOKEN
UV_PUBLISH_URL UV_PUBLISH_USERNAME UV_PYODIDE_INSTALL_MIRROR UV_PYPY_INSTALL_MIRROR UV_PYTHON UV_PYTHON_BIN_DIR
UV_PYTHON_CACHE_DIR UV_PYTHON_CPYTHON_BUILD UV_PYTHON_DOWNLOADS UV_PYTHON_DOWNLOADS_JSON_URL
UV_PYTHON_GRAALPY_BUILD UV_PYTHON_INSTALL_BIN UV_PYTHON_INSTALL_DIR UV_PYTHON_INSTALL_MIRROR
UV_PYTHON_INSTALL_REGISTRY UV_PYTHON_NO_REGISTRY UV_PYTHON_PYODIDE_BUILD UV_PYTHON_PYPY_BUILD
UV_PYTHON_SEARCH_PATH UV_REQUEST_TIMEOUT UV_REQUIRE_BUILD_HASHES
UV_REQUIRE_HASHES UV_REQUIRE_METADATA_RANGE_REQUESTS UV_RESOLUTION UV_RUN_RECURSION_DEPTH UV_S3_ENDPOINT_URL
UV_SHOW_RESOLUTION UV_SKIP_WHEEL_FILENAME_CHECK UV_STACK_SIZE UV_SYSTEM_CERTS UV_SYSTEM_PYTHON UV_TEST_INDEX_URL
UV_THREADPOOL_SIZE UV_TOOL_BIN_DIR UV_TOOL_DIR UV_TORCH_BACKEND UV_UNMANAGED_INSTALL UV_UPLOAD_HTTP_TIMEOUT
UV_VENV_CLEAR UV_VENV_RELOCATABLE UV_VENV_SEED UV_WORKING_DIR UV_WORKING_DIRECTORY
"""


def facts():
    """The rows of FACTS: heading, kind, names, variable or None, secret, hidden, global."""
    rows = []
    for line in FACTS.strip().split("\n"):
        if not line.startswith(" "):
            heading, kind = line.split(": ")
            continue
        words = line.split()
        names = frozenset(word for word in words if word[0] == "-")
        names_of = [word for word in words if word[0] == "$"]
        env = names_of[0].strip("$!") if names_of else None
        rows.append((heading, kind, names, env, "!" in line, "+hidden" in words, "+global" in words))
    return rows


def run_parser():
    return uvflags._fill_run(ArgumentParser("run", add_help=False))


def main_name(names):
    return max(names, key=lambda name: (name.startswith("--"), name == "--python", len(name)))


WORKS = ["python", "-c", "print('ran')"]


class Options(unittest.TestCase):
    def test_the_rows_are_those_of_uv(self):
        parser = run_parser()
        everywhere = uvflags._fill(ArgumentParser("uv", add_help=False), "", "", uvflags._ANYWHERE)
        kinds = {"_CountAction": "count", "_StoreAction": "value", "_AppendAction": "list"}
        rows = []
        for group in parser._action_groups:
            for action in group._group_actions:
                env = uvflags._env(action)
                kind = kinds.get(type(action).__name__, "flag")
                hidden = action.help is argparse.SUPPRESS
                anywhere = action.option_strings[0] in everywhere._option_string_actions
                rows.append(
                    (
                        group.title,
                        kind,
                        frozenset(action.option_strings),
                        env.name or None,
                        env.secret,
                        hidden,
                        anywhere,
                    )
                )
        self.assertEqual(len(facts()), 112)
        helps = ("Global options", "flag", frozenset(("-h", "--help")), None, False, False, True)
        self.assertEqual(
            sorted(map(repr, map(self.ordered, rows))), sorted(map(repr, map(self.ordered, [helps, *facts()])))
        )
        self.assertEqual(len([row for row in rows if row[3]]), 54)

    @staticmethod
    def ordered(row):
        return tuple(sorted(item) if isinstance(item, frozenset) else item for item in row)

    def test_every_visible_option_has_a_help_of_its_own(self):
        helps = [action.help for action in run_parser()._actions if action.help is not argparse.SUPPRESS]
        self.assertTrue(all(helps))
        self.assertEqual(len(helps), len({(text or "").split(" (env")[0] for text in helps}))

    # the words behind `run`, then: the options that were read, and the command
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
        ("--refresh-package a --no-refresh --refresh-package b x", {"refresh": False}, "x"),
        ("--refresh-package a --no-refresh --refresh x", {"refresh": True, "refresh_package": ["a"]}, "x"),
        ("--no-dev --dev x", {"dev": True, "no_dev": False}, "x"),
        ("--dev --no-dev x", {"dev": False, "no_dev": True}, "x"),
        ("--system-certs --no-native-tls x", {"system_certs": False}, "x"),
    )

    def test_shapes_of_options(self):
        for words, options, command in self.SHAPES:
            with self.subTest(words=words):
                outcome = Outcome(["run", *words.split()])
                self.assertEqual(outcome.argv, ["uv", "run", *words.split()], outcome.err)
                data = explained(["run", *words.split()])
                self.assertEqual(data["command"], command.split())
                self.assertEqual({name: option["value"] for name, option in data["options"].items()}, options)

    ERRORS = (
        ("run --refrsh x", "uvflags.py run: error: unexpected argument '--refrsh': did you mean '--refresh'?"),
        ("run --pyhton x", "unexpected argument '--pyhton': did you mean '--python'?"),
        ("run --zzzzzz x", "uvflags.py run: error: unexpected argument '--zzzzzz'\n"),
        ("run --offl x", "unexpected argument '--offl'"),
        ("run --offline=1 x", "the argument '--offline' takes no value"),
        ("run --module=x", "the argument '--module' takes no value"),
        ("run -mx", "unexpected argument '-x'"),
        ("run -q=1 x", "unexpected argument '-='"),
        ("run -1 x", "unexpected argument '-1'"),
        ("run --=x", "unexpected argument '--'"),
        ("run --python", "a value is required for '--python <PYTHON>' but none was supplied"),
        ("run --with -x y", "a value is required for '--with <REQUIREMENT>' but none was supplied"),
        ("run -qp -- y", "a value is required for '-p <PYTHON>' but none was supplied"),
        ("run --version", "unexpected argument '--version'"),
        ("run --bogus -h", "unexpected argument '--bogus'"),
        ("--refresh run x", "uvflags.py: error: unexpected argument '--refresh'"),
        ("--offline", "uvflags.py: error: expected run or explain"),
        ("sync", "uvflags.py: error: unknown subcommand 'sync', expected run or explain"),
        ("", "uvflags.py: error: expected run or explain"),
        ("explain", "uvflags.py explain: error: expected run"),
        ("explain explain", "unknown subcommand 'explain', expected run"),
    )

    def test_words_that_uv_would_not_take(self):
        for words, message in self.ERRORS:
            with self.subTest(words=words):
                outcome = Outcome(words.split())
                self.assertEqual((outcome.status, outcome.out), (2, ""))
                self.assertIn(message, outcome.err)
                self.assertTrue(outcome.err.startswith("usage: uvflags.py"))

    def test_help_and_version(self):
        environ = {"UV_OFFLINE": "junk", "UV_REFRESH": "1", "UV_INDEX_URL": "http://u:SECRET@h", "UV_PYTHON": "100%"}
        for words, part in (
            ("--help", "run a command or script"), ("-h", "explain"), ("--version", f"uvflags {uvflags.__version__}"),
            ("-V", "uvflags"), ("run --help", "Cache options:"), ("run -h --bogus", "(env: UV_OFFLINE=junk)"),
            ("run --offline -qh", "(env: UV_PYTHON=100%)"), ("explain --help", "--json"), ("--offline -h run", "Global options"),
            ("explain run -h", "usage: uvflags.py run"), ("run -h", "Cache options:"), ("run -qh", "--with-editable"),
        ):  # fmt: skip
            with self.subTest(words=words):
                outcome = Outcome(words.split(), environ)
                self.assertEqual((outcome.status, outcome.err), (0, ""))
                self.assertIn(part, outcome.out)
                self.assertNotIn("SECRET", outcome.out)

    def test_help_fits_the_terminal(self):
        for columns in (60, 80, 200):
            text = Outcome(["run", "--help"], {"COLUMNS": str(columns), "UV_PYTHON": "x" * 300}).out
            self.assertLessEqual(max(map(len, text.splitlines())), columns - 2)
            headings = re.findall(r"^(\w.*):$", text, re.MULTILINE)
            expected = ["Options", "Index options", "Resolver options", "Installer options", "Build options",
                        "Cache options", "Python options", "Global options"]  # fmt: skip
            self.assertEqual(headings, expected)
            hidden = {name for *_, names, _, _, hidden, _ in facts() if hidden for name in names}
            shown = set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", text))
            self.assertEqual(hidden & {word for word in shown if f"  {word}" in text}, set())

    def test_the_root_parser_is_whole(self):
        args = uvflags._root_parser().parse_args(["--offline", "run", "--locked"])
        self.assertEqual((args.offline, args.locked), (True, True))


# words, variables, what comes of it: "ran" (with "--refresh" where uv is given it), or the two sides that an error names
REPORT = (
    ("", {"UV_OFFLINE": "0", "UV_REFRESH": "1"}, "--refresh"),
    ("", {"UV_OFFLINE": "1", "UV_REFRESH": "1"}, ("'--offline' (UV_OFFLINE=1)", "'--refresh' (UV_REFRESH=1)")),
    ("--refresh", {"UV_OFFLINE": "0"}, "ran"),
    ("--refresh", {"UV_OFFLINE": "1"}, ("'--refresh'", "'--offline' (UV_OFFLINE=1)", "hint: unset UV_OFFLINE, set it to 0, or pass --no-offline")),
    ("", {"UV_OFFLINE": "", "UV_REFRESH": ""}, ("invalid value '' for '--offline' (UV_OFFLINE)", "invalid value '' for '--refresh' (UV_REFRESH)", EXPECTED)),
    ("", {"UV_OFFLINE": "hello", "UV_REFRESH": "world"}, ("'hello' for '--offline' (UV_OFFLINE)", "'world' for '--refresh' (UV_REFRESH)", EXPECTED)),
    ("--offline --refresh", {}, ("'--offline'", "'--refresh'", "hint: drop --offline or --refresh")),
    ("--no-offline --refresh", {"UV_OFFLINE": "1"}, "ran"),
    ("--package x", {"UV_NO_PROJECT": "0"}, "ran"),
    ("--build", {"UV_NO_BUILD": "0"}, "ran"),
    ("--binary", {"UV_NO_BINARY": "0"}, "ran"),
    ("--build-isolation", {"UV_NO_BUILD_ISOLATION": "0"}, "ran"),
    ("--no-compile-bytecode", {"UV_COMPILE_BYTECODE": "0"}, "ran"),
    ("--frozen", {"UV_NO_SOURCES": "0"}, "ran"),
    ("--locked", {"UV_FROZEN": "0"}, "ran"),
)  # fmt: skip


class WhyItExists(unittest.TestCase):
    """The lines of the report, as processes: without uv, with a uv that records, and with the real ones."""

    def rejects(self, done, parts):
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("usage: uvflags.py run [OPTIONS] [COMMAND [ARGS...]]\nuvflags.py run: error: ", done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)

    def test_without_uv(self):
        for words, environ, expected in REPORT:
            with self.subTest(words=words, environ=environ):
                done = start(["run", *words.split(), *WORKS], environ)
                if isinstance(expected, tuple):
                    self.rejects(done, expected)
                elif set(words.split()) <= {"--refresh", "--no-offline", "--frozen", ""}:
                    self.assertEqual((done.returncode, done.stdout), (0, "ran\n"))
                    self.assertEqual(done.stderr.count("\n"), 1)
                    self.assertIn("note: uv was not found", done.stderr)
                else:
                    self.rejects(done, [f"the argument '{words.split()[0]}' needs uv, which was not found"])

    def test_with_a_recording_uv(self):
        for words, environ, expected in REPORT:
            with self.subTest(words=words, environ=environ):
                done = start(["run", *words.split(), *WORKS], environ, path=RECORDING)
                if isinstance(expected, tuple):
                    self.rejects(done, expected)
                    continue
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                argv = [word for word in recorded(done)[1] if word != "--no-offline" or word in words]
                self.assertEqual(
                    argv, ["run", *(["--refresh"] if expected == "--refresh" else []), *words.split(), *WORKS]
                )

    @unittest.skipUnless(REAL_UV, "UVFLAGS_TEST_UV names no folder with real uvs")
    def test_with_the_real_uv(self):
        for version, (words, environ, expected) in itertools.product(VERSIONS, REPORT):
            with self.subTest(version=version, words=words, environ=environ):
                real = {"UV": os.path.join(REAL_UV, f"uv-{version}", "bin", "uv"), "UV_PYTHON_DOWNLOADS": "never"}
                done = start(["run", *words.split(), *WORKS], {**environ, **real})
                if isinstance(expected, tuple):
                    self.rejects(done, expected)
                elif "--package" in words:  # there is no project here: it is past the conflicts that uv says so
                    self.assertIn("No `pyproject.toml` found", done.stderr)
                    self.assertNotIn("cannot be used", done.stderr)
                else:
                    self.assertEqual((done.returncode, done.stdout), (0, "ran\n"), done.stderr)

    def test_copied_alone_elsewhere(self):
        with tempfile.TemporaryDirectory() as folder:
            copied = shutil.copy(UVFLAGS, folder)
            done = start(["run", "--refresh", *WORKS], program=copied, cwd=folder)
            self.assertEqual((done.returncode, done.stdout), (0, "ran\n"))
            done = start(["-c", "import uvflags; print(uvflags.__file__)"], program="-B", cwd=folder)
            self.assertEqual(os.path.realpath(done.stdout.strip()), os.path.realpath(copied))
            self.assertEqual(os.listdir(folder), ["uvflags.py"])


class HandOver(unittest.TestCase):
    # words, variables, the words that uv gets or None for the same, the variables that it does not get
    ROWS = (
        ("run x", {}, None, ""),
        ("run x", {"UV_OFFLINE": "1", "UV_FROZEN": "no", "UV_PYTHON": "3.11", "OTHER": "x"}, None, ""),
        ("run x", {"UV_REFRESH": "1"}, "run --refresh x", ""),
        ("run x", {"UV_REFRESH": "0", "UV_OFFLINE": "0"}, None, ""),
        ("run --refresh x", {"UV_REFRESH": "1"}, None, ""),
        ("run --no-refresh x", {"UV_REFRESH": "1"}, None, "UV_REFRESH"),
        (
            "run --refresh-package a x",
            {"UV_REFRESH": "1", "UV_OFFLINE": "off"},
            "run --refresh --no-offline --refresh-package a x",
            "UV_OFFLINE",
        ),
        ("run --refresh x", {"UV_OFFLINE": "0"}, "run --no-offline --refresh x", "UV_OFFLINE"),
        ("run --refresh --no-offline x", {"UV_OFFLINE": "0"}, None, "UV_OFFLINE"),
        ("run --offline x", {"UV_OFFLINE": "1"}, None, ""),
        ("run --offline x", {"UV_OFFLINE": "0"}, None, "UV_OFFLINE"),
        ("run --offline x", {"UV_OFFLINE": "junk"}, None, "UV_OFFLINE"),
        ("--no-offline run x", {"UV_OFFLINE": "1"}, None, "UV_OFFLINE"),
        ("--offline run --no-offline x", {}, "run --no-offline x", ""),
        ("--color never --offline -q run --no-offline x", {}, "--color never -q run --no-offline x", ""),
        ("--offline run --offline x", {}, None, ""),
        ("--native-tls run --no-system-certs x", {}, "run --no-system-certs x", ""),
        ("--managed-python run --no-managed-python x", {}, "run --no-managed-python x", ""),
        ("run --offline --no-refresh x", {}, "run --offline x", ""),
        ("run --refresh --no-refresh x", {"UV_OFFLINE": "1"}, "run x", ""),
        ("run --refresh x", {"UV_REFRESH": "0", "UV_DEV": "0", "UV_NO_DEV": "0"}, None, "UV_REFRESH UV_DEV"),
        ("run x", {"UV_REFRESH": "0", "UV_OFFLINE": "0"}, None, ""),
        ("run --offline --no-refresh --refresh-package a x", {}, None, ""),
        ("run --build x", {"UV_NO_BUILD": "1"}, None, "UV_NO_BUILD"),
        ("run --build x", {"UV_NO_BUILD": "0"}, None, "UV_NO_BUILD"),
        ("run --no-build x", {"UV_NO_BUILD": "1"}, None, ""),
        ("run --locked x", {"UV_FROZEN": "1"}, None, "UV_FROZEN"),
        ("run --locked x", {"UV_FROZEN": "0"}, None, "UV_FROZEN"),
        ("run x", {"UV_LOCKED": "0", "UV_FROZEN": "0"}, None, "UV_LOCKED"),
        ("run --upgrade x", {"UV_FROZEN": "1", "UV_LOCKED": "y"}, None, "UV_FROZEN UV_LOCKED"),
        ("run x", {"UV_FROZEN": "1", "UV_NO_SOURCES": "1"}, None, ""),
        ("run --frozen x", {"UV_NO_SOURCES": "1"}, None, "UV_NO_SOURCES"),
        ("run --package a x", {"UV_NO_PROJECT": "1"}, None, "UV_NO_PROJECT"),
        ("run --only-dev x", {"UV_NO_DEV": "1"}, None, "UV_NO_DEV"),
        ("run --only-dev x", {"UV_NO_DEV": "0"}, None, "UV_NO_DEV"),
        ("run --only-group g x", {"UV_DEV": "1"}, None, "UV_DEV"),
        ("run --dev x", {"UV_NO_DEV": "1"}, None, "UV_NO_DEV"),
        ("run --no-dev x", {"UV_DEV": "0"}, None, "UV_DEV"),
        ("run x", {"UV_DEV": "1", "UV_NO_DEV": "0"}, None, "UV_NO_DEV"),
        ("run x", {"UV_DEV": "1", "UV_NO_DEV": "1"}, None, ""),
        ("run --managed-python x", {"UV_PYTHON_PREFERENCE": "system"}, None, "UV_PYTHON_PREFERENCE"),
        ("run --python-preference system x", {"UV_NO_MANAGED_PYTHON": "1"}, None, "UV_NO_MANAGED_PYTHON"),
        ("run x", {"UV_SYSTEM_CERTS": "0", "UV_NATIVE_TLS": "1"}, None, ""),
        ("run x", {"UV_SYSTEM_CERTS": "0", "UV_NATIVE_TLS": "junk"}, None, "UV_NATIVE_TLS"),
        ("run --no-system-certs x", {"UV_NATIVE_TLS": "1"}, None, "UV_NATIVE_TLS"),
        ("run", {}, None, ""),
    )

    def test_words_and_environment(self):
        for words, environ, expected, removed in self.ROWS:
            with self.subTest(words=words, environ=environ):
                outcome = Outcome(words.split(), environ)
                self.assertEqual(outcome.argv, ["uv", *(expected or words).split()], outcome.err)
                self.assertEqual(outcome.path, os.path.join(RECORDING, "uv"))
                given = clean({**environ, "UVFLAGS_HANDED_OVER": "0"}, RECORDING)
                self.assertEqual(outcome.environ, {k: v for k, v in given.items() if k not in removed.split()})
                warned = re.findall("ignoring ([A-Z_]+)=", outcome.err)
                self.assertLessEqual(set(warned), set(removed.split()))

    def test_as_a_module(self):
        done = start(["run", "--refresh", "x", "-m"], path=RECORDING, program="uvflags", flags=["-m"], cwd=HERE)
        self.assertEqual(recorded(done)[1], ["run", "--refresh", "x", "-m"], done.stderr)
        done = start(["run", "--nope"], program="uvflags", flags=["-m"], cwd=HERE)
        self.assertIn("uvflags.py run: error: unexpected argument '--nope'", done.stderr)

    def test_a_process_gets_the_same(self):
        for words, environ, expected, removed in self.ROWS[::5]:
            with self.subTest(words=words, environ=environ):
                _, argv, got = recorded(start(words.split(), environ, path=RECORDING))
                self.assertEqual(argv, (expected or words).split())
                self.assertEqual({k: v for k, v in environ.items() if got.get(k) != v}.keys(), set(removed.split()))

    def test_set_aside_warns_once(self):
        outcome = Outcome(["run", "--locked", "x"], {"UV_FROZEN": "1"})
        self.assertEqual(outcome.err, "uvflags.py run: warning: ignoring UV_FROZEN=1 because '--locked' was given\n")

    def test_false_variables_conflict_with_nothing(self):
        names = [env for _, kind, _, env, *_ in facts() if kind == "flag" and env and env != "UV_REFRESH"]
        self.assertEqual(len(names), 27)
        for spelling in FALSE:
            environ = dict.fromkeys(names, spelling)
            for heading, kind, options, *_ in facts():
                words = [main_name(options), *(["x"] if kind in ("value", "list") else [])]
                with self.subTest(words=words, spelling=spelling, heading=heading):
                    outcome = Outcome(["run", *words, "cmd"], environ)
                    self.assertEqual((outcome.status, outcome.err), (None, ""))

    @unittest.skipIf(os.name == "nt", "bytes are no words there")
    def test_every_byte_of_the_command_arrives(self):
        words = [
            b"",
            b"--",
            b"-x",
            b"--refresh",
            b"\xff\xfe\x80",
            b"@f",
            b"%s",
            b"a b\n",
            "\u00e9".encode(),
            b"-",
            b"*",
        ]
        for options in (b"", b"--", b"-qw requests", b"--with=requests", b"-m", b"-np3.11"):
            argv = [sys.executable, UVFLAGS, b"run", *options.split(), b"cmd", *words]
            done = subprocess.run(argv, env=clean({}, RECORDING), stdout=subprocess.PIPE, check=True)
            got = done.stdout.split(b"\0")
            self.assertEqual(got[2 : 2 + int(got[1])], [b"run", *options.split(), b"cmd", *words])
        for locale in ("C", "POSIX", "C.UTF-8"):
            argv = [
                sys.executable,
                UVFLAGS,
                "run",
                "python",
                "-c",
                "import os, sys; sys.stdout.buffer.write(os.fsencode(sys.argv[1]))",
                b"\xff",
            ]
            done = subprocess.run(argv, env=clean({"LC_ALL": locale}), capture_output=True, check=True)
            self.assertEqual(done.stdout, b"\xff")

    def test_uv_is_the_process_that_was_started(self):
        with subprocess.Popen(
            [sys.executable, UVFLAGS, "run", "x"], env=clean({}, RECORDING), stdout=subprocess.PIPE
        ) as process:
            out = process.communicate()[0]
        self.assertEqual(int(out.split(b"\0")[0]), process.pid)

    def test_status_and_signals_are_the_commands(self):
        for code, status in (
            ("exit 0", 0),
            ("exit 3", 3),
            ("kill -TERM $$", -signal.SIGTERM),
            ("kill -PIPE $$", -signal.SIGPIPE),
        ):
            with self.subTest(code=code):
                self.assertEqual(start(["run", "sh", "-c", code]).returncode, status)
                uv = self.folder_with_uv(f"#!/bin/sh\n{code}\n")
                self.assertEqual(start(["run", "x"], path=uv).returncode, status)

    def folder_with_uv(self, text, mode=0o755):
        folder = tempfile.mkdtemp(dir=FOLDER)
        script(os.path.join(folder, "uv"), text, mode)
        return folder

    def test_an_interrupt_reaches_the_command_once(self):
        code = "import signal, sys, time\nn = []\nsignal.signal(signal.SIGINT, lambda *_: n.append(1))\nprint('up', flush=True)\nsys.stdin.read()\nprint(len(n))"
        argv = [sys.executable, UVFLAGS, "run", "python", "-c", code]
        with subprocess.Popen(
            argv,
            env=clean(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            self.assertEqual(process.stdout.readline(), b"up\n")
            os.killpg(process.pid, signal.SIGINT)
            out = process.communicate(b"")[0]
        self.assertEqual((out, process.returncode), (b"1\n", 0))

    def test_uv_may_be_named_by_its_variable(self):
        uv = os.path.join(self.folder_with_uv(RECORDING_UV), "uv")
        for text, path in ((uv, uv), (os.path.join(FOLDER, "none"), None), (FOLDER, None), ("", None), (UVFLAGS, None)):
            with self.subTest(text=text):
                outcome = Outcome(["run", "x"], {"UV": text})
                self.assertEqual(outcome.path, path or os.path.join(RECORDING, "uv"))

    def test_a_uv_that_can_not_be_executed_is_none(self):
        folder = tempfile.mkdtemp(dir=FOLDER)
        os.mkdir(os.path.join(folder, "uv"))
        for path in (self.folder_with_uv("x", 0o644), folder, os.path.join(FOLDER, "none"), os.pathsep):
            with self.subTest(path=path):
                outcome = Outcome(["run", sys.executable], path=path)
                self.assertEqual(outcome.argv, [sys.executable])
                self.assertIn("uv was not found", outcome.err)

    def test_a_uv_that_leads_back_here_is_an_error(self):
        for text in ('exec "{0}" "{1}" "$@"', '"{0}" "{1}" "$@"', 'sh -c \'"$0" "$@"; exit $?\' "{0}" "{1}" "$@"'):
            uv = self.folder_with_uv("#!/bin/sh\n" + text.format(sys.executable, UVFLAGS) + "\n")
            with self.subTest(text=text):
                done = start(["run", "x"], path=uv + os.pathsep + TOOLS, timeout=60)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(
                    f"{uv}/uv leads back to uvflags\nhint: put uv itself on PATH, or name it in UV", done.stderr
                )

    def test_the_same_depth_is_the_same_run(self):
        for words, out in ((["run", "x"], ""), (["explain", "run", "x"], "command: x\n")):
            outcome = Outcome(words, {"UVFLAGS_HANDED_OVER": "2", "UV_RUN_RECURSION_DEPTH": "2"})
            self.assertEqual((outcome.status, outcome.out), (2, out))
            self.assertIn("leads back to uvflags", outcome.err)

    def test_a_run_within_a_run_is_none_such(self):
        outcome = Outcome(["run", "x"], {"UVFLAGS_HANDED_OVER": "0", "UV_RUN_RECURSION_DEPTH": "1"})
        self.assertEqual((outcome.argv, outcome.environ["UVFLAGS_HANDED_OVER"]), (["uv", "run", "x"], "1"))

    def test_where_there_is_no_exec_a_child_is_waited_for(self):
        for code, status in (("exit 5", 5), ("exit 0", 0)):
            self.assertEqual(uvflags._wait_for(shutil.which("sh"), ["sh", "-c", code], dict(os.environ)), status)
        with mock.patch("subprocess.Popen") as popen:
            popen.return_value.__enter__.return_value.wait.side_effect = [KeyboardInterrupt, 7]
            self.assertEqual(uvflags._wait_for("uv", ["uv"], {}), 7)

    @unittest.skipUnless(REAL_UV, "UVFLAGS_TEST_UV names no folder with real uvs")
    def test_real_uv_runs_what_was_typed(self):
        code = "import json, sys; print(json.dumps(sys.argv[1:]))"
        words = ["", "--", "-x", "--refresh", "@f", "\udcff"]
        for version in VERSIONS:
            real = {"UV": os.path.join(REAL_UV, f"uv-{version}", "bin", "uv"), "UV_PYTHON_DOWNLOADS": "never"}
            done = start(["-q", "run", "--no-project", "python", "-c", code, *words], real)
            self.assertEqual((json.loads(done.stdout), done.returncode), (words, 0), done.stderr)
            self.assertEqual(start(["run", "sh", "-c", "exit 9"], real).returncode, 9)


class WithoutUv(unittest.TestCase):
    NOTE = "uvflags.py run: note: uv was not found, so the command runs directly in the current environment"

    def run_in(self, words, environ=None, path=None):
        return Outcome(["run", *words], environ, path=path or TOOLS)

    def test_the_interpreter_stands_in_where_it_is_meant(self):
        path = script(os.path.join(FOLDER, "hello.py"), "print('hello')")
        bare = tempfile.mkdtemp(dir=FOLDER)
        for words, argv in (
            (["python", "-c", "x"], [sys.executable, "-c", "x"]),
            ([path, "a"], [sys.executable, path, "a"]),
            (["-m", "mod", "-k"], [sys.executable, "-m", "mod", "-k"]),
            (["-", "a"], [sys.executable, "-", "a"]),
            ([sys.executable], [sys.executable]),
        ):
            with self.subTest(words=words):
                outcome = self.run_in(words, path=bare)
                self.assertEqual((outcome.argv, outcome.path), (argv, argv[0]))
                self.assertEqual(outcome.err, self.NOTE + "\n")
        self.assertEqual(self.run_in(["python"]).path, os.path.join(TOOLS, "python"))

    MOOT = ("--offline --no-cache --no-sync --no-progress -q --color=never --config-file=f --no-config --cache-dir=c",
            "--refresh --refresh-package x --frozen -vv", "--no-color")  # fmt: skip

    def test_what_means_nothing_without_uv_is_let_be(self):
        for words in self.MOOT:
            self.assertEqual(self.run_in([*words.split(), "python"]).argv, ["python"])

    def test_everything_else_needs_uv(self):
        moot = {word.split("=")[0] for words in self.MOOT for word in words.split()} | {
            "--quiet",
            "--verbose",
            "--module",
        }
        moot |= {"--no-frozen", "--no-offline", "--no-refresh"}
        for _, kind, options, *_ in facts():
            name = main_name(options)
            if name not in moot and not options & moot:
                with self.subTest(name=name):
                    outcome = self.run_in([name, *(["v"] if kind in ("value", "list") else []), "python"])
                    self.assertEqual((outcome.status, outcome.argv), (2, None))
                    self.assertIn(
                        f"the argument '{name}' needs uv, which was not found\nhint: install uv, or drop {name}",
                        outcome.err,
                    )

    def test_all_that_need_uv_are_named_at_once(self):
        outcome = self.run_in(["-wx", "--python", "3.11", "-w", "y", "python"])
        self.assertEqual(re.findall("the argument '(.*?)' needs", outcome.err), ["-w", "--python"])

    def test_variables_without_effect_are_named(self):
        environ = {"UV_PYTHON": "3.11", "UV_OFFLINE": "1", "UV_INDEX": "http://SECRET"}
        self.assertEqual(
            self.run_in(["python"], environ).err, f"{self.NOTE}; without effect: UV_INDEX, UV_PYTHON=3.11\n"
        )

    def test_no_command(self):
        outcome = self.run_in([])
        self.assertEqual(outcome.status, 2)
        self.assertIn("there is no command", outcome.err)

    def test_status_of_the_shell(self):
        unfit = script(os.path.join(TOOLS, "unfit"), "x", 0o644)
        broken = script(os.path.join(FOLDER, "broken"), "#!/none\n")
        for command, status in (
            ("no-such-command", 127),
            ("./no/such", 127),
            ("unfit", 126),
            (unfit, 126),
            (broken, 126),
            (FOLDER, 127),
        ):
            with self.subTest(command=command):
                done = start(["run", command])
                self.assertEqual((done.returncode, done.stdout), (status, ""))
                self.assertIn(f"{command}: ", done.stderr)
                self.assertNotIn("Traceback", done.stderr)

    def test_what_can_not_be_started_here(self):
        with mock.patch.object(Outcome, "hand", side_effect=PermissionError(13, "no such right")):
            outcome = self.run_in(["python"])
        self.assertEqual(outcome.status, 126)
        self.assertTrue(outcome.err.endswith("\npython: no such right\n"))
        self.assertEqual(self.run_in(["no-such-command"]).status, 127)

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
                done = start(["run", *words], stdin=None, input=stdin) if stdin else start(["run", *words])
                self.assertEqual((done.stdout, done.returncode), (out, 0), done.stderr)


class Explain(unittest.TestCase):
    def test_the_report_is_explained_as_it_runs(self):
        for words, environ, expected in REPORT:
            line = ["run", *words.split(), *WORKS]
            with self.subTest(line=line, environ=environ):
                data = explained(line, environ)
                done = start(line, environ, path=RECORDING)
                for name in ("offline", "refresh"):
                    self.check_option(data, name, words.split(), environ, f"UV_{name.upper()}")
                self.assertEqual(data["command"], WORKS)
                if isinstance(expected, tuple):
                    self.assertEqual((data["runs"], data["unset"], done.returncode), ([], [], 2))
                    for message in data["errors"]:
                        self.assertIn(f"error: {message}\n", done.stderr)
                    conflict = {"options": ["--offline", "--refresh"], "message": data["errors"][0]}
                    conflict["options"].sort(reverse=words == "--refresh")
                    self.assertEqual(data["conflicts"], [] if "invalid value" in data["errors"][0] else [conflict])
                else:
                    _, argv, got = recorded(done)
                    self.assertEqual(data["runs"], ["uv", *argv])
                    self.assertEqual(set(data["unset"]), set(environ) - set(got))
                    self.assertEqual((data["errors"], data["conflicts"]), ([], []))

    def check_option(self, data, name, words, environ, env):
        option = data["options"].get(name)
        for text in (f"--no-{name}", f"--{name}"):
            if text in words:
                expected = {"value": not text.startswith("--no-"), "source": "command line", "name": text, "text": None}
                self.assertEqual(option, expected)
                return
        if environ.get(env, "").lower() in TRUE + FALSE and env in environ:
            value = environ[env].lower() in TRUE
            self.assertEqual(option, {"value": value, "source": "environment", "name": env, "text": environ[env]})
        else:
            self.assertIsNone(option)

    def test_text(self):
        outcome = Outcome(
            ["explain", "--color", "never", "run", "-w", "a", "--locked", "-wb", "x", "a b"],
            {"UV_FROZEN": "1", "UV_REFRESH": "on", "UV_OFLINE": "1"},
        )
        self.assertEqual(
            outcome.out.splitlines(),
            [
                "color    never  command line",
                "with     a, b   command line",
                "locked   true   command line",
                "refresh  true   UV_REFRESH=on",
                "frozen   none   default",
                "command: x 'a b'",
                "starts:  uv --color never run --refresh -w a --locked -wb x 'a b'",
                "added:   --refresh",
                "removed: UV_FROZEN",
                "warning: ignoring UV_FROZEN=1 because '--locked' was given",
                "warning: UV_OFLINE is set, but nothing reads it: did you mean UV_OFFLINE?",
            ],
        )
        self.assertEqual((outcome.status, outcome.err, outcome.argv), (0, "", None))

    def test_text_of_an_empty_value(self):
        self.assertIn("color    command line\n", Outcome(["explain", "run", "--color", "", "x"]).out)

    def test_text_of_a_conflict(self):
        outcome = Outcome(["explain", "run", "--refresh", "x"], {"UV_OFFLINE": "1"})
        self.assertEqual(outcome.status, 2)
        self.assertEqual(
            outcome.out.splitlines(), ["refresh  true  command line", "offline  true  UV_OFFLINE=1", "command: x"]
        )
        self.assertIn(
            "error: the argument '--refresh' cannot be used with '--offline' (UV_OFFLINE=1)\nhint: ", outcome.err
        )

    def test_json_of_a_conflict_is_alone(self):
        outcome = Outcome(["explain", "--offline", "--json", "run", "--refresh"])
        self.assertEqual((outcome.status, outcome.err), (2, ""))
        data = json.loads(outcome.out)
        self.assertEqual(list(data), ["command", "options", "conflicts", "errors", "warnings", "runs", "unset"])
        self.assertEqual(data["conflicts"][0]["options"], ["--offline", "--refresh"])

    def test_json_leaves_no_word_of_its_own_for_uv(self):
        self.assertEqual(explained(["-q", "run", "x"])["runs"], ["uv", "-q", "run", "x"])
        data = json.loads(Outcome(["explain", "-q", "--json", "--offline", "run", "--no-offline", "x"]).out)
        self.assertEqual(data["runs"], ["uv", "-q", "run", "--no-offline", "x"])

    def test_behind_global_options(self):
        for words in (["--offline", "explain", "-q", "run", "x"], ["explain", "--offline", "-q", "run", "x"]):
            self.assertIn("starts:  uv --offline -q run x\n", Outcome(words).out)

    def test_without_uv(self):
        data = explained(["run", "python", "x"], {"UV_PYTHON": "3.11"}, path=TOOLS)
        self.assertEqual((data["runs"], data["errors"]), (["python", "x"], []))
        self.assertIn("without effect: UV_PYTHON=3.11", data["warnings"][0])
        data = explained(["run", "--with", "a", "x"], path=TOOLS)
        self.assertEqual((data["runs"], data["errors"]), ([], ["the argument '--with' needs uv, which was not found"]))

    def test_it_starts_nothing(self):
        done = start(["explain", "run", "x"], path=RECORDING)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, "command: x\nstarts:  uv run x\n")

    def test_a_reader_that_stops_reading(self):
        for words in (["explain", "run", *["x" * 1000] * 100], ["run", "--help"]):
            read, write = os.pipe()
            os.close(read)
            with os.fdopen(write, "w") as pipe:
                done = start(words, stdout=pipe)
            self.assertEqual((done.returncode, done.stderr), (0, ""))


class Hints(unittest.TestCase):
    def ways(self, words, environ):
        """Each way out that the hints of a rejected line name, as the words and variables of a new line."""
        outcome = Outcome(["run", *words, "cmd"], environ)
        self.assertEqual(outcome.status, 2, outcome.err)
        for hint in re.findall("hint: (.*)", outcome.err):
            name = None
            for way in re.split(r"; or |, or |, | or ", hint):
                verb, _, rest = (
                    way.removeprefix("or ").partition(" ") if hasattr(way, "removeprefix") else way.partition(" ")
                )
                if verb in ("unset", "set"):
                    name = rest if verb == "unset" else name
                    changed = dict(environ)
                    changed.pop(name)
                    yield way, words, {**changed, **({name: "0"} if verb == "set" else {})}
                elif verb == "pass":
                    yield way, [rest, *words], environ
                else:
                    option = way.split()[-1]
                    index = words.index(option)
                    yield way, words[:index] + words[index + 1 + (words[index + 1 : index + 2] == ["v"]) :], environ

    def test_every_hint_of_every_row_makes_the_line_pass(self):
        parser, followed = run_parser(), 0
        for row in parser._conflicts:
            typed_words, variables = [], []
            for dest in row[:2]:
                action = next(a for a in parser._actions if a.dest == dest and a.const is not False)
                option = max(action.option_strings, key=len)
                flag = action.nargs == 0
                typed_words.append([option] if flag else [option, "v"])
                env = uvflags._env(action).name
                variables.append({env: "1" if flag else "system"} if env else None)
            lines = [(typed_words[0] + typed_words[1], {})]
            if all(variables) and row.sources != "typed only":
                lines.append(([], {**variables[0], **variables[1]}))
            if row.sources == "always":
                lines += [(words, env) for words, env in zip(typed_words, variables[::-1]) if env]
            for words, environ in lines:
                for way, new_words, new_environ in self.ways(words, environ):
                    with self.subTest(row=row, words=words, environ=environ, way=way):
                        outcome = Outcome(["run", *new_words, "cmd"], new_environ)
                        self.assertIsNone(outcome.status, outcome.err)
                        followed += 1
        self.assertGreater(followed, 70)

    def test_hints_of_bad_variables(self):
        for _, kind, _, env, *_ in facts():
            if kind == "flag" and env:
                outcome = Outcome(["run", "cmd"], {env: "junk"})
                self.assertIn(f"hint: unset {env}, or set it to 1 or 0\n", outcome.err)
                for environ in ({}, {env: "1"}, {env: "0"}):
                    self.assertIsNone(Outcome(["run", "cmd"], environ).status)

    def test_a_newcomer_needs_one_step(self):
        done = start(["run", "--refresh", "pytest"], {"UV_OFFLINE": "1"})
        self.assertEqual(
            done.stderr,
            "usage: uvflags.py run [OPTIONS] [COMMAND [ARGS...]]\n"
            "uvflags.py run: error: the argument '--refresh' cannot be used with '--offline' (UV_OFFLINE=1)\n"
            "hint: unset UV_OFFLINE, set it to 0, or pass --no-offline\n",
        )


class Unusual(unittest.TestCase):
    def test_interpreter_flags(self):
        for flags in (["-I"], ["-S"], ["-O"], ["-OO"], ["-W", "error"], ["-X", "dev"], ["-X", "utf8=0"]):
            with self.subTest(flags=flags):
                done = start(["run", "--refresh", "python", "-c", "print('ran')"], flags=flags)
                self.assertEqual((done.stdout, done.returncode), ("ran\n", 0), done.stderr)
                self.assertNotIn("Warning", done.stderr)

    @unittest.skipIf(os.name == "nt", "needs a shell")
    def test_closed_streams_and_a_full_disk(self):
        for redirection, words, status in (
            (">&-", "run --help", 0), ("2>&-", "run --bogus", 2), (">&- 2>&-", "run --bogus", 2), (">&-", "explain run x", 0),
            ("2>&-", "run sh -c 'exit 4'", 4), ("<&-", "run sh -c 'exit 4'", 4), (">/dev/full", "run sh -c 'exit 4'", 4),
            (">/dev/full", "explain run x", 2),
        ):  # fmt: skip
            with self.subTest(redirection=redirection, words=words):
                line = f"{shlex.quote(sys.executable)} {shlex.quote(UVFLAGS)} {words} {redirection}"
                done = subprocess.run(["sh", "-c", line], env=clean(), capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertNotIn("Traceback", done.stderr)

    @unittest.skipIf(os.name == "nt", "a folder in use stays there")
    def test_a_working_directory_that_is_gone(self):
        line = f"mkdir gone && cd gone && rmdir ../gone && {shlex.quote(sys.executable)} {shlex.quote(UVFLAGS)} run sh -c 'echo ran'"
        done = subprocess.run(["sh", "-c", line], env=clean(), cwd=FOLDER, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, "ran\n"), done.stderr)

    def test_long_words(self):
        for word in ("x" * 100_000, "--" + "x" * 100_000, "--with=" + "x" * 100_000, "-" + "q" * 10_000):
            outcome = Outcome(["run", word, "cmd"])
            self.assertIn(outcome.status, (None, 2))

    def test_streams_that_fail_here(self):
        for name, status in (("pipe", 0), ("/dev/full", 2)):
            if name == "pipe":
                read, write = os.pipe()
                os.close(read)
                stream = os.fdopen(write, "w")
            else:
                stream = open(name, "w")  # noqa: SIM115
            with stream, mock.patch.object(sys, "stdout", stream), contextlib.redirect_stderr(io.StringIO()) as err:
                self.assertEqual(uvflags.main(["explain", "run", "x"]), status)
            self.assertEqual("cannot write" in err.getvalue(), status == 2)

    def test_streams_that_are_closed_here(self):
        with mock.patch.object(sys, "stdout", None), mock.patch.object(sys, "stderr", None):
            with self.assertRaises(SystemExit) as stop:
                uvflags.main(["--version"])
            sys.stdout.close()
            sys.stderr.close()
        self.assertEqual(stop.exception.code, 0)

    def test_started_as_a_script(self):
        for words, status in ((["--version"], 0), (["run", "--bogus"], 2)):
            with mock.patch.object(sys, "argv", [UVFLAGS, *words]), contextlib.redirect_stdout(io.StringIO()) as out:
                with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit) as stop:
                    runpy.run_path(UVFLAGS, run_name="__main__")
            self.assertEqual((stop.exception.code, "uvflags" in out.getvalue()), (status, status == 0))

    SECRET = "S3CR3T"

    def test_secrets_are_nowhere(self):
        names = [(options, env) for _, kind, options, env, secret, *_ in facts() if secret]
        self.assertEqual(len(names), 5)
        url = f"http://user:{self.SECRET}@host"
        for options, env in names:
            name, short = main_name(options), min(options, key=len)
            for words, environ in (
                (["run", name, url, "cmd"], {}), (["run", f"{name}={url}", "cmd"], {}), (["run", "cmd"], {env: url}),
                (["run", f"{short}{url}" if len(short) == 2 else f"{name}={url}", "--offline", "--refresh", "cmd"], {}),
                (["run", "cmd"], {env: url, "UV_OFFLINE": "junk"}), (["run", "--help"], {env: url}),
                (["run", name[:-1] + "=" + url, "cmd"], {}), (["run", "-q=" + url, "cmd"], {}), (["run", f"--offline={url}"], {}),
            ):  # fmt: skip
                for path in (RECORDING, TOOLS):
                    for front in ([], ["explain"], ["explain", "--json"]):
                        outcome = Outcome([*front, *words], environ, path=path)
                        self.assertNotIn(self.SECRET, outcome.out + outcome.err, (front, words, environ))
                        if outcome.argv and path == RECORDING:
                            self.assertIn(
                                url,
                                [*outcome.environ.values(), *(a.split("=")[-1].lstrip("-if") for a in outcome.argv)],
                            )

    def test_documented_variables_bring_no_warning(self):
        environ = dict.fromkeys(DOCUMENTED.split(), "1")
        self.assertGreater(len(environ), 100)
        self.assertNotIn("nothing reads it", Outcome(["run", "cmd"], environ).err)
        self.assertIn(
            "UV_REFERSH is set, but nothing reads it: did you mean UV_REFRESH?",
            Outcome(["run", "x"], {"UV_REFERSH": "1"}).err,
        )


class Readme(unittest.TestCase):
    """The README's examples, run as they stand."""

    @classmethod
    def setUpClass(cls):
        with open(os.path.join(HERE, "README.md"), encoding="utf-8") as file:
            blocks = re.findall(r"^```(\w+)\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)
        cls.blocks = {}
        for language, text in blocks:
            cls.blocks.setdefault(language, []).append(text)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        shutil.copy(UVFLAGS, self.folder)
        script(
            os.path.join(self.folder, "test_it.py"),
            "import unittest\nclass T(unittest.TestCase):\n    def test(self): pass\n",
        )

    def shell(self, line, environ=None):
        return subprocess.run(
            ["sh", "-c", line], env={**clean(environ), "COLUMNS": "80"}, cwd=self.folder, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False,
        ).stdout  # fmt: skip

    def test_console_examples(self):
        script(os.path.join(self.folder, "sync.py"), self.blocks["python"][0])
        commands = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", "".join(self.blocks["console"]), re.MULTILINE)
        self.assertEqual(len(commands), 5)
        for command, output in commands:
            with self.subTest(command=command):
                uv = {"UV": os.path.join(RECORDING, "uv")} if " explain " in command else {}
                self.assertEqual(self.shell(command, uv), output)

    def test_the_two_commands_of_a_newcomer(self):
        run, test = self.blocks["sh"][0].strip().split("\n")
        self.assertTrue(self.shell(run).endswith("\nhello\n"))
        self.assertTrue(self.shell(test).endswith("\nOK\n"))
        self.assertEqual(test, "python -m unittest")

    def test_the_makefile(self):
        make = shutil.which("make")
        self.assertIsNotNone(make, "this test runs make")
        script(os.path.join(self.folder, "Makefile"), self.blocks["make"][0])
        for environ, ending in (({"UV_OFFLINE": "1"}, "OK\n"), ({"UV_OFFLINE": "1", "UV_REFRESH": "1"}, "Error 2\n")):
            self.assertTrue(self.shell(f"{make} test", environ).endswith(ending))

    def test_the_github_step(self):
        step = self.blocks["yaml"][0]
        environ = dict(re.findall(r'^    (\w+): "(\w+)"$', step, re.MULTILINE))
        self.assertEqual(set(environ), {"UV_OFFLINE", "UV_REFRESH"})
        line = re.search("run: (.*)", step).group(1)
        self.assertTrue(self.shell(line, environ).endswith("\nOK\n"))
        self.assertIn("cannot be used", self.shell(line, {**environ, "UV_OFFLINE": "true"}))

    @unittest.skipUnless(REAL_UV, "UVFLAGS_TEST_UV names no folder with real uvs and just")
    def test_the_justfile(self):
        just = os.path.join(REAL_UV, "just", "bin", "just")
        script(os.path.join(self.folder, "justfile"), self.blocks["just"][0])
        real = {"UV": os.path.join(REAL_UV, "uv-0.13.9", "bin", "uv"), "UV_PYTHON_DOWNLOADS": "never"}
        train, desk = {**real, "UV_OFFLINE": "1", "UV_REFRESH": "0"}, {**real, "UV_REFRESH": "1"}
        for recipe, environ, part in (
            ("test -v", desk, "OK"), ("test", train, "OK"), ("fresh", desk, "OK"),
            ("fresh", train, "'--refresh' cannot be used with '--offline' (UV_OFFLINE=1)"),
        ):  # fmt: skip
            with self.subTest(recipe=recipe, environ=environ):
                self.assertIn(part, self.shell(f"{just} {recipe}", environ))


if __name__ == "__main__":
    unittest.main()
