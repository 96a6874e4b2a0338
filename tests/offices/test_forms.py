"""报表: what is known is not asked again, what is left is asked once, and what is given reaches all who asked."""

import io
from datetime import date, timedelta

import pytest
import xlsxwriter
from django.utils import timezone
from python_calamine import CalamineWorkbook

from qingfu.ledger.actions import KeyReused
from qingfu.ledger.queries import calendar_for
from qingfu.offices import actions
from qingfu.offices.actions import BadFigures, NotInPlace
from qingfu.offices.fields import FieldProblem, checked, fields_of_text, fields_of_workbook
from qingfu.offices.models import DataForm, Figure
from qingfu.offices.queries import forms as queries
from qingfu.offices.verdicts import said
from qingfu.offices.workbooks import write_form
from qingfu.units.queries import Forbidden
from qingfu.units.tenancy import as_tenant
from tests.offices.conftest import asking, new_key

FARMING, HEALTH = "县农业农村局", "县卫生健康局"
YEAR_END = "2025年末"
POPULATION = ("户籍人口", "人", YEAR_END)
FIELDS = ("耕地面积", "亩", YEAR_END)


def due_after(county, workdays: int, on_rest_day: bool = False) -> date:
    """The first day with so many working days before and on it; or the first rest day after that."""
    with as_tenant(county.tenant_id):
        calendar = calendar_for(county.unit)
    day, count = timezone.localdate(), 0
    while count < workdays or on_rest_day and calendar.day(day).is_workday:
        day += timedelta(days=1)
        count += calendar.day(day).is_workday
    return day


def register(county, office: str, fields, *units, key=None, due=None, **more):
    """``office`` asks ``units`` for ``fields``, in good time unless a due day is given."""
    what = asking("form", *units, day=due or due_after(county, 5), **more.pop("asking", {}))
    return actions.register_form(
        county.actor(f"文秘{office}"), county[office], what, fields, key or new_key(), **more
    )


def give(county, village: str, *values: str) -> int:
    """What the village says of what it is asked, in the order of its sheet."""
    with as_tenant(county.tenant_id):
        wanted = [one for one in queries.one_sheet(county[village]) if one.cell.state == "ask"]
    typed = {one.field.pk: value for one, value in zip(wanted, values, strict=True)}
    return actions.give_figures(county.actor(f"书记{village}"), county[village], typed)


def sheet(county, village: str):
    with as_tenant(county.tenant_id):
        return queries.one_sheet(county[village])


def test_a_new_form_is_sent_with_all_its_fields(own_county):
    made = register(own_county, FARMING, [POPULATION, FIELDS], own_county["柳湾村"], own_county["前楼村"])
    assert (made.outcome, made.form.asked, made.form.avoided) == ("posted", 4, 0)
    with as_tenant(own_county.tenant_id):
        demand = made.form.ask.demands().get(bearer_id=own_county["柳湾村"].pk)
    assert demand.amounts["fields"] == 2
    assert demand.attributes["estimated_minutes"] == 10 + 10 + 2 * 3


def test_a_form_that_asks_again_is_refused_and_given_the_data(own_county):
    village = own_county["柳湾村"]
    register(own_county, FARMING, [POPULATION, FIELDS], village)
    give(own_county, "柳湾村", "1,205", "2250")
    same = [("在册户籍人口总数", "名", "截至2025年12月31日"), ("耕地总面积", "公顷", "2025年底")]
    again = register(own_county, HEALTH, same, village)
    assert (again.outcome, again.form.ask) == ("repeated", None)
    assert [line.cells[village.pk].value for line in again.plan.lines] == ["1205", "150"]
    assert [line.sources for line in again.plan.lines] == [[FARMING], [FARMING]]
    assert (again.form.avoided, again.form.saved) == (2, 10 + 10 + 2 * 3)
    with as_tenant(own_county.tenant_id):
        rules = queries.rules_on_repeats([village], timezone.localdate())
    assert "cn.apps.once" in {one.limit.id for one in rules}


