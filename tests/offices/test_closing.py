"""What offices had to do in a window that ended: shares, floors, the yearly clean-up; by the close and the audit."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from qingfu.findings.models import Finding
from qingfu.lake.actions import export_lake
from qingfu.lake.audit.limits import audit
from qingfu.lake.reading import open_lake
from qingfu.ledger.actions import close_windows, publish_pack, record
from qingfu.ledger.drafts import Draft
from qingfu.offices import actions
from qingfu.offices.models import Channel, ChannelReview
from qingfu.units.queries import operator_actor
from qingfu.units.tenancy import as_tenant
from tests.offices.conftest import new_key
from tests.units.browser import signed_in_as

TODAY = timezone.localdate()
ENDED = TODAY.replace(day=1) - timedelta(days=1)  # the last day of the month before
MONTH = ENDED.replace(day=1)
YEAR_ENDS = date(TODAY.year, 12, 31)
FARM, HEALTH, SAFETY, TOWN = "县农业农村局", "县卫生健康局", "县应急管理局", "清水镇"
CLEANUP = "cn.teachers.apps.cleanup"
PACK = """
[pack]
id = "county.closing"
level = "county"
title = "本县办文规定"

[documents.own]
title = "本县办文规定"
issued = 2024-01-01

[[limit]]
id = "county.special"
title = "专项文件占比"
kind = "document"
part = { document_type = "special" }
bearer = "department"
form = "share_at_most_of_whole"
window = "month"
force = "must"
[[limit.value]]
from = 2024-01-01
share = 0.5
document = "own"
confidence = "local"

[[limit]]
id = "county.circulars"
title = "每月通报"
kind = "circular"
bearer = "department"
form = "count_at_least"
window = "month"
force = "general"
[[limit.value]]
from = 2024-01-01
floor = 2
document = "own"
confidence = "local"

[[limit]]
id = "county.reports"
title = "每月报告"
kind = "report"
bearer = "township"
form = "count_at_least"
window = "month"
force = "must"
[[limit.value]]
from = 2024-01-01
floor = 2
document = "own"
confidence = "local"
"""


@pytest.fixture
def county(own_county):
    publish_pack(own_county.actor("管理员"), own_county.unit.pk, PACK)
    return own_county


def did(county, name: str, kind: str, *said: dict) -> None:
    """Things that an office entered for the month before, a day each."""
    drafts = [
        Draft(county[name].pk, MONTH + timedelta(days=n), kind=kind, attributes=one) for n, one in enumerate(said)
    ]
    assert record(county.actor(f"文秘{name}"), drafts, new_key(), "补登").ok


def sent(document_type: str | None = None) -> dict:
    said = {"document_type": document_type} if document_type else {}
    return {"account": "department", **said}


def opened(county) -> set[tuple]:
    with as_tenant(county.tenant_id):
        rows = Finding.objects.filter(kind=Finding.Kind.CLOSED_SHORT)
        return {(one.limit_id, one.bearer_id, day) for one in rows for day in one.object_ids}


def audited(county, folder, first: date, last: date) -> set[tuple]:
    """(limit, unit, first day of the window) as the audit finds them over the county's lake, in one window."""
    export_lake(operator_actor(county.unit), county.unit, folder)
    limits = [CLEANUP, "county.special", "county.circulars", "county.reports"]
    return {
        (row["limit_id"], row["bearer_id"], first.toordinal())
        for row in audit(open_lake(folder), first, last, only=limits).rows.to_pylist()
    }


