"""Whole processes of `uvflags.py run` against the same options with argparse alone, ConfigArgParse and click.

    python .ci/bench.py PYTHON [PAIRS=30]

PYTHON is the interpreter to measure; ConfigArgParse and click are taken from the one that runs this, where they are
installed. Each round starts every program once, in random order. Prints medians and what growth costs. The goal is 1.15
times what argparse alone takes. `python -m uvflags run` has that for its bar; `python uvflags.py run`, which Python compiles
anew at every start, is beyond it, and its bar only keeps it from getting slower. The exit status is 1 above a bar three times
in a row.
"""

import importlib.util
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
OURS, MODULE, PLAIN = "uvflags.py run", "-m uvflags run", "argparse, the same options"
GOAL, BARS = 1.15, {OURS: 1.6, MODULE: 1.15}

HAND_OVER = """
os.execve(os.environ["UV"], ["uv", *sys.argv[1:]], os.environ)
"""
ARGPARSE = """
import {module} as argparse
import os
import sys

parser = argparse.ArgumentParser(prog="run", add_help=False, allow_abbrev=False)
{options}
parser.add_argument("command", nargs=argparse.REMAINDER)
parser.parse_args(sys.argv[2:])
"""
CLICK = """
import os
import sys

import click

params = [
{options}
    click.Argument(["command"], nargs=-1, type=click.UNPROCESSED),
]
command = click.Command("run", params=params, add_help_option=False)
command.allow_interspersed_args = False
command.main(sys.argv[2:], standalone_mode=False)
"""
GROWTH = """
import argparse
import sys
import time

import uvflags


def build(module, count):
    parser = module.ArgumentParser(**({"environ": {"APP_7": "x"}} if module is uvflags else {}))
    group = parser.add_argument_group("options")
    for i in range(count):
        group.add_argument(f"--option-{i}", help="some help", **({"env": f"APP_{i}"} if module is uvflags else {}))
    return parser


def rows(count):
    side = int(count**0.5)
    conflicts = [uvflags.Conflict(f"a_{i % side}", f"b_{i // side}") for i in range(side * side)]
    parser = uvflags.ArgumentParser(environ={}, conflicts=conflicts)
    for i in range(side + 1):
        parser.add_argument(f"--a-{i}")
        parser.add_argument(f"--b-{i}")
    return parser


def best(call, times):
    def once():
        start = time.perf_counter()
        call()
        return time.perf_counter() - start

    return min(once() for _ in range(times)) * 1e6


for count in (100, 1000, 10000):
    words, few = ["--option-3", "y", "--option-8", "z"], ["--a-1", "x", "--a-2", "y", "--a-3", "z"]
    times = 20000 // count
    ours = best(lambda: build(uvflags, count).parse_args(words), times)
    plain = best(lambda: build(argparse, count).parse_args(words), times)
    parser = rows(count)
    print(count, ours / count, plain / count, best(lambda: parser.parse_args(few), times) / len(parser._conflicts))
"""


def variable(action):
    """The name of an action's variable, if it has any."""
    return getattr(getattr(action, "_env", None), "name", None)


def texts(action):
    """An option's help as uvflags has it outside of a parse, or None if it is hidden."""
    hidden = action.help is uvflags.argparse.SUPPRESS
    return None if hidden else action.help.replace("%(_env)s", variable(action) or "")


def kind(parser, action):
    """The argparse action that an option comes to."""
    if isinstance(action, uvflags._Either):
        return "store_true"
    return next(
        name for name, made in parser._registries["action"].items() if name and made is type(action)
    )


def argparse_script(parser, module):
    lines = []
    for group in parser._action_groups:
        if not group._group_actions:
            continue
        lines.append(f"group = parser.add_argument_group({group.title!r})")
        for action in group._group_actions:
            words = [
                *map(repr, action.option_strings),
                f"action={kind(parser, action)!r}",
                f"dest={action.dest!r}",
            ]
            name = variable(action)
            if action.nargs != 0:
                words.append(f"metavar={action.metavar!r}")
            if module == "configargparse" and name:
                words.append(f"env_var={name!r}")
            words.append(f"help={texts(action)!r}" if texts(action) else "help=argparse.SUPPRESS")
            lines.append(f"group.add_argument({', '.join(words)})")
    return ARGPARSE.format(module=module, options="\n".join(lines)) + HAND_OVER


def click_script(parser):
    lines = []
    for action in parser._actions:
        words = [repr([*action.option_strings, action.dest])]
        if kind(parser, action) == "count":
            words.append("count=True")
        elif action.nargs == 0:
            words += [
                "is_flag=True",
                f"flag_value={kind(parser, action) != 'store_false'}",
                "default=None",
            ]
        else:
            words += [f"metavar={action.metavar!r}", f"multiple={kind(parser, action) == 'append'}"]
        if variable(action):
            words.append(f"envvar={variable(action)!r}")
        words.append(f"help={texts(action)!r}" if texts(action) else "hidden=True")
        lines.append(f"    click.Option({', '.join(words)}),")
    return CLICK.format(options="\n".join(lines)) + HAND_OVER


