"""Work reports: whose they are, what a report may say, how long it may be, and who may take the next step."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from qingfu.findings.models import Finding
from qingfu.lake import charts, indicators
from qingfu.lake.derived import code_of
from qingfu.lake.manifest import LakeError
from qingfu.lake.reading import Lake, lake_folder, open_lake
from qingfu.ledger.queries import calendar_for, rulebook_for
from qingfu.reports.composing import (
    ComingRule,
    Facts,
    Laid,
    Problem,
    chinese_day,
    compose,
    cuts_named,
    figures_named,
    laid,
    template_for,
    templates,
)
from qingfu.reports.models import LeftOut, Spared, WorkReport
from qingfu.reports.word import as_word
from qingfu.rulebook import Rulebook, Verdict
from qingfu.rulebook.rulebook import in_force_in
from qingfu.rulebook.sentences import rule_text
from qingfu.rulebook.words import word
from qingfu.text.files import open_file
from qingfu.text.official import Check, check_draft
from qingfu.text.official.judging import BROKEN, Judged
from qingfu.text.review.finding import Finding as Noted
from qingfu.text.review.reader import review_text
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, chain_of, who_may, within

State = WorkReport.State
AHEAD = timedelta(days=365)  # how far ahead a rule that comes into force is told
MOST_RULES = 6
VERBS = ("compose_report", "check_report", "sign_report")
WORST_FIRST = ("error", "warning", "hint")


class NoRecords(ValueError):
    """There are no records to take figures from. ``str()`` says what to do."""


# ---- whose ----


def units_of(actor: Actor, verb: str) -> list[Unit]:
    """The units in whose name the actor may do ``verb``: where the role itself is held, never those below."""
    held = [post.unit_id for post in actor.posts_for(verb)]
    return [one for one in Unit.objects.filter(pk__in=held).order_by("path") if template_for(one.kind)]


def unit_of(actor: Actor, verb: str, unit_id: int) -> Unit:
    """One of ``units_of``. Raises Forbidden, never saying whether the unit exists."""
    found = next((one for one in units_of(actor, verb) if one.pk == unit_id), None)
    if found is None:
        raise Forbidden(verb)
    return found


def visible(actor: Actor) -> QuerySet[WorkReport]:
    """The reports of the actor's own units. A report of another unit is nobody else's business until it is sent."""
    held = {post.unit_id for verb in VERBS for post in actor.posts_for(verb)}
    return WorkReport.objects.filter(unit_id__in=held).select_related("unit", "author", "checker", "signer")


def spared_by(actor: Actor) -> QuerySet[Spared]:
    """The links that the actor's own units have given, the newest first."""
    held = {post.unit_id for post in actor.posts_for("spare_report")}
    return Spared.objects.filter(unit_id__in=held).select_related("unit", "person").order_by("-made_at")


def may_at(actor: Actor, verb: str, unit_id: int) -> bool:
    return any(post.unit_id == unit_id for post in actor.posts_for(verb))


def may_check(actor: Actor, report: WorkReport) -> bool:
    """Nobody checks her own draft, unless there is nobody else who could."""
    if report.state != State.SUBMITTED or not may_at(actor, "check_report", report.unit_id):
        return False
    return actor.person_id != report.author_id or not _another(report, "check_report")


def may_sign(actor: Actor, report: WorkReport) -> bool:
    return report.state == State.CHECKED and may_at(actor, "sign_report", report.unit_id)


def may_write(actor: Actor, report: WorkReport) -> bool:
    return report.is_open and may_at(actor, "compose_report", report.unit_id)


def _another(report: WorkReport, verb: str) -> bool:
    """Whether somebody else than the author holds the role at the unit itself."""
    others = who_may(verb, report.unit).exclude(person_id=report.author_id)
    return others.filter(unit_id=report.unit_id).exists()


# ---- periods ----


@dataclass(frozen=True)
class Period:
    """A span to report on, as people call it."""

    name: str
    first: date
    last: date


