"""The records of 青禾县 exported once, and its first reports: so that the pages of figures have something to show."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib.util import find_spec

from qingfu.reports import actions
from qingfu.reports.queries.work import periods
from qingfu.site.demo.county import DATA
from qingfu.site.demo.guests import SCHOOL
from qingfu.text.review.reader import review_text
from qingfu.units.models import Membership, Unit
from qingfu.units.queries import Actor, actor_of, operator_actor
from qingfu.units.tenancy import as_tenant

Role = Membership.Role
ASKED_BY, LINK_DAYS = "市教育局", 30


def can_report() -> bool:
    """Whether the extra ``[lake]`` is there."""
    return find_spec("ibis") is not None


def export(tenant_id: int) -> None:
    """Export the records of the county."""
    with as_tenant(tenant_id):
        county = Unit.objects.get(pk=tenant_id)
    actions.export_records(operator_actor(county), county)


def get_ready() -> None:
    """Load what figures and the reading of reports need: dictionaries and engines, seconds of a first report."""
    import ibis

    ibis.duckdb.connect().disconnect()
    review_text((DATA / "reports.toml").read_text("utf-8"))


def report(county: Unit, today: date) -> int:
    """A school's report is signed, the county's waits for its check, and a superior's request is answered by a link.
    Needs exported records. Returns how many reports were written."""
    with as_tenant(county.pk):
        school = Unit.objects.get(tenant_id=county.pk, kind="school", name=SCHOOL)
        officer, dean, principal = (
            _holder(unit, role)
            for unit, role in ((county, Role.COUNTY_OFFICER), (school, Role.DEAN), (school, Role.PRINCIPAL))
        )
        term, _before, _month, month, _year = ((one.first, min(one.last, today)) for one in periods(county, today))
    _submitted(officer, county, term)
    made = _submitted(dean, school, month)
    actions.check(principal, made)
    actions.sign(principal, made)
    actions.spare(officer, county.pk, ASKED_BY, *month, LINK_DAYS)
    return 2


def _holder(unit: Unit, role: str) -> Actor:
    return actor_of(Membership.objects.filter(unit=unit, role=role).order_by("pk").first().person_id)


def _submitted(author: Actor, unit: Unit, span: tuple[date, date]) -> int:
    """A report on a span, written and handed in; its number."""
    made = actions.compose_report(author, unit.pk, *span)
    actions.write(author, made.pk, tomllib.loads((DATA / "reports.toml").read_text("utf-8"))[unit.kind])
    return actions.submit(author, made.pk).pk
