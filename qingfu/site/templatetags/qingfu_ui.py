"""The components of the design system as template tags: data in, accessible markup out.

Every tag works without JavaScript and without inline style. The page `/design` shows each with sample data,
`docs/design-system.md` says when to use which.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import pairwise

import segno
from django import template
from django.conf import settings
from django.core.paginator import Page
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from qingfu.site.folding import constant
from qingfu.site.icons import ICONS

register = template.Library()

NEAR = 0.75  # from this share of its cap on, a budget is shown as nearly full
TICKS = (5, 10, 15, 30, 60, 120, 300, 600)
MOST_TICKS = 5

TONES = {
    "ok": (_("宽松"), "pass"),
    "near": (_("快满了"), "clock"),
    "full": (_("已满"), "stop"),
    "over": (_("超出"), "warn"),
}
CALM_TONES = {"ok": (_("在规定之内"), "pass"), "over": TONES["over"]}
VERDICTS = {
    "pass": (_("通过"), "pass"),
    "inform": (_("提示"), "info"),
    "warn": (_("提醒"), "warn"),
    "needs_waiver": (_("需报批"), "stamp"),
    "refuse": (_("放不下"), "stop"),
}
CHIPS = {
    "written": (_("书面"), "pen"),
    "oral": (_("口头"), "speech"),
    "practical": (_("实践"), "sprout"),
    "required": (_("必做"), "must"),
    "optional": (_("选做"), "optional"),
    "课内": (_("课内"), "school"),
    "课后服务": (_("课后服务"), "lamp"),
    "晚自习": (_("晚自习"), "moon"),
    "家庭": (_("家庭"), "home"),
}


def tone_of(used: float, cap: float) -> str:
    """How full a budget is, as the name of its look: ok, near, full or over. `used` and `cap` in one unit."""
    if used > cap:
        return "over"
    if used == cap:
        return "full"
    return "near" if used >= NEAR * cap else "ok"


def _calmed(tone: str, calm: bool) -> str:
    return "ok" if calm and tone != "over" else tone


def _tones(calm: bool) -> dict:
    return CALM_TONES if calm else TONES


# ---- small things ----


@register.simple_tag
@constant
@cache
def icon(name: str) -> SafeString:
    """A line icon of ICONS. Decoration only: words stand beside it. Raises KeyError for an unknown name."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="{}"/></svg>', ICONS[name]
    )


@register.inclusion_tag("components/logo.html")
def logo() -> dict:
    """The sign of Qingfu: a leaf, light enough to rise on the balance."""
    return {}


@register.simple_tag
def num(value: object) -> SafeString:
    """A figure in the numerals of the house."""
    return format_html('<span class="num">{}</span>', value)


@register.simple_tag
@constant
def chip(code: str) -> SafeString:
    """The chip of a form (written, oral, practical), a duty (required, optional) or a place (课内 …)."""
    label, picture = CHIPS[code]
    look = " chip-optional" if code == "optional" else ""
    return format_html('<span class="chip{}">{}{}</span>', look, icon(picture), label)


@register.simple_tag
def verdict(code: str, label: str = "") -> SafeString:
    """What the rulebook said: pass, inform, warn, needs_waiver or refuse. `label` replaces the word."""
    word, picture = VERDICTS[code]
    return format_html('<span class="verdict verdict-{}">{}{}</span>', code, icon(picture), label or word)


@register.inclusion_tag("components/stat.html")
def stat(value: object, label: str, unit: str = "", note: str = "", href: str = "") -> dict:
    """One large figure with its unit; `href` opens the records behind it."""
    return {"value": value, "label": label, "unit": unit, "note": note, "href": href}


# ---- minutes ----


@register.simple_tag
def budget_bar(
    used: int,
    cap: int,
    who: str = "",
    when: str = "",
    parts: Iterable[Mapping] = (),
    unit: str = "",
    size: str = "",
    calm: bool = False,
) -> SafeString:
    """What is used and left of one budget.

    `parts` are mappings of `label`, `amount` and, where it matters, `kind`: "" posted, "held" 预留, "new" the
    item being entered; their amounts are counted in `used`. `size` is "", "small" or "big". A `cap` of 0
    (written homework in grades 1-2) is told in words. `calm`, for public pages: whatever is within the cap
    looks the same, and the sum is told in place of what is left.
    """
    named = tuple((str(part["label"]), part["amount"], part.get("kind", "")) for part in parts)
    return _drawn_bar(get_language(), used, cap, who, when, named, unit, size, calm)