def borrowed(python, folder, name):
    """Copy a library of this interpreter to where the measured one has its bytecode ready; None if there is none."""
    spec = importlib.util.find_spec(name)
    if spec is None:
        return None
    target = os.path.join(folder, "libraries", name)
    os.makedirs(target)
    if spec.submodule_search_locations:
        shutil.copytree(
            spec.submodule_search_locations[0],
            os.path.join(target, name),
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    else:
        shutil.copy(spec.origin, target)
    subprocess.run([python, "-m", "compileall", "-q", target], check=True)
    return target


def programs(python, folder):
    """What is measured: name to words and to the variables it has besides the common ones."""
    parser = uvflags._fill_run(uvflags.ArgumentParser("run", add_help=False))
    ours = os.path.join(ROOT, "uvflags.py")
    found = {
        OURS: ([python, ours, *WORDS], {}),
        "import argparse": ([python, "-c", "import argparse"], {}),
    }
    imported = os.path.join(folder, "imported")
    os.mkdir(imported)
    shutil.copy(ours, imported)
    subprocess.run([python, "-m", "compileall", "-q", imported], check=True)
    found[MODULE] = ([python, "-m", "uvflags", *WORDS], {"PYTHONPATH": imported})
    scripts = {PLAIN: (None, argparse_script(parser, "argparse"))}
    scripts["ConfigArgParse"] = ("configargparse", argparse_script(parser, "configargparse"))
    scripts["click"] = ("click", click_script(parser))
    for name, (library, text) in scripts.items():
        path = os.path.join(folder, name.split(",")[0] + "_script.py")
        with open(path, "w") as file:
            file.write(text)
        place = library and borrowed(python, folder, library)
        if place or library is None:
            found[name] = ([python, path, *WORDS], {"PYTHONPATH": place} if place else {})
        else:
            print(f"{name}: not installed beside {os.path.basename(sys.executable)}")
    return found


def ready(found, common, folder):
    """The programs that do what they should, for a library may not support the interpreter."""
    good = {}
    for name, (words, extra) in found.items():
        done = subprocess.run(
            words, env={**common, **extra}, cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode == 0 and not done.stdout + done.stderr:
            good[name] = words, {**common, **extra}
        elif name in (OURS, PLAIN):
            sys.exit(f"{name}: status {done.returncode}\n{done.stdout}{done.stderr}")
        else:
            print(
                f"{name}: does not run here: {(done.stderr.strip() or 'it prints something').splitlines()[-1]}"
            )
    return good


def measure(found, rounds, folder):
    """The median of each program in milliseconds; each round takes all of them in another order."""
    taken, order = {name: [] for name in found}, list(found)
    for _ in range(rounds):
        random.shuffle(order)
        for name in order:
            words, environ = found[name]
            start = time.perf_counter()
            subprocess.run(words, env=environ, cwd=folder, check=True)
            taken[name].append((time.perf_counter() - start) * 1e3)
    return {name: statistics.median(times) for name, times in taken.items()}


def growth(python):
    """Print what one more option and one more conflict cost, at three sizes."""
    environ = {"PYTHONPATH": ROOT, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [python, "-c", GROWTH], env=environ, stdout=subprocess.PIPE, text=True, check=True
    )
    print(f"\n{'microseconds for each of':26}{'option':>9}{'argparse':>10}{'conflict':>10}")
    for line in done.stdout.splitlines():
        count, *costs = line.split()
        print(
            f"{int(count):<26,}"
            + "".join(f"{float(cost):{width}.2f}" for cost, width in zip(costs, (9, 10, 10)))
        )


def show(medians):
    print(f"\n{'milliseconds, the median':26}{'':>9}{'ratio':>10}")
    for name, median in sorted(medians.items(), key=lambda item: item[1]):
        print(f"{name:26}{median:9.2f}{median / medians[PLAIN]:10.2f}")


def main():
    if len(sys.argv) not in (2, 3) or not shutil.which(sys.argv[1]):
        sys.exit(__doc__)
    python = os.path.abspath(shutil.which(sys.argv[1]))
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    with tempfile.TemporaryDirectory() as folder:
        uv, empty = os.path.join(folder, "uv"), os.path.join(folder, "empty")
        os.mkdir(empty)  # where nothing is imported from by accident
        os.symlink(shutil.which("true"), uv)
        found = ready(
            programs(python, folder),
            {"UV": uv, "HOME": folder, "PYTHONDONTWRITEBYTECODE": "1"},
            empty,
        )
        for _ in range(3):  # a busy machine gets another chance
            medians = measure(found, rounds, empty)
            show(medians)
            ratios = {name: medians[name] / medians[PLAIN] for name in BARS}
            slow = [name for name, ratio in ratios.items() if ratio > BARS[name]]
            if not slow:
                break
    growth(python)
    met = "met" if ratios[OURS] <= GOAL else "NOT MET"
    print(
        f"\nuvflags against plain argparse: script {ratios[OURS]:.2f} (goal {GOAL}, {met}), -m {ratios[MODULE]:.2f}"
    )
    if slow:
        print(f"TOO SLOW, three times in a row: {', '.join(slow)}", file=sys.stderr)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
