"""Hold uvflags against the real uvs. Each check is a command of its own:

    python .ci/uvs.py options                        # the table of options, and the facts on uv's
    python .ci/uvs.py promises [COUNT] [SEED]        # what README and DESIGN promise
    python .ci/uvs.py differential [COUNT] [SEED]    # random lines: what uv accepts, and what runs
    python .ci/uvs.py effects [COUNT] [SEED]         # variables beside options: uv's --show-settings

UVFLAGS_TEST_UV, or else .ci/tools, holds uv-VERSION/bin/uv. With COUNT, `promises` and `effects` check
that many at random, else all of them. Prints each difference that is not in EXCUSED, and figures. The
exit status is 1 if there is any.
"""

import collections
import functools
import itertools
import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import common
from common import ROOT, outcome, uvflags
from lines import FALSE, VALUES, Options, line

VERSION, OLDER = uvflags._UV_VERSION, ("0.7.2", "0.9.22")
VERSIONS = (VERSION, *OLDER)
OPTIONS = {name: Options(name) for name in ("run", "sync", "lock")}
HERE = os.path.dirname(os.path.abspath(__file__))

# What may be found (patterns for the kind and for the text of a finding), and why.
CERTS, NO_CERTS = "--native-tls --system-certs", "--no-native-tls --no-system-certs"
EXCUSED = (
    # The facts, and the parsers of uvflags or the help of uv: PLACE OPTION FIELD=WHAT IS THERE
    ("option", "^before (--help|-h|--version|-V) exists=True", "they are for uvflags itself"),
    ("option", "^[a-z-]+ (--help|-h) exists=True", "the facts leave it out"),
    ("option", "^(run|sync|lock) --refresh env=UV_REFRESH$", "uvflags adds this variable"),
    ("option", " --directory env=UV_WORKING_DIR UV_WORKING_DIRECTORY$", "the second is older"),
    ("option", " env=UV_SYSTEM_CERTS UV_NATIVE_TLS$", "the second is older"),
    ("option", f" names=({CERTS}|{NO_CERTS})$", "to uv two options, which override each other"),
    ("option", "^lock .* names=(--check --locked|--check-exists --frozen)$", "to uv two options"),
    ("option", "^lock (--frozen|--locked) hidden=False$", "they are shown beside the other name"),
    ("option", " --no-offline hidden=False$", "hints name it"),
    ("option", "^lock (--check|--check-exists) hidden=True$", "the help shows them beside those"),
    ("option", "^run --no_workspace hidden=True$", "an odd name of --no-project"),
    ("option", " --no-require-build-hashes hidden=True$", "opposites are not shown"),
    ("option", "--help (--require-build-hashes|--check) env=$", "uv does not list the variable"),
    # What uvflags rejects though uv accepts it: the error of uvflags
    ("rejects", "UV_REFRESH", "only uvflags reads this variable"),
    ("rejects", "'--upgrade'.*(UV_LOCKED|UV_FROZEN)", "a variable guards the lock file"),
    ("rejects", "'--upgrade-(package|group)'.*UV_FROZEN", "a variable guards the lock file"),
    ("rejects", "'--upgrade.*'--(frozen|check-exists)'", "uv accepts it and upgrades nothing"),
    ("rejects", r"UV_(NO_)?DEV=.*UV_(NO_)?DEV=", "two variables that contradict each other"),
    ("rejects", r"UV_(NO_)?MANAGED_PYTHON=.*UV_(NO_)?MANAGED_PYTHON=", "they contradict each other"),
    ("rejects", "'--quiet'.*'--verbose'", "divided between before and after the subcommand"),
    ("rejects", "'--(no-)?color'.*'--(no-)?color'", "divided between before and after the subcommand"),
    # What a uv reports of what uvflags passes, by its version: the message of uv
    ("0.9.22", "UV_NO_DEFAULT_GROUPS|--no-default-groups", "it takes only true and false"),
    ("0.7.2|0.9.22", "--no-refresh", "it does nothing beside offline"),
    ("(passes )?[0-9.]+", "--frozen.*--no-sources|--no-sources.*--frozen", "typed only"),
    ("(passes )?[0-9.]+", "--script.*(--dev|--no-dev|--no-group)", "typed only"),
    ("(passes )?[0-9.]+", "(--dev|--no-dev|--no-group).*--script", "typed only"),
    ("(passes )?[0-9.]+", "--script.*--no-all-extras|--no-all-extras.*--script", "it undoes nothing here"),
    ("(passes )?[0-9.]+", "--(frozen|check-exists)' cannot.*--(frozen|check-exists)", "repeated"),
    ("(passes )?[0-9.]+", "--(locked|check)' cannot be.*--(locked|check)'", "repeated"),
    ("(passes )?[0-9.]+", "--dry-run.*(--locked|--frozen|--check)", "typed only"),
    ("(passes )?[0-9.]+", "(--locked|--frozen|--check).*--dry-run", "typed only"),
    ("conflict, passed on, 0.9.22", "'--refresh' cannot be used with '--offline'", "UV_OFFLINE=0 stays"),
    # Settings of uv: SUBCOMMAND OPTION VARIABLE=TEXT, or "is ignored" where a warning says so
    ("only uv rejects", "=0$", "uv takes a variable that is set for a flag that is given"),
    ("only uv rejects", " --(build|binary|build-isolation|no-compile-bytecode) ", "typed wins"),
    ("only uv rejects|differs", " is ignored$", "a warning says so"),
    ("only uvflags rejects", " --upgrade( UV_LOCKED|.* UV_FROZEN)=1", "they guard the lock file"),
    ("only uvflags rejects", " --refresh.* UV_OFFLINE=1", "uv rejects it after it printed the settings"),
    ("lost", " --no-.*-package UV_NO_", "the variable says the same of all packages"),
    ("lost", " --preview-features UV_PREVIEW=1", "the variable turns all of them on"),
    ("lost", " --(native-tls|system-certs) UV_(NATIVE_TLS|SYSTEM_CERTS)=1", "they are the same"),
)


