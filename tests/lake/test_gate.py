"""Invariant I5 on the real ledger: what the gate let through and marked, the audit finds; what it stopped, it would."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from django.utils import timezone

from qingfu.cli import main
from qingfu.lake.actions import export_lake
from qingfu.lake.audit.limits import audit
from qingfu.lake.reading import open_lake
from qingfu.ledger.actions import grant_waiver, post, publish_pack, record, sync_national, withdraw
from qingfu.ledger.drafts import Draft
from qingfu.ledger.models import Demand
from qingfu.ledger.reckoning import current
from qingfu.rulebook import load_calendar
from qingfu.units.queries import operator_actor
from qingfu.units.tenancy import as_tenant
from tests.factories import County, make_county
from tests.lake.making import Asked, Made, write_lake
from tests.ledger.packs import county_pack, school_pack

from .conftest import WRITTEN

SPAN = date(2026, 1, 1), date(2028, 12, 31)
ENDS = ("", "20:29", "20:31", "00:30")  # a homework stop at half past eight, and half past midnight


@dataclass
class Stream:
    """What was asked of a county: drafts that stand with the numbers of their requests, and refusals."""

    county: County
    accepted: list[tuple[int, Draft]] = field(default_factory=list)
    refused: list[tuple[int, Draft, set[str], int]] = field(default_factory=list)


@pytest.fixture(scope="module")
def stream(cluster) -> Stream:
    """Random homework for two classes under the nation's 60 minutes, a county's 40 (一般), a school's 45 and 30 that it
    encourages."""
    county, random = make_county(), Random(20260901)
    sync_national()
    publish_pack(county.actor("管理员"), county.unit.pk, county_pack(40, "general"))
    school, head = county.schools["青禾县实验小学"].pk, county.actor("孙校长")
    publish_pack(head, school, school_pack(45, "principle"))
    publish_pack(head, school, school_pack(30, "encourage", place="advice"))
    stream, day = Stream(county), timezone.localdate()
    classes = [county.class_("三(1)班").pk, county.class_("三(2)班").pk]
    days = [day := load_calendar().next_school_day(day) for _ in range(4)]
    grant_waiver(
        county.actor("孙校长"), classes[0], "school.homework.written", days[0], days[2], 10, office="教导处",
        reason="期末复习周", expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    for number, (name, minutes) in enumerate([("王丽", 40), ("李强", 12)], start=-2):  # 52 under the waiver
        draft = Draft(classes[0], days[0], subject=SUBJECT[name], text="复习", minutes=minutes, attributes=WRITTEN,
                      reason="单元复习")  # fmt: skip
        assert post(county.actor(name), [draft], f"w{number}").ok
        stream.accepted.append((number, draft))
    for number in range(50):
        ask(stream, number, random, classes, days)
    return stream


def ask(stream: Stream, number: int, random: Random, classes: list[int], days: list[date]) -> None:
    who = stream.county.actor(random.choice(["王丽", "李强", "陈静"]))
    attributes = {"form": random.choice(["written", "written", "written", "oral"]), "required": True, "place": "家庭"}
    draft = Draft(
        random.choice(classes), random.choice(days), subject=SUBJECT[who.name],
        text="练习", minutes=random.choice([5, 10, 15, 20, 25]), attributes=attributes, ends=random.choice(ENDS),
        reason=random.choice(["", "单元复习", "单元复习", "单元复习"]),
    )  # fmt: skip
    if number % 12 == 11:
        record(who, [draft], f"r{number}", "课后补登")
        stream.accepted.append((number, draft))
        return
    answer = post(who, [draft], f"p{number}")
    if answer.ok:
        stream.accepted.append((number, draft))
        if number % 17 == 16:
            assert withdraw(who, list(answer.demand_ids), f"w{number}").ok
            stream.accepted.pop()
    elif answer.refusals:
        stopped = {one.limit_id for one in answer.refusals}
        stream.refused.append((number, draft, stopped, len(stream.accepted)))


NAMED = {
    "cn.homework.written.g3-6", "cn.sleep.homework-stop.g1-6", "county.homework.written", "school.homework.written"
}  # fmt: skip
APART = 10**9  # between the numbers of the same class, once for each refusal
SUBJECT = {"王丽": "语文", "李强": "数学", "陈静": "英语"}


@pytest.fixture(scope="module")
def lake(stream, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("lake")
    export_lake(operator_actor(stream.county.unit), stream.county.unit, folder)
    return folder


def test_the_stream_meets_every_way_of_going_over(stream):
    with as_tenant(stream.county.tenant_id):
        rows = Demand.objects.filter(tenant_id=stream.county.tenant_id).exclude(over=None)
        ways = {one["how"] for row in rows for one in row.over}
    assert {"waived", "warned", "informed", "recorded"} <= ways and len(stream.refused) > 5


def test_over_what_stands_the_audit_finds_exactly_what_the_gate_marked(stream, lake):
    with as_tenant(stream.county.tenant_id):
        standing = Demand.objects.filter(tenant_id=stream.county.tenant_id).exclude(state="withdrawn")
        marked = {(row.id, one["limit_id"]) for row in standing for one in row.over or ()}
    rows = audit(open_lake(lake), *SPAN).rows.to_pylist()
    assert {(row["demand_id"], row["limit_id"]) for row in rows} == marked


def test_with_the_gate_off_the_audit_finds_exactly_what_the_gate_stopped(stream):
    """Each refused request over all that stood when it was asked, each with classes of its own: the limits that its
    refusal named, and no others."""
    county = stream.county
    with as_tenant(county.tenant_id):
        found = current([county.class_(name).pk for name in ("三(1)班", "三(2)班")])
    one = found[county.class_("三(1)班").pk]
    packs = [pack for pack in one.rulebook.packs if any(limit.id in NAMED for limit in pack.limits)]
    made, last, wanted = Made(packs, [], [], calendar=one.calendar), {}, {}
    for place, (number, draft, stopped, stood) in enumerate(stream.refused):
        apart = {pk: replace(found[pk].bearer(pk), id=pk + (place + 1) * APART) for pk in found}
        made.bearers += apart.values()
        made.asked += [Asked(other.asked(apart[other.bearer_id]), n) for n, other in stream.accepted[:stood]]
        last[len(made.asked)], wanted[place] = place, stopped
        made.asked.append(Asked(draft.asked(apart[draft.bearer_id]), number))
    with tempfile.TemporaryDirectory() as folder:
        write_lake(Path(folder), made)
        rows = audit(open_lake(Path(folder)), *SPAN).rows.to_pylist()
    named = {place: {row["limit_id"] for row in rows if row["demand_id"] == n} for n, place in last.items()}
    assert named == wanted


def test_the_command_tells_limits_counts_and_ends_with_one(stream, lake, tmp_path, capsys):
    out = tmp_path / "超出.csv"
    span = ["--from", SPAN[0].isoformat(), "--to", SPAN[1].isoformat()]
    assert main(["audit", str(lake), *span, "--json", "--out", str(out)]) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == len(out.read_text("utf-8").splitlines()) - 1
    assert {"county", "limit_id", "bearer_id", "window", "amount", "cap", "over"} <= set(lines[0])
    assert {"青禾县实验小学三(1)班", "青禾县实验小学三(2)班"} == {line["bearer"] for line in lines}
    assert "本校每天书面作业总时长" in {line["limit"] for line in lines}
    assert main(["audit", str(lake), "--from", "2020-01-01", "--to", "2020-12-31"]) == 0
    assert "没有超出规定的事项" in capsys.readouterr().out


@pytest.mark.parametrize(("arguments", "says"), [
    (["--from", "2026-02-01", "--to", "2026-01-01"], "比 --from 早"),
    (["--from", "2026-01-01", "--to", "2026-02-01", "--out", "x.doc"], ".csv 或 .parquet"),
    (["--from", "2026-01-01", "--to", "2026-02-01", "--county", "没有"], "没有 没有 的记录"),
])  # fmt: skip
def test_what_cannot_be_done_is_told(lake, capsys, arguments, says):
    assert main(["audit", str(lake), *arguments]) == 2
    assert says in capsys.readouterr().err


def test_a_folder_that_is_no_lake_is_told(tmp_path, capsys):
    assert main(["audit", str(tmp_path), "--from", "2026-01-01", "--to", "2026-02-01"]) == 2
    assert "没有导出过" in capsys.readouterr().err
