"""`qingfu forms match FILE.csv`: which fields of forms ask for the same."""

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from .matching import SUBSET, SUPERSET, Dictionary, compare
from .reading import LONGEST_NAME, Field, read

OK, BAD_INPUT = 0, 2
_COLUMNS = {
    "name": ("name", "字段", "字段名", "名称", "指标", "指标名称"),
    "unit": ("unit", "单位", "计量单位"),
    "period": ("period", "周期", "时间", "报告期"),
    "level": ("level", "层级", "填报对象"),
}
_OTHER = "另一"
_RELATIONS = {"same": "相同", "subset": "包含于", "superset": "包含", "different": "不同"}


class BadFile(ValueError):
    """A file that cannot be read; its text says in Chinese what is wrong."""


class Row(NamedTuple):
    """A row of the file: its number (the header is row 1), its field, and the second field where rows are pairs."""

    number: int
    field: Field
    other: Field | None


def add_parser(subparsers) -> None:
    """`qingfu forms match FILE.csv [--against KNOWN.csv] [--near] [--json]`."""
    forms = subparsers.add_parser("forms", help="报表：哪些字段是重复要的")
    parser = forms.add_subparsers(required=True, metavar="动作").add_parser(
        "match", help="比对字段：相同、包含、不同，并说明理由",
        description="CSV 第一行是表头：name（字段）、unit（单位）、period（周期）、level（校 村 镇 县），后三列可缺。"
        "另有 other_name 等（另一字段……）四列时，每行就是要比的一对。",
        epilog="退出码：0 全部答了，2 有的行读不了（按行号指出，其余照答）。",
    )
    parser.add_argument("file", metavar="文件.csv")
    parser.add_argument("--against", metavar="已有.csv", help="与已有的字段比；不写就在文件内两两比")
    parser.add_argument("--near", action="store_true", help="内容相近而不同的也列出，并说明理由")
    parser.add_argument("--json", action="store_true", help="每对一行 JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Answers the pairs of a file; 2 if a row or a file could not be read."""
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        rows, bad = _rows(arguments.file)
        known, bad_known = _rows(arguments.against) if arguments.against else (None, [])
    except BadFile as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    for answer in _answers(rows, known, arguments.near):
        print(json.dumps(answer, ensure_ascii=False) if arguments.json else _told(answer))
    for number, message in [*bad, *bad_known]:
        if arguments.json:
            print(json.dumps({"row": number, "error": message}, ensure_ascii=False))
        print(message, file=sys.stderr)
    return BAD_INPUT if bad or bad_known else OK


def _answers(rows: list[Row], known: list[Row] | None, near: bool) -> Iterator[dict]:
    pairs = [row for row in rows if row.other]
    yield from (_answer(row, row.number, row.other, *compare(row.field, row.other)) for row in pairs)
    alone = [row for row in rows if not row.other]
    others = {row.number: row for row in (alone if known is None else known)}
    dictionary = Dictionary((number, row.field) for number, row in others.items())
    for row in alone:
        for key, relation, reason in dictionary.match(row.field, near):
            once = relation == SUBSET or key < row.number and relation != SUPERSET
            if known is not None or once:
                yield _answer(row, key, others[key].field, relation, reason)


def _answer(row: Row, number: int, other: Field, relation: str, reason: str) -> dict:
    return {
        "rows": [row.number, number], "names": [row.field.name, other.name], "relation": relation, "reason": reason,
    }


def _told(answer: dict) -> str:
    (one, other), (row, other_row) = answer["names"], answer["rows"]
    return f"第 {row} 行“{one}” {_RELATIONS[answer['relation']]} 第 {other_row} 行“{other}”：{answer['reason']}"


def _rows(file: str) -> tuple[list[Row], list[tuple[int, str]]]:
    """The rows that can be read, and (number, what is wrong) of the others. Raises BadFile."""
    content = csv.reader(StringIO(_text(file)))
    try:
        header = next(content, [])
        mine, its = _places(header, ""), _places(header, _OTHER)
        if "name" not in mine:
            raise BadFile(f"{file}：第 1 行应是表头，其中要有 name（字段）一列")
        rows, bad = [], []
        for number, cells in enumerate(content, 2):
            if any(cell.strip() for cell in cells):
                try:
                    other = _field(cells, its) if "name" in its else None
                    rows.append(Row(number, _field(cells, mine), other))
                except ValueError as error:
                    bad.append((number, f"{file} 第 {number} 行：{error}"))
    except csv.Error as error:
        raise BadFile(f"{file}：不是完整的 CSV：{error}")
    return rows, bad


def _text(file: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise BadFile(f"读不了文件 {file}：{error}")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile(f"读不了文件 {file}：不是 UTF-8，也不是 GB18030 编码的文字")


def _places(header: list[str], prefix: str) -> dict[str, int]:
    """Which column holds what."""
    written = [cell.strip().lower() for cell in header]
    return {
        column: written.index(name)
        for column, names in _COLUMNS.items()
        for name in ([f"other_{column}", *(prefix + one for one in names)] if prefix else names)
        if name in written
    }


def _field(cells: list[str], places: dict[str, int]) -> Field:
    values = {column: cells[place].strip() if place < len(cells) else "" for column, place in places.items()}
    if not values["name"]:
        raise ValueError("没有写字段名（name）")
    if len(values["name"]) > LONGEST_NAME:
        raise ValueError(f"字段名有 {len(values['name'])} 个字，最多 {LONGEST_NAME} 个字")
    field = read(**values)
    if isinstance(field.period, str):
        raise ValueError(f"看不懂周期“{values['period']}”，可写 2025年、2025年末、2025年1-6月、2025年秋季学期")
    return field
