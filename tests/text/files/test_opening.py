"""Any file is judged by its content, and what cannot be read is answered by a Chinese sentence that says what to do."""

import struct
import zipfile
from io import BytesIO

import pypdf
import pytest
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from qingfu.text.files import CannotRead, Mark, limits, open_file, opening, package, pasted, with_comments
from qingfu.text.files import office as old_files
from qingfu.text.files.pdf import joined_lines
from tests.text.files import build
from tests.text.files.build import p, table, word

REPORT = "一、严控作业总量\r\n二、每天 60 分钟。\r\n"
READ = "一、严控作业总量\n二、每天 60 分钟。\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (REPORT.encode("utf-8"), "utf-8"),
        (REPORT.encode("utf-8-sig"), "utf-8"),
        (REPORT.encode("utf-16"), "utf-16-le"),
        (REPORT.encode("utf-16-le"), "utf-16-le"),
        (REPORT.encode("utf-16-be"), "utf-16-be"),
        (b"\xfe\xff" + REPORT.encode("utf-16-be"), "utf-16-be"),
        (REPORT.encode("gb18030"), "gb18030"),
        (REPORT.replace("\r\n", "\r").encode("gbk"), "gb18030"),
    ],
)
def test_text_is_read_in_every_encoding(content, encoding):
    source = open_file(content, "报告.doc")
    assert (source.text, source.kind, source.encoding, source.warnings) == (READ, "txt", encoding, ())


def test_broken_bytes_are_shown_and_told_by_their_place():
    content = bytearray("严控作业总量，不留书面作业。".encode())
    content[4] = 0xFF
    source = open_file(bytes(content), "报告.txt")
    assert source.encoding == "utf-8"
    assert source.text.startswith("严\ufffd") and source.text.endswith("作业总量，不留书面作业。")
    assert "第 3 字节（0xE6）" in source.warnings[0] and "UTF-8" in source.warnings[0]


def test_broken_bytes_of_gb18030_leave_it_gb18030():
    content = "严控作业总量".encode("gb18030") + b"\xff" + "，不留作业".encode("gb18030")
    source = open_file(content, "报告.txt")
    assert source.text == "严控作业总量\ufffd，不留作业" and "第 12 字节（0xFF）" in source.warnings[0]


def test_a_text_cut_within_a_character_is_read():
    source = open_file("严控作业总量".encode()[:-1], "报告.txt")
    assert source.text == "严控作业总\ufffd" and source.warnings


def test_pasted_text_is_tidied():
    assert pasted("一\r\n二\r三\x00\ud800").text == "一\n二\n三\ufffd\ufffd"


def ole(stream: str) -> bytes:
    """The head of an OLE file whose directory names that stream."""
    return bytes.fromhex("D0CF11E0A1B11AE1") + bytes(504) + stream.encode("utf-16-le").ljust(128, b"\x00")


BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a0 "笑">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + f"]><w:document {build.NAMESPACES}><w:body><w:p><w:r><w:t>&a9;</w:t></w:r></w:p></w:body></w:document>"
).encode()
QUIET_DTD = (
    f'<!DOCTYPE w SYSTEM "file:///etc/passwd"><w:document {build.NAMESPACES}><w:body>{p("文")}</w:body></w:document>'
).encode()


def with_document(xml: bytes) -> bytes:
    return build.with_part(word(p("正文")), "word/document.xml", lambda _old: xml)


def nested_tables(depth: int) -> bytes:
    inner = b"<w:tbl><w:tr><w:tc>" * depth + b"<w:p/>" + b"</w:tc></w:tr></w:tbl>" * depth
    return f"<w:document {build.NAMESPACES}><w:body>".encode() + inner + b"</w:body></w:document>"


def bomb() -> bytes:
    """Half a megabyte that unpacks to 500."""
    return build.with_part(word(p("正文")), "word/media/image1.bmp", lambda _old: bytes(500_000_000))


def locked() -> bytes:
    """A zip whose entries say that they are encrypted."""
    content = bytearray(word(p("正文")))
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 1)
    return bytes(content)