def test_what_is_left_alone_is_asked(own_county):
    one, other = own_county["柳湾村"], own_county["前楼村"]
    register(own_county, FARMING, [POPULATION], one)
    give(own_county, "柳湾村", "1205")
    made = register(own_county, HEALTH, [POPULATION, ("常住人口", "人", YEAR_END)], one, other)
    assert made.form.tally == {str(one.pk): [1, 1, 3], str(other.pk): [2, 0, 0]}
    assert [line.cells[one.pk].state for line in made.plan.lines] == ["known", "ask"]
    with as_tenant(own_county.tenant_id):
        asked = {demand.bearer_id: demand for demand in made.form.ask.demands()}
    for unit, gaps in ((one, 1), (other, 2)):  # hours go by the gaps of each, not by the most of any
        assert asked[unit.pk].amounts["fields"] == gaps
        assert asked[unit.pk].attributes["estimated_minutes"] == 10 + 10 + gaps * 3
    assert made.form.ask.minutes == 23 + 26


def test_who_has_nothing_left_to_say_is_not_asked(own_county):
    one, other = own_county["柳湾村"], own_county["前楼村"]
    register(own_county, FARMING, [POPULATION], one)
    give(own_county, "柳湾村", "1205")
    made = register(own_county, HEALTH, [POPULATION], one, other)
    assert made.form.asked_of == [other.pk]
    with as_tenant(own_county.tenant_id):
        assert not made.form.ask.demands().filter(bearer_id=one.pk).exists()


@pytest.mark.parametrize(
    "words",
    [
        ("户籍人口", "人", "2024年末"), ("常住人口", "人", YEAR_END), ("户籍户数", "户", YEAR_END),
        ("全镇户籍人口", "人", YEAR_END),
    ],
)
def test_another_time_or_another_fact_is_not_the_same(county, words):
    village = county["东沟村"]
    register(county, FARMING, [POPULATION], village)
    made = register(county, HEALTH, [words], village)
    assert made.outcome == "posted"


def test_what_another_form_asks_already_is_not_asked_twice_and_reaches_both(own_county):
    village = own_county["柳湾村"]
    first = register(own_county, FARMING, [POPULATION], village)
    second = register(own_county, HEALTH, [("户籍人口数", "人", "2025年12月31日"), FIELDS], village)
    assert [line.cells[village.pk].state for line in second.plan.lines] == ["coming", "ask"]
    asked = sheet(own_county, "柳湾村")
    assert [(one.field.name, len(one.forms)) for one in asked] == [("户籍人口", 2), ("耕地面积", 1)]
    assert asked[0].issuers == [FARMING, HEALTH]
    give(own_county, "柳湾村", "1205", "2250")
    with as_tenant(own_county.tenant_id):
        for made in (first, second):
            line = queries.filled(made.form).lines[0]
            assert line.cells[village.pk].value == "1205"


def test_what_was_taken_back_is_asked_of_nobody(own_county):
    village = own_county["柳湾村"]
    made = register(own_county, FARMING, [POPULATION], village)
    actions.withdraw(own_county.actor(f"文秘{FARMING}"), made.form.ask.pk, new_key())
    assert sheet(own_county, "柳湾村") == []
    assert register(own_county, HEALTH, [POPULATION], village).form.asked == 1


def test_a_form_that_nobody_answered_for_long_no_longer_waits(own_county, monkeypatch):
    register(own_county, FARMING, [POPULATION], own_county["柳湾村"])
    monkeypatch.setattr(queries, "OPEN_DAYS", -30)
    assert sheet(own_county, "柳湾村") == []
    assert register(own_county, HEALTH, [POPULATION], own_county["柳湾村"]).outcome == "posted"


def test_the_tree_knows_names(county):
    made = register(county, FARMING, [("村名", "", YEAR_END)], county["山后村"])
    assert made.outcome == "repeated"
    assert made.plan.lines[0].cells[county["山后村"].pk].value == "山后村"


def test_a_part_of_what_is_known_is_asked_and_named_as_near(own_county):
    village = own_county["柳湾村"]
    register(own_county, FARMING, [POPULATION], village)
    made = register(own_county, HEALTH, [("户籍女性人口", "人", YEAR_END)], village)
    assert made.form.asked == 1
    assert [(one.key, one.relation) for one in made.plan.lines[0].near] == [(POPULATION, "subset")]


@pytest.mark.parametrize(("workdays", "outcome"), [(2, "needs_reason"), (3, "posted")])
def test_a_form_gives_three_working_days(own_county, workdays, outcome):
    made = register(own_county, FARMING, [POPULATION], own_county["柳湾村"], due=due_after(own_county, workdays))
    assert made.outcome == outcome
    if outcome == "needs_reason":
        assert made.form is None
        assert [one.title for one in said(made.answer)] == ["报表至少给三个工作日"]


