"""A forwarded screenshot keeps the picture and nothing that a phone wrote beside it."""

import io

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from qingfu.offices.pictures import NoPicture, without_traces

SECRET = "SECRET-柳湾村-13905550000"
GPS, MADE_AT = 0x8825, 0x0132


def picture(kind: str, mode: str = "RGB", **more) -> bytes:
    """A picture with everything that a phone may write into it."""
    image = Image.new(mode, (40, 30), 120 if mode == "L" else (200, 30, 40, 9)[: len(mode)])
    exif = Image.Exif()
    exif[MADE_AT], exif[0x010E] = SECRET, SECRET
    exif.get_ifd(GPS)[1] = SECRET
    target = io.BytesIO()
    image.save(target, kind, exif=exif, **more)
    return target.getvalue()


def png(**more) -> bytes:
    text = PngInfo()
    text.add_text("Author", SECRET.encode("ascii", "replace").decode())
    text.add_itxt("XML:com.adobe.xmp", SECRET, zip=True)
    return picture("PNG", pnginfo=text, **more)


def jpeg(**more) -> bytes:
    return picture("JPEG", comment=SECRET.encode(), xmp=SECRET.encode(), icc_profile=SECRET.encode() * 9, **more)


PICTURES = {
    "png": png(), "palette": png(mode="P"), "transparent": png(mode="RGBA"), "jpeg": jpeg(),
    "progressive": jpeg(progressive=True, quality=40), "grey": jpeg(mode="L"), "cmyk": jpeg(mode="CMYK"),
}  # fmt: skip


@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_stays_and_what_was_written_beside_it_goes(name):
    before, after = PICTURES[name], without_traces(PICTURES[name] + SECRET.encode())
    a, b = Image.open(io.BytesIO(before)), Image.open(io.BytesIO(after))
    assert b"SECRET" in before and b"SECRET" not in after and b"Exif" not in after and b"eXIf" not in after
    assert (a.mode, list(a.get_flattened_data())) == (b.mode, list(b.get_flattened_data()))
    assert not b.getexif() and not {"comment", "xmp", "icc_profile", "exif", "Author"} & set(b.info)
    assert without_traces(after) == after


@pytest.mark.parametrize("broken", [
    b"", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", PICTURES["png"][:-6], PICTURES["jpeg"][:-2], PICTURES["jpeg"][:40],
    b"\xff\xd8\xff", b"\xff\xd8\xff\xe0\x00\x00", b"\xff\xd8" + b"\xff" * 50,
])  # fmt: skip
def test_what_is_no_whole_picture_is_refused(broken):
    with pytest.raises(NoPicture):
        without_traces(broken)


def turned(kind: str, turn: int, order: str = "<") -> bytes:
    image, exif = Image.new("RGB", (40, 30), (200, 30, 40)), Image.Exif()
    exif.endian = order
    exif[0x0112], exif[0x010E] = turn, SECRET
    target = io.BytesIO()
    image.save(target, kind, exif=exif)
    return target.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("turn, order", [(2, "<"), (6, "<"), (8, ">")])
def test_the_way_it_is_turned_stays_and_nothing_else(kind, turn, order):
    after = without_traces(turned(kind, turn, order))
    assert dict(Image.open(io.BytesIO(after)).getexif()) == {0x0112: turn} and b"SECRET" not in after
    assert without_traces(after) == after


@pytest.mark.parametrize("turn", [0, 1, 9, 0xFFFF])
def test_what_stands_upright_or_is_turned_no_known_way_keeps_nothing(turn):
    assert b"Exif" not in without_traces(turned("JPEG", turn))
