"""Hold uvflags against the real uvs. Each check is a command of its own:

    python .ci/uvs.py options
    python .ci/uvs.py promises [COUNT] [SEED]
    python .ci/uvs.py differential [COUNT] [SEED]
    python .ci/uvs.py effects [COUNT] [SEED]

- options: uvflags has the options and variables of uv-options.json, and uv's help has them too.
- differential: random lines. What uvflags rejects, uv rejects. In what it hands over, no uv finds a
  conflict or a bad variable. The command gets the same words. If UV_LOCKED or UV_FROZEN is true, no
  lock file changes.
- promises: the same of made lines: each option with all booleans false, or with a locked or frozen
  lock file; each empty variable. And in a few real runs, what uv would lose is not lost, and bytes
  that the locale does not know arrive.
- effects: a variable beside an option. What uvflags hands over has the settings that uv makes of
  the line, by its --show-settings. They never ignore what was typed without a word.

UVFLAGS_TEST_UV, or else .ci/tools, holds uv-VERSION/bin/uv. With COUNT, that many lines are taken
at random, else all. Prints what is not in EXCUSED, and figures. If there is any, the exit status
is 1.
"""

import collections
import functools
import itertools
import json
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile

import common
from common import FALSE, TRUE, VALUES, Line, Options, outcome, topic, uvflags

VERSION, OLDER = uvflags._UV_VERSION, ("0.7.2", "0.9.22")
VERSIONS = (VERSION, *OLDER)
OPTIONS = {name: Options(name) for name in ("run", "sync", "lock")}
VARIABLES = {name: a for known in OPTIONS.values() for name, a in known.variables.items()}
HERE = os.path.dirname(os.path.abspath(__file__))

# What may be found (patterns for the kind and for the text of a finding), and why.
BOTH = "--(locked|frozen|check|check-exists)"
EXCUSED = (
    # What uvflags or the help of uv has beside the facts: SUBCOMMAND OPTION FIELD=WHAT IS THERE
    ("option", " (--help|-h) (exists|in the help: )$", "the facts leave them out"),
    ("option", " --refresh env=UV_REFRESH$", "uvflags adds this variable"),
    ("option", " env=UV_\\w+ (UV_WORKING_DIRECTORY|UV_NATIVE_TLS)$", "the second is older"),
    ("option", " names=--(no-)?native-tls --(no-)?system-certs$", "two options, but the same"),
    ("option", f"^lock {BOTH} (hidden=|names={BOTH} {BOTH}$)", "two options of uv, but the same"),
    ("option", " --no-offline hidden=False$", "hints name it"),
    ("option", " --(no_workspace|no-require-build-hashes) hidden=True$", "not worth a line"),
    ("option", " (--require-build-hashes|--check) in the help: $", "uv does not list the variable"),
    # What uvflags rejects though uv accepts it: the error of uvflags
    ("rejects", "UV_REFRESH", "only uvflags reads this variable"),
    ("rejects", "'--upgrade.*UV_FROZEN|'--upgrade'.*UV_LOCKED", "a variable guards the lock file"),
    ("rejects", "'--upgrade.*'--(frozen|check-exists)'", "uv accepts it and upgrades nothing"),
    ("rejects", r"UV_(NO_)?(DEV|MANAGED_PYTHON)=.*UV_(NO_)?\2=", "they contradict each other"),
    ("rejects", "'--quiet'.*'--verbose'", "before and after the subcommand"),
    ("rejects", "'--(no-)?color'.*'--(no-)?color'", "before and after the subcommand"),
    # What a uv reports of what uvflags passes, by its version: the message of uv
    ("0.9.22", "UV_NO_DEFAULT_GROUPS|--no-default-groups", "it takes only true and false"),
    ("0.7.2|0.9.22", "--no-refresh", "it does nothing beside offline"),
    ("(passes )?[0-9.]+", "on different levels", "such a pair is uv's to judge"),
    ("(passes )?[0-9.]+", "--frozen.*--no-sources|--no-sources.*--frozen", "typed only"),
    ("(passes )?[0-9.]+", "--script.*(--dev|--no-dev|--no-group|--no-all-extras)", "typed only"),
    ("(passes )?[0-9.]+", "(--dev|--no-dev|--no-group|--no-all-extras).*--script", "typed only"),
    ("(passes )?[0-9.]+", f"(--dry-run.*|{BOTH}' cannot.*){BOTH}", "typed only, or repeated"),
    ("(passes )?[0-9.]+", f"{BOTH}.*--dry-run", "typed only"),
    # Settings of uv: SUBCOMMAND OPTION VARIABLE=TEXT, or "is ignored" where a warning says so
    ("only uv rejects", "=0$", "uv takes a variable that is set for a flag that is given"),
    ("only uv rejects", " --(build|binary|build-isolation|no-compile(-bytecode)?) ", "typed wins"),
    ("differs|only uvflags rejects", " UV_REFRESH=1$", "only uvflags reads this variable"),
    ("only uv rejects|differs", " is ignored$", "a warning says so"),
    ("only uvflags rejects", " --upgrade( UV_LOCKED|.* UV_FROZEN)=1", "they guard the lock file"),
    ("only uvflags rejects", " --refresh.* UV_OFFLINE=1", "uv rejects it later"),
    ("lost", " --no-.*-package UV_NO_", "the variable says the same of all packages"),
    ("lost", " --preview-features UV_PREVIEW=1", "the variable turns all of them on"),
    ("lost", " --(native-tls|system-certs) UV_(NATIVE_TLS|SYSTEM_CERTS)=1", "they are the same"),
)


