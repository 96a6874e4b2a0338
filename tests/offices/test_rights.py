"""放权赋能 and 容错: figures of months and years, no case and no person; few of anything are not told."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from qingfu.offices import actions
from qingfu.offices.actions import Counted, NotInPlace
from qingfu.offices.blame import Shown, appeals, distinctions, settings, shown
from qingfu.offices.channels import months_later
from qingfu.offices.models import BlameYear, CaseCount, HandedDown
from qingfu.offices.queries import rights as queries
from qingfu.offices.queries.blame import blame_years
from qingfu.units.models import AuditRecord
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant
from tests.units.browser import signed_in_as

TODAY = timezone.localdate()
THIS = TODAY.replace(day=1)
LAST, BEFORE = months_later(THIS, -1), months_later(THIS, -2)
FARM, SCHOOL = "县农业农村局", "清水镇中心小学"
FLOOR = settings()["floor"]


def hand(county, item: str, *receivers: str, since=BEFORE, workdays=5, unit=FARM, **more) -> list[HandedDown]:
    units = [county[name] for name in receivers]
    return actions.hand_down(county.actor(f"文秘{unit}"), county[unit], units, item, since, workdays, **more)


def count(county, handed: HandedDown, month=LAST, who="文秘清水镇", **said) -> CaseCount:
    figures = {"begun": 10, "in_time": 8, "late": 2, "average": Decimal("4.5"), **said}
    return actions.count_cases(county.actor(who), handed.pk, month, Counted(**figures))


# ---- approvals handed down ----


def test_one_approval_goes_to_several_with_its_limit_and_its_support(county):
    made = hand(county, "设施农用地备案", "清水镇", "柳河镇", people=True, training=True)
    assert [(one.receiver.name, one.workdays, one.people, one.money, one.training) for one in made] == [
        ("清水镇", 5, True, False, True), ("柳河镇", 5, True, False, True),
    ]  # fmt: skip
    with pytest.raises(NotInPlace, match="已经下放给清水镇"):
        hand(county, "设施农用地备案", "石桥乡", "清水镇")
    with as_tenant(county.tenant_id):
        assert HandedDown.objects.filter(item="设施农用地备案").count() == 2
        assert AuditRecord.objects.filter(action="hand_down", object_id=made[0].pk).exists()
    with pytest.raises(Forbidden):
        hand(county, "别处的", SCHOOL, unit="柳河镇")
    with pytest.raises(NotInPlace, match="几个工作日"):
        hand(county, "没写", "清水镇", workdays=0)


def test_whoever_handles_the_cases_counts_them_and_nobody_else(county):
    (town,), (school,) = hand(county, "采伐许可", "清水镇"), hand(county, "校服选用", SCHOOL)
    count(county, town)
    count(county, school, who=f"校长{SCHOOL}")
    for handed, who in ((town, f"文秘{FARM}"), (town, "文秘柳河镇"), (school, "文秘清水镇")):
        with pytest.raises(Forbidden):
            count(county, handed, who=who)
    with as_tenant(county.tenant_id):
        assert AuditRecord.objects.filter(action="count_cases", object_id=town.pk, unit_id=town.receiver_id).exists()


@pytest.mark.parametrize("month, fits", [
    (months_later(BEFORE, -1), False), (BEFORE, True), (LAST, True), (THIS, False),
])  # fmt: skip
def test_months_are_those_that_are_over_since_it_was_handed_down(county, month, fits):
    (handed,) = hand(county, f"月份{month}", "清水镇")
    if fits:
        assert count(county, handed, month).month == month
    else:
        with pytest.raises(NotInPlace, match="已经过完的月份"):
            count(county, handed, month)
    with as_tenant(county.tenant_id):
        assert queries.months_open(handed, TODAY) == [LAST, BEFORE]


@pytest.mark.parametrize("said, problem", [
    ({"in_time": 0, "late": 0}, "有办结的才写"), ({"average": None}, "一定要写"), ({"begun": -1}, "负数"),
    ({"late": 0, "average": Decimal("5.0")}, ""), ({"late": 0, "average": Decimal("5.1")}, "不会超过 5"),
    ({"in_time": 0, "average": Decimal("5.0")}, "应超过 5"), ({"in_time": 0, "average": Decimal("5.1")}, ""),
    ({"in_time": 0, "late": 0, "average": None}, ""),
])  # fmt: skip
def test_figures_that_contradict_each_other_are_not_taken(county, said, problem):
    (handed,) = hand(county, f"数{said}", "清水镇")
    if not problem:
        assert count(county, handed, **said)
    else:
        with pytest.raises(NotInPlace, match=problem):
            count(county, handed, **said)


def test_allowed_and_real_workdays_compare_over_all_months_by_what_was_done(county):
    (handed,) = hand(county, "比较", "清水镇")
    count(county, handed, BEFORE, in_time=1, late=0, average=Decimal("2.0"))
    count(county, handed, LAST, in_time=8, late=2, average=Decimal("9.0"))
    count(county, handed, LAST, begun=4, in_time=3, late=0, average=Decimal("4.0"))  # put right: it replaces
    with as_tenant(county.tenant_id):
        pace = queries.pace_of(CaseCount.objects.filter(handed=handed))
    assert (pace.begun, pace.in_time, pace.late, pace.average) == (14, 4, 0, Decimal("3.5"))
    assert queries.pace_of([]).average is None


def test_what_is_taken_back_has_its_day_and_reason_and_keeps_its_figures(county):
    (handed,) = hand(county, "收回的", "清水镇")
    count(county, handed)
    with pytest.raises(NotInPlace, match="理由"):
        actions.take_back(county.actor(f"文秘{FARM}"), handed.pk, "")
    with pytest.raises(Forbidden):
        actions.take_back(county.actor("文秘清水镇"), handed.pk, "不想要")
    ended = actions.take_back(county.actor(f"文秘{FARM}"), handed.pk, "接不住")
    assert (ended.ended_on, ended.ended_why) == (TODAY, "接不住")
    (again,) = hand(county, "收回的", "清水镇", since=TODAY)
    assert again.pk != handed.pk
    with as_tenant(county.tenant_id):
        assert CaseCount.objects.filter(handed=handed).count() == 1
        HandedDown.objects.filter(pk=handed.pk).update(ended_on=BEFORE.replace(day=15))
        handed.refresh_from_db()
        assert queries.months_open(handed, TODAY) == [BEFORE]


def test_the_page_shows_what_came_without_support_and_what_takes_longer(own_county):
    clerk = signed_in_as(own_county, f"文秘{FARM}")
    assert "还没有下放的审批" in clerk.get(reverse("offices:rights")).content.decode()
    typed = {"item": "占道许可", "receivers": ["township"], "since": BEFORE.isoformat(), "workdays": 3, "training": 1}
    assert "下放给 3 个单位" in clerk.post(reverse("offices:right_new"), typed, follow=True).content.decode()
    hand(own_county, "什么也没给的", "清水镇")
    bare = clerk.get(reverse("offices:rights"), {"what": "bare"}).content.decode()
    assert "什么也没给的" in bare and "占道许可" not in bare
    with as_tenant(own_county.tenant_id):
        handed = HandedDown.objects.get(item="占道许可", receiver=own_county["清水镇"])
    town = signed_in_as(own_county, "文秘清水镇")
    address = reverse("offices:right_count", args=[handed.pk])
    wrong = town.post(address, {"month": LAST.isoformat(), "begun": 2, "in_time": 2, "late": 0, "average": "9"})
    assert "平均用时不会超过 3" in wrong.content.decode()
    said = town.post(
        address, {"month": LAST.isoformat(), "begun": 2, "in_time": 1, "late": 1, "average": "3.5"}, follow=True
    ).content.decode()
    assert "已记下" in said and "3.5" in said
    assert "3.5" in clerk.get(reverse("offices:rights"), {"q": "占道"}).content.decode()
    rows = sheet(clerk.get(reverse("offices:rights_export"), {"q": "占道"}).content)
    assert len(rows) == 4 and {row[2] for row in rows[1:]} == {"清水镇", "柳河镇", "石桥乡"}
    ended = clerk.post(reverse("offices:right_end", args=[handed.pk]), {"why": "人没给够"}, follow=True)
    assert "收回：人没给够" in ended.content.decode()
    assert signed_in_as(own_county, "书记柳湾村").get(reverse("offices:right", args=[handed.pk])).status_code == 403


def test_many_approvals_are_paged(own_county):
    with as_tenant(own_county.tenant_id):
        what = {"unit": own_county[FARM], "receiver": own_county["清水镇"], "since": BEFORE, "workdays": 3}
        HandedDown.objects.bulk_create(HandedDown(item=f"审批{n:02d}", **what) for n in range(40))
    client = signed_in_as(own_county, "文秘清水镇")
    first = client.get(reverse("offices:rights")).content.decode()
    assert "审批00" in first and "审批39" not in first and "共 40 条" in first
    assert "审批39" in client.get(reverse("offices:rights"), {"page": 2}).content.decode()


def sheet(data: bytes) -> list[list]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


# ---- errors and blame ----

TEXTS = {"a": "甲", "b": "乙", "c": "丙", "d": "丁"}


@pytest.mark.parametrize("counts, expected", [
    ((5, 6, 0, 7), [("甲", 5), ("乙", 6), ("丙", 0), ("丁", 7)]),
    ((4, 6, 0, 7), [("丙", 0), ("丁", 7), ("甲乙", 10)]),
    ((4, 3, 9, 0), [("丙", 9), ("丁", 0), ("甲乙", 7)]),
    ((1, 1, 9, 6), [("丙", 9), ("甲乙丁", 8)]),
    ((1, 0, 2, 1), [("乙", 0), ("甲丙丁", None)]),
    ((0, 0, 0, 0), [("甲", 0), ("乙", 0), ("丙", 0), ("丁", 0)]),
])  # fmt: skip
def test_few_are_put_together_until_there_are_enough_or_not_told(counts, expected):
    found = shown(dict(zip(TEXTS, counts, strict=True)), TEXTS)
    assert [("".join(cell.texts), cell.count) for cell in found] == expected


@given(st.lists(st.integers(0, 12), min_size=4, max_size=4))
def test_no_figure_that_is_shown_is_about_fewer_than_the_floor(counts):
    said = dict(zip(TEXTS, counts, strict=True))
    found = shown(said, TEXTS)
    assert sorted(text for cell in found for text in cell.texts) == sorted(TEXTS.values())
    assert all(cell.count is None or cell.count == 0 or cell.count >= FLOOR for cell in found)
    hidden = [cell for cell in found if cell.count is None]
    assert not hidden or sum(counts) < FLOOR and len(hidden) == 1
    assert hidden or sum(cell.count for cell in found) == sum(counts)


def figures(codes, *numbers) -> dict[str, int]:
    return dict(zip(codes, numbers, strict=True))


def record(county, year=TODAY.year - 1, who="两办", held=(7, 2, 12, 30), spared=(1, 0, 2, 0), ended=(6, 0, 5)):
    return actions.record_blame(
        county.actor(who), county.unit, year, figures(distinctions(), *held), figures(distinctions(), *spared),
        figures(appeals(), *ended),
    )  # fmt: skip


def test_a_year_is_entered_when_it_is_over_by_the_two_offices(county):
    record(county)
    with pytest.raises(NotInPlace, match="过完才填"):
        record(county, TODAY.year)
    with pytest.raises(NotInPlace, match="比问责的多"):
        record(county, held=(1, 0, 0, 0), ended=(1, 1, 0))
    for who in (f"负责人{FARM}", "减负办", "管理员"):
        with pytest.raises(Forbidden):
            record(county, who=who)
    record(county, held=(7, 2, 12, 31))  # put right
    with as_tenant(county.tenant_id):
        assert BlameYear.objects.get().held["none"] == 31
        (year,) = blame_years(TODAY)
        assert blame_years(date(TODAY.year - 1, 12, 31)) == []
    assert [cell.count for cell in year.held] == [12, 31, 9]
    assert year.spared[-1] == Shown((distinctions()["trying"], distinctions()["unintended"]), None)


def test_the_page_and_the_workbook_tell_no_more_than_may_be_told(own_county):
    village = signed_in_as(own_county, "书记柳湾村")
    assert "还没有填过" in village.get(reverse("offices:blame")).content.decode()
    two = signed_in_as(own_county, "两办")
    typed = {"year": TODAY.year - 1} | {f"held_{code}": 3 for code in distinctions()}
    typed |= {f"spared_{code}": 0 for code in distinctions()} | {f"ended_{code}": 1 for code in appeals()}
    assert "已记下" in two.post(reverse("offices:blame"), typed, follow=True).content.decode()
    said = village.get(reverse("offices:blame")).content.decode()
    assert ">12<" in said and f"不到 {FLOOR}" in said and "填一年的数" not in said
    rows = sheet(village.get(reverse("offices:blame_export")).content)
    assert [row[3] for row in rows[1:]] == [12.0, 0.0, 0.0, 0.0, 0.0, f"不到 {FLOOR}"]
    assert village.post(reverse("offices:blame"), typed).status_code == 403
