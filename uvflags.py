# SPDX-License-Identifier: 0BSD
# pyright: reportIncompatibleMethodOverride=false
"""Merge command-line flags with environment variables, and check conflicts on the merged values.

`ArgumentParser` is argparse's, with three additions. An option may take its value from a variable.
Every value knows where it came from. A table of conflicts is applied to the merged values, so a
variable that is set to false conflicts with nothing:

    >>> environ, table = {"SYNC_OFFLINE": "no"}, [Conflict("offline", "refresh")]
    >>> parser = ArgumentParser(env_prefix="SYNC_", environ=environ, conflicts=table)
    >>> _ = parser.add_argument("--offline", action="store_true", env=True)
    >>> _ = parser.add_argument("--refresh", action="store_true", env=True)
    >>> args = parser.parse_args(["--refresh"])
    >>> args.offline, args.source_of("offline")
    (False, Source(kind='environment', name='SYNC_OFFLINE', text='no'))

The second half is a front for uv, built with this parser: `python uvflags.py run ...`. To keep the
parser alone, delete everything from the line "# uv's options" on.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections import namedtuple
from contextvars import ContextVar

TYPE_CHECKING = False  # importing typing would slow down every start
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any, Final, Literal, NoReturn

    from typing_extensions import TypeVar  # type checkers bring this; nothing has to be installed

    _N = TypeVar("_N", default="Namespace")
    _Policy = Literal["always", "command line wins", "typed only"]

__all__ = ["ArgumentParser", "Conflict", "Namespace", "Source", "parse_bool"]
__version__ = "0.2.0"

_TRUE: Final = ("1", "true", "t", "yes", "y", "on")
_FALSE: Final = ("0", "false", "f", "no", "n", "off")
_POLICIES: Final = ("always", "command line wins", "typed only")


class _NotBoolean(ValueError, argparse.ArgumentTypeError):
    """Report a text that is not a boolean, in an error whose message argparse shows."""


def parse_bool(text: str) -> bool:
    """Return the boolean that a text spells, by uv's rule for its variables.

    True is one of `1 true t yes y on`, False one of `0 false f no n off`, in any letter case.
    Nothing is trimmed. Anything else, the empty string too, raises an error that lists the words.
    It is both a ValueError and an `argparse.ArgumentTypeError`: `type=parse_bool` shows the list.
    """
    word = text.lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise _NotBoolean(f"expected true ({', '.join(_TRUE)}) or false ({', '.join(_FALSE)})")


class Source(namedtuple("Source", "kind name text")):
    """Say where a value came from.

    `kind` is "command line", "environment" or "default". `name` is the option in its main spelling,
    or the variable. It is None for a default, and for a positional that was typed. `text` is what
    the variable held, else None.
    """

    kind: Literal["command line", "environment", "default"]
    name: str | None
    text: str | None


class Conflict(namedtuple("Conflict", "first second policy")):
    """Name two options, by their dests, that must not be in effect together.

    A dest is in effect if it was typed, or set by a variable, to something other than False, None
    or an empty list. A default is never in effect. The policy says which sources are an error:

    - "always": all of them.
    - "command line wins": both typed, or both from variables. If only one was typed, the variable
      of the other is ignored, with a warning.
    - "typed only": both typed.
    """

    def __new__(cls, first: str, second: str, policy: _Policy = "always") -> Conflict:
        return super().__new__(cls, first, second, policy)


class Namespace(argparse.Namespace):
    """Hold values as argparse's namespace does, and where each came from.

    The sources are in a slot, so `vars()`, `==` and `repr()` show only the values.
    """

    __slots__ = ("_uvflags_sources",)
    _uvflags_sources: dict[str, Source]

    def source_of(self, dest: str) -> Source:
        """Return the source of the value of `dest`."""
        sources: dict[str, Source] = getattr(self, "_uvflags_sources", {})
        return sources.get(dest, Source("default", None, None))


def _without_passwords(text: str) -> str:
    """Hide the user and the password of every URL in a text, even one with a slash in it."""
    return re.sub(r"://([^/\s]*|[^/\s:]*:\S*)@", "://***@", text)


def _shown(text: str) -> str:
    """Return a text as a message shows it: on one line, and without passwords."""
    shown = ""
    for character in text:
        shown += character if character.isprintable() else ascii(character)[1:-1]
    return _without_passwords(shown)


# The actions that add to a value instead of setting it.
_ACCUMULATING: Final = (argparse._AppendAction, argparse._AppendConstAction, argparse._CountAction)
# What add_argument was told of an argument's variables. There may be none.
_Env = namedtuple("_Env", "names separator secret", defaults=((), None, False))


def _env(action: argparse.Action) -> Any:
    return getattr(action, "_env", _Env())


def _main_spelling(action: argparse.Action) -> str:
    """Return what messages call an argument: its first long option, if it has one."""
    names = [*action.option_strings, str(action.metavar or action.dest)]
    for name in names:
        if name.startswith("--"):
            return name
    return names[0]


# A message, the hints on what to do, and the names of the options it is about.
_Problem = namedtuple("_Problem", "message hints options")


class _Decision:
    """Hold what decides the value of a dest: an argument that was typed, or a variable."""

    def __init__(self, parser: ArgumentParser, action: argparse.Action, source: Source) -> None:
        self.parser = parser
        self.action = action
        self.source = source
        self.option = _main_spelling(action)
        self.typed = source.kind == "command line"
        self.times = 1  # how often a flag acts: 0 for a variable that is false
        self.fallback = action.default  # the value to go back to if the variable is ignored
        self.ignored = ""  # why it is ignored, if it is

    @property
    def assignment(self) -> str:
        """Return the variable as a shell sets it, but no secret."""
        if _env(self.action).secret:
            return str(self.source.name)
        return _shown(f"{self.source.name}={self.source.text}")

    def __str__(self) -> str:
        if self.typed:
            return f"'{self.option}'"
        return f"'{self.option}' ({self.assignment})"

    def remedy(self) -> str:
        """Return the hint that says how to keep a variable out of a conflict."""
        unset = f"unset {self.source.name}"
        if self.action.nargs != 0:
            return unset
        opposite = f"--no-{self.option[2:]}"
        action = self.parser._option_string_actions.get(opposite)
        if action is None or action.dest != self.action.dest:
            return f"{unset} or set it to 0"
        return f"{unset}, set it to 0, or pass {opposite}"

    def contradicts(self, other: _Decision) -> bool:
        """Tell whether two variables that are set give one dest different values."""
        if self.action.nargs == 0:
            return bool(self.action.const != other.action.const)
        return self.source.text != other.source.text

    def conflict(self, other: _Decision) -> _Problem:
        remedies = {}  # one for each variable
        for side in (self, other):
            if not side.typed:
                remedies[side.source.name] = side.remedy()
        hints = list(remedies.values()) or [f"drop {self.option} or {other.option}"]
        message = f"the argument {self} cannot be used with {other}"
        return _Problem(message, hints, [self.option, other.option])

    def invalid(self, why: str) -> _Problem:
        option, name = self.option, self.source.name
        message = f"invalid value '{self.source.text}' for '{option}' ({name}): {why}"
        hint = f"unset {name}, or pass {option}"
        if _env(self.action).secret:
            message = f"invalid value for '{option}' ({name})"
        if self.action.nargs == 0:
            hint = f"unset {name}, or set it to 1 or 0"
        return _Problem(_shown(message), [hint], [option])


def _values(action: argparse.Action, text: str) -> list[str]:
    """Return the values in the text of a variable. A flag has none. An empty one is none."""
    if action.nargs == 0:
        return []
    parts = [text]
    separator = _env(action).separator
    if separator:
        parts = [part.strip() for part in text.split(separator)]
    return [part for part in parts if part]


class _Level:
    """Merge words and variables for one call of `parse_known_args`.

    A subcommand is a level of its own, and hands up what it decided. The outermost level checks the
    conflicts, and holds the problems of all.
    """

    at_work: Final[ContextVar[_Level]] = ContextVar("at_work")

    def __init__(self, parser: ArgumentParser, namespace: Any) -> None:
        self.parser = parser
        self.namespace = namespace
        self.environ = os.environ if parser._environ is None else parser._environ
        self.acting: Any = None  # the last action that argparse read words for
        self.parsers = [parser]  # and those of the subcommands that were typed
        self.reporter = parser  # whose usage an error shows
        self.decided: dict[str, _Decision] = {}
        self.ignored: dict[str, _Decision] = {}
        self.problems: list[_Problem] = []
        self.warnings: list[str] = []
        # What a caller's namespace holds wins over variables. Its sources are kept.
        self.preset = frozenset(getattr(namespace, "__dict__", ()))
        self.sources: dict[str, Source] = dict(getattr(namespace, "_uvflags_sources", {}))
        for action in parser._actions:
            if action.dest in self.sources:
                self.decided[action.dest] = _Decision(parser, action, self.sources[action.dest])

    def note_typed(self, action: argparse.Action, words: list[str]) -> None:
        """Record an argument that argparse read. A positional without words is absent."""
        self.acting = action
        name = None
        if action.option_strings:
            name = _main_spelling(action)
        if name or words:
            source = Source("command line", name, None)
            self.decided[action.dest] = _Decision(self.parser, action, source)

    def read_variables(self) -> None:
        """Let variables decide what nothing typed does."""
        taken = self.preset.union(self.decided)
        for action in self.parser._actions:
            for name in _env(action).names:
                text = self.environ.get(name)
                if text is not None and (action.nargs == 0 or _values(action, text)):
                    if action.dest not in taken:
                        self._read(action, name, text)
                    break

    def _read(self, action: argparse.Action, name: str, text: str) -> None:
        """Let a variable act. If it is not the first for its dest, it may contradict that one."""
        variable = _Decision(self.parser, action, Source("environment", name, text))
        variable.fallback = getattr(self.namespace, action.dest, argparse.SUPPRESS)
        first = self.decided.setdefault(action.dest, variable)
        try:
            if isinstance(action, argparse._CountAction) and text.isdecimal():
                variable.times = int(text)
            elif action.nargs == 0:
                variable.times = int(parse_bool(text))
            if variable.times and not first.times:
                self.decided[action.dest] = first = variable
            if first is variable or isinstance(action, _ACCUMULATING):
                self._act(variable, text)
            elif variable.times and variable.contradicts(first):
                self.problems.append(first.conflict(variable))
        except (ValueError, argparse.ArgumentError) as error:
            variable.times = 0
            why = getattr(error, "message", str(error))
            if isinstance(action, argparse._CountAction):
                why += ", or a number such as 2"
            self.problems.append(variable.invalid(why))
        if getattr(action, "deprecated", False):
            self.warnings.append(f"option '{variable.option}' is deprecated (set by {name})")

    def _act(self, variable: _Decision, text: str) -> None:
        """Let a variable act as if its argument was typed once. A false flag sets the opposite."""
        parser, namespace, action = self.parser, self.namespace, variable.action
        if not variable.times:
            if isinstance(action.const, bool) and not isinstance(action, _ACCUMULATING):
                setattr(namespace, action.dest, not action.const)
            return
        option: str | None = variable.option
        if not action.option_strings:
            option = None
            if action.default is not argparse.SUPPRESS:
                # argparse has let the absent positional act on its default. This undoes it.
                setattr(namespace, action.dest, action.default)
        values = []
        for word in _values(action, text):
            values.append(parser._get_value(action, word))
            parser._check_value(action, values[-1])
        if isinstance(action.nargs, int) and action.nargs != len(values):
            raise ValueError(f"expected {action.nargs} values, not {len(values)}")
        if action.nargs in (None, argparse.OPTIONAL):
            for value in values:
                action(parser, namespace, value, option)
        else:
            action(parser, namespace, values, option)
        if variable.times > 1:  # it counts
            count = getattr(namespace, action.dest) + variable.times - 1
            setattr(namespace, action.dest, count)

    def read(self, read_words: Callable[..., Any], args: Any) -> Any:
        """Have argparse read the words. Then let variables decide what nothing typed does."""
        token = _Level.at_work.set(self)
        try:
            known = read_words(args, self.namespace)
            self.read_variables()
            return known
        finally:
            _Level.at_work.reset(token)

    def read_below(self, parser: ArgumentParser, read_words: Callable[..., Any], args: Any) -> Any:
        """Read the words of the subcommand that acts, at a level of its own."""
        level = _Level(parser, Namespace())
        level.environ = self.environ
        level.problems, level.warnings = self.problems, self.warnings
        level.parsers = self.parsers
        level.parsers.append(parser)
        level.decided = dict(self.decided)
        del level.decided[self.acting.dest]  # the subcommand may set a default for this
        known = level.read(read_words, args)
        for dest, decision in level.decided.items():
            if decision is self.decided.get(dest):
                vars(level.namespace).pop(dest, None)  # what was typed before it outlives a default
        self.decided.update(level.decided)
        self.acting = None
        return known

    def in_effect(self, dest: str) -> bool:
        """Tell whether something typed, or a variable, gives a dest a value that counts."""
        value = getattr(self.namespace, dest, None)
        if value is None or value is False or (isinstance(value, list) and not value):
            return False
        return dest in self.decided and self.decided[dest].times > 0

    def check(self) -> None:
        """Ignore variables where the command line wins. Then note what is wrong."""
        self.reporter = self.parsers[-1]
        for first, second, policy in self._rows_in_effect():
            if policy == "command line wins" and first.typed != second.typed:
                self._ignore(second, f"because {first} was given")
        for first, second, policy in self._rows_in_effect():
            if policy != "typed only" or second.typed:
                self.problems.append(first.conflict(second))
        for parser in reversed(self.parsers):
            for choices in parser._required:
                self._require(parser, choices)

    def _rows_in_effect(self) -> Iterator[tuple[_Decision, _Decision, str]]:
        """Yield what conflicts, and the policy. What was typed goes before a variable."""
        for parser in self.parsers:
            for one, other, policy in parser._conflicts:
                if self.in_effect(one) and self.in_effect(other):
                    first, second = self.decided[one], self.decided[other]
                    if second.typed and not first.typed:
                        first, second = second, first
                    yield first, second, policy

    def _ignore(self, variable: _Decision, why: str) -> None:
        dest = variable.action.dest
        variable.ignored = why
        self.warnings.append(f"ignoring {variable.assignment} {why}")
        self.ignored[dest] = self.decided.pop(dest)
        self.sources.pop(dest, None)
        if variable.fallback is not argparse.SUPPRESS:
            setattr(self.namespace, dest, variable.fallback)
        else:
            delattr(self.namespace, dest)

    def _require(self, parser: ArgumentParser, choices: list[argparse.Action]) -> None:
        """Note it if none of these has a value. In a group, a false variable does not count."""
        if choices[0] not in parser._actions:
            return  # another option has replaced it
        options, names = [], []
        for action in choices:
            decision = self.decided.get(action.dest)
            if decision is not None and (decision.times or len(choices) == 1):
                return
            options.append(_main_spelling(action))
            names += _env(action).names[:1]
        message = f"the following arguments are required: {options[0]}"
        if len(options) > 1:
            message = f"one of the arguments {' '.join(options)} is required"
        self.problems.append(_Problem(f"{message} (or set {' or '.join(names)})", [], options))
        self.reporter = parser


def _variable_names(env: Any, prefix: str | None, dest: str) -> list[str]:
    """Return the names that an `env` of `add_argument` stands for."""
    if env is None:
        return []
    if env is True and prefix is None:
        raise ValueError("env=True needs an env_prefix: pass one to ArgumentParser, or a name here")
    if env is True:
        env = f"{prefix}{dest.upper().replace('-', '_')}"
    if isinstance(env, str):
        return [env]
    if isinstance(env, (list, tuple)) and all(isinstance(name, str) for name in env):
        return list(env)
    raise TypeError(f"env is a variable's name, a list of names or True, not {env!r}")


class _Container(argparse._ActionsContainer):
    """Add what the parser and its groups have in common."""

    _owner: ArgumentParser  # for a parser itself, for a group its parser

    def add_argument(
        self,
        *args: Any,
        env: str | Sequence[str] | Literal[True] | None = None,
        env_separator: str | None = None,
        env_secret: bool = False,
        **kwargs: Any,
    ) -> argparse.Action:
        """Add an argument as argparse does, which may also take its value from a variable.

        - `env`: the variable's name. Or a list of names, of which the first that is set counts. Or
          True, for `env_prefix` and the dest in capitals.
        - `env_separator`: divides its text into values, which are trimmed. Empty ones are dropped.
        - `env_secret`: keeps the value out of messages about this argument. It can not hide a
          `%(default)s` in help, nor a word that argparse does not recognize. `source_of` has it.

        Raises TypeError for another `env`, and ValueError for True without `env_prefix` and for a
        separator where the argument holds one value.
        """
        action = super().add_argument(*args, **kwargs)
        names = _variable_names(env, self._owner._env_prefix, action.dest)
        if env_separator and type(action) is argparse._StoreAction and action.nargs in (None, "?"):
            raise ValueError(f"env_separator: {_main_spelling(action)} holds only one value")
        action._env = _Env(names, env_separator, env_secret)  # type: ignore[attr-defined]
        if names and isinstance(action, argparse.BooleanOptionalAction):
            action.const = True  # as that of store_true
        if names and action.help is not argparse.SUPPRESS:
            shown = ", ".join(names).replace("%", "%%")
            action.help = f"{action.help or ''} (env: {shown})".lstrip()
        # argparse calls some positional "*" required, though it does not miss them.
        if names and action.required and (action.option_strings or action.nargs != "*"):
            action.required = False
            self._owner._required.append([action])
        return action

    def add_argument_group(self, *args: Any, **kwargs: Any) -> _ArgumentGroup:
        group = _ArgumentGroup(self, *args, **kwargs)
        group._owner = self._owner
        self._action_groups.append(group)
        return group

    def add_mutually_exclusive_group(self, **kwargs: Any) -> _MutuallyExclusiveGroup:
        group = _MutuallyExclusiveGroup(self, **kwargs)
        group._owner = self._owner
        self._mutually_exclusive_groups.append(group)
        return group


class _ArgumentGroup(argparse._ArgumentGroup, _Container):
    """Group arguments as argparse does."""


class _MutuallyExclusiveGroup(argparse._MutuallyExclusiveGroup, _Container):
    """Check variables too. argparse checks what is typed."""

    def add_argument(self, *args: Any, **kwargs: Any) -> argparse.Action:
        action = super().add_argument(*args, **kwargs)
        for other in self._group_actions:
            if other.dest != action.dest and (_env(action).names or _env(other).names):
                row = Conflict(other.dest, action.dest, "command line wins")
                self._owner._conflicts.append(row)
        if self.required and _env(action).names:
            self.required = False
            self._owner._required.append(self._group_actions)
        return action


def _tree(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield a parser and the parsers of its subcommands, at all levels."""
    yield parser
    for action in parser._actions:
        for subparser in getattr(action, "_name_parser_map", {}).values():
            yield from _tree(subparser)


