"""What the commands of all planners have in common: a request or a published result in a file, and how it ends."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from .request import PlanError

OK, WRONG, BAD_INPUT = 0, 1, 2


Work = Callable[[dict], int]


def run_file(name: str, arguments: argparse.Namespace, plan: Work, check: Work) -> int:
    """`qingfu NAME FILE` plans, `qingfu NAME check FILE` checks; what they return, or BAD_INPUT after saying why."""
    *verb, file = arguments.words
    try:
        if verb not in ([], ["check"]):
            raise PlanError(f"写法：qingfu {name} 文件，或 qingfu {name} check 文件")
        content = json.loads(Path(file).read_text(encoding="utf-8-sig"))
        if not isinstance(content, dict):
            raise PlanError(f"{file}：应为一个 JSON 对象")
        return check(content) if verb else plan(content)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        print(f"读不了文件 {file}：{error}", file=sys.stderr)
    except PlanError as error:
        print(error, file=sys.stderr)
    return BAD_INPUT
