"""基数: last year's figures, frozen with their source; a change is a new version that works forward only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext

from qingfu.ledger import reckoning
from qingfu.ledger.drafts import check_figure, in_order
from qingfu.ledger.models import Baseline
from qingfu.units.actions import audit
from qingfu.units.queries import Actor, Forbidden, scope
from qingfu.units.tenancy import as_tenant

Origin = Baseline.Origin


class NotFrozen(ValueError):
    """A figure that cannot be frozen as it is. ``str()`` is a sentence for the person."""


@dataclass(frozen=True)
class Figure:
    """The figure of the year before ``year`` of one bearer under one limit, in the limit's measure.

    ``parts`` names predecessors: unit, name, share in percent, amount.
    """

    bearer_id: int
    limit_id: str
    year: int
    amount: int
    origin: str
    source: str
    parts: Sequence[Mapping] = ()
    office: str = ""
    reason: str = ""


def freeze_baselines(actor: Actor, figures: Sequence[Figure]) -> list[Baseline]:
    """Freeze figures as first versions, all in one transaction, and return those that were not frozen before.

    The program itself (``system_actor``) freezes what the ledger says; everybody else needs ``freeze_baselines`` at
    each bearer. Repeating it changes nothing. Raises Forbidden, NotFrozen for a year that is still to come, BadFigure.
    """
    with as_tenant(actor.tenant_id):
        _check(actor, figures)
        return _write(actor, figures, dict.fromkeys(map(_key, figures), 1))


def freeze_baseline(actor: Actor, bearer_id: int, limit_id: str, year: int, amount: int, source: str) -> None:
    """Freeze one figure that somebody brings along. The same once more changes nothing.

    Raises Forbidden, and NotFrozen where another figure is frozen already.
    """
    figure = Figure(bearer_id, limit_id, year, amount, Origin.IMPORT, source)
    with as_tenant(actor.tenant_id):
        if freeze_baselines(actor, [figure]):
            return
        if _latest([figure])[_key(figure)].amount != amount:
            raise NotFrozen(gettext("%(year)s 年的基数已经冻结，改动要写新版本") % {"year": year})


def change_baselines(actor: Actor, figures: Sequence[Figure], version: Mapping[tuple, int] | None = None) -> None:
    """Add a version to each figure, with office and reason, all in one transaction. What was asked before keeps its
    verdict. ``version`` says which ones the person has seen, by (bearer, limit, year).

    Raises Forbidden, BadFigure, NotFrozen where nothing is frozen, nothing changes, office or reason is missing, or
    somebody was faster.
    """
    with as_tenant(actor.tenant_id):
        _check(actor, figures)
        latest = _latest(figures)
        for figure in figures:
            found = latest.get(_key(figure))
            if found is None:
                raise NotFrozen(gettext("还没有冻结的，先冻结"))
            if not (figure.office.strip() and figure.reason.strip()):
                raise NotFrozen(gettext("改动已冻结的数，要写哪个单位定的、为什么"))
            if found.amount == figure.amount:
                raise NotFrozen(gettext("和现在的数一样，不用改"))
            if version is not None and version[_key(figure)] != found.version:
                raise NotFrozen(_overtaken())
        wanted = {key: found.version + 1 for key, found in latest.items()}
        if len(_write(actor, figures, wanted)) != len(figures):
            raise NotFrozen(_overtaken())


def _check(actor: Actor, figures: Sequence[Figure]) -> None:
    this_year = timezone.localdate().year
    for figure in figures:
        check_figure(figure.amount)
        if figure.year > this_year:
            raise NotFrozen(gettext("%(year)s 年还没有过完，数还不能冻结") % {"year": figure.year - 1})
    if not _is_program(actor, figures):
        bearers = {figure.bearer_id for figure in figures}
        if scope(actor, "freeze_baselines").filter(pk__in=bearers).count() < len(bearers):
            raise Forbidden("freeze_baselines")


def _is_program(actor: Actor, figures: Sequence[Figure]) -> bool:
    """The program holds no role; it only freezes what the ledger says."""
    return actor.person_id is None and not actor.posts and all(one.origin == Origin.LEDGER for one in figures)


def _write(actor: Actor, figures: Sequence[Figure], versions: Mapping[tuple, int]) -> list[Baseline]:
    rows = [
        {**vars(figure), "parts": list(figure.parts), "version": versions[_key(figure)], "person_id": actor.person_id}
        for figure in figures
    ]
    made = list(Baseline.objects.raw("SELECT * FROM ledger.freeze_baselines(%s::jsonb)", [in_order(rows)]))
    for one in made:
        deed = "freeze_baseline" if one.version == 1 else "change_baseline"
        audit(
            actor, deed, kind="baseline", object_id=one.pk, unit_id=one.bearer_id, limit=one.limit_id, year=one.year,
            version=one.version, amount=one.amount, sha256=one.sha256,
        )  # fmt: skip
    reckoning.forget(actor.tenant_id, {figure.bearer_id for figure in figures})
    return made


def _latest(figures: Iterable[Figure]) -> dict[tuple, Baseline]:
    keys = {_key(figure) for figure in figures}
    rows = Baseline.objects.filter(bearer_id__in={key[0] for key in keys}).order_by("version")
    return {_key(row): row for row in rows if _key(row) in keys}


def _key(one: Figure | Baseline) -> tuple[int, str, int]:
    return one.bearer_id, one.limit_id, one.year


def _overtaken() -> str:
    return gettext("刚才有人改过了，请看过新的数再改")
