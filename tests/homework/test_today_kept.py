"""今天 is rendered once for what it shows. After anything that touches what it shows, by anybody, it says the same as a
page that is rendered anew."""

from __future__ import annotations

import random
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from qingfu.findings.actions import open_finding
from qingfu.homework import actions
from qingfu.homework.actions import PlanLine
from qingfu.homework.models import Plan, PlanItem, YieldRequest
from qingfu.homework.queries import monday_of
from qingfu.ledger.actions import change_calendar, confirm_withdrawal, grant_waiver, publish_pack, revoke_waiver
from qingfu.ledger.models import Demand, Waiver
from qingfu.site.templatetags import kept
from qingfu.units.models import Group, GroupClass, Membership, Person, Unit
from qingfu.units.queries import system_actor
from qingfu.units.tenancy import as_tenant
from tests.factories import TERM_STARTS
from tests.homework.conftest import new_key
from tests.homework.test_lists import SCHOOL_PACK
from tests.units.browser import signed_in_as

READERS = ("王丽", "李强", "陈静")  # 李强 is a class teacher too: findings in his navigation, a class in his menu
SCHOOL = "青禾县实验小学"


class Life:
    """A school in which something happens: each method is one thing that somebody does, or the clock."""

    def __init__(self, county, posting, evening, next_evening, seed: int):
        self.county, self.posting = county, posting
        self.evening, self.next_evening = evening, next_evening
        self.dice = random.Random(seed)
        self.kinds_of_day = ["rest_day", "school_day"]
        self.school = county.schools[SCHOOL]
        self.classes = [county.class_("三(1)班"), county.class_("三(2)班")]

    def happen(self, name: str) -> None:
        """The step, undone whole where somebody may not (any more): refusals are none of this test."""
        with as_tenant(self.county.tenant_id):
            waiting = self._waiting()
        try:
            getattr(self, name)(waiting)
        except (ValueError, PermissionError, LookupError, actions.NotHeld, actions.DoesNotFit, Person.DoesNotExist):
            pass

    def _waiting(self) -> dict:
        rows = {
            "posted": Demand.objects.filter(state="posted"), "planned": PlanItem.objects.filter(state="planned"),
            "plans": Plan.objects.filter(state="filed"), "asked": YieldRequest.objects.filter(state="asked"),
            "waivers": Waiver.objects.filter(revoked_at=None), "second": Demand.objects.filter(state="asked"),
        }  # fmt: skip
        found = {name: list(several.order_by("pk")) for name, several in rows.items()}
        return {name: self.dice.choice(several) for name, several in found.items() if several}

    def _someone(self) -> str:
        return self.dice.choice(READERS)

    def _name(self, person_id: int) -> str:
        return next(name for name, person in self.county.people.items() if person.pk == person_id)

    # ---- homework ----

    def post(self, _):
        name = self._someone()
        item = self.posting(name, f"练习{self.dice.randrange(99)}", self.dice.randrange(5, 20))
        actions.post_homework(self.county.actor(name), item, new_key())

    def post_ahead(self, _):
        item = self.posting("李强", "明天的口算", 8, day=self.next_evening)
        actions.post_homework(self.county.actor("李强"), item, new_key())

    def record(self, _):
        name = self._someone()
        item = self.posting(name, "补登的作业", 8, day=timezone.localdate() - timedelta(days=1))
        actions.post_homework(self.county.actor(name), item, new_key())

    def withdraw(self, waiting):
        actor = self.county.actor(self._name(waiting["posted"].issuer_id))
        actions.withdraw_homework(actor, [waiting["posted"].id], new_key(), "布置重了")

    def withdrawal_to_second(self, _):
        with as_tenant(self.county.tenant_id):
            school = Unit.objects.get(pk=self.school.pk)
            school.attributes["lessons_end"] = "00:00"
            school.save(update_fields=["attributes"])
        name = self._someone()
        item = self.posting(name, "今晚的作业", 5, day=timezone.localdate())
        answer = actions.post_homework(self.county.actor(name), item, new_key())
        actions.withdraw_homework(self.county.actor(name), answer.demand_ids, new_key(), "布置重了")

    def second(self, waiting):
        confirm_withdrawal(self.county.actor("李强"), [waiting["second"].id], new_key(), agree=self.dice.random() < 0.5)

    def plan(self, _):
        name = self._someone()
        actor = self.county.actor(name)
        ids = tuple(one.pk for one in self.classes)
        lines = [PlanLine(self.evening, ids, f"计划{self.dice.randrange(99)}", "oral", True, 5, "课内") for _ in "ab"]
        subject = next(post.subject for post in actor.posts if post.role == "teacher")
        actions.file_plan(actor, subject, monday_of(self.evening), lines)

    def drop(self, waiting):
        with as_tenant(self.county.tenant_id):
            author = waiting["planned"].plan.author_id
        actions.drop_item(self.county.actor(self._name(author)), waiting["planned"].pk)

    def confirm(self, waiting):
        with as_tenant(self.county.tenant_id):
            author = waiting["planned"].plan.author_id
        sent = {"item": [waiting["planned"].pk], "key": new_key()}
        signed_in_as(self.county, self._name(author)).post("/homework/confirm/", sent)

    def approve(self, waiting):
        actions.approve_plan(self.county.actor("周涛"), waiting["plans"].pk)

    def want_approval(self, _):
        with as_tenant(self.county.tenant_id):
            school = Unit.objects.get(pk=self.school.pk)
            school.attributes["plan_approval"] = not school.attributes.get("plan_approval")
            school.save(update_fields=["attributes"])

    # ---- colleagues ----

    def ask(self, waiting):
        item = waiting["posted"]
        name = self.dice.choice([one for one in READERS if self.county.people[one].pk != item.issuer_id])
        unit = next(one for one in self.classes if one.pk == item.bearer_id)
        posting = self.posting(name, "写一篇日记", 55, to=[unit.name], day=item.day)
        actions.ask_colleague(self.county.actor(name), posting, unit, item.id, 5, new_key(), "明天要用")

    def accept(self, waiting):
        request = waiting["asked"]
        actions.accept_request(self.county.actor(self._name(request.asked_id)), request.pk, new_key())

    def decline(self, waiting):
        request = waiting["asked"]
        actions.decline_request(self.county.actor(self._name(request.asked_id)), request.pk, new_key(), "这次不行")

    def request_runs_out(self, waiting):
        away = timedelta(hours=20 if waiting["asked"].is_over else -1)  # the second time it is given another day
        with as_tenant(self.county.tenant_id):
            YieldRequest.objects.filter(pk=waiting["asked"].pk).update(expires_at=timezone.now() + away)

    # ---- rules, days, waivers ----

    def pack(self, _):
        cap = f"cap = {self.dice.randrange(30, 60)}"
        publish_pack(self.county.actor("孙校长"), self.school.pk, SCHOOL_PACK.replace("cap = 45", cap))

    def holiday(self, _):
        day, kind = self.next_evening, self.kinds_of_day[0]
        self.kinds_of_day.reverse()
        unit = self.county.unit
        change_calendar(self.county.actor("管理员"), unit.pk, day, day, day_kind=kind, name="台风停课", source="通知")

    def waiver(self, _):
        grant_waiver(
            self.county.actor("孙校长"), self.dice.choice(self.classes).pk, "qh.sy.written", self.evening,
            self.evening, 10, office="校长室", reason="讲评", expires_at=timezone.now() + timedelta(days=2),
        )  # fmt: skip

    def take_waiver_back(self, waiting):
        revoke_waiver(self.county.actor("孙校长"), waiting["waivers"].pk)

    # ---- people and classes ----

    def rename(self, _):
        with as_tenant(self.county.tenant_id):
            name = f"<b>三班</b>{self.dice.randrange(999)}"
            Unit.objects.filter(pk=self.classes[1].pk).update(name=name)

    def teach_more(self, _):
        with as_tenant(self.county.tenant_id):
            Membership.objects.create(
                person=self.county.people[self._someone()], role="teacher", subject="科学", starts=TERM_STARTS,
                unit=self.county.class_(self.dice.choice(["四(1)班", "五(2)班", "一(1)班"])),
            )  # fmt: skip

    def teach_less(self, _):
        with as_tenant(self.county.tenant_id):
            mine = Membership.objects.filter(role="teacher", subject="科学").first()
            Membership.objects.filter(pk=mine and mine.pk).update(ends=timezone.localdate() - timedelta(days=1))

    def person_renamed(self, _):
        with as_tenant(self.county.tenant_id):
            pk = self.county.people[self._someone()].pk
            Person.objects.filter(pk=pk).update(name=f"新名{self.dice.randrange(9)}")

    def group(self, _):
        with as_tenant(self.county.tenant_id):
            combined = self.dice.random() < 0.5
            made = Group.objects.create(school=self.school, name=f"组{self.dice.randrange(9)}", combined=combined)
            for unit in self.classes:
                GroupClass.objects.create(group=made, unit=unit)

    def ungroup(self, _):
        with as_tenant(self.county.tenant_id):
            GroupClass.objects.all().delete()
            Group.objects.all().delete()

    def finding(self, _):
        with as_tenant(self.county.tenant_id):
            kind = self.dice.choice(["recorded_over", "over"])
            open_finding(system_actor(self.county.tenant_id), self.classes[0], kind, "超出了上限")


