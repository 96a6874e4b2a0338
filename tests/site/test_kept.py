"""``{% kept %}``: rendered once for equal inputs, and the body sees nothing else."""

from __future__ import annotations

import pytest
from django.template import Context, Engine, TemplateSyntaxError
from django.utils.translation import override

from qingfu.site.templatetags import kept
from qingfu.units.models import Unit


@pytest.fixture
def said(monkeypatch):
    """``said("…{% kept … %}…", word="甲")``: what a template says, with an empty shelf that is the test's own."""
    monkeypatch.setattr(kept, "shelf", kept._Shelf(3))
    engine = Engine(
        libraries={"kept": "qingfu.site.templatetags.kept"},
        builtins=["qingfu.site.templatetags.kept", "django.templatetags.i18n"],
    )
    templates = {}

    def render(text: str, **values) -> str:
        template = templates.setdefault(text, engine.from_string(text))
        return template.render(Context(values))

    return render


class Counted:
    """An input that tells how often it was worked out."""

    def __init__(self, *inputs):
        self.inputs, self.times = inputs, 0

    def word(self) -> str:
        self.times += 1
        return f"<{'、'.join(map(str, self.inputs))}>"


def test_equal_inputs_are_rendered_once_and_others_anew(said):
    same, again, other = Counted("甲"), Counted("甲"), Counted("乙")
    text = "{% kept page=page %}{{ page.word }}{% endkept %}"
    assert [said(text, page=page) for page in (same, again, other)] == ["&lt;甲&gt;", "&lt;甲&gt;", "&lt;乙&gt;"]
    assert [same.times, again.times, other.times] == [1, 0, 1]


def test_the_body_sees_nothing_but_its_inputs(said):
    assert said("{{ b }}{% kept a=a %}{{ a }}{{ b }}{% endkept %}{{ b }}", a=1, b=2) == "212"


def test_each_language_has_its_own(said):
    text = '{% kept a=1 %}{% translate "今天" %}{% endkept %}'
    with override("zh-hans"):
        assert said(text) == "今天"
    with override("en"):
        assert said(text) != "今天"


def test_yes_is_not_one(said):
    text = "{% kept a=a %}{{ a }}{% endkept %}"
    assert [said(text, a=one) for one in (True, 1, 1.0)] == ["True", "1", "1.0"]


def test_two_parts_with_the_same_inputs_are_two(said):
    assert said("{% kept a=1 %}甲{% endkept %}{% kept a=1 %}乙{% endkept %}") == "甲乙"


def test_tokens_and_keys_are_put_in_afterwards(said):
    text = "{% kept a=1 %}{% csrf_token %}{{ key }}-w{{ a }}{% endkept %}"
    for token in ("eins", "zwei"):
        found = said(text, csrf_token=token, key=f"k{token}")
        assert found == f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">k{token}-w1'


def test_the_oldest_goes_and_what_is_long_does_not_stay(said):
    text = "{% kept page=page %}{{ page.word }}{% endkept %}"
    pages = [Counted(one) for one in "甲乙丙丁"]
    for page in (*pages, pages[0]):
        said(text, page=page)
    assert [page.times for page in pages] == [2, 1, 1, 1]
    long = Counted("长" * kept.LONGEST)
    for _ in range(2):
        said(text, page=long)
    assert long.times == 2


def test_rows_of_the_database_and_lists_are_no_inputs(said):
    row = Unit(pk=1, tenant_id=1)
    for value in (row, Counted((row,)), [1]):
        with pytest.raises(TypeError):
            said("{% kept a=a %}{{ a }}{% endkept %}", a=value)


@pytest.mark.parametrize("tag", ["kept", "kept a", "kept a=1 b", "kept a=1 %}{% block b %}{% endblock"])
def test_what_cannot_be_kept_is_no_template(said, tag):
    with pytest.raises(TemplateSyntaxError):
        said("{% " + tag + " %}{% endkept %}")
