"""Hold two laws with random parsers, words and variables.

    python .ci/laws.py [PARSERS] [SEED]

1. A variable acts as its argument typed once. One that is false gives a flag the opposite value, if
   it has one.
2. Without variables nothing differs from argparse, but that a subcommand's namespace begins with
   what was typed before it, and how messages and usage show that something is required.

Prints the failures, each with a program that shows it, and figures. If there is any, the exit
status is 1.
"""

import argparse
import collections
import contextlib
import io
import itertools
import random
import re
import sys
import types

import common
from common import uvflags

PREAMBLE = """import argparse

class Custom(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        before = getattr(namespace, self.dest, "unset")
        setattr(namespace, self.dest, [before, values, option_string])

def add(container, *args, **kwargs):
    return container.add_argument(*args, **kwargs)
"""
# Kinds of arguments: the action, and how many values it takes.
FLAGS = "store_true store_false store_const append_const count boolean".split()
FLAGS = [(action, 0) for action in FLAGS]
NARGS = (None, None, None, "?", "*", "+", 1, 2)
VALUED = [*itertools.product(("store", "store", "append", "custom"), NARGS)]
VALUED += [("extend", "*"), ("extend", "+"), ("extend", 2)]
OPTIONS = [*FLAGS * 5, *VALUED]
POSITIONALS = [*VALUED, ("store", "..."), ("store", "..."), ("append", "...")]
IN_GROUPS = [*FLAGS, ("store", None), ("store", None), ("append", None)]  # in effect, if typed
SPELLED = {"boolean": "argparse.BooleanOptionalAction", "custom": "Custom"}
DEFAULTS = {"append": '["d"]', "extend": '["d"]', "append_const": '["d"]', "count": "3"}  # else 7, 8
OPPOSITES = {"store_true": "False", "store_false": "True", "boolean": "False"}
TRUE, FALSE = ("1", "true", "Yes", "ON"), ("0", "false", "No", "OFF")
# The parsers have numbers. The root is 0. Of the others, this has the one above, and the name.
SUBCOMMANDS = {1: (0, "go"), 2: (0, "do"), 3: (1, "up")}
TREES = ((0,), (0,), (0, 1), (0, 1, 2), (0, 1, 3), (0, 1, 2, 3))
ODD_WORDS = ("--zz", "extra", "--", "-h", "", "-1", "--no-x", "--p", "--end=1")
METHODS = ["parse_args", "parse_args", "parse_args", "parse_known_args"]
INTERMIXED = ["parse_intermixed_args", "parse_known_intermixed_args"]  # not with subcommands
LINES = 2  # for each parser


