"""Where a person can go: the first page of her roles, and the navigation of every signed-in page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingfu.findings import queries as findings
from qingfu.reports.queries import situation
from qingfu.reports.queries import work as reports
from qingfu.units.models import Unit
from qingfu.units.queries import Actor
from qingfu.units.tenancy import current_tenant

MOST_LINKS = 5  # as many as fit on a phone; the others stand in the person's menu


@dataclass(frozen=True)
class Link:
    """An entry of the navigation."""

    href: str
    label: str
    icon: str
    count: int = 0
    current: bool = False


WAITING = {"findings:list": findings.count_to_do, "reports:home": reports.waiting_for}
"""How much waits for an actor behind a link of the navigation."""


def first_page(actor: Actor) -> str | None:
    """The address of the most immediate page of an actor's roles; None for somebody without a role today."""
    pages = _pages(actor)
    return pages[0].href if pages else None


def _pages(actor: Actor) -> list[Link]:
    """The page of each of the actor's roles, the most immediate first."""
    found = []
    if actor.has_role("teacher"):
        found.append(Link(reverse("homework:today"), _("今天"), "today"))
    if actor.has_role("class_teacher", "grade_head"):
        found.append(Link(reverse("home:week"), _("本周"), "week"))
    for post in actor.posts_for("see_school"):
        if post.kind == Unit.Kind.SCHOOL:
            found.append(Link(reverse("home:school", args=[post.unit_id]), _("学校"), "school"))
    if actor.posts_for("post_document"):
        found.append(Link(reverse("offices:home"), _("本单位"), "scale"))
    if actor.posts_for("review_office_waiver"):
        found.append(Link(reverse("offices:waiting"), _("两办审核"), "stamp"))
    if actor.posts_for("handle_complaints"):
        found.append(Link(reverse("offices:complaints"), _("反映"), "speech"))
    if actor.posts_for("keep_inspection_plan"):
        found.append(Link(reverse("offices:inspections"), _("督查检查"), "visit"))
    if actor.has_role("village"):
        found.append(Link(reverse("offices:below"), _("要我们做的"), "today"))
    if actor.posts_for("see_county"):
        found.append(Link(reverse("home:county"), _("视导"), "visit"))
    return list(dict.fromkeys(found))


def links(every: Sequence[Link]) -> list[Link]:
    """What the navigation shows of ``all_links``, at most MOST_LINKS: the first ones, and the rules."""
    return [*every[: MOST_LINKS - 1], every[-1]] if len(every) > MOST_LINKS else list(every)


def more_links(every: Sequence[Link]) -> list[Link]:
    """What the navigation has no room for."""
    seen = links(every)
    return [link for link in every if link not in seen]


def all_links(actor: Actor) -> list[Link]:
    """Wherever an actor can go: her pages, what she has to do, and the rules."""
    every = _all_links(get_language(), actor)
    return [replace(link, count=waiting(actor)) if waiting else link for link, waiting in every]


@lru_cache(maxsize=1024)  # the same roles lead to the same pages; how much waits there is asked each time
def _all_links(language: str, actor: Actor) -> list[tuple[Link, Callable[[Actor], int] | None]]:
    found = _pages(actor)
    if actor.has_role("dean", "principal"):
        found.append(Link(reverse("home:week"), _("本周"), "week"))
    if actor.posts_for("see_findings") or actor.has_role("teacher"):  # a teacher sees what was given to her
        found.append(Link(reverse("findings:list"), _("问题"), "flag"))
    if actor.posts_for("grant_waiver"):
        found.append(Link(reverse("homework:waivers"), _("报批"), "stamp"))
    elif actor.posts_for("list_materials"):
        found.append(Link(reverse("homework:materials"), _("教辅"), "file"))
    if actor.posts_for("review_report"):
        found.append(Link(reverse("reports:review"), _("审读"), "search"))
    for place in situation.places_for(actor):
        found.append(Link(reverse(f"reports:{place}"), situation.TITLES[place], "grid"))
    if actor.posts_for("compose_report"):
        found.append(Link(reverse("reports:home"), _("报告"), "file"))
    if actor.has_role("dean", "principal"):
        found.append(Link(reverse("offices:below"), _("要我们做的"), "scale"))
    if actor.posts_for("import_records"):
        found.append(Link(reverse("reports:imports"), _("往年台账"), "upload"))
    if actor.has_role("county_admin"):
        found.append(Link(reverse("offices:baselines"), _("基数"), "scale"))
    found.append(Link(reverse("ledger:rules"), _("规定"), "book"))
    waiting = {reverse(name): count for name, count in WAITING.items()}
    if not actor.posts_for("see_findings"):
        del waiting[reverse("findings:list")]  # a teacher's page asks for no more than it shows
    return [(link, waiting.get(link.href)) for link in {link.href: link for link in found}.values()]


def context(request: HttpRequest) -> dict:
    """``nav``, ``nav_more`` and ``place`` for base.html, worked out only where a template asks for them."""
    actor = getattr(request, "actor", None)
    if actor is None or current_tenant() != actor.tenant_id:
        return {}
    every = SimpleLazyObject(lambda: all_links(actor))
    return {
        "nav": lambda: _with_current(links(every), request.path),
        "nav_more": lambda: tuple(more_links(every)),
        "place": actor.place,
    }


def _with_current(found: list[Link], path: str) -> tuple[Link, ...]:
    """The links with the one marked that the address ``path`` lies under: the longest match."""
    under = [link for link in found if path.startswith(link.href)]
    here = max(under, key=lambda link: len(link.href), default=None)
    return tuple(replace(link, current=link is here) for link in found)
