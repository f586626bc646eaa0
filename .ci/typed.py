# pyright: strict
"""A user's script, for the type checkers: clean but for the lines that say what is wrong with them."""

from __future__ import annotations

import argparse

import uvflags

parser = uvflags.ArgumentParser(
    prog="typed",
    env_prefix="T_",
    conflicts=[uvflags.Conflict("offline", "mirror"), uvflags.Conflict("a", "b", "typed only")],
)
parser.add_argument("--offline", action=argparse.BooleanOptionalAction, env=True)
parser.add_argument("--mirror", action="append", env=["NEW", "OLD"], env_separator=",", env_secret=True)
group = parser.add_argument_group("group")
group.add_argument("--jobs", type=int, env="JOBS")
exclusive = group.add_mutually_exclusive_group(required=True)
exclusive.add_argument("--a", type=uvflags.parse_bool, env=True)
exclusive.add_argument("--b", env=True)
commands = parser.add_subparsers(dest="command")
run = commands.add_parser("run", env_prefix="T_")
run.add_argument("--force", action="store_true", env=True)

args = parser.parse_args()
jobs: int = args.jobs
source: uvflags.Source = args.source_of("jobs")
kind: str = source.kind
name: str | None = source.name
inter: uvflags.Namespace = parser.parse_intermixed_args([])


class Args(uvflags.Namespace):
    port: int = 8080


mine: Args = parser.parse_args([], Args())
truth: bool = uvflags.parse_bool("yes")

uvflags.Conflict("a", "b", "sometimes")  # wrong: no such policy
group.add_argument("--c", env=1)  # wrong: no name
args.source_of(1)  # wrong: no dest
source.knid  # wrong: misspelt  # noqa: B018
wrong: int = args.source_of("jobs").kind  # wrong: a string
