"""Random words and environments for uvflags: python .ci/fuzz.py [LINES] [SEED]

Each line ends in a hand-over with the command's words unchanged, or in a status of 0, 2, 126 or 127; never in another
exception, which would be a person's traceback, and never with a secret in what is printed. Some lines are run as
processes, and one parser is used by four threads at once.
"""

import contextlib
import io
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
from unittest import mock

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)

import uvflags

PARSER = uvflags._prepare_run(uvflags.ArgumentParser(**uvflags._RUN))
GLOBALS = uvflags.ArgumentParser(**uvflags._BARE)
uvflags._add_tables(GLOBALS, uvflags._ANYWHERE)
VARIABLES = sorted({uvflags._Env.of(action).name for action in PARSER._actions} - {None})
SECRET = "S3CR3T"
ODD = [
    "",
    " ",
    "%s",
    "%",
    "@f",
    "@",
    "=",
    "-=",
    "--=",
    "---",
    "\udcff\udc80",
    "\u00e9",
    "\U0001f600",
    "a\nb",
    "\x1b[31m",
    "'",
    '"',
    "$(x)",
    "*",
]
BROKEN = [
    "--offlin",
    "--offline=1",
    "--no",
    "-Z",
    "-qZ",
    "-1",
    "--refresh=",
    "-",
    "--",
    "-mx",
    "-q=1",
    "--help=x",
    "-hq",
    "--x" + "y" * 40,
]
TEXTS = [
    "1",
    "0",
    "true",
    "FALSE",
    "yes",
    "No",
    "on",
    "oFF",
    "",
    " 1",
    "TRUEE",
    "\udcff",
    "%s",
    "%(prog)s",
    "\x1b[0m",
    "3.11",
    "a b",
]
SLIPS = ["UV_REFERSH", "UV_OFLINE", "UV_", "UV_X\udcff", "UV", "UVFLAGS_HANDED_OVER", "UV_RUN_RECURSION_DEPTH"]
STATUSES = (0, 2, 126, 127)


class Handed(Exception):
    """What os.execve was called with."""


def hand(*call):
    raise Handed(*call)


def option(rng, parser):
    """The words of one option, whole."""
    action = rng.choice([action for action in parser._actions if action.dest != "help"])
    name = rng.choice(action.option_strings)
    if action.nargs == 0:
        return [name]
    secret = uvflags._Env.of(action).secret
    value = (
        f"http://u:{SECRET}@h" if secret else rng.choice(["x", "3.11", "a,b", *[odd for odd in ODD if odd[:1] != "-"]])
    )
    if rng.random() < 0.001:
        value += "x" * 100_000
    glued = [f"{name}={value}"] + ([name + value] if name[1] != "-" and value and value[0] != "=" else [])
    return rng.choice([[name, value], [rng.choice(glued)]])


def line(rng):
    """The words before the command, the command's own, and whether the first are options of uv and nothing else."""
    words, formed = [], True
    if rng.random() < 0.2:
        words += rng.choice([["explain"], ["explain", "--json"]])
    for parser, count in ((GLOBALS, rng.choice([0, 0, 0, 1, 2])), (PARSER, rng.choice([0, 1, 1, 2, 3, 5]))):
        for _ in range(count):
            broken = rng.random() < 0.07
            words += [rng.choice(BROKEN + ODD)] if broken else option(rng, parser)
            formed = formed and not broken
        if parser is GLOBALS:
            words += ["run"] if rng.random() < 0.97 else [rng.choice(["sync", "", "explain", "\udcff"])]
    if rng.random() < 0.02:
        words += ["--help"]
    first = rng.choice(["cmd", "python", "x.py", "\udcff", "no/such", sys.executable, "", "a b"])
    command = [first] + [rng.choice([*ODD, *BROKEN, "run", "--refresh"]) for _ in range(rng.randrange(5))]
    if rng.random() < 0.001:
        command.append("y" * 100_000)
    return words + (["--"] if rng.random() < 0.2 else []), command, formed


