"""Break uvflags.py in one place after another: prove that the suite notices. For use by hand.

    python .ci/mutate.py [NAME ...]      # in the functions and classes with these names, or in all
    python .ci/mutate.py COUNT [SEED]    # in so many places at random

Needs Python 3.12 or newer, which knows the places in f-strings. Each mutant changes one comparison,
`and`, `or`, `not`, condition or constant. Prints the mutants that live. All take some hours on two
cores.
"""

import ast
import concurrent.futures
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def changes(node):
    """Yield a part of the tree, and what can be put in its place."""
    if isinstance(node, ast.Compare):
        yield node, ast.UnaryOp(ast.Not(), node)
    if isinstance(node, ast.BoolOp):
        swapped = {ast.And: ast.Or, ast.Or: ast.And}[type(node.op)]
        yield node, ast.BoolOp(swapped(), node.values)
        for operand in node.values:
            others = [other for other in node.values if other is not operand]
            yield node, ast.BoolOp(node.op, others)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node, node.operand
    if isinstance(node, (ast.If, ast.IfExp)):
        yield node.test, ast.Constant(True)
    if isinstance(node, (ast.If, ast.While, ast.IfExp)):
        yield node.test, ast.Constant(False)
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield node, ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield node, ast.Constant(node.value + 1)


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def mutants(text, names):
    """Yield the text of each mutant, and a description."""
    tops = {top.name: top for top in ast.parse(text).body if hasattr(top, "name")}
    lines = text.splitlines(keepends=True)
    for name in names or tops:
        for node in ast.walk(tops[name]):
            for old, new in changes(node):
                first, last, code = old.lineno - 1, old.end_lineno - 1, ast.unparse(new)
                before = "".join(lines[:first]) + lines[first][: old.col_offset]
                behind = lines[last][old.end_col_offset :] + "".join(lines[last + 1 :])
                described = f"line {old.lineno}: {ast.unparse(old)[:80]} -> {code[:80]}"
                yield f"{before}({code}){behind}", described


def tests():
    """Return the classes of the suite, the fast ones first. One looks at the text of the file."""
    text = read("test_uvflags.py")
    parser = re.findall(r"^class (\w+)\(ParserTest\)", text, re.MULTILINE)
    front = re.findall(r"^class (\w+)\(unittest.TestCase\)", text, re.MULTILINE)
    front.remove("ParserTest")
    front.remove("TheFile")
    return [f"test_uvflags.{name}" for name in parser + front]


def lives(mutant):
    """Return the description of a mutant that no test notices."""
    text, described = mutant
    with tempfile.TemporaryDirectory() as folder:
        for name in ("test_uvflags.py", "README.md", "pyproject.toml"):
            shutil.copy(os.path.join(ROOT, name), folder)
        with open(os.path.join(folder, "uvflags.py"), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(file.name, 0o755)
        words = [sys.executable, "-m", "unittest", "-f", *tests()]
        try:
            done = subprocess.run(words, cwd=folder, capture_output=True, timeout=300, check=False)
        except subprocess.TimeoutExpired:
            return None
    if done.returncode == 0:
        return described
    return None


def main(words):
    text, names, count = read("uvflags.py"), words, 0
    if words and words[0].isdecimal():
        names, count = [], int(words[0])
    if not lives((text, "nothing is changed")):
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
