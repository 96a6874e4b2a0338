"""A simulated county over two years: what the villages are asked, as the pages say it, beside the planted truth.

    python bench/county.py            a tenth of a county: 3 bureaus, 3 townships, 22 villages
    python bench/county.py --full     12 bureaus, 15 townships, 220 villages; --months 3 5: of each year only the spring

Data: made up and seeded (bench/county.toml; what offices want: county_wants.py, how they get it: county_offices.py).
In the first year everything is registered as it came. In the second the same wants, and some more of them, meet the
rules of 2024 through the real actions on the embedded server. It is played twice, one calendar year after the other,
each time with the first year's numbers as Baseline: once the offices mend what is stopped, or put something else in its
place; once they also take what the product proposes (documents and meetings merged, notes and video, visits merged,
forms filled from the records, relays passed on as one thing). All minutes of pages come from the queries of the pages;
the truth beside them was written down while asking, by arithmetic of its own. Every month ten villages drawn by lot are
telephoned; they say the truth, with a tenth of noise.

Fails (exit status 1) where a page and what was planted as registered differ, where the truth of what nobody registered
lies outside the interval of the sample in more than one of the three years, or where advice saves nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
KINDS = ("document", "letter", "notice", "meeting", "visit", "form")
NORMAL_95 = 1.96


@dataclass(frozen=True)
class Told:
    """One year as the pages tell it, and the truth. Minutes of all villages."""

    page: object  # offices.queries.below.Totals of all villages
    by_village: dict[str, tuple[int, int]]  # (things, minutes) of the page of each village
    correction: object  # offices.queries.below.Correction, or None
    interval: tuple[float, float] | None  # of what nobody registered for a hundred registered, from the same calls
    truth: object  # county_wants.Planted

    @property
    def differs(self) -> list[str]:
        """Villages whose page says another thing than what was planted as registered."""
        return [name for name, said in self.by_village.items() if said != self.truth.total(village=name)]


@dataclass(frozen=True)
class Run:
    """The first year, and the second year twice."""

    before: Told
    rules: Told
    advice: Told
    villages: int
    seconds: float  # on the clock
    cpu: float  # of this process, without the server's


def simulate(size: str, year: int, months: range, parent) -> Run:
    """A county whose first year is ``year``. Its second year is played twice, by the rules alone in the year after and
    with advice in the year after that: each time the same wants, and the first year's numbers as Baseline."""
    from county_offices import Advised, Obeying, Offices, found
    from county_wants import figures, layout, planted, wants

    begun, busy, county, told = time.perf_counter(), time.process_time(), layout(size), []
    made = found(county, f"JR{size[0]}", parent)
    for number, way in enumerate((Offices, Obeying, Advised)):
        offices = way(made, planted(county, year + number, months))
        offices.baseline(year)
        more = figures()["growth"]["more"] if number else 0
        offices.year(wants(county, year + number, months, more))
        told.append(_told(made, offices.truth, months))
    return Run(*told, len(county.villages), time.perf_counter() - begun, time.process_time() - busy)


def _told(made, truth, months: range) -> Told:
    from qingfu.offices import queries
    from qingfu.offices.periods import span_of
    from qingfu.units.tenancy import as_tenant

    villages = [made.units[name] for name in made.layout.villages]
    calls = _telephone(made, truth, months)
    end = date(truth.year, 12, 31)
    with as_tenant(made.tenant_id):
        span = span_of("year", end)
        by_village = {one.name: queries.totals([one.pk], span) for one in villages}
        page = queries.view([one.pk for one in villages], "year", end).now
        correction = queries.correction(date(truth.year + 1, 2, 1))  # of the calls about this year
    said = {name: (found.count, found.minutes) for name, found in by_village.items()}
    return Told(page, said, correction, _interval(calls, len(villages) * len(months)), truth)


def _telephone(made, truth, months: range) -> list[tuple[int, int]]:
    """Ten villages a month, drawn by lot, through the relief team's actions: of each call how many things of the month
    before were registered and how many nobody registered."""
    from county_wants import figures

    from qingfu.offices import actions
    from qingfu.offices.periods import month_of

    relief, said = made.actors["减负办"], figures()
    draw, names, calls = Random(f"{said['seed']}/{truth.year}/calls"), {u.pk: n for n, u in made.units.items()}, []
    for month in months:
        called_in = month_of(date(truth.year, month, 28) + timedelta(days=7))
        sample = actions.commit_sample(relief, called_in, {"kind": "dice", "event": f"{called_in}公开掷骰"})
        sample = actions.draw_sample(relief, sample.pk, {"value": str(draw.getrandbits(32))})
        for pk in actions.picked(sample):
            village = names[pk]
            reached = draw.random() < said["telephone"]["reached"]
            real = truth.needed(village, month) * draw.gauss(1, said["real"]["month"])
            counts = {one["kind"]: truth.not_registered(one["kind"], village, month)[0]
                      for one in said["unregistered"]}  # fmt: skip
            made_call = actions.record_call(
                relief, sample.pk, pk, reached=reached, real_minutes=30 * round(real / 30) if reached else None,
                unregistered=counts,
            )  # fmt: skip
            if reached:
                calls.append((made_call.registered, sum(counts.values())))
    return calls


def _interval(calls: list[tuple[int, int]], population: int) -> tuple[float, float] | None:
    """95 % interval of a ratio of sums, for a hundred, from a random sample of village-months (Cochran 1977, 6.4)."""
    n, things = len(calls), sum(registered for registered, _un in calls)
    if n < 2 or not things:
        return None
    ratio = sum(un for _registered, un in calls) / things
    spread = sum((un - ratio * registered) ** 2 for registered, un in calls) / (n - 1)
    error = NORMAL_95 * sqrt((1 - n / population) * spread / n) / (things / n)
    return 100 * (ratio - error), 100 * (ratio + error)


