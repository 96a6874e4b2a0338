"""What each role may see and do: the answers of the one scope function."""

import pytest

from qingfu.units.models import Unit
from qingfu.units.queries import Forbidden, may, one_in_scope, require, scope
from qingfu.units.tenancy import as_tenant


def names(units) -> set[str]:
    return {unit.name for unit in units if unit.kind == "class"}


def test_a_teacher_sees_her_classes_and_no_others(fresh_county):
    with as_tenant(fresh_county.tenant_id):
        assert names(scope(fresh_county.actor("王丽"), "see_class")) == {"三(1)班", "三(2)班"}


def test_a_grade_head_sees_her_grade(fresh_county):
    with as_tenant(fresh_county.tenant_id):
        assert names(scope(fresh_county.actor("赵敏"), "see_grade")) == {"三(1)班", "三(2)班"}


def test_a_principal_sees_the_school_and_not_the_other_school(fresh_county):
    with as_tenant(fresh_county.tenant_id):
        actor = fresh_county.actor("孙校长")
        assert len(names(scope(actor, "see_school"))) == 12
        assert not may(actor, "see_school", fresh_county.schools["青禾县第一中学"])


def test_the_county_sees_every_class(fresh_county):
    with as_tenant(fresh_county.tenant_id):
        assert len(names(scope(fresh_county.actor("刘科长"), "see_class"))) == 18


def test_capture_is_apart_from_view(fresh_county):
    """A principal sees every class and sets homework in none."""
    with as_tenant(fresh_county.tenant_id):
        assert not scope(fresh_county.actor("孙校长"), "post_homework").exists()
        with pytest.raises(Forbidden):
            require(fresh_county.actor("孙校长"), "post_homework", fresh_county.class_("三(1)班"))


def test_a_unit_out_of_scope_and_a_unit_that_is_not_there_answer_alike(fresh_county):
    with as_tenant(fresh_county.tenant_id):
        actor = fresh_county.actor("王丽")
        with pytest.raises(Forbidden) as foreign:
            one_in_scope(actor, "see_class", fresh_county.class_("四(1)班").pk)
        with pytest.raises(Forbidden) as absent:
            one_in_scope(actor, "see_class", 10**12)
    assert str(foreign.value) == str(absent.value)


def test_another_county_is_not_there(fresh_county):
    from tests.factories import make_county

    other = make_county()
    with as_tenant(fresh_county.tenant_id):
        assert not Unit.objects.filter(pk=other.class_("三(1)班").pk).exists()
        assert Unit.objects.filter(kind="class").count() == 18
