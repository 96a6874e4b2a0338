"""What changes something: uploading a register, taking it into the ledger, taking a whole import back."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from qingfu.lake.importing.checking import Check, Record, check, marked, records
from qingfu.lake.importing.mapping import Mapping, read_mapping
from qingfu.lake.importing.places import places_for
from qingfu.lake.importing.proposing import propose
from qingfu.lake.importing.table import Table, read_table
from qingfu.lake.models import Import, ImportedRow
from qingfu.ledger.actions import take_back_import, take_over
from qingfu.ledger.models import Attempt, Demand
from qingfu.units.actions import audit
from qingfu.units.models import Unit
from qingfu.units.queries import Actor, Forbidden, require
from qingfu.units.tenancy import as_tenant

ROWS = 500  # of one transaction
State = Import.State


class NotReady(ValueError):
    """Rows are bad and nobody said to leave them out, or it is not the moment. ``str()`` says what to do."""


def upload_register(actor: Actor, unit: Unit, name: str, data: bytes, mapping: str = "", kind: str = "") -> Import:
    """Keep a register with its mapping, the proposed one where none is given. Nothing of it is in the ledger yet.

    The same file with the same mapping that was begun before goes on where it stopped. Needs ``import_records``.
    Raises Forbidden, WorkbookError, MappingError.
    """
    with as_tenant(actor.tenant_id):
        require(actor, "import_records", unit)
        table = read_table(data, name)
        if mapping:
            table = read_table(data, name, header_of(mapping))
            kept = read_mapping(mapping, table).to_toml()
        else:
            kept = propose(table, kind, timezone.localdate()).to_toml()
        digest = hashlib.sha256(data).hexdigest()
        begun = Import.objects.filter(unit=unit, sha256=digest, mapping=kept, state__in=(State.WAITING, State.TAKING))
        if earlier := begun.first():
            return earlier
        made = Import.objects.create(
            unit=unit, person_id=actor.person_id, name=name[-120:], sha256=digest, content=data, mapping=kept
        )
        audit(actor, "upload_register", kind="import", object_id=made.pk, unit_id=unit.pk, sha256=digest)
        return made


def correct_mapping(actor: Actor, import_id: int, mapping: str) -> Import:
    """Put another mapping in the place of the one that waits. Raises Forbidden, NotReady, MappingError."""
    with as_tenant(actor.tenant_id):
        one = _locked(actor, import_id, State.WAITING)
        found = read_mapping(mapping, read_table(bytes(one.content), one.name, header_of(mapping)))
        one.mapping = found.to_toml()
        one.save(update_fields=["mapping"])
        return one


def drop_register(actor: Actor, import_id: int) -> None:
    """Throw a register away that waits. Raises Forbidden, NotReady."""
    with as_tenant(actor.tenant_id):
        _locked(actor, import_id, State.WAITING).delete()


def go_on(actor: Actor, import_id: int, *, skip_bad: bool = False) -> Check:
    """Say yes to what the check shows: from now on the worker takes it. Raises Forbidden, MappingError, NotReady."""
    with as_tenant(actor.tenant_id):
        one = _locked(actor, import_id, State.WAITING)
        found = look(one)
        if found.bad and not skip_bad:
            raise NotReady(_("有 %(bad)d 行有问题。改好再导入，或选择先不要这些行。") % {"bad": found.bad})
        if not found.good:
            raise NotReady(_("没有一行可以导入。"))
        one.state, one.rows, one.left_out = State.TAKING, found.rows, found.bad
        one.save(update_fields=["state", "rows", "left_out"])
        audit(
            actor, "import_records", kind="import", object_id=one.pk, unit_id=one.unit_id, count=found.good,
            left_out=found.bad, sha256=one.sha256,
        )  # fmt: skip
        return found


def look(one: Import) -> Check:
    """What an import would bring, as of now. Inside ``as_tenant``; nothing is kept."""
    table, mapping = opened(one)
    return check(table, mapping, places_for(one.unit))


def opened(one: Import) -> tuple[Table, Mapping]:
    """The table and the mapping of an import. Raises WorkbookError, MappingError."""
    table = read_table(bytes(one.content), one.name, header_of(one.mapping))
    return table, read_mapping(one.mapping, table)


def header_of(mapping: str) -> int | None:
    """The row with the headings that a mapping names."""
    try:
        said = tomllib.loads(mapping).get("header")
    except tomllib.TOMLDecodeError:
        return None
    return said if isinstance(said, int) and said > 0 else None


def take(tenant_id: int, import_id: int, tell: Callable[[Import], None] = lambda one: None) -> Import:
    """Take what somebody said yes to into the ledger, some hundred rows in each transaction, to its end.

    Each transaction writes demands, the keys of their rows and how far it is, all or nothing: killed anywhere, the
    next call goes on behind the last one that committed. Several at once wait for each other at the import's row.
    """
    with as_tenant(tenant_id):
        one = Import.objects.get(pk=import_id)
        if one.state != State.TAKING:
            return one
        table, mapping = opened(one)
        places = places_for(one.unit)
    at = one.taken
    left = islice(records(table, mapping, places), at, None)
    while rows := tuple(islice(left, ROWS)):
        with as_tenant(tenant_id):
            one = Import.objects.select_for_update().get(pk=import_id)
            if one.state != State.TAKING:
                return one
            _take_rows(one, rows[one.taken - at :])  # whoever takes it at the same time may be ahead
        at += len(rows)
        tell(one)
    with as_tenant(tenant_id):
        one = Import.objects.select_for_update().get(pk=import_id)
        if one.state == State.TAKING:
            one.state, one.content, one.ended_at = State.DONE, None, timezone.now()
            one.save(update_fields=["state", "content", "ended_at"])
    return one


def _take_rows(one: Import, rows: tuple[Record | None, ...]) -> None:
    good = {record.key: record for record in rows if record is not None}
    fresh = [good[key] for key in _entered(one, list(good))]
    drafts = [draft for record in fresh for draft in marked(record.drafts, one.pk)]
    if drafts:
        answer = take_over(_importer(one), drafts, f"import-{one.pk}-{one.taken}", _("导入往年台账"))
        one.added += len(answer.demand_ids)
    one.taken += len(rows)
    one.known += len(good) - len(fresh)
    one.save(update_fields=["taken", "added", "known"])


def _entered(one: Import, keys: list[str]) -> Iterator[str]:
    """Enter the keys of rows; those that were not there before, in order. Whoever enters the same waits for us."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO lake_importedrow (tenant_id, of_id, key) SELECT %s, %s, k FROM unnest(%s::text[]) AS k"
            " ORDER BY k ON CONFLICT DO NOTHING RETURNING key",
            [one.tenant_id, one.pk, keys],
        )
        fresh = {key for (key,) in cursor.fetchall()}
    return (key for key in keys if key in fresh)


