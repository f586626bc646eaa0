"""argparse's ecosystem at work on parsers of uvflags: completion, help, documentation, and no secret in any of it.

    python .ci/ecosystem.py

Starts each tool as its users do, in a folder that goes away again, with variables set. Prints what each failed check
saw; the exit status is 1 if there is any. zsh takes part where it is installed.
"""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

SECRET = "S3CR3T"
TITLE = "[bold]a[/bold] [b] 100% $(touch ran) `touch ran`"
VARIABLES = {
    "APP_TOKEN": SECRET, "APP_TITLE": TITLE, "APP_QUIET": "1", "APP_BRANCH": "main",
    "UV_DEFAULT_INDEX": f"https://me:{SECRET}@index.invalid/",
}  # fmt: skip
JUNK = {"APP_OFFLINE": "junk", "APP_FORCE": "junk", "APP_LEVEL": "junk", "UV_OFFLINE": "junk"}
# What documentation says of the sample's options, whatever it puts between them.
HELP = (
    "who asks (env: APP_NAME)",
    "--offline, --no-offline use no network (env: APP_OFFLINE)",
    "how much (env: APP_LEVEL)",
    "what opens the door (env: APP_TOKEN)",
    "what stands on top (env: APP_TITLE=",
    "--quiet say less (env: APP_QUIET=1)",
    "--verbose say more",
    "what to send (env: APP_BRANCH=main)",
    "--force overwrite (env: APP_FORCE)",
    "where to (env: APP_REMOTE)",
    "--all everything (env: APP_ALL)",
    "one tag",
    "how far back (env: APP_DEPTH)",
)
UVFLAGS_HELP = (
    "--offline do without the network (env: UV_OFFLINE)",
    "--json",
    "--refresh take nothing cached on trust (env: UV_REFRESH)",
    "the index to fall back on (env: UV_DEFAULT_INDEX)",
)

SAMPLE = """\
# PYTHON_ARGCOMPLETE_OK
import argparse

import uvflags


def build(**settings):
    parser = uvflags.ArgumentParser(prog="sample", description="A sample.", env_prefix="APP_", **settings)
    parser.add_argument("--name", required=True, env="APP_NAME", help="who asks")
    parser.add_argument("--offline", action=argparse.BooleanOptionalAction, env="APP_OFFLINE", help="use no network")
    parser.add_argument("--level", choices=["high", "low", "lower"], env="APP_LEVEL", help="how much")
    parser.add_argument("--token", env="APP_TOKEN", env_secret=True, help="what opens the door")
    output = parser.add_argument_group("Output", "What comes out.")
    output.add_argument("--title", env="APP_TITLE", help="what stands on top")
    loudness = output.add_mutually_exclusive_group()
    loudness.add_argument("--quiet", action="store_true", env="APP_QUIET", help="say less")
    loudness.add_argument("--verbose", action="store_true", help="say more")
    commands = parser.add_subparsers(title="Commands", dest="command", metavar="COMMAND")
    push = commands.add_parser("push", help="send", **settings)
    push.add_argument("branch", choices=["main", "maint", "next"], env="APP_BRANCH", help="what to send")
    push.add_argument("--force", action="store_true", env="APP_FORCE", help="overwrite")
    push.add_argument("--remote", choices=["origin", "other"], env="APP_REMOTE", help="where to")
    which = push.add_mutually_exclusive_group(required=True)
    which.add_argument("--all", action="store_true", env="APP_ALL", help="everything")
    which.add_argument("--tag", help="one tag")
    pull = commands.add_parser("pull", help="fetch", **settings)
    pull.add_argument("--depth", type=int, env="APP_DEPTH", help="how far back")
    return parser
"""
COMPLETED = """\
#!/usr/bin/env python
# PYTHON_ARGCOMPLETE_OK
import argcomplete
import {module}

parser = {module}.{function}()
argcomplete.autocomplete(parser)
print(parser.parse_args())
"""
RICH = """\
import rich_argparse
import sample

parser = sample.build(formatter_class=rich_argparse.RichHelpFormatter)
if __name__ == "__main__":
    parser.parse_args()
"""
FILES = {
    "sample.py": SAMPLE,
    "sample": COMPLETED.format(module="sample", function="build"),
    "uvflags": COMPLETED.format(module="uvflags", function="_root_parser"),
    "rich_sample.py": RICH,
}