def is_excused(kind, text):
    return any(re.fullmatch(kinds, kind) and re.search(part, text) for kinds, part, _ in EXCUSED)


# What a message of uv's means, the first that is found.
MESSAGES = {
    "panicked": "traceback", "cannot be used multiple times": "repeated",
    "on different levels": "divided", "cannot be used with": "conflict", "not a boolean": "boolean",
    "boolish": "boolean", "expected true (": "boolean", "[possible values: true, false]": "boolean",
    "unexpected argument": "unknown", "unexpected value": "unknown", "takes no value": "unknown",
    "unrecognized subcommand": "unknown", "value is required": "value",
}
REPORTS = ("conflict", "boolean", "value", "divided", "traceback", "rejected")  # none is to be left
RECORDER = "import json, sys; print(json.dumps(sys.argv[1:]))"
COMMAND = {"run": ["python", "-c", RECORDER], "sync": [], "lock": []}
PROJECT = "[project]\nname = 'x'\nversion = '1'\nrequires-python = '>=3.9'\n"
LOCK = """version = 1
requires-python = ">=3.9"

[[package]]
name = "x"
version = "1"
source = { virtual = "." }
"""
STALE = LOCK.replace("3.9", "3.8")  # in sync, but with another lower bound: uv would write it anew
FILES = {
    "pyproject.toml": PROJECT, "uv.lock": LOCK, "script.py": RECORDER, "recorder.py": RECORDER,
    ".env": "A=1\n", "r.txt": "",
}

# What came of a line: a kind, what the recorder printed, what uvflags and uv say, the folder.
Result = collections.namedtuple("Result", "kind argv said text status out left")


