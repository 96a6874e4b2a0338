"""Clean texts in many styles: notices, tables, letters, minutes, diaries, scripts, with and without stops.

styles_learnt.txt and styles_held.txt, a line ==== between two texts. They were written before the reader was tried on
them; what it told in vain in the first was learnt from, the second was only counted.

    python -m tests.text.review.styles    # what is told above a hint in the texts that were learnt from, and counts
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from qingfu.text.review.reader import review_text

HERE = Path(__file__).parent
LEARNT, HELD = "styles_learnt", "styles_held"


def texts(name: str) -> list[str]:
    return (HERE / f"{name}.txt").read_text("utf-8").rstrip("\n").split("\n====\n")


def told(name: str) -> Iterator[dict]:
    """What the reader tells above a hint; all of it is in vain."""
    for text in texts(name):
        rows = review_text(f"{text}\n", on=date(2025, 11, 20)).as_rows()
        yield from (row for row in rows if row["severity"] != "hint")


def main() -> None:
    for row in told(LEARNT):
        print(row["kind"], row["sub"], row["text"], row["note"])
    for name in (LEARNT, HELD):
        lines = sum(text.count("\n") + 1 for text in texts(name))
        print(name, len(texts(name)), "texts", lines, "lines", dict(Counter(row["kind"] for row in told(name))))


if __name__ == "__main__":
    main()