def is_excused(kind, text):
    return any(re.fullmatch(kinds, kind) and re.search(part, text) for kinds, part, _ in EXCUSED)


# What a message of uv's means, the first that is found.
MESSAGES = {
    "panicked": "traceback", "cannot be used multiple times": "repeated",
    "on different levels": "divided", "cannot be used with": "conflict",
    "not a boolean|boolish|expected true \\(|possible values: true, false": "boolean",
    "unexpected argument|unexpected value|takes no value|unrecognized subcommand": "unknown",
    "value is required": "value",
    "does not contain a PEP 723": "no script",  # uv says that before it looks at some conflicts
}
REPORTS = ("conflict", "boolean", "value", "divided", "traceback", "rejected")  # none is to be left
RECORDER = "import json, sys; print(json.dumps(sys.argv[1:]))"
PROJECT = "[project]\nname = 'x'\nversion = '1'\nrequires-python = '>=3.9'\n"
# In sync, but with another lower bound of Python. So uv writes it anew, if it may.
STALE = """version = 1
requires-python = ">=3.8"

[[package]]
name = "x"
version = "1"
source = { virtual = "." }
"""
FILES = {
    "pyproject.toml": PROJECT, "uv.lock": STALE, "script.py": RECORDER, "recorder.py": RECORDER,
    ".env": "A=1\n",
}

# What came of a line: a kind, what the recorder printed, what uvflags and uv say, and what is new.
Result = collections.namedtuple("Result", "kind argv said text status out left")


