#!/usr/bin/env python3
"""Train the second opinion and the second look of the homework lint (qingfu/text/opinion.py, doubts.py) on the
labelled messages.

    python bin/opinion.py               # writes opinion.txt and doubts.txt of qingfu/text/data
    python bin/opinion.py --leave-out [NAME …]   # for each set, or those named: the lint with both models trained on
                                                 # all other sets

Needs scikit-learn, which nothing else does. The released messages and phrases are read, the held-out
ones never. The same data give the same file.
"""

import re
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from math import sqrt
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from qingfu.text import doubts, lint  # noqa: E402
from qingfu.text.doubts import Doubts, surroundings  # noqa: E402
from qingfu.text.homework import WRITTEN, read  # noqa: E402
from qingfu.text.opinion import Opinion, features  # noqa: E402
from qingfu.text.patterns import LINT  # noqa: E402
from qingfu.text.plain import plain  # noqa: E402
from qingfu.text.score import Tally, marked_messages, messages, overlap, score  # noqa: E402

TEXTS = ROOT / "tests" / "text"
DATA = ROOT / "qingfu" / "text" / "data"
SETS = ("dev", "released", *(f"released{number}" for number in range(2, 10)))
PARAPHRASES, MORE, FIFTHS = "paraphrases", "paraphrases_more", 5
OF_FIRST_AUTHOR = 550  # messages of paraphrases_more.txt; the others are the second author's
CODES = [code for code in LINT["flags"] if code != lint.FIRST_GRADES]  # that one is the reader's
RELATED = [  # codes that the same words often carry, so that one's offences say nothing against the other
    {"parent_work", "check_in"}, {"punitive", "mechanical"}, {"check_in", "phone_homework"},
]
KEPT = 4000  # features of each code
LEAST = 2  # sentences or alarms that a feature must stand in
SEEN_ENOUGH = 8  # sentences that speak for a feature; more say no more
SHARPNESS = 16.0  # the inverse of the regularisation
SEED = 0

Row = tuple[str, dict[str, int]]  # a sentence, and for some codes whether it is an offence


def of_messages(labelled: Sequence[dict]) -> list[Row]:
    rows = []
    for message in labelled:
        source = plain(message["text"])
        for start, end in Opinion.sentences(source.text):
            first, last = source.span(start, end)
            here = [each for each in message["forbidden"] if each["span"][0] < last and first < each["span"][1]]
            codes = {each["code"] for each in here}
            rows.append((source.text[start:end], {code: int(code in codes) for code in CODES}))
    return rows


def of_phrases() -> list[Row]:
    phrases = tomllib.loads((TEXTS / "phrases.toml").read_text(encoding="utf-8"))
    rows = []
    for code in CODES:
        others = {other: 0 for other in CODES if other != code and {code, other} not in RELATED}
        for text in phrases[code]["terse"] + phrases[code]["found"]:
            sentences = _sentences(text)
            if len(sentences) == 1:
                rows.append((sentences[0], {code: 1, **others}))
        rows += [(sentence, {code: 0}) for text in phrases[code]["clear"] for sentence in _sentences(text)]
    for message in phrases["message"]:
        sentences = _sentences(message["text"])
        clear = {code: 0 for code in CODES if code not in message["codes"]}
        found = {code: 1 for code in CODES if code in message["codes"] and len(sentences) == 1}
        rows += [(sentence, clear | found) for sentence in sentences]
    return rows


def _sentences(text: str) -> list[str]:
    text = plain(text).text
    return [text[start:end] for start, end in Opinion.sentences(text)]


@cache
def _names(sentence: str) -> list[str]:
    return sorted({name for name, _ in features(sentence)})


def train(rows: Sequence[Row]) -> list[str]:
    """The lines of data/opinion.txt."""
    read_of = [_names(sentence) for sentence, _ in rows]
    counts = Counter(name for names in read_of for name in names if not re.search(r"\s", name))
    column_of = {name: at for at, name in enumerate(sorted(name for name, count in counts.items() if count >= LEAST))}
    every, names = _matrix(read_of, column_of), list(column_of)
    weights, bias = defaultdict(list), {}
    for number, code in enumerate(CODES):
        at = [index for index, (_, says) in enumerate(rows) if code in says]
        right = [rows[index][1][code] for index in at]
        strongest = _strongest(_fitted(every[at], right)[0], every[at])
        kept, bias[code] = _fitted(every[at][:, strongest], right)
        for column, weight in zip(strongest, kept, strict=True):
            if round(10 * weight):
                weights[names[column]].append(f"{number}{round(10 * weight)}")
    first = "\t".join(f"{code}:{round(10 * bias[code])}" for code in CODES)
    return [first, *("\t".join((name, *weights[name])) for name in sorted(weights))]


