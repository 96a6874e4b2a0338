"""教辅清单 and 报批: pages of those who lead a school."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from qingfu.homework import actions
from qingfu.homework.models import Material
from qingfu.ledger.actions import publish_pack
from qingfu.ledger.models import Waiver
from qingfu.units.models import Membership
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant
from tests.homework.conftest import new_key
from tests.units.browser import signed_in_as

SCHOOL_PACK = """
[pack]
id = "qh.sy.homework"
level = "school"
title = "作业管理办法"

[documents.banfa]
title = "青禾县实验小学作业管理办法"
issuer = "青禾县实验小学"
issued = 2026-09-01

[[limit]]
id = "qh.sy.written"
title = "每天书面作业总时长"
kind = "homework"
where = { form = "written", required = true }
bearer = "class"
applies = { grades = [3, 4, 5, 6] }
form = "at_most"
measure = "minutes"
window = "school_day"
force = "must"
[[limit.value]]
from = 2026-09-01
cap = 45
document = "banfa"
clause = "第3条"
confidence = "local"
"""


COUNTY_PACK = (
    SCHOOL_PACK.replace("qh.sy", "qh.county").replace('level = "school"', 'level = "county"')
    .replace("青禾县实验小学", "青禾县教育局").replace("cap = 45", "cap = 50")
)  # fmt: skip


@pytest.fixture
def fifty(county):
    """The county's own rule for all its schools: 50 minutes."""
    return publish_pack(county.actor("管理员"), county.unit.pk, COUNTY_PACK)


@pytest.fixture
def forty_five(county):
    """The school's own rule: 45 minutes."""
    school = county.schools["青禾县实验小学"]
    return publish_pack(county.actor("孙校长"), school.pk, SCHOOL_PACK)


def material(**more) -> dict:
    return {"name": "小学生字帖", "subject": "语文", "grade": "3", "starts": "2026-09-01", "ends": "", **more}


def test_the_dean_lists_material(county):
    zhou = signed_in_as(county, "周涛")
    zhou.post("/homework/materials/", material())
    said = zhou.get("/homework/materials/").content.decode()
    assert "小学生字帖" in said
    with as_tenant(county.tenant_id):
        assert Material.objects.get().school == county.schools["青禾县实验小学"]


def test_the_same_twice_is_said_and_stored_once(county):
    zhou = signed_in_as(county, "周涛")
    zhou.post("/homework/materials/", material())
    assert "已经在清单里" in zhou.post("/homework/materials/", material()).content.decode()
    with as_tenant(county.tenant_id):
        assert Material.objects.count() == 1


@pytest.mark.parametrize(
    "bad", [{"name": ""}, {"name": "长" * 61}, {"grade": "13"}, {"starts": "2026-13-01"}, {"ends": "2020-01-01"}]
)
def test_bad_input_is_answered_beside_its_field(county, bad):
    said = signed_in_as(county, "周涛").post("/homework/materials/", material(**bad)).content.decode()
    assert "field-error" in said
    with as_tenant(county.tenant_id):
        assert not Material.objects.exists()


def test_taking_off_the_list_removes_nothing(county):
    zhou = signed_in_as(county, "周涛")
    zhou.post("/homework/materials/", material())
    with as_tenant(county.tenant_id):
        pk = Material.objects.get().pk
    zhou.post(f"/homework/materials/{pk}/end/")
    with as_tenant(county.tenant_id):
        assert Material.objects.get().ends == timezone.localdate()


@pytest.mark.parametrize("name", ["王丽", "赵敏", "刘科长"])
def test_the_list_is_for_those_who_lead_the_school(county, name):
    assert signed_in_as(county, name).get("/homework/materials/").status_code == 403


def test_the_principal_of_another_school_cannot_end_it(county):
    school = county.schools["青禾县实验小学"]
    made = actions.list_material(county.actor("周涛"), school, "字帖", "语文", 3, timezone.localdate())
    with pytest.raises(Forbidden):
        actions.unlist_material(county.actor("吴校长"), made.pk, timezone.localdate())


# ---- 报批 ----


def waiver(county, evening, **more) -> dict:
    return {
        "class_id": county.class_("三(1)班").pk, "limit_id": "qh.sy.written", "starts": evening, "ends": evening,
        "extra": "10", "office": "校长室", "reason": "期中讲评后补一次练习", "expires": evening, **more,
    }  # fmt: skip


def test_a_refusal_under_the_schools_rule_names_who_may_grant(county, forty_five, posting):
    from tests.homework.test_today import fields_of

    wang = signed_in_as(county, "王丽")
    check = wang.post("/homework/read/", {"text": "写一篇作文，50分钟", "to": "grade-3"})
    said = wang.post("/homework/post/", fields_of(check)).content.decode()
    assert "孙校长（校长）" in said
    assert "青禾县实验小学作业管理办法" in said
    assert "第3条" in said


def refusal(county, text: str) -> str:
    """The page that 王丽 gets for a message to both of her classes."""
    from tests.homework.test_today import fields_of

    wang = signed_in_as(county, "王丽")
    check = wang.post("/homework/read/", {"text": text, "to": "grade-3"})
    return wang.post("/homework/post/", fields_of(check)).content.decode()


