"""Every address of this room × every role of offices (schools: tests/site/test_every_url.py). An area adds its lines.

    p a page    r on to another page    f forbidden    u what was entered does not fit
"""

from __future__ import annotations

from itertools import count

import pytest
from django.urls import reverse
from django.utils import timezone

from qingfu.offices.models import Ask, DataForm, Meeting, PlannedMeeting, Project, Reader, Receipt
from qingfu.units.actions import issue_link
from qingfu.units.tenancy import as_tenant
from tests.site.test_every_url import letter, patterns
from tests.units.browser import signed_in_as

PEOPLE = ("文秘清水镇", "负责人县农业农村局", "两办", "督查室", "减负办", "书记柳湾村")  # in the order of the columns

TABLE = """
offices:home      GET   p p f f f f
offices:receive   GET   p p f f f f
offices:receive   POST  p p f f f f
offices:ask       GET   p f p p p f
offices:withdraw  POST  r f f f f f
offices:waiting   GET   f f p f f f
offices:decide    POST  f f r f f f
offices:below     GET   p p p p p p
offices:meetings        GET   p p f f f f
offices:meeting_new     GET   p p f f f f
offices:meeting_new     POST  p p f f f f
offices:meeting_plan    GET   p p f f f f
offices:meeting_plan    POST  p p f f f f
offices:meeting_drop    POST  r f f f f f
offices:meeting         GET   p f p p p f
offices:meeting_length  POST  r f f f f f
offices:calendar        GET   p p p p p p
offices:calendar        POST  r r r r r r
offices:feed            GET   p p p p p p
offices:documents GET   p p f f f f
offices:document_new GET p p f f f f
offices:document_new POST p p f f f f
offices:document_merge POST r r f f f f
offices:document_merging GET f f p f f f
offices:draft_check GET p p f f f f
offices:draft_check POST p p f f f f
offices:draft_corrected POST p p f f f f
offices:document  GET   p f f f f f
offices:document_check POST p f f f f f
offices:document_decide POST f f f f f f
offices:document_issue POST u f f f f f
offices:receipts  GET   p p f f f f
offices:circulate POST  r r f f f f
offices:handle    POST  f f f f f f
offices:receipt_read POST r f f f f f
offices:receipt_away POST f f f f f f
offices:forms     GET   p p f f f f
offices:form_new  GET   p p f f f f
offices:form_new  POST  p p f f f f
offices:fields    GET   p p f f f f
offices:form      GET   p f f f f f
offices:form_data GET   p f f f f f
offices:form_returns POST u f f f f f
offices:one_sheet GET   p p f f f p
offices:one_sheet POST  r r f f f r
home:start        GET   r r r r r r
home:county       GET   f f f f f f
homework:today    GET   f f f f f f
ledger:rules      GET   p p p p p p
"""
_serial = count(1)


def ask_id(county) -> int:
    """Something that 清水镇 asks of 柳湾村, waiting for the two offices."""
    made = Ask.objects.create(
        unit=county["清水镇"], asker=county.people["文秘清水镇"], kind="document", day=timezone.localdate(),
        state="waiting", key=f"address-{next(_serial)}",
    )  # fmt: skip
    return made.pk


def meeting_id(county) -> int:
    made = Meeting.objects.create(
        ask_id=ask_id(county), title="调度会", starts="09:00", ends="10:00", minutes=60, people=9
    )  # fmt: skip
    return made.pk


def project_id(county) -> int:
    """A document that 清水镇 may issue."""
    made = Project.objects.create(
        unit=county["清水镇"], author=county.people["文秘清水镇"], month=timezone.localdate().replace(day=1),
        topic="教育", bearers=[county["柳湾村"].pk], state="approved",
    )  # fmt: skip
    return made.pk


def plan_id(county) -> int:
    made = PlannedMeeting.objects.create(
        unit=county["清水镇"], year=2026, month=3, title="部署会", minutes=60, people=30
    )  # fmt: skip
    return made.pk


def token(county) -> str:
    return issue_link("calendar", county.tenant_id, county["清水镇"].pk)


def receipt_id(county) -> int:
    """A document that goes round at 清水镇."""
    made = Receipt.objects.create(unit=county["清水镇"], ask_id=ask_id(county), handle_by=timezone.localdate())
    Reader.objects.create(receipt=made, person=county.people["文秘清水镇"])
    return made.pk


def form_id(county) -> int:
    """A form of 清水镇 that nobody had to be asked for."""
    return DataForm.objects.create(
        unit=county["清水镇"], asker=county.people["文秘清水镇"], due_day=timezone.localdate(),
        key=f"address-{next(_serial)}",
    ).pk  # fmt: skip


MAKERS = {
    "ask_id": ask_id, "meeting_id": meeting_id, "plan_id": plan_id, "token": token, "project_id": project_id,
    "receipt_id": receipt_id, "form_id": form_id,
}  # fmt: skip


def rows() -> list[tuple[str, str, str]]:
    lines = [line.split() for line in TABLE.splitlines() if line.strip()]
    return [(name, method, "".join(letters)) for name, method, *letters in lines]


@pytest.fixture(scope="module")
def clients(county):
    return [signed_in_as(county, name) for name in PEOPLE]


def test_every_address_of_the_room_has_a_line():
    assert {name for name, _m, _l in rows()} >= {name for name in patterns() if name.startswith("offices:")}


@pytest.mark.parametrize("name, method, letters", rows())
def test_who_gets_what(county, clients, name, method, letters):
    found = ""
    for client in clients:
        with as_tenant(county.tenant_id):
            arguments = {key: MAKERS[key](county) for key in patterns()[name]}
        address = reverse(name, kwargs=arguments)
        found += letter(client.get(address) if method == "GET" else client.post(address, {"key": "k"}))
    assert found == letters
