"""Charts as pictures for Word, right on a machine without any font: altair draws, vl-convert renders, and the open font
comes with a package (Noto Sans CJK, OFL 1.1). Extra [lake]; nothing here is imported before it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

FONT = "Noto Sans CJK SC"
INK, BAR = "#22302a", "#3f7d57"
WIDTH, BAR_STEP = 560, 26  # in points of the chart; the picture has twice as many pixels
SCALE = 2
MOST_PICTURES = 64


@lru_cache(maxsize=MOST_PICTURES)
def bars(title: str, rows: tuple[tuple[str, float, str], ...]) -> bytes:
    """A PNG at twice the size: for each row (name, value, value in words) a bar with its words, in the order given."""
    register_font()
    import altair
    import vl_convert

    values = [{"name": name, "value": value, "words": words} for name, value, words in rows]
    base = altair.Chart(altair.Data(values=values), title=title).encode(
        altair.Y("name:N", sort=None, title=None, axis=altair.Axis(domain=False, ticks=False, labelPadding=8)),
        altair.X("value:Q", title=None, axis=None, scale=altair.Scale(domain=[0, _room(rows)])),
    )
    words = base.mark_text(align="left", dx=6, color=INK).encode(altair.Text("words:N"))
    chart = (base.mark_bar(color=BAR, height={"band": 0.6}) + words).properties(width=WIDTH, height={"step": BAR_STEP})
    look = {"labelFont": FONT, "titleFont": FONT, "labelFontSize": 13, "labelColor": INK}
    chart = chart.configure(font=FONT, background="white", padding=10).configure_view(stroke=None)
    chart = chart.configure_axis(**look).configure_text(font=FONT, fontSize=13)
    chart = chart.configure_title(font=FONT, fontSize=15, color=INK, anchor="start", offset=12)
    return vl_convert.vegalite_to_png(chart.to_json(), scale=SCALE)


def _room(rows: Sequence[tuple[str, float, str]]) -> float:
    """The end of the scale: the longest bar leaves room for its words."""
    return max([value for _name, value, _words in rows] + [0]) * 1.18 or 1


@cache
def register_font() -> None:
    """Make the font of the package known to the renderer, once."""
    import vl_convert
    from noto_cjk_sans_otc import FONT_PATH

    vl_convert.register_font_directory(str(FONT_PATH.parent))
