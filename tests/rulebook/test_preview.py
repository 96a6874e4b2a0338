"""What a county sees before it publishes a new version."""

from dataclasses import replace
from datetime import date

import pytest

from qingfu.rulebook import Pack, preview
from qingfu.rulebook.model import LocalTime

TODAY = date(2025, 11, 12)


def test_nothing_changed_nothing_to_show(county):
    assert preview(county, county.next_version(), TODAY) == []


def test_a_first_version_is_all_new(county):
    changes = preview(None, county, TODAY)
    assert [change.kind for change in changes] == ["added", "added", "time"]
    assert changes[0].text_zh.startswith(
        "新增：每天书面作业总时长（三至六年级），每个上学日不超过 50 分钟，2025-09-01 起执行"
    )


def test_a_limit_taken_away(county):
    (change,) = preview(county, county.next_version(limits=county.limits[:1]), TODAY)
    assert change.text_zh == "删去：周末书面作业总时长（三至六年级），每个休息日不超过 45 分钟"


@pytest.fixture
def tightened(county):
    """The county goes from 50 to 45 minutes with the new year, as a new value."""
    ended = county.to_toml().replace(
        "cap = 50\n", 'to = 2025-12-31\ncap = 50\n\n[[limit.value]]\nfrom = 2026-01-01\ndocument = "xian"\n'
        'clause = "修订第六条"\nconfidence = "local"\ncap = 45\n', 1
    )  # fmt: skip
    return Pack.from_toml(ended)


def test_a_new_value_is_shown_with_its_day(county, tightened):
    (change,) = preview(county, tightened, TODAY)
    assert change.text_zh == (
        "改动：每天书面作业总时长（三至六年级），由“每个上学日不超过 50 分钟”改为“每个上学日不超过 45 分钟”，"
        "2026-01-01 起执行"
    )
    assert (change.start, change.backdated) == (date(2026, 1, 1), False)


def test_a_value_changed_in_place_is_called_backdated(county):
    changed = Pack.from_toml(county.to_toml().replace("cap = 50", "cap = 45"))
    (change,) = preview(county, changed, TODAY)
    assert change.backdated
    assert change.text_zh.endswith("2025-09-01 起执行（早于今天，已经发生的不重算）")


def test_a_value_that_ends_leaves_no_rule(county):
    ended = Pack.from_toml(county.to_toml().replace("cap = 50", "to = 2025-12-31\ncap = 50"))
    (change,) = preview(county, ended, TODAY)
    assert "改为“没有规定”，2026-01-01 起执行" in change.text_zh


def test_new_words_for_the_same_limit(county):
    reworded = Pack.from_toml(county.to_toml().replace("第六条", "第六条第一款"))
    (change,) = preview(county, reworded, TODAY)
    assert (change.kind, change.text_zh) == (
        "wording",
        "改写：每天书面作业总时长（三至六年级），依据或日期有改动，限额不变",
    )


def test_a_local_time_is_shown_with_its_day(county):
    early = replace(county, times=(*county.times, LocalTime("lessons_end", "16:30", date(2025, 9, 1))))
    later = replace(county, times=(
        *county.times,
        LocalTime("lessons_end", "16:30", date(2025, 9, 1), date(2025, 11, 30)),
        LocalTime("lessons_end", "15:50", date(2025, 12, 1)),
    ))  # fmt: skip
    (change,) = preview(early, later, TODAY)
    assert (change.kind, change.text_zh) == ("time", "改动：放学时间，由“16:30”改为“15:50”，2025-12-01 起执行")
    (gone,) = preview(early, county, TODAY)
    assert gone.backdated and "由“16:30”改为“本级没有写明”，2025-09-01 起执行" in gone.text_zh
