"""Measure what uvflags costs against argparse alone.

    python .ci/bench.py PYTHON [PAIRS]

Starts whole processes of PYTHON, in random order: `python uvflags.py run`, `python -m uvflags run`
with its bytecode ready, and a plain argparse script with the same options. Each becomes a program
that ends at once. Prints the medians and their ratios to argparse. Then prints how the time of a
parse grows, in the Python that runs this. The exit status is 1 if a ratio is above its bar three
times in a row.
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

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)
sys.dont_write_bytecode = True

import uvflags

WORDS = ["run", "--refresh", "-q", "--with", "x", "pytest", "-x"]
SCRIPT, MODULE, PLAIN = "uvflags.py run", "-m uvflags run", "argparse alone"
GOALS = {SCRIPT: 1.38, MODULE: 1.0}
# What is not to be exceeded, on a machine that does other things too.
BARS = {SCRIPT: 1.6, MODULE: 1.05}
BEGIN = """\
import argparse
import os
import sys

parser = argparse.ArgumentParser(prog="run", add_help=False, allow_abbrev=False)
"""
END = """\
parser.add_argument("command", nargs=argparse.REMAINDER)
parser.parse_args(sys.argv[2:])
os.execve(os.environ["UV"], ["uv", *sys.argv[1:]], os.environ)
"""


def plain_script():
    """Return a script with the options of `uvflags.py run`, and nothing else of it."""
    parser, text = uvflags._subcommand_parser("uvflags", "run"), BEGIN
    names = {made: name for name, made in parser._registries["action"].items() if name}
    for group in parser._action_groups:
        text += f"group = parser.add_argument_group({group.title!r})\n"
        for action in group._group_actions:
            if not action.option_strings:
                continue  # the command, which stands at the end
            words = [repr(option) for option in action.option_strings]
            words += [f"action={names[type(action)]!r}", f"dest={action.dest!r}", f"help={action.help!r}"]
            if action.nargs != 0:
                words.append(f"metavar={action.metavar!r}")
            text += f"group.add_argument({', '.join(words)})\n"
    return text + END


def measure(programs, environ, folder, pairs):
    """Return the median time of each program in milliseconds."""
    times = {name: [] for name in programs}
    for _ in range(pairs):
        for name in random.sample(list(programs), len(programs)):
            start = time.perf_counter()
            subprocess.run(programs[name], env=environ, cwd=folder, check=True)
            times[name].append((time.perf_counter() - start) * 1000)
    return {name: statistics.median(taken) for name, taken in times.items()}


def compare(python, pairs, folder):
    """Print up to three measurements. Return the last ratios, and what is above its bar in all of them."""
    script, uv, empty = (os.path.join(folder, name) for name in ("script.py", "uv", "empty"))
    os.mkdir(empty)  # where the programs run, so that nothing is imported from there
    os.symlink(shutil.which("true"), uv)
    shutil.copy(os.path.join(ROOT, "uvflags.py"), folder)
    with open(script, "w") as file:
        file.write(plain_script())
    subprocess.run([python, "-m", "compileall", "-q", folder], check=True)
    programs = {
        SCRIPT: [python, os.path.join(ROOT, "uvflags.py"), *WORDS],
        MODULE: [python, "-m", "uvflags", *WORDS],
        PLAIN: [python, script, *WORDS],
    }
    environ = {"UV": uv, "HOME": folder, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}
    slow = list(BARS)
    for _ in range(3):
        medians = measure(programs, environ, empty, pairs)
        ratios = {name: median / medians[PLAIN] for name, median in medians.items()}
        for name, median in medians.items():
            print(f"{name:16}{median:7.2f} ms{ratios[name]:6.2f}", flush=True)
        slow = [name for name in slow if ratios[name] > BARS[name]]
        if not slow:
            break
    return ratios, slow


def parse_time(parser, count):
    """Add options to a parser. Return the shortest time that a parse takes then."""
    group = parser.add_argument_group()  # where adding an option takes less time
    for number in range(count):
        keywords = {"env": f"V{number}"} if isinstance(parser, uvflags.ArgumentParser) else {}
        group.add_argument(f"--o{number}", **keywords)
    times = []
    for _ in range(max(7, 30_000 // count)):
        start = time.perf_counter()
        parser.parse_args(["--o1=x", "--o3=y"])
        times.append(time.perf_counter() - start)
    return min(times)


def growth(count):
    """Return the ratio to argparse with many options, and that with as many conflicts, too."""
    rows = [uvflags.Conflict(f"o{n}", f"o{(n + 1) % count}") for n in range(count)]
    plain = parse_time(argparse.ArgumentParser(), count)
    ratios = []
    for conflicts in ([], rows):
        ours = uvflags.ArgumentParser(environ={"V5": "x"}, conflicts=conflicts)
        ratios.append(parse_time(ours, count) / plain)
    return ratios


def main(python, pairs=30):
    python = shutil.which(python) or python
    with tempfile.TemporaryDirectory() as folder:
        ratios, slow = compare(python, int(pairs), folder)
    for count in (100, 1000, 10_000):
        options, conflicts = growth(count)
        print(f"a parse, {count:6,} options: {options:5.2f}; and as many conflicts: {conflicts:5.2f}")
    figures = [f"{name} {ratios[name]:.2f} (goal {goal})" for name, goal in GOALS.items()]
    print(f"against plain argparse: {', '.join(figures)}")
    for name in slow:
        print(f"three times in a row above {BARS[name]}: {name}")
    return 1 if slow else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
