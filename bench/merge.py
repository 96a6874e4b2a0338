"""Merged visits and their routes, beside no merging, first fit and OR-Tools in the same run.

    python bench/merge.py [--sizes 100,1000,5000] [--alone]

Made-up counties: 12 authorities, each visits half of the schools in a term of 90 working days with an exam week and a
week without inspections, in a window of two to six weeks, one or two people each; four visits at most in one school
on one day; so many inspectors that 60 (few: 80) of 100 are out on an average day. Bars: the bound at 100 schools in
5 s and at 1,000 in 30 s, 1.001 of it at 5,000 in 60 s.

First fit takes the visits as they come: a day on which the school has a visit already, else the first free day.
Ours are CPU seconds of one run on one core, checker not counted. CP-SAT has two processes for the seconds of the bar,
longer by what others on the machine made our own run longer.

Routes: days of 30, 60 and 120 places around a seat, five places a car. Ours calls PyVRP with a fixed number of
rounds; PyVRP itself, called here with its own reader of instances, and OR-Tools get the same seconds. Bar: 1.02.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from qingfu.planning.merge import merge  # noqa: E402
from qingfu.planning.merge.check import check  # noqa: E402
from qingfu.planning.merge.routes import ITERATIONS, length, metres, plan_routes  # noqa: E402

PEER = ROOT / "bench" / "peers"
ENVIRONMENT = ROOT / "var" / "bench" / "ortools"
BARS = {100: (5, 1), 1000: (30, 1), 5000: (60, 1.001)}  # schools: seconds, times the bound
AUTHORITIES = 12
STOPS = 5


def term(first: date, number: int) -> list[str]:
    days = (first + timedelta(n) for n in range(2 * number))
    return [day.isoformat() for day in days if day.weekday() < 5][:number]


def county(schools: int, out: float, seed: int = 20260302) -> dict:
    """A request with ``schools``; ``out`` is the share of inspectors that are out on an average open day."""
    chance, days = random.Random(seed), term(date(2026, 3, 2), 90)
    visits, people = [], Counter()
    for authority in range(AUTHORITIES):
        for school in range(schools):
            if chance.random() < 0.5:
                first = chance.randrange(0, 75)
                last = min(89, first + chance.choice([9, 14, 19, 29]) + 5 * (36 <= first <= 64))
                name, number = f"局{authority}", 1 + authority % 2
                people[name] += number
                visits.append(
                    {
                        "id": f"{name}到校{school}", "authority": name, "place": f"校{school}",
                        "first": days[first], "last": days[last], "people": number,
                    }
                )  # fmt: skip
    return {
        "days": days,
        "blocked": [
            {"why": "期中考试", "first": days[40], "last": days[44]},
            {"why": "无检查周", "first": days[60], "last": days[64]},
        ],
        "authorities": [{"id": name, "inspectors": int(people[name] / 80 / out) + 2} for name in people],
        "places": [{"id": f"校{school}", "per_day": 4} for school in range(schools)],
        "visits": visits,
    }


def first_fit(request: dict) -> tuple[int, int, int]:
    """Visits that found no day, visit-days and travel-days."""
    closed = {d for d in request["days"] if any(b["first"] <= d <= b["last"] for b in request["blocked"])}
    left = {(row["id"], day): row["inspectors"] for row in request["authorities"] for day in request["days"]}
    there: dict = defaultdict(Counter)
    out, unplaced = set(), 0
    for row in request["visits"]:
        window = [d for d in request["days"] if row["first"] <= d <= row["last"] and d not in closed]
        days = there[row["place"]]
        fits = [d for d in window if left[row["authority"], d] >= row["people"] and days[d] < 4]
        day = next((d for d in fits if days[d]), fits[0] if fits else None)
        if day is None:
            unplaced += 1
            continue
        days[day] += 1
        left[row["authority"], day] -= row["people"]
        out.add((row["authority"], day))
    return unplaced, sum(sum(1 for n in days.values() if n) for days in there.values()), len(out)


def peer(asked: dict):
    """What OR-Tools found, in an environment of its own; None where it can't be installed."""
    python = ENVIRONMENT / "bin" / "python"
    if not (ENVIRONMENT / "installed").exists():
        made = subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], capture_output=True)
        pip = [python, "-m", "pip", "install", "-q", "-r", PEER / "ortools.txt"]
        if made.returncode or subprocess.run(pip, capture_output=True).returncode:
            return None
        (ENVIRONMENT / "installed").touch()
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(asked, file)
        file.flush()
        done = subprocess.run([python, PEER / "ortools_merge.py", file.name], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else print(done.stderr[-500:])


def visits(size: int, out: float, alone: bool) -> bool:
    request = county(size, out)
    begun, clock = time.process_time(), time.perf_counter()
    result = merge(request, "1")
    seconds = time.process_time() - begun
    crowded = max(1.0, (time.perf_counter() - clock) / seconds)
    ours, wrong = result.certificate, check({"request": request, **result._asdict()})
    bound, number = ours["visit_days_bound"], len(request["visits"])
    bar, times = BARS[size]
    missed, stays, outings = first_fit(request)
    rows = [
        ("ours", len(result.unplaced), ours["visit_days"], ours["travel_days"], f"{seconds:.1f} s"),
        ("first fit", missed, stays, outings, ""),
        ("no merging", 0, number, "", ""),
    ]
    found = None if alone else peer({"merge": {"request": request, "seconds": bar * crowded}})
    if found is not None:
        rows.append(("CP-SAT", 0, *found.values(), f"{bar} s") if found else ("CP-SAT", "nothing", "", "", f"{bar} s"))
    print(f"\n{size} schools, {number} visits, {out:.0%} of inspectors out; bound {bound}, bar {times} × in {bar} s")
    print(f"{'':<12}{'unplaced':>9}{'visit-days':>12}{'of bound':>10}{'saved':>8}{'travel-days':>13}{'time':>9}")
    for name, unplaced, days, travel, clock in rows:
        ratio, saved = (f"{days / bound:.4f}", f"{1 - days / number:.1%}") if days else ("", "")
        print(f"{name:<12}{unplaced:>9}{days:>12}{ratio:>10}{saved:>8}{travel:>13}{clock:>9}")
    print(f"travel-days proven: at least {ours['travel_days_bound']}; the checker found: {wrong or 'nothing wrong'}")
    return not wrong and not result.unplaced and ours["visit_days"] <= times * bound and seconds <= bar


def routes(alone: bool) -> bool:
    chance, start, good = random.Random(7), {"x": 0, "y": 0}, True
    print(f"\nroutes, {STOPS} places a car, {ITERATIONS} rounds")
    print(f"{'places':<12}{'ours, m':>10}{'time':>9}{'PyVRP':>10}{'ratio':>8}{'OR-Tools':>10}{'ratio':>8}")
    for number in (30, 60, 120):
        places = [{"x": int(chance.gauss(0, 12000)), "y": int(chance.gauss(0, 12000))} for _ in range(number)]
        begun = time.perf_counter()
        found = plan_routes(places, start, STOPS, seed=1)
        seconds = time.perf_counter() - begun
        if found is None:
            print("PyVRP is not installed: pip install 'qingfu[planning]'")
            return False
        ours, best = length(found, start), by_pyvrp(places, start, seconds)
        good &= ours <= 1.02 * best
        row = f"{number:<12}{ours:>10}{seconds:>8.1f}s{best:>10}{ours / best:>8.4f}"
        asked = {"places": places, "start": start, "stops": STOPS, "seconds": seconds}
        other = None if alone else peer({"routes": [asked]})
        print(row + (f"{other[0]:>10}{ours / other[0]:>8.4f}" if other else ""))
    return good


def by_pyvrp(places: list[dict], start: dict, seconds: float) -> int:
    """Metres that PyVRP finds in ``seconds``, given its own instance and not by our code."""
    import vrplib
    from pyvrp import read, solve
    from pyvrp.stop import MaxRuntime

    rows = [start, *places]
    instance = {
        "NAME": "day", "TYPE": "CVRP", "DIMENSION": len(rows), "CAPACITY": STOPS, "VEHICLES": len(places),
        "EDGE_WEIGHT_TYPE": "EXPLICIT", "EDGE_WEIGHT_FORMAT": "FULL_MATRIX",
        "EDGE_WEIGHT_SECTION": [[metres(a, b) for b in rows] for a in rows],
        "NODE_COORD_SECTION": [[row["x"], row["y"]] for row in rows],
        "DEMAND_SECTION": [0] + [1] * len(places),
        "DEPOT_SECTION": [1, -1],
    }  # fmt: skip
    with tempfile.NamedTemporaryFile("w", suffix=".vrp") as file:
        vrplib.write_instance(file.name, instance)
        return round(solve(read(file.name), MaxRuntime(seconds), seed=2, display=False).cost())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="100,1000,5000")
    parser.add_argument("--alone", action="store_true", help="without OR-Tools")
    asked = parser.parse_args()
    begun = time.perf_counter(), time.process_time()
    good = [visits(int(size), 0.6, asked.alone) for size in asked.sizes.split(",")]
    visits(100, 0.8, asked.alone)  # so few that the bound itself may be out of reach: told, no bar
    good.append(routes(asked.alone))
    clock, busy = time.perf_counter() - begun[0], time.process_time() - begun[1]
    print(f"\nwhole bench: {clock:.1f} s on the clock, {busy:.1f} s of CPU of this process")
    return int(not all(good))


if __name__ == "__main__":
    sys.exit(main())
