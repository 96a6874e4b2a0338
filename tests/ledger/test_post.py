"""Posting: a demand takes its minutes from every budget that the rulebook gives it, all or nothing."""

import pytest

from qingfu.ledger.actions import KeyReused, post
from qingfu.ledger.models import Attempt, Budget, Demand, Entry, Outbox
from qingfu.units.models import AuditRecord
from qingfu.units.queries import Forbidden

from .conftest import G3_6, new_key


def test_a_demand_takes_its_minutes_from_the_national_sixty(county, written, rows):
    answer = post(county.actor("王丽"), [written("语文", 20)], new_key())
    assert answer.outcome == "posted"
    (demand,) = rows(Demand)
    assert (demand.id, demand.charged_minutes, demand.origin, demand.verdict) == (
        answer.demand_ids[0], 20, "post", "pass",
    )  # fmt: skip
    assert [(b.limit_id, b.used) for b in rows(Budget)] == [(G3_6, 20)]
    assert [(e.demand_id, e.amount) for e in rows(Entry)] == [(demand.id, 20)]


def test_sixty_minutes_fit_and_the_next_minute_does_not(county, written, rows):
    assert post(county.actor("王丽"), [written("语文", 40)], new_key()).ok
    assert post(county.actor("李强"), [written("数学", 20)], new_key()).ok
    answer = post(county.actor("陈静"), [written("英语", 1)], new_key())
    assert answer.outcome == "refused"
    assert [b.used for b in rows(Budget)] == [60]
    assert len(rows(Demand)) == 2


def test_a_refusal_says_which_limit_what_is_left_and_who_took_what(county, written):
    post(county.actor("王丽"), [written("语文", 30)], new_key())
    post(county.actor("李强"), [written("数学", 20)], new_key())
    (refusal,) = post(county.actor("陈静"), [written("英语", 15)], new_key()).refusals
    assert refusal.title == "每天书面作业总时长"
    assert refusal.document == "关于加强义务教育学校作业管理的通知"
    assert (refusal.number, refusal.level) == ("教基厅函〔2021〕13号", "nation")
    assert (refusal.cap, refusal.used, refusal.requested, refusal.left) == (60, 50, 15, 10)
    assert refusal.taken_by_subject == {"语文": 30, "数学": 20}


def test_all_or_nothing_for_two_classes(county, written, rows, three1):
    three2 = county.class_("三(2)班")
    wang = county.actor("王丽")
    post(wang, [written("语文", 50, bearer_id=three2.pk)], new_key())
    answer = post(wang, written("语文", 20).for_bearers([three1.pk, three2.pk]), new_key())
    assert answer.outcome == "refused"
    assert {r.bearer_id for r in answer.refusals} == {three2.pk}
    assert sum(b.used for b in rows(Budget)) == 50


def test_what_several_items_of_one_request_take_is_added_up(county, written):
    answer = post(county.actor("王丽"), [written("语文", 40), written("语文", 30)], new_key())
    assert answer.outcome == "refused"
    assert answer.refusals[0].requested == 70


def test_every_post_leaves_an_attempt_an_audit_record_and_a_message(county, written, rows):
    wang = county.actor("王丽")
    answer = post(wang, [written("语文", 20)], new_key())
    assert [a.outcome for a in rows(Attempt)] == ["posted"]
    assert [(m.topic, m.object_id) for m in rows(Outbox)] == [("post", answer.attempt_id)]
    record = rows(AuditRecord)[-1]
    assert (record.actor_id, record.action, record.object_id) == (wang.person_id, "post", answer.attempt_id)


def test_a_refusal_leaves_no_trace_in_the_audit_trail(county, written, rows):
    post(county.actor("王丽"), [written("语文", 61)], new_key())
    assert [a.outcome for a in rows(Attempt)] == ["refused"]
    assert not rows(Outbox)
    assert not [r for r in rows(AuditRecord) if r.object_kind == "attempt"]


def test_a_repeated_request_is_answered_as_before(county, written, rows):
    wang, key = county.actor("王丽"), new_key()
    first = post(wang, [written("语文", 40)], key)
    again = post(wang, [written("语文", 40)], key)
    assert again.repeated and again.demand_ids == first.demand_ids
    assert [b.used for b in rows(Budget)] == [40]


def test_a_repeated_refusal_is_a_refusal_still(county, written):
    wang, key = county.actor("王丽"), new_key()
    assert post(wang, [written("语文", 61)], key).outcome == "refused"
    again = post(wang, [written("语文", 61)], key)
    assert again.repeated and again.refusals[0].cap == 60


def test_the_same_key_for_another_request_is_a_mistake(county, written):
    wang, key = county.actor("王丽"), new_key()
    post(wang, [written("语文", 20)], key)
    with pytest.raises(KeyReused):
        post(wang, [written("语文", 25)], key)


def test_two_people_may_use_the_same_key(county, written):
    key = new_key()
    assert post(county.actor("王丽"), [written("语文", 20)], key).ok
    assert not post(county.actor("李强"), [written("数学", 20)], key).repeated


def test_a_teacher_posts_in_her_own_classes_only(county, written):
    with pytest.raises(Forbidden):
        post(county.actor("王丽"), [written("语文", 20, bearer_id=county.class_("四(1)班").pk)], new_key())


def test_optional_homework_takes_nothing(county, written, rows):
    optional = {"form": "written", "required": False, "place": "家庭"}
    assert post(county.actor("王丽"), [written("语文", 90, attributes=optional)], new_key()).ok
    assert not [b for b in rows(Budget) if b.used]
