"""Verb × role, as one table; and what every role sees, on rows and counts."""

import pytest

from qingfu.units.models import Membership, Unit
from qingfu.units.permissions import ADMINISTERING, ADMINISTRATORS, GRANTS, ON_SCREENS, RECOVERED_UNDER, TITLES
from qingfu.units.queries import (
    Actor,
    Forbidden,
    Post,
    may,
    one_in_scope,
    person_in_scope,
    schools,
    scope,
    sizes,
    who_may,
)
from qingfu.units.tenancy import as_tenant
from tests.factories import make_county

ROLES = (
    "teacher", "class_teacher", "grade_head", "dean", "principal", "county_officer", "county_admin",
    "clerk", "office_head", "two_offices", "inspection_planner", "village", "relief_team",
)  # fmt: skip

#        teacher class grade dean principal officer admin | clerk head two_offices planner village relief_team
TABLE = {
    "see_class":            "xxxxxxx ------",
    "see_grade":            "--xxxxx ------",
    "see_school":           "---xxxx ------",
    "see_county":           "-----xx ------",
    "see_family_counts":    "-x----- ------",
    "see_refusal_counts":   "---xxxx ------",
    "see_audit":            "----x-x ------",
    "post_homework":        "x------ ------",
    "propose_changes":      "-xxxx-- ------",
    "second_withdrawal":    "-xxxx-- --x---",
    "grant_waiver":         "----x-x ------",
    "publish_pack":         "----x-x ------",
    "change_calendar":      "----x-x ------",
    "list_materials":       "---xx-- ------",
    "print_links":          "-x-xx-x ------",
    "print_family_slips":   "---xx-x ------",
    "see_findings":         "-xxxxxx xxx---",
    "rectify":              "-xxxx-- -x----",
    "open_finding":         "--xxxxx ------",
    "recheck":              "---xxxx --x---",
    "approve_plan":         "--xx--- ------",
    "review_report":        "xxxxxxx xx----",
    "compose_report":       "---xxxx xx----",
    "check_report":         "---xxxx -x----",
    "sign_report":          "----x-x -x----",
    "spare_report":         "---xxxx xx----",
    "join_families":        "---xx-x ------",
    "cut_off":              "---xx-x ------",
    "issue_passwords":      "---xx-x ------",
    "recover_deans":        "----x-x ------",
    "manage_people":        "------x ------",
    "import_workbook":      "------x ------",
    "promote_grades":       "------x ------",
    "close_term":           "------x ------",
    "export_lake":          "------x ------",
    "import_records":       "---xx-x xx----",
    "see_office":           "------- xxxx-x",
    "see_below":            "---xx-- xxxxxx",
    "post_document":        "------- xx----",
    "approve_document":     "------- -x----",
    "post_meeting":         "------- xx----",
    "post_visit":           "------- xx----",
    "post_form":            "------- xx----",
    "answer_forms":         "---xx-- xx--x-",
    "post_creation":        "------- xx----",
    "register_channel":     "------- xx----",
    "register_secondment":  "------- xx----",
    "hand_down":            "------- xx----",
    "count_cases":          "---xx-- xx----",
    "record_blame":         "------- --x---",
    "review_office_waiver": "------- --x---",
    "keep_inspection_plan": "------- ---x--",
    "complain":             "---xx-- ----x-",
    "handle_complaints":    "------- -----x",
    "freeze_baselines":     "----x-x --x---",
}  # fmt: skip


@pytest.fixture(scope="module")
def county(cluster):
    """One for all: these tests only read."""
    return make_county()


def test_the_table_is_complete_and_every_verb_has_words():
    assert set(TABLE) == set(GRANTS) == set(TITLES)
    assert set(ROLES) == {role.value for role in Membership.Role}


@pytest.mark.parametrize("verb", TABLE)
def test_who_may(verb):
    assert [role in GRANTS[verb] for role in ROLES] == [mark == "x" for mark in TABLE[verb].replace(" ", "")]