class Uvs:
    """Start uvs in folders of their own."""

    def __init__(self, folder):
        tools = os.environ.get("UVFLAGS_TEST_UV") or os.path.join(HERE, "tools")
        self.folder = folder
        self.paths = {v: os.path.join(os.path.abspath(tools), f"uv-{v}", "bin", "uv") for v in VERSIONS}
        self.base = {
            "PATH": os.pathsep.join([os.path.dirname(sys.executable), "/usr/bin", "/bin"]),
            "HOME": folder, "PYTHONDONTWRITEBYTECODE": "1", "UV_PYTHON": sys.executable,
            "UV_CACHE_DIR": os.path.join(folder, "cache"), "UV_PYTHON_DOWNLOADS": "never",
            "HTTPS_PROXY": "http://127.0.0.1:9", "UV_HTTP_RETRIES": "0",  # no network
        }

    def start(self, version, words, environ, said="", **files):
        """Return what came of a line in a new folder, with these files besides or in place of FILES."""
        files = {**FILES, **{name.replace("_", "."): text for name, text in files.items()}}
        with tempfile.TemporaryDirectory(dir=self.folder) as made:
            for name, text in files.items():
                with open(os.path.join(made, name), "w") as file:
                    file.write(text)
            done = subprocess.run(
                [self.paths[version], *words], env=environ, cwd=made, stdin=subprocess.DEVNULL,
                capture_output=True, check=False,
            )
            left = set(os.listdir(made)) - {*FILES, ".venv"}
            with open(os.path.join(made, "uv.lock")) as file:
                if file.read() != files["uv.lock"]:
                    left.add("uv.lock")
        text, out = done.stderr.decode(errors="replace"), done.stdout.decode(errors="replace")
        kind = "failed" if done.returncode else "ran"
        for message, meaning in reversed(MESSAGES.items()):
            if done.returncode == 2 and message in text:
                kind = meaning
        argv = json.loads(out) if out.startswith("[") else None
        return Result(kind, argv, said, text, done.returncode, out, left)

    def plain(self, version, words, environ, **files):
        return self.start(version, words, {**self.base, **environ}, **files)

    def fronted(self, version, words, environ, **files):
        """Return what comes of what uvflags hands over."""
        done = outcome(words, {**self.base, **environ, "UV": self.paths[version]})
        if done.argv is None:
            return Result("rejected", None, done.err, "", done.status, done.out, set())
        return self.start(version, done.argv[1:], done.environ, done.err, **files)


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

KINDS = {
    "_StoreTrueAction": "flag", "_StoreFalseAction": "flag", "_CountAction": "count",
    "_StoreAction": "value", "_AppendAction": "list",
}
ENTRY = re.compile(r" {2,6}(?:(-\w), )?(--[\w-]+)")
# One in quotes, as in [env: "UV_PYTHON_DOWNLOADS=never"], stands for one of its values only.
VARIABLE = re.compile(r"\[env: `?(\w+)")


def read_facts():
    with open(os.path.join(HERE, "uv-options.json"), encoding="utf-8") as file:
        return json.load(file)


def in_facts(rows):
    """Return what the facts say of options, by their names."""
    found = {}
    for row in rows:
        names = sorted({row["option"], row.get("short", row["option"]), *row.get("aliases", [])})
        separator = None
        if row["kind"] == "list" and "env" in row:
            separator = row.get("separator", " ")  # where it has none, uv divides a variable later
        for name in names:
            found[name] = {
                "exists": True, "names": " ".join(names), "kind": row["kind"],
                "env": row.get("env", ""), "separator": separator,
                "hidden": row.get("hidden", False), "secret": row.get("secret", False),
                "before": row.get("before_command", False),
            }
    return found


def in_parser(parser, root):
    """Return what a parser has of options, by their names."""
    found = {}
    for action in parser._actions:
        names, variables = [], []
        for other in parser._actions:
            if (other.dest, other.const) == (action.dest, action.const):
                names += other.option_strings
                variables += uvflags._variables(other).names
        for name in action.option_strings:
            found[name] = {
                "exists": True, "names": " ".join(sorted(names)),
                "kind": KINDS.get(type(action).__name__), "env": " ".join(variables),
                "separator": uvflags._variables(action).separator,
                "hidden": action.help is uvflags.argparse.SUPPRESS,
                "secret": uvflags._variables(action).secret,
                "before": name in root._option_string_actions,
            }
    return found


def in_help(uv, subcommand):
    """Return the options that the help of uv lists, by their names."""
    entries, found = [], {}
    for row in subprocess.check_output([uv, subcommand, "--help"], text=True).splitlines():
        if ENTRY.match(row):
            entries.append(row)
        elif entries and row.startswith(" " * 8):
            entries[-1] += " " + row.strip()
    for entry in entries:
        for name in filter(None, ENTRY.match(entry).groups()):
            found[name] = {"exists": True, "env": " ".join(VARIABLE.findall(entry))}
    return found


