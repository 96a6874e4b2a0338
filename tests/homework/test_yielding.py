"""协商: asking a colleague for minutes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from qingfu.homework import actions
from qingfu.homework.models import YieldRequest
from qingfu.ledger import queries as ledger
from qingfu.ledger.models import Demand
from qingfu.units.models import Membership, Person
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant
from tests.homework.conftest import new_key
from tests.units.browser import signed_in_as


@pytest.fixture
def item_of_li(county, posting):
    """李强's 练习册, 45 minutes in 三(1)班; 15 are left."""
    done = actions.post_homework(county.actor("李强"), posting("李强", "练习册第18页", 45), new_key())
    return done.demand_ids[0]


@pytest.fixture
def asked(county, posting, item_of_li) -> YieldRequest:
    """王丽 asks for 10 of them, for a diary of 25."""
    return ask(county, posting, item_of_li)


def ask(county, posting, demand_id, minutes=10, key="", name="王丽"):
    unit = county.class_("三(1)班")
    return actions.ask_colleague(
        county.actor(name), posting("王丽", "写一篇日记", 25), unit, demand_id, minutes, key or new_key(), "明天要用"
    )


def left(county, day) -> int:
    unit = county.class_("三(1)班")
    with as_tenant(county.tenant_id):
        states = ledger.remaining([unit.pk], [day])[unit.pk, day]
        return next(state.left for state in states if state.binding)


def test_asking_holds_what_is_free_for_a_day(county, asked, evening):
    assert left(county, evening) == 0
    away = asked.expires_at - timezone.now()
    assert timedelta(hours=23) < away <= timedelta(days=1)


def test_accepting_trims_hers_and_posts_the_other_at_once(county, asked, stands, evening):
    assert actions.accept_request(county.actor("李强"), asked.pk, new_key()).ok
    assert stands() == [("数学", "练习册第18页", 35), ("语文", "写一篇日记", 25)]
    assert left(county, evening) == 0
    with as_tenant(county.tenant_id):
        diary = Demand.objects.get(text="写一篇日记", bearer_id=county.class_("三(1)班").pk)
    assert diary.issuer_id == county.people["王丽"].pk


@pytest.mark.parametrize("what_ends", ["the_class", "the_subject", "the_post"])
def test_what_the_asker_no_longer_teaches_is_not_posted_in_her_name(county, asked, stands, what_ends):
    """Between asking and accepting 王丽 moved on."""
    with as_tenant(county.tenant_id):
        hers = Membership.objects.filter(person=county.people["王丽"])
        if what_ends == "the_subject":
            hers.update(subject="道德与法治")
        elif what_ends == "the_class":
            hers.filter(unit=county.class_("三(1)班")).update(ends=timezone.localdate() - timedelta(days=1))
        else:
            Person.objects.filter(pk=county.people["王丽"].pk).update(left_on=timezone.localdate() - timedelta(days=1))
    with pytest.raises(actions.CannotAsk, match="不在这个班教这门课"):
        actions.accept_request(county.actor("李强"), asked.pk, new_key())
    assert stands() == [("数学", "练习册第18页", 45)]


def test_what_is_accepted_is_what_the_hold_says_and_not_what_was_changed_since(county, asked, stands):
    with as_tenant(county.tenant_id):
        changed = [{**draft, "text": "抄写全书", "minutes": 10} for draft in asked.draft]
        YieldRequest.objects.filter(pk=asked.pk).update(draft=changed)
    assert actions.accept_request(county.actor("李强"), asked.pk, new_key()).ok
    assert ("语文", "写一篇日记", 25) in stands()


def test_accepting_twice_does_it_once(county, asked, stands):
    actions.accept_request(county.actor("李强"), asked.pk, new_key())
    assert actions.accept_request(county.actor("李强"), asked.pk, new_key()).repeated
    assert stands() == [("数学", "练习册第18页", 35), ("语文", "写一篇日记", 25)]


def test_declining_frees_what_was_held(county, asked, stands, evening):
    actions.decline_request(county.actor("李强"), asked.pk, new_key(), "这次不行")
    assert left(county, evening) == 15
    assert stands() == [("数学", "练习册第18页", 45)]
    with pytest.raises(actions.CannotAsk, match="已经有结果"):
        actions.accept_request(county.actor("李强"), asked.pk, new_key())


