"""Bytes of GBK text that were lost or slipped in before the text was decoded, found and put back.

A byte lost in GBK text pairs the rest of the line wrongly: “学校“减负” without its third byte reads “学！凹醺…”. Where
characters look out of step (``_signs``), ``channel.py`` reads the debris again as bytes; the readings are weighed by
two models (``weigh``), and one is taken only if it is more probable than the text as it stands.
See docs/review.md, "Byte repair".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import dropwhile, pairwise
from math import inf
from operator import itemgetter
from typing import NamedTuple

from .channel import HOLES, PINYIN_IN_DEBRIS, STOPS, TONES, UNREADABLE, Language, Page, Reading, read
from .gbk import cut_off, form, guesses, mark_cut_off, of_mark_and_letter, of_script, shapes_of_pairs, ways
from .language import AROUND, UNKNOWN, followers, forms, model, model_text, weigh
from .mojibake import misread
from .script import to_simplified, to_traditional
from .words import DATA, HAN

SURE = 10.0  # confidence from which on a repair is made without asking
LIKELY = 5.0  # to be looked at


class Repair(NamedTuple):
    """``text[start:end]`` should read ``fixed``; None if nobody can say. ``confidence`` in nats: how much better."""

    start: int
    end: int
    fixed: str | None
    note: str
    confidence: float
    sub: str = "gbk_byte_shift"


_ENOUGH = 2.0  # nats that a reading must save
_NONSENSE = 9.0  # nats of each character from which on nobody wrote it
_LEAD_COUNTS = 2.0  # a reading is as sure as what it saves, and as its lead times this
_CONVERTED = 2.0  # nats: the text was converted after the damage
_WORTH_A_LOOK = 11.0  # nats of a character up to which it is weighed
_ONE_DAMAGE = 3  # characters between two repairs of one damage
_BEFORE, _AFTER, _TO_THE_END, _APART = 8, 10, 40, 14
_LONGEST = 400  # characters read at a time
_SAMPLE = 20_000  # characters that tell the script of a text
_REMEMBERED = 40_000  # characters of the text whose phrases are remembered


def repairs(text: str) -> list[Repair]:
    """The damaged places of ``text``, in order and apart; none of them touches a line end."""
    found = [
        Repair(*line[:4], LIKELY if line.fixed is None else _LEAD_COUNTS * min(line.lead, _CERTAIN), "wrong_encoding")
        for line in misread(text, _strange())
    ]
    lines = {text.rfind("\n", 0, repair.start) + 1 for repair in found}
    page = _page(text)
    stretches = [stretch for stretch in _stretches(text, page) if stretch[0] not in lines]
    marks = _HALF if page.half_width else {}
    # Knows nothing of the text: enough to see that a rare name is no debris.
    strange = Language("", "", page, glance=True)
    for group in _near(list(dropwhile(lambda stretch: not _worth_reading(text, stretch, strange), stretches))):
        language = _language(text, group, page)
        mode = False
        for line_start, start, end in group:
            line = text[line_start : _line_end(text, end)]
            mended, mode = _mend(line, start - line_start, end - line_start, language, mode)
            for first, last, fixed, _, confidence, _ in mended:
                note = _note(line[first:last], fixed, marks)
                fixed = fixed and fixed.translate(marks)
                found.append(Repair(first + line_start, last + line_start, fixed, note, confidence))
    return sorted(found + list(_markers(text, found)))


def _note(was: str, fixed: str | None, marks: dict[int, int]) -> str:
    if fixed is None:
        return f"“{was}”处的字节读不出来：丢了一个字和后面的一位数字，要查原件"
    note = f"“{was}”是字节丢失或错位留下的，原文应是“{fixed.translate(marks)}”"
    return f"{note}，其中“?”是丢了的一位数字，要查原件" if "?" in fixed else note


_CERTAIN = 15.0  # nats by which a line leads that was read in another encoding without a guess
_HALF = str.maketrans("，；：？！（）", ",;:?!()")  # the marks of a page that was made half-width

# -- where to look

_COMMON_MARKS = "，。、；：？！“”‘’（）《》〈〉—…·％～〔〕【】「」『』－／＋×℃㎡●■◆★▲△○□→\u3000\u00a0\ufeff\u200b"
# A letter between Han or before a mark, or a second byte that looks like a mark; one behind a mark that may hold the
# first byte; a full-width letter behind Han; the reading of a character behind a mark.
_LETTER = r"A-WYZa-wyz{}|@^`_~\[\]\\"
_HINT = re.compile(
    rf"[{_LETTER}Ａ-Ｚａ-ｚ①-⑳](?:(?<=[{HAN}][{_LETTER}])(?=[{HAN}\d，。：；,:;])"
    rf"|(?<=[{HAN}\d”》）)%％?？][，：；？,:;?][{_LETTER}])(?=[{HAN}])"
    rf"|(?<=[{HAN}\d][Ａ-Ｚａ-ｚ])|(?<=[①-⑳])(?=[A-Za-z]))"
)
_READING = re.compile(rf"[?？](?=[(（]?[a-z]{{0,5}}[{TONES}])")
_HALF_MARK = re.compile(rf"\?(?<=[{HAN}].)(?=[{HAN}\d])")
_MARK = re.compile(rf"\?(?<![A-Za-z/=&?？!！].)(?=[{HAN}\d]|[.:]\d|%)")
_ASKS = re.compile(r"[吗嗎呢谁誰怎哪何几幾否麼]|什么|多[少久大长長高远遠]|(.)[不没沒]\1")
_STOPS = re.compile("[,，。]")
_CLAUSES, _CLAUSE = re.compile("[\n,，。;；:：?？]"), 40  # what ends a clause; characters of one that are looked at
_EXCLAIMS = re.compile(rf"[!！](?<=[{HAN}].)$", re.MULTILINE)
_MAKES_SENSE = 6.0  # nats that two characters must save over the three whose bytes they share
_SENSE_CAP = 16.0  # nats of two characters that make sense
_TWO_MAKE_SENSE = 7.0  # nats that two guessed characters must save over the one that their bytes make
_FEW = 6  # guesses for each
_SELDOM, _OUT_OF_TONE = 3, 6.0  # "!" of a text that seldom has one; nats that one more costs at a line's end
_NO_QUESTION = 8.0  # nats of a "?" where no question ends
_CLOSES, _LEFT = 4, 6.0  # lines of which one ends with a stop where sentences do; nats of one that does not
_NEAR, _RUN = 6, 9  # characters behind and ahead in which a run out of step is looked for
_RUN_SAVES, _CLOSED = 5.0, 6.0  # nats that it must save; more, where it does not end by itself
_FULL_WIDTH_LETTER = re.compile("[Ａ-Ｚａ-ｚ]")
_UNREAD = re.compile(f"[{HOLES}{TONES}\ue000-\uf8ff]")
_ODD, _VERY_ODD = 18.0, 34.0  # nats of three characters that may be damaged; that are read again in any case


@cache
def _strange() -> re.Pattern:
    """What is no everyday character in either script, no letter, digit or common mark."""
    lines = (DATA / "everyday.txt").read_text("utf-8").splitlines()
    simple = set("".join(line for line in lines if not line.startswith("#")))
    han = [chr(code) for code in (*range(0x3400, 0xA000), *range(0xF900, 0xFB00))]
    everyday = "".join(char for char, shape in zip(han, model_text("".join(han)), strict=True) if shape in simple)
    return re.compile(f"[^\\0-\\x7f{everyday}{re.escape(_COMMON_MARKS)}０-９Ａ-Ｚａ-ｚ①-⑳]")


@cache
def _cut_off() -> re.Pattern:
    return re.compile(f"[{cut_off()}]$", re.MULTILINE)


def _signs(text: str, page: Page) -> list[int]:
    """Places that may be damaged. Clean text passes at the pace of a pattern."""
    traditional = page.traditional
    signs = {match.start() for match in _HINT.finditer(text) if _out_of_step(text, match.start(), traditional)}
    signs |= {match.start() for match in _READING.finditer(text)}
    if page.seldom_exclaims:
        signs |= {match.start() for match in _EXCLAIMS.finditer(text)}
    if not page.half_width:
        signs |= {match.start() for match in _HALF_MARK.finditer(text)}
    signs |= {match.start() for match in _MARK.finditer(text) if _ends_no_question(text, match.start())}
    if page.closes:
        ends = (match.start() for match in _cut_off().finditer(text))
        signs |= {place for place in ends if _left_open(text, place) and _run_saves(text, place, traditional)}
    signs |= {place for match in _strange().finditer(text) if _out_of_step(text, place := match.start(), traditional)}
    return sorted(signs)


def _out_of_step(text: str, place: int, traditional: bool) -> bool:
    """Whether the characters around ``place`` surprise, and some of their bytes paired otherwise make sense.

    A ``traditional`` text may have been converted after the damage.
    """
    char = text[place]
    if char == "\ufffd" or "\ue000" <= char <= "\uf8ff":
        return True
    if not _is_han(char) and not char.isascii() and (place == 0 or _is_han(text[place - 1]) or text[place - 1] == "\n"):
        return not _FULL_WIDTH_LETTER.match(char) or _run_saves(text, place, traditional)
    if char.isascii() and not _is_han(text[place - 1]):
        return _behind_its_mark(text, place)
    two = model().two
    shape = form(char)
    known = (place and form(text[place - 1]) + shape in two) or shape + form(text[place + 1 : place + 2]) in two
    if known and not char.isascii():
        return False
    start = max(text.rfind("\n", max(0, place - 5), place) + 1, place - 5, 0)
    around = text[start : place + 6].partition("\n")[0]
    shapes = ["\n", *map(form, around)]
    nats = model().nats_of_pair
    seen = [nats(a, b) for a, b in pairwise(shapes)]
    odd = [sum(seen[at : at + 3]) for at in range(len(seen))]
    if max(odd) < _ODD:
        return False
    if max(odd) > _VERY_ODD or char.isascii() and _half_lost(shapes[place - start :], char):
        return True
    near = [shapes[place - start], "".join(shapes[place - start + 2 : place - start + 3])]
    if not _run_saves(text, place, traditional):
        return False
    return _mispaired(around, odd, traditional) or _two_lost(near, char, max(odd) - _TWO_MAKE_SENSE, traditional)


def _left_open(text: str, place: int) -> bool:
    """Whether the line that ends at ``place`` is a sentence, by the marks in it."""
    return bool(_STOPS.search(text, text.rfind("\n", 0, place) + 1, place))


def _ends_no_question(text: str, place: int) -> bool:
    """Whether the "?" at ``place`` is rather a decoder's mark for bytes, the last of which was a digit."""
    following, nats = form(text[place + 1]), model().nats_of_pair
    if _is_han(following) and nats("0", following) > nats("", following):
        return False
    return not _ASKS.search(_CLAUSES.split(text[max(0, place - _CLAUSE) : place])[-1])


