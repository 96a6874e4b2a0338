"""What the offices of a made-up county want of those below in a year: seeded, pure, before any rule has its say.

Sizes and rates stand in ``county.toml``. ``Planted`` is the truth that the pages are held against: its minutes are
worked out here from the published tariff by arithmetic of its own.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random

from qingfu.offices.hours import tariff
from qingfu.rulebook import load_calendar
from qingfu.rulebook.calendar import days_between
from tests.text.fields.labels import labelled

CALENDAR = load_calendar()
LONGEST = 480


@cache
def figures() -> dict:
    """``county.toml``."""
    return tomllib.loads((Path(__file__).parent / "county.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Layout:
    """Names of the county's offices: bureaus with their field of work, townships with their villages."""

    bureaus: Mapping[str, str]
    townships: Mapping[str, tuple[str, ...]]

    @property
    def villages(self) -> list[str]:
        return [village for several in self.townships.values() for village in several]

    def below(self, names: Iterable[str]) -> list[str]:
        """The villages among some units and in those of them that are townships."""
        return [village for name in names for village in self.townships.get(name, (name,))]


def layout(size: str) -> Layout:
    """``size``: full, quick or test."""
    said, names = figures()["size"][size], figures()["names"]
    towns = names["townships"][: said["townships"]]
    villages = [first + last for first in names["before"] for last in names["after"]][: said["villages"]]
    return Layout(
        dict(names["bureaus"][: said["bureaus"]]),
        {town: tuple(villages[number :: len(towns)]) for number, town in enumerate(towns)},
    )


@dataclass(frozen=True)
class Want:
    """One thing that an office would ask of ``to``. ``number`` is the same in both second years, and so is ``chance``,
    which decides what becomes of it where it may not be asked, or where there is advice."""

    number: int
    office: str
    kind: str
    day: date
    to: tuple[str, ...]
    chance: float
    amounts: Mapping = field(default_factory=dict)
    says: Mapping = field(default_factory=dict)
    topic: str = ""
    item: str = ""
    last: date | None = None
    starts: str = ""
    speech: int = 0
    relay: bool = False
    telling: bool = False
    video: bool = False
    meanings: tuple = ()

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.number}"

    def with_amounts(self, **amounts) -> Want:
        return replace(self, amounts={**self.amounts, **amounts})


def workday(day: date, year: int) -> date:
    """The day or the next one on which offices work; the year's last one where that would be in the next year."""
    after = [one for n in range(15) if (one := day + timedelta(days=n)).year == year and CALENDAR.day(one).is_workday]
    return after[0] if after else next(
        one for n in range(15) if CALENDAR.day(one := date(year, 12, 31) - timedelta(days=n)).is_workday
    )


def wants(county: Layout, year: int, months: range, more: float = 0.0) -> list[Want]:
    """Everything that the offices want in these months of a year, by day: every year the same, and a share ``more``."""
    rows = []
    for number, said in enumerate(figures()["wants"]):
        for office in county.bureaus if said["by"] == "bureau" else county.townships:
            draw = Random(f"{figures()['seed']}/{number}/{office}")
            times = max(1, round(said["times"] * draw.uniform(0.85, 1.15)))
            for month in _months(draw, times) + _months(draw, round(more * times + draw.uniform(-0.5, 0.5))):
                rows.append((_day_in(draw, year, month), office, said, draw.random(), draw.getrandbits(32)))
    kept = [row for row in rows if row[0].month in months]
    kept.sort(key=lambda row: (row[0], row[1], row[2]["kind"], row[3]))
    found, systems = [], Counter()
    for number, (day, office, said, chance, seed) in enumerate(kept):
        want = Want(number, office, said["kind"], day, tuple(_to(county, office, said)), chance,
                    topic=county.bureaus.get(office, "其他"))  # fmt: skip
        found.append(MAKING[said["kind"]](want, said, Random(seed), county, systems))
    return found


