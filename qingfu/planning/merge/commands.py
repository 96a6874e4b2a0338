"""`qingfu merge FILE.json [--json]` and `qingfu merge check FILE.json`."""

import argparse
import json

from ..command_line import OK, WRONG, run_file
from .check import check
from .merge import Result, merge


def add_parser(subparsers) -> None:
    """Adds `merge` to the command line."""
    parser = subparsers.add_parser("merge", help="合并检查：几家同去一处的并成一次，少打扰、少跑路")
    parser.add_argument("words", nargs="+", metavar="[check] 文件", help="检查计划；前面写 check 则核对已公布的安排")
    parser.add_argument("--json", action="store_true", help="输出可以公布的 JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 when planned or in order, 1 when a visit found no day or a published plan is wrong, 2 for bad input."""
    return run_file("merge", arguments, lambda content: _merge(content, arguments.json), _check)


def _merge(content: dict, as_json: bool) -> int:
    request = content.get("request")
    result = merge(request, content.get("seed", ""))
    if as_json:
        print(json.dumps({"request": request, **result._asdict()}, ensure_ascii=False, sort_keys=True))
    else:
        _tell(request, result)
    return WRONG if result.unplaced else OK


def _tell(request: dict, result: Result) -> None:
    for day in result.days:
        for there in day["places"]:
            print("\t".join([day["day"], there["place"], "、".join(there["visits"])]))
        for route in day.get("routes", []):
            print(f"\t路线\t{' → '.join(route)}")
    why = {"closed": "窗口之内没有可以去的日子", "full": "窗口之内已满"}
    for row in result.unplaced:
        print(f"放不下\t{row['visit']}\t{why[row['why']]}")
    done = result.certificate
    print(f"检查 {done['visits']} 项，到 {done['visit_days']} 天，合并省下 {done['visits'] - done['visit_days']} 天")
    if not result.unplaced:
        print(f"已证明至少要到 {done['visit_days_bound']} 天")
        print(f"各家出行共 {done['travel_days']} 天，已证明至少 {done['travel_days_bound']} 天")
    if any("routes" not in day for day in result.days) and "start" in request:
        print("一天多于七处的路线要用 PyVRP：请安装 qingfu[planning]")
    print(f"结果哈希 {done['result_sha256']}")


def _check(content: dict) -> int:
    wrong = check(content)
    print("\n".join(wrong) if wrong else "核对无误")
    return WRONG if wrong else OK
