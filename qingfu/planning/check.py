"""Checks a published draw without the code that made it: hashes, tickets, limits, recusal. docs/draw.md."""

import hashlib
import hmac
import json
from collections import Counter


def check(published: dict) -> list[str]:
    """What is wrong with ``published`` {request, picks, visits, certificate, committed}, in Chinese; empty if nothing.

    A skipped inspector is taken from the record; that skipping was needed is seen by drawing again.
    """
    try:
        return list(_wrong(published))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return [f"文件不完整，无法核对：{error}"]


def _wrong(published: dict):
    request, picks, visits = published["request"], published["picks"], published["visits"]
    certificate = published["certificate"]
    listed, seed, source = _hash(request), certificate["seed"], request["source"]
    if listed != certificate["request_sha256"] or listed != published["committed"]:
        yield "名单或规则与事先公布的哈希不一致"
    if _hash({"picks": picks, "visits": visits}) != certificate["result_sha256"]:
        yield "结果与公布的哈希不一致"
    if source["kind"] == "drand" and hashlib.sha256(bytes.fromhex(seed["signature"])).hexdigest() != seed["value"]:
        yield "drand 随机数与该轮签名不一致"
    key = f"{source['kind']}|{source['event']}|{seed['value']}".encode()
    tickets = {u["id"]: _ticket(key, u["stratum"], u["id"], u.get("weight", 1)) for u in request["units"]}
    rows = {unit["id"]: unit for unit in request["units"]}
    chosen = {pick["unit"]: pick for pick in picks}
    if len(chosen) != len(picks) or any(tickets.get(name) != pick["ticket"] for name, pick in chosen.items()):
        yield "签号与种子、名单或轮次不符"
        return
    shares = request.get("shares")
    if len(picks) != (request["size"] if shares is None else sum(shares.values())):
        yield "抽出的个数不等于名额"
    got = Counter(rows[name]["stratum"] for name in chosen)
    floors = request.get("floors", {}) if shares is None else shares
    over = shares is not None and any(got[s] > shares.get(s, 0) for s in got)
    if over or any(got[s] < n for s, n in floors.items()):
        yield "有的层没有达到下限，或与名额不符"
    year, after = request.get("year", 0), request.get("certain_after")
    certain = {n for n, u in rows.items() if after is not None and "last" in u and year - u["last"] >= after}
    recent = {name for name, unit in rows.items() if unit.get("last") == year - 1}
    if certain - set(chosen):
        yield "多年未查的单位没有全部抽中"
    kept = {name for name, pick in chosen.items() if pick["why"] == "reserve"}
    if len(kept) != request.get("reserve", 0) or not kept <= recent - certain:
        yield "去年查过的单位与预留数不符"
    # Nobody left out may hold a smaller ticket than somebody chosen whose place it could have taken.
    left_out = [(tickets[n], rows[n]["stratum"], n) for n in rows if n not in chosen]
    smallest = {True: _smallest(left_out), False: _smallest(row for row in left_out if row[2] in recent)}
    for name in set(chosen) - certain:
        stratum, out = rows[name]["stratum"], smallest[name not in kept]
        free = shares is None and got[stratum] > floors.get(stratum, 0)
        if out.get(None if free else stratum, "g") < tickets[name]:
            yield f"{name} 的签号大于一个落选的单位"
    if "inspectors" in request:
        yield from _wrong_visits(request, key, chosen, visits)


def _smallest(left_out) -> dict:
    """The smallest ticket left out of every stratum, and of all under None."""
    found: dict = {}
    for number, stratum, _ in left_out:
        for where in (stratum, None):
            found[where] = min(number, found.get(where, "g"))
    return found


def _wrong_visits(request: dict, key: bytes, chosen: dict, visits: list):
    people = {person["id"]: _ticket(key, "inspector", person["id"], 1) for person in request["inspectors"]}
    recused = {(person["id"], person.get("unit")) for person in request["inspectors"]}
    recused |= {tuple(pair) for pair in request.get("relatives", [])}
    load, used = request.get("load", 1), Counter()
    if [visit["unit"] for visit in visits] != list(chosen):
        yield "督查人员没有恰好派到每个单位"
    for visit in visits:
        unit = visit["unit"]
        may = [p for p in people if used[p] < load and (p, unit) not in recused and p not in visit["skipped"]]
        first = min(may, key=lambda person: (used[person], people[person], person))
        if visit["inspector"] != first:
            yield f"{unit} 的督查人员应回避、已满，或不是轮到的一位"
        used[visit["inspector"]] += 1


def _hash(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _ticket(key: bytes, stratum: str, unit: str, weight: int) -> str:
    names = [f"{stratum}|{unit}", *(f"{stratum}|{unit}|{copy}" for copy in range(2, weight + 1))]
    return min(hmac.digest(key, name.encode(), "sha256").hex() for name in names)