def compare(uvs, place):
    """Find what differs from the facts: "before", a subcommand, or its help."""
    facts, root = read_facts(), uvflags._root_parser("uvflags")
    subcommand, _, is_help = place.partition("--")
    rows = facts.get(subcommand, facts["lock"])
    if place == "before":
        rows, others = [row for row in rows if row.get("before_command")], in_parser(root, root)
    elif is_help:
        rows = [{**row, "aliases": []} for row in rows if not row.get("hidden")]
        others = in_help(uvs.paths[VERSION], subcommand)
    else:
        others = in_parser(uvflags._subcommand_parser("uvflags", subcommand), root)
    expected, findings = in_facts(rows), []
    for name in sorted({*expected, *others}):
        fact, other = expected.get(name, {"exists": False}), others.get(name, {"exists": False})
        for field in fact:
            if field in other and fact[field] != other[field]:
                findings.append(("option", f"{place} {name} {field}={other[field]}"))
    return f"options of {place}", findings


def options(uvs, rng, count):
    for place in ("before", "run", "sync", "lock", "run--help", "sync--help", "lock--help"):
        yield compare, place


# The promises of README and DESIGN.


def accepted(uvs, why, version, words, environ):
    """Find a conflict or a bad variable on a line that is to pass."""
    result = uvs.fronted(version, words, environ)
    kind, said = f"{result.kind}, {why}, {version}", f"{result.said} {result.text}"
    return why, [(kind, said)] if result.kind in REPORTS else []


def lines_to_accept():
    """Yield lines that each uv is to accept."""
    import test_uvflags  # whose hints are followed

    test_uvflags.setUpModule()
    for _, words, environ in test_uvflags.Hints().followed():
        names = " ".join([*words, *environ]).lower().replace("-", "_")
        if "preference" in names:
            words = ["system" if word == "v" else word for word in words]
        for version in VERSIONS:
            if version != "0.7.2" or "only_install" not in names:
                yield "hint", version, words, environ
    test_uvflags.tearDownModule()
    for (subcommand, known), version in itertools.product(OPTIONS.items(), VERSIONS):
        for name, action in known.variables.items():
            if action.nargs != 0:
                yield "empty variable", version, [subcommand, *COMMAND[subcommand]], {name: ""}
        for action, text in zip(known.fit, itertools.cycle(FALSE)):
            environ = dict.fromkeys(known.booleans, text)
            if version == "0.9.22":
                environ["UV_NO_DEFAULT_GROUPS"] = "false"  # it takes no other word
            yield "false variables", version, usual_words(subcommand, action), environ


def usual_words(subcommand, action):
    """Return a line with one option."""
    words = [subcommand, uvflags._main_spelling(action)]
    if action.nargs != 0:
        words.append(VALUES.get(action.dest, "x"))
    if subcommand == "run" and action.dest in ("module", "script"):
        return [*words, "script.py"]
    return [*words, *COMMAND[subcommand]]


def guard(uvs, version, words, environ):
    """Find a stale lock file that changes."""
    changes = "uv.lock" in uvs.fronted(version, words, environ, uv_lock=STALE).left
    if not environ:  # or else it proves nothing
        return "guard", [] if changes else [("not stale", str(words))]
    return "guard", [("the lock file changed", str(words))] if changes else []


def lines_to_guard():
    for (subcommand, known), version in itertools.product(OPTIONS.items(), VERSIONS):
        yield version, [subcommand, *COMMAND[subcommand]], {}
        for action, name in itertools.product(known.fit, ("UV_LOCKED", "UV_FROZEN")):
            if uvflags._main_spelling(action) != f"--no-{name[3:].lower()}":
                yield version, usual_words(subcommand, action), {name: "1"}


def difference(uvs, row, *outcomes):
    """Find where a row of the README's table of differences is wrong."""
    words = row.split()
    environ = dict(word.split("=") for word in words if re.match("UV_[A-Z_]+=", word))
    words = words[len(environ) :]
    if words[-1] == "x":
        words[-1:] = COMMAND["run"]
    findings = []
    for start, expected in zip((uvs.plain, uvs.fronted), outcomes):
        result = start(VERSION, words, environ, uv_lock=STALE)
        passes = result.kind == "ran" or "uv.lock` " in result.text
        if passes != (expected == "passes"):
            findings.append(("README", f"{row}: {start.__name__}: {result}"))
    return "difference", findings


