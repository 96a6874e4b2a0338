"""Records of past years come in from the tables that schools and offices keep: read, checked, taken, taken back."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
import xlsxwriter

from qingfu.findings.models import Finding
from qingfu.lake.importing import actions
from qingfu.lake.importing import table as tables_in
from qingfu.lake.importing.actions import NotReady, ask_back, go_on, look, take, take_back, upload_register
from qingfu.lake.importing.checking import _key
from qingfu.lake.importing.commands import import_file
from qingfu.lake.importing.kinds import kinds
from qingfu.lake.importing.mapping import Mapping, MappingError, read_mapping
from qingfu.lake.importing.places import _by_name
from qingfu.lake.importing.proposing import propose
from qingfu.lake.importing.table import read_table
from qingfu.lake.importing.values import ClassName, class_named
from qingfu.lake.models import Import, ImportedRow
from qingfu.ledger.actions import sync_national
from qingfu.ledger.models import Budget, Demand
from qingfu.units.actions import add_units
from qingfu.units.models import Unit
from qingfu.units.queries import Forbidden, operator_actor
from qingfu.units.tenancy import as_tenant
from qingfu.units.workbook.safety import WorkbookError
from tests.factories import County, make_county

HOMEWORK_HEADS = ("序号", "布置日期", "班级", "科目", "作业内容", "预计时长（分钟）", "备注")
DOCUMENT_HEADS = ("序号", "发文日期", "文号", "标题", "印发份数", "主送单位")
MEETING_HEADS = ("序号", "会议时间", "会议名称", "参会人数", "参会单位", "时长(小时)", "会议形式")


def book(rows: list[tuple], merged=(), sheet: str = "Sheet1") -> bytes:
    """A workbook of one sheet; ``merged`` are (first row, first column, last row, last column, value)."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        page = workbook.add_worksheet(sheet)
        day = workbook.add_format({"num_format": "yyyy/m/d"})
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                page.write(number, place, cell, day) if isinstance(cell, date) else page.write(number, place, cell)
        for area in merged:
            page.merge_range(*area)
    return target.getvalue()


def homework_log(**other) -> bytes:
    """A log of a school as it is kept: a title, merged days, every way to write a day and a class, totals, a remark."""
    rows = [
        ("青禾县实验小学2024—2025学年度第二学期作业公示登记表",),
        (),
        (*HOMEWORK_HEADS, "完成地点"),
        (1, "2025.3.4", "二(1)班", "语文", "抄写第5课生字", 20, "", "家中"),
        (2, "", "二（1）班", "数学", "口算", "１５分钟", ""),
        (3, date(2025, 3, 5), "3.2", "英语", "听读第3单元", "0.5小时", ""),
        (4, 45722, "三年级1班", "道法", "", 10, ""),
        (5, "3月7日", "四(1)、四(2)班", "数学", "练习册", "约30", ""),
        ("合计", "", "", "", "", 125, ""),
        ("填表人：周涛",),
    ]
    return book(rows, merged=[(3, 1, 4, 1, "2025.3.4")], **other)


@pytest.fixture(scope="module")
def county(cluster) -> County:
    county = make_county()
    sync_national()
    with as_tenant(county.tenant_id):
        county.schools["教育局"] = add_units(
            county.unit, [{"kind": "bureau", "name": "青禾县教育局", "code": f"{county.unit.code}JY"}]
        )[0]
    return county


def school(county: County) -> Unit:
    return county.schools["青禾县实验小学"]


def operator(county: County):
    return operator_actor(county.unit)


def taken(county: County, unit: Unit, data: bytes, name: str = "台账.xlsx", **more) -> Import:
    one = upload_register(operator(county), unit, name, data, **more)
    go_on(operator(county), one.pk)
    return take(county.tenant_id, one.pk)


def demands(county: County, one: Import) -> list[Demand]:
    with as_tenant(county.tenant_id):
        return list(Demand.objects.filter(attributes__imported=one.pk).order_by("day", "id"))


# ---- reading ----


