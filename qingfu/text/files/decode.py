"""Bytes of a text file made text: which encoding, and what is broken, told by its place.

UTF-8 proves itself: its bytes are hardly ever well formed by chance. UTF-16 is known by its mark or by zero bytes,
which no other Chinese encoding has. What is neither is GB18030, which holds GBK and GB2312.
"""

import codecs
import re
import unicodedata
from contextvars import ContextVar

from .limits import MEGABYTE, MOST_BROKEN_SHARE, MOST_CONTROL_SHARE, MOST_TEXT, CannotRead

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
BROKEN = "\ufffd"
_WELL_FORMED = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# A file of zero bytes and ordinary characters in pairs is UTF-16; so many of its characters must be ordinary.
_ORDINARY_SHARE = 0.9
_MOST_PLACES = 5
NO_TEXT = "这不是文字文件：里面有许多看不见的控制字符。请选 .txt、.docx 或带文字的 .pdf 文件。"
_CONTROL_BYTES = bytes(set(range(32)) - set(b"\t\n\v\f\r")) + b"\x7f"
_broken: ContextVar[tuple[list[int], float]] = ContextVar("broken")
SHOWN_NAMES = {"utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "gb18030": "GB18030"}


def decoded(content: bytes) -> tuple[str, str, list[str]]:
    """(text with "\\n" line ends, encoding as Python names it, warnings in Chinese). Bytes that are broken become
    U+FFFD. Raises CannotRead where the bytes are no text.
    """
    if len(content) > MOST_TEXT:
        raise CannotRead(
            f"文字文件有 {len(content) // MEGABYTE} MB，最多读 {MOST_TEXT // MEGABYTE} MB。请分成几份再试。"
        )
    encoding, skipped = encoding_of(content)
    if not encoding.startswith("utf-16") and _control_share(content) > MOST_CONTROL_SHARE:
        raise CannotRead(NO_TEXT)
    text, broken = _replaced(content[skipped:], encoding)
    warnings = [_told(content, [at + skipped for at in broken], encoding)] if broken else []
    unseen = len(_UNSEEN.findall(text))
    if unseen > len(text) * MOST_CONTROL_SHARE:
        raise CannotRead(NO_TEXT)
    if unseen:
        warnings.append(f"文件里有 {unseen} 个控制字符，显示为 {BROKEN}。")
    return tidy(text), encoding, warnings


def _control_share(content: bytes) -> float:
    return 1 - len(content.translate(None, _CONTROL_BYTES)) / len(content)


def tidy(text: str) -> str:
    """Line ends as "\\n", no mark of byte order at the start, what cannot be shown as U+FFFD."""
    return _UNSEEN.sub(BROKEN, _LINE_END.sub("\n", text.removeprefix("\ufeff")))


def encoding_of(content: bytes) -> tuple[str, int]:
    """(encoding, bytes of its mark at the start)."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding, len(mark)
    if b"\x00" in content:
        for encoding in ("utf-16-le", "utf-16-be"):
            if _is_ordinary(content, encoding):
                return encoding, 0
    return ("utf-8" if _is_utf8(content) else "gb18030"), 0


def _is_utf8(content: bytes) -> bool:
    """Also with some bytes broken: then the well-formed characters still outnumber what is not."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        rest, well_formed = _WELL_FORMED.subn(b"", content)
        return well_formed > len(rest) - sum(map(rest.count, range(0x80)))
    return True


def _is_ordinary(content: bytes, encoding: str) -> bool:
    """Whether the start of the file, read so, is Chinese or Latin text."""
    start = content[: 2 * 4096].decode(encoding, "replace")
    ordinary = sum(
        char in "\n\r\t" or " " <= char <= "~" or "\u3000" <= char <= "\u303f" or "\u4e00" <= char <= "\u9fff"
        or "\uff00" <= char <= "\uffef" or "\u2010" <= char <= "\u2026"
        for char in start
    )  # fmt: skip
    return ordinary >= _ORDINARY_SHARE * len(start)


def _replaced(content: bytes, encoding: str) -> tuple[str, list[int]]:
    """The text, and the byte offsets at which it was broken."""
    broken = []
    before = _broken.set((broken, len(content) * MOST_BROKEN_SHARE + _MOST_PLACES))
    try:
        return content.decode(encoding, "qingfu-note"), broken
    finally:
        _broken.reset(before)


def _note(error: UnicodeDecodeError) -> tuple[str, int]:
    """Notes the place of what is broken and shows one sign for it."""
    broken, most = _broken.get()
    broken.append(error.start)
    if len(broken) > most:
        raise CannotRead(
            "这不是文字文件，或者坏得太多：十分之一以上的字节读不成字。请重新复制或重新上传；还不行，请向来源另要一份。"
        )
    return BROKEN, error.end


codecs.register_error("qingfu-note", _note)


def _told(content: bytes, broken: list[int], encoding: str) -> str:
    places = "、".join(f"第 {at} 字节（0x{content[at]:02X}）" for at in broken[:_MOST_PLACES])
    more = f"等 {len(broken)} 处" if len(broken) > _MOST_PLACES else f"共 {len(broken)} 处"
    name = SHOWN_NAMES[encoding]
    return f"文件按 {name} 读，有坏字节：{places}，{more}，显示为 {BROKEN}（从 0 数起）。请对照原件核实这些地方。"


def width(text: str) -> int:
    """Columns that a line takes: two for a Chinese character, one for a Latin one."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
