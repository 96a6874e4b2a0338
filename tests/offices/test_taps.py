"""A double tap is one deed, what was typed stays where it does not fit, and who has two offices acts for the chosen."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from qingfu.offices import actions, queries
from qingfu.offices.actions import NotInPlace
from qingfu.offices.actions.tapping import KEPT_DAYS
from qingfu.offices.models import (
    Ask,
    Listed,
    PhoneCall,
    PhoneSample,
    PlannedMeeting,
    Project,
    SealedVisit,
    Tap,
    Visit,
)
from qingfu.offices.periods import Span
from qingfu.units.models import AuditRecord, Membership
from qingfu.units.tenancy import as_tenant
from tests.offices.conftest import asking, new_key
from tests.units.browser import signed_in_as

TODAY = timezone.localdate()
FARM, HEALTH = "县农业农村局", "县卫生健康局"
CLERK = f"文秘{FARM}"


def put_on_file(county, title: str, year: int) -> Listed:
    """An inspection of villages that was filed."""
    made = actions.propose_listed(
        county.actor(CLERK), county[FARM], year=year, title=title, visit_type="special", content="看春耕",
        kinds=["village"], basis="", own_item=False, minutes=60, teams=1,
    )  # fmt: skip
    return actions.file_listed(county.actor("督查室"), made.pk, accept=True)


@pytest.fixture(scope="module")
def filed(county) -> Listed:
    return put_on_file(county, "春耕检查", TODAY.year)


def twice(act) -> list:
    """What two taps at the same moment give."""

    def alone(_n):
        try:
            return act()
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(alone, range(2)))


def counted(county, model, **where) -> int:
    with as_tenant(county.tenant_id):
        return model.objects.filter(**where).count()


# ---- double taps ----


def test_a_meeting_and_a_document_are_planned_once(county):
    actor, unit, key = county.actor(CLERK), county[FARM], new_key()
    line = {"year": TODAY.year, "month": 3, "title": "春耕部署会", "minutes": 90, "people": 30}
    a, b = twice(lambda: actions.plan_meeting(actor, unit, key, **line))
    assert a.pk == b.pk and counted(county, PlannedMeeting, title="春耕部署会") == 1
    assert actions.plan_meeting(actor, unit, key, **{**line, "month": 4}).pk != a.pk  # another one, typed over
    assert actions.plan_meeting(actor, unit, new_key(), **line).pk != a.pk
    document = {"month": TODAY, "topic": "教育", "subject": "", "required": False, "key": new_key()}
    ids = [one.pk for one in county.townships]
    a, b = twice(lambda: actions.propose_document(actor, unit, bearer_ids=ids, **document))
    assert a.pk == b.pk and counted(county, Project, topic="教育") == 1
    assert counted(county, AuditRecord, action="propose_document") == 1


def test_a_window_is_planned_once_and_dropped_once(county):
    actor, key, tomorrow = county.actor(CLERK), new_key(), TODAY + timedelta(days=1)
    filed, window = put_on_file(county, "防火检查", tomorrow.year), ([county["柳湾村"].pk], tomorrow, tomorrow)
    a, b = twice(lambda: actions.plan_visits(actor, filed.pk, *window, key))
    assert a == b and counted(county, Visit, place=county["柳湾村"]) == 1
    with pytest.raises(NotInPlace, match="已经在排"):
        actions.plan_visits(actor, filed.pk, *window, new_key())
    twice(lambda: actions.drop_visit(actor, a[0].pk, key))
    assert counted(county, Visit, place=county["柳湾村"]) == 0
    with pytest.raises(Visit.DoesNotExist):
        actions.drop_visit(actor, a[0].pk, new_key())
    again = actions.plan_visits(actor, filed.pk, *window, new_key())
    assert again[0].pk != a[0].pk


def test_a_second_tap_seals_nothing_and_sees_the_same_code_which_is_kept_nowhere(county, filed):
    actor, key, place = county.actor(CLERK), uuid4().hex, county["东沟村"]
    (a, code), (b, same) = twice(lambda: actions.seal_visit(actor, filed.pk, place.pk, TODAY, key))
    assert (a.pk, code) == (b.pk, same) and len(code) == 32 and counted(county, SealedVisit, listed=filed) == 1
    _other, another = actions.seal_visit(actor, filed.pk, place.pk, TODAY, uuid4().hex)
    assert another != code
    with pytest.raises(NotInPlace, match="刷新"):
        actions.seal_visit(actor, filed.pk, place.pk, TODAY, "short")
    with as_tenant(county.tenant_id):
        kept = str(list(SealedVisit.objects.values())) + str(list(AuditRecord.objects.values()))
        kept += str(list(Tap.objects.values()))
    assert key not in kept and code not in kept
    assert actions.open_sealed(actor, a.pk, place.pk, TODAY, code, new_key()).outcome == "posted"


def test_what_is_remembered_of_forms_is_swept_after_a_week(county):
    actor, unit = county.actor(CLERK), county[FARM]
    line = {"year": TODAY.year, "month": 5, "title": "夏收部署会", "minutes": 60, "people": 10}
    actions.plan_meeting(actor, unit, new_key(), **line)
    taps = counted(county, Tap)
    assert actions.sweep_taps(county.tenant_id, TODAY + timedelta(days=KEPT_DAYS)) == 0
    assert actions.sweep_taps(county.tenant_id, TODAY + timedelta(days=KEPT_DAYS + 1)) == taps > 0
    assert counted(county, Tap) == 0


# ---- what was typed stays ----


def test_the_code_of_a_seal_stays_typed_where_it_does_not_fit(county, filed):
    sealed, code = actions.seal_visit(county.actor(CLERK), filed.pk, county["大槐村"].pk, TODAY)
    said = {"place": county["石桥村"].pk, "day": TODAY, "code": code}
    page = signed_in_as(county, CLERK).post(reverse("offices:inspection_unseal", args=[sealed.pk]), said)
    text = page.content.decode()
    assert page.status_code == 200 and "与封存时不一致" in text and code in text
    assert re.search(rf'<option value="{county["石桥村"].pk}" selected', text)


def test_the_reason_of_a_reviewer_stays_typed(county):
    with as_tenant(county.tenant_id):
        waits = Ask.objects.create(
            unit=county[FARM], asker=county.people[CLERK], kind="document", day=TODAY - timedelta(days=1),
            state="waiting", key=new_key(), reason="急", drafts=[], over=[],
        )  # fmt: skip
    said = {"decline": "1", "reason": " "}
    page = signed_in_as(county, "两办").post(reverse("offices:decide", args=[waits.pk]), said)
    assert page.status_code == 200 and "<textarea" in page.content.decode()


def test_the_sentence_of_a_complaint_stays_typed_when_its_screenshot_is_none(county):
    said = {"what": "repeat", "sentence": "同一张表报了三次", "picture": SimpleUploadedFile("a.pdf", b"%PDF-1.7")}
    page = signed_in_as(county, "书记柳湾村").post(reverse("offices:complain"), said)
    assert page.status_code == 200
    assert 'value="同一张表报了三次"' in page.content.decode() and "截图要重新选" in page.content.decode()
    page = signed_in_as(county, "书记柳湾村").post(reverse("offices:complain"), {"sentence": "没有点哪一个"})
    assert "请点“重复”" in page.content.decode() and 'value="没有点哪一个"' in page.content.decode()


def test_a_call_that_was_recorded_is_there_to_be_corrected(county):
    village = county["柳湾村"]
    drawn = {"picks": [{"unit": f"{village.pk} 柳湾村"}], "certificate": {"seed": {"value": "1"}}}
    with as_tenant(county.tenant_id):
        sample = PhoneSample.objects.create(month="2025-05", request={}, committed="", drawn=drawn)
        PhoneCall.objects.create(
            sample=sample, unit=village, reached=True, real_minutes=150, estimated_minutes=100, registered=4,
            unregistered={"call": 3},
        )  # fmt: skip
    page = signed_in_as(county, "减负办").get(reverse("offices:sample_call", args=[sample.pk, village.pk]))
    assert 'value="2.5"' in page.content.decode() and 'value="3"' in page.content.decode()


# ---- two offices ----


def test_who_has_two_offices_acts_for_the_one_chosen_on_every_link_and_after_every_form(own_county):
    with as_tenant(own_county.tenant_id):
        Membership.objects.create(
            person=own_county.people[CLERK], unit=own_county[HEALTH], role="clerk", starts=TODAY - timedelta(days=9)
        )
    browser, unit = signed_in_as(own_county, CLERK), own_county[HEALTH].pk
    for name in ("home", "meetings", "documents", "channels", "rights", "secondments", "forms", "baselines"):
        page = browser.get(reverse(f"offices:{name}"), {"unit": unit}).content.decode()
        links = re.findall(r'href="(/offices/[^"]*)"', page) + re.findall(r'action="(/offices/[^"]*)"', page)
        assert {one for one in links if "unit=" not in one} <= {"/offices/"}, name  # the way into the room
        for form in re.findall(r'<form[^>]*method="get"[^>]*>.*?</form>', page, re.S):
            assert f'name="unit" value="{unit}"' in form, name
    said = {"title": "卫生部署会", "month": 3, "meeting_type": "general", "minutes": 60, "people": 20, "key": new_key()}
    sent = browser.post(reverse("offices:meeting_plan") + f"?unit={unit}", said)
    assert sent.status_code == 302 and sent.url.endswith(f"?unit={unit}")
    assert counted(own_county, PlannedMeeting, unit_id=unit) == 1


# ---- hours ----


def test_emergencies_stand_beside_the_hours_and_not_in_them(own_county):
    village, clerk = own_county["柳湾村"], own_county.actor(CLERK)
    actions.ask(clerk, own_county[FARM], asking("notice", village), new_key())
    actions.ask(clerk, own_county[FARM], asking("call", village), new_key(), emergency="防汛")
    page = signed_in_as(own_county, "书记柳湾村").get(reverse("offices:below")).content.decode()
    assert "另有应急、法定的 1 件" in page
    with as_tenant(own_county.tenant_id):
        found = queries.totals([village.pk], Span(TODAY, TODAY))
    assert (found.count, found.emergencies, set(found.by_kind)) == (1, 1, {"notice"})
    assert found.minutes > 0 and found.emergency_minutes > 0
