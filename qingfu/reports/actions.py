"""Everything that changes a work report, and answering a superior with figures instead. One function, one verb."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from qingfu.findings.queries import names_in
from qingfu.lake import indicators
from qingfu.lake.actions import refresh_lake
from qingfu.reports.composing import amount_of, figures_named, slots, template_for
from qingfu.reports.models import LeftOut, ReportStep, Spared, WorkReport
from qingfu.reports.queries import work
from qingfu.text.official import MarkedSecret
from qingfu.units.actions import audit, issue_link
from qingfu.units.models import Token, Unit
from qingfu.units.queries import Actor, Forbidden
from qingfu.units.tenancy import as_tenant

RULES = tomllib.loads((Path(__file__).parent / "data" / "work.toml").read_text("utf-8"))
LINK, WRITTEN = RULES["link"], RULES["written"]
State, What = WorkReport.State, ReportStep.What


class Unfit(ValueError):
    """What was entered, or the moment, does not fit. ``str()`` says what to do."""


def export_records(actor: Actor, county: Unit) -> None:
    """Export a county's records now, so that figures come from them as they are. As ``lake.actions.refresh_lake``."""
    refresh_lake(actor, county)


# ---- 撰稿 ----


def compose_report(actor: Actor, unit_id: int, first: date, last: date, key: str = "") -> WorkReport:
    """Put a report of a unit on a period together. Asked again with the ``key`` of the same form, it is the report that
    was made then. Raises Forbidden, Unfit, work.NoRecords."""
    with as_tenant(actor.tenant_id):
        unit = work.unit_of(actor, "compose_report", unit_id)
        earlier = _made_before(WorkReport.objects.filter(author_id=actor.person_id), unit, key)
        if earlier:
            return earlier
        _check_period(first, last)
        report = WorkReport(
            unit=unit, template=template_for(unit.kind), first=first, last=last, author_id=actor.person_id,
            content=work.content_of(unit, first, last), key=key,
        )  # fmt: skip
        report.save()
        _read_and_save(report)
        return _done(actor, report, What.COMPOSED)


def take_figures_again(actor: Actor, report_id: int) -> WorkReport:
    """Put a draft together anew from the records as they are now; what persons wrote stays. As ``compose_report``."""
    with as_tenant(actor.tenant_id):
        report = _draft(actor, report_id)
        report.content = work.content_of(report.unit, report.first, report.last)
        _read_and_save(report)
        return _done(actor, report, What.COMPOSED)


def write(actor: Actor, report_id: int, written: Mapping[str, str]) -> WorkReport:
    """Fill the places of a draft. The report reader reads all of it before it is saved. Raises Forbidden, Unfit."""
    with as_tenant(actor.tenant_id):
        report = _draft(actor, report_id)
        places = slots(report.template)
        report.written = {one["id"]: _checked(report.unit, one, written.get(one["id"], "")) for one in places}
        _read_and_save(report)
        audit(actor, "write_report", kind="work_report", object_id=report.pk, unit_id=report.unit_id)
        return report


def _checked(unit: Unit, slot: Mapping, words: str) -> str:
    words = words.strip()
    if len(words) > WRITTEN["most_characters"]:
        sentence = _("“%(name)s”有 %(count)s 字，最多 %(most)s 字，请再精炼")
        raise Unfit(sentence % {"name": slot["name"], "count": len(words), "most": WRITTEN["most_characters"]})
    left = re.search(WRITTEN["figure"], re.sub(WRITTEN["allowed"], "", words))
    if left:
        sentence = _("“%(name)s”里有数字 %(number)s。数字只由指标给出，请改用文字，或者删去")
        raise Unfit(sentence % {"name": slot["name"], "number": left[0]})
    names = names_in(words, unit)
    if names:
        raise Unfit(_("请写学科和岗位，不写姓名：%(names)s") % {"names": "、".join(names)})
    return words