class Uvs:
    """Start uvs in folders of their own."""

    def __init__(self, folder):
        tools = os.path.abspath(os.environ.get("UVFLAGS_TEST_UV") or os.path.join(HERE, "tools"))
        self.folder = folder
        self.paths = {v: os.path.join(tools, f"uv-{v}", "bin", "uv") for v in VERSIONS}
        self.base = {
            "PATH": os.pathsep.join([os.path.dirname(sys.executable), "/usr/bin", "/bin"]),
            "HOME": folder, "PYTHONDONTWRITEBYTECODE": "1", "UV_PYTHON": sys.executable,
            "UV_CACHE_DIR": os.path.join(folder, "cache"), "UV_PYTHON_DOWNLOADS": "never",
            "HTTPS_PROXY": "http://127.0.0.1:9", "UV_HTTP_RETRIES": "0",  # no network
        }

    def start(self, version, words, environ, said=""):
        """Return what came of a line in a new folder with FILES."""
        with tempfile.TemporaryDirectory(dir=self.folder) as made:
            for name, text in FILES.items():
                with open(os.path.join(made, name), "w") as file:
                    file.write(text)
            done = subprocess.run(
                [self.paths[version], *words], env=environ, cwd=made, stdin=subprocess.DEVNULL,
                capture_output=True, check=False,
            )
            left = sorted(set(os.listdir(made)) - {*FILES, ".venv"})
            with open(os.path.join(made, "uv.lock")) as file:
                if file.read() != STALE:
                    left.append("uv.lock")
        text, out = done.stderr.decode(errors="replace"), done.stdout.decode(errors="replace")
        kind = "failed" if done.returncode else "ran"
        for pattern, meaning in reversed(MESSAGES.items()):
            if done.returncode == 2 and re.search(pattern, text):
                kind = meaning
        argv = json.loads(out) if out.startswith("[") else None
        return Result(kind, argv, said, text, done.returncode, out, left)

    def plain(self, version, words, environ):
        return self.start(version, words, {**self.base, **environ})

    def fronted(self, version, words, environ):
        """Return what comes of what uvflags hands over."""
        done = outcome(words, {**self.base, **environ, "UV": self.paths[version]})
        if done.argv is None:
            return Result("rejected", None, done.err, "", done.status, done.out, [])
        return self.start(version, done.argv[1:], done.environ, done.err)


def try_job(uvs, job):
    """Make a check: return its failures, and what to count."""
    check, *args = job
    count, findings = check(uvs, *args)
    failures = []
    for kind, text in findings:
        if not is_excused(kind, text):
            failures.append(f"{check.__name__} {args}: {kind}: {text.strip()[:600]}")
    return failures, [count]


# The options: the facts, the parsers of uvflags, and the help of uv.

KINDS = {"_CountAction": "count", "_StoreAction": "value", "_AppendAction": "list"}  # else "flag"
# One in quotes, as in [env: "UV_PYTHON_DOWNLOADS=never"], stands for one of its values only.
VARIABLE = re.compile(r"\[env: `?(\w+)")


def in_facts(row):
    """Return what the facts say of an option."""
    separator = None
    if row["kind"] == "list" and "env" in row:
        separator = row.get("separator", " ")  # where it has none, uv divides a variable later
    names = {row["option"], row.get("short", row["option"]), *row.get("aliases", [])}
    return {
        "names": " ".join(sorted(names)), "kind": row["kind"], "env": row.get("env", ""),
        "separator": separator, "hidden": row.get("hidden", False),
        "secret": row.get("secret", False), "before": row.get("before_command", False),
    }


def in_parser(parser, root, name):
    """Return what uvflags knows of an option."""
    action, names, env = parser._option_string_actions.get(name), [], []
    if action is None:
        return {}
    for other in parser._actions:
        if (other.dest, other.const) == (action.dest, action.const):
            names += other.option_strings
            env += uvflags._variables(other).names
    variables, separator = uvflags._variables(action), None
    if env:
        separator = variables.separator
    return {
        "names": " ".join(sorted(names)), "kind": KINDS.get(type(action).__name__, "flag"),
        "env": " ".join(env), "separator": separator,
        "hidden": action.help is uvflags.argparse.SUPPRESS, "secret": variables.secret,
        "before": name in root._option_string_actions,
    }


def in_help(uv, subcommand):
    """Return the options that the help of uv lists, with their variables."""
    text, found = subprocess.check_output([uv, subcommand, "--help"], text=True), {}
    for entry in re.split(r"\n {2,6}(?=-)", text)[1:]:
        for name in filter(None, re.match(r"(-\w)?(?:, )?(--[\w-]+)?", entry).groups()):
            found[name] = " ".join(VARIABLE.findall(entry))
    return found


