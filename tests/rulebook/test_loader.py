"""What the loader refuses, and how it says so: the file, the limit, the field, what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingfu.rulebook import Pack, RulebookError, load_examples, load_national, load_pack

HEAD = """
[pack]
id = "qinghe.homework"
level = "county"
title = "作业"
[documents.xian]
title = "青禾县作业管理办法"
issued = 2025-08-15
"""
LIMIT = """
[[limit]]
id = "qinghe.homework.g3-6"
title = "每天书面作业总时长"
kind = "homework"
where = { form = "written" }
bearer = "class"
applies = { grades = [3, 4] }
form = "at_most"
measure = "minutes"
window = "school_day"
force = "must"
"""
VALUE = """
[[limit.value]]
from = 2025-09-01
cap = 50
document = "xian"
confidence = "local"
"""
GOOD = HEAD + LIMIT + VALUE


def refusal(text: str) -> RulebookError:
    with pytest.raises(RulebookError) as refused:
        Pack.from_toml(text, "qinghe.toml")
    assert "qinghe.toml" in str(refused.value)
    return refused.value


def test_a_good_pack_is_read():
    limit = Pack.from_toml(GOOD).limit("qinghe.homework.g3-6")
    assert (limit.bearer, limit.values[0].cap, limit.applies.grades) == ("class", 50, (3, 4))


@pytest.mark.parametrize(
    ("before", "after", "field", "complaint"),
    [
        ('force = "must"', 'force = "must"\nforce_word = "须"', "force_word", "不认识这个字段"),
        ('form = "at_most"', 'form = "atmost"', "form", "不在词表里"),
        ('kind = "homework"', 'kind = "homewrok"', "kind", "不在词表里"),
        ('kind = "homework"', "kind = ['homework']", "kind", "不在词表里"),
        ('measure = "minutes"', 'measure = "hours"', "measure", "不在词表里"),
        ('window = "school_day"', 'window = "each"', "window", "累计"),
        ('window = "school_day"', 'window = "period"', "value.to", "写 to"),
        ('force = "must"', 'force = "shall"', "force", "不在词表里"),
        ('bearer = "class"', 'bearer = "classroom"', "bearer", "不在词表里"),
        ("grades = [3, 4]", "grades = [3, 13]", "grades", "不在词表里"),
        ("{ grades = [3, 4] }", "3", "applies", "一张表"),
        ('{ form = "written" }', '"written"', "where", "一张表"),
        ('{ form = "written" }', '{ form = { is = "written" } }', "where.form", "not"),
        ('{ form = "written" }', "{ form = 1.5 }", "where.form", "文字、整数"),
        ('title = "每天书面作业总时长"', 'title = ""', "title", "写一段文字"),
        ("cap = 50", "cap = 50.5", "cap", "整数"),
        ("cap = 50", "cap = -1", "cap", "不小于 0"),
        ("cap = 50", "cap = true", "cap", "整数"),
        ("cap = 50", "", "value.cap", "要写 cap"),
        ("cap = 50", "cap = 50\nfloor = 5", "value.floor", "不认识"),
        ("from = 2025-09-01", 'from = "2025-09-01"', "from", "不加引号"),
        ("from = 2025-09-01", "", "from", "不加引号"),
        ("from = 2025-09-01", "from = 2025-09-01\nto = 2025-08-31", "value.to", "早于"),
        ("from = 2025-09-01", "from = 2024-09-01", "value.from", "早于文件"),
        ('document = "xian"', 'document = "sheng"', "value.document", "不在词表里"),
        ('confidence = "local"', 'confidence = "sure"', "value.confidence", "不在词表里"),
        ('confidence = "local"', "", "value.confidence", "不在词表里"),
        ('force = "must"', 'force = "must"\npart = { marked = true }', "part", "share_at_least_of_whole"),
    ],
)
def test_a_mistake_is_refused_with_limit_and_field(before, after, field, complaint):
    assert before in GOOD
    error = refusal(GOOD.replace(before, after, 1))
    assert (error.limit, error.field) == ("qinghe.homework.g3-6", field)
    assert complaint in error.message


@pytest.mark.parametrize(
    ("text", "field", "complaint"),
    [
        ("[pack", "", "TOML"),
        ("", "pack", "缺少"),
        (HEAD.replace('level = "county"', 'level = "village"'), "pack.level", "不在词表里"),
        (HEAD.replace('"qinghe.homework"', '"青禾 作业"'), "pack.id", "编号"),
        (HEAD + "[limits]\n", "limits", "不认识"),
        (HEAD + "limit = 3\n", "documents.xian.limit", "不认识"),
        ("limit = 3\n" + HEAD, "limit", "[[limit]]"),
        (HEAD.replace("issued", "isued"), "documents.xian.isued", "不认识"),
        (HEAD + '[[times]]\nname = "lunch"\ntime = "12:00"', "times.name", "不在词表里"),
        (HEAD + '[[times]]\nname = "off_work"\ntime = "5pm"', "times.time", "时刻"),
        (HEAD + '[[list.contests]]\ntitle = "奥数"', "list.contests.title", "不认识"),
        (HEAD + '[[practice]]\nid = "x"\ntitle = "周测"\nkind = "quiz"', "kind", "不在词表里"),
        (
            HEAD + '[[practice]]\nid = "x"\ntitle = "周测"\nkind = "exam"\namounts = { hours = 1 }',
            "amounts.hours",
            "不认识",
        ),
    ],
)
def test_a_mistake_outside_limits_is_refused(text, field, complaint):
    error = refusal(text)
    assert error.field == field
    assert complaint in error.message


def test_a_limit_without_a_value_is_refused():
    assert "value" in refusal(HEAD + LIMIT).field


def test_two_limits_with_one_id_are_refused():
    assert "重复" in refusal(GOOD + LIMIT + VALUE).message


def test_values_that_overlap_are_refused():
    error = refusal(GOOD + VALUE.replace("2025-09-01", "2026-09-01"))
    assert "重叠" in error.message
    assert "2026-09-01" in error.message


def test_values_that_share_one_day_overlap():
    ended = VALUE.replace("from = 2025-09-01", "from = 2025-09-01\nto = 2026-09-01")
    assert "重叠" in refusal(HEAD + LIMIT + ended + VALUE.replace("2025-09-01", "2026-09-01")).message


def test_values_that_follow_each_other_are_a_series():
    ended = VALUE.replace("from = 2025-09-01", "from = 2025-09-01\nto = 2026-08-31")
    limit = Pack.from_toml(HEAD + LIMIT + ended + VALUE.replace("2025-09-01", "2026-09-01")).limits[0]
    assert [value.end is None for value in limit.values] == [False, True]


def test_a_day_between_two_values_has_none():
    ended = VALUE.replace("from = 2025-09-01", "from = 2025-09-01\nto = 2025-12-31")
    limit = Pack.from_toml(HEAD + LIMIT + ended + VALUE.replace("2025-09-01", "2026-03-01")).limits[0]
    assert limit.value_on(limit.values[0].end) is not None
    assert limit.value_on(limit.values[1].start.replace(day=1, month=2)) is None


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RulebookError, match="没有.toml"):
        load_pack(tmp_path / "没有.toml")


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    path = tmp_path / "gbk.toml"
    path.write_bytes(GOOD.encode("gbk"))
    with pytest.raises(RulebookError, match="UTF-8"):
        load_pack(path)


@given(st.text(max_size=200))
def test_no_text_brings_the_loader_down(text):
    try:
        Pack.from_toml(text)
    except RulebookError:
        pass


@given(st.integers(0, len(GOOD) - 1), st.sampled_from(["", "=", "[", '"', "9", "\n", "真"]))
def test_no_damage_to_a_good_pack_brings_the_loader_down(place, inserted):
    try:
        Pack.from_toml(GOOD[:place] + inserted + GOOD[place + 1 :])
    except RulebookError:
        pass


def every_pack():
    return [*load_national(), *load_examples()]


@pytest.mark.parametrize("pack", every_pack(), ids=lambda pack: pack.file)
def test_every_pack_survives_being_written_and_read(pack):
    assert Pack.from_toml(pack.to_toml()) == pack


def test_the_packs_of_the_tests_survive_too(nation, county, school):
    for pack in (nation, county, school):
        assert Pack.from_toml(pack.to_toml()) == pack


def test_a_pack_is_never_changed_but_succeeded(county):
    successor = county.next_version(title="作业管理")
    assert (county.version, county.title) == (2, "作业和课后服务")
    assert (successor.version, successor.title) == (3, "作业管理")
    with pytest.raises(AttributeError):
        county.title = "改名"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(str.strip))
def test_any_title_survives_being_written_and_read(title):
    pack = Pack("qinghe.homework", "county", title)
    assert Pack.from_toml(pack.to_toml()) == pack
