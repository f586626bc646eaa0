# SPDX-License-Identifier: 0BSD
# pyright: reportIncompatibleVariableOverride=false, reportIncompatibleMethodOverride=false
"""Command-line options that also come from environment variables, with conflicts judged on the values.

`ArgumentParser` is `argparse.ArgumentParser` with three things added: an option may name a variable, every
value remembers where it came from, and a table of conflicts is applied to what was merged from both. A variable
that is set to false conflicts with nothing:

    >>> parser = ArgumentParser(prog="sync", conflicts=[Conflict("offline", "refresh")],
    ...                         environ={"SYNC_OFFLINE": "no"})
    >>> _ = parser.add_argument("--offline", action=argparse.BooleanOptionalAction, env="SYNC_OFFLINE")
    >>> _ = parser.add_argument("--refresh", action="store_true", env="SYNC_REFRESH")
    >>> args = parser.parse_args(["--refresh"])
    >>> args.offline, args.refresh
    (False, True)
    >>> args.source_of("offline")
    Source(kind='environment', name='SYNC_OFFLINE', text='no')

The second half is built with it: `python uvflags.py run ...` takes what `uv run` takes, settles flags and variables
by the same rules, and hands the command over to uv. To keep the parser alone, delete all from the comment
"uv's options" on, and `main` in `__all__`.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from _thread import _local as _ThreadLocal  # threading.local, without the cost of importing threading
from collections import namedtuple
from itertools import combinations

TYPE_CHECKING = False  # importing typing would add a fifth to the time of a start
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any, Final, NoReturn

__all__ = ["ArgumentParser", "Conflict", "Namespace", "Source", "main", "parse_bool"]
__version__ = "0.1.0"

_TRUE: Final = ("1", "true", "t", "yes", "y", "on")
_FALSE: Final = ("0", "false", "f", "no", "n", "off")
_POLICIES: Final = ("always", "command line wins", "typed only")


def parse_bool(text: str) -> bool:
    """The truth that a variable's text spells, in any letter case: uv's six words for true and six for false.

    Nothing is trimmed. Raises ValueError, with the accepted spellings, for everything else and for "".
    """
    word = text.lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise ValueError(f"expected true ({', '.join(_TRUE)}) or false ({', '.join(_FALSE)})")


class Source(namedtuple("Source", "kind name text")):
    """Where a value came from.

    `kind` is "command line", "environment" or "default"; `name` the option string as typed or the variable, None
    for a positional or a default; `text` what the variable held, None for the other two kinds.
    """

    __slots__ = ()
    kind: str
    name: str | None
    text: str | None


class Conflict(namedtuple("Conflict", "first second sources", defaults=("always",))):
    """Two dests that exclude each other where both are in effect.

    In effect is what was typed, or set by a variable, to something other than False, None or an empty list.
    `sources` says which of the two counts:

    - "always": wherever they came from, it is an error;
    - "command line wins": one typed and one from a variable, and the variable is set aside with a warning;
      otherwise an error;
    - "typed only": the same, but two variables together pass.
    """

    __slots__ = ()
    first: str
    second: str
    sources: str


class _Thread(_ThreadLocal):
    """The parse that each thread is in the middle of."""

    parse: _Parse | None = None


_this_thread = _Thread()


class Namespace(argparse.Namespace):
    """argparse's namespace, which also tells where each value came from.

    The sources are no attribute of the kind that `vars()`, `==` and `repr()` look at. A dest called `source_of`
    hides the method of that name; `Namespace.source_of(args, dest)` still reaches it.
    """

    __slots__ = ("_uvflags_sources",)

    def __init__(self, **values: Any) -> None:
        self._uvflags_sources: dict[str, Source] = {}
        super().__init__(**values)

    def source_of(self, dest: str) -> Source:
        """The source of the value of `dest`; "default" for one that neither words nor variables decided."""
        return self._uvflags_sources.get(dest, Source("default", None, None))

    def __setattr__(self, name: str, value: Any) -> None:
        parse = _this_thread.parse
        if parse is not None and parse.filled is self:
            parse.credit(name)
        super().__setattr__(name, value)

    def __getstate__(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return vars(self), {"_uvflags_sources": self._uvflags_sources}


def _shown(text: str | None) -> str:
    """Text from outside, fit for one line of a terminal: what can't be printed is escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text or "")


class _Env(namedtuple("_Env", "name separator secret", defaults=("", None, False))):
    """What `add_argument` was told of an option's variable; an option that is only secret has none."""

    def text(self, environ: Mapping[str, str]) -> str | None:
        return environ.get(self.name) if self.name else None

    def __str__(self) -> str:
        """The variable as help shows it, with what it holds."""
        parse = _this_thread.parse
        text = None if self.secret else self.text(parse.environ if parse else os.environ)
        return self.name if text is None else f"{self.name}={_shown(text)}"

    def values(self, text: str | None) -> list[str]:
        """What the variable of an option with values holds."""
        return [part for part in (text or "").split(self.separator or "\0") if part]


def _env(action: argparse.Action) -> _Env:
    env: _Env = getattr(action, "_env", _Env())
    return env


def _is_flag(action: argparse.Action) -> bool:
    """Whether the option takes no value, so that its variable is a boolean."""
    return action.nargs == 0


def _main_option(action: argparse.Action) -> str:
    """What messages call an action: its first long option, or what a positional is shown as."""
    long = [option for option in action.option_strings if option[1:2] == option[:1]]
    return (long or list(action.option_strings) or [str(action.metavar or action.dest)])[0]


def _or(choices: Sequence[str]) -> str:
    """The choices as English has them: `a`, `a or b`, `a, b, or c`."""
    return " or ".join(choices) if len(choices) < 3 else f"{', '.join(choices[:-1])}, or {choices[-1]}"


def _one_slip(first: str, second: str) -> bool:
    """Whether two different words differ by one letter too many, missing or wrong, or by two neighbours swapped."""
    start = next(i for i in range(len(first) + 1) if first[: i + 1] != second[: i + 1])
    mine, other = first[start:], second[start:]
    return other in (mine[1:], mine[1::-1] + mine[2:]) or other[1:] in (mine, mine[1:])


