"""Prove that five tools for argparse work with uvflags, and what README says of two peers.

    python .ci/ecosystem.py

Needs what is in .ci/requirements.txt, and bash. argcomplete, shtab, rich-argparse, sphinx-argparse
and argparse-manpage are started as their users do, on one sample parser. The environment holds a
secret and bad variables: none may show the secret. Then the rows of README's comparison are run
with click and ConfigArgParse. Prints what each failed check saw. If there is any, the exit status
is 1.
"""

import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SECRET = "S3CR3T"
VARIABLES = {"APP_TOKEN": SECRET, "APP_OFFLINE": "junk", "APP_LEVEL": "junk", "APP_REMOTE": "junk"}
SAMPLE = """\
#!/usr/bin/env python
# PYTHON_ARGCOMPLETE_OK
import argparse
import uvflags

def build(**settings):
    parser = uvflags.ArgumentParser(prog="sample", env_prefix="APP_", **settings)
    parser.add_argument("--name", required=True, env=True, help="who asks")
    both = argparse.BooleanOptionalAction
    parser.add_argument("--offline", action=both, env=True, help="no network")
    parser.add_argument("--level", choices=["high", "low", "lower"], env=True, help="how much")
    output = parser.add_argument_group("Output", "What comes out.")
    output.add_argument("--token", env=True, env_secret=True, help="what opens the door")
    loudness = output.add_mutually_exclusive_group()
    loudness.add_argument("--quiet", action="store_true", env=True, help="say less")
    commands = parser.add_subparsers(title="Commands", dest="command", metavar="COMMAND")
    push = commands.add_parser("push", help="send", env_prefix="APP_", **settings)
    push.add_argument("branch", choices=["main", "maint", "next"], env=True, help="what to send")
    push.add_argument("--remote", choices=["origin", "other"], env=True, help="where to")
    commands.add_parser("pull", help="fetch", **settings)
    return parser

if __name__ == "__main__":
    import argcomplete
    parser = build()
    argcomplete.autocomplete(parser)
    parser.parse_args()
"""
RICH = """\
import rich_argparse, sample
sample.build(formatter_class=rich_argparse.RichHelpFormatter).parse_args()
"""
DOCUMENT = "sample\n======\n\n.. argparse::\n   :module: sample\n   :func: build\n"
MAIN = (
    "who asks (env: APP_NAME)", "--offline, --no-offline", "no network (env: APP_OFFLINE)",
    "how much (env: APP_LEVEL)", "What comes out.", "what opens the door (env: APP_TOKEN)",
    "say less (env: APP_QUIET)",
)
PUSH = ("what to send (env: APP_BRANCH)", "where to (env: APP_REMOTE)")
# Commands that print a help, a document or an error, and what is in it.
SHOWN = {
    "sample --name=x; test $? = 2": ("(APP_OFFLINE)", "(APP_LEVEL)"),
    "python rich_sample.py --help": MAIN,
    "python rich_sample.py push --help": PUSH,
    "python -m shtab --shell=zsh --prog=sample sample.build": PUSH,
    "python -m sphinx -q -W -b text . built && cat built/index.txt": MAIN + PUSH,
    "argparse-manpage --pyfile sample.py --function build": MAIN + PUSH,
}
# Commands that print a script for bash that completes the sample's words.
COMPLETING = (
    "register-python-argcomplete sample",
    "python -m shtab --shell=bash --prog=sample sample.build",
)
# What is typed, and what is offered to complete its last word.
LINES = {
    "sample --of": "--offline",
    "sample --no": "--no-offline",
    "sample --level lo": "low lower",
    "sample --tok": "--token",
    "sample pu": "pull push",
    "sample push mai": "main maint",
    "sample --offline --level low push --remote o": "origin other",
}
# $1 is such a script. The words behind it are what is typed.
COMPLETE = """\
source "$1"; shift; COMP_WORDS=("$@")
set -- $(complete -p "$1")
while [ "$1" != -F ]; do shift || exit; done
COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_TYPE=9
COMP_LINE="${COMP_WORDS[*]}" COMP_POINT=${#COMP_LINE}
"$2" "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
echo "${COMPREPLY[@]}"
"""
CONFIG_ARG_PARSE = """\
import configargparse
parser = configargparse.ArgumentParser()
group = parser.add_mutually_exclusive_group()
group.add_argument("--offline", action="store_true", env_var="OFFLINE")
group.add_argument("--refresh", action="store_true", env_var="REFRESH")
parser.add_argument("--jobs", type=int, env_var="JOBS")
parser.add_argument("--size", type=int, env_var="SIZE")
args = parser.parse_args()
print(args.offline, args.refresh)
"""
CLICK = """\
import click
@click.command()
@click.option("--offline", is_flag=True, envvar="OFFLINE")
@click.option("--refresh", is_flag=True, envvar="REFRESH")
@click.option("--jobs", type=int, envvar="JOBS")
@click.option("--size", type=int, envvar="SIZE")
def prog(offline, refresh, jobs, size):
    print(offline, refresh)
prog()
"""
FILES = {
    "sample.py": SAMPLE, "sample": SAMPLE, "rich_sample.py": RICH, "complete": COMPLETE,
    "conf.py": "extensions = ['sphinxarg.ext']\n", "index.rst": DOCUMENT,
    "configargparse_prog.py": CONFIG_ARG_PARSE, "click_prog.py": CLICK,
}
# What a program prints, as a pattern, where README says this of it.
OUTCOMES = {
    "passes": "False True$",
    "passes, OFFLINE is lost": "False True$",
    "passes with both": "True True$",
    "error that names no variable": ".*[Ee]rror: (?!.*(OFFLINE|REFRESH))",
    "error that names --jobs": ".*[Ee]rror: (?!.*(JOBS|size['\":])).*--jobs",
}


