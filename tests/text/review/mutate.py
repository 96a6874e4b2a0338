"""Plants defects at known places in clean reports: ``inject(report, kind, sub, rng) -> (text, [Planted])``.

The kinds and subs are those of the annotated collections; ``KINDS`` lists them. Every planter takes the
lines of a report and a ``random.Random`` and returns the new lines with what it planted, or None where the report
offers no place. The same seed plants the same defect. Lines count from 1, characters of a line from 0; ``text`` is
what now stands there, ``fix`` what stood there.
"""

import random
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date

from opencc import OpenCC
from pypinyin import Style, pinyin

HAN = r"[\u4e00-\u9fff]"
UNITS = "个名人次所家份件项册万元户台套班辆本张节条"


@dataclass(frozen=True)
class Planted:
    """One planted defect, in the keys of the annotations."""

    line: int
    start: int
    end: int
    text: str
    kind: str
    sub: str
    fix: str
    pair: dict | None = None

    def as_row(self, file: str, report: int = 1) -> dict:
        return {"file": file, "report": report, **asdict(self)}


Lines = list[str]
Planter = Callable[[Lines, random.Random], "tuple[Lines, list[tuple]] | None"]
PLANTERS: dict[tuple[str, str], Planter] = {}


def plants(kind: str, sub: str):
    """Register a planter. It answers (lines, [(line index, start, end, fix[, pair])])."""

    def register(planter: Planter) -> Planter:
        PLANTERS[kind, sub] = planter
        return planter

    return register


def inject(report: str, kind: str, sub: str, rng: random.Random) -> tuple[str, list[Planted]]:
    """The report with one defect (or a few of a kind), and where it stands; unchanged and [] where it has no place."""
    answer = PLANTERS[kind, sub](report.rstrip("\n").split("\n"), rng)
    if answer is None:
        return report, []
    lines, spots = answer
    planted = [
        Planted(at + 1, start, end, lines[at][start:end], kind, sub, fix, *pair) for at, start, end, fix, *pair in spots
    ]
    return "\n".join(lines) + "\n", planted


def spots(lines: Lines, pattern: str, first: int = 0) -> list[tuple[int, re.Match]]:
    return [(at, match) for at, line in enumerate(lines) if at >= first for match in re.finditer(pattern, line)]


def swap(lines: Lines, at: int, start: int, end: int, new: str) -> Lines:
    return [*lines[:at], lines[at][:start] + new + lines[at][end:], *lines[at + 1 :]]


def swapped(lines: Lines, rng: random.Random, pattern: str, change, group: int = 0, first: int = 0):
    """One hit of the pattern rewritten. ``change`` gets text and rng; where it answers None the hit is passed by."""
    found = spots(lines, pattern, first)
    rng.shuffle(found)
    for at, match in found:
        old = match[group]
        new = change(old, rng)
        if new is None or new == old:
            continue
        start, end = match.span(group)
        return swap(lines, at, start, end, new), [(at, start, start + len(new), old)]
    return None


def inserted(lines: Lines, at: int, offset: int, new: str) -> tuple[Lines, list[tuple]]:
    return swap(lines, at, offset, offset, new), [(at, offset, offset + len(new), "")]


def line_in(lines: Lines, rng: random.Random, new: str, first: int = 1, fix: str = ""):
    at = rng.randint(first, len(lines) - 1)
    return [*lines[:at], new, *lines[at:]], [(at, 0, len(new), fix)]


def body(lines: Lines, least: int = 40) -> list[int]:
    return [at for at, line in enumerate(lines) if len(line) >= least and at > 0]


def of_school(lines: Lines) -> bool:
    """Whether a school signed, rather than an office, a government or a committee."""
    office = "(局|(?<!学术)委员会|政府|办公室|街道办事处|工作站|管理所|工作队|专班)$"
    return not any(re.search(office, line) for line in lines[-3:] if len(line) < 30)


def signed(lines: Lines) -> date:
    """The day at the end of a report."""
    return date(*map(int, re.findall(r"(20\d\d)年(\d+)月(\d+)日", "\n".join(lines))[-1]))


def after_title(lines: Lines, rng: random.Random, sentence: str, start: int, end: int, fix: str = ""):
    """A sentence of its own put behind a sentence of the body; the span is given within the sentence."""
    places = [(at, m.end()) for at, m in spots(lines, "。$|。(?=[^”’）])", 1) if not lines[at].startswith("问")]
    if not places:
        return None
    at, offset = rng.choice(places)
    return swap(lines, at, offset, offset, sentence), [(at, offset + start, offset + end, fix)]


# -- readings beside characters


@plants("pinyin_annotation", "after_char")
def pinyin_after(lines, rng):
    """Three readings with tones in brackets behind their characters, on one line."""
    at = rng.choice(body(lines))
    places = sorted(rng.sample([m.end() for m in re.finditer(HAN, lines[at])], 3))
    out, planted, last = "", [], 0
    for place in places:
        out += lines[at][last:place]
        reading = f"({pinyin(lines[at][place - 1], style=Style.TONE)[0][0]})"
        planted.append((at, len(out), len(out) + len(reading), ""))
        out, last = out + reading, place
    return [*lines[:at], out + lines[at][last:], *lines[at + 1 :]], planted


# -- placeholders


