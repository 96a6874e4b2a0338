"""Everything that changes a Finding. One function for one verb."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from qingfu.findings import ladder, queries
from qingfu.findings.ladder import DAYS_TO_RECHECK, DAYS_TO_RECTIFY, Answerable
from qingfu.findings.models import Finding, FindingStep
from qingfu.units.actions import audit
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, one_in_scope, require, system_actor
from qingfu.units.tenancy import as_tenant

State, What = Finding.State, FindingStep.What


class Unfit(ValueError):
    """The text or the moment does not fit. ``str()`` says what to do."""


def open_finding(
    actor: Actor,
    bearer: Unit,
    kind: str,
    summary: str,
    *,
    limit_id: str = "",
    object_kind: str = "",
    object_ids: Iterable[int] = (),
    due_day: date | None = None,
) -> Finding:
    """Open a Finding about ``bearer``, or gather the records into the open one of the same kind and limit.

    The nearest class teacher, grade head or leader answers for it, within a week unless said otherwise. Called by
    the program from inside another action, which has checked what the actor may do.
    """
    ids = list(object_ids)
    same = Finding.objects.filter(bearer=bearer, kind=kind, limit_id=limit_id, state=State.OPEN)
    if kind != Finding.Kind.CHECK:
        earlier = same.select_for_update().first()
        if earlier:
            return _gather(earlier, summary, ids)
    try:
        with transaction.atomic():
            return _open(actor, bearer, kind, summary, limit_id, object_kind, ids, due_day)
    except IntegrityError:  # somebody opened it in the same moment
        return _gather(same.select_for_update().get(), summary, ids)


def _open(actor, bearer, kind, summary, limit_id, object_kind, ids, due_day) -> Finding:
    office = ladder.answerable(bearer, ladder.first_level(bearer, kind == Finding.Kind.RECORDED_OVER))
    finding = Finding.objects.create(
        bearer=bearer,
        kind=kind,
        limit_id=limit_id,
        object_kind=object_kind,
        object_ids=ids,
        count=max(len(ids), 1),
        summary=summary,
        responsible_unit=office.unit,
        role=office.role,
        level=office.level,
        due_day=due_day or timezone.localdate() + timedelta(days=DAYS_TO_RECTIFY),
    )
    _step(actor, finding, What.OPENED, summary)
    audit(actor, "open_finding", kind="finding", object_id=finding.pk, unit_id=bearer.pk, limit=limit_id)
    return finding


def _gather(finding: Finding, summary: str, ids: list[int]) -> Finding:
    """More of the same: the records that are not there yet; the sentence is that of the last."""
    fresh = [one for one in ids if one not in set(finding.object_ids)]
    if fresh or not ids:
        finding.object_ids = [*finding.object_ids, *fresh]
        finding.count = finding.count + (len(fresh) or 1)
        finding.summary = summary
        finding.gathered_at = timezone.now()
        finding.save(update_fields=["object_ids", "count", "summary", "gathered_at"])
    return finding


def report(actor: Actor, bearer_id: int, summary: str, due_day: date) -> Finding:
    """三级检查: state what a check on the spot found, to be put right by ``due_day``.

    Raises Forbidden; Unfit for a text that names a person or a day that is over.
    """
    with as_tenant(actor.tenant_id):
        bearer = one_in_scope(actor, "open_finding", bearer_id)
        if due_day < timezone.localdate():
            raise Unfit(gettext("整改期限不能早于今天"))
        _check_text(summary, bearer)
        return open_finding(actor, bearer, Finding.Kind.CHECK, summary, due_day=due_day)


def assign(actor: Actor, finding_id: int, person_id: int) -> Finding:
    """Give an open finding to somebody of the school. Raises Forbidden, Unfit."""
    with as_tenant(actor.tenant_id):
        finding = _locked(actor, finding_id, State.OPEN)
        require(actor, "rectify", finding.bearer)
        person = queries.people_for(finding.bearer).filter(pk=person_id).first()
        if person is None:
            raise Unfit(gettext("请从本校在岗的人里选一位"))
        finding.responsible = person
        finding.save(update_fields=["responsible"])
        return _done(actor, finding, What.ASSIGNED, "")


def rectify(actor: Actor, finding_id: int, text: str) -> Finding:
    """整改: say what was done. A level above looks back at it later. Raises Forbidden, Unfit."""
    with as_tenant(actor.tenant_id):
        finding = _locked(actor, finding_id, State.OPEN)
        if not queries.may_rectify(actor, finding):
            raise Forbidden("rectify", finding.bearer)
        _check_text(text, finding.bearer)
        finding.state = State.RECTIFIED
        finding.rectified_level = max(ladder.level_of(actor, finding.bearer), 0)
        finding.recheck_day = timezone.localdate() + timedelta(days=DAYS_TO_RECHECK)
        _hand_to(finding, ladder.answerable(finding.bearer, min(finding.rectified_level + 1, ladder.TOP)))
        finding.save()
        return _done(actor, finding, What.RECTIFIED, text)


def recheck(actor: Actor, finding_id: int, *, kept: bool, note: str = "") -> Finding:
    """回头看, by a level above the one that put it right: it held (销号), or it is open again.

    Raises Forbidden; Unfit for "again" without saying what was seen.
    """
    with as_tenant(actor.tenant_id):
        finding = _locked(actor, finding_id, State.RECTIFIED)
        if not queries.may_recheck(actor, finding):
            raise Forbidden("recheck", finding.bearer)
        if note or not kept:
            _check_text(note, finding.bearer)
        finding.state = State.CLOSED if kept else State.OPEN
        if not kept:
            _hand_to(finding, ladder.answerable(finding.bearer, finding.rectified_level))
            finding.due_day = timezone.localdate() + timedelta(days=DAYS_TO_RECTIFY)
            finding.recheck_day = finding.rectified_level = None
        finding.save()
        return _done(actor, finding, What.KEPT if kept else What.AGAIN, note)


def close(actor: Actor, finding_id: int, reason: str) -> Finding:
    """销号 without a recheck, for what was opened by mistake or no longer matters. Raises Forbidden, Unfit."""
    with as_tenant(actor.tenant_id):
        finding = _locked(actor, finding_id, State.OPEN)
        if not queries.may_close(actor, finding):
            raise Forbidden("recheck", finding.bearer)
        _check_text(reason, finding.bearer)
        finding.state = State.CLOSED
        finding.save(update_fields=["state"])
        return _done(actor, finding, What.CLOSED, reason)


def climb(tenant_id: int, today: date) -> int:
    """Hand late findings to the level above, as ``data/climbing.toml`` says. For the nightly job; returns how many."""
    actor = system_actor(tenant_id)
    with as_tenant(tenant_id):
        late = Finding.objects.filter(state=State.OPEN, due_day__lt=today, level__lt=ladder.TOP)
        findings = late.select_for_update(of=("self",), skip_locked=True).select_related("bearer")
        return sum(_climb(actor, finding, today) for finding in findings)


def _climb(actor: Actor, finding: Finding, today: date) -> bool:
    level = ladder.level_due((today - finding.due_day).days)
    if level <= finding.level:
        return False
    _hand_to(finding, ladder.answerable(finding.bearer, level))
    finding.save()
    _done(actor, finding, What.CLIMBED, gettext("现由%(office)s负责") % {"office": finding.office})
    return True


def _hand_to(finding: Finding, office: Answerable) -> None:
    """From now on this office answers for it: to put it right, or, once that is done, to look back."""
    finding.level, finding.role, finding.responsible_unit = office.level, office.role, office.unit
    finding.responsible = None


def _locked(actor: Actor, finding_id: int, state: str) -> Finding:
    """The finding, for this transaction alone. Raises Forbidden (not in scope), Unfit (in another state)."""
    visible = queries.visible(actor).select_for_update(of=("self",)).select_related("bearer", "responsible_unit")
    finding = visible.filter(pk=finding_id).first()
    if finding is None:
        raise Forbidden("see_findings")
    if finding.state != state:
        raise Unfit(gettext("这个问题现在是“%(state)s”，请刷新页面") % {"state": finding.get_state_display()})
    return finding


def _check_text(text: str, bearer: Unit) -> None:
    """Raise Unfit for an empty text and for one that names a person: what leaves the school names offices."""
    if not text.strip():
        raise Unfit(gettext("请写一句话：做了什么，或看到了什么"))
    names = queries.names_in(text, bearer)
    if names:
        raise Unfit(gettext("请写学科和岗位，不写姓名：%(names)s") % {"names": "、".join(names)})


def _done(actor: Actor, finding: Finding, what: str, note: str) -> Finding:
    _step(actor, finding, what, note)
    audit(actor, f"{what}_finding", kind="finding", object_id=finding.pk, unit_id=finding.bearer_id)
    return finding


def _step(actor: Actor, finding: Finding, what: str, note: str) -> None:
    office = ladder.title_of(actor, finding.bearer) if actor.person_id else ""
    FindingStep.objects.create(
        finding=finding, what=what, office=office, actor_id=actor.person_id, state=finding.state, note=note
    )