def periods(unit: Unit, today: date | None = None) -> list[Period]:
    """What is usually reported on: this term and the last, this month and the last, this year; none beyond today."""
    today = today or timezone.localdate()
    calendar = calendar_for(unit)
    term = calendar.term(today)
    before = calendar.term(term.start - timedelta(days=1))
    month = today.replace(day=1)
    end_of_last = month - timedelta(days=1)
    return [
        Period(term_name(term.id), term.start, min(term.end, today)),
        Period(term_name(before.id), before.start, before.end),
        Period(month_name(month), month, today),
        Period(month_name(end_of_last), end_of_last.replace(day=1), end_of_last),
        Period(_year_name(today), today.replace(month=1, day=1), today),
    ]


def period_named(unit: Unit, first: date, last: date, today: date | None = None) -> str:
    """What a span is called: as a usual period, else by its days."""
    usual = {(one.first, one.last): one.name for one in periods(unit, today)}
    end = chinese_day(last).removeprefix(f"{first.year}年")
    return usual.get((first, last), f"{chinese_day(first)}至{end}")


def term_name(term_id: str) -> str:
    """2026-2027-1 → 2026年秋季学期, 2026-2027-2 → 2027年春季学期."""
    return f"{term_id[:4]}年秋季学期" if term_id.endswith("1") else f"{term_id[5:9]}年春季学期"


def month_name(day: date) -> str:
    return f"{day.year}年{day.month}月"


def _year_name(day: date) -> str:
    return f"{day.year}年"


# ---- what a report may say ----


def content_of(unit: Unit, first: date, last: date) -> dict:
    """What the program has to say of a unit and a period, from the records as they are now. Raises NoRecords."""
    template = template_for(unit.kind)
    names = names_for(unit, period_named(unit, first, last))
    return compose(template, names, first, last, facts_of(unit, template, first, last))


def draft_of(unit: Unit, first: date, last: date) -> bytes:
    """The report of a unit and a period as .docx, its slots empty, stored nowhere. Raises NoRecords."""
    content = content_of(unit, first, last)
    return as_word(content, found := laid(content, {}), timezone.localdate(), pictures_of(found))


def facts_of(unit: Unit, template: str, first: date, last: date) -> Facts:
    """Figures, open problems and coming rules of a unit. Raises NoRecords."""
    lake = lake_of(unit)
    rulebook = rulebook_for(unit)
    figures = figures_of(lake, unit, figures_named(template), first, last)
    return Facts(
        figures={one.indicator.id: one for one in figures},
        cut={(id, by): _cut(lake, unit, id, by, first, last) for id, by in cuts_named(template)},
        problems=problems_in(unit, last, rulebook),
        to_recheck=list(_of(unit, last).filter(state=Finding.State.RECTIFIED).values_list("pk", flat=True)),
        rules=coming_rules(rulebook, templates()[template]["rules"], last),
        taken_at=timezone.localtime(),
        digest=indicators.digest(lake),
    )


def lake_of(unit: Unit) -> Lake:
    """The exported records of the unit's county. Raises NoRecords."""
    try:
        return open_lake(lake_folder(), (code_of(Unit.objects.get(pk=unit.tenant_id)),))
    except ImportError as error:
        raise NoRecords(_("取数需要扩展 lake。请系统维护人员运行：pip install 'qingfu[lake]'")) from error
    except LakeError as error:
        raise NoRecords(_("本县的记录还没有导出，没有数可取。每天夜里导出一次，导出以后再来。")) from error


def figures_of(lake: Lake, unit: Unit, ids: Iterable[str], first: date, last: date) -> list[indicators.Figure]:
    """The figures of a unit. Raises NoRecords where the exported records do not know it yet."""
    try:
        return indicators.figures(lake, list(ids), unit.pk, first, last)
    except LakeError as error:
        raise NoRecords(str(error)) from error


