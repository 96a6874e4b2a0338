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
