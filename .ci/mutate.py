"""Break uvflags.py in one place after another, and see that the suite notices. For use by hand.

    python .ci/mutate.py [NAME ...]

Takes the functions and classes with these names, or those that merge, judge, remove and read. Each mutant
changes one comparison, `and`, `or`, `not`, condition or constant. It first meets the tests of its half that
start no process, and then the whole suite. Prints the mutants that live. About an hour on two cores.
"""

import ast
import concurrent.futures
import copy
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NAMES = (
    "parse_bool", "_main_spelling", "_Decision", "_values", "_Level", "_variable_names", "_Container",
    "_MutuallyExclusiveGroup", "_one_slip", "ArgumentParser", "_add_option", "_read_options", "_split", "_which", "_Line",
)
FAST = {
    "parser": ["ParseBool", "Merging", "Adding", "Conflicts", "Subcommands", "Unread", "DropIn"],
    "front": ["Options", "HandOver.test_words_and_environment", "TheTable", "WithoutUv", "Explain", "Hints"],
}
# All but those that look at the text of the file, which a mutant has not.
ALL = [*FAST["parser"], "Options", "WhyItExists", "HandOver", "TheTable", "Hints", "WithoutUv", "Explain", "Unusual", "Readme"]
SWAPS = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.And: ast.Or, ast.Or: ast.And,
}


def changes(node):
    """Yield what can be put in the place of a node, and what that is called."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        new = copy.deepcopy(node)
        new.ops[0] = SWAPS[type(node.ops[0])]()
        yield new, "comparison"
    if isinstance(node, ast.BoolOp):
        new = copy.deepcopy(node)
        new.op = SWAPS[type(node.op)]()
        yield new, "and/or"
        for number in range(len(node.values)):
            new = copy.deepcopy(node)
            del new.values[number]
            yield (new if len(new.values) > 1 else new.values[0]), "operand"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand, "not"
    if isinstance(node, (ast.If, ast.While, ast.IfExp)):
        for value in (True, False):
            if not (isinstance(node, ast.While) and value):
                new = copy.deepcopy(node)
                new.test = ast.Constant(value)
                yield new, f"condition {value}"
    if isinstance(node, ast.Constant) and isinstance(node.value, (bool, int)):
        yield ast.Constant(not node.value if isinstance(node.value, bool) else node.value + 1), "constant"


class Replace(ast.NodeTransformer):
    def __init__(self, old, new):
        self.old, self.new = old, new

    def visit(self, node):
        return self.new if node is self.old else self.generic_visit(node)


def mutants(text, names):
    """Yield the text of each mutant, the half that it is in, and a description."""
    border = text[: text.index("\n# uv's options")].count("\n")
    tree = ast.parse(text)
    for top in tree.body:
        if getattr(top, "name", None) in names:
            for node in ast.walk(top):
                for new, what in changes(node):
                    half = "parser" if node.lineno < border else "front"
                    # A copy keeps the tree as it is for the next one.
                    memo = {}
                    whole = copy.deepcopy(tree, memo)
                    changed = Replace(memo[id(node)], new).visit(whole)
                    ast.fix_missing_locations(changed)
                    yield ast.unparse(changed), half, f"line {node.lineno}, {what}: {ast.unparse(node)[:80]}"


def lives(job):
    text, half, what = job
    with tempfile.TemporaryDirectory() as folder:
        for name in ("test_uvflags.py", "README.md", "pyproject.toml"):
            shutil.copy(os.path.join(ROOT, name), folder)
        with open(os.path.join(folder, "uvflags.py"), "w") as file:
            file.write(text)
        for tests in (FAST[half], ALL):
            words = [sys.executable, "-m", "unittest", "-f", *(f"test_uvflags.{name}" for name in tests)]
            try:
                done = subprocess.run(words, cwd=folder, capture_output=True, timeout=300, check=False)
            except subprocess.TimeoutExpired:
                return None
            if done.returncode:
                return None
    return what


def main(names):
    with open(os.path.join(ROOT, "uvflags.py"), encoding="utf-8") as file:
        text = file.read()
    if not lives((ast.unparse(ast.parse(text)), "parser", "nothing is changed")):
        sys.exit("the suite fails without any change")
    jobs = list(mutants(text, names or NAMES))
    living = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for what in pool.map(lives, jobs):
            if what:
                living += 1
                print(what, flush=True)
    print(f"{len(jobs)} mutants, {living} live")


if __name__ == "__main__":
    main(sys.argv[1:])
