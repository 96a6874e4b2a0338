"""The empty workbook to fill in: five sheets with lists to choose from, and a page that says how."""

from __future__ import annotations

import io

import xlsxwriter
from django.utils.translation import gettext as _

from qingfu.units.workbook.reading import EXAMPLE
from qingfu.units.workbook.sheets import SHEETS, Column, Sheet

ROWS = 5000
INSTRUCTIONS = "填写说明"


def write_template() -> bytes:
    """The bytes of the .xlsx template."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        formats = {
            "head": workbook.add_format({"bold": True, "bg_color": "#EAF4D6", "border": 1, "text_wrap": True}),
            "must": workbook.add_format(
                {"bold": True, "bg_color": "#EAF4D6", "border": 1, "text_wrap": True, "font_color": "#8A2510"}
            ),
            "example": workbook.add_format({"italic": True, "font_color": "#5F6A62", "num_format": "@"}),
            "text": workbook.add_format({"num_format": "@"}),
            "title": workbook.add_format({"bold": True, "font_size": 16}),
            "wrap": workbook.add_format({"text_wrap": True, "valign": "top"}),
        }
        _instructions(workbook, formats)
        for sheet in SHEETS:
            _sheet(workbook, sheet, formats)
    return target.getvalue()


def _instructions(workbook: xlsxwriter.Workbook, formats: dict) -> None:
    page = workbook.add_worksheet(INSTRUCTIONS)
    page.set_column(0, 0, 14)
    page.set_column(1, 1, 12)
    page.set_column(2, 2, 70, formats["wrap"])
    page.write(0, 0, _("轻负：学校、班级、人员、任课"), formats["title"])
    lines = [
        _("五张表可以一次填，也可以分几次：先填学校、单位和班级，开学后再填人员和任课。"),
        _("红色的列必须填。不要改表头，不要合并单元格，不要用公式。"),
        _("以“例”开头的行只是示范，不会导入，可以不删。"),
        _("上传后先给您看：新增什么、修改什么、哪一格有错；点“确认导入”之后才会保存。"),
        _("再次导入同一个文件不会重复：学校和单位认代码，班级认学校、年级和班号，人员认学校和账号。"),
        _("表里没有的学校和人不会被删除。离职、撤班在网页上办。"),
        _("复式班写全各年级（如 3、4），人数按年级分开（如 9、7）。"),
        _("不要填学生姓名、身份证号、电话、成绩：轻负不收集。"),
    ]
    for row, line in enumerate(lines, start=2):
        page.write(row, 0, str(row - 1))
        page.merge_range(row, 1, row, 2, line, formats["wrap"])
    row = len(lines) + 3
    for sheet in SHEETS:
        for column in sheet.columns:
            page.write(row, 0, sheet.name)
            page.write(row, 1, column.name, formats["must"] if column.required else formats["head"])
            page.write(row, 2, str(column.help), formats["wrap"])
            row += 1


def _sheet(workbook: xlsxwriter.Workbook, sheet: Sheet, formats: dict) -> None:
    page = workbook.add_worksheet(sheet.name)
    page.freeze_panes(1, 0)
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, max(12, 2 * len(column.name) + 4), formats["text"])
        page.write(0, place, column.name, formats["must"] if column.required else formats["head"])
        if column.help:
            page.write_comment(0, place, str(column.help))
        if column.choices:
            page.data_validation(1, place, ROWS, place, _list_of(column))
    examples = [tuple(column.example for column in sheet.columns), *sheet.examples]
    for row, example in enumerate(examples, start=1):
        for place, text in enumerate(example):
            page.write_string(row, place, text if place else f"{EXAMPLE}：{text}", formats["example"])


def _list_of(column: Column) -> dict:
    return {
        "validate": "list",
        "source": list(column.choices),
        "error_type": "stop" if column.strict else "information",
        "error_title": column.name,
        "error_message": _("请从列表里选。"),
    }
