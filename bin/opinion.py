#!/usr/bin/env python3
"""Train the second opinion of the homework lint (qingfu/text/opinion.py) on the labelled messages.

    python bin/opinion.py               # writes qingfu/text/data/opinion.txt
    python bin/opinion.py --leave-out   # for each set: the model alone, trained on all other sets

Needs scikit-learn, which nothing else does. The released messages and phrases are read, the held-out
ones never. The same data give the same file.
"""

import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from qingfu.text.opinion import Opinion, features  # noqa: E402
from qingfu.text.patterns import LINT  # noqa: E402
from qingfu.text.plain import plain  # noqa: E402
from qingfu.text.score import messages  # noqa: E402

TEXTS = ROOT / "tests" / "text"
OUT = ROOT / "qingfu" / "text" / "data" / "opinion.txt"
SETS = ("dev", "released", "released2", "released3", "released4")
CODES = [code for code in LINT["flags"] if code != "grade12_written"]  # that one is the reader's
RELATED = [  # codes that the same words often carry, so that one's offences say nothing against the other
    {"parent_work", "check_in"}, {"punitive", "mechanical"}, {"check_in", "phone_homework"},
]
KEPT = 2500  # features of each code
SHARPNESS = 4.0  # the inverse of the regularisation
SEED = 0
BOUNDS = (-0.8, -0.5, -0.2, 0.0, 0.3)

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
        for text in phrases[code]["found"]:
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


def _names(sentence: str) -> list[str]:
    return [name for name, _ in features(sentence) if not re.search(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", name)]


def train(rows: Sequence[Row]) -> list[str]:
    """The lines of data/opinion.txt."""
    every = _fitted(rows, None)
    strongest = [_strongest(every, code) for code in CODES]
    chosen = sorted({every[0][at] for best in strongest for at in best})
    names, rarity, models = _fitted(rows, chosen)
    weights = defaultdict(list)
    for number, code in enumerate(CODES):
        coefficients = models[code].coef_[0]
        for at in _strongest((names, rarity, models), code):
            hundredths = round(100 * coefficients[at] * rarity[at])
            if hundredths:
                weights[names[at]].append(f"{number}{hundredths}")
    bias = "\t".join(f"{code}:{round(100 * models[code].intercept_[0])}" for code in CODES)
    known = [(name, rare) for name, rare in zip(names, rarity, strict=True) if name in weights]
    return [bias, *(f"{name}\t{round(100 * rare)}\t{' '.join(weights[name])}" for name, rare in known)]


def _strongest(fitted: tuple, code: str) -> np.ndarray:
    _, rarity, models = fitted
    return np.argsort(-np.abs(models[code].coef_[0] * rarity), kind="stable")[:KEPT]


def _fitted(rows: Sequence[Row], vocabulary: list[str] | None) -> tuple[list[str], np.ndarray, dict]:
    """Names, their rarity, and a model by code."""
    least = 2 if vocabulary is None else 1
    vectors = TfidfVectorizer(analyzer=_names, min_df=least, binary=True, vocabulary=vocabulary)
    matrix = csr_matrix(vectors.fit_transform([sentence for sentence, _ in rows]))
    models = {}
    for code in CODES:
        at = [index for index, (_, says) in enumerate(rows) if code in says]
        model = LogisticRegression(C=SHARPNESS, solver="liblinear", random_state=SEED, max_iter=300)
        models[code] = model.fit(matrix[at], [rows[index][1][code] for index in at])
    return list(vectors.get_feature_names_out()), vectors.idf_, models


def leave_out() -> None:
    """Precision and recall by sentence of the model alone on each set, which its training has not seen."""
    rows = {name: of_messages(messages(TEXTS / f"messages_{name}.jsonl")) for name in SETS}
    for left in SETS:
        others = [row for name in SETS if name != left for row in rows[name]]
        opinion = Opinion.parsed(train(others + of_phrases()))
        judged = [(opinion.judge(sentence), says) for sentence, says in rows[left]]
        for bound in BOUNDS:
            pairs = [(scores[code] > bound, says[code]) for scores, says in judged for code in CODES]
            hits = sum(said and true for said, true in pairs)
            said, true = sum(each for each, _ in pairs), sum(each for _, each in pairs)
            print(f"{left:10} over {bound:+.1f}: precision {hits / max(said, 1):.3f} recall {hits / max(true, 1):.3f}")


def main() -> None:
    if "--leave-out" in sys.argv[1:]:
        leave_out()
        return
    rows = [row for name in SETS for row in of_messages(messages(TEXTS / f"messages_{name}.jsonl"))]
    OUT.write_text("\n".join(train(rows + of_phrases())) + "\n", encoding="utf-8")
    print(f"{OUT}: {OUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