class _Decision(namedtuple("_Decision", "parser action source truth", defaults=(True,))):
    """What decides a dest: an option that was typed, or its variable; `truth` is False for a flag's that says so."""

    @property
    def typed(self) -> bool:
        return bool(self.source.kind == "command line")

    @property
    def mute(self) -> bool:
        """Whether it gives no value: false does so only for a flag that knows an opposite value."""
        flag = self.action
        return not (self.truth or isinstance(flag, argparse.BooleanOptionalAction) or isinstance(flag.const, bool))

    @property
    def option(self) -> str:
        return (self.source.name if self.typed else None) or _main_option(self.action)

    @property
    def opposite(self) -> str | None:
        """The flag that says no where this one says yes, or the other way round."""
        name = _main_option(self.action)[2:]
        option = f"--{name[3:]}" if name.startswith("no-") else f"--no-{name}"
        other = self.parser._option_string_actions.get(option)
        return option if _is_flag(self.action) and other is not None and _is_flag(other) else None

    @property
    def assignment(self) -> str:
        """The variable and what it holds, as one would set it in a shell; a secret is not shown."""
        value = "" if _env(self.action).secret else f"={_shown(self.source.text)}"
        return f"{self.source.name}{value}"

    def __str__(self) -> str:
        """One side of a conflict, as a message names it."""
        return f"'{self.option}'" if self.typed else f"'{self.option}' ({self.assignment})"

    def remedies(self) -> str:
        """The ways to take a variable out of effect."""
        ways = [f"unset {self.source.name}", *(["set it to 0"] if _is_flag(self.action) else [])]
        return _or([*ways, *([f"pass {self.opposite}"] if self.opposite else [])])

    def excludes(self, other: _Decision) -> bool:
        """Whether two true variables belong to options of one mutually exclusive group."""
        groups = [group._group_actions for group in self.parser._mutually_exclusive_groups]
        return self.truth and other.truth and any(self.action in g and other.action in g for g in groups)


class _Problem(namedtuple("_Problem", "message hint options", defaults=((),))):
    """An error of the merge: what is wrong, what to do, and for a conflict the two options."""

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}"

    @classmethod
    def conflict(cls, first: _Decision, second: _Decision) -> _Problem:
        """Two options that exclude each other; the one that was typed is named first."""
        if second.typed and not first.typed:
            first, second = second, first
        if second.typed:
            hint = f"drop {first.option} or {second.option}"
        else:
            hint = second.remedies() if first.typed else f"{first.remedies()}; or {second.remedies()}"
        return cls(f"the argument {first} cannot be used with {second}", hint, (first.option, second.option))

    @classmethod
    def bad_variable(cls, reading: _Decision, why: str) -> _Problem:
        action, option, name = reading.action, reading.option, reading.source.name
        flag, secret = _is_flag(action), _env(action).secret
        value = "" if secret else f" '{_shown(reading.source.text)}'"
        reason = "" if secret and not flag else f": {why}"
        remedy = "set it to 1 or 0" if flag else f"{'pass' if action.option_strings else 'give'} {option}"
        return cls(f"invalid value{value} for '{option}' ({name}){reason}", f"unset {name}, or {remedy}")


class _Required(int):
    """A `required` that is true, except in a parse where a variable or another level supplies one of the actions.

    argparse looks at it in the middle of a parse. A flag's variable that is false supplies an option, but no group.
    """

    actions: Sequence[argparse.Action]
    by_false: bool

    @classmethod
    def of(cls, actions: Sequence[argparse.Action], *, by_false: bool) -> _Required:
        self = cls(True)
        self.actions, self.by_false = actions, by_false
        return self

    def __bool__(self) -> bool:
        parse = _this_thread.parse
        return parse is None or not any(parse.supplies(action, self.by_false) for action in self.actions)

    def __repr__(self) -> str:
        return "True"


class _Container(argparse._ActionsContainer):
    """What the parser and its groups have in common."""

    def add_argument(
        self,
        *args: Any,
        env: str | None = None,
        env_separator: str | None = None,
        env_secret: bool = False,
        **kwargs: Any,
    ) -> argparse.Action:
        """argparse's `add_argument`, for an option or positional that may also take its value from a variable.

        `env` names the variable. `env_separator` divides its text into several values; empty ones are dropped.
        `env_secret` keeps the value of option and variable out of every message and help text. Raises ValueError
        for a separator where only one value can be held.
        """
        action = super().add_argument(*args, **kwargs)
        if env_separator and type(action) is argparse._StoreAction and action.nargs in (None, argparse.OPTIONAL):
            raise ValueError(f"env_separator: {_main_option(action)} holds only one value")
        if env or env_secret:
            action._env = _Env(env or "", env_separator, env_secret)  # type: ignore[attr-defined]
        if env and action.help and action.help is not argparse.SUPPRESS:
            action.help += " (env: %(_env)s)"
        if action.required and (action.option_strings or env):
            action.required = _Required.of([action], by_false=True)  # type: ignore[assignment]
        return action

    def add_argument_group(self, *args: Any, **kwargs: Any) -> _ArgumentGroup:
        group = _ArgumentGroup(self, *args, **kwargs)
        self._action_groups.append(group)
        return group

    def add_mutually_exclusive_group(self, **kwargs: Any) -> _MutuallyExclusiveGroup:
        group = _MutuallyExclusiveGroup(self, **kwargs)
        if group.required:
            group.required = _Required.of(group._group_actions, by_false=False)  # type: ignore[assignment]
        self._mutually_exclusive_groups.append(group)
        return group


class _ArgumentGroup(argparse._ArgumentGroup, _Container):
    pass


class _MutuallyExclusiveGroup(argparse._MutuallyExclusiveGroup, _Container):
    pass


