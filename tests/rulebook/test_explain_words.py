"""`explain` and `check` asked as a headmaster would, the answers expected from the fact sheet alone."""

import json

import pytest

from qingfu.cli import main


def explained(capsys, text):
    status = main(["rulebook", "explain", *text.split()])
    return status, capsys.readouterr().out


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("作业 --grade 四年级 --on 2025年11月12日", "→ 国家｜每天书面作业总时长：每个上学日不超过 60 分钟"),
        ("作业 --grade 初二 --on 2025/11/12", "每个上学日不超过 90 分钟"),
        ("作业 --stage 初中", "每个上学日不超过 90 分钟"),
        ("作业 --stage 小学", "班级（一、二年级）\n→ 国家｜一二年级不布置书面家庭作业：不应安排"),
        ("作业 --grade 三年级 --school ls-36 --on 2025-11-12", "→ 学校｜每天书面作业总时长：每个上学日不超过 20 分钟"),
        ("作业 --grade 四(2)班 --school ls-37 --on 2025-11-12", "→ 国家｜每天书面作业总时长：每个上学日不超过 60 分钟"),
        ("作业 --grade 8 --school l-01 --on 2025-11-12", "不超过 60 分钟"),
        ("睡眠 --grade 初一", "每天不少于 9 小时"),
        ("睡眠 --stage 高中", "每天不少于 8 小时"),
        ("就寝 --stage 小学", "21:20"),
        ("课程 --grade 3", "开始一般不早于 08:20"),
        ("考试 --grade 一年级 --on 2021-08-29", "每学期不超过 1 次"),
        ("考试 --grade 一年级 --on 2021-08-30", "每学期不超过 0 次"),
        ("考试 --grade 高一 --on 2025-12-17", "不得区域或跨校统考"),
        ("考试 --grade 九年级 --on 2025-11-12", "初三模拟考试次数：每学年不超过 2 次"),
        ("考试 --grade 5 --school ls-39 --on 2025-11-12", "→ 国家｜每学期校内统一考试次数：每学期不超过 1 次"),
        ("体育活动 --grade 4 --on 2025-11-12", "不少于 2 小时"),
        ("课间 --grade 4 --on 2025-11-12", "每次不少于 15 分钟"),
        ("课后服务 --grade 4 --on 2025-11-12", "每个上学日不少于 2 小时"),
        ("文件", "部门\n→ 国家｜发文数量：每年不超过上年的 100%"),
        ("文件 --bearer 乡镇", "专项文件字数：每次不超过 4000 字"),
        ("会议 --bearer 部门 --on 2024-08-06", "2024-08-06起"),
        ("讲话", "不超过 60 分钟"),
        ("借调 --bearer 学校 --on 2025-10-14", "原则上不安排"),
        ("督导 --bearer 学校 --on 2025-10-14", "每年不超过 1 次"),
        ("进校园活动 --on 2025-10-14", "每学期不超过 6 次"),
        ("清单 --bearer 省 --on 2025-10-14", "每年不超过 10 次"),
        ("值班值守 --bearer 学校 --on 2025-10-14", "每年不超过 5 次"),
        ("校外培训 --on 2021-07-23", "每次不超过 40 分钟"),
        ("校外培训 --on 2021-07-24", "每次不超过 30 分钟"),
        ("收费 --bearer 机构 --on 2022-12-29", "不超过 5000 元"),
        ("竞赛 --bearer 学校", "要在有效的名单里"),
        ("政务应用 --bearer 乡镇 --on 2026-01-25", "不建"),
        ("收费 --bearer 学校", "学校（一至九年级）"),
        ("网络游戏 --on 2021-08-30", "20:00"),
        ("场所", "规则库里没有管到这件事的规定"),
    ],
)  # fmt: skip
def test_explain_is_asked_in_chinese(capsys, asked, said):
    status, out = explained(capsys, asked)
    assert status == 0
    assert said in out


def test_explain_tells_in_json_whom_each_step_is_for(capsys):
    _, out = explained(capsys, "作业 --json --on 2025-11-12")
    whom = {tuple(record["grades"]) for record in map(json.loads, out.splitlines())}
    assert whom == {(1, 2), (3, 4, 5, 6), (7, 8, 9), (10, 11, 12)}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("homewrok", "是不是 homework？"),
        ("作业 --grade 十三年级", "年级“十三年级”看不懂"),
        ("作业 --stage 大学", "小学"),
        ("作业 --bearer 火星", "乡镇"),
        ("作业 --on 2025-02-30", "请写成 2025-11-12"),
    ],
)
def test_what_explain_cannot_read_is_told_in_chinese(capsys, asked, said):
    with pytest.raises(SystemExit):
        explained(capsys, asked)
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("school", "number", "said"),
    [
        ("ls-02", 2, "结束不应晚于 22:00，比国家规定的宽"),
        ("ls-10", 6, "“一二年级每天作业时长”（一、二年级）：每个上学日不超过 60 分钟，比国家规定的宽"),
        ("ls-10", 6, "早到、午间、晚自习不算课后服务"),
        ("ls-11", 2, "周六全天上课"),
        ("ls-35", 1, "每天不少于 9 小时，比国家规定的宽。国家规定每天不少于 10 小时"),
        ("ls-36", 2, "语数英单元检测"),
        ("ls-37", 1, "漏了四年级"),
        ("ls-39", 1, "每学期不超过 2 次，比国家规定的宽。国家规定每学期不超过 1 次"),
        ("ls-41", 1, "不得早于 08:20，这次是 07:45"),
        ("l-31", 1, "每次不超过 90 分钟，比国家规定的宽"),
    ],
)
def test_check_says_what_the_fact_sheet_says_of_local_rules(capsys, school, number, said):
    assert main(["rulebook", "check", "--school", school, "--on", "2026-03-02"]) == 1
    out = capsys.readouterr().out
    assert said in out
    assert f"共 {number} 处" in out


@pytest.mark.parametrize("school", ["ls-03", "ls-05", "ls-07", "ls-08", "ls-09", "ls-12", "ls-16", "ls-38", "ls-40"])
def test_check_finds_nothing_where_the_fact_sheet_finds_nothing(capsys, school):
    assert main(["rulebook", "check", "--school", school, "--on", "2026-03-02"]) == 0
    assert "共 0 处" in capsys.readouterr().out
