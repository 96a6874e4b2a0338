"""A request to merge visits, checked and read into days as bits. The format is in docs/merge.md."""

from datetime import date
from typing import NamedTuple

from ..request import PlanError, check_known, check_list, is_name, is_whole

MOST_DAYS = 400
FIELDS = {"title", "days", "blocked", "authorities", "places", "visits", "sealed", "start", "stops", "effort"}
ROWS = {
    "authorities": {"id", "inspectors", "reserve"},
    "places": {"id", "x", "y", "per_day", "most_days"},
    "visits": {"id", "authority", "place", "first", "last", "people"},
    "sealed": {"id", "authority", "sha256"},
}
WHOLE = {"inspectors": 1, "reserve": 0, "per_day": 1, "most_days": 1, "people": 1}  # field: smallest value


class Visit(NamedTuple):
    name: str
    authority: int
    place: int
    days: int  # bit d is set where day d is in the window and not blocked at the place
    people: int


class Problem(NamedTuple):
    days: list[str]
    authorities: list[str]
    room: list[int]  # inspectors of each authority that may go on announced visits in one day
    places: list[str]
    per_day: list[int]  # most visits of a place in one day
    most_days: list[int]  # most visit-days of a place in the whole plan
    visits: list[Visit]
    at: list[list[int]]  # the visits of each place, earliest last day first


def read(request: dict) -> Problem:
    """The problem that ``request`` states. Raises PlanError where a field is wrong or names what isn't there."""
    _check(request)
    days = request["days"]
    authorities = {row["id"]: number for number, row in enumerate(request["authorities"])}
    places = {row["id"]: number for number, row in enumerate(request["places"])}
    open_days = _open_days(request, places)
    visits = [
        Visit(
            row["id"],
            authorities[row["authority"]],
            places[row["place"]],
            open_days[places[row["place"]]] & _between(days, row["first"], row["last"]),
            row.get("people", 1),
        )
        for row in request["visits"]
    ]
    at: list[list[int]] = [[] for _ in places]
    for number in sorted(range(len(visits)), key=lambda n: (visits[n].days.bit_length(), visits[n].days, n)):
        at[visits[number].place].append(number)
    return Problem(
        days,
        list(authorities),
        [row["inspectors"] - row.get("reserve", 0) for row in request["authorities"]],
        list(places),
        [row.get("per_day", len(visits)) for row in request["places"]],
        [row.get("most_days", len(days)) for row in request["places"]],
        visits,
        at,
    )


def _open_days(request: dict, places: dict[str, int]) -> list[int]:
    found = [(1 << len(request["days"])) - 1] * len(places)
    for block in request.get("blocked", []):
        closed = _between(request["days"], block["first"], block["last"])
        for name in block.get("places", places):
            found[places[name]] &= ~closed
    return found


def _between(days: list[str], first: str, last: str) -> int:
    return sum(1 << number for number, day in enumerate(days) if first <= day <= last)


def _check(request: dict) -> None:
    check_known(request, FIELDS)
    for field in ("authorities", "places", "visits", "sealed"):
        if field != "sealed" or field in request:
            check_list(field, request.get(field))
        for row in request.get(field, []):
            if unknown := sorted(set(row) - ROWS[field]):
                fields = "、".join(sorted(ROWS[field]))
                raise PlanError(f"{field}：{row['id']} 的 {unknown[0]} 不认识，可用的有 {fields}")
            for name, least in WHOLE.items():
                if name in row and not is_whole(row[name], least):
                    raise PlanError(f"{field}：{row['id']} 的 {name} 应为不小于 {least} 的整数")
    _check_days(request)
    _check_names(request)
    for row in request["authorities"]:
        if not is_whole(row.get("inspectors"), 1) or row["inspectors"] <= row.get("reserve", 0):
            raise PlanError(f"authorities：{row['id']} 的 inspectors（每天能派几人）应多于为暗访留的 reserve")
    room = {row["id"]: row["inspectors"] - row.get("reserve", 0) for row in request["authorities"]}
    for row in request["visits"]:
        name, most = row["authority"], room[row["authority"]]
        if row.get("people", 1) > most:
            raise PlanError(f"visits：{row['id']} 要 {row['people']} 人，{name} 一天至多派 {most} 人")
    for row in request.get("sealed", []):
        if not isinstance(row.get("sha256"), str) or len(row["sha256"]) != 64:
            raise PlanError(f"sealed：{row['id']} 只写封存的 sha256，不写地点和日期")
    if "start" in request:
        if "stops" not in request or not is_whole(request["stops"], 1):
            raise PlanError("stops：写了出发地 start，请写明一辆车一天至多到几处")
        for row in [request["start"], *request["places"]]:
            if not isinstance(row, dict) or not all(type(row.get(axis)) is int for axis in "xy"):
                raise PlanError("start、places：要排路线，请给出发地和每个单位写 x 和 y（米，整数）")
    if "effort" in request and not is_whole(request["effort"], 0):
        raise PlanError("effort：应为不小于 0 的整数（改进多少轮）")


def _check_days(request: dict) -> None:
    days, blocked = request.get("days"), request.get("blocked", [])
    if not isinstance(days, list) or not days or len(days) > MOST_DAYS or not all(map(_is_day, days)):
        raise PlanError(f"days：应为一列工作日，如 2026-03-02，至多 {MOST_DAYS} 天")
    if sorted(set(days)) != days:
        raise PlanError("days：日期应从早到晚，不能重复")
    if not isinstance(blocked, list) or not all(isinstance(row, dict) and is_name(row.get("why")) for row in blocked):
        raise PlanError("blocked：每一段应有 why（为什么）、first 和 last")
    for row in [*blocked, *request["visits"]]:
        name = row.get("why") or row["id"]
        if not _is_day(row.get("first")) or not _is_day(row.get("last")) or row["first"] > row["last"]:
            raise PlanError(f"{name}：first 和 last 应为日期，如 2026-03-02，first 不晚于 last")


def _check_names(request: dict) -> None:
    authorities = {row["id"] for row in request["authorities"]}
    places = {row["id"] for row in request["places"]}
    for field in ("visits", "sealed"):
        for row in request.get(field, []):
            if row.get("authority") not in authorities:
                raise PlanError(f"{field}：{row['id']} 的单位 {row.get('authority')} 不在 authorities 里")
    for row in request["visits"]:
        if row.get("place") not in places:
            raise PlanError(f"visits：{row['id']} 的 {row.get('place')} 不在 places 里")
    for row in request.get("blocked", []):
        names = row.get("places", [])
        if not isinstance(names, list) or not set(names) <= places or set(row) - {"why", "first", "last", "places"}:
            raise PlanError(f"blocked：{row['why']} 只能有 why、first、last、places，places 里的都应在 places 里")


def _is_day(text: object) -> bool:
    try:
        return isinstance(text, str) and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