def compare(uvs, subcommand):
    """Find what the parser of uvflags, or the help of uv, has otherwise than the facts."""
    with open(os.path.join(HERE, "uv-options.json"), encoding="utf-8") as file:
        rows = json.load(file)[subcommand]
    root = uvflags._root_parser("uvflags")
    parser = uvflags._subcommand_parser("uvflags", subcommand)
    findings, names, shown = [], [], {}
    for row in rows:
        fact, found = in_facts(row), in_parser(parser, root, row["option"])
        names += fact["names"].split()
        if not fact["hidden"]:
            shown[row["option"]] = shown[row.get("short", row["option"])] = fact["env"]
        for field in fact:
            if found.get(field) != fact[field]:
                findings.append(f"{row['option']} {field}={found.get(field)}")
    findings += [f"{name} exists" for name in parser._option_string_actions.keys() - {*names}]
    listed = in_help(uvs.paths[VERSION], subcommand)
    for name in {*shown, *listed}:
        if shown.get(name) != listed.get(name):
            findings.append(f"{name} in the help: {listed.get(name)}")
    return f"options of {subcommand}", [("option", f"{subcommand} {text}") for text in findings]


def options(uvs, rng, count):
    return [(compare, subcommand) for subcommand in OPTIONS]


# Lines: what uv and uvflags make of them.


def judge(uvs, line):
    """Find what is wrong in what uv and uvflags make of a line."""
    words = [*line.before, line.subcommand, *line.behind, *line.command]
    plain, ours = uvs.plain(VERSION, words, line.environ), uvs.fronted(VERSION, words, line.environ)
    count, findings = f"{line.subcommand}: uv {plain.kind}, uvflags {ours.kind}", []
    if ours.kind == "rejected":
        if is_accepted(uvs, words, line, plain):
            errors = re.findall(r"^uvflags\.py.*?: error: (.*)", ours.said, re.MULTILINE)
            findings = [("rejects", error) for error in errors or ["without a word"]]
        return count, findings
    if "uv gets this line as it is" in ours.said:
        return f"{count}, with an unknown option", []
    if plain.kind in ("conflict", "boolean") and not is_resolved(uvs, words, line, ours):
        findings.append((f"passes {VERSION}", plain.text))
    for version in VERSIONS:
        result = ours if version == VERSION else uvs.fronted(version, words, line.environ)
        if result.kind in REPORTS and plain.kind != "divided":
            findings.append((version, " ".join(result.text.split())))
        if None not in (result.argv, plain.argv) and result.argv != plain.argv:
            findings.append(("other words", f"uv {version}: {result.argv}"))
        if "uv.lock" in result.left and is_guarded(line):
            findings.append(("the lock file changed", version))
    return count, findings


def is_accepted(uvs, words, line, plain):
    """Tell whether uv accepts the options of a line, with an empty variable taken for unset."""
    booleans = OPTIONS[line.subcommand].booleans
    environ = {n: text for n, text in line.environ.items() if text or n in booleans}
    if environ != line.environ:
        plain = uvs.plain(VERSION, words, environ)
    silent = plain.status == 2 and not plain.text
    return plain.kind in ("ran", "failed") and not silent


def is_resolved(uvs, words, line, ours):
    """Tell whether uv passes without the variables that are false, empty, typed over or ignored."""
    typed, environ = [topic(dest) for dest in line.dests], {}
    for name, text in line.environ.items():
        over = topic(VARIABLES[name].dest) in typed
        if not (text.lower() in ("", *FALSE) or over or f"ignoring {name}=" in ours.said):
            environ[name] = text
    return uvs.plain(VERSION, words, environ).kind not in ("conflict", "boolean")


def is_guarded(line):
    for name in ("locked", "frozen"):
        if line.environ.get(f"UV_{name.upper()}", "").lower() in TRUE:
            return f"--no-{name}" not in line.before + line.behind
    return False


def command_of(rng, subcommand, dests):
    """Return a command for the options with these dests."""
    if subcommand != "run":
        return []
    if "module" in dests:
        words = ["recorder"]
    elif "script" in dests:
        words = ["script.py"]
    else:
        words = ["python", "-c", RECORDER]
    odd = ["--", "", "--offline", "-q", "@file", "a b", "%s", "$HOME", "*", "--refresh=1", "\udcff"]
    return [*rng.choice([[], [], [], ["--"]]), *words, *rng.sample(odd, rng.randrange(4))]


