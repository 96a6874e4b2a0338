"""Taking a workbook: what would change, what does change, the second time, and with faults."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from qingfu.units.actions import (
    NotReady,
    discard_upload,
    forget_uploads,
    import_workbook,
    take_upload,
    upload_workbook,
)
from qingfu.units.models import AuditRecord, Group, Membership, Person, Unit, Upload
from qingfu.units.queries import Forbidden, may, operator_actor
from qingfu.units.tenancy import as_tenant
from qingfu.units.workbook.plan import make_plan
from qingfu.units.workbook.reading import read_workbook
from tests.factories import make_county
from tests.units.books import book, small_county

TERM = date(2026, 9, 1)


def plan_of(county, sheets, **options):
    with as_tenant(county.tenant_id):
        return make_plan(read_workbook(book(sheets)), county.unit, TERM, **options)


def take(county, sheets, **options):
    with as_tenant(county.tenant_id):
        return import_workbook(county.actor("管理员"), county.unit, book(sheets), TERM, **options)


def counted(plan) -> dict:
    return {sheet: kinds for sheet, kinds in plan.counts().items() if kinds}


def faults(plan) -> list[tuple[str, str]]:
    return [(f"{problem.sheet}!{problem.place}", problem.text) for problem in plan.problems]


def stored(county) -> tuple[int, ...]:
    with as_tenant(county.tenant_id):
        return tuple(model.objects.count() for model in (Unit, Person, Membership, Group))


@pytest.fixture
def sheets(fresh_county):
    return small_county(str(fresh_county.tenant_id))


# ---- the good workbook ----


def test_the_preview_says_what_will_be_added_and_adds_nothing(fresh_county, sheets):
    before = stored(fresh_county)
    plan = plan_of(fresh_county, sheets)
    assert counted(plan) == {
        "学校": {"new": 2},
        "年级班级": {"new": 6},
        "人员": {"new": 4},
        "任课": {"new": 13},
    }
    assert not plan.problems and stored(fresh_county) == before


def test_what_was_previewed_is_stored(fresh_county, sheets):
    take(fresh_county, sheets)
    with as_tenant(fresh_county.tenant_id):
        town = Unit.objects.get(name="清水镇中心小学")
        assert town.attributes == {
            "grades": [1, 2, 3, 4, 5, 6],
            "stage": "primary",
            "boarding": True,
            "teaching_point": False,
        }
        classes = Unit.objects.filter(kind="class", path__range=(town.path, town.path_end)).order_by("path")
        assert [(c.name, c.grade, c.number, c.seats, c.entered) for c in classes] == [
            ("三(1)班", 3, 1, 45, 2024), ("雏鹰班", 3, 2, 44, 2024), ("四(1)班", 4, 1, 47, 2023),
        ]  # fmt: skip
        wangli = Person.objects.get(account="wangli", unit=town)
        assert {(m.role, m.unit.name, m.subject) for m in wangli.memberships.select_related("unit")} == {
            ("teacher", "三(1)班", "语文"), ("teacher", "雏鹰班", "语文"), ("class_teacher", "三(1)班", ""),
            ("grade_head", "三年级", ""),
        }  # fmt: skip
        assert wangli.password == "" and wangli.must_change_password


def test_a_class_of_several_grades_is_one_class_a_grade_and_a_group_over_them(fresh_county, sheets):
    take(fresh_county, sheets)
    with as_tenant(fresh_county.tenant_id):
        group = Group.objects.get(combined=True)
        assert group.name == "一、二、三年级复式(1)班" and group.school.name == "柳湾教学点"
        assert [(c.grade, c.seats) for c in group.classes.order_by("grade")] == [(1, 6), (2, 5), (3, 7)]
        liu = Person.objects.get(account="liushifu")
        assert liu.memberships.count() == 9  # three grades, three subjects: 包班


def test_a_five_four_school_ends_its_primary_stage_with_grade_five(fresh_county):
    code = f"F{fresh_county.tenant_id}"
    take(fresh_county, {
        "学校": [(code, "城南五四学校", "1-9", "五四制", "", ""), (code + "P", "城南小学", "1-5", "五四制", "", "")],
        "年级班级": [(code, 6, 1, "", 50), (code + "P", 5, 1, "", 40)],
    })  # fmt: skip
    with as_tenant(fresh_county.tenant_id):
        assert Unit.objects.get(code=code).attributes["stage"] == "nine_year"
        assert Unit.objects.get(code=code + "P").attributes["stage"] == "primary"
        six = Unit.objects.get(kind="class", name="六(1)班", path__startswith=Unit.objects.get(code=code).path)
        assert six.entered == 2026  # grade 6 is the first of the junior stage


def test_the_same_workbook_again_changes_nothing(fresh_county, sheets):
    take(fresh_county, sheets)
    after = stored(fresh_county)
    plan = take(fresh_county, sheets)
    assert plan.is_empty and stored(fresh_county) == after
    assert set(counted(plan)["任课"]) == {"same"}


def test_a_changed_workbook_changes_only_what_changed(fresh_county, sheets):
    take(fresh_county, sheets)
    town = sheets["学校"][0][0]
    sheets["学校"][0] = (town, "清水镇第一小学", "1-6", "六三制", "是", "否")
    sheets["年级班级"][0] = (town, 3, 1, "", 46)
    sheets["人员"][0] = (town, "wangli", "王莉", "")
    plan = take(fresh_county, sheets)
    changed = [(change.sheet, change.detail) for change in plan.changes if change.kind == "changed"]
    assert changed == [
        ("学校", "名称：清水镇中心小学 → 清水镇第一小学"), ("年级班级", "人数：45 → 46"), ("人员", "名称：王丽 → 王莉"),
    ]  # fmt: skip
    with as_tenant(fresh_county.tenant_id):
        person = Person.objects.get(account="wangli", unit__code=town)
        assert (person.name, person.pinyin) == ("王莉", "wang li")


def test_sheets_may_come_one_after_the_other(fresh_county, sheets):
    take(fresh_county, {"学校": sheets["学校"], "年级班级": sheets["年级班级"]})
    take(fresh_county, {"人员": sheets["人员"]})
    assert counted(take(fresh_county, {"任课": sheets["任课"]})) == {"任课": {"new": 13}}


def test_teaching_that_is_not_in_the_sheet_stays_unless_told(fresh_county, sheets):
    take(fresh_county, sheets)
    kept = sheets["任课"][1:]
    assert counted(plan_of(fresh_county, {"任课": kept})) == {"任课": {"same": 11}}
    plan = take(fresh_county, {"任课": kept}, end_missing=True)
    assert counted(plan) == {"任课": {"same": 11, "ended": 2}}
    with as_tenant(fresh_county.tenant_id):
        ended = Membership.objects.filter(ends=TERM - timedelta(days=1))
        assert {(m.person.account, m.subject) for m in ended} == {("wangli", "语文")}
        assert not Membership.objects.filter(person=fresh_county.people["李强"]).exclude(ends=None).exists()


def test_county_staff_come_from_the_workbook_too(fresh_county):
    code = fresh_county.unit.code
    take(fresh_county, {"人员": [(code, "zhaokz", "赵科长", "教育局业务科室")]})
    with as_tenant(fresh_county.tenant_id):
        assert Membership.objects.get(person__account="zhaokz").role == "county_officer"


# ---- faults across rows ----


def test_faults_between_rows_are_told_with_their_place(fresh_county, sheets):
    town, village = sheets["学校"][0][0], sheets["学校"][1][0]
    sheets["学校"] += [(town, "重名小学", "1-6", "", "", "")]
    sheets["年级班级"] += [
        (town, 7, 1, "", 40), (town, 3, 1, "", 40), ("NOSUCH", 3, 1, "", 40), (village, "1、2", 2, "", 9),
    ]  # fmt: skip
    sheets["人员"] += [
        (town, "WANGLI", "王立", ""), (town, "x1", "甲", "县级管理员"), (fresh_county.unit.code, "x2", "乙", "校长"),
    ]  # fmt: skip
    sheets["任课"] += [
        (town, "nobody", "任课教师", 3, 1, "数学"), (town, "wangli", "任课教师", 5, 1, "数学"),
        (town, "wangli", "任课教师", 3, 1, ""), (town, "wangli", "班主任", 3, "", ""),
        (town, "wangli", "班主任", 3, 1, ""),
    ]  # fmt: skip
    assert [(place, text[:13]) for place, text in faults(plan_of(fresh_county, sheets))] == [
        ("学校!A4", "和第 2 行重复。请删掉一"),
        ("年级班级!B6", "这所学校是 1-6 年级，"),
        ("年级班级!C7", "和第 2 行是同一个班。请"),
        ("年级班级!A8", "“学校”表里没有代码 NO"),
        ("年级班级!E9", "复式班的人数要按年级分开写"),
        ("人员!B5", "和第 2 行重复。请删掉一"),
        ("人员!D6", "这个职务在县里，学校代码请"),
        ("人员!D7", "这个职务在学校里，请填那里"),
        ("任课!B6", "“人员”表里没有这个账号（"),
        ("任课!D7", "“年级班级”表里没有五(1"),
        ("任课!F8", "任课教师要写学科。"),
        ("任课!E9", "要写班号；几个班一起写，如"),
        ("任课!B10", "和第 3 行重复。请删掉一"),
    ]


def test_a_code_of_another_county_is_told_without_telling_whose(fresh_county):
    other = make_county()
    code = other.schools["青禾县实验小学"].code
    [(place, text)] = faults(plan_of(fresh_county, {"学校": [(code, "我县小学", "1-6", "", "", "")]}))
    assert place == "学校!A2" and "已被别的县使用" in text and "青禾" not in text


def test_a_code_that_is_no_school_is_told(fresh_county):
    [(_place, text)] = faults(plan_of(fresh_county, {"学校": [(fresh_county.unit.code, "某校", "1-6", "", "", "")]}))
    assert "不是学校" in text


def test_with_one_fault_nothing_is_stored(fresh_county, sheets):
    before = stored(fresh_county)
    sheets["人员"].append((sheets["学校"][0][0], "王", "王丽", ""))
    with pytest.raises(NotReady) as refusal:
        take(fresh_county, sheets)
    assert len(refusal.value.plan.problems) == 1 and stored(fresh_county) == before


def test_the_good_rows_are_taken_without_the_bad_when_told(fresh_county, sheets):
    sheets["人员"].append((sheets["学校"][0][0], "王", "王丽", ""))
    sheets["学校"][1] = (sheets["学校"][1][0], "柳湾教学点", "高一", "", "", "")
    plan = take(fresh_county, sheets, skip_bad=True)
    with as_tenant(fresh_county.tenant_id):
        assert Unit.objects.filter(name="清水镇中心小学").exists()
        assert not Unit.objects.filter(name="柳湾教学点").exists()
        assert AuditRecord.objects.get(action="import_workbook").detail["left_out"] == plan.bad_rows == 5


def test_an_error_in_the_middle_leaves_nothing_half_stored(fresh_county, sheets, monkeypatch):
    from qingfu.units.actions import workbook

    before = stored(fresh_county)
    monkeypatch.setattr(workbook, "_store_people", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take(fresh_county, sheets)
    assert stored(fresh_county) == before


# ---- who, and the file in between ----


@pytest.mark.parametrize("name", ["王丽", "周涛", "孙校长", "刘科长"])
def test_only_the_administrator_of_the_county_imports(fresh_county, sheets, name):
    with as_tenant(fresh_county.tenant_id):
        for action in (lambda a: upload_workbook(a, fresh_county.unit, "a.xlsx", book(sheets)),
                       lambda a: import_workbook(a, fresh_county.unit, book(sheets), TERM)):  # fmt: skip
            with pytest.raises(Forbidden):
                action(fresh_county.actor(name))


def test_the_file_is_kept_until_go_on_and_no_longer(fresh_county, sheets):
    with as_tenant(fresh_county.tenant_id):
        admin = fresh_county.actor("管理员")
        upload = upload_workbook(admin, fresh_county.unit, "开学.xlsx", book(sheets))
        take_upload(admin, fresh_county.unit, upload, TERM)
        assert not Upload.objects.exists()
        with pytest.raises(Upload.DoesNotExist):  # a second tap
            take_upload(admin, fresh_county.unit, upload, TERM)


def test_a_file_that_nobody_went_on_with_is_gone_after_a_day(fresh_county, sheets):
    with as_tenant(fresh_county.tenant_id):
        upload_workbook(fresh_county.actor("管理员"), fresh_county.unit, "a.xlsx", book(sheets))
        now = timezone.now()
        assert forget_uploads(now - timedelta(days=1)) == 0
        assert forget_uploads(now + timedelta(seconds=1)) == 1


def test_somebody_elses_upload_is_not_mine_to_take_or_drop(fresh_county, sheets):
    with as_tenant(fresh_county.tenant_id):
        upload = upload_workbook(fresh_county.actor("管理员"), fresh_county.unit, "a.xlsx", book(sheets))
        operator = operator_actor(fresh_county.unit)
        for action in (
            lambda: discard_upload(operator, upload),
            lambda: take_upload(operator, fresh_county.unit, upload, TERM),
        ):
            with pytest.raises(Forbidden):
                action()


def test_the_operator_at_the_machine_may_import(fresh_county, sheets):
    with as_tenant(fresh_county.tenant_id):
        assert may(operator_actor(fresh_county.unit), "import_workbook", fresh_county.unit)
        import_workbook(operator_actor(fresh_county.unit), fresh_county.unit, book(sheets), TERM)
        assert AuditRecord.objects.get(action="import_workbook").actor_id is None


# ---- size ----


def test_a_county_of_120_schools_is_taken_with_few_statements(fresh_county):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    serial = fresh_county.tenant_id
    codes = [f"S{serial}-{n}" for n in range(120)]
    sheets = {
        "学校": [(code, f"第{n}小学", "1-6", "", "", "") for n, code in enumerate(codes)],
        "年级班级": [(code, grade, number, "", 45) for code in codes for grade in range(1, 7) for number in (1, 2)],
        "人员": [(code, f"t{n}", f"教师{n}", "") for code in codes for n in range(30)],
        "任课": [(code, f"t{n}", "任课教师", n % 6 + 1, "1、2", "数学") for code in codes for n in range(30)],
    }
    with CaptureQueriesContext(connection) as queries:
        plan = take(fresh_county, sheets)
    assert not plan.problems
    assert counted(plan) == {
        "学校": {"new": 120}, "年级班级": {"new": 1440}, "人员": {"new": 3600}, "任课": {"new": 7200},
    }  # fmt: skip
    assert len(queries) < 120


OFFICES = {
    "单位": [
        ("{c}A", "县农业农村局", "局", ""), ("{c}B1", "柳湾村", "村（社区）", "{c}B"),
        ("{c}B", "清水镇人民政府", "乡镇（街道）", ""), ("{c}A1", "综合科", "科室", "{c}A"),
    ],
    "人员": [
        ("{c}A", "wangwen", "王文", "文秘"), ("{c}B1", "liucun", "柳村长", "村（社区）干部"),
        ("{c}", "liangban", "周审", "两办审核"),
    ],
}  # fmt: skip


def offices_book(code: str, **changed) -> bytes:
    sheets = {**OFFICES, **changed}
    return book({name: [tuple(cell.format(c=code) for cell in row) for row in rows] for name, rows in sheets.items()})


def test_bureaus_townships_offices_and_villages_come_with_their_people_and_only_once(fresh_county):
    code, admin = fresh_county.unit.code, fresh_county.actor("管理员")
    with as_tenant(fresh_county.tenant_id):
        import_workbook(admin, fresh_county.unit, offices_book(code), TERM)
        village = Unit.objects.get(code=f"{code}B1")
        assert village.kind == "village" and Unit.objects.get_parent(village).name == "清水镇人民政府"
        assert Unit.objects.get_parent(Unit.objects.get(code=f"{code}A1")).name == "县农业农村局"
        roles = set(Membership.objects.filter(person__account__in=("wangwen", "liucun", "liangban")).values_list(
            "unit__code", "role"))  # fmt: skip
        assert roles == {(f"{code}A", "clerk"), (f"{code}B1", "village"), (code, "two_offices")}
        assert import_workbook(admin, fresh_county.unit, offices_book(code), TERM).is_empty


@pytest.mark.parametrize("sheet, row, place", [
    ("单位", ("{c}X", "无主村", "村（社区）", ""), "D2"),
    ("单位", ("{c}X", "某局", "局", "{c}01"), "D2"),
    ("人员", ("{c}", "somebody", "某人", "文秘长"), "D2"),
    ("人员", ("{c}01", "somebody", "某人", "村（社区）干部"), "D2"),
])  # fmt: skip
def test_an_office_in_the_wrong_place_is_told_with_its_cell(fresh_county, sheet, row, place):
    with as_tenant(fresh_county.tenant_id), pytest.raises(NotReady) as refusal:
        data = offices_book(fresh_county.unit.code, **{"单位": [], "人员": [], sheet: [row]})
        import_workbook(fresh_county.actor("管理员"), fresh_county.unit, data, TERM)
    assert [(one.sheet, one.place) for one in refusal.value.plan.problems] == [(sheet, place)]


# ---- what the planner knows ----


def times_told() -> int:
    """How often the planner was told what the people are; autovacuum, which counts apart, tells it in its own time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT analyze_count FROM pg_stat_user_tables WHERE relname = 'units_person'")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("teachers, told", [(600, 1), (20, 0)])
def test_the_planner_is_told_of_a_large_import(fresh_county, sheets, teachers, told):
    code = sheets["学校"][0][0]
    sheets["人员"] += [(code, f"many{n}", f"教师{n}", "") for n in range(teachers)]
    before = times_told()
    take(fresh_county, sheets)
    assert times_told() - before == told
