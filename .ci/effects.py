"""Compare the settings that uv makes of a line with those it makes of what uvflags hands over.

    python .ci/effects.py UV_FOLDER [COUNT] [SEED]

The lines are: each boolean variable at 0 and at 1, and two others, beside nothing and beside each
option of its subcommand. All of them run, or COUNT at random. UV_FOLDER holds uv-VERSION/bin/uv.
Prints each difference that is not in EXCUSED, and each typed option that is lost without a word. The
exit status is 1 if there is any. The last line has the figures.
"""

import collections
import concurrent.futures
import contextlib
import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from unittest import mock

import lines

import uvflags

VERSION = "0.13.9"
# What may be found, on which lines (a pattern for "SUBCOMMAND OPTION VARIABLE=TEXT"), and why.
EXCUSED = (
    ("only uv rejects", ".*=0", "uv takes a variable that is set for a flag that is given"),
    ("only uv rejects", ".* --(build|binary|build-isolation|no-compile-bytecode) .*", "typed wins"),
    ("only uv rejects", ".* is ignored", "a warning says so"),
    ("differs", ".* is ignored", "a warning says so"),
    ("only uvflags rejects", ".* --upgrade( UV_LOCKED|.* UV_FROZEN)=1", "they guard the lock file"),
    ("only uvflags rejects", ".* --refresh.* UV_OFFLINE=1", "uv rejects it after it printed the settings"),
    ("lost", ".* --no-.*-package UV_NO_.*", "the variable says the same of all packages"),
    ("lost", ".* --preview-features UV_PREVIEW=1", "the variable turns all of them on"),
    ("lost", ".* --(native-tls|system-certs) UV_(NATIVE_TLS|SYSTEM_CERTS)=1", "they are the same"),
)
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
OTHERS = {"UV_CONFIG_FILE": ["uv.toml"], "UV_DEFAULT_INDEX": [f"{URL}/y"]}  # they are in DROPPED
# Not uv's defaults, or else nobody sees that they are lost.
VALUES = {
    **lines.VALUES, "index_strategy": "unsafe-best-match", "resolution": "lowest", "output_format": "json",
    "keyring_provider": "subprocess", "max_recursion_depth": "50", "python_fetch": "manual", "index": URL,
    "directory": "folder", "project": "folder", "config_file": "uv.toml", "default_index": URL,
    "index_url": URL, "extra_index_url": URL, "find_links": URL,
}
FILES = {
    "pyproject.toml": "[project]\nname = 'p'\nversion = '1'\nrequires-python = '>=3.9'\n",
    "uv.toml": "concurrent-downloads = 7\n", "folder/uv.toml": "", "folder/script.py": "", "plain.py": "",
    "script.py": "# /// script\n# requires-python = '>=3.9'\n# ///\n",
}

Line = collections.namedtuple("Line", "subcommand option words command name text")


class Handed(Exception):
    """Stop where uv would replace the process."""


def hand(path, argv, environ):
    """Stand in for os.execve."""
    raise Handed(argv[1:], environ)


def all_lines(facts):
    """Yield each variable, at 0 and at 1 or at its value, beside nothing and beside each option."""
    for subcommand in ("run", "sync", "lock"):
        command = ["plain.py"] if subcommand == "run" else []
        typed = {"": []}
        for option in facts[subcommand]:
            name = option["option"]
            typed[name] = [name]
            if option["kind"] in ("value", "list"):
                typed[name].append(VALUES.get(name[2:].replace("-", "_"), "x"))
        del typed["--show-settings"]
        for option in facts[subcommand]:
            name = option.get("env")
            texts = ["0", "1"] if option.get("boolean") else OTHERS.get(name, [])
            for text in texts:
                for spelling, words in typed.items():
                    yield Line(subcommand, spelling, words, command, name, text)


class Effects:
    def __init__(self, uv, folder):
        self.folder, self.base, self.known = folder, {"PATH": folder, "HOME": folder, "UV": uv}, {}
        os.mkdir(os.path.join(folder, "folder"))
        for name, text in FILES.items():
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)

    def hand_over(self, line):
        """Return the words and variables that uvflags hands to uv, if any, and what it says."""
        said, words, environ = io.StringIO(), None, None
        variables = mock.patch.dict(os.environ, {**self.base, line.name: line.text}, clear=True)
        stops = mock.patch("os.execve", hand), mock.patch("signal.signal")
        with contextlib.redirect_stderr(said), variables, stops[0], stops[1]:
            try:
                uvflags.main([line.subcommand, *line.words, *line.command])
            except Handed as call:
                words, environ = call.args
        return words, environ, said.getvalue()

    def settings(self, words, environ):
        """Return the settings that uv prints for a line, or None if it rejects the line."""
        environ = {**self.base, **environ, "UVFLAGS_HAND_OVERS": "1"}
        key = (*words, *sorted(environ.items()))
        if key not in self.known:
            done = subprocess.run(
                [self.base["UV"], "--show-settings", *words], env=environ, cwd=self.folder,
                stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            )
            self.known[key] = None if done.returncode else re.sub(r"tv_n?sec: \d+", "", done.stdout)
        return self.known[key]

    def findings(self, line, words, environ, said):
        """Return what uvflags changes, and whether a typed option is lost without a word."""
        bare, typed = [line.subcommand, *line.command], [line.subcommand, *line.words, *line.command]
        variable = {line.name: line.text}
        plain = self.settings(typed, variable)
        if words is None:
            return [] if plain is None else ["only uvflags rejects"]
        ours = self.settings(words, environ)
        if ours is None:
            return ["both reject" if plain is None else "uv rejects only what uvflags hands over"]
        found = []
        if plain is None:
            found.append("only uv rejects")
        elif ours != plain:
            found.append("differs")
        if not said and line.text != "0":
            dropped = any(re.fullmatch(pattern, described(line, said)) for pattern in DROPPED)
            if ours == self.settings(bare, variable):
                alone = self.settings(typed, {})
                dropped = dropped or alone not in (ours, self.settings(bare, {}))
            found += ["lost"] * dropped
        return found


def described(line, said):
    """Return a line as the patterns of EXCUSED and DROPPED see it."""
    ending = " is ignored" if f"ignoring {line.name}" in said else f"={line.text}"
    return f"{line.subcommand} {line.option} {line.name}{ending}"


def main(uv_folder, count=None, seed=None):
    seed = int(seed) if seed else random.SystemRandom().randrange(10**6)
    with open(os.path.join(lines.ROOT, ".ci", "uv-options.json"), encoding="utf-8") as file:
        cases = list(all_lines(json.load(file)))
    if count:
        cases = random.Random(seed).sample(cases, int(count))
    figures, failures = collections.Counter(), 0
    pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
    with tempfile.TemporaryDirectory() as folder, pool:
        uv = os.path.join(os.path.abspath(uv_folder), f"uv-{VERSION}", "bin", "uv")
        effects, jobs = Effects(uv, folder), []
        for line in cases:
            words, environ, said = effects.hand_over(line)
            job = pool.submit(effects.findings, line, words, environ, said)
            jobs.append((described(line, said), said, job))
        for text, said, job in jobs:
            figures.update(job.result() or ["alike"])
            for what in job.result():
                reasons = [why for kind, pattern, why in EXCUSED if kind == what and re.fullmatch(pattern, text)]
                if not reasons:
                    failures += 1
                    print(f"{text}: {what}: {said.strip()}", flush=True)
    counts = ", ".join(f"{number} {what}" for what, number in figures.most_common())
    print(f"effects: {len(cases)} lines, seed {seed}, uv {VERSION}: {counts}; {failures} unexplained")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