@lru_cache(maxsize=8192, typed=True)  # a page has a bar for each class and day: few figures, many pages
def _drawn_bar(
    language: str, used: int, cap: int, who: str, when: str, named: tuple[tuple], unit: str, size: str, calm: bool
) -> SafeString:
    parts = [{"label": label, "amount": amount, "kind": kind} for label, amount, kind in named]
    context = _bar_context(used, cap, who, when, parts, unit, size, calm)
    return render_to_string("components/budget_bar.html", context)


def _bar_context(
    used: int, cap: int, who: str, when: str, parts: list[dict], unit: str, size: str, calm: bool
) -> dict:
    parts = parts or ([{"label": "", "amount": used}] if used else [])
    scale = max(used, cap) or 1
    tone = _calmed(tone_of(used, cap), calm)
    label, picture = _tones(calm)[tone]
    return {
        "used": used,
        "cap": cap,
        "left": max(cap - used, 0),
        "over": max(used - cap, 0),
        "who": who,
        "when": when,
        "unit": unit or gettext("分钟"),
        "size": size,
        "tone": tone,
        "tone_label": label,
        "tone_icon": picture,
        "calm": calm,
        "asking": any(part.get("kind") == "new" for part in parts),
        "parts": [part for part in parts if part["label"]],
        "segments": _segments(parts, cap, scale),
        "ticks": [_percent(tick, scale) for tick in _ticks(cap)],
        "cap_at": _percent(cap, scale),
    }


def _segments(parts: Sequence[Mapping], cap: int, scale: int) -> list[dict]:
    """The pieces of a bar from left to right; what lies above the cap is a piece of its own."""
    start, segments = 0, []
    for number, part in enumerate(parts):
        end = start + part["amount"]
        within = max(min(end, cap), start)
        segments.append(_segment(part.get("kind", ""), start, within, scale, number % 2))
        segments.append(_segment("over", within, end, scale, number % 2))
        start = end
    return [segment for segment in segments if segment["width"] != "0%"]


def _segment(kind: str, start: int, end: int, scale: int, even: int) -> dict:
    return {
        "kind": kind,
        "even": even,
        "x": _percent(start, scale),
        "end": _percent(end, scale),
        "width": _percent(end - start, scale),
    }


def _ticks(cap: int) -> range:
    step = next((step for step in TICKS if cap <= step * MOST_TICKS), cap or 1)
    return range(step, cap, step)


def _percent(amount: float, scale: float) -> str:
    return f"{round(100 * amount / scale, 2):g}%"


@register.inclusion_tag("components/week_strip.html")
def week_strip(days: Iterable[Mapping], cap: int) -> dict:
    """The week as small columns. `days`: label, used (minutes; None: nothing asked), today, note (a word)."""
    return {"cap": cap, "days": [_week_day(day, cap) for day in days]}


def _week_day(day: Mapping, cap: int) -> dict:
    used = day.get("used") or 0
    share = min(used / cap, 1) if cap else 0
    return {**day, "tone": tone_of(used, cap), "y": f"{100 - 100 * share:g}%", "height": f"{100 * share:g}%"}


@register.inclusion_tag("components/heat_map.html")
def heat_map(
    rows: Iterable[Mapping],
    days: Sequence[Mapping],
    caption: str,
    unit: str = "",
    corner: str = "",
    legend: bool = True,
    calm: bool = False,
) -> dict:
    """Bearers by day, as a table whose every cell is a figure, a column and a link.

    `days`: label, date, today. `rows`: label, href, cells; a cell is None (nothing to show), or used, cap,
    href, and note (a word in place of the figure, such as 无作业日). Of `used`, `held` is set aside; `planned` comes
    on top: both are striped. `calm` as for the bar.
    """
    return {
        "caption": caption,
        "corner": corner or gettext("班级"),
        "unit": unit or gettext("分钟"),
        "days": days,
        "rows": [
            {
                **row,
                "cells": [
                    (day, _heat_cell(cell, calm)) for day, cell in zip(days, row["cells"], strict=True)
                ],
            }
            for row in rows
        ],
        "legend": [(tone, words[0]) for tone, words in _tones(calm).items()] if legend else [],
    }