@plants("placeholder", "year")
def year_mask(lines, rng):
    mask = rng.choice(["20xx", "20XX", "20××", "20**", "xxxx", "20__"])
    return swapped(lines, rng, r"20[12]\d(?=年)", lambda _, __: mask)


@plants("placeholder", "number")
def number_mask(lines, rng):
    mask = rng.choice(["XX", "xx", "x", "×", "××", "*", "**", "__", "X"])
    pattern = rf"(?<![\d.:：])\d+(?:\.\d+)?(?=%|[{UNITS}])"
    return swapped(lines, rng, pattern, lambda _, __: mask, first=1)


@plants("placeholder", "name")
def name_mask(lines, rng):
    mask = rng.choice(["xx", "XX", "××", "某某", "**"])
    pattern = r"(?:(?<=^)|(?<=[，。、；：“]))([\u4e00-\u9fff]{2})(?=[县镇乡区][\u4e00-\u9fff])"
    return swapped(lines, rng, pattern, lambda _, __: mask, group=1)


@plants("placeholder", "digits_masked")
def digits_mask(lines, rng):
    """The digits 20 of a larger figure taken by a year mask (1200 → 1xx0), or the front of a year (2024 → xx24)."""
    if rng.random() < 0.5:
        return swapped(lines, rng, r"20[12]\d(?=年)", lambda old, _: "xx" + old[2:])
    return swapped(
        lines, rng, r"(?<![\d.:：])\d{3,6}(?=[" + UNITS + "])", lambda old, r: old[0] + "xx" + old[3:], first=1
    )


# -- marks that do not belong


@plants("stray_mark", "inserted_mark")
def stray_mark(lines, rng):
    found = spots(lines, rf"(?<={HAN})的(?={HAN})", 1)
    if not found:
        return None
    at, match = rng.choice(found)
    return inserted(lines, at, match.end(), rng.choice(".'`"))


@plants("stray_mark", "page_number")
def page_number(lines, rng):
    number = rng.randint(2, 15)
    form = rng.choice(["— {} —", "- {} -", "第{}页", "－{}－", "第 {} 页 共 16 页"])
    return line_in(lines, rng, form.format(number), first=2)


FURNITURE = (
    "相关推荐",
    "- 相关推荐",
    "内容导航",
    "点击下载全文",
    "【工作汇报】相关文章：",
    "上一篇：年度工作总结 下一篇：学期工作计划",
    "以上就是小编为大家整理的全部内容，希望对大家有所帮助。",
    "本文来源于网络，如有侵权请联系删除。",
    "返回顶部",
    "推荐阅读：",
    "以下是小编精心整理的工作情况汇报，仅供参考，欢迎阅读。",
    "双减工作情况汇报(精选15篇)",
    "扫一扫，关注公众号获取更多范文",
)


@plants("stray_mark", "site_boilerplate")
def furniture(lines, rng):
    return line_in(lines, rng, rng.choice(FURNITURE))


# -- bytes

TO_TRADITIONAL = OpenCC("s2t")


HALF_WIDTH = str.maketrans("，：；？！（）", ",:;?!()")
LEAD = range(0x81, 0xFF)


def gbk_bytes(text: str) -> list[bytes] | None:
    """The bytes of each character, or None where GBK lacks one."""
    try:
        return [char.encode("gbk") for char in text]
    except UnicodeEncodeError:
        return None


def web_decode(raw: bytes) -> str | None:
    """Bytes as a browser reads GBK: what makes no pair shows as "?", a last lone byte not at all.

    None where a pair is not assigned: such damage is seen as boxes and is another kind.
    """
    out, at = [], 0
    while at < len(raw):
        if raw[at] not in LEAD:
            out.append(chr(raw[at]))
            at += 1
        elif at + 1 == len(raw):
            break
        elif raw[at + 1] < 0x40:
            out.append("?")
            at += 2
        else:
            try:
                out.append(raw[at : at + 2].decode("gbk"))
            except UnicodeDecodeError:
                return None
            at += 2
    return "".join(out)


def differing(before: str, after: str) -> tuple[int, int, str]:
    """(start, end, what stood there) of the stretch where ``after`` departs from ``before``, counted in ``after``."""
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return head, len(after) - tail, before[head : len(before) - tail]


def byte_lost(chars: list[bytes], rng: random.Random) -> bytes:
    """One byte lost; the pairs heal where a second byte happens to be ASCII, or run to the end of the line."""
    at = rng.randrange(1, len(chars) - 1)
    return b"".join(chars[:at]) + chars[at][1:] + b"".join(chars[at + 1 :])


def byte_pushed_in(chars: list[bytes], rng: random.Random) -> bytes:
    """A lone A1, what a trimmed full-width blank leaves, before a character."""
    at = rng.randrange(1, len(chars) - 1)
    return b"".join(chars[:at]) + b"\xa1" + b"".join(chars[at:])


def reading_inside(chars: list[bytes], rng: random.Random) -> bytes:
    """The reading of a character that two halves of others seem to form, put between the halves."""
    at = rng.randrange(1, len(chars) - 2)
    seam = chars[at][-1:] + chars[at + 1][:1]
    try:
        reading = pinyin(seam.decode("gbk"), style=Style.TONE)[0][0]
        noted = f"({reading})".encode("gbk")
    except UnicodeDecodeError:
        return b"".join(chars)
    return b"".join(chars[: at + 1]) + chars[at + 1][:1] + noted + chars[at + 1][1:] + b"".join(chars[at + 2 :])


