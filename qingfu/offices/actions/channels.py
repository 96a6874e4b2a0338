"""应用、小程序、公众号、工作群: register, answer the yearly questions, keep, merge, close, import a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from qingfu.findings.actions import open_finding
from qingfu.findings.models import Finding
from qingfu.ledger.queries import broken_by_itself
from qingfu.offices.actions.posting import NotInPlace, Result, ask, receive
from qingfu.offices.channels import bans_of, how_it_began, launch, purposes, said_of, settings, what_it_does
from qingfu.offices.models import Ask, Channel, ChannelReview
from qingfu.offices.queries.channels import could_take, live, users_of
from qingfu.rulebook import Verdict
from qingfu.units.actions import audit
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, require
from qingfu.units.tenancy import as_tenant

State = Channel.State
MOST_SUMMARY = Finding._meta.get_field("summary").max_length


def register_channel(
    actor: Actor, channel: Channel, answers: Sequence[str], key: str, *, reason: str = "", review: bool = False,
) -> tuple[Channel | None, Result | None]:  # fmt: skip
    """Register ``channel`` (not saved yet) with the questions answered by yes.

    What is still to begin is asked of its users through the ledger (``posting.ask``) and may be refused: then nothing
    is kept, and the Result says why. What came from above is recorded, never refused. What is in use already is stated,
    and judged by the rules of the day on which it began; each breach opens a Finding.

    Returns the channel, where it is kept, and what the ledger said, where it was asked.
    Raises Forbidden, NotInPlace, ledger.KeyReused.
    """
    with as_tenant(actor.tenant_id), transaction.atomic():
        require(actor, "register_channel", channel.unit)
        _one_at_a_time(channel.unit)
        answers = _checked(channel, answers)
        bearers = list(users_of(channel))
        if channel.since < timezone.localdate() or not bearers:
            return _keep(actor, channel, answers, began=True), None
        asking = launch(channel, bearers, answers, reason)
        if channel.source == Channel.Source.OWN:
            result = ask(actor, channel.unit, asking, key, review=review)
        else:
            result = receive(actor, channel.unit, asking, key, str(channel.get_source_display()))
        if result.ask is None:
            return None, result
        channel.ask = result.ask
        return _keep(actor, channel, answers, began=False), result


def review_channel(
    actor: Actor, channel_id: int, state: str, answers: Sequence[str], reason: str, *, into_id: int | None = None,
    forced: bool = False, filing_number: str = "", filed_on: date | None = None,
) -> Channel:  # fmt: skip
    """自查和清理: answer the questions anew and keep the channel, merge it into another, or close it, with a reason.

    Raises Forbidden (also for what is not there), NotInPlace.
    """
    with as_tenant(actor.tenant_id), transaction.atomic():
        found = live().select_for_update(of=("self",)).filter(pk=channel_id).first()
        require(actor, "register_channel", found.unit if found else Unit.objects.get(pk=actor.tenant_id))
        if found is None or found.state != State.KEPT:
            raise NotInPlace(gettext("这一个已经停用或合并"))
        if state not in State.values or not reason.strip():
            raise NotInPlace(gettext("请选保留、合并还是停用，并写明理由"))
        _check_filing(filing_number, filed_on)
        found.into = _target(found, into_id) if state == State.MERGED else None
        found.state, found.reason, found.decided_on = state, reason.strip(), timezone.localdate()
        found.forced = forced
        if filing_number:
            found.filing_number, found.filed_on = filing_number, filed_on
        answers = _answers(found, answers) if state == State.KEPT else list(found.answers)
        _note(actor, found, answers)
        audit(actor, f"{state}_channel", kind="channel", object_id=found.pk, unit_id=found.unit_id)
        if state == State.KEPT:
            _open_findings(actor, found, answers, began=found.ask_id is None)
        return found


def import_channels(actor: Actor, unit: Unit, channels: Iterable[Channel]) -> int:
    """Take a list of what is in use already, all or nothing. Nobody has answered the questions yet, so each stands at
    once among what is to be reviewed; it is judged when it is. How many. Raises Forbidden, NotInPlace."""
    with as_tenant(actor.tenant_id), transaction.atomic():
        require(actor, "register_channel", unit)
        _one_at_a_time(unit)
        several = list(channels)
        for channel in several:
            channel.unit = unit
            _checked(channel, [])
            channel.save()
        audit(actor, "import_channels", kind="unit", object_id=unit.pk, unit_id=unit.pk, count=len(several))
        return len(several)


def _one_at_a_time(unit: Unit) -> None:
    """Two taps at once, or two clerks, do not register the same twice."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)


