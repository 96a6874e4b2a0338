"""The design page and the shells: nothing inline, the headers that forbid it."""

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory, override_settings

from qingfu.site import views
from qingfu.site.storage import StaticStorage

INLINE = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", re.IGNORECASE)
FROM_ELSEWHERE = re.compile(r"<(?:script|link|img)[^>]+(?:src|href)=\"(?:https?:)?//")


def test_the_design_page_has_nothing_inline_or_from_elsewhere():
    html = views.design(RequestFactory().get("/")).content.decode()
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


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_error_pages_need_no_request_and_have_nothing_inline(name):
    html = render_to_string(f"{name}.html")
    assert "<h1>" in html
    assert not INLINE.search(html)


def test_a_stale_form_is_told_so_under_our_own_policy():
    response = Client(enforce_csrf_checks=True).post("/language/", {"language": "en"})
    assert response.status_code == 403
    assert "这一页放得太久了" in response.content.decode()
    assert "Content-Security-Policy" in response.headers


@pytest.mark.parametrize("path", ["/privacy/", "/login/"])
def test_the_filing_number_stands_at_the_foot_where_there_is_one(cluster, path):
    assert "beian.miit.gov.cn" not in Client().get(path).content.decode()
    with override_settings(ICP="苏ICP备2026000001号"):
        html = Client().get(path).content.decode()
    assert '<a href="https://beian.miit.gov.cn/" rel="noopener">苏ICP备2026000001号</a>' in html


def test_static_names_are_hashed_once_collected(tmp_path):
    with override_settings(DEBUG=False, STATIC_ROOT=tmp_path):
        storage = StaticStorage()
        assert storage.url("site/base.css") == "/static/site/base.css"
        storage.hashed_files = {"site/base.css": "site/base.0123456789ab.css"}
        assert storage.url("site/base.css") == "/static/site/base.0123456789ab.css"
