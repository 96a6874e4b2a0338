"""督查检查考核: list, file, plan windows, merge, ask, seal and open, answer the checklist, publish caps."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from qingfu.ledger import actions as ledger
from qingfu.ledger.models import Pack
from qingfu.ledger.queries import calendar_for
from qingfu.offices.actions.posting import NotInPlace, Result, ask, record_done
from qingfu.offices.actions.tapping import once
from qingfu.offices.inspecting import (
    RISKS,
    asking_of,
    caps_pack,
    merge_request,
    not_to_ask,
    number_in,
    sealed_content,
    settings,
)
from qingfu.offices.models import Ask, ChecklistTally, Listed, MergedPlan, QuietDays, SealedVisit, Visit
from qingfu.offices.queries.inspections import INSPECTED_KINDS, can_be_anonymous
from qingfu.offices.queries.standing import bearers_for
from qingfu.planning.merge import merge, seal
from qingfu.planning.request import PlanError
from qingfu.rulebook.calendar import days_between
from qingfu.units.actions import audit
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, may, require
from qingfu.units.tenancy import as_tenant

CODE_LENGTH = 32
"""Of a seal's code: 128 bits in hexadecimal."""
KEY_LENGTH = 32
"""Of a form's key that a code may come from: the random one that the page brings."""
NOT_ASKED = Q(ask=None) | Q(ask__state__in=Visit.TAKEN_BACK)
"""Visits that nobody bears yet."""


def propose_listed(actor: Actor, unit: Unit, **facts) -> Listed:
    """Put an item on the list of its year, to be filed. ``facts`` are the fields of Listed.

    Raises Forbidden, NotInPlace where the unit has one of that title already or says no kind of unit.
    """
    with as_tenant(actor.tenant_id):
        require(actor, "post_visit", unit)
        if not facts["kinds"] or set(facts["kinds"]) - set(INSPECTED_KINDS):
            raise NotInPlace(gettext("请选检查哪几类单位"))
        if facts["year"] < timezone.localdate().year:
            raise NotInPlace(gettext("过去的年份不能再列"))
        if Listed.objects.filter(unit=unit, year=facts["year"], title=facts["title"]).exists():
            raise NotInPlace(gettext("这一年的清单里已经有同名的事项"))
        made = Listed.objects.create(unit=unit, proposer_id=actor.person_id, **facts)
        audit(actor, "propose_listed", kind="listed", object_id=made.pk, unit_id=unit.pk)
        return made


def file_listed(actor: Actor, listed_id: int, *, accept: bool, reason: str = "") -> Listed:
    """备案 or 退回. Filing makes content and scope known to those below, from today.

    Raises Forbidden, Listed.DoesNotExist, NotInPlace where it waits no longer or is returned without a reason.
    """
    with as_tenant(actor.tenant_id):
        found = Listed.objects.select_for_update(of=("self",)).select_related("unit").get(pk=listed_id)
        require(actor, "keep_inspection_plan", found.unit)
        if found.state != Listed.State.PROPOSED:
            raise NotInPlace(gettext("这一项已经不在等备案"))
        if not accept and not reason.strip():
            raise NotInPlace(gettext("退回要写明理由"))
        found.state = Listed.State.FILED if accept else Listed.State.RETURNED
        found.filer_id, found.decision = actor.person_id, reason.strip()
        found.announced_on = timezone.localdate() if accept else None
        found.save(update_fields=["state", "filer", "decision", "announced_on"])
        deed = "file_listed" if accept else "return_listed"
        audit(actor, deed, kind="listed", object_id=found.pk, unit_id=found.unit_id)
        return found


