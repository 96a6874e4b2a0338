"""借调: checked through the ledger like every demand; who is away, from where, until when; no name anywhere."""

import io
import re
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from qingfu.findings.models import Finding
from qingfu.ledger.queries import broken_by_itself
from qingfu.offices import actions, lending
from qingfu.offices.actions import NotInPlace
from qingfu.offices.channels import months_later
from qingfu.offices.lending import Terms, Where, asking_of, extending_of, level_of, until
from qingfu.offices.models import Ask, Secondment
from qingfu.offices.queries import lending as queries
from qingfu.units.models import AuditRecord
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant
from tests.offices.conftest import new_key
from tests.units.browser import signed_in_as

TODAY = timezone.localdate()
IN_FORCE, TEACHERS_IN_FORCE = date(2024, 8, 6), date(2025, 10, 14)
FARM, SCHOOL = "县农业农村局", "县第一中学"
CITY = SimpleNamespace(kind="city")


def borrow(county, lender: str, months=3, unit=FARM, starts=None, key=None, terms=None, **more):
    return actions.borrow(
        county.actor(f"文秘{unit}"), county[unit], county[lender], more.pop("post", "public_staff"), "writing",
        starts or TODAY, terms or Terms(months, 1, unit_consent=True, person_consent=True), key or new_key(), **more,
    )  # fmt: skip


def borrowed(county, lender: str, **more) -> Secondment:
    """Somebody is away: the two offices have allowed it."""
    result = borrow(county, lender, review=True, reason="汛期缺人", **more)
    actions.grant(county.actor("两办"), result.ask.pk, "只这一次", new_key())
    return one(county, result.ask.secondment.pk)


def one(county, pk: int) -> Secondment:
    with as_tenant(county.tenant_id):
        return queries.secondments().get(pk=pk)


def broken(county, asking, day=None) -> set[str]:
    """The limits that what is asked of the lender breaks by itself, on its day."""
    with as_tenant(county.tenant_id):
        (draft,) = asking.bearer_drafts(county[FARM])
        return {breach.in_force.limit.id for breach in broken_by_itself(draft)}


def agreed(lender, months: int, *extensions) -> SimpleNamespace:
    """A secondment from today on that stands nowhere."""
    return SimpleNamespace(
        lender=lender, people=1, starts=TODAY, months=months, returned_on=None, ask=SimpleNamespace(state="posted"),
        extensions=SimpleNamespace(all=lambda: extensions),
    )  # fmt: skip


# ---- the limits, on both sides of the number and of the date ----


@pytest.mark.parametrize("lender", ["清水镇", "柳湾村", "县卫生健康局"])
def test_nobody_is_borrowed_from_county_level_and_below_from_the_day_of_the_rule_on(county, lender):
    for day, found in ((IN_FORCE - timedelta(days=1), set()), (IN_FORCE, {"cn.secondment.below-county"})):
        assert broken(county, asking_of(county[lender], county.unit, day, Terms(1, 1))) == found


@pytest.mark.parametrize("months, found", [(6, set()), (7, {"cn.secondment.months"})])
def test_from_a_city_on_six_months_are_the_most(county, months, found):
    bureau, terms = county[FARM], Terms(months, 1, approved=True)
    assert broken(county, asking_of(bureau, CITY, IN_FORCE, terms)) == found
    assert broken(county, asking_of(bureau, CITY, IN_FORCE - timedelta(days=1), terms)) == set()
    assert "cn.secondment.approved" in broken(county, asking_of(bureau, CITY, IN_FORCE, Terms(months, 1)))


@pytest.mark.parametrize("months, found", [(6, set()), (7, {"cn.teachers.secondment.months"})])
def test_teachers_are_borrowed_for_six_months_at_the_most(county, months, found):
    asking = asking_of(county[SCHOOL], county.unit, TEACHERS_IN_FORCE, Terms(months, 1))
    assert broken(county, asking) == {"cn.teachers.secondment", *found}
    earlier = asking_of(county[SCHOOL], county.unit, TEACHERS_IN_FORCE - timedelta(days=1), Terms(months, 1))
    assert broken(county, earlier) == set()