def _heat_cell(cell: Mapping | None, calm: bool) -> dict | None:
    if cell is None:
        return None
    tone = _calmed(tone_of(cell["used"], cell["cap"]), calm)
    settled = cell["used"] - cell.get("held", 0)
    wanted = cell["used"] + cell.get("planned", 0)
    scale = max(wanted, cell["cap"]) or 1
    return {
        **cell,
        "tone": "free" if cell.get("note") else tone,
        "tone_label": _tones(calm)[tone][0],
        "width": _percent(settled, scale),
        "pending": wanted > settled,
        "pending_from": _percent(settled, scale),
        "pending_to": _percent(wanted, scale),
    }


@register.inclusion_tag("components/item.html")
def homework_item(item: Mapping, chips: bool = True) -> dict:
    """One item: text, minutes (None: not stated), form, required, place, note."""
    codes = [item.get("form"), None if item.get("required", True) else "optional", item.get("place")]
    return {"item": item, "chips": [code for code in codes if code] if chips else []}


# ---- surfaces ----


def _trimmed(content: SafeString) -> SafeString:
    return mark_safe(content.strip())


@register.simple_block_tag
def card(content: str, title: str = "", aside: str = "", look: str = "", level: int = 2) -> SafeString:
    """`{% card title="…" %} … {% endcard %}`. `look`: "", "flat" (dashed), "accent" (the thing to do)."""
    context = {"content": content, "title": title, "aside": aside, "look": look, "level": level}
    return render_to_string("components/card.html", context)


@register.simple_block_tag
def row(
    content: str, title: str = "", meta: str = "", verdict: str = "", href: str = "", picture: str = ""
) -> SafeString:
    """A line of a list; the content stands at its end (buttons, a figure). `verdict`: a code of VERDICTS."""
    context = {"content": _trimmed(content), "title": title, "meta": meta, "verdict": verdict, "href": href}
    return render_to_string("components/row.html", {**context, "picture": picture})


@register.simple_block_tag
def nothing(content: str, title: str = "", picture: str = "sprout") -> SafeString:
    """Nothing to show: says so as good news or says what to do; the content may hold a button."""
    context = {"content": _trimmed(content), "title": title, "picture": picture}
    return render_to_string("components/nothing.html", context)


@register.simple_block_tag
def disclosure(content: str, summary: str = "", opened: bool = False) -> SafeString:
    """More on demand, in place."""
    return render_to_string(
        "components/disclosure.html", {"content": content, "summary": summary, "opened": opened}
    )


@register.simple_block_tag
def dialog(content: str, button: str = "", title: str = "", look: str = "quiet") -> SafeString:
    """A question above the page, opened by `button`; a <details>, so that it opens without JavaScript."""
    context = {"content": content, "button": button, "title": title, "look": look}
    return render_to_string("components/dialog.html", context)


@register.simple_block_tag
def notice(content: str, tone: str = "info", title: str = "") -> SafeString:
    """A sentence that must be seen. `tone` is a code of VERDICTS or "info"."""
    code = "inform" if tone == "info" else tone
    context = {"content": content, "code": code, "picture": VERDICTS[code][1], "title": title}
    return render_to_string("components/notice.html", context)


@register.inclusion_tag("components/refusal.html")
def refusal(answer: Mapping) -> dict:
    """放不下，可以这样调.

    `answer`: who, when, asked, used, cap, left, unit; limit, document, number, clause, level; parts as for
    the bar; options: each label, detail, and either href, or name and value of a submit button (kind: fewer,
    day, ask, waiver chooses the icon).
    """
    icons = {"fewer": "pen", "day": "week", "ask": "swap", "waiver": "stamp"}
    options = [{**option, "picture": icons[option["kind"]]} for option in answer["options"]]
    parts = [*answer["parts"], {"label": gettext("这次"), "amount": answer["asked"], "kind": "new"}]
    return {"answer": answer, "options": options, "parts": parts, "total": answer["used"] + answer["asked"]}


