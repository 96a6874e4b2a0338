"""`qingfu forms match`."""

import json

import pytest

from qingfu.cli import main

VILLAGE = """字段,单位,周期,层级
户籍人口,人,2025年末,村
在册户籍人口总数,名,截至2025年底,村
其中：女性户籍人口,人,2025年末,村
户籍人口,人,2024年末,村
"""


@pytest.fixture
def file(tmp_path):
    def written(text: str, name: str = "a.csv", encoding: str = "utf-8-sig") -> str:
        (tmp_path / name).write_bytes(text.encode(encoding))
        return str(tmp_path / name)

    return written


def answers(capsys, *arguments: str) -> tuple[int, list[dict], str]:
    status = main(["forms", "match", *arguments, "--json"])
    out, err = capsys.readouterr()
    return status, [json.loads(line) for line in out.splitlines()], err


def test_each_pair_within_a_file_is_answered_once(capsys, file):
    status, pairs, _ = answers(capsys, file(VILLAGE))
    assert status == 0
    assert [(one["rows"], one["relation"]) for one in pairs] == [
        ([3, 2], "same"), ([4, 2], "subset"), ([4, 3], "subset"),
    ]


def test_a_difference_is_told_with_its_reason(capsys, file):
    _, pairs, _ = answers(capsys, file(VILLAGE), "--near")
    assert {"rows": [5, 2], "names": ["户籍人口", "户籍人口"], "relation": "different", "reason": "周期不同"} in pairs


def test_against_what_was_collected(capsys, file):
    new = file("name,unit,period,level\n户籍人口（万人）,,2025年末,村\n党员数,名,2025年末,村\n", "new.csv", "gb18030")
    status, pairs, _ = answers(capsys, new, "--against", file(VILLAGE))
    assert status == 0
    assert [(one["rows"], one["relation"]) for one in pairs] == [
        ([2, 2], "same"), ([2, 3], "same"), ([2, 4], "superset"),
    ]


def test_rows_may_be_pairs(capsys, file):
    pairs = file("name,unit,other_name,other_unit\n耕地面积,亩,耕地总面积,公顷\n低保户数,户,低保人数,人\n")
    _, said, _ = answers(capsys, pairs)
    assert [(one["rows"], one["relation"]) for one in said] == [([2, 2], "same"), ([3, 3], "different")]


def test_bad_rows_are_named_by_number_and_the_others_answered(capsys, file):
    status, said, err = answers(capsys, file(VILLAGE + ",人,2025年末,村\n耕地面积,亩,随便,村\n"))
    assert status == 2
    assert len(said) == 5
    assert [one["row"] for one in said if "error" in one] == [6, 7]
    assert "第 6 行：没有写字段名" in err
    assert "第 7 行：看不懂周期“随便”" in err


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "户籍人口,人\n"])
def test_a_file_without_its_header_is_refused(capsys, file, text):
    status, said, err = answers(capsys, file(text))
    assert (status, said) == (2, [])
    assert "表头" in err


def test_a_file_that_is_not_there(capsys, tmp_path):
    status, said, err = answers(capsys, str(tmp_path / "none.csv"))
    assert (status, said) == (2, [])
    assert "读不了文件" in err