def _months(draw: Random, times: int) -> list[int]:
    """So many months, by the season."""
    return draw.choices(range(1, 13), figures()["season"]["weights"], k=times)


def _day_in(draw: Random, year: int, month: int) -> date:
    days = [one for one in days_between(date(year, month, 1), date(year, month, 28)) if CALENDAR.day(one).is_workday]
    return days[int(draw.random() * len(days))]


def _to(county: Layout, office: str, said: Mapping) -> Iterable[str]:
    if said["by"] == "township":
        return county.townships[office]
    return county.villages if said["kind"] in ("form", "visit") else county.townships


def _size(draw: Random, said: list, least: int) -> int:
    return max(least, round(said[0] * draw.lognormvariate(0, said[1])))


def _document(want: Want, said: Mapping, draw: Random, county: Layout, systems: Counter) -> Want:
    says = {"assessed": True, "document_type": "special"}
    if draw.random() < said["demands_report"]:
        says["demands_report"] = True
    amounts = {"characters": _size(draw, said["characters"], 400)}
    return replace(want, amounts=amounts, says=says, relay=draw.random() < said["relay"])


def _meeting(want: Want, said: Mapping, draw: Random, county: Layout, systems: Counter) -> Want:
    minutes = min(LONGEST, 10 * round(_size(draw, said["minutes"], 30) / 10))
    talk = draw.random()
    systems[want.office] += 1
    kind = "system" if systems[want.office] <= said.get("system", 0) else "special"
    return replace(
        want, amounts={"minutes": minutes}, starts=draw.choice(("09:00", "14:30")),
        speech=min(minutes, _size(draw, said["speech"], 10)), relay=draw.random() < said["relay"],
        says={"meeting_type": kind, "group_discussion": talk < said["discussion"]},
        telling=talk > 1 - said["telling"],
    )  # fmt: skip


def _visit(want: Want, said: Mapping, draw: Random, county: Layout, systems: Counter) -> Want:
    """An item of the list: villages that are to be visited within a window; without advice each office goes as it
    likes, a few villages a day."""
    places = draw.sample(county.villages, max(1, round(said["villages"] * len(county.villages))))
    says = {"visit_type": "special"}
    if draw.random() < said["wrong"]:
        says |= draw.choice(({"criterion": "photos"}, {"demands": "heads"}))
    first = want.day.replace(day=1)
    return replace(
        want, to=tuple(places), amounts={"minutes": _size(draw, said["minutes"], 45)}, says=says, day=first,
        last=first + timedelta(days=said["window"]), item=f"{want.topic}专项检查{want.number}",
    )  # fmt: skip


def days_of(want: Want) -> Iterator[tuple[date, tuple[str, ...]]]:
    """The days on which an office would go by itself, and where."""
    days = [day for day in days_between(want.day, want.last) if CALENDAR.day(day).is_workday]
    each = math.ceil(len(want.to) / len(days))
    for number, day in enumerate(days):
        if there := want.to[number * each : (number + 1) * each]:
            yield day, there


def _form(want: Want, said: Mapping, draw: Random, county: Layout, systems: Counter) -> Want:
    """Fields in the words of whoever asks: rows of the labelled names, each meaning once."""
    rows = [row for row in labelled() if row["level"] == "村"]
    draw.shuffle(rows)
    by_meaning = {row["meaning"].split(".")[0]: row for row in rows}
    chosen = draw.sample(sorted(by_meaning), min(len(by_meaning), draw.randint(*said["fields"])))
    meanings = []
    for name in chosen:
        row = by_meaning[name]
        again = draw.random() < figures()["advice"]["repeated"]
        period = f"{want.day.year - 1}年末" if again else f"{want.day.year}年{want.day.month}月末"
        meanings.append((row["meaning"], period, (row["name"], row["unit"], period)))
    return replace(
        want, amounts={"fields": len(meanings)}, meanings=tuple(meanings),
        last=workday(want.day + ONE_WEEK, want.day.year),
    )  # fmt: skip