@pytest.mark.parametrize("more, found", [(6, False), (7, True)])
def test_all_extensions_together_are_measured_as_one(county, more, found):
    """Two extensions of three months are six; of three and four they are seven, too many."""
    earlier = SimpleNamespace(months=3, ask=SimpleNamespace(state="posted"))
    away = agreed(county[SCHOOL], 6, earlier)
    asking = extending_of(away, county.unit, Terms(more - 3, 1, unit_consent=True, person_consent=True), TODAY)
    assert ("cn.teachers.secondment.months" in broken(county, asking)) is found
    assert asking.minutes == asking_of(county[SCHOOL], county.unit, TODAY, Terms(more - 3, 1)).minutes


@pytest.mark.parametrize("lender, prefix, top", [
    (SCHOOL, "cn.teachers.secondment", None), (FARM, "cn.secondment", CITY),
])  # fmt: skip
def test_an_extension_needs_both_consents(county, lender, prefix, top):
    away = agreed(county[lender], 1)
    consents = {f"{prefix}.unit-consent", f"{prefix}.person-consent"}
    without = extending_of(away, top or county.unit, Terms(1, 1), TODAY)
    assert consents <= broken(county, without)
    both = extending_of(away, top or county.unit, Terms(1, 1, unit_consent=True, person_consent=True), TODAY)
    assert not consents & broken(county, both)


@pytest.mark.parametrize("guise", lending.settings()["guises"])
def test_no_other_name_makes_it_anything_else(county, guise):
    for day, found in ((IN_FORCE - timedelta(days=1), False), (IN_FORCE, True)):
        asking = asking_of(county["清水镇"], county.unit, day, Terms(1, 1, guise=guise))
        assert ("cn.secondment.disguised" in broken(county, asking)) is found
    assert borrow(county, "清水镇", terms=Terms(1, 1, guise=guise)).outcome == "refused"


def test_from_which_level_people_come(county):
    assert [level_of(county[name], county.unit) for name in (SCHOOL, "柳湾村", "清水镇", FARM)] == [
        "school", "village", "township", "county",
    ]  # fmt: skip
    assert level_of(county[FARM], CITY) == "city"


# ---- borrowing, extending, returning ----


def test_it_waits_for_the_two_offices_and_then_somebody_is_away(own_county):
    assert borrow(own_county, "清水镇").outcome == "needs_waiver"
    with as_tenant(own_county.tenant_id):
        assert not Secondment.objects.exists()
    result = borrow(own_county, "清水镇", review=True, reason="汛期缺人", key="tap")
    again = borrow(own_county, "清水镇", review=True, reason="汛期缺人", key="tap")
    assert result.outcome == "waiting" and again.ask.pk == result.ask.pk
    made = one(own_county, result.ask.secondment.pk)
    assert lending.where(made, TODAY) == Where.WAITING
    actions.grant(own_county.actor("两办"), result.ask.pk, "只这一次", new_key())
    made = one(own_county, made.pk)
    assert lending.where(made, TODAY) == Where.AWAY and made.ask.minutes == 3 * 10440
    assert until(made) == months_later(TODAY, 3) - timedelta(days=1)


def test_what_the_two_offices_decline_was_never_on(own_county):
    result = borrow(own_county, "柳湾村", unit="清水镇", review=True, reason="缺人")
    actions.decline(own_county.actor("两办"), result.ask.pk, "村里更缺")
    made = one(own_county, result.ask.secondment.pk)
    assert lending.where(made, TODAY) == Where.OFF
    with pytest.raises(NotInPlace, match="没有人在外"):
        actions.bring_back(own_county.actor("文秘清水镇"), made.pk, TODAY)


