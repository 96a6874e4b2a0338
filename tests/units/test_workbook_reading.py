"""Reading a workbook: what people do to Excel files, and what is said about it."""

import io
import struct
import zipfile
from datetime import date

import pytest
import xlsxwriter

from qingfu.units.workbook.reading import read_workbook
from qingfu.units.workbook.safety import MAX_UNPACKED, WorkbookError
from qingfu.units.workbook.sheets import SHEETS
from qingfu.units.workbook.template import write_template
from tests.units.books import HEADS, book, small_county


def faults(data: bytes) -> list[tuple[str, str, str]]:
    return [(problem.sheet, problem.place, problem.text) for problem in read_workbook(data).problems]


def one_fault(data: bytes) -> tuple[str, str, str]:
    [fault] = faults(data)
    return fault


def one_class(**cells) -> bytes:
    row = {"学校代码": "QH01", "年级": 3, "班号": 1, "班名": "", "人数": 45, **cells}
    return book({"年级班级": [tuple(row[head] for head in HEADS["年级班级"])]})


def first(data: bytes, sheet: str = "年级班级") -> dict:
    return read_workbook(data).records[sheet][0].values


# ---- what is understood ----


def test_the_template_holds_every_sheet_and_reads_back_empty():
    contents = read_workbook(write_template())
    assert [sheet.name for sheet in SHEETS] == list(contents.records)
    assert not contents.problems and not any(contents.records.values())


def test_the_template_explains_itself_and_offers_lists():
    with zipfile.ZipFile(io.BytesIO(write_template())) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))
    for words in ("填写说明", "不要合并单元格", "轻负不收集", "dataValidation", "例：QH0012"):
        assert words in text


def test_a_good_workbook_has_no_problem():
    assert faults(book(small_county("1"))) == []


@pytest.mark.parametrize("written, understood", [
    (3, (3,)), (3.0, (3,)), ("3", (3,)), ("３", (3,)), ("三年级", (3,)), ("三", (3,)), (" 3 ", (3,)), ("3年级", (3,)),
    ("3、4", (3, 4)), ("4,3", (3, 4)), ("３，４", (3, 4)), ("三、四年级", (3, 4)), ("1/2/3", (1, 2, 3)),
    ("3\u200b", (3,)),
])  # fmt: skip
def test_a_grade_is_understood_as_people_write_it(written, understood):
    assert first(one_class(年级=written))["grades"] == understood


@pytest.mark.parametrize("written, understood", [
    ("1-6", (1, 2, 3, 4, 5, 6)), ("１－６", (1, 2, 3, 4, 5, 6)), ("7至9", (7, 8, 9)), ("七-九年级", (7, 8, 9)),
    ("1~3", (1, 2, 3)), ("3", (3,)), (date(2026, 1, 6), (1, 2, 3, 4, 5, 6)),
])  # fmt: skip
def test_a_range_of_grades_is_understood_even_where_excel_made_it_a_date(written, understood):
    def as_written(workbook, pages):
        if isinstance(written, date):
            pages["学校"].write_datetime(1, 2, written, workbook.add_format({"num_format": "m月d日"}))

    shown = written if isinstance(written, str) else ""
    assert first(book({"学校": [("QH01", "一小", shown)]}, as_written), "学校")["grades"] == understood


def test_full_width_digits_and_spaces_in_codes_are_made_plain():
    values = first(book({"人员": [("ＱＨ００１　", "ＷａｎｇＬｉ２", " 王　丽 ", "")]}), "人员")
    assert values == {"school": "QH001", "account": "wangli2", "name": "王 丽", "office": ""}


def test_a_name_keeps_its_own_brackets():
    assert first(book({"学校": [("QH01", "青禾一小（东校区）", "1-6")]}), "学校")["name"] == "青禾一小（东校区）"


def test_columns_may_stand_in_any_order_and_others_are_ignored():
    def shuffled(_workbook, pages):
        pages["年级班级"].write_row(0, 0, ["备注", "人数", "班号*", "学校代码", "年级"])
        pages["年级班级"].write_row(1, 0, ["x", 45, 1, "QH01", 3])

    values = first(book({"年级班级": []}, shuffled))
    assert (values["school"], values["grades"], values["number"], values["seats"]) == ("QH01", (3,), 1, (45,))


def test_empty_rows_and_examples_are_passed_over():
    contents = read_workbook(book({"学校": [("例：QH01", "某校", "1-6"), ("", "", ""), ("QH02", "一小", "1-6")]}))
    assert [(record.row, record["school"]) for record in contents.records["学校"]] == [(4, "QH02")]
    assert not contents.problems


# ---- faults of a cell: sheet, place, what to do ----