@register.inclusion_tag("components/timeline.html")
def timeline(events: Iterable[Mapping]) -> dict:
    """What became of a finding. Events: when, title, detail, who, verdict, done (False: still to come)."""
    return {"events": events}


@register.inclusion_tag("components/toast.html", takes_context=True)
def toast(context: template.Context, text: str, tone: str = "pass", undo_url: str = "") -> dict:
    """What just happened, said once, with a way back."""
    code = {"success": "pass", "info": "inform", "warning": "warn", "error": "refuse", "debug": "inform"}
    code = code.get(tone, tone)
    picture = VERDICTS[code][1]
    csrf_token = context.get("csrf_token")
    return {"text": text, "code": code, "picture": picture, "undo_url": undo_url, "csrf_token": csrf_token}


# ---- forms ----


@register.inclusion_tag("components/field.html")
def field(bound) -> dict:
    """A Django form field with label, help and errors."""
    return {"field": bound}


@register.inclusion_tag("components/search_field.html")
def search_field(name: str = "q", value: str = "", placeholder: str = "", label: str = "") -> dict:
    """A search box; put it in a GET form."""
    return {"name": name, "value": value, "placeholder": placeholder, "label": label or gettext("查找")}


@register.inclusion_tag("components/file_drop.html")
def file_drop(
    name: str, label: str, accept: str = "", hint: str = "", multiple: bool = False, required: bool = True
) -> dict:
    """A file field that also takes a dropped file, or several."""
    return {
        "name": name, "label": label, "accept": accept, "hint": hint, "multiple": multiple, "required": required,
    }  # fmt: skip


@register.inclusion_tag("components/stepper.html")
def stepper(steps: Iterable[str], current: int) -> dict:
    """Where one is in a task; `current` counts from 1."""
    return {"steps": [(number, label, number - current) for number, label in enumerate(steps, 1)]}


# ---- finding one's way ----


@register.inclusion_tag("components/tabs.html")
def tabs(items: Iterable[Mapping], label: str = "") -> dict:
    """Links to sister pages. Items: label, href, current, count; those with ``more`` open behind one button."""
    several = list(items)
    more = [item for item in several if item.get("more")]
    return {
        "items": [item for item in several if item not in more], "more": more, "label": label or gettext("分页签"),
        "here": next((item["label"] for item in more if item["current"]), ""),
    }  # fmt: skip


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Page, name: str = "page") -> dict:
    """Pages of a table; keeps the other parts of the address."""
    query = context["request"].GET.copy() if "request" in context else None
    return {"page": page, "links": [_page_link(number, page, query, name) for number in _page_numbers(page)]}


def _page_numbers(page: Page) -> list[int | None]:
    near = {1, page.number - 1, page.number, page.number + 1, page.paginator.num_pages}
    numbers = sorted(number for number in near if 1 <= number <= page.paginator.num_pages)
    with_gaps = numbers[:1]
    for before, number in pairwise(numbers):
        with_gaps += [None, number] if number > before + 1 else [number]
    return with_gaps


def _page_link(number: int | None, page: Page, query, name: str) -> dict:
    if number is None:
        return {"gap": True}
    address = f"{name}={number}"
    if query is not None:
        query[name] = number
        address = query.urlencode()
    return {"number": number, "href": f"?{address}", "current": number == page.number}


@register.inclusion_tag("components/progress.html")
def progress(done: int, total: int, label: str) -> dict:
    """Long work under way. `total` 0: not known yet."""
    return {"done": done, "total": total, "label": label}


@register.simple_tag
def filing() -> str:
    """The number of the site's ICP备案 with the link that has to stand beside it; nothing where none is set."""
    link = '<p class="small filing"><a href="https://beian.miit.gov.cn/" rel="noopener">{}</a></p>'
    return format_html(link, settings.ICP) if settings.ICP else ""


@register.inclusion_tag("components/qr_tile.html")
def qr_tile(url: str, caption: str = "", code: str = "") -> dict:
    """An address as a QR code, with the same address or code to read below it."""
    drawing = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        drawing, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2, svgclass="qr", lineclass=None
    )
    return {"svg": mark_safe(drawing.getvalue().decode()), "caption": caption, "code": code}
