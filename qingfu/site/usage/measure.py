"""How long a page keeps its reader, without keeping who read it.

The time between two pages of one browser counts, if it is short enough to have been spent reading; else a page
counts as one glance. The browser itself carries the moment of its last page in a signed cookie that lasts minutes,
so the server remembers nobody.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from threading import Lock

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from qingfu.site.usage.actions import add_usage
from qingfu.units.models import Membership
from qingfu.units.queries import Actor

COOKIE = "qingfu_last_page"
READING_SECONDS = 90  # a longer gap was spent elsewhere
GLANCE_SECONDS = 10  # what one page takes that is followed by none
FLUSH_SECONDS = 60

Role = Membership.Role
# Of several roles the one with the widest limit counts: a dean who teaches has a dean's minutes.
COUNTED = (
    (frozenset({Role.DEAN, Role.PRINCIPAL}), "dean"),
    (frozenset({Role.CLASS_TEACHER, Role.GRADE_HEAD}), "class_teacher"),
    (frozenset({Role.TEACHER}), "teacher"),
)


def counted_role(actor: Actor) -> str | None:
    """The role under whose limit this person's time counts; None for the county, which has no limit yet."""
    return next((name for roles, name in COUNTED if actor.has_role(*roles)), None)


class MeasureUse:
    """Middleware: adds what each page of a signed-in person takes to sums in memory, written once a minute."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response
        self.sums: Counter = Counter()
        self.lock = Lock()
        self.written = time.monotonic()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        actor = getattr(request, "actor", None)
        role = actor and counted_role(actor)
        if role:
            now = int(time.time())
            place = (actor.tenant_id, actor.unit_id, role, timezone.localdate())
            self._add(place, seconds_since(request, now))
            cookie = signing.dumps(now, salt=COOKIE)
            secure = request.is_secure() or settings.CSRF_COOKIE_SECURE
            response.set_cookie(
                COOKIE, cookie, max_age=READING_SECONDS, httponly=True, samesite="Lax", secure=secure
            )
        return response

    def _add(self, place: tuple, seconds: int) -> None:
        with self.lock:
            self.sums[place] += seconds
            if time.monotonic() - self.written < FLUSH_SECONDS:
                return
            sums, self.sums, self.written = self.sums, Counter(), time.monotonic()
        add_usage(sums)


def seconds_since(request: HttpRequest, now: int) -> int:
    """Seconds that the page before this one took, or a glance where there was none."""
    try:
        last = signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=READING_SECONDS)
    except signing.BadSignature:
        return GLANCE_SECONDS
    return max(0, min(now - last, READING_SECONDS))