def two_bytes_lost(chars: list[bytes], rng: random.Random) -> bytes:
    """A byte lost and, some characters on, another: what lies between is mispaired."""
    at = rng.randrange(1, len(chars) - 6)
    until = at + rng.randint(3, 5)
    between = chars[at][1:] + b"".join(chars[at + 1 : until]) + chars[until][:1]
    return b"".join(chars[:at]) + between + b"".join(chars[until + 1 :])


LONGEST_DAMAGE = 16  # characters; longer runs do not occur in the collections


def byte_damage(lines: Lines, rng: random.Random, *breakers):
    """One line broken in its bytes, at a place where the damage ends within LONGEST_DAMAGE characters."""
    places = body(lines)
    for _ in range(300):
        at, breaker = rng.choice(places), rng.choice(breakers)
        chars = gbk_bytes(lines[at])
        if chars is None or (raw := breaker(chars, rng)) == b"".join(chars) or (after := web_decode(raw)) is None:
            continue
        start, end, old = differing(lines[at], after)
        if start < end and 2 <= len(old) <= LONGEST_DAMAGE and re.search(HAN, old):
            return [*lines[:at], after, *lines[at + 1 :]], [(at, start, end, old)]
    return None


@plants("encoding_damage", "gbk_byte_shift")
def byte_shift(lines, rng):
    """A page converted to traditional script, then broken in GBK, then its marks made half-width."""
    lines = [TO_TRADITIONAL.convert(x) for x in lines]
    answer = byte_damage(lines, rng, byte_lost, byte_lost, byte_pushed_in, reading_inside)
    if answer is None:
        return None
    out, [(at, start, end, fix)] = answer
    return [x.translate(HALF_WIDTH) for x in out], [(at, start, end, fix.translate(HALF_WIDTH))]


@plants("encoding_damage", "gbk_byte_loss")
def byte_loss(lines, rng):
    """Two bytes lost from a simplified page."""
    return byte_damage(lines, rng, two_bytes_lost)


# -- script

MIXED = {
    "於": "于",
    "儘": "尽",
    "鑑": "鉴",
    "裡": "里",
    "後": "后",
    "麵": "面",
    "乾": "干",
    "臺": "台",
    "係": "系",
    "準": "准",
}


@plants("mixed_script", "one_to_many")
def mixed(lines, rng):
    """A traditional report in which the converter left one character simplified.

    A text that has 臺 but once may as well write it 台.
    """
    lines = [TO_TRADITIONAL.convert(x) for x in lines]
    once = "".join(lines).count("臺") < 2
    strays = "".join(char for char in MIXED if char != "臺" or not once)
    return swapped(lines, rng, f"[{strays}]", lambda old, _: MIXED[old])


# -- scanning slips

LIST_DOT = r"^(1)[.．](?=\D)"


@plants("ocr_slip", "list_marker")
def list_marker(lines, rng):
    forms = [
        lambda: swapped(lines, rng, r"^1[.．、](?=\D)", lambda _, r: r.choice(["L", "l"])),
        lambda: swapped(lines, rng, r"^\d[.．](?=\D)", lambda old, _: old[0] + ","),
        lambda: swapped(lines, rng, r"^\d[.．](?=\D)", lambda old, _: old[0] + " ."),
        lambda: swapped(lines, rng, r"^（三）", lambda _, __: "(S)"),
        lambda: swapped(lines, rng, r"^[（(]1[）)]", lambda _, __: "(l)"),
    ]
    rng.shuffle(forms)
    return next((answer for form in forms if (answer := form())), None)


@plants("ocr_slip", "digit")
def digit_slip(lines, rng):
    forms = {"1": "lLI", "0": "OoＯ", "5": "S"}
    found = spots(lines, rf"(?<![\d.])(?:\d+\.\d|\d{{2,}})(?=%|[{UNITS}])", 1)
    rng.shuffle(found)
    for at, match in found:
        digits = [i for i, c in enumerate(match[0]) if c in forms]
        if digits:
            i = rng.choice(digits)
            new = match[0][:i] + rng.choice(forms[match[0][i]]) + match[0][i + 1 :]
            new = re.sub(r"^L\.", "L", new)
            return swap(lines, at, *match.span(), new), [(at, match.start(), match.start() + len(new), match[0])]
    return None


@plants("ocr_slip", "space")
def space_slip(lines, rng):
    words = "学生|教师|学校|作业|工作|家长|课后|服务|时间|年级|教育|干部|会议|乡镇"
    found = spots(lines, words, 1)
    if not found:
        return None
    at, match = rng.choice(found)
    return inserted(lines, at, match.start() + 1, " ")


@plants("ocr_slip", "quote")
def quote_slip(lines, rng):
    """A quotation mark on the wrong side, or its partner gone."""
    found = spots(lines, r"“([^“”]{1,14})”", 1)
    if not found:
        return None
    at, match = rng.choice(found)
    inner = match[1]
    new = rng.choice([f"”{inner}”", f"“{inner}“", f"“{inner}", f"{inner}”"])
    return swap(lines, at, *match.span(), new), [(at, match.start(), match.start() + len(new), match[0])]


@plants("ocr_slip", "punct")
def punct_slip(lines, rng):
    """A comma gone, or a stop doubled."""
    if rng.random() < 0.5:
        return swapped(lines, rng, rf"{HAN}{{2}}，{HAN}{{2}}", lambda old, _: old.replace("，", ""), first=1)
    return swapped(lines, rng, "[，。；]", lambda old, _: old * 2, first=1)