def _matrix(read_of: Sequence[Sequence[str]], column_of: dict[str, int]) -> csr_matrix:
    """A row for each sentence, of length 1 if all its features are known."""
    at_column, values, row_starts = [], [], [0]
    for names in read_of:
        here = [column_of[name] for name in names if name in column_of]
        at_column += here
        values += [1 / sqrt(len(names))] * len(here)
        row_starts.append(len(at_column))
    return csr_matrix((values, np.array(at_column, dtype=np.int32), np.array(row_starts, dtype=np.int32)),
                      shape=(len(read_of), len(column_of)))


def _strongest(weights: np.ndarray, sentences: csr_matrix) -> np.ndarray:
    """The columns that move most: heavy ones, and those that many sentences have."""
    seen = np.asarray((sentences > 0).sum(axis=0)).ravel()
    return np.argsort(-np.abs(weights) * np.sqrt(np.minimum(seen, SEEN_ENOUGH)), kind="stable")[:KEPT]


def _fitted(sentences: csr_matrix, right: Sequence[int]) -> tuple[np.ndarray, float]:
    model = LogisticRegression(C=SHARPNESS, solver="liblinear", dual=True, random_state=SEED, max_iter=100, tol=1e-3)
    model.fit(sentences, right)
    return model.coef_[0], model.intercept_[0]


# --- the second look ----------------------------------------------------------------------------------

LOOKS = (*CODES, lint.FIRST_GRADES)
LOOK_SHARPNESS = 10.0
LOOK_KEPT = 9000  # weights in all
ANY_DAY = date(2025, 11, 12)

Alarm = tuple[dict[str, str], str, int]  # its surroundings, its code, and whether it is right


def alarms(text: str, grade: int, materials: Iterable[str], code_is_right) -> list[Alarm]:
    """All that the words of a code find in a message; `code_is_right(code, span of the raw text)` judges them, by None
    if nobody can tell.
    """
    source = plain(text)
    items = read(text, grade, subject=None, today=ANY_DAY).items
    found = []
    for code, start, end in lint.unguarded(text, grade, items, materials):
        right = code_is_right(code, source.span(start, end))
        if right is not None:
            found.append((surroundings(source.text, start, end), code, int(right)))
    return found


def alarms_of_messages(labelled: Iterable[dict]) -> list[Alarm]:
    found = []
    for message in labelled:
        spans = [(mark["code"], mark["span"]) for mark in message["forbidden"]]
        spans += [(lint.FIRST_GRADES, span) for span in written_at_home(message)]  # in grades that may have it too
        right = lambda code, span, spans=spans: any(code == other and overlap(span, its) for other, its in spans)  # noqa: E731
        found += alarms(message["text"], message["grade"], message.get("materials_listed") or (), right)
    return found


def written_at_home(message: dict) -> list[tuple[int, int]]:
    """The spans of the labelled items that are written and not placed at school."""
    spans, searched_from = [], 0
    for item in message["items"]:
        start = message["text"].find(item["text"], searched_from)
        start = start if start >= 0 else message["text"].find(item["text"])
        searched_from = start + len(item["text"])
        if item["form"] == WRITTEN and item["place"] not in LINT["flags"][lint.FIRST_GRADES]["at_school"]:
            spans.append((start, searched_from))
    return spans


def alarms_of_phrases() -> list[Alarm]:
    phrases = tomllib.loads((TEXTS / "phrases.toml").read_text(encoding="utf-8"))
    found = []
    for code in LOOKS:
        table = phrases[code]
        grade = table.get("grade", 5)
        for texts, its_grade, is_found in (
            (table["terse"] + table["found"], grade, 1), (table["clear"], table.get("clear_grade", grade), 0)
        ):
            for text in texts:
                every = alarms(text, its_grade, (), lambda *_, right=is_found: right)
                its = [each for each in every if each[1] == code]
                found += its if code != lint.FIRST_GRADES else _if_sure(its, its_grade)
    for message in phrases["message"]:
        right = lambda code, _, codes=message["codes"]: code in codes  # noqa: E731
        its = alarms(message["text"], message["grade"], message["materials"], right)
        found += [each for each in its if each[1] != lint.FIRST_GRADES]
        found += _if_sure([each for each in its if each[1] == lint.FIRST_GRADES], message["grade"])
    for message in phrases["first_grades"]:
        its = alarms(message["text"], message["grade"], (), lambda *_: True)
        its = [(parts, code, int(message["written"] > 0)) for parts, code, _ in its if code == lint.FIRST_GRADES]
        found += its if message["written"] in (0, len(its)) else []
    return found


def _if_sure(found: list[Alarm], grade: int) -> list[Alarm]:
    """Written items of a phrase of the first grades: only if all or the only one of them are what its code says."""
    if grade not in LINT["flags"][lint.FIRST_GRADES]["grades"]:
        return []
    return found if len(found) == 1 or not any(right for _, _, right in found) else []