def test_a_form_is_not_due_on_a_rest_day(own_county):
    due = due_after(own_county, 5, on_rest_day=True)
    first = register(own_county, FARMING, [POPULATION], own_county["柳湾村"], due=due)
    assert [one.title for one in said(first.answer)] == ["报表不在休息日交"]
    again = register(
        own_county, FARMING, [POPULATION], own_county["柳湾村"], due=due, asking={"reason": "国庆值班，当天汇总"}
    )
    assert again.outcome == "posted"


def test_an_emergency_is_never_held_up(own_county):
    made = register(
        own_county, FARMING, [("受灾面积", "亩", "2026年11月")], own_county["柳湾村"], due=timezone.localdate(),
        emergency="冻害核灾",
    )  # fmt: skip
    assert made.outcome == "posted"
    assert made.form.ask.emergency


def test_the_same_key_registers_once(own_county):
    key = new_key()
    first = register(own_county, FARMING, [POPULATION], own_county["柳湾村"], key=key)
    assert register(own_county, FARMING, [POPULATION], own_county["柳湾村"], key=key).form == first.form
    with pytest.raises(KeyReused):
        register(own_county, FARMING, [FIELDS], own_county["柳湾村"], key=key)


def test_nobody_registers_in_anothers_name_or_asks_beyond_her_reach(county):
    what = asking("form", county["柳湾村"], day=due_after(county, 5))
    for who, office in (("文秘清水镇", FARMING), ("书记柳湾村", "柳湾村")):
        with pytest.raises(Forbidden):
            actions.register_form(county.actor(who), county[office], what, [POPULATION], new_key())
    far = asking("form", county["大槐村"], day=due_after(county, 5))
    with pytest.raises(Forbidden):
        actions.register_form(county.actor("文秘清水镇"), county["清水镇"], far, [POPULATION], new_key())
    with pytest.raises(NotInPlace):
        actions.register_form(county.actor("文秘清水镇"), county["清水镇"], asking("form"), [POPULATION], new_key())


def test_figures_are_numbers_and_only_for_what_is_asked(own_county):
    village = own_county["柳湾村"]
    register(own_county, FARMING, [POPULATION, FIELDS], village)
    one, other = sheet(own_county, "柳湾村")
    actor = own_county.actor("书记柳湾村")
    with pytest.raises(BadFigures) as problem:
        actions.give_figures(actor, village, {one.field.pk: "1205", other.field.pk: "两千多"})
    assert problem.value.problems == ["耕地面积：应填一个数"]
    with pytest.raises(BadFigures):
        actions.give_figures(actor, village, {one.field.pk + 1000: "3"})
    with pytest.raises(Forbidden):
        actions.give_figures(own_county.actor("书记前楼村"), village, {one.field.pk: "1205"})
    with as_tenant(own_county.tenant_id):
        assert not Figure.objects.exists()
    assert actions.give_figures(actor, village, {one.field.pk: "１，２０５人", other.field.pk: ""}) == 1


def test_a_later_figure_holds(own_county):
    village = own_county["柳湾村"]
    register(own_county, FARMING, [POPULATION], village)
    give(own_county, "柳湾村", "1205")
    [one] = sheet(own_county, "柳湾村")
    actions.give_figures(own_county.actor("书记柳湾村"), village, {one.field.pk: "1206"})
    assert sheet(own_county, "柳湾村")[0].cell.value == "1206"


def workbook_rows(data: bytes) -> list[list]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)


