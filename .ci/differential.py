"""Run random command lines through three versions of the real uv, with and without uvflags in front.

    python .ci/differential.py UV_FOLDER [LINES] [SEED]

UV_FOLDER holds uv-VERSION/bin/uv for each version. The lines take turns between run, sync and lock,
in a project without dependencies. Prints how often each pair of outcomes came up, and every line on
which uvflags and uv differ for a reason that is not in EXCUSES. The exit status is 1 if there is any.
"""

import collections
import concurrent.futures
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

from lines import FALSE, ROOT, Options, line

REFERENCE, OLDER = "0.13.9", ("0.7.2", "0.9.22")
# Why uvflags may reject what uv 0.13.9 accepts, by a part of each of its errors.
EXCUSED_REJECTIONS = {
    "UV_REFRESH": "only uvflags reads this variable",
    "'--upgrade'.*(UV_LOCKED|UV_FROZEN)": "a variable that guards the lock file is not set aside",
    "'--(upgrade|frozen)'.*'--(upgrade|frozen)'": "in lock, uv accepts it and upgrades nothing",
    r"UV_(NO_)?DEV=.*UV_(NO_)?DEV=": "two variables that contradict each other",
    r"UV_(NO_)?MANAGED_PYTHON=.*UV_(NO_)?MANAGED_PYTHON=": "two variables that contradict each other",
    "'--quiet'.*'--verbose'": "divided between before and behind the subcommand",
    "'--color'.*'--no-color'": "divided between before and behind the subcommand",
    "'--no-color'.*'--color'": "divided between before and behind the subcommand",
}
# Why an older uv may reject what uvflags passes on to it: version, part of its error, reason.
EXCUSED_REPORTS = (
    ("0.9.22", "UV_NO_DEFAULT_GROUPS|--no-default-groups", "it takes only true and false"),
    ("0.7.2 0.9.22", "--no-refresh", "idle beside offline"),
    ("0.7.2 0.9.22 0.13.9", "--frozen.*--no-sources|--no-sources.*--frozen", "typed only"),
    ("0.7.2 0.9.22 0.13.9", "--script.*(--dev|--no-dev|--no-group)", "typed only"),
    ("0.7.2 0.9.22 0.13.9", "(--dev|--no-dev|--no-group).*--script", "typed only"),
    ("0.7.2 0.9.22 0.13.9", "--script.*--no-all-extras", "a flag that undoes nothing here"),
    ("0.7.2 0.9.22 0.13.9", "--no-all-extras.*--script", "a flag that undoes nothing here"),
    ("0.7.2 0.9.22 0.13.9", "--(frozen|check-exists)' cannot.*--(frozen|check-exists)", "repeated"),
    ("0.7.2 0.9.22 0.13.9", "--(locked|check)' cannot be.*--(locked|check)'", "repeated"),
    ("0.7.2 0.9.22 0.13.9", "--dry-run.*(--locked|--frozen|--check)", "typed only"),
    ("0.7.2 0.9.22 0.13.9", "(--locked|--frozen|--check).*--dry-run", "typed only"),
)
# What a message of uv's means, the first that is found.
KINDS = {
    "cannot be used multiple times": "repeated", "on different levels": "divided",
    "cannot be used with": "conflict", "not a boolean": "boolean", "boolish": "boolean",
    "expected true (": "boolean", "[possible values: true, false]": "boolean",
    "unexpected argument": "unknown", "unexpected value": "unknown", "takes no value": "unknown",
    "value is required": "unknown", "a value is required": "unknown",
}
WORDS = ["--", "", "--offline", "-q", "@file", "a b", "%s", "$HOME", "*", "--refresh=1", "-", "\udcff"]
RECORDER = "import json, sys; print(json.dumps(sys.argv[1:]))"
PROJECT = '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\n'

Outcome = collections.namedtuple("Outcome", "kind argv text status")


