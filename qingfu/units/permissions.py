"""Which role may do what. A role at a unit holds for that unit and everything below it.

View verbs (``see_…``) and capture verbs (everything else) are apart: who may see a school need not be able to
enter anything there. No verb opens another teacher's calibration factor, and none ranks anybody.
"""

from __future__ import annotations

from qingfu.units.models import Membership

TEACHER = Membership.Role.TEACHER
CLASS_TEACHER = Membership.Role.CLASS_TEACHER
GRADE_HEAD = Membership.Role.GRADE_HEAD
DEAN = Membership.Role.DEAN
PRINCIPAL = Membership.Role.PRINCIPAL
COUNTY_OFFICER = Membership.Role.COUNTY_OFFICER
COUNTY_ADMIN = Membership.Role.COUNTY_ADMIN

LEADERS = frozenset({DEAN, PRINCIPAL})
COUNTY = frozenset({COUNTY_OFFICER, COUNTY_ADMIN})

GRANTS: dict[str, frozenset[str]] = {
    "see_class": frozenset({TEACHER, CLASS_TEACHER, GRADE_HEAD}) | LEADERS | COUNTY,
    "see_grade": frozenset({GRADE_HEAD}) | LEADERS | COUNTY,
    "see_school": LEADERS | COUNTY,
    "see_county": COUNTY,
    "see_family_counts": frozenset({CLASS_TEACHER}),
    "see_refusal_counts": LEADERS | COUNTY,
    "see_audit": frozenset({PRINCIPAL, COUNTY_ADMIN}),
    "post_homework": frozenset({TEACHER}),
    "propose_changes": frozenset({CLASS_TEACHER, GRADE_HEAD}) | LEADERS,
    "second_withdrawal": frozenset({CLASS_TEACHER, GRADE_HEAD}) | LEADERS,
    "grant_waiver": frozenset({PRINCIPAL, COUNTY_ADMIN}),
    "publish_pack": frozenset({PRINCIPAL, COUNTY_ADMIN}),
    "change_calendar": frozenset({PRINCIPAL, COUNTY_ADMIN}),
    "list_materials": LEADERS,
    "print_links": frozenset({CLASS_TEACHER}) | LEADERS,
    "rectify": LEADERS,
    "open_finding": LEADERS | COUNTY,
    "recheck": COUNTY,
    "manage_people": frozenset({COUNTY_ADMIN}),
    "import_workbook": frozenset({COUNTY_ADMIN}),
    "promote_grades": frozenset({COUNTY_ADMIN}),
    "close_term": frozenset({COUNTY_ADMIN}),
}

ADMINISTRATORS = frozenset({COUNTY_ADMIN, PRINCIPAL})
"""Roles that sign in with a one-time code (TOTP) beside the password."""