def _one_slip(first: str, second: str) -> bool:
    """Tell whether a letter too many, missing or wrong, or two swapped, make one of the other."""
    while first[:1] == second[:1]:
        first, second = first[1:], second[1:]
    while first[-1:] == second[-1:]:
        first, second = first[:-1], second[:-1]
    swapped = len(first) == 2 and first == second[::-1]
    return swapped or max(len(first), len(second)) == 1


class ArgumentParser(argparse.ArgumentParser, _Container):
    """Parse as argparse does, with variables, sources and conflicts.

    It takes what `argparse.ArgumentParser` takes, and:

    - `conflicts`: rows of `Conflict`. They may name dests of subcommands. The rows of `parents`
      and of the subcommands that were typed count too.
    - `env_prefix`: what `env=True` builds names with. If a variable with this prefix is read by
      nothing, and is one typing slip away from one that is read, there is a warning.
    - `environ`: a mapping to read in place of `os.environ`, for subcommands too.

    A value is what was typed, else the variable, else the default. A variable acts as its option
    typed once. Where the option takes no value, the variable is a boolean (see `parse_bool`). Where
    it takes one, an empty variable counts as not set. `required` and mutually exclusive groups
    count variables too. All conflicts, bad variables and missing arguments are in one error.

    Parsing raises ValueError for a row that is no `Conflict` of two dests, or has another policy.
    """

    def __init__(
        self,
        *args: Any,
        conflicts: Iterable[Conflict] = (),
        env_prefix: str | None = None,
        environ: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        self._owner = self
        self._conflicts = list(conflicts)
        self._required: list[list[argparse.Action]] = []  # one of each list needs a value
        self._env_prefix = env_prefix
        self._environ = environ
        super().__init__(*args, **kwargs)

    if TYPE_CHECKING:  # argparse's methods, but with this module's Namespace

        def parse_args(self, args: Any = None, namespace: _N | None = None) -> _N: ...
        def parse_intermixed_args(self, args: Any = None, namespace: _N | None = None) -> _N: ...

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        return self._parse(super().parse_known_args, args, namespace)

    def parse_known_intermixed_args(self, args: Any = None, namespace: Any = None) -> Any:
        return self._parse(super().parse_known_intermixed_args, args, namespace)

    def error(self, message: str) -> NoReturn:
        super().error(_without_passwords(message))

    def _parse(self, read_words: Callable[..., Any], args: Any, namespace: Any) -> Any:
        """Parse at one level. The outermost one checks what all of them found."""
        outer = _Level.at_work.get(None)
        if outer and outer.parser is self and outer.namespace is namespace:
            return read_words(args, namespace)  # the second pass of an intermixed parse
        subcommands = getattr(outer and outer.acting, "_name_parser_map", {})
        if outer and namespace is None and self in subcommands.values():
            return outer.read_below(self, read_words, args)
        self._check_rows()
        self._warn(*self._misspelt_variables())
        level = _Level(self, Namespace() if namespace is None else namespace)
        known = level.read(read_words, args)
        level.check()
        self._report(level)
        return known

    def _report(self, level: _Level) -> None:
        """Print warnings and problems. Without a problem, store the sources."""
        reporter = level.reporter
        reporter._warn(*dict.fromkeys(level.warnings))
        if level.problems:
            errors = ["\nhint: ".join([p.message, *p.hints]) for p in level.problems]
            message = f"\n{reporter.prog}: error: ".join(dict.fromkeys(errors))
            if not self.exit_on_error:
                raise argparse.ArgumentError(None, message)
            reporter.error(message)
        for dest, decision in level.decided.items():
            level.sources[dest] = decision.source
        if isinstance(level.namespace, Namespace):
            level.namespace._uvflags_sources = level.sources

    def _print_message(self, message: str, file: Any = None) -> None:
        try:
            super()._print_message(message, file)
        except (AttributeError, OSError):
            pass  # a stream is closed or full; since Python 3.12, argparse goes on too

    def _warn(self, *warnings: str) -> None:
        for warning in warnings:
            self._print_message(f"{self.prog}: warning: {warning}\n", sys.stderr)

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        # argparse calls this once for every argument that it finds on the command line.
        try:
            values = super()._get_values(action, arg_strings)
        except argparse.ArgumentError:
            if _env(action).secret:
                raise argparse.ArgumentError(action, "invalid value") from None
            raise
        _Level.at_work.get().note_typed(action, arg_strings)
        return values

    def _add_container_actions(self, container: argparse._ActionsContainer) -> None:
        super()._add_container_actions(container)
        self._conflicts += getattr(container, "_conflicts", ())
        self._required += getattr(container, "_required", ())

    def _check_rows(self) -> None:
        parsers = list(_tree(self))
        dests = {action.dest for parser in parsers for action in parser._actions}
        for row in [row for parser in parsers for row in getattr(parser, "_conflicts", ())]:
            good = isinstance(row, Conflict) and row.policy in _POLICIES
            if not good or len(dests.intersection(row[:2])) != 2:
                raise ValueError(
                    f"{row!r}: write Conflict(first, second, policy), with two of the dests "
                    f"{', '.join(sorted(dests))}, and one of the policies {', '.join(_POLICIES)}"
                )

    def _misspelt_variables(self) -> Iterator[str]:
        """Yield a warning for each variable that nothing reads and that looks like a slip."""
        if not self._env_prefix:
            return
        environ = os.environ if self._environ is None else self._environ
        known = {name for parser in _tree(self) for a in parser._actions for name in _env(a).names}
        for name in sorted(environ):
            if name.startswith(self._env_prefix) and name not in known:
                for meant in sorted(known):
                    if _one_slip(name, meant):
                        yield f"{_shown(name)} is set, but nothing reads it: did you mean {meant}?"
                        break


# uv's options and their conflicts. A heading names the subcommands that have what is below it.
# "root" is what stands before them. This row has all that an option may have:
#
#     -x --example ~--old !--no-example NAME,... $UV_NEW $UV_OLD  what it is for
#
# - The names of the option. "~" marks one that the help does not show, "!" the opposite of a flag.
# - "NAME" if it takes a value, which is secret if it is a URL. "..." if it may be repeated: a flag
#   counts then. Its variable divides several values by spaces, or by a comma that is shown.
# - "$" and a variable. Of several, the first that is set counts.
# - Two spaces, and the help. An option without any is hidden.
#
# A conflict is "first | others | policy": of the first with each of the others. The policy "always"
# is left out.
_TABLE: Final = """
[run] Options
-m --module  run a Python module
-s --script  run the file as a Python script
--gui-script  run the file as a Python script without a console window
-w --with REQUIREMENT...  make this package available to the command
--with-editable PATH...  make this folder available, as an editable package
--with-requirements FILE,...  make the packages that this file lists available
--env-file FILE... $UV_ENV_FILE  load environment variables from this file
--no-env-file $UV_NO_ENV_FILE  do not load environment variables from files
--isolated $UV_ISOLATED  use a new, temporary environment
--no-sync $UV_NO_SYNC  do not update the environment
--no-project ~--no_workspace $UV_NO_PROJECT  ignore the project
--package NAME  run in this package of the workspace
--exact !--inexact !--no-exact  remove packages that the project does not need
--show-resolution $UV_SHOW_RESOLUTION
--max-recursion-depth NUMBER $UV_RUN_MAX_RECURSION_DEPTH
module | script gui_script
script | gui_script
package | no_project | command line wins
[sync] Options
--script FILE  sync the environment of this script
--package NAME...  sync this package of the workspace
--dry-run  show what would change, and change nothing
--check !--no-check  fail if the environment is out of date
--output-format FORMAT  how to print the result: text or json
--inexact --no-exact !--exact  keep packages that the project does not need
--no-install-project $UV_NO_INSTALL_PROJECT  do not install the project itself
--only-install-project $UV_ONLY_INSTALL_PROJECT
--no-install-workspace $UV_NO_INSTALL_WORKSPACE  do not install the workspace's packages
--only-install-workspace $UV_ONLY_INSTALL_WORKSPACE
--no-install-local $UV_NO_INSTALL_LOCAL  do not install packages from local folders
--only-install-local $UV_ONLY_INSTALL_LOCAL
--no-install-package NAME...  do not install this package
--only-install-package NAME...
no_install_package | only_install_package
no_install_project | only_install_project | command line wins
no_install_workspace | only_install_workspace | command line wins
no_install_local | only_install_local | command line wins
script | all_extras extra no_extra group only_group all_groups only_dev package all_packages
script | no_default_groups no_install_project | command line wins
script | no_install_workspace no_install_local | command line wins
script | dev no_dev no_group | typed only
[lock] Options
--locked --check !--no-locked $UV_LOCKED  fail if uv.lock is out of date
--frozen --check-exists !--no-frozen $UV_FROZEN  fail if there is no uv.lock, and do not update it
--script FILE  lock this script
--dry-run  show what would change, and change nothing
dry_run | locked frozen | typed only
[root sync lock] Options
--isolated
[root] Options
--json  with explain: print one JSON object
[run sync] Options
--locked !--no-locked $UV_LOCKED  fail if uv.lock is out of date
--frozen !--no-frozen $UV_FROZEN  use uv.lock as it is
--extra NAME,...  install this extra
--all-extras !--no-all-extras  install every extra
--no-extra NAME...  leave out this extra
--dev $UV_DEV
--no-dev $UV_NO_DEV  leave out the group "dev"
--only-dev  install only the group "dev"
--group NAME...  install this dependency group
--no-group NAME... $UV_NO_GROUP  leave out this group
--no-default-groups $UV_NO_DEFAULT_GROUPS  leave out the default groups
--only-group NAME...  install only this group
--all-groups  install every group
--all-packages  install every package of the workspace
--no-editable !--editable $UV_NO_EDITABLE  install the project as a copy, not as editable
--no-editable-package NAME...  install this package as a copy
--active !--no-active  prefer the active environment to the project's
--python-platform PLATFORM  choose packages for this platform
frozen | no_sources | typed only
extra | all_extras only_group
all_extras | only_group
only_group | group all_groups
only_dev | group all_groups
only_group | dev | command line wins
only_dev | no_dev | command line wins
dev | no_dev | command line wins
package | all_packages
[run sync] Installer options
--reinstall --force-reinstall !--no-reinstall  install everything again
--reinstall-package NAME...  install this package again
--compile-bytecode --compile !--no-compile-bytecode !--no-compile $UV_COMPILE_BYTECODE  compile \
to bytecode after installing
[run sync lock] Index options
--index URL... $UV_INDEX  search this index too
--default-index URL $UV_DEFAULT_INDEX  the index to search last
-i --index-url URL $UV_INDEX_URL  old name of --default-index
--extra-index-url URL... $UV_EXTRA_INDEX_URL  old name of --index
-f --find-links URL,... $UV_FIND_LINKS  look for packages in this folder or page
--no-index  search no index
--index-strategy STRATEGY $UV_INDEX_STRATEGY  which index to trust if several have a package
--keyring-provider PROVIDER $UV_KEYRING_PROVIDER  where to get passwords for indexes
[run sync lock] Resolver options
-U --upgrade !--no-upgrade  allow newer versions than in uv.lock
-P --upgrade-package NAME...  allow a newer version of this package
--upgrade-group NAME...  allow newer versions in this group
--resolution STRATEGY $UV_RESOLUTION  prefer the highest or the lowest versions
--prerelease WHEN $UV_PRERELEASE  when to use pre-releases
--prerelease-package SPEC...  when to use pre-releases of a package
--pre
--fork-strategy STRATEGY $UV_FORK_STRATEGY  how to choose versions for several platforms
--exclude-newer DATE $UV_EXCLUDE_NEWER  ignore packages uploaded after this date
--exclude-newer-package SPEC...  ignore newer uploads of this package
--no-sources $UV_NO_SOURCES  ignore tool.uv.sources
--no-sources-package NAME... $UV_NO_SOURCES_PACKAGE  ignore tool.uv.sources for this package
upgrade | locked frozen
locked | frozen | command line wins
[run sync lock] Installer options
--link-mode MODE $UV_LINK_MODE  how to install files from the cache
[run sync lock] Build options
-C --config-setting --config-settings KEY=VALUE...  a setting for the build backend
--config-settings-package SPEC...  a setting for the build backend of a package
--no-build-isolation !--build-isolation $UV_NO_BUILD_ISOLATION  build in the environment itself
--no-build-isolation-package NAME...  build this package in the environment itself
--no-build !--build $UV_NO_BUILD  do not build packages from source
--no-build-package NAME... $UV_NO_BUILD_PACKAGE  do not build this package
--no-binary !--binary $UV_NO_BINARY  do not install wheels
--no-binary-package NAME... $UV_NO_BINARY_PACKAGE  do not install a wheel of this package
--require-build-hashes !--no-require-build-hashes $UV_REQUIRE_BUILD_HASHES  require hashes in builds
[run sync lock] Cache options
--refresh !--no-refresh $UV_REFRESH  refresh all cached data
--refresh-package NAME...  refresh cached data of this package
offline | refresh refresh_package
[run sync lock] Python options
-p --python PYTHON $UV_PYTHON  the Python to use
[root run sync lock] Cache options
-n --no-cache --no-cache-dir $UV_NO_CACHE  use a temporary cache
--cache-dir DIR $UV_CACHE_DIR  where the cache is
[root run sync lock] Python options
--python-preference PREFERENCE $UV_PYTHON_PREFERENCE
--managed-python $UV_MANAGED_PYTHON  use only Pythons that uv installed
--no-managed-python $UV_NO_MANAGED_PYTHON  use only Pythons that uv did not install
--allow-python-downloads
--no-python-downloads  never download a Python
managed_python | python_preference | command line wins
no_managed_python | python_preference | command line wins
managed_python | no_managed_python | command line wins
allow_python_downloads | no_python_downloads
[root run sync lock] Global options
--python-fetch WHEN
-q --quiet ...  print less; given twice, nothing
-v --verbose ...  print more
--no-color
--color WHEN  when to use colors: auto, always or never
--system-certs ~--native-tls !--no-system-certs !--no-native-tls $UV_SYSTEM_CERTS $UV_NATIVE_TLS  \
trust the system's certificates
--offline !--no-offline $UV_OFFLINE  do not use the network
--allow-insecure-host --trusted-host HOST... $UV_INSECURE_HOST  accept any certificate of this host
--preview !--no-preview $UV_PREVIEW
--preview-features --preview-feature NAME,... $UV_PREVIEW_FEATURES
--show-settings
--no-progress $UV_NO_PROGRESS  show no progress
--no-installer-metadata $UV_NO_INSTALLER_METADATA
--directory DIR $UV_WORKING_DIR $UV_WORKING_DIRECTORY  change to this folder first
--project DIR $UV_PROJECT  look for the project in this folder
--config-file FILE $UV_CONFIG_FILE  read the configuration from this file
--no-config $UV_NO_CONFIG  read no configuration files
quiet | verbose
color | no_color
"""
_SUBCOMMANDS: Final = ("run", "sync", "lock")
_OTHER_SUBCOMMANDS: Final = (
    "add audit auth build cache check export format help init pip publish remove self tool tree "
    "venv version workspace"
).split()
# Flags and their opposites that have dests of their own. The last one that was typed counts.
_OPPOSITES: Final = {
    "dev": "no_dev",
    "no_dev": "dev",
    "managed_python": "no_managed_python",
    "no_managed_python": "managed_python",
}
# Without uv, these make no difference to a command.
_NEEDS_NO_UV: Final = (
    "module offline refresh refresh_package no_cache cache_dir frozen no_sync quiet verbose color "
    "no_color no_progress config_file no_config"
).split()
_UV_VERSION: Final = "0.13.9"


def _add_option(group: _ArgumentGroup, row: str) -> None:
    """Add the option of one row of the table above."""
    spec, _, text = row.partition("  ")
    names, hidden, env = [], [], []
    keywords: dict[str, Any] = {"action": "store_true", "default": None}
    for word in spec.split():
        if word.startswith("-"):
            names.append(word)
        elif word.startswith(("~", "!")):
            hidden.append(word)
        elif word.startswith("$"):
            env.append(word[1:])
        elif word == "...":
            keywords["action"] = "count"
        else:
            metavar = word.rstrip(",.")
            keywords.update(action="store", metavar=metavar, env_secret=metavar == "URL")
            if word.endswith("..."):
                keywords.update(action="append", env_separator=" ")
            if word.endswith(",..."):
                keywords["env_separator"] = ","
    dest = group.add_argument(*names, env=env, help=text or argparse.SUPPRESS, **keywords).dest
    for name in hidden:
        action = "store_false" if name.startswith("!") else "store_true"
        group.add_argument(name[1:], action=action, dest=dest, default=None, help=argparse.SUPPRESS)


def _subcommand_parser(prog: str, name: str) -> ArgumentParser:
    """Return the parser for what stands behind a subcommand, or with "root" before it."""
    usage = "%(prog)s [OPTIONS]"
    if name == "run":
        usage += " [COMMAND [ARGS...]]"
    parser = ArgumentParser(f"{prog} {name}", usage, add_help=False, env_prefix="UV_")
    groups: dict[str, _ArgumentGroup] = {}
    row: Any  # for type checkers, as a policy is a Literal
    for section in _TABLE.split("\n[")[1:]:
        head, *rows = section.splitlines()
        names, heading = head.split("] ")
        if name not in names.split():
            continue
        if heading not in groups:
            groups[heading] = parser.add_argument_group(heading)
        for row in rows:
            if row.startswith("-"):
                _add_option(groups[heading], row)
                continue
            first, seconds, *policy = row.split(" | ")
            for second in seconds.split():
                parser._conflicts.append(Conflict(first, second, *policy))
    groups["Global options"].add_argument("-h", "--help", action="help", help="show this help")
    return parser


def _root_parser(prog: str) -> ArgumentParser:
    """Return the parser for what stands before the subcommand."""
    parser = _subcommand_parser(prog, "root")
    parser.prog = prog
    parser.usage = "%(prog)s [explain [--json]] [GLOBAL OPTIONS] {run,sync,lock} ..."
    parser.description = (
        "Read the options and variables of `uv run`, `uv sync` or `uv lock` together, report the "
        "conflicts, and start uv. `explain` shows what would be started, and starts nothing."
    )
    text = f"uvflags {__version__}, for uv {_UV_VERSION}"
    group = parser._action_groups[-1]  # not the parser, which would load argparse's help formatter
    group.add_argument("-V", "--version", action="version", version=text, help="show the version")
    return parser


# An option as it was typed: its words, and the same with *** for a secret. In a cluster of short
# options, the last one has the word.
_Option = namedtuple("_Option", "action spelling value words shown")


def _unexpected(parser: ArgumentParser, spelling: str, rest: list[str]) -> NoReturn:
    """Report an option that a parser does not have."""
    import difflib

    remedy = ""
    for option in difflib.get_close_matches(spelling, parser._option_string_actions, 1, 0.8):
        remedy = f": did you mean '{option}'?"
    if spelling == "--json":
        remedy = ": put it before the subcommand, behind 'explain'"
    elif "--json" in parser._option_string_actions:
        for name in [*rest, *_SUBCOMMANDS]:
            if name in _SUBCOMMANDS:
                if spelling in _subcommand_parser("", name)._option_string_actions:
                    remedy = f": put it behind '{name}'"
                    break
    hint = f"uvflags knows the options of uv {_UV_VERSION}; for another one, call uv itself"
    shown = _shown(spelling.partition(":")[0])  # the rest may hold the password of a URL
    parser.error(f"unexpected argument '{shown}'{remedy}\nhint: {hint}")


def _split(word: str) -> Iterator[tuple[str, str]]:
    """Yield the options of a word, one or a cluster, each with what is attached to it."""
    if word.startswith("--"):
        spelling, equals, value = word.partition("=")
        yield spelling, equals + value
    else:
        for index in range(1, len(word)):
            yield f"-{word[index]}", word[index + 1 :]


def _read_options(parser: ArgumentParser, words: list[str]) -> tuple[list[_Option], list[str]]:
    """Read options as uv does, up to the first word that is none. Return them, and the rest."""
    options = []
    rest = list(words)
    while rest and rest[0].startswith("-") and rest[0] not in ("-", "--"):
        word = rest.pop(0)
        for spelling, attached in _split(word):
            action = parser._option_string_actions.get(spelling)
            if action is None:
                _unexpected(parser, spelling, rest)
            if action.dest in ("help", "version"):
                action(parser, Namespace(), None, spelling)  # prints, and exits
            if action.nargs == 0:
                if attached and word.startswith("--"):
                    parser.error(f"the argument '{spelling}' takes no value")
                typed = [] if attached else [word]
                options.append(_Option(action, spelling, "", typed, typed))
                continue
            typed, value = [word], attached.removeprefix("=")
            if not attached:
                if not rest or (rest[0].startswith("-") and rest[0] != "-"):
                    name = f"{spelling} <{action.metavar}>"
                    parser.error(f"a value is required for '{name}' but none was supplied")
                value = rest.pop(0)
                typed.append(value)
            shown = list(typed)
            if _env(action).secret:
                shown[-1] = shown[-1].removesuffix(value) + "***"
            options.append(_Option(action, spelling, value, typed, shown))
            break
    return options, rest


def _which(name: str, mode: int = os.X_OK) -> str | None:
    """Return the executable file that a command names. With `os.F_OK`, it may be any file."""
    folders, endings = [""], [""]
    if not os.path.dirname(name):
        folders = [folder for folder in os.get_exec_path() if folder]
    if os.name == "nt":
        endings += os.environ.get("PATHEXT", ".exe").split(";")
    for folder in folders:
        for ending in endings:
            path = os.path.join(folder, name + ending)
            if os.path.isfile(path) and os.access(path, mode):
                return path
    return None


def _find_uv() -> str | None:
    """Return the path of uv: what $UV names, which uv sets for its children, or the one on PATH."""
    return _which(os.environ.get("UV", "")) or _which("uv")


class _Line(_Level):
    """Merge a command line for uv with the variables, and plan what to start."""

    def __init__(self, parser: ArgumentParser, before: list[_Option], words: list[str]) -> None:
        super().__init__(parser, Namespace())
        self.subcommand = words[0]
        self.behind, self.rest = _read_options(parser, words[1:])
        self.command = self.rest
        if self.rest[:1] == ["--"]:
            self.command = self.rest[1:]
        # As in uv, an option behind the subcommand replaces the same one, or its opposite, before
        # it. uv itself rejects some pairs that are divided so.
        self.before = before
        for option in self.behind:
            gone = (option.action.dest, _OPPOSITES.get(option.action.dest))
            self.before = [o for o in self.before if o.action.dest not in gone]
        # What to start, with which variables.
        self.path = self.uv = _find_uv()
        self.argv: list[str] = []
        self.starts: list[str] = []  # the same, to show
        self.exported = dict(os.environ)
        self.exported.pop("", None)  # Python can pass on no variable without a name
        self.added: list[str] = []
        self.removed: list[str] = []
        self.notes: list[str] = []

    def decide(self) -> None:
        """Apply what was typed, then the variables, then the conflicts."""
        values = vars(self.namespace)
        for option in self.before + self.behind:
            option.action(self.parser, self.namespace, option.value, option.spelling)
            self.note_typed(option.action, [option.value])
            opposite = _OPPOSITES.get(option.action.dest, "")
            values.pop(opposite, None)
            self.decided.pop(opposite, None)
        if values.get("refresh") is False:
            self.decided.pop("refresh_package", None)  # as in uv
        self.read_variables()
        self.check()

    def plan(self) -> None:
        """Set what to start: uv, or without uv the command itself."""
        for action in self.parser._actions:
            for name in _env(action).names:
                if name in self.exported and not self._may_stay(action, name):
                    self.removed.append(name)
                    del self.exported[name]
        if self.uv is None:
            self._plan_without_uv()
            return
        if self.in_effect("refresh") and not self.decided["refresh"].typed:
            self.added.append("--refresh")
        if "UV_OFFLINE" in self.removed and not self.decided["offline"].typed:
            self.added.append("--no-offline")  # a configuration file is still outranked
        self.argv = ["uv", *self.words_for_uv(shown=False)]
        self.starts = ["uv", *self.words_for_uv(shown=True)]
        # This variable counts the hand-overs, to end a loop through a "uv" that starts uvflags.
        name = "UVFLAGS_HAND_OVERS"
        try:
            count = int(self.exported.get(name, "0"))
        except ValueError:
            count = 0
        self.exported[name] = str(count + 1)
        if count >= 20:
            message = f"{_shown(self.uv)} leads back to uvflags"
            hint = "put uv itself first on PATH, or name it in UV"
            self.problems.append(_Problem(message, [hint], []))

    def _may_stay(self, action: argparse.Action, name: str) -> bool:
        """Tell whether uv may see a variable.

        A boolean that is true has to say what was decided. One that is false has to have decided
        that itself, with nothing decided on the other side of its conflicts: uv before 0.13 takes
        a variable that is set for a flag that is given, and uv 0.13 does so for nine of them. Any
        other variable must not be empty, which is an error to uv.
        """
        text, dest = self.exported[name], action.dest
        if dest in self.ignored:
            return False
        if action.nargs != 0:
            return len(_values(action, text)) > 0
        if text.lower() in _TRUE:
            return bool(getattr(self.namespace, dest))
        for first, second, _ in self.parser._conflicts:
            if dest in (first, second) and first in self.decided and second in self.decided:
                return False
        return self.decided[dest].source.name == name

    def words_for_uv(self, *, shown: bool) -> list[str]:
        """Return what was typed, and what is added, in the form that uv 0.7 takes too."""
        words: list[str] = []
        for option in self.before:
            # One by one, as one of a cluster of flags may have been replaced.
            words += [option.spelling] if option.action.nargs == 0 else option.words
        words += [self.subcommand, *self.added]
        # uv before 0.13 lacks the first two, and rejects the third beside --offline. They are left
        # out if they only undo a variable, as that is removed.
        typed = [option.action.dest for option in self.behind if option.action.const is not False]
        needless = ["--no-locked", "--no-frozen"]
        if "UV_REFRESH" in self.removed and "refresh_package" not in typed:
            if self.in_effect("offline"):
                needless.append("--no-refresh")
        for option in self.behind:
            if option.spelling not in needless or option.action.dest in typed:
                words += option.shown if shown else option.words
        return words + self.rest

    def _plan_without_uv(self) -> None:
        """Set the start of the command itself, and report what needs uv."""
        argv = self.command
        if not argv:
            message = f"'{self.subcommand}' needs uv, which was not found"
            if self.subcommand == "run":
                message = "'run' without a command needs uv, which was not found"
            self.problems.append(_Problem(message, ["install uv, or name it in UV"], []))
            return
        unused = []
        for dest, decision in self.decided.items():
            if dest in _NEEDS_NO_UV:
                continue
            if decision.typed:
                message = f"the argument {decision} needs uv, which was not found"
                hint = f"install uv, or drop {decision.option}"
                self.problems.append(_Problem(message, [hint], [decision.option]))
            elif decision.times:
                unused.append(decision.assignment)
        note = "uv was not found, so the command runs directly in the current environment"
        if unused:
            note += f"; without effect: {', '.join(unused)}"
        self.notes.append(note)
        if self.in_effect("module"):
            argv = [sys.executable, "-m", *argv]
        elif argv[0] == "-" or (argv[0].endswith(".py") and os.path.isfile(argv[0])):
            argv = [sys.executable, *argv]
        elif argv[0] == "python" and not _which("python"):
            argv = [sys.executable, *argv[1:]]
        self.argv = self.starts = argv
        self.path = _which(argv[0]) or _which(argv[0], os.F_OK)


def _become(path: str, argv: list[str], environ: dict[str, str]) -> int:
    """Replace this process by a program. Where that cannot be, run it and return its status."""
    import signal

    if os.name == "nt":
        import subprocess

        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program gets it too, and may go on
        return subprocess.call(argv, executable=path, env=environ)
    # Python ignores these two signals from its start, and the program would inherit that.
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(ignored, signal.SIG_DFL)
    os.execve(path, argv, environ)


def _findings(line: _Line) -> dict[str, Any]:
    """Return what there is to tell of a line, as an object for JSON. A secret reads ***."""
    options = {}
    for dest, decision in {**line.decided, **line.ignored}.items():
        kind, name, text = decision.source
        value = getattr(line.namespace, dest, None)
        if _env(decision.action).secret:
            value, text = "***", text and "***"
        options[dest] = {"value": value, "source": kind, "name": name, "text": text}
        if decision.ignored:
            options[dest]["ignored"] = decision.ignored
    errors = []
    for message, hints, names in line.problems:
        errors.append({"message": message, "hint": "\n".join(hints), "options": names})
    return {
        "command": line.command,
        "options": options,
        "uv": line.uv,
        "starts": [] if errors else line.starts,
        "added": line.added,
        "removed": line.removed,
        "warnings": [*line.parser._misspelt_variables(), *line.warnings, *line.notes],
        "errors": errors,
    }


def _listing(found: dict[str, Any]) -> str:
    """Return the findings, but not the errors, in lines for a person."""
    import json
    import shlex

    lines = []
    for dest, option in found["options"].items():
        origin = option["source"]
        if option["text"] is not None:
            origin = f"{option['name']}={option['text']}"
        if "ignored" in option:
            origin += f", ignored {option['ignored']}"
        lines.append(f"{dest} = {json.dumps(option['value'])} ({origin})")
    for name in ("command", "starts", "added", "removed"):
        if found[name]:
            lines.append(f"{name}: {shlex.join(found[name])}")
    lines.append(f"uv: {found['uv'] or 'not found'}")
    lines += [f"warning: {warning}" for warning in found["warnings"]]
    lines.append("configuration files: read by uv alone")
    return "".join(f"{_shown(line)}\n" for line in lines)


def _explain(line: _Line, as_json: bool) -> int:
    """Print what there is to tell of a line. Return the exit status."""
    import json

    found = _findings(line)
    if as_json:
        print(_without_passwords(json.dumps(found, indent=2)))
        return 2 if found["errors"] else 0
    print(_listing(found), end="", flush=True)
    line.warnings = []  # they are in the listing
    line.parser._report(line)
    return 0


def _run(line: _Line) -> int:
    """Start what a line comes to. Return the exit status, if this process is not replaced."""
    parser = line.parser
    try:
        if parse_bool(os.environ.get("UVFLAGS_EXPLAIN", "no")):
            parser._print_message(_listing(_findings(line)), sys.stderr)
            line.warnings, line.notes = [], []  # they are in the listing
    except ValueError as error:
        parser._warn(f"ignoring UVFLAGS_EXPLAIN: {error}")
    parser._report(line)
    if not line.in_effect("quiet"):
        for note in line.notes:
            parser._print_message(f"{parser.prog}: note: {note}\n", sys.stderr)
    status, why = 127, "command not found"
    if line.path is not None:
        try:
            return _become(line.path, line.argv, line.exported)
        except OSError as error:
            status, why = 126, str(error.strerror)
    parser._print_message(f"{_shown(line.argv[0])}: {why}\n", sys.stderr)
    return status


def _start(prog: str, words: list[str]) -> int:
    """Read what stands before the subcommand, and go on with the line that it begins."""
    root = _root_parser(prog)
    options, words = _read_options(root, words)
    explaining = words[:1] == ["explain"]
    if explaining:
        more, words = _read_options(root, words[1:])
        options += more
    if not words:
        root.error("a subcommand is missing: run, sync, lock or explain")
    name = _shown(words[0])
    if name not in _SUBCOMMANDS:
        remedy = f"to run a command, write 'run {name}'"
        if name in _OTHER_SUBCOMMANDS:
            remedy = "uvflags reconciles run, sync and lock; for anything else call uv itself"
        root.error(f"unknown subcommand '{name}': {remedy}")
    before = [option for option in options if option.spelling != "--json"]
    as_json = len(before) < len(options)
    if as_json and not explaining:
        root.error("the argument '--json' needs 'explain'")
    parser = _subcommand_parser(prog, name)
    if not explaining:
        parser._warn(*parser._misspelt_variables())
    line = _Line(parser, before, words)
    if line.command and name != "run":
        word = _shown(line.command[0])
        parser.error(f"unexpected argument '{word}': {name} takes only options")
    line.decide()
    if not line.problems:
        line.plan()
    if explaining:
        return _explain(line, as_json)
    return _run(line)


def main(argv: Sequence[str] | None = None) -> int:
    """Run `uvflags` with these words, or with those of the process. Return the exit status.

    Where a program can replace the process, this does not return if there is one to start. Errors
    are printed, and have the status 2.
    """
    import io

    prog = os.path.basename(sys.argv[0]) or "uvflags"
    if __name__ == "__main__" and __spec__ is not None:
        prog = "python -m uvflags"
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    status = 0
    try:
        try:
            status = _start(prog, list(sys.argv[1:] if argv is None else argv))
        except SystemExit as stop:  # by argparse, after a help or an error
            status = int(stop.code or 0)
        print(end="", flush=True)  # fails here, if at all; and may be called without a stdout
    except OSError as error:
        sys.stdout = None  # or else Python tries once more at its end
        if not isinstance(error, BrokenPipeError):
            print(f"{prog}: error: cannot write: {error.strerror}", file=sys.stderr)
            status = 2
    return status


__all__ += ["main"]

if __name__ == "__main__":
    sys.exit(main())