class Differential:
    def __init__(self, uv_folder, folder):
        self.folder = folder
        self.uv = {v: os.path.join(uv_folder, f"uv-{v}", "bin", "uv") for v in (REFERENCE, *OLDER)}
        self.base = {
            "PATH": os.path.dirname(sys.executable), "HOME": folder, "PYTHONPATH": folder,
            "PYTHONDONTWRITEBYTECODE": "1", "UV_CACHE_DIR": os.path.join(folder, "cache"),
            "UV_PYTHON_DOWNLOADS": "never", "UV_PYTHON": sys.executable,
        }
        self.project = os.path.join(folder, "project")
        os.mkdir(self.project)
        self.write(self.project, "pyproject.toml", PROJECT)
        self.write(self.project, "script.py", RECORDER)
        self.write(folder, "recorder.py", RECORDER)
        subprocess.run([self.uv["0.7.2"], "lock", "-q"], cwd=self.project, env=self.base, check=True)

    @staticmethod
    def write(folder, name, text):
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)

    def outcome(self, argv, environ):
        with tempfile.TemporaryDirectory(dir=self.folder) as made:
            folder = shutil.copytree(self.project, os.path.join(made, "project"))
            done = subprocess.run(
                argv, env={**self.base, **environ}, cwd=folder, stdin=subprocess.DEVNULL,
                capture_output=True, check=False,
            )
        text = done.stderr.decode(errors="replace")
        argv = None
        if done.stdout.startswith(b"["):
            argv = json.loads(done.stdout)
        for message, kind in KINDS.items():
            if done.returncode == 2 and message in text:
                return Outcome(kind, argv, text, done.returncode)
        kind = "ran" if done.returncode == 0 else "failed"
        return Outcome(kind, argv, text, done.returncode)

    def plain(self, case, environ):
        words = [*case.before, case.subcommand, *case.behind, *case.command]
        return self.outcome([self.uv[REFERENCE], *words], environ)

    def fronted(self, case, version):
        words = [*case.before, case.subcommand, *case.behind, *case.command]
        program = [sys.executable, os.path.join(ROOT, "uvflags.py")]
        return self.outcome([*program, *words], {**case.environ, "UV": self.uv[version]})

    def judge(self, case):
        """Return what uv and uvflags made of a line, and the ways in which that is wrong."""
        plain, ours = self.plain(case, case.environ), self.fronted(case, REFERENCE)
        rejected = re.search(r"^uvflags\.py( \w+)?: error: ", ours.text, re.MULTILINE) is not None
        broken = []
        if "Traceback" in ours.text:
            broken.append("a traceback")
        if rejected:
            if self.is_accepted(case, plain) and not is_excused_rejection(ours):
                broken.append("uvflags rejects what uv accepts")
            return plain.kind, "rejected", broken, plain, ours
        if plain.kind in ("conflict", "boolean") and not is_excused_report(REFERENCE, plain):
            if not self.is_resolved(case, ours):
                broken.append(f"uvflags passes a {plain.kind}")
        results = {REFERENCE: ours, **{version: self.fronted(case, version) for version in OLDER}}
        for version, result in results.items():
            reported = result.kind in ("conflict", "boolean", "divided")
            if reported and not is_excused_report(version, result):
                broken.append(f"uv {version} reports a {result.kind}: {result.text.strip()[:300]!r}")
            if None not in (result.argv, plain.argv) and result.argv != plain.argv:
                broken.append(f"uv {version} ran other words")
        return plain.kind, ours.kind, broken, plain, ours

    def is_accepted(self, case, plain):
        """Tell whether uv accepts the options of a line, with an empty variable taken for unset."""
        booleans = OPTIONS[case.subcommand].booleans
        environ = {n: text for n, text in case.environ.items() if text or n in booleans}
        if environ != case.environ:
            plain = self.plain(case, environ)
        silent = plain.status == 2 and not plain.text
        return plain.kind in ("ran", "failed") and not silent

    def is_resolved(self, case, ours):
        """Tell whether uv passes without the variables that are false, typed over or set aside."""
        set_aside = re.findall(r"ignoring ([A-Z_]+)", ours.text)
        options = OPTIONS[case.subcommand]
        typed = " ".join(case.before + case.behind)
        environ = {}
        for name, text in case.environ.items():
            spellings = [s for a in options.related(options.variables[name]) for s in a.option_strings]
            over = any(re.search(rf"(^| ){re.escape(s)}($|[ =])", typed) for s in spellings)
            short = any(re.search(rf"(^| )-\w*{s[1]}", typed) for s in spellings if s[:2] != "--")
            if not (text.lower() in FALSE or name in set_aside or over or short or not text):
                environ[name] = text
        return self.plain(case, environ).kind not in ("conflict", "boolean")


def is_excused_rejection(ours):
    errors = [part for part in ours.text.splitlines() if ": error: " in part]
    return all(any(re.search(part, e) for part in EXCUSED_REJECTIONS) for e in errors)


def is_excused_report(version, result):
    text = " ".join(result.text.split())
    for versions, part, _ in EXCUSED_REPORTS:
        if version in versions.split() and re.search(part, text):
            return True
    return False


def random_case(rng, options, folder):
    def command(behind):
        if options.subcommand != "run":
            return []
        dests = {action.dest for action in behind}
        words = ["python", "-c", RECORDER]
        if "module" in dests:
            words = ["recorder"]
        elif "script" in dests:
            words = ["script.py"]
        dashes = ["--"] if rng.random() < 0.2 else []
        return [*dashes, *words, *rng.sample(WORDS, rng.randrange(4))]

    return line(rng, options, command)


OPTIONS = {name: Options(name) for name in ("run", "sync", "lock")}


def main(uv_folder, lines=300, seed=None):
    seed = int(seed) if seed else random.SystemRandom().randrange(10**6)
    rng = random.Random(seed)
    counts, failures = collections.Counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        differential = Differential(os.path.abspath(uv_folder), folder)
        cases = []
        for number in range(int(lines)):
            cases.append(random_case(rng, OPTIONS[("run", "sync", "lock")[number % 3]], folder))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for case, (plain, ours, broken, *texts) in zip(cases, pool.map(differential.judge, cases)):
                counts[case.subcommand, plain, ours] += 1
                if broken:
                    failures += 1
                    print(f"\n{'; '.join(broken)}\n  {case}")
                    for who, result in zip(("uv", "uvflags"), texts):
                        print(f"  {who}: {result.kind} {result.text.strip()[:500]!r}")
    for (subcommand, plain, ours), count in sorted(counts.items()):
        print(f"  {subcommand:5} uv {plain:9} uvflags {ours:9} {count}")
    versions = ", ".join((REFERENCE, *OLDER))
    print(f"{lines} lines, seed {seed}, through uv {versions}: {failures} unexplained")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
