"""How a view learns who is asking. Every view of tenant data is wrapped by one of these two decorators:
they open the tenant's transaction around the whole view, so an exception in it leaves nothing half done."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from qingfu.units.actions import hash_of
from qingfu.units.models import Token
from qingfu.units.queries import actor_of, resolve
from qingfu.units.tenancy import as_tenant

SESSION_COOKIE = "qingfu_session"


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Run ``view`` with ``request.actor`` inside the actor's tenant; without a live session, go to sign-in."""

    @wraps(view)
    def inner(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        found = resolve(hash_of(request.COOKIES.get(SESSION_COOKIE, "")))
        if found is None or found[1] != Token.Kind.SESSION:
            return redirect(f"{reverse('sign_in')}?{urlencode({'next': request.get_full_path()})}")
        tenant_id, _, person_id, token_id = found
        with as_tenant(tenant_id):
            request.actor = actor_of(person_id, token_id)
            return view(request, *args, **kwargs)

    return inner


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
            with as_tenant(tenant_id):
                link = Token(id=token_id, tenant_id=tenant_id, kind=kind, subject_id=subject_id)
                return view(request, link, *args, **kwargs)

        return inner

    return decorate