STEPS = [name for name in vars(Life) if not name.startswith("_") and name != "happen"]
IN_ORDER = [  # in which each step finds what it needs
    "post", "post_ahead", "ask", "decline", "ask", "request_runs_out", "request_runs_out", "accept", "record",
    "withdraw", "plan", "drop", "confirm", "plan", "want_approval", "approve", "want_approval", "pack", "waiver",
    "take_waiver_back", "finding", "teach_more", "teach_less", "person_renamed", "rename", "group", "ungroup",
    "withdrawal_to_second", "second", "holiday",
]  # fmt: skip


def as_read(response) -> str:
    """A page but for what no two pages share."""
    assert response.status_code == 200, response.status_code
    html = response.content.decode()
    assert not any(mark in html for mark in kept.FRESH.values())
    html = re.sub(r'(name="csrfmiddlewaretoken" value=|X-CSRFToken&quot;: &quot;|"X-CSRFToken": )"?\w+"?', "", html)
    return re.sub(r"\b[0-9a-f]{32}\b", "KEY", html)


@pytest.fixture
def anew(monkeypatch):
    """``anew(client, path)``: the page with nothing kept."""

    def get(client, path: str) -> str:
        with monkeypatch.context() as only:
            only.setattr(kept.shelf, "find", lambda key: None)
            return as_read(client.get(path))

    return get