def _checked(channel: Channel, answers: Sequence[str]) -> list[str]:
    if not channel.name.strip():
        raise NotInPlace(gettext("请写名称"))
    if channel.purpose not in purposes():
        raise NotInPlace(gettext("请选用来做什么"))
    _check_filing(channel.filing_number, channel.filed_on)
    in_use = Channel.objects.filter(state=State.KEPT)  # what was closed or merged gave its name back
    same = in_use.filter(unit=channel.unit, carrier=channel.carrier, name=channel.name)
    never_begun = same.filter(ask__state__in=(Ask.State.DECLINED, Ask.State.WITHDRAWN))
    ChannelReview.objects.filter(channel__in=never_begun).delete()
    never_begun.delete()
    if same.exists():
        raise NotInPlace(gettext("“%(name)s”已经登记过") % {"name": channel.name})
    return _answers(channel, answers)


def _check_filing(number: str, day: date | None) -> None:
    if bool(number) != bool(day):
        raise NotInPlace(gettext("备案号和备案日期要一起写"))


def _answers(channel: Channel, answers: Sequence[str]) -> list[str]:
    asked = [ban.code for ban in bans_of(channel.carrier)]
    if set(answers) - set(asked):
        raise NotInPlace(gettext("这一类没有问到这一条，请刷新页面再填"))
    said = {ban.code for ban in bans_of(channel.carrier) if ban.field and getattr(channel, ban.field)}
    return [code for code in asked if code in {*answers, *said}]


def _target(channel: Channel, into_id: int | None) -> Channel:
    found = could_take(channel).filter(pk=into_id).first()
    if found is None:
        raise NotInPlace(gettext("请选并到哪一个：要在用的，不能是它自己"))
    return found


def _keep(actor: Actor, channel: Channel, answers: list[str], *, began: bool) -> Channel:
    _note(actor, channel, answers)
    audit(actor, "register_channel", kind="channel", object_id=channel.pk, unit_id=channel.unit_id)
    _open_findings(actor, channel, answers, began=began)
    return channel


def _note(actor: Actor, channel: Channel, answers: list[str]) -> None:
    """The answers of today, on the channel and as a row of their own."""
    channel.answers, channel.reviewed_on = answers, timezone.localdate()
    channel.save()
    ChannelReview.objects.get_or_create(  # two taps say it once
        channel=channel, day=channel.reviewed_on, answers=answers, state=channel.state, reason=channel.reason,
        reviewer_id=actor.person_id,
    )  # fmt: skip


def _open_findings(actor: Actor, channel: Channel, answers: list[str], *, began: bool) -> None:
    """A Finding for each limit that the rulebook says is broken and that has none open about this channel."""
    today = timezone.localdate()
    drafts = [*([how_it_began(channel)] if began else []), *what_it_does(channel, answers, today)]
    breaches = {one.in_force.limit.id: one for draft in drafts for one in broken_by_itself(draft)}
    about = {"object_kind": "channel", "object_ids": [channel.pk]}
    open_ones = set(Finding.objects.filter(**about, state=Finding.State.OPEN).values_list("limit_id", flat=True))
    for limit_id, breach in breaches.items():
        if breach.verdict >= Verdict.WARN and limit_id not in open_ones:
            head = said_of(channel, limit_id, answers)[: MOST_SUMMARY - len(breach.reason_zh)]
            due = today + timedelta(days=settings()["review"]["rectify_days"])
            summary, kind = head + breach.reason_zh, Finding.Kind.CHECK
            open_finding(actor, channel.unit, kind, summary, limit_id=limit_id, due_day=due, **about)