def _two_lost(near: list[str], char: str, most: float, traditional: bool) -> bool:
    """Whether the halves of ``char`` cost less than ``most`` as what is left of two characters: 10眨对, 日 and ，
    without a byte.
    """
    nats, (before, after) = model().nats_of_pair, near
    every = ways(char, False) + (ways(char, True) if traditional else ())
    for halves in {halves for _, halves in every if len(halves) == 2}:
        shapes = [shape for _, shape in guesses("gb2312", 1, halves[0])]
        ends = sorted(zip(model().nats_of_each(before, shapes), shapes, strict=True))[:_FEW]
        if not ends or ends[0][0] >= most:
            continue
        begins = sorted((nats(shape, after), shape) for _, shape in guesses("gb2312", 0, halves[1]))[:_FEW]
        if any(one + other + nats(a, b) < most for one, a in ends for other, b in begins):
            return True
    return False


def _half_lost(shapes: list[str], char: str) -> bool:
    """Whether a letter or mark makes sense as the second byte of a character: 平均k理, 辦 without its first byte."""
    nats, before, after = model().nats_of_pair, "".join(shapes[:1]), "".join(shapes[2:3])
    return any(
        nats(before, shape) + nats(shape, after) < _SENSE_CAP for _, shape in guesses("big5", 1, ord(char))
    )


