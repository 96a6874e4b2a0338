"""A browser for tests of pages: a Django test client, signed in as somebody."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client

from qingfu.units.actions import open_session
from qingfu.units.models import Token
from qingfu.units.tenancy import as_tenant
from qingfu.units.web import SESSION_COOKIE


def signed_in_as(county, name: str, kind: str = Token.Kind.SESSION) -> Client:
    """A client that holds a live session of ``name``."""
    with as_tenant(county.tenant_id):
        plain = open_session(county.people[name], "测试", timedelta(hours=1), kind, code_given=True)
    client = Client()
    client.cookies[SESSION_COOKIE] = plain
    return client