def test_a_share_of_what_an_office_sent_is_judged_when_the_month_ends(county, tmp_path):
    did(county, FARM, "document", sent("special"), sent("special"), sent("general"), sent())
    did(county, HEALTH, "document", sent("special"), sent("general"))
    did(county, SAFETY, "document", sent(), sent())  # of what kind they were is not said
    close_windows(county.tenant_id, ENDED - timedelta(days=1))
    assert opened(county) == set()
    assert close_windows(county.tenant_id, ENDED) == 1
    assert close_windows(county.tenant_id, ENDED) == 0
    assert opened(county) == {("county.special", county[FARM].pk, MONTH.toordinal())}
    with as_tenant(county.tenant_id):
        found = Finding.objects.get(limit_id="county.special")
    assert "专项文件占比：不超过 50%，现在是 66.67%" in found.summary
    assert (found.role, found.responsible_unit_id) == ("office_head", county[FARM].pk)
    assert found.due_day > TODAY
    assert audited(county, tmp_path, MONTH, ENDED) == opened(county)


def test_a_floor_is_judged_where_the_office_enters_such_things(county, tmp_path):
    did(county, FARM, "circular", sent())
    did(county, HEALTH, "circular", sent(), sent())
    did(county, TOWN, "report", {})
    close_windows(county.tenant_id, ENDED)
    assert opened(county) == {
        ("county.circulars", county[FARM].pk, MONTH.toordinal()),
        ("county.reports", county[TOWN].pk, MONTH.toordinal()),
    }
    assert audited(county, tmp_path, MONTH, ENDED) == opened(county)


def test_the_page_of_such_a_finding_names_the_window(county):
    did(county, FARM, "circular", sent())
    close_windows(county.tenant_id, ENDED)
    with as_tenant(county.tenant_id):
        found = Finding.objects.get(limit_id="county.circulars")
    page = signed_in_as(county, f"负责人{FARM}").get(reverse("findings:one", args=[found.pk])).content.decode()
    assert f"{MONTH.year} 年 {MONTH.month} 月 1 日起的那个周期" in page and "week=" not in page


def used_by_schools(county, name: str, *reviewed: date) -> Channel:
    """An app that schools must use, looked at on these days alone."""
    made = Channel(
        tenant_id=county.tenant_id, unit=county[FARM], name=name, carrier="app", purpose="patrol", kinds=["school"],
        headcount=12, since=date(2025, 3, 1), filing_number="备1", filed_on=date(2025, 1, 6),
    )  # fmt: skip
    actor = county.actor(f"文秘{FARM}")
    made, _ = actions.register_channel(actor, made, [], new_key())
    with as_tenant(county.tenant_id):
        ChannelReview.objects.filter(channel=made).delete()
        for day in reviewed:
            ChannelReview.objects.create(
                tenant_id=county.tenant_id, channel=made, day=day, state="kept", reviewer_id=actor.person_id
            )
    return made


def test_a_year_without_the_clean_up_of_what_schools_must_use_is_the_countys_finding(county, tmp_path):
    used_by_schools(county, "校园通", YEAR_ENDS - timedelta(days=40), YEAR_ENDS - timedelta(days=40))
    late = used_by_schools(county, "家校通", date(TODAY.year - 1, 12, 31))
    assert close_windows(county.tenant_id, YEAR_ENDS) == 1
    assert opened(county) == {(CLEANUP, county.unit.pk, date(TODAY.year, 1, 1).toordinal())}
    with as_tenant(county.tenant_id):
        found = Finding.objects.get(limit_id=CLEANUP)
    assert "每年清理面向学校的应用：每年不少于 1 次，现在是 0 次" in found.summary
    assert (found.role, found.responsible_unit_id) == ("two_offices", county.unit.pk)
    assert audited(county, tmp_path / "short", date(TODAY.year, 1, 1), YEAR_ENDS) == opened(county)
    with as_tenant(county.tenant_id):
        Channel.objects.filter(pk=late.pk).update(state=Channel.State.CLOSED, decided_on=TODAY)
    assert close_windows(county.tenant_id, YEAR_ENDS) == 0
    assert audited(county, tmp_path / "clean", date(TODAY.year, 1, 1), YEAR_ENDS) == set()


def test_where_schools_must_use_nothing_there_is_nothing_to_clean_up(county, tmp_path):
    assert close_windows(county.tenant_id, YEAR_ENDS) == 0
    assert audited(county, tmp_path, date(TODAY.year, 1, 1), YEAR_ENDS) == set()
