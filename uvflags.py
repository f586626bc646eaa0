#!/usr/bin/env python3
# SPDX-License-Identifier: 0BSD
# pyright: reportIncompatibleMethodOverride=false
# fmt: off
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

If a line "# uv's options" follows, a program begins there that is built with this parser: a front
for uv, `python uvflags.py run ...`. To keep the parser alone, delete everything from that line on.
"""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    # No file beside this script may stand in for a module of the standard library.
    if __spec__ is None and sys.path[:1] == [os.path.dirname(os.path.realpath(__file__))]:
        del sys.path[0]
    import signal

    # Ctrl-C ends the script without a traceback, even during the imports.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
import itertools
import re
from collections import namedtuple
from contextvars import ContextVar

TYPE_CHECKING = False  # importing typing would slow down every start
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any, Final, Literal, NoReturn, TypeVar, overload

    _N = TypeVar("_N")
    _Policy = Literal[
        "always", "command line wins", "typed only", "variable yields", "variable stays"
    ]

__all__ = ["ArgumentParser", "Conflict", "Namespace", "Source", "parse_bool"]
__version__ = "0.3.0"

# These private names of argparse are used below. A test looks for them on each Python:
# _ActionsContainer, _ArgumentGroup, _MutuallyExclusiveGroup, _StoreAction, _StoreFalseAction,
# _AppendConstAction, _CountAction; of a parser _actions, _option_string_actions, _action_groups,
# _mutually_exclusive_groups, _match_arguments_partial, _get_values, _get_value, _check_value,
# _add_container_actions, _print_message; of others _group_actions, _name_parser_map.

_TRUE: Final = ("1", "true", "t", "yes", "y", "on")
_FALSE: Final = ("0", "false", "f", "no", "n", "off")
# Which of the two sides of a conflict were typed. The others come from variables.
_TYPED: Final = ((True, True), (True, False), (False, True), (False, False))
# What each policy of a conflict does in each of these cases.
_POLICIES: Final = {
    "always": ("error", "error", "error", "error"),
    "command line wins": ("error", "ignore second", "ignore first", "error"),
    "typed only": ("error", "pass", "pass", "pass"),
    "variable yields": ("pass", "ignore second", "pass", "pass"),
    "variable stays": ("pass", "warn", "pass", "pass"),
}


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

    `kind` is "command line", "environment" or "default". `name` is the first long name of the
    option, or the variable. It is None for a default, and for a positional that was typed. `text`
    is what the variable held, else None.
    """

    kind: Literal["command line", "environment", "default"]
    name: str | None
    text: str | None


class Conflict(namedtuple("Conflict", "first second policy")):
    """Name two options, by their dests, that must not be in effect together.

    A dest is in effect if it was typed, or set by a variable, to something other than False, None
    or an empty list. A default is never in effect. A `store_false` flag such as `--no-cache` is in
    effect too, unless there is a `--cache` that it undoes. If both are in effect, the policy says
    what happens:

    - "always": it is an error.
    - "command line wins": if only one was typed, the variable of the other is ignored, with a
      warning. Else it is an error.
    - "typed only": if both were typed, it is an error. Else it passes.
    - "variable yields": if only the first was typed, the variable of the second is ignored, with a
      warning. Else it passes.
    - "variable stays": if only the first was typed, a warning says that it has no effect. Else it
      passes.

    Raises ValueError for another policy.
    """

    def __new__(  # noqa: PYI034
        cls, first: str, second: str, policy: _Policy = "always"
    ) -> Conflict:
        if policy not in _POLICIES:
            raise ValueError(f"{policy!r} is not one of the policies: {', '.join(_POLICIES)}")
        return super().__new__(cls, first, second, policy)


class Namespace(argparse.Namespace):
    """Hold values as argparse's namespace does, and where each came from.

    The sources are in a slot, so `vars()`, `==` and `repr()` show only the values.
    """

    __slots__ = ("_uvflags_sources",)
    _uvflags_sources: dict[str, Source]

    def source_of(self, dest: str) -> Source:
        """Return the source of the value of `dest`. Raise AttributeError if it has no value."""
        getattr(self, dest)
        sources: dict[str, Source] = getattr(self, "_uvflags_sources", {})
        return sources.get(dest, Source("default", None, None))


def _user_of(url: str) -> str:
    """Return the user and the password of a URL, given what follows its "https://"."""
    authority = re.split(r"[/\\?#]", url, maxsplit=1)[0]
    host, _, port = authority.partition(":")
    after_port = port.lstrip("0123456789")[:1]
    is_port = not after_port or after_port in " \n'\"),;]"
    if "@" in authority or is_port or host.startswith("["):
        return authority.rpartition("@")[0]
    # What follows the colon may be a password that holds a "/".
    return url.rpartition("@")[0]


def _without_passwords(text: str) -> str:
    """Hide the user, the password and the query of every URL in a text.

    A password may hold an "@", a "/" or a space. Without a user, as in `https://host:8443/a@b`, a
    URL is shown as it is. To uv, `http:user:pw@host` is a URL, too.
    """
    shown, *rest = re.split(r"(https?:[/\\]*|://)", text, flags=re.IGNORECASE)
    for start, url in zip(rest[::2], rest[1::2]):
        user = _user_of(url)
        shown += start
        if user:
            shown += "***"
        shown += re.sub(r"\?[^\s'\")]+", "?***", url[len(user) :], count=1)
    return shown


def _printable(text: str) -> str:
    """Return a text on one line, with escapes for what can not be printed."""
    shown = ""
    for character in text:
        shown += character if character.isprintable() else ascii(character)[1:-1]
    return shown


def _shown(text: str) -> str:
    """Return a text as a message shows it."""
    return _without_passwords(_printable(text))


# What add_argument was told of an argument's variables. There may be none.
_Variables = namedtuple("_Variables", "names separator secret required")
_NO_VARIABLES: Final = _Variables([], None, False, False)


def _variables(action: argparse.Action) -> _Variables:
    return getattr(action, "_variables", _NO_VARIABLES)


def _is_flag(action: argparse.Action) -> bool:
    """Tell whether an argument takes no value, so that its variable is a boolean."""
    return action.nargs == 0


def _main_spelling(action: argparse.Action) -> str:
    """Return what messages call an argument: its first long option, if it has one."""
    metavar = action.metavar or action.dest
    if isinstance(metavar, tuple):
        metavar = ", ".join(metavar)
    names = [*action.option_strings, metavar]
    for name in names:
        if name.startswith("--"):
            return name
    return names[0]


def _values_in(action: argparse.Action, text: str) -> list[str]:
    """Return the values in the text of a variable. An empty one is none."""
    parts = [text]
    separator = _variables(action).separator
    if separator:
        parts = [part.strip() for part in text.split(separator)]
    return [part for part in parts if part]