def crowded() -> bytes:
    return build.zipped({f"word/{n}.xml": b"" for n in range(limits.MOST_ENTRIES + 1)})


def strict() -> bytes:
    old, new = b"schemas.openxmlformats.org/wordprocessingml/2006/main", b"purl.oclc.org/ooxml/wordprocessingml/main"
    return build.with_part(word(p("正文")), "word/document.xml", lambda xml: xml.replace(old, new))


WHOLE = word(p("严控作业总量"), table(["一小", "128"]))
REFUSED = {
    "nothing": (b" \n", "文件是空的"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "这是图片"),
    "a program": (b"\x7fELF" + bytes(100), "这是程序"),
    "control characters": (bytes(range(1, 32)) * 50, "不是文字文件"),
    "bytes of nothing": (b"\xff\xfd\xfb\x81" * 500, "坏得太多"),
    "a web page called .docx": ("<!DOCTYPE html><html><body>报告</body></html>".encode(), "网页"),
    "a spreadsheet called .docx": (build.zipped({"_rels/.rels": b"<a/>", "xl/workbook.xml": b"<a/>"}), "Excel"),
    "slides called .docx": (build.zipped({"_rels/.rels": b"<a/>", "ppt/presentation.xml": b"<a/>"}), "PowerPoint"),
    "an old spreadsheet": (ole("Workbook"), "旧版 Excel"),
    "another old file": (ole("Drawing"), "没有 Word 正文"),
    "a password": (ole("EncryptedPackage"), "加了打开密码"),
    "a zip with a password": (locked(), "加了密码"),
    "a plain zip": (build.zipped({"报告.txt": b"a"}), "这是压缩包"),
    "an empty zip": (build.zipped({}), "这是压缩包"),
    "a truncated zip": (WHOLE[: len(WHOLE) // 2], "没有传完"),
    "a zip of its head": (b"PK\x03\x04", "没有传完"),
    "too many parts": (crowded(), "部分太多|个部分"),
    "a zip bomb": (bomb(), "解压后有 500 MB"),
    "no body": (build.zipped({"_rels/.rels": build.part(WHOLE, "_rels/.rels"), "a.xml": b"<a/>"}), "没有正文"),
    "a body that is none": (with_document(b"<a/>"), "没有正文"),
    "a body cut short": (with_document(build.part(WHOLE, "word/document.xml")[:-20]), "不是完整的 XML"),
    "billion laughs": (with_document(BILLION_LAUGHS), "实体定义"),
    "a DTD of no harm": (with_document(QUIET_DTD), "实体定义"),
    "10,000 nested tables": (with_document(nested_tables(10_000)), "嵌套太深"),
    "strict Open XML": (strict(), "严格"),
    "a broken PDF": (b"%PDF-1.7\n" + b"1 0 obj <<" * 40, "PDF 坏了"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_read_is_refused_with_what_to_do(what):
    content, told = REFUSED[what]
    with pytest.raises(CannotRead, match=told) as caught:
        open_file(content, "报告.docx")
    assert any(ask in str(caught.value) for ask in ("请", "另存"))


def test_the_deepest_tables_that_the_parser_takes_are_read():
    assert open_file(with_document(nested_tables(80)), "报告.docx").text == "\n"


def test_a_hundred_megabytes_are_refused_unread(tmp_path):
    path = tmp_path / "大.txt"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(CannotRead, match="文件有 100 MB，最多读 64 MB"):
        open_file(path)


def test_too_much_text_is_refused():
    with pytest.raises(CannotRead, match="文字文件有 21 MB，最多读 20 MB"):
        open_file("减".encode() * 7_000_000, "大.txt")


def test_a_run_of_very_many_tabs_takes_a_comment():
    source = open_file(build.bare(f"<w:p><w:r>{'<w:tab/>' * 20_000}</w:r></w:p>"), "表.docx")
    assert open_file(with_comments(source, [Mark(5, 9, "空")]), "表.docx").text == source.text


def test_an_open_document_is_known():
    content = build.zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<a/>"})
    assert opening.kind_of(content) == "odt"


def test_too_much_xml_is_refused(monkeypatch):
    monkeypatch.setattr(package, "MOST_XML", 500)
    with pytest.raises(CannotRead, match="请分成几份"):
        open_file(WHOLE, "报告.docx")


def test_a_directory_of_a_million_entries_is_refused_unread():
    content = b"PK\x03\x04" + b"PK\x01\x02".ljust(46, b"\x00") * 20_000
    content += b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 9999, 9999, 1, 4, 0)
    with pytest.raises(CannotRead, match="部分太多"):
        open_file(content, "报告.docx")


def test_part_names_with_backslashes_and_other_case_are_found():
    parts = {name: build.part(WHOLE, name) for name in zipfile.ZipFile(BytesIO(WHOLE)).namelist()}
    parts = {name.replace("word/document.xml", "WORD\\Document.xml"): content for name, content in parts.items()}
    assert open_file(build.zipped(parts), "报告.docx").text == "严控作业总量\n一小\t128\n"


def test_a_path_gives_its_name(tmp_path):
    path = tmp_path / "报告.docx"
    path.write_bytes(WHOLE)
    assert open_file(path).name == open_file(str(path)).name == "报告.docx"


def test_an_old_file_without_libreoffice_is_told_what_to_do(monkeypatch):
    monkeypatch.setattr(old_files, "office", lambda: None)
    with pytest.raises(CannotRead, match="LibreOffice.*另存为 .docx"):
        open_file(ole("WordDocument"), "报告.doc")


# PDF


def pdf(*pages: list[str]) -> bytes:
    """A PDF whose pages show these lines in a Chinese font that is named, not embedded."""
    writer = pypdf.PdfWriter()
    descendant = DictionaryObject({
        NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/CIDFontType0"),
        NameObject("/BaseFont"): NameObject("/STSong-Light"),
    })  # fmt: skip
    font = DictionaryObject({
        NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type0"),
        NameObject("/BaseFont"): NameObject("/STSong-Light"), NameObject("/Encoding"): NameObject("/UniGB-UTF16-H"),
        NameObject("/DescendantFonts"): pypdf.generic.ArrayObject([descendant]),
    })  # fmt: skip
    for lines in pages:
        page = writer.add_blank_page(595, 842)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        shown = "".join(f"<{line.encode('utf-16-be').hex()}> Tj 0 -20 Td " for line in lines)
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 16 Tf 80 760 Td {shown} ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_pdf_is_read_page_by_page_and_broken_lines_are_joined():
    source = open_file(
        pdf(["一、严控作业总量，每天不超过六十", "分钟。", "二、不留书面作业"], [], ["三、保证睡眠"]), "报告.pdf"
    )
    assert source.text == "一、严控作业总量，每天不超过六十分钟。\n二、不留书面作业\n三、保证睡眠\n"
    assert [source.text[at:][:2] for at in source.pages] == ["一、", "三、", "三、"]
    assert "第 2 页没有文字" in source.warnings[-1]


def test_a_scanned_pdf_is_told_to_be_a_picture():
    with pytest.raises(CannotRead, match="这份 PDF 是图片，没有文字"):
        open_file(pdf([], []), "报告.pdf")


def test_a_pdf_with_a_password_is_refused():
    writer = pypdf.PdfWriter(clone_from=BytesIO(pdf(["严控作业"])))
    writer.encrypt("secret", algorithm="AES-256")
    out = BytesIO()
    writer.write(out)
    with pytest.raises(CannotRead, match="打开密码"):
        open_file(out.getvalue(), "报告.pdf")


def test_a_page_number_and_a_finished_sentence_are_not_joined():
    assert joined_lines("一行写得满满当当的话\n— 3 —") == "一行写得满满当当的话\n— 3 —\n"
    assert joined_lines("一行写得满满当当的话。\n另一行") == "一行写得满满当当的话。\n另一行\n"