def _behind_its_mark(text: str, place: int) -> bool:
    """Whether a letter makes sense as the second byte of a character whose first one is in the mark: ？h裏, 。縣裏."""
    char, nats = of_mark_and_letter(text[place - 1], text[place]), model().nats_of_pair
    return bool(char) and nats("", char) + nats(char, form(text[place + 1])) < _SENSE_CAP


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff"


def _mispaired(around: str, odd: list[float], traditional: bool) -> bool:
    """Whether two characters made of the bytes of three would cost much less than those."""
    nats = model().nats_of_pair
    for seams, in_step in _out_of_pairs(around, traditional):
        for at, seam in enumerate(seams):
            following = form(around[at + 2 : at + 3]) if in_step[at] else "".join(seams[at + 1 : at + 2])
            if seam and following:
                instead = nats("", seam) + nats(seam, following)
                if instead < _SENSE_CAP and odd[at] - instead > _MAKES_SENSE:
                    return True
    return False


def _run_saves(text: str, place: int, traditional: bool) -> bool:
    """Whether some characters in a row, that at ``place`` among them, might cost much less out of step.

    A bound that is quick to find: the best run of pairs of bytes, each after those before it, whatever is lost there.
    """
    start = max(text.rfind("\n", max(0, place - _NEAR), place) + 1, place - _NEAR, 0)
    line = text[start : place + _RUN].partition("\n")[0]
    if _UNREAD.search(line):
        return True
    nats, of_pair, at, shapes = model().nats, model().nats_of_pair, place - start, "\n\n" + model_text(line)
    stand = [min(nats(shapes[k : k + 2], shapes[k + 2]), UNKNOWN) for k in range(len(line))]
    at_end = start + len(line) == _line_end(text, place)
    if at_end:
        stand.append(min(nats(shapes[-2:], "\n"), UNKNOWN))
    for seams, in_step in _out_of_pairs(line, traditional):
        if at_end:
            seams.append(mark_cut_off(line[-1]))
            in_step.append(True)
        one = two = more = -inf  # nats saved by a run of so many pairs up to here
        last = "  "
        for k, seam in enumerate(seams):
            alone, after_one, after_two = UNKNOWN, UNKNOWN, UNKNOWN
            if seam:
                alone = of_pair("", seam)
                after_one = min(of_pair(last[1], seam), UNKNOWN)
                after_two = min(nats(last, seam), after_one)
            more, two, one = (
                max(two, more) + stand[k + 1] - after_two,
                one + stand[k + 1] - after_one,
                stand[k] + stand[k + 1] - alone if k <= at else -inf,
            )
            last = last[1] + (seam or " ")
            ends = in_step[k] or at_end and k + 1 == len(seams)
            if k + 1 >= at and max(one, two, more) > _RUN_SAVES + (0 if ends else _CLOSED):
                return True
            if in_step[k]:
                one = two = more = -inf
    return False