class Description:
    """Describe a random parser: its source, and its arguments."""

    def __init__(self, rng):
        self.rng, self.source, self.arguments = rng, [], []
        self.shared = {dest: rng.choice(OPTIONS) for dest in "xy"}  # dests on several levels
        self.numbers = rng.choice(TREES)
        for number in self.numbers:
            self.add_parser(number, f"parser{number}")

    def at(self, number):
        """Return the arguments of a parser."""
        return [a for a in self.arguments if a.number == number]

    def add_parser(self, number, parser):
        rng, write, parents = self.rng, self.source.append, ""
        if rng.random() < 0.15:
            write("parent = ArgumentParser(add_help=False)")
            self.add("parent", number, OPTIONS)
            self.add("parent", number, VALUED, option=False)
            parents = ", parents=[parent]"
        if number:
            above, name = SUBCOMMANDS[number]
            write(f"{parser} = subcommands{above}.add_parser({name!r}{parents})")
        else:
            write(f"{parser} = ArgumentParser('prog', environ=environ{parents})")
        # An option of every parser. It ends the values of the one before it.
        write(f"add({parser}, '--end', action='store_true', default=argparse.SUPPRESS)")
        for _ in range(rng.choice([0, 1, 2, 3])):
            self.add(parser, number, OPTIONS)
        if rng.random() < 0.2:
            write(f"group = {parser}.add_argument_group('group')")
            self.add("group", number, OPTIONS)
        if rng.random() < 0.25:
            group = types.SimpleNamespace(members=[], required=rng.random() < 0.4)
            write(f"exclusive = {parser}.add_mutually_exclusive_group(required={group.required})")
            for _ in range(rng.choice([2, 2, 3])):
                group.members.append(self.add("exclusive", number, IN_GROUPS, group=group))
        for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
            self.add(parser, number, POSITIONALS, option=False)
        if any(SUBCOMMANDS[below][0] == number for below in self.numbers[1:]):
            dests = ["", 'dest="cmd"', f'dest="cmd{number}"', 'dest="cmd", required=True']
            write(f"subcommands{number} = {parser}.add_subparsers({rng.choice(dests)})")
        if self.arguments and rng.random() < 0.3:
            a = rng.choice(self.arguments)
            write(f"{parser}.set_defaults({a.dest}={DEFAULTS.get(a.action, '8')})")

    def add(self, container, number, kinds, *, option=True, group=None):
        """Add a random argument."""
        rng, name = self.rng, f"{'pqrs'[number]}{len(self.arguments)}"
        a = types.SimpleNamespace(name=name, dest=name, number=number, option=option, group=group)
        a.kind, words = rng.choice(kinds), [repr(name)]
        if option:
            words = [f"'--{name}'"]
            dest = rng.choice("xy")
            if not group and rng.random() < 0.25 and dest not in [b.dest for b in self.at(number)]:
                a.dest, a.kind = dest, rng.choice([a.kind, *[self.shared[dest]] * 15])
                words.append(f"dest={dest!r}")
        a.action, a.nargs = a.kind
        self.choose_values(a, words)
        a.env = a.separator = None
        # Where an option follows, argparse gives up on a positional for which a word is left, but
        # too few words, as the name of a subcommand may be.
        may_have = option or a.nargs != 2 or number == max(self.numbers)
        if may_have and rng.random() < 0.6:
            a.env = name.upper()
            words.append(f"env={a.env!r}")
            holds_one = a.nargs == 0 or (a.action == "store" and a.nargs in (None, "?"))
            if not holds_one and rng.random() < 0.7:
                a.separator = ","
                words.append('env_separator=","')
        # A variable that is false does not tell a required flag from one that is absent.
        may_be = option and not group and (not a.env or (a.dest == name and a.nargs != 0))
        a.required = may_be and rng.random() < 0.15
        if a.required:
            words.append("required=True")
        self.source.append(f"add({container}, {', '.join(words)})")
        self.arguments.append(a)
        return a

    def choose_values(self, a, words):
        """Choose which values an argument takes, and its default."""
        rng, may_lack = self.rng, not a.option and a.nargs in ("?", "*")
        a.words, a.checked = ("a", "b", "v w"), a.nargs != 0 and rng.random() < 0.4
        if (may_lack and a.action != "store") or a.nargs == "...":
            a.checked = False
        if a.checked:
            a.words = rng.choice([("1", "2"), ("a", "b")])
            words.append({"1": "type=int", "a": 'choices=["a", "b"]'}[a.words[0]])
        if a.nargs:
            words.append(f"nargs={a.nargs!r}")
        if a.action.endswith("const") or (a.nargs == "?" and a.action in ("store", "append")):
            words.append("const='k'")
        words.append(f"action={SPELLED.get(a.action, repr(a.action))}")
        default = DEFAULTS.get(a.action, '"7"')
        if a.checked and may_lack:
            words.append(f"default={a.words[0]!r}")  # argparse rejects others
        elif rng.random() < 0.3 and (a.option or may_lack):
            words.append(f"default={rng.choice([default, default, 'None', 'argparse.SUPPRESS'])}")


def random_words(rng, a):
    """Return what is typed for an argument."""
    choices = {None: [1], "?": [0, 1, 1], "*": [0, 1, 2], "+": [1, 2], "...": [0, 2]}
    number = rng.choice(choices.get(a.nargs, [a.nargs])) + (rng.random() < 0.01)
    words = [rng.choice(["bad", *a.words * 15]) for _ in range(number)]
    if not a.option:
        return words
    if a.nargs in ("?", "*", "+") and rng.random() < 0.9:
        words.append("--end")
    if a.action == "boolean" and not a.group and rng.random() < 0.4:
        return [f"--no-{a.name}", *words]
    return [f"--{a.name}", *words]


def random_pieces(rng, arguments):
    """Return what is typed for one parser: options, and all positionals, in their order."""
    pieces, least = [], 0
    if rng.random() < 0.06:
        pieces.append((rng.random(), None, [rng.choice(ODD_WORDS)]))
    for a in arguments:
        place, odds = rng.random(), 0.3
        if not a.option:
            least = place = max(least, rng.choice([1, 1, 1, place]))
            odds = 0.97
            if a.env or a.nargs in ("?", "*", "..."):
                odds = 0.75
        elif a.group and any(piece[1] in a.group.members and piece[2] for piece in pieces):
            odds = 0.03
        elif a.required or (a.group and a.group.required):
            odds = 0.8
        typed_words = random_words(rng, a)
        pieces.append((place, a, typed_words * (rng.random() < odds)))
    pieces.sort(key=lambda piece: piece[0])
    return [piece[1:] for piece in pieces]


