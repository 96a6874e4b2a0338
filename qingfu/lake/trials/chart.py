"""A trial as a picture: minutes of homework of a class on a day, as it was and as it would have been."""

from __future__ import annotations

from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _

from qingfu.lake.charts import FONT, INK, register_font

WAS, WOULD = "#b9c4bd", "#3f7d57"
WIDTH, STEP = 320, 24


def loads_svg(before: list[float], after: list[float]) -> str:
    """An SVG of the median, the 90th percentile and the most, each before and after; "" where there is nothing."""
    if not before or not after:
        return ""
    import altair
    import vl_convert

    register_font()  # the places of words depend on their widths

    names, sides = (_("一半的班级日以内"), _("九成的班级日以内"), _("最多")), (_("原来"), _("改了以后"))
    told = _("%(minutes)s 分钟")
    values = [
        {"name": name, "side": side, "minutes": minutes, "words": told % {"minutes": floatformat(minutes, 0)}}
        for side, several in zip(sides, (before, after), strict=True)
        for name, minutes in zip(names, several, strict=True)
    ]  # fmt: skip
    base = altair.Chart(altair.Data(values=values)).encode(
        altair.Y("name:N", sort=list(names), title=None, axis=altair.Axis(domain=False, ticks=False, labelPadding=8)),
        altair.YOffset("side:N", sort=list(sides)),
        altair.X("minutes:Q", title=None, axis=None, scale=altair.Scale(domain=[0, max(before) * 1.25])),
    )
    colours = altair.Scale(domain=list(sides), range=[WAS, WOULD])
    legend = altair.Legend(orient="top", title=None)
    drawn = base.mark_bar().encode(altair.Color("side:N", scale=colours, legend=legend))
    words = base.mark_text(align="left", dx=6, color=INK, fontSize=13).encode(altair.Text("words:N"))
    chart = (drawn + words).properties(width=WIDTH, height={"step": STEP})
    chart = chart.configure(font=FONT, background="transparent").configure_view(stroke=None)
    chart = chart.configure_axis(labelFontSize=13, labelColor=INK, labelLimit=200)
    return vl_convert.vegalite_to_svg(chart.configure_legend(labelFontSize=13, labelColor=INK).to_json())