@pytest.mark.parametrize("cells, place, says", [
    ({"年级": 0}, "B2", "1 到 9"), ({"年级": 10}, "B2", "1 到 9"), ({"年级": 34}, "B2", "3、4"),
    ({"年级": "初一"}, "B2", "六三制和五四制不一样"), ({"年级": "高一"}, "B2", "1 到 9"),
    ({"年级": ""}, "B2", "没有填"),
    ({"年级": "3、3"}, "B2", "写了两遍"), ({"年级": 3.5}, "B2", "整数"), ({"年级": -1}, "B2", "整数"),
    ({"班号": 0}, "C2", "1 到 99"), ({"班号": "甲"}, "C2", "整数"), ({"班号": 1000}, "C2", "1 到 99"),
    ({"人数": 999}, "E2", "0 到 120"), ({"人数": "四十"}, "E2", "整数"), ({"人数": ""}, "E2", "没有填"),
    ({"学校代码": "青禾 一小"}, "A2", "字母、数字"), ({"学校代码": ""}, "A2", "没有填"),
    ({"班名": "<script>"}, "D2", "符号"), ({"班名": "很" * 81}, "D2", "最多 80"), ({"班名": 7}, "D2", "文字"),
])  # fmt: skip
def test_a_faulty_cell_is_told_by_sheet_row_and_column(cells, place, says):
    sheet, where, text = one_fault(one_class(**cells))
    assert (sheet, where) == ("年级班级", place) and says in text


def test_every_faulty_cell_is_told_at_once():
    row = ("", "高一", "甲", "", 999)
    assert [place for _sheet, place, _text in faults(book({"年级班级": [row, row]}))] == [
        "A2", "B2", "C2", "E2", "A3", "B3", "C3", "E3",
    ]  # fmt: skip


def test_a_date_where_a_code_should_be_is_told():
    def dated(workbook, pages):
        pages["人员"].write_datetime(1, 1, date(2026, 9, 1), workbook.add_format({"num_format": "yyyy-mm-dd"}))

    sheet, place, text = one_fault(book({"人员": [("QH01", "", "王丽", "")]}, dated))
    assert (sheet, place) == ("人员", "B2") and "日期" in text and "文本" in text


def test_a_choice_names_the_choices():
    _sheet, place, text = one_fault(book({"人员": [("QH01", "wangli", "王丽", "副校长")]}))
    assert place == "D2" and "校长、教务主任" in text


def test_merged_cells_are_told_with_their_span():
    def merged(_workbook, pages):
        pages["年级班级"].merge_range(1, 0, 3, 0, "QH01")

    data = book({"年级班级": [("", 3, n, "", 45) for n in (1, 2, 3)]}, merged)
    problems = faults(data)
    assert ("年级班级", "A2", "A2:A4 是合并单元格。请取消合并，在每一行都填上内容。") in problems
    assert {"A3", "A4"} <= {place for _sheet, place, _text in problems}


def test_formulas_are_told_and_their_value_is_not_used():
    data = book(
        {"年级班级": [("QH01", 3, 1, "", "")]},
        lambda _w, pages: pages["年级班级"].write_formula(1, 4, "=40+5", value=45),
    )
    assert [place for _sheet, place, text in faults(data) if "公式" in text] == ["E2"]
    assert "seats" not in first(data)


def test_a_hidden_sheet_is_not_taken_unseen():
    data = book(
        {"学校": [("QH01", "一小", "1-6")], "人员": [("QH01", "a1", "王丽", "")]},
        lambda _w, p: p["人员"].hide(),
    )
    assert [(sheet, "隐藏" in text) for sheet, _place, text in faults(data)] == [("人员", True)]
    assert read_workbook(data).records["人员"] == []


def test_a_missing_head_and_a_double_one_are_told():
    def heads(_workbook, pages):
        pages["人员"].write_row(0, 0, ["学校代码", "姓名", "姓名", "职务"])

    texts = [text for _sheet, _place, text in faults(book({"人员": []}, heads))]
    assert any("缺少“账号”" in text for text in texts) and any("有两列" in text for text in texts)


@pytest.mark.parametrize("head", ["身份证号", "联系电话", "学生成绩", "家长姓名"])
def test_personal_data_that_is_not_collected_is_sent_back(head):
    data = book({"人员": [("QH01", "wangli", "王丽", "")]}, lambda _w, pages: pages["人员"].write(0, 4, head))
    assert "不收集" in one_fault(data)[2]


# ---- files that are no workbook, or a weapon ----


def zipped(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def with_sheet(xml: bytes) -> bytes:
    """A valid workbook whose sheet 学校 is replaced by ``xml``."""
    source, target = io.BytesIO(book({"学校": [("QH01", "一小", "1-6")]})), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, xml if name == "xl/worksheets/sheet1.xml" else old.read(name))
    return target.getvalue()


NAMESPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


@pytest.mark.parametrize("data, says", [
    (b"", "不是 Excel"), (b"\x00" * 100, "不是 Excel"), ("学校代码,学校名称".encode("gbk"), "不是 Excel"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, ".xls"), (b"PK\x03\x04 broken", "打不开"),
    (zipped(**{"content.xml": b"<x/>"}), "另存为 .xlsx"), (zipped(**{"word/document.xml": b"<x/>"}), "另存为 .xlsx"),
    (zipped(**{"xl/workbook.xml": b"not xml", "xl/_rels/workbook.xml.rels": b"<x/>"}), "损坏"),
    (zipped(**{"xl/workbook.xml": b"<x/>"}), "另存为 .xlsx"),
    (book({"Sheet1": [("a", "b")]}), "没有找到工作表"),
    (b"PK" + b"x" * (11 * 2**20), "文件太大"),
])  # fmt: skip
def test_a_file_that_is_no_workbook_is_told_what_it_is(data, says):
    with pytest.raises(WorkbookError, match=says):
        read_workbook(data)


def test_a_zip_bomb_is_not_unpacked():
    bomb = zipped(**{"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": b"\0" * (MAX_UNPACKED + 1)})
    assert len(bomb) < 200_000
    with pytest.raises(WorkbookError, match="大得不正常"):
        read_workbook(bomb)


def test_a_bomb_that_lies_about_its_size_is_not_unpacked_either():
    """The directory says ten bytes, the stream holds 50 MB: no more than ten are read, and then the sum is wrong."""
    name = b"xl/worksheets/sheet1.xml"
    bomb = bytearray(zipped(**{"xl/workbook.xml": b"<x/>", name.decode(): b"\0" * 50_000_000}))
    for place in _headers_of(bomb, name):
        bomb[place : place + 4] = struct.pack("<I", 10)
    with pytest.raises(WorkbookError):
        read_workbook(bytes(bomb))


def _headers_of(archive: bytearray, name: bytes) -> list[int]:
    """Where the uncompressed size of ``name`` stands: in the local header and in the directory."""
    return [archive.index(name) - 30 + 22, archive.rindex(name) - 46 + 24]


@pytest.mark.parametrize("cell", [
    b'<c r="XFD1048576"><v>1</v></c>', b'<x:c xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    b"r='A900000'><x:v>1</x:v></x:c>", b'<c r="ZZ1"><is><t>x</t></is></c>', b"<c><v>1</v></c>",
    b'<c r="A99999999999"><v>1</v></c>',
])  # fmt: skip
def test_a_cell_at_the_end_of_the_world_does_not_fill_the_memory(cell):
    xml = b"<worksheet " + NAMESPACE + b"><sheetData><row>" + cell + b"</row></sheetData></worksheet>"
    with pytest.raises(WorkbookError):
        read_workbook(with_sheet(xml))


def test_formatted_but_empty_cells_far_out_do_no_harm():
    xml = b'<worksheet ' + NAMESPACE + b'><dimension ref="A1:XFD1048576"/><sheetData><row r="1048576">' \
          b'<c r="XFD1048576" s="0"/></row></sheetData></worksheet>'  # fmt: skip
    assert read_workbook(with_sheet(xml)).records["学校"] == []


def test_entities_are_not_expanded():
    xml = (
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet '
        + NAMESPACE
        + b"><sheetData/></worksheet>"
    )
    with pytest.raises(WorkbookError):
        read_workbook(with_sheet(xml))


def test_pictures_and_macros_in_the_archive_are_left_alone():
    source, target = io.BytesIO(book(small_county("1"))), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("xl/vbaProject.bin", b"macro")
        new.writestr("../../etc/passwd", b"x")
    assert faults(target.getvalue()) == []


def test_five_thousand_faulty_rows_are_all_told():
    def wide(_workbook, pages):
        pages["年级班级"].merge_range(2, 3, 4, 3, "并")

    rows = [("ＱＨ０１", "12", 1, "", 45)] * 5000
    problems = read_workbook(book({"年级班级": rows}, wide)).problems
    assert sum(problem.column == "B" for problem in problems) == 5000


def test_a_workbook_written_by_hand_in_another_program_is_read_too():
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "constant_memory": True, "strings_to_numbers": True}) as book_:
        page = book_.add_worksheet(" 学校 ")
        page.write_row(0, 0, ["学校代码 ", "学校名称＊", "年级范围"])
        page.write_row(1, 0, ["3207250001", "一小", "1-6"])
    assert first(target.getvalue(), "学校")["school"] == "3207250001"