def test_an_extension_counts_once_it_is_allowed(own_county):
    made = borrowed(own_county, "清水镇", starts=TODAY + timedelta(days=1))
    clerk, terms = own_county.actor(f"文秘{FARM}"), Terms(2, 1, unit_consent=True, person_consent=True)
    assert actions.extend(clerk, made.pk, terms, new_key()).outcome == "needs_waiver"
    waiting = actions.extend(clerk, made.pk, terms, "again", review=True, reason="还没完")
    assert actions.extend(clerk, made.pk, terms, "again", review=True, reason="还没完").ask.pk == waiting.ask.pk
    with pytest.raises(NotInPlace, match="还在等"):
        actions.extend(clerk, made.pk, terms, new_key(), review=True, reason="再来")
    assert until(one(own_county, made.pk)) == until(made)
    actions.grant(own_county.actor("两办"), waiting.ask.pk, "最后一次", new_key())
    assert until(one(own_county, made.pk)) == months_later(made.starts, 5) - timedelta(days=1)


def test_what_the_two_offices_allow_serves_that_one_and_nobody_who_asks_the_same_at_once(own_county):
    borrowed(own_county, "清水镇")
    assert borrow(own_county, "清水镇").outcome == "needs_waiver"
    assert borrow(own_county, "清水镇", unit="县卫生健康局").outcome == "needs_waiver"


def test_returning_has_its_day_and_stays_in_the_trail(own_county):
    made, clerk = borrowed(own_county, "清水镇"), own_county.actor(f"文秘{FARM}")
    for day in (made.starts - timedelta(days=1), TODAY + timedelta(days=1)):
        with pytest.raises(NotInPlace, match="回来的日子"):
            actions.bring_back(clerk, made.pk, day)
    with pytest.raises(Forbidden):
        actions.bring_back(own_county.actor("文秘清水镇"), made.pk, TODAY)
    actions.bring_back(clerk, made.pk, TODAY)
    assert lending.where(one(own_county, made.pk), TODAY) == Where.BACK
    with as_tenant(own_county.tenant_id):
        assert AuditRecord.objects.filter(action="return_seconded", object_id=made.pk).exists()


def test_what_a_superior_borrows_is_recorded_and_is_the_two_offices_matter(own_county):
    result = borrow(own_county, "柳湾村", unit="清水镇", source="临江市水利局")
    assert result.ask.state == Ask.State.RECEIVED
    assert lending.where(one(own_county, result.ask.secondment.pk), TODAY) == Where.AWAY
    with as_tenant(own_county.tenant_id):
        finding = Finding.objects.get(limit_id="cn.secondment.below-county")
    assert (finding.bearer_id, finding.role) == (own_county["柳湾村"].pk, "two_offices")
    with pytest.raises(Forbidden):
        borrow(own_county, "柳湾村", source="临江市水利局")  # not a unit of the bureau


def test_emergencies_are_borrowed_for_at_once(county):
    result = borrow(county, "柳河镇", emergency="防汛一级响应")
    assert result.outcome == "posted" and result.ask.emergency


@pytest.mark.parametrize("terms, more, said", [
    (Terms(0, 1), {}, "几个月"), (Terms(1, 0), {}, "几个人"), (Terms(1, 1), {"post": "张三"}, "岗位"),
])  # fmt: skip
def test_what_is_missing_is_said(county, terms, more, said):
    with pytest.raises(NotInPlace, match=said):
        borrow(county, "清水镇", terms=terms, **more)


def test_nothing_about_a_secondment_can_hold_a_name():
    kinds = ("CharField", "TextField", "JSONField")
    texts = {field.name for field in Secondment._meta.get_fields() if field.get_internal_type() in kinds}
    assert texts == {"post", "task"}  # codes of lending.toml, nothing else is taken


# ---- what the pages show ----