class _Decision:
    """Hold what decides the value of a dest: an argument that was typed, or a variable."""

    def __init__(self, parser: ArgumentParser, action: argparse.Action, source: Source) -> None:
        self.parser = parser
        self.action = action
        self.source = source
        self.option = _main_spelling(action)
        self.typed = source.kind == "command line"
        # A flag whose variable is false. If an earlier parse has read it, only the text is left.
        self.is_false = _is_flag(action) and (source.text or "").lower() in _FALSE
        self.is_bad = False  # a variable whose text is no good value
        self.fallback = action.default  # the value to go back to if the variable is ignored

    @property
    def assignment(self) -> str:
        """Return the variable as a shell sets it, but no secret."""
        if _variables(self.action).secret:
            return str(self.source.name)
        return _shown(f"{self.source.name}={self.source.text}")

    def __str__(self) -> str:
        if self.typed:
            return f"'{self.option}'"
        return f"'{self.option}' ({self.assignment})"

    def remedy(self) -> str:
        """Return the hint that says how to keep a variable out of a conflict.

        It names no option that the help hides.
        """
        unset = f"unset {self.source.name}"
        if not _is_flag(self.action):
            return unset
        opposite = f"--no-{self.option[2:]}"
        action = self.parser._option_string_actions.get(opposite)
        if action is None or action.dest != self.action.dest or action.help is argparse.SUPPRESS:
            return f"{unset} or set it to 0"
        return f"{unset}, set it to 0, or pass {opposite}"


# What is wrong: the parser whose usage is shown, the message, its hints, the options it names.
_Problem = namedtuple("_Problem", "parser message hints options")


def _bad_variable(variable: _Decision, why: str) -> _Problem:
    option, name = variable.option, variable.source.name
    message = f"invalid value '{variable.source.text}' for '{option}' ({name}): {why}"
    if _variables(variable.action).secret:
        message = f"invalid value for '{option}' ({name})"
    hint = f"unset {name}, or pass {option}"
    if _is_flag(variable.action):
        hint = f"unset {name}, or set it to 1 or 0"
    return _Problem(variable.parser, _shown(message), (hint,), (option,))


def _missing(parser: ArgumentParser, choices: Sequence[argparse.Action]) -> _Problem:
    options, names = [], []
    for action in choices:
        options.append(_main_spelling(action))
        names += _variables(action).names[:1]
    message = f"the following arguments are required: {options[0]}"
    if len(options) > 1:
        message = f"one of the arguments {' '.join(options)} is required"
    if names:
        message += f" (or set {' or '.join(names)})"
    return _Problem(parser, message, (), tuple(options))


