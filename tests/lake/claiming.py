"""Sentences with figures, as labelled_claims.txt has them, and how well the words of the indicators read them.

``python -m tests.lake.claiming`` prints precision and recall, and what was read otherwise than it is labelled.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from qingfu.lake.indicators.claims import matters
from qingfu.text.review.claims import Setting, claims
from qingfu.text.review.layers import read_document

SENTENCES = Path(__file__).parent / "labelled_claims.txt"
HELD_OUT = "# held out"
NONE = "-"
NOT_OURS = {"other_time", "other_unit", "other_base"}  # of these the ledger is not asked
SETTING = Setting(("青禾县",), ("实验小学",), "县校镇")


class Labelled(NamedTuple):
    """A sentence and what each of its figures means: {figure as written: id of the indicator or NONE}."""

    text: str
    means: dict[str, str]


def labelled(part: str) -> list[Labelled]:
    """The sentences "seen" while the words were written, or those "held" out."""
    seen, _, held = SENTENCES.read_text("utf-8").partition(HELD_OUT)
    lines = {"seen": seen, "held": held}[part].splitlines()
    rows = (line.split("|") for line in lines if "|" in line and not line.startswith("#"))
    return [Labelled(text, dict(one.rsplit(" ", 1) for one in told)) for text, *told in rows]


def read(text: str) -> dict[str, str]:
    """What each figure of a sentence is read as."""
    document = read_document(text)
    return {
        document.raw[one.start : one.end]: NONE if one.why in NOT_OURS else one.matter or NONE
        for one in claims(document, matters(), SETTING)
    }


def counted(part: str) -> tuple[Counter, list[tuple[str, dict, dict]]]:
    """How many figures were rightly matched, meant, and told, and the sentences that were read otherwise."""
    counts: Counter = Counter()
    wrong = []
    for row in labelled(part):
        got = read(row.text)
        # A figure that is labelled as 2.1万 may be read with its measure.
        told = {key: next((id for words, id in got.items() if words.startswith(key)), NONE) for key in row.means}
        more = {words: id for words, id in got.items() if id != NONE and not words.startswith(tuple(row.means))}
        counts["meant"] += sum(id != NONE for id in row.means.values())
        counts["told"] += sum(id != NONE for id in told.values()) + len(more)
        counts["right"] += sum(told[key] == id != NONE for key, id in row.means.items())
        if told != row.means or more:
            wrong.append((row.text, row.means, told | more))
    return counts, wrong


def main() -> None:
    for part in ("seen", "held"):
        counts, wrong = counted(part)
        right, told, meant = counts["right"], counts["told"], counts["meant"]
        print(f"{part}: P {right}/{told} = {right / told:.2f}, R {right}/{meant} = {right / meant:.2f}")
        for text, means, read_as in wrong if part == "seen" else ():
            print("  ", text, {key: (means.get(key), id) for key, id in read_as.items() if means.get(key) != id})


if __name__ == "__main__":
    main()
