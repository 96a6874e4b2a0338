"""Word files for the tests: made by python-docx, with the XML that it cannot write put in by hand."""

import re
import zipfile
from collections.abc import Callable
from io import BytesIO

import docx
from docx.oxml import parse_xml

from qingfu.text.files import to_docx

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
PREFIXES = dict(re.findall(r'xmlns:(\w+)="([^"]+)"', NAMESPACES))
BY = 'w:author="周敏" w:date="2026-03-02T09:00:00Z"'
BOX = """<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>
<wp:inline distT="0" distB="0" distL="0" distR="0">
<wp:extent cx="2400000" cy="600000"/><wp:docPr id="71" name="文本框 1"/>
<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp>
<wps:cNvSpPr txBox="1"/><wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="2400000" cy="600000"/></a:xfrm>
<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></wps:spPr><wps:txbx><w:txbxContent>{text}</w:txbxContent></wps:txbx>
<wps:bodyPr/></wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing></mc:Choice><mc:Fallback><w:pict>
<v:shape id="s71" type="#_x0000_t202" style="width:189pt;height:47pt"><v:textbox>
<w:txbxContent>{text}</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"""


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def p(*inline: str, properties: str = "") -> str:
    """A paragraph of XML runs; plain texts are made runs."""
    inner = "".join(part if part.startswith("<") else run(part) for part in inline)
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def inserted(text: str) -> str:
    return f'<w:ins w:id="501" {BY}>{run(text)}</w:ins>'


def deleted(text: str) -> str:
    return f'<w:del w:id="502" {BY}><w:r><w:delText xml:space="preserve">{text}</w:delText></w:r></w:del>'


def field(instruction: str, result: str) -> str:
    kinds = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    code = f'<w:r><w:instrText xml:space="preserve"> {instruction} </w:instrText></w:r>'
    return kinds[0] + code + kinds[1] + run(result) + kinds[2]


def control(inline: str) -> str:
    return f"<w:sdt><w:sdtPr><w:alias w:val='学校'/></w:sdtPr><w:sdtContent>{inline}</w:sdtContent></w:sdt>"


def box(*paragraphs: str) -> str:
    return BOX.format(text="".join(paragraphs))


def table(*rows: list[str]) -> str:
    """A table of rows of cells; a cell is a text or its paragraphs."""
    cell = "<w:tc><w:tcPr><w:tcW w:w='2400' w:type='dxa'/></w:tcPr>{}</w:tc>"
    inner = "".join(
        "<w:tr>" + "".join(cell.format(text if text.startswith("<") else p(text)) for text in row) + "</w:tr>"
        for row in rows
    )
    columns = "<w:gridCol w:w='2400'/>" * len(rows[0])
    return f"<w:tbl><w:tblPr/><w:tblGrid>{columns}</w:tblGrid>{inner}</w:tbl>"


def word(*blocks: str, change: Callable | None = None) -> bytes:
    """A .docx with these blocks of XML; `change` is given the python-docx document before it is saved."""
    document = docx.Document()
    body = document.element.body
    for block in blocks:
        wrapped = parse_xml(f"<w:body {NAMESPACES}>{block}</w:body>")
        for element in wrapped:
            body.insert(len(body) - 1, element)
    if change:
        change(document)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def bare(*blocks: str) -> bytes:
    """The smallest .docx with these blocks: quick to read and to write."""
    body = f"<w:document {NAMESPACES}><w:body>{''.join(blocks)}<w:sectPr/></w:body></w:document>"
    content = with_part(to_docx(""), "word/document.xml", lambda _old: body.encode())
    relations = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
    return with_part(content, "word/_rels/document.xml.rels", lambda _old: relations)


def with_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The zip with one part changed, or added where it is missing (then `change` is given b"")."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        names = source.namelist()
        for each in names:
            target.writestr(each, change(source.read(each)) if each == name else source.read(each))
        if name not in names:
            target.writestr(name, change(b""))
    return out.getvalue()


def part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(BytesIO(content)) as source:
        return source.read(name)


def zipped(parts: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return out.getvalue()


def with_footnote(content: bytes, text: str) -> bytes:
    """Adds a part of footnotes with one note, number 2, and its relation."""
    notes = (
        f'<w:footnotes {NAMESPACES}><w:footnote w:type="separator" w:id="0">'
        "<w:p><w:r><w:separator/></w:r></w:p></w:footnote>"
        f'<w:footnote w:id="2">{p(text)}</w:footnote></w:footnotes>'
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    relation = f'<Relationship Id="rId77" Type="{kind}" Target="footnotes.xml"/></Relationships>'
    of_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    override = f'<Override PartName="/word/footnotes.xml" ContentType="{of_type}"/></Types>'
    content = with_part(content, "word/footnotes.xml", lambda _old: notes.encode())
    content = with_part(
        content, "word/_rels/document.xml.rels", lambda old: old.replace(b"</Relationships>", relation.encode())
    )
    return with_part(content, "[Content_Types].xml", lambda old: old.replace(b"</Types>", override.encode()))


NOTE = '<w:r><w:footnoteReference w:id="2"/></w:r>'
