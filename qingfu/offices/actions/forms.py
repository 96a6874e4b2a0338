"""报表: registered with its fields before it is sent, and what is given in answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext

from qingfu.ledger.actions import KeyReused
from qingfu.ledger.answers import Answer
from qingfu.offices import workbooks
from qingfu.offices.actions import posting
from qingfu.offices.asking import Asking
from qingfu.offices.fields import Words, checked, meaning, value_of
from qingfu.offices.models import Ask, DataField, DataForm, Figure
from qingfu.offices.queries import forms as queries
from qingfu.offices.queries.forms import ASK, KIND, FormPlan
from qingfu.units.actions import audit
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, require, require_ask
from qingfu.units.tenancy import as_tenant

REPEATED = "repeated"


class BadFigures(ValueError):
    """Figures that cannot be taken; nothing was kept. ``problems`` are sentences, each with its place."""

    def __init__(self, problems: Sequence[str]):
        self.problems = list(problems)
        super().__init__("；".join(self.problems))


@dataclass(frozen=True)
class Registered:
    """What came of registering a form. ``outcome``: repeated (everything is known or being asked: nobody was asked, and
    the data are there), else that of ``actions.ask``. ``form`` is there once something is kept."""

    outcome: str
    plan: FormPlan
    form: DataForm | None = None
    answer: Answer | None = None


def register_form(
    actor: Actor, unit: Unit, asking: Asking, fields: Sequence[Words], key: str, *, review: bool = False,
    emergency: str = "",
) -> Registered:  # fmt: skip
    """Register a form with its fields and send what is left to ask to whom it is left to ask.

    ``asking`` names bearers, due day (its day), reason and title; amounts and attributes are worked out here: the
    fields that each has left (in the own account the most that anybody has), and the working days that are given.
    What is known of a bearer, or asked of it by another form that is out, is not asked again. Nothing left: refused,
    and the data are there to download.

    Raises Forbidden, FieldProblem, NotInPlace, ledger.KeyReused.
    """
    with as_tenant(actor.tenant_id):
        require(actor, "post_form", unit)
        fields = checked(list(fields))
        if not asking.bearers:
            raise posting.NotInPlace(gettext("请先选要做这件事的单位"))
        for one in asking.bearers:
            require_ask(actor, "post_form", one.unit)
        _one_at_a_time(actor)
        earlier = DataForm.objects.filter(asker_id=actor.person_id, key=key).first()
        if earlier:
            if [one.words for one in earlier.fields.all()] != fields:
                raise KeyReused(key)
            return Registered(REPEATED if earlier.ask is None else earlier.ask.state, queries.filled(earlier), earlier)
        plan = queries.plan_of([one.unit for one in asking.bearers], fields)
        if not plan.to_ask:
            return Registered(REPEATED, plan, _kept(actor, unit, asking, plan, key, None))
        result = posting.ask(actor, unit, _of_what_is_left(unit, asking, plan), key, review=review, emergency=emergency)
        form = _kept(actor, unit, asking, plan, key, result.ask) if result.ask else None
        return Registered(result.outcome, plan, form, result.answer)


def _one_at_a_time(actor: Actor) -> None:
    """Of two offices that ask the same at the same moment, the second must see the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('offices.register_form'), %s)", [actor.tenant_id])


def _of_what_is_left(unit: Unit, asking: Asking, plan: FormPlan) -> Asking:
    left = {one.pk: {"fields": plan.tally[str(one.pk)][0]} for one in plan.to_ask}
    return replace(
        asking, kind=KIND, due_day=asking.day, lead_from=timezone.localdate(), amounts={"fields": plan.fields_left},
        bearers=tuple(replace(one, amounts=left[one.unit.pk]) for one in asking.bearers if one.unit.pk in left),
        attributes={},
    )  # fmt: skip


def _kept(actor: Actor, unit: Unit, asking: Asking, plan: FormPlan, key: str, ask: Ask | None) -> DataForm:
    form = DataForm.objects.create(
        unit=unit, asker_id=actor.person_id, ask=ask, title=asking.for_unit(unit).title, due_day=asking.day,
        asked_of=[one.pk for one in plan.to_ask], tally=plan.tally, key=key,
    )  # fmt: skip
    DataField.objects.bulk_create(
        DataField(form=form, number=number, name=name, measure=measure, period=period)
        for number, (name, measure, period) in enumerate((line.words for line in plan.lines), 1)
    )
    audit(actor, "register_form", kind="data_form", object_id=form.pk, unit_id=unit.pk)
    return form


def give_figures(actor: Actor, unit: Unit, typed: Mapping[int, str]) -> int:
    """一表通: what a unit says of what it is asked, by the id of the field; blanks are left for later.

    How many were kept. Raises Forbidden, BadFigures for what is no figure or was not asked; then nothing is kept.
    """
    with as_tenant(actor.tenant_id):
        require(actor, "answer_forms", unit)
        asked = {one.field.pk: one.field for one in queries.one_sheet(unit)}
        if set(typed) - set(asked):
            raise BadFigures([gettext("有的数不是要您填的，请刷新页面再填")])
        rows = [(unit, asked[field_id], text, asked[field_id].name) for field_id, text in typed.items()]
        return _take(actor, rows)


def take_returns(actor: Actor, form_id: int, data: bytes) -> int:
    """The workbook of a form as it came back: figures of all units in it. How many were kept.

    Cells that were filled already are left alone. Raises Forbidden, WorkbookError, BadFigures naming row and column;
    then nothing is kept.
    """
    with as_tenant(actor.tenant_id):
        form = queries.one_form(actor, form_id)
        if form.ask is None or form.ask.state != Ask.State.POSTED:
            raise BadFigures([gettext("这张表没有发出，没有要谁填")])
        fields, plan = list(form.fields.all()), queries.filled(form)
        cells, problems = workbooks.read_returns(data, plan)
        if problems:
            raise BadFigures(problems)
        rows = [
            (plan.bearers[unit], fields[field], text, place)
            for (unit, field), (place, text) in cells.items()
            if plan.lines[field].cells[plan.bearers[unit].pk].state == ASK
        ]
        return _take(actor, rows, form)


def _take(actor: Actor, rows: Sequence[tuple[Unit, DataField, str, str]], form: DataForm | None = None) -> int:
    """Keep figures of (unit, field, text, place where it was typed), or none. Raises BadFigures."""
    values = [
        (unit, field, value_of(text, meaning(field.words, unit.kind)), place) for unit, field, text, place in rows
    ]
    problems = [f"{place}：{value.problem}" for _unit, _field, value, place in values if value.problem]
    if problems:
        raise BadFigures(problems)
    made = Figure.objects.bulk_create(
        Figure(unit=unit, name=field.name, measure=field.measure, period=field.period, value=value.text, field=field,
               giver_id=actor.person_id)
        for unit, field, value, _place in values if value.text
    )  # fmt: skip
    if made:
        about = {"kind": "data_form", "object_id": form.pk, "unit_id": form.unit_id} if form else {
            "kind": "unit", "object_id": rows[0][0].pk, "unit_id": rows[0][0].pk
        }  # fmt: skip
        audit(actor, "give_figures", **about)
    return len(made)


