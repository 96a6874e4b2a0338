"""Reading the sums of use."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Q, Sum

from qingfu.site.models import Usage
from qingfu.units.models import Membership, Person, Unit
from qingfu.units.queries import within

Role = Membership.Role
ROLES = {
    "dean": (Role.DEAN, Role.PRINCIPAL),
    "class_teacher": (Role.CLASS_TEACHER, Role.GRADE_HEAD),
    "teacher": (Role.TEACHER,),
}


def holders(school_id: int, role: str, day: date) -> int:
    """How many people of a school hold the role, whether or not they came here: the mean is over all of them.
    At least one, since somebody used it."""
    school = Unit.objects.get(pk=school_id)
    in_force = Q(memberships__starts__lte=day) & (
        Q(memberships__ends__isnull=True) | Q(memberships__ends__gte=day)
    )
    people = Person.objects.filter(
        in_force & within([school.path], "memberships__unit__path"), memberships__role__in=ROLES[role]
    )
    return max(1, people.distinct().count())


def minutes_this_week(school_id: int, role: str, today: date) -> float:
    """The mean minutes that a holder of the role at a school has spent here since Monday."""
    monday = today - timedelta(days=today.weekday())
    this_week = Usage.objects.filter(school_id=school_id, role=role, day__gte=monday)
    seconds = this_week.aggregate(total=Sum("seconds"))["total"] or 0
    return seconds / 60 / holders(school_id, role, today)
