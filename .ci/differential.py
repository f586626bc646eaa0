"""Random command lines through three versions of the real uv, with and without uvflags in front.

    python .ci/differential.py UV_FOLDER [LINES] [SEED]

UV_FOLDER holds uv-VERSION/bin/uv for each version. Prints what came out how often, and every line on which uvflags
and uv part ways for a reason that no rule of uvflags gives; the exit status is 1 if there is any.
"""

import collections
import concurrent.futures
import json
import os
import random
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)
sys.dont_write_bytecode = True

import uvflags

REFERENCE, OLDER = "0.13.9", ("0.7.2", "0.9.22")
TRUE, FALSE = ("1", "true", "t", "yes", "y", "on"), ("0", "false", "f", "no", "n", "off")
BAD = ("", " 1", "TRUEE", "2", "-1", "ja", "nope", "o n")
# What is left out would fetch, open a window, or print instead of running.
LEFT_OUT = {
    "help", "with", "with_editable", "with_requirements", "show_settings", "gui_script", "config_file", "cache_dir",
    "index", "default_index", "index_url", "extra_index_url", "find_links", "python_fetch",
}  # fmt: skip
VALUES = {
    "python_preference": "system", "color": "never", "allow_insecure_host": "localhost", "directory": ".",
    "project": ".", "env_file": os.devnull, "python_platform": "linux", "index_strategy": "first-index",
    "preview_features": "json-output", "keyring_provider": "disabled", "resolution": "highest", "prerelease": "allow",
    "prerelease_package": "x=allow", "fork_strategy": "fewest", "exclude_newer": "2024-01-01", "link_mode": "copy",
    "exclude_newer_package": "x=2024-01-01", "config_setting": "k=v", "config_settings_package": "x:k=v",
    "max_recursion_depth": "100", "python": sys.executable,
}  # fmt: skip
WORDS = [
    "--",
    "",
    "--offline",
    "-q",
    "@file",
    "a b",
    "%s",
    "$HOME",
    "*",
    "--refresh=1",
    "-",
    b"\xff\xfe".decode("utf-8", "surrogateescape"),
]
RECORDER = "import json, os, sys; print(json.dumps({'argv': sys.argv[1:], 'env': {k: v for k, v in os.environ.items() if k[:3] == 'UV_'}}))"

PARSER = uvflags._fill_run(uvflags.ArgumentParser("run", add_help=False))
GLOBALS = uvflags._fill(uvflags.ArgumentParser("run", add_help=False), "", "", uvflags._ANYWHERE)
ACTIONS = [action for action in PARSER._actions if action.dest not in LEFT_OUT]
BOOLEANS = {uvflags._env(a).name: a for a in ACTIONS if uvflags._env(a).name and a.nargs == 0}
IN_TABLE = {dest for row in PARSER._conflicts for dest in row[:2]}
ODDS = [3 if action.dest in IN_TABLE else 1 for action in ACTIONS]
IS_GLOBAL = {option for action in GLOBALS._actions for option in action.option_strings}

Case = collections.namedtuple("Case", "before after command environ")
Outcome = collections.namedtuple("Outcome", "kind argv text status")


def spelled(rng, action):
    option = rng.choice(action.option_strings)
    if action.nargs == 0:
        return [option]
    value = VALUES.get(action.dest, "x")
    joined = [option + value, option + "=" + value] if option[1] != "-" else [option + "=" + value]
    return rng.choice([[option, value], [rng.choice(joined)]])


def options(rng, chosen):
    words = []
    for action in chosen:
        new = spelled(rng, action)
        short = len(new) == 1 and len(new[0]) == 2
        if short and words and re.fullmatch("-[mnqsvU]+", words[-1]) and rng.random() < 0.5:
            words[-1] += new[0][1]
        else:
            words += new
    if rng.random() < 0.02:
        words.append(rng.choice(["--refrsh", "-Z", "--offline=1", "--offl"]))
    return words


