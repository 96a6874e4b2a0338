"""How characters and pages are counted, and the limits on both sides of their number and of their day."""

from datetime import date

import pytest

from qingfu.rulebook import Pack, Rulebook, load_national
from qingfu.text.files import Source, open_file, pasted
from qingfu.text.official import check_draft
from qingfu.text.official.parts import draft_of
from qingfu.text.official.sizes import ESTIMATED, LAID_OUT, STORED, characters, size_of

from .making import text_of, word_of

BEFORE, AFTER = date(2024, 8, 5), date(2024, 8, 6)
SENTENCE = "各村把沟渠清一遍。"


def draft(count: int, *, title="关于做好清渠工作的通知", signature="云溪县水利局", head="云水发〔2024〕3号") -> str:
    """A draft whose text has so many characters."""
    full, rest = divmod(count, len(SENTENCE))
    body = SENTENCE * full + ("渠" * (rest - 1) + "。" if rest else "")
    return f"{head}\n{title}\n各乡镇人民政府：\n{body}\n{signature}\n2024年8月9日\n"


def broken(text: str, day: date, **more) -> list[str]:
    found = check_draft(pasted(text), on=day, **more)
    return [it.limit for it in found.judged if it.state == "broken"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("做好秋收。", 5),
        ("2026年9月1日", 6),
        ("占比 12.5%，", 4),
        ("“双减”政策——", 8),
        ("AI 助手", 3),
        ("　　左空二字", 4),
        ("", 0),
    ],
)
def test_characters_are_counted_as_word_counts_them(text, count):
    assert characters(text) == count


def test_head_title_addressee_signature_and_record_are_not_counted():
    text = text_of("fine_special_notice")
    size = size_of(draft_of(pasted(text)))
    body = text[text.index("为方便") : text.index("\n云溪县教育局\n2026")]
    assert size.characters == sum(map(characters, body.split("\n")))


def test_what_a_notice_issues_is_counted_with_it_and_attachments_apart():
    size = size_of(draft_of(pasted(text_of("fine_policy") + "附件\n岗位目录\n护林。保洁。\n")))
    assert size.enclosed > 0.8 * size.characters
    assert size.attachments == characters("岗位目录护林。保洁。")


@pytest.mark.parametrize(("count", "over"), [(4000, False), (4001, True)])
def test_a_special_document_has_at_most_4000_characters(count, over):
    assert broken(draft(count), AFTER) == ["cn.documents.characters.special"] * over
    assert broken(draft(count), BEFORE) == []


@pytest.mark.parametrize(("count", "over"), [(5000, False), (5001, True)])
def test_any_other_document_has_at_most_5000(count, over):
    text = draft(count, title="云溪县沟渠管护办法")
    assert broken(text, AFTER) == ["cn.documents.characters"] * over
    assert broken(text, BEFORE) == []


def test_a_comprehensive_document_has_no_such_limit():
    assert broken(draft(9000, title="云溪县人民政府关于印发2024年工作要点的通知"), AFTER) == []


@pytest.mark.parametrize(("office", "cap"), [("国务院", 5000), ("国务院办公厅", 4000)])
def test_the_state_council_keeps_its_own_limits(office, cap):
    title = "关于印发行政机关公文办法的通知"
    assert broken(draft(cap, title=title, signature=office), AFTER) == []
    over = broken(draft(cap + 1, title=title, signature=office), AFTER)
    assert over == [{"国务院": "cn.documents.state-council"}.get(office, "cn.documents.state-council-office")]
    before = date(2007, 12, 30)
    assert broken(draft(cap + 1, title=title, signature=office), before) == []
    assert broken(draft(cap + 1, title=title, signature=office), date(2007, 12, 31)) == over


@pytest.mark.parametrize(("pages", "over"), [(10, False), (11, True)])
@pytest.mark.parametrize(
    ("day", "in_force"), [(date(2019, 3, 30), False), (date(2019, 3, 31), True), (BEFORE, True), (AFTER, False)]
)
def test_pages_counted_from_2019_to_2024(pages, over, day, in_force):
    paragraph = "清渠。" * 9  # one line of 28 with its indent would be full at 26
    lines = pages * 22 - 8  # two lines of number and title, three blank, addressee, signature and date
    text = draft(3).replace("各村把", "").split("\n")
    text[3:4] = [paragraph[:26]] * lines
    found = check_draft(pasted("\n".join(text)), on=day)
    assert (found.size.pages, found.size.pages_from) == (pages, ESTIMATED)
    names = [it.limit for it in found.judged if it.state == "broken" and it.measure == "pages"]
    assert names == ["cn.documents.pages"] * (over and in_force)


