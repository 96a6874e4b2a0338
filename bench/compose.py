"""One click: a county's report of a term, from a lake of 1.2 million demands to the Word file.

    python bench/compose.py [--classes 1000] [--folder DIR]

Data: a generated county of lake_province.py (1,000 classes, twelve things on each school day, without what families
said), its first term. Timed are the figures of the county's template with the chart's grades, the text with its
sources, laying it out and reading it through, which is the click; then the Word file with its chart. Problems and
rules, which come from the database, are left out. Bar: ten seconds.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingfu.site.settings")

from lake_province import county_id, write_province

from qingfu.lake import charts, indicators
from qingfu.lake.reading import Lake, open_lake
from qingfu.reports.composing import Facts, compose, cuts_named, figures_named, laid
from qingfu.reports.word import as_word
from qingfu.rulebook.words import word
from qingfu.text.files import open_file
from qingfu.text.review.reader import review_text

COUNTY = county_id(0)
FIRST, LAST, WRITTEN = date(2025, 9, 1), date(2026, 1, 31), date(2026, 2, 1)
YEAR_ENDS = date(2026, 7, 10)
NAMES = {"unit": "青禾县", "kind": "county", "above": "临江市", "period": "2025年秋季学期"}
BAR = 10  # seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--classes", type=int, default=1000)
    parser.add_argument("--folder", type=Path, help="keep the generated lake here, or use the one that is there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        write_province(folder, 1, given.classes, FIRST, YEAR_ENDS, reports=0)
        return measure(open_lake(folder))


def measure(lake: Lake) -> int:
    """Twice: in a process that has just begun, and as in a server that runs."""
    demands = sum(piece.rows for piece in lake.pieces if piece.table == "demands")
    print(f"{demands:,} demands in the lake")
    return int(max(clicked(lake, "in a process that has just begun"), clicked(lake, "once more")) > BAR)


def clicked(lake: Lake, when: str) -> float:
    """Prints the steps of one report; returns the seconds of its click."""
    facts, *taken = timed(lambda: facts_of(lake))
    content, *composed = timed(lambda: compose("county", NAMES, FIRST, LAST, facts))
    found = laid(content, {})
    read, *reading = timed(lambda: read_through(content, found))
    _, *drawn = timed(lambda: as_word(content, found, WRITTEN, pictures(found)))
    steps = {f"figures of {len(facts.figures)} indicators": taken, "text": composed, "laid out and read": reading}
    click = [sum(one[n] for one in steps.values()) for n in (0, 1)]
    steps |= {f"the click (bar {BAR})": click, "the Word file with its chart, when fetched": drawn}
    print(f"\n{when:<44}{'seconds':>9}{'of CPU':>9}")
    for name, (seconds, cpu) in steps.items():
        print(f"{name:<44}{seconds:>9.2f}{cpu:>9.2f}")
    worse = [one for one in read.findings if one.severity != "hint"]
    print(f"{len(found.sources)} sources; the reader finds {len(worse)} above a hint")
    return click[0]


def read_through(content: dict, found):
    return review_text(open_file(as_word(content, found, WRITTEN, {}), "报告.docx").text, on=WRITTEN)


def facts_of(lake: Lake) -> Facts:
    figures = indicators.figures(lake, figures_named("county"), COUNTY, FIRST, LAST)
    cut = {}
    for id, by in cuts_named("county"):
        parts = indicators.figures(lake, [id], COUNTY, FIRST, LAST, (by,))
        cut[id, by] = [(word(f"{by}s", one.by[0][1]), one) for one in parts]
    by_id = {one.indicator.id: one for one in figures}
    return Facts(by_id, cut, [], [], [], datetime(2026, 2, 1, 9), indicators.digest(lake))


def pictures(found) -> dict[str, bytes]:
    shown = [one.chart for one in found.blocks if one.chart]
    return {one["source"]: charts.bars(one["title"], tuple(map(tuple, one["rows"]))) for one in shown}


def timed(work: Callable) -> tuple[object, float, float]:
    """(what it gives, seconds by the clock, seconds of CPU in all threads)."""
    begun, cpu = time.perf_counter(), time.process_time()
    return work(), time.perf_counter() - begun, time.process_time() - cpu


if __name__ == "__main__":
    sys.exit(main())