def case(rng, folder):
    chosen = rng.choices(ACTIONS, ODDS, k=rng.choice([0, 1, 2, 2, 3, 3, 4]))
    if chosen and rng.random() < 0.3:  # the other side of a pair, or the same once more
        chosen.append(
            rng.choice([a for a in ACTIONS if a.dest.replace("no_", "") == chosen[0].dest.replace("no_", "")])
        )
        chosen = chosen[:4]
    before = [a for a in chosen if set(a.option_strings) <= IS_GLOBAL and rng.random() < 0.3]
    after = [a for a in chosen if not any(a is b for b in before)]
    environ = {}
    near = [uvflags._env(a).name for a in ACTIONS if a.dest in IN_TABLE and a.nargs == 0 and uvflags._env(a).name]
    for _ in range(rng.choice([0, 1, 1, 2, 2, 3])):
        name = rng.choice(near if rng.random() < 0.6 else list(BOOLEANS))
        text = rng.choice(rng.choice([TRUE, TRUE, FALSE, FALSE, FALSE, BAD]) if rng.random() < 0.9 else BAD)
        environ[name] = "".join(rng.choice([c.lower(), c.upper()]) for c in text)
    if rng.random() < 0.05:
        environ["UV_PYTHON_PREFERENCE"] = "system"
    dests = {a.dest for a in after}
    recorder = os.path.join(folder, "recorder.py")
    command = ["recorder"] if "module" in dests else [recorder] if "script" in dests else ["python", "-c", RECORDER]
    command += rng.sample(WORDS, rng.randrange(4))
    if rng.random() < 0.2:
        command.insert(0, "--")
    return Case(options(rng, before), options(rng, after), command, environ)