def _out_of_pairs(around: str, traditional: bool) -> Iterator[tuple[list[str], list[bool]]]:
    """Of each two characters in a row the one that their inner bytes make (or ""), and whether the second one has no
    other byte; of a traditional text as if it had been converted after the damage, too.
    """
    shapes = shapes_of_pairs()
    for converted in (False, True)[: 1 + traditional]:
        halves = [options[0][1] if (options := ways(char, converted)) else (0,) for char in around]
        seams = [shapes.get((a[-1], b[0]), "") if len(a) == 2 else "" for a, b in pairwise(halves)]
        yield seams, [len(after) == 1 for after in halves[1:]]


def _stretches(text: str, page: Page) -> Iterator[tuple[int, int, int]]:
    """(start of the line, start, end) of the parts that are worth reading again."""
    line_start = line_end = start = end = -1
    for sign in _signs(text, page):
        if sign >= line_end or sign - end > _APART or sign - start > _LONGEST:
            if end >= 0:
                yield line_start, start, _until(end, line_end)
            if sign >= line_end:
                line_start = text.rfind("\n", 0, sign) + 1
                line_end = _line_end(text, sign)
                end = line_start
            start = max(sign - _BEFORE, _until(end, line_end) if end > line_start else line_start)
        end = sign + 1
    if end >= 0:
        yield line_start, start, _until(end, line_end)


