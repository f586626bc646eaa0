"""Compare the options of uvflags with those of uv.

    python .ci/options.py UV

`uv-options.json` beside this script holds the facts on uv's options. The parsers of uvflags are
compared with them, and so is the help of UV, a program. What differs on purpose is in ON_PURPOSE.
Prints every other difference. The exit status is 1 if there is any.
"""

import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.dont_write_bytecode = True

import uvflags

SUBCOMMANDS, HELPS = "run sync lock", "run--help sync--help lock--help"
PLACES = SUBCOMMANDS + " before"  # before the subcommand
CERTS, NO_CERTS = "--native-tls --system-certs", "--no-native-tls --no-system-certs"
# Where, which options, what differs, what it is there, and why.
ON_PURPOSE = (
    ("before", "--help -h --version -V --json", "exists", True, "they are for uvflags itself"),
    (f"{SUBCOMMANDS} {HELPS}", "--help -h", "exists", True, "the facts leave it out"),
    (SUBCOMMANDS, "--refresh", "env", "UV_REFRESH", "uvflags adds this variable"),
    (PLACES, "--directory", "env", "UV_WORKING_DIR UV_WORKING_DIRECTORY", "the second is older"),
    (PLACES, CERTS, "env", "UV_SYSTEM_CERTS UV_NATIVE_TLS", "the second is older"),
    (PLACES, CERTS, "names", CERTS, "to uv two options, which override each other"),
    (PLACES, NO_CERTS, "names", NO_CERTS, "to uv two options, which override each other"),
    ("lock", "--check --locked", "names", "--check --locked", "to uv two options"),
    ("lock", "--check-exists --frozen", "names", "--check-exists --frozen", "to uv two options"),
    ("lock", "--frozen --locked", "hidden", False, "they are shown beside the other name"),
    ("run", "--no_workspace", "hidden", True, "an odd name of --no-project"),
    (SUBCOMMANDS, "--no-require-build-hashes", "hidden", True, "opposites are not shown"),
    (HELPS, "--require-build-hashes", "env", "", "uv does not list the variable"),
    ("lock--help", "--check", "env", "", "uv does not list the variable"),
)
KINDS = {
    "_StoreTrueAction": "flag", "_StoreFalseAction": "flag", "_CountAction": "count",
    "_StoreAction": "value", "_AppendAction": "list",
}
ENTRY = re.compile(r" {2,6}(?:(-\w), )?(--[\w-]+)")
# One in quotes, as in [env: "UV_PYTHON_DOWNLOADS=never"], stands for one of its values only.
VARIABLE = re.compile(r"\[env: `?(\w+)")


def in_facts(rows):
    """Return what the facts say of options, by their names."""
    found = {}
    for row in rows:
        names = sorted({row["option"], row.get("short", row["option"]), *row.get("aliases", [])})
        separator = None
        if row["kind"] == "list":
            separator = row.get("separator", " ")  # where it has none, uv divides a variable later
        for name in names:
            found[name] = {
                "exists": True, "names": " ".join(names), "kind": row["kind"],
                "env": row.get("env", ""), "separator": separator,
                "hidden": row.get("hidden", False), "secret": row.get("secret", False),
                "before": row.get("before_command", False),
            }
    return found


def in_parser(parser, root):
    """Return what a parser has of options, by their names."""
    found = {}
    for action in parser._actions:
        names, variables = [], []
        for other in parser._actions:
            if (other.dest, other.const) == (action.dest, action.const):
                names += other.option_strings
                variables += uvflags._variables(other).names
        _, separator, secret = uvflags._variables(action)
        for name in action.option_strings:
            found[name] = {
                "exists": True, "names": " ".join(sorted(names)),
                "kind": KINDS.get(type(action).__name__), "env": " ".join(variables),
                "separator": separator, "hidden": action.help is uvflags.argparse.SUPPRESS,
                "secret": secret, "before": name in root._option_string_actions,
            }
    return found


def in_help(uv, subcommand):
    """Return the options that the help of uv lists, by their names."""
    entries, found = [], {}
    for line in subprocess.check_output([uv, subcommand, "--help"], text=True).splitlines():
        if ENTRY.match(line):
            entries.append(line)
        elif entries and line.startswith(" " * 8):
            entries[-1] += " " + line.strip()
    for entry in entries:
        for name in filter(None, ENTRY.match(entry).groups()):
            found[name] = {"exists": True, "env": " ".join(VARIABLE.findall(entry))}
    return found


def differences(facts, others):
    """Yield the name of an option, a field, what it is in the facts, and what it is elsewhere."""
    for name in sorted({*facts, *others}):
        fact, other = facts.get(name, {"exists": False}), others.get(name, {"exists": False})
        for field in fact:
            if field in other and fact[field] != other[field]:
                yield name, field, fact[field], other[field]


def main(uv):
    with open(os.path.join(HERE, "uv-options.json"), encoding="utf-8") as file:
        facts = json.load(file)
    root, count = uvflags._root_parser("uvflags"), 0
    before = [row for row in facts["lock"] if row.get("before_command")]
    pairs = {"before": (in_facts(before), in_parser(root, root))}
    for subcommand in SUBCOMMANDS.split():
        rows, parser = facts[subcommand], uvflags._subcommand_parser("uvflags", subcommand)
        pairs[subcommand] = in_facts(rows), in_parser(parser, root)
        visible = [{**row, "aliases": []} for row in rows if not row.get("hidden")]
        pairs[f"{subcommand}--help"] = in_facts(visible), in_help(uv, subcommand)
        count += len(rows)
    expected = {}
    for places, names, field, value, _ in ON_PURPOSE:
        for place in places.split():
            expected.update(((place, name, field), value) for name in names.split())
    purposes, unexpected = len(expected), 0
    for place, (known, others) in pairs.items():
        for name, field, fact, other in differences(known, others):
            if expected.pop((place, name, field), None) != other:
                unexpected += 1
                print(f"{place} {name}: {field} is {other!r}, but {fact!r} in the facts")
    for place, name, field in expected:
        unexpected += 1
        print(f"{place} {name}: {field} is as in the facts, though ON_PURPOSE says otherwise")
    version = " ".join(subprocess.check_output([uv, "--version"], text=True).split()[:2])
    print(f"options: {count} and the help of {version}: {purposes} differ on purpose, {unexpected} more")
    return 1 if unexpected else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(os.path.abspath(sys.argv[1])))
