"""What the command line finds in this room: the rules and the calendar that a school of this installation goes by."""

from __future__ import annotations

import os

from qingfu.rulebook import RulebookError
from qingfu.rulebook.commands import SchoolRules


def rules_of_school(name: str) -> SchoolRules | None:
    """What the school of this name or code goes by: its packs, those above it but the nation's, and its calendar.

    None where there is no installation, or no such school in it. Raises RulebookError where several have the name and
    where the database cannot be asked.
    """
    from qingfu.server.databases import external, running_database
    from qingfu.server.messages import ServerError
    from qingfu.server.postgres import local_cluster

    if not external() and not local_cluster().initialised:
        return None
    try:
        with running_database():
            return _rules_of_school(name)
    except ServerError as error:
        raise RulebookError(str(error)) from error


def _rules_of_school(name: str) -> SchoolRules | None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingfu.site.settings")
    django.setup()
    from qingfu.ledger.reckoning import current
    from qingfu.units.queries import schools_named
    from qingfu.units.tenancy import as_tenant

    schools = schools_named(name)
    if not schools:
        return None
    if len(schools) > 1:
        several = "；".join(f"{one.tenant} {one.name}：{one.code}" for one in schools)
        raise RulebookError(f"有 {len(schools)} 所学校叫“{name}”，请改写学校代码（{several}）")
    with as_tenant(schools[0].tenant_id):
        found = current([schools[0].unit_id])[schools[0].unit_id]
    return SchoolRules([pack for pack in found.rulebook.packs if pack.level != "nation"], found.calendar)
