"""The design page and the shells: nothing inline, the headers that forbid it, and a light public page."""

import re
from pathlib import Path

import pytest
from django.test import Client, RequestFactory

import qingfu.site
from qingfu.site import samples, views

STATIC = Path(qingfu.site.__file__).parent / "static/site"
INLINE = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", re.IGNORECASE)
FROM_ELSEWHERE = re.compile(r"<(?:script|link|img)[^>]+(?:src|href)=\"(?:https?:)?//")


def page(name: str) -> str:
    request = RequestFactory().get("/")
    response = views.design(request) if name == "design" else views.prototype(request, name)
    return response.content.decode()


@pytest.mark.parametrize("name", ["design", *samples.SCREENS])
def test_no_page_has_anything_inline_or_from_elsewhere(name):
    html = page(name)
    assert not INLINE.search(html)
    assert not FROM_ELSEWHERE.search(html)


def test_headers_forbid_inline_script_and_style():
    headers = Client().get("/design/").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in headers["Permissions-Policy"]


def test_our_own_forms_pass_the_csrf_check():
    # Under "no-referrer" a browser sends `Origin: null` with every form, and no form would work.
    assert Client().get("/design/").headers["Referrer-Policy"] == "same-origin"


def test_what_a_parent_loads_is_under_60_kilobytes():
    shared = [STATIC / name for name in ("base.css", "numerals.woff2", "logo.svg")]
    total = sum(path.stat().st_size for path in shared) + len(page("parent").encode())
    assert total < 60_000


def test_the_public_shell_runs_no_script():
    assert "<script" not in page("parent")
