"""``qingfu …``: one command; every room brings its own subcommands."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from qingfu.lake.indicators.commands import check_claims
from qingfu.ledger.commands import rules_of_school

# in the order of the help
ROOMS = (
    "site", "server", "units", "rulebook", "text", "text.review", "text.official", "text.fields",
    "planning", "planning.merge", "lake", "lake.audit", "lake.indicators", "reports",
)  # fmt: skip
LENT = {"rulebook": {"find_school": rules_of_school}, "text.review": {"check_claims": check_claims}}
"""What a room on the ground asks of one above it that it may not know."""


def main(arguments: list[str] | None = None) -> int:
    """Run ``qingfu`` with ``arguments`` (default: the command line); returns the exit status."""
    parser = argparse.ArgumentParser(prog="qingfu", description="轻负：减负的一本账")
    subparsers = parser.add_subparsers(required=True, metavar="命令")
    for room in ROOMS:
        import_module(f"qingfu.{room}.commands").add_parser(subparsers, **LENT.get(room, {}))
    parsed = parser.parse_args(arguments)
    return parsed.run(parsed) or 0


if __name__ == "__main__":
    sys.exit(main())
