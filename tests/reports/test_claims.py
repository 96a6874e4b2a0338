"""A report beside the ledger: our own reports agree with it, whatever is changed in them is found, and who may ask."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from random import Random

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from qingfu.lake.indicators import Figure, catalogue
from qingfu.lake.indicators.claims import check, matters
from qingfu.reports.composing import Facts, Problem, compose, figures_named, laid, templates
from qingfu.reports.queries import work
from qingfu.text.files import open_file
from qingfu.text.review.claims import Period, Setting
from qingfu.text.review.layers import read_document
from qingfu.units.tenancy import as_tenant
from tests.reports.county import SCHOOL, span
from tests.units.browser import signed_in_as

FIRST, LAST = date(2026, 9, 1), date(2026, 11, 27)
KINDS = {
    "county": ("county", "青禾县", "县"), "school": ("school", "青禾县实验小学", "校"),
    "township": ("township", "柳河镇", "镇"),
}  # fmt: skip
SEEDS = range(4)


def figures_of(ids, seed: int) -> dict[str, Figure]:
    """Values for some indicators, such as records might give."""
    random = Random(seed)
    return {id: figure_of(id, random) for id in ids}


def figure_of(id: str, random: Random) -> Figure:
    one = catalogue()[id]
    form = one.expression.form
    whole = random.randint(40, 900)
    part = random.randint(20, whole)
    value, over = Decimal(random.randint(6, 200)), None
    if form == "change":
        part, over = random.randint(20, 90), random.randint(20, 90)
        value = Decimal(100 * (part - over)) / over
    elif one.unit == "%":
        over, value = whole, Decimal(100 * part) / whole
    elif form == "ratio":
        part, over = random.randint(200, 9000), random.randint(4, 90)
        value = Decimal(part * one.expression.times) / over
    else:
        part = int(value)
    shown = value.quantize(Decimal(1).scaleb(-one.decimals))
    return Figure(one, 1, "", FIRST, LAST, (), shown, part, over, 12, "shown")


def composed(template: str, seed: int) -> tuple[str, dict[str, Figure]]:
    """The text of a report of our own, and the figures that it was made of."""
    figures = figures_of(figures_named(template), seed)
    kind, unit, _ = KINDS[template]
    problems = [
        Problem("limit:x", "书面作业总量", (1, 2), 2, date(2026, 12, 4), (2,)),
        Problem("check", "检查", (5, 6), 2, date(2026, 12, 4), check=True),
    ]
    facts = Facts(figures, {}, problems, [3], [], datetime(2026, 11, 28, 8), "3699 digest")
    names = {"unit": unit, "kind": kind, "above": "松江市", "period": "2026年秋季学期"}
    found = laid(compose(template, names, FIRST, LAST, facts), {})
    return found.text, figures


def setting(template: str) -> Setting:
    _, unit, letters = KINDS[template]
    return Setting((unit,), ("第一中学",), letters, frozenset(range(1, 10)), Period(FIRST, LAST))


def verdicts(text: str, figures: dict[str, Figure], template: str):
    return check(read_document(text), setting(template), lambda ids: [figures[id] for id in ids if id in figures])


@pytest.mark.parametrize("template", sorted(templates()))
def test_every_figure_of_a_report_of_our_own_agrees(template):
    for seed in SEEDS:
        text, figures = composed(template, seed)
        found = verdicts(text, figures, template)
        assert [one.note for one in found if one.verdict == "differs"] == []
        agreeing = {one.claim.matter for one in found if one.verdict == "agrees"}
        still = {id for id, one in figures.items() if one.indicator.expression.form == "change" and not one.value}
        assert agreeing == set(figures) - still
        # What else has a number are the problems, which no indicator counts by limit.
        assert {text[one.claim.start : one.claim.end] for one in found if one.verdict == "unchecked"} <= {
            "1个", "2个", "3个", "2所", "2个班"
        }  # fmt: skip


@pytest.mark.parametrize("template", sorted(templates()))
@pytest.mark.parametrize("by", [2, -2])
def test_every_figure_that_was_changed_is_found(template, by):
    """All figures of a report are two of their last digits too high, or too low."""
    for seed in SEEDS:
        text, figures = composed(template, seed)
        right = [one for one in verdicts(text, figures, template) if one.verdict == "agrees"]
        for one in reversed(right):
            figure = one.claim.figure
            wrong = f"{figure.low + by * figure.step}{figure.measure}".replace("-", "")
            text = text[: one.claim.start] + wrong + text[one.claim.end :]
        found = [one for one in verdicts(text, figures, template) if one.claim.matter]
        assert len(found) == len(right)
        # Two steps below a change of one step end on its other side.
        assert [one.note for one in found if one.verdict != "differs"] == []


def test_a_change_told_the_wrong_way_is_found():
    text, figures = composed("county", 1)
    text = text.replace("下降", "上 升").replace("上升", "下降").replace("上 升", "上升")
    changes = [one for one in verdicts(text, figures, "county") if one.claim.figure.way != "level"]
    assert len(changes) == 3 and {one.verdict for one in changes} == {"differs"}
    assert {one.judged.fix for one in changes} == {None}  # the words must change, not the number


def test_what_agrees_and_what_the_text_should_say():
    figures = figures_of(["service_coverage", "documents_issued", "documents_change"], 3)
    for id, part, whole, value in (("service_coverage", 71, 72, "98.6"), ("documents_change", 77, 100, "-23.0")):
        figures[id] = replace(figures[id], numerator=part, denominator=whole, value=Decimal(value))
    for words, verdict, off in (
        ("课后服务覆盖率达98.6%", "agrees", ""), ("课后服务覆盖率达99%", "agrees", ""),
        ("课后服务覆盖率达98.61%", "agrees", ""), ("课后服务覆盖率达98.7%", "differs", "少 0.1 个百分点"),
        ("课后服务覆盖率达98%", "differs", "多 0.6 个百分点"), ("课后服务覆盖率约95%", "agrees", ""),
        ("课后服务覆盖率近100%", "agrees", ""), ("课后服务覆盖率近97%", "differs", "多 1.6 个百分点"),
        ("课后服务覆盖率超过98%", "agrees", ""), ("课后服务覆盖率在99%以上", "differs", "少 0.4 个百分点"),
        ("课后服务覆盖率超过九成", "agrees", ""), ("课后服务覆盖率不足90%", "differs", "多 8.6 个百分点"),
        ("全年发文较上年下降23%", "agrees", ""), ("全年发文同比减少23件", "agrees", ""),
        ("全年压减文件20余件", "agrees", ""), ("全年压减文件30件", "differs", "少 7 件"),
        ("全年发文较上年增长23%", "differs", "少 46 个百分点"),
    ):  # fmt: skip
        [one] = verdicts(f"{words}。", figures, "county")
        assert (words, one.verdict, one.off) == (words, verdict, off)
    [one] = verdicts("课后服务覆盖率达95.2%。", figures, "county")
    assert one.judged.fix == "98.6%" and one.note.endswith("，12 条记录），比文中多 3.4 个百分点。")


@pytest.mark.parametrize(
    ("words", "why"),
    [("全县投入资金320万元。", "没有对应的指标"), ("全县书面作业平均用时42分钟。", "这段时间没有记录"),
     ("家庭反馈作业用时的中位数为40分钟。", "回答的人太少，不显示"), ("2024年全县发文120件。", "说的是另外的时间"),
     ("全县发文上年为120件。", "说的是另外的时间"), ("10月全县发文12件。", "说的是另外的时间"),
     ("全县发文比2019年下降30%。", "比的不是上年同期"), ("全县发文环比下降30%。", "比的不是上年同期"),
     ("全市发文120件。", "说的是另外的单位"), ("第一中学作业批改率98%。", "说的是另外的单位"),
     ("初中书面作业平均用时70分钟。", "说的是其中一部分"), ("语文书面作业平均用时15分钟。", "说的是其中一部分"),
     ("三年级抓得紧，书面作业平均每天用时42分钟。", "说的是其中一部分"),
     ("书面作业平均每天用时42分钟的是三年级。", "说的是其中一部分"),
     ("三（2）班书面作业平均每天用时42分钟。", "说的是其中一部分"),
     ("开展监测后，九月份控制较好，书面作业平均用时42分钟。", "说的是另外的时间"),
     ("书面作业平均用时42分钟（9月）。", "说的是另外的时间"), ("周末书面作业平均用时42分钟。", "说的是另外的时间"),
     ("作业批改率提高3%。", "指标不和上年比")],
)  # fmt: skip
def test_what_cannot_be_checked_says_why(words, why):
    figures = {id: replace(figure_of(id, Random(1)), state="missing", value=None) for id in catalogue()}
    figures["real_minutes_median"] = replace(figures["real_minutes_median"], state="hidden")
    [one] = verdicts(words, figures, "county")
    assert (one.verdict, one.why, one.ledger) == ("unchecked", why, "")


@pytest.mark.parametrize(
    "words",
    ["下一步，力争课后服务覆盖率达到100%。", "《意见》要求书面作业平均完成时间不超过60分钟。",
     "落实三项措施、五项管理。", "自2026年9月1日起施行。", "见第3条、附件2。", "各校应不少于2小时。"],
)  # fmt: skip
def test_plans_rules_and_ordinals_are_no_claims(words):
    assert verdicts(words, {}, "county") == []


def test_every_indicator_that_has_words_is_in_the_catalogue_and_can_be_told_by_its_own_name():
    assert {one.id for one in matters()} <= set(catalogue())
    silent = set(catalogue()) - {one.id for one in matters()} - {one.change for one in matters()}
    assert silent == set()


# ---- the page ----

PAGE, RECORDS = "/reports/review/", "/reports/review/records/{}/?unit={}&first={}&last={}"
OURS = """青禾县教育局关于作业管理情况的报告
全县一天书面作业用时的中位数为{}分钟，超过规定的班日占5.56%。
投入资金30万元。
"""


def put_in(county, who: str, text: str, **more) -> str:
    answer = signed_in_as(county, who).post(PAGE, {"text": text, **more})
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def chosen(county, unit) -> dict:
    first, last = span()
    return {"unit": unit.pk, "first": first, "last": last}


def beside(html: str) -> list[tuple[str, str, str]]:
    """(verdict, what the text says, what the ledger says) of each claim on the page."""
    notes = re.findall(r'review-claim-(\w+)" id="n\d+".*?</dl>', html, re.S)
    side = r"<dd[^>]*>(?:<\w+[^>]*>)?([^<]*)<"
    texts = re.findall(rf'<dl class="review-sides">.*?{side}.*?{side}', html, re.S)
    return [(verdict, *words) for verdict, words in zip(notes, texts, strict=True)]


def test_the_page_shows_text_and_ledger_side_by_side_with_a_way_to_the_records(reporting):
    html = put_in(reporting, "刘科长", OURS.format(30), **chosen(reporting, reporting.unit))
    assert beside(html) == [("differs", "30分钟", "23 分钟"), ("agrees", "5.56%", "5.56%")]
    assert "少 7 分钟" in html and "还有 1 个数没有对应的指标" in html and ">30万元</a>" in html
    address = re.search(r'href="(/reports/review/records/homework_minutes_median/[^"]+)"', html)[1]
    answer = signed_in_as(reporting, "刘科长").get(address)
    said = answer.content.decode()
    assert answer.status_code == 200 and "18" in said and "三(1)班" in said and "王丽" not in said
    excel = signed_in_as(reporting, "刘科长").get(address.replace("/?", ".xlsx?").replace("&amp;", "&"))
    assert excel.status_code == 200 and excel.content[:2] == b"PK"


def test_unit_and_period_are_guessed_and_can_be_corrected(reporting):
    text = f"{SCHOOL}2026年秋季学期作业管理情况\n我校一天书面作业用时的中位数为30分钟。\n"
    school = reporting.schools[SCHOOL]
    guessed = put_in(reporting, "刘科长", text)
    assert f'<option value="{school.pk}" selected>' in guessed and "文中的期间：" in guessed
    html = put_in(reporting, "刘科长", text, **chosen(reporting, reporting.unit))
    assert f'<option value="{reporting.unit.pk}" selected>' in html
    assert beside(html) == [("unchecked", "30分钟", "说的是另外的单位")]


def test_a_school_is_set_against_its_own_figures_and_nobody_elses(reporting):
    school, other = reporting.schools[SCHOOL], reporting.schools["青禾县第一中学"]
    html = put_in(reporting, "孙校长", "我校一天书面作业用时的中位数为23分钟。\n", **chosen(reporting, other))
    assert other.name not in html  # another school's number is no choice; her own school is asked
    first, last = span()
    ask = signed_in_as(reporting, "孙校长").get
    assert ask(RECORDS.format("homework_minutes_median", school.pk, first, last)).status_code == 200
    for unit in (other, reporting.unit):
        assert ask(RECORDS.format("homework_minutes_median", unit.pk, first, last)).status_code == 403
    address = RECORDS.format("homework_minutes_median", school.pk, first, last)
    assert signed_in_as(reporting, "王丽").get(address).status_code == 403
    assert "与台账核对" not in put_in(reporting, "王丽", OURS.format(30), **chosen(reporting, reporting.unit))


@pytest.mark.parametrize(
    ("more", "said"),
    [({"unit": "x"}, ""), ({"unit": "99999999"}, ""), ({"period": "2026-13-01_x"}, ""),
     ({"first": "2026-11-01"}, "两个日子都要填"), ({"first": "2026-11-20", "last": "2026-11-01"}, "比第一天早")],
)  # fmt: skip
def test_what_is_no_unit_or_period_is_told_or_guessed_anew(reporting, more, said):
    html = put_in(reporting, "刘科长", OURS.format(30), **more)
    assert said in html and "与台账核对" in html
    assert ("分钟" in html) and (not said or beside(html) == [])


def test_several_files_are_each_set_against_the_ledger_of_their_own_unit(reporting):
    ours = f"{SCHOOL}作业管理情况\n我校一天书面作业用时的中位数为23分钟。\n"
    files = [SimpleUploadedFile(name, text.encode()) for name, text in (("甲.txt", OURS.format(30)), ("乙.txt", ours))]
    client = signed_in_as(reporting, "刘科长")
    html = unescape(client.post(PAGE, {"text": "", "files": files}).content.decode())
    table = re.search(r"核对的单位和期间.*?</table>", html, re.S)[0]
    assert re.findall(r"<td>([^<]*)<br>", table) == [reporting.unit.name, SCHOOL]
    sent = {"state": re.search(r'name="state" value="([^"]*)"', html)[1], "unit": reporting.unit.pk}
    second = unescape(client.post(PAGE, {**sent, "show": "1"}).content.decode())
    assert f'<option value="{reporting.schools[SCHOOL].pk}" selected>' in second  # not the unit of the first
    lines = client.post(f"{PAGE}download/", {**sent, "what": "lines"}).content.splitlines()
    assert {row["file"] for row in map(json.loads, lines) if row["kind"] == "ledger_claim"} == {"甲.txt", "乙.txt"}


def test_bad_addresses_of_records_are_not_found(reporting):
    first, last = span()
    ask = signed_in_as(reporting, "刘科长").get
    for id, *rest in (
        ("happiness", reporting.unit.pk, first, last), ("homework_minutes_median", "x", first, last),
        ("homework_minutes_median", reporting.unit.pk, "x", last),
        ("homework_minutes_median", reporting.unit.pk, last, first),
    ):  # fmt: skip
        assert ask(RECORDS.format(id, *rest)).status_code == 404


def test_lines_and_comments_tell_the_ledger_too(reporting):
    client = signed_in_as(reporting, "刘科长")
    said = chosen(reporting, reporting.unit)
    answer = client.post(PAGE, {"text": OURS.format(30), **said})
    state = re.search(r'name="state" value="([^"]*)"', answer.content.decode())[1]
    sent = {"state": unescape(state), **said}
    rows = [json.loads(row) for row in client.post(f"{PAGE}download/", {**sent, "what": "lines"}).content.splitlines()]
    claims = [row["claim"]["verdict"] for row in rows if row["kind"] == "ledger_claim"]
    assert claims == ["differs", "agrees", "unchecked"]
    assert client.post(f"{PAGE}download/", {**sent, "what": "word"}).content[:2] == b"PK"


def test_without_records_the_page_says_how_to_get_them(fresh_county):
    html = put_in(fresh_county, "刘科长", OURS.format(30))
    assert "还没有数可核对" in html and "每天夜里导出一次" in html and beside(html) == []


def test_a_report_that_was_composed_from_records_agrees_with_them(reporting):
    with as_tenant(reporting.tenant_id):
        text = open_file(work.draft_of(reporting.unit, *span()), "报告.docx").text
    html = put_in(reporting, "刘科长", text)
    found = beside(html)
    assert [one for one in found if one[0] != "agrees"] == []
    assert len(found) >= 6