@plants("ocr_slip", "heading_glued")
def glued_heading(lines, rng):
    """A heading and the paragraph below it on one line."""
    heads = [
        at
        for at, line in enumerate(lines[:-1])
        if re.match(r"[一二三四五六]、|（[一二三四五]）", line) and len(line) < 24 and len(lines[at + 1]) > 40
    ]
    if not heads:
        return None
    at = rng.choice(heads)
    joint = len(lines[at])
    out = [*lines[:at], lines[at] + lines[at + 1], *lines[at + 2 :]]
    return out, [(at, joint, joint + 2, f"↵{out[at][joint : joint + 2]}")]


HOMOPHONES = {
    "分钟": "分种",
    "长期": "常期",
    "切实": "确实",
    "必须": "必需",
    "签订": "签定",
    "制订": "制定",
    "部署": "布署",
    "辅导": "辅道",
    "负担": "付担",
    "安排": "按排",
    "及时": "即时",
    "认真": "任真",
    "布置": "布制",
    "督促": "督捉",
    "家长": "加长",
    "公示": "公事",
    "批改": "披改",
    "作业": "做业",
    "教师": "教帅",
    "学生": "学升",
    "检查": "捡查",
    "报告": "抱告",
    "会议": "会义",
    "问题": "问提",
}
SHAPES = {
    "重点": "生点",
    "学生": "学主",
    "教师": "教帅",
    "工作": "丁作",
    "作业": "作亚",
    "未": "末",
    "家长": "家氏",
    "时间": "时问",
    "人员": "入员",
}
EQUAL = {"切实", "制订", "必须"}  # both words exist: no slip to be found without sense


@plants("ocr_slip", "homophone")
def homophone(lines, rng):
    table = {k: v for k, v in HOMOPHONES.items() if k not in EQUAL and v != SHAPES.get(k)}
    return swapped(lines, rng, "|".join(table), lambda old, _: table[old], first=1)


@plants("ocr_slip", "char")
def look_alike(lines, rng):
    return swapped(lines, rng, "|".join(k for k in SHAPES if len(k) > 1), lambda old, _: SHAPES[old], first=1)


LOST = {
    "改革": "改",
    "统一": "统",
    "活动": "活",
    "未成年人": "未成年",
    "整改": "整",
    "情况": "情",
    "存在的问题": "存的问题",
    "平均": "平",
    "教研组": "教组",
    "义务教育": "义教育",
    "参加": "参",
    "负责人": "负责",
    "校外培训": "校外训",
    "课后服务": "课服务",
    "教育局": "教局",
}


@plants("ocr_slip", "dropped_char")
def dropped_char(lines, rng):
    found = spots(lines, "|".join(LOST), 1)
    if not found:
        return None
    at, match = rng.choice(found)
    kept = LOST[match[0]]
    return swap(lines, at, *match.span(), kept), [(at, match.start(), match.start() + len(kept), match[0])]


@plants("ocr_slip", "extra_char")
def extra_char(lines, rng):
    """A character doubled where no doubling exists."""
    found = spots(lines, "级|次(?=[^次])|校|局|镇|县|务|业|作|育", 1)
    if not found:
        return None
    at, match = rng.choice(found)
    new = match[0] * 2
    return swap(lines, at, *match.span(), new), [(at, match.start(), match.start() + 2, match[0])]


@plants("ocr_slip", "dropped_word")
def dropped_word(lines, rng):
    """The term after 和, + or 、 removed, so that the joint hangs in the air."""
    found = spots(lines, rf"([和、])({HAN}{{2,4}})(?=[，。；])", 1)
    if not found:
        return None
    at, match = rng.choice(found)
    start, end = match.start(1), match.end(2)
    return swap(lines, at, start, end, match[1]), [(at, start, start + 2, match[0] + lines[at][end])]


@plants("ocr_slip", "order")
def order_slip(lines, rng):
    return swapped(
        lines,
        rng,
        r"\d+(?:万多|多万)|(?<=\d)余[名人个]|[全各](?:县|校|镇)(?=[\u4e00-\u9fff])",
        lambda old, _: old[:-2] + old[-1] + old[-2],
        first=1,
    )


# -- numbering

NUMERALS = "一二三四五六七八九十"


def heads_of(lines: Lines) -> list[list[tuple[int, int, str]]]:
    """Runs of list marks at line starts that count up from the first: (line, index of the numeral, form)."""
    runs = []
    for pattern in (rf"^([{NUMERALS}])、", rf"^（([{NUMERALS}])）", r"^(\d)[.．、]"):
        found = [(at, m.start(1), m[1]) for at, m in spots(lines, pattern)]
        if len(found) >= 3 and [x[2] for x in found] in ([*NUMERALS[: len(found)]], [*"123456789"[: len(found)]]):
            runs.append(found)
    return runs


def renumber(lines: Lines, rng: random.Random, step: int):
    runs = heads_of(lines)
    if not runs:
        return None
    run = rng.choice(runs)
    digits = NUMERALS if run[0][2] == "一" else "123456789"
    k = rng.randint(1, len(run) - 1)
    out = lines
    for at, where, mark in run[k:]:
        out = swap(out, at, where, where + 1, digits[digits.index(mark) + step])
    at, where, mark = run[k]
    width = where + 2
    return out, [(at, 0, width, lines[at][:width])]


