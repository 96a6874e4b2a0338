"""Text can be read in bright sun: the contrast of the tokens, by the formula of WCAG 2.2."""

import re
from pathlib import Path

import pytest

import qingfu.site

CSS = (Path(qingfu.site.__file__).parent / "static/site/base.css").read_text()
TEXT = ["ink", "ink-2"]
GROUNDS = ["paper", "surface"]
ON_ITS_OWN_GROUND = [
    ("ok-ink", "ok-soft"),
    ("near-ink", "near-soft"),
    ("full-ink", "full-soft"),
    ("over-ink", "over-soft"),
    ("info-ink", "info-soft"),
    ("accent-strong", "accent-soft"),
    ("on-accent", "accent"),
    ("ink-3", "paper"),
    ("accent", "paper"),
    ("accent", "surface"),
]


def tokens(theme: str) -> dict[str, str]:
    opening = ":root {" if theme == "light" else '[data-theme="dark"] {'
    block = CSS[CSS.index(opening) :].split("}")[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_21():
    assert contrast("#000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", TEXT)
def test_main_text_has_7_to_1(theme, text, ground):
    colours = tokens(theme)
    assert contrast(colours[text], colours[ground]) >= 7


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), ON_ITS_OWN_GROUND)
def test_every_other_text_has_4_5_to_1(theme, text, ground):
    colours = tokens(theme)
    assert contrast(colours[text], colours[ground]) >= 4.5
