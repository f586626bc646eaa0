"""Random words and environments through `uvflags.main`, which must come to an end that a person can make sense of.

    python .ci/fuzz.py [LINES=20000] [SEED]

Each line runs in this process up to its exec, and a few as processes too. There is no exception, the status is 0, 2,
126 or 127, the command's words arrive as they were, no secret is shown, and what is shown can be printed. Four threads
also share one parser. Prints each line that fails; the exit status is 1 if there is any.
"""

import argparse
import collections
import io
import json
import multiprocessing
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import traceback
from unittest import mock

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)
sys.dont_write_bytecode = True

import uvflags

SECRET = "S3CR3T"
STATUSES = (0, 2, 126, 127)
STAND_IN = 7  # the status of everything that a process here can become
CHUNK, PROCESSES, THREADS, PARSES = 250, 40, 4, 10_000

ACTIONS = uvflags._fill_run(uvflags.ArgumentParser("run", add_help=False))._actions
MOOT = [action for action in ACTIONS if action.dest in uvflags._MOOT_WITHOUT_UV]
GLOBALS = uvflags._fill(uvflags.ArgumentParser("run", add_help=False), "", "", uvflags._ANYWHERE)
GLOBALS = GLOBALS._actions
VARIABLES = {action._env.name: action for action in ACTIONS if hasattr(action, "_env")}
IN_TABLE = [
    name
    for name, action in VARIABLES.items()
    if re.search(rf"\b{action.dest}\b", uvflags._CONFLICTS)
]
RAW = b"\xff\xfe".decode("utf-8", "surrogateescape")
ODD = (
    "",
    " ",
    "a b",
    "%s",
    "%(prog)s",
    "@f",
    "{0}",
    "=",
    "x=y",
    "é",
    "\u202e",
    "\x1b[31m",
    "a\nb",
    RAW,
    "\ud800",
    "\U0001f40d",
)
BOOLEANS = "1 true t yes y on 0 false f no n off TRUE No oFF 2 maybe truee".split()
COMMANDS = (
    *["tool"] * 6,
    "python",
    "script.py",
    "missing",
    "refused",
    "./tool",
    "run",
    "explain",
    *ODD,
)
AFTER_COMMAND = (
    "--",
    "-",
    "--offline",
    "-q",
    "--refresh=1",
    "run",
    "explain",
    "--json",
    "-h",
    "--with",
    *ODD,
)
SOUP = (
    *AFTER_COMMAND,
    "-V",
    "--version",
    "--no-offline",
    "---",
    "--=",
    "-=",
    "-q=1",
    "-w",
    "-\ud800",
    "--" + RAW,
    "tool",
)

# `tail` is what a command line has to end with, where it is handed over; None where nothing can be said of it.
Line = collections.namedtuple("Line", "words environ uv_tail tail")
Outcome = collections.namedtuple("Outcome", "status path argv environ out err crash")


class Handed(Exception):
    """What `os.execve` was called with."""


def value(rng, action, secret):
    if getattr(action, "_env", None) and action._env.secret:
        return secret + rng.choice(["", "", " b", "/%s", "\n", RAW, "=", ","])
    return rng.choice(["", "", "", "x", "1", ".", "never", "a=b", "a,b", "a  b", *ODD])


def spelled(rng, action, secret):
    """An option with a value that it takes, in one word or two."""
    option = rng.choice(action.option_strings)
    if action.nargs == 0:
        return [option]
    text = value(rng, action, secret)
    if option[:2] == "--":
        return rng.choice([[option, text], [f"{option}={text}"]])
    return rng.choice(
        [
            [option, text],
            [f"{option}={text}"],
            [option + text] if text.strip("=") else [option, text],
        ]
    )


def options(rng, actions, secret):
    """Well-formed option words; short ones share a word now and then."""
    words, short = [], False
    for action in rng.choices(actions, k=rng.choice([0, 0, 0, 1, 1, 2, 3, 5])):
        new = spelled(rng, action, secret)
        if short and new[0][:1] == "-" and new[0][:2] != "--" and rng.random() < 0.5:
            new[0] = words.pop() + new[0][1:]
        words += new
        short = action.nargs == 0 and new[-1][:2] != "--"
    return words