def _until(end: int, line_end: int) -> int:
    return line_end if line_end - end < _TO_THE_END else end + _AFTER


def _near(stretches: list[tuple[int, int, int]]) -> Iterator[list[tuple[int, int, int]]]:
    """The stretches in groups of the same part of the text."""
    group: list[tuple[int, int, int]] = []
    for stretch in stretches:
        if group and stretch[1] - group[0][1] > _REMEMBERED // 2:
            yield group
            group = []
        group.append(stretch)
    if group:
        yield group


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end


def _worth_reading(text: str, stretch: tuple[int, int, int], language: Language) -> bool:
    line_start, start, end = stretch
    line = text[line_start : _line_end(text, end)]
    if _swallowed(line, start - line_start, end - line_start):
        return True
    return bool(_mend(line, start - line_start, end - line_start, language, False)[0])


def _page(text: str) -> Page:
    sample = text[:_SAMPLE]
    traditional = len(_traditional().findall(sample)) > len(sample) / 50
    exclaims = text.count("!") + text.count("！")
    closes = text.count("。\n") > text.count("\n") / _CLOSES
    return Page(traditional, text.count(",") > text.count("，"), 0 < exclaims <= _SELDOM, closes)


@cache
def _traditional() -> re.Pattern:
    """A character that simplification changes."""
    return re.compile(f"[{''.join(char for char in map(chr, forms()) if '一' <= char <= '鿿')}]")