def run(folder, command):
    """Return what came of a command of the shell."""
    path = [folder, os.path.dirname(sys.executable), os.environ["PATH"]]
    environ = {
        **VARIABLES, "PATH": os.pathsep.join(path), "PYTHONPATH": os.pathsep.join([ROOT, folder]),
        "HOME": folder, "LC_ALL": "C.UTF-8", "COLUMNS": "200", "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environ, stdin=subprocess.DEVNULL, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )


def checks(folder):
    """Yield what is checked, whether it passed, and what came of the command."""
    for command, parts in SHOWN.items():
        done = run(folder, command)
        # Without colours, fonts and escapes.
        text = " ".join(re.sub(r"\x1b\[[0-9;]*m|\\f[BIR]|\\(?=[-:])", "", done.stdout).split())
        missing = [part for part in parts if part not in text]
        yield f"{command}: {missing} missing", not missing and done.returncode == 0, done
    for command in COMPLETING:
        made = run(folder, f"set -o pipefail; {command} | tee completion")
        yield command, made.returncode == 0, made
        for line, expected in LINES.items():
            done = run(folder, f"bash complete completion {line}")
            yield f"{command}: {line}", sorted(done.stdout.split()) == expected.split(), done
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        rows = re.findall(r"\n\| `(.*)` \| no variables \| (.*) \| (.*) \| ", file.read())
    yield f"README has four rows of peers: {rows}", len(rows) == 4, run(folder, "true")
    for line, *outcomes in rows:
        for peer, outcome in zip(("configargparse", "click"), outcomes):
            done = run(folder, line.replace("prog", f"python {peer}_prog.py"))
            passed = re.match(OUTCOMES[outcome.replace("`", "")], done.stdout, re.DOTALL)
            yield f"{peer}: {line}: {outcome}", passed, done


def main():
    count, failures = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(file.name, 0o755)
        for what, passed, done in checks(folder):
            count += 1
            if not passed or SECRET in done.stdout:
                failures += 1
                print(f"FAILED: {what}: status {done.returncode}\n{done.stdout}")
    print(f"ecosystem: {count} checks, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
