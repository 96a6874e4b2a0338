"""Schools, their people and classes; roles given and ended; passwords on paper."""

from __future__ import annotations

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingfu.units import actions, queries
from qingfu.units.forms import AppointForm, DayForm, PersonForm
from qingfu.units.models import Membership, Person, Unit
from qingfu.units.queries import one_in_scope, person_in_scope
from qingfu.units.views.common import county_of, one_page, shell
from qingfu.units.web import signed_in, typed

SLIPS_A_SHEET = 10


@never_cache
@signed_in
def schools(request: HttpRequest) -> HttpResponse:
    """The schools in scope; who leads one school goes straight to it."""
    search = typed(request.GET, "q")
    found = queries.schools(request.actor, "see_school", search)
    if not search and found.count() == 1 and not request.actor.posts_for("see_county"):
        return redirect("units:school", found[0].pk)
    if not request.actor.posts_for("see_school"):
        raise queries.Forbidden("see_school")
    page = one_page(request, found)
    counts = queries.sizes(page)
    rows = [(school, counts[school.pk]) for school in page]
    context = shell(request, "schools", page=page, rows=rows, search=search, county=county_of(request.actor))
    return render(request, "units/schools.html", context)


@never_cache
@signed_in
def school(request: HttpRequest, unit_id: int) -> HttpResponse:
    """One school (or the county's own office): its people."""
    unit = one_in_scope(request.actor, "see_school", unit_id)
    manages = queries.may(request.actor, "manage_people", unit)
    form = PersonForm(request.POST if request.method == "POST" and manages else None)
    if request.method == "POST" and manages and form.is_valid():
        try:
            with transaction.atomic():
                person = actions.add_person(request.actor, unit, **form.cleaned_data)
            return redirect("units:person", person.pk)
        except IntegrityError:
            form.add_error("account", _("这个账号已经有了。"))
    people = queries.people_of(unit)
    context = shell(
        request, "schools", unit=unit, people=people, form=form, manages=manages,
        issues=queries.may(request.actor, "issue_passwords", unit),
        without=sum(not person.password for person in people), classes=queries.classes_in(unit).count(),
    )  # fmt: skip
    return render(request, "units/school.html", context)


@never_cache
@signed_in
def classes(request: HttpRequest, unit_id: int) -> HttpResponse:
    """The classes of one school, with the way to their links and codes."""
    unit = one_in_scope(request.actor, "see_school", unit_id)
    context = shell(
        request, "schools", unit=unit, classes=queries.classes_in(unit), people=len(queries.people_of(unit)),
        prints=queries.may(request.actor, "print_links", unit),
    )  # fmt: skip
    return render(request, "units/classes.html", context)


@require_POST
@never_cache
@signed_in
def passwords(request: HttpRequest, unit_id: int) -> HttpResponse:
    """A sheet of initial passwords for everybody of a school who has none: shown once, kept nowhere."""
    unit = one_in_scope(request.actor, "issue_passwords", unit_id)
    without = [person for person in queries.people_of(unit) if not person.password]
    theirs = [person for person in without if person.pk != request.actor.person_id and _may_issue(request, person)]
    issued = actions.issue_initial_passwords(request.actor, theirs)
    return _on_paper(request, unit, issued)


def _may_issue(request: HttpRequest, person: Person) -> bool:
    return all(queries.may(request.actor, verb, person.unit) for verb in queries.recovery_verbs(person))


def _on_paper(request: HttpRequest, unit: Unit, issued: list[tuple[Person, str]]) -> HttpResponse:
    address = request.build_absolute_uri(f"{reverse('units:sign_in')}?school={unit.code}")
    sheets = [issued[start : start + SLIPS_A_SHEET] for start in range(0, len(issued), SLIPS_A_SHEET)]
    return render(request, "units/passwords.html", {"unit": unit, "sheets": sheets, "address": address})


# ---- one person ----


@never_cache
@signed_in
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """Roles of one person, and what an administrator may do about them."""
    found = person_in_scope(request.actor, "see_school", person_id)
    manages = queries.may(request.actor, "manage_people", found.unit)
    form = AppointForm(
        found.unit,
        request.POST if request.method == "POST" and manages else None,
        initial={"starts": timezone.localdate()},
    )
    if request.method == "POST" and manages and form.is_valid():
        try:
            with transaction.atomic():
                actions.appoint(request.actor, found, **form.cleaned_data)
            messages.success(request, _("已任命。"))
            return redirect("units:person", found.pk)
        except IntegrityError:
            form.add_error(None, _("这项任命已经有了。"))
    roles = found.memberships.select_related("unit").order_by("ends", "unit__path", "subject")
    context = shell(
        request, "schools", person=found, roles=roles, form=form, manages=manages, today=timezone.localdate(),
        cuts=queries.may(request.actor, "cut_off", found.unit), issues=_may_reset(request, found),
        live=queries.tokens_of(found).filter(revoked_at=None, expires_at__gt=timezone.now()).count(),
        administers=queries.is_administrator(found), day_form=DayForm(initial={"last_day": timezone.localdate()}),
    )  # fmt: skip
    return render(request, "units/person.html", context)


def _may_reset(request: HttpRequest, found: Person) -> bool:
    return queries.may(request.actor, "issue_passwords", found.unit) and _may_issue(request, found)


@require_POST
@signed_in
def cut_off(request: HttpRequest, person_id: int) -> HttpResponse:
    found = person_in_scope(request.actor, "cut_off", person_id)
    count = actions.cut_off_person(request.actor, found)
    messages.success(request, _("已让 %(name)s 的 %(count)d 台设备退出。") % {"name": found.name, "count": count})
    return redirect("units:person", found.pk)


@require_POST
@never_cache
@signed_in
def new_password(request: HttpRequest, person_id: int) -> HttpResponse:
    """A new initial password for one person, on paper."""
    found = person_in_scope(request.actor, "issue_passwords", person_id)
    issued = actions.issue_initial_passwords(request.actor, [found])
    return _on_paper(request, found.unit, issued)


@require_POST
@signed_in
def reset_code(request: HttpRequest, person_id: int) -> HttpResponse:
    found = person_in_scope(request.actor, "issue_passwords", person_id)
    actions.reset_code(request.actor, found)
    messages.success(request, _("验证器已重置，下次登录时重新绑定。"))
    return redirect("units:person", found.pk)


@require_POST
@signed_in
def leave(request: HttpRequest, person_id: int) -> HttpResponse:
    found = person_in_scope(request.actor, "manage_people", person_id)
    form = DayForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请填离开的日期。"))
        return redirect("units:person", found.pk)
    actions.leave(request.actor, found, form.cleaned_data["last_day"])
    messages.success(request, _("%(name)s 的职务和登录到那天为止。") % {"name": found.name})
    return redirect("units:school", found.unit_id)


@require_POST
@signed_in
def end_role(request: HttpRequest, membership_id: int) -> HttpResponse:
    units = queries.scope(request.actor, "manage_people")
    row = Membership.objects.filter(unit__in=units, pk=membership_id).select_related("unit").first()
    form = DayForm(request.POST)
    if row is None:
        raise queries.Forbidden("manage_people")
    if form.is_valid():
        actions.end_role(request.actor, row, form.cleaned_data["last_day"])
        messages.success(request, _("已定好结束的日期。"))
    return redirect("units:person", row.person_id)