def plan_visits(
    actor: Actor, listed_id: int, place_ids: Sequence[int], first: date, last: date, key: str = ""
) -> list[Visit]:
    """Announced visits of a filed item, each in the window from ``first`` to ``last``; merging finds the day.
    ``key`` makes a repetition harmless.

    Raises Forbidden, Listed.DoesNotExist, NotInPlace.
    """

    def make() -> list[int]:
        if last < first or first <= timezone.localdate():
            raise NotInPlace(gettext("窗口应从明天或以后开始，到不早于它的一天"))
        if not first.year == last.year == listed.year:
            raise NotInPlace(gettext("只能排在清单的那一年：%(year)s 年") % {"year": listed.year})
        places = _places(actor, listed, place_ids)
        twice = Visit.objects.filter(NOT_ASKED, listed=listed, place__in=places).select_related("place").first()
        if twice:
            raise NotInPlace(gettext("%(place)s已经在排，先删去那一次") % {"place": twice.place.name})
        made = Visit.objects.bulk_create(Visit(listed=listed, place=place, first=first, last=last) for place in places)
        audit(actor, "plan_visits", kind="listed", object_id=listed.pk, unit_id=listed.unit_id, count=len(made))
        return [one.pk for one in made]

    with as_tenant(actor.tenant_id), transaction.atomic():
        listed = _filed(actor, listed_id, lock=True)
        made = once(actor, key, "plan_visits", [listed_id, first, last, *sorted(place_ids)], make)
        return list(Visit.objects.filter(pk__in=made).order_by("pk"))


def drop_visit(actor: Actor, visit_id: int, key: str = "") -> None:
    """Plan a visit no longer. ``key`` makes a repetition harmless.

    Raises Forbidden, Visit.DoesNotExist (also where it was asked: then withdraw).
    """

    def make() -> list[int]:
        rows = Visit.objects.select_related("listed__unit").select_for_update(of=("self",))
        found = rows.get(NOT_ASKED, pk=visit_id)
        require(actor, "post_visit", found.listed.unit)
        audit(actor, "drop_visit", kind="listed", object_id=found.listed_id, unit_id=found.listed.unit_id)
        found.delete()
        return []

    with as_tenant(actor.tenant_id), transaction.atomic():
        once(actor, key, "drop_visit", [visit_id], make)


def merge_visits(actor: Actor, county: Unit, first: date, last: date) -> MergedPlan:
    """A proposal for all announced visits whose windows meet the days from ``first`` to ``last``; it moves nothing.

    What was asked already keeps its day and others may join it. Sealed visits have no part in it.
    Raises Forbidden, NotInPlace where there is nothing to merge.
    """
    with as_tenant(actor.tenant_id):
        require(actor, "keep_inspection_plan", county)
        today = timezone.localdate()
        calendar = calendar_for(county)
        days = [day for day in days_between(first, last) if day > today and calendar.day(day).is_workday]
        movable = NOT_ASKED & Q(first__lte=last, last__gte=first)
        standing = ~NOT_ASKED & Q(day__range=(first, last))
        rows = Visit.objects.filter(movable | standing).select_related("listed__unit", "place", "ask")
        visits = list(rows.order_by("pk"))
        if not days or not visits:
            raise NotInPlace(gettext("这段时间没有要合并的检查"))
        request = merge_request(visits, QuietDays.objects.filter(last__gte=first, first__lte=last), days,
                                gettext("合并检查 %(first)s 至 %(last)s") % {"first": first, "last": last})  # fmt: skip
        try:
            result = merge(request, f"{first}/{last}")
        except PlanError as problem:
            raise NotInPlace(str(problem)) from problem
        published = {"request": request, **result._asdict()}
        made = MergedPlan.objects.create(first=first, last=last, published=published, maker_id=actor.person_id)
        audit(actor, "merge_visits", kind="merged_plan", object_id=made.pk, unit_id=county.pk, count=len(visits))
        return made


def adopt_plan(actor: Actor, county: Unit, plan_id: int) -> int:
    """Give the visits the days of a proposal; how many got one. What was asked or dropped since is left alone.

    Raises Forbidden, MergedPlan.DoesNotExist, NotInPlace where it was taken before.
    """
    with as_tenant(actor.tenant_id), transaction.atomic():
        require(actor, "keep_inspection_plan", county)
        plan = MergedPlan.objects.select_for_update().get(pk=plan_id)
        if plan.adopted:
            raise NotInPlace(gettext("这个方案已经采用"))
        count = 0
        for day in plan.published["days"]:
            for there in day["places"]:
                ids = [number_in(name) for name in there["visits"]]
                fit = Visit.objects.filter(NOT_ASKED, pk__in=ids, first__lte=day["day"], last__gte=day["day"])
                count += Visit.objects.filter(pk__in=list(fit.values_list("pk", flat=True))).update(day=day["day"])
        plan.adopted = True
        plan.save(update_fields=["adopted"])
        audit(actor, "adopt_merged", kind="merged_plan", object_id=plan.pk, unit_id=county.pk, count=count)
        return count