def _importer(one: Import) -> Actor:
    """In whose name the rows are entered: the roles were checked when she said yes."""
    return Actor(one.tenant_id, one.person_id, "", one.unit_id)


def ask_back(actor: Actor, import_id: int, reason: str) -> Import:
    """Take a whole import back, whether it is through or not: the worker reverses all that came of it.

    Budgets are as if it had never been; the demands stay as withdrawn, with the reason. The same file may then be
    imported again. Needs ``import_records``. Raises Forbidden, NotReady.
    """
    with as_tenant(actor.tenant_id):
        one = _locked(actor, import_id, State.TAKING, State.DONE)
        if not reason.strip():
            raise NotReady(_("请写明为什么撤回。"))
        one.state, one.reason, one.content = State.WITHDRAWING, reason.strip()[:200], None
        one.save(update_fields=["state", "reason", "content"])
        audit(actor, "withdraw_import", kind="import", object_id=one.pk, unit_id=one.unit_id)
        return one


def take_back(tenant_id: int, import_id: int) -> Import:
    """Reverse all demands of an import that was asked back. Goes on where it stopped."""
    while True:
        with as_tenant(tenant_id):
            one = Import.objects.select_for_update().get(pk=import_id)
            if one.state != State.WITHDRAWING:
                return one
            attempts = Attempt.objects.filter(key__startswith=f"import-{one.pk}-", verb="record").values("id")
            standing = Demand.objects.filter(attempt_id__in=attempts, state=Demand.State.POSTED)
            demand_ids = list(standing.order_by("id").values_list("id", flat=True)[:ROWS])
            if demand_ids:
                take_back_import(_importer(one), demand_ids, f"import-{one.pk}-back-{demand_ids[0]}", one.reason)
                continue
            ImportedRow.objects.filter(of=one).delete()
            one.state, one.ended_at = State.WITHDRAWN, timezone.now()
            one.save(update_fields=["state", "ended_at"])


def work(tenant_id: int) -> None:
    """For the worker: take in and take back what waits for it."""
    with as_tenant(tenant_id):
        waiting = list(Import.objects.filter(state__in=(State.TAKING, State.WITHDRAWING)).order_by("pk"))
    for one in waiting:
        (take if one.state == State.TAKING else take_back)(tenant_id, one.pk)


def forget_registers(before: datetime) -> int:
    """Remove registers that nobody said yes to since ``before``. For the nightly job."""
    return Import.objects.filter(state=State.WAITING, made_at__lt=before).delete()[0]


def _locked(actor: Actor, import_id: int, *states: str) -> Import:
    """The import, if the actor may import there and it is in one of these states."""
    one = Import.objects.select_for_update(of=("self",)).select_related("unit").filter(pk=import_id).first()
    if one is None:
        raise Forbidden("import_records")
    require(actor, "import_records", one.unit)
    if one.state not in states:
        raise NotReady(_("这批记录现在是“%(state)s”，不能这样做。") % {"state": one.get_state_display()})
    return one
