"""Prove that uvflags costs little more than argparse alone. Measure it as ratios.

    python .ci/bench.py PYTHON [PAIRS]

Starts whole processes of PYTHON, in random order: `python uvflags.py run`, `python -m uvflags run`
with its bytecode ready, and a plain argparse script with the same options. Each becomes a program
that ends at once. Prints the medians and their ratios to argparse. Then measures parses with more
and more options and conflicts: their ratio to argparse must not grow with their number. The exit
status is 1 if a ratio is above its bar three times in a row, or if that one grows.
"""

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from common import ROOT, uvflags

WORDS = ["run", "--refresh", "-q", "--with", "x", "pytest", "-x"]
SCRIPT, MODULE, PLAIN = "uvflags.py run", "-m uvflags run", "argparse alone"
# What is not to be exceeded, on a machine that does other things too.
BARS = {SCRIPT: 1.6, MODULE: 1.05}
# A script with the options of `uvflags.py run`, and nothing else of it.
PLAIN_SCRIPT = """\
import argparse
import os
import sys

parser = argparse.ArgumentParser(prog="run", add_help=False, allow_abbrev=False)
{}
parser.add_argument("command", nargs=argparse.REMAINDER)
parser.parse_args(sys.argv[2:])
os.execve(os.environ["UV"], ["uv", *sys.argv[1:]], os.environ)
"""


def plain_script():
    """Return the plain argparse script."""
    parser, lines = uvflags._subcommand_parser("uvflags", "run"), []
    names = {made: name for name, made in parser._registries["action"].items() if name}
    for group in parser._action_groups:
        lines.append(f"group = parser.add_argument_group({group.title!r})")
        for action in group._group_actions:
            keywords = {"action": names[type(action)], "dest": action.dest, "help": action.help}
            if action.nargs != 0:
                keywords["metavar"] = action.metavar
            if action.option_strings:  # all but the command
                lines.append(f"group.add_argument(*{action.option_strings!r}, **{keywords!r})")
    return PLAIN_SCRIPT.format("\n".join(lines))


def medians(programs, environ, folder, pairs):
    """Return the median time of each program in milliseconds."""
    times = {name: [] for name in programs}
    for _ in range(pairs):
        for name in random.sample(list(programs), len(programs)):
            start = time.perf_counter()
            subprocess.run(programs[name], env=environ, cwd=folder, check=True)
            times[name].append((time.perf_counter() - start) * 1000)
    return {name: statistics.median(taken) for name, taken in times.items()}


def compare(python, pairs, folder):
    """Print up to three measurements. Return the last ratios, and what is always above its bar."""
    script, uv, empty = (os.path.join(folder, name) for name in ("script.py", "uv", "empty"))
    os.mkdir(empty)  # where the programs run, so that nothing is imported from there
    os.symlink(shutil.which("true"), uv)
    shutil.copy(os.path.join(ROOT, "uvflags.py"), folder)
    with open(script, "w") as file:
        file.write(plain_script())
    subprocess.run([python, "-m", "compileall", "-q", folder], check=True)
    whole = os.path.join(ROOT, "uvflags.py")
    starts = {SCRIPT: [whole], MODULE: ["-m", "uvflags"], PLAIN: [script]}
    programs = {name: [python, *words, *WORDS] for name, words in starts.items()}
    environ = {"UV": uv, "HOME": folder, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}
    slow = list(BARS)
    for _ in range(3):
        found = medians(programs, environ, empty, pairs)
        ratios = {name: median / found[PLAIN] for name, median in found.items()}
        for name, median in found.items():
            print(f"{name:16}{median:7.2f} ms{ratios[name]:6.2f}", flush=True)
        slow = [name for name in slow if ratios[name] > BARS[name]]
        if not slow:
            break
    return ratios, slow


def parse_time(parser, count, **keywords):
    """Add options to a parser. Return the shortest time that a parse takes then."""
    group = parser.add_argument_group()  # where adding an option takes less time
    for number in range(count):
        group.add_argument(f"--o{number}", **keywords)
    times = []
    for _ in range(max(7, 30_000 // count)):
        start = time.perf_counter()
        parser.parse_args(["--o1=x", "--o3=y"])
        times.append(time.perf_counter() - start)
    return min(times)


def main(python, pairs=30):
    python = shutil.which(python) or python
    with tempfile.TemporaryDirectory() as folder:
        ratios, slow = compare(python, int(pairs), folder)
    growth = []
    for count in (100, 1000, 10_000):
        rows = [uvflags.Conflict(f"o{n}", f"o{(n + 1) % count}") for n in range(count)]
        parser = uvflags.ArgumentParser(environ={}, env_prefix="V_", conflicts=rows)
        plain = parse_time(argparse.ArgumentParser(), count)
        growth.append(parse_time(parser, count, env=True) / plain)
        print(f"a parse with {count:6,} options and as many conflicts: {growth[-1]:5.2f}")
    if growth[-1] > 3 * growth[0]:
        slow.append("a parse with many options")
    for name in slow:
        print(f"too slow: {name}")
    print(f"against plain argparse: {SCRIPT} {ratios[SCRIPT]:.2f}, {MODULE} {ratios[MODULE]:.2f}")
    return 1 if slow else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
