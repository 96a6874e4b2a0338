"""Slips of a scanner or of a hasty hand that need no understanding: L for 1., (S) for (三), a blank inside a word."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .. import lexicon
from ..document import SIMPLE, Document, View
from ..finding import Finding
from ..signs import sign_of
from ..words import HAN, NUMERALS

LONGEST_WORD = 4  # characters over a blank that may be one word
LONGEST_QUOTED = 16  # characters between marks that still make one quotation
_L_MARK = re.compile(rf"^\s*([LlI|])(?=[{HAN}“《])")
_L_STOP = re.compile(rf"^\s*([LlI|])[.．、](?=[{HAN}“《])")
_COMMA_MARK = re.compile(rf"^\s*(\d{{1,2}})(\s*[,，]|\s+[.．、,，])(?=\s*[{HAN}“《])")
_BRACKET = re.compile(r"^\s*[（(]([SsZl])[)）](?=\s*\S)")
_JOINED = re.compile(rf"(?<=[{HAN}。；;”])(\s+(\d{{1,2}})\s*[.．、](?!\d)\s*)(?=[{HAN}“])")
_L_FIGURE = re.compile(r"(?<![A-Za-z\d])[Ll](\d)(?=[个小时点倍万亿元公里米%％])")
_LETTERED = re.compile(
    r"(?<![A-Za-z\d.])(?=[\dlLIOoＯS.]*\d)(?=[\d.]*[lLIOoＯS])[\dlLIOoＯS]+(?:\.[\dlLIOoＯS]+)?(?=[%％个名人次所家份件项册万元户台套班辆本张节条天分])"
)
# A full-width blank is layout: it parts the cells of a row, a label and what it says.
_BLANK = re.compile(rf"(?<=[{HAN}]{{2}}) (?=[{HAN}]{{2}})|(?<=[{HAN}]) (?=[{HAN}])")
_READ_AS = {"S": "三", "s": "三", "Z": "二", "l": "1"}
_LETTER_DIGITS = str.maketrans("lLIOoＯS", "1110005")
_DAY = r"[\dxX×*一二三四五六七八九十]{1,3}"
_YEAR = r"(?:\d{4}|\d{2}[xX×*]{2}|[〇零一二三四五六七八九]{4})"
_SIGNED_DATE = re.compile(rf"^(?P<name>[{HAN}]{{4,24}})(?P<date>{_YEAR}年{_DAY}月{_DAY}日)\s*$")
_CLOSING = re.compile(r"[，。；、,;：）)！？]|$")
_QUOTED = re.compile(rf"[{HAN}\d]{{2,{LONGEST_QUOTED}}}(?=[，。；、,;）)])")


# What stands in a line in which one of the above matches, quotations apart.
_ANY_SLIP = sign_of(
    "LlI|OoＯSsZ\\s,，)）日",
    rf"[LlI|OoＯSsZ]|[^\S\n]|[,，](?:(?<=^\d.)|(?<=^.\d.))|[)）](?<=[{NUMERALS}].)|日$",
)
_QUOTES = re.compile("[“”\n]")


def find(document: Document) -> Iterator[Finding]:
    for report in document.written():
        for _, line in report.lines_with(_ANY_SLIP):
            yield from _list_marks(line)
            yield from _figures(line)
            yield from _blanks(line)
            yield from _signed(line)
        if _paired(report.simple.text):
            continue
        for number, line in report.lines(SIMPLE):
            if number not in report.document.damaged_lines:  # the other mark may be in the debris
                yield from _quotes(line)


def _slip(line: View, sub: str, span: tuple[int, int], note: str, fix: str | None, conf: str = "h") -> Finding:
    return line.find("ocr_slip", sub, *span, note, fix=fix, conf=conf, safe=conf == "h")


def _list_marks(line: View) -> Iterator[Finding]:
    text = line.text
    if (match := _L_MARK.match(text)) and not re.match(r"\s*[LlI|][形型级码值]", text):
        yield _slip(line, "list_marker", match.span(1), "“1.”被认成了字母", "1.")
    elif match := _L_STOP.match(text):
        yield _slip(line, "list_marker", match.span(1), "“1”被认成了字母", "1")
    elif match := _COMMA_MARK.match(text):
        yield _slip(line, "list_marker", (match.start(1), match.end(2)), "序号后应是点号", f"{match[1]}.")
    elif match := _BRACKET.match(text):
        span = match.start(1) - 1, match.end(1) + 1
        yield _slip(line, "list_marker", span, f"“{_READ_AS[match[1]]}”被认成了字母", f"({_READ_AS[match[1]]})")
    for match in _JOINED.finditer(text):
        yield _slip(line, "list_marker", match.span(1), "下一项接在了上一项后面，应另起一行", f"\n{match[2]}.", "m")


def _figures(line: View) -> Iterator[Finding]:
    for match in _L_FIGURE.finditer(line.text):
        yield _slip(line, "digit", match.span(), "“1.”被认成了字母 L", f"1.{match[1]}")
    for match in _LETTERED.finditer(line.text):
        if not _L_FIGURE.match(line.text, match.start()):
            fix = match[0].translate(_LETTER_DIGITS)
            yield _slip(line, "digit", match.span(), "数字里混进了字母", fix)


def _blanks(line: View) -> Iterator[Finding]:
    """A blank is a slip where the characters on both sides make one word and do not each end or begin one."""
    text = line.text
    blanks = [match.start() for match in _BLANK.finditer(text)]
    if len(blanks) > 2:
        return  # a table, or names side by side
    for place in blanks:
        if _one_word(text[:place], text[place + 1 :]):
            yield _slip(line, "space", (place, place + 1), "词中间多了一个空格", "")


def _one_word(before: str, after: str) -> bool:
    for left in range(1, LONGEST_WORD):
        for right in range(1, LONGEST_WORD - left + 1):
            word = before[-left:] + after[:right]
            if len(word) == left + right and lexicon.words().get(word, 0) >= 3:
                return True
    return False


def _paired(text: str) -> bool:
    """Whether the quotation marks of every line come in pairs."""
    return not "".join(_QUOTES.findall(text)).replace("“”", "").strip("\n")


def _quotes(line: View) -> Iterator[Finding]:
    """“ that closes, ” that opens, and quotations of which one mark is missing."""
    marks = [(match.start(), match[0]) for match in re.finditer("[“”]", line.text)]
    place = 0
    while place < len(marks):
        start, first = marks[place]
        end, second = marks[place + 1] if place + 1 < len(marks) else (len(line.text), "")
        if first == "“" and second == "”":
            place += 2
        elif first == second == "“" and _closes(line.text, end):
            yield _slip(line, "quote", (end, end + 1), "收尾的引号用成了前引号", "”")
            place += 2
        elif first == second == "”" and end - start <= LONGEST_QUOTED and not _closes(line.text, start):
            yield _slip(line, "quote", (start, start + 1), "开头的引号用成了后引号", "“")
            place += 2
        elif first == "”":
            yield from _unopened(line, start)
            place += 1
        else:
            yield from _unclosed(line, start)
            place += 1


def _closes(text: str, place: int) -> bool:
    """Whether a quotation mark stands where one ends: a stop or the line's end follows."""
    return _CLOSING.match(text, place + 1) is not None