def differences():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        section = file.read().split("## What differs from uv")[1]
    rows = re.findall(r"^\| `(.*?)` \| (\w+).*? \| (\w+).*? \|$", section, re.MULTILINE)
    if len(rows) < 10:
        sys.exit(f"README.md has only {len(rows)} rows of differences")
    return rows


PRINT = """python -c "import os; print(os.environ.get('A'))\""""
GROUPS = PROJECT + "[dependency-groups]\ndocs = []\ndev = []\n"
# What was typed is not lost in silence: a variable, a line, what comes of it with uv alone, and with
# uvflags, and what that says. "lock" stands for a lock file that changed, "d" for a new folder.
KEPT = (
    ("UV_NO_SYNC=1", f"run --locked {PRINT}", "ran None", "failed", "ignoring UV_NO_SYNC=1"),
    ("UV_NO_SYNC=1", f"run --group docs {PRINT}", "ran None", "ran None", "'--group' has no effect"),
    ("UV_NO_ENV_FILE=1", f"run --env-file .env {PRINT}", "ran None lock", "ran 1 lock", "ignoring"),
    ("UV_NO_CACHE=1", "sync --cache-dir d", "ran lock", "ran d lock", "ignoring UV_NO_CACHE=1"),
    ("UV_FROZEN=1", "lock -P x", "ran", "rejected", "'--upgrade-package' cannot be used with"),
    ("UV_FROZEN=1", "lock --upgrade", "ran", "rejected", "'--upgrade' cannot be used with"),
    ("UV_FROZEN=1", "sync -P x", "ran", "rejected", "'--upgrade-package' cannot be used with"),
    ("UV_FROZEN=1", f"run -P x {PRINT}", "ran None", "rejected", "'--upgrade-package' cannot be used"),
    ("UV_LOCKED=1", "lock -P x", "failed", "failed", ""),
    ("UV_FROZEN=1", "sync --locked", "failed", "failed", "ignoring UV_FROZEN=1"),
    ("UV_NO_SOURCES=1", f"run --frozen {PRINT}", "conflict", "ran None", "ignoring UV_NO_SOURCES=1"),
    ("UV_FROZEN=1", f"run --no-sources {PRINT}", "ran None", "ran None", "'--no-sources' has no effect"),
    ("UV_FROZEN=1", "sync --resolution lowest", "ran", "ran", "'--resolution' has no effect"),
    ("UV_NO_GROUP=docs", "sync --group docs", "ran lock", "ran lock", "leaves out the group 'docs'"),
    ("UV_NO_GROUP=docs", "sync --only-group docs", "ran lock", "ran lock", "leaves out the group"),
    ("UV_NO_DEV=1", "sync --group dev", "ran lock", "ran lock", "leaves out the group 'dev'"),
    ("UV_ISOLATED=1", f"run --active {PRINT}", "ran None", "ran None lock", "ignoring UV_ISOLATED=1"),
    ("UV_NO_PROJECT=1", f"run --package x {PRINT}", "conflict", "ran None lock", "ignoring"),
    ("UV_NO_PROJECT=1", f"run --all-packages {PRINT}", "ran None", "ran None lock", "ignoring"),
    ("UV_CONFIG_FILE=no.toml", "lock --no-config", "failed", "ran lock", "ignoring UV_CONFIG_FILE"),
)


def kept(uvs, variable, text, alone, fronted, said):
    """Find where what was typed is lost, or where uv does another thing than this table says."""
    words, environ, findings = shlex.split(text), dict([variable.split("=")]), []
    for start, expected in ((uvs.plain, alone), (uvs.fronted, fronted)):
        result = start(VERSION, words, environ, uv_lock=STALE, pyproject_toml=GROUPS)
        left = ["lock" if name == "uv.lock" else name for name in sorted(result.left)]
        came = " ".join([result.kind, *result.out.split(), *left])
        if came != expected:
            findings.append((start.__name__, f"{came!r}: {result.said} {result.text}"))
    if said not in result.said:
        findings.append(("says", result.said))
    return "kept", findings