def ask_visits(actor: Actor, listed_id: int, day: date, key: str, *, reason: str = "", review: bool = False) -> Result:
    """Ask the places that have ``day``: the ledger judges, all or none; see ``ask``.

    Raises Forbidden, Listed.DoesNotExist, NotInPlace, ledger.KeyReused.
    """
    with as_tenant(actor.tenant_id), transaction.atomic():
        listed = _filed(actor, listed_id)
        rows = Visit.objects.filter(NOT_ASKED, listed=listed, day=day).select_related("place").order_by("pk")
        visits = list(rows.select_for_update(of=("self",)))
        if not visits:
            raise NotInPlace(gettext("这一天没有待发出的检查"))
        asking = asking_of(listed, day, [visit.place for visit in visits], reason)
        result = ask(actor, listed.unit, asking, key, review=review)
        if result.ask:
            Visit.objects.filter(pk__in=[visit.pk for visit in visits]).update(ask=result.ask)
        return result


def seal_visit(actor: Actor, listed_id: int, place_id: int, day: date, key: str = "") -> tuple[SealedVisit, str]:
    """封存 an unannounced visit: its hash, and the code without which nobody can open it. Neither place nor day is
    stored or written to the trail. The code comes from the form's ``key``, which is kept nowhere: a second tap makes
    no second seal and sees the same code. Raises Forbidden, Listed.DoesNotExist, NotInPlace."""
    if key and len(key) < KEY_LENGTH:
        raise NotInPlace(gettext("请刷新页面再封存"))
    code = hashlib.sha256(f"seal {key}".encode()).hexdigest()[:CODE_LENGTH] if key else secrets.token_hex(16)

    def make() -> list[int]:
        [place] = _places(actor, listed, [place_id])
        if day < timezone.localdate() or day.year != listed.year:
            raise NotInPlace(gettext("请选今天或以后、清单那一年的日子"))
        if any(place.kind in one.kinds for one in QuietDays.objects.filter(first__lte=day, last__gte=day)):
            raise NotInPlace(gettext("这一天不安排检查，暗访也不去"))
        made = SealedVisit.objects.create(listed=listed, sha256=seal(sealed_content(listed.pk, place, day), code))
        audit(actor, "seal_visit", kind="sealed_visit", object_id=made.pk, unit_id=listed.unit_id)
        return [made.pk]

    with as_tenant(actor.tenant_id):
        listed = _filed(actor, listed_id)
        [made] = once(actor, key, "seal_visit", [listed_id, place_id, day], make)
        return SealedVisit.objects.get(pk=made), code


def open_sealed(actor: Actor, sealed_id: int, place_id: int, day: date, code: str, key: str) -> Result:
    """启封 after the visit was made: place, day and code must give the hash; then it is debited, never refused.

    Raises Forbidden, SealedVisit.DoesNotExist, NotInPlace, ledger.KeyReused.
    """
    with as_tenant(actor.tenant_id), transaction.atomic():
        found = _sealed(actor, sealed_id)
        [place] = _places(actor, found.listed, [place_id])
        if day > timezone.localdate():
            raise NotInPlace(gettext("检查过了才能启封"))
        if len(code) < CODE_LENGTH or seal(sealed_content(found.listed_id, place, day), code) != found.sha256:
            raise NotInPlace(gettext("地点、日子或封条码与封存时不一致"))
        asking = asking_of(found.listed, day, [place])
        result = record_done(actor, found.listed.unit, asking, key, gettext("暗访，事后启封"))
        found.visit = Visit.objects.create(
            listed=found.listed, place=place, first=day, last=day, day=day, ask=result.ask
        )
        found.save(update_fields=["visit"])
        audit(actor, "open_sealed", kind="sealed_visit", object_id=found.pk, unit_id=found.listed.unit_id)
        return result


def void_sealed(actor: Actor, sealed_id: int, reason: str) -> None:
    """作废 a sealed visit that was not made; where it would have been stays unknown.

    Raises Forbidden, SealedVisit.DoesNotExist, NotInPlace without a reason.
    """
    with as_tenant(actor.tenant_id), transaction.atomic():
        found = _sealed(actor, sealed_id)
        if not reason.strip():
            raise NotInPlace(gettext("请写明为什么没有去"))
        found.void = reason.strip()
        found.save(update_fields=["void"])
        audit(actor, "void_sealed", kind="sealed_visit", object_id=found.pk, unit_id=found.listed.unit_id)