def test_the_columns_are_proposed_by_name_meaning_and_value():
    table = read_table(homework_log(), "日志.xlsx")
    found = propose(table)
    assert (found.kind.name, found.header) == ("homework", 3)
    assert {name: one.letter for name, one in found.columns.items()} == {
        "day": "B", "class": "C", "subject": "D", "minutes": "F", "text": "E", "place": "H",
    }  # fmt: skip
    assert found.defaults == {"year": "2024-2025", "form": "written"} and found.columns["minutes"].unit == "分钟"
    nameless = read_table(book([("记录", "科目", "何班", "用时"), ("2025/3/4", "语文", "三(2)班", 20)]), "x.xlsx")
    found = propose(nameless, "homework")
    assert (found.columns["day"].letter, found.columns["class"].letter) == ("A", "C")
    assert "内容" in found.columns["day"].why


@pytest.mark.parametrize(
    ("heads", "row", "kind"),
    [
        (DOCUMENT_HEADS, (1, "2024-5-6", "青教〔2024〕12号", "关于做好防汛工作的通知", 60, "各中小学校"), "documents"),
        (MEETING_HEADS, (1, "2024.5.6", "全县教育工作会", 120, "各学校", 1.5, "视频"), "meetings"),
        (HOMEWORK_HEADS, (1, "2025.3.4", "三(2)班", "语文", "", 20, ""), "homework"),
    ],
)
def test_the_kind_of_a_register_is_seen_from_its_headings(heads, row, kind):
    assert propose(read_table(book([heads, row]), "台账.xlsx")).kind.name == kind


def test_a_csv_from_an_old_program_is_read():
    text = "布置日期,班级,学科,用时\n2025-3-4,三(2)班,语文,20\n"
    table = read_table(text.encode("gb18030"), "日志.csv")
    assert propose(table).kind.name == "homework" and [row.number for row in table.rows()] == [2]


def test_a_csv_is_read_whole_or_not_at_all(monkeypatch):
    line = "2025-03-04,三(1)班,语文,20\n"
    with pytest.raises(WorkbookError, match="引号"):
        read_table(("日期,班级,科目,时长\n\"" + line * 9000).encode(), "日志.csv")
    monkeypatch.setattr(tables_in, "MOST_ROWS", 3)
    assert len(list(read_table(("日期,班级,科目,时长\n" + line * 2).encode(), "日志.csv").rows())) == 2
    with pytest.raises(WorkbookError, match="超过 3 行"):
        read_table(("日期,班级,科目,时长\n" + line * 3).encode(), "日志.csv")


def test_sheets_that_are_headed_otherwise_are_told_and_not_lost_silently():
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        for name, heads in (("3月", ("日期", "班级", "科目", "时长")), ("4月", ("日期", "年级", "科目", "时长"))):
            page = workbook.add_worksheet(name)
            page.write_row(0, 0, heads)
            page.write_row(1, 0, ("2025-3-4", "三(1)班", "语文", 20))
    found = read_table(target.getvalue(), "日志.xlsx")
    assert len(list(found.rows())) == 1 and found.skipped == {"sheet": 1}


def test_the_mapping_is_a_file_that_a_person_corrects():
    table = read_table(homework_log(), "日志.xlsx")
    explained = propose(table).explained()
    assert 'minutes = "F"   # 预计时长；表头' in explained and "# G 备注：不导入" in explained
    assert read_mapping(explained, table).columns.keys() == propose(table).columns.keys()
    changed = explained.replace('text = "E"', 'text = "备注"')
    assert read_mapping(changed, table).columns["text"].letter == "G"
    for wrong, told in (
        (explained.replace('day = "B"', 'day = "发文日期"'), "不在表里"),
        (explained.replace('day = "B"', '# day'), "布置日期"),
        (explained.replace("homework", "exams"), "kind"), ('kind = []', "kind"),
        ("[[", "TOML"),
    ):
        with pytest.raises(MappingError, match=told):
            read_mapping(wrong, table)
    assert "抄写" not in propose(table).to_toml()  # what is kept holds nothing of the cells


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("三(2)班", ClassName(3, 2)), ("3.2", ClassName(3, 2)), ("302", ClassName(3, 2)),
        ("三年级2班", ClassName(3, 2)), ("初一(1)班", ClassName(None, 1, junior=1)),
        ("2022级2班", ClassName(None, 2, entered=2022)),
        ("三年级", ClassName(3)), ("七(12)班", ClassName(7, 12)), ("9-3", ClassName(9, 3)),
    ],
)  # fmt: skip
def test_a_class_is_known_however_it_is_written(said, meant):
    assert class_named(said) == meant