def broken(rng):
    """Words that no option has, or that lack a value."""
    action = rng.choice(ACTIONS)
    name = rng.choice(action.option_strings)
    at = rng.randrange(len(name) + 1)
    if rng.random() < 0.01:
        return [rng.choice(["--", "--with=", "-w", "-", ""]) + rng.choice(["x", "é", RAW]) * 50_000]
    if rng.random() < 0.01:
        return [
            "-" + "q" * 1000
        ]  # up to 3.11, argparse takes a time that grows with the square of it
    slips = [name[:at] + rng.choice("-=xq ") + name[at:], name[:at] + name[at + 1 :], name[:at]]
    return [rng.choice([*slips, name, name + "=1", rng.choice(SOUP)])]


def near(rng, name):
    """A variable's name with one slip in it, or two."""
    for _ in range(rng.choice([1, 1, 2])):
        at = rng.randrange(3, len(name))
        new = rng.choice([name[at], "", "X", "_", RAW, "\n", "\x1b"])
        name = rng.choice(
            [name[:at] + new + name[at + 1 :], name[:at] + name[at : at + 2][::-1] + name[at + 2 :]]
        )
    return name


def environment(rng, folder):
    """Variables of uv's, good and bad, with names that resemble theirs; and a PATH with and without uv on it."""
    environ = {}
    for _ in range(rng.choice([0, 0, 1, 1, 2, 4])):
        name = rng.choice(IN_TABLE if rng.random() < 0.5 else list(VARIABLES))
        action = VARIABLES[name]
        text = (
            rng.choice(BOOLEANS if rng.random() < 0.95 else ODD)
            if action.nargs == 0
            else value(rng, action, SECRET)
        )
        environ[name] = text
    if rng.random() < 0.15:
        name = near(rng, rng.choice(list(VARIABLES)))
        if name not in VARIABLES:
            environ[name] = SECRET
    folders = rng.choice(
        [["uv", "tools"]] * 5 + [["tools"]] * 4 + [["uv"], ["refused", "tools"], ["nowhere"], []]
    )
    environ["PATH"] = os.pathsep.join(os.path.join(folder, name) for name in folders)
    odd = {
        "UV": [os.path.join(folder, "uv", "uv"), "", "nowhere", folder, RAW],
        "COLUMNS": ["1", "20", "0", "-3", "x"],
    }
    odd.update(
        UVFLAGS_HANDED_OVER=["0", "1", RAW],
        UV_RUN_RECURSION_DEPTH=["1", "x"],
        PATH=["", RAW, "\n", ":"],
    )
    environ.update((name, rng.choice(texts)) for name, texts in odd.items() if rng.random() < 0.03)
    # Nothing else gets into an environment.
    return {name: text for name, text in environ.items() if "\ud800" not in text}


def parts(rng, secret):
    """The words before `run`, the options behind it, and the command."""
    front = rng.choice([[], [], [], [], [], ["explain"], ["explain", "--json"]])
    before = options(rng, GLOBALS, secret) if rng.random() < 0.3 else []
    command = [rng.choice(COMMANDS), *rng.choices(AFTER_COMMAND, k=rng.choice([0, 0, 1, 3]))]
    if rng.random() < 0.003:
        command.append("é" * 50_000)
    after = options(rng, MOOT if rng.random() < 0.3 else ACTIONS, secret)
    return front, before, after, command if rng.random() < 0.97 else []


def good_line(rng, environ):
    front, before, after, command = parts(rng, SECRET)
    dashes = ["--"] if rng.random() < 0.2 else []
    tail = command[
        command[:1] == ["python"] :
    ]  # its place may be taken by the interpreter that is there
    return Line(
        [*front, *before, "run", *after, *dashes, *command], environ, [*dashes, *command], tail
    )


def bad_line(rng, environ):
    """Much the same with broken words, where a value may come to stand for a word to show, so there is no secret."""
    front, before, after, command = parts(rng, "hidden")
    words = rng.choice([before, after, after])
    at = rng.randrange(len(words) + 1)
    words[at:at] = broken(rng)
    if rng.random() < 0.1:
        return Line([*front, *before, *after, *command], environ, None, None)
    # An option without its value takes the next word, and what is behind that can be options.
    return Line([*front, *before, "run", *after, *command], environ, command[1:], None)


