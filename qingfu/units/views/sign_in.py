"""Signing in and out, classroom computers, one's own account. Thin: see actions."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from qingfu.units import actions, queries
from qingfu.units.forms import ChangePasswordForm, CodeForm, NewPasswordForm, SignInForm
from qingfu.units.models import Person, Token
from qingfu.units.tenancy import as_tenant
from qingfu.units.web import (
    SESSION_COOKIE,
    address_of,
    device_of,
    next_of,
    refused,
    set_session,
    signed_in,
    signing_in,
    typed,
    with_next,
)

SCHOOL_COOKIE = "qingfu_school"
DEVICE_COOKIE = "qingfu_device"
KEPT_SECONDS = 400 * 24 * 3600
SCREEN_COOKIE = "qingfu_screen"
SCREEN_CODE_SECONDS = 120
SCREEN_SALT = "units.screen"


# ---- signing in ----


@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """School code, account, password."""
    school = typed(request.GET, "school", 32) or request.COOKIES.get(SCHOOL_COOKIE, "")
    form = SignInForm(request.POST or None, initial={"school": school})
    if request.method == "POST" and form.is_valid():
        try:
            device = request.COOKIES.get(DEVICE_COOKIE, "")
            found = actions.prove_password(**_credentials(form), address=address_of(request), device=device)
        except actions.TooManyTries as refusal:
            return refused(request, refusal)
        if found:
            return _after_password(request, *found, form.cleaned_data)
        form.add_error("password", _("学校代码、账号或密码不对。忘了密码，请学校教务处发一个新的。"))
    wanted = request.GET.get("next", "")
    scanned = wanted.startswith(reverse("units:screen"))  # a phone that is to sign a classroom computer in
    return render(request, "units/sign_in.html", {"form": form, "next": wanted, "scanned": scanned})


def _credentials(form: SignInForm) -> dict[str, str]:
    data = form.cleaned_data
    return {"unit_code": data["school"], "account": data["account"], "password": data["password"]}


def _after_password(request: HttpRequest, tenant_id: int, person_id: int, data: dict) -> HttpResponse:
    with as_tenant(tenant_id):
        person = Person.objects.get(pk=person_id)
        response = _next_step(request, person, *actions.begin_sign_in(person, device_of(request)))
    _keep(request, response, SCHOOL_COOKIE, queries.plain_code(data["school"]))
    known = actions.remember(request.COOKIES.get(DEVICE_COOKIE, ""), data["school"], data["account"])
    _keep(request, response, DEVICE_COOKIE, known)
    return response


def _keep(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    secure = request.is_secure() or settings.CSRF_COOKIE_SECURE
    response.set_cookie(name, value, max_age=KEPT_SECONDS, httponly=True, samesite="Lax", secure=secure)


def _next_step(request: HttpRequest, person: Person, kind: str, plain: str) -> HttpResponse:
    """Hand over the cookie of the session, or of the step that still stands before it."""
    rotate_token(request)
    if kind == Token.Kind.SESSION:
        return set_session(request, redirect(next_of(request)), plain, actions.lifetime_for(person))
    page = "units:sign_in_code" if kind == Token.Kind.CODE else "units:sign_in_setup"
    return set_session(request, redirect(_keep_next(request, page)), plain, settings.SIGN_IN_STEP_LIFETIME)


def _keep_next(request: HttpRequest, page: str) -> str:
    return with_next(page, request.GET.get("next", ""))


@never_cache
@signing_in(Token.Kind.CODE)
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The one-time code of somebody who administers."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = Person.objects.get(pk=request.actor.person_id)
        actions.count_try("sign_in_code", str(person.pk), *settings.SIGN_IN_TRIES["code"])
        step = actions.give_code(person, request.actor.token_id, form.cleaned_data["code"], device_of(request))
        if step:
            actions.give_back_try("sign_in_code", str(person.pk))
            return _next_step(request, person, *step)
        form.add_error("code", _("验证码不对，或已经用过。等下一个数字再试。"))
    return render(request, "units/sign_in_code.html", {"form": form})


@never_cache
@signing_in(Token.Kind.SETUP)
def sign_in_setup(request: HttpRequest) -> HttpResponse:
    """What must be set up before the first session: an own password, then (who administers) an authenticator."""
    person = Person.objects.get(pk=request.actor.person_id)
    if person.must_change_password:
        return _setup_password(request, person)
    return _setup_code(request, person)


def _setup_password(request: HttpRequest, person: Person) -> HttpResponse:
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_password(person, form.cleaned_data["password"], keep_token=request.actor.token_id)
        except ValidationError as problem:
            form.add_error("password", problem)
        else:
            step = actions.finish_setup(person, request.actor.token_id, device_of(request))
            return _next_step(request, person, *step)
    return render(request, "units/sign_in_password.html", {"form": form, "person": person})


def _setup_code(request: HttpRequest, person: Person) -> HttpResponse:
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.count_try("sign_in_code", str(person.pk), *settings.SIGN_IN_TRIES["code"])
        if actions.enrol_code(person, form.cleaned_data["code"]):
            step = actions.finish_setup(person, request.actor.token_id, device_of(request), code_given=True)
            return _next_step(request, person, *step)
        form.add_error("code", _("这个数字不对。请看手机的时间准不准，再输最新的六位数字。"))
    totp = actions.totp_of(person)
    context = {"form": form, "address": totp.provisioning_uri(), "secret": " ".join(_in_fours(totp.secret))}
    return render(request, "units/sign_in_totp.html", context)


def _in_fours(text: str) -> list[str]:
    return [text[start : start + 4] for start in range(0, len(text), 4)]


@require_POST
@signed_in
def sign_out(request: HttpRequest) -> HttpResponse:
    """Out; and with ``?next=`` in again there, for whoever has a code to give."""
    actions.sign_out(request.actor)
    response = redirect(_keep_next(request, "units:sign_in"))
    response.delete_cookie(SESSION_COOKIE)
    return response


# ---- classroom computers ----


@never_cache
def screen(request: HttpRequest) -> HttpResponse:
    """A classroom computer shows a code; it is signed in as soon as a teacher's phone has confirmed it."""
    plain = request.COOKIES.get(SCREEN_COOKIE) or secrets.token_urlsafe(24)
    found = queries.resolve(actions.hash_of(plain))
    if found and found[1] == Token.Kind.SCREEN:
        response = set_session(request, redirect(next_of(request)), plain, settings.SCREEN_SESSION_LIFETIME)
        response.delete_cookie(SCREEN_COOKIE)
        return response
    code = _screen_code(actions.hash_of(plain), _slot())
    address = request.build_absolute_uri(_confirm_address(code))
    response = render(request, "units/screen.html", {"address": address, "check": _check_number(code)})
    response.set_cookie(
        SCREEN_COOKIE,
        plain,
        max_age=SCREEN_CODE_SECONDS * 10,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure() or settings.CSRF_COOKIE_SECURE,
    )
    return response


