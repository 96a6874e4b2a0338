"""What the components say: the words and the table matter as much as the picture."""

import re

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from qingfu.site import samples
from qingfu.site.icons import ICONS
from qingfu.site.templatetags.qingfu_ui import CHIPS, VERDICTS, tone_of


def render(source: str, **context) -> str:
    html = Template("{% load qingfu_ui %}" + source).render(Context(context))
    return re.sub(r"\s+", " ", html)


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


@pytest.mark.parametrize(
    ("used", "tone"), [(0, "ok"), (44, "ok"), (45, "near"), (59, "near"), (60, "full"), (61, "over")]
)
def test_tone_follows_what_is_left_of_60(used, tone):
    assert tone_of(used, 60) == tone


def test_bar_says_what_is_left_in_words():
    html = render('{% budget_bar 45 60 who="三(2)班" when="今天" %}')
    assert "三(2)班 今天 还剩 15 / 60 分钟" in words(html)
    assert "快满了" in words(html)


def test_bar_over_the_cap_tells_by_how_much_and_draws_it_apart():
    html = render('{% budget_bar 68 60 when="今天" %}')
    assert "超出 8 / 60 分钟" in words(html)
    assert 'class="bar-line bar-over" x1="88.24%" x2="100%"' in html


def test_a_request_that_does_not_fit_is_cut_at_the_cap():
    parts = [{"label": "数学", "amount": 45}, {"label": "这次", "amount": 25, "kind": "new"}]
    html = render("{% budget_bar 70 60 parts=parts %}", parts=parts)
    assert 'bar-new" x1="64.29%" x2="85.71%"' in html
    assert 'bar-over" x1="85.71%" x2="100%"' in html


def test_held_minutes_are_named():
    html = render(
        "{% budget_bar 10 60 parts=parts %}", parts=[{"label": "科学", "amount": 10, "kind": "held"}]
    )
    assert "科学 10（预留）" in words(html)


def test_grades_one_and_two_are_told_in_words_without_a_bar():
    html = render('{% budget_bar 0 0 who="二(1)班" when="今天" %}')
    assert "不留书面作业" in words(html)
    assert "<svg" not in html


def test_parents_see_no_alarm_within_the_limit():
    html = render("{% budget_bar 60 60 calm=True %}")
    assert "在规定之内" in words(html)
    assert "budget-ok" in html


def test_heat_map_is_a_table_with_a_link_and_words_in_every_cell():
    html = render(
        '{% heat_map rows days "三年级本周" %}',
        days=[{"label": "周三", "date": "11/12", "today": True}],
        rows=[{"label": "三(3)班", "cells": [{"used": 68, "cap": 60, "href": "/x"}]}],
    )
    assert "<caption" in html
    assert '<th scope="row">三(3)班</th>' in html
    assert 'href="/x"' in html
    assert "68 分钟，上限 60，超出" in words(html)


def test_heat_map_tells_what_is_held_and_what_is_planned_apart_from_what_stands():
    cell = {"used": 45, "cap": 60, "held": 15, "planned": 25}
    html = render('{% heat_map rows days "x" %}', days=samples.DAYS[:1], rows=[{"label": "三(1)班", "cells": [cell]}])
    assert "45 +25 计划" in words(html) and "其中预留 15" in words(html)
    assert html.count("heat-pending") == 1
    assert "heat-cell heat-near" in html  # a plan makes no day over


def test_heat_map_refuses_a_row_with_a_day_missing():
    with pytest.raises(ValueError, match="zip"):
        render('{% heat_map rows days "x" %}', days=samples.DAYS, rows=[{"label": "三(1)班", "cells": []}])


def test_refusal_names_limit_document_clause_and_every_way_out():
    text = words(render("{% refusal answer %}", answer=samples.REFUSAL))
    assert "放不下，可以这样调" in text
    assert "还剩 15 分钟，这次要 25 分钟" in text
    assert "中办发〔2021〕40 号 第 4 条" in text
    for option in samples.REFUSAL["options"]:
        assert option["label"] in text


def test_what_people_wrote_is_escaped():
    html = render("{% row title=text meta=text %}{% endrow %}", text="<b onclick=x>")
    assert "<b onclick" not in html


def test_block_components_keep_their_markup():
    html = render('{% card title="我的班" %}<p>一张卡片</p>{% endcard %}')
    assert "<p>一张卡片</p>" in html


def test_pagination_keeps_the_rest_of_the_address():
    request = RequestFactory().get("/x/?q=三(2)班&page=2")
    html = render("{% pagination page %}", page=Paginator(range(100), 10).page(2), request=request)
    assert "q=%E4%B8%89%282%29%E7%8F%AD&amp;page=3" in html
    assert 'aria-current="page">2<' in html


def test_qr_tile_has_no_inline_style():
    html = render('{% qr_tile "https://example.org/c/abc" caption="今天的作业" %}')
    assert "<path" in html
    assert "style" not in html


def test_every_chip_and_verdict_has_its_icon():
    assert {picture for _, picture in [*CHIPS.values(), *VERDICTS.values()]} <= set(ICONS)
