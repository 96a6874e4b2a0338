"""Reports by authors who did not know the reader, with the defects that they put in and what only looks like one.

strangers/*.txt are the collections; defects.tsv and lookalikes.tsv say where. Rows by "reader" are defects that the
reader told first and that were agreed on by reading. Reports of odd number are learnt from, even ones held out.

    python -m tests.text.review.strangers [learnt] ["held out"]   # the halves of which misses are listed
"""

import sys
from collections import defaultdict
from csv import DictReader
from functools import cache
from pathlib import Path

from qingfu.text.review.detectors.copies import across
from qingfu.text.review.reader import as_row, review_text

from .score import Tally, overlap

FOLDER = Path(__file__).parent / "strangers"
HALVES = ("learnt", "held out")
ALIKE = ({"policy_conflict", "burden_as_merit"}, {"empty_figure", "moved_figure"})  # either is right for the other
SAMPLES = frozenset({"empty_talk"})  # annotated where it is clear only: no precision


def half(row: dict) -> str:
    return HALVES[row["report"] % 2 == 0]


@cache
def labels(name: str) -> list[dict]:
    """The rows of defects.tsv or lookalikes.tsv."""
    with (FOLDER / f"{name}.tsv").open(encoding="utf-8") as file:
        rows = list(DictReader(file, delimiter="\t"))
    return [row | {key: int(row[key]) for key in ("report", "line", "start", "end")} for row in rows]


@cache
def texts() -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.txt"))}


@cache
def findings() -> list[dict]:
    """What the reader says of the collections, copies between them included."""
    reviews = [review_text(text, file=name) for name, text in texts().items()]
    found = [row for review in reviews for row in review.as_rows() if row["kind"] != "near_duplicate_passage"]
    return found + [as_row(document, copy) for document, copy in across(review.document for review in reviews)]


def right(label: dict, finding: dict) -> bool:
    """Whether the finding tells what the label tells: a kind that goes for it, one file, a character shared."""
    kinds = {label["kind"], finding["kind"]}
    compatible = len(kinds) == 1 or any(kinds <= group for group in ALIKE)
    return compatible and label["file"] == finding["file"] and overlap(label, finding) > 0


def judged(found: list[dict], of: str) -> tuple[dict[str, Tally], list[dict], list[dict]]:
    """Tallies by kind for one half, the labels that were missed and the findings that no label bears out."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    due = [row for row in labels("defects") if half(row) == of]
    said = [row for row in found if half(row) == of]
    missed = [label for label in due if not any(right(label, one) for one in said)]
    vain = [one for one in said if one["kind"] not in SAMPLES and not any(right(label, one) for label in due)]
    for label in due:
        tallies[label["kind"]].annotated += 1
        tallies[label["kind"]].hit += label not in missed
    for one in vain:
        tallies[one["kind"]].false += 1
    return tallies, missed, vain


def main() -> None:
    found = findings()
    for of in HALVES:
        tallies, missed, vain = judged(found, of)
        print(f"{of}\n{'':24}{'there':>6}{'hit':>6}{'R':>7}{'vain':>6}{'P':>7}")
        for kind, tally in sorted(tallies.items()):
            recall, precision = (f"{v:.2f}" if v is not None else "-" for v in (tally.recall, tally.precision))
            precision = "-" if kind in SAMPLES else precision
            print(f"{kind:24}{tally.annotated:6}{tally.hit:6}{recall:>7}{tally.false:6}{precision:>7}")
        if of in sys.argv:
            for word, rows in (("missed", missed), ("vain", vain)):
                for row in rows:
                    line = texts()[row["file"]].split("\n")[row["line"] - 1]
                    text = line[row["start"] : row.get("end_line") and len(line) or row["end"]]
                    print(f"  {word} {row['file']}:{row['line']}:{row['start']} {row['kind']} {row['sub']} {text}")


if __name__ == "__main__":
    main()