def _tree(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield a parser and the parsers of its subcommands, at all levels."""
    yield parser
    for action in parser._actions:
        for subparser in getattr(action, "_name_parser_map", {}).values():
            yield from _tree(subparser)


def _one_slip(first: str, second: str) -> bool:
    """Tell whether a letter too many, missing or wrong, or two swapped, make one of the other."""
    while first and first[0] == second[:1]:
        first, second = first[1:], second[1:]
    while first and first[-1] == second[-1:]:
        first, second = first[:-1], second[:-1]
    swapped = len(first) == 2 and first == second[::-1]
    one_letter = len(first) < 2 and len(second) < 2
    return first != second and (swapped or one_letter)


class _Parse:
    """Hold what one call of `parse_args` finds, with all subcommands that it reaches.

    1. argparse reads the words, and `note_typed` notes each argument that was typed. The parser of
       a subcommand finds this object in `at_work`, and reads into it.
    2. `read_variables`: once all words are read, variables decide what nothing typed does, the
       innermost parser's first. A variable acts as its argument typed once.
    3. `check`: where the command line wins, variables are ignored. Then what is left is judged.
    4. `report`: warnings are printed, and all problems are one error. If there is none, the
       namespace gets the sources.
    """

    at_work: Final[ContextVar[_Parse]] = ContextVar("at_work")
    more_variables: Sequence[str] = ()  # a subclass reads these, too

    def __init__(self, parser: ArgumentParser, namespace: Any) -> None:
        self.environ = os.environ if parser._environ is None else parser._environ
        self.parsers = [parser]  # the root, then the subcommands that were typed
        # The namespace of the parser that is at work, and those of the parsers above it.
        self.namespace = Namespace() if namespace is None else namespace
        self.outer_namespaces: list[Any] = []
        # What the arguments of those had, before a subcommand replaced it by its default.
        self.outer_values: dict[argparse.Action, Any] = {}
        self.last_read: Any = None  # the argument that argparse read last
        self.typed: set[argparse.Action] = set()
        self.secrets: list[str] = []  # the words for secret arguments, typed and set
        self.decided: dict[str, _Decision] = {}
        self.sources = dict(getattr(namespace, "_uvflags_sources", {}))  # of an earlier parse
        self.warnings: list[str] = []
        self.problems: list[_Problem] = []

    def read(self, read_words: Callable[..., Any], args: Any) -> Any:
        """Take the steps up to `check`. Return what argparse returns."""
        self.parsers[0]._check_rows()
        token = _Parse.at_work.set(self)
        try:
            self._begin(self.parsers[0])
            known = read_words(args, self.namespace)
            self.merge(known)
            return known
        except BaseException as error:  # such as the end of the program after a help
            self.print_warnings()
            if isinstance(error, argparse.ArgumentError):
                error.message = self.without_secrets(error.message)
            raise
        finally:
            _Parse.at_work.reset(token)

    def merge(self, known: Any) -> None:
        """Take the steps after the words. `known` is what argparse made of these."""
        self.read_variables(self.parsers[0])
        self.check()

    def read_subcommand(self, parser: ArgumentParser, read_words: Any, args: Any) -> Any:
        """Read the words of a subcommand.

        argparse gives it an empty namespace, and then copies all of that, defaults too, over the
        outer one. So that no default replaces what was typed before, the namespace begins with it.
        The name of the subcommand is left out, as a subcommand may use its dest again.

        If a variable decides an argument of an outer parser, that is later: its action still goes
        on from `outer_values`, not from the default of the subcommand.
        """
        outer, dest = self.namespace, self.last_read.dest
        name = self.decided.pop(dest)
        self.outer_namespaces.append(outer)
        for action in self.parsers[-1]._actions:
            self.outer_values[action] = getattr(outer, action.dest, argparse.SUPPRESS)
        self.namespace = Namespace()
        for earlier in self.decided:
            self._set(earlier, getattr(outer, earlier, argparse.SUPPRESS))
        self.last_read = None
        self.parsers.append(parser)
        self._begin(parser)
        known = read_words(args, self.namespace)
        self.read_variables(parser)
        if not hasattr(self.namespace, dest):
            self.decided[dest] = name
        self.namespace = self.outer_namespaces.pop()
        return known

    def _begin(self, parser: ArgumentParser) -> None:
        """Note what an earlier parse has decided, and warn of variables with misspelt names."""
        for action in parser._actions:
            if action.dest in self.sources and action.dest not in self.decided:
                source = self.sources[action.dest]
                self.decided[action.dest] = _Decision(parser, action, source)
        if parser._env_prefix:
            self._warn_of_slips(parser._env_prefix)

    def _warn_of_slips(self, prefix: str) -> None:
        known = set(self.more_variables)
        for reader in _tree(self.parsers[0]):
            for action in reader._actions:
                known.update(_variables(action).names)
        for name in sorted(self.environ):
            if name.startswith(prefix) and name not in known:
                similar = [other for other in sorted(known) if _one_slip(name, other)]
                if similar:
                    hint = f"did you mean {similar[0]}?"
                    self.warn(f"{_shown(name)} is set, but nothing reads it: {hint}")

    def warn(self, warning: str) -> None:
        """Keep a warning until `print_warnings`, but not twice."""
        if warning not in self.warnings:
            self.warnings.append(warning)

    def print_warnings(self) -> None:
        """Print the warnings so far. They come before any error, however the parse ends."""
        parser = self.parsers[-1]
        for warning in self.warnings:
            parser._print_message(f"{parser.prog}: warning: {warning}\n", sys.stderr)
        self.warnings = []

    def note_typed(self, parser: ArgumentParser, action: argparse.Action, words: list[str]) -> None:
        """Note an argument that argparse read. A positional without words is absent."""
        self.last_read = action
        if _variables(action).secret:
            self.secrets += words
        name = None
        if action.option_strings:
            name = _main_spelling(action)
        # The first pass of an intermixed parse reads no positional, but may have a "--" for it.
        if name or (words and action.nargs != argparse.SUPPRESS):
            self.typed.add(action)
            source = Source("command line", name, None)
            self.decided[action.dest] = _Decision(parser, action, source)

    def without_secrets(self, message: str) -> str:
        """Hide what secret arguments hold in a message that argparse made."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            message = message.replace(repr(secret), "'***'")
            if len(secret) > 3:  # else letters of other words would go, too
                message = message.replace(secret, "***")
        return _without_passwords(message)

    def variable_of(self, action: argparse.Action) -> str | None:
        """Return the variable that decides an argument, if nothing typed does."""
        if action.dest not in self.decided:
            names: list[str] = _variables(action).names
            for name in names:
                text = self.environ.get(name)
                if text is not None and (_is_flag(action) or _values_in(action, text)):
                    return name
        return None

    def read_variables(self, parser: ArgumentParser) -> None:
        """Let variables of a parser decide what nothing typed does."""
        typed = {}
        for dest in self.decided:
            typed[dest] = getattr(self.namespace, dest, argparse.SUPPRESS)
        for action in parser._actions:
            name = self.variable_of(action)
            if name is not None:
                self._act(parser, action, name)
        for dest, value in typed.items():
            self._set(dest, value)  # the action of a variable may have changed it

    def _act(self, parser: ArgumentParser, action: argparse.Action, name: str) -> None:
        """Let a variable act for its argument. A bad one decides too, so that it is not missing."""
        text = self.environ[name]
        variable = _Decision(parser, action, Source("environment", name, text))
        for namespace in [*self.outer_namespaces, self.namespace]:  # the innermost one counts
            variable.fallback = getattr(namespace, action.dest, variable.fallback)
        self.decided[action.dest] = variable  # from here on, `_get_value` converts
        try:
            if _is_flag(action):
                self._act_as_flag(variable, text)
            else:
                self._act_with_values(variable, text)
        except (ValueError, argparse.ArgumentError) as error:
            variable.is_bad = True
            why = getattr(error, "message", str(error))
            if isinstance(action, argparse._CountAction):
                why += ", or a number such as 2"
            self.problems.append(_bad_variable(variable, why))
        if getattr(action, "deprecated", False):
            self.warn(f"option '{variable.option}' is deprecated (set by {name})")

    def _act_as_flag(self, variable: _Decision, text: str) -> None:
        """Act once if the variable is true. If it is false, set the opposite, if there is one."""
        action, namespace = variable.action, self.namespace
        if isinstance(action, argparse._CountAction) and text.isdecimal():
            times = int(text)
        else:
            times = int(parse_bool(text))
        variable.is_false = times == 0
        if times:
            self._call(variable, [])
            if times > 1:
                setattr(namespace, action.dest, getattr(namespace, action.dest) + times - 1)
        elif isinstance(action.const, bool) and not isinstance(action, argparse._AppendConstAction):
            setattr(namespace, action.dest, not action.const)

    def _act_with_values(self, variable: _Decision, text: str) -> None:
        """Act once with all values of a text. If the argument takes one, act once for each."""
        parser, action = variable.parser, variable.action
        words, values = _values_in(action, text), []
        if _variables(action).secret:
            self.secrets += [*words, text]
        for word in words:
            values.append(parser._get_value(action, word))
            if action.nargs != argparse.REMAINDER:  # of which argparse checks none
                parser._check_value(action, values[-1])
        if isinstance(action.nargs, int) and action.nargs != len(values):
            raise ValueError(f"expected {action.nargs} values, not {len(values)}")
        if action.nargs in (None, argparse.OPTIONAL):
            for value in values:
                self._call(variable, value)
        else:
            self._call(variable, values)

    def _call(self, variable: _Decision, value: Any) -> None:
        """Call an action for its variable, on the value that its own parser has for it."""
        action = variable.action
        if action in self.outer_values:
            self._set(action.dest, self.outer_values.pop(action))
        option = variable.option if action.option_strings else None
        action(variable.parser, self.namespace, value, option)

    def _set(self, dest: str, value: Any) -> None:
        if value is not argparse.SUPPRESS:
            setattr(self.namespace, dest, value)
        elif hasattr(self.namespace, dest):
            delattr(self.namespace, dest)

    def in_effect(self, dest: str) -> bool:
        """Tell whether something typed, or a variable, gives a dest a value that counts."""
        decision = self.decided.get(dest)
        if decision is None or decision.is_bad or decision.is_false:
            return False
        value = getattr(self.namespace, dest, None)
        if isinstance(decision.action, argparse._StoreFalseAction):
            kinds = {type(a) for a in decision.parser._actions if a.dest == dest}
            return len(kinds) == 1  # else it undoes another flag
        return not (value is None or value is False or (isinstance(value, list) and not value))

    def check(self) -> None:
        """Ignore variables where the command line wins. Then note what is wrong."""
        for first, second, outcome in self._conflicts_in_effect():
            if outcome == "ignore second":
                self.ignore(second, first)
            elif outcome == "ignore first":
                self.ignore(first, second)
        for first, second, outcome in self._conflicts_in_effect():  # of what is still in effect
            if outcome == "error":
                self.problems.append(self._conflict_problem(first, second))
            elif outcome == "warn":
                self.warn(f"{first} has no effect beside {second}")
        for parser in reversed(self.parsers):
            self._check_required(parser)

    def _check_required(self, parser: ArgumentParser) -> None:
        for action in parser._actions:
            if _variables(action).required and not self._is_given(action):
                self.problems.append(_missing(parser, [action]))
        for group in parser._mutually_exclusive_groups:
            # One that another option has replaced is still in its group.
            members = [a for a in group._group_actions if a in parser._actions]
            if getattr(group, "_needs_one", False) and not any(map(self._is_chosen, members)):
                self.problems.append(_missing(parser, members))

    def _conflicts_in_effect(self) -> list[tuple[_Decision, _Decision, str]]:
        """Return the two sides of each row, if both are in effect now, and what its policy does."""
        rows = []
        for parser in self.parsers:
            for one, other, policy in parser._conflicts:
                if self.in_effect(one) and self.in_effect(other):
                    rows.append((self.decided[one], self.decided[other], policy))
            for group in parser._mutually_exclusive_groups:
                for first, second in itertools.combinations(self._in_effect_of(group), 2):
                    if not (first.typed and second.typed):  # else argparse has rejected it
                        rows.append((first, second, "command line wins"))
        found = []
        for first, second, policy in rows:
            outcome = _POLICIES[policy][_TYPED.index((first.typed, second.typed))]
            found.append((first, second, outcome))
        return found

    def _in_effect_of(self, group: argparse._MutuallyExclusiveGroup) -> list[_Decision]:
        """Return what is in effect by an argument of a group, not by another one of its dest."""
        found = []
        for action in group._group_actions:
            decision = self.decided.get(action.dest)
            if decision and decision.action is action and self.in_effect(action.dest):
                found.append(decision)
        return found

    def _conflict_problem(self, first: _Decision, second: _Decision) -> _Problem:
        if second.typed and not first.typed:
            first, second = second, first
        hints = {}  # one for each variable
        for side in (first, second):
            if not side.typed:
                hints[side.source.name] = side.remedy()
        remedies = tuple(hints.values()) or (f"drop {first.option} or {second.option}",)
        inner = max(first.parser, second.parser, key=self.parsers.index)
        message = f"the argument {first} cannot be used with {second}"
        return _Problem(inner, message, remedies, (first.option, second.option))

    def ignore(self, variable: _Decision, typed: _Decision) -> None:
        """Go back to the value that a dest has without its variable."""
        parser, action = variable.parser, variable.action
        if self.decided.get(action.dest) is not variable:
            return  # another row has done this
        self._set(action.dest, variable.fallback)
        try:
            self._act_on_default(parser, action)
        except argparse.ArgumentError as error:
            message = _without_passwords(str(error))
            self.problems.append(_Problem(parser, message, (), (variable.option,)))
        del self.decided[action.dest]
        self.sources.pop(action.dest, None)
        self.warn(f"ignoring {variable.assignment} because {typed} was given")

    def _act_on_default(self, parser: ArgumentParser, action: argparse.Action) -> None:
        """Do for an ignored variable what argparse does where an argument was not typed."""
        if not action.option_strings:
            # For a positional, it calls the action with the default.
            value = parser._get_values(action, [])
            if value is not argparse.SUPPRESS:
                action(parser, self.namespace, value)
            return
        # For an option, it converts a default that is a text, if that is still the value.
        value = getattr(self.namespace, action.dest, None)
        if isinstance(value, str) and value is action.default:
            self._set(action.dest, parser._get_value(action, value))

    def _is_given(self, action: argparse.Action) -> bool:
        decision = self.decided.get(action.dest)
        return action in self.typed or (decision is not None and decision.action is action)

    def _is_chosen(self, action: argparse.Action) -> bool:
        """Tell whether a required group has this argument. One that is false does not count."""
        return self._is_given(action) and not self.decided[action.dest].is_false

    def report(self) -> None:
        """Fail with all problems, by the parser that has the first. Or store the sources."""
        self.print_warnings()
        texts = []
        for problem in dict.fromkeys(self.problems):
            texts.append("\nhint: ".join([problem.message, *problem.hints]))
        if texts:
            parser = self.problems[0].parser
            if parser.exit_on_error or self.parsers[0].exit_on_error:
                parser.error(f"\n{parser.prog}: error: ".join(texts))
            raise argparse.ArgumentError(None, "\n".join(texts))
        for dest, decision in self.decided.items():
            self.sources[dest] = decision.source
        if isinstance(self.namespace, Namespace):
            self.namespace._uvflags_sources = self.sources


def _variable_names(env: Any, prefix: Any, dest: str) -> list[str]:
    """Return the names that an `env` of `add_argument` stands for."""
    if env is None:
        return []
    if env is True and prefix is None:
        raise ValueError("env=True needs an env_prefix: pass one to ArgumentParser, or a name here")
    if env is True:
        return [prefix + re.sub(r"\W", "_", dest.upper(), flags=re.ASCII)]
    if isinstance(env, str):
        return [env]
    if isinstance(env, (list, tuple)) and all(isinstance(name, str) for name in env):
        return list(env)
    raise TypeError(f"env is a variable's name, a list of names or True, not {env!r}")


class _Container(argparse._ActionsContainer):
    """Add what the parser and its groups have in common."""

    _env_prefix: str | None

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
          `%(default)s` in help, nor a word that argparse does not recognize. A value of up to three
          letters is hidden only in quotes. `source_of` has the value.

        Raises TypeError for another `env`. Raises ValueError for True without `env_prefix`, for a
        separator where the argument holds one value, and for a second variable of one dest.
        """
        action = super().add_argument(*args, **kwargs)
        names = _variable_names(env, self._env_prefix, action.dest)
        if env_separator and type(action) is argparse._StoreAction and action.nargs in (None, "?"):
            raise ValueError(f"env_separator: {_main_spelling(action)} holds only one value")
        if names:
            self._check_only_one(action)
            if isinstance(action, argparse.BooleanOptionalAction):
                action.const = True  # as that of store_true
            if action.help is not argparse.SUPPRESS:
                shown = ", ".join(names).replace("%", "%%")
                action.help = f"{action.help or ''} (env: {shown})".lstrip()
        required = bool(names) and action.required
        if not action.option_strings and action.nargs in ("*", argparse.REMAINDER):
            required = False  # argparse says True, but never misses it
        action.required = action.required and not names
        variables = _Variables(names, env_separator, env_secret, required)
        action._variables = variables  # type: ignore[attr-defined]
        return action

    def _check_only_one(self, action: argparse.Action) -> None:
        for other in self._actions:
            if other is not action and other.dest == action.dest and _variables(other).names:
                raise ValueError(
                    f"{_main_spelling(other)} and {_main_spelling(action)} both have a variable "
                    f"for the dest {action.dest!r}: give one of them a list of names, or give them "
                    "two dests and a Conflict"
                )

    def add_argument_group(self, *args: Any, **kwargs: Any) -> _ArgumentGroup:
        group = _ArgumentGroup(self, *args, **kwargs)
        group._env_prefix = self._env_prefix
        self._action_groups.append(group)
        return group

    def add_mutually_exclusive_group(self, **kwargs: Any) -> _MutuallyExclusiveGroup:
        group = _MutuallyExclusiveGroup(self, **kwargs)
        group._env_prefix = self._env_prefix
        self._mutually_exclusive_groups.append(group)
        return group


class _ArgumentGroup(argparse._ArgumentGroup, _Container):
    """Group arguments as argparse does."""


class _MutuallyExclusiveGroup(argparse._MutuallyExclusiveGroup, _Container):
    """Group arguments as argparse does, but a group with a variable is required only here."""

    _needs_one = False  # in place of argparse's `required`

    def add_argument(self, *args: Any, **kwargs: Any) -> argparse.Action:
        action = super().add_argument(*args, **kwargs)
        if self.required and _variables(action).names:
            self.required, self._needs_one = False, True
        return action


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
    count variables too. All conflicts, bad variables, and missing arguments that have a variable
    are in one error. What argparse itself finds wrong with the words comes before that, and alone.

    One thing differs from argparse even without variables: the default of a subcommand does not
    replace what was typed before it for the same dest, and a count or a list goes on.

    Parsing raises ValueError for a row that is no `Conflict` of two dests.
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

    if TYPE_CHECKING:

        @overload
        def parse_args(self, args: Any = None, namespace: None = None) -> Namespace: ...
        @overload
        def parse_args(self, args: Any, namespace: _N) -> _N: ...
        @overload
        def parse_args(self, args: Any = None, *, namespace: _N) -> _N: ...
        def parse_args(self, args: Any = None, namespace: Any = None) -> Any: ...

        def parse_intermixed_args(  # type: ignore[override]
            self, args: Any = None, namespace: Any = None
        ) -> Namespace: ...
    else:

        def parse_args(self, args=None, namespace=None):
            return self._parse(super().parse_args, args, namespace)

        def parse_intermixed_args(self, args=None, namespace=None):
            return self._parse(super().parse_intermixed_args, args, namespace)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        return self._parse(super().parse_known_args, args, namespace)

    def parse_known_intermixed_args(self, args: Any = None, namespace: Any = None) -> Any:
        return self._parse(super().parse_known_intermixed_args, args, namespace)

    def _parse(self, read_words: Callable[..., Any], args: Any, namespace: Any) -> Any:
        outer = _Parse.at_work.get(None)
        if outer is not None:
            # An action, or argparse itself, goes on with the same words: an intermixed parse has
            # two passes, and `parse_args` calls `parse_known_args`.
            if self in outer.parsers and namespace is outer.namespace:
                return read_words(args, namespace)
            # argparse has read the name of this subcommand, and calls its parser.
            subcommands = getattr(outer.last_read, "_name_parser_map", {})
            if self in subcommands.values() and namespace is None:
                return outer.read_subcommand(self, read_words, args)
        parse = _Parse(self, namespace)
        known = parse.read(read_words, args)
        parse.report()
        return known

    def _read_into(self, parse: _Parse, args: Sequence[str]) -> None:
        """Read words into `parse`, as a caller wants who goes on with that."""
        parse.read(super().parse_known_args, args)

    def error(self, message: str) -> NoReturn:
        parse = _Parse.at_work.get(None)
        if parse is not None:
            parse.print_warnings()
            message = parse.without_secrets(message)
        super().error(_without_passwords(message))

    def _print_message(self, message: str, file: Any = None) -> None:
        try:
            super()._print_message(message, file)
        except (AttributeError, OSError):
            pass  # a stream is closed or full; since Python 3.12, argparse goes on too

    def _match_arguments_partial(self, actions: Any, arg_strings_pattern: str) -> list[int]:
        # argparse stops at a positional for which no word is left. One that has a variable does not
        # need any. So where no option ("O") follows, go on with the positionals after it.
        counts = super()._match_arguments_partial(actions, arg_strings_pattern)
        left, rest = actions[len(counts) :], arg_strings_pattern[sum(counts) :]
        if left and _variables(left[0]).required and "O" not in arg_strings_pattern:
            counts += [0, *self._match_arguments_partial(left[1:], rest)]
        return counts

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        # argparse calls this once for each argument that was typed, and for absent positionals.
        parse = _Parse.at_work.get()
        parse.note_typed(self, action, arg_strings)
        if arg_strings or action.option_strings:
            return super()._get_values(action, arg_strings)
        if not _variables(action).required and parse.variable_of(action) is None:
            return super()._get_values(action, arg_strings)
        # The variable of an absent positional acts later. Until then, argparse must call no other
        # action for it: it calls none for SUPPRESS. To store the default does no harm, and by that
        # argparse knows that the positional is in no conflict with its group.
        if type(action) is argparse._StoreAction:
            return action.default
        return argparse.SUPPRESS

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        # argparse also converts the default of an argument that was not typed. Where a variable
        # decides instead, that could fail for nothing.
        parse = _Parse.at_work.get(None)
        if parse is not None and parse.variable_of(action) is not None:
            return arg_string
        return super()._get_value(action, arg_string)

    def _add_container_actions(self, container: argparse._ActionsContainer) -> None:
        begin = len(self._mutually_exclusive_groups)
        super()._add_container_actions(container)
        self._conflicts += getattr(container, "_conflicts", ())
        for action in container._actions:
            if _variables(action).names:
                self._check_only_one(action)
        copies = self._mutually_exclusive_groups[begin:]
        for group, copied in zip(container._mutually_exclusive_groups, copies):
            copied._needs_one = getattr(group, "_needs_one", False)  # type: ignore[attr-defined]

    def _check_rows(self) -> None:
        """Raise ValueError for a row that is no `Conflict` of two dests."""
        parsers = list(_tree(self))
        dests = {action.dest for parser in parsers for action in parser._actions}
        for parser in parsers:
            for row in getattr(parser, "_conflicts", ()):
                if not isinstance(row, Conflict) or len(dests.intersection(row[:2])) != 2:
                    raise ValueError(
                        f"{row!r}: write Conflict(first, second, policy), with two of the dests "
                        f"{', '.join(sorted(dests))} (a dest has no dashes)"
                    )
# uv's options and their conflicts. A heading names the subcommands that have what is below it.
# "root" is what stands before them. This line has all that an option may have:
#
#     -x --example ~--old !--no-example NAME,... $UV_NEW $UV_OLD  what it is for
#
# - The names of the option. "~" marks one that the help does not show, "!" the opposite of a flag.
# - "NAME" if it takes a value, which is secret if it is a URL. "..." if it may be repeated: a flag
#   counts then. Its variable divides several values by spaces, or by a comma that is shown.
# - "$" and a variable. Of several, the first that is set counts.
# - Two spaces, and the help. An option without any is hidden.
#
# A conflict is "options | others | policy": each of the options conflicts with each of the others.
# The policy "always" is left out. If two options are in several conflicts, all of them apply.
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
all_packages project active | no_project | variable yields
active | isolated | variable yields
env_file | no_env_file | variable yields
locked | no_sync | variable yields
extra all_extras group all_groups only_group only_dev | no_sync | variable stays
package all_packages exact reinstall reinstall_package | no_sync | variable stays
compile_bytecode upgrade upgrade_package upgrade_group | no_sync | variable stays
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
no_install_project | only_install_workspace only_install_local | variable yields
no_install_workspace | only_install_project only_install_local | variable yields
no_install_local | only_install_project only_install_workspace | variable yields
script | all_extras extra no_extra group only_group all_groups only_dev package all_packages
script | no_default_groups no_install_project no_install_workspace no_install_local | \
command line wins
script | dev no_dev no_group | typed only
[lock] Options
--locked ~--check !--no-locked $UV_LOCKED  fail if uv.lock is out of date (or --check)
--frozen ~--check-exists !--no-frozen $UV_FROZEN  do not update uv.lock (or --check-exists)
--script FILE  lock this script
--dry-run  show what would change, and change nothing
dry_run | locked frozen | typed only
[root sync lock] Options
--isolated
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
frozen | no_sources | variable yields
no_sources no_sources_package | frozen | variable stays
resolution prerelease prerelease_package pre fork_strategy | frozen | variable stays
exclude_newer exclude_newer_package | frozen | variable stays
extra | all_extras only_group
all_extras | only_group
only_group only_dev | group all_groups
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
upgrade_package upgrade_group | frozen
index_url | default_index | variable yields
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
managed_python no_managed_python | python_preference | command line wins
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
cache_dir | no_cache | variable yields
no_config | config_file | variable yields
"""
_SUBCOMMANDS: Final = ("run", "sync", "lock")
_UV_VERSION: Final = "0.13.9"
# Flags and their opposites that have dests of their own. The last one that was typed counts.
_OPPOSITES: Final = {
    "dev": "no_dev",
    "no_dev": "dev",
    "managed_python": "no_managed_python",
    "no_managed_python": "managed_python",
}
# Options that change nothing for a command that runs without uv: how uv downloads, stores and
# prints, which other files it reads, and that it is to leave the environment as it is.
_NEEDS_NO_UV: Final = (
    "module offline refresh refresh_package no_cache cache_dir frozen no_sync quiet verbose color "
    "no_color no_progress config_file no_config no_env_file no_project"
)
# Booleans of other subcommands of uv.
_OTHER_BOOLEANS: Final = (
    "UV_SYSTEM_PYTHON UV_BREAK_SYSTEM_PACKAGES UV_REQUIRE_HASHES UV_NO_VERIFY_HASHES UV_VENV_CLEAR"
)
# Booleans that outrank a configuration file when they are false. uv reads them by their value.
_OUTRANKING: Final = ("UV_OFFLINE", "UV_NO_CACHE", "UV_SYSTEM_CERTS", "UV_NATIVE_TLS")


def _strip_equals(text: str) -> str:
    """Return the value of an option. Before Python 3.13, argparse leaves the "=" in -np=3.11."""
    return text[text.startswith("=") :]


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
            keywords = {"metavar": metavar, "type": _strip_equals, "env_secret": metavar == "URL"}
            if word.endswith("..."):
                keywords.update(action="append", env_separator=" ")
            if word.endswith(",..."):
                keywords["env_separator"] = ","
    dest = group.add_argument(*names, env=env, help=text or argparse.SUPPRESS, **keywords).dest
    for name in hidden:
        action = "store_false" if name.startswith("!") else "store_true"
        group.add_argument(name[1:], action=action, dest=dest, default=None, help=argparse.SUPPRESS)


def _subcommand_parser(prog: str, name: str) -> ArgumentParser:
    """Return the parser of a subcommand, or with "root" of the words before it."""
    usage = "%(prog)s [OPTIONS]"
    if name == "run":
        usage += " [COMMAND [ARGS...]]"
    # The prefix is that of UV_ and of UVFLAGS_: slips in both get a warning.
    parser = ArgumentParser(
        f"{prog} {name}", usage, add_help=False, allow_abbrev=False, env_prefix="UV"
    )
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
            firsts, seconds, *policy = row.split(" | ")
            for first in firsts.split():
                for second in seconds.split():
                    parser._conflicts.append(Conflict(first, second, *policy))
    # The one opposite that hints name, and so help shows it. Older uvs have it, too.
    parser._option_string_actions["--no-offline"].help = "use the network"
    group = groups["Global options"]  # not the parser, which would load argparse's help formatter
    group.add_argument("-h", "--help", action="help", help="show this help")
    group.add_argument("command", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def _root_parser(prog: str) -> ArgumentParser:
    """Return the parser that finds the subcommand, and leaves all else to that one's parser."""
    parser = _subcommand_parser(prog, "root")
    parser.prog = prog
    parser.usage = "%(prog)s [explain [--json]] [GLOBAL OPTIONS] SUBCOMMAND ..."
    parser.description = (
        "Reconcile the options and the variables of `uv run`, `uv sync` and `uv lock`, report "
        "conflicts, and start uv. All other subcommands go to uv as they are. `run --help`, "
        "`sync --help` and `lock --help` list options and variables. `explain` shows what a line "
        "comes to, and starts nothing. With `--json`, it prints an object."
    )
    parser.epilog = (
        "UVFLAGS_EXPLAIN=1 shows the same for each line on stderr, before it starts. "
        "UVFLAGS_NEEDS_UV=1 makes it an error if uv is not found."
    )
    # The parser of the subcommand reads the same words again, with the variables and conflicts.
    parser._environ = {}
    parser._conflicts.clear()
    version = f"uvflags {__version__}, for uv {_UV_VERSION}"
    group = parser._action_groups[-1]
    group.add_argument(
        "-V", "--version", action="version", version=version, help="show the version"
    )
    return parser


def _names_in(rows: str) -> list[str]:
    return re.findall(r"\$(\w+)", rows)


def _which(name: str, mode: int = os.X_OK) -> str | None:
    """Return the executable file that a command names. With `os.F_OK`, it may be any file."""
    folders, endings = [""], [""]
    if not os.path.dirname(name):
        folders = [folder for folder in os.get_exec_path() if folder]
    if os.name == "nt":
        endings = (os.environ.get("PATHEXT") or ".COM;.EXE;.BAT;.CMD").lower().split(";")
        endings.append(".exe")
        if os.path.splitext(name)[1].lower() in endings:
            endings = [""]
    for folder in folders:
        for ending in endings:
            path = os.path.join(folder, name + ending)
            if os.path.isfile(path) and os.access(path, mode):
                return path
    return None


def _as_started(kind: str) -> list[bytes]:
    """Return the words ("cmdline") or variables ("environ") of this process, if Linux has them."""
    try:
        with open(f"/proc/self/{kind}", "rb") as file:
            return file.read().split(b"\0")[:-1]
    except OSError:
        return []


class _Line(_Parse):
    """Merge a command line for uv with the variables, and plan what to start."""

    more_variables = ("UVFLAGS_EXPLAIN", "UVFLAGS_NEEDS_UV", "UVFLAGS_HAND_OVERS")

    def __init__(self, parser: ArgumentParser, words: list[str], place: int) -> None:
        super().__init__(parser, None)
        self.words = words  # all that was typed
        self.place = place  # the index of the subcommand
        self.subcommand = words[place]
        self.unknown: list[str] = []  # the options that only uv may know
        self.command: list[str] = []
        self.ignored: dict[str, tuple[_Decision, str]] = {}  # the variables by dest, and why
        # What to start, with which variables.
        self.exported = dict(os.environ)
        self.exported.pop("", None)  # Python can pass on no variable without a name
        if self.exported.get("LC_CTYPE") in ("C.UTF-8", "C.utf8", "UTF-8"):
            names = [variable.partition(b"=")[0] for variable in _as_started("environ")]
            if names and b"LC_CTYPE" not in names:
                del self.exported["LC_CTYPE"]  # Python has set it, for itself (PEP 538)
        self.path = self.uv = self._find_uv()
        self.argv: list[str] = []
        self.added: list[str] = []
        self.removed: list[str] = []
        self.notes: list[str] = []

    def _find_uv(self) -> str | None:
        """Return the path of uv: $UV, which uv sets for its children, or one on PATH."""
        named = os.environ.get("UV", "")
        if os.path.dirname(named) and _which(named):
            return _which(named)
        if named:
            self.warn(f"UV={_shown(named)} is no path of a program, so PATH decides")
        return _which("uv") or _which(os.path.join(os.path.dirname(sys.executable or ""), "uv"))

    def note_typed(self, parser: ArgumentParser, action: argparse.Action, words: list[str]) -> None:
        if action.dest == "command":
            self.command = words[words[:1] == ["--"] :]
            return
        super().note_typed(parser, action, words)
        opposite = _OPPOSITES.get(action.dest, "")
        if self.decided.pop(opposite, None):
            self._set(opposite, None)

    def merge(self, known: Any) -> None:
        self.unknown += known[1]
        if not self.unknown:
            super().merge(known)
            self._warn_of_groups()

    def in_effect(self, dest: str) -> bool:
        refresh = self.decided.get("refresh")
        if dest == "refresh_package" and refresh and refresh.typed and not self.namespace.refresh:
            return False  # as in uv, --no-refresh undoes this
        return super().in_effect(dest)

    def ignore(self, variable: _Decision, typed: _Decision) -> None:
        super().ignore(variable, typed)
        self.ignored[variable.action.dest] = (variable, f"because {typed} was given")

    def _warn_of_groups(self) -> None:
        """Warn of groups that were typed, but that a variable leaves out."""
        groups: list[str] = []
        for dest in ("group", "only_group"):
            groups += getattr(self.namespace, dest, None) or []
        for dest in ("dev", "only_dev"):
            if self.in_effect(dest) and self.decided[dest].typed:
                groups.append("dev")
        no_group: Any = getattr(self.namespace, "no_group", None)
        left_out = {"no_dev": ["dev"], "no_group": no_group}
        for dest, names in left_out.items():
            if self.in_effect(dest) and not self.decided[dest].typed:
                for group in groups:
                    if group in names:
                        self.warn(f"{self.decided[dest].assignment} leaves out the group '{group}'")

    def plan(self) -> None:
        """Set what to start: uv, or without uv the command itself."""
        for action in self.parsers[0]._actions:
            for name in _variables(action).names:
                if name in self.exported and not self._may_stay(action, name):
                    self._remove(name)
        for name in _names_in(_TABLE):
            if self.exported.get(name) == "":
                self._remove(name)  # to uv, an empty one is an error in all subcommands
        if self.uv is None:
            self._plan_without_uv()
        else:
            if self.in_effect("refresh") and not self.decided["refresh"].typed:
                self.added.append("--refresh")  # no uv reads UV_REFRESH
            if "UV_OFFLINE" in self.removed and not self.decided["offline"].typed:
                self.added.append("--no-offline")  # as a configuration file may say offline
            self._plan_uv()

    def _may_stay(self, action: argparse.Action, name: str) -> bool:
        """Tell whether uv may see a variable.

        A value must not be empty. A boolean has to say what was decided. And a false one stays only
        if no option that it conflicts with was decided: to uv 0.7 each variable that is set is a
        flag that is given, and to uv 0.13 some still are, such as UV_NO_CACHE.
        """
        dest = action.dest
        if dest in self.ignored:
            return False
        if not _is_flag(action):
            return len(_values_in(action, self.exported[name])) > 0
        if self.exported[name].lower() in _TRUE:
            return bool(getattr(self.namespace, dest))
        if self.decided[dest].source.name != name:
            return False  # what was typed, or another variable, has decided
        for first, second, _ in self.parsers[0]._conflicts:
            if dest in (first, second) and first in self.decided and second in self.decided:
                return False
        return True

    def _remove(self, name: str) -> None:
        self.removed.append(name)
        del self.exported[name]

    def pass_on(self) -> None:
        """Plan to give uv the line as it is, but without boolean variables that are false."""
        booleans = []
        for row in _TABLE.splitlines():
            words = row.partition("  ")[0].split()
            if all(word[0] in "-~!$" for word in words):  # it takes no value
                booleans += _names_in(row)
        for name in [*booleans, *_OTHER_BOOLEANS.split()]:
            if self.exported.get(name, "").lower() in _FALSE and name not in _OUTRANKING:
                self._remove(name)
        if self.uv is None:
            self._needs_uv(f"'{_shown(self.subcommand)}'")
        self._plan_uv()

    def _plan_uv(self) -> None:
        after = self.place + 1
        self.argv = ["uv", *self.words[:after], *self.added, *self.words[after:]]
        self._count_starts(20, "put uv itself first on PATH, or name it in UV")

    def _count_starts(self, most: int, hint: str) -> None:
        """Report a loop through a script that starts uvflags, such as one called "uv".

        The count is handed over with the value of UV_RUN_RECURSION_DEPTH, in which a real uv counts
        its own starts, up to 100, to end such loops. So if that has changed, uvflags begins anew.
        """
        depth = self.exported.get("UV_RUN_RECURSION_DEPTH", "")
        count, _, seen = self.exported.get("UVFLAGS_HAND_OVERS", "").partition(" ")
        number = 1
        if seen == depth and count.isdecimal():
            number += int(count[:4])
        self.exported["UVFLAGS_HAND_OVERS"] = f"{number} {depth}".strip()
        if number > most:
            self.fail(f"{_shown(str(self.path))} leads back to uvflags", hint)

    def fail(self, message: str, hint: str, *options: str) -> None:
        """Add a problem, which `report` or `explain` shows."""
        self.problems.append(_Problem(self.parsers[0], message, (hint,), options))

    def _needs_uv(self, what: str) -> None:
        self.fail(f"{what} needs uv, which was not found", "install uv, or name it in UV")

    def _plan_without_uv(self) -> None:
        """Set the start of the command itself, and report what needs uv."""
        if not self.command:
            without = " without a command" if self.subcommand == "run" else ""
            self._needs_uv(f"'{self.subcommand}'{without}")
            return
        if self.is_on("UVFLAGS_NEEDS_UV"):
            self._needs_uv("UVFLAGS_NEEDS_UV is set, and this line")
        unused = []
        for dest, decision in self.decided.items():
            if dest in _NEEDS_NO_UV.split() or getattr(self.namespace, dest) is False:
                continue
            if decision.typed:
                what = f"the argument {decision} needs uv, which was not found"
                self.fail(what, f"install uv, or drop {decision.option}", decision.option)
            else:
                unused.append(decision.assignment)
        note = "uv was not found, so the command runs directly in the current environment"
        if unused:
            note += f"; without effect: {', '.join(unused)}"
        self.notes.append(f"{note}; UVFLAGS_NEEDS_UV=1 makes this an error")
        self._plan_command()
        self._count_starts(100, "put the program itself first on PATH")

    def _plan_command(self) -> None:
        argv, name = self.command, self.command[0]
        is_file = name.lower().endswith((".py", ".pyz")) and os.path.isfile(name)
        if self.in_effect("module"):
            argv = [sys.executable, "-m", *argv]
        elif name == "-" or is_file or os.path.isfile(os.path.join(name, "__main__.py")):
            argv = [sys.executable, *argv]
        elif name == "python" and not _which(name):
            argv = [sys.executable, *argv[1:]]
        self.argv = argv
        self.path = _which(argv[0]) or _which(argv[0], os.F_OK)

    def is_on(self, name: str) -> bool:
        """Return the value of a boolean variable of uvflags itself. Warn of a bad one."""
        try:
            return parse_bool(os.environ.get(name, "0"))
        except ValueError as error:
            self.warn(f"ignoring {name}: {error}")
            return False


def _handle_pipes(handler: Any) -> None:
    """Handle SIGPIPE and SIGXFSZ. Python ignores both, and a program would inherit that."""
    import signal

    try:
        signal.signal(signal.SIGPIPE, handler)
        signal.signal(signal.SIGXFSZ, handler)
    except ValueError:
        pass  # only the main thread can


def _become(path: str, argv: list[str], environ: dict[str, str]) -> int:
    """Replace this process by a program. Where that cannot be, run it and return its status."""
    import signal

    if os.name == "nt":
        import subprocess

        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program gets it too, and may go on
        return subprocess.call(argv, executable=path, env=environ)
    _handle_pipes(signal.SIG_DFL)
    try:
        os.execve(path, argv, environ)
    except UnicodeEncodeError:
        # In some old locales, Python cannot convert words back to their bytes.
        started = _as_started("cmdline")[1 - len(sys.argv) :]
        raw: dict[str, Any] = dict(zip(sys.argv[1:], started))
        os.execve(path, [raw.get(word, word) for word in argv], environ)
    finally:
        _handle_pipes(signal.SIG_IGN)


def _hide(found: Any, secrets: Sequence[str] = ()) -> Any:
    """Return findings without secrets. Of a URL, only the user, password and query are secret."""
    if isinstance(found, dict):
        return {name: _hide(value, secrets) for name, value in found.items()}
    if isinstance(found, list):
        return [_hide(value, secrets) for value in found]
    if not isinstance(found, str):
        return found
    shown = _without_passwords(found)
    for secret in sorted(map(_strip_equals, secrets), key=len, reverse=True):
        if secret and "://" not in secret:
            word = rf"(^-\w+|^|[\s,=]){re.escape(secret)}(?![^\s,])"  # as in -iSECRET
            shown = re.sub(word, r"\1***", shown)
    return shown


def _findings(line: _Line) -> dict[str, Any]:
    """Return what `explain` prints of a line, as an object for JSON."""
    options = {}
    decisions = [(decision, "") for decision in line.decided.values()]
    for decision, why in [*decisions, *line.ignored.values()]:
        kind, name, text = decision.source
        value = getattr(line.namespace, decision.action.dest, None)
        if _variables(decision.action).secret:
            value, text = _hide([value, text], line.secrets)
        option = {"value": value, "source": kind, "name": name, "text": text}
        if why:
            option["ignored"] = why
        options[decision.action.dest] = option
    errors = []
    for _, message, hints, names in line.problems:
        errors.append({"message": message, "hint": "\n".join(hints), "options": list(names)})
    starts: list[str] = []
    if not errors:
        place = len(line.argv) - len(line.command)  # before it are options, which may be secret
        starts = _hide(line.argv[:place], line.secrets) + line.argv[place:]
    found = {
        "command": line.command,
        "options": options,
        "uv": line.uv,
        "starts": starts,
        "added": line.added,
        "removed": line.removed,
        "warnings": list(dict.fromkeys(line.warnings + line.notes)),
        "errors": errors,
    }
    hidden: dict[str, Any] = _hide(found)
    return hidden


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
    for warning in found["warnings"]:
        lines.append(f"warning: {warning}")
    lines.append("configuration files: read by uv alone")
    return "".join(f"{_printable(line)}\n" for line in lines)


def _explain(line: _Line, as_json: bool) -> int:
    """Print the findings on a line. Return the exit status."""
    import json

    if line.subcommand not in _SUBCOMMANDS:
        line.warn("uv gets this line as it is, as uvflags knows only run, sync and lock")
    found = _findings(line)
    text = _listing(found)
    if as_json:
        text = json.dumps(found, indent=2) + "\n"
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), end="", flush=True)
    if not as_json:
        line.warnings = []  # they are listed
        line.report()
    return 2 if found["errors"] else 0