def test_a_rule_of_the_county_is_lifted_by_the_county_and_the_page_names_no_principal(county, fifty):
    said = refusal(county, "写一篇作文，55分钟")
    assert "青禾县教育局作业管理办法" in said
    assert "管理员（县级管理员）" in said and "孙校长" not in said
    offered = signed_in_as(county, "孙校长").get("/homework/waivers/").content.decode()
    assert "qh.county.written" not in offered
    primary = county.schools["青禾县实验小学"].pk
    of_the_school = signed_in_as(county, "管理员").get(f"/homework/waivers/?school={primary}").content.decode()
    assert "qh.county.written" in of_the_school


def test_where_nobody_holds_that_right_the_page_says_so_and_calls_no_local_rule_national(county, forty_five):
    with as_tenant(county.tenant_id):
        Membership.objects.filter(role__in=("principal", "county_admin")).delete()
    said = refusal(county, "写一篇作文，50分钟")
    assert "现在学校和县里没有人能批准超出这一条" in said and "国家规定，任何人" not in said


def test_a_national_rule_says_that_nobody_may(county):
    assert "这一条是国家规定，任何人都不能批准超出。" in refusal(county, "写一篇作文，65分钟")


def test_a_general_rule_asks_for_a_reason_and_says_nothing_of_waivers(county):
    publish_pack(
        county.actor("孙校长"), county.schools["青禾县实验小学"].pk, SCHOOL_PACK.replace('"must"', '"general"')
    )
    said = refusal(county, "写一篇作文，50分钟")
    assert "写明理由，公示" in said and "批准" not in said


def test_a_rule_that_counts_pieces_is_told_in_pieces(county, posting):
    counted = SCHOOL_PACK.replace('form = "at_most"\nmeasure = "minutes"', 'form = "count_at_most"')
    pack = counted.replace("cap = 45", "cap = 1").replace("每天书面作业总时长", "每天书面作业的科数")
    publish_pack(county.actor("孙校长"), county.schools["青禾县实验小学"].pk, pack)
    assert actions.post_homework(county.actor("李强"), posting("李强", "口算", 5), new_key()).ok
    said = refusal(county, "抄写词语，5分钟")
    assert "还剩 0 次，这次要 1 次" in said
    assert "分钟就放得下" not in said and "让 " not in said


def test_a_county_chooses_the_school_first(county, fifty, evening):
    admin = signed_in_as(county, "管理员")
    junior = county.schools["青禾县第一中学"].pk
    assert "七(1)班" in admin.get(f"/homework/waivers/?school={junior}").content.decode()
    primary = county.schools["青禾县实验小学"].pk
    said = admin.get(f"/homework/waivers/?school={primary}").content.decode()
    assert "三(1)班" in said and "七(1)班" not in said
    sent = waiver(county, evening, limit_id="qh.county.written")
    assert admin.post(f"/homework/waivers/?school={primary}", sent).status_code == 302
    with as_tenant(county.tenant_id):
        assert Waiver.objects.get().limit_id == "qh.county.written"


def test_the_principal_grants_and_it_fits_but_never_past_the_national_rule(county, forty_five, posting, evening):
    sun = signed_in_as(county, "孙校长")
    assert actions.post_homework(county.actor("王丽"), posting("王丽", "作文", 50), new_key()).outcome == "refused"
    assert sun.post("/homework/waivers/", waiver(county, evening, extra="100")).status_code == 302
    assert actions.post_homework(county.actor("王丽"), posting("王丽", "作文", 50), new_key()).ok
    assert actions.post_homework(county.actor("李强"), posting("李强", "口算", 11), new_key()).outcome == "refused"


def test_national_rules_are_not_offered(county, forty_five, evening):
    sun = signed_in_as(county, "孙校长")
    said = sun.get("/homework/waivers/").content.decode()
    assert "qh.sy.written" in said
    assert "cn.homework.written" not in said
    sun.post("/homework/waivers/", waiver(county, evening, limit_id="cn.homework.written.g3-6"))
    with as_tenant(county.tenant_id):
        assert not Waiver.objects.exists()


def test_a_waiver_is_taken_back(county, forty_five, evening):
    sun = signed_in_as(county, "孙校长")
    sun.post("/homework/waivers/", waiver(county, evening))
    with as_tenant(county.tenant_id):
        pk = Waiver.objects.get().pk
    sun.post(f"/homework/waivers/{pk}/revoke/")
    assert "已收回" in sun.get("/homework/waivers/").content.decode()


@pytest.mark.parametrize("bad", [{"reason": ""}, {"extra": "-1"}, {"ends": "2020-01-01"}, {"class_id": "999999"}])
def test_a_waiver_without_reason_or_with_odd_days_is_answered(county, forty_five, evening, bad):
    said = signed_in_as(county, "孙校长").post("/homework/waivers/", waiver(county, evening, **bad)).content.decode()
    assert "field-error" in said


@pytest.mark.parametrize("name", ["王丽", "周涛", "赵敏", "刘科长"])
def test_granting_is_for_the_principal(county, name):
    assert signed_in_as(county, name).get("/homework/waivers/").status_code == 403


def test_a_principal_grants_only_in_her_school(county, forty_five, evening):
    wu = signed_in_as(county, "吴校长")
    wu.post("/homework/waivers/", waiver(county, evening))
    with as_tenant(county.tenant_id):
        assert not Waiver.objects.exists()


def test_an_expired_day_says_so(county, forty_five, evening):
    yesterday = timezone.localdate() - timedelta(days=1)
    said = signed_in_as(county, "孙校长").post("/homework/waivers/", waiver(county, evening, expires=yesterday))
    assert "失效日期已经过了" in said.content.decode()
