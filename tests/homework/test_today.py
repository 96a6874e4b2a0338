"""今天: the teacher's one page, and the way from a message to a posting."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client

from qingfu.homework import actions
from qingfu.homework.queries import day_name
from qingfu.rulebook import load_calendar
from qingfu.units.models import Membership, Unit
from qingfu.units.tenancy import as_tenant
from tests.factories import TERM_STARTS
from tests.homework.conftest import new_key
from tests.units.browser import signed_in_as

MESSAGE = "1.抄写第5课生字2遍 2.朗读课文三遍（口头） 3.练习册P23，约15分钟"


def text_of(response) -> str:
    """What a reader sees of a page."""
    html = re.sub(r"(?s)<(script|svg|head).*?</\1>", " ", response.content.decode())
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def fields_of(response) -> dict[str, list[str]]:
    """What a browser would send of the form of 核对 (its inputs, chosen options and texts)."""
    html = response.content.decode()
    form = re.search(r'(?s)<form[^>]*id="check-form".*?</form>', html).group()
    sent: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        kind = re.search(r'type="(\w+)"', tag)
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and (kind is None or kind.group(1) not in ("checkbox", "radio") or "checked" in tag):
            sent.setdefault(name.group(1), []).append(value.group(1) if value else "")
    for name, body in re.findall(r'(?s)<select[^>]*name="([^"]*)".*?>(.*?)</select>', form):
        chosen = re.search(r'value="([^"]*)" selected', body) or re.search(r'value="([^"]*)"', body)
        sent[name] = [chosen.group(1)]
    for name, body in re.findall(r'(?s)<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form):
        sent[name] = [body.strip()]
    sent.pop("csrfmiddlewaretoken", None)
    return sent


@pytest.fixture
def wang(county) -> Client:
    return signed_in_as(county, "王丽")


def test_her_classes_show_what_is_left(wang, county, posting):
    actions.post_homework(county.actor("李强"), posting("李强", "练习册第18页", 45), new_key())
    said = text_of(wang.get("/today/"))
    assert "三(1)班" in said and "三(2)班" in said
    assert "还剩 15 / 60 分钟" in said
    assert "数学 45" in said


def test_the_page_says_that_class_is_where_homework_is_set(wang, county, posting):
    actions.post_homework(county.actor("王丽"), posting("王丽", "抄写生字", 5), new_key())
    said = text_of(wang.get("/today/"))
    assert "以课堂布置为准" in said
    assert "群" not in said


@pytest.mark.parametrize("name", ["周涛", "孙校长", "赵敏", "刘科长", "管理员"])
def test_the_page_is_for_those_who_teach(county, name):
    assert signed_in_as(county, name).get("/today/").status_code == 403


def test_a_school_day_far_off_is_dated_once():
    calendar = load_calendar()
    far, near = (day_name(calendar, date(2026, 9, 1), today) for today in (date(2026, 7, 20), date(2026, 8, 28)))
    assert far.says_date and not near.says_date


def test_without_a_session_one_signs_in_first(cluster):
    response = Client().get("/today/")
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


def test_a_message_is_read_and_can_be_corrected(wang):
    said = text_of(wang.post("/homework/read/", {"text": MESSAGE, "to": "grade-3"}))
    assert "读到 3 项" in said
    assert "您写的" in said


def test_paste_check_post_is_three_requests(wang, stands):
    wang.get("/today/")
    check = wang.post("/homework/read/", {"text": MESSAGE, "to": "grade-3"})
    done = wang.post("/homework/post/", fields_of(check))
    assert done.status_code == 302
    assert [text for _, text, _ in stands("三(1)班")] == [text for _, text, _ in stands("三(2)班")]
    assert ("语文", "练习册P23，约15分钟", 15) in stands()


def test_a_second_tap_on_post_changes_nothing(wang, stands):
    sent = fields_of(wang.post("/homework/read/", {"text": MESSAGE, "to": "grade-3"}))
    wang.post("/homework/post/", sent)
    wang.post("/homework/post/", sent)
    assert len(stands()) == 3


def test_another_subject_is_shown_as_not_hers_and_not_posted(wang, stands):
    check = wang.post("/homework/read/", {"text": "语文：抄写生字2遍\n数学：练习册P23-24，约20分钟", "to": "grade-3"})
    assert "不是您的学科" in text_of(check)
    wang.post("/homework/post/", fields_of(check))
    assert [subject for subject, *_ in stands()] == ["语文"]


def test_forbidden_work_is_warned_of_with_its_document_while_she_types(wang):
    said = text_of(wang.post("/homework/lint/", {"text": "抄写生字，请家长批改并签字", "to": "grade-3"}))
    assert "给家长布置作业" in said
    assert "中办发〔2021〕40号" in said


def test_and_again_in_the_check_and_at_posting(wang, stands):
    check = wang.post("/homework/read/", {"text": "1.用手机完成口算20题 2.朗读课文", "to": "grade-3"})
    assert "用手机布置或完成作业" in text_of(check)
    refused = wang.post("/homework/post/", fields_of(check))
    said = text_of(refused)
    assert "不能布置" in said
    assert "教基厅函〔2021〕3号" in said
    assert "去掉第 1 项" in said
    assert stands() == []


def test_what_is_forbidden_beside_the_items_is_warned_of_too(wang, stands):
    check = wang.post("/homework/read/", {"text": "1.抄写生字，请家长批改 2.朗读课文", "to": "grade-3"})
    assert "不会公示；课堂上也请不要这样要求" in text_of(check)
    assert "给家长布置作业" in text_of(check)
    wang.post("/homework/post/", fields_of(check))
    assert not any("家长" in text for _, text, _ in stands())


def test_the_refusal_says_which_rule_what_is_left_and_what_would_fit(wang, county, posting):
    actions.post_homework(county.actor("李强"), posting("李强", "练习册第18页", 45), new_key())
    check = wang.post("/homework/read/", {"text": "写一篇日记，25分钟", "to": f"c{county.class_('三(1)班').pk}"})
    said = text_of(wang.post("/homework/post/", fields_of(check)))
    assert "放不下，可以这样调" in said
    assert "还剩 15 分钟，这次要 25 分钟" in said
    assert "教基厅函〔2021〕13号" in said
    assert "数学 45" in said
    assert "改成 15 分钟" in said
    assert "放到" in said
    assert "李强老师" in said
    assert "任何人都不能批准超出" in said


def test_one_button_posts_with_fewer_minutes(wang, county, posting, stands):
    actions.post_homework(county.actor("李强"), posting("李强", "练习册第18页", 45), new_key())
    check = wang.post("/homework/read/", {"text": "写一篇日记，25分钟", "to": f"c{county.class_('三(1)班').pk}"})
    sent = fields_of(check)
    wang.post("/homework/post/", sent)
    wang.post("/homework/post/", {**sent, "key": [new_key()], "minutes": ["0:15"]})
    assert ("语文", "写一篇日记，25分钟", 15) in stands()


def test_one_button_posts_on_the_first_day_with_room(wang, county, posting, stands, next_evening):
    actions.post_homework(county.actor("李强"), posting("李强", "练习册第18页", 45), new_key())
    check = wang.post("/homework/read/", {"text": "写一篇日记，25分钟", "to": f"c{county.class_('三(1)班').pk}"})
    sent = fields_of(check)
    refused = wang.post("/homework/post/", sent).content.decode()
    assert f'name="move" value="{next_evening.isoformat()}"' in refused
    wang.post("/homework/post/", {**sent, "key": [new_key()], "move": [next_evening.isoformat()]})
    assert stands(day=next_evening) == [("语文", "写一篇日记，25分钟", 25)]


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE ledger_demand; --",
        "<script>alert(1)</script>抄写生字2遍",
        "抄写\u202e生字\u202c2遍👍🏻",
        "抄写生字2遍\x00",
        "语" * 3000,
    ],
)
def test_odd_text_is_answered_clearly(wang, text):
    response = wang.post("/homework/read/", {"text": text, "to": "grade-3"})
    assert response.status_code == 200
    html = response.content.decode()
    assert "<script>alert" not in html
    assert "\u202e" not in html.split("<main")[1].split('id="text"')[0]


def test_a_message_of_100_kilobytes_is_refused_with_a_sentence_and_stays_in_the_box(wang):
    text = "抄写生字，" * 7000
    response = wang.post("/homework/read/", {"text": text, "to": "grade-3"})
    assert "一次最多读" in text_of(response)
    assert text in response.content.decode()


def test_emoji_and_directions_are_stored_clean(wang, stands):
    check = wang.post("/homework/read/", {"text": "抄写\u202e第5课\u202c生字2遍👍", "to": "grade-3"})
    wang.post("/homework/post/", fields_of(check))
    assert [text.startswith("抄写第5课生字2遍") for _, text, _ in stands()] == [True]


def test_a_forged_class_or_subject_is_an_error_of_the_form(wang, county, stands):
    sent = fields_of(wang.post("/homework/read/", {"text": "抄写生字2遍", "to": "grade-3"}))
    strange = county.class_("七(1)班", "青禾县第一中学").pk
    said = text_of(wang.post("/homework/post/", {**sent, "to": [f"c{strange}"]}))
    assert f"c{strange} 不在可用的选项中" in said
    wang.post("/homework/post/", {**sent, "i-0-subject": ["数学"]})
    assert stands() == []


def test_undoing_from_the_list(wang, county, posting, stands, next_evening):
    done = actions.post_homework(county.actor("王丽"), posting("王丽", "抄写生字", 5), new_key())
    wang.post("/homework/withdraw/", {"demand": list(done.demand_ids), "key": new_key()})
    assert stands() == []


def test_a_colleague_cannot_withdraw_what_is_not_hers(county, posting, stands):
    done = actions.post_homework(county.actor("王丽"), posting("王丽", "抄写生字", 5), new_key())
    chen = signed_in_as(county, "陈静")
    assert chen.post("/homework/withdraw/", {"demand": list(done.demand_ids), "key": new_key()}).status_code == 403
    assert len(stands()) == 1


def test_the_page_of_an_ordinary_day_takes_one_statement_beside_the_one_that_opens_the_tenant(county, posting):
    actions.post_homework(county.actor("王丽"), posting("王丽", "抄写生字", 5), new_key())
    assert queries_of(signed_in_as(county, "王丽"), "/today/") == 1


def test_a_class_that_is_renamed_has_its_new_name_on_the_page_at_once(county):
    client = signed_in_as(county, "王丽")
    client.get("/today/")
    with as_tenant(county.tenant_id):
        Unit.objects.filter(pk=county.class_("三(2)班").pk).update(name="三(2)班·银杏")
    assert "三(2)班·银杏" in client.get("/today/").content.decode()


def queries_of(client: Client, path: str) -> int:
    """How many statements a page takes once the rules and the session's tenant are known to this process, beside
    the one that opens the tenant and reads the session and the roles.
    """
    client.get(path)
    seen = []

    def note(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        assert client.get(path).status_code == 200
    return len(seen)


@pytest.mark.parametrize(("path", "at_least"), [("/today/", 1), ("/homework/plan/", 2)])
def test_the_number_of_queries_does_not_grow_with_classes(county, posting, path, at_least):
    actions.post_homework(county.actor("李强"), posting("李强", "练习册第18页", 45), new_key())
    few = queries_of(signed_in_as(county, "王丽"), path)
    with as_tenant(county.tenant_id):
        for name in ("一(1)班", "一(2)班", "四(1)班", "四(2)班", "五(1)班", "六(1)班"):
            Membership.objects.create(
                person=county.people["王丽"], unit=county.class_(name), role="teacher", subject="语文",
                starts=TERM_STARTS,
            )  # fmt: skip
    assert at_least <= queries_of(signed_in_as(county, "王丽"), path) <= few
