"""The table of all indicators in docs/indicators.md; ``python -m qingfu.lake.indicators.page`` writes it."""

from __future__ import annotations

from pathlib import Path

from qingfu.lake.indicators.catalogue import catalogue
from qingfu.lake.indicators.sheets import DIRECTIONS

PAGE = Path(__file__).parents[3] / "docs" / "indicators.md"
HEAD = "| 编号 | 指标 | 计量单位 | 方向 | 定义 | 出处 |\n|---|---|---|---|---|---|\n"
BEGINS = "## The catalogue\n"


def table() -> str:
    """The catalogue as Markdown, section by section."""
    sections: dict[str, list[str]] = {}
    for one in catalogue().values():
        cells = (f"`{one.id}`", one.name, one.unit, DIRECTIONS[one.direction], one.definition, one.source)
        sections.setdefault(one.section, []).append("| " + " | ".join(cells) + " |\n")
    return "".join(f"\n### {name}\n\n{HEAD}{''.join(rows)}" for name, rows in sections.items())


def page() -> str:
    """The whole page with the table as it should be."""
    return PAGE.read_text("utf-8").partition(BEGINS)[0] + BEGINS + table()


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
