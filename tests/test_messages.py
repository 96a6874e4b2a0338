"""Chinese is the source and the default; English is complete, and nothing Chinese but names and data is left in it."""

from __future__ import annotations

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from qingfu.rulebook import load_national
from tests.notices.conftest import (  # noqa: F401
    WRITTEN,
    clock,
    county,
    family,
    homework,
    link_of,
    national,
    three1,
    wednesday,
)
from tests.units.browser import signed_in_as

BIN = Path(__file__).parent.parent / "bin" / "messages.py"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|%[sd]")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
TEXT = "抄写第 5 课生字，每个 2 遍"
# Names of subjects and of people and places in tests/factories.py, and how a language is called in itself.
NAMES = ["青禾县实验小学", "青禾县", "三(1)班", "三(2)班", "三年级", "王丽", "语文", "数学", "英语", "中文"]


@pytest.fixture(scope="module")
def messages():
    """bin/messages.py, which is no module of the package."""
    spec = spec_from_file_location("messages", BIN)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def forms_of(message) -> list[tuple[str, str]]:
    """(Chinese, English) of the singular and, where there is one, the plural."""
    chinese = message.id if isinstance(message.id, tuple) else (message.id,)
    english = message.string if isinstance(message.string, tuple) else (message.string,)
    return list(zip(chinese, english, strict=True))


# ---- the catalogue ----


def test_every_text_of_the_package_has_english(messages):
    assert messages.without_english(messages.translated(messages.collected())) == []


def test_the_catalogue_holds_the_texts_of_the_package_and_no_others(messages):
    assert {one.id for one in messages.stored()} == {one.id for one in messages.collected()}


def test_the_compiled_catalogue_is_that_of_the_texts(messages):
    assert (messages.FOLDER / "django.mo").read_bytes() == messages.mo_of(messages.stored())


def test_english_keeps_every_placeholder(messages):
    pairs = [pair for one in messages.stored() if one.id for pair in forms_of(one)]
    wrong = [pair for pair in pairs if pair[1] and len({tuple(sorted(PLACEHOLDER.findall(text))) for text in pair}) > 1]
    assert wrong == []


# ---- what is collected ----


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('_("今天")', [("今天", None, None)]),
        ("f\"（{_('休息日')}）\"", [("休息日", None, None)]),
        ('ngettext("%(n)d 班", "%(n)d 个班", n)', [("%(n)d 班", "%(n)d 个班", None)]),
        ('pgettext_lazy("按钮", "公示")', [("公示", None, "按钮")]),
        ("gettext_lazy(place)", []),
        ('class A:\n    label = gettext_lazy("今天" "的作业")', [("今天的作业", None, None)]),
    ],
)
def test_texts_are_found_in_code(messages, source, texts):
    assert list(messages.of_python(source, "here.py")) == texts


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('{% translate "今天" %}', [("今天", None, None)]),
        ('{% translate "公示" context "按钮" %}', [("公示", None, "按钮")]),
        ('{{ day|date:_("n 月 j 日") }}', [("n 月 j 日", None, None)]),
        ('{% notice title=_("谢谢") %}', [("谢谢", None, None)]),
        (
            "{% blocktranslate trimmed with n=name %}\n  {{ n }}，\n  您好\n{% endblocktranslate %}",
            [("%(n)s， 您好", None, None)],
        ),
        (
            "{% blocktranslate count n=n %}{{ n }} 项{% plural %}{{ n }} 项{% endblocktranslate %}",
            [("%(n)s 项", "%(n)s 项", None)],
        ),
    ],
)
def test_texts_are_found_in_templates(messages, source, texts):
    assert list(messages.of_template(source, "here.html")) == texts


def test_a_text_put_together_at_run_time_cannot_be_translated(messages):
    with pytest.raises(messages.NotATranslatableText, match="here.py:1"):
        list(messages.of_python('_(f"还剩 {left} 分钟")', "here.py"))


# ---- the pages ----


def data_of_rules() -> list[str]:
    """Titles and citations of the national limits: they are quoted as they were published."""
    found: list[str] = []
    for pack in load_national():
        for limit in pack.limits:
            found.append(limit.title)
            found += [value.clause for value in limit.values]
        found += [part for one in pack.documents.values() for part in (one.title, one.number)]
    return found


def chinese_left(html: str, *data: str) -> list[str]:
    """What a reader of English sees in Chinese, names and ``data`` aside."""
    text = re.sub(r"(?s)<!--.*?-->|<(script|style|svg)\b.*?</\1>", " ", html)
    for known in sorted({*NAMES, *data, *data_of_rules()} - {""}, key=len, reverse=True):
        text = text.replace(known, " ")
    return CHINESE.findall(text)


def in_english(client: Client) -> Client:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def page_of(client: Client, address: str, **headers) -> str:
    response = client.get(address, follow=True, headers=headers or None)
    assert response.status_code == 200
    return response.content.decode()


def test_nothing_chinese_is_overlooked():
    """The check itself: a text that is neither a name nor data is found."""
    assert chinese_left("<p>三(1)班 今天</p>") == ["今天"]


def test_the_sign_in_page_in_english(cluster):
    html = page_of(in_english(Client()), "/")
    assert 'lang="en"' in html
    assert "Password" in html
    assert chinese_left(html) == []


def test_todays_page_in_english(county, homework, clock):  # noqa: F811
    homework("语文", TEXT, 12)
    html = page_of(in_english(signed_in_as(county, "王丽")), "/today/")
    assert "Today" in html
    example = re.findall(r'placeholder="[^"]*"', html)  # a message in Chinese, as it is pasted
    assert chinese_left(html, TEXT, *example) == []


@pytest.mark.parametrize("choose", ["cookie", "browser"])
def test_the_parents_page_in_english(county, three1, homework, clock, family, choose):  # noqa: F811
    homework("语文", TEXT, 12, {**WRITTEN, "place": "课后服务"})
    homework("数学", "口算 20 题", 5)
    client, headers = (in_english(Client()), {}) if choose == "cookie" else (Client(), {"accept-language": "en"})
    for token in (family, link_of(county, "class", three1.pk)):
        html = page_of(client, f"/c/{token}", **headers)
        assert "Today&#x27;s written homework" in html or "Today's written homework" in html
        assert chinese_left(html, TEXT, "口算 20 题") == []


def test_chinese_is_the_default(cluster, county, three1, homework, clock):  # noqa: F811
    homework("语文", TEXT, 12)
    token = link_of(county, "class", three1.pk)
    for headers in ({}, {"accept-language": "zh-CN,zh;q=0.9"}, {"accept-language": "fr"}):
        assert 'lang="zh-hans"' in page_of(Client(), "/", **headers)
        assert "今天的书面作业" in page_of(Client(), f"/c/{token}", **headers)


def test_a_reader_of_english_leaves_the_next_reader_in_chinese(county, three1, homework, clock):  # noqa: F811
    homework("语文", TEXT, 12)
    address = f"/c/{link_of(county, 'class', three1.pk)}"
    assert "written homework" in page_of(in_english(Client()), address)
    assert "今天的书面作业" in page_of(Client(), address)