def line(rng, folder):
    environ, kind = environment(rng, folder), rng.random()
    if kind < 0.05:
        return Line(rng.choices(SOUP, k=rng.randrange(8)), environ, None, None)
    return (bad_line if kind < 0.25 else good_line)(rng, environ)


def stream(encoding, errors):
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=errors, newline="")


def printed(file):
    file.flush()
    return file.buffer.getvalue().decode(file.encoding)


def hand(*call):
    raise Handed(*call)


def outcome(line, encoding):
    """What `main` does with a line in this process, up to what it would have become."""
    out, err = stream(encoding, "strict"), stream(encoding, "backslashreplace")
    status, handed, crash = None, (None, None, None), None
    os.environ.clear()
    os.environ.update(line.environ)
    with mock.patch.multiple(sys, argv=["uvflags.py"], stdout=out, stderr=err):
        try:
            status = uvflags.main(list(line.words))
        except SystemExit as stop:
            status = stop.code
        except Handed as call:
            handed = call.args
        except BaseException:
            crash = traceback.format_exc()
    return Outcome(status, *handed, printed(out), printed(err), crash)


def broken_promises(line, done):
    """What is wrong with an outcome."""
    if done.crash:
        return [done.crash.strip()]
    wrong = []
    if done.argv is None and (type(done.status) is not int or done.status not in STATUSES):
        wrong.append(f"the status is {done.status!r}")
    if done.argv is None and done.status and not done.err and not done.out.startswith("{"):
        wrong.append("it fails without a word")
    if SECRET in done.out + done.err:
        wrong.append("a secret is shown")
    if done.out.startswith("{"):
        json.loads(done.out)
    control = [c for c in done.out + done.err if not c.isprintable() and c != "\n"]
    if control:
        wrong.append(f"{control[0]!r} is shown")
    if done.argv is not None:
        wrong += broken_hand_over(line, done)
    return wrong


def broken_hand_over(line, done):
    wrong = []
    if line.words[:1] == ["explain"]:
        wrong.append("explain starts something")
    tail = line.uv_tail if os.path.basename(done.path) == "uv" else line.tail
    if tail is not None and done.argv[len(done.argv) - len(tail) :] != tail:
        wrong.append(f"the command's words arrive as {done.argv!r}")
    if any(
        line.environ.get(name) != text
        for name, text in done.environ.items()
        if name != uvflags._HANDED_OVER
    ):
        wrong.append(f"the environment arrives as {done.environ!r}")
    return wrong