def workbook_of(rows: list[list]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        page = workbook.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return target.getvalue()


def test_the_workbook_comes_filled_and_goes_back_with_the_gaps(own_county):
    one, other = own_county["柳湾村"], own_county["前楼村"]
    register(own_county, FARMING, [POPULATION], one)
    give(own_county, "柳湾村", "1205")
    made = register(own_county, HEALTH, [POPULATION, FIELDS], one, other)
    with as_tenant(own_county.tenant_id):
        rows = workbook_rows(write_form(queries.filled(made.form)))
    assert rows[0] == ["代码", "单位", "户籍人口（人）2025年末", "耕地面积（亩）2025年末"]
    assert [row[1:] for row in rows[1:]] == [["柳湾村", 1205.0, ""], ["前楼村", "", ""]]
    clerk = own_county.actor(f"文秘{HEALTH}")
    rows[1][3], rows[2][2], rows[2][3] = "很多", 980, "1,800.5"
    with pytest.raises(BadFigures) as problem:
        actions.take_returns(clerk, made.form.pk, workbook_of([*rows, ["QH9", "别处", 1, 2]]))
    assert problem.value.problems == ["A4：表里没有“QH9”这个单位"]
    with pytest.raises(BadFigures) as problem:
        actions.take_returns(clerk, made.form.pk, workbook_of(rows))
    assert problem.value.problems == ["D2：应填一个数"]
    rows[1][2], rows[1][3] = 99, 2250  # what is known is left alone
    assert actions.take_returns(clerk, made.form.pk, workbook_of(rows)) == 3
    with as_tenant(own_county.tenant_id):
        population, fields = queries.filled(made.form).lines
    assert [population.cells[unit.pk].value for unit in (one, other)] == ["1205", "980"]
    assert [fields.cells[unit.pk].value for unit in (one, other)] == ["2250", "1800.5"]
    with pytest.raises(Forbidden):
        actions.take_returns(own_county.actor(f"文秘{FARMING}"), made.form.pk, workbook_of(rows))


def test_what_was_spared_is_counted_for_both_sides(own_county):
    village, year = own_county["柳湾村"], timezone.localdate().year
    register(own_county, FARMING, [POPULATION, FIELDS], village)
    register(own_county, HEALTH, [POPULATION, FIELDS], village)
    with as_tenant(own_county.tenant_id):
        assert queries.spared_to(village, year) == queries.Sum(2, 2, 26)
        assert queries.spared_by(own_county[HEALTH], year) == queries.Sum(1, 2, 26)
        assert queries.spared_by(own_county[FARMING], year) == queries.Sum(1, 0, 0)


def test_the_dictionary_says_who_collected_what_of_whom(own_county):
    register(own_county, FARMING, [POPULATION], own_county["柳湾村"], own_county["前楼村"])
    give(own_county, "柳湾村", "1205")
    with as_tenant(own_county.tenant_id):
        [found] = queries.look_up(("户籍总人口", "", ""), [one.pk for one in own_county.villages])
    assert (found.words, found.issuers, found.units, found.relation) == (POPULATION, (FARMING,), 1, "same")


def test_fields_are_read_from_lines_cells_and_workbooks():
    pasted = "户籍人口\t人\n耕地面积（亩），，2024年末\n\n留守儿童数"
    assert fields_of_text(pasted, YEAR_END) == [
        POPULATION, ("耕地面积（亩）", "", "2024年末"), ("留守儿童数", "", YEAR_END),
    ]  # fmt: skip
    assert fields_of_text("序号\t村名\t户籍人口（人）\t低保户数", YEAR_END) == [
        ("户籍人口（人）", "", YEAR_END), ("低保户数", "", YEAR_END),
    ]  # fmt: skip
    data = workbook_of([["2025年村情统计表"], ["序号", "村名", "户籍人口（人）", "低保户数"], [1, "柳湾村", "", ""]])
    assert [name for name, _, _ in fields_of_workbook(data, YEAR_END)] == ["户籍人口（人）", "低保户数"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ([], "请写出这张表要哪些字段"),
        ([POPULATION, ("户籍总人口", "名", "2025年底")], "第 2 个“户籍总人口”和第 1 个要的是同一个数"),
        ([("户籍人口", "人", "最近")], "看不懂周期"),
        ([("家长手机", "", YEAR_END)], "轻负不收集这类信息"),
        ([("人" * 201, "", YEAR_END)], "太长"),
        ([POPULATION] * 201, "最多 200 个字段"),
    ],
)
def test_fields_that_cannot_be_asked_are_named(fields, sentence):
    with pytest.raises(FieldProblem, match=sentence):
        checked(fields)


def test_forms_of_a_county_are_kept_apart(own_county, county):
    register(own_county, FARMING, [POPULATION], own_county["柳湾村"])
    with as_tenant(county.tenant_id):
        assert not DataForm.objects.filter(asked_of__contains=[own_county["柳湾村"].pk]).exists()
