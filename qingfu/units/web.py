"""How a view learns who is asking. Every view of tenant data is wrapped by one of these decorators: they open
the tenant's transaction around the whole view, so an exception in it leaves nothing half done."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property, wraps
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from qingfu.units.actions import TooManyTries, hash_of
from qingfu.units.models import Token
from qingfu.units.queries import Forbidden, OwnClass, entering, own_classes, resolve
from qingfu.units.tenancy import as_tenant

SESSION_COOKIE = "qingfu_session"
STEPS = {Token.Kind.CODE: "units:sign_in_code", Token.Kind.SETUP: "units:sign_in_setup"}
APPS = [("MicroMessenger", "微信"), ("DingTalk", "钉钉"), ("Edg/", "Edge"), ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"), ("Safari/", "Safari")]  # fmt: skip
SYSTEMS = [("HarmonyOS", "鸿蒙"), ("Android", "安卓手机"), ("iPhone", "iPhone"), ("iPad", "iPad"),
           ("Windows", "Windows 电脑"), ("Mac OS", "Mac"), ("Linux", "Linux 电脑")]  # fmt: skip


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Run ``view`` with ``request.actor`` inside the actor's tenant; without a live session, go to sign-in.

    ``Forbidden`` and ``TooManyTries`` become pages that say so; what the view wrote before is undone.
    """
    return _for_holder_of(view, Token.Kind.SESSION, Token.Kind.SCREEN)


def signing_in(*kinds: str) -> Callable:
    """Like ``signed_in`` for somebody between password and session: holders of step tokens of ``kinds``."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return _for_holder_of(view, *kinds)

    return decorate


def _for_holder_of(view: Callable[..., HttpResponse], *kinds: str) -> Callable[..., HttpResponse]:
    @wraps(view)
    def inner(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            with entering(hash_of(request.COOKIES.get(SESSION_COOKIE, ""))) as holder:
                if holder and holder.kind in kinds and holder.actor:
                    request.actor = holder.actor
                    return view(request, *args, **kwargs)
        except (Forbidden, TooManyTries) as refusal:
            with as_tenant(request.actor.tenant_id):  # the page has the person's own navigation
                return refused(request, refusal)
        known_by = holder.kind if holder and holder.kind not in kinds else None
        return _way_in(request, known_by)

    return inner


class Reader:
    """What the frame of a page shows of its request: who reads it, a class teacher's classes (for her menu), the
    address. Known by its ``inputs``; it stands in place of the request where a page is kept.
    """

    def __init__(self, request: HttpRequest):
        self.actor = request.actor
        self.get_full_path = request.get_full_path()

    @cached_property
    def classes(self) -> tuple[OwnClass, ...]:
        return own_classes(self.actor)

    @property
    def inputs(self) -> tuple:
        return self.actor.name, self.actor.posts, self.classes, self.get_full_path


def _way_in(request: HttpRequest, kind: str | None = None) -> HttpResponse:
    """To the page where this holder of a token of ``kind`` (or of none) gets on, and then back here."""
    if kind in (Token.Kind.SESSION, Token.Kind.SCREEN):
        return redirect("/")  # a step of signing in, asked for by somebody who is signed in
    step = request.path in {reverse(name) for name in STEPS.values()}
    target = request.GET.get("next", "") if step else request.get_full_path()
    return redirect(with_next(STEPS.get(kind, "units:sign_in"), target))


def with_next(name: str, target: str) -> str:
    """The address of the page ``name``, which leads on to ``target``."""
    return reverse(name) + (f"?{urlencode({'next': target})}" if target else "")


def next_of(request: HttpRequest) -> str:
    """Where to go after signing in: an address of this site, else the front page."""
    target = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if ours else "/"


def refused(request: HttpRequest, refusal: Forbidden | TooManyTries) -> HttpResponse:
    """The page that says why not (403), or when again (429)."""
    response = render(request, "units/refused.html", {"sentence": str(refusal)})
    response.status_code = 403
    if isinstance(refusal, TooManyTries):
        response.status_code = 429
        response.headers["Retry-After"] = str(refusal.seconds)
    return response


def set_session(request: HttpRequest, response: HttpResponse, plain: str, lifetime: timedelta) -> HttpResponse:
    """Give the browser its session (or step) cookie."""
    response.set_cookie(
        SESSION_COOKIE,
        plain,
        max_age=lifetime,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure() or settings.CSRF_COOKIE_SECURE,
    )
    return response


def typed(values: QueryDict, name: str, longest: int = 40) -> str:
    """What was typed into the field ``name``: at most ``longest`` characters, no control characters."""
    return "".join(letter for letter in values.get(name, "")[:longest] if letter.isprintable()).strip()


def device_of(request: HttpRequest) -> str:
    """What the browser says it runs on, in two words: enough to know one's own phone in a list."""
    agent = request.headers.get("User-Agent", "")
    app = next((name for mark, name in APPS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return " · ".join(word for word in (app, system) if word) or gettext("未知设备")


def address_of(request: HttpRequest) -> str:
    """The network address that tries are counted for; a house with IPv6 is one /64. Kept nowhere but hashed."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        address = request.headers.get("X-Forwarded-For", address).split(",")[-1].strip()
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)


def by_link(*kinds: str) -> Callable:
    """Run ``view(request, link, …)`` for the holder of a printed link of one of ``kinds``.

    ``link`` is the token's row: its ``kind`` and ``subject_id`` say whose page this is. An unknown, revoked or
    foreign token is a 404 like any other wrong address.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def inner(request: HttpRequest, token: str, *args, **kwargs) -> HttpResponse:
            found = resolve(hash_of(token))
            if found is None or found[1] not in kinds:
                raise Http404
            tenant_id, kind, subject_id, token_id = found
            try:
                with as_tenant(tenant_id):
                    link = Token(id=token_id, tenant_id=tenant_id, kind=kind, subject_id=subject_id)
                    return view(request, link, *args, **kwargs)
            except TooManyTries as refusal:
                return refused(request, refusal)

        return inner

    return decorate