# Lines of other subcommands: each of the first, with each of the second.
OTHERS = (
    "add x", "remove x", "export", "tree", "pip compile r.txt", "pip sync r.txt", "pip install x",
    "tool run x", "tool install x", "venv v", "build", "version",
)
TYPED = (
    "--refresh", "--build", "--binary", "--build-isolation", "--no-compile-bytecode", "--upgrade",
    "--frozen", "--managed-python", "--all-extras", "--no-verify-hashes",
)


def passed_on(uvs, version, text):
    """Find a conflict on a line of another subcommand with false variables."""
    environ = dict.fromkeys([*OPTIONS["run"].booleans, *uvflags._OTHER_BOOLEANS], "0")
    if uvs.plain(version, text.split(), {}).kind in REPORTS:
        return "passed on: uv rejects it without variables", []
    count, findings = accepted(uvs, "passed on", version, text.split(), environ)
    if uvs.plain(version, text.split(), environ).kind in REPORTS:
        count += ", which uv alone rejects"
    return count, findings


def public_line(uvs, text):
    """Find what does not pass word for word."""
    words, environ = shlex.split(text), {**uvs.base, "UV": uvs.paths[VERSION]}
    done, findings = outcome(words, environ), []
    if done.argv != ["uv", *words] or done.err:
        findings.append(("words", f"{done.argv} {done.err}"))
    elif {**done.environ, **environ} != done.environ:
        findings.append(("variables", str(done.environ)))
    return "public line", findings


def public_lines():
    with open(os.path.join(HERE, "public_lines.txt"), encoding="utf-8") as file:
        return [text for text in file.read().splitlines() if text and text[0] != "#"]


WORD = "가나다.txt".encode()


