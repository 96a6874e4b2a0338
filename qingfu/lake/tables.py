"""The tables of the lake as ``data/tables.toml`` lays them down: names, types, meanings."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qingfu.rulebook import Limit, Rulebook
from qingfu.rulebook.words import MEASURES

ROOM = Path(__file__).parent
TYPES = {"int": "整数", "number": "小数", "text": "文字", "day": "日期", "yes_no": "是否"}
ATTRIBUTE, AMOUNT = "attribute_", "amount_"  # begin the columns of single attributes and measures


@dataclass(frozen=True)
class Column:
    """A column: its type (int, number, text, day, yes_no) and what it says."""

    name: str
    type: str
    text: str


@dataclass(frozen=True)
class Table:
    """A table. ``month_of`` is the day by which it is cut into months; without one it is a single piece.

    For indicators: ``dated`` is the day that a row belongs to, ``lasts`` the first and the last day of rows that stand
    for a while (``lasts_before``: the first day on which they stand no more), ``bearer`` the column with the unit,
    ``weight`` the column that says how many a row counts for. ``anonymous`` tables hold what people said without a
    name, told by the week or month (``indicators.pools``).
    """

    name: str
    title: str
    text: str
    columns: tuple[Column, ...]
    month_of: str = ""
    attributes: bool = False
    dated: str = ""
    lasts: tuple[str, ...] = ()
    lasts_before: bool = False
    bearer: str = "bearer_id"
    weight: str = ""
    anonymous: str = ""

    @property
    def names(self) -> set[str]:
        """The names of its columns."""
        return {column.name for column in self.columns}

    @property
    def order(self) -> list[str]:
        """The columns by which its rows are put in order: what they are of, and their numbers."""
        return [column.name for column in self.columns if column.name.endswith("_id")]

    @property
    def query(self) -> str | None:
        """The select list and tables that the rows come from; None for tables that are worked out in Python."""
        path = ROOM / "sql" / f"{self.name}.sql"
        return path.read_text("utf-8") if path.exists() else None


@cache
def tables() -> dict[str, Table]:
    """Every table of the lake, by name."""
    raw = tomllib.loads((ROOM / "data" / "tables.toml").read_text("utf-8"))
    return {
        name: Table(
            name, one["title"], one["text"],
            tuple(Column(column, *said) for column, said in one["columns"].items()),
            one.get("month_of", ""), one.get("attributes", False), one.get("dated", one.get("month_of", "")),
            tuple(one.get("lasts", ())), one.get("lasts_before", False), one.get("bearer", "bearer_id"),
            one.get("weight", ""),
            one.get("anonymous", ""),
        )
        for name, one in raw.items()
    }  # fmt: skip


def schema_page() -> str:
    """What lies in a lake, as a page of Markdown that every export puts beside the files."""
    parts = [(ROOM / "data" / "schema_head.txt").read_text("utf-8")]
    for table in tables().values():
        place = f"{table.name}/county=代码/" + ("month=年-月/" if table.month_of else "")
        parts.append(f"## {table.name} {table.title}\n\n{table.text}`{place}`\n\n| 列 | 类型 | 意思 |\n|---|---|---|")
        parts += [f"| `{one.name}` | {TYPES[one.type]} | {one.text} |" for one in table.columns]
        if table.attributes:
            parts.append(f"| `{AMOUNT}…` | 整数 | 一种计量一列；这个月有事项写明的才有 |")
            parts.append(f"| `{ATTRIBUTE}…` | 文字 | 规定或指标问到的属性，一种一列；这个月有事项写明的才有 |")
        parts.append("")
    return "\n".join(parts)


def attribute_keys(rulebooks: Iterable[Rulebook]) -> list[str]:
    """The attributes of demands that some limit asks for: each is a column of its own in the lake.

    So is ``account``, which says whose budgets a demand is charged to.
    """
    limits = (limit for rulebook in rulebooks for pack in rulebook.packs for limit in pack.limits)
    return sorted({"account"}.union(*map(attributes_of, limits)))


def single_columns(keys: Iterable[str]) -> list[str]:
    """The columns that single measures and the attributes ``keys`` of demands can have; a file has those that hold
    anything in it."""
    return [*(AMOUNT + measure for measure in MEASURES), *(ATTRIBUTE + key for key in keys)]


def attributes_of(limit: Limit) -> set[str]:
    """The attributes of demands that a limit looks at, and the account."""
    keys = {"account", *(condition.key for condition in (*limit.where, *limit.part))}
    keys |= {limit.per, *(value.fact for value in limit.values)} - {"", None}
    return keys | {"name", "listed"} if limit.form == "listed" else keys
