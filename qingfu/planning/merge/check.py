"""Checks published merged visits without the code that planned them: hashes, windows, caps, bounds. docs/merge.md."""

import hashlib
import json
from collections import Counter, defaultdict
from math import hypot


def check(published: dict) -> list[str]:
    """What is wrong with ``published`` {request, days, unplaced, certificate, opened}, in Chinese; empty if nothing."""
    try:
        return list(_wrong(published))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        return [f"文件不完整，无法核对：{error!r}"]


def _wrong(published: dict):
    request, days, unplaced = published["request"], published["days"], published["unplaced"]
    certificate, rows = published["certificate"], {row["id"]: row for row in request["visits"]}
    if _hash(request) != certificate["request_sha256"]:
        yield "检查事项或规则与公布的哈希不一致"
    if _hash({"days": days, "unplaced": unplaced}) != certificate["result_sha256"]:
        yield "安排与公布的哈希不一致"
    stays = {(day["day"], there["place"]): there["visits"] for day in days for there in day["places"]}
    seen = [name for names in stays.values() for name in names] + [row["visit"] for row in unplaced]
    if sorted(seen) != sorted(rows) or sum(len(day["places"]) for day in days) != len(stays):
        yield "不是每项检查恰好安排一次"
        return
    open_days = {name: _open_days(request, row) for name, row in rows.items()}
    out, stay_days = Counter(), Counter(place for _, place in stays)
    for (day, place), names in stays.items():
        for name in names:
            out[rows[name]["authority"], day] += rows[name].get("people", 1)
            if rows[name]["place"] != place or day not in open_days[name]:
                yield f"{name} 不在要去的单位、窗口之内，或落在不检查的日子"
    room = {row["id"]: row["inspectors"] - row.get("reserve", 0) for row in request["authorities"]}
    places = {row["id"]: row for row in request["places"]}
    yield from (f"{name} 在 {day} 派出的人超过上限" for (name, day), people in out.items() if people > room[name])
    per_day = {name: row.get("per_day", len(rows)) for name, row in places.items()}
    most_days = {name: row.get("most_days", len(request["days"])) for name, row in places.items()}
    yield from (f"{place} 在 {day} 的检查超过上限" for (day, place), v in stays.items() if len(v) > per_day[place])
    yield from (f"{place} 被打扰的天数超过上限" for place, number in stay_days.items() if number > most_days[place])
    for name in (row["visit"] for row in unplaced):
        place, authority, people = rows[name]["place"], rows[name]["authority"], rows[name].get("people", 1)
        for day in open_days[name]:
            there = len(stays.get((day, place), []))
            more = there < per_day[place] and (there or stay_days[place] < most_days[place])
            if more and out[authority, day] + people <= room[authority]:
                yield f"{name} 说放不下，其实 {day} 放得下"
                break
    by_place, by_authority = defaultdict(list), defaultdict(list)
    for name, row in rows.items():
        by_place[row["place"]].append((open_days[name], 1))
        by_authority[row["authority"]].append((open_days[name], row.get("people", 1)))
    for word, bound, number, visits, caps in (
        ("places", "visit_days_bound", len(stays), by_place, per_day),
        ("authorities", "travel_days_bound", len(out), by_authority, room),
    ):
        runs = certificate["runs"][word]
        if sum(_least(request["days"], runs[name], visits[name], caps[name]) for name in runs) != certificate[bound]:
            yield f"{bound} 没有被证明"
        if not unplaced and number < certificate[bound]:
            yield f"{bound} 高于实际的天数"
    counts = len(rows) - len(unplaced), len(stays), len(out)
    if counts != tuple(certificate[name] for name in ("visits", "visit_days", "travel_days")):
        yield "公布的检查数、到校天数或出行天数与安排不符"
    for day in (day for day in days if "routes" in day):
        stops = [place for route in day["routes"] for place in route]
        if sorted(stops) != sorted(there["place"] for there in day["places"]):
            yield f"{day['day']} 的路线没有恰好到每处一次"
        elif max(map(len, day["routes"])) > request["stops"] or _metres(request, places, day) != day["metres"]:
            yield f"{day['day']} 的路线太长，或里程不符"
    for name, entry in published.get("opened", {}).items():
        if _hash(entry) not in {row["sha256"] for row in request["sealed"] if row["id"] == name}:
            yield f"{name} 打开后与封存的不是同一次检查"


def _open_days(request: dict, visit: dict) -> list[str]:
    blocks = [b for b in request.get("blocked", []) if visit["place"] in b.get("places", [visit["place"]])]
    window = [day for day in request["days"] if visit["first"] <= day <= visit["last"]]
    return [day for day in window if not any(b["first"] <= day <= b["last"] for b in blocks)]


def _least(days: list[str], runs: list, visits: list, cap: int) -> int:
    """Days that the runs prove: what each run must hold by its cap, less the days counted more than once."""
    inside = [sum(n for free, n in visits if free and a <= free[0] and free[-1] <= b) for a, b in runs]
    covered = Counter(day for a, b in runs for day in days if a <= day <= b)
    return sum(-(-people // cap) for people in inside) - sum(times - 1 for times in covered.values())


def _metres(request: dict, places: dict, day: dict) -> int:
    tours = [[request["start"], *(places[name] for name in route), request["start"]] for route in day["routes"]]
    return sum(round(hypot(a["x"] - b["x"], a["y"] - b["y"])) for t in tours for a, b in zip(t, t[1:], strict=False))


def _hash(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
