"""Sample data of the design page: a Wednesday at 青禾县实验小学, which does not exist."""

from __future__ import annotations

from django import forms
from django.core.paginator import Paginator

from qingfu.site.icons import ICONS

SCHOOL = "青禾县实验小学"

DAYS = [
    {"label": "周一", "date": "11/10"},
    {"label": "周二", "date": "11/11"},
    {"label": "周三", "date": "11/12", "today": True},
    {"label": "周四", "date": "11/13"},
    {"label": "周五", "date": "11/14"},
]
PARTS = [
    {"label": "数学", "amount": 20},
    {"label": "英语", "amount": 15},
    {"label": "科学", "amount": 10, "kind": "held"},
]
WEEK = [
    {"label": "周四", "used": 50},
    {"label": "周五", "used": 40},
    {"label": "周一", "used": 55},
    {"label": "周二", "used": 0, "note": "无"},
    {"label": "今天", "used": 45, "today": True},
]
MINUTES = [
    [45, 60, 45, 30, 0],
    [30, 50, 60, 40, 0],
    [55, 40, 68, 35, 0],
    [40, 30, 35, 20, 0],
    [25, 45, 50, 60, 0],
    [60, 35, 40, 15, 0],
]


def _rows(labels: list[str], shift: int = 0) -> list[dict]:
    return [
        {
            "label": label,
            "href": "#",
            "cells": [
                {"used": used, "cap": 60, "href": "#", "note": "" if used else "无作业日"}
                for used in MINUTES[(number + shift) % len(MINUTES)]
            ],
        }
        for number, label in enumerate(labels)
    ]


GRADE_ROWS = _rows([f"三({number})班" for number in range(1, 7)])

HOMEWORK = [
    {
        "subject": "语文",
        "minutes": 20,
        "list": [
            {"text": "抄写第 5 课生字，每个 2 遍", "minutes": 12, "form": "written", "place": "课后服务"},
            {"text": "练习册第 18 页", "minutes": 8, "form": "written", "place": "课后服务"},
            {"text": "朗读课文，读给自己听", "minutes": 10, "form": "oral", "place": "家庭"},
        ],
    },
    {
        "subject": "数学",
        "minutes": 15,
        "list": [{"text": "练习册第 23–24 页", "minutes": 15, "form": "written", "place": "课后服务"}],
    },
    {
        "subject": "英语",
        "minutes": 10,
        "list": [
            {"text": "Unit 3 单词各写 1 遍", "minutes": 10, "form": "written", "place": "家庭"},
            {
                "text": "找一样厨房里的东西，用英语说一说",
                "minutes": 5,
                "form": "practical",
                "required": False,
                "place": "家庭",
            },
        ],
    },
]
SUBJECTS = [{"label": subject["subject"], "amount": subject["minutes"]} for subject in HOMEWORK]
REFUSAL = {
    "who": "三(2)班",
    "when": "今天",
    "asked": 25,
    "used": 45,
    "cap": 60,
    "left": 15,
    "unit": "分钟",
    "limit": "三至六年级每天书面作业平均完成时间不超过 60 分钟",
    "document": "关于进一步减轻义务教育阶段学生作业负担和校外培训负担的意见",
    "number": "中办发〔2021〕40 号",
    "clause": "第 4 条",
    "level": "国家规定，学校和县都不能放宽",
    "parts": PARTS,
    "options": [
        {
            "kind": "fewer",
            "label": "改成 15 分钟，今天就发",
            "detail": "去掉“练习册第 19 页”，其余照旧",
            "href": "#",
        },
        {
            "kind": "day",
            "label": "放到明天，周四",
            "detail": "明天还剩 40 分钟，是本周内最早放得下的一天",
            "href": "#",
        },
        {
            "kind": "ask",
            "label": "请数学让 10 分钟",
            "detail": "王老师今天有 20 分钟；请求会为您预留一天",
            "href": "#",
        },
    ],
}
FINDING = [
    {
        "when": "11 月 6 日 周四",
        "title": "三(3)班当天书面作业 68 分钟，超出 8 分钟",
        "detail": "数学临时补了一张练习，按“补登”记入。",
        "verdict": "warn",
    },
    {"when": "11 月 7 日 周五", "title": "年级组商定：周三留给阅读", "who": "三年级组"},
    {
        "when": "11 月 21 日 周五",
        "title": "回头看",
        "detail": "连续两周在规定之内，即自动办结。",
        "done": False,
    },
]
PALETTE = [
    ("paper", "纸"),
    ("surface", "面"),
    ("sunk", "底"),
    ("line-strong", "线"),
    ("ink", "墨"),
    ("ink-2", "次墨"),
    ("ink-3", "淡墨"),
    ("accent", "青禾"),
    ("accent-soft", "禾白"),
    ("sprout", "新芽"),
    ("ok", "宽松"),
    ("near", "快满"),
    ("full", "满"),
    ("over", "超出"),
    ("info", "提示"),
]
TYPE = [
    ("t-number", "3.5rem", "45"),
    ("t-display", "2.125rem", "今天都放得下"),
    ("t-title", "1.5rem", "写完后，还有 70 分钟归你"),
    ("t-lead", "1.25rem", "三(2)班 今天还剩 15 / 60 分钟"),
    ("t-body", "1.0625rem", "抄写第 5 课生字，每个 2 遍；朗读课文，读给自己听。"),
    ("t-note", "0.9375rem", "书面作业全部计入，不论在哪里完成。"),
    ("t-small", "0.8125rem", "中办发〔2021〕40 号 第 4 条"),
]
SPACE = [("s1", 4), ("s2", 8), ("s3", 12), ("s4", 16), ("s5", 24), ("s6", 36), ("s7", 56)]


class SampleForm(forms.Form):
    """One right field and one wrong one."""

    name = forms.CharField(label="班级名称", help_text="写全称，例如“三(2)班”。", initial="三(2)班")
    seats = forms.IntegerField(label="座位数", max_value=60)


def design() -> dict:
    """What the page `/design` shows."""
    form = SampleForm({"name": "三(2)班", "seats": "600"})
    return {
        "place": SCHOOL,
        "nav": (),
        "themes": ["light", "dark"],
        "palette": PALETTE,
        "type": TYPE,
        "space": SPACE,
        "days": DAYS,
        "grade_rows": GRADE_ROWS[:4],
        "parts": PARTS,
        "subjects": SUBJECTS,
        "icons": list(ICONS),
        "week": WEEK,
        "homework": HOMEWORK,
        "refusal": REFUSAL,
        "finding": FINDING,
        "form": form,
        "steps": ["写下", "核对", "公示"],
        "tabs": [
            {"label": "待整改", "href": "#", "current": True, "count": 3},
            {"label": "回头看", "href": "#", "count": 1},
            {"label": "已办结", "href": "#"},
        ],
        "page": Paginator(range(240), 20).page(5),
        "verdicts": ["pass", "inform", "warn", "needs_waiver", "refuse"],
        "places": ["课内", "课后服务", "晚自习", "家庭"],
    }
