"""One class's day: the records behind a figure, with the document of each limit, and no person and no factor."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from qingfu.ledger.actions import grant_waiver, post, publish_pack, withdraw
from qingfu.ledger.drafts import Draft
from tests.ledger.conftest import WRITTEN, new_key
from tests.ledger.packs import school_pack
from tests.units.browser import signed_in_as

from .conftest import PRIMARY, next_school_day, school_days_back


def look(county, who: str, class_name: str = "三(1)班", day=None):
    day = day or next_school_day()
    return signed_in_as(county, who).get(f"/classes/{county.class_(class_name).pk}/{day}/")


def text(county, who: str = "赵敏", **more) -> str:
    return look(county, who, **more).content.decode()


def test_each_demand_says_what_it_takes_from_which_limit_and_by_which_document(county, posted):
    posted("语文", 20)
    html = text(county)
    assert "语文练习一页" in html.replace("</b> ", "")
    assert "每天书面作业总时长：计入 20 分钟" in html
    assert "教基厅函〔2021〕13号" in html


def test_every_limit_in_force_is_a_bar_of_its_own(county, posted):
    publish_pack(county.actor("孙校长"), county.schools[PRIMARY].pk, school_pack(45))
    posted("语文", 20)
    bars = look(county, "赵敏").context["bars"]
    assert [(bar["level"], bar["used"], bar["cap"]) for bar in bars] == [("国家", 20, 60), ("学校", 20, 45)]
    assert [bar["binding"] for bar in bars] == [False, True]


def test_late_entries_are_marked(county, recorded):
    recorded(30)
    assert "补登" in text(county, day=school_days_back(1))


def test_what_was_withdrawn_is_told_apart_with_its_reason(county, posted):
    answer = posted("语文", 20)
    withdraw(county.actor("王丽"), answer.demand_ids, new_key(), "课上已经做完")
    page = look(county, "赵敏")
    assert page.context["found"].items == []
    assert "课上已经做完" in page.content.decode()


def test_a_waiver_names_the_office_and_the_reason_and_no_person(county, posted):
    publish_pack(county.actor("孙校长"), county.schools[PRIMARY].pk, school_pack(45, force="principle"))
    day = next_school_day()
    grant_waiver(
        county.actor("孙校长"), county.class_("三(1)班").pk, "school.homework.written", day, day, 10, office="教务处",
        reason="区统考前复习", expires_at=timezone.make_aware(datetime.combine(day, time(23))),
    )  # fmt: skip
    html = text(county)
    assert "教务处 +10" in html and "区统考前复习" in html
    assert "孙校长" not in html


def test_who_may_lift_a_rule_is_led_from_the_day_to_the_waiver_with_all_filled_in(county, posted):
    publish_pack(county.actor("孙校长"), county.schools[PRIMARY].pk, school_pack(45))
    class_, day = county.class_("三(1)班").pk, next_school_day()
    href = f"/homework/waivers/?class={class_}&amp;limit=school.homework.written&amp;day={day}"
    assert href in text(county, "孙校长") and "/homework/waivers/?class" not in text(county, "周涛")
    form = signed_in_as(county, "孙校长").get(unescape(href)).context["form"]
    assert [str(form[name].value()) for name in ("class_id", "limit_id", "starts")] == [
        str(class_), "school.homework.written", str(day),
    ]  # fmt: skip


def test_a_finding_that_names_a_demand_of_the_day_is_linked(county, recorded):
    recorded(75)
    html = text(county, day=school_days_back(1))
    assert "由此发现的问题" in html and "/findings/" in html


@pytest.mark.parametrize("who", ["李强", "赵敏", "周涛", "刘科长"])
def test_nobody_sees_who_set_it_nor_anothers_factor(county, posted, who):
    """A stated figure beside the charged one would give the factor away: only the charged one is shown."""
    posted("英语", 20, factor=Decimal("1.35"), factor_version="2026-W46")
    html = text(county, who)
    assert "27 分钟" in html.replace("</span>", "").replace('<span class="num">', "")
    assert "1.35" not in html and "陈静" not in html
    assert not [part for part in html.split(">") if part.startswith("20 分钟")]


def test_another_class_and_another_school_are_closed(county):
    assert look(county, "李强", "四(1)班").status_code == 403
    assert look(county, "吴校长").status_code == 403


@pytest.mark.parametrize("address", ["2026-13-01", "2026-02-30", "abc", "1"])
def test_a_day_that_is_none_is_no_page(county, address):
    client = signed_in_as(county, "周涛")
    assert client.get(f"/classes/{county.class_('三(1)班').pk}/{address}/").status_code == 404


def test_a_day_outside_every_term_is_empty_and_says_so(county):
    assert "这一天没有作业" in text(county, day=next_school_day() + timedelta(days=250))


def test_a_school_is_no_class(county):
    assert signed_in_as(county, "周涛").get(f"/classes/{county.schools[PRIMARY].pk}/2026-11-12/").status_code == 404


def test_forty_items_ask_no_more_queries_than_one(county, posted):
    client = signed_in_as(county, "赵敏")
    address = f"/classes/{county.class_('三(1)班').pk}/{next_school_day()}/"

    def queries() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    posted("语文", 1)
    few = queries()
    for _ in range(39):
        posted("语文", 1)
    assert queries() == few


def test_what_a_teacher_wrote_is_text(county):
    draft = Draft(
        county.class_("三(1)班").pk, next_school_day(), subject="语文", minutes=5, text="<script>alert(1)</script>",
        attributes=WRITTEN,
    )  # fmt: skip
    assert post(county.actor("王丽"), [draft], new_key()).ok
    assert "&lt;script&gt;alert(1)" in text(county)