def as_process(line, done):
    """What is wrong with a line as a process, which has to come to what it came to in this one."""
    ascii_only = (
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
        if len(line.words) % 2
        else {}
    )
    environ = {"PYTHONDONTWRITEBYTECODE": "1", **ascii_only, **line.environ}
    words = [sys.executable, os.path.join(ROOT, "uvflags.py"), *line.words]
    process = subprocess.run(
        words, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    text = (process.stdout + process.stderr).decode(errors="replace")
    wrong = ["a process shows a traceback: " + text[-400:]] if "Traceback" in text else []
    if process.returncode != (STAND_IN if done.argv else done.status):
        wrong.append(f"a process has status {process.returncode}: {text[-200:]}")
    return wrong


def can_be_a_process(line, done):
    """Whether a system takes such words, and a stand-in is all that they can start."""
    return (
        all("\ud800" not in word and "\0" not in word for word in line.words)
        and not done.crash
        and (
            done.path is None
            or os.path.dirname(done.path).endswith(("uv", "tools"))
            or done.path == "./tool"
        )
        and done.path != sys.executable
    )


def chunk(job):
    """Try some lines; returns how many ran as processes, and what there is to say of those that failed."""
    seed, folder, numbers, processes = job
    os.chdir(folder)
    said, started = [], 0
    with mock.patch("os.execve", hand), mock.patch("signal.signal"), mock.patch.dict(os.environ):
        for number in numbers:
            rng = random.Random(f"{seed}:{number}")
            one = line(rng, folder)
            done = outcome(one, rng.choice(["utf-8", "utf-8", "ascii", "latin-1"]))
            wrong = broken_promises(one, done)
            if started < processes and can_be_a_process(one, done):
                started += 1
                wrong += as_process(one, done)
            if wrong:
                shown = f"line {number}: {one.words!r}"[:500], f"  in {one.environ!r}"[:500]
                said.append("\n".join([*shown, *(f"  {problem[-1500:]}" for problem in wrong)]))
    return started, said


def furnish(folder):
    """Stand-ins for uv and for what a command may name."""
    for name in (
        "uv/uv",
        "tools/tool",
        "tools/python",
        "refused/uv",
        "refused/tool",
        "tools/refused",
        "tool",
        "script.py",
    ):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(f"#!/bin/sh\nexit {STAND_IN}\n")
        os.chmod(path, 0o644 if "refused" in name else 0o755)


def shared_parser():
    environ = {"APP_LEVEL": "5", "APP_FRESH": "no"}
    parser = uvflags.ArgumentParser(
        environ=environ,
        exit_on_error=False,
        conflicts=[uvflags.Conflict("offline", "fresh")],
        env_prefix="APP_",
    )
    parser.add_argument("--jobs", type=int, env="APP_JOBS")
    parser.add_argument("--level", type=int, env="APP_LEVEL")
    parser.add_argument("--offline", action="store_true", env="APP_OFFLINE")
    parser.add_argument("--fresh", action="store_true", env="APP_FRESH")
    return parser


def parse_often(parser, numbers, wrong):
    """Parse lines of which no two are alike, among them one in ten that conflicts."""
    for number in numbers:
        words = [
            "--jobs",
            str(number),
            *(["--offline"] if number % 2 else []),
            *(["--fresh"] if number % 5 == 0 else []),
        ]
        words += ["--level", "9"] if number % 3 == 0 else []
        try:
            args = parser.parse_args(words)
        except argparse.ArgumentError as error:
            if number % 10 != 5 or "'--offline' cannot be used with '--fresh'" not in str(error):
                wrong.append(f"threads: {words}: {error}")
            continue
        level = (
            (9, ("command line", "--level", None))
            if number % 3 == 0
            else (5, ("environment", "APP_LEVEL", "5"))
        )
        got = (
            args.jobs,
            args.offline,
            args.fresh,
            args.level,
            args.source_of("level"),
            args.source_of("jobs").name,
        )
        if number % 10 == 5 or got != (number, number % 2 == 1, number % 5 == 0, *level, "--jobs"):
            wrong.append(f"threads: {words}: {args}, {got}")


def threads():
    """Let four threads share a parser, with as many switches between them as there can be."""
    parser, wrong, interval = shared_parser(), [], sys.getswitchinterval()
    workers = [
        threading.Thread(target=parse_often, args=(parser, range(i, PARSES, THREADS), wrong))
        for i in range(THREADS)
    ]
    sys.setswitchinterval(1e-5)
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        sys.setswitchinterval(interval)
    return wrong


def main():
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1_000_000)
    print(f"seed {seed}", flush=True)
    wrong = threads()
    print("\n".join(wrong[:20]), end="\n" if wrong else "")
    chunks = [range(at, min(at + CHUNK, lines)) for at in range(0, lines, CHUNK)]
    each = -(-PROCESSES // max(len(chunks), 1))
    started, failures = 0, len(wrong)
    with tempfile.TemporaryDirectory() as made, multiprocessing.Pool(os.cpu_count()) as pool:
        folder = os.path.realpath(made)
        furnish(folder)
        shares = [max(0, min(each, PROCESSES - each * index)) for index in range(len(chunks))]
        for count, failed in pool.imap(
            chunk, [(seed, folder, *job) for job in zip(chunks, shares)]
        ):
            started += count
            failures += len(failed)
            for text in failed:
                print(text, flush=True)
    parses = f"{PARSES} parses in {THREADS} threads"
    print(
        f"fuzz: {lines} lines ({started} as processes), {parses}, seed {seed}: {failures} failures"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
