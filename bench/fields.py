"""Which of 20,000 known fields of forms do 2,000 new ones ask for again?

    python bench/fields.py

The labelled names of tests/text/fields with words before them and other periods, by a fixed seed. CPU seconds of one
run on one core. Precision and recall are those of the half of the labels that the matcher was tuned with; the held-out
half was scored once (tests/text/fields/test_figures.py).
"""

import random
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from qingfu.text.fields.matching import Dictionary  # noqa: E402
from qingfu.text.fields.reading import read  # noqa: E402
from tests.text.fields.labels import halves, labelled  # noqa: E402
from tests.text.fields.test_figures import TUNE, figures  # noqa: E402

BEFORE = ["", "小学", "初中", "女", "男", "农村", "寄宿", "一年级", "六年级", "县级", "示范", "重点", "新建", "民办"]
PERIODS = ["2024年末", "2025年末", "2023年", "2025年上半年", "2025年1-9月", "2025年秋季学期"]


def fields(number: int, seed: int) -> list:
    draw = random.Random(seed)
    rows = [(draw.choice(BEFORE), draw.choice(labelled()), draw.choice(PERIODS)) for _ in range(number)]
    return [read(word + row["name"], row["unit"], period, row["level"]) for word, row, period in rows]


def main() -> int:
    begun = time.process_time()
    dictionary = Dictionary(enumerate(fields(20_000, 1)))
    built = time.process_time()
    found = sum(len(dictionary.match(field)) for field in fields(2_000, 2))
    done = time.process_time()
    precision, recall = figures(halves()[TUNE])
    print(f"20,000 known fields read and indexed   {built - begun:5.2f} s")
    print(f"2,000 new ones read and looked up      {done - built:5.2f} s, {found:,} same, within or wider")
    print(f"tuned half: precision {precision:.3f}, recall {recall:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
