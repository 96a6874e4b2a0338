"""Every address of this room × every role of offices (schools: tests/site/test_every_url.py). An area adds its lines.

    p a page    r on to another page    f forbidden    u what was entered does not fit
"""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import count

import pytest
from django.urls import reverse
from django.utils import timezone

from qingfu.ledger.actions import Figure, freeze_baselines
from qingfu.offices.models import (
    Ask,
    Channel,
    Complaint,
    DataForm,
    HandedDown,
    Listed,
    Meeting,
    MergedPlan,
    PhoneSample,
    PlannedMeeting,
    Project,
    Reader,
    Receipt,
    SealedVisit,
    Secondment,
    Visit,
)
from qingfu.site.home.nav import first_page
from qingfu.units.actions import issue_link
from qingfu.units.tenancy import as_tenant
from tests.site.test_every_url import letter, patterns
from tests.units.browser import signed_in_as

PEOPLE = ("文秘清水镇", "负责人县农业农村局", "两办", "督查室", "减负办", "书记柳湾村")  # in the order of the columns

DAILY = {
    "文秘清水镇": "本单位 收文办理 会议 发文", "两办": "两办审核 合并发文 全县", "督查室": "督查检查 合并检查",
    "减负办": "反映 电话核实", "书记柳湾村": "基层视角 来检查的 一表通", "校长县第一中学": "基层视角 来检查的 一表通",
}  # fmt: skip
"""Whose daily work stands open; the rest is behind 更多."""

