"""A random selection that anybody can verify: HMAC tickets, smallest first. The format is in docs/draw.md."""

import hashlib
import hmac
from collections import Counter, deque
from typing import NamedTuple

from .request import PlanError, check_known, check_list, is_name, is_whole, sha256

KINDS = ("dice", "lottery", "drand")
MOST_WEIGHT = 100  # a weight is a number of tickets, so it costs time
WHOLE = {"size": 1, "year": 1, "certain_after": 1, "reserve": 0, "load": 1}  # field: smallest value


class Result(NamedTuple):
    picks: list[dict]  # {unit, stratum, ticket (hex), why: certain | reserve | drawn}, smallest ticket first
    visits: list[dict]  # {unit, inspector, skipped: [inspector]}; empty where no inspectors were given
    certificate: dict  # {request_sha256, result_sha256, seed}


def commitment(request: dict) -> str:
    """The SHA-256 that is published before the seed is known. Raises PlanError for a bad request."""
    _check_request(request)
    return sha256(request)


def draw(request: dict, seed: dict) -> Result:
    """Units of ``request`` selected by ``seed`` and, where it names inspectors, one inspector for each unit.

    The order of lists in ``request`` changes its hash and nothing else. Raises PlanError when the input is
    bad or nothing can satisfy it.
    """
    listed = commitment(request)
    key = seed_key(request["source"], seed)
    picks = _select(request, key)
    visits = _assign(request, key, [pick["unit"] for pick in picks]) if "inspectors" in request else []
    result = sha256({"picks": picks, "visits": visits})
    return Result(picks, visits, {"request_sha256": listed, "result_sha256": result, "seed": seed})


def seed_key(source: dict, seed: dict) -> bytes:
    """The HMAC key: kind, event or round, and value. Of a drand round only randomness = SHA-256(signature)
    is verified; that the network signed it is not (BLS needs a library)."""
    value = seed.get("value") if isinstance(seed, dict) else None
    if not isinstance(value, str) or not value:
        raise PlanError("seed.value：请填公开得到的种子（骰子点数、开奖号码或 drand 随机数）")
    if source["kind"] == "drand":
        try:
            signed = hashlib.sha256(bytes.fromhex(seed["signature"])).hexdigest()
        except (KeyError, TypeError, ValueError):
            raise PlanError("seed.signature：请填该轮 drand 的签名（十六进制）")
        if signed != value:
            raise PlanError("seed.value：与该轮签名的 SHA-256 不一致，请重新抄录这一轮")
    return f"{source['kind']}|{source['event']}|{value}".encode()


def ticket(key: bytes, stratum: str, unit: str, weight: int = 1) -> str:
    """The smallest of ``weight`` tickets, in hex. The smallest of w uniform tickets follows exactly the law of
    u^(1/w) in Efraimidis & Spirakis (2006), so whole weights need no root and no float."""
    name = f"{stratum}|{unit}"
    first = hmac.digest(key, name.encode(), "sha256")
    more = (hmac.digest(key, f"{name}|{copy}".encode(), "sha256") for copy in range(2, weight + 1))
    return min(first, *more).hex() if weight > 1 else first.hex()


def _select(request: dict, key: bytes) -> list[dict]:
    """Certain units, then the reserve, then the smallest tickets; nobody takes a place that a floor still needs."""
    order = sorted((ticket(key, u["stratum"], u["id"], u.get("weight", 1)), u["id"], u) for u in request["units"])
    shares, size, owed = _places(request)
    taken: dict[str, dict] = {}
    count: Counter = Counter()
    open_floors = sum(owed.values())

    def take(number: str, unit: dict, why: str) -> bool:
        nonlocal open_floors
        stratum = unit["stratum"]
        helps = count[stratum] < owed.get(stratum, 0)
        full = shares is not None and count[stratum] >= shares.get(stratum, 0)
        if full or unit["id"] in taken or size - len(taken) - 1 < open_floors - helps:
            return False
        taken[unit["id"]] = {"unit": unit["id"], "stratum": stratum, "ticket": number, "why": why}
        count[stratum] += 1
        open_floors -= helps
        return True

    year = request.get("year", 0)
    if "certain_after" in request:
        for number, _, unit in order:
            overdue = "last" in unit and year - unit["last"] >= request["certain_after"]
            if overdue and not take(number, unit, "certain"):
                raise PlanError(f"certain_after：多年未查的单位放不下（如 {unit['id']}），请增加名额或调低各层下限")
    left = request.get("reserve", 0)
    for number, _, unit in order:
        if left and unit.get("last") == year - 1:
            left -= take(number, unit, "reserve")
    if left:
        raise PlanError(f"reserve：去年查过的单位还差 {left} 个才够预留数，请减少预留或增加名额")
    for number, _, unit in order:
        if len(taken) == size:
            break
        take(number, unit, "drawn")
    return sorted(taken.values(), key=lambda pick: (pick["ticket"], pick["unit"]))


def _places(request: dict) -> tuple[dict | None, int, dict]:
    """Shares (None where only a size is given), size, and what each stratum must get at least."""
    there = Counter(unit["stratum"] for unit in request["units"])
    shares = request.get("shares")
    owed = shares if shares is not None else request.get("floors", {})
    size = sum(shares.values()) if shares is not None else request["size"]
    for stratum, number in owed.items():
        if number > there[stratum]:
            raise PlanError(f"{stratum}：要抽 {number} 个，名单里只有 {there[stratum]} 个，请改名额或补名单")
    if sum(owed.values()) > size or size > len(request["units"]):
        raise PlanError(f"size：名额 {size} 个，应不少于各层下限之和，也不多于名单的 {len(request['units'])} 个")
    return shares, size, owed


