"""Verifiable draws, beside random.sample and the separate checker.

    python bench/draw.py

Made-up units in 15 strata. Bars: 100,000 units in 1 s; 2,000 units and 600 inspectors in 5 s; 99 % of picks stay
after 1 % of new units (expected: 1/1.01). Times are CPU seconds of one run on one core; the last line has the
seconds on the clock, which are longer when others use the machine.
"""

import random
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from qingfu.planning.check import check  # noqa: E402
from qingfu.planning.draw import commitment, draw  # noqa: E402

SEED = {"value": "20251112"}


def units(number: int, prefix: str = "村") -> list[dict]:
    return [{"id": f"{prefix}{n}", "stratum": f"镇{n % 15}"} for n in range(number)]


def asked(rows: list[dict], size: int, **more) -> dict:
    floors = {f"镇{n}": 10 for n in range(15)}
    return {"units": rows, "size": size, "floors": floors, "source": {"kind": "lottery", "event": "第 1 期"}, **more}


def timed(work):
    begun = time.process_time()
    return work(), time.process_time() - begun


def drawn(request: dict):
    result, seconds = timed(lambda: draw(request, SEED))
    done = {"request": request, "committed": commitment(request), **result._asdict()}
    wrong, checking = timed(lambda: check(done))
    return result, seconds, checking, wrong


def main() -> int:
    begun = time.perf_counter(), time.process_time()
    rows = units(100_000)
    result, large, checked, wrong = drawn(asked(rows, 1000))
    sampled, sampling = timed(lambda: random.Random(1).sample(rows, 1000))
    more = [*rows, *units(1000, "新")]
    random.Random(2).shuffle(more)
    now = {pick["unit"] for pick in draw(asked(more, 1000), SEED).picks}
    stayed = len(now & {pick["unit"] for pick in result.picks}) / 1000
    longer = [*rows, *units(1000, "新")]
    again = {row["id"] for row in random.Random(1).sample(longer, 1000)}
    peer_stayed = len(again & {row["id"] for row in sampled}) / 1000

    people = [{"id": f"督{n}", "unit": f"村{n}"} for n in range(600)]
    chance = random.Random(3)
    relatives = [[f"督{chance.randrange(600)}", f"村{chance.randrange(2000)}"] for _ in range(2000)]
    crew = asked(units(2000), 2000, inspectors=people, relatives=relatives, load=4)
    _, visits, visits_checked, visits_wrong = drawn(crew)

    print(f"{'what':<42}{'ours':>10}{'checker':>10}{'random.sample':>15}{'bar':>8}")
    print(f"{'1,000 of 100,000 units, 15 strata':<42}{large:>9.2f}s{checked:>9.2f}s{sampling:>14.4f}s{'1 s':>8}")
    print(f"{'2,000 units, 600 inspectors, recusal':<42}{visits:>9.2f}s{visits_checked:>9.2f}s{'–':>15}{'5 s':>8}")
    print(f"{'picks that stay after 1 % new units':<42}{stayed:>10.1%}{'':>10}{peer_stayed:>15.1%}{'99 %':>8}")
    print(f"the checker found: {wrong + visits_wrong or 'nothing wrong'}")
    clock, busy = time.perf_counter() - begun[0], time.process_time() - begun[1]
    print(f"whole bench: {clock:.1f} s on the clock, {busy:.1f} s of CPU")
    return int(bool(wrong or visits_wrong) or large > 1 or visits > 5 or stayed < 0.985)


if __name__ == "__main__":
    sys.exit(main())
