"""Whatever bytes come, the answer is a text whose every offset leads to its place, or a Chinese sentence. Never a
crash.
"""

import os
import zipfile
from io import BytesIO

from hypothesis import given, settings
from hypothesis import strategies as st

from qingfu.text.files import CannotRead, Mark, open_file, with_comments
from tests.text.files import build
from tests.text.files.build import box, control, deleted, field, inserted, p, table

SOAK = bool(os.environ.get("QINGFU_SOAK"))
WHOLE = build.with_footnote(
    build.bare(
        p("一、", inserted("严控"), deleted("放宽"), field("DATE", "三月"), control(p("一小"))),
        table(["学校", "人数"], ["一小", p("12") + box(p("框"))]),
    ),
    "脚注",
)
PARTS = {name: build.part(WHOLE, name) for name in zipfile.ZipFile(BytesIO(WHOLE)).namelist()}
TAGS = [
    b"w:p",
    b"w:r",
    b"w:t",
    b"w:tc",
    b"w:tbl",
    b"w:body",
    b"w:ins",
    b"w:del",
    b"w:sdtContent",
    b"w:fldChar",
    b"w:ruby",
]


def must_be_answered(content: bytes) -> None:
    try:
        source = open_file(content, "报告")
    except CannotRead as error:
        assert any(ask in str(error) for ask in ("请", "另存"))
        return
    assert all(0 <= section.start <= section.end <= len(source.text) for section in source.sections)
    if source.runs is None:
        return
    for offset, char in enumerate(source.text):
        piece = source.runs.pieces[source.runs.index(offset)]
        assert piece.start <= offset < piece.end
        assert piece.kind != "text" or piece.node.text[offset - piece.start] == char
    try:
        marked = with_comments(source, [Mark(0, len(source.text), "请核实")] if source.text else [])
    except CannotRead:
        return
    assert open_file(marked, "报告").text == source.text


@given(st.data())
@settings(max_examples=20_000 if SOAK else 150, deadline=None)
def test_a_mutated_file_is_answered(data):
    content = bytearray(WHOLE)
    for at, byte in data.draw(st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), max_size=6)):
        content[at] = byte
    cut = data.draw(st.integers(0, len(content)) | st.just(len(content)))
    must_be_answered(bytes(content[:cut]))


@given(st.data())
@settings(max_examples=20_000 if SOAK else 150, deadline=None)
def test_a_file_with_mutated_xml_is_answered(data):
    name = data.draw(st.sampled_from(sorted(PARTS)))
    xml = PARTS[name]
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(xml)))
        to = data.draw(st.integers(at, min(at + 40, len(xml))))
        xml = (
            xml[:at]
            + data.draw(st.binary(max_size=6) | st.sampled_from([b"<", b"&", b"\xff\xfe", b"/>", b"w:"]))
            + xml[to:]
        )
    must_be_answered(build.zipped({**PARTS, name: xml}))


@given(st.data())
@settings(max_examples=20_000 if SOAK else 150, deadline=None)
def test_a_file_with_elements_in_wrong_places_is_answered(data):
    """Well-formed XML of Word's own words, in any order."""
    xml = PARTS["word/document.xml"]
    for _ in range(data.draw(st.integers(1, 4))):
        one, other = data.draw(st.sampled_from(TAGS)), data.draw(st.sampled_from(TAGS))
        for end in (b">", b" ", b"/"):
            xml = xml.replace(b"<" + one + end, b"<" + other + end)
        xml = xml.replace(b"</" + one + b">", b"</" + other + b">")
    must_be_answered(build.zipped({**PARTS, "word/document.xml": xml}))


@given(st.binary(max_size=400) | st.text().map(lambda text: text.encode("utf-16")) | st.text().map(str.encode))
@settings(max_examples=50_000 if SOAK else 300, deadline=None)
def test_any_bytes_are_answered(content):
    must_be_answered(content)