def _run(line: _Line) -> int:
    """Start what was planned. Return the exit status, if this process is not replaced."""
    parser = line.parsers[0]
    if line.subcommand in _SUBCOMMANDS and line.is_on("UVFLAGS_EXPLAIN"):
        parser._print_message(_listing(_findings(line)), sys.stderr)
        line.warnings, line.notes = [], []
    line.report()
    for note in line.notes:
        if not line.in_effect("quiet"):
            parser._print_message(f"{parser.prog}: note: {note}\n", sys.stderr)
    status, why = 127, "command not found"
    if line.path is not None:
        try:
            return _become(line.path, line.argv, line.exported)
        except (OSError, ValueError) as error:  # such as a word with a NUL
            status, why = 126, getattr(error, "strerror", None) or str(error)
    parser._print_message(f"{_shown(line.argv[0])}: {why}\n", sys.stderr)
    return status


def _read_line(parser: ArgumentParser, words: list[str], place: int, unknown: list[str]) -> _Line:
    """Read a line of a subcommand that uvflags knows, and plan what to start."""
    line = _Line(parser, words, place)
    line.unknown += unknown
    parser._read_into(line, words[:place] + words[place + 1 :])
    for option in line.unknown:
        if option not in words:  # It is one of a cluster. argparse rejects it before Python 3.13.
            word = _shown(option)
            line.fail(f"unexpected argument '{word}'", f"write {word} as a word of its own")
    if line.unknown and not line.problems:
        option = _shown(line.unknown[0])
        line.warn(f"uv gets this line as it is, as uvflags does not know '{option}'")
        line.pass_on()
    elif line.command and line.subcommand != "run":
        word = _shown(line.command[0])
        hint = f"drop {word}"
        if line.in_effect("upgrade"):
            hint = f"pass --upgrade-package {word}"
        line.fail(f"unexpected argument '{word}': {line.subcommand} takes only options", hint)
    elif not line.problems:
        line.plan()
    return line