def environment(rng, folder):
    environ = {"PATH": rng.choice([folder, folder, os.devnull, ""]), "COLUMNS": "80"}
    if rng.random() < 0.1:
        environ["UV"] = rng.choice([folder, os.devnull, os.path.join(folder, "uv"), "", "\udcff"])
    for _ in range(rng.choice([0, 0, 1, 2, 4])):
        name = rng.choice(VARIABLES if rng.random() < 0.9 else SLIPS)
        secret = any(uvflags._Env.of(a).secret and uvflags._Env.of(a).name == name for a in PARSER._actions)
        environ[name] = f"http://u:{SECRET}@h" if secret else rng.choice(TEXTS)
    return environ


def outcome(words, environ):
    """How main ended on these words: a status or the call it handed over with, and what it printed."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, environ, clear=True))
        stack.enter_context(mock.patch.object(sys, "argv", ["uvflags.py"]))
        stack.enter_context(mock.patch("os.execve", side_effect=hand))
        stack.enter_context(mock.patch("signal.signal"))
        stack.enter_context(contextlib.redirect_stdout(out))
        stack.enter_context(contextlib.redirect_stderr(err))
        try:
            end = uvflags.main(words)
        except SystemExit as stop:
            end = stop.code
        except Handed as handed:
            end = handed.args
        except Exception as error:  # the very thing that must not happen
            end = repr(error)
    return end, out.getvalue() + err.getvalue()


def wrong(command, formed, end, printed):
    """What a line that ended like this breaks, or nothing."""
    if formed and SECRET in printed:
        return "a secret is printed"
    if not isinstance(end, tuple):
        return "" if end in STATUSES else f"ended with {end}"
    argv = end[1]
    interpreted = command[1:] if command[0] == "python" else command
    if formed and argv[len(argv) - len(command) :] != command and argv[1:] != interpreted:
        return f"the command became {argv}"
    return ""


def chunk(task):
    seed, lines = task
    rng, failures = random.Random(seed), []
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(shutil.which("true"), os.path.join(folder, "uv"))
        os.chdir(folder)
        for _ in range(lines):
            words, command, formed = line(rng)
            environ = environment(rng, folder)
            what = wrong(command, formed, *outcome(words + command, environ))
            if what:
                failures.append(f"{what}: {words + command!r:.400} {environ!r:.300}")
        os.chdir(ROOT)
    return failures


def processes(rng, count):
    """Some lines as a person starts them."""
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(shutil.which("true"), os.path.join(folder, "uv"))
        for _ in range(count):
            words, command, _ = line(rng)
            environ = {**environment(rng, folder), "PYTHONDONTWRITEBYTECODE": "1"}
            argv = [sys.executable, os.path.join(ROOT, "uvflags.py"), *words, *command]
            done = subprocess.run(
                argv, env=environ, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False
            )
            ours = b"Traceback" in done.stderr and b"uvflags.py" in done.stderr
            if ours or done.returncode not in (*STATUSES, 1):  # 1 is a Python's that was run without uv
                failures.append(
                    f"process ended with {done.returncode}: {argv!r:.400} {environ!r:.300} {done.stderr!r:.300}"
                )
    return failures


def threads(parses):
    """One parser in four threads."""
    parser, failures = uvflags._prepare_run(uvflags.ArgumentParser(**uvflags._RUN)), []

    def parse(number):
        for i in range(parses // 4):
            group = f"g{number}-{i}"
            args = parser.parse_args(["--group", group, *(["--locked"] if i % 2 else [])])
            if (args.group, args.locked, args.source_of("locked").kind) != (
                [group], True if i % 2 else None, "command line" if i % 2 else "default",
            ):  # fmt: skip
                failures.append(f"thread {number}, parse {i}: {args}")

    running = [threading.Thread(target=parse, args=(number,)) for number in range(4)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return failures


def main(lines=20000, seed=None):
    lines, seed = int(lines), int(seed) if seed else random.SystemRandom().randrange(10**6)
    print(f"{lines} lines, seed {seed}", flush=True)
    size = 500
    tasks = [(f"{seed}-{start}", min(size, lines - start)) for start in range(0, lines, size)]
    with multiprocessing.Pool() as pool:
        failures = [failure for found in pool.imap(chunk, tasks) for failure in found]
    failures += processes(random.Random(seed), 40)
    failures += threads(10_000)
    for failure in failures[:40]:
        print(failure.encode("ascii", "backslashreplace").decode())
    print(
        f"fuzz: {lines} lines, 40 more as processes, 10000 parses in 4 threads, seed {seed}: {len(failures)} failures"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