def _confirm_address(code: str) -> str:
    return reverse("units:screen_confirm", args=[code])


def _slot(now: float | None = None) -> int:
    return int(now or time.time()) // SCREEN_CODE_SECONDS


def _screen_code(screen_hash: bytes, slot: int) -> str:
    """What the phone reads: the hash of the screen's cookie and two minutes of time, signed. Kept nowhere."""
    text = base64.urlsafe_b64encode(screen_hash).decode().rstrip("=")
    return signing.Signer(salt=SCREEN_SALT).sign(f"{text}.{slot}")


def _screen_hash(code: str) -> bytes | None:
    """The screen's hash in ``code``; None if it is not ours or older than two to four minutes."""
    try:
        text, slot = signing.Signer(salt=SCREEN_SALT).unsign(code).rsplit(".", 1)
    except (signing.BadSignature, ValueError):
        return None
    return base64.urlsafe_b64decode(text + "=") if int(slot) >= _slot() - 1 else None


def _check_number(code: str) -> str:
    """Four figures that the screen and the phone both show, so that nobody confirms a stranger's screen."""
    digest = hashlib.sha256(code.encode()).digest()
    return f"{int.from_bytes(digest[:4]) % 10_000:04d}"


@never_cache
@signed_in
def screen_confirm(request: HttpRequest, code: str) -> HttpResponse:
    """On the teacher's phone: let that classroom computer act for me for one lesson."""
    screen_hash = _screen_hash(code)
    on_screen = request.actor.on_screen
    done = False
    if request.method == "POST" and screen_hash and not on_screen:
        try:
            with transaction.atomic():
                actions.sign_in_screen(request.actor, screen_hash, _("教室电脑"))
            done = True
        except IntegrityError:  # confirmed before
            screen_hash = None
    context = {"valid": bool(screen_hash) and not on_screen, "done": done, "check": _check_number(code)}
    context["minutes"] = int(settings.SCREEN_SESSION_LIFETIME.total_seconds() // 60)
    return render(request, "units/screen_confirm.html", context)


# ---- my account ----


@never_cache
@signed_in
def account(request: HttpRequest) -> HttpResponse:
    """My sessions, with a way to cut each off; my password."""
    form = ChangePasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.change_own_password(request.actor, data["old"], data["password"])
        except ValidationError as problem:
            form.add_error("old" if problem.code == "wrong_password" else "password", problem)
        else:
            messages.success(request, _("密码已改。别的设备都已退出。"))
            return redirect("units:account")
    person = Person.objects.select_related("unit").get(pk=request.actor.person_id)
    context = {"form": form, "person": person, "sessions": queries.sessions(request.actor)}
    return render(request, "units/account.html", context)


@require_POST
@signed_in
def cut_off_session(request: HttpRequest, token_id: int) -> HttpResponse:
    actions.cut_off_session(request.actor, token_id)
    messages.success(request, _("那台设备已退出。"))
    return redirect("units:account")
