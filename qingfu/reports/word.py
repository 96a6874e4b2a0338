"""A report as Word: its blocks as a paper of GB/T 9704, its sources as the attachment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from qingfu.reports.composing import Block, Laid, chinese_day, slots
from qingfu.text.official import Paper, Paragraph, Picture, Said, Table, composed

HEADS, WIDTHS = ("序号", "数据", "定义和查询", "记录"), (1, 5, 7, 1.6)
ATTACHMENT = "数据来源"


def as_word(content: Mapping, found: Laid, day: date, charts: Mapping[str, bytes]) -> bytes:
    """The .docx. ``day`` is the date under the signature; ``charts`` are pictures by the source of their figures."""
    blocks = [made for one in found.blocks if (made := _block(content, one, charts)) is not None]
    return composed(
        Paper(
            content["title"], content["addressee"], blocks, ATTACHMENT, notes(content),
            Table(HEADS, WIDTHS, tuple(_row(one) for one in found.sources)), content["signature"], chinese_day(day),
        )
    )  # fmt: skip


def notes(content: Mapping) -> list[str]:
    """What holds for all figures: of whom, of when, taken when, from which state of the records."""
    _county, exported, files = content["digest"].split()
    return [
        f"正文里的标号对应下表的序号。范围：{content['unit']}；期间：{content['span']}；取数时间："
        f"{_moment(content['taken_at'])}；记录导出时间：{_moment(exported)}，校验码{files}。"
    ]


def _moment(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return f"{chinese_day(moment.date())}{moment:%H:%M}"


def _block(content: Mapping, block: Block, charts: Mapping[str, bytes]) -> Paragraph | Picture | None:
    if block.kind == "chart":
        picture = charts.get(block.chart["source"])
        return picture and Picture(picture, block.chart["title"])
    if block.blank:
        name = next(one["name"] for one in slots(content["template"]) if one["id"] == block.slot)
        return Paragraph((Said(f"（此处由撰稿人写{name}。）"),))
    return Paragraph(tuple(Said(words, mark) for words, mark in block.pieces), block.level)


def _row(source: Mapping) -> tuple[str, ...]:
    return str(source["number"]), source["what"], "".join(source["how"]), f"{source['records']}条"
