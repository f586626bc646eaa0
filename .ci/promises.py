"""Hold the promises that need the real uvs, and many runs of them.

    python .ci/promises.py UV_FOLDER

UV_FOLDER holds uv-VERSION/bin/uv for each version. Prints each promise that is broken, and a line of
figures. The exit status is 1 if there is any.
"""

import concurrent.futures
import importlib.util
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile

from lines import FALSE, ROOT, VALUES, Options

sys.path.insert(0, ROOT)

import test_uvflags
import uvflags

VERSIONS = ("0.7.2", "0.9.22", "0.13.9")
SUBCOMMANDS = ("run", "sync", "lock")
UVFLAGS = [sys.executable, os.path.join(ROOT, "uvflags.py")]
COMMAND = {"run": ["python", "-c", "print('ran')"], "sync": [], "lock": []}
REPORTS = ("cannot be used", "not a boolean", "boolish", "value is required", "Traceback", "possible values: true")
PROJECT = '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.9"\n'
# In sync with another lower bound, so that uv would write it anew.
STALE = 'version = 1\nrequires-python = ">=3.8"\n\n[[package]]\nname = "x"\nversion = "1"\nsource = { virtual = "." }\n'
PEERS = {
    "ConfigArgParse": """
import configargparse
parser = configargparse.ArgumentParser(prog="prog")
group = parser.add_mutually_exclusive_group()
group.add_argument("--offline", action="store_true", env_var="OFFLINE")
group.add_argument("--refresh", action="store_true", env_var="REFRESH")
parser.add_argument("--jobs", type=int, env_var="JOBS")
parser.add_argument("--size", type=int, env_var="SIZE")
args = parser.parse_args()
print(args.offline, args.refresh)
""",
    "click": """
import click
@click.command()
@click.option("--offline", is_flag=True, envvar="OFFLINE")
@click.option("--refresh", is_flag=True, envvar="REFRESH")
@click.option("--jobs", type=int, envvar="JOBS")
@click.option("--size", type=int, envvar="SIZE")
def prog(offline, refresh, jobs, size):
    print(offline, refresh)
prog()
""",
    "uvflags": """
import uvflags
rows = [uvflags.Conflict("offline", "refresh")]
parser = uvflags.ArgumentParser(prog="prog", conflicts=rows)
parser.add_argument("--offline", action="store_true", env="OFFLINE")
parser.add_argument("--refresh", action="store_true", env="REFRESH")
parser.add_argument("--jobs", type=int, env="JOBS")
parser.add_argument("--size", type=int, env="SIZE")
args = parser.parse_args()
print(args.offline, args.refresh)
""",
}
# Variables, words, and for each peer what it prints: both flags, or the words that its error has and lacks.
COMPARED = (
    ({"OFFLINE": "0"}, ["--refresh"], "False True", "False True", "False True"),
    ({"OFFLINE": "1"}, ["--refresh"], "False True", "True True", "+--refresh +(OFFLINE=1)"),
    ({"OFFLINE": "1", "REFRESH": "1"}, [], "+--refresh -OFFLINE -REFRESH", "True True", "+OFFLINE=1 +REFRESH=1"),
    ({"JOBS": "x", "SIZE": "y"}, [], "+--jobs -JOBS -size:", "+--jobs -JOBS -size'", "+(JOBS) +(SIZE)"),
)