def differential(uvs, rng, count):
    for number in range(count or 300):
        subcommand = ("run", "sync", "lock")[number % 3]
        command = functools.partial(command_of, rng, subcommand)
        yield judge, common.random_line(rng, OPTIONS[subcommand], command)


def made_words(option, values):
    """Return the words of an option."""
    words = [uvflags._main_spelling(option)]
    if option.nargs != 0:
        words.append(values.get(option.dest, "x"))
    return words


def made_lines(rng):
    """Yield each empty variable; each option with all booleans false, and with a guarded lock."""
    for subcommand, known in OPTIONS.items():
        command = command_of(rng, subcommand, [])
        for name in sorted(VARIABLES.keys() - set(known.booleans)):
            yield Line([], subcommand, [], command, {name: ""}, [])
        for option, text in zip(known.fit, itertools.cycle(FALSE)):
            words, command = made_words(option, VALUES), command_of(rng, subcommand, [option.dest])
            all_false = dict.fromkeys(known.booleans, text)
            for environ in (all_false, {"UV_LOCKED": "1"}, {"UV_FROZEN": "1"}):
                yield Line([], subcommand, words, command, environ, [option.dest])


PRINT = """python -c "import os; print(os.environ.get('A'))\""""
# A variable, a line, and what comes of it with uv alone, which loses or rejects what was typed, and
# with uvflags: the kind, what is printed, and what is new. The suite checks what uvflags says.
KEPT = (
    ("UV_NO_SYNC=1", f"run --locked {PRINT}", "ran None", "failed"),
    ("UV_NO_ENV_FILE=1", f"run --env-file .env {PRINT}", "ran None uv.lock", "ran 1 uv.lock"),
    ("UV_NO_CACHE=1", "sync --cache-dir d", "ran uv.lock", "ran d uv.lock"),
    ("UV_FROZEN=1", "lock --upgrade", "ran", "rejected"),
    ("UV_FROZEN=1", "lock -P x", "ran", "rejected"),
    ("UV_NO_SOURCES=1", f"run --frozen {PRINT}", "conflict", "ran None"),
    ("UV_ISOLATED=1", f"run --active {PRINT}", "ran None", "ran None uv.lock"),
    ("UV_NO_PROJECT=1", f"run --package x {PRINT}", "conflict", "ran None uv.lock"),
    ("UV_NO_PROJECT=1", f"run --all-packages {PRINT}", "ran None", "ran None uv.lock"),
    ("UV_CONFIG_FILE=no.toml", "lock --no-config", "failed", "ran uv.lock"),
    ("UV_NO_BUILD=0", "tree --build", "conflict", "ran x v1 uv.lock"),
    ("UV_OFFLINE=0", "venv v --refresh", "ran v", "ran v"),
)


def kept(uvs, variable, text, *outcomes):
    """Find where what was typed is lost, or where uv does another thing than KEPT says."""
    words, environ, findings = shlex.split(text), dict([variable.split("=")]), []
    for start, expected in zip((uvs.plain, uvs.fronted), outcomes):
        result = start(VERSION, words, environ)
        came = " ".join([result.kind, *result.out.split(), *result.left])
        if came != expected:
            findings.append((start.__name__, f"{came!r}: {result.said} {result.text}"))
    return "kept", findings


