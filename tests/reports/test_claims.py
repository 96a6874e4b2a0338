"""A report beside the ledger: our own reports agree with it, whatever is changed in them is found, and who may ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from random import Random

import pytest

from qingfu.lake.indicators import Figure, catalogue
from qingfu.lake.indicators.claims import check, matters
from qingfu.reports.composing import Facts, Problem, compose, figures_named, laid, templates
from qingfu.text.review.claims import Period, Setting
from qingfu.text.review.layers import read_document

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
    problems = [Problem("limit:x", "书面作业总量", (1, 2), 2, date(2026, 12, 4), (2,))]
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
            "1个", "2个", "2所", "2个班"
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
        ("课后服务覆盖率达98.61%", "agrees", ""), ("课后服务覆盖率达98.7%", "differs", "少 0.09 个百分点"),
        ("课后服务覆盖率达98%", "differs", "多 0.61 个百分点"), ("课后服务覆盖率约95%", "agrees", ""),
        ("课后服务覆盖率近100%", "agrees", ""), ("课后服务覆盖率近97%", "differs", "多 1.61 个百分点"),
        ("课后服务覆盖率超过98%", "agrees", ""), ("课后服务覆盖率在99%以上", "differs", "少 0.39 个百分点"),
        ("课后服务覆盖率超过九成", "agrees", ""), ("课后服务覆盖率不足90%", "differs", "多 8.61 个百分点"),
        ("全年发文较上年下降23%", "agrees", ""), ("全年发文同比减少23件", "agrees", ""),
        ("全年压减文件20余件", "agrees", ""), ("全年压减文件30件", "differs", "少 7 件"),
        ("全年发文较上年增长23%", "differs", "少 46 个百分点"),
    ):  # fmt: skip
        [one] = verdicts(f"{words}。", figures, "county")
        assert (words, one.verdict, one.off) == (words, verdict, off)
    [one] = verdicts("课后服务覆盖率达95.2%。", figures, "county")
    assert one.judged.fix == "98.6%" and one.note.endswith("，12 条记录），比文中多 3.41 个百分点。")


@pytest.mark.parametrize(
    ("words", "why"),
    [("全县投入资金320万元。", "没有对应的指标"), ("全县书面作业平均用时42分钟。", "这段时间没有记录"),
     ("家庭反馈作业用时的中位数为40分钟。", "回答的人太少，不显示"), ("2024年全县发文120件。", "说的是另外的时间"),
     ("全县发文上年为120件。", "说的是另外的时间"), ("10月全县发文12件。", "说的是另外的时间"),
     ("全县发文比2019年下降30%。", "比的不是上年同期"), ("全县发文环比下降30%。", "比的不是上年同期"),
     ("全市发文120件。", "说的是另外的单位"), ("第一中学作业批改率98%。", "说的是另外的单位"),
     ("初中书面作业平均用时70分钟。", "说的是其中一部分"), ("语文书面作业平均用时15分钟。", "说的是其中一部分"),
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
