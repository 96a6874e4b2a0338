"""Taking homework back, before and after lessons."""

from __future__ import annotations

import pytest

from qingfu.homework import actions
from qingfu.ledger.models import Demand
from qingfu.units.tenancy import as_tenant
from tests.homework.conftest import new_key
from tests.units.browser import signed_in_as


@pytest.fixture
def begun(county, posting):
    """Homework whose evening has begun: today's, entered today, in a school whose lessons end at midnight."""
    from django.utils import timezone

    school = county.schools["青禾县实验小学"]
    with as_tenant(county.tenant_id):
        school.attributes["lessons_end"] = "00:00"
        school.save(update_fields=["attributes"])
    today = posting("王丽", "抄写生字", 5, day=timezone.localdate())
    return actions.post_homework(county.actor("王丽"), today, new_key()).demand_ids[0]


def state_of(county, demand_id: int) -> str:
    with as_tenant(county.tenant_id):
        return Demand.objects.get(id=demand_id).state


def test_after_lessons_a_reason_is_asked_for(county, begun):
    said = signed_in_as(county, "王丽").post("/homework/withdraw/", {"demand": [begun], "key": new_key()})
    assert "撤回要写明理由" in said.content.decode()
    assert state_of(county, begun) == "posted"


def test_with_a_reason_a_second_person_agrees_on_her_own_page(county, begun):
    wang, li = signed_in_as(county, "王丽"), signed_in_as(county, "李强")
    wang.post("/homework/withdraw/", {"demand": [begun], "key": new_key(), "reason": "布置重了"})
    assert state_of(county, begun) == "asked"
    said = li.get("/today/").content.decode()
    assert "要撤回" in said
    assert "布置重了" in said
    li.post("/homework/second/", {"demand": [begun], "key": new_key(), "agree": "1"})
    assert state_of(county, begun) == "corrected"


def test_the_second_person_may_disagree(county, begun):
    signed_in_as(county, "王丽").post("/homework/withdraw/", {"demand": [begun], "key": new_key(), "reason": "重了"})
    signed_in_as(county, "李强").post("/homework/second/", {"demand": [begun], "key": new_key()})
    assert state_of(county, begun) == "posted"


def test_she_cannot_agree_with_herself_nor_may_a_colleague(county, begun):
    signed_in_as(county, "王丽").post("/homework/withdraw/", {"demand": [begun], "key": new_key(), "reason": "重了"})
    for name in ("王丽", "陈静"):
        said = signed_in_as(county, name).post("/homework/second/", {"demand": [begun], "key": new_key(), "agree": "1"})
        assert said.status_code == 403
    assert state_of(county, begun) == "asked"


@pytest.mark.parametrize(("name", "home"), [("赵敏", "/week/"), ("周涛", "/school/{}/"), ("孙校长", "/school/{}/")])
def test_who_teaches_nothing_is_led_from_her_own_page_to_where_she_agrees(county, begun, name, home):
    asked = {"demand": [begun], "key": new_key(), "reason": "布置重了"}
    signed_in_as(county, "王丽").post("/homework/withdraw/", asked)
    page = signed_in_as(county, name)
    said = page.get(home.format(county.schools["青禾县实验小学"].pk)).content.decode()
    assert "撤回要第二个人同意" in said and 'href="/homework/withdrawals/"' in said
    waiting = page.get("/homework/withdrawals/").content.decode()
    assert "布置重了" in waiting and f'name="demand" value="{begun}"' in waiting
    agreed = page.post("/homework/second/", {"demand": [begun], "key": new_key(), "agree": "1"}, follow=True)
    assert agreed.status_code == 200 and "没有等您复核的撤回" in agreed.content.decode()
    assert state_of(county, begun) == "corrected"


def test_her_own_withdrawal_does_not_wait_for_herself(county, posting):
    """李强 is the class teacher too."""
    from django.utils import timezone

    school = county.schools["青禾县实验小学"]
    with as_tenant(county.tenant_id):
        school.attributes["lessons_end"] = "00:00"
        school.save(update_fields=["attributes"])
    made = actions.post_homework(
        county.actor("李强"), posting("李强", "口算一页", 5, day=timezone.localdate()), new_key()
    )
    li = signed_in_as(county, "李强")
    li.post("/homework/withdraw/", {"demand": list(made.demand_ids), "key": new_key(), "reason": "布置重了"})
    assert "布置重了" not in li.get("/homework/withdrawals/").content.decode()
    assert "布置重了" in signed_in_as(county, "赵敏").get("/homework/withdrawals/").content.decode()