def legacy_locale(uvs):
    """Find bytes that do not arrive in a locale whose encoding is not UTF-8."""
    path = os.path.join(uvs.folder, "ko_KR.EUC-KR")
    try:
        made = subprocess.run(["localedef", "-i", "ko_KR", "-f", "EUC-KR", path], check=False)
    except OSError:
        made = None
    if made is None or made.returncode:
        return "legacy locale: skipped, as localedef or its sources are missing", []
    printing, word = os.path.join(uvs.folder, "uv"), "가나다.txt".encode()
    with open(printing, "w") as file:
        file.write("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
    os.chmod(printing, 0o755)
    locale = {"LOCPATH": uvs.folder, "LC_ALL": "ko_KR.EUC-KR"}
    environ = {**uvs.base, **locale, "UV": printing}
    words = [sys.executable, os.path.join(common.ROOT, "uvflags.py"), "run", "x", word]
    done = subprocess.run(words, env=environ, capture_output=True, check=False)
    findings = [("other bytes", str(done))]
    return "legacy locale", findings * (done.stdout != b"run\nx\n" + word + b"\n")


def promises(uvs, rng, count):
    jobs = [(judge, line) for line in made_lines(rng)]
    if count:
        jobs = rng.sample(jobs, count)
    return [*jobs, *[(kept, *row) for row in KEPT], (legacy_locale,)]


# Effects: the settings that uv makes of a line, and of what uvflags hands over.

SETTINGS_FILES = {
    "pyproject.toml": PROJECT, "uv.toml": "concurrent-downloads = 7\n", "folder/uv.toml": "",
    "folder/script.py": "", "plain.py": "",
    "script.py": "# /// script\n# requires-python = '>=3.9'\n# ///\n",
}
SETTINGS = {**VALUES, "directory": "folder", "project": "folder", "config_file": "uv.toml"}


def effects(uvs, rng, count):
    """Return each variable beside nothing and beside each option. A boolean is 0 and 1."""
    for name, text in SETTINGS_FILES.items():
        path = os.path.join(uvs.folder, "settings", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
    jobs = []
    for subcommand, known in OPTIONS.items():
        typed = [made_words(option, SETTINGS) for option in known.actions]
        for name, action in known.variables.items():
            texts = [SETTINGS.get(action.dest, "x")]
            if action.nargs == 0:
                texts = ["0", "1"]
            for text, words in itertools.product(texts, [[], *typed]):
                jobs.append((effect, subcommand, words, name, text))
    return rng.sample(jobs, count) if count else jobs


@functools.cache
def settings(uv, folder, words, variables):
    """Return the settings that uv prints for a line, or None if it rejects the line."""
    done = subprocess.run(
        [uv, "--show-settings", *words], env=dict(variables), cwd=folder, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )
    return None if done.returncode else re.sub(r"tv_n?sec: \d+", "", done.stdout)


def effect(uvs, subcommand, words, name, text):
    """Find what uvflags changes, and whether a typed option is lost without a word."""
    uv, folder = uvs.paths[VERSION], os.path.join(uvs.folder, "settings")
    base = {"PATH": folder, "HOME": folder, "UV": uv}
    bare = [subcommand, "plain.py"] if subcommand == "run" else [subcommand]
    typed, variable = [subcommand, *words, *bare[1:]], {name: text}

    def shown(words, variables):
        variables = {**base, **variables, "UVFLAGS_HAND_OVERS": "1"}
        return settings(uv, folder, tuple(words), tuple(sorted(variables.items())))

    done, plain, ours = outcome(typed, {**base, **variable}), shown(typed, variable), None
    if done.argv:
        ours = shown(done.argv[1:], done.environ)
    found = "alike"
    if ours != plain:
        found = "differs"
    if plain is None and ours is not None:
        found = "only uv rejects"
    elif done.argv is None and plain is not None:
        found = "only uvflags rejects"
    ending = " is ignored" if f"ignoring {name}" in done.err else f"={text}"
    described = " ".join([subcommand, *words[:1], name]) + ending
    findings = [] if found == "alike" else [(found, described)]
    if ours is not None and text != "0" and not done.err:
        if ours == shown(bare, variable) and shown(typed, {}) not in (ours, shown(bare, {})):
            findings.append(("lost", described))
    return found, findings


CHECKS = {check.__name__: check for check in (options, promises, differential, effects)}


def main(name, count=None, seed=None):
    seed = seed or random.randrange(10**6)
    with tempfile.TemporaryDirectory() as folder:
        uvs = Uvs(folder)
        jobs = list(CHECKS[name](uvs, random.Random(seed), int(count or 0)))
        what = f"{name}: {len(jobs)} lines, seed {seed}, uv {VERSION}"
        return common.try_all(what, try_job, jobs, uvs)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3, 4) or sys.argv[1] not in CHECKS:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
