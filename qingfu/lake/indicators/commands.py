"""``qingfu indicators [DIR]``: the catalogue, or what its indicators come to in a lake."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from qingfu.lake.manifest import LakeError
from qingfu.units.commands import open_installation

if TYPE_CHECKING:
    from qingfu.lake.reading import Lake

NEEDS_EXTRA = "计算指标需要扩展 lake，请运行：pip install 'qingfu[lake]'"
ENDINGS = (".xlsx", ".csv")


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Join ``qingfu indicators …`` to the command line."""
    parser = subparsers.add_parser("indicators", help="列出全部指标；给出导出的记录，就算出来")
    parser.add_argument("lake", type=Path, nargs="?", metavar="文件夹", help="qingfu lake export 写出的文件夹")
    parser.add_argument("--id", action="append", default=[], metavar="编号", help="只算这个指标；可以写几次")
    parser.add_argument("--county", metavar="代码", help="哪个县；只有一个时不用写")
    parser.add_argument("--unit", metavar="单位", help="编号、代码或名称；不写就是全县")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, metavar="日期", help="不写就从本学期第一天起")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, metavar="日期", help="不写就到导出那一天")
    ways = "unit、term、week、month、subject、grade；可以写几次"
    parser.add_argument("--by", action="append", default=[], metavar="怎么分", help=ways)
    parser.add_argument("--json", action="store_true", help="一行一个 JSON")
    parser.add_argument("--out", type=Path, metavar="文件", help="写到 .xlsx 或 .csv")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """List the catalogue, or work out figures. Returns 2 where that could not be done."""
    try:
        return _figures(arguments) if arguments.lake else _catalogue(arguments.json)
    except ImportError:
        print(NEEDS_EXTRA, file=sys.stderr)
    except (LakeError, OSError) as problem:
        print(problem, file=sys.stderr)
    return 2


def _catalogue(as_json: bool) -> int:
    from qingfu.lake.indicators import catalogue

    section = ""
    for one in catalogue().values():
        if as_json:
            said = {name: getattr(one, name) for name in ("id", "section", "name", "definition", "unit", "direction")}
            print(json.dumps({**said, "since": one.since.isoformat(), "source": one.source}, ensure_ascii=False))
            continue
        if one.section != section:
            section = one.section
            print(f"\n{section}")
        print(f"  {one.name}（{one.unit}，{one.id}）\n    {one.definition}\n    出处：{one.source}")
    return 0


def _figures(arguments: argparse.Namespace) -> int:
    from qingfu.lake.indicators import catalogue, digest, figures
    from qingfu.lake.indicators.ground import term_until_written, unit_called
    from qingfu.lake.indicators.sheets import csv_text, workbook
    from qingfu.lake.reading import open_lake

    out = arguments.out
    if out and out.suffix not in ENDINGS:
        raise LakeError(f"{out} 应以 {' 或 '.join(ENDINGS)} 结尾。")
    lake = open_lake(arguments.lake, (arguments.county,) if arguments.county else ())
    unit_id = unit_called(lake, arguments.unit)
    first, last = term_until_written(lake, unit_id)
    ids = arguments.id or list(catalogue())
    found = figures(lake, ids, unit_id, arguments.first or first, arguments.last or last, arguments.by)
    if out:
        out.write_bytes(csv_text(found).encode() if out.suffix == ".csv" else workbook(found, digest(lake)))
    elif arguments.json:
        _print_json(found)
    else:
        _print(found)
    return 0


def check_claims(documents: Sequence, unit: str, period: str | None, lake: str | None) -> list[tuple[str, list]]:
    """The figures of each report beside those of the records: the name of its unit and ``claims.Checked``.

    ``unit``: by id, code or name; "" for the institution whose name stands first in the report, where a report that
    names none, or one of several of that name, gives ("", []). ``period`` in words or as two days; else that of the
    report, else the term. ``lake``: a folder, else that of this installation. Raises ValueError.
    """
    try:
        return _checked(documents, unit, period, lake)
    except ImportError as error:
        raise ValueError(NEEDS_EXTRA) from error
    except (LakeError, OSError) as error:
        raise ValueError(str(error)) from error


def _checked(documents: Sequence, unit: str, period: str | None, folder: str | None) -> list[tuple[str, list]]:
    from qingfu.lake.indicators.ground import institutions, unit_called
    from qingfu.lake.reading import lake_folder, open_lake
    from qingfu.text.review.claims import named_first

    if not folder:
        open_installation(database=False)
    lake = open_lake(Path(folder) if folder else lake_folder())
    if unit:
        ids = [[unit_called(lake, unit)]] * len(documents)
    else:
        called = institutions(lake)
        ids = [called.get(named_first(document, called), []) for document in documents]
    return [
        _beside(lake, document, those[0], period) if len(those) == 1 else ("", [])
        for document, those in zip(documents, ids, strict=True)
    ]


def _beside(lake: Lake, document, unit_id: int, period: str | None) -> tuple[str, list]:
    """A report beside the records of one unit."""
    from qingfu.lake.indicators import figures
    from qingfu.lake.indicators.claims import check, setting_of
    from qingfu.lake.indicators.ground import ground_of, term_until_written
    from qingfu.rulebook import load_calendar
    from qingfu.text.review.claims import Period, period_of
    from qingfu.text.review.claims.periods import read_period

    ground = ground_of(lake, unit_id)
    told = read_period(period, ground.written, load_calendar()) if period else None
    if period and told is None:
        raise LakeError(f"看不懂期间“{period}”。可以写 2026年秋季学期、2026年9月、2026-09-01..2026-11-30。")
    span = told or period_of(document, load_calendar(), ground.written) or term_until_written(lake, unit_id)
    setting = setting_of(ground, Period(*span[:2]))
    return ground.unit.name, check(document, setting, lambda ids: figures(lake, ids, unit_id, *span[:2]))


def _print_json(found: Iterable) -> None:
    for one in found:
        value = None if one.value is None else str(one.value)
        print(json.dumps({
            "id": one.indicator.id, "unit_id": one.unit_id, "unit_name": one.unit_name,
            "first": one.first.isoformat(), "last": one.last.isoformat(), "by": dict(one.by), "value": value,
            "numerator": one.numerator, "denominator": one.denominator, "records": one.records, "state": one.state,
        }, ensure_ascii=False))  # fmt: skip


def _print(found: Iterable) -> None:
    from qingfu.lake.indicators.sheets import STATES

    section = ""
    for one in found:
        if one.indicator.section != section:
            section = one.indicator.section
            print(f"\n{section}")
        told = "".join(f"，{value or '不分'}" for _, value in one.by)
        value = STATES[one.state] or f"{one.value} {one.indicator.unit}（{one.records} 条记录）"
        print(f"  {one.indicator.name}{told}：{value}")
