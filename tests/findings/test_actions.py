"""Found, gathered, given to somebody, put right, looked back at by a level above, and handed up when late."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from qingfu.findings import actions, ladder
from qingfu.findings.actions import Unfit
from qingfu.findings.models import Finding, FindingStep
from qingfu.units.actions import add_units
from qingfu.units.models import AuditRecord, Membership
from qingfu.units.queries import Forbidden, system_actor
from qingfu.units.tenancy import as_tenant

TODAY = timezone.localdate()


def steps(county, finding) -> list[str]:
    with as_tenant(county.tenant_id):
        return list(FindingStep.objects.filter(finding=finding).order_by("pk").values_list("what", flat=True))


def end_role(county, role: str) -> None:
    with as_tenant(county.tenant_id):
        Membership.objects.filter(role=role).update(ends=TODAY - timedelta(days=1))


# ---- gathering ----


def test_the_same_limit_over_again_is_gathered_into_the_open_finding(county, over, rows):
    first = over(back=1)
    over(back=2, minutes=80)
    (finding,) = rows(Finding)
    assert finding.pk == first.pk
    assert finding.count == 2 and len(finding.object_ids) == 2
    assert "80" in finding.summary


def test_another_class_is_another_finding(over, rows):
    over("三(1)班")
    over("三(2)班")
    assert len(rows(Finding)) == 2


def test_what_comes_after_it_was_put_right_is_a_new_finding(county, over, rows):
    finding = over(back=2)
    actions.rectify(county.actor("李强"), finding.pk, "周三的练习改到课后服务")
    over(back=1)
    assert [f.state for f in rows(Finding)] == ["rectified", "open"]


def test_two_at_the_same_moment_open_one_finding(county, rows):
    """Without the constraint in the database both would open one."""
    class_, barrier, failures = county.class_("三(1)班"), Barrier(2), []

    def open_it(number: int) -> None:
        try:
            with as_tenant(county.tenant_id):
                barrier.wait(10)
                actor = system_actor(county.tenant_id)
                actions.open_finding(
                    actor, class_, "recorded_over", f"第 {number} 次", limit_id="x", object_ids=[number]
                )
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [Thread(target=open_it, args=[number]) for number in (1, 2)]
    [thread.start() for thread in threads]
    [thread.join(20) for thread in threads]
    assert not failures
    (finding,) = rows(Finding)
    assert sorted(finding.object_ids) == [1, 2]


# ---- who answers ----


def test_the_class_teacher_answers_first(county, over):
    finding = over("三(1)班")
    assert (finding.role, finding.responsible_unit.name, finding.level) == ("class_teacher", "三(1)班", 0)


def test_a_class_without_a_class_teacher_is_the_grade_heads(county, over):
    finding = over("三(2)班")
    assert (finding.role, finding.responsible_unit.name) == ("grade_head", "三年级")


def test_where_nobody_holds_a_rung_the_next_one_answers(county, over):
    """一个人的教学点: a step whose persons coincide collapses."""
    for role in ("class_teacher", "grade_head", "dean"):
        end_role(county, role)
    finding = over("三(1)班")
    assert (finding.role, finding.level) == ("principal", 2)


def test_a_school_without_anybody_is_the_countys(county):
    with as_tenant(county.tenant_id):
        (point,) = add_units(county.unit, [{"kind": "school", "name": "南岭教学点"}])
        office = ladder.answerable(point)
    assert (office.role, office.unit.pk) == ("county_officer", county.unit.pk)


# ---- putting right and looking back ----


def test_the_class_teacher_puts_right_and_the_dean_looks_back(county, over, again):
    finding = over()
    actions.rectify(county.actor("李强"), finding.pk, "和数学商定，周三不留书面作业")
    finding = again(finding)
    assert finding.state == "rectified"
    assert finding.recheck_day == TODAY + timedelta(days=ladder.DAYS_TO_RECHECK)
    assert finding.role == "dean"
    actions.recheck(county.actor("周涛"), finding.pk, kept=True)
    assert again(finding).state == "closed"
    assert steps(county, finding) == ["opened", "rectified", "kept"]


def test_what_comes_back_is_open_again_with_a_new_day(county, over, again, late):
    finding = over()
    late(finding, 3)
    actions.rectify(county.actor("李强"), finding.pk, "已调整")
    actions.recheck(county.actor("周涛"), finding.pk, kept=False, note="第二周周三又多了 10 分钟")
    finding = again(finding)
    assert (finding.state, finding.role) == ("open", "class_teacher")
    assert finding.due_day == TODAY + timedelta(days=ladder.DAYS_TO_RECTIFY)


def test_nobody_looks_back_at_what_her_own_level_put_right(county, over):
    finding = over()
    actions.rectify(county.actor("周涛"), finding.pk, "教务处已和各科说明")
    with pytest.raises(Forbidden):
        actions.recheck(county.actor("周涛"), finding.pk, kept=True)
    actions.recheck(county.actor("孙校长"), finding.pk, kept=True)


def test_again_needs_words(county, over):
    finding = over()
    actions.rectify(county.actor("李强"), finding.pk, "已调整")
    with pytest.raises(Unfit):
        actions.recheck(county.actor("周涛"), finding.pk, kept=False)


def test_a_teacher_to_whom_it_was_given_may_put_it_right(county, over, again):
    finding = over()
    with pytest.raises(Forbidden):
        actions.rectify(county.actor("王丽"), finding.pk, "已调整")
    actions.assign(county.actor("周涛"), finding.pk, county.people["王丽"].pk)
    actions.rectify(county.actor("王丽"), finding.pk, "语文周三只留朗读")
    assert again(finding).state == "rectified"


def test_it_is_given_to_people_of_the_school_only(county, over):
    with pytest.raises(Unfit):
        actions.assign(county.actor("周涛"), over().pk, county.people["何老师"].pk)


def test_no_text_that_leaves_the_school_names_a_person(county, over):
    with pytest.raises(Unfit) as refused:
        actions.rectify(county.actor("李强"), over().pk, "已和王丽谈过")
    assert "王丽" in str(refused.value)


def test_another_schools_leader_sees_nothing_of_it(county, over):
    for act in (
        lambda who, pk: actions.rectify(who, pk, "已调整"),
        lambda who, pk: actions.close(who, pk, "不是问题"),
    ):
        with pytest.raises(Forbidden):
            act(county.actor("吴校长"), over().pk)


def test_it_is_closed_without_a_recheck_only_from_above(county, over, again):
    finding = over()
    with pytest.raises(Forbidden):
        actions.close(county.actor("李强"), finding.pk, "登记错了")
    actions.close(county.actor("周涛"), finding.pk, "登记错了班")
    assert again(finding).state == "closed"


def test_a_closed_finding_takes_no_more(county, over):
    finding = over()
    actions.close(county.actor("周涛"), finding.pk, "登记错了班")
    with pytest.raises(Unfit):
        actions.rectify(county.actor("李强"), finding.pk, "已调整")


def test_every_step_is_in_the_audit_trail(county, over, rows):
    finding = over()
    actions.rectify(county.actor("李强"), finding.pk, "已调整")
    assert [r.action for r in rows(AuditRecord, object_kind="finding", object_id=finding.pk)] == [
        "open_finding", "rectified_finding",
    ]  # fmt: skip


# ---- 三级检查 ----


def test_the_county_enters_what_it_saw_and_the_school_puts_it_right(county):
    school = county.schools["青禾县实验小学"]
    finding = actions.report(county.actor("刘科长"), school.pk, "四年级公示栏缺周二的作业", TODAY + timedelta(days=5))
    assert (finding.role, finding.kind) == ("dean", "check")


def test_two_checks_are_two_findings(county, rows):
    day = TODAY + timedelta(days=5)
    for text in ("公示栏缺周二的作业", "教辅清单没有更新"):
        actions.report(county.actor("周涛"), county.class_("三(1)班").pk, text, day)
    assert len(rows(Finding)) == 2


def test_a_teacher_checks_nobody(county):
    with pytest.raises(Forbidden):
        actions.report(county.actor("王丽"), county.class_("三(1)班").pk, "公示晚了", TODAY)


def test_the_day_to_put_it_right_lies_ahead(county):
    with pytest.raises(Unfit):
        actions.report(county.actor("周涛"), county.class_("三(1)班").pk, "公示晚了", TODAY - timedelta(days=1))


# ---- late ----


@pytest.mark.parametrize(
    "days, role",
    [(0, "class_teacher"), (1, "dean"), (4, "dean"), (5, "principal"), (11, "principal"), (12, "county_officer")],
)
def test_a_late_finding_climbs(county, over, again, late, days, role):
    finding = over()
    late(finding, days)
    actions.climb(county.tenant_id, TODAY)
    assert again(finding).role == role


def test_it_climbs_once_and_says_so(county, over, again, late):
    finding = over()
    late(finding, 2)
    assert actions.climb(county.tenant_id, TODAY) == 1
    assert actions.climb(county.tenant_id, TODAY) == 0
    assert steps(county, finding) == ["opened", "climbed"]
    with as_tenant(county.tenant_id):
        assert "教务主任" in FindingStep.objects.filter(finding=finding).latest("pk").note


def test_climbing_passes_over_an_office_that_nobody_holds(county, over, again, late):
    end_role(county, "dean")
    finding = over()
    late(finding, 1)
    actions.climb(county.tenant_id, TODAY)
    assert again(finding).role == "principal"


def test_what_is_put_right_does_not_climb(county, over, again, late):
    finding = over()
    late(finding, 20)
    actions.rectify(county.actor("李强"), finding.pk, "已调整")
    actions.climb(county.tenant_id, TODAY)
    assert again(finding).role == "dean"


def test_the_ladder_rises_and_everybody_on_it_is_a_role():
    assert [rung.after for rung in ladder.RUNGS] == sorted({rung.after for rung in ladder.RUNGS})
    assert set(ladder.LEVEL_OF) <= {role.value for role in Membership.Role}