def _cut(lake: Lake, unit: Unit, id: str, by: str, first: date, last: date) -> list[tuple[str, object]]:
    """(what a part is called, its figure); what belongs to no part is left out."""
    found = indicators.figures(lake, [id], unit.pk, first, last, by=(by,))
    named = {one.by[0][1]: one for one in found if one.by[0][1]}
    return [(word("grades", value) if by == "grade" else value, one) for value, one in named.items()]


def _of(unit: Unit, last: date) -> QuerySet[Finding]:
    """The findings in a unit that were opened up to the last day of the period."""
    return Finding.objects.filter(within([unit.path], "bearer__path"), opened_at__date__lte=last)


def problems_in(unit: Unit, last: date, rulebook: Rulebook) -> list[Problem]:
    """What is open in a unit, gathered by limit, the most frequent first; checks one by one in an institution,
    together in a county."""
    today = timezone.localdate()
    titles = names_of_limits(rulebook)
    together = unit.is_tenant
    groups: dict[str, list[Finding]] = defaultdict(list)
    open_ones = _of(unit, last).filter(state=Finding.State.OPEN).select_related("bearer").order_by("pk")
    for one in open_ones:
        is_check = one.kind == Finding.Kind.CHECK
        groups[f"check{'' if together else f':{one.pk}'}" if is_check else f"limit:{one.limit_id}"].append(one)
    kinds = _kinds_of({_place_of(one, unit) for group in groups.values() for one in group}, unit)
    most_first = sorted(groups.items(), key=lambda item: -len(item[1]))
    return [_problem(key, group, titles, unit, today, kinds) for key, group in most_first]


def names_of_limits(rulebook: Rulebook) -> dict[str, str]:
    """What each limit is called: its title, of several with one title also whom it is for, of several of these also
    whose rule it is. Two sentences of a report that are the same but for their figures are read as a copy."""
    limits = [(limit, pack.level) for pack in rulebook.packs for limit in pack.limits]
    titles = Counter(limit.title for limit, _level in limits)
    whom = Counter((limit.title, limit.applies.text) for limit, _level in limits)
    names = {}
    for limit, level in limits:
        for_whom = limit.applies.text if titles[limit.title] > 1 else ""
        name = f"{limit.title}（{for_whom}）" if for_whom else limit.title
        names[limit.id] = f"{word('levels', level)}：{name}" if whom[limit.title, limit.applies.text] > 1 else name
    return names


def _place_of(one: Finding, unit: Unit) -> str:
    """Where a finding counts: a county counts its institutions, an institution the bearers themselves."""
    return one.bearer.path[: len(unit.path) + Unit.steplen] if unit.is_tenant else one.bearer.path


def _kinds_of(paths: set[str], unit: Unit) -> dict[str, str]:
    return dict(Unit.objects.filter(within([unit.path]), path__in=paths).values_list("path", "kind"))


def _problem(
    key: str, group: list[Finding], titles: dict[str, str], unit: Unit, today: date, kinds: dict[str, str]
) -> Problem:
    newest, places = group[-1], {_place_of(one, unit) for one in group}
    in_time = [one.due_day for one in group if one.due_day >= today]
    several = newest.get_kind_display() if key == "check" else newest.headline
    return Problem(
        key=key,
        title=titles.get(newest.limit_id, several),
        ids=tuple(one.pk for one in group),
        places=len(places),
        due_day=max(in_time, default=None),
        late=tuple(one.pk for one in group if one.due_day < today),
        check=newest.kind == Finding.Kind.CHECK,
        kinds=tuple(sorted({kinds[place] for place in places})),
    )


def coming_rules(rulebook: Rulebook, kinds: Iterable[str], last: date) -> list[ComingRule]:
    """Limits on some kinds of demand whose value begins after the period, the next first."""
    wanted, found, names = set(kinds), {}, names_of_limits(rulebook)
    days = {
        value.start
        for pack in rulebook.packs
        for limit in pack.limits
        for value in limit.values
        if limit.kind in wanted and last < value.start <= last + AHEAD
    }
    for day in sorted(days):
        for one in in_force_in(rulebook.packs, day):
            if one.limit.kind in wanted and one.value.start == day:
                found.setdefault(
                    one.limit.id, ComingRule(one.limit.id, names[one.limit.id], day, rule_text(one), one.citation)
                )
    return list(found.values())[:MOST_RULES]