def outcome(argv, environ, folder):
    done = subprocess.run(
        argv, env=environ, cwd=os.path.join(folder, "empty"), stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    text = done.stderr.decode(errors="replace")
    try:
        return Outcome("ran", json.loads(done.stdout)["argv"], text, done.returncode)
    except ValueError:
        pass
    kinds = {
        "cannot be used multiple times": "repeated", "cannot be used": "conflict", "not a boolean": "boolean",
        "boolish": "boolean", "expected true (": "boolean", "unexpected argument": "unknown",
        "unexpected value": "unknown", "takes no value": "unknown", "value is required": "unknown",
    }  # fmt: skip
    kind = next((kind for message, kind in kinds.items() if message in text), "failed" if text else "silent")  # by -qq
    return Outcome(kind, None, text, done.returncode)


class Differential:
    def __init__(self, uv_folder, folder):
        self.folder = folder
        self.uv = {version: os.path.join(uv_folder, f"uv-{version}", "bin", "uv") for version in (REFERENCE, *OLDER)}
        os.mkdir(os.path.join(folder, "empty"))
        with open(os.path.join(folder, "recorder.py"), "w") as file:
            file.write(RECORDER)
        self.base = {
            "PATH": os.path.dirname(sys.executable), "HOME": folder, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1",
            "UV_CACHE_DIR": os.path.join(folder, "cache"), "UV_PYTHON_DOWNLOADS": "never",
        }  # fmt: skip

    def plain(self, case, environ):
        argv = [self.uv[REFERENCE], *case.before, "run", *case.after, *case.command]
        return outcome(argv, {**self.base, **environ}, self.folder)

    def fronted(self, case, version):
        argv = [sys.executable, os.path.join(ROOT, "uvflags.py"), *case.before, "run", *case.after, *case.command]
        return outcome(argv, {**self.base, **case.environ, "UV": self.uv[version]}, self.folder)

    def judge(self, case):
        """What uv and uvflags made of a line, and the ways in which that breaks a promise."""
        plain, ours = self.plain(case, case.environ), self.fronted(case, REFERENCE)
        rejected = "uvflags.py run: error" in ours.text or "uvflags.py: error" in ours.text
        broken = []
        if "Traceback" in ours.text:
            broken.append("a traceback")
        if rejected and plain.kind in ("ran", "failed") and not self.ours_alone(case, ours):
            broken.append("uvflags rejects what uv accepts")
        if not rejected and plain.kind == "conflict" and not self.explained(case, plain, ours):
            broken.append("uvflags passes a conflict")
        if not rejected and plain.kind == "boolean" and not self.explained(case, plain, ours):
            broken.append("uvflags passes a bad boolean")
        if rejected and plain.kind == "unknown" and ours.kind == "conflict":
            broken.append("uvflags sees a conflict before an unknown option")
        if not rejected:
            results = {REFERENCE: ours, **{version: self.fronted(case, version) for version in OLDER}}
            for version, result in results.items():
                if result.kind in ("conflict", "boolean") and not self.known_quirk(case, version, result):
                    broken.append(f"uv {version} reports a {result.kind} on what uvflags passed")
                if result.kind == plain.kind == "ran" and result.argv != plain.argv:
                    broken.append(f"uv {version} ran other words")
        return plain.kind, "rejected" if rejected else ours.kind, broken, plain, ours

    @staticmethod
    def ours_alone(case, ours):
        divided = [
            {"--quiet", "-q", "--verbose", "-v"},
            {"--color", "--no-color"},
        ]
        names = ("'-q'", "'-v'", "'--quiet'", "'--verbose'", "'--color'", "'--no-color'")
        lines = [line for line in ours.text.splitlines() if ": error: " in line]
        return all(
            "UV_REFRESH" in line or (case.before and divided and sum(n in line for n in names) == 2) for line in lines
        )

    def explained(self, case, plain, ours):
        """Whether it passes uv too without the variables that are false, typed over, or set aside with a warning."""
        if "on different levels" in plain.text:
            return True
        set_aside = re.findall("ignoring ([A-Z_]+)", ours.text)
        typed = {word.split("=")[0] for word in case.before + case.after}
        environ = {}
        for name, text in case.environ.items():
            action = BOOLEANS.get(name)
            pair = {
                o
                for a in ACTIONS
                if action and a.dest.replace("no_", "") == action.dest.replace("no_", "")
                for o in a.option_strings
            }
            short = (
                {o for o in pair if any(re.fullmatch("-[a-zA-Z]*" + o[1:] + "[a-zA-Z]*", t) for t in typed)}
                if pair
                else set()
            )
            if not (text.lower() in FALSE or name in set_aside or pair & typed or short):
                environ[name] = text
        again = self.plain(case, environ)
        return again.kind not in ("conflict", "boolean") or "on different levels" in again.text

    @staticmethod
    def known_quirk(case, version, result):
        if result.kind == "boolean":  # it takes this one variable only as "true" or "false"
            return version == "0.9.22" and "UV_NO_DEFAULT_GROUPS" in case.environ
        true = {name for name, text in case.environ.items() if text.lower() in TRUE}
        # True variables that contradict each other within a pair, or that only older versions hold for a conflict, are
        # uv's to settle; so is what was typed against itself.
        pairs = (
            {"UV_DEV", "UV_NO_DEV"},
            {"UV_MANAGED_PYTHON", "UV_NO_MANAGED_PYTHON"},
            {"UV_FROZEN", "UV_NO_SOURCES"},
        )
        words = {word.split("=")[0] for word in case.after}
        return any(pair <= true for pair in pairs) or {"--no-refresh", "--refresh-package"} <= words


def main(uv_folder, lines=300, seed=None):
    seed = int(seed) if seed else random.SystemRandom().randrange(10**6)
    rng = random.Random(seed)
    print(f"{lines} lines, seed {seed}")
    counts, failures = collections.Counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        differential = Differential(os.path.abspath(uv_folder), folder)
        cases = [case(rng, folder) for _ in range(int(lines))]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for line, (plain, ours, broken, *texts) in zip(cases, pool.map(differential.judge, cases)):
                counts[plain, ours] += 1
                if broken:
                    failures += 1
                    print(f"\n{'; '.join(broken)}\n  {line}")
                    for who, result in zip(("uv", "uvflags"), texts):
                        print(f"  {who}: {result.kind} {result.text.strip()[:600]!r}")
    for (plain, ours), count in sorted(counts.items()):
        print(f"  uv {plain:9} uvflags {ours:9} {count}")
    print(f"{lines} lines compared with uv {REFERENCE}, {', '.join(OLDER)}: {failures} unexplained")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
