"""Units as registers name them: schools and offices by name or code, classes by the grade that they had on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from qingfu.lake.importing.kinds import fold
from qingfu.lake.importing.values import ClassName
from qingfu.units.calendar import PRIMARY_ENDS, grade_of
from qingfu.units.models import Unit
from qingfu.units.queries import below
from qingfu.units.years import school_year_of

EVERY_SCHOOL = ("各学校", "各中小学", "各中小学校", "全县中小学", "全县各学校", "全县各中小学校", "各校")
EVERY_TOWNSHIP = ("各乡镇", "各乡镇街道", "各乡镇(街道)", "各镇", "各乡镇人民政府", "各镇街")
"""What addressees of a whole kind are called."""

HOMES = (Unit.Kind.SCHOOL, Unit.Kind.BUREAU, Unit.Kind.TOWNSHIP, Unit.Kind.COUNTY, Unit.Kind.OFFICE, Unit.Kind.VILLAGE)


@dataclass
class Places:
    """The units that records may name. ``unit`` is the one whose register it is."""

    unit: Unit
    county: Unit
    homes: list[Unit] = field(default_factory=list)
    names: dict[str, Unit] = field(default_factory=dict)
    classes: dict[str, list[Unit]] = field(default_factory=dict)  # by the path of their school
    _years: dict[tuple[str, int], dict[tuple[int, int | None], list[Unit]]] = field(default_factory=dict)

    def home(self, said: str) -> Unit:
        """The school or office with this name or code, below the unit. Raises ValueError."""
        found = self.names.get(fold(said))
        if found is None or not found.path.startswith(self.unit.path):
            raise ValueError(_("没有叫“%(name)s”的单位。请写公章上的全称或代码。") % {"name": said[:20]})
        return found

    def school(self, said: str | None) -> Unit:
        """The school that a row is of. Raises ValueError."""
        if said:
            found = self.home(said)
        else:
            found = self.unit
        if found.kind != Unit.Kind.SCHOOL:
            raise ValueError(_("没有写是哪个学校。请加一列“学校”，或在 [defaults] 里写 school。"))
        return found

    def classes_of(self, school: Unit, wanted: ClassName, day: date) -> list[Unit]:
        """The classes of a school that had this name on a day. Raises ValueError."""
        year = school_year_of(day)
        at = self._years.get((school.path, year))
        if at is None:
            at = self._years[school.path, year] = self._of_year(school, day)
        last_of_primary = PRIMARY_ENDS[school.system]
        grade = wanted.grade if wanted.junior is None else last_of_primary + wanted.junior
        if wanted.entered is not None:
            found = [one for one in self.classes.get(school.path, ()) if one.entered == wanted.entered
                     and one.number == wanted.number]  # fmt: skip
        else:
            found = at.get((grade, wanted.number), [])
        if not found:
            said = {"school": school.name, "year": year, "class": _told(grade, wanted)}
            text = _("%(school)s在 %(year)d 学年没有%(class)s。请改正，或先在“导入”里补上这个班（毕业的写结束日期）。")
            raise ValueError(text % said)
        return found

    def _of_year(self, school: Unit, day: date) -> dict[tuple[int, int | None], list[Unit]]:
        found: dict[tuple[int, int | None], list[Unit]] = {}
        for one in self.classes.get(school.path, ()):
            if one.entered is not None and one.entered > school_year_of(day) or one.ends and one.ends < day:
                continue
            grade = grade_of(one, day)
            for key in ((grade, one.number), (grade, None)):
                found.setdefault(key, []).append(one)
        return found

    def addressed(self, names: Iterable[str], reach: str) -> tuple[list[Unit], list[str]]:
        """The units that names of addressees mean, below the path ``reach``; and the names that mean none."""
        found: dict[int, Unit] = {}
        unknown = []
        for name in names:
            kind = Unit.Kind.SCHOOL if fold(name) in EVERY_SCHOOL else Unit.Kind.TOWNSHIP
            if fold(name) in map(fold, EVERY_SCHOOL + EVERY_TOWNSHIP):
                several = [one for one in self.homes if one.kind == kind]
            else:
                several = [self.names[fold(name)]] if fold(name) in self.names else []
            several = [one for one in several if one.path.startswith(reach) and one.pk != self.unit.pk]
            found |= {one.pk: one for one in several}
            if not several:
                unknown.append(name)
        return list(found.values()), unknown


def places_for(unit: Unit) -> Places:
    """The units of the open tenant, as registers of ``unit`` may name them. Two queries."""
    places = Places(unit, Unit.objects.get(pk=unit.tenant_id))
    places.homes = homes = list(Unit.objects.filter(tenant_id=unit.tenant_id, kind__in=HOMES).order_by("path"))
    places.names = _by_name(homes, unit) | {fold(one.code): one for one in homes if one.code}
    schools = {one.path: one for one in homes if one.kind == Unit.Kind.SCHOOL}
    for one in Unit.objects.filter(below(unit), kind=Unit.Kind.CLASS).order_by("path"):
        above = (one.path[:end] for end in range(0, len(one.path), Unit.steplen))
        home = next((path for path in above if path in schools), None)
        if home:
            places.classes.setdefault(home, []).append(one)
    return places


def _by_name(homes: Iterable[Unit], unit: Unit) -> dict[str, Unit]:
    """Units by name; of several with one name the one that is below ``unit``, and none where that does not tell."""
    called: dict[str, list[Unit]] = {}
    for one in homes:
        called.setdefault(fold(one.name), []).append(one)
    inside = {name: [one for one in several if one.path.startswith(unit.path)] for name, several in called.items()}
    told = {name: inside[name] if len(several) > 1 else several for name, several in called.items()}
    return {name: several[0] for name, several in told.items() if len(several) == 1}


def _told(grade: int | None, wanted: ClassName) -> str:
    head = f"{wanted.entered} 级" if wanted.entered else _("%(grade)s 年级") % {"grade": grade}
    return head + (_("%(number)s 班") % {"number": wanted.number} if wanted.number else _("的班"))
