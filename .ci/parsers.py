"""Make random parsers for uvflags and argparse, and words and variables for them, for laws.py."""

import argparse
import collections
import contextlib
import io
import types

from common import uvflags

# What the source needs. `--end` is an option of every parser.
PREAMBLE = """import argparse

class End(argparse.Action):  # does nothing, but ends the values of the option before it
    def __call__(self, parser, namespace, values, option_string=None):
        pass

class Custom(argparse.Action):
    def __call__(self, parser, namespace, values, option_string=None):
        before = getattr(namespace, self.dest, "unset")
        setattr(namespace, self.dest, [before, values, option_string])
"""
FLAGS = ("store_true", "store_false", "store_const", "append_const", "count", "boolean")
VALUED = ("store", "store", "store", "append", "extend", "custom")
ACTIONS = (*FLAGS, *VALUED)
IN_GROUPS = (*FLAGS, "store", "store", "append")  # what is typed of these is in effect, but for --no-x
SPELLED = {"boolean": "argparse.BooleanOptionalAction", "custom": "Custom"}
NARGS = (*[None] * 6, "?", "*", "+", 1, 2, "...")
DEFAULTS = {"append": '["d"]', "extend": '["d"]', "append_const": '["d"]', "count": "3"}  # else "7"
TRUE, FALSE = ("1", "true", "Yes", "ON"), ("0", "false", "No", "OFF")
RESOLVE = 'conflict_handler="resolve"'
KEYWORDS = {RESOLVE: 0.4, "allow_abbrev=False": 0.2, "argument_default=argparse.SUPPRESS": 0.1, 'prefix_chars="-+"': 0.1}
# The parsers have numbers. The root is 0. Of the others, this has the one above, and the name.
SUBCOMMANDS = {1: (0, "go"), 2: (0, "do"), 3: (1, "up")}
TREES = ((0,), (0,), (0, 1), (0, 1, 2), (0, 1, 3), (0, 1, 2, 3))
ODD_WORDS = ("--zz", "extra", "--", "-h", "", "-1", "--no-x", "--p", "--end=1")


