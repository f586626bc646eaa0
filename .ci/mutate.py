"""Break uvflags.py in one place after another, and see that the suite notices. For use by hand.

    python .ci/mutate.py [NAME ...]      # in the functions and classes with these names, or in all
    python .ci/mutate.py COUNT [SEED]    # in so many places at random

Needs Python 3.12 or newer, which knows the places in f-strings. Each mutant changes one comparison, `and`,
`or`, `not`, condition or constant. It first meets the tests of its half, and then the others. Prints the mutants that live. All take some hours on two cores.
"""

import ast
import concurrent.futures
import copy
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SWAPS = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.And: ast.Or, ast.Or: ast.And,
}


def changes(node):
    """Yield a part of the tree, what can be put in its place, and what that is called."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        new = copy.deepcopy(node)
        new.ops[0] = SWAPS[type(node.ops[0])]()
        yield node, new, "comparison"
    if isinstance(node, ast.BoolOp):
        new = copy.deepcopy(node)
        new.op = SWAPS[type(node.op)]()
        yield node, new, "and/or"
        for number in range(len(node.values)):
            new = copy.deepcopy(node)
            del new.values[number]
            yield node, (new if len(new.values) > 1 else new.values[0]), "operand"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node, node.operand, "not"
    if isinstance(node, (ast.If, ast.IfExp)):
        yield node.test, ast.Constant(True), "condition"
    if isinstance(node, (ast.If, ast.While, ast.IfExp)):
        yield node.test, ast.Constant(False), "condition"
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield node, ast.Constant(not node.value), "constant"
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield node, ast.Constant(node.value + 1), "constant"


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def mutants(text, names):
    """Yield the text of each mutant, the half that it is in, and a description."""
    border = text[: text.index("\n# uv's options")].count("\n")
    tops = {top.name: top for top in ast.parse(text).body if hasattr(top, "name")}
    lines = text.splitlines(keepends=True)
    for name in names or tops:
        for node in ast.walk(tops[name]):
            for old, new, what in changes(node):
                first, last = old.lineno - 1, old.end_lineno - 1
                before = "".join(lines[:first]) + lines[first][: old.col_offset]
                behind = lines[last][old.end_col_offset :] + "".join(lines[last + 1 :])
                half = "parser" if old.lineno < border else "front"
                described = f"line {old.lineno}, {what}: {ast.unparse(old)[:80]} -> {ast.unparse(new)[:80]}"
                yield f"{before}({ast.unparse(new)}){behind}", half, described


def tests_of(half):
    """Return the test classes of a half, and the others. One looks at the text of the file."""
    found = re.findall(r"^class (\w+)\((ParserTest|unittest.TestCase)\)", read("test_uvflags.py"), re.MULTILINE)
    parser = [f"test_uvflags.{name}" for name, base in found if base == "ParserTest"]
    front = [f"test_uvflags.{name}" for name, base in found if base != "ParserTest"]
    front.remove("test_uvflags.ParserTest")
    front.remove("test_uvflags.TheFile")
    return (parser, front) if half == "parser" else (front, parser)


def lives(job):
    """Return the description of a mutant that no test notices."""
    text, half, what = job
    with tempfile.TemporaryDirectory() as folder:
        for name in ("test_uvflags.py", "README.md", "pyproject.toml"):
            shutil.copy(os.path.join(ROOT, name), folder)
        with open(os.path.join(folder, "uvflags.py"), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(file.name, 0o755)
        for tests in tests_of(half):
            words = [sys.executable, "-m", "unittest", "-f", *tests]
            try:
                done = subprocess.run(words, cwd=folder, capture_output=True, timeout=300, check=False)
            except subprocess.TimeoutExpired:
                return None
            if done.returncode:
                return None
    return what


def main(words):
    text, names, count = read("uvflags.py"), words, 0
    if words and words[0].isdecimal():
        names, count = [], int(words[0])
    if not lives((text, "parser", "nothing is changed")):
        sys.exit("the suite fails without any change")
    jobs = list(mutants(text, names))
    if count:
        jobs = random.Random(*words[1:2]).sample(jobs, count)
    living = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for what in pool.map(lives, jobs):
            if what:
                living += 1
                print(what, flush=True)
    print(f"mutate: {len(jobs)} mutants, {living} live")


if __name__ == "__main__":
    main(sys.argv[1:])