def _assign(request: dict, key: bytes, units: list[str]) -> list[dict]:
    """Inspectors dealt like cards: fewest visits so far first, then the smallest ticket, skipping a choice after
    which the rest could not be served."""
    load = request.get("load", 1)
    people = sorted(person["id"] for person in request["inspectors"])
    recused: dict[str, set] = {unit: set() for unit in units}
    own = [(person["id"], person["unit"]) for person in request["inspectors"] if "unit" in person]
    for person, unit in [*own, *request.get("relatives", [])]:
        recused.setdefault(unit, set()).add(person)
    place: dict[str, str] = {}
    at: dict[str, set] = {person: set() for person in people}
    fixed: set[str] = set()
    for unit in units:
        if not _rehome(unit, people, recused, place, at, load, fixed):
            raise PlanError(f"inspectors：回避之后 {unit} 无人可派，请增加督查人员或提高 load（每人最多几处）")
    order = [(0, ticket(key, "inspector", person), person) for person in people]
    visits = []
    for unit in units:
        order.sort()
        skipped = []
        fixed.add(unit)  # from here on it moves by its own choice only
        for position, (visited, number, person) in enumerate(order):
            if visited == load or person in recused[unit]:
                continue
            if _move(unit, person, people, recused, place, at, load, fixed):
                order[position] = (visited + 1, number, person)
                break
            skipped.append(person)
        visits.append({"unit": unit, "inspector": place[unit], "skipped": skipped})
    return visits


def _move(unit, person, people, recused, place, at, load, fixed) -> bool:
    """Gives ``unit`` to ``person`` if everybody else can still be served; else changes nothing."""
    before = place[unit]
    if before == person:
        return True
    at[before].remove(unit)
    at[person].add(unit)
    place[unit] = person
    if len(at[person]) <= load:
        return True
    for other in sorted(at[person] - {unit}):
        if other in fixed:
            continue
        at[person].remove(other)
        if _rehome(other, people, recused, place, at, load, fixed, first=before):
            return True
        at[person].add(other)
    at[person].remove(unit)
    at[before].add(unit)
    place[unit] = before
    return False


def _rehome(unit, people, recused, place, at, load, fixed, first=None) -> bool:
    """An augmenting path from ``unit``, which nobody serves, to an inspector with room; moves along it if any."""
    came: dict[str, tuple[str, str | None]] = {}
    queue = deque([(unit, None)])
    while queue:
        asking, leaves = queue.popleft()
        for person in ([first, *people] if first else people):
            if person in came or person in recused[asking]:
                continue
            came[person] = (asking, leaves)
            if len(at[person]) < load:
                while person is not None:
                    asking, leaves = came[person]
                    if leaves is not None:
                        at[leaves].remove(asking)
                    at[person].add(asking)
                    place[asking] = person
                    person = leaves
                return True
            queue.extend((other, person) for other in sorted(at[person]) if other not in fixed)
    return False


def _check_request(request: dict) -> None:
    check_known(request, {"title", "units", "source", "shares", "floors", "inspectors", "relatives", *WHOLE})
    source = request.get("source")
    if not isinstance(source, dict) or source.get("kind") not in KINDS or not is_name(source.get("event")):
        raise PlanError("source：请写明种子来自哪里：kind 为 dice、lottery 或 drand，event 为哪一次或第几轮（文字）")
    if ("size" in request) == ("shares" in request):
        raise PlanError("size、shares：总名额和各层名额请二选一")
    if "shares" in request and "floors" in request:
        raise PlanError("floors：已有各层名额 shares，就不再写下限")
    for field, least in WHOLE.items():
        if field in request and not is_whole(request[field], least):
            raise PlanError(f"{field}：应为不小于 {least} 的整数")
    if ("certain_after" in request or request.get("reserve")) and "year" not in request:
        raise PlanError("year：用 certain_after 或 reserve 时，请写明今年是哪一年")
    for field in ("shares", "floors"):
        numbers = request.get(field, {})
        if not isinstance(numbers, dict) or not all(is_whole(number, 0) for number in numbers.values()):
            raise PlanError(f"{field}：应为各层名称和整数名额")
    check_list("units", request.get("units"))
    for unit in request["units"]:
        if not is_name(unit.get("stratum")):
            raise PlanError(f"units：{unit['id']} 没有 stratum（层），或其中有竖线 |")
        weight = unit.get("weight", 1)
        if not is_whole(weight, 1) or weight > MOST_WEIGHT or not is_whole(unit.get("last", 0), 0):
            raise PlanError(f"units：{unit['id']} 的 weight 应为 1 到 {MOST_WEIGHT} 的整数，last 应为年份")
    if "inspectors" in request:
        check_list("inspectors", request["inspectors"])
    pairs = request.get("relatives", [])
    if not isinstance(pairs, list) or not all(type(p) is list and len(p) == 2 and all(map(is_name, p)) for p in pairs):
        raise PlanError("relatives：每一项应为 [督查人员, 单位] 两个编号")
    people = {person["id"] for person in request.get("inspectors", [])}
    names = {unit["id"] for unit in request["units"]}
    for person, unit in pairs:
        if person not in people or unit not in names:
            raise PlanError(f"relatives：名单里找不到 {person} 或 {unit}，写错会使回避落空，请核对")
