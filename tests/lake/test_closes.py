"""Close limits over the lake: what the rulebook says when each window ends, and the findings that the ledger opened."""

from __future__ import annotations

import os
import tempfile
from datetime import date, timedelta
from pathlib import Path
from random import Random

from django.utils import timezone
from hypothesis import HealthCheck, given, settings

from qingfu.findings.models import Finding
from qingfu.lake.actions import export_lake
from qingfu.lake.audit.limits import audit
from qingfu.lake.reading import open_lake
from qingfu.ledger.actions import close_windows, publish_pack, record, sync_national
from qingfu.ledger.drafts import Draft
from qingfu.rulebook import Bearer, Demand, Limit, Requirement, Rulebook, load_calendar
from qingfu.rulebook.calendar import days_between
from qingfu.rulebook.judge import SHARES, close_due, judge_close
from qingfu.rulebook.model import all_hold
from qingfu.units.queries import operator_actor
from qingfu.units.tenancy import as_tenant
from tests.factories import make_county
from tests.ledger.test_closing import FREE_DAY, MARKED, PRIMARY

from .closing import BEARERS, DEPARTMENT, SCHOOLS, YEAR, lakes
from .conftest import WRITTEN
from .making import Asked, Made, write_lake

EXAMPLES = 200 if os.environ.get("QINGFU_SOAK") else 5
CALENDAR = load_calendar()
SAMPLE = ({"marked": True}, {"marked": False}, {}, {})  # says of some homework whether it was marked


def expected(made: Made) -> set[tuple]:
    """(limit, unit, first day of the window or demand), as `ledger.close_windows` would judge each day of the year."""
    rulebook, found = Rulebook(made.packs), set()
    for bearer in BEARERS:
        mine = [(n, one) for n, one in enumerate(made.asked) if one.demand.bearer is bearer]
        for day in days_between(*YEAR):
            for rule in rulebook.closes(bearer, day):
                if rule.limit.form == "must_follow" or rule.verdict < rule.verdict.WARN:
                    continue
                window = CALENDAR.window(rule.limit.window, day)
                due = close_due(rule, bearer, window, CALENDAR) if window.end == day else None
                if due and is_short(due, bearer, made):
                    found.add((rule.limit.id, bearer.id, window.start))
        for n, one in mine:
            found |= {(limit_id, bearer.id, n) for limit_id in late(rulebook, bearer, one)}
    return found


def is_short(due: Requirement, bearer: Bearer, made: Made) -> bool:
    limit, window = due.in_force.limit, due.window
    kind = "homework" if limit.kind == "homework_free_day" else limit.kind
    entered = [
        one.demand for one in made.asked
        if one.stands and one.demand.kind == kind and window.start <= one.demand.day <= window.end
        and all(key in one.demand.attributes for key in limit.must_say)
    ]  # fmt: skip
    held = [one for one in entered if one.bearer is bearer and all_hold(limit.where, one.attributes)]
    if limit.form in SHARES:
        part = [one for one in held if all_hold(limit.part, one.attributes)]
        return judge_close(due, sum_of(limit, part), sum_of(limit, held)) is not None
    alike = [one for one in entered if one.bearer.kind == bearer.kind and school(one.bearer) == school(bearer)]
    if not (held if bearer is DEPARTMENT else alike):
        return False
    if limit.kind != "homework_free_day":
        return judge_close(due, sum_of(limit, held)) is not None
    busy = {one.day for one in held}
    free = sum(day not in busy for day in CALENDAR.school_days(window.start, window.end))
    return judge_close(due, free) is not None


def school(bearer: Bearer) -> int:
    return SCHOOLS.get(bearer.id, bearer.id)


def sum_of(limit: Limit, held: list[Demand]) -> int:
    return sum(one.amount("times" if limit.form == "count_at_least" else limit.measure) or 0 for one in held)


def late(rulebook: Rulebook, bearer: Bearer, one: Asked):
    if one.demand.kind != "homework" or one.posted <= one.demand.day:
        return
    for rule in rulebook.limits("homework", bearer, one.demand.day):
        if rule.limit.form == "must_follow" and rule.value.fact == "published" and rule.verdict >= rule.verdict.WARN:
            due = close_due(rule, bearer, CALENDAR.window("day", one.demand.day), CALENDAR)
            if all_hold(rule.limit.where, one.demand.attributes) and one.posted > due.deadline:
                yield rule.limit.id


def found(folder: Path, first: date, last: date) -> set[tuple]:
    rows = audit(open_lake(folder), first, last).rows.to_pylist()
    return {(row["limit_id"], row["bearer_id"], row["demand_id"] if row["demand_id"] is not None else row["day"])
            for row in rows}  # fmt: skip


@given(lakes())
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_each_window_that_ended_short_is_found(made):
    with tempfile.TemporaryDirectory() as folder:
        write_lake(Path(folder), made)
        said = found(Path(folder), *YEAR)
    assert said == {(limit_id, bearer, as_told(made, limit_id, what)) for limit_id, bearer, what in expected(made)}


def as_told(made: Made, limit_id: str, what):
    """A window by its last day."""
    limit = next(limit for limit in made.packs[0].limits if limit.id == limit_id)
    return what if isinstance(what, int) else CALENDAR.window(limit.window, what).end


def test_over_the_ledger_the_audit_finds_exactly_the_findings(cluster, tmp_path):
    """Invariant I5 of the design, for close limits: a free day a week, a share of marked homework, publication within a
    week."""
    county, random = make_county(), Random(20261104)
    sync_national()
    for pack in (FREE_DAY, MARKED.replace("school.homework", "marked.homework")):
        publish_pack(county.actor("孙校长"), county.schools[PRIMARY].pk, pack)
    today = timezone.localdate()
    span = [day for day in days_between(today - timedelta(days=28), today) if CALENDAR.day(day).is_school_day]
    for name in ("三(1)班", "三(2)班"):
        drafts = [
            Draft(county.class_(name).pk, day, subject="语文", minutes=20, text="练习",
                  attributes={**WRITTEN, **random.choice(SAMPLE)})
            for day in span if random.random() < 0.85
        ]  # fmt: skip
        record(county.actor("王丽"), drafts, f"late {name}", "补登")
    for day in days_between(today - timedelta(days=30), today):
        close_windows(county.tenant_id, day)
    with as_tenant(county.tenant_id):
        rows = Finding.objects.filter(kind=Finding.Kind.CLOSED_SHORT).values_list("limit_id", "bearer_id", "object_ids")
        opened = {(limit_id, bearer_id, one) for limit_id, bearer_id, ids in rows for one in ids}
    assert {limit_id for limit_id, *_ in opened} == {
        "cn.homework.published", "school.homework.written", "marked.homework.written",
    }  # fmt: skip
    export_lake(operator_actor(county.unit), county.unit, tmp_path)
    said = {
        (limit_id, bearer_id, what if isinstance(what, int) else (what - timedelta(days=6)).toordinal())
        for limit_id, bearer_id, what in found(tmp_path, today - timedelta(days=30), today)
        if limit_id in {limit_id for limit_id, *_ in opened}
    }
    assert said == opened