def table(run: Run) -> str:
    """Everything for one village, as Markdown."""
    years = (run.before, run.rules, run.advice)

    def row(name: str, figures: Iterator) -> str:
        return f"| {name} | " + " | ".join(str(one) for one in figures) + " |"

    def hours(minutes: float) -> str:
        return f"{minutes / 60 / run.villages:,.1f}"

    lines = ["| of one village | first year | the rules alone | rules and advice |", "|---|---|---|---|"]
    for kind in KINDS:
        found = [one.page.by_kind.get(kind, (0, 0))[1] for one in years]
        lines.append(row(f"page: {kind}, hours", map(hours, found)))
    lines.append(row("**page: all registered, hours**", (f"**{hours(one.page.minutes)}**" for one in years)))
    lines.append(row("planted: registered, hours by the tariff", (hours(one.truth.total()[1]) for one in years)))
    lines.append(row("villages whose page differs from it", (len(one.differs) for one in years)))
    lines.append(row("page: things asked of one village", (
        f"{sum(things for things, _ in one.by_village.values()) / run.villages:,.1f}" for one in years)))
    lines.append(row("page: things in the county, a relay once", (f"{one.page.count:,}" for one in years)))
    lines.append(row("planted: nobody registered, things", (
        f"{one.truth.not_registered()[0] / run.villages:,.1f}" for one in years)))
    lines.append(row("planted: nobody registered, hours", (hours(one.truth.not_registered()[1]) for one in years)))
    lines.append(row("planted: for 100 registered, unregistered", (f"{_rate(one.truth):.0f}" for one in years)))
    lines.append(row("page: the same from the telephone", (one.correction.unregistered if one.correction else "—"
                                                           for one in years)))
    lines.append(row("its 95 % interval", (f"{one.interval[0]:.0f}–{one.interval[1]:.0f}" if one.interval else "—"
                                           for one in years)))
    lines.append(row("planted: hours really needed, all", (hours(one.truth.needed()) for one in years)))
    lines.append(row("page: registered hours × what the telephone says", (
        hours(one.page.minutes * one.correction.percent / 100) if one.correction else "—" for one in years)))
    lines.append(row("days with a visit", (f"{len(one.truth.visit_days) / run.villages:.2f}" for one in years)))
    advice = run.advice.truth
    lines.append("")
    lines.append(
        f"{run.villages} villages. Cells of forms that somebody had asked before: {advice.repeated:,} by the labels, "
        f"{advice.spared:,} not asked again by the dictionary. Registered hours against the first year: "
        f"{_change(run.rules, run):+.1%} by the rules alone, {_change(run.advice, run):+.1%} with advice; hours really "
        f"needed {_really(run.rules, run):+.1%} and {_really(run.advice, run):+.1%}. {run.seconds:.0f} s, "
        f"{run.cpu:.0f} s of CPU of this process."
    )
    return "\n".join(lines)


def _rate(truth) -> float:
    return 100 * truth.not_registered()[0] / truth.total()[0]


def _change(told: Told, run: Run) -> float:
    return told.page.minutes / run.before.page.minutes - 1


def _really(told: Told, run: Run) -> float:
    return told.truth.needed() / run.before.truth.needed() - 1


def passes(run: Run) -> list[str]:
    """What is not as it has to be."""
    years = (run.before, run.rules, run.advice)
    wrong = [f"pages differ from what was planted: {one.differs[:3]}" for one in years if one.differs]
    outside = [one for one in years if one.interval and not one.interval[0] <= _rate(one.truth) <= one.interval[1]]
    if len(outside) > 1:
        wrong.append("the truth of what nobody registered lies outside the interval of the sample")
    if not run.advice.page.minutes < min(run.rules.page.minutes, run.before.page.minutes):
        wrong.append("advice saves nothing")
    if not run.advice.truth.needed() < min(run.rules.truth.needed(), run.before.truth.needed()):
        wrong.append("advice saves nothing of what is really needed")
    return wrong


@contextmanager
def embedded() -> Iterator:
    """An embedded server with nothing in it but the tree above a county; gives the city."""
    home = Path(tempfile.mkdtemp(prefix="qingfu-county-"))
    home.chmod(0o755)
    os.environ.update(QINGFU_HOME=str(home), QINGFU_POOL="0", DJANGO_SETTINGS_MODULE="qingfu.site.settings")
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()
    from django.core.management import call_command

    from qingfu.ledger.actions import sync_national
    from qingfu.server.postgres import local_cluster
    from qingfu.units.actions import found_tenant
    from qingfu.units.models import Tenant

    server = local_cluster()
    server.start(die_with_parent=True)
    try:
        call_command("migrate", database="owner", verbosity=0)
        above = None
        for kind, name in (("nation", "全国"), ("province", "江南省"), ("city", "临江市")):
            above = Tenant.objects.get(pk=found_tenant(kind, name, parent=above).pk)
        sync_national()
        yield above
    finally:
        server.stop("immediate")
        shutil.rmtree(home, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="12 bureaus, 15 townships, 220 villages")
    parser.add_argument("--months", type=int, nargs=2, default=(1, 12), help="from which month of each year to which")
    options = parser.parse_args()
    months = range(options.months[0], options.months[1] + 1)
    with embedded() as city:
        run = simulate("full" if options.full else "quick", date.today().year, months, city)
    print(table(run))
    wrong = passes(run)
    print("\n".join(wrong) or "pages and planted truth agree")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