def _start(prog: str, words: list[str], explain: str = "") -> int:
    """Run a line, or explain it, in "lines" or in "json". Return the exit status."""
    root: Any = None
    place, unknown = 0, []
    if not words or words[0] not in _SUBCOMMANDS:  # else it is found sooner without a parser
        root = _root_parser(prog)
        before, unknown = root.parse_known_args(words)
        place = len(words) - len(before.command)
        if not before.command:
            root.error("a subcommand is missing: run, sync, lock or explain")
    name, *rest = words[place:]
    if name == "explain" and rest[:1] == ["--json"]:
        return _start(prog, words[:place] + rest[1:], "json")
    if name == "explain":
        return _start(prog, words[:place] + rest, "lines")
    if name in _SUBCOMMANDS:
        line = _read_line(_subcommand_parser(prog, name), words, place, unknown)
    else:
        line = _Line(root, words, place)
        line.pass_on()
    if explain:
        return _explain(line, explain == "json")
    return _run(line)


def _program_name() -> str:
    """Return what messages call this program: how it was started."""
    module = getattr(__spec__, "name", "__main__")
    if __name__ == "__main__" and module not in ("__main__", "builtins"):  # as cProfile leaves it
        return f"python -m {module}"
    return os.path.basename("".join(sys.argv[:1])) or "uvflags"


def main(argv: Sequence[str] | None = None) -> int:
    """Run `uvflags` with these words, or with those of the process. Return the exit status.

    Where a program can replace the process, this does not return if there is one to start. Errors
    are printed, and have the status 2.
    """
    prog, status, why = _program_name(), 0, ""
    try:
        try:
            status = _start(prog, list(sys.argv[1:] if argv is None else argv))
        except SystemExit as stop:  # by argparse, after a help or an error
            status = int(stop.code or 0)
        print(end="", flush=True)  # what is still to be written fails here
    except OSError as error:
        sys.stdout = None  # or else Python tries once more at its end
        if not isinstance(error, BrokenPipeError):
            why = str(error.strerror)
    except ValueError:
        if not getattr(sys.stdout, "closed", False):
            raise
        why = "stdout is closed"
    if why:
        print(f"{prog}: error: cannot write: {why}", file=sys.stderr)
        status = 2
    return status


__all__ += ["main"]

if __name__ == "__main__":
    sys.exit(main())
