"""`qingfu draw FILE.json [--json]` and `qingfu draw check FILE.json`."""

import argparse
import json
import sys
from pathlib import Path

from .check import check
from .draw import commitment, draw
from .request import PlanError

OK, WRONG, BAD_INPUT = 0, 1, 2


def add_parser(subparsers) -> None:
    """Adds `draw` to the command line."""
    parser = subparsers.add_parser("draw", help="抽取：人人可以复核的随机抽取")
    parser.add_argument("words", nargs="+", metavar="[check] 文件", help="抽取文件；前面写 check 则核对已公布的抽取")
    parser.add_argument("--json", action="store_true", help="输出可以公布的 JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 when drawn or in order, 1 when a published draw is wrong, 2 for bad input."""
    *verb, file = arguments.words
    try:
        if verb not in ([], ["check"]):
            raise PlanError("写法：qingfu draw 文件，或 qingfu draw check 文件")
        content = json.loads(Path(file).read_text(encoding="utf-8-sig"))
        if not isinstance(content, dict):
            raise PlanError(f"{file}：应为一个 JSON 对象")
        return _check(content) if verb else _draw(content, arguments.json)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        print(f"读不了文件 {file}：{error}", file=sys.stderr)
    except PlanError as error:
        print(error, file=sys.stderr)
    return BAD_INPUT


def _draw(content: dict, as_json: bool) -> int:
    request = content.get("request")
    listed = commitment(request)
    if "seed" not in content:
        print(json.dumps({"committed": listed}) if as_json else f"名单和规则的哈希，请在取得种子之前公布：{listed}")
        return OK
    if content.get("committed") != listed:
        raise PlanError(f"committed：应为事先公布的哈希；这份名单现在的哈希是 {listed}")
    result = draw(request, content["seed"])
    if as_json:
        published = {"request": request, "committed": listed, **result._asdict()}
        print(json.dumps(published, ensure_ascii=False, sort_keys=True))
        return OK
    who = {visit["unit"]: visit["inspector"] for visit in result.visits}
    why = {"certain": "多年未查", "reserve": "去年查过，预留", "drawn": "抽中"}
    for pick in result.picks:
        print("\t".join([pick["stratum"], pick["unit"], why[pick["why"]], who.get(pick["unit"], "")]).rstrip())
    print(f"名单哈希 {listed}\n结果哈希 {result.certificate['result_sha256']}")
    return OK


def _check(content: dict) -> int:
    wrong = check(content)
    print("\n".join(wrong) if wrong else "核对无误")
    return WRONG if wrong else OK
