"""Folded templates say what unfolded ones say, in each language."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.template import Context, Engine
from django.template.base import TextNode
from django.utils.translation import override

from qingfu.site import settings
from qingfu.site.folding import Loader, fold

PARTS = {
    "shell.html": (
        '{% load qingfu_ui %}{% translate "今天" %} {% block content %}{% endblock %}{% url "sign_in" as x %}'
    ),
    "page.html": (
        '{% extends "shell.html" %}{% load qingfu_ui %}{% block content %}'
        '{% if who %}{% translate "退出" %}{% else %}{% url "homework:plan" %}{% endif %}'
        '{% for one in many %}{% icon "check" %}{{ one }}{% translate one %}{% chip "written" %}{% endfor %}'
        '{% translate "今天" as word %}{{ word }}{% static "site/base.css" %}{% comment %}不显示{% endcomment %}'
        '{% translate "今天"|upper %}{% endblock %}'
    ),
}
CONTEXTS = [{}, {"who": "王丽"}, {"many": ["今天", "<b>"]}]


def engine(folding: bool) -> Engine:
    plain = ("django.template.loaders.locmem.Loader", PARTS)
    return Engine(
        libraries={"qingfu_ui": "qingfu.site.templatetags.qingfu_ui"},
        builtins=settings.TEMPLATES[0]["OPTIONS"]["builtins"],
        loaders=[("qingfu.site.folding.Loader", [plain])] if folding else [plain],
    )


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("context", CONTEXTS)
def test_a_folded_template_says_what_the_plain_one_says(language, context):
    folded, plain = engine(True), engine(False)
    for _ in range(2):  # read, then from the cache
        with override(language):
            said = [one.get_template("page.html").render(Context(context)) for one in (folded, plain)]
            assert said[0] == said[1]


def test_each_language_has_its_own():
    folded = engine(True)
    with override("zh-hans"):
        chinese = folded.get_template("page.html").render(Context({"who": "王丽"}))
    with override("en"):
        english = folded.get_template("page.html").render(Context({"who": "王丽"}))
    assert "退出" in chinese and "退出" not in english


def test_constant_parts_are_one_text_and_variable_ones_stay():
    template = engine(False).from_string(
        '{% load qingfu_ui %}<p>{% translate "今天" %} {% icon "check" %}</p>{{ who }}{% icon who %}{% translate who %}'
    )
    fold(template.nodelist)
    first, *others = template.nodelist
    assert isinstance(first, TextNode) and first.s.startswith("<p>") and first.s.endswith("</svg></p>")
    assert len(others) == 3 and not any(isinstance(node, TextNode) for node in others)


def test_many_threads_read_one_template_at_once():
    folded = engine(True)

    def said(_: int) -> str:
        return folded.get_template("page.html").render(Context({"who": "王丽"}))

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(said, range(64)))) == 1


def test_the_site_uses_it():
    from django.template import engines

    assert isinstance(engines["django"].engine.template_loaders[0], Loader)
