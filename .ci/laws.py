"""Hold two laws with random parsers, words and variables.

    python .ci/laws.py [PARSERS] [SEED]

1. A variable acts as its argument typed once. One that is false gives a flag the opposite value, if it
   has one.
2. Without variables nothing differs from argparse, but that a subcommand's namespace begins with what
   was typed before it, and that what is required may be a variable.

Prints the failures, the first ten with a program that shows each, and figures. The exit status is 1 if
there is any.
"""

import argparse
import collections
import functools
import random
import sys

import common
import parsers
from parsers import PREAMBLE, SUBCOMMANDS, Description, Model, Ours, Outcome, divided

OPPOSITES = {"store_true": "False", "store_false": "True", "boolean": "False"}
METHODS = ("parse_args", "parse_args", "parse_args", "parse_known_args")
INTERMIXED = ("parse_intermixed_args", "parse_known_intermixed_args")
LINES = 2  # for each parser


class Skipped(Exception):
    """Say why a law cannot be checked."""


class Line:
    """Hold random words for a parser, and what uvflags does with them without variables."""

    def __init__(self, rng, description, parser, environ):
        self.rng, self.description, self.parser, self.environ = rng, description, parser, environ
        path = rng.choice([(0,), (0, 1), (0, 2), (0, 1, 3), (0, 1, 3)])
        self.path = [number for number in path if number in description.numbers]
        self.pieces = {n: parsers.random_pieces(rng, description.at(n)) for n in self.path}
        self.method = rng.choice(METHODS)
        remainder = any(a.nargs == "..." and not a.option for a in description.arguments)
        if description.numbers == (0,) and not remainder and rng.random() < 0.2:
            self.method = rng.choice(INTERMIXED)
        self.words = self.with_more({}, [])
        self.alone = self.parse(self.words, {})
        self.typed, self.reached = list(parsers.typed), list(dict.fromkeys(parsers.reached))
        self.given = {(number, dest) for number, dest, _ in self.typed}

    def parse(self, words, variables):
        self.environ.clear()
        self.environ.update(variables)
        return parsers.outcome(self.parser, self.method, words)

    def with_more(self, options, positionals):
        """Return the words, with more options at the start of a parser's and more positionals."""
        words, order = [], self.description.arguments.index
        for number in self.path:
            words += [SUBCOMMANDS[number][1]] if number else []
            words += options.get(number, [])
            pieces = list(self.pieces[number])
            for a, more in [(a, more) for at, a, more in positionals if at == number]:
                place = 0
                for i, (other, _) in enumerate(pieces):
                    if not (other and not other.option and order(other) > order(a)):
                        place = i + 1
                pieces.insert(place, (a, more))
            words += [word for _, more in pieces for word in more]
        return words

    def missing(self):
        """Return the arguments with variables that are required and not typed, and the names of these."""
        missing, names = [], []
        for number in self.reached:
            for a in self.description.at(number):
                if a.env and (number, a.dest) not in self.given:
                    group_typed = a.group and any((number, b.dest) in self.given for b in a.group.members)
                    if a.required or (not a.option and a.nargs in (None, "+", 1, 2)):
                        missing.append(a)
                        names += a.env[:1]
                    elif a.group and a.group.required and not group_typed:
                        missing.append(a)
                        names += a.group.env
        return missing, names

    def check_second_law(self, expected):
        """Return what is wrong. `expected` is what argparse does."""
        missing, names = self.missing()
        if expected.kind not in ("values", "exit 2") or not missing:
            return [] if self.alone == expected else [(self.words, {}, self.alone, "argparse", expected)]
        if any(a.dest in {dest for _, dest in self.given} for a in missing):
            raise Skipped("2: a required dest that another parser has typed")
        if any(not a.option for a in missing):
            expected = Outcome("exit 2", {}, self.alone.text)
            if self.alone == expected:
                raise Skipped("2: the text, where a positional with a variable is missing")
        elif expected.kind == "values":
            expected = Outcome("exit 2", {}, f"... (or set {' or '.join(names)})")
            if self.alone.kind == "exit 2" and all(name in self.alone.text for name in names):
                return []
        return [] if self.alone == expected else [(self.words, {}, self.alone, "argparse", expected)]

    def check_first_law(self):
        """Return what is wrong."""
        rng, having_env = self.rng, [a for a in self.description.arguments if a.env]
        chosen = rng.sample(having_env, min(len(having_env), rng.choice([1, 1, 1, 2, 3])))
        chosen += [a for a in self.missing()[0] if rng.random() < 0.8]
        chosen += [a for a in having_env if a.dest in "xy" and rng.random() < 0.5]  # on several levels
        variables = {a.env[-1]: parsers.random_text(rng, a) for a in chosen}
        words, others, expected = self.words, self.words, self.alone
        if self.alone.kind in ("values", "exit 2"):
            words, others, expected = self.type_variables(variables)
        got = self.parse(words, variables)
        if got[:2] == expected[:2]:
            return []
        return [(words, variables, got, f"typed {others}", expected)]

    def type_variables(self, variables):
        """Return the words, the words with what the variables stand for, and what is expected."""
        taken = {dest for _, dest in self.given}
        options, positionals, opposites, last, bad = {}, [], {}, [], False
        for number in reversed(self.reached):
            for a in self.description.at(number):
                text = variables.get(a.env[-1]) if a.env else None
                if text is None or a.dest in taken or (a.nargs != 0 and not divided(a, text)):
                    continue
                if a.group and len(set(self.reached).intersection(a.numbers)) > 1:
                    raise Skipped("1: an exclusive group that a parent shares between two levels")
                taken.add(a.dest)
                more = parsers.words_for(a, text)
                rivals = [b for b in a.group.members if (number, b.dest) in self.given] if a.group else []
                if more is None:
                    bad = True
                elif not more and a.action in OPPOSITES:
                    opposites[a.dest] = OPPOSITES[a.action]
                elif rivals:  # what is typed wins
                    pieces = [piece for pieces in self.pieces.values() for piece in pieces]
                    if any(b in rivals and words[0].startswith("--no-") for b, words in pieces):
                        raise Skipped("1: --no-x typed in an exclusive group")
                    bad = bad or (a.checked and not set(divided(a, text)) <= set(a.words))
                elif not a.option:
                    positionals.append((number, a, more))
                elif a.nargs == "...":
                    last.append((number, a.dest, more))
                else:
                    options.setdefault(number, []).extend(more)
        words = self.with_more({number: ["--end"] for number in options}, [])
        others = self.with_more({number: [*options[number], "--end"] for number in options}, positionals)
        if bad:
            return words, others, Outcome("exit 2", {}, "")
        for number, _, more in last:
            pieces = self.pieces[self.path[-1]]
            if len(last) > 1 or number != self.path[-1] or any(not a or a.nargs == "..." for a, _ in pieces):
                raise Skipped("1: no place to type an option that takes all words")
            others += more
        expected = self.parse(others, {})
        own = [(number, a.dest, more) for number, a, more in positionals]
        own += [(number, dest, more[1:]) for number, dest, more in last]
        self.check_places(own, taken, expected)
        if expected.kind == "values":
            expected.values.update(opposites)
        return words, others, expected

    def check_places(self, own, taken, expected):
        """Check that what was added got its words, and that all else got the same as before."""
        given = {dest for _, dest in self.given}
        dests = {a.dest for a in self.description.arguments if a.dest in given or a.dest not in taken}
        before = [found for found in self.typed if found[1] in dests]
        typed = parsers.typed
        after = [found for found in typed if found[1] in dests]
        stopped = expected.kind == "exit 2" and typed and typed[-1][1] in taken - given
        stopped = stopped and "unrecognized arguments" not in expected.text
        lost = any(found not in typed for found in own) or (own and "--" in self.words)
        if lost or (before != after and not stopped):
            raise Skipped("1: the words go elsewhere when more are typed")


