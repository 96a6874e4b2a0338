"""Precision and recall of the homework lint by code on the labelled messages, and messages a second.

    python bench/lint.py

Only sums are printed, so that a part which is held out stays unread.
"""

import sys
from datetime import date
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from qingfu.text.homework import read  # noqa: E402
from qingfu.text.lint import lint  # noqa: E402
from qingfu.text.score import marked_messages, messages, score, table  # noqa: E402

SECONDS = 3.0
DAY = date(2025, 11, 12)


def rate(labelled: list[dict]) -> tuple[float, float]:
    """Messages a second, read and linted one after the other for SECONDS; and characters a second."""
    done = characters = 0
    start = perf_counter()
    while perf_counter() - start < SECONDS:
        message = labelled[done % len(labelled)]
        reading = read(message["text"], message["grade"], subject=None, today=DAY)
        lint(message["text"], message["grade"], items=reading.items)
        done += 1
        characters += len(message["text"])
    spent = perf_counter() - start
    return done / spent, characters / spent


def main() -> None:
    for path in sorted((ROOT / "tests" / "text").glob("messages_*.jsonl")):
        print(f"{path.stem.removeprefix('messages_')}\n{table(score(messages(path)))}\n")
    for path in sorted((ROOT / "tests" / "text").glob("paraphrases*.txt")):
        print(f"{path.stem}\n{table(score(marked_messages(path)))}\n")
    per_second, characters = rate(messages(ROOT / "tests" / "text" / "messages_dev.jsonl"))
    print(f"read and linted, one process: {per_second:,.0f} messages/s, {characters:,.0f} characters/s")


if __name__ == "__main__":
    main()