def test_the_asker_may_take_it_back(county, asked, evening):
    actions.withdraw_request(county.actor("王丽"), asked.pk, new_key())
    assert left(county, evening) == 15


def test_after_a_day_it_is_over_by_the_clock(county, asked):
    with as_tenant(county.tenant_id):
        YieldRequest.objects.filter(pk=asked.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(actions.CannotAsk, match="过期"):
        actions.accept_request(county.actor("李强"), asked.pk, new_key())
    assert "请您在" not in signed_in_as(county, "李强").get("/today/").content.decode()


@pytest.mark.parametrize("name", ["王丽", "陈静", "周涛", "孙校长"])
def test_only_who_was_asked_answers(county, asked, name):
    with pytest.raises(Forbidden):
        actions.accept_request(county.actor(name), asked.pk, new_key())
    with pytest.raises(Forbidden):
        actions.decline_request(county.actor(name), asked.pk, new_key())


def test_a_double_tap_asks_once(county, posting, item_of_li):
    key = new_key()
    first = ask(county, posting, item_of_li, key=key)
    assert ask(county, posting, item_of_li, key=key).pk == first.pk


def test_where_nothing_is_free_the_whole_is_asked_for(county, posting, stands, item_of_li):
    done = actions.post_homework(county.actor("陈静"), posting("陈静", "单词各写1遍", 15), new_key())
    asked = ask(county, posting, item_of_li, minutes=25)
    assert actions.accept_request(county.actor("李强"), asked.pk, new_key()).ok
    assert done.ok
    assert ("数学", "练习册第18页", 20) in stands()
    assert ("语文", "写一篇日记", 25) in stands()


@pytest.mark.parametrize(("minutes", "says"), [(5, "还差 10 分钟"), (46, "最多能请对方让 45 分钟"), (0, "最多")])
def test_a_request_that_helps_nobody_is_not_sent(county, posting, item_of_li, minutes, says):
    with pytest.raises(actions.CannotAsk, match=says):
        ask(county, posting, item_of_li, minutes=minutes)


def test_nobody_asks_herself_nor_for_a_class_that_is_not_hers(county, posting, item_of_li):
    with pytest.raises(Forbidden):
        ask(county, posting, item_of_li, name="何老师")
    own = actions.post_homework(county.actor("王丽"), posting("王丽", "抄写生字", 5), new_key()).demand_ids[0]
    with pytest.raises(actions.CannotAsk):
        ask(county, posting, own, minutes=5)


def test_the_pages_of_both(county, asked, stands):
    hers = signed_in_as(county, "王丽").get("/today/").content.decode()
    assert "请李强老师在三(1)班让 10 分钟" in hers
    li = signed_in_as(county, "李强")
    said = li.get("/today/").content.decode()
    assert 'href="#asked"' in said and 'id="asked"' in said  # on a phone the request stands far down
    assert 'href="#asked"' not in hers
    assert "王丽老师（语文）" in said
    assert "让出后是 35 分钟" in said
    li.post(f"/homework/ask/{asked.pk}/answer/", {"accept": "1", "key": new_key()})
    assert ("语文", "写一篇日记", 25) in stands()


def test_from_the_refusal_page_the_other_class_is_posted_at_once(county, item_of_li, stands):
    from tests.homework.test_today import fields_of

    wang = signed_in_as(county, "王丽")
    sent = fields_of(wang.post("/homework/read/", {"text": "写一篇日记，25分钟", "to": "grade-3"}))
    refused = wang.post("/homework/post/", sent).content.decode()
    assert f'id="ask-{item_of_li}"' in refused
    unit = county.class_("三(1)班")
    ask = {"class": unit.pk, "demand": item_of_li, "yield": 10, "message": "", "key": new_key()}
    wang.post("/homework/ask/", {**sent, **ask})
    assert stands("三(2)班") == [("语文", "写一篇日记，25分钟", 25)]
    assert stands("三(1)班") == [("数学", "练习册第18页", 45)]
    with as_tenant(county.tenant_id):
        assert YieldRequest.objects.filter(class_unit=unit, state="asked").count() == 1