def test_a_kept_page_says_what_a_fresh_one_says(county, posting, evening, next_evening, anew):
    life = Life(county, posting, evening, next_evening, seed=1)
    readers = [(signed_in_as(county, name), "/today/") for name in READERS]
    readers[1] = readers[1][0], f"/today/?to=c{life.classes[1].pk}"
    readers[2][0].cookies["django_language"] = "en"
    before, moved = [as_read(client.get(path)) for client, path in readers], set()
    for step in (*IN_ORDER, *life.dice.sample(STEPS, len(STEPS))):
        life.happen(step)
        pages = [as_read(client.get(path)) for client, path in readers]
        assert pages == [anew(client, path) for client, path in readers], step
        moved |= {step} if pages != before else set()
        before = pages
    assert len(moved) > 15, set(STEPS) - moved  # a few meet nothing that they could change


def test_at_midnight_the_page_is_another_days(county, anew, monkeypatch):
    client = signed_in_as(county, "王丽")
    before = as_read(client.get("/today/"))
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr(timezone, "localdate", lambda *_: tomorrow)
    after = as_read(client.get("/today/"))
    assert f"{tomorrow.month} 月 {tomorrow.day} 日" in after and after != before
    assert after == anew(client, "/today/")


def test_the_frame_of_a_kept_page_knows_its_address(county):
    client = signed_in_as(county, "王丽")
    for path in ("/today/", "/today/?from=wechat", "/today/"):
        assert f'name="next" value="{path}"' in as_read(client.get(path))


def test_a_session_that_is_cut_off_sees_nothing_more(county):
    from qingfu.units.models import Token

    client = signed_in_as(county, "王丽")
    client.get("/today/")
    with as_tenant(county.tenant_id):
        Token.objects.filter(subject_id=county.people["王丽"].pk).update(revoked_at=timezone.now())
    assert client.get("/today/").status_code == 302


def test_each_page_has_tokens_and_keys_of_its_own(county, posting):
    actions.post_homework(county.actor("王丽"), posting("王丽", "抄写生字", 5), new_key())
    first, other = (signed_in_as(county, "王丽") for _ in range(2))
    pages = [client.get("/today/").content.decode() for client in (first, first, other)]
    tokens = [set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)) for page in pages]
    keys = [set(re.findall(r'name="key" value="(\w{32})', page)) for page in pages]
    for found in (tokens, keys):
        assert [len(one) for one in found] == [1, 1, 1] and len(set.union(*found)) == 3


def test_what_is_kept_of_one_teacher_is_not_given_to_another(county):
    pages = {name: as_read(signed_in_as(county, name).get("/today/")) for name in (*READERS, "何老师")}
    assert "七(1)班" in pages["何老师"] and "三(1)班" not in pages["何老师"]
    assert all(name in page for name, page in pages.items())