def random_text(rng, a):
    """Return a text for a variable."""
    if a.action == "count":
        return rng.choice([*TRUE, *FALSE, "2", "3", "0", "maybe"])
    if a.nargs == 0:
        return rng.choice([*TRUE * 6, *FALSE * 4, "maybe", ""])
    words = [rng.choice(["bad", *a.words * 10]) for _ in range(rng.choice([1, 2, 2, 3]))]
    if a.separator:
        return rng.choice([",", " , ", ",,"]).join(words)
    return rng.choice([*words * 10, ""])


def divided(a, text):
    """Return the values in the text of a variable."""
    if not a.separator:
        return [text] * (text != "")
    return [part.strip() for part in text.split(",") if part.strip()]


def words_for(a, text):
    """Return the words that do what a variable does, or None if its text is bad."""
    option, values = f"--{a.name}", divided(a, text)
    if a.action == "count" and text.isdecimal():
        return [option] * int(text)
    if a.nargs == 0 and text in TRUE:
        return [option]
    if a.nargs == 0 and text in FALSE:
        return []
    if a.nargs == 0 or (isinstance(a.nargs, int) and len(values) != a.nargs):
        return None
    if not a.option:
        return values
    if a.nargs in (None, "?"):
        return [f"{option}={value}" for value in values]
    return [option, *values]


Outcome = collections.namedtuple("Outcome", "kind values text")
typed = []  # what the last parse found: the parser's number, the dest, the words
reached = []  # the numbers of the parsers that it came to


class Noting:
    """Note what is typed, without a look at what uvflags notes."""

    number = before = None

    def _get_values(self, action, arg_strings):
        try:
            return super()._get_values(action, arg_strings)
        finally:  # before Python 3.13, that takes "--" out of the words
            if action.option_strings or arg_strings:
                typed.append((self.number, action.dest, list(arg_strings)))

    def parse_known_args(self, args=None, namespace=None):
        reached.append(self.number)
        if self.before is not None:
            namespace, self.before = argparse.Namespace(**self.before), None
        return super().parse_known_args(args, namespace)


class Ours(Noting, uvflags.ArgumentParser):
    """Parse as uvflags."""