def names_for(unit: Unit, period: str) -> dict[str, str]:
    """What a template's places are filled with: the unit and its kind, the county or city above it, the period."""
    above = [one for one in chain_of(unit) if one.pk != unit.pk and one.is_tenant]
    return {"unit": unit.name, "kind": unit.kind, "above": above[-1].name if above else unit.name, "period": period}


# ---- a report as it stands ----


def left_out_of(report: WorkReport) -> dict[str, LeftOut]:
    """The problems that a report does not name, by their key."""
    return {one.key: one for one in report.left_out.filter(back=False).select_related("person")}


def laid_out(report: WorkReport) -> Laid:
    return laid(report.content, report.written, left_out_of(report))


def word_of(report: WorkReport, found: Laid, *, with_charts: bool = True) -> bytes:
    """The report as .docx, dated the day of its signature or today."""
    pictures = pictures_of(found) if with_charts else {}
    return as_word(report.content, found, report.signed_day or timezone.localdate(), pictures)


def pictures_of(found: Laid) -> dict[str, bytes]:
    """The charts of a report, by the source of their figures. Raises NoRecords where the extra is missing."""
    return {one.chart["source"]: picture_of(one.chart) for one in found.blocks if one.chart}


def picture_of(chart: dict) -> bytes:
    """The PNG of a chart. Raises NoRecords where the extra is missing."""
    try:
        return charts.bars(chart["title"], tuple(map(tuple, chart["rows"])))
    except ImportError as error:
        raise NoRecords(_("画图需要扩展 lake。请系统维护人员运行：pip install 'qingfu[lake]'")) from error


@dataclass(frozen=True)
class Read:
    """What the report reader and the drafting check say of a report: findings, the worst first, and limits."""

    noted: list[dict]
    characters: int
    limits: list[Judged]

    def kept(self) -> dict:
        """What is stored of it with the report."""
        limits = [
            {"title": one.title, "cap": one.cap, "unit": word("measures", one.measure), "state": one.state,
             "citation": one.citation, "pages": one.measure == "pages"}
            for one in self.limits
        ]  # fmt: skip
        return {"noted": self.noted, "characters": self.characters, "limits": limits}

    @property
    def too_long(self) -> list[Judged]:
        """Limits that refuse it."""
        return [one for one in self.limits if one.state == BROKEN and one.verdict >= Verdict.NEEDS_WAIVER]


def read_through(report: WorkReport) -> Read:
    """All of a report, with its attachment, read by the report reader and measured by the unit's rules.

    Raises MarkedSecret where what a person wrote bears a mark of secrecy.
    """
    day = report.signed_day or timezone.localdate()
    source = open_file(word_of(report, laid_out(report), with_charts=False), f"{report.title}.docx")
    check: Check = check_draft(source, on=day, rulebook=rulebook_for(report.unit))
    found = review_text(source.text, on=day).findings
    rows = sorted(map(partial(_row, source.text), found), key=lambda row: WORST_FIRST.index(row["severity"]))
    limits = [one for one in check.judged if one.measure in ("characters", "pages")]
    return Read(rows, check.size.characters, limits)


def _row(text: str, one: Noted) -> dict:
    return {
        "kind": one.kind, "severity": one.severity, "quote": text[one.start : one.end][:60], "note": one.note,
        "line": text.count("\n", 0, one.start) + 1,
    }  # fmt: skip


def waiting_for(actor: Actor) -> int:
    """How many reports wait for the actor's check or signature."""
    checks = {post.unit_id for post in actor.posts_for("check_report")}
    signs = {post.unit_id for post in actor.posts_for("sign_report")}
    waiting = Q(state=State.SUBMITTED, unit_id__in=checks) & ~Q(author_id=actor.person_id)
    return WorkReport.objects.filter(waiting | Q(state=State.CHECKED, unit_id__in=signs)).count()
