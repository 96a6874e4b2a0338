"""What every page of this room starts from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from qingfu.homework import menu, queries
from qingfu.homework.items import Target
from qingfu.homework.queries import Board, Seen
from qingfu.rulebook.words import grade_names
from qingfu.units.queries import Actor, Forbidden
from qingfu.units.web import typed

KEY_LENGTH = 60
MOST_IDS = 300
LARGEST_ID = 2**63 - 1


@dataclass
class Desk:
    """What every page of a teacher starts from."""

    actor: Actor

    @cached_property
    def today(self) -> date:
        return timezone.localdate()

    @cached_property
    def targets(self) -> list[Target]:
        return queries.targets(self.actor, self.today, self.seen.rules, self.seen.groups)

    @cached_property
    def board(self) -> Board:
        return Board(queries.classes_of(self.targets), self.seen.rules)

    @cached_property
    def seen(self) -> Seen:
        return queries.see(self.actor, self.today)

    @cached_property
    def subjects(self) -> list[str]:
        return queries.subjects_of(self.targets)

    @property
    def first_day(self) -> date:
        return queries.working_days(self.board.calendar, self.today)[0]

    def chosen(self, code: str) -> list[Target]:
        """The targets that a choice such as "c12" or "grade-3" means; the first choice where it means none."""
        by_code = dict(self._choices())
        return by_code.get(code) or next(iter(by_code.values()), [])

    def choices(self) -> list[tuple[str, str]]:
        """What can be chosen to give homework to: grades with several classes, then each class and group."""
        several = [(code, found) for code, found in self._choices() if code.startswith("grade-")]
        named = [
            (code, _("%(grade)s %(count)s 个班") % {"grade": grade_names((int(code[6:]),)), "count": len(found)})
            for code, found in several
        ]
        return named + [(target.code, target.name) for target in self.targets]

    def _choices(self) -> list[tuple[str, list[Target]]]:
        grades: dict[int, list[Target]] = {}
        for target in self.targets:
            if target.group_id is None:
                grades.setdefault(target.classes[0].grade, []).append(target)
        whole = [(f"grade-{grade}", found) for grade, found in sorted(grades.items()) if len(found) > 1]
        single = [(target.code, [target]) for target in self.targets]
        return whole + single if len(grades) == 1 else single + whole


def desk_of(request: HttpRequest) -> Desk:
    """The teacher's desk. Raises Forbidden for somebody who teaches nothing."""
    if not request.actor.posts_for("post_homework"):
        raise Forbidden("post_homework")
    return Desk(request.actor)


def page(request: HttpRequest, template: str, context: dict) -> HttpResponse:
    """A page of this room in the shell, with a fresh key for its forms."""
    shared = {"room_tabs": lambda: menu.entries(request), "key": uuid4().hex}
    return render(request, f"homework/{template}.html", {**shared, **context})


def key_of(request: HttpRequest) -> str:
    """The idempotency key of a form: the same for a double tap and for a retry."""
    return typed(request.POST, "key", KEY_LENGTH) or uuid4().hex


def ids_of(request: HttpRequest, name: str) -> list[int]:
    """The ids that a form sent under a name; what is no id is left out."""
    sent = [value for value in request.POST.getlist(name)[:MOST_IDS] if value.isascii() and value.isdecimal()]
    return [int(value) for value in sent if len(value) < 20 and int(value) <= LARGEST_ID]
