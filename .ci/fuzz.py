"""Run random command lines through `uvflags.main`, and check what it promises for all of them.

    python .ci/fuzz.py [LINES] [SEED]

Each line runs in this process, up to where a program would replace it: as it is, behind `explain`,
and behind `explain --json`. Four threads share one parser, too. Prints each line that fails, and
figures. The exit status is 1 if there is any failure.
"""

import argparse
import collections
import concurrent.futures
import functools
import json
import os
import random
import re
import sys
import tempfile
import traceback

import common
import lines
from common import outcome, uvflags

SECRET = "S3CR3T"
URL = f"https://me:{SECRET}@example.invalid/x"
RAW = "\udcff"  # a byte that is no UTF-8
ODD = (
    "", " ", "x", "a b", "%s", "%(prog)s", "@file", "{0}", "=", "x=y", "a,b", "\x1b[31m", "a\nb",
    "\u202e", "é", "\U0001f40d", "\ud800", RAW, URL, f"x @ git+{URL}",
)
COMMANDS = (*["tool"] * 6, "python", "script.py", "missing", "refused", "./tool", "run", "-", *ODD)
WORDS = ("--", "-", "--offline", "-q", "--refresh=1", "run", "explain", "--json", "-h", "--with", *ODD)
BROKEN = (
    "-V", "---", "--=", "-=", "-q=1", "-w", "-\ud800", "-\u202e", "--\x1b[31m", f"--{RAW}", f"-i{URL}",
    f"--{URL}", f"--x={URL}", "-" + "q" * 1000, "--with=" + "\x1b" * 1000, *WORDS,
)
# In the folder where the lines run. What is called "refused" may not be executed.
FILES = "uv/uv tools/tool tools/python tool script.py refused/uv refused/tool tools/refused".split()
VARIABLES = {
    "UV": ["uv/uv", "refused/uv", "", "nowhere", ".", RAW], "PATH": ["", RAW, "\n", ":", "uv:refused"],
    "COLUMNS": ["1", "0", "-3", "x"], "UVFLAGS_HAND_OVERS": ["", "1", "19", "20", "-5", RAW],
    "UVFLAGS_EXPLAIN": ["1", "yes", "no", "", URL],
}
THREADS, PARSES = 4, 10_000
OPTIONS = [lines.Options(name, ()) for name in ("run", "run", "run", "run", "sync", "lock")]
NEEDING_UV = [a.dest for a in OPTIONS[0].actions if a.dest not in uvflags._NEEDS_NO_UV]
DIRECT = lines.Options("run", NEEDING_UV)

# A line is exact if its words are well-formed. Then `command` is what stands behind the options.
Case = collections.namedtuple("Case", "words environ command exact")


def odd_value(rng, action):
    """Return an odd text, or a secret for an option or a variable that may hold one."""
    if uvflags._variables(action).secret:
        return SECRET + rng.choice(["", " b", "/%s", "\n", RAW, "=", ","])
    return rng.choice(ODD)


def slip(rng, text, letters):
    """Return a text with a letter too many, missing or wrong."""
    at = rng.randrange(2, len(text) + 1)
    return text[:at] + rng.choice(letters) + text[at + rng.choice([0, 1]) :]


def odd_variables(rng, options):
    """Return variables with odd values, and one whose name resembles one of uv's."""
    environ = {}
    names = list(options.variables)
    for name in rng.sample(names, rng.choice([0, 0, 1, 3])):
        if options.variables[name].nargs != 0 or rng.random() < 0.1:
            environ[name] = odd_value(rng, options.variables[name])
    name = slip(rng, rng.choice(names), ["", "X", "_", RAW, "\n", "\x1b"])
    if name not in names and rng.random() < 0.2:
        environ[name] = SECRET
    for name, texts in VARIABLES.items():
        if rng.random() < 0.05:
            environ[name] = rng.choice(texts)
    # No system lets such a text into an environment.
    return {name: text for name, text in environ.items() if "\ud800" not in text}


def random_case(rng):
    options, path = rng.choice(OPTIONS), "uv:tools"
    if rng.random() < 0.2:
        options, path = DIRECT, rng.choice(["tools", "tools", "refused:tools", "nowhere"])
    command = []
    if options.subcommand == "run" and rng.random() < 0.95:
        dashes = ["--"] if rng.random() < 0.2 else []
        command = [*dashes, rng.choice(COMMANDS), *rng.choices(WORDS, k=rng.choice([0, 0, 1, 3]))]
    line = lines.line(rng, options, lambda _: command, functools.partial(odd_value, rng))
    words = [*line.before, line.subcommand, *line.behind]
    environ = {"PATH": path, **line.environ, **odd_variables(rng, options)}
    exact = rng.random() < 0.8
    if not exact:
        # An option without its value takes any word for it, and a value that is left over is shown
        # as a word of the command. So here only URLs hold a secret.
        words = [word if URL in word else word.replace(SECRET, "x") for word in words]
        name = rng.choice(rng.choice(options.actions).option_strings)
        word = rng.choice([name, f"{name}=1", slip(rng, name, "-=xq "), rng.choice(BROKEN)])
        words.insert(rng.randrange(len(words) + 1), word)
    return Case([*words, *command], environ, command, exact)