def test_what_is_no_register_is_said_to_be_none():
    for data, told in ((book([("姓名", "电话")]), "表头"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls")):
        with pytest.raises(WorkbookError, match=told):
            read_table(data, "x.xlsx")


# ---- checking ----


def test_bad_cells_are_named_by_place_with_what_to_do_and_nothing_changes(county):
    rows = [
        HOMEWORK_HEADS,
        (1, "2025-2-30", "三(2)班", "语文", "", 20, ""),
        (2, "2025-3-4", "三(7)班", "语文", "", 20, ""),
        (3, "2025-3-4", "三(2)班", "炼金术", "", "很久", ""),
        (4, "2099-3-4", "三(2)班", "语文", "", 20, ""),
        (5, "3月4日", "三(2)班", "语文", "", 20, ""),
        (6, "2025-3-4", "三(2)班", "语文", "", "", ""),
        (7, "2025-3-4", "三(2)班", "语文", "", 20, ""),
    ]
    one = upload_register(operator(county), school(county), "坏.xlsx", book(rows), kind="homework")
    with as_tenant(county.tenant_id):
        found = look(one)
        before = Demand.objects.count()
    assert (found.rows, found.good, found.bad) == (7, 1, 6)
    told = {problem.place: problem.text for problem in found.problems}
    assert set(told) == {"B2", "C3", "D4", "F4", "B5", "B6", "F7"}
    assert "没有“2025-2-30”这一天" in told["B2"] and "2024 学年没有3 年级7 班" in told["C3"]
    assert "year" in told["B6"] and "没有填" in told["F7"] and "核对年份" in told["B5"]
    with pytest.raises(NotReady, match="6 行"):
        go_on(operator(county), one.pk)
    with as_tenant(county.tenant_id):
        assert Demand.objects.count() == before
    go_on(operator(county), one.pk, skip_bad=True)
    assert (take(county.tenant_id, one.pk).added, one.left_out) == (1, 0)


# ---- taking ----


def test_a_log_becomes_demands_of_its_days_charged_to_the_classes_of_then(county):
    """Who was in 二(1)班 in spring 2025 is in 四(1)班 in autumn 2026: the record stands there, judged as grade two."""
    one = taken(county, school(county), homework_log())
    assert (one.state, one.rows, one.added, one.content) == ("done", 5, 6, None)
    found = demands(county, one)
    said = [(str(d.day), d.bearer_id, d.subject, d.charged_minutes) for d in found]
    classes = {name: county.class_(name).pk for name in ("四(1)班", "五(2)班", "五(1)班", "六(1)班", "六(2)班")}
    assert said == [
        ("2025-03-04", classes["四(1)班"], "语文", 20), ("2025-03-04", classes["四(1)班"], "数学", 15),
        ("2025-03-05", classes["五(2)班"], "英语", 30), ("2025-03-06", classes["五(1)班"], "道德与法治", 10),
        ("2025-03-07", classes["六(1)班"], "数学", 30), ("2025-03-07", classes["六(2)班"], "数学", 30),
    ]  # fmt: skip
    assert {(d.origin, d.late, d.state) for d in found} == {("record", False, "posted")}
    over = {d.bearer_id for d in found if d.verdict == "recorded"}
    assert over == {classes["四(1)班"]}  # no written homework at home in grade two
    with as_tenant(county.tenant_id):
        assert not Finding.objects.filter(bearer_id=classes["四(1)班"]).exists()  # a term that is over


def test_the_same_file_twice_doubles_nothing_and_a_longer_one_brings_what_is_new(county):
    rows = [HOMEWORK_HEADS, *((n, f"2025-4-{n}", "三(1)班", "语文", "", 10 + n, "") for n in range(1, 8))]
    twice = [*rows, rows[1]]  # two of the same on one evening are two
    first = taken(county, school(county), book(twice))
    again = taken(county, school(county), book(twice))
    assert (first.added, again.added, again.known) == (8, 0, 8)
    one_more = (9, "2025-4-9", "三(1)班", "数学", "", 5, "")
    renumbered = [rows[0], *((99 - row[0], *row[1:]) for row in twice[1:]), one_more]
    longer = taken(county, school(county), book(renumbered))
    assert (longer.added, longer.known) == (1, 8)


def test_rows_of_two_schools_that_say_the_same_are_two(county):
    unit, values = school(county), {"day": date(2025, 3, 4), "minutes": 20, "form": None}
    keys = {
        _key(values, Mapping(kinds()["homework"], 1, {}, defaults), unit, Counter())
        for defaults in ({"school": "青禾县实验小学"}, {"school": "青禾县第一中学"}, {"form": "oral"}, {})
    }
    assert len(keys) == 4


def test_a_name_that_two_units_have_means_the_one_at_home_or_none():
    there, here = (SimpleNamespace(name="新村村委会", path=path) for path in ("000100020001", "000100030001"))
    assert _by_name([there, here], SimpleNamespace(path="00010003")) == {"新村村委会": here}
    assert _by_name([there, here], SimpleNamespace(path="0001")) == {}


def test_documents_stand_in_the_own_account_and_at_those_they_went_to_without_their_titles(county):
    bureau = county.schools["教育局"]
    rows = [
        DOCUMENT_HEADS,
        (1, "2025.5.6", "青教〔2025〕12号", "关于做好防汛工作的通知", "６０", "各中小学校"),
        (2, "2025年5月7日", "青教〔2025〕13号", "关于评选先进的通知", 30, "青禾县第一中学、县直有关部门"),
    ]
    one = upload_register(operator(county), bureau, "发文登记簿.xlsx", book(rows))
    with as_tenant(county.tenant_id):
        assert look(one).unknown == {"县直有关部门": 1}
    go_on(operator(county), one.pk)
    take(county.tenant_id, one.pk)
    found = demands(county, one)
    own = [d for d in found if d.attributes.get("account") == "department"]
    assert len(own) == 2 and {d.bearer_id for d in own} == {bureau.pk} and len(found) == 5
    assert all(d.attributes["to_grassroots"] for d in found) and not any(d.text for d in found)
    with as_tenant(county.tenant_id):
        used = Budget.objects.get(bearer_id=bureau.pk, limit_id="cn.documents.count", window_key__contains="2025").used
    assert used == 2


def test_a_register_of_what_came_from_above_charges_the_receiver_alone(county):
    rows = [("收文日期", "来文单位", "文件标题", "页数"), (date(2025, 5, 6), "市教育局", "通知", 4)]
    one = taken(county, school(county), book(rows), kind="documents")
    [demand] = demands(county, one)
    assert demand.attributes["from_above"] == "市教育局" and demand.bearer_id == school(county).pk


def test_meetings_count_hours_as_minutes(county):
    rows = [MEETING_HEADS, (1, "2025.5.6 上午9:00", "全县教育工作会", "120人", "各学校", 1.5, "视频会议")]
    one = taken(county, county.schools["教育局"], book(rows))
    own = demands(county, one)[0]
    assert (own.stated_minutes, own.amounts, own.attributes["mode"]) == (90, {"people": 120}, "video")


# ---- taking back ----


def test_a_whole_import_is_taken_back_and_budgets_are_as_if_it_had_never_been(county):
    rows = [HOMEWORK_HEADS, *((n, f"2025-5-{n}", "四(1)班", "数学", "", 20, "") for n in range(6, 10))]
    one = taken(county, school(county), book(rows))
    with as_tenant(county.tenant_id):
        budgets = {entry.budget_id for entry in _entries(one)}
        assert all(Budget.objects.get(id=pk).used for pk in budgets)
    with pytest.raises(NotReady, match="为什么"):
        ask_back(operator(county), one.pk, " ")
    ask_back(operator(county), one.pk, "导成了别的学校的")
    assert take_back(county.tenant_id, one.pk).state == "withdrawn"
    with as_tenant(county.tenant_id):
        assert not any(Budget.objects.get(id=pk).used for pk in budgets)
        assert not ImportedRow.objects.filter(of=one).exists()
    assert {d.state for d in demands(county, one)} == {"withdrawn"}
    assert taken(county, school(county), book(rows)).added == 4


def _entries(one: Import):
    from qingfu.ledger.models import Entry

    ids = list(Demand.objects.filter(attributes__imported=one.pk).values_list("id", flat=True))
    return Entry.objects.filter(demand_id__in=ids)


def test_who_may_not_import_there_does_not(county):
    for name, unit in (("王丽", school(county)), ("周涛", county.schools["青禾县第一中学"])):
        with pytest.raises(Forbidden):
            upload_register(county.actor(name), unit, "日志.xlsx", homework_log())
    mine = upload_register(county.actor("周涛"), school(county), "日志.xlsx", homework_log(sheet="周涛"))
    with pytest.raises(Forbidden):
        go_on(county.actor("王丽"), mine.pk)


# ---- killed in the middle ----


KILLED = """
import os, signal, sys
sys.path.insert(0, {root!r})
import django
django.setup()
from qingfu.lake.importing import actions
actions.ROWS = 3
def die(one):
    if one.taken >= 6:
        os.kill(os.getpid(), signal.SIGKILL)
whole = actions.take_over
def in_the_middle(*given):
    answer = whole(*given)
    if {inside} and "-6" in given[2]:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer
actions.take_over = in_the_middle
actions.take({tenant}, {pk}, (lambda one: None) if {inside} else die)
"""


@pytest.mark.parametrize("inside", [True, False])
def test_killed_in_the_middle_it_goes_on_without_a_doubled_or_lost_record(county, monkeypatch, inside):
    rows = [HOMEWORK_HEADS, *((n, f"2025-6-{n}", "四(2)班", "语文", "", 10 + inside, "") for n in range(2, 13))]
    one = upload_register(operator(county), school(county), "杀.xlsx", book(rows))
    go_on(operator(county), one.pk)
    code = KILLED.format(root=str(Path(__file__).parents[2]), inside=inside, tenant=county.tenant_id, pk=one.pk)
    ended = subprocess.run([sys.executable, "-c", code], env=os.environ, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert len(demands(county, one)) == 6
    monkeypatch.setattr(actions, "ROWS", 3)
    actions.work(county.tenant_id)
    found = demands(county, one)
    assert sorted(d.day.day for d in found) == list(range(2, 13))


class Stopped(Exception):
    pass


def stop(one):
    raise Stopped


def test_two_that_take_the_same_import_leave_no_row_out(county, monkeypatch):
    """The command takes it, and so does the worker's minute; both are stopped, and it goes on behind what was taken."""
    monkeypatch.setattr(actions, "ROWS", 2)
    rows = [HOMEWORK_HEADS, *((n, f"2025-5-{n}", "四(1)班", "语文", "", 10, "") for n in range(12, 20))]
    one = upload_register(operator(county), school(county), "两个.xlsx", book(rows))
    go_on(operator(county), one.pk)

    def meanwhile(_one):
        with pytest.raises(Stopped):
            actions.take(county.tenant_id, one.pk, stop)

    told = iter((meanwhile, stop))
    with pytest.raises(Stopped):
        actions.take(county.tenant_id, one.pk, lambda one: next(told)(one))
    actions.work(county.tenant_id)
    assert len(demands(county, one)) == 8
    with as_tenant(county.tenant_id):
        one.refresh_from_db()
    assert (one.taken, one.known) == (8, 0)


# ---- the command ----


def test_the_command_proposes_then_checks_then_takes(county, tmp_path, capsys):
    file = tmp_path / "日志.xlsx"
    rows = ((n, f"2025-9-{day}", "三(1)班", "语文", "", 25, "") for n, day in enumerate((30, 31)))
    file.write_bytes(book([HOMEWORK_HEADS, *rows]))
    assert import_file(_asked(file, county)) == 1
    said = capsys.readouterr().out
    assert "Sheet1 B3：没有“2025-9-31”这一天" in said and "有问题 1 行" in said
    mapping = file.with_suffix(".mapping.toml")
    assert 'kind = "homework"' in mapping.read_text("utf-8")
    assert import_file(_asked(file, county, go=True, mapping=mapping)) == 1
    assert import_file(_asked(file, county, go=True, mapping=mapping, skip_bad=True)) == 0
    assert "记入 1 项" in capsys.readouterr().out


def _asked(file: Path, county: County, **more):
    from argparse import Namespace

    asked = {"kind": None, "mapping": None, "check": False, "go": False, "skip_bad": False, "json": False}
    return Namespace(file=file, unit=school(county).code, **{**asked, **more})