def train_look(rows: Sequence[Alarm]) -> list[str]:
    """The lines of data/doubts.txt."""
    read_of = [doubts.features(parts) for parts, _, _ in rows]
    counts = Counter((about, name) for names, (_, code, _) in zip(read_of, rows, strict=True)
                     for name in names if not re.search(r"\s", name) for about in ("", code))
    columns = sorted(key for key, count in counts.items() if count >= LEAST)
    coefficients, _ = _look_fitted(rows, read_of, columns)
    strongest = np.argsort(-np.abs(coefficients), kind="stable")[:LOOK_KEPT]
    columns = sorted(columns[at] for at in strongest)
    coefficients, bias = _look_fitted(rows, read_of, columns)
    weights = defaultdict(list)
    for (about, name), weight in zip(columns, coefficients, strict=True):
        if round(100 * weight):
            weights[name].append(f"{('', *LOOKS).index(about)}{round(100 * weight)}")
    first = "\t".join(f"{code}:{round(100 * bias[code])}" for code in LOOKS)
    return [first, *("\t".join((name, *parts)) for name, parts in sorted(weights.items()))]


def _look_fitted(
    rows: Sequence[Alarm], read_of: Sequence[set[str]], columns: Sequence[tuple[str, str]]
) -> tuple[np.ndarray, dict[str, float]]:
    """The weight of each column (code or "", feature), and a bias by code."""
    column_of = {key: at for at, key in enumerate(columns)}
    values, at_column, row_starts = [], [], [0]
    for names, (_, code, _) in zip(read_of, rows, strict=True):
        here = sorted(column_of[about, name] for name in names for about in ("", code) if (about, name) in column_of)
        values += [1 / sqrt(len(names))] * len(here) + [1.0]
        at_column += [*here, len(columns) + LOOKS.index(code)]
        row_starts.append(len(values))
    matrix = csr_matrix(
        (values, np.array(at_column, dtype=np.int32), np.array(row_starts, dtype=np.int32)),
        shape=(len(rows), len(columns) + len(LOOKS)),
    )
    model = LogisticRegression(C=LOOK_SHARPNESS, solver="liblinear", random_state=SEED, max_iter=300)
    model.fit(matrix, [right for _, _, right in rows])
    by_column = model.coef_[0]
    return by_column[:len(columns)], {
        code: by_column[len(columns) + at] + model.intercept_[0] for at, code in enumerate(LOOKS)
    }


def paraphrases(name: str = PARAPHRASES) -> list[dict]:
    """The messages of paraphrases.txt, or others so written. No items are labelled there, so what grades from 3 on
    write tells nothing.
    """
    return marked_messages(TEXTS / f"{name}.txt")


def alarms_of_paraphrases(labelled: Sequence[dict]) -> list[Alarm]:
    first = LINT["flags"][lint.FIRST_GRADES]["grades"]
    return [
        alarm for message in labelled for alarm in alarms_of_messages([message])
        if alarm[1] != lint.FIRST_GRADES or message["grade"] in first
    ]


def leave_out(only: Sequence[str]) -> None:
    """Precision and recall of the lint on each set and on each fifth of the paraphrases, which neither model has seen;
    the patterns have. `only` are names of some of them.
    """
    read_from = {name: messages(TEXTS / f"messages_{name}.jsonl") for name in SETS}
    read_from |= {f"{PARAPHRASES}{at}": paraphrases()[at::FIFTHS] for at in range(FIFTHS)}
    more = paraphrases(MORE)
    read_from |= {f"{MORE}1": more[:OF_FIRST_AUTHOR], f"{MORE}2": more[OF_FIRST_AUTHOR:]}
    rows = {name: of_messages(read_from[name]) for name in read_from}
    found = {name: alarms_of_paraphrases(read_from[name]) if name.startswith(PARAPHRASES)
             else alarms_of_messages(read_from[name]) for name in read_from}
    own_rows, own_found = of_phrases(), alarms_of_phrases()
    sums = {"all": Tally(), PARAPHRASES: Tally()}
    for left in only or read_from:
        others = [name for name in read_from if name != left]
        lint.OPINION = Opinion.parsed(train([row for name in others for row in rows[name]] + own_rows))
        lint.DOUBTS = Doubts.parsed(train_look([each for name in others for each in found[name]] + own_found))
        every = score(read_from[left]).all_codes
        print(f"{left:12} precision {every.precision:.3f} recall {every.recall:.3f}", flush=True)
        total = sums[PARAPHRASES if left.startswith(PARAPHRASES) else "all"]
        total.hits, total.alarms = total.hits + every.hits, total.alarms + every.alarms
        total.labels, total.found = total.labels + every.labels, total.found + every.found
    for name, total in sums.items():
        if total.labels:
            print(f"{name:12} precision {total.precision:.3f} recall {total.recall:.3f}")


def main() -> None:
    if sys.argv[1:2] == ["--leave-out"]:
        leave_out(sys.argv[2:])
        return
    labelled = [message for name in SETS for message in messages(TEXTS / f"messages_{name}.jsonl")]
    own = paraphrases() + paraphrases(MORE)
    _write("opinion.txt", train(of_messages(labelled + own) + of_phrases()))
    _write("doubts.txt", train_look(alarms_of_messages(labelled) + alarms_of_paraphrases(own) + alarms_of_phrases()))


def _write(name: str, lines: Sequence[str]) -> None:
    path = DATA / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