def _language(text: str, group: list[tuple[int, int, int]], page: Page) -> Language:
    """The model with what the undamaged text around says."""
    start, end = max(0, group[0][1] - _REMEMBERED // 4), group[-1][2] + _REMEMBERED // 4
    kept, at = [], start
    for _, first, last in group:
        kept.append(text[at:first])
        at = max(at, last)
    kept.append(text[at:end])
    raw = "\n".join(kept)
    return Language(model_text(raw), raw, page)


# -- which reading

def _mend(line: str, start: int, end: int, language: Language, mode: bool) -> tuple[list[Repair], bool]:
    """The repairs of a stretch, and whether it was converted after the damage (the guess for the next one)."""
    if not language.page.traditional:
        return _best(line, start, end, language, False)[1], False
    first = _best(line, start, end, language, mode)
    if first[1] and min(repair.confidence for repair in first[1]) > SURE:
        return first[1], mode
    second = _best(line, start, end, language, not mode)
    handicap = -_CONVERTED if mode else _CONVERTED
    return (second[1], not mode) if second[0] > first[0] - handicap else (first[1], mode)


def _oddities(line: str, start: int, end: int, page: Page) -> dict[int, float]:
    """Nats that the model does not know of, by the end of their character in the stretch: of a "?" where no question
    ends, of a line's last character that no stop follows, or a "!" where nobody exclaims.
    """
    odd = {match.end() - start: _NO_QUESTION for match in _swallowed(line, start, end)}
    if end == len(line):
        exclaims = line[-1] in "!！" and page.seldom_exclaims
        left = page.closes and _is_han(line[-1]) and _left_open(line, end - 1)
        odd[end - start] = _OUT_OF_TONE if exclaims else _LEFT if left else 0.0
    return odd


def _swallowed(line: str, start: int, end: int) -> list[re.Match]:
    """The marks "?" of a stretch that have swallowed a digit."""
    return [match for match in _MARK.finditer(line, start, end) if _ends_no_question(line, match.start())]


def _best(line: str, start: int, end: int, language: Language, converted: bool) -> tuple[float, list[Repair]]:
    """What the best reading saves in nats, and its repairs."""
    stretch, before, after = line[start:end], model_text(line[:start]), model_text(line[end:])
    readings = read(stretch, line[:start], line[end:], language, converted)
    if not readings:
        return 0.0, []

    def nats(text: str) -> float:
        return weigh(before, text, after, language)

    odd = _oddities(line, start, end, language.page)
    stands = nats(model_text(stretch)) + sum(odd.values())

    def saves(reading: Reading) -> float:
        kept = sum(odd.get(piece.end, 0.0) for piece in reading.pieces if not piece.touched)
        return stands - nats(reading.form) - reading.cost - kept

    saved, best = max(((saves(reading), reading) for reading in readings), key=itemgetter(0))
    lead = best.lead
    for place, piece in enumerate(best.pieces):
        if piece.guess:
            gained, led = _settle(best, place, before, after, language, converted)
            saved, lead = saved + gained, min(lead, led)
    text = best.form
    if saved < _ENOUGH or nats(text) > _NONSENSE * (len(text) + min(len(after), AROUND)):
        return 0.0, []
    lead = min([lead, *(saved - saves(other) for other in readings if other is not best and other.form != text)])
    confidence = min(saved, _LEAD_COUNTS * lead)
    if any(char in HOLES for char in stretch) and not PINYIN_IN_DEBRIS.search(stretch):
        confidence = min(confidence, LIKELY)  # a mark may have swallowed a byte that nothing tells
    return saved, list(_joined(line, _differences(stretch, start, best, confidence, converted, language)))


def _settle(
    best: Reading, place: int, before: str, after: str, language: Language, converted: bool
) -> tuple[float, float]:
    """Choose a guessed character again, by both models: what that gains, and by how much the choice leads."""
    piece, text = best.pieces[place], best.form
    before, after = before + text[:place], text[place + 1 :] + after
    near = ("\n\n" + before)[-2:]
    script, by_a_stop = language.script(converted), not STOPS.isdisjoint(before[-1:] + after[:1])
    mine = weigh(before, text[place], after, language) + language.novelty(piece.char, script)
    options = [(mine, piece.char)]
    known = piece.guess != UNREADABLE
    for char, shape in guesses(script, *piece.guess) if known else _of_two_bytes(followers(near[1])):
        if shape == text[place] or by_a_stop and shape in STOPS:
            continue
        if language.nats(near, shape) < _WORTH_A_LOOK:
            options.append((weigh(before, shape, after, language) + language.novelty(char, script), char))
    options.sort()
    piece.char = options[0][1]
    lead = options[1][0] - options[0][0] if len(options) > 1 else _WORTH_A_LOOK
    return mine - options[0][0], lead if known else 0.0


def _of_two_bytes(shapes: Iterable[str]) -> list[tuple[str, str]]:
    """(character, form) of those that a mark for two bytes may stand for."""
    return [(shape, shape) for shape in shapes if not shape.isascii()]


def _differences(
    stretch: str, start: int, best: Reading, confidence: float, converted: bool, language: Language
) -> Iterator[Repair]:
    """The runs of characters in which the best reading is not what stands there."""
    text = _in_script(best, converted, language)
    pieces, place, at = best.pieces, 0, 0
    while place < len(pieces):
        if not pieces[place].touched and pieces[place].end == at + len(_shown(stretch, at)):
            at = pieces[place].end
            place += 1
            continue
        first = place
        while place < len(pieces) and pieces[place].touched:
            place += 1
        # What was left out before the next untouched character belongs to the damage.
        end = pieces[place].end - len(_shown(stretch, pieces[place].end - 1)) if place < len(pieces) else len(stretch)
        fixed = text[first:place]
        if "?" in fixed and any(piece.guess == UNREADABLE for piece in pieces[first:place]):
            yield Repair(at + start, end + start, None, "", confidence)
        else:
            yield from _trimmed(stretch, at, end, fixed, confidence, start)
        at = end


def _joined(line: str, found: Iterable[Repair]) -> Iterator[Repair]:
    """Repairs of one damage as one: the few characters between them were read in step by chance, or are digits."""
    last = None
    for repair in found:
        if last and repair.start - last.end <= _ONE_DAMAGE:
            between = line[last.end : repair.start]
            known = last.fixed is not None and repair.fixed is not None
            fixed = last.fixed + between + repair.fixed if known else None
            repair = Repair(last.start, repair.end, fixed, "", repair.confidence)
        elif last:
            yield last
        last = repair
    if last:
        yield last


def _in_script(best: Reading, converted: bool, language: Language) -> str:
    """The reading in the script of the text, which may have been converted after the damage."""
    text, script = best.text, language.script(converted)
    if not language.page.traditional or len(whole := to_traditional(to_simplified(text))) != len(text):
        return text
    ours, here = of_script(script), language.chars
    if script == "big5":  # simplified characters came out of the bytes: it was converted after all
        converted = any(piece.touched and piece.char > "\u2fff" and piece.char not in ours for piece in best.pieces)
    if converted:
        return whole
    touched = (piece.touched for piece in best.pieces for _ in piece.char)
    return "".join(  # 后 came out of the bytes, and elsewhere the text has 後 alone
        new if changed and new in here and char not in here else char
        for char, new, changed in zip(text, whole, touched, strict=True)
    )


def _shown(stretch: str, at: int) -> str:
    match = PINYIN_IN_DEBRIS.match(stretch, at)
    return match[0] if match else stretch[at : at + 1]


def _trimmed(stretch: str, start: int, end: int, fixed: str, confidence: float, offset: int) -> Iterator[Repair]:
    was = stretch[start:end]
    while was and fixed and was[0] == fixed[0]:
        was, fixed, start = was[1:], fixed[1:], start + 1
    while was and fixed and was[-1] == fixed[-1]:
        was, fixed, end = was[:-1], fixed[:-1], end - 1
    if was != fixed and was:
        yield Repair(start + offset, end + offset, fixed, "", confidence)


# -- lists

_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
_FOLLOWS_LIST = 10  # lines after the last marker
_LOST_MARKER = re.compile("^、、", re.MULTILINE)


def _markers(text: str, found: list[Repair]) -> Iterator[Repair]:
    """The markers lost from lines "、、…" after a list ①、 ②、 ③、: what the list would have come to."""
    if not _LOST_MARKER.search(text):
        return
    mended = {text.rfind("\n", 0, repair.start) + 1: repair for repair in found if repair.fixed}
    at, last, since = 0, 0, _FOLLOWS_LIST
    for line in text.split("\n"):
        first = next((char for char in mended[at].fixed if char in _CIRCLED), line[:1]) if at in mended else line[:1]
        since += 1
        if first and first in _CIRCLED:
            last, since = _CIRCLED.index(first) + 1, 0
        elif _LOST_MARKER.match(line) and at not in mended and since < _FOLLOWS_LIST and 0 < last < len(_CIRCLED):
            marker = _CIRCLED[last]
            yield Repair(at, at + 2, f"{marker}、", f"“、、”前面的编号丢了，按上下文应是“{marker}、”", LIKELY)
            last, since = last + 1, 0
        at += len(line) + 1
