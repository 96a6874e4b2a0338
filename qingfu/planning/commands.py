"""`qingfu draw FILE.json [--json]` and `qingfu draw check FILE.json`."""

import argparse
import json

from .check import check
from .command_line import OK, WRONG, run_file
from .draw import commitment, draw
from .request import PlanError


def add_parser(subparsers) -> None:
    """Adds `draw` to the command line."""
    parser = subparsers.add_parser("draw", help="抽取：人人可以复核的随机抽取")
    parser.add_argument("words", nargs="+", metavar="[check] 文件", help="抽取文件；前面写 check 则核对已公布的抽取")
    parser.add_argument("--json", action="store_true", help="输出可以公布的 JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 when drawn or in order, 1 when a published draw is wrong, 2 for bad input."""
    return run_file("draw", arguments, lambda content: _draw(content, arguments.json), _check)


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