@plants("numbering_error", "gap")
def numbering_gap(lines, rng):
    return renumber(lines, rng, 1)


@plants("numbering_error", "duplicate")
def numbering_duplicate(lines, rng):
    return renumber(lines, rng, -1)


# -- truncation


@plants("truncated", "para_split")
def para_split(lines, rng):
    """A page break in the middle of a clause."""
    found = [(at, m.start() + rng.randint(3, 5)) for at, m in spots(lines, rf"{HAN}{{9,}}", 1) if len(lines[at]) > 60]
    found = [(at, cut) for at, cut in found if 10 < cut < len(lines[at]) - 15]
    if not found:
        return None
    at, cut = rng.choice(found)
    head, tail = lines[at][:cut], lines[at][cut:]
    start = max(head.rfind(mark) for mark in "，。；：、") + 1
    return [*lines[:at], head, tail, *lines[at + 1 :]], [(at, start, cut, head[start:] + tail[:4])]


def cut_off(lines: Lines, at: int, rng: random.Random):
    line = lines[at]
    cut = rng.randint(len(line) * 2 // 3, len(line) - 4)
    while cut > 20 and not (re.match(HAN, line[cut - 1]) and re.match(HAN, line[cut])):
        cut -= 1
    return cut


@plants("truncated", "para_end")
def para_end(lines, rng):
    """The last words of a paragraph gone, stop and all."""
    at = rng.choice([x for x in body(lines, 60) if lines[x].endswith("。")])
    cut = cut_off(lines, at, rng)
    return [*lines[:at], lines[at][:cut], *lines[at + 1 :]], [(at, cut - 5, cut, lines[at][cut - 5 :])]


@plants("truncated", "report_end")
def report_end(lines, rng):
    """The report breaks off in its last paragraph: no signature."""
    at = [x for x in body(lines, 50) if lines[x].endswith("。")][-1]
    cut = cut_off(lines, at, rng)
    return [*lines[:at], lines[at][:cut]], [(at, cut - 5, cut, lines[at][cut - 5 :])]


# -- figures


@plants("empty_figure", "number_removed")
def number_removed(lines, rng):
    found = spots(lines, r"(?<=[\u4e00-\u9fff])\d+(?:\.\d+)?([个名人次所家份件项册户台套辆本张节条%])(?=[，。；、])", 1)
    if not found:
        return None
    at, match = rng.choice(found)
    return swap(lines, at, *match.span(), match[1]), [(at, match.start(), match.start() + 1, match[0])]


@plants("moved_figure", "torn_out")
def moved_figure(lines, rng):
    """A figure torn from its place by the layout and set at the end of its line."""
    found = spots(lines, rf"(?<={HAN})(\d{{2,}})(?=[名人次所家份件项册户])", 1)
    found = [(at, m) for at, m in found if len(lines[at]) > m.end() + 8]
    if not found:
        return None
    at, match = rng.choice(found)
    line = lines[at][: match.start()] + lines[at][match.end() :]
    return [*lines[:at], line + match[1], *lines[at + 1 :]], [
        (at, match.start(), match.start() + 1, match[1] + line[match.start()]),
        (at, len(line), len(line) + len(match[1]), ""),
    ]


COUNTED = {2: "两", 3: "三", 4: "四", 5: "五"}
CLAIMS = (
    (
        "主要采取了{}项措施：",
        "一是把公示栏挪到校门口；",
        "二是把预计用时写在题目后面；",
        "三是由年级组长在下午第三节前核对；",
    ),
    ("重点抓了{}个方面：", "一是精简文件；", "二是合并会议；", "三是清理群组；"),
    ("归纳起来有{}条经验：", "第一，先听后改；", "第二，先试后推；", "第三，先减后加；"),
    ("今年做到了“{}个到位”：", "人员到位、", "经费到位、", "时间到位、"),
)


@plants("internal_contradiction", "count_mismatch")
def count_mismatch(lines, rng):
    """A claim of so many points before a list of another length."""
    lead, *points = rng.choice(CLAIMS)
    kept = points[: rng.choice([2, 3])]
    claim = COUNTED[len(kept) + rng.choice([1, 2])]
    head = lead.format(claim)
    sentence = head + "".join(kept)[:-1] + "。"
    where = head.index(claim)
    unit = re.match(rf"{claim}(?:项措施|个方面|条经验|个到位)", head[where:])[0]
    return after_title(lines, rng, sentence, where, where + len(unit), COUNTED[len(kept)] + unit[1:])


@plants("internal_contradiction", "sum_mismatch")
def wrong_sum(lines, rng):
    parts = [rng.randint(12, 240) for _ in range(3)]
    total, wrong = sum(parts), sum(parts) + rng.choice([-10, -9, 9, 10, 20, 100])
    head = f"全年共接待来访{wrong}"
    sentence = f"{head}人次，其中家长{parts[0]}人次、教师{parts[1]}人次、村民{parts[2]}人次。"
    return after_title(lines, rng, sentence, len(head) - len(str(wrong)), len(head), str(total))


@plants("internal_contradiction", "percentage")
def wrong_percentage(lines, rng):
    whole = rng.randint(180, 900)
    part = rng.randint(whole // 3, whole - 20)
    right, wrong = f"{part / whole:.1%}", f"{(part / whole + rng.choice([-0.12, -0.08, 0.07])):.1%}"
    head = f"问卷发给{whole}名家长，其中{part}名表示满意，占"
    return after_title(lines, rng, f"{head}{wrong}。", len(head), len(head) + len(wrong), right)


@plants("internal_contradiction", "number")
def number_changes(lines, rng):
    """A figure told twice with different values."""
    first = rng.randint(21, 60)
    second = first + rng.choice([-4, -2, 3, 5, 9])
    one = f"学校现有教学班{first}个。"
    two = f"上述{second}个教学班均已落实。"
    at = body(lines)
    out = list(lines)
    out[at[0]] += one
    out[at[-1]] += two
    start = len(out[at[-1]]) - len(two) + 2
    pair = {"line": at[0] + 1, "start": len(out[at[0]]) - len(one) + 7, "end": len(out[at[0]]) - 2}
    return out, [(at[-1], start, start + len(str(second)), str(first), pair)]


SURNAMES = {"副校长": "唐宏 唐洪", "主任": "何敏 何民", "组长": "邵文礼 邵文理", "校长": "沈怀玉 沈怀钰"}


@plants("internal_contradiction", "entity")
def name_changes(lines, rng):
    """The same office held by two spellings of one name."""
    post = rng.choice(list(SURNAMES))
    one, two = SURNAMES[post].split()
    at = body(lines)
    out = list(lines)
    out[at[0]] += f"此项工作由{post}{one}负责。"
    out[at[-1]] += f"{post}{two}每月听取一次进展。"
    start = len(out[at[-1]]) - len(f"{two}每月听取一次进展。")
    return out, [(at[-1], start, start + len(two), one)]


# -- copies


def edited(text: str, share: float, rng: random.Random) -> str:
    """The text with a share of its characters dropped, doubled or replaced."""
    filler = "的了和在对各也再又更新及与为"
    out = []
    for char in text:
        if rng.random() >= share or char in "，。；：、":
            out.append(char)
            continue
        out.append(rng.choice(["", char + rng.choice(filler), rng.choice(filler)]))
    return "".join(out)


def copy_in(lines: Lines, rng: random.Random, share: float):
    long = body(lines, 80)
    if not long:
        return None
    source = rng.choice(long)
    copy = edited(lines[source], share, rng)
    at = rng.randint(min(source + 2, len(lines)), len(lines))
    pair = {"line": source + 1, "start": 0, "end": len(lines[source])}
    return [*lines[:at], copy, *lines[at:]], [(at, 0, len(copy), "", pair)]


@plants("near_duplicate_passage", "paragraph")
def same_paragraph(lines, rng):
    return copy_in(lines, rng, 0.0)


@plants("near_duplicate_passage", "edited")
def edited_paragraph(lines, rng):
    return copy_in(lines, rng, rng.uniform(0.02, 0.15))


@plants("near_duplicate_passage", "script")
def other_script(lines, rng):
    """The copy stands in traditional script."""
    answer = copy_in(lines, rng, 0.0)
    if answer is None:
        return None
    out, [(at, start, _, fix, pair)] = answer
    out[at] = TO_TRADITIONAL.convert(out[at])
    return out, [(at, start, len(out[at]), fix, pair)]


# -- reports in the wrong place

STRANGERS = (
    (
        "防汛防台风工作情况汇报",
        "第9号台风于8月14日凌晨登陆，最大风力12级，降雨186毫米，转移渔民和危房住户3120人。",
        "水利部门调度水库17座，预泄库容2400万立方米，抢险队伍86支全部到岗，电力部门抢修线路43条。",
        "渔港回港避风渔船468艘，海上作业平台撤离人员215名，沿海12个旅游景点提前一天关闭。",
        "气象台先后发布预警信号9次，应急广播覆盖全部行政村，住建部门排查在建工地塔吊63台、广告牌1100块。",
        "城区积水点8处由市政抽水车昼夜排涝，供水、通信在台风过境后16小时内恢复，菜市场价格平稳。",
        "截至16日18时，倒塌房屋9间，农作物受灾1.2万亩，没有人员伤亡，交通干线全部恢复。",
    ),
    (
        "化工园区安全生产专项整治汇报",
        "园区现有化工企业23家，其中有重大危险源的8家，储罐147个，危险化学品运输车312辆。",
        "专家组用15天排查反应釜、液氨管线和可燃气体报警装置，发现隐患206处，停产整改2家。",
        "园区污水处理厂日处理能力1.5万吨，在线监测数据与生态环境部门联网，雨污分流管网完成改造6.2公里。",
        "消防特勤站配备泡沫车4辆、防化服60套，组织液氯泄漏、罐区火灾两次实战演练，参演企业18家。",
        "对316名特种作业人员逐一核对操作证，发现过期9人，全部离岗培训。",
        "下一步将推进自动化改造和人员定位系统建设，实现厂区、罐区、装卸区监测全覆盖。",
    ),
    (
        "生猪养殖与粪污治理工作汇报",
        "全县存栏生猪31.4万头，规模养殖场268个，年产生粪污约57万吨，建成沼气工程12处。",
        "畜牧站对禁养区内39户逐户签订搬迁协议，发放补助412万元，新建有机肥车间4座。",
        "推广干清粪、雨污分离和异位发酵床三种工艺，配套消纳农田8.6万亩，铺设沼液管道27公里。",
        "动物卫生监督所抽检饲料、饮水和粪样412批次，非洲猪瘟检测全部为阴性，病死猪无害化处理2140头。",
        "养殖户投保能繁母猪1.9万头，生猪收购价每公斤14.6元，比年初上涨一成。",
        "目前粪污综合利用率为91%，河道断面氨氮浓度同比下降两成。",
    ),
)


@plants("off_topic_report", "off_domain")
def off_domain(lines, rng):
    """Under the title of the collection stands a report of another world."""
    _, *strange = rng.choice(STRANGERS)
    title = lines[0]
    return [title, *strange], [(0, 0, len(title), "")]


@plants("off_topic_report", "glued_document")
def glued(lines, rng):
    """A second document under its own title behind the first."""
    title, *strange = rng.choice(STRANGERS)
    return [*lines, title, *strange], [(len(lines), 0, len(title), "")]


LEVELS = {
    "school": ("我县各乡镇要切实担负起主体责任，县直各部门要各司其职，对落实不力的乡镇予以约谈。", "我县各乡镇"),
    "office": ("我校各班主任要在每天放学前检查学生书包，并利用升旗仪式表扬作业整洁的同学。", "我校各班主任"),
}


@plants("level_mismatch", "paragraph")
def level(lines, rng):
    """A county's sentence in a school's report, a school's in an office's."""
    sentence, span = LEVELS["school" if of_school(lines) else "office"]
    return after_title(lines, rng, sentence, 0, len(span))


# -- rules that the report breaks: by sub: (sentence, span)

CONFLICTS = {
    "homework_minutes": (
        ("学校规定三至六年级每天书面作业总量控制在70分钟以内。", "70分钟"),
        ("四、五年级书面作业一般安排80分钟，学生基本能够完成。", "80分钟"),
    ),
    "homework_grade12": (
        ("一年级每天布置10分钟书面家庭作业，由家长签字。", "10分钟书面家庭作业"),
        ("二年级学生每晚回家抄写生字两行、口算一页。", "抄写生字两行、口算一页"),
    ),
    "exam_count": (
        ("小学每学期组织期中、期末两次考试。", "期中、期末两次考试"),
        ("三至六年级每学期统一安排期中、期末两次质量检测。", "期中、期末两次质量检测"),
    ),
    "unit_test": (
        ("各年级语文、数学每教完一个单元进行一次单元测试，成绩登记入册。", "单元测试"),
        ("教导处每月组织一次月考，分析各班均分。", "月考"),
    ),
    "exam_grade12": (("二年级期末进行语文、数学两科纸笔考试。", "纸笔考试"),),
    "school_hours": (
        ("小学部早上7:30开始上课，任何人不得迟到。", "7:30"),
        ("全体小学生每天在校集中学习时间不超过8小时。", "8小时"),
    ),
    "tutoring_rest_day": (
        ("经批准的学科类机构每周六上午为四年级学生开设数学培训班。", "每周六上午"),
        ("某学科类培训机构在寒假期间为初一学生开设英语班，运行平稳。", "寒假期间"),
    ),
    "tutoring_late": (("培训机构晚间课程于21:30结束，家长按时接回。", "21:30"),),
    "prepayment": (("培训机构按学年一次性收取12个月费用，手续齐全。", "12个月费用"),),
    "ranking": (("期末成绩按年级排出名次，前五十名张榜公布。", "排出名次，前五十名张榜公布"),),
    "parent_marking": (("家庭作业由家长批改签字后交回学校。", "家长批改签字"),),
    "arrival": (("小学部要求学生每天7:40到校，由值日生点名。", "7:40"),),
    "bedtime": (("小学住校生22:10熄灯就寝，由生活教师查房。", "22:10"),),
    "phones": (("学生可以把手机带进教室，上课时放在桌角。", "手机带进教室"),),
    "service_hours": (("小学课后服务每天50分钟，以写作业为主。", "50分钟"),),
    "big_break": (("小学每天的大课间为20分钟，做一套操。", "20分钟"),),
}
OFFICE_CONFLICTS = {
    "document_length": (("制定的专项工作实施方案共6000字，内容全面。", "6000字"),),
    "speech_length": (("县委主要领导在会上讲话1小时40分钟，作了全面部署。", "1小时40分钟"),),
    "secondment": (("县直单位从乡镇借调干部14人，期限一年，缓解了人手不足。", "借调干部14人"),),
    "more_documents": (("全年共印发文件86件，比上年增加9件，工作抓得更细。", "比上年增加9件"),),
    "meeting_days": (("项目推进会开了两天，观摩了六个点位。", "开了两天"),),
    "group_tasks": (("值班要求在工作群里接龙报平安，无一遗漏。", "接龙"),),
}
SINCE = dict.fromkeys(OFFICE_CONFLICTS, date(2024, 8, 6)) | {"group_tasks": date(2023, 12, 18)}
"""The rules that these sentences break came late: an older report with the sentence is no broken one."""
LEGAL = {
    "homework_minutes": "三至六年级书面作业平均完成时间不超过60分钟。",
    "homework_grade12": "一、二年级不布置书面家庭作业。",
    "exam_count": "初中每学期可安排一次期中考试和一次期末考试。",
    "unit_test": "学校没有组织单元测试、月考。",
    "exam_grade12": "一、二年级没有纸笔考试，期末以游戏闯关代替。",
    "school_hours": "小学上午8:20上课，早到的学生可以先进图书角。",
    "tutoring_rest_day": "检查组查实某机构每周六违规开设数学班，已责令停办。",
    "tutoring_late": "线下培训结束时间不晚于20:30。",
    "prepayment": "预收费不超过3个月或60课时。",
    "ranking": "成绩不排名、不公布。",
    "parent_marking": "教师不得要求家长批改作业。",
    "document_length": "专项工作文件控制在4000字以内。",
    "speech_length": "主要领导讲话不超过1小时。",
    "secondment": "从乡镇借调的14名干部已全部退回。",
    "arrival": "小学校门7:40打开，8:20以前到校全凭自愿。",
    "bedtime": "小学住校生21:00熄灯。",
    "phones": "手机不带进教室，由班主任统一保管。",
    "service_hours": "小学课后服务每天2小时。",
    "big_break": "上午和下午的大课间各30分钟。",
    "more_documents": "全年共印发文件57件，比上年减少9件。",
    "meeting_days": "项目推进会开了半天。",
    "group_tasks": "工作群里不要求接龙。",
}  # legal, denied or forbidden: no finding may come of it


def conflict(sub: str, cases):
    def planter(lines, rng):
        if of_school(lines) == (sub in OFFICE_CONFLICTS) or signed(lines) < SINCE.get(sub, date.min):
            return None
        sentence, span = rng.choice(cases)
        start = sentence.index(span)
        return after_title(lines, rng, sentence, start, start + len(span))

    PLANTERS["policy_conflict", sub] = planter


def legal(report: str, sub: str, rng: random.Random) -> str:
    """The report with a sentence that speaks of the same matter and breaks no rule."""
    answer = after_title(report.rstrip("\n").split("\n"), rng, LEGAL[sub], 0, 1)
    return report if answer is None else "\n".join(answer[0]) + "\n"


for _sub, _cases in {**CONFLICTS, **OFFICE_CONFLICTS}.items():
    conflict(_sub, _cases)


# -- length

LONG = {  # sub: title, day, characters that are surely too many
    "characters": ("关于加强秋冬季森林防火工作的意见", "2025年10月16日", 5600),
    "pages": ("关于做好城乡低保核查工作的意见", "2022年3月8日", 9000),
}


def too_long(sub: str):
    def planter(lines, rng):
        """The text under the title of a document, once more and once more until it is too long."""
        title, day, characters = LONG[sub]
        body = [line for line in lines[1:-2] if line]
        times = characters // max(len("".join(body)), 1) + 1
        return [title, *body * times, lines[-2], day], [(0, 0, len(title), "")]

    PLANTERS["length_limit", sub] = planter


for _sub in LONG:
    too_long(_sub)


@plants("length_limit", "depth")
def fifth_level(lines, rng):
    items = ["一、整改安排", "（一）近期", "1.立行立改", "（1）作业公示", "①每周一上墙。"]
    at = max(n for n, line in enumerate(lines) if line.endswith("。")) + 1
    return [*lines[:at], *items, *lines[at:]], [(at + len(items) - 1, 0, 1, "")]


# -- persons


def identity_number(rng: random.Random) -> str:
    """An identity number with a right check digit (GB 11643), for a place code that is not in use."""
    birth = f"{rng.randint(2009, 2016)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    digits = f"{rng.choice(['990101', '990302'])}{birth}{rng.randint(1, 999):03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11]


def privacy(sub: str, make):
    def planter(lines, rng):
        before, secret, after = make(rng)
        return after_title(lines, rng, before + secret + after, len(before), len(before) + len(secret))

    PLANTERS["privacy", sub] = planter


CHILDREN = ("邢小满", "陆知夏", "郝一诺", "汤沐阳", "温以宁")


def mobile(rng: random.Random) -> str:
    return f"1{rng.choice('3578')}{rng.randint(0, 9)}{rng.randint(10**7, 10**8 - 1)}"


privacy(
    "minor_name", lambda r: (f"三年级（{r.randint(1, 4)}）班学生", r.choice(CHILDREN), "因父亲患病，学校减免了费用。")
)
privacy("phone", lambda r: ("家长可拨打班主任手机", mobile(r), "反映情况。"))
privacy("identity_number", lambda r: ("资助对象身份证号为", identity_number(r), "，材料已归档。"))

MERITS = {
    "check_in": ("要求学生每天在小程序打卡，养成了习惯。", "每天在小程序打卡"),
    "traces": ("对每次家访做到全程留痕，工作更加扎实。", "全程留痕"),
    "publicity_score": ("将信息宣传纳入考核，每篇稿件加2分，调动了积极性。", "每篇稿件加2分"),
    "ranking_units": ("对各村报表报送情况每周排名通报，形成了比学赶超的氛围。", "每周排名通报"),
    "parent_signature": ("组织全体家长签订不参加校外培训承诺书，效果明显。", "签订不参加校外培训承诺书"),
    "added_checks": ("加大督查力度，检查次数比去年增加一倍，推动了落实。", "检查次数比去年增加一倍"),
}
for _sub, (_sentence, _span) in MERITS.items():
    PLANTERS["burden_as_merit", _sub] = lambda lines, rng, s=_sentence, p=_span: after_title(
        lines, rng, s, s.index(p), s.index(p) + len(p)
    )

KINDS = tuple(PLANTERS)  # (kind, sub)