@pytest.mark.parametrize("days, stands", [
    (lending.settings()["soon_days"] + 1, Where.AWAY), (lending.settings()["soon_days"], Where.SOON), (0, Where.SOON),
    (-1, Where.OVER),
])  # fmt: skip
def test_what_ends_soon_and_what_is_over(days, stands):
    last = months_later(TODAY, 3) - timedelta(days=1)
    assert lending.where(agreed(None, 3), last - timedelta(days=days)) == stands


def test_nobody_is_away_before_the_first_day():
    found = agreed(SimpleNamespace(path="0001"), 3)
    found.lender_id = 1
    assert lending.where(found, TODAY - timedelta(days=1)) == Where.COMING
    assert lending.by_place([found], TODAY - timedelta(days=1)) == []
    assert [one.away for one in lending.by_place([found], TODAY)] == [1]


@pytest.fixture(scope="module")
def lent(national):  # noqa: F811
    """A county from which four are away, one of them late, one back."""
    from tests.offices.county import make_office_county

    county = make_office_county()
    first = borrowed(county, "清水镇")
    borrowed(county, "清水镇", terms=Terms(2, 2), unit="县卫生健康局")
    late = borrowed(county, "柳湾村")
    back = borrowed(county, "石桥乡")
    actions.bring_back(county.actor(f"文秘{FARM}"), back.pk, TODAY)
    with as_tenant(county.tenant_id):
        Secondment.objects.filter(pk=late.pk).update(starts=months_later(TODAY, -4))
    return county, first


def test_who_is_away_is_listed_by_place_of_origin(lent):
    county, _first = lent
    with as_tenant(county.tenant_id):
        places = lending.by_place(queries.seen_by(county.actor("两办")), TODAY)
    assert [(one.unit.name, one.away, one.over) for one in places] == [("清水镇", 3, 0), ("柳湾村", 1, 1)]
    assert places[0].next_end == months_later(TODAY, 2) - timedelta(days=1)


def test_everybody_sees_her_own_and_those_from_her_place(lent):
    county, _first = lent
    seen = {}
    for who in ("书记柳湾村", "书记前楼村", "文秘清水镇", "文秘县卫生健康局", "两办"):
        with as_tenant(county.tenant_id):
            seen[who] = queries.seen_by(county.actor(who)).count()
    assert seen == {"书记柳湾村": 1, "书记前楼村": 0, "文秘清水镇": 3, "文秘县卫生健康局": 1, "两办": 4}


def test_the_page_filters_exports_and_names_what_is_late(lent):
    county, first = lent
    client = signed_in_as(county, "两办")
    said = client.get(reverse("offices:secondments")).content.decode()
    assert "4 个人在外" in said and "1 人到期没有回" in said and "从哪里借走的" in said
    over = client.get(reverse("offices:secondments"), {"state": "over"}).content.decode()
    assert "柳湾村 → " in over and "清水镇 → " not in over
    assert "没有符合条件的" in client.get(reverse("offices:secondments"), {"q": "没有"}).content.decode()
    data = client.get(reverse("offices:secondments_export"), {"state": "all"}).content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert len(rows) == 5 and {row[0] for row in rows[1:]} == {"清水镇", "柳湾村", "石桥乡"}
    empty = signed_in_as(county, "书记前楼村").get(reverse("offices:secondments")).content.decode()
    assert "没有人在外" in empty
    page = client.get(reverse("offices:secondment", args=[first.pk])).content.decode()
    assert "汛期缺人" in page and "只这一次" in page and "回原单位" not in page


def test_many_are_paged(own_county):
    with as_tenant(own_county.tenant_id):
        asks = Ask.objects.bulk_create(
            Ask(unit=own_county[FARM], asker=own_county.people[f"文秘{FARM}"], kind="secondment", day=TODAY,
                state="posted", key=f"many-{n}") for n in range(40)
        )  # fmt: skip
        what = {"lender": own_county["清水镇"], "post": "other", "task": "other", "people": 1, "months": 9}
        Secondment.objects.bulk_create(Secondment(ask=ask, starts=TODAY, **what) for ask in asks)
    said = signed_in_as(own_county, "文秘清水镇").get(reverse("offices:secondments")).content.decode()
    assert "40 个人在外" in said and "共 40 条" in said and said.count("清水镇 → ") == 30