def test_a_county_limits_its_policy_documents_more_tightly():
    pack = Pack.from_toml(
        """
        [pack]
        id = "yunxi.documents"
        level = "county"
        title = "云溪县精文"
        [documents.own]
        title = "云溪县精文减会十条"
        in_force = 2024-01-01
        [[limit]]
        id = "yunxi.documents.policy"
        rows = ["L-35"]
        title = "政策性文件字数"
        kind = "document"
        where = { document_type = "policy" }
        bearer = "department"
        form = "each_at_most"
        measure = "characters"
        force = "must"
        [[limit.value]]
        from = 2024-01-01
        cap = 3000
        document = "own"
        confidence = "summary"
        """.replace("\n        ", "\n")
    )
    found = check_draft(
        pasted(draft(3001, title="云溪县沟渠管护办法")), on=AFTER, rulebook=Rulebook([*load_national(), pack])
    )
    assert found.verdict.code == "refuse"
    assert "《云溪县精文减会十条》" in next(it.reason for it in found.judged if it.state == "broken")


@pytest.mark.parametrize(("issued", "over"), [(83, False), (84, True)])
def test_this_year_issues_no_more_than_the_last(issued, over):
    assert broken(draft(100), AFTER, issued=issued, last_year=84) == ["cn.documents.count"] * over
    assert broken(draft(100), BEFORE, issued=issued, last_year=84) == []


@pytest.mark.parametrize(("issued", "over"), [(69, False), (70, True)])
@pytest.mark.parametrize("day", [date(2019, 3, 30), date(2019, 3, 31), date(2019, 12, 31), date(2020, 1, 1)])
def test_in_2019_documents_to_the_grass_roots_are_cut_by_three_in_ten(issued, over, day):
    in_force = date(2019, 3, 31) <= day <= date(2019, 12, 31)
    assert broken(draft(100), day, issued=issued, last_year=100) == ["cn.documents.cut"] * (over and in_force)
    elsewhere = draft(100).replace("各乡镇人民政府", "县林业局")
    assert broken(elsewhere, day, issued=issued, last_year=100) == []


def test_without_last_years_number_the_limit_only_informs():
    found = check_draft(pasted(draft(100)), on=AFTER)
    assert {it.limit: it.state for it in found.judged}["cn.documents.count"] == "open"
    assert found.verdict.code == "pass"


@pytest.mark.parametrize(("assessed", "state"), [(None, "open"), (True, "kept"), (False, "broken")])
def test_the_consistency_check_is_asked_for_from_2024(assessed, state):
    found = check_draft(pasted(draft(100)), on=AFTER, assessed=assessed)
    assert {it.limit: it.state for it in found.judged}["cn.documents.assessed"] == state
    assert "cn.documents.assessed" not in {it.limit for it in check_draft(pasted(draft(100)), on=BEFORE).judged}


@pytest.mark.parametrize("day", [date(2019, 3, 30), date(2019, 3, 31)])
def test_implementing_documents_and_pledges_from_2019(day):
    asked = "关于贯彻落实市局通知的实施细则"
    found = broken(draft(60, title=asked), day, required=False)
    assert found == ["cn.documents.implementing"] * (day >= date(2019, 3, 31))
    pledge = draft(60).replace("各村把", "各乡镇与各村逐级签订责任状，把", 1)
    assert broken(pledge, day) == ["cn.documents.pledges"] * (day >= date(2019, 3, 31))


def test_an_implementing_document_that_was_asked_for_is_allowed():
    assert broken(draft(60, title="关于贯彻落实市局通知的实施细则"), AFTER, required=True) == []


def stored(text: str, pages: int, counted: int) -> bytes:
    """A .docx whose docProps/app.xml says so."""
    package = open_file(word_of(text)).runs.package
    app = package.read("docProps/app.xml").decode()
    for name, value in (("Pages", pages), ("CharactersWithSpaces", counted)):
        start, end = app.index(f"<{name}>") + len(name) + 2, app.index(f"</{name}>")
        app = app[:start] + str(value) + app[end:]
    return package.written({"docProps/app.xml": app.encode()})


def test_word_s_own_page_count_is_taken_if_it_still_fits_the_text():
    text = draft(900)
    fits, stale = (size_of(draft_of(open_file(stored(text, 7, count)))) for count in (930, 300))
    assert (fits.pages, fits.pages_from) == (7, STORED)
    assert stale.pages_from == ESTIMATED


def test_pages_of_a_file_that_libreoffice_laid_out_end_before_the_attachments(monkeypatch):
    source = open_file(word_of(draft(2500) + "附件\n分段表\n"))
    pdf = Source("", "pdf", "第一面\n第二面\n附件 1\n表", pages=(0, 4, 8))
    monkeypatch.setattr("qingfu.text.official.sizes.office", lambda: "soffice")
    monkeypatch.setattr("qingfu.text.official.sizes.converted", lambda content, kind, to: b"")
    monkeypatch.setattr("qingfu.text.official.sizes.open_file", lambda content: pdf)
    size = size_of(draft_of(source), lay_out=True)
    assert (size.pages, size.pages_from) == (2, LAID_OUT)
