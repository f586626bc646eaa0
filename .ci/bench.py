"""Whole processes, as ratios: python .ci/bench.py PYTHON [PAIRS]

Times `PYTHON uvflags.py run ...` up to the start of a uv that does nothing, against scripts that read the same 112
options with plain argparse, ConfigArgParse and click, in turn and shuffled, and prints ratios of medians. Then the
growth of build, parse and conflict check with the number of options and rows. The libraries are those installed for
the Python that runs this.
"""

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)

import uvflags

BAR = 1.15
WORDS = ["run", "--refresh", "-q", "--with", "x", "pytest", "-x"]
PARSER = uvflags._prepare_run(uvflags.ArgumentParser(**uvflags._RUN))
KINDS = {"_StoreTrueAction": "store_true", "_StoreFalseAction": "store_false", "_Alternative": "store_true",
         "_CountAction": "count", "_AppendAction": "append", "_StoreAction": "store"}  # fmt: skip
HAND_OVER = "os.execve(os.environ['UV'], ['uv', *sys.argv[1:]], os.environ)\n"


def options():
    """Heading, option strings, kind, dest, help, metavar and variable of each option."""
    for group in PARSER._action_groups:
        for action in group._group_actions:
            if action.dest != "help":
                hidden = action.help is argparse.SUPPRESS
                text = None if hidden else action.help.split(" (env")[0]
                kind = KINDS[type(action).__name__]
                yield (
                    group.title,
                    action.option_strings,
                    kind,
                    action.dest,
                    text,
                    action.metavar,
                    uvflags._Env.of(action).name,
                )


def argparse_script(module="argparse", cls="ArgumentParser"):
    lines = [f"import argparse, os, sys\nimport {module}", f"parser = {module}.{cls}(prog='plain', add_help=False)"]
    title = None
    for heading, names, kind, dest, text, metavar, env in options():
        if heading != title:
            title = heading
            lines.append(f"group = parser.add_argument_group({title!r})")
        words = [
            *map(repr, names),
            f"action={kind!r}",
            f"dest={dest!r}",
            f"help={text!r}" if text else "help=argparse.SUPPRESS",
        ]
        words += [f"metavar={metavar!r}"] if metavar else []
        words += [f"env_var={env!r}"] if env and module != "argparse" else []
        lines.append(f"group.add_argument({', '.join(words)})")
    lines.append("parser.add_argument('command', nargs=argparse.REMAINDER)\nparser.parse_args(sys.argv[2:])")
    return "\n".join([*lines, HAND_OVER])


def click_script():
    lines = ["import os, sys\nimport click", "@click.command(context_settings={'ignore_unknown_options': True})"]
    for _, names, kind, dest, text, _, env in options():
        shape = {
            "store_true": "is_flag=True",
            "store_false": "is_flag=True",
            "count": "count=True",
            "append": "multiple=True",
        }
        words = [*map(repr, names), repr(f"{dest}_{names[0].strip('-').replace('-', '_')}"), shape.get(kind, "")]
        words += [f"help={text!r}" if text else "hidden=True", f"envvar={env!r}" if env else ""]
        lines.append(f"@click.option({', '.join(filter(None, words))})")
    lines.append("@click.argument('command', nargs=-1, type=click.UNPROCESSED)")
    return "\n".join([*lines, f"def run(**options):\n    {HAND_OVER}", "run(sys.argv[2:])\n"])


def medians(commands, pairs):
    """The median time of each command, all of them interleaved."""
    times = {name: [] for name in commands}
    for _ in range(pairs):
        for name in random.sample(list(commands), len(commands)):
            argv, environ = commands[name]
            started = time.perf_counter()
            done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)
            times[name].append(time.perf_counter() - started)
            if done.returncode:
                raise SystemExit(f"{name} failed: {done.stderr}")
    return {name: statistics.median(found) for name, found in times.items()}


def commands(python, folder):
    true = shutil.copy(shutil.which("true"), os.path.join(folder, "uv"))
    environ = {"PATH": os.defpath, "UV": true, "PYTHONDONTWRITEBYTECODE": "1"}
    libraries = {**environ, "PYTHONPATH": sysconfig.get_path("purelib")}
    scripts = {"plain argparse": (argparse_script(), environ),
               "ConfigArgParse": (argparse_script("configargparse", "ArgParser"), libraries),
               "click": (click_script(), libraries)}  # fmt: skip
    found = {"uvflags": ([python, os.path.join(ROOT, "uvflags.py"), *WORDS], environ)}
    for name, (text, env) in scripts.items():
        path = os.path.join(folder, f"with_{name.replace(' ', '_')}.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        found[name] = [python, path, *WORDS], env
    found["import argparse"] = [python, "-c", "import argparse"], environ
    return found


GROWTH = """
import sys, time, argparse
sys.path.insert(0, sys.argv[1])
import uvflags
def best(call):
    times = []
    for _ in range(5):
        started = time.perf_counter(); call(); times.append(time.perf_counter() - started)
    return min(times) * 1e6
def build(cls, count, **keywords):
    group = (parser := cls(add_help=False)).add_argument_group('g')
    for i in range(count):
        group.add_argument(f'--o{i}', action='store_true', **({'env': f'O{i}'} if keywords else {}))
    return parser
for count in (100, 1000, 10000):
    ours, words = build(uvflags.ArgumentParser, count, env=True), ['--o1', '--o2', '--o50']
    stock = build(argparse.ArgumentParser, count)
    each = [best(lambda: build(uvflags.ArgumentParser, count, env=True)), best(lambda: build(argparse.ArgumentParser, count)),
            best(lambda: ours.parse_args(words)), best(lambda: stock.parse_args(words))]
    plain = best(lambda: ours.parse_args(words))
    ours._conflicts = [uvflags.Conflict(f'o{i % 90 + 5}', f'o{i % 90 + 6}') for i in range(count)]
    each.append(best(lambda: ours.parse_args(words)) - plain)
    print('%6d' % count, *('%14.2f' % (time / count) for time in each))
"""


def main(python, pairs=30):
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):  # a busy machine gets a second chance
            found = medians(commands(python, folder), int(pairs))
            ratio = found["uvflags"] / found["plain argparse"]
            if ratio <= BAR:
                break
    for name, median in found.items():
        print(f"{name:16} {median * 1000:7.1f} ms  {median / found['plain argparse']:5.2f}")
    print("microseconds each: build, argparse's build, parse, argparse's parse, conflict row", flush=True)
    subprocess.run([python, "-c", GROWTH, ROOT], check=True)
    print(f"uvflags against plain argparse: {ratio:.2f} (bar {BAR}{'' if ratio <= BAR else ': NOT MET'})")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