def program(description, line, words, variables, got, other, expected):
    """Return a program that shows a failure."""
    text = [PREAMBLE, "from uvflags import ArgumentParser\n", f"environ = {variables!r}", *description.ours]
    text.append(f"print(parser0.{line.method}({words!r}))")
    text += [f"# {row}" for row in str(got._replace(text="")).splitlines() + got.text.splitlines()]
    text.append(f"# {other}:")
    text += [f"# {row}" for row in str(expected._replace(text="")).splitlines() + expected.text.splitlines()]
    return "\n".join(text)


def try_parser(seed, number):
    """Return what is wrong with a parser, and counts."""
    rng = random.Random(f"{seed}:{number}")
    description, environ = Description(rng), {}
    ours = parsers.build(description.ours, Ours, environ)
    dests = [a.dest for number in description.numbers for a in description.at(number)]
    shared = len(set(dests)) < len(dests) or any("set_defaults" in line for line in description.ours)
    stock = parsers.build(description.stock, Model if shared else argparse.ArgumentParser, environ)
    wrong, counts = [], collections.Counter()
    for _ in range(LINES):
        line = Line(rng, description, ours, environ)
        counts[line.alone.kind] += 1
        expected = parsers.outcome(stock, line.method, line.words)
        for check in (functools.partial(line.check_second_law, expected), line.check_first_law):
            try:
                wrong += [program(description, line, *failure) for failure in check()]
            except Skipped as why:
                counts[f"skipped {why}"] += 1
    return [f"parser {number}:\n{text}\n" for text in wrong], counts


def main(count=20_000, seed=None):
    count, seed = int(count), common.seed_of(seed)
    wrong, counts = common.trials(try_parser, range(count), seed)
    return common.report(f"laws: {count} parsers, seed {seed}, {LINES} lines each", wrong, counts)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