# What is typed up to the cursor, and what the shell is then to offer.
SAMPLE_LINES = (
    ("sample --of", {"--offline"}),
    ("sample --no", {"--no-offline"}),
    ("sample --ti", {"--title"}),
    ("sample --ver", {"--verbose"}),
    ("sample --level lo", {"low", "lower"}),
    ("sample pu", {"push", "pull"}),
    ("sample push --", {"--help", "--force", "--remote", "--all", "--tag"}),
    ("sample push --remote o", {"origin", "other"}),
    ("sample push mai", {"main", "maint"}),
    ("sample --offline --level low pull --de", {"--depth"}),
)
ARGCOMPLETE_LINES = (
    *SAMPLE_LINES,
    ("sample --quiet --ver", set()),
    ("sample --level=lo", {"--level=low", "--level=lower"}),
)
UVFLAGS_LINES = (
    ("uvflags --offl", {"--offline"}),
    ("uvflags ru", {"run"}),
    ("uvflags run --refre", {"--refresh", "--refresh-package"}),
    ("uvflags --offline run --no-c", {"--no-cache", "--no-cache-dir", "--no-config"}),
    ("uvflags explain --js", {"--json"}),
)

# $1 is a script that registers a completion; the words behind it are a command line.
BASH = """\
source "$1" || exit
shift
words=("$@")
set -- $(complete -p "$1")
while [ "$1" != -F ]; do shift || exit; done
COMP_WORDS=("${words[@]}") COMP_CWORD=$((${#words[@]} - 1)) COMP_LINE="${words[*]}" COMP_TYPE=9
COMP_POINT=${#COMP_LINE}
"$2" "${words[0]}" "${words[COMP_CWORD]}" "${words[COMP_CWORD-1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""
# zsh completes only at a terminal. $1 is the folder with the script, $2 the command line.
ZSH = """\
zmodload zsh/zpty || exit
zpty inner "stty -echo cols 200; TERM=dumb exec zsh -f -i"
zpty -w inner "PS1= PS2=; unset zle_bracketed_paste; fpath=(${(q)1} \\$fpath); autoload -U compinit; compinit -D -u"
zpty -w inner 'offer() { _main_complete; compstate[insert]= compstate[list]=; print DO""NE }
compadd() { local -a offered; builtin compadd -O offered "$@"; print -rl -- OFFER:$^offered; builtin compadd "$@" }
zle -C offer complete-word offer; bindkey "^I" offer; print REA""DY'
zpty -r inner seen "*READY*" && zpty -w -n inner "$2"$'\\t' && zpty -r inner seen "*DONE*" && print -r -- "$seen"
"""
ZSH_EVAL = 'autoload -U compinit; compinit -D -u; eval "$(<"$1")" && print -r -- "$_comps[$2]" && whence -w "$_comps[$2]"'


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o755)
    return path


def run(folder, words, **environ):
    """What came of a command that ran in `folder` with the variables set."""
    base = {
        "PATH": os.pathsep.join([folder, os.path.dirname(sys.executable), os.environ["PATH"]]),
        "HOME": folder, "PYTHONPATH": os.pathsep.join([ROOT, folder]), "PYTHONDONTWRITEBYTECODE": "1",
        "COLUMNS": "200", "TERM": "dumb", "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    return subprocess.run(
        words,
        cwd=folder,
        env={**base, **VARIABLES, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def plain(text):
    """The text on one line, without colours and without the fonts and escapes of man pages and of zsh."""
    return " ".join(re.sub(r"\x1b\[[0-9;]*m|\\f[BIR]|\\[,/]|\\(?=[-:])", "", text).split())


def offers(what, done, expected, pattern="(.+)"):
    """The check that the lines with the pattern are those expected, no more and no fewer, and nothing secret."""
    offered = {
        line.strip() for line in re.findall(f"(?m)^.*?{pattern}$", done.stdout.replace("\r", ""))
    } - {""}
    seen = f"{done.stdout}{done.stderr}"
    passed = offered == expected and done.returncode == 0 and SECRET not in seen
    yield (
        what,
        passed,
        f"status {done.returncode}: {sorted(offered)}, not {sorted(expected)}\n{seen}",
    )


def shows(what, done, expected):
    """The checks that an output holds all of these, and nothing secret."""
    seen, text = f"{done.stdout}{done.stderr}", plain(done.stdout)
    missing = [part for part in expected if part not in text]
    yield (
        what,
        not missing and done.returncode == 0,
        f"status {done.returncode}, without {missing}:\n{seen}",
    )
    yield f"{what}: the secret", SECRET not in seen, seen


def argcomplete(folder):
    for line, expected in (*ARGCOMPLETE_LINES, *UVFLAGS_LINES):
        for setting, junk in (("", {}), (" with bad variables", JUNK)):
            yield from offers(
                f"argcomplete: {line!r}{setting}", argcompleted(folder, line, **junk), expected
            )
    described = argcompleted(folder, "sample --t", _ARGCOMPLETE_DFS="\t")
    yield from shows(
        "argcomplete: descriptions", described, [f"(env: APP_TITLE={TITLE})", "(env: APP_TOKEN)"]
    )
    # What completion is to put up with must be bad indeed.
    refused = run(folder, [sys.executable, "sample", "--name=x", "--quiet"], **JUNK)
    bad = all(f"'junk' for '--{name}'" in refused.stderr for name in ("offline", "level"))
    yield "argcomplete: the variables are bad", bad and refused.returncode == 2, refused.stderr
    code = run(folder, ["register-python-argcomplete", "sample"])
    script = write(folder, "argcomplete.bash", code.stdout)
    for line, expected in SAMPLE_LINES:
        done = run(folder, ["bash", "-c", BASH, "bash", script, *line.split()], **JUNK)
        yield from offers(f"argcomplete, from bash: {line!r}", done, expected)


def argcompleted(folder, line, **environ):
    """What argcomplete answers to a shell, as the output of the process."""
    answer = write(folder, "answer", "")
    done = run(
        folder,
        [sys.executable, os.path.join(folder, line.split()[0])],
        _ARGCOMPLETE="1",
        _ARGCOMPLETE_IFS="\n",
        _ARGCOMPLETE_STDOUT_FILENAME=answer,
        COMP_LINE=line,
        COMP_POINT=str(len(line)),
        **environ,
    )
    with open(answer, encoding="utf-8") as file:
        done.stdout += file.read()
    return done


def shtab(folder):
    shells = [shell for shell in ("bash", "zsh") if shutil.which(shell)]
    yield "shtab: there is a bash", "bash" in shells, str(shells)
    for prog, function, secret, lines in (
        ("sample", "build", "APP_TOKEN", SAMPLE_LINES),
        ("uvflags", "_root_parser", "UV_DEFAULT_INDEX", UVFLAGS_LINES),
    ):
        for shell, try_out, expected in (
            ("bash", bash, "--offline"),
            ("zsh", zsh, f"(env: {secret})"),
        ):
            options = ["-u", f"--shell={shell}", f"--prog={prog}"]
            made = run(folder, [sys.executable, "-m", "shtab", *options, f"{prog}.{function}"])
            yield from shows(f"shtab: {prog} for {shell}", made, [expected])
            if shell in shells:
                yield from try_out(folder, prog, made.stdout, lines)
    yield (
        "shtab: no script runs what a variable holds",
        not os.path.exists(os.path.join(folder, "ran")),
        "it ran",
    )


def bash(folder, prog, text, lines):
    script = write(folder, f"{prog}.bash", text)
    for line, expected in lines:
        done = run(folder, ["bash", "-c", BASH, "bash", script, *line.split()])
        yield from offers(f"shtab, in bash: {line!r}", done, expected)


def zsh(folder, prog, text, lines):
    functions = os.path.join(folder, "functions")
    os.makedirs(functions, exist_ok=True)
    script = write(functions, f"_{prog}", text)
    syntax = run(folder, ["zsh", "-n", script])
    yield f"shtab: zsh -n for {prog}", syntax.returncode == 0 and not syntax.stderr, syntax.stderr
    loaded = run(folder, ["zsh", "-f", "-c", ZSH_EVAL, "zsh", script, prog])
    yield from shows(f"shtab: zsh evaluates that for {prog}", loaded, ["function"])
    for line, expected in lines:
        done = run(folder, ["zsh", "-f", "-c", ZSH, "zsh", functions, line])
        yield from offers(f"shtab, in zsh: {line!r}", done, expected, "OFFER:(.+)")


def rich_argparse(folder):
    expected = [
        *(f"(env: {name})" for name in ("APP_NAME", "APP_TOKEN")),
        f"(env: APP_TITLE={TITLE})",
    ]
    expected += [
        "(env: APP_QUIET=1)",
        "(env: APP_OFFLINE=junk)",
        "--offline",
        "--no-offline",
        "Output:",
    ]
    for setting, environ in (("", {}), (" in colour", {"FORCE_COLOR": "1", "TERM": "xterm"})):
        done = run(folder, [sys.executable, "rich_sample.py", "--help"], **JUNK, **environ)
        yield from shows(f"rich-argparse: --help{setting}", done, expected)
        coloured = "\x1b[" in done.stdout
        yield (
            f"rich-argparse: --help{setting} has colour or none",
            coloured is bool(environ),
            repr(done.stdout),
        )
    words = [sys.executable, "-c", "import rich_sample; print(rich_sample.parser.format_help())"]
    yield from shows("rich-argparse: format_help", run(folder, words, **JUNK), expected)
    done = run(folder, [sys.executable, "rich_sample.py", "push", "--help"])
    yield from shows(
        "rich-argparse: push --help", done, ["--tag", "(env: APP_BRANCH=main)", "(env: APP_FORCE)"]
    )


def sphinx_argparse(folder):
    for module, function, expected in (
        ("sample", "build", [*HELP, "What comes out."]),
        ("uvflags", "_root_parser", UVFLAGS_HELP),
    ):
        source = os.path.join(folder, f"docs-{module}")
        os.mkdir(source)
        write(source, "conf.py", "extensions = ['sphinxarg.ext']\n")
        directive = (
            f".. argparse::\n   :module: {module}\n   :func: {function}\n   :prog: {module}\n"
        )
        write(source, "index.rst", f"{module}\n{'=' * len(module)}\n\n{directive}")
        built = os.path.join(source, "built")
        words = [
            sys.executable,
            "-m",
            "sphinx",
            "-q",
            "-W",
            "--keep-going",
            "-b",
            "text",
            source,
            built,
        ]
        done = run(folder, words, APP_TITLE="[bold] 100%")
        if done.returncode == 0:
            with open(os.path.join(built, "index.txt"), encoding="utf-8") as file:
                done.stdout += file.read()
        yield from shows(f"sphinx-argparse: {module}", done, expected)


def argparse_manpage(folder):
    sample = ["--pyfile", os.path.join(folder, "sample.py"), "--function", "build"]
    front = ["--module", "uvflags", "--function", "_root_parser"]
    for layout in ("pretty", "single-commands-section"):
        done = run(folder, ["argparse-manpage", *sample, "--format", layout])
        expected = [*HELP, f"(env: APP_TITLE={TITLE})"]
        yield from shows(f"argparse-manpage: {layout}", done, expected)
    yield from shows(
        "argparse-manpage: uvflags", run(folder, ["argparse-manpage", *front]), UVFLAGS_HELP
    )


TOOLS = {
    "argcomplete": argcomplete,
    "shtab": shtab,
    "rich-argparse": rich_argparse,
    "sphinx-argparse": sphinx_argparse,
    "argparse-manpage": argparse_manpage,
}


def checks_of(name, folder):
    """The checks of one tool; that it breaks down, or checks nothing, is a failed one."""
    found = []
    try:
        for name_of_file, text in FILES.items():
            write(folder, name_of_file, text)
        found.extend(TOOLS[name](folder))
    except Exception:
        found.append((f"{name}: all of it", False, traceback.format_exc()))
    return found or [(f"{name}: at least one check", False, "none")]


def main():
    shells = "bash, zsh" if shutil.which("zsh") else "bash, NO ZSH"
    count, failed, versions = 0, 0, []
    for name in TOOLS:
        with tempfile.TemporaryDirectory() as folder:
            checks = checks_of(name, folder)
        bad = [check for check in checks if not check[1]]
        for what, _, seen in bad:
            print(f"FAILED: {what}\n{seen}\n")
        print(f"{name}: {len(checks) - len(bad)} of {len(checks)} checks passed", flush=True)
        count, failed = count + len(checks), failed + len(bad)
        versions.append(
            f"{name} {importlib.metadata.version(name)}{f' ({shells})' if name == 'shtab' else ''}"
        )
    if not shutil.which("zsh"):
        print("NO ZSH HERE: shtab wrote its scripts for zsh, but no shell has read them")
    print(
        f"ecosystem: {', '.join(versions)}: {count} checks"
        + (f", {failed} FAILED" if failed else "")
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
