"""Posting homework: hers, inside the limits, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from qingfu.homework import actions
from qingfu.homework.items import Item, Posting
from qingfu.ledger.actions import KeyReused
from qingfu.ledger.models import Attempt, Demand
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant
from tests.homework.conftest import new_key, targets_of


def test_one_posting_goes_to_several_classes(county, posting, stands):
    asked = posting("王丽", "抄写第5课生字2遍", 20, to=["三(1)班", "三(2)班"])
    answer = actions.post_homework(county.actor("王丽"), asked, new_key())
    assert answer.ok
    assert len(answer.demand_ids) == 2
    assert stands("三(1)班") == stands("三(2)班") == [("语文", "抄写第5课生字2遍", 20)]


def test_a_double_tap_posts_once(county, posting, stands):
    asked, key = posting("王丽", "抄写第5课生字2遍", 20), new_key()
    first = actions.post_homework(county.actor("王丽"), asked, key)
    again = actions.post_homework(county.actor("王丽"), asked, key)
    assert again.repeated
    assert again.demand_ids == first.demand_ids
    assert len(stands()) == 1


def test_a_double_tap_over_the_end_of_lessons_posts_once(county, posting, stands):
    """The second try would be marked 补登: what she entered is the same."""
    school = county.schools["青禾县实验小学"]
    asked, key = posting("王丽", "抄写第5课生字2遍", 20, day=timezone.localdate()), new_key()
    answers = []
    for lessons_end in ("23:59", "00:00"):
        with as_tenant(county.tenant_id):
            school.attributes["lessons_end"] = lessons_end
            school.save(update_fields=["attributes"])
        answers.append(actions.post_homework(county.actor("王丽"), asked, key))
    assert [(one.ok, one.repeated) for one in answers] == [(True, False), (True, True)]
    assert answers[0].demand_ids == answers[1].demand_ids


def test_a_double_tap_over_midnight_posts_once(county, posting, monkeypatch):
    """The second try would be recorded for a day gone by."""
    today = timezone.localdate()
    asked, key = posting("王丽", "抄写第5课生字2遍", 20, day=today), new_key()
    first = actions.post_homework(county.actor("王丽"), asked, key)
    monkeypatch.setattr(timezone, "localdate", lambda *_: today + timedelta(days=1))
    again = actions.post_homework(county.actor("王丽"), asked, key)
    assert (again.repeated, again.demand_ids) == (True, first.demand_ids)


def test_a_refusal_is_the_same_refusal_after_the_list_of_material_changed(county, posting, evening):
    asked, key = posting("王丽", "完成《黄冈小状元》第3页", 5), new_key()
    assert not actions.post_homework(county.actor("王丽"), asked, key).ok
    school = county.schools["青禾县实验小学"]
    actions.list_material(county.actor("周涛"), school, "黄冈小状元", "语文", 3, evening - timedelta(days=30))
    again = actions.post_homework(county.actor("王丽"), asked, key)
    assert (again.ok, again.repeated) == (False, True)
    assert actions.post_homework(county.actor("王丽"), asked, new_key()).ok


def test_a_key_belongs_to_one_content(county, posting):
    key = new_key()
    actions.post_homework(county.actor("王丽"), posting("王丽", "抄写第5课生字2遍", 20), key)
    with pytest.raises(KeyReused):
        actions.post_homework(county.actor("王丽"), posting("王丽", "抄写第6课生字2遍", 20), key)


def test_what_does_not_fit_is_refused_whole(county, posting, stands):
    actions.post_homework(county.actor("李强"), posting("李强", "练习册第18页", 50), new_key())
    asked = posting("王丽", "写一篇日记", 15, to=["三(1)班", "三(2)班"])
    answer = actions.post_homework(county.actor("王丽"), asked, new_key())
    assert answer.outcome == "refused"
    assert answer.refusals[0].left == 10
    assert answer.refusals[0].taken_by_subject == {"数学": 50}
    assert stands("三(2)班") == []


def test_two_teachers_at_once_cannot_both_have_the_last_fifteen_minutes(county, posting, stands):
    actions.post_homework(county.actor("李强"), posting("李强", "练习册第18页", 45), new_key())
    asked = {name: posting(name, f"{name}的作业", 15) for name in ("王丽", "陈静")}
    actors = {name: county.actor(name) for name in asked}

    def post(name):
        try:
            return actions.post_homework(actors[name], asked[name], new_key()).outcome
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(post, asked))
    assert outcomes == ["posted", "refused"]
    assert sum(minutes for *_, minutes in stands()) == 60


def test_she_posts_only_the_subject_that_she_teaches_there(county, posting, stands):
    with pytest.raises(actions.NotHers, match="不教数学"):
        actions.post_homework(county.actor("王丽"), posting("王丽", "口算", 5, subject="数学"), new_key())
    assert stands() == []


def test_she_posts_only_to_her_classes(county, evening):
    strange = targets_of(county, "何老师")["七(1)班"]
    asked = Posting(evening, (Item("语文", "背诵", "oral", True, 5, targets=(strange,)),))
    with pytest.raises(Forbidden):
        actions.post_homework(county.actor("王丽"), asked, new_key())


@pytest.mark.parametrize("name", ["周涛", "孙校长", "赵敏", "刘科长", "管理员"])
def test_who_teaches_nothing_posts_nothing(county, posting, name):
    with pytest.raises(Forbidden):
        actions.post_homework(county.actor(name), posting("王丽", "抄写生字", 5), new_key())


def test_another_county_cannot_be_posted_to(county, posting):
    from tests.factories import make_county

    stranger = make_county().actor("王丽")
    with pytest.raises(Forbidden):
        actions.post_homework(stranger, posting("王丽", "抄写生字", 5), new_key())


def test_nothing_to_post_is_said(county, evening):
    with pytest.raises(actions.NothingToPost):
        actions.post_homework(county.actor("王丽"), Posting(evening, ()), new_key())
    with pytest.raises(actions.NothingToPost, match="没有选班级"):
        item = Item("语文", "抄写生字", "written", True, 5)
        actions.post_homework(county.actor("王丽"), Posting(evening, (item,)), new_key())


def test_what_words_forbid_is_refused_though_the_form_says_nothing_of_it(county, posting):
    asked = posting("王丽", "练习册第18页，请家长批改后签字", 5)
    answer = actions.post_homework(county.actor("王丽"), asked, new_key())
    assert answer.outcome == "refused"
    assert "cn.homework.flag.parent_work" in {one.limit_id for one in answer.refusals}


def test_unlisted_material_asks_for_a_reason_and_passes_with_it(county, posting):
    asked = posting("王丽", "完成《黄冈小状元》第3页", 5)
    assert actions.post_homework(county.actor("王丽"), asked, new_key()).outcome == "needs_reason"
    reasoned = replace(asked, reason="学校已推荐，清单还没更新")
    assert actions.post_homework(county.actor("王丽"), reasoned, new_key()).ok


def test_listed_material_is_not_warned_of(county, posting, evening):
    school = county.schools["青禾县实验小学"]
    starts = evening - timedelta(days=30)
    actions.list_material(county.actor("周涛"), school, "黄冈小状元", "语文", 3, starts)
    asked = posting("王丽", "完成《黄冈小状元》第3页", 5)
    assert actions.post_homework(county.actor("王丽"), asked, new_key()).ok


def test_yesterdays_homework_is_recorded_late_and_never_refused(county, posting):
    day = timezone.localdate() - timedelta(days=2)
    answer = actions.post_homework(county.actor("王丽"), posting("王丽", "写作文", 300, day=day), new_key())
    assert answer.ok
    with as_tenant(county.tenant_id):
        made = Demand.objects.get(id=answer.demand_ids[0])
        assert Attempt.objects.get(id=answer.attempt_id).verb == "record"
    assert made.late
    assert made.reason == "补登"


def test_after_the_last_lesson_it_is_marked_late(county, posting):
    from datetime import datetime, time

    from qingfu.homework.queries import Board

    school, unit = county.schools["青禾县实验小学"], county.class_("三(1)班")
    with as_tenant(county.tenant_id):
        school.attributes["lessons_end"] = "15:30"
        school.save(update_fields=["attributes"])
        board = Board([unit])
        day = timezone.localdate()
        at = lambda hour: timezone.make_aware(datetime.combine(day, time(hour)))  # noqa: E731
        assert not board.is_late(unit, day, at(15))
        assert board.is_late(unit, day, at(16))
        assert not board.is_late(unit, day + timedelta(days=1), at(16))


def test_withdrawing_before_lessons_end_frees_the_minutes(county, posting, stands, next_evening):
    first = actions.post_homework(county.actor("王丽"), posting("王丽", "抄写生字", 60, day=next_evening), new_key())
    assert actions.withdraw_homework(county.actor("王丽"), first.demand_ids, new_key()).ok
    assert stands() == []
    again = posting("李强", "练习册", 60, day=next_evening)
    assert actions.post_homework(county.actor("李强"), again, new_key()).ok
