"""The zip and XML parts of a .docx, read with care and written back (ECMA-376, part 2: packages).

Whatever is wrong with a part is answered by CannotRead in Chinese. Sizes are taken from the directory of the zip;
Python unpacks no entry beyond the size that it declares there, so the sum of the declared sizes bounds the memory.
"""

import posixpath
import struct
import zipfile
import zlib
from io import BytesIO
from urllib.parse import unquote

from lxml import etree

from .limits import MEGABYTE, MOST_DIRECTORY, MOST_ENTRIES, MOST_UNPACKED, MOST_XML, CannotRead

CONTENT_TYPES = "[Content_Types].xml"
TYPES_NS = "http://schemas.openxmlformats.org/package/2006/content-types"
RELS_NS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_RELS = "http://purl.oclc.org/ooxml/officeDocument/relationships"

SAVE_AGAIN = "请用 Word 或 WPS 打开，另存为 .docx 后再试"
_END_OF_DIRECTORY = b"PK\x05\x06"
_ENCRYPTED = 0x1
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError,
    IndexError, KeyError, OverflowError,
)  # fmt: skip


def parse(content: bytes, name: str) -> etree._Element:
    """The root element of one XML part. A DTD is refused: no part of a .docx has one, and its entities can grow without
    end. Depth over 256 and single texts over 10 MB are refused by the parser.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if b"<!DOCTYPE" in content:
            raise _has_dtd(name) from None
        if "Excessive depth" in str(error):
            raise CannotRead(
                f"文件里的表格或文本框嵌套太深（{name} 超过 256 层），读不了。请去掉嵌套，{SAVE_AGAIN}。"
            ) from None
        raise CannotRead(f"文件坏了：{name} 不是完整的 XML（{error}）。{SAVE_AGAIN}。") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _has_dtd(name)
    return root


def _has_dtd(name: str) -> CannotRead:
    return CannotRead(
        f"文件的 {name} 里有实体定义（DTD），正常的 Word 文件没有，可能有恶意，没有读。请向来源核实；{SAVE_AGAIN}。"
    )


def as_bytes(root: etree._Element) -> bytes:
    """The part as Word writes it: UTF-8, with the declaration."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


