"""Two fields: same, part of, different. Written after the labelled names, and by the same hand."""

import random
from datetime import date

import pytest

from qingfu.text.fields.lexicon import FACTS, MARKS, WORDS, wider
from qingfu.text.fields.matching import DIFFERENT, Dictionary, compare
from qingfu.text.fields.periods import Period, parse
from qingfu.text.fields.reading import read

from .labels import labelled

SAME_DAY = "2025年末"


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        ("在校生（女）", "其中女生数", "same"),
        ("学生总数", "在校学生数（人）", "same"),
        ("耕地面积（公顷）", "耕地面积（亩）", "same"),
        ("村集体经济收入（元）", "村级集体经济收入（万元）", "same"),
        ("①户籍人口", "（二）户籍人口数：", "same"),
        ("矛盾纠纷调处成功率", "矛盾纠纷化解率", "same"),
        ("教师交流轮岗人数", "交流轮岗教师", "same"),
        ("參保人數", "参保人数", "same"),
        ("七十岁以上老人", "70周岁及以上老年人口", "same"),
        ("六年级学生数", "小学在校生数", "subset"),
        ("七年级在校生", "义务教育阶段学生数", "subset"),
        ("60周岁以上党员", "党员数", "subset"),
        ("80岁以上高龄老人", "70岁以上老年人", "subset"),
        ("小麦产量（吨）", "粮食产量（公斤）", "subset"),
        ("特岗教师", "教职工", "subset"),
        ("未整改隐患数", "安全隐患数", "subset"),
        ("志愿者", "党员志愿者", "superset"),
        ("户籍人口", "常住人口", DIFFERENT),
        ("户籍人口", "户籍户数", DIFFERENT),
        ("在校学生", "在籍学生", DIFFERENT),
        ("信访同比增长", "信访环比增长", DIFFERENT),
        ("公用经费", "生均公用经费", DIFFERENT),
        ("村集体经济收入目标", "村集体经济收入", DIFFERENT),
        ("未脱贫户数", "脱贫户数", DIFFERENT),
        ("应参保人数", "参保人数", DIFFERENT),
        ("全镇户籍人口", "本村户籍人口", DIFFERENT),
        ("上年末户籍人口", "户籍人口", DIFFERENT),
        ("学生社团数量", "学生参与社团人数", DIFFERENT),
        ("学生宿舍床位", "在校学生", DIFFERENT),
        ("机耕地面积", "耕地面积", DIFFERENT),
        ("随迁子女占在校生比例", "随迁子女占户籍人口比例", DIFFERENT),
        ("合计", "合计", DIFFERENT),
        ("女", "女生数", DIFFERENT),
    ],
)
def test_what_one_field_is_to_another(one, other, relation):
    there, back = (compare(read(*pair[:1], "", SAME_DAY), read(*pair[1:], "", SAME_DAY))
                   for pair in ((one, other), (other, one)))
    assert there.relation == relation
    assert back.relation == {"subset": "superset", "superset": "subset"}.get(relation, relation)
    assert there.reason


def test_the_level_that_the_name_says_is_nearer_than_the_forms():
    assert compare(read("全镇户籍人口", level="村"), read("户籍人口", level="村")).relation == DIFFERENT


def test_units_of_one_kind_are_converted_and_told():
    answer = compare(read("耕地面积", "公顷"), read("耕地面积", "亩"))
    assert answer.relation == "same"
    assert "1公顷＝15亩" in answer.reason


def test_an_unknown_unit_is_a_measure_of_its_own():
    assert compare(read("矿泉水", "瓶"), read("矿泉水", "箱")).relation == DIFFERENT


@pytest.mark.parametrize(
    ("name", "one", "other", "relation"),
    [
        ("户籍人口", "2025年末", "截至2025年12月31日", "same"),
        ("户籍人口", "2025年", "2025年12月", "same"),  # as it stands at the end
        ("户籍人口", "2025年末", "2024年末", DIFFERENT),
        ("矛盾纠纷排查数", "2025年上半年", "2025年1-6月", "same"),
        ("矛盾纠纷排查数", "2025年第二季度", "2025年", "subset"),
        ("矛盾纠纷排查数", "截至2025年6月底", "2025年上半年", "same"),
        ("矛盾纠纷化解率", "2025年第二季度", "2025年", DIFFERENT),  # a share of a part is no part of a share
        ("在校学生数", "2025年秋季学期", "2025—2026学年第一学期", "same"),
        ("在校学生数", "2025年秋季学期", "2026年春季学期", DIFFERENT),
        ("户籍人口", "", "2025年末", "same"),
        ("行政村名称", "2024年末", "2025年末", "same"),  # a name stands until it changes
    ],
)
def test_the_same_name_at_two_times(name, one, other, relation):
    assert compare(read(name, "", one), read(name, "", other)).relation == relation


def test_so_far_holds_what_was_done_this_year():
    so_far, this_year = read("累计改厕户数", "户", "2025年末"), read("当年改厕户数", "户", "2025年")
    assert compare(this_year, so_far).relation == "subset"


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2025年1-9月", Period(date(2025, 1, 1), date(2025, 9, 30))),
        ("2025-02", Period(date(2025, 2, 1), date(2025, 2, 28))),
        ("2024/2/29", Period(date(2024, 2, 29), date(2024, 2, 29), True)),
        ("2025年三季度末", Period(date(2025, 7, 1), date(2025, 9, 30), True)),
        ("2025年3月1日至2025年3月15日", Period(date(2025, 3, 1), date(2025, 3, 15))),
        ("2025年2月30日", Period(date(2025, 2, 1), date(2025, 2, 28))),
        ("二〇二五年", None),
        ("2025年13月", Period(date(2025, 1, 1), date(2025, 12, 31))),
    ],
)
def test_periods(text, period):
    assert parse(text)[0] == period


def test_any_text_is_read():
    random.seed(4)
    words = [*WORDS, *"（）()0123456789年月日%/~-。，一三占 \n\ud800", "999岁以上", "0岁", "三年级", "1人以下"]
    for _ in range(3000):
        name = "".join(random.choices(words, k=random.randint(0, 8)))
        read(name, random.choice(["", "元/人", "/", "瓶"]), "2025年", "村")


def test_the_dictionary_finds_what_comparing_with_each_finds():
    fields = [read(row["name"], row["unit"], row["period"], row["level"]) for row in labelled()]
    dictionary = Dictionary(enumerate(fields))
    for field in fields[::9]:
        slow = [(place, *compare(field, other)) for place, other in enumerate(fields)]
        assert [tuple(one) for one in dictionary.match(field)] == [one for one in slow if one[1] != DIFFERENT]


def test_what_the_data_name_is_there():
    known = {*FACTS, *MARKS}
    named = {part for table in (FACTS, MARKS) for entry in table.values() for part in entry.get("part_of", [])}
    named |= {entry["of"] for entry in MARKS.values() if "of" in entry}
    named |= {atom for word in WORDS.values() if word.role == "fact" for atom in word.means if ">=" not in atom}
    assert named <= known
    assert not set(FACTS) & set(MARKS)
    assert all(atom in wider(atom) for atom in known)
