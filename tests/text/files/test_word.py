"""What is read of a .docx: what a reader sees with all changes accepted, each character with its place in the XML."""

import pytest
from lxml import etree

from qingfu.text.files import word as reading
from qingfu.text.files.numbering import chinese, letters, roman
from tests.text.files import build
from tests.text.files.build import box, control, deleted, field, inserted, p, run, table, word


def text_of(*blocks: str, **more) -> str:
    return reading.read(word(*blocks, **more)).text


@pytest.mark.parametrize(
    ("inline", "shown"),
    [
        (["严控", inserted("作业"), "总量"], "严控作业总量"),
        (["严控", deleted("考试"), "总量"], "严控总量"),
        (["严控", f'<w:moveFrom w:id="5" {build.BY}>{run("旧处")}</w:moveFrom>', "总量"], "严控总量"),
        (["严控", f'<w:moveTo w:id="6" {build.BY}>{run("新处")}</w:moveTo>'], "严控新处"),
        (["共", field("=SUM(ABOVE)", "128"), "人"], "共128人"),
        (["共", f'<w:fldSimple w:instr="NUMPAGES">{run("12")}</w:fldSimple>', "页"], "共12页"),
        (["由", control(run("青禾县第一小学")), "报送"], "由青禾县第一小学报送"),
        (['<w:hyperlink w:anchor="a">', run("见附件"), "</w:hyperlink>"], "见附件"),
        (["一", "<w:r><w:tab/><w:t>二</w:t><w:br/><w:t>三</w:t><w:noBreakHyphen/></w:r>"], "一\t二\n三-"),
        (["<w:r><w:sym w:font='Wingdings' w:char='F0FE'/></w:r>", "已完成"], "☑已完成"),
        (["<w:r><w:sym w:font='Webdings' w:char='F021'/></w:r>"], "\ufffc"),
        (["前", run("看不见", "<w:vanish/>"), "后"], "前后"),
        (["前", run("看得见", "<w:vanish w:val='0'/>"), "后"], "前看得见后"),
        (["<w:r><w:t> 去空格 </w:t></w:r>"], "去空格"),
        (["<w:r><w:t xml:space='preserve'>一\n二</w:t></w:r>"], "一 二"),
        (["面积", "<m:oMath><m:r><m:t>a=b</m:t></m:r></m:oMath>"], "面积a=b"),
        (
            [
                "<w:r><w:ruby><w:rubyPr/><w:rt>",
                run("wèi"),
                "</w:rt><w:rubyBase>",
                run("为"),
                "</w:rubyBase></w:ruby></w:r>",
            ],
            "为",
        ),
    ],
)
def test_a_paragraph_is_read_as_it_is_seen(inline, shown):
    whole = "".join(part if part.startswith("<") else run(part) for part in inline)
    assert text_of(f"<w:p>{whole}</w:p>") == shown + "\n"


def test_the_result_of_a_field_within_an_instruction_is_instruction():
    begin, separate, end = (f'<w:r><w:fldChar w:fldCharType="{k}"/></w:r>' for k in ("begin", "separate", "end"))
    inner = field("PAGE", "7")
    assert text_of(p("前", begin, inner, separate, run("结果"), end, "后")) == "前结果后\n"


def test_a_field_that_never_ends_hides_nothing():
    content = word(p("前", '<w:r><w:fldChar w:fldCharType="begin"/></w:r>', "后"), p("再后"))
    runs = reading.read(content)
    assert runs.text == "前后\n再后\n"
    assert "没有结束的域代码" in runs.warnings[0]


def test_a_row_of_a_table_is_a_line():
    assert text_of(p("附表"), table(["学校", "人数"], [p("一小") + p("本部"), "128"]), p("完")) == (
        "附表\n学校\t人数\n一小\n本部\t128\n完\n"
    )


def test_a_deleted_row_is_not_read():
    gone = table(["一小"]).replace("<w:tr>", f'<w:tr><w:trPr><w:del w:id="9" {build.BY}/></w:trPr>')
    assert text_of(p("前"), gone, p("后")) == "前\n后\n"


def test_a_text_box_is_read_once_after_its_paragraph():
    assert text_of(p("正文", box(p("框里"), p("二行")), "接着"), p("下段")) == "正文接着\n框里\n二行\n下段\n"


def test_blocks_in_content_controls_are_read():
    assert text_of(control(p("控件里的段落") + table(["格"]))) == "控件里的段落\n格\n"


def test_a_paragraph_end_that_is_deleted_joins():
    gone = f'<w:rPr><w:del w:id="8" {build.BY}/></w:rPr>'
    assert text_of(p("上", properties=gone), p("下")) == "上下\n"
    assert text_of(p("上", properties=gone), table(["格"])) == "上\n格\n"


