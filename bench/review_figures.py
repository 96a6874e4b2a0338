"""Precision and recall of the report reader, by kind, with counts.

    python bench/review_figures.py [--injected 60] [--broken 20] [--prose 1000000] [--show KIND]

(a) the annotated public collections beside the repository (../shared/data, or --data), (b) clean reports with one
planted defect each and statements labelled by hand, (c) the clean reports themselves, in both scripts, (d) clean
prose of other kinds, (e) clean reports with a line broken in its bytes, in a harsh mix and as in the collection, by
seeds on which nothing was tuned.
"""

import argparse
import json
import random
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from qingfu.text.review.reader import review_text  # noqa: E402
from tests.text.review.broken import COLLECTION, MISREAD, Outcome, outcome  # noqa: E402
from tests.text.review.broken import KINDS as BROKEN  # noqa: E402
from tests.text.review.labelled import lines as labelled_lines  # noqa: E402
from tests.text.review.mutate import KINDS, LEGAL, inject, legal  # noqa: E402
from tests.text.review.prose import kinds as prose_kinds  # noqa: E402
from tests.text.review.reports import clean_reports, traditional_ones  # noqa: E402
from tests.text.review.score import Score, alarms, score, table  # noqa: E402

DATA = ROOT.parent / "shared" / "data"
SAMPLES = frozenset({"ocr_slip", "policy_conflict", "internal_contradiction", "truncated", "empty_figure"})
FIRST_SEED = 1000  # those below are for tuning
PAGE = 20_000  # characters of prose read at a time


def rows(text: str, file: str, on: date | None = None) -> list[dict]:
    return list(review_text(text, file=file, on=on).as_rows())


def public(data: Path, show: str | None) -> None:
    """(a) The annotated collections; of kinds whose annotations are samples, recall alone."""
    defects = data / "report_defects.jsonl"
    if not defects.exists():
        print(f"annotated collections: {defects} is not there, left out")
        return
    annotated = [json.loads(line) for line in defects.read_text("utf-8").splitlines()]
    found = []
    for file in sorted({row["file"] for row in annotated}):
        found += rows((data / file).read_text("utf-8"), file)
    known = {row["kind"] for row in annotated}
    result = score(annotated, [row for row in found if row["kind"] in known])
    print(f"annotated collections ({len(annotated)} defects)\n{table(result, SAMPLES)}")
    others = Counter(row["kind"] for row in found if row["kind"] not in known)
    print("kinds without annotations:", dict(others) or "none")
    tell(result, show)


def injected(reports: dict[str, str], count: int, show: str | None) -> None:
    """(b) Every kind and sub planted in ``count`` clean reports, one report at a time.

    A vain finding is counted where the planted defect is of the same kind: what the clean report itself raises is (c).
    """
    total = Score()
    for kind, sub in KINDS:
        for place, (name, text) in enumerate(list(reports.items())[:count]):
            damaged, planted = inject(text, kind, sub, random.Random(f"{kind} {sub} {place}"))
            if planted:
                found = [row for row in rows(damaged, name) if row["kind"] == kind]
                total.add(score([one.as_row(name) for one in planted], found))
    print(f"\nplanted in {min(count, len(reports))} clean reports\n{table(total)}")
    tell(total, show)
    said = Counter()
    for sub in LEGAL:
        for place, (name, text) in enumerate(list(reports.items())[:count]):
            found = rows(legal(text, sub, random.Random(f"{sub} {place}")), name)
            said[sub] += sum(row["kind"] == "policy_conflict" for row in found)
    print("legal counterparts that raised a policy conflict:", dict(+said) or "none", f"of {len(LEGAL)} subs")


def labelled() -> None:
    """(b) Statements labelled by hand from the policies, half of them held out."""
    print("\nstatements labelled by hand, policy conflicts")
    for line in labelled_lines():
        print(f"  {line}")