class Description:
    """Describe a random parser: its source in two forms, and its arguments."""

    def __init__(self, rng):
        self.rng = rng
        self.ours, self.stock = [], []  # lines
        self.arguments = []
        self.shared = {"x": rng.choice(ACTIONS), "y": rng.choice(ACTIONS)}  # dests on several levels
        self.numbers = rng.choice(TREES)
        users = ()
        if rng.random() < 0.2:
            users = rng.choice([(0,), self.numbers[:2]])
            self.write("parent = ArgumentParser(add_help=False)")
            self.add_arguments("parent", users, [])
        for number in self.numbers:
            self.add_parser(number, ["parents=[parent]"] * (number in users))

    def write(self, ours, stock=None):
        self.ours.append(ours)
        self.stock.append(ours if stock is None else stock)

    def at(self, number):
        """Return the arguments of a parser."""
        return [a for a in self.arguments if number in a.numbers and not a.replaced]

    def add_parser(self, number, keywords):
        rng, parser = self.rng, f"parser{number}"
        keywords += [keyword for keyword, odds in KEYWORDS.items() if rng.random() < odds]
        if number:
            above, name = SUBCOMMANDS[number]
            self.write(f"{parser} = subcommands{above}.add_parser({', '.join([repr(name), *keywords])})")
        else:
            line = f"{parser} = ArgumentParser({', '.join([repr('prog'), *keywords])}"
            self.write(f"{line}, environ=environ)", f"{line})")
        self.write(f"{parser}.add_argument('--end', nargs=0, action=End, default=argparse.SUPPRESS)")
        self.add_arguments(parser, (number,), keywords)
        if any(SUBCOMMANDS[below][0] == number for below in self.numbers[1:]):
            more = rng.choice(["", 'dest="cmd"', f'dest="cmd{number}"', 'dest="cmd", required=True'])
            self.write(f"subcommands{number} = {parser}.add_subparsers({more})")
        if rng.random() < 0.15 and self.arguments:
            a = rng.choice(self.arguments)
            value = DEFAULTS.get(a.action, '"7"')
            self.write(f"{parser}.set_defaults({a.dest}={value}, z=1)")

    def add_arguments(self, parser, numbers, keywords):
        rng = self.rng
        for _ in range(rng.choice([0, 1, 2, 3])):
            self.add(parser, numbers)
        if rng.random() < 0.2:
            self.write(f"group = {parser}.add_argument_group('group')")
            self.add("group", numbers)
        if rng.random() < 0.25:
            group = types.SimpleNamespace(members=[], required=parser != "parent" and rng.random() < 0.4)
            place = len(self.ours)
            self.write("")
            for _ in range(rng.choice([2, 2, 3])):
                self.add("exclusive", numbers, group=group)
            line = f"exclusive = {parser}.add_mutually_exclusive_group(required=%s)"
            self.ours[place] = line % group.required
            group.env = [name for a in group.members for name in a.env[:1]]
            self.stock[place] = line % (group.required and not group.env)
        replaceable = [a for a in self.at(numbers[0]) if a.sole and a.numbers == numbers]
        if RESOLVE in keywords and replaceable:
            replaceable[0].replaced = True
            self.add(parser, numbers, replaces=replaceable[0])
        for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
            self.add(parser, numbers, option=False)

    def add(self, container, numbers, *, option=True, group=None, replaces=None):
        """Add a random argument."""
        rng, count = self.rng, len(self.arguments)
        name = replaces.name if replaces else f"{'pqrs'[numbers[0]]}{count}"
        a = types.SimpleNamespace(name=name, dest=name, numbers=numbers, option=option, group=group)
        a.env, a.separator, a.required, a.replaced, a.short = [], None, False, False, None
        a.action = rng.choice(IN_GROUPS if group else ACTIONS if option else VALUED)
        plain = option and not group and not replaces and container != "parent"
        keywords, dest = [], rng.choice("xy")
        if plain and rng.random() < 0.25 and dest not in [b.dest for b in self.at(numbers[0])]:
            a.dest = dest
            a.action = rng.choice([a.action, *[self.shared[dest]] * 15])
            keywords.append(f"dest={dest!r}")
        self.choose_values(a, keywords)
        if a.action != "store":
            keywords.append(f"action={SPELLED.get(a.action, repr(a.action))}")
        default = DEFAULTS.get(a.action, '"7"')
        if a.checked and not option and a.nargs in ("?", "*"):  # argparse itself rejects other defaults
            keywords.append(f"default={a.words[0]!r}")
        elif rng.random() < 0.3 and (option or a.nargs in ("?", "*")):
            keywords.append(f"default={rng.choice([default, default, 'None', 'argparse.SUPPRESS'])}")
        env = []
        if rng.random() < 0.6 and not (replaces and replaces.env):
            a.env = ["OLD"] * (rng.random() < 0.3) + [f"{container}_{name}".upper()]
            env = [f"env={a.env if len(a.env) > 1 else a.env[0]!r}"]
            if a.nargs != 0 and not (a.action == "store" and a.nargs in (None, "?")) and rng.random() < 0.7:
                a.separator = ","
                env.append('env_separator=","')
        # A variable that is false does not tell a required flag from one that is absent.
        may_be_required = not a.env or (plain and a.dest == name and (a.nargs != 0 or a.action == "boolean"))
        if option and not group and may_be_required and rng.random() < 0.15:
            a.required = True
            keywords.append("required=True")
        spellings = [f"--{name}" if option else name]
        if option and not replaces and count < 20 and rng.random() < 0.3:
            a.short = "-" + "ABCDEFGIJKLMNOPQRSTU"[count]
            spellings.insert(rng.choice([0, 1]), a.short)
        words = ", ".join([*map(repr, spellings), *keywords])
        stock = f"action = {container}.add_argument({words})"
        if a.env:
            stock += f"; action.help = '(env: {', '.join(a.env)})'; action.required = False"
        a.sole = plain and not a.short and a.action not in ("boolean", "store_true")  # has one spelling
        self.write(f"{container}.add_argument({', '.join([words, *env])})", stock)
        self.arguments.append(a)
        if group:
            group.members.append(a)
        if a.action == "store_true" and plain and rng.random() < 0.3:
            self.write(f"{container}.add_argument('--no-{name}', action='store_false', dest={a.dest!r})")

    def choose_values(self, a, keywords):
        """Choose how many values an argument takes, and which."""
        rng = self.rng
        a.nargs = None if a.group else rng.choice(NARGS)
        if a.action == "extend":
            a.nargs = rng.choice(["*", "+", 2, "..."])  # one number, or None, extends no list
        a.words, a.checked = ("a", "b", "v w"), rng.random() < 0.4
        if a.action in FLAGS:
            a.nargs = 0
        if a.action in FLAGS or (a.nargs in ("?", "*") and not a.option and a.action != "store"):
            a.checked = False
        if a.checked:
            a.words = rng.choice([("1", "2"), ("a", "b")])
            keywords.append("type=int" if a.words[0] == "1" else 'choices=["a", "b"]')
        if a.nargs:
            keywords.append(f"nargs={a.nargs!r}")
        if a.action.endswith("const") or (a.nargs == "?" and a.action in ("store", "append")):
            keywords.append("const='k'")


def random_values(rng, a):
    """Return words that an argument takes, mostly."""
    choices = {None: [1], "?": [0, 1, 1], "*": [0, 1, 2], "+": [1, 2], "...": [0, 2]}
    number = rng.choice(choices.get(a.nargs, [a.nargs])) + (rng.random() < 0.01)
    return [rng.choice(["bad", *a.words * 15]) for _ in range(number)]