def _unclosed(line: View, place: int) -> Iterator[Finding]:
    """An opening mark that nothing closes on its line; a longer quotation may go on below."""
    rest = _QUOTED.match(line.text, place + 1)
    if rest:
        span = place, rest.end()
        yield _slip(line, "quote", span, "后引号漏了", f"“{rest[0]}”", "m")
    elif "”" not in line.document.layers[SIMPLE].text[line.end : line.end + 2000]:
        yield _slip(line, "quote", (place, place + 1), "这个前引号没有与它成对的后引号", None, "l")


def _unopened(line: View, place: int) -> Iterator[Finding]:
    """A closing mark that nothing opened: the quoted word is the one that the report quotes elsewhere."""
    text = line.text
    quoted = line.document.layers[SIMPLE].text
    for length in range(2, 9):
        word = text[place - length : place]
        if len(word) == length and f"“{word}”" in quoted:
            span = place - length, place + 1
            yield _slip(line, "quote", span, "前引号漏了", f"“{word}”")
            return
    yield _slip(line, "quote", (place, place + 1), "这个后引号没有与它成对的前引号", None, "l")


def _signed(line: View) -> Iterator[Finding]:
    if match := _SIGNED_DATE.match(line.text):
        span = max(0, match.start("date") - 2), match.start("date") + 5
        fix = line.text[span[0] : match.start("date")] + "\n" + line.text[match.start("date") : span[1]]
        yield _slip(line, "heading_glued", span, "落款和日期连在了一行", fix, "m")
