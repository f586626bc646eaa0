"""Hold the promises that `uvflags.main` makes for all command lines, with random ones.

    python .ci/fuzz.py [LINES] [SEED]

Each line runs in this process, up to where a program would replace it: as it is, behind `explain`,
and behind `explain --json`. It has odd words and variables. No line ends in an exception, or in a
status that README does not know. No secret is shown, and nothing that cannot be printed. The
command and the variables arrive as they are. `explain` starts nothing, and tells what a line does.
The lines in public_lines.txt pass word for word, with nothing on stderr. Prints each line that
fails, and figures. The exit status is 1 if there is any.
"""

import collections
import functools
import json
import os
import random
import re
import shlex
import sys
import tempfile
import traceback

import common
from common import Options, outcome, uvflags

SECRET = "S3CR3T"
URL = f"https://me:{SECRET}@example.invalid/x"
RAW = "\udcff"  # a byte that is no UTF-8
ODD = (
    "", " ", "x", "a b", "%s", "%(prog)s", "@file", "{0}", "=", "x=y", "a,b", "\x1b[31m", "a\nb",
    "\u202e", "é", "\U0001f40d", "\ud800", RAW, URL, f"x @ git+{URL}",
)
COMMANDS = (*["tool"] * 6, "python", "script.py", "missing", "refused", "./tool", "run", "-", *ODD)
WORDS = ("--", "-", "--offline", "-q", "--refresh=1", "run", "explain", "--json", "-h", *ODD)
BROKEN = (
    "-V", "---", "--=", "-=", "-q=1", "-w", "-\ud800", "-\u202e", "--\x1b[31m", f"--{RAW}",
    "--with", f"-i{URL}", f"--{URL}", f"--x={URL}", "-" + "q" * 1000, "--with=" + "\x1b" * 1000,
    *WORDS,
)
# In the folder where the lines run. What is called "refused" may not be executed.
FILES = "uv/uv tools/tool tools/python tool script.py refused/uv refused/tool tools/refused".split()
VARIABLES = {
    "UV": ["uv/uv", "refused/uv", "", "nowhere", ".", RAW],
    "PATH": ["", RAW, "\n", ":", "uv:refused"],
    "COLUMNS": ["1", "0", "-3", "x"], "UVFLAGS_HAND_OVERS": ["", "1", "19", "20", "-5", RAW],
    "UVFLAGS_EXPLAIN": ["1", "yes", "no", "", URL],
}
OPTIONS = [Options(name, ()) for name in ("run", "run", "run", "run", "sync", "lock")]
HARMLESS = uvflags._NEEDS_NO_UV.split()
DIRECT = Options("run", [a.dest for a in OPTIONS[0].actions if a.dest not in HARMLESS])

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
    environ, names = {}, list(options.variables)
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
        command = [rng.choice(COMMANDS), *rng.choices(WORDS, k=rng.choice([0, 0, 1, 3]))]
        command = [*rng.choice([[], [], [], [], ["--"]]), *command]
    line = common.random_line(rng, options, lambda _: command, functools.partial(odd_value, rng))
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


def try_line(seed, folder, job):
    """Try a public line, or a random one by its number. Return what is wrong, and how it ended."""
    os.chdir(folder)
    rng = random.Random(f"{seed}:{job}")
    if isinstance(job, str):
        case, encoding = Case(shlex.split(job), {"PATH": "uv"}, [], False), "utf-8"
    else:
        case, encoding = random_case(rng), rng.choice(["utf-8", "utf-8", "ascii", "latin-1"])
    try:
        done, listed, told = [
            outcome([*front, *case.words], case.environ, encoding)
            for front in ([], ["explain"], ["explain", "--json"])
        ]
        wrong = [*broken_promises(done), *broken_promises(listed), *broken_promises(told)]
        wrong += disagreements(case, done, told)
        if done.argv:
            wrong += broken_hand_over(case, done)
        if listed.argv or told.argv:
            wrong.append("explain starts something")
        if isinstance(job, str) and (done.argv != ["uv", *case.words] or done.err):
            wrong.append(f"a public line comes to {done}")
        ending = "handed over" if done.argv else f"status {done.status}"
    except Exception:
        ending, wrong = "exception", [traceback.format_exc()]
    line = f"line {job}: {case.words!r}\n  in {case.environ!r}\n "
    return [f"{line} {why}" for why in wrong], [ending]


def main(count=20_000, seed=None):
    count, seed = int(count), seed or random.randrange(10**6)
    with open(os.path.join(common.ROOT, ".ci", "public_lines.txt"), encoding="utf-8") as file:
        public = [text for text in file.read().splitlines() if text and text[0] != "#"]
    with tempfile.TemporaryDirectory() as folder:
        for name in FILES:
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w"):
                os.chmod(path, 0o644 if "refused" in name else 0o755)
        what = f"fuzz: {count} random and {len(public)} public lines, seed {seed}"
        return common.try_all(what, try_line, [*range(count), *public], seed, folder)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
