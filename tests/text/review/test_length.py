"""Length of documents by the rulebook of their day: by the kind that the title names, in characters and in pages."""

import pytest

from qingfu.text.review.reader import review_text

SENTENCES = [f"第{n}村护林员每天巡山一次，发现烟点当场扑灭，做到早发现早处置。" for n in range(1, 400)]
PARAGRAPHS = ["".join(SENTENCES[at : at + 8]) for at in range(0, len(SENTENCES), 8)]


def subs(title: str, characters: int, day: str, signed: str = "青禾县林业局") -> list[str]:
    body = "\n".join(PARAGRAPHS)[:characters]
    findings = review_text(f"{title}\n\n{body}\n\n{signed}\n{day}\n").findings
    return [found.sub for found in findings if found.kind == "length_limit"]


@pytest.mark.parametrize(
    ("title", "characters", "day", "due"),
    [
        ("关于加强林业工作的意见", 5400, "2025年10月16日", ["characters"]),
        ("关于加强林业工作的意见", 4700, "2025年10月16日", []),
        ("关于加强林业工作的意见", 5400, "2023年10月16日", []),
        ("关于加强林业工作的意见", 7000, "2022年10月16日", ["pages"]),
        ("关于加强林业工作的意见", 7000, "2018年10月16日", []),
        ("森林防火专项整治方案", 4600, "2025年10月16日", ["characters"]),
        ("森林防火专项整治方案", 3800, "2025年10月16日", []),
        ("2026年工作要点", 6000, "2025年12月16日", []),
        ("关于森林防火工作的报告", 5400, "2025年10月16日", ["characters"]),
        ("森林防火工作汇报", 5400, "2025年10月16日", []),
    ],
)
def test_a_document_is_as_long_as_the_rules_of_its_day_allow(title, characters, day, due):
    assert subs(title, characters, day) == due


def test_the_report_of_a_school_is_no_document_of_an_office():
    assert subs("关于劳动教育工作的报告", 5400, "2025年10月16日", "青禾县城关小学") == []


def test_a_fifth_level_of_numbers_is_told_and_a_fourth_is_not():
    levels = ["一、安排", "（一）近期", "1.立行立改", "（1）作业公示", "①每周一上墙。"]

    def told(lines):
        findings = review_text("作业管理工作方案\n\n" + "\n".join(lines) + "\n").findings
        return [(found.sub, found.severity) for found in findings if found.kind == "length_limit"]

    assert told(levels) == [("depth", "hint")] and not told(levels[:4])
