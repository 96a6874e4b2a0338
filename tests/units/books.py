"""Real .xlsx files for tests, written with xlsxwriter."""

from __future__ import annotations

import io

import xlsxwriter

from qingfu.units.workbook.sheets import SHEETS

HEADS = {sheet.name: [column.name for column in sheet.columns] for sheet in SHEETS}


def book(sheets: dict[str, list[tuple]], touch=None) -> bytes:
    """A workbook with ``sheets`` ({name: rows below the head}); ``touch(workbook, pages)`` may add to it."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        pages = {}
        for name, rows in sheets.items():
            pages[name] = page = workbook.add_worksheet(name)
            page.write_row(0, 0, HEADS.get(name, []))
            for number, row in enumerate(rows, start=1):
                page.write_row(number, 0, row)
        if touch:
            touch(workbook, pages)
    return target.getvalue()


def small_county(serial: str) -> dict[str, list[tuple]]:
    """A town school, a village point with a class of three grades, people and who teaches what."""
    town, village = f"T{serial}", f"V{serial}"
    return {
        "学校": [
            (town, "清水镇中心小学", "1-6", "六三制", "是", "否"),
            (village, "柳湾教学点", "1-3", "", "", "是"),
        ],
        "年级班级": [
            (town, 3, 1, "", 45), (town, 3, 2, "雏鹰班", 44), (town, 4, 1, "", 47),
            (village, "1、2、3", 1, "", "6、5、7"),
        ],
        "人员": [
            (town, "wangli", "王丽", ""), (town, "sunxz", "孙国强", "校长"), (village, "liushifu", "刘守田", ""),
        ],
        "任课": [
            (town, "wangli", "任课教师", 3, "1、2", "语文"), (town, "wangli", "班主任", 3, 1, ""),
            (town, "wangli", "年级组长", 3, "", ""),
            (village, "liushifu", "任课教师", "1、2、3", 1, "语文、数学、音乐"),
        ],
    }  # fmt: skip
