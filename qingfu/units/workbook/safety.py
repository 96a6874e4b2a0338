"""Opening a file from outside: bounded before anything parses it, and told plainly when it is no workbook.

The reader allocates a full rectangle up to the farthest cell and unpacks whatever the archive holds. So we unpack
every part ourselves up to a bound, look where the cells are, and give the reader a clean copy.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from xml.parsers import expat

from django.utils.translation import gettext as _

MAX_BYTES = 10 * 2**20
MAX_UNPACKED = 100 * 2**20
MAX_PARTS = 500
MAX_ROWS = 60_000
MAX_COLUMNS = 60
MAX_LISTED = 200
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CHUNK = 2**16
REFERENCE = re.compile(r"([A-Z]{1,4})([0-9]{1,8})")


class WorkbookError(ValueError):
    """The file as a whole cannot be read. ``str()`` says what it is and what to do."""


@dataclass
class Facts:
    """Where a sheet holds formulas and merged cells (as Excel writes them: "C3", "A3:A8")."""

    formulas: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)


def clean_copy(data: bytes, most_bytes: int = MAX_BYTES) -> bytes:
    """The same workbook, every part unpacked within bounds and stored anew. Raises WorkbookError."""
    _refuse_by_first_bytes(data, most_bytes)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _stored_anew(archive)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, zlib.error):
        raise WorkbookError(
            _("这个文件打不开：不是 Excel 工作簿，或者已经损坏。请用 Excel 或 WPS 另存为 .xlsx 再上传。")
        )


def _refuse_by_first_bytes(data: bytes, most_bytes: int) -> None:
    if len(data) > most_bytes:
        raise WorkbookError(
            _("文件太大（最多 %(most)d MB）。请删掉图片和不用的工作表再上传。") % {"most": most_bytes >> 20}
        )
    if data.startswith(OLE):
        raise WorkbookError(
            _("这是旧版 .xls 文件（改扩展名不管用），或者加了密码。请用 Excel 或 WPS 去掉密码，另存为 .xlsx。")
        )
    if not data.startswith(b"PK"):
        raise WorkbookError(_("这不是 Excel 工作簿。请下载模板，填好后上传 .xlsx 文件。"))


def _stored_anew(archive: zipfile.ZipFile) -> bytes:
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise WorkbookError(_("这个文件解开后大得不正常，没有打开它。请把要导入的内容复制到新下载的模板里。"))
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= set(archive.namelist()):
        raise WorkbookError(_("这不是 .xlsx 工作簿。请用 Excel 或 WPS 另存为 .xlsx 再上传。"))
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as clean:
        for name in dict.fromkeys(archive.namelist()):
            if name.endswith((".xml", ".rels")):
                clean.writestr(name, archive.read(name))  # reads no more than the size that was added up above
    return copy.getvalue()


def facts_of_sheets(clean: bytes, most_rows: int = MAX_ROWS) -> dict[str, Facts]:
    """Facts by the name of the sheet. Raises WorkbookError if a cell lies too far out (below ``most_rows``)."""
    with zipfile.ZipFile(io.BytesIO(clean)) as archive:
        parts = set(archive.namelist())
        targets = _attributes(archive.read("xl/_rels/workbook.xml.rels"), "Relationship", "Id", "Target")
        sheets = _attributes(archive.read("xl/workbook.xml"), "sheet", "name", "id")
        found = {}
        for name, relation in sheets.items():
            target = targets.get(relation, "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if part in parts:
                found[name] = _facts(archive.read(part), most_rows)
        return found


def _attributes(xml: bytes, element: str, key: str, value: str) -> dict[str, str]:
    """{key: value} of every ``element``, by local names of attributes."""
    found = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == element:
            plain = {_local(attribute): text for attribute, text in attributes.items()}
            found[plain.get(key, "")] = plain.get(value, "")

    _parse(xml, start)
    return found


def _facts(xml: bytes, most_rows: int) -> Facts:
    facts, cell = Facts(), [""]

    def start(name: str, attributes: dict[str, str]) -> None:
        match _local(name):
            case "c":
                cell[0] = attributes.get("r", "")
            case "v" | "is" | "f" as content:
                _check_place(cell[0], most_rows)
                if content == "f":
                    facts.formulas.append(cell[0])
            case "mergeCell":
                facts.merged.append(attributes.get("ref", ""))

    _parse(xml, start)
    facts.formulas, facts.merged = facts.formulas[:MAX_LISTED], facts.merged[:MAX_LISTED]
    return facts


def _check_place(reference: str, most_rows: int) -> None:
    place = REFERENCE.fullmatch(reference)
    if place is None:
        raise WorkbookError(_("工作表里的格子没有编号。请用 Excel 或 WPS 打开，另存为 .xlsx 再上传。"))
    if int(place[2]) > most_rows or column_number(place[1]) > MAX_COLUMNS:
        raise WorkbookError(
            _("格子 %(cell)s 里有内容，离表格太远了。请删掉表格以外的内容再上传。") % {"cell": reference}
        )


def _parse(xml: bytes, start) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(xml, True)
    except expat.ExpatError:
        raise WorkbookError(_("工作簿的内容已经损坏。请用 Excel 或 WPS 打开，另存为 .xlsx 再上传。"))


def _refuse_doctype(*_declaration) -> None:
    raise WorkbookError(_("这不是正常的 Excel 工作簿，没有打开它。"))


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def column_number(letters: str) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """1 → A, 27 → AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
