"""A forwarded screenshot without what a camera or phone wrote beside the picture: where, when, with which device.

Of all that only the way it is to be turned stays, one number from 2 to 8, else pictures taken upright would lie.
PNG: https://www.w3.org/TR/png-3/ (chunks); JPEG: ITU-T T.81, Annex B (segments); EXIF: CIPA DC-008 (TIFF inside).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from zlib import crc32

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
SHOWN = {b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs", b"IDAT", b"IEND"}
"""Chunks that a picture needs to be shown. Text, EXIF, XMP, times, profiles and unknown ones are left out."""
START_OF_SCAN, END = 0xDA, 0xD9
TELLING = {*range(0xE0, 0xF0), 0xFE}  # application segments and comments
ADOBE, ADOBE_LENGTH = 0xEE, 16
APP1, EXIF = 0xE1, b"Exif\0\0"
ORIENTATION, SHORT = 0x0112, 3


class NoPicture(ValueError):
    """Bytes that are neither a PNG nor a JPEG from beginning to end."""


def without_traces(picture: bytes) -> bytes:
    """The same picture with nothing beside it, nor behind its end. Raises NoPicture."""
    try:
        if picture.startswith(PNG):
            return PNG + b"".join(_chunks(picture))
        if picture.startswith(JPEG):
            return JPEG + b"".join(_segments(picture))
    except IndexError:
        pass
    raise NoPicture


def _chunks(picture: bytes) -> Iterator[bytes]:
    at, kind = len(PNG), b""
    while kind != b"IEND":
        length, kind = int.from_bytes(picture[at : at + 4]), picture[at + 4 : at + 8]
        end = at + length + 12
        if end > len(picture):
            raise NoPicture
        if kind in SHOWN:
            yield picture[at:end]
        elif kind == b"eXIf" and (turn := _turn(picture[at + 8 : end - 4])):
            yield struct.pack(">I", len(turn)) + kind + turn + struct.pack(">I", crc32(kind + turn))
        at = end


def _segments(picture: bytes) -> Iterator[bytes]:
    at = len(JPEG)
    while True:
        marker = picture[at + 1]
        if picture[at] != 0xFF:
            raise NoPicture
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == END:
            yield picture[at : at + 2]
            return
        end = at + 2 + int.from_bytes(picture[at + 2 : at + 4])
        if end > len(picture) or end < at + 4:
            raise NoPicture
        if _is_shown(marker, picture[at:end]):
            yield picture[at:end]
        elif marker == APP1 and picture[at + 4 : at + 10] == EXIF and (turn := _turn(picture[at + 10 : end])):
            yield struct.pack(">BBH", 0xFF, APP1, 2 + len(EXIF) + len(turn)) + EXIF + turn
        at = end
        if marker == START_OF_SCAN:
            end = _end_of_scan(picture, at)
            yield picture[at:end]
            at = end


def _turn(tiff: bytes) -> bytes:
    """EXIF written anew with nothing in it but the orientation; empty where the picture stands upright."""
    order = {b"II": "little", b"MM": "big"}.get(tiff[:2])
    if order is None:
        return b""

    def number(at: int, length: int) -> int:
        return int.from_bytes(tiff[at : at + length], order)

    first = number(4, 4)
    for at in range(first + 2, min(first + 2 + 12 * number(first, 2), len(tiff)), 12):
        if (number(at, 2), number(at + 2, 2)) == (ORIENTATION, SHORT) and 2 <= number(at + 8, 2) <= 8:
            return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, ORIENTATION, SHORT, 1, number(at + 8, 2), 0, 0)
    return b""


def _is_shown(marker: int, segment: bytes) -> bool:
    """Whether a picture needs the segment: of Adobe's only the twelve bytes that say how colours are stored."""
    if marker == ADOBE:
        return segment[4:9] == b"Adobe" and len(segment) == ADOBE_LENGTH
    return marker not in TELLING


def _end_of_scan(picture: bytes, at: int) -> int:
    """Where the next segment begins: after the coded data, in which FF is followed by 00 or a restart marker."""
    while True:
        at = picture.find(b"\xff", at)
        if at < 0:
            raise NoPicture
        if picture[at + 1] != 0 and not 0xD0 <= picture[at + 1] <= 0xD7:
            return at
        at += 2