def test_a_clerk_borrows_extends_and_returns_on_the_page(own_county):
    client = signed_in_as(own_county, f"文秘{FARM}")
    typed = {
        "lender": own_county["清水镇"].pk, "post": "public_staff", "people": 1, "task": "writing",
        "starts": TODAY.isoformat(), "months": 3, "key": "k1",
    }  # fmt: skip
    stopped = client.post(reverse("offices:secondment_new"), typed).content.decode()
    assert "不从县以下借调干部" in stopped and "请两办审核" in stopped
    urgent = {**typed, "key": "k2", "emergency": "抗洪抢险"}
    assert "回原单位" in client.post(reverse("offices:secondment_new"), urgent, follow=True).content.decode()
    with as_tenant(own_county.tenant_id):
        pk = Secondment.objects.get().pk
    extended = client.post(reverse("offices:secondment_extend", args=[pk]), {"months": 2, "key": "k3"})
    assert "请两办审核" in extended.content.decode()
    waiting = {"months": 2, "key": "k4", "review": "1", "reason": "还没完"}
    assert "提请两办审核" in client.post(
        reverse("offices:secondment_extend", args=[pk]), waiting, follow=True
    ).content.decode()
    back = client.post(reverse("offices:secondment_back", args=[pk]), {"day": TODAY.isoformat()}, follow=True)
    assert "人回来了" in back.content.decode()


def typed_on_the_page(county, **more) -> dict:
    return {
        "lender": county["清水镇"].pk, "post": "public_staff", "people": 1, "task": "writing", "months": 3,
        "starts": TODAY.isoformat(), "emergency": "抗洪抢险", "key": new_key(), **more,
    }  # fmt: skip


def test_what_is_changed_after_going_back_in_the_browser_is_not_taken_for_the_first_and_stays_typed(own_county):
    client, address = signed_in_as(own_county, f"文秘{FARM}"), reverse("offices:secondment_new")
    first = typed_on_the_page(own_county)
    assert client.post(address, first).status_code == 302
    again = client.post(address, {**first, "lender": own_county["柳河镇"].pk, "emergency": "山洪"}).content.decode()
    assert "已用于另一次提交" in again and "山洪" in again
    fresh = re.search(r'name="key" value="([^"]+)"', again)[1]
    told = client.post(address, {**first, "lender": own_county["柳河镇"].pk, "emergency": "山洪", "key": fresh})
    assert told.status_code == 302
    with as_tenant(own_county.tenant_id):
        assert Secondment.objects.count() == 2


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-01"])
def test_a_day_that_no_calendar_has_is_said_at_its_field(county, day):
    client = signed_in_as(county, f"文秘{FARM}")
    said = client.post(reverse("offices:secondment_new"), typed_on_the_page(county, starts=day))
    assert said.status_code == 200 and "starts" in said.context["form"].errors


def test_what_a_superior_borrows_elsewhere_is_said_at_its_field(county):
    client = signed_in_as(county, f"文秘{FARM}")
    said = client.post(reverse("offices:secondment_new"), typed_on_the_page(county, source="临江市水利局"))
    assert said.status_code == 200 and "由被借的单位或它的上级登记" in said.content.decode()


def test_what_was_typed_for_an_extension_stays_where_the_reason_is_missing(own_county):
    made = borrowed(own_county, "清水镇", starts=TODAY + timedelta(days=1))
    client = signed_in_as(own_county, f"文秘{FARM}")
    typed = {"months": 2, "unit_consent": "on", "review": "1", "key": new_key()}
    said = client.post(reverse("offices:secondment_extend", args=[made.pk]), typed)
    page = said.content.decode()
    assert "请两办审核要写明理由" in page and 'name="review"' in page
    assert said.context["extend_form"]["unit_consent"].value()