def _parser_tree(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The parser and the parsers of its subcommands, at all levels."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for subparser in dict.fromkeys(action._name_parser_map.values()):
                yield from _parser_tree(subparser)


class _Parse:
    """One parse of a command line, by a parser and those of its subcommands that the line reaches.

    While argparse works, it notes what was typed; then `read_variables` fills in the rest and `judge` applies the
    conflicts. Both leave what a person should know in `problems` and `warnings`.
    """

    def __init__(self, root: ArgumentParser, namespace: Any, held: Iterable[str] = ()) -> None:
        self.environ: Mapping[str, str] = os.environ if root._environ is None else root._environ
        self.namespace = namespace
        self.extras: list[str] = []
        self.problems: list[_Problem] = []
        self.warnings: list[str] = []
        self.sources: dict[str, Source] = dict(getattr(namespace, "_uvflags_sources", ()))
        kept = [action for action in root._actions if action.dest in self.sources]
        self.decided = {action.dest: _Decision(root, action, self.sources[action.dest]) for action in kept}
        self.set_aside: dict[str, _Decision] = {}
        self.reached = [root]
        self.filled = namespace  # of the level that argparse is at, as is the parser
        self._parser = root
        self._held = frozenset(held)
        self._acting: _Decision | None = None
        self._fallbacks: dict[str, Any] = {}
        self._settled: frozenset[str] = frozenset()  # what no variable may touch, once they are read

    def admits(self, parser: ArgumentParser, namespace: Any) -> bool:
        """Whether a call of `parse_known_args` is part of this parse: a subcommand's, or argparse's second pass."""
        if parser in self.reached:
            return namespace is self.filled
        commands = self._acting.action if self._acting else None
        return isinstance(commands, argparse._SubParsersAction) and parser in commands._name_parser_map.values()

    def descend(self, parser: ArgumentParser, read: Callable[[Any], tuple[Any, list[str]]]) -> tuple[Any, list[str]]:
        """Have a subcommand's parser read its words; its mere defaults leave alone what was settled before it."""
        level, before = (self._parser, self.filled), dict(self.decided)
        # The dest of the subcommand itself is no one's but its own, to which a default may well give a value.
        settled = {dest for dest in self._held.union(before) if before.get(dest) is not self._acting}
        self.act(None)
        self.reached.append(parser)
        self._parser, self.filled = parser, parser._ready(None)
        namespace, extras = read(self.filled)
        for dest in settled:
            if self.decided.get(dest) is before.get(dest):
                vars(namespace).pop(dest, None)
        self.act(None)
        self._parser, self.filled = level
        return namespace, extras

    def act(self, decision: _Decision | None) -> None:
        """Let an action act on behalf of a decision, until argparse goes on to something else."""
        self._acting = decision
        if decision is not None:
            self.credit(decision.action.dest)

    def credit(self, dest: str) -> None:
        """Have the action that acts, if one does, decide this dest too."""
        decision = self._acting
        if decision is not None and dest not in self._settled:
            self._fallbacks.setdefault(dest, getattr(self.namespace, dest, argparse.SUPPRESS))
            self.decided[dest], self.sources[dest] = decision, decision.source

    def hold_foreign(self, parser: argparse.ArgumentParser | None) -> None:
        """Let all that a subcommand's parser has stand if it is a foreign one, which does not tell what was typed."""
        if parser is not None and not isinstance(parser, _Container):
            self.act(None)
            self._held = self._held.union(parser._defaults, (action.dest for action in parser._actions))

    def supplies(self, action: argparse.Action, by_false: bool) -> bool:
        """Whether a required action has a value from another level of the command line or from its variable."""
        text = _env(action).text(self.environ)
        if _is_flag(action):
            supplied = text is not None and (by_false or text.lower() not in _FALSE)
        else:
            supplied = bool(_env(action).values(text))
        decision = self.decided.get(action.dest)
        return supplied or (decision is not None and decision.parser is not self._parser)

    def read_variables(self) -> None:
        """Let the variables decide what nothing typed does, those of the innermost subcommand first."""
        self.act(None)
        self._settled = self._held.union(self.decided)
        held = getattr(self.namespace, "__dict__", {})
        values = {dest: value for dest, value in held.items() if dest in self._settled}
        levels = [(parser, action) for parser in reversed(self.reached) for action in parser._actions]
        readings = [self._read(parser, action) for parser, action in levels if action.dest not in self._settled]
        # Of two for one dest the first wins; those that give no value come last, so that they hide none that does.
        for reading in sorted(filter(None, readings), key=lambda reading: reading.mute):
            winner = self.decided.get(reading.action.dest)
            if winner is None:
                self._apply(reading)
            elif winner.excludes(reading):
                self.problems.append(_Problem.conflict(winner, reading))
        for dest, value in values.items():  # which an action may have set besides its own
            setattr(self.namespace, dest, value)

    def _read(self, parser: ArgumentParser, action: argparse.Action) -> _Decision | None:
        env = _env(action)
        text = env.text(self.environ)
        if text is None or not (_is_flag(action) or env.values(text)):
            return None
        reading = _Decision(parser, action, Source("environment", env.name, text))
        try:
            return reading._replace(truth=parse_bool(text)) if _is_flag(action) else reading
        except ValueError as error:
            self.problems.append(_Problem.bad_variable(reading, str(error)))
            return None

    def _apply(self, reading: _Decision) -> None:
        """Make a variable act as its option typed once, and a false one as that option's opposite, if it has any."""
        parser, action, source, truth = reading
        self.act(reading)
        if truth or isinstance(action, argparse.BooleanOptionalAction):
            option = _main_option(action) if truth else reading.opposite
            values = [] if _is_flag(action) else _env(action).values(source.text)
            if not action.option_strings:  # an absent one may have acted already, on its default
                option = None
                setattr(self.namespace, action.dest, action.default)
            try:
                one_each = action.nargs in (None, argparse.OPTIONAL)
                for words in [[value] for value in values] if one_each else [values]:
                    if parser._match_argument(action, "A" * len(words)) != len(words):
                        raise argparse.ArgumentError(action, f"expected {action.nargs} values, not {len(words)}")
                    # argparse's own method, as ours would take the words for typed; converting them ends the act.
                    converted = argparse.ArgumentParser._get_values(parser, action, words)
                    self.act(reading)
                    action(parser, self.namespace, converted, option)
            except argparse.ArgumentError as error:
                self.problems.append(_Problem.bad_variable(reading, error.message))
        elif not reading.mute:
            setattr(self.namespace, action.dest, not action.const)
        self.act(None)

    def in_effect(self, dest: str) -> bool:
        """Whether something other than a default gave `dest` a value that says yes."""
        value = getattr(self.namespace, dest, None)
        empty = value is None or value is False or (isinstance(value, list) and not value)
        return dest in self.decided and self.decided[dest].truth and not empty

    def judge(self) -> None:
        """Apply the conflicts: first set variables aside, then see what still clashes."""
        rows = [row for parser in self.reached for row in parser._conflicts]
        for group in [group for parser in self.reached for group in parser._mutually_exclusive_groups]:
            members = dict.fromkeys(action.dest for action in group._group_actions)
            pairs = combinations(filter(self.in_effect, members), 2)
            rows += [Conflict(first, second, "command line wins") for first, second in pairs]
        for first, second, policy in rows:
            if policy != "always" and self.in_effect(first) and self.in_effect(second):
                variable, typed = sorted((self.decided[first], self.decided[second]), key=lambda side: side.typed)
                if typed.typed and not variable.typed:
                    self._lay_aside(variable, typed)
        for first, second, policy in rows:
            if self.in_effect(first) and self.in_effect(second):
                sides = self.decided[first], self.decided[second]
                if policy != "typed only" or sides[0].typed:
                    self.problems.append(_Problem.conflict(*sides))

    def _lay_aside(self, variable: _Decision, typed: _Decision) -> None:
        self.warnings.append(f"ignoring {variable.assignment} because {typed} was given")
        for dest in [dest for dest, decision in self.decided.items() if decision is variable]:
            self.set_aside[dest] = self.decided.pop(dest)
            del self.sources[dest]
            fallback = self._fallbacks.get(dest, self.reached[0].get_default(dest))
            if fallback is not argparse.SUPPRESS:
                setattr(self.namespace, dest, fallback)
            elif hasattr(self.namespace, dest):
                delattr(self.namespace, dest)

    def warn_of_unread(self, prefix: str) -> None:
        """Point out the variables with this prefix that nothing reads, one slip away from one that is read."""
        read = {_env(action).name for parser in _parser_tree(self.reached[0]) for action in parser._actions}
        for name in sorted(name for name in self.environ if name.startswith(prefix) and name not in read):
            meant = next((known for known in sorted(read) if known and _one_slip(name, known)), None)
            if meant:
                self.warnings.append(f"{_shown(name)} is set, but nothing reads it: did you mean {meant}?")


class ArgumentParser(argparse.ArgumentParser, _Container):
    """`argparse.ArgumentParser` with variables, sources and conflicts; without them it behaves as argparse's does.

    Args, beside argparse's own:
        conflicts: rows of `Conflict`, applied to what the whole command line and the variables come to. They may
            name dests of subcommands; the rows of `parents` and of the subcommands that are reached count too.
        env_prefix: warn of variables that begin so, that nothing reads, and that are one slip away from one that is.
        environ: read at parse time in place of `os.environ`.

    A value comes from the command line, else from the variable, else from the default. A flag's variable is a
    boolean (see `parse_bool`); an empty variable of an option with values counts as not set, and one whose option was
    typed is not looked at. A mutually exclusive group acts as conflicts of "command line wins". Bad variables and
    conflicts are reported together, in one error. In a subcommand's parse, `environ` and `env_prefix` are those of the
    parser that was called. Parsing raises ValueError for a row of `conflicts` that names no argument.
    """

    def __init__(
        self,
        *args: Any,
        conflicts: Iterable[Conflict] = (),
        env_prefix: str | None = None,
        environ: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        self._conflicts = list(conflicts)
        self._env_prefix = env_prefix
        self._environ = environ
        super().__init__(*args, **kwargs)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        parse, parse_words = _this_thread.parse, super().parse_known_args
        if parse is None or not parse.admits(self, namespace):
            return self._report(self._merge(parse_words, args, namespace))
        if self not in parse.reached:
            return parse.descend(self, lambda namespace: parse_words(args, namespace))
        parse.act(None)
        return parse_words(args, namespace)

    def parse_known_intermixed_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        return self._report(self._merge(super().parse_known_intermixed_args, args, namespace))

    def format_help(self, *args: Any, **kwargs: Any) -> str:
        """argparse's help, in which `environ` stands behind the variables outside of a parse too."""
        outer = _this_thread.parse
        _this_thread.parse = outer or _Parse(self, Namespace())
        try:
            return super().format_help(*args, **kwargs)
        finally:
            _this_thread.parse = outer

    def _merge(self, parse_words: Callable[..., tuple[Any, list[str]]], args: Any, namespace: Any = None) -> _Parse:
        """Have argparse parse the words, and merge the variables; what is wrong is left to the caller to report."""
        self._check_conflicts()
        held = () if namespace is None else set(dir(namespace)).difference(dir(Namespace))
        outer, parse = _this_thread.parse, _Parse(self, self._ready(namespace), held)
        _this_thread.parse = parse
        try:
            parse.namespace, parse.extras = parse_words(args, parse.namespace)
            parse.read_variables()
            parse.judge()
        finally:
            _this_thread.parse = outer
        if self._env_prefix:
            parse.warn_of_unread(self._env_prefix)
        if isinstance(parse.namespace, Namespace):
            parse.namespace._uvflags_sources = parse.sources
        return parse

    def _report(self, parse: _Parse) -> tuple[Any, list[str]]:
        """Print what the merge found; return what `parse_known_args` does."""
        reporter = parse.reached[-1]
        for warning in parse.warnings:
            reporter._print_message(f"{reporter.prog}: warning: {warning}\n", sys.stderr)
        if parse.problems:
            message = f"\n{reporter.prog}: error: ".join(dict.fromkeys(map(str, parse.problems)))
            if not self.exit_on_error:
                raise argparse.ArgumentError(None, message)
            reporter.error(message)
        return parse.namespace, parse.extras

    def _check_conflicts(self) -> None:
        parsers = list(_parser_tree(self))
        dests = {action.dest for parser in parsers for action in parser._actions}
        for row in [row for parser in parsers for row in getattr(parser, "_conflicts", ())]:
            if row.sources not in _POLICIES:
                raise ValueError(f"{row}: sources is none of {', '.join(_POLICIES)}")
            if not dests.issuperset(row[:2]):
                raise ValueError(f"{row}: there is no argument {_or(sorted(set(row[:2]) - dests))}")

    def _ready(self, namespace: Any) -> Any:
        """The namespace to fill; argparse would take the method `source_of` for the value of a dest of that name."""
        namespace = Namespace() if namespace is None else namespace
        for action in self._actions:
            if action.dest == "source_of" and action.default is not argparse.SUPPRESS:
                vars(namespace).setdefault(action.dest, action.default)
        return namespace

    def _add_container_actions(self, container: argparse._ActionsContainer) -> None:
        super()._add_container_actions(container)
        self._conflicts += getattr(container, "_conflicts", ())

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        try:
            values = super()._get_values(action, arg_strings)
        except argparse.ArgumentError:
            if _env(action).secret:
                raise argparse.ArgumentError(action, "invalid value") from None
            raise
        parse = _this_thread.parse
        if parse is not None:
            # Only the caller knows by which of its spellings an option was typed.
            option = sys._getframe(1).f_locals.get("option_string") or next(iter(action.option_strings), None)
            typed = _Decision(self, action, Source("command line", option, None))
            parse.act(typed if action.option_strings or arg_strings else None)
            if isinstance(action, argparse._SubParsersAction):
                parse.hold_foreign(action._name_parser_map.get(values[0]))
        return values

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        # argparse comes by here for a default too, which it then assigns: no action does that.
        if _this_thread.parse is not None:
            _this_thread.parse.act(None)
        return super()._get_value(action, arg_string)


# uv's options. A row holds an option's names, METAVAR, with "..." where it may be repeated, $VARIABLE, and what else
# argparse is told of it; then, behind two spaces, its help. "~" hides it from help. Without a METAVAR it is a flag.

_ANYWHERE: Final = """
Options
--isolated $UV_ISOLATED  run in a throw-away environment
Cache options
-n --no-cache --no-cache-dir $UV_NO_CACHE  use a cache that lasts for this run only
--cache-dir DIR $UV_CACHE_DIR  keep the cache in this folder
Python options
~--python-preference PREFERENCE $UV_PYTHON_PREFERENCE  which to prefer, uv's Pythons or the system's
--managed-python $UV_MANAGED_PYTHON action=either  only uv's Pythons
--no-managed-python $UV_NO_MANAGED_PYTHON action=either  only system Pythons
~--allow-python-downloads  fetch a Python that is missing
--no-python-downloads  never fetch a Python
Global options
~--python-fetch WHEN  when to fetch a Python
-q --quiet action=count  say less; twice, say nothing
-v --verbose action=count  say more; twice, still more
~--no-color  same as --color never
--color WHEN  colour the output: auto, always or never
--system-certs $UV_SYSTEM_CERTS  trust the certificates of the system
~--no-system-certs dest=system_certs action=store_false
~--native-tls dest=system_certs $UV_NATIVE_TLS  older name of --system-certs
~--no-native-tls dest=system_certs action=store_false
--offline $UV_OFFLINE  do without the network
~--no-offline dest=offline action=store_false
--allow-insecure-host --trusted-host HOST... $UV_INSECURE_HOST  accept this host's certificate unseen
~--preview $UV_PREVIEW  turn on all that is experimental
~--no-preview dest=preview action=store_false
~--preview-features --preview-feature NAME... $UV_PREVIEW_FEATURES env_separator=,  turn on one experiment
~--show-settings  print the settings in force and stop
--no-progress $UV_NO_PROGRESS  show no progress bars
~--no-installer-metadata $UV_NO_INSTALLER_METADATA  leave out the installer's own metadata files
--directory DIR $UV_WORKING_DIR  change to this folder first
--project DIR $UV_PROJECT  look for the project in this folder
--config-file FILE $UV_CONFIG_FILE  read the configuration from this file
--no-config $UV_NO_CONFIG  read no configuration files
-h --help action=help  show this help and stop
"""
_RUNNING: Final = """
Options
-m --module  run the command as a Python module
--env-file FILE... $UV_ENV_FILE  load variables from this file
--no-env-file $UV_NO_ENV_FILE  load no variables from files
-w --with REQUIREMENT...  install this package for the run
--with-editable PATH...  install this folder as editable for the run
--with-requirements FILE...  install what this file lists for the run
--no-sync $UV_NO_SYNC  leave the environment as it is
-s --script  take the command for a Python script
--gui-script  take the command for a Python script without a console
--no-project --no_workspace $UV_NO_PROJECT  take no notice of a project
~--show-resolution $UV_SHOW_RESOLUTION  print what was resolved
~--max-recursion-depth NUMBER $UV_RUN_MAX_RECURSION_DEPTH  stop when runs are nested deeper
--all-packages  install every package of the workspace
--package NAME  run in this package of the workspace
--exact  remove packages that are not asked for
~--inexact --no-exact dest=exact action=store_false
"""
_SYNCING: Final = """
Options
--extra NAME...  install this extra
--all-extras  install every extra
~--no-all-extras dest=all_extras action=store_false
--no-extra NAME...  leave out this extra
~--dev $UV_DEV action=either
--no-dev $UV_NO_DEV action=either  leave out the group dev
--only-dev  install the group dev alone
--group NAME...  install this dependency group
--no-group NAME... $UV_NO_GROUP  leave out this group
--no-default-groups $UV_NO_DEFAULT_GROUPS  leave out the groups that are installed by default
--only-group NAME...  install this group alone
--all-groups  install every group
~--editable
--no-editable $UV_NO_EDITABLE dest=editable action=store_false  install the project's packages as copies
--no-editable-package NAME...  install this package as a copy
--active  prefer the active virtual environment
~--no-active dest=active action=store_false
--python-platform PLATFORM  resolve for this platform
Installer options
--reinstall --force-reinstall  install everything afresh
~--no-reinstall dest=reinstall action=store_false
--reinstall-package NAME...  install this package afresh
--compile-bytecode --compile $UV_COMPILE_BYTECODE  compile after installing
~--no-compile-bytecode --no-compile dest=compile_bytecode action=store_false
"""
_LOCKING: Final = """
Options
--locked $UV_LOCKED  fail where uv.lock is out of date
~--no-locked dest=locked action=store_false
--frozen $UV_FROZEN  take uv.lock as it is
~--no-frozen dest=frozen action=store_false
Index options
--index URL... $UV_INDEX env_secret  search this index as well
--default-index URL $UV_DEFAULT_INDEX env_secret  the index to fall back on
-i --index-url URL $UV_INDEX_URL env_secret  older name of --default-index
--extra-index-url URL... $UV_EXTRA_INDEX_URL env_secret  older name of --index
-f --find-links PLACE... $UV_FIND_LINKS env_secret env_separator=,  search this folder or page for packages
--no-index  search no index
--index-strategy STRATEGY $UV_INDEX_STRATEGY  how several indexes go together
--keyring-provider PROVIDER $UV_KEYRING_PROVIDER  where index passwords are kept
Resolver options
-U --upgrade  allow newer versions than uv.lock has
~--no-upgrade dest=upgrade action=store_false
-P --upgrade-package NAME...  allow a newer version of this package
--upgrade-group NAME...  allow newer versions in this group
--resolution STRATEGY $UV_RESOLUTION  which of the fitting versions to take
--prerelease WHEN $UV_PRERELEASE  when to take pre-releases
--prerelease-package SPEC...  when to take pre-releases of a package
~--pre  take pre-releases
--fork-strategy STRATEGY $UV_FORK_STRATEGY  how versions may differ between platforms
--exclude-newer DATE $UV_EXCLUDE_NEWER  take nothing uploaded later
--exclude-newer-package SPEC...  take nothing of a package uploaded later
--no-sources $UV_NO_SOURCES  take no notice of tool.uv.sources
--no-sources-package NAME... $UV_NO_SOURCES_PACKAGE  take no notice of this package's source
Installer options
--link-mode MODE $UV_LINK_MODE  how files come from the cache
Build options
-C --config-setting --config-settings K=V...  give the build backend a setting
--config-settings-package SPEC...  give a package's build backend a setting
~--build-isolation
--no-build-isolation $UV_NO_BUILD_ISOLATION dest=build_isolation action=store_false  build in the environment itself
--no-build-isolation-package NAME...  build this package in the environment itself
~--build
--no-build $UV_NO_BUILD dest=build action=store_false  build no source distributions
--no-build-package NAME... $UV_NO_BUILD_PACKAGE  build nothing for this package
~--binary
--no-binary $UV_NO_BINARY dest=binary action=store_false  install no wheels
--no-binary-package NAME... $UV_NO_BINARY_PACKAGE  install no wheel of this package
--require-build-hashes $UV_REQUIRE_BUILD_HASHES  ask for hashes in builds
--no-require-build-hashes dest=require_build_hashes action=store_false  ask for none
Cache options
--refresh $UV_REFRESH  take nothing cached on trust
~--no-refresh dest=refresh action=store_false
--refresh-package NAME...  take nothing cached of this package on trust
Python options
-p --python PYTHON $UV_PYTHON  use this Python
"""
_CONFLICTS: Final = """
offline refresh always
offline refresh_package always
managed_python python_preference command line wins
no_managed_python python_preference command line wins
locked frozen command line wins
locked upgrade command line wins
frozen upgrade command line wins
frozen no_sources typed only
package no_project command line wins
package all_packages command line wins
extra all_extras command line wins
extra only_group command line wins
all_extras only_group command line wins
only_group dev command line wins
only_group group command line wins
only_group all_groups command line wins
only_dev no_dev command line wins
only_dev group command line wins
only_dev all_groups command line wins
module script command line wins
module gui_script command line wins
script gui_script command line wins
allow_python_downloads no_python_downloads command line wins
quiet verbose command line wins
color no_color command line wins
"""
# Without uv these have nothing to act on, and the command is the same without them.
_MOOT_WITHOUT_UV: Final = frozenset(
    "offline refresh refresh_package no_cache cache_dir frozen no_sync module "
    "quiet verbose color no_color no_progress config_file no_config".split()
)
# The variable by which a run that uvflags handed over knows itself again.
_HANDED_OVER: Final = "UVFLAGS_HANDED_OVER"


class _Either(argparse._StoreTrueAction):
    """`--x` and `--no-x` with a dest each, which conflict with other options each for itself: typed last wins."""

    @property
    def other(self) -> str:
        return self.dest[3:] if self.dest.startswith("no_") else f"no_{self.dest}"

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        super().__call__(parser, namespace, values, option_string)
        setattr(namespace, self.other, False)


def _add_row(group: _ArgumentGroup, row: str) -> None:
    """Add the option of one row of the tables above."""
    spec, _, text = row.lstrip("~").partition("  ")
    names = []
    keywords: dict[str, Any] = {"action": "store_true", "default": None}
    keywords["help"] = argparse.SUPPRESS if row[0] == "~" else text
    for word in spec.split():
        if word[0] == "-":
            names.append(word)
        elif word[0] == "$":
            keywords["env"] = word[1:]
        elif word.endswith("..."):
            keywords.update(action="append", metavar=word[:-3], env_separator=" ")
        elif word.isupper():
            keywords.update(action="store", metavar=word)
        else:
            keyword, _, value = word.partition("=")
            keywords[keyword] = value or True
    group.add_argument(*names, **keywords)


def _fill(parser: ArgumentParser, usage: str, description: str, *tables: str) -> ArgumentParser:
    """Give a parser, made without help, the options of whole tables under their headings."""
    parser.usage, parser.description = f"%(prog)s {usage}", description
    parser.allow_abbrev, parser._env_prefix = False, "UV_"
    parser.register("action", "either", _Either)
    group = parser.add_argument_group("Options")
    groups = {"Options": group}
    for row in "".join(tables).split("\n"):
        if row[:1] in ("-", "~"):
            _add_row(group, row)
        elif row:
            group = groups[row] = groups.get(row) or parser.add_argument_group(row)
    return parser


def _fill_run(parser: ArgumentParser) -> ArgumentParser:
    about = "Run a command or script with uv. From the command word on, every word is the command's own."
    parser._conflicts += [Conflict(*row.split(" ", 2)) for row in _CONFLICTS.strip().split("\n")]
    return _fill(parser, "[OPTIONS] [COMMAND [ARGS...]]", about, _RUNNING, _LOCKING, _SYNCING, _ANYWHERE)


def _fill_explain(parser: ArgumentParser) -> ArgumentParser:
    about = "Say what a run would start, and where each option has its value from. Nothing is started."
    usage = "[--json] [GLOBAL OPTIONS] run [OPTIONS] [COMMAND [ARGS...]]"
    _fill(parser, usage, about, _ANYWHERE, "--json  print one JSON object")
    commands = parser.add_subparsers(title="Commands", prog=parser.prog, metavar="COMMAND")
    _fill_run(commands.add_parser("run", add_help=False, help="the line to explain"))
    return parser


def _root_parser(prog: str = "uvflags") -> ArgumentParser:
    """The whole command line, for its help, for what stands before `run`, and for tools that complete it."""
    about = "A front for uv that settles flags and environment variables by one set of rules."
    parser = ArgumentParser(prog, add_help=False)
    _fill(parser, "[GLOBAL OPTIONS] {run,explain} ...", about, _ANYWHERE)
    version = f"uvflags {__version__}"
    parser._action_groups[-1].add_argument(
        "-V", "--version", action="version", version=version, help="print the version"
    )
    commands = parser.add_subparsers(title="Commands", prog=prog, metavar="COMMAND")
    _fill_run(commands.add_parser("run", add_help=False, help="run a command or script"))
    _fill_explain(commands.add_parser("explain", add_help=False, help="say what a run would do, and why"))
    return parser


class _Option(namedtuple("_Option", "action spelling value words")):
    """An option as typed; `words` are those that end with it, none where more flags follow in the same word."""

    def contradicts(self, other: _Option) -> bool:
        """Whether the two are the sides of one pair."""
        mine, its = self.action, other.action
        return its.dest == getattr(mine, "other", mine.dest) and (its.dest, its.const) != (mine.dest, mine.const)


def _unexpected(parser: ArgumentParser, option: str) -> NoReturn:
    import difflib

    alike = difflib.get_close_matches(option, parser._option_string_actions, 1, 0.8) if option[:2] == "--" else []
    parser.error(f"unexpected argument '{_shown(option)}'" + "".join(f": did you mean '{name}'?" for name in alike))


def _read_options(parser: ArgumentParser, words: list[str]) -> tuple[list[_Option], list[str]]:
    """Read option words as uv does, up to the first word that is none; return the words from there on too."""
    options: list[_Option] = []
    rest = list(words)
    while rest and rest[0].startswith("-") and rest[0] not in ("-", "--"):
        word = unread = rest.pop(0)
        long = word.startswith("--")
        while unread:
            spelling = unread.partition("=")[0] if long else unread[:2]
            action = parser._option_string_actions.get(spelling) or _unexpected(parser, spelling)
            attached = unread[len(spelling) :]
            value, typed, unread = None, [word], ""
            if not _is_flag(action):
                value = attached.removeprefix("=")
                if not attached:
                    value = rest.pop(0) if rest else "--"
                    typed.append(value)
                    if value.startswith("-") and value != "-":
                        parser.error(f"a value is required for '{spelling} <{action.metavar}>' but none was supplied")
            elif long and attached:
                parser.error(f"the argument '{spelling}' takes no value")
            elif action.dest in ("help", "version"):
                parser.parse_args([spelling])
            elif attached:
                typed, unread = [], f"-{attached}"
            options.append(_Option(action, spelling, value, typed))
    return options, rest


class _Line:
    """A line of `run`, read and merged: what was typed, and what uv has to be given so that it sees the same."""

    def __init__(self, prog: str, before: list[_Option], words: list[str]) -> None:
        read = dict(os.environ)
        if "UV_SYSTEM_CERTS" in read:
            read.pop("UV_NATIVE_TLS", None)  # as in uv, of which it is the older name
        self.parser = _fill_run(ArgumentParser(f"{prog} run", add_help=False, environ=read))
        self.before = before
        self.behind, self.rest = _read_options(self.parser, words)
        self.command = self.rest[self.rest[:1] == ["--"] :]
        self.options = [*before, *self.behind]
        self.spellings = {option.action.dest: option.spelling for option in self.options}
        moot = "refresh_package" if self.spellings.get("refresh") == "--no-refresh" else None  # as uv has it
        # All versions of argparse read this one spelling alike.
        plain = [
            o.spelling if o.value is None else f"{o.spelling}={o.value}" for o in self.options if o.action.dest != moot
        ]
        self.parse = self.parser._merge(self.parser.parse_known_args, plain)

    def removed(self, typed: set[str]) -> list[str]:
        """The variables that uv must not see: those set aside, and booleans that some uv would stumble over."""
        parse, table = self.parse, [row[:2] for row in self.parser._conflicts]
        names = [str(decision.source.name) for decision in parse.set_aside.values()]
        # Older uvs look at no value, so one false variable is enough for the next; but none reads UV_REFRESH.
        given = typed | {dest for dest in parse.decided if parse.in_effect(dest) or dest not in ("offline", "refresh")}
        for action in self.parser._actions:
            name, dest = _env(action).name, action.dest
            if not _is_flag(action) or name not in os.environ:
                continue
            text = os.environ[name].lower()
            if dest in typed:
                if text not in _TRUE or getattr(parse.namespace, dest) != action.const:
                    names.append(name)
            elif text not in _TRUE:
                rivals = {getattr(action, "other", dest)}.union(*(row for row in table if dest in row)) - {dest}
                if text not in _FALSE or given & rivals:
                    names.append(name)
                    given.discard(dest)
        return list(dict.fromkeys(names))

    def words_for_uv(self, added: list[str]) -> list[str]:
        """The line as uv is to have it, from the global options on."""
        # A pair divided between before and behind `run` is an error of uv's, so the side that loses is left out.
        idle = [option for option in self.before if any(map(option.contradicts, self.behind))]
        # Older versions hold that --no-refresh conflicts with --offline, beside which it changes nothing.
        if self.parse.in_effect("offline") and "refresh_package" not in self.spellings:
            idle += [option for option in self.behind if option.action.dest == "refresh"]
        before, behind = (
            [word for option in options if option not in idle for word in option.words]
            for options in (self.before, self.behind)
        )
        return [*before, "run", *added, *behind, *self.rest]


def _which(name: str, environ: Mapping[str, str]) -> str | None:
    """The file that a command names, by PATH where it names no folder; one that may be executed goes first."""
    folders = [""] if os.path.dirname(name) else filter(None, os.get_exec_path(environ))
    endings = ["", ".exe"] if os.name == "nt" else [""]
    paths = [os.path.join(folder, name + ending) for folder in folders for ending in endings]
    return max(filter(os.path.isfile, paths), key=lambda path: os.access(path, os.X_OK), default=None)


def _find_uv(environ: Mapping[str, str]) -> str | None:
    """uv itself: what $UV names, which uv sets for its children, else the first on PATH."""
    named = environ.get("UV", "")
    path = named if os.path.isfile(named) and os.access(named, os.X_OK) else _which("uv", environ)
    return path if path and os.access(path, os.X_OK) else None


def _argv_without_uv(line: _Line, environ: dict[str, str]) -> list[str]:
    """The command as the system is to have it; what would need uv is a problem."""
    problems = line.parse.problems
    for option in line.options:
        if option.action.dest not in _MOOT_WITHOUT_UV:
            message = f"the argument '{option.spelling}' needs uv, which was not found"
            problems.append(_Problem(message, f"install uv, or drop {option.spelling}"))
    command = line.command
    if not command:
        problems.append(_Problem("there is no command, and without uv nothing else to do", "add a command"))
    elif line.parse.in_effect("module"):
        return [sys.executable, "-m", *command]
    elif command[0] == "-" or (command[0].endswith(".py") and os.path.isfile(command[0])):
        return [sys.executable, *command]
    elif command[0] == "python" and not _which("python", environ):
        return [sys.executable, *command[1:]]
    return command


class _Plan(namedtuple("_Plan", "path argv environ added removed note", defaults=(None, [], {}, [], [], ""))):
    """What a line comes to: the program to start, and with what; empty where the line has problems."""


def _plan(line: _Line) -> _Plan:
    """Hand the line over to uv, or where there is none, its command to the system."""
    parse = line.parse
    if parse.problems:
        return _Plan()
    typed = {dest for dest, decision in parse.decided.items() if decision.typed}
    removed = line.removed(typed)
    refreshes = parse.in_effect("refresh") and "refresh" not in typed
    online = "UV_OFFLINE" in removed and "offline" not in typed
    added = ["--refresh"] * refreshes + ["--no-offline"] * online  # what uv would not see
    environ = {name: text for name, text in os.environ.items() if name not in removed}
    path, note = _find_uv(environ), ""
    if path:
        argv = ["uv", *line.words_for_uv(added)]
        # A uv counts how deep its runs are nested. So the same depth again means that no uv came in between.
        depth = environ.get("UV_RUN_RECURSION_DEPTH", "0")
        if environ.get(_HANDED_OVER) == depth:
            message = f"{_shown(path)} leads back to uvflags"
            parse.problems.append(_Problem(message, "put uv itself on PATH, or name it in UV"))
        environ[_HANDED_OVER] = depth
    else:
        argv = _argv_without_uv(line, environ)
        path = _which(argv[0], environ) if argv else None
        note = "uv was not found, so the command runs directly in the current environment"
        idle = {d.assignment for dest, d in parse.decided.items() if dest not in typed | _MOOT_WITHOUT_UV}
        if idle:
            note += f"; without effect: {', '.join(sorted(idle))}"
    return _Plan() if parse.problems else _Plan(path, argv, environ, added, removed, note)


def _become(path: str, argv: list[str], environ: dict[str, str]) -> NoReturn:
    import signal

    sys.stdout.flush()
    # Python ignores these two signals from its start, and exec would pass that on.
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(ignored, signal.SIG_DFL)
    os.execve(path, argv, environ)


def _wait_for(path: str, argv: list[str], environ: dict[str, str]) -> int:
    import subprocess

    with subprocess.Popen(argv, executable=path, env=environ) as child:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:  # the console has sent it to the child as well, whose answer counts
                continue


def _run(line: _Line) -> int:
    """Become the planned program, or where a system has no such thing, wait for it as a child.

    Returns the child's status, or the shell's for a program that is not there (127) or can't be started (126).
    """
    plan = _plan(line)
    line.parser._report(line.parse)
    if plan.note:
        print(f"{line.parser.prog}: note: {plan.note}", file=sys.stderr)
    status, why = 127, "command not found"
    if plan.path:
        try:
            return (_wait_for if os.name == "nt" else _become)(plan.path, plan.argv, plan.environ)
        except OSError as error:
            status, why = 126, str(error.strerror)
    print(f"{_shown(plan.argv[0])}: {why}", file=sys.stderr)
    return status


def _listing(found: dict[str, Any], added: list[str]) -> str:
    """What `explain` found, in lines for people."""
    import shlex

    rows = []
    for dest, option in found["options"].items():
        value = option["value"]
        words = value if isinstance(value, list) else [value if isinstance(value, str) else str(value).lower()]
        origin = option["source"] if option["text"] is None else f"{option['name']}={option['text']}"
        rows.append((dest.replace("_", "-"), ", ".join(words), origin))
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = [f"{name.ljust(widths[0])}  {value.ljust(widths[1])}  {origin}" for name, value, origin in rows]
    facts = {"command": found["command"], "starts": found["runs"], "added": added, "removed": found["unset"]}
    lines += [f"{name + ':':9}{shlex.join(words)}" for name, words in facts.items() if words]
    lines += [f"warning: {warning}" for warning in found["warnings"]]
    return "\n".join(map(_shown, lines))


def _explain(line: _Line, *, as_json: bool) -> int:
    """Print each option's value and source, what would be started, and what is wrong; return the exit status."""
    import json

    for option in line.options:  # the words are only shown from here on
        if option.value and _env(option.action).secret:
            option.words[-1] = option.words[-1][: -len(option.value)] + "***"
    parse, plan = line.parse, _plan(line)
    options = {}
    for dest, decision in {**parse.decided, **parse.set_aside}.items():
        value = getattr(parse.namespace, dest)
        kind, name, text = parse.namespace.source_of(dest)
        if _env(decision.action).secret:
            value, text = "***", text and "***"
        options[dest] = {"value": value, "source": kind, "name": name, "text": text}
    found = {
        "command": line.command,
        "options": options,
        "conflicts": [{"options": p.options, "message": p.message} for p in parse.problems if p.options],
        "errors": list(dict.fromkeys(problem.message for problem in parse.problems)),
        "warnings": [*parse.warnings, *filter(None, [plan.note])],
        "runs": plan.argv,
        "unset": plan.removed,
    }
    print(json.dumps(found, indent=2) if as_json else _listing(found, plan.added), flush=True)
    if parse.problems and not as_json:
        parse.warnings = []  # the listing has them
        line.parser._report(parse)
    return 2 if parse.problems else 0


def _dispatch(prog: str, words: list[str]) -> int:
    """Read the words up to `run`, and go on with the line that begins there."""
    if words[:1] == ["run"]:
        return _run(_Line(prog, [], words[1:]))
    parser, commands = _root_parser(prog), "run or explain"
    before, rest = _read_options(parser, words)
    explaining = rest[:1] == ["explain"]
    if explaining:
        parser, commands = _fill_explain(ArgumentParser(f"{prog} explain", add_help=False)), "run"
        more, rest = _read_options(parser, rest[1:])
        before += more
    if rest[:1] != ["run"]:
        unknown = f"unknown subcommand '{_shown(rest[0])}', " if rest else ""
        parser.error(f"{unknown}expected {commands}")
    line = _Line(prog, [option for option in before if option.spelling != "--json"], rest[1:])
    return _explain(line, as_json=len(line.before) < len(before)) if explaining else _run(line)


def main(argv: Sequence[str] | None = None) -> int:
    """Run `uvflags` with these words, or those of the process, and return its exit status.

    On POSIX the call does not return where it hands over: the process becomes uv, or the command. Bad input raises
    SystemExit(2) behind a message on stderr, as argparse has it.
    """
    # The caller may have closed one of them.
    sys.stdout, sys.stderr = (stream or open(os.devnull, "w") for stream in (sys.stdout, sys.stderr))  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # what can't be encoded is no reason to fail
    try:
        try:
            return _dispatch(os.path.basename(sys.argv[0]) or "uvflags", list(sys.argv[1:] if argv is None else argv))
        finally:
            sys.stdout.flush()
    except OSError as error:
        # The interpreter flushes once more when it ends; that must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # nobody reads on, so nothing is wrong
            return 0
        print(f"uvflags: error: cannot write: {error.strerror}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