def _notice(want: Want, said: Mapping, draw: Random, county: Layout, systems: Counter) -> Want:
    return want


ONE_WEEK = timedelta(days=7)
MAKING = {"document": _document, "meeting": _meeting, "visit": _visit, "form": _form, "notice": _notice}


# ---- the truth ----


def minutes_of(kind: str, amounts: Mapping, says: Mapping, way: int) -> int:
    """Minutes of one village or township by the published tariff; ``way`` minutes one way, 0 where nobody travels."""
    line, people = tariff()["line"][kind], tariff()["line"][kind]["people"]
    each = line.get("fixed", 0) + line.get("rate", 0) * amounts.get(line.get("per", ""), 0) / line.get("each", 1)
    more = sum(one["minutes"] for one in tariff()["extra"] if says.get(one["attribute"]) == one["value"])
    return math.ceil(people * each) + line.get("once", 0) + more + (2 * way * people if line.get("travels") else 0)


@dataclass
class Planted:
    """What was really asked of the villages in one year, of each by (month, kind): registered things, their minutes by
    the tariff, and things that nobody registered. ``factors``: what a minute of the tariff really takes a village."""

    year: int
    factors: Mapping[str, float]
    things: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    minutes: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    unregistered: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    visit_days: set = field(default_factory=set)
    repeated: int = 0
    spared: int = 0

    def add(self, village: str, day: date, kind: str, minutes: int, things: int = 1) -> None:
        """A registered thing; ``things`` -1 takes it back."""
        self.things[village][day.month, kind] += things
        self.minutes[village][day.month, kind] += things * minutes

    def unregister(self, village: str, month: int, kind: str, times: int = 1) -> None:
        self.unregistered[village][month, kind] += times

    def total(self, kind: str = "", village: str = "", month: int = 0) -> tuple[int, int]:
        """(things, minutes by the tariff) of what was registered."""
        return tuple(sum(n for *_key, n in _chosen(rows, kind, village, month)) for rows in (self.things, self.minutes))

    def not_registered(self, kind: str = "", village: str = "", month: int = 0) -> tuple[int, int]:
        """(things, minutes) that nobody registered."""
        each = {one["kind"]: one["minutes"] for one in figures()["unregistered"]}
        chosen = list(_chosen(self.unregistered, kind, village, month))
        return sum(n for *_key, n in chosen), sum(n * each[its_kind] for _village, its_kind, n in chosen)

    def needed(self, village: str = "", month: int = 0) -> float:
        """Minutes that it really took, what nobody registered included."""
        kinds = figures()["real"]["kinds"]
        real = sum(n * self.factors[name] * kinds[kind] for name, kind, n in _chosen(self.minutes, "", village, month))
        return real + self.not_registered("", village, month)[1]


def _chosen(rows: Mapping, kind: str, village: str, month: int) -> Iterator[tuple[str, str, int]]:
    """(village, kind, number) of what is looked for; "" and 0 stand for all."""
    for name in [village] if village else rows:
        for (its_month, its_kind), number in rows[name].items():
            if kind in ("", its_kind) and month in (0, its_month):
                yield name, its_kind, number


def planted(county: Layout, year: int, months: range) -> Planted:
    """The truth of a year before anything registered is asked: what nobody registers comes to the villages anyway."""
    seed, said = figures()["seed"], figures()["real"]["village"]
    factors = {name: said[0] * Random(f"{seed}/{name}").lognormvariate(0, said[1]) for name in county.villages}
    found, draw = Planted(year, factors), Random(f"{seed}/unregistered")
    for village in county.villages:
        for month in months:
            for one in figures()["unregistered"]:
                most = 2 * one["times"] * figures()["season"]["weights"][month - 1]
                found.unregister(village, month, one["kind"], round(draw.uniform(0, most)))
    return found