def test_notes_headers_and_footers_stand_at_the_end_as_sections():
    def header(document):
        document.sections[0].header.paragraphs[0].text = "青禾县教育局"
        document.sections[0].footer.paragraphs[0].text = "内部学习"

    runs = reading.read(build.with_footnote(word(p("正文", build.NOTE), change=header), "脚注一条"))
    assert [(s.kind, runs.text[s.start : s.end]) for s in runs.sections] == [
        ("body", "正文\n"), ("footnotes", "脚注一条\n"), ("headers", "青禾县教育局\n"), ("footers", "内部学习\n"),
    ]  # fmt: skip


def test_automatic_numbers_are_told_but_are_no_text():
    numbering = f"""<w:numbering {build.NAMESPACES}><w:abstractNum w:abstractNumId="0">
    <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>
    <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>
    <w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%3."/></w:lvl>
    <w:lvl w:ilvl="3"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="(%4)"/></w:lvl>
    <w:lvl w:ilvl="4"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="●"/></w:lvl></w:abstractNum>
    <w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="0"/>
    <w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num></w:numbering>"""

    def item(text, level, num=1):
        return p(text, properties=f"<w:numPr><w:ilvl w:val='{level}'/><w:numId w:val='{num}'/></w:numPr>")

    content = word(
        item("甲", 0), item("乙", 1), item("丙", 2), item("丁", 2), item("戊", 3), item("己", 1), item("庚", 0),
        item("辛", 1), item("点", 4), item("新", 0, 2), p("无"),
    )  # fmt: skip
    runs = reading.read(build.with_part(content, "word/numbering.xml", lambda _old: numbering.encode()))
    assert [paragraph.number for paragraph in runs.paragraphs] == [
        "一、", "（一）", "1.", "2.", "(1)", "（二）", "二、", "（一）", "", "一、", "",
    ]  # fmt: skip
    assert runs.text == "甲\n乙\n丙\n丁\n戊\n己\n庚\n辛\n点\n新\n无\n"


def test_numbers_are_written_as_lists_show_them():
    assert [chinese(n) for n in (1, 10, 12, 20, 21, 100, 105, 110, 1001)] == [
        "一", "十", "十二", "二十", "二十一", "一百", "一百零五", "一百一十", "一千零一",
    ]  # fmt: skip
    assert [letters(n) for n in (1, 26, 27)] == ["a", "z", "aa"]
    assert [roman(n) for n in (4, 9, 14)] == ["iv", "ix", "xiv"]


EVERYTHING = (
    p("一、", inserted("严控"), deleted("放宽"), "总量", field("DATE", "2026年3月"), control(run("一小"))),
    table(["学校", "人数"], ["一小", p("12") + p("8")]),
    p("带框", box(p("框里的话"))),
    p("<w:r><w:t>甲</w:t><w:tab/><w:t>乙</w:t><w:br/></w:r>", "<m:oMath><m:r><m:t>x</m:t></m:r></m:oMath>"),
)


def test_every_offset_leads_to_the_character_in_the_xml():
    content = build.with_footnote(word(*EVERYTHING, p("注", build.NOTE)), "脚注")
    runs = reading.read(content)
    signs = {"tab": "\t", "br": "\n", "p": None}
    for offset, char in enumerate(runs.text):
        place = runs.place(offset)
        tree = etree.fromstring(build.part(content, place.part)).getroottree()
        (node,) = tree.xpath(place.path, namespaces=build.PREFIXES)
        name = etree.QName(node).localname
        if name == "t":
            assert node.text[place.char] == char
        else:
            assert place.char == 0 and signs[name] in (char, None) and char in "\t\n"
    for outside in (-1, len(runs.text)):
        with pytest.raises(ValueError, match="不在正文里"):
            runs.place(outside)


def test_pieces_and_sections_cover_the_text_without_gap():
    runs = reading.read(word(*EVERYTHING))
    assert [piece.end for piece in runs.pieces[:-1]] == [piece.start for piece in runs.pieces[1:]]
    assert runs.pieces[-1].end == runs.sections[-1].end == len(runs.text)


def test_the_main_part_may_have_any_name():
    content = word(p("正文"))
    parts = {name: build.part(content, name) for name in reading.Package(content).names}
    parts["inhalt/text.xml"] = parts.pop("word/document.xml")
    parts["inhalt/_rels/text.xml.rels"] = parts.pop("word/_rels/document.xml.rels").replace(
        b'Target="', b'Target="../word/'
    )
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"word/document.xml", b"/inhalt/text.xml")
    assert reading.read(build.zipped(parts)).text == "正文\n"