def legacy_locale(uvs):
    """Find bytes that do not arrive in a locale whose encoding is not UTF-8."""
    if not shutil.which("localedef") or not os.path.exists("/usr/share/i18n/charmaps"):
        return "legacy locale skipped: no localedef, or no sources", []
    with tempfile.TemporaryDirectory(dir=uvs.folder) as folder:
        path = os.path.join(folder, "ko_KR.EUC-KR")
        subprocess.run(["localedef", "-i", "ko_KR", "-f", "EUC-KR", path], check=False)
        uv = os.path.join(folder, "uv")
        with open(uv, "w") as file:
            file.write("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
        os.chmod(uv, 0o755)
        environ = {**uvs.base, "UV": uv, "LOCPATH": folder, "LC_ALL": "ko_KR.EUC-KR"}
        code = "import sys; print(sys.getfilesystemencoding())"
        encoding = subprocess.check_output([sys.executable, "-c", code], env=environ, text=True)
        if encoding != "euc_kr\n":
            return f"legacy locale skipped: the encoding is {encoding.strip()}", []
        program = [sys.executable, os.path.join(ROOT, "uvflags.py")]
        done = subprocess.run([*program, "run", "x", WORD], env=environ, capture_output=True, check=False)
    if done.stdout != b"run\nx\n" + WORD + b"\n":
        return "legacy locale", [("other bytes", str(done))]
    return "legacy locale", []


def promises(uvs, rng, count):
    jobs = [(accepted, *args) for args in lines_to_accept()]
    jobs += [(guard, *args) for args in lines_to_guard()]
    for version, other, typed in itertools.product((VERSION, "0.9.22"), OTHERS, TYPED):
        jobs.append((passed_on, version, f"{other} {typed}"))
    if count:
        jobs = rng.sample(jobs, count)
    jobs += [(difference, *row) for row in differences()]
    jobs += [(kept, *row) for row in KEPT]
    jobs += [(public_line, text) for text in public_lines()]
    return [*jobs, (legacy_locale,)]


# Random lines.

WORDS = ["--", "", "--offline", "-q", "@file", "a b", "%s", "$HOME", "*", "--refresh=1", "-", "\udcff"]


def random_command(rng, behind):
    """Return a command of `run`, for what stands before it."""
    dests = {action.dest for action in behind}
    words = ["python", "-c", RECORDER]
    if "module" in dests:
        words = ["recorder"]
    elif "script" in dests:
        words = ["script.py"]
    dashes = ["--"] if rng.random() < 0.2 else []
    return [*dashes, *words, *rng.sample(WORDS, rng.randrange(4))]


def differential(uvs, rng, count):
    for number in range(count or 300):
        known = OPTIONS[("run", "sync", "lock")[number % 3]]
        command = functools.partial(random_command, rng)
        yield judge, line(rng, known, command if known.subcommand == "run" else lambda _: [])


def judge(uvs, case):
    """Find what is wrong in what uv and uvflags make of a line."""
    words = [*case.before, case.subcommand, *case.behind, *case.command]
    plain, ours = uvs.plain(VERSION, words, case.environ), uvs.fronted(VERSION, words, case.environ)
    count, findings = f"{case.subcommand}: uv {plain.kind}, uvflags {ours.kind}", []
    if ours.kind == "rejected":
        if is_accepted(uvs, words, case, plain):
            errors = re.findall(r"^uvflags\.py.*?: error: (.*)", ours.said, re.MULTILINE)
            findings = [("rejects", error) for error in errors or ["without a word"]]
        return count, findings
    if "uv gets this line as it is" in ours.said:
        return f"{count}, with an unknown option", []
    if plain.kind in ("conflict", "boolean") and not is_resolved(uvs, words, case, ours):
        findings.append((f"passes {VERSION}", plain.text))
    for version in VERSIONS:
        result = ours if version == VERSION else uvs.fronted(version, words, case.environ)
        if result.kind in ("conflict", "boolean", "divided") and plain.kind != "divided":
            findings.append((version, " ".join(result.text.split())))
        if None not in (result.argv, plain.argv) and result.argv != plain.argv:
            findings.append(("other words", f"uv {version}: {result.argv}"))
    return count, findings


def is_accepted(uvs, words, case, plain):
    """Tell whether uv accepts the options of a line, with an empty variable taken for unset."""
    booleans = OPTIONS[case.subcommand].booleans
    environ = {n: text for n, text in case.environ.items() if text or n in booleans}
    if environ != case.environ:
        plain = uvs.plain(VERSION, words, environ)
    silent = plain.status == 2 and not plain.text
    return plain.kind in ("ran", "failed") and not silent


def is_resolved(uvs, words, case, ours):
    """Tell whether uv passes without the variables that are false, typed over or ignored."""
    ignored = re.findall(r"ignoring ([A-Z_]+)", ours.said)
    known, typed = OPTIONS[case.subcommand], " ".join(case.before + case.behind)
    environ = {}
    for name, text in case.environ.items():
        spellings = [s for a in known.related(known.variables[name]) for s in a.option_strings]
        over = any(re.search(rf"(^| ){re.escape(s)}($|[ =])", typed) for s in spellings)
        short = any(re.search(rf"(^| )-\w*{s[1]}", typed) for s in spellings if s[:2] != "--")
        if not (text.lower() in FALSE or name in ignored or over or short or not text):
            environ[name] = text
    return uvs.plain(VERSION, words, environ).kind not in ("conflict", "boolean")


# Effects: the settings that uv makes of a line, and of what uvflags hands over.

# What uv drops without a word, as real runs show. Its settings do not show it.
DROPPED = (
    ".* --upgrade(-package|-group)? UV_FROZEN=1",
    "(run|sync) --(resolution|pre|prerelease.*|fork-strategy|exclude-newer.*|no-sources.*) UV_FROZEN=1",
    ".* --cache-dir UV_NO_CACHE=1",
    ".* --no-config UV_CONFIG_FILE=.*",
    ".* --index-url UV_DEFAULT_INDEX=.*",
    "run --(locked|(only-)?group|only-dev|extra|all-(extras|groups|packages)|package) UV_NO_SYNC=1",
    "run --(exact|reinstall.*|upgrade.*|compile-bytecode) UV_NO_SYNC=1",
    "run --(active|all-packages|project) UV_NO_PROJECT=1",
    "run --active UV_ISOLATED=1",
    "sync --no-install-(workspace|local) UV_ONLY_INSTALL_PROJECT=1",
    "sync --no-install-(project|local) UV_ONLY_INSTALL_WORKSPACE=1",
    "sync --no-install-(project|workspace) UV_ONLY_INSTALL_LOCAL=1",
)
URL = "https://example.invalid/x"
NOT_BOOLEAN = {"UV_CONFIG_FILE": ["uv.toml"], "UV_DEFAULT_INDEX": [f"{URL}/y"]}  # they are in DROPPED
# Not uv's defaults, or else nobody sees that they are lost.
UNUSUAL = {
    **VALUES, "index_strategy": "unsafe-best-match", "resolution": "lowest", "output_format": "json",
    "keyring_provider": "subprocess", "max_recursion_depth": "50", "python_fetch": "manual", "index": URL,
    "directory": "folder", "project": "folder", "config_file": "uv.toml", "default_index": URL,
    "index_url": URL, "extra_index_url": URL, "find_links": URL,
}
SETTINGS_FILES = {
    "pyproject.toml": PROJECT, "uv.toml": "concurrent-downloads = 7\n", "folder/uv.toml": "",
    "folder/script.py": "", "plain.py": "", "script.py": "# /// script\n# requires-python = '>=3.9'\n# ///\n",
}


def effects(uvs, rng, count):
    """Yield each variable, at 0 and at 1 or at its value, beside nothing and beside each option."""
    for name, text in SETTINGS_FILES.items():
        path = os.path.join(uvs.folder, "settings", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
    facts, jobs = read_facts(), []
    for subcommand in OPTIONS:
        typed = {"": []}
        for option in facts[subcommand]:
            name = option["option"]
            typed[name] = [name]
            if option["kind"] in ("value", "list"):
                typed[name].append(UNUSUAL.get(name[2:].replace("-", "_"), "x"))
        del typed["--show-settings"]
        for option in facts[subcommand]:
            name = option.get("env")
            texts = ["0", "1"] if option.get("boolean") else NOT_BOOLEAN.get(name, [])
            for text, spelling in itertools.product(texts, typed):
                jobs.append((effect, subcommand, spelling, typed[spelling], name, text))
    return rng.sample(jobs, count) if count else jobs


@functools.cache
def settings(uv, folder, words, variables):
    """Return the settings that uv prints for a line, or None if it rejects the line."""
    done = subprocess.run(
        [uv, "--show-settings", *words], env=dict(variables), cwd=folder, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )
    return None if done.returncode else re.sub(r"tv_n?sec: \d+", "", done.stdout)


def effect(uvs, subcommand, spelling, words, name, text):
    """Find what uvflags changes, and whether a typed option is lost without a word."""
    uv, folder = uvs.paths[VERSION], os.path.join(uvs.folder, "settings")
    base = {"PATH": folder, "HOME": folder, "UV": uv}
    bare = [subcommand, "plain.py"] if subcommand == "run" else [subcommand]
    typed, variable = [subcommand, *words, *bare[1:]], {name: text}

    def shown(words, variables):
        variables = {**base, **variables, "UVFLAGS_HAND_OVERS": "1"}
        return settings(uv, folder, tuple(words), tuple(sorted(variables.items())))

    done, plain = outcome(typed, {**base, **variable}), shown(typed, variable)
    ours = shown(done.argv[1:], done.environ) if done.argv else None
    found = "alike"
    if done.argv is None:
        found = "both reject" if plain is None else "only uvflags rejects"
    elif ours is None:
        found = "both reject" if plain is None else "uv rejects only what uvflags hands over"
    elif plain is None:
        found = "only uv rejects"
    elif ours != plain:
        found = "differs"
    ending = " is ignored" if f"ignoring {name}" in done.err else f"={text}"
    described = f"{subcommand} {spelling} {name}{ending}"
    findings = [(found, described)] if found not in ("alike", "both reject") else []
    if ours is not None and text != "0" and not done.err:
        is_lost = any(re.fullmatch(pattern, described) for pattern in DROPPED)
        if ours == shown(bare, variable) and not is_lost:
            is_lost = shown(typed, {}) not in (ours, shown(bare, {}))
        if is_lost:
            findings.append(("lost", described))
    return found, findings


CHECKS = {check.__name__: check for check in (options, promises, differential, effects)}


def main(name, count=None, seed=None):
    seed = common.seed_of(seed)
    with tempfile.TemporaryDirectory() as folder:
        uvs = Uvs(folder)
        jobs = list(CHECKS[name](uvs, random.Random(seed), int(count or 0)))
        wrong, counts = common.trials(try_job, jobs, uvs)
    return common.report(f"{name}: {len(jobs)} lines, seed {seed}, uv {VERSION}", wrong, counts)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3, 4) or sys.argv[1] not in CHECKS:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