TABLE = """
offices:home      GET   p p f f f f
offices:receive   GET   p p f f f f
offices:receive   POST  p p f f f f
offices:ask       GET   p f p p p f
offices:withdraw  POST  r f f f f f
offices:pass_on   GET   f f f f f f
offices:pass_on   POST  f f f f f f
offices:waiting   GET   f f p f f f
offices:second    POST  f f r f f f
offices:decide    POST  f f p f f f
offices:below     GET   p p p p p p
offices:other           GET   p p f f f f
offices:other           POST  p p f f f f
offices:complain        POST  f f f f f p
offices:county          GET   f f p f f f
offices:complaints      GET   f f f f p f
offices:complaint_answer POST f f f f r f
offices:complaint_picture GET f f f f p f
offices:samples         GET   f f f f p f
offices:samples         POST  f f f f p f
offices:sample_draw     POST  f f f f r f
offices:sample_call     GET   f f f f p f
offices:sample_call     POST  f f f f r f
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
offices:document_keeping POST f r f f f f
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
offices:inspections          GET   p p p p p f
offices:inspection_new       GET   p p f f f f
offices:inspection_new       POST  p p f f f f
offices:inspection           GET   p f p p p f
offices:inspection_file      POST  f f f r f f
offices:inspection_plan      POST  p f f f f f
offices:inspection_ask       POST  r f f f f f
offices:inspection_seal      POST  p f f f f f
offices:inspection_unseal    POST  p f f f f f
offices:inspection_drop      POST  f f f f f f
offices:inspection_emergency GET   p p f f f f
offices:inspection_emergency POST  p p f f f f
offices:inspection_notices   GET   f f f f f p
offices:inspection_checklist GET   f f f f f p
offices:inspection_checklist POST  f f f f f r
offices:enterprise_caps      GET   p p p p p f
offices:enterprise_caps      POST  f f f f f f
offices:merging              GET   f f f p f f
offices:merging              POST  f f f p f f
offices:merging_adopt        POST  f f f r f f
offices:merging_published    GET   f f f p f f
offices:merging_quiet        POST  f f f r f f
offices:channels          GET  p p p p p p
offices:channels_export   GET  p p p p p p
offices:channel_new       GET  p p f f f f
offices:channel_new       POST p p f f f f
offices:channels_import   GET  p p f f f f
offices:channels_import   POST p p f f f f
offices:channels_template GET  p p f f f f
offices:channel_cleanup   GET  p p p p p f
offices:channel           GET  p f p p p p
offices:channel_review    POST p f f f f f
offices:secondments       GET  p p p p p p
offices:secondments_export GET p p p p p p
offices:secondment_new    GET  p p f f f f
offices:secondment_new    POST p p f f f f
offices:secondment        GET  p f p p p p
offices:secondment_extend POST p f f f f f
offices:secondment_back   POST p f f f f f
offices:rights            GET  p p p p p p
offices:rights_export     GET  p p p p p p
offices:right_new         GET  p p f f f f
offices:right_new         POST p p f f f f
offices:right             GET  p p p p p f
offices:right_count       POST p f f f f f
offices:right_end         POST f p f f f f
offices:baselines         GET  p p p p p f
offices:baselines_export  GET  p p p p p f
offices:baselines_template GET f f p f f f
offices:baselines_import  GET  f f p f f f
offices:baselines_import  POST f f p f f f
offices:baseline_units    GET  f f p f f f
offices:baseline_units    POST f f p f f f
offices:baseline          GET  p f p p p f
offices:baseline          POST f f p f f f
offices:blame             GET  p p p p p p
offices:blame             POST f f p f f f
offices:blame_export      GET  p p p p p p
findings:list     GET   p p p p p p
home:start        GET   r r r r r r
reports:imports   GET   p p f f f f
reports:imports   POST  u u f f f f
home:county       GET   f f f f f f
homework:today    GET   f f f f f f
ledger:rules      GET   p p p p p p
reports:home      GET   p p f f f f
reports:office    GET   p p p p p f
reports:office_indicator GET p p p p p f
reports:office_download GET r r r r r f
reports:office_indicator_download GET r r r r r f
reports:county    GET   f f f f f f
reports:school    GET   f f f f f f
reports:export    GET   p p p p p f
reports:export    POST  f f f f f f
reports:home      POST  u u f f f f
reports:spare     POST  u u f f f f
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


def listed_id(county) -> int:
    """An inspection that 清水镇 has put up for the list."""
    made = Listed.objects.create(
        unit=county["清水镇"], year=timezone.localdate().year, title=f"检查{next(_serial)}", content="现场看",
        kinds=["village"], minutes=60, proposer=county.people["文秘清水镇"],
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


def visit_id(county) -> int:
    """A visit that 清水镇 made to 柳湾村."""
    today, ask = timezone.localdate(), Ask.objects.get(pk=ask_id(county))
    Ask.objects.filter(pk=ask.pk).update(kind="visit", state="posted")
    what = {"listed_id": listed_id(county), "place": county["柳湾村"], "first": today, "last": today, "day": today}
    return Visit.objects.create(**what, ask=ask).pk


def sealed_id(county) -> int:
    """A sealed visit of 清水镇."""
    return SealedVisit.objects.create(listed_id=listed_id(county), sha256="0" * 64).pk


def merged_id(county) -> int:
    """A proposal of merging."""
    certificate = {"visits": 2, "visit_days": 1, "visit_days_bound": 1, "travel_days": 2}
    published = {"request": {}, "days": [], "unplaced": [], "certificate": certificate}
    today, maker = timezone.localdate(), county.people["督查室"]
    return MergedPlan.objects.create(first=today, last=today, published=published, maker=maker).pk


def complaint_id(county) -> int:
    """A released one with a screenshot."""
    number = next(_serial)
    made = Complaint.objects.create(
        month="2026-01", what="repeat", once_mark=f"address-{number}", picture=b"\x89PNG\r\n\x1a\n",
        released_on=timezone.localdate(),
    )  # fmt: skip
    return made.pk


def sample_id(county) -> int:
    """A sample of a month of its own that drew 柳湾村."""
    month = f"20{next(_serial) % 80 + 10}-01"
    pick = {"unit": f"{county['柳湾村'].pk} 柳湾村"}
    drawn = {"picks": [pick], "certificate": {"seed": {"value": "1"}}}
    return PhoneSample.objects.create(month=month, request={}, committed="", drawn=drawn).pk


def channel_id(county) -> int:
    """A group of 清水镇 that its villages must be in."""
    made = Channel.objects.create(
        unit=county["清水镇"], carrier="group", name=f"群{next(_serial)}", purpose="daily", kinds=["village"],
        headcount=9, since=timezone.localdate(),
    )  # fmt: skip
    return made.pk


def secondment_id(county) -> int:
    """清水镇 has borrowed somebody from 柳湾村."""
    ask = Ask.objects.get(pk=ask_id(county))
    Ask.objects.filter(pk=ask.pk).update(kind="secondment", state="posted")
    what = {"lender": county["柳湾村"], "post": "village_cadre", "task": "writing", "people": 1, "months": 3}
    return Secondment.objects.create(ask=ask, starts=timezone.localdate(), **what).pk


def handed_id(county) -> int:
    """县农业农村局 has handed an approval to 清水镇."""
    made = HandedDown.objects.create(
        unit=county["县农业农村局"], receiver=county["清水镇"], item=f"审批{next(_serial)}", workdays=5,
        since=timezone.localdate() - timedelta(days=70),
    )  # fmt: skip
    return made.pk


def baseline_id(county) -> int:
    """A frozen figure of 清水镇."""
    figure = Figure(county["清水镇"].pk, f"county.x{next(_serial)}", timezone.localdate().year, 3, "import", "登记簿")
    return freeze_baselines(county.actor("两办"), [figure])[0].pk


def unit_id(county) -> int:
    return county["柳湾村"].pk


MAKERS = {
    "ask_id": ask_id, "meeting_id": meeting_id, "plan_id": plan_id, "token": token, "complaint_id": complaint_id,
    "sample_id": sample_id, "unit_id": unit_id, "project_id": project_id, "receipt_id": receipt_id,
    "form_id": form_id, "channel_id": channel_id, "secondment_id": secondment_id, "handed_id": handed_id,
    "listed_id": listed_id, "visit_id": visit_id, "sealed_id": sealed_id, "merged_id": merged_id,
    "baseline_id": baseline_id, "indicator_id": lambda county: "findings_open",
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


def tabs_of(county, who: str, address: str = "offices:below") -> tuple[list[str], list[str], str]:
    """The labels that stand open, those behind 更多, and what 更多 says."""
    said = signed_in_as(county, who).get(reverse(address)).content.decode()
    tabs = re.search(r'<nav class="tabs".*?</nav>', said, re.DOTALL)[0]
    first, _, rest = tabs.partition("<details")
    more = rest.partition("</summary>")
    labels = [re.findall(r"<a [^>]*>([^<]+)</a>", part) for part in (first, more[2])]
    return *labels, re.sub(r"<[^>]+>", "", more[0].partition("<summary")[2].partition(">")[2])


@pytest.mark.parametrize("who", DAILY)
def test_daily_work_stands_open_and_the_rest_behind_one_button(county, who):
    daily, more, button = tabs_of(county, who)
    assert daily == DAILY[who].split() and {"应用和群", "借调", "放权", "容错"} <= set(more)
    assert button == ("更多" if "基层视角" in daily else "更多：基层视角")


@pytest.mark.parametrize("who", ["管理员", "校长县第一中学", "两办", "文秘清水镇"])
def test_whoever_sees_baselines_is_led_there(county, who):
    page = "offices:baselines" if who == "管理员" else "offices:below"
    assert reverse("offices:baselines") in signed_in_as(county, who).get(reverse(page)).content.decode()
    assert signed_in_as(county, who).get(reverse("offices:baselines")).status_code == 200


@pytest.mark.parametrize("who, address", [
    ("督查室", "offices:inspections"), ("书记柳湾村", "offices:below"), ("两办", "offices:waiting"),
    ("减负办", "offices:complaints"), ("文秘清水镇", "offices:home"),
])  # fmt: skip
def test_the_first_page_is_that_of_the_daily_work(county, who, address):
    assert first_page(county.actor(who)) == reverse(address)