def random_pieces(rng, arguments):
    """Return what is typed for one parser: pairs of an argument, or None, and words."""
    pieces, positionals = [], []
    for a in arguments:
        if not a.option:
            odds = 0.85 if a.env else 0.7 if a.nargs in ("?", "*", "...") else 0.97
            if rng.random() < odds:
                positionals.append((a, random_values(rng, a)))
            continue
        odds = 0.9 if (a.required and not a.env) or (a.group and a.group.required) else 0.3
        if a.group and any(b in a.group.members for b, _ in pieces):
            odds = 0.03
        if rng.random() < odds:
            spelling = rng.choice([f"--{a.name}", f"--{a.name}", a.short or f"--{a.name}"])
            if a.action == "boolean" and rng.random() < 0.4:
                spelling = f"--no-{a.name}"
            words = [spelling, *random_values(rng, a)]
            if a.nargs is None and spelling != a.short and rng.random() < 0.3:
                words = [f"{spelling}={rng.choice(a.words)}"]
            if a.nargs in ("?", "*", "+") and rng.random() < 0.9:
                words.append("--end")
            pieces.insert(rng.randrange(len(pieces) + 1), (a, words))
    for piece in positionals:  # in their order, and now and then before an option
        pieces.append(piece)
        if len(pieces) > 1 and pieces[-2][0].option and rng.random() < 0.2:
            pieces[-2:] = pieces[-1], pieces[-2]
    pieces.sort(key=lambda piece: piece[0].option and piece[0].nargs == "...")
    if rng.random() < 0.06:
        pieces.insert(rng.randrange(len(pieces) + 1), (None, [rng.choice(ODD_WORDS)]))
    return pieces


def random_text(rng, a):
    """Return a text for a variable."""
    if a.nargs == 0:
        numbers = ["2", "3", "0"] * 3 if a.action == "count" else []
        return rng.choice([*TRUE * 3, *FALSE * 2, "maybe", "", *numbers])
    words = [rng.choice(["bad", *a.words * 10]) for _ in range(rng.choice([1, 2, 2, 3]))]
    if a.separator:
        return rng.choice([",", " , ", ",,"]).join(words)
    dashed = ["-1"] if a.option and a.nargs is None and not a.checked else []
    return rng.choice([*words * 10, "", *dashed])


def divided(a, text):
    """Return the values in the text of a variable."""
    parts = text.split(a.separator) if a.separator else [text]
    return [part.strip() if a.separator else part for part in parts if part.strip()]


Outcome = collections.namedtuple("Outcome", "kind values text")
typed = []  # what the last parse found: the parser's number, the dest, the words
reached = []  # the numbers of the parsers that it came to


class Noting:
    """Note what is typed, without a look at what uvflags notes."""

    number = before = None

    def _get_values(self, action, arg_strings):
        try:
            return super()._get_values(action, arg_strings)
        finally:  # before 3.13 it takes "--" out of the words
            if action.option_strings or arg_strings:
                typed.append((self.number, action.dest, list(arg_strings)))

    def parse_known_args(self, args=None, namespace=None):
        reached.append(self.number)
        if self.before is not None:
            namespace, self.before = argparse.Namespace(**self.before), None
        return super().parse_known_args(args, namespace)


class Ours(Noting, uvflags.ArgumentParser):
    pass


class Model(Noting, argparse.ArgumentParser):
    """Parse as argparse, but begin a subcommand's namespace with what was typed before it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.register("action", "parsers", ModelSubcommands)


class ModelSubcommands(argparse._SubParsersAction):
    def __call__(self, parser, namespace, values, option_string=None):
        dests = {dest for _, dest, _ in typed} - {self.dest}
        before = {dest: value for dest, value in vars(namespace).items() if dest in dests}
        if values[0] in self._name_parser_map:
            self._name_parser_map[values[0]].before = before
        super().__call__(parser, namespace, values, option_string)


def build(lines, parser_class, environ):
    scope = {"ArgumentParser": parser_class, "environ": environ}
    exec("\n".join([PREAMBLE, *lines]), scope)
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


def words_for(a, text):
    """Return the words that do what a variable does, or None if its text is bad."""
    option = f"--{a.name}"
    if a.nargs == 0:
        if a.action == "count" and text.isdecimal():
            return [option] * int(text)
        if text in FALSE:
            return [f"--no-{a.name}"] if a.action == "boolean" and a.required else []
        return [option] if text in TRUE else None
    values = divided(a, text)
    if isinstance(a.nargs, int) and len(values) != a.nargs:
        return None
    if not a.option:
        return values
    if a.nargs in (None, "?"):
        return [f"{option}={value}" for value in values]
    return [option, *values]
