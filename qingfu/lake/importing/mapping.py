"""What the columns of a file mean, as a TOML that a person may read and correct."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from qingfu.lake.importing.kinds import Field, Kind, fold, kinds
from qingfu.lake.importing.table import Table
from qingfu.units.workbook.safety import column_number

YEARS = re.compile(r"(20\d{2})(?:\s*[-—–~至]+\s*(20\d{2}))?")
DEFAULTS = ("year", "school", "form")


class MappingError(ValueError):
    """A mapping that cannot be used. ``str()`` says which line and what to do."""


@dataclass(frozen=True)
class Column:
    """Which column says a field, as a letter; why it was proposed, and a few of its cells, for the person who looks."""

    letter: str
    why: str = ""
    samples: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True)
class Mapping:
    """The kind of register, the row with the headings, the column of each field, and what holds for all rows.

    ``defaults``: ``year`` (2025, or 2024-2025 for a school year) for days without a year, ``school`` (name or code)
    and ``form`` for rows that do not say it.
    """

    kind: Kind
    header: int
    columns: Dict[str, Column]
    defaults: Dict[str, str] = field(default_factory=dict)
    unused: tuple[tuple[str, str], ...] = ()

    @property
    def missing(self) -> list[Field]:
        """The fields that every row must say and no column does."""
        missing = [one for one in self.kind.fields if one.needed and one.name not in self.columns]
        if self.kind.bearer == "class" and not {"class", "grade"} & set(self.columns):
            missing.append(self.kind.field("class"))
        return missing

    @property
    def year(self) -> tuple[int | None, bool]:
        """The year for days without one, and whether it is the first of a school year."""
        found = YEARS.fullmatch(self.defaults.get("year", ""))
        return (int(found[1]), bool(found[2])) if found else (None, False)

    def to_toml(self) -> str:
        """As it is kept: nothing of what stands in the cells."""
        lines = [f'kind = "{self.kind.name}"', f"header = {self.header}", "", "[columns]"]
        lines += [f"{name} = {_quoted(column.letter)}" for name, column in self.columns.items()]
        lines += ["", "[units]", *(f"{name} = {_quoted(unit)}" for name, unit in self.units.items())]
        lines += ["", "[defaults]", *(f"{name} = {_quoted(value)}" for name, value in self.defaults.items())]
        return "\n".join(lines) + "\n"

    def explained(self) -> str:
        """As a file for a person to correct: at each line why this column, and what stands in it."""
        lines = [
            "# " + _("轻负提出的对应关系。请核对，改好后再检查；列可以写字母，也可以写表头。"),
            f'kind = "{self.kind.name}"   # {self.kind.title}',
            f"header = {self.header}   # " + _("表头在第几行"),
            "", "[columns]",
        ]  # fmt: skip
        for name, column in self.columns.items():
            told = [self.kind.field(name).title, column.why, "、".join(column.samples)]
            lines.append(f"{name} = {_quoted(column.letter)}   # {_one_line('；'.join(filter(None, told)))}")
        for one in self.kind.fields:
            if one.name not in self.columns:
                needed = _("必须有") if one in self.missing else _("可以没有")
                lines.append(f'# {one.name} = ""   # {one.title}；{needed}')
        lines += [f"# {letter} {_one_line(head)}：" + _("不导入") for letter, head in self.unused]
        lines += ["", "[units]   # " + _("没写单位的数按什么算")]
        lines += [f"{name} = {_quoted(unit)}" for name, unit in self.units.items()]
        lines += ["", "[defaults]   # " + _("每一行都一样的：年份、学校、作业形式")]
        lines += [f"{name} = {_quoted(value)}" for name, value in self.defaults.items()]
        if "year" not in self.defaults:
            lines.append('# year = "2024-2025"   # ' + _("没写年份的日期属于哪一年或哪个学年"))
        return "\n".join(lines) + "\n"

    @property
    def units(self) -> dict[str, str]:
        """What bare numbers count, by field."""
        return {name: column.unit for name, column in self.columns.items() if column.unit}


def read_mapping(text: str, table: Table, *, whole: bool = True) -> Mapping:
    """The mapping that a TOML says, for a table; with ``whole`` every needed field must have its column.

    Raises MappingError.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(_("对应表不是 TOML：%(error)s") % {"error": error}) from error
    kind = kinds().get(str(raw.get("kind", "")))
    if kind is None:
        raise MappingError(_("对应表的 kind 要写 %(kinds)s 之一。") % {"kinds": "、".join(kinds())})
    for part in ("columns", "units", "defaults"):
        if not isinstance(raw.get(part, {}), dict):
            raise MappingError(_("对应表的 [%(part)s] 要一行一个，如 day = \"B\"。") % {"part": part})
    if not isinstance(raw.get("header", table.header), int):
        raise MappingError(_("对应表的 header 要写表头的行号。"))
    units, columns = raw.get("units", {}), {}
    for name, said in raw.get("columns", {}).items():
        if kind.field(name) is None:
            names = "、".join(one.name for one in kind.fields)
            raise MappingError(_("%(title)s没有“%(name)s”这一项。可以写：%(names)s。")
                               % {"title": kind.title, "name": name, "names": names})  # fmt: skip
        columns[name] = Column(_letter(name, str(said), table), unit=str(units.get(name, "")))
    defaults = {name: str(value) for name, value in raw.get("defaults", {}).items()}
    if unknown := set(defaults) - set(DEFAULTS):
        raise MappingError(_("[defaults] 里不能写“%(name)s”。") % {"name": "、".join(sorted(unknown))})
    if "year" in defaults and not YEARS.fullmatch(defaults["year"]):
        raise MappingError(_("[defaults] 里的 year 要写成 2025 或 2024-2025。"))
    mapping = Mapping(kind, raw.get("header", table.header), columns, defaults)
    if whole and mapping.missing:
        titles = "、".join(one.title for one in mapping.missing)
        raise MappingError(_("还没有指定哪一列是%(titles)s。") % {"titles": titles})
    return mapping


def _letter(name: str, said: str, table: Table) -> str:
    """The letter of the column that a person named by its letter or heading."""
    heads = [fold(head) for head in table.heads]
    if heads.count(fold(said)) == 1:
        return table.letter(heads.index(fold(said)))
    if re.fullmatch(r"[A-Za-z]{1,2}", said) and column_number(said.upper()) <= len(heads):
        return said.upper()
    raise MappingError(_("%(name)s 指的列“%(said)s”不在表里，或者有两列同名。请写列的字母，如 B。")
                       % {"name": name, "said": said[:20]})  # fmt: skip


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _one_line(text: str) -> str:
    return " ".join(text.split())[:120]