def broken_promises(done):
    """Yield what is wrong with any outcome."""
    text = done.out + done.err
    if done.argv is None and done.status not in (0, 2, 126, 127):
        yield f"the status is {done.status!r}"
    if done.status and not text:
        yield "it fails without a word"
    if SECRET in text:
        yield f"a secret is shown: {text!r}"
    for character in text:
        if not character.isprintable() and character != "\n":
            yield f"{character!r} is shown"


def are_shown(words, shown):
    """Tell whether words are shown as they are, but for what is hidden in them."""
    patterns = [re.escape(word).replace(r"\*\*\*", ".*") for word in shown]
    matches = [re.fullmatch(pattern, word, re.DOTALL) for pattern, word in zip(patterns, words)]
    return len(words) == len(shown) and all(matches)


def broken_hand_over(case, done):
    """Yield what is wrong with what a program gets."""
    command = case.command
    if done.argv[0] != "uv":
        command = command[command[:1] == ["--"] :]
        command = command[command[:1] == ["python"] :]  # it may be the interpreter that is there
    if case.exact and done.argv[len(done.argv) - len(command) :] != command:
        yield f"the command arrives as {done.argv!r}"
    for name, text in done.environ.items():
        if case.environ.get(name) != text and name != "UVFLAGS_HAND_OVERS":
            yield f"{name} arrives as {text!r}"


def disagreements(case, done, told):
    """Yield where `explain --json` does not say what the line does."""
    if not told.out.startswith("{"):
        if done.argv:
            yield f"explain --json prints {told.out + told.err!r}"
        return
    found = json.loads(told.out)
    if told.status != (2 if found["errors"] else 0):
        yield f"explain --json has the status {told.status}"
    if case.exact and not are_shown(case.command[case.command[:1] == ["--"] :], found["command"]):
        yield f"explain says that the command is {found['command']}"
    if case.exact and bool(found["errors"]) != (done.status == 2):
        yield f"the status is {done.status}, but explain says {found['errors']}"
    if done.argv and not are_shown(done.argv, found["starts"]):
        yield f"explain says {found['starts']}, but {done.argv} is started"
    if done.argv and {*found["removed"]} != case.environ.keys() - done.environ.keys():
        yield f"explain says that {found['removed']} is removed, but {done.environ} is left"


def try_line(seed, folder, number):
    """Return how a line ended, and what is wrong with that."""
    os.chdir(folder)
    rng = random.Random(f"{seed}:{number}")
    case, encoding = random_case(rng), rng.choice(["utf-8", "utf-8", "ascii", "latin-1"])
    try:
        done = outcome(case.words, case.environ, encoding)
        listed = outcome(["explain", *case.words], case.environ, encoding)
        told = outcome(["explain", "--json", *case.words], case.environ, encoding)
        wrong = [*broken_promises(done), *broken_promises(listed), *broken_promises(told)]
        wrong += disagreements(case, done, told)
        if done.argv:
            wrong += broken_hand_over(case, done)
        if listed.argv or told.argv:
            wrong.append("explain starts something")
        ending = "handed over" if done.argv else f"status {done.status}"
    except Exception:
        ending, wrong = "exception", [traceback.format_exc()]
    line = f"line {number}: {case.words!r}\n  in {case.environ!r}\n "
    return [f"{line} {why}" for why in wrong], [ending]


def share_parser():
    """Let threads share a parser, and switch as often as can be. Return the parses that went wrong."""
    row = uvflags.Conflict("offline", "fresh")
    parser = uvflags.ArgumentParser(environ={"OFFLINE": "1"}, exit_on_error=False, conflicts=[row])
    parser.add_argument("--jobs", type=int, env="JOBS")
    parser.add_argument("--offline", action=argparse.BooleanOptionalAction, env="OFFLINE")
    parser.add_argument("--fresh", action="store_true", env="FRESH")

    def is_right(number):
        typed, fresh = number % 3 == 0, number % 2 == 0
        words = [f"--jobs={number}", *["--no-offline"] * typed, *["--fresh"] * fresh]
        try:
            args = parser.parse_args(words)
        except argparse.ArgumentError:
            return fresh and not typed
        kind = "command line" if typed else "environment"
        values = (args.jobs, args.offline, args.fresh, args.source_of("offline").kind)
        return (typed or not fresh) and values == (number, not typed, fresh, kind)

    def failures(first):
        return [number for number in range(first, PARSES, THREADS) if not is_right(number)]

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        shares = list(pool.map(failures, range(THREADS)))
    sys.setswitchinterval(interval)
    return [f"parse {number} in a thread" for share in shares for number in share]


def main(count=20_000, seed=None):
    count, seed = int(count), common.seed_of(seed)
    with tempfile.TemporaryDirectory() as folder:
        for name in FILES:
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w"):
                os.chmod(path, 0o644 if "refused" in name else 0o755)
        wrong, endings = common.trials(try_line, range(count), seed, folder)
    wrong += share_parser()
    parses = f"{PARSES} parses in {THREADS} threads"
    return common.report(f"fuzz: {count} lines, seed {seed}, {parses}", wrong, endings)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