def keep_quiet(actor: Actor, county: Unit, first: date, last: date, why: str, kinds: Sequence[str]) -> QuietDays:
    """不安排检查的日子, for kinds of unit. Raises Forbidden, NotInPlace."""
    with as_tenant(actor.tenant_id):
        require(actor, "keep_inspection_plan", county)
        if last < first or not why.strip() or not kinds or set(kinds) - set(INSPECTED_KINDS):
            raise NotInPlace(gettext("请写明哪几天、为什么、哪几类单位"))
        made = QuietDays.objects.create(first=first, last=last, why=why.strip(), kinds=list(kinds))
        audit(actor, "keep_quiet", kind="quiet_days", object_id=made.pk, unit_id=county.pk)
        return made


def answer_checklist(actor: Actor, visit_id: int, asked: Sequence[str]) -> None:
    """Count what visitors asked for that they may not. Only counts are kept: no actor, no place, no moment, and the
    trail says nothing. Raises Forbidden, NotInPlace where it was answered or the visit is still to come."""
    with as_tenant(actor.tenant_id), transaction.atomic():
        found = Visit.objects.select_for_update(of=("self",)).filter(pk=visit_id, ask__state=Ask.State.POSTED)
        visit = found.select_related("place", "listed").first()
        if visit is None or not may(actor, "complain", visit.place):
            require(actor, "complain", visit.place if visit else Unit.objects.get(pk=actor.tenant_id))
            raise NotInPlace(gettext("没有这次检查"))
        if visit.answered or visit.day > timezone.localdate():
            raise NotInPlace(gettext("这次检查已经答过，或还没有开始"))
        if set(asked) - set(not_to_ask()):
            raise NotInPlace(gettext("清单里没有这一项"))
        listed = visit.listed if can_be_anonymous(visit.listed, timezone.localdate()) else None
        ChecklistTally.objects.get_or_create(listed=listed, year=visit.day.year)
        tally = ChecklistTally.objects.select_for_update().get(listed=listed, year=visit.day.year)
        tally.answers += 1
        for code in set(asked):
            tally.counts[code] = tally.counts.get(code, 0) + 1
        if tally.answers - tally.shown_answers >= settings()["anonymity"]["batch"]:
            tally.shown_answers, tally.shown = tally.answers, dict(tally.counts)
        tally.save()
        Visit.objects.filter(pk=visit.pk).update(answered=True)


def publish_caps(actor: Actor, county: Unit, unit: Unit, caps: Mapping[str, int]) -> Pack:
    """涉企检查年度频次上限 of an authority by risk, as a pack of the county, from today.

    Raises Forbidden, NotInPlace unless each risk has a whole number, the riskier no fewer.
    """
    numbers = [caps.get(risk) for risk in RISKS]
    if not all(isinstance(number, int) and number >= 0 for number in numbers) or numbers != sorted(numbers):
        raise NotInPlace(gettext("三级风险都要写，风险高的次数不少于风险低的"))
    pack = caps_pack(unit, dict(zip(RISKS, numbers, strict=True)), timezone.localdate())
    return ledger.publish_pack(actor, county.pk, pack)


def _filed(actor: Actor, listed_id: int, *, lock: bool = False) -> Listed:
    rows = Listed.objects.select_related("unit")
    listed = (rows.select_for_update(of=("self",)) if lock else rows).get(pk=listed_id)
    require(actor, "post_visit", listed.unit)
    if listed.state != Listed.State.FILED:
        raise NotInPlace(gettext("清单之外的检查不能开展：请先报备案"))
    return listed


def _places(actor: Actor, listed: Listed, place_ids: Sequence[int]) -> list[Unit]:
    there = bearers_for(actor, listed.unit, "post_visit", timezone.localdate(), INSPECTED_KINDS)
    places = list(there.filter(pk__in=list(place_ids), kind__in=listed.kinds))
    if not places or len(places) != len(set(place_ids)):
        raise NotInPlace(gettext("请选清单写明的那几类单位，在本单位管的范围里"))
    return places


def _sealed(actor: Actor, sealed_id: int) -> SealedVisit:
    found = SealedVisit.objects.select_for_update(of=("self",)).select_related("listed__unit").get(pk=sealed_id)
    require(actor, "post_visit", found.listed.unit)
    if not found.is_open:
        raise NotInPlace(gettext("这一次已经启封或作废"))
    return found
