"""Figures that follow from other figures: so many each, averages, days between two days, a part of a whole."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache

from ..document import Document, View
from ..finding import Finding
from ..signs import sign_of
from ..words import HAN, NUMERALS, chinese_number, data, either

_FIGURE = r"\d+(?:\.\d+)?"
_UNIT = rf"(?:{data('claims')['units']}|分钟|小时|课时|天)"
ROUNDED = Decimal("0.02")  # of a mean: what its rounding explains
HALF, NEARLY_HALF = Decimal(6), Decimal(10)  # percentage points that a share in words leaves open, and with 近 or 约
LEAP_YEAR = 2024
WHOLE = Decimal("100.5")  # per cent: what shares that were rounded may sum up to


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        for sign, check in _checks():
            for _, line in report.lines_with(sign):
                for sentence in line.sentences_at(line.start + one.start() for one in sign.finditer(line.text)):
                    yield from check(sentence)


@cache
def _checks() -> tuple[tuple[re.Pattern, Callable[[View], Iterator[Finding]]], ...]:
    """Each check with a sign that stands in whatever it finds."""
    signs = (
        (rf"每[{HAN}]{{1,9}}\d|均(?<=[月日周].)[{HAN}]{{0,4}}\d", _products),
        (r"年级(?:每个?年级|各)", _classes),
        ("人均|户均|校均|平均每", _means),
        (r"月(?<=\d.)\d{1,2}日", _days),
        (r"年\d{1,2}月[^，。；;\d\n]{0,8}[到至止]", _months),
        (r"平均[^，。；;\d\n]{0,6}\d", _outside),
        (r"中[，,]?[^，。；;\d\n]{0,6}\d", _more_than_all),
        (r"个百分点(?<=\d....)", _points),
        (sign_of("一二三四五六七八九两", _TENTHS), _shares_in_words),
        (r"[从由][^，。；;\d\n]{0,10}\d", _ways),
        ("全[县区市镇乡校]|其中|辖", _parts_of_all),
        ("100[%％]|全部|均已", _left_over),
        (sign_of("率度满", r"[率度][^，。；;\d\n]{0,6}\d{3}|满意"), _beyond_all),
    )
    return tuple((re.compile(sign), check) for sign, check in signs)


def _found(sentence: View, sub: str, span: tuple[int, int], note: str, fix: str | None = None) -> Finding:
    return sentence.find("internal_contradiction", sub, *span, note, conf="m", fix=fix)


# ---- so many each, and in all

_EACH = re.compile(
    rf"(?:每(?:个|名|位)?(?P<each>[{HAN}]{{1,3}}?)|(?P<short>[月日周])均)"
    r"(?:安排|约为?|为|共|抽查?|配备?|发放?|收取?|计|收费|开展|开设|督查|检查|入户|有|各)?"
    rf"(?P<rate>{_FIGURE})(?P<unit>{_UNIT})(?![{HAN}]?以上|左右|以内|至|[余多])"
)
_ORDINAL = ("年级", "班", "月", "年", "日", "周", "学期")
_SUMMING = re.compile(r"(?:共|合计|总计|累计)[^，。；;\d]{0,8}$")
_IN_ALL = re.compile(rf"(?:共|合计|总计|累计)[^，。；;\d]{{0,8}}(?P<n>{_FIGURE})")
_LAST_FIGURE = re.compile(rf"(?<![共计总])[{HAN}](?P<n>{_FIGURE})$")
_BREAKS = ("，", ",", "、", "（", "(")
_AT_LEAST = re.compile("不少于|不超过|不低于|不高于|至少|最多|约|近|超过|平均")


def _products(sentence: View) -> Iterator[Finding]:
    """设立卡点14处，抽调干部56人，每卡点3人; 培训三期共210人次，每期80人次."""
    text = sentence.text
    for match in _EACH.finditer(text):
        if _AT_LEAST.search(match[0]):
            continue
        each, unit = match["each"] or match["short"], match["unit"]
        if text.count(each) < 2 or text.count(unit) < 2:  # both stand in the rate; each word is a pattern to be made
            continue
        totals = list(_totals(text, unit, match))
        holders = list(_holders(text, each)) if len(totals) == 1 else []
        if len(holders) != 1:
            continue
        (count, _), (total, span) = holders[0], totals[0]
        product = count * Decimal(match["rate"])
        if product != total and total < 2 * product < 4 * total:
            note = f"{count} × {match['rate']} 是 {product}，写的是 {total}{unit}"
            yield _found(sentence, "sum_mismatch", span, note)


_BY_GRADE = re.compile(
    rf"(?P<first>[{NUMERALS}])[至到\-—~－](?P<last>[{NUMERALS}])年级(?:每个?年级|各)(?:年级)?(?:都|均)?(?:有|设|开设|编)?(?P<each>\d+)个(?:教学)?班"
)
_CLASSES_IN_ALL = re.compile(r"(?:共|全校|现|学校)(?:有|设|共)*(?P<all>\d+)个(?:教学)?班")


def _classes(sentence: View) -> Iterator[Finding]:
    """一至六年级各设4个班，全校共26个班."""
    by_grade, in_all = _BY_GRADE.search(sentence.text), _CLASSES_IN_ALL.search(sentence.text)
    if not (by_grade and in_all):
        return
    grades = chinese_number(by_grade["last"]) - chinese_number(by_grade["first"]) + 1
    product = grades * int(by_grade["each"])
    if grades > 0 and product != int(in_all["all"]):
        note = f"{grades} × {by_grade['each']} 是 {product}，写的是 {in_all['all']}个班"
        yield _found(sentence, "sum_mismatch", in_all.span("all"), note)


def _holders(text: str, each: str) -> Iterator[tuple[Decimal, tuple[int, int]]]:
    """How many there are of what each has so many: 三期, 5个月, 12所学校, 卡点14处."""
    name = re.escape(each)
    pattern = (
        rf"(?<![第每\d.])(?P<n>{_FIGURE}|[一二两三四五六七八九十]{{1,2}})(?:[个所名家位]?[{HAN}]{{0,2}}?){name}(?![{HAN}]?均)"
        rf"|(?<!每)(?<!每个){name}(?P<behind>{_FIGURE})[处个所家户]"
    )
    for match in re.finditer(pattern, text):
        if match["n"] and not match["n"][0].isdigit() and each in _ORDINAL:  # 九年级, 三月
            continue
        number = _number(match["n"] or match["behind"])
        if number is not None:
            yield number, match.span()


def _totals(text: str, unit: str, rate: re.Match) -> Iterator[tuple[Decimal, tuple[int, int]]]:
    """What is said to be there in all; without 共 the figure that stands right before 每."""
    for match in _IN_ALL.finditer(text):
        end = match.end() + len(unit)
        if text.startswith(unit, match.end()) and (end <= rate.start() or match.start() >= rate.end()):
            yield Decimal(match["n"]), (match.start("n"), end)
    before, stop = text[: rate.start()][:-1], text[: rate.start()][-1:]
    last = _LAST_FIGURE.search(before.removesuffix(unit)) if stop in _BREAKS and before.endswith(unit) else None
    if last and not _SUMMING.search(before[: last.start("n")]):
        yield Decimal(last["n"]), (last.start("n"), len(before))


def _number(text: str) -> Decimal | None:
    if text[0].isdigit():
        return Decimal(text)
    value = chinese_number(text.replace("两", "二"))
    return None if value is None else Decimal(value)


# ---- means

_MEAN = re.compile(
    rf"(?<![\d.])(?P<a>{_FIGURE})(?P<au>万元|亿元|{_UNIT})(?P<between>[^。；;\d]{{0,16}})(?P<b>{_FIGURE})(?P<bu>万元|亿元|{_UNIT})"
    rf"[^。；;\d]{{0,6}}[，,](?:人均|户均|校均|平均每(?P<per>[人名户所家个校]))[^，。；;\d]{{0,6}}?(?P<bound>不足|不到)?"
    rf"(?P<mean>{_FIGURE})(?P<mu>万元|亿元|{_UNIT})"
)
_MONEY = {"元": 1, "万元": 10_000, "亿元": 100_000_000}


def _means(sentence: View) -> Iterator[Finding]:
    """退费386.5万元，涉及1204人，人均退费2310元; whichever of the two is what the mean counts is shared out."""
    for match in _MEAN.finditer(sentence.text):
        a, b = ((Decimal(match[one]), match[f"{one}u"]) for one in "ab")
        mean = Decimal(match["mean"])
        for (total, unit), (holders, held) in ((a, b), (b, a)):
            scale = _same_measure(unit, match["mu"])
            if scale is None or not holders or _same_measure(held, match["mu"]) is not None:
                continue
            true = total * scale / holders
            wrong = true >= mean if match["bound"] else abs(true - mean) > ROUNDED * true
            if wrong and mean < 3 * true < 9 * mean:
                span = match.start("mean"), match.end()
                note = f"平均应是 {true:.4g}{match['mu']}，写的是 {mean}{match['mu']}"
                yield _found(sentence, "percentage", span, note)


_BOUNDS = re.compile(
    rf"(?:在|为|是)(?P<low>{_FIGURE})(?:{_UNIT})?[至到\-—~－](?P<high>{_FIGURE})(?P<unit>{_UNIT})(?:之间|不等)?"
    rf"[，,][^，。；;\d]{{0,6}}平均(?:为|是|达|约)?(?P<mean>{_FIGURE})(?P=unit)"
)
_LISTED = re.compile(
    rf"分别(?:为|是|有|达)?(?P<list>{_FIGURE}(?P<unit>{_UNIT})(?:[、，和]{_FIGURE}(?P=unit)){{1,9}})[，,；;][^。；;\d]{{0,16}}"
    rf"平均(?:为|是|达|约|每[{HAN}]{{1,2}})?(?P<mean>{_FIGURE})(?P=unit)"
)


def _outside(sentence: View) -> Iterator[Finding]:
    """在30至50分钟之间，平均58分钟: a mean lies between the least and the greatest."""
    for pattern in (_BOUNDS, _LISTED):
        for match in pattern.finditer(sentence.text):
            groups = match.groupdict()
            listed = re.findall(_FIGURE, groups["list"]) if "list" in groups else [match["low"], match["high"]]
            values = [Decimal(one) for one in listed]
            if not min(values) <= Decimal(match["mean"]) <= max(values):
                note = f"最小 {min(values)}，最大 {max(values)}，平均不会是 {match['mean']}{match['unit']}"
                yield _found(sentence, "number", (match.start("mean"), match.end()), note)


def _same_measure(unit: str, like: str) -> Decimal | None:
    """How many of ``like`` one of ``unit`` is; None where they measure other things."""
    if unit in _MONEY and like in _MONEY:
        return Decimal(_MONEY[unit]) / _MONEY[like]
    people = {"人", "名", "位"}
    return Decimal(1) if unit == like or {unit, like} <= people else None


# ---- days and hours

_DAY = re.compile(r"(?<![\d.])(?P<month>\d{1,2})月(?P<day>\d{1,2})日")
_SPAN = re.compile(
    r"(?<![\d.])(\d{1,2})月(\d{1,2})日?[至到\-—~－]{1,2}(?:(\d{1,2})月)?(\d{1,2})日"
    r"[^。；;\d]{0,16}?(?:为期|历时|共|持续)(?P<days>\d{1,3})天"
)


def _days(sentence: View) -> Iterator[Finding]:
    """2月30日; 9月1日至9月15日，为期20天."""
    for match in _DAY.finditer(sentence.text):
        if not _is_day(int(match["month"]), int(match["day"])):
            yield _found(sentence, "number", match.span(), f"没有{match[0]}这一天")
    for match in _SPAN.finditer(sentence.text):
        month, day, to_month, to_day = (int(one) if one else 0 for one in match.groups()[:4])
        to_month = to_month or month
        if not (_is_day(month, day) and _is_day(to_month, to_day)):
            continue
        year = LEAP_YEAR if (to_month, to_day) >= (month, day) else LEAP_YEAR + 1
        true = (date(year, to_month, min(to_day, monthrange(year, to_month)[1])) - date(LEAP_YEAR, month, day)).days
        around = range(true - 1, true + 2)  # of a leap year or not, with the last day or without
        if int(match["days"]) not in around:
            span = match.start("days"), match.end()
            note = f"从头到尾是 {true + 1} 天，不是 {match['days']} 天"
            yield _found(sentence, "sum_mismatch", span, note, f"{true + 1}天")


_MONTHS = re.compile(
    r"(?P<year>20\d\d)年(?P<month>\d{1,2})月(?:\d{1,2}日)?(?:起|开始)?[^，。；;\d]{0,8}?(?:[到至]|截至|截止|为止)"
    r"(?P<to_year>20\d\d)年(?P<to_month>\d{1,2})月"
)


def _months(sentence: View) -> Iterator[Finding]:
    """从2025年9月到2025年7月: the end before the beginning."""
    for match in _MONTHS.finditer(sentence.text):
        year, month, to_year, to_month = map(int, match.groups())
        if (to_year, to_month) < (year, month):
            yield _found(sentence, "number", match.span(), "结束的时间比开始的时间早")


def _is_day(month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= monthrange(LEAP_YEAR, month)[1]


# ---- changes

_POINTS = re.compile(
    rf"(?<![\d.])(?P<before>{_FIGURE})[%％][^，。；;\d]{{0,8}}(?:到|至|为)(?:了|今年的?|现在的?)?(?P<after>{_FIGURE})[%％]"
    rf"[，,（(、][^，。；;\d率]{{0,8}}?(?P<told>{_FIGURE})个百分点"  # 率: the difference is another rate's
)


def _points(sentence: View) -> Iterator[Finding]:
    """由88%提升到95%，提高了8个百分点."""
    for match in _POINTS.finditer(sentence.text):
        true, told = abs(Decimal(match["after"]) - Decimal(match["before"])), Decimal(match["told"])
        if true != told:
            note = f"从 {match['before']}% 到 {match['after']}% 是 {true} 个百分点，不是 {told} 个"
            yield _found(sentence, "sum_mismatch", (match.start("told"), match.end()), note, f"{true}个百分点")


_TENTHS = "一半|[二三四五]分之[一二三四]|[一二三四五六七八九两]成"
_CAME = rf"(?:从|由)[^，。；;\d]{{0,10}}(?P<before>{_FIGURE})(?P<unit>[{HAN}％%]{{1,2}}?)?[^，。；;\d]{{0,6}}"


@cache
def _in_words() -> re.Pattern:
    said = data("claims")
    ways = either([*said["falls"], *said["rises"]])
    told = rf"(?P<about>[近约]|将近|大约)?(?P<told>{_TENTHS})(?P<more>[多余])?"
    came = rf"{_CAME}(?:到|至|为|成)[^，。；;\d]{{0,6}}(?P<after>{_FIGURE})"
    return re.compile(rf"{came}[^。；;]{{0,20}}?{ways}了?{told}")


def _shares_in_words(sentence: View) -> Iterator[Finding]:
    """由24本压减到8本，减少了一半."""
    for match in _in_words().finditer(sentence.text):
        before, after = Decimal(match["before"]), Decimal(match["after"])
        told = _per_cent(match["told"])
        if not before:
            continue
        true = abs(before - after) / before * 100
        if abs(true - told) > (NEARLY_HALF if match["about"] or match["more"] else HALF):
            note = f"从 {before} 到 {after} 是 {true:.0f}%，不是{match['told']}"
            yield _found(sentence, "percentage", match.span("told"), note)


def _per_cent(words: str) -> Decimal:
    """一半, 三分之一, 六成 as per cent."""
    if words == "一半":
        return Decimal(50)
    if words.endswith("成"):
        return Decimal(10) * chinese_number(words[0].replace("两", "二"))
    below, _, above = words.partition("分之")
    return Decimal(100) * chinese_number(above) / chinese_number(below)


@cache
def _way() -> re.Pattern:
    said = data("claims")
    falls, rises = either([*said["falls"], "减", "降"]), either([*said["rises"], "增", "升"])
    return re.compile(
        rf"{_CAME}(?:(?P<fell>{falls})|(?P<rose>{rises}))(?:到|至|为)[^，。；;\d]{{0,6}}(?P<after>{_FIGURE})(?P<after_unit>[{HAN}％%]{{1,2}})?"
    )


def _ways(sentence: View) -> Iterator[Finding]:
    """由12次增加到9次."""
    for match in _way().finditer(sentence.text):
        before, after, unit = Decimal(match["before"]), Decimal(match["after"]), match["unit"] or ""
        if unit and not (match["after_unit"] or "").startswith(unit):
            continue
        if (match["rose"] and after < before) or (match["fell"] and after > before):
            word = match["rose"] or match["fell"]
            yield _found(sentence, "number", match.span(), f"说是{word}，数却从 {before} 到 {after}")


# ---- parts and wholes

_SAME_NOUN = re.compile(
    rf"(?:全[县区市镇乡校]|辖)[^，。；;\d]{{0,6}}(?P<whole>\d+)(?P<measure>[个所名家位])(?P<noun>[{HAN}]{{1,4}})[，,]"
    rf"(?:已有?|其中有?|现有|有|目前已?有?)(?P<part>\d+)(?P=measure)(?P=noun)"
)
_OF_PEOPLE = "学生|教师|教职工|班主任|干部|党员"
_ALL_PEOPLE = re.compile(
    rf"全[校县镇乡区](?:共有|现有|有)?(?:(?P<noun>{_OF_PEOPLE})(?:共|有)?(?P<whole>\d+)[人名]|(?P<whole2>\d+)[名位](?P<noun2>{_OF_PEOPLE}))"
    rf"[^，。；;\d]{{0,6}}[，,](?P<clause>(?:实际|参加|参与|实到|到会|其中)?[^，。；;\d]{{0,12}}?)(?P<part>\d+)[人名](?!次)"
)
_WHOLE_AND_ONE = re.compile(
    r"^(?P<before>[^\d]*)(?<!\d)(?P<whole>\d+)(?P<unit>[个名人家所件份项户处])[，,（(]其中[^，。；;\d]{0,10}(?P<part>\d+)(?P=unit)"
)


def _parts_of_all(sentence: View) -> Iterator[Finding]:
    """全县8个乡镇，已有9个乡镇完成; 全校学生912人，参加社团的学生1034人."""
    text = sentence.text
    for pattern in (_SAME_NOUN, _ALL_PEOPLE, _WHOLE_AND_ONE):
        for match in pattern.finditer(text):
            groups = match.groupdict()
            whole = Decimal(groups["whole"] or groups["whole2"])
            if Decimal(match["part"]) <= whole or not _of_these(groups):
                continue
            note = f"一共 {whole}，其中的却有 {match['part']}"
            yield _found(sentence, "number", match.span("part"), note)


_OF_ALL = re.compile(
    rf"(?<![\d.第])(?P<whole>\d+)(?P<unit>[名个所家户份项件])[{HAN}]{{1,8}}中[，,]?(?:共?有|实际)?(?P<part>\d+)(?P=unit)"
)


def _more_than_all(sentence: View) -> Iterator[Finding]:
    """36名班主任中，38名参加了培训."""
    for match in _OF_ALL.finditer(sentence.text):
        if int(match["part"]) > int(match["whole"]):
            note = f"一共 {match['whole']}，其中的却有 {match['part']}"
            yield _found(sentence, "number", match.span("part"), note)


def _of_these(groups: dict) -> bool:
    """Whether the part is one of the same people."""
    if "clause" not in groups:
        return True
    noun, clause = groups["noun"] or groups["noun2"], groups["clause"]
    if noun in clause:
        return "比" not in clause and "家长" not in clause
    return bool(re.match("实际|参加|参与|实到|到会|其中", clause)) and not re.search(_OF_PEOPLE + "|家长|群众", clause)


_DONE = "整改|办结|完成|覆盖|销号|办理|回复|回访|化解|达标"
_LEFT = re.compile(
    rf"(?:(?P<matter>{_DONE})(?:率|面)?(?:均?达到?了?|均?为|实现)?100[%％]|(?:全部|均已)(?P<matter2>{_DONE})(?:到位|完毕|完成)?)"
    rf"[，,；;](?P<rest>[^。；;\d]{{0,12}}(?:尚有|还有|仍有|剩余|另有|正在)[^。；;，\d]{{0,8}}\d[^。；;，]{{0,16}})"
)


def _left_over(sentence: View) -> Iterator[Finding]:
    """整改率100%，尚有3个问题正在整改."""
    for match in _LEFT.finditer(sentence.text):
        matter = match["matter"] or match["matter2"]
        if matter in match["rest"]:
            yield _found(sentence, "number", match.span(), f"说是全部{matter}，后面又说还有没{matter}的")


_TOO_MUCH = re.compile(
    rf"(?:{_DONE}|参与|参加|合格|优良|满意|出勤|入学|巩固|回收|公示|知晓|备案)(?:率|度)[^，。；;\d]{{0,6}}(?P<share>\d{{3,}}(?:\.\d+)?)[%％]"
)
_SATISFIED = re.compile(
    rf"(?P<who>非常满意|比较满意|基本满意|不太满意|不满意|很满意|满意|一般)(?:的|度|率)*(?:占|为|达)?(?P<share>{_FIGURE})[%％]"
)


def _beyond_all(sentence: View) -> Iterator[Finding]:
    """覆盖率达105%; 满意88%、基本满意12%、不满意5%."""
    for match in _TOO_MUCH.finditer(sentence.text):
        if Decimal(match["share"]) > 100 and "完成" not in match[0]:
            yield _found(sentence, "percentage", (match.start("share"), match.end()), "比率不会超过 100%")
    shares = {match["who"]: match for match in _SATISFIED.finditer(sentence.text)}
    total = sum(Decimal(match["share"]) for match in shares.values())
    if len(shares) > 1 and total > WHOLE and shares.keys() & {"不满意", "基本满意", "一般", "不太满意"}:
        first, *_, last = shares.values()
        note = f"各项加起来是 {total}%"
        yield _found(sentence, "percentage", (first.start("share"), last.end()), note)
