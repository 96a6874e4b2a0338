"""One way to open any file with a report in it: judged by its content, whatever it is called."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from . import decode, word
from .limits import MEGABYTE, MOST_BYTES, MOST_TEXT, CannotRead
from .office import converted
from .package import SAVE_AGAIN, Package
from .pdf import read_pdf
from .word import BODY_SECTION, Runs, Section

OLE = bytes.fromhex("D0CF11E0A1B11AE1")
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_DIRECTORY_ENTRY = 128  # streams of an OLE file are named in entries of this size, in UTF-16
_OTHERS = (
    (b"\x89PNG", "图片"), (b"\xff\xd8\xff", "图片"), (b"GIF8", "图片"), (b"II*\x00", "图片"), (b"MM\x00*", "图片"),
    (b"Rar!", "压缩包"), (b"7z\xbc\xaf", "压缩包"), (b"\x1f\x8b", "压缩包"), (b"BZh", "压缩包"),
    (b"\xfd7zXZ", "压缩包"), (b"\x7fELF", "程序"), (b"MZ\x90", "程序"), (b"SQLite format 3", "数据库"),
)  # fmt: skip
_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|head|body|\?xml|\?mso)", re.IGNORECASE)
_WEB_ARCHIVE = re.compile(rb"\s*MIME-Version:", re.IGNORECASE)
_FROM_PDF = "文字取自 PDF，断行是按行宽推断的；批注和修改写在新做的 Word 文件里。"
_FROM_OLD = "旧版格式（.{kind}）已由 LibreOffice 转成 .docx；批注和修改写在转换后的文件里。"


@dataclass(frozen=True)
class Source:
    """A file that was read.

    text      with "\\n" line ends; every offset of this room counts its characters
    kind      txt, docx, doc, rtf, odt, pdf or pasted
    encoding  of a text file as Python names it; "" for the others
    warnings  Chinese sentences: what was broken, not read, or guessed
    word      the .docx itself, or what LibreOffice made of an old file; None for text and PDF
    runs      the way from each offset to the XML of `word`; None where there is none
    sections  body, and of a .docx footnotes, endnotes, headers, footers
    pages     of a PDF the offset at which each page begins
    """

    name: str
    kind: str
    text: str
    encoding: str = ""
    warnings: tuple[str, ...] = ()
    word: bytes | None = field(default=None, repr=False)
    runs: Runs | None = field(default=None, repr=False)
    sections: tuple[Section, ...] = ()
    pages: tuple[int, ...] = ()


def open_file(path_or_bytes: str | Path | bytes, name: str = "") -> Source:
    """Reads a .txt, .docx, .doc, .rtf, .odt or .pdf file. Raises CannotRead (a ValueError) with a Chinese sentence
    that says what to do; OSError where the path cannot be read.
    """
    if isinstance(path_or_bytes, bytes):
        content = path_or_bytes
        _check_size(len(content))
    else:
        path = Path(path_or_bytes)
        name = name or path.name
        _check_size(path.stat().st_size)
        content = path.read_bytes()
        _check_size(len(content))
    if not content.strip():
        raise CannotRead("文件是空的。请重新选择或重新保存后再试。")
    kind = kind_of(content)
    return _READ[kind](content, name, kind)


def pasted(text: str, name: str = "") -> Source:
    """What a person pasted, as a source."""
    _check_size(len(text))
    text = decode.tidy(text)
    return Source(name, "pasted", text, sections=_body(text))


def kind_of(content: bytes) -> str:
    """txt, docx, doc, rtf, odt or pdf. Raises CannotRead for what is none of them, naming what it is."""
    if content.startswith(ZIP):
        return _kind_of_zip(content)
    if content.startswith(OLE):
        return _kind_of_ole(content)
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content.lstrip()[:5] == b"{\\rtf":
        return "rtf"
    for start, what in _OTHERS:
        if content.startswith(start):
            raise CannotRead(f"这是{what}，不是文字文件。请选 .txt、.docx 或带文字的 .pdf 文件。")
    if _MARKUP.match(content) or _WEB_ARCHIVE.match(content):
        raise CannotRead(f"这其实是网页或 XML 文件，只是换了名字。{SAVE_AGAIN}；或者把文字复制后粘贴。")
    return "txt"


def _kind_of_zip(content: bytes) -> str:
    package = Package(content)
    mimetype = package.find("mimetype")
    if mimetype and package.read(mimetype).startswith(b"application/vnd.oasis.opendocument.text"):
        return "odt"
    if any(name.casefold().startswith("xl/") for name in package.names):
        raise CannotRead("这是 Excel 工作簿，不是 Word 文件。请选 Word 文件，或把文字复制后粘贴。")
    if any(name.casefold().startswith("ppt/") for name in package.names):
        raise CannotRead("这是 PowerPoint 演示文稿，不是 Word 文件。请选 Word 文件，或把文字复制后粘贴。")
    if not package.find("_rels/.rels") and not package.find("word/document.xml"):
        raise CannotRead("这是压缩包，不是 Word 文件。请解压后选里面的文件。")
    return "docx"


def _kind_of_ole(content: bytes) -> str:
    if _has_stream(content, "EncryptedPackage"):
        raise CannotRead("这个文件加了打开密码，读不了。请用 Word 打开，在“文件—信息—保护文档”里去掉密码，保存后再试。")
    if _has_stream(content, "WordDocument"):
        return "doc"
    if _has_stream(content, "Workbook") or _has_stream(content, "Book"):
        raise CannotRead("这是旧版 Excel 工作簿，不是 Word 文件。请选 Word 文件，或把文字复制后粘贴。")
    if _has_stream(content, "PowerPoint Document"):
        raise CannotRead("这是旧版 PowerPoint 演示文稿，不是 Word 文件。请选 Word 文件，或把文字复制后粘贴。")
    raise CannotRead(f"这是旧版 Office 文件，但里面没有 Word 正文。{SAVE_AGAIN}。")


def _has_stream(content: bytes, name: str) -> bool:
    """Whether a directory entry of an OLE file has that name ([MS-CFB] 2.6.1)."""
    wanted = name.encode("utf-16-le") + b"\x00\x00"
    at = content.find(wanted)
    while at >= 0:
        if at % _DIRECTORY_ENTRY == 0:
            return True
        at = content.find(wanted, at + 1)
    return False


def _check_size(size: int) -> None:
    if size > MOST_BYTES:
        raise CannotRead(
            f"文件有 {size // MEGABYTE} MB，最多读 {MOST_BYTES // MEGABYTE} MB，"
            f"纯文字文件最多 {MOST_TEXT // MEGABYTE} MB。请删去或压缩图片，或分成几份再试。"
        )


def _body(text: str) -> tuple[Section, ...]:
    return (Section(BODY_SECTION, 0, len(text)),)


def _text_file(content: bytes, name: str, kind: str) -> Source:
    text, encoding, warnings = decode.decoded(content)
    return Source(name, kind, text, encoding, tuple(warnings), sections=_body(text))


def _word_file(content: bytes, name: str, kind: str, *warnings: str) -> Source:
    runs = word.read(content)
    told = (*warnings, *runs.warnings)
    return Source(name, kind, runs.text, "", told, content, runs, tuple(runs.sections))


def _old_file(content: bytes, name: str, kind: str) -> Source:
    return _word_file(converted(content, kind), name, kind, _FROM_OLD.format(kind=kind))


def _pdf_file(content: bytes, name: str, kind: str) -> Source:
    text, pages, warnings = read_pdf(content)
    return Source(name, kind, text, "", (_FROM_PDF, *warnings), sections=_body(text), pages=tuple(pages))


_READ = {
    "txt": _text_file, "docx": _word_file, "doc": _old_file, "rtf": _old_file, "odt": _old_file, "pdf": _pdf_file,
}  # fmt: skip
