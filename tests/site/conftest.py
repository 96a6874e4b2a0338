"""Pages from above, on the county of the ledger's tests under the real national rulebook."""

from datetime import date

import pytest
from django.utils import timezone

from qingfu.ledger.actions import post, record
from qingfu.ledger.drafts import Draft
from qingfu.rulebook import load_calendar
from tests.browser import chromium, desk_page, live_site, page  # noqa: F401
from tests.findings.conftest import again, late, over, school_days_back  # noqa: F401
from tests.ledger.conftest import WRITTEN, county, national, new_key, rows  # noqa: F401

PRIMARY, JUNIOR = "青禾县实验小学", "青禾县第一中学"
TEACHERS = {"语文": "王丽", "数学": "李强", "英语": "陈静"}


def next_school_day(after: int = 1) -> date:
    day = timezone.localdate()
    for _ in range(after):
        day = load_calendar().next_school_day(day)
    return day


def week_of(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


@pytest.fixture
def posted(county):  # noqa: F811
    """Post written homework for a day to come: ``posted("语文", 20)``; today's stands in for no day."""

    def make(subject: str, minutes: int, class_name: str = "三(1)班", day: date | None = None, **more):
        day = day or next_school_day()
        draft = Draft(
            county.class_(class_name).pk, day, subject=subject, minutes=minutes, text=f"{subject}练习一页",
            attributes=WRITTEN, **more,
        )  # fmt: skip
        return post(county.actor(TEACHERS[subject]), [draft], new_key())

    return make


@pytest.fixture
def recorded(county):  # noqa: F811
    """Record homework of a school day that is over."""

    def make(minutes: int, class_name: str = "三(1)班", back: int = 1, subject: str = "语文"):
        draft = Draft(
            county.class_(class_name).pk, school_days_back(back), subject=subject, minutes=minutes, text="抄写词语",
            attributes=WRITTEN,
        )  # fmt: skip
        return record(county.actor(TEACHERS[subject]), [draft], new_key(), "课后补登")

    return make


