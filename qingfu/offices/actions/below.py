"""The view from below: a tap of complaint, its monthly release and answer, and the villages that are telephoned."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import CharField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext

from qingfu.ledger.models import Demand
from qingfu.offices import periods
from qingfu.offices.actions.posting import NotInPlace
from qingfu.offices.models import Complaint, PhoneCall, PhoneSample
from qingfu.offices.pictures import NoPicture, without_traces
from qingfu.offices.queries.below import group_key, totals
from qingfu.planning import draw as lots
from qingfu.server.secrets import secret
from qingfu.units.actions import audit, audit_anonymous
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, live, require
from qingfu.units.tenancy import as_tenant


def complain(
    actor: Actor, unit: Unit, what: str, *, demand_id: int | None = None, sentence: str = "", picture: bytes = b""
) -> bool:
    """反映: ``what`` (重复, 不合理, 做不完) of something that ``unit`` bears, or of what nobody registered, said in a
    sentence or shown by a forwarded screenshot. Returns whether it is new: a second tap counts nothing.

    Kept without person, unit and time of day, and without a word in the trail, which knows the moment of everything;
    the release writes how many there were. Raises Forbidden, NotInPlace.
    """
    with as_tenant(actor.tenant_id):
        require(actor, "complain", unit)
        demand = _borne(unit, demand_id) if demand_id is not None else None
        if demand is None and not (sentence.strip() or picture):
            raise NotInPlace(gettext("没有登记的事，请写一句话，或者转一张截图"))
        picture = _checked_picture(picture)
        about = str(demand_id) if demand else hashlib.sha256(sentence.encode() + picture).hexdigest()
        try:
            with transaction.atomic():
                Complaint.objects.create(
                    month=periods.month_of(timezone.localdate()), what=what, kind=demand.kind if demand else "",
                    issuer_id=demand.issuer_unit_id if demand and not _from_above(demand) else None,
                    source=_from_above(demand) if demand else "", sentence=sentence.strip()[:200],
                    picture=picture or None, bearer_mark=_mark(unit, "bearer"), once_mark=_mark(unit, about, what),
                )  # fmt: skip
        except IntegrityError:
            return False
        return True  # and nothing in the trail: its moment would tell who was there


def release_complaints(tenant_id: int, today: date) -> int:
    """Release what was said in months that are over, if enough units said it or it is about several kinds; else it
    waits for the next month. For the monthly job. Returns how many were released."""
    with as_tenant(tenant_id):
        waiting = Complaint.objects.filter(released_on=None, month__lt=periods.month_of(today))
        bearers = waiting.values("bearer_mark").distinct().count()
        kinds = waiting.values("kind").distinct().count()
        needed = periods.figures()["release"]
        if bearers < needed["bearers"] and kinds < needed["kinds"]:
            return 0
        # With the marks gone nobody can try all units and see which one fits.
        count = waiting.update(released_on=today, bearer_mark="", once_mark=Cast("id", CharField()))
        audit_anonymous("release_complaints", count=count)
        return count


def answer_complaints(actor: Actor, released_on: date, key: str, text: str) -> int:
    """What the relief team did about one group of a release (``key`` of ``queries.below.Group``). Its pictures go.

    Raises Forbidden, NotInPlace without words or for a group that is not there.
    """
    with as_tenant(actor.tenant_id):
        county = Unit.objects.get(pk=actor.tenant_id)
        require(actor, "handle_complaints", county)
        if not text.strip():
            raise NotInPlace(gettext("请写怎么办的"))
        rows = [one for one in Complaint.objects.filter(released_on=released_on) if group_key(one) == key]
        if not rows:
            raise NotInPlace(gettext("没有这一组反映"))
        answered_on = rows[0].answered_on or timezone.localdate()
        Complaint.objects.filter(pk__in=[one.pk for one in rows]).update(
            answer=text.strip()[:300], answered_on=answered_on, picture=None
        )
        audit(actor, "answer_complaints", kind="county", object_id=county.pk, unit_id=county.pk, count=len(rows))
        return len(rows)


def commit_sample(actor: Actor, month: str, source: dict) -> PhoneSample:
    """Write down from which villages this month's sample is drawn, before the seed is known: what is published is its
    hash. ``source`` says where the seed will come from (docs/draw.md). Raises Forbidden, NotInPlace, PlanError.
    """
    with as_tenant(actor.tenant_id):
        county = Unit.objects.get(pk=actor.tenant_id)
        require(actor, "handle_complaints", county)
        if PhoneSample.objects.filter(month=month).exists():
            raise NotInPlace(gettext("这个月的抽样名单已经公布"))
        request = _request(county, source)
        made = PhoneSample.objects.create(month=month, request=request, committed=lots.commitment(request))
        audit(actor, "commit_sample", kind="phone_sample", object_id=made.pk, unit_id=county.pk)
        return made


def draw_sample(actor: Actor, sample_id: int, seed: dict) -> PhoneSample:
    """Draw the villages with the seed. Raises Forbidden, NotInPlace for one that is drawn, PlanError."""
    with as_tenant(actor.tenant_id):
        found = _sample(actor, sample_id)
        if found.drawn:
            raise NotInPlace(gettext("这个月已经抽过，不能再抽"))
        result = lots.draw(found.request, seed)
        found.drawn = {"picks": result.picks, "certificate": result.certificate}
        found.save(update_fields=["drawn"])
        audit(actor, "draw_sample", kind="phone_sample", object_id=found.pk, unit_id=actor.tenant_id)
        return found


def record_call(
    actor: Actor, sample_id: int, unit_id: int, *, reached: bool, real_minutes: int | None, unregistered: dict[str, int]
) -> PhoneCall:
    """What a village of the sample said on the telephone of the month before. A second call replaces the first.

    Raises Forbidden, NotInPlace for a village that was not drawn, or without a figure from one that was reached.
    """
    with as_tenant(actor.tenant_id):
        found = _sample(actor, sample_id)
        if unit_id not in picked(found):
            raise NotInPlace(gettext("这个村这个月没有抽到"))
        if reached and real_minutes is None:
            raise NotInPlace(gettext("打通了的，请填实际用了多少小时"))
        month = totals([unit_id], periods.month_before(found.month))
        made, _new = PhoneCall.objects.update_or_create(
            sample=found, unit_id=unit_id,
            defaults={
                "reached": reached, "registered": month.count, "estimated_minutes": month.minutes,
                "real_minutes": real_minutes if reached else None,
                "unregistered": {kind: n for kind, n in unregistered.items() if n} if reached else {},
            },
        )  # fmt: skip
        audit(actor, "record_call", kind="phone_sample", object_id=found.pk, unit_id=unit_id)
        return made


def picked(sample: PhoneSample) -> list[int]:
    """The units that a sample drew, in the order of their tickets."""
    return [int(pick["unit"].split(" ")[0]) for pick in (sample.drawn or {}).get("picks", ())]


def _request(county: Unit, source: dict) -> dict:
    """All villages of the county, with their township as stratum; the draw is over all of them."""
    units = Unit.objects.filter(live(timezone.localdate()), tenant_id=county.pk).order_by("path")
    towns = {unit.path: unit.name for unit in units if unit.kind == Unit.Kind.TOWNSHIP}
    villages = [unit for unit in units if unit.kind == Unit.Kind.VILLAGE]
    if not villages:
        raise NotInPlace(gettext("县里还没有村（社区），不能抽样"))
    return {
        "units": [
            {"id": f"{unit.pk} {unit.name}", "stratum": towns.get(unit.path[: -Unit.steplen], county.name)}
            for unit in villages
        ],
        "size": min(periods.figures()["sample"]["villages"], len(villages)),
        "source": source,
    }


def _sample(actor: Actor, sample_id: int) -> PhoneSample:
    require(actor, "handle_complaints", Unit.objects.get(pk=actor.tenant_id))
    found = PhoneSample.objects.select_for_update().filter(pk=sample_id).first()
    if found is None:
        raise Forbidden("handle_complaints")
    return found


def _borne(unit: Unit, demand_id: int) -> Demand:
    found = Demand.objects.filter(id=demand_id, bearer_id=unit.pk).exclude(attributes__has_key="account").first()
    if found is None:
        raise Forbidden("complain", unit)
    return found


def _from_above(demand: Demand) -> str:
    return demand.attributes.get("from_above", "")


def _checked_picture(picture: bytes) -> bytes:
    """Without what a phone wrote into it. Raises NotInPlace."""
    most = periods.figures()["picture"]["most_bytes"]
    try:
        if len(picture) > most:
            raise NoPicture
        return without_traces(picture) if picture else b""
    except NoPicture:
        size = {"most": f"{most / 1_000_000:g}"}
        raise NotInPlace(gettext("截图只收 PNG 或 JPEG，不超过 %(most)s MB") % size) from None


def _mark(unit: Unit, *about: str) -> str:
    """A mark that tells units (and taps) apart and says nobody's name, without a key of this installation."""
    message = "|".join([str(unit.tenant_id), str(unit.pk), *about])
    return hmac.new(secret("complaints"), message.encode(), hashlib.sha256).hexdigest()