def test_no_verb_ranks_and_none_opens_a_teachers_factor():
    assert not any(word in verb for verb in GRANTS for word in ("rank", "factor", "compare", "score"))


def test_who_administers_signs_in_with_a_code_and_has_no_rights_on_classroom_computers():
    assert set(GRANTS) >= ADMINISTERING and not ADMINISTRATORS & ON_SCREENS
    assert {"dean", "principal", "county_admin", "office_head", "two_offices"} == ADMINISTRATORS
    assert set(RECOVERED_UNDER) <= ADMINISTRATORS


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("verb", TABLE)
def test_a_role_holds_at_its_unit_and_below_and_nowhere_else(county, verb, role):
    """The same answer from may(), one_in_scope() and scope(), for one unit, for rows and for counts."""
    with as_tenant(county.tenant_id):
        school, other = county.schools.values()
        actor = Actor(county.tenant_id, 1, "", None, (Post(role, school.pk, school.path, school.kind),))
        granted = role in GRANTS[verb]
        inside = set(Unit.objects.filter(path__range=(school.path, school.path_end)).values_list("pk", flat=True))
        assert set(scope(actor, verb).values_list("pk", flat=True)) == (inside if granted else set())
        assert scope(actor, verb).count() == (len(inside) if granted else 0)
        for unit, expected in ((school, granted), (county.class_("三(1)班"), granted), (other, False),
                               (county.unit, False),
                               (county.class_("七(1)班", other.name), False)):  # fmt: skip
            assert may(actor, verb, unit) is expected
            if expected:
                assert one_in_scope(actor, verb, unit.pk) == unit
            else:
                with pytest.raises(Forbidden):
                    one_in_scope(actor, verb, unit.pk)


def test_a_refusal_is_a_sentence_for_people(county):
    assert "“发布作业公示”" in str(Forbidden("post_homework")) and "post_homework" not in str(
        Forbidden("post_homework")
    )


def test_a_person_of_another_school_is_as_absent_as_nobody(county):
    with as_tenant(county.tenant_id):
        dean = county.actor("周涛")
        assert person_in_scope(dean, "cut_off", county.people["王丽"].pk).name == "王丽"
        said = set()
        for person_id in (county.people["何老师"].pk, 10**12):
            with pytest.raises(Forbidden) as refusal:
                person_in_scope(dean, "cut_off", person_id)
            said.add(str(refusal.value))
        assert len(said) == 1


def test_the_list_of_schools_and_its_counts_stay_in_scope(county):
    with as_tenant(county.tenant_id):
        primary, junior = county.schools.values()
        admin, principal = county.actor("管理员"), county.actor("孙校长")
        assert set(schools(admin, "see_school")) == {primary, junior} and list(schools(principal, "see_school")) == [
            primary
        ]
        assert sizes(schools(admin, "see_school")) == {
            primary.pk: {"classes": 12, "seats": 540, "people": 6},
            junior.pk: {"classes": 6, "seats": 300, "people": 2},
        }  # fmt: skip
        assert list(schools(county.actor("王丽"), "see_school")) == []


@pytest.mark.parametrize("search, found", [
    ("实验", 1), ("青禾", 2), ("shiyan", 1), ("qinghexian", 2), ("中学", 1), ("不存在", 0), ("%", 0), ("'; --", 0),
])  # fmt: skip
def test_schools_are_found_by_name_code_and_pinyin(county, search, found):
    with as_tenant(county.tenant_id):
        assert schools(county.actor("管理员"), "see_school", search).count() == found


def test_who_may_is_asked_from_the_nearest_unit_up(county):
    with as_tenant(county.tenant_id):
        found = [row.person.name for row in who_may("propose_changes", county.class_("三(1)班"))]
        assert found[:2] == ["李强", "赵敏"] and set(found) == {"李强", "赵敏", "周涛", "孙校长"}
