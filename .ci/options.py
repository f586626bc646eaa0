"""What the help of a real uv lists, against the rows of uvflags.

    python .ci/options.py UV

UV is the program. Prints, one a line, each option and variable that `uv run --help` lists and the rows lack, then each
visible row that uv does not list, which may be uv's past or uvflags' own. The exit status is 1 if the rows lack any.
"""

import collections
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)
sys.dont_write_bytecode = True

import uvflags

# One option's names, short and long, as they stand at the beginning of its entry.
ENTRY = re.compile(
    r" {2,6}(-\w, )?(--[\w-]+|-\w)(?:[ =\[]+<[^>]+>\]?)?(?:\.\.\.)?(?:  |$)", re.MULTILINE
)
# One in quotes, as in "UV_PYTHON_DOWNLOADS=never", has values of its own and only one that means the option.
VARIABLE = re.compile(r"\[env:\s`?(\w+)[`=\]]")
ALIASES = re.compile(r"\[(?:short )?alias(?:es)?: ([^\]]+)\]")

Listed = collections.namedtuple("Listed", "names variables")


def variable(action):
    """The name of an action's variable, if it has any."""
    return getattr(getattr(action, "_env", None), "name", None)


def output(uv, *words):
    with tempfile.TemporaryDirectory() as folder:
        environ = {"HOME": folder, "NO_COLOR": "1"}
        done = subprocess.run(
            [uv, *words], env=environ, cwd=folder, stdout=subprocess.PIPE, text=True, check=True
        )
    return done.stdout


def entries(text):
    """The options of a help text, each as the lines of its entry joined to one."""
    found = []
    for line in text.split("\n"):
        if ENTRY.match(line):
            found.append(line)
        elif found and line.startswith(" " * 8):
            found[-1] += "\n" + line.strip()
        elif line.strip() and not line.startswith(" ") and found:
            found.append("")  # a heading ends an entry
    return [entry for entry in found if entry]


def listed(text):
    options = []
    for entry in entries(text):
        match = ENTRY.match(entry)
        names = [name.strip(", ") for name in match.group(1, 2) if name]
        for aliases in ALIASES.findall(entry):
            names += [
                name if name.startswith("-") else f"--{name}"
                for name in re.findall(r"[\w-]+", aliases)
            ]
        options.append(Listed(names, VARIABLE.findall(entry)))
    return options


def lacking(options, rows):
    """What uv lists that the rows lack: names, and variables that are not those of the option they stand beside."""
    lacks = []
    for names, variables in options:
        lacks += [f"the rows lack {name}" for name in names if name not in rows]
        read = {variable(rows[name]) for name in names if name in rows}
        lacks += [f"the rows lack {name} of {names[-1]}" for name in variables if name not in read]
    return lacks


def beyond(options, actions):
    """What is visible in the rows and not listed by uv."""
    names = {name for option in options for name in option.names}
    variables = {variable for option in options for variable in option.variables}
    more = []
    for action in actions:
        name = variable(action)
        if action.help is uvflags.argparse.SUPPRESS:
            continue
        if names.isdisjoint(action.option_strings):
            more.append(f"uv does not list {', '.join(action.option_strings)}")
        elif name and name not in variables:
            more.append(f"uv does not list {name} of {uvflags._main_option(action)}")
    return more


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    uv = os.path.abspath(sys.argv[1])
    parser = uvflags._fill_run(uvflags.ArgumentParser("run", add_help=False))
    options = listed(output(uv, "run", "--help"))
    version = " ".join(output(uv, "--version").split()[:2])
    if len(options) < 50:
        sys.exit(
            f"options: {version} lists only {len(options)} options; its help is not what it was"
        )
    lacks = lacking(options, parser._option_string_actions)
    for line in lacks + beyond(options, parser._actions):
        print(line)
    count = sum(len(option.variables) for option in options)
    verdict = f"the rows lack {len(lacks)} of their names" if lacks else "all in the rows"
    print(f"options: {version} lists {len(options)} options and {count} variables, {verdict}")
    return 1 if lacks else 0


if __name__ == "__main__":
    sys.exit(main())