def clean(reports: dict[str, str], show: str | None) -> None:
    """(c) Clean reports, twelve of them in traditional script: nothing above "hint" is due."""
    texts = {**reports, **traditional_ones(reports)}
    loud = [(row, name) for name, text in texts.items() for row in alarms(rows(text, name))]
    print(f"\n{len(texts)} clean reports: {len(loud)} findings above hint")
    for (kind, sub), count in Counter((row["kind"], row["sub"]) for row, _ in loud).most_common():
        print(f"  {kind} {sub}: {count}")
    for row, name in loud:
        if show in (row["kind"], "all"):
            print(f"  {name}:{row['line']} {row['kind']} {row['sub']} {row['text'][:40]!r}")


def prose(characters: int, show: str | None) -> None:
    """(d) Clean prose of other kinds: errors in 10,000 characters, and characters a second."""
    for name, text in prose_kinds(characters).items():
        pages = [text[at : at + PAGE] for at in range(0, len(text), PAGE)]
        start = perf_counter()
        errors = [row for page in pages for row in alarms(rows(page, name), "error")]
        spent = perf_counter() - start
        density = f"{len(errors)} errors in {len(text):,} characters, {len(errors) / len(text) * 10_000:.2f} in 10,000"
        print(f"\n{name}: {density}; {len(text) / spent:,.0f} characters/s")
        for (kind, sub, text_), count in Counter((e["kind"], e["sub"], e["text"][:12]) for e in errors).most_common(12):
            if show in (kind, "all"):
                print(f"  {kind} {sub} {text_!r}: {count}")


MIXES = {
    "harsh": dict.fromkeys((*BROKEN, *MISREAD), 1),
    "as in the collection": {kind: lines for kind, (_, lines, _) in COLLECTION.items()},
}


def bytes_broken(reports: list[str], seeds: range, mix: str) -> None:
    """(e) Lines broken in their bytes, by kind: how many are found, read as they were, mended unasked, and wrongly."""
    print(f"\nlines broken in their bytes, {mix}, seeds {seeds.start} to {seeds.stop - 1}")
    print(f"{'':28}{'there':>6}{'found':>7}{'exact':>7}{'(told)':>8}{'safe':>6}{'wrong':>7}{'vain':>6}")
    every: list[Outcome] = []
    start = perf_counter()
    for kind, lines in MIXES[mix].items():
        tries = [f"{seed} {kind}" + f" {line}" * (line > 0) for seed in seeds for line in range(lines)]
        made = [one for name in tries if (one := outcome(reports, kind, random.Random(name)))]
        every += made
        print(broken_row(kind, made))
    print(broken_row("in all", every), f"\n{len(every) / (perf_counter() - start):.1f} reports a second")


def broken_row(name: str, made: list[Outcome]) -> str:
    there = max(len(made), 1)
    told = [one for one in made if one.told]
    exact = sum(one.exact for one in made) / there
    exact_told = sum(one.exact for one in told) / max(len(told), 1)
    counts = f"{sum(o.safe for o in made):6}{sum(o.wrong for o in made):7}{sum(o.vain for o in made):6}"
    return f"{name:28}{len(made):6}{sum(o.found for o in made) / there:7.2f}{exact:7.2f}{exact_told:8.2f}{counts}"


def tell(result: Score, show: str | None) -> None:
    for label, found in (("missed", result.missed), ("vain", result.false)):
        for row in found:
            if show in (row["kind"], "all"):
                place = f"{row['file']}:{row['line']}:{row['start']}"
                print(f"  {label} {place} {row['sub']} {row['text'][:40]!r} → {row['fix']!r}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--injected", type=int, default=60, metavar="REPORTS")
    parser.add_argument("--broken", type=int, default=20, metavar="SEEDS", help="broken lines of each kind")
    parser.add_argument("--prose", type=int, default=1_000_000, metavar="CHARACTERS")
    parser.add_argument("--data", type=Path, default=DATA, metavar="DIR", help="the annotated collections")
    parser.add_argument("--show", metavar="KIND", help="list what was missed and reported in vain, of a kind or of all")
    wanted = parser.parse_args()
    reports = clean_reports()
    public(wanted.data, wanted.show)
    injected(reports, wanted.injected, wanted.show)
    labelled()
    clean(reports, wanted.show)
    prose(wanted.prose, wanted.show)
    for mix in MIXES:
        bytes_broken(list(reports.values()), range(FIRST_SEED, FIRST_SEED + wanted.broken), mix)


if __name__ == "__main__":
    main()
