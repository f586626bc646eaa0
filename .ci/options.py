"""What a uv lists under `run --help`, held against the rows of uvflags: python .ci/options.py UV"""

import argparse
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import uvflags


def listed(uv):
    """The option names and the variables that `uv run --help` shows."""
    environ = {"PATH": os.defpath, "COLUMNS": "200"}
    done = subprocess.run([uv, "run", "--help"], env=environ, capture_output=True, text=True, check=True)
    names, variables = set(), set()
    for line in done.stdout.splitlines():
        found = re.match(r"\s+(-\w, )?(--[\w-]+)", line)
        names.update(name.strip(" ,") for name in (found.groups() if found else ()) if name)
        variables.update(re.findall(r"\[env: (\w+)", line))
    return names, variables


def rows():
    """The names that the rows show, all their names, and their variables."""
    parser = uvflags._prepare_run(uvflags.ArgumentParser(**uvflags._RUN))
    shown = {name for a in parser._actions if a.help is not argparse.SUPPRESS for name in a.option_strings}
    names = set(parser._option_string_actions)
    return shown, names, {uvflags._Env.of(action).name for action in parser._actions}


def main(uv):
    version = subprocess.run([uv, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    names, variables = listed(uv)
    shown, known, known_variables = rows()
    if len(names) < 50 or len(variables) < 20:
        raise SystemExit(f"{uv} run --help was not understood")
    lacking = sorted(names - known) + sorted(variables - known_variables)
    for name in lacking:
        print(f"uv {version} lists {name}, which the rows lack")
    for name in sorted(name for name in shown - names if name.startswith("--")):
        print(f"the rows show {name}, which uv {version} does not list")
    print(
        f"options: uv {version} lists {len(names)} names and {len(variables)} variables; the rows lack {len(lacking)}"
    )
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