class Model(Noting, argparse.ArgumentParser):
    """Parse as argparse, but begin a subcommand's namespace with what was typed before it."""

    def __init__(self, *args, environ=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.register("action", "parsers", ModelSubcommands)


class ModelSubcommands(argparse._SubParsersAction):
    def __call__(self, parser, namespace, values, option_string=None):
        dests = {dest for _, dest, _ in typed} - {self.dest}
        before = {dest: value for dest, value in vars(namespace).items() if dest in dests}
        if values[0] in self._name_parser_map:
            self._name_parser_map[values[0]].before = before
        super().__call__(parser, namespace, values, option_string)


def add_to_model(container, *args, env=None, env_separator=None, **kwargs):
    """Add an argument to a parser of argparse, with the help that uvflags gives it."""
    action = container.add_argument(*args, **kwargs)
    if env:
        action.help = f"(env: {env})"


def build(source, parser_class, environ):
    scope = {"ArgumentParser": parser_class, "environ": environ}
    exec(PREAMBLE, scope)
    if parser_class is not Ours:
        scope["add"] = add_to_model
    exec("\n".join(source), scope)
    for name, value in scope.items():
        if name.startswith("parser"):
            value.number = int(name[-1])
    return scope["parser0"]


def outcome(parser, method, words):
    """Return how a parse ends."""
    typed.clear()
    reached[:] = [0]
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            result = getattr(parser, method)(words)
        except SystemExit as stop:
            return Outcome(f"exit {stop.code}", {}, out.getvalue())
        except Exception as error:
            return Outcome(type(error).__name__, {}, str(error))
    args, extras = result if isinstance(result, tuple) else (result, [])
    values = {dest: repr(value) for dest, value in vars(args).items()}
    return Outcome("values", {**values, "(extras)": repr(extras)}, out.getvalue())


class Line:
    """Hold random words for a parser, and what uvflags does with them without variables."""

    def __init__(self, rng, description, parser, environ, counts):
        self.rng, self.description, self.counts = rng, description, counts
        self.parser, self.environ = parser, environ
        path = rng.choice([(0,), (0, 1), (0, 2), (0, 1, 3), (0, 1, 3)])
        self.path = [number for number in path if number in description.numbers]
        self.pieces = {n: random_pieces(rng, description.at(n)) for n in self.path}
        self.method = rng.choice(METHODS + INTERMIXED * (description.numbers == (0,)))
        self.words = self.with_more({}, {})
        self.alone = self.parse(self.words, {})
        self.typed, self.reached = list(typed), list(dict.fromkeys(reached))
        self.given = {(number, dest) for number, dest, _ in self.typed}
        self.dests = {dest for _, dest in self.given}

    def parse(self, words, variables):
        self.environ.clear()
        self.environ.update(variables)
        return outcome(self.parser, self.method, words)

    def with_more(self, options, positionals):
        """Return the words, with more options at the start of a parser's, and more positionals."""
        words = []
        for number in self.path:
            if number:
                words.append(SUBCOMMANDS[number][1])
            words += options.get(number, [])
            for a, piece in self.pieces[number]:
                words += piece
                if a and not a.option:
                    words += positionals.get((number, a.dest), [])
        return words

    def check_second_law(self, expected):
        """Return what is wrong. `expected` is what argparse does."""
        texts = [re.sub(r"[][()\s]+", " ", text) for text in (self.alone.text, expected.text)]
        if " required" in expected.text:
            texts = ["", ""]  # uvflags also says what may be set
        if self.alone[:2] == expected[:2] and texts[0] == texts[1]:
            return None
        return self.words, {}, self.alone, "argparse", expected

    def check_first_law(self):
        """Return what is wrong."""
        words, others, expected, variables = self.words, self.words, self.alone, {}
        for a in self.description.arguments:
            if a.env and self.rng.random() < 0.4:
                variables[a.env] = random_text(self.rng, a)
        if self.alone.kind in ("values", "exit 2"):
            words, others, expected = self.type_variables(variables)
        got = self.parse(words, variables)
        if expected is None or got[:2] == expected[:2]:
            return None
        return words, variables, got, f"typed {others}", expected

    def type_variables(self, variables):
        """Return the words, the words with what the variables stand for, and what is expected."""
        taken = set(self.dests)
        options, positionals, opposites, bad = {}, {}, {}, False
        for number in reversed(self.reached):
            for a in self.description.at(number):
                text = variables.get(a.env)
                if text is None or a.dest in taken or (a.nargs != 0 and not divided(a, text)):
                    continue
                taken.add(a.dest)
                more, rivals = words_for(a, text), []
                if a.group:
                    rivals = [b for b in a.group.members if (number, b.dest) in self.given]
                if more is None:
                    bad = True
                elif not more and a.action in OPPOSITES:
                    opposites[a.dest] = OPPOSITES[a.action]
                elif rivals:  # what is typed wins
                    bad = bad or (a.checked and not set(divided(a, text)) <= set(a.words))
                elif a.option:
                    options.setdefault(number, []).extend(more)
                else:
                    positionals[number, a.dest] = more
        for more in options.values():
            more.append("--end")
        words = self.with_more({number: ["--end"] for number in options}, {})
        others = self.with_more(options, positionals)
        if bad:
            return words, others, Outcome("exit 2", {}, "")
        expected = self.parse(others, {})
        if not self.arrived(positionals, taken, expected):
            self.counts["skipped, as the words go elsewhere when more are typed"] += 1
            return words, others, None
        if expected.kind == "values":
            expected.values.update(opposites)
        return words, others, expected

    def arrived(self, positionals, taken, expected):
        """Tell whether what was added got its words, and all else got the same as before."""
        added = taken - self.dests
        others = {a.dest for a in self.description.arguments} - added
        before = [found for found in self.typed if found[1] in others]
        after = [found for found in typed if found[1] in others]
        stopped = expected.kind == "exit 2" and typed and typed[-1][1] in added
        stopped = stopped and "unrecognized arguments" not in expected.text
        lost = any((*place, more) not in typed for place, more in positionals.items())
        lost = lost or (positionals and "--" in self.words)
        return not lost and (before == after or stopped)


def program(description, line, words, variables, got, other, expected):
    """Return a program that shows a failure."""
    text = [PREAMBLE, "from uvflags import ArgumentParser\n", f"environ = {variables!r}"]
    text += [*description.source, f"print(parser0.{line.method}({words!r}))"]
    return "\n".join([*text, f"# uvflags: {got}", f"# {other}: {expected}"])


def try_parser(seed, number):
    """Return what is wrong with a parser, and counts."""
    rng = random.Random(f"{seed}:{number}")
    description, environ = Description(rng), {}
    ours = build(description.source, Ours, environ)
    model = build(description.source, Model, environ)
    wrong, counts = [], collections.Counter()
    for _ in range(LINES):
        line = Line(rng, description, ours, environ, counts)
        counts[line.alone.kind] += 1
        expected = outcome(model, line.method, line.words)
        for failure in (line.check_second_law(expected), line.check_first_law()):
            if failure:
                wrong.append(program(description, line, *failure))
    return [f"parser {number}:\n{text}\n" for text in wrong], counts


def main(count=20_000, seed=None):
    count, seed = int(count), seed or random.randrange(10**6)
    what = f"laws: {count} parsers, seed {seed}, {LINES} lines each"
    return common.try_all(what, try_parser, range(count), seed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