def leave_out(actor: Actor, report_id: int, key: str, reason: str) -> WorkReport:
    """Leave a problem out of a draft. The reason stays inside: the document says nothing. Raises Forbidden, Unfit."""
    with as_tenant(actor.tenant_id):
        report = _draft(actor, report_id)
        problem = next((one for one in report.content["problems"] if one["key"] == key), None)
        if problem is None:
            raise Unfit(_("这份报告里没有这个问题，请刷新页面"))
        if not reason.strip():
            raise Unfit(_("请写一句话：为什么不写进报告。理由只留在内部"))
        said = {"problem": problem["pieces"][0][0][:300], "reason": reason.strip()[:200], "person_id": actor.person_id}
        LeftOut.objects.get_or_create(report=report, key=key, back=False, defaults=said)
        _read_and_save(report)
        audit(actor, "leave_out_problem", kind="work_report", object_id=report.pk, unit_id=report.unit_id)
        return report


def put_back(actor: Actor, report_id: int, key: str) -> WorkReport:
    """Name a problem again that was left out. Raises Forbidden, Unfit."""
    with as_tenant(actor.tenant_id):
        report = _draft(actor, report_id)
        LeftOut.objects.filter(report=report, key=key, back=False).update(back=True)
        _read_and_save(report)
        audit(actor, "put_back_problem", kind="work_report", object_id=report.pk, unit_id=report.unit_id)
        return report


def submit(actor: Actor, report_id: int) -> WorkReport:
    """送审: hand a draft to whoever checks it. Raises Forbidden; Unfit while a place that only a person can fill is
    empty, and where a rule of the unit refuses its length."""
    with as_tenant(actor.tenant_id):
        report = _draft(actor, report_id)
        blank = [one["name"] for one in slots(report.template) if one["needed"] and not report.written.get(one["id"])]
        if blank:
            raise Unfit(_("还没有写：%(names)s。这些只能由人来写") % {"names": "、".join(blank)})
        long = work.read_through(report).too_long
        if long:
            raise Unfit(long[0].reason)
        return _moved(actor, report, State.SUBMITTED, What.SUBMITTED)


# ---- 审核、签发 ----


def check(actor: Actor, report_id: int) -> WorkReport:
    """审核同意. Nobody checks her own draft unless there is nobody else. Raises Forbidden, Unfit."""
    with as_tenant(actor.tenant_id):
        report = _locked(actor, report_id, State.SUBMITTED)
        if not work.may_check(actor, report):
            raise Forbidden("check_report", report.unit)
        report.checker_id = actor.person_id
        return _moved(actor, report, State.CHECKED, What.CHECKED)


def give_back(actor: Actor, report_id: int, note: str) -> WorkReport:
    """退回: to its author, with what is to be mended. Whoever may check or sign it now. Raises Forbidden, Unfit."""
    with as_tenant(actor.tenant_id):
        report = _locked(actor, report_id, State.SUBMITTED, State.CHECKED)
        if not (work.may_check(actor, report) or work.may_sign(actor, report)):
            raise Forbidden("check_report", report.unit)
        if not note.strip():
            raise Unfit(_("请写一句话：要改什么"))
        report.checker_id = None
        return _moved(actor, report, State.DRAFT, What.RETURNED, note.strip()[:200])


def sign(actor: Actor, report_id: int) -> WorkReport:
    """签发: the report is dated today and changes no more. Raises Forbidden, Unfit."""
    with as_tenant(actor.tenant_id):
        report = _locked(actor, report_id, State.CHECKED)
        if not work.may_sign(actor, report):
            raise Forbidden("sign_report", report.unit)
        report.signer_id, report.signed_day = actor.person_id, timezone.localdate()
        return _moved(actor, report, State.SIGNED, What.SIGNED)


# ---- 免报 ----