class Package:
    """One zip package. Names of parts are without the leading slash."""

    def __init__(self, content: bytes):
        """Raises CannotRead for a damaged, encrypted or oversized zip."""
        _check_directory(content)
        try:
            self._zip = zipfile.ZipFile(BytesIO(content))
            entries = self._zip.infolist()
        except _BROKEN:
            raise CannotRead(
                f"文件坏了或没有传完：压缩包的目录读不出来。请重新复制或重新上传；还不行，{SAVE_AGAIN}。"
            ) from None
        # Some packers write backslashes; Windows and Word take part names without regard to case.
        self._entries = {entry.filename.replace("\\", "/"): entry for entry in entries if not entry.is_dir()}
        self._by_folded = {name.casefold(): name for name in self._entries}
        self._check_sizes()

    def _check_sizes(self) -> None:
        if any(entry.flag_bits & _ENCRYPTED for entry in self._entries.values()):
            raise CannotRead("这个压缩包加了密码，读不了。请去掉密码后再试。")
        if len(self._entries) > MOST_ENTRIES:
            raise CannotRead(
                f"文件里有 {len(self._entries)} 个部分，最多读 {MOST_ENTRIES} 个，不像 Word 文件。{SAVE_AGAIN}。"
            )
        unpacked = sum(entry.file_size for entry in self._entries.values())
        if unpacked > MOST_UNPACKED:
            raise CannotRead(
                f"文件解压后有 {unpacked // MEGABYTE} MB，最多读 {MOST_UNPACKED // MEGABYTE} MB。"
                "请删去或压缩图片，或分成几份再试。"
            )

    @property
    def names(self) -> list[str]:
        return list(self._entries)

    def find(self, name: str) -> str | None:
        """The name under which a part is stored, whatever the case; None where it is missing."""
        return name if name in self._entries else self._by_folded.get(name.casefold())

    def read(self, name: str) -> bytes:
        """The bytes of a part that `find` found. Raises CannotRead where it does not unpack to what its directory
        says.
        """
        try:
            return self._zip.read(self._entries[name])
        except _BROKEN:
            raise CannotRead(
                f"文件坏了或没有传完：其中的 {name} 解不开。请重新复制或重新上传；还不行，{SAVE_AGAIN}。"
            ) from None

    def xml(self, name: str) -> etree._Element:
        """The root element of an XML part."""
        size = self._entries[name].file_size
        if size > MOST_XML:
            raise CannotRead(
                f"文件的正文部分（{name}）有 {size // MEGABYTE} MB，最多读 {MOST_XML // MEGABYTE} MB。请分成几份再试。"
            )
        return parse(self.read(name), name)

    def relations(self, part: str) -> list[tuple[str, str]]:
        """(kind, part name) of each internal relation of a part, "" for the package; kind is the last word of its
        type.
        """
        name = self.find(rels_name(part))
        if name is None:
            return []
        found = []
        for relation in self.xml(name).iter(f"{{{RELS_NS}}}Relationship"):
            if relation.get("TargetMode") != "External":
                kind = relation.get("Type", "").rpartition("/")[2]
                target = self.find(resolve(part, relation.get("Target", "")))
                if target:
                    found.append((kind, target))
        return found

    def written(self, changed: dict[str, bytes]) -> bytes:
        """The package with some parts replaced or added, every other part as it was."""
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
            for name, entry in self._entries.items():
                info = zipfile.ZipInfo(name, entry.date_time)
                info.compress_type = (
                    zipfile.ZIP_STORED if entry.compress_type == zipfile.ZIP_STORED else zipfile.ZIP_DEFLATED
                )
                target.writestr(info, changed[name] if name in changed else self.read(name))
            for name in changed.keys() - self._entries.keys():
                target.writestr(name, changed[name])
        return out.getvalue()


def _check_directory(content: bytes) -> None:
    """Before Python reads the directory: one of a million entries would take seconds and gigabytes."""
    at = content.rfind(_END_OF_DIRECTORY)
    if at < 0 or len(content) < at + 22:
        raise CannotRead(f"文件没有传完：压缩包的末尾不见了。请重新复制或重新上传；还不行，{SAVE_AGAIN}。")
    (size,) = struct.unpack_from("<I", content, at + 12)
    if size > MOST_DIRECTORY or content.count(b"PK\x01\x02") > MOST_ENTRIES * 2:
        raise CannotRead(f"文件里的部分太多，最多读 {MOST_ENTRIES} 个，不像 Word 文件。{SAVE_AGAIN}。")


def rels_name(part: str) -> str:
    """Where the relations of a part are kept: word/document.xml → word/_rels/document.xml.rels."""
    folder, _, name = part.rpartition("/")
    return posixpath.join(folder, "_rels", f"{name}.rels")


def resolve(part: str, target: str) -> str:
    """The part that a target names, seen from `part`."""
    joined = posixpath.join("/", posixpath.dirname(part), unquote(target))
    return posixpath.normpath(joined).lstrip("/")


def add_content_type(root: etree._Element, part: str, content_type: str) -> None:
    """Declares the type of a new part in [Content_Types].xml."""
    etree.SubElement(root, f"{{{TYPES_NS}}}Override", PartName=f"/{part}", ContentType=content_type)


def add_relation(root: etree._Element, kind: str, target: str) -> None:
    """Adds a relation under an identifier that is free."""
    taken = {relation.get("Id") for relation in root}
    number = next(n for n in range(1, len(taken) + 2) if f"rIdQf{n}" not in taken)
    etree.SubElement(
        root, f"{{{RELS_NS}}}Relationship", Id=f"rIdQf{number}", Type=f"{OFFICE_RELS}/{kind}", Target=target
    )