class Promises:
    def __init__(self, uv_folder, folder):
        self.uv = {v: os.path.join(os.path.abspath(uv_folder), f"uv-{v}", "bin", "uv") for v in VERSIONS}
        self.folder = folder
        self.broken, self.count = [], 0
        self.environ = {
            "PATH": os.pathsep.join([os.path.dirname(sys.executable), "/usr/bin", "/bin"]), "HOME": folder,
            "UV_CACHE_DIR": os.path.join(folder, "cache"), "UV_PYTHON_DOWNLOADS": "never",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def project(self, lock=None):
        """Make a folder with a project, its lock file, and a script."""
        made = tempfile.mkdtemp(dir=self.folder)
        for name, text in (("pyproject.toml", PROJECT), ("uv.lock", lock), ("script.py", "print('ran')\n")):
            if text:
                with open(os.path.join(made, name), "w") as file:
                    file.write(text)
        return made

    def start(self, words, environ, version=None, *, program=UVFLAGS, lock=None):
        """Return what came of a line, and the lock file that it left."""
        folder = self.project(lock)
        uv = {"UV": self.uv[version]} if version else {}
        base = {**self.environ, **uv, "UV_PYTHON": sys.executable}
        done = subprocess.run(
            [*program, *words], env={**base, **environ}, cwd=folder, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False,
        )
        left = None
        if os.path.exists(os.path.join(folder, "uv.lock")):
            with open(os.path.join(folder, "uv.lock")) as file:
                left = file.read()
        shutil.rmtree(folder)
        return done, left

    def expect(self, good, *what):
        self.count += 1
        if not good:
            self.broken.append(" ".join(map(str, what)))

    def each(self, check, jobs):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for _ in pool.map(lambda job: check(*job), jobs):
                pass

    def accepted(self, words, environ, version, why):
        done, _ = self.start(words, environ, version)
        reports = [part for part in REPORTS if part in done.stderr]
        self.expect(not reports, why, version, words, environ, done.stderr[:300])

    def hints(self):
        """Each hint of each row of the conflict table makes the line pass on each uv."""
        followed = []
        for way, words, environ in test_uvflags.Hints().followed():
            old = "only_install" not in " ".join([*words, *environ]).lower().replace("-", "_")
            words = [("system" if "preference" in " ".join(words) else word) if word == "v" else word for word in words]
            for version in VERSIONS if old else VERSIONS[1:]:
                followed.append((words, environ, version, f"hint {way!r}"))
        self.each(self.accepted, followed)

    def empty_variables(self):
        """An empty variable of an option with a value counts as not set, on each uv."""
        for subcommand in SUBCOMMANDS:
            options = Options(subcommand)
            names = [name for name, action in options.variables.items() if action.nargs != 0]
            for name, version in itertools.product(names, VERSIONS):
                done, _ = self.start([subcommand, *COMMAND[subcommand]], {name: ""}, version)
                self.expect(done.returncode == 0, f"empty {name}", version, subcommand, done.stderr[:300])

    def false_variables(self):
        """False booleans conflict with no option, in any spelling, on any uv."""
        jobs = []
        for subcommand in SUBCOMMANDS:
            options = Options(subcommand)
            for number, action in enumerate(options.fit):
                words = test_uvflags.words_of(action, VALUES.get(action.dest, "x"))
                command = COMMAND[subcommand] if action.dest not in ("module", "script") else ["script.py"]
                environ = dict.fromkeys(options.booleans, FALSE[number % len(FALSE)])
                for version in VERSIONS:
                    if version == "0.9.22":
                        environ = {**environ, "UV_NO_DEFAULT_GROUPS": "false"}  # it takes no other word
                    jobs.append(([subcommand, *words, *command], environ, version, "false booleans"))
        self.each(self.accepted, jobs)

    def guards(self):
        """UV_LOCKED and UV_FROZEN keep a stale lock file as it is, with every option that passes."""
        for subcommand, version in itertools.product(SUBCOMMANDS, VERSIONS):  # or else it proves nothing
            _, left = self.start([subcommand, *COMMAND[subcommand]], {}, version, lock=STALE)
            self.expect(left != STALE, "the lock file is not stale", version, subcommand)
        self.each(self.guard, self.guarded_lines())

    def guarded_lines(self):
        for subcommand in SUBCOMMANDS:
            for action, name, version in itertools.product(
                Options(subcommand).fit, ("UV_LOCKED", "UV_FROZEN"), VERSIONS
            ):
                if uvflags._main_spelling(action) != f"--no-{name[3:].lower()}":
                    words = test_uvflags.words_of(action, VALUES.get(action.dest, "x"))
                    command = COMMAND[subcommand] if action.dest not in ("module", "script") else ["script.py"]
                    yield [subcommand, *words, *command], {name: "1"}, version

    def guard(self, words, environ, version):
        done, left = self.start(words, environ, version, lock=STALE)
        self.expect(left == STALE, "the lock file changed", version, words, environ, done.stderr[:300])

    def differences(self):
        """Each row of the README's table of differences is what uv 0.13.9 and uvflags do."""
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            section = file.read().split("## What differs from uv")[1]
        rows = re.findall(r"^\| `(.*?)` \| (\w+).*? \| (\w+).*? \|$", section, re.MULTILINE)
        self.expect(len(rows) == 17, "rows of differences", len(rows))
        for line, *outcomes in rows:
            words = line.split()
            environ = dict(word.split("=") for word in words if re.match("UV_[A-Z_]+=", word))
            words = words[len(environ) :]
            if words[-1] == "x":
                words[-1:] = COMMAND["run"]
            for program, outcome in zip(([self.uv["0.13.9"]], UVFLAGS), outcomes):
                done, _ = self.start(words, environ, "0.13.9", program=program, lock=STALE)
                passes = done.stdout == "ran\n" or "uv.lock` " in done.stderr
                self.expect(passes == (outcome == "passes"), line, program[0], outcome, done.stderr[:300])

    def comparison(self):
        """Each row of the README's comparison is what the peers do. They are installed beside this Python."""
        self.expect(all(importlib.util.find_spec(name) for name in ("configargparse", "click")), "peers")
        for environ, words, *expected in COMPARED:
            for (name, code), outcome in zip(PEERS.items(), expected):
                base = {"PYTHONPATH": ROOT, "PYTHONDONTWRITEBYTECODE": "1"}
                argv = [sys.executable, "-c", code, *words]
                done = subprocess.run(argv, env={**base, **environ}, capture_output=True, text=True, check=False)
                good = done.stdout.strip() == outcome
                if outcome.startswith("+"):
                    error = done.stderr.split("error: ", 1)[-1].split("Error: ", 1)[-1]
                    parts = [(part[0] == "+") == (part[1:] in error) for part in outcome.split()]
                    good = done.returncode == 2 and all(parts)
                self.expect(good, name, environ, words, outcome, done.stdout, done.stderr)


def main(uv_folder):
    test_uvflags.setUpModule()
    with tempfile.TemporaryDirectory() as folder:
        promises = Promises(uv_folder, folder)
        for check in ("hints", "empty_variables", "false_variables", "guards", "differences", "comparison"):
            before = promises.count
            getattr(promises, check)()
            print(f"{check}: {promises.count - before}", flush=True)
    test_uvflags.tearDownModule()
    for text in promises.broken:
        print(f"BROKEN: {text}")
    print(f"promises: {promises.count} checks with uv {', '.join(VERSIONS)}: {len(promises.broken)} broken")
    return 1 if promises.broken else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