def spare(
    actor: Actor, unit_id: int, asked_by: str, first: date, last: date, days: int, key: str = ""
) -> tuple[Spared, str]:
    """Answer a superior's request with figures instead of a document: (what was given, the secret of its link).

    The link opens the figures as they are now, for ``days`` days. Asked again with the ``key`` of the same form, it is
    the link that was given then. Raises Forbidden, Unfit, work.NoRecords.
    """
    with as_tenant(actor.tenant_id):
        unit = work.unit_of(actor, "spare_report", unit_id)
        earlier = _made_before(Spared.objects.filter(person_id=actor.person_id), unit, key)
        if earlier:
            return earlier, link_of(earlier)
        _check_period(first, last)
        if not asked_by.strip():
            raise Unfit(_("请写是哪个单位要的"))
        if not 1 <= days <= LINK["most_days"]:
            raise Unfit(_("有效期请在 1 到 %(most)s 天之间") % {"most": LINK["most_days"]})
        lake = work.lake_of(unit)
        found = work.figures_of(lake, unit, figures_named(template_for(unit.kind)), first, last)
        expires_on = timezone.localdate() + timedelta(days=days)
        made = Spared.objects.create(
            unit=unit, asked_by=asked_by.strip()[:40], first=first, last=last, figures=[_given(one) for one in found],
            digest=indicators.digest(lake), person_id=actor.person_id, expires_on=expires_on, key=key,
        )  # fmt: skip
        audit(actor, "spare_report", kind="spared", object_id=made.pk, unit_id=unit.pk)
        return made, link_of(made)


def link_of(made: Spared) -> str:
    """The secret part of a link with figures. The database keeps its hash alone."""
    ends = timezone.make_aware(datetime.combine(made.expires_on, time.max))
    return issue_link(Token.Kind.FIGURES, made.tenant_id, made.pk, 1, ends)


def _given(figure) -> dict:
    """A figure as it is given: what was not shown has no value."""
    one = figure.indicator
    return {
        "id": one.id, "name": one.name, "definition": one.definition, "source": one.source, "section": one.section,
        "value": amount_of(figure) if figure.state == "shown" else "", "state": figure.state, "records": figure.records,
    }  # fmt: skip


def withdraw_link(actor: Actor, spared_id: int) -> Spared:
    """A link that was given opens nothing from now on. Raises Forbidden."""
    with as_tenant(actor.tenant_id):
        made = work.spared_by(actor).filter(pk=spared_id).first()
        if made is None:
            raise Forbidden("spare_report")
        now = timezone.now()
        Token.objects.filter(kind=Token.Kind.FIGURES, subject_id=made.pk, revoked_at=None).update(revoked_at=now)
        made.withdrawn_at = made.withdrawn_at or now
        made.save(update_fields=["withdrawn_at"])
        audit(actor, "withdraw_figures", kind="spared", object_id=made.pk, unit_id=made.unit_id)
        return made


# ---- behind them ----


def _made_before(mine: QuerySet, unit: Unit, key: str):
    """What the same form made before. Of two posts of one form the second waits for the first."""
    if not key:
        return None
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    return mine.filter(key=key).first()


def _check_period(first: date, last: date) -> None:
    if last < first:
        raise Unfit(_("最后一天比第一天早，请改正"))
    if first > timezone.localdate():
        raise Unfit(_("这段时间还没有开始"))


def _locked(actor: Actor, report_id: int, *states: str) -> WorkReport:
    """The report, for this transaction alone. Raises Forbidden (not the actor's unit), Unfit (in another state)."""
    report = work.visible(actor).select_for_update(of=("self",)).filter(pk=report_id).first()
    if report is None:
        raise Forbidden("compose_report")
    if report.state not in states:
        raise Unfit(_("这份报告现在是“%(state)s”，请刷新页面") % {"state": report.get_state_display()})
    return report


def _draft(actor: Actor, report_id: int) -> WorkReport:
    report = _locked(actor, report_id, State.DRAFT)
    if not work.may_write(actor, report):
        raise Forbidden("compose_report", report.unit)
    return report


def _read_and_save(report: WorkReport) -> None:
    """Raises Unfit where it bears a mark of secrecy: nothing is saved."""
    try:
        report.read = work.read_through(report).kept()
    except MarkedSecret as error:
        raise Unfit(str(error)) from error
    report.save()


def _moved(actor: Actor, report: WorkReport, state: str, what: str, note: str = "") -> WorkReport:
    report.state = state
    report.save()
    return _done(actor, report, what, note)


def _done(actor: Actor, report: WorkReport, what: str, note: str = "") -> WorkReport:
    ReportStep.objects.create(report=report, what=what, person_id=actor.person_id, note=note)
    audit(actor, f"{what}_report", kind="work_report", object_id=report.pk, unit_id=report.unit_id)
    return report
