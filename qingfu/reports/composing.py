"""A work report put together from a template, figures, open problems and coming rules. Facts only.

A template (``data/templates/*.toml``) is text with places for figures. A sentence stands only if every figure that it
names is shown: one that is hidden or missing takes its sentence away, it never becomes a 0. What nobody but a person
can say has a place (slot) that she fills. ``compose`` gives a content that can be stored as JSON; ``laid`` numbers its
sources in the order in which the text comes to them, for the page and for Word alike.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

TEMPLATES = Path(__file__).parent / "data" / "templates"
_LONGEST_TITLE = 20  # of a problem or a rule in the table of sources; the whole of it stands in the text
_LONGEST_PERIOD = 10  # letters beside a name in a line of the title
_WORDS = ("title", "count", "places", "people", "summary", "day", "rule", "citation")  # places that are no figures
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Problem:
    """Open findings of one kind: ``ids`` are theirs, ``late`` those past their day, ``due_day`` the last day of the
    others, ``places`` how many units they are about, of which ``kinds`` these are; ``title`` is what the limit is
    called, or of a single check what was found."""

    key: str
    title: str
    ids: tuple[int, ...]
    places: int
    due_day: date | None
    late: tuple[int, ...] = ()
    check: bool = False
    kinds: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class ComingRule:
    """A rule that comes into force after the period: from which day, what it says, where."""

    limit_id: str
    title: str
    day: date
    rule: str
    citation: str


@dataclass(frozen=True)
class Facts:
    """All that a report may say: figures by indicator, figures of charts by (indicator, what they are cut by), what is
    open, what waits for its recheck, coming rules, and when and from which records this was taken."""

    figures: Mapping[str, object]
    cut: Mapping[tuple[str, str], Sequence[tuple[str, object]]]
    problems: Sequence[Problem]
    to_recheck: Sequence[int]
    rules: Sequence[ComingRule]
    taken_at: datetime
    digest: str


@cache
def templates() -> dict[str, dict]:
    """The templates by their id, which is the name of their file."""
    return {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(TEMPLATES.glob("*.toml"))}


def template_for(kind: str) -> str | None:
    """The template for a kind of unit; None where there is none."""
    return next((name for name, one in templates().items() if any(it["kind"] == kind for it in one["issuers"])), None)


def issuer_of(template: str, unit: Mapping[str, str]) -> str:
    """How a unit (its ``unit`` name and ``kind``) signs: the first of the template's issuers that fits."""
    fitting = (it for it in templates()[template]["issuers"] if it["kind"] == unit["kind"])
    return next(it["issuer"] for it in fitting if re.search(it.get("name", ""), unit["unit"])).format(**unit)


def figures_named(template: str) -> list[str]:
    """The indicators that a template's sentences ask for."""
    said = [text for item in _items(templates()[template]) for text in _texts(item.get("say", ()))]
    return list(dict.fromkeys(name for text in said for name in _PLACE.findall(text) if name not in _WORDS))


def cuts_named(template: str) -> list[tuple[str, str]]:
    """(indicator, what it is cut by) of a template's charts."""
    charts = (item["chart"] for item in _items(templates()[template]) if "chart" in item)
    return [(chart["figure"], chart["by"]) for chart in charts]


def slots(template: str) -> list[dict]:
    """The places that a person fills, in the order of the text: id, name, hint, needed."""
    return templates()[template]["slot"]


def _items(template: Mapping) -> Iterator[dict]:
    for part in template["part"]:
        yield from part["item"]


def _texts(said) -> Iterator[str]:
    """The sentences of an item; one may be several, of which the first that can be said is said."""
    for one in [said] if isinstance(said, str) else said:
        yield from [one] if isinstance(one, str) else one


# Composing


def compose(template: str, names: Mapping[str, str], first: date, last: date, facts: Facts) -> dict:
    """The content of a report: title, addressee, signature, blocks, problems, sources, and what is said without one.

    ``names``: unit (the institution) and its kind, above (the county or city above it), period (as people call it).
    """
    raw = templates()[template]
    words = {**names, "first": chinese_day(first), "last": chinese_day(last)}
    if len(names["period"]) > _LONGEST_PERIOD:
        words["period"] = f"\n{names['period']}"  # a line of the title for itself
    words["issuer"] = issuer_of(template, names)
    making = _Making(raw, facts, words)
    opening = raw["opening"].format(**words)
    return {
        "template": template,
        "title": raw["title"].format(**words),
        "addressee": raw["addressee"].format(**words),
        "signature": words["issuer"],
        "plain": [names["period"], words["first"], words["last"]],
        "blocks": [{"kind": "text", "pieces": [[opening, ""]]}, *making.blocks()],
        "problems": [making.problem(one) for one in facts.problems],
        "sources": making.sources,
        "span": f"{words['first']}至{words['last']}",
        "unit": names["unit"],
        "taken_at": facts.taken_at.isoformat(timespec="minutes"),
        "digest": facts.digest,
    }


def chinese_day(day: date) -> str:
    """As a document writes it (GB/T 9704, 7.3.5.4): 2026年9月1日."""
    return f"{day.year}年{day.month}月{day.day}日"


class _Making:
    """One run over a template: the blocks as they come, and the sources that they were taken from."""

    def __init__(self, raw: Mapping, facts: Facts, words: Mapping[str, str]) -> None:
        self.raw, self.facts, self.words = raw, facts, words
        self.sources: dict[str, dict] = {}

    def blocks(self) -> Iterator[dict]:
        for part in self.raw["part"]:
            yield {"kind": "heading", "level": 1, "text": part["title"]}
            for item in part["item"]:
                yield from self._item(item)

    def _item(self, item: Mapping) -> Iterator[dict]:
        if "slot" in item:
            yield {"kind": "slot", "slot": item["slot"]}
        elif "section" in item:
            yield {"kind": "heading", "level": 2, "text": item["section"]}
            yield from self._section(item)
        elif item["list"] in ("problems", "due"):
            yield {"kind": item["list"], **{name: item.get(name, "") for name in ("nothing", "say", "late")}}
        elif item["list"] == "rechecks":
            yield from self._rechecks(item)
        else:
            yield from self._rules(item)

    def _section(self, item: Mapping) -> Iterator[dict]:
        """The sentences whose figures are all shown; those without a figure only beside one that has one."""
        pieces, found = [], False
        for one in item["say"]:
            said = next((said for text in _texts([one]) if (said := self._sentence(text)) is not None), [])
            found = found or any(source for _text, source in said)
            pieces += said
        chart = self._chart(item["chart"]) if "chart" in item else None
        if not found and chart is None:
            pieces = [[item["nothing"], ""]]
        elif chart is not None:
            pieces += [[item["chart"]["lead"].removesuffix("。"), chart["source"]], ["。", ""]]
        yield {"kind": "text", "pieces": pieces}
        if chart is not None:
            yield chart

    def _sentence(self, text: str) -> list[list[str]] | None:
        """Pieces with their sources; None where a figure of it is not shown."""
        pieces, at = [], 0
        for place in _PLACE.finditer(text):
            figure = self.facts.figures[place[1]]
            if figure.state != "shown" or figure.value is None:
                return None
            pieces += [[text[at : place.start()], ""], [amount_of(figure), self._source_of(figure)]]
            at = place.end()
        return [piece for piece in [*pieces, [text[at:], ""]] if piece[0]]

    def _chart(self, chart: Mapping) -> dict | None:
        cut = self.facts.cut.get((chart["figure"], chart["by"]), ())
        shown = [(name, one) for name, one in cut if one.state == "shown" and one.value is not None]
        if len(shown) < 2:
            return None
        rows = [[name, float(one.value), amount_of(one)] for name, one in shown]
        one = shown[0][1].indicator
        source = self._source(f"indicator:{one.id}/{chart['by']}", {
            "kind": "indicator", "ref": one.id, "what": chart["title"], "records": sum(it.records for _n, it in shown),
            "how": [f"定义同“{one.name}”，按{chart['cut']}分开。", f"查询：指标 {one.id}。"],
        })  # fmt: skip
        return {"kind": "chart", "title": chart["title"], "rows": rows, "source": source}

    def _source_of(self, figure) -> str:
        one = figure.indicator
        return self._source(f"indicator:{one.id}", {
            "kind": "indicator", "ref": one.id, "what": f"{one.name}：{amount_of(figure)}", "records": figure.records,
            "how": [one.definition, f"查询：指标 {one.id}。"],
        })  # fmt: skip

    def _source(self, key: str, said: dict) -> str:
        self.sources[key] = said
        return key

    def problem(self, one: Problem) -> dict:
        """A problem as a sentence, with the findings as its source."""
        item = next(item for item in _items(self.raw) if item.get("list") == "problems")
        if one.check and "each_check" in item:
            text = item["each_check"].format(summary=one.title.rstrip("。"))
        else:
            said = item["check"] if one.check else item["say"]
            whom = self.raw["people"] if set(one.kinds) <= {self.raw["people_kind"]} else self.raw["others"]
            text = said.format(title=one.title, count=one.count, places=one.places, people=whom, **self.words)
        key = self._source(f"findings:{one.key}", _of_findings(f"待整改：{_short(one.title)}", one.ids))
        return {
            "key": one.key, "pieces": [[text.removesuffix("。"), key], ["。", ""]], "ids": list(one.ids),
            "late": list(one.late), "due_day": one.due_day and one.due_day.isoformat(),
        }  # fmt: skip

    def _rechecks(self, item: Mapping) -> Iterator[dict]:
        ids = list(self.facts.to_recheck)
        if ids:
            text = item["say"].format(count=len(ids))
            key = self._source("findings:to_recheck", _of_findings("等待回头看", ids))
            yield {"kind": "text", "pieces": [[text.removesuffix("。"), key], ["。", ""]]}

    def _rules(self, item: Mapping) -> Iterator[dict]:
        for rule in self.facts.rules:
            words = {"day": chinese_day(rule.day), "title": rule.title, "rule": rule.rule, "citation": rule.citation}
            key = self._source(f"rule:{rule.limit_id}", {
                "kind": "rule", "ref": rule.limit_id, "what": f"将要执行的规定：{_short(rule.title)}", "records": 1,
                "how": [f"{words['day']}起。", f"查询：规则库 {rule.limit_id}。"],
            })  # fmt: skip
            yield {"kind": "text", "pieces": [[item["say"].format(**words).removesuffix("。"), key], ["。", ""]]}


def _of_findings(what: str, ids: Sequence[int]) -> dict:
    return {
        "kind": "findings", "ref": list(ids), "what": what, "how": [f"查询：问题编号 {_numbers(ids)}。"],
        "records": len(ids),
    }  # fmt: skip


def _short(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else f"{title[:_LONGEST_TITLE]}…"


def amount_of(figure) -> str:
    """A figure with its unit, as a document writes it: 1280项, 92.1%; a change in words: 下降12.0%."""
    if figure.indicator.expression.form == "change":
        return _change(figure)
    return f"{figure.value:.{figure.indicator.decimals}f}{figure.indicator.unit}"


def _change(figure) -> str:
    shown = f"{abs(figure.value):.{figure.indicator.decimals}f}"
    if not float(shown):
        return "持平"
    return f"{'下降' if figure.value < 0 else '上升'}{shown}{figure.indicator.unit}"


def _numbers(ids: Sequence[int], most: int = 12) -> str:
    shown = " ".join(map(str, ids[:most]))
    return f"{shown} 等" if len(ids) > most else shown


# Laying out


@dataclass(frozen=True)
class Block:
    """What stands on the page: a heading, a text of pieces (words, number of the source or 0), or a chart.

    ``slot`` and ``key`` name the place or the problem that it comes from; ``blank``: the place is still to be filled.
    """

    kind: str
    level: int = 0
    pieces: tuple[tuple[str, int], ...] = ()
    slot: str = ""
    key: str = ""
    chart: Mapping | None = None
    blank: bool = False


@dataclass(frozen=True)
class Laid:
    """Blocks in their order, and the sources by their number, from 1."""

    blocks: list[Block]
    sources: list[dict]

    @property
    def text(self) -> str:
        """The words of the text, without marks: a line for each paragraph."""
        return "\n".join("".join(words for words, _mark in one.pieces) for one in self.blocks if one.pieces)


def laid(content: Mapping, written: Mapping[str, str], left_out: Iterable[str] = ()) -> Laid:
    """The content with what persons wrote and without the problems left out; parts without a word fall away."""
    return _Laying(content, written, set(left_out)).laid()


class _Laying:
    def __init__(self, content: Mapping, written: Mapping[str, str], left_out: set[str]) -> None:
        self.content, self.written = content, written
        self.problems = [one for one in content["problems"] if one["key"] not in left_out]
        self.sources = dict(content["sources"])
        self.needed = {one["id"] for one in slots(content["template"]) if one["needed"]}
        self.numbers: dict[str, int] = {}

    def laid(self) -> Laid:
        blocks = [block for raw in self.content["blocks"] for block in self._blocks(raw)]
        kept = [one for place, one in enumerate(blocks) if not _is_bare(one, blocks[place + 1 :])]
        return Laid(kept, [{**self.sources[key], "number": n} for key, n in self.numbers.items()])

    def _blocks(self, raw: Mapping) -> Iterator[Block]:
        if raw["kind"] == "heading":
            yield Block("heading", raw["level"], ((raw["text"], 0),))
        elif raw["kind"] == "text":
            yield Block("text", pieces=self._pieces(raw["pieces"]))
        elif raw["kind"] == "chart":
            self._number(raw["source"])
            yield Block("chart", chart=raw)
        elif raw["kind"] == "slot":
            yield from self._slot(raw["slot"])
        elif raw["kind"] == "problems":
            yield from self._problems(raw)
        else:
            yield from self._due(raw)

    def _number(self, source: str) -> int:
        return self.numbers.setdefault(source, len(self.numbers) + 1) if source else 0

    def _pieces(self, pieces: Sequence[Sequence[str]]) -> tuple[tuple[str, int], ...]:
        return tuple((text, self._number(source)) for text, source in pieces)

    def _slot(self, name: str) -> Iterator[Block]:
        words = self.written.get(name, "").strip()
        for line in filter(None, map(str.strip, words.splitlines())):
            yield Block("text", pieces=((line, 0),), slot=name)
        if not words and name in self.needed:
            yield Block("text", slot=name, blank=True)

    def _problems(self, raw: Mapping) -> Iterator[Block]:
        for one in self.problems:
            yield Block("text", pieces=self._pieces(one["pieces"]), key=one["key"])
        if not self.content["problems"]:
            yield Block("text", pieces=((raw["nothing"], 0),))

    def _due(self, raw: Mapping) -> Iterator[Block]:
        """One sentence for all that is still to be put right in time, one for what is late."""
        late = [number for one in self.problems for number in one["late"]]
        in_time = [number for one in self.problems for number in one["ids"] if number not in set(late)]
        last = max((one["due_day"] for one in self.problems if one["due_day"]), default="")
        for name, ids in (("say", in_time), ("late", late)):
            if ids:
                day = chinese_day(date.fromisoformat(last)) if last else ""
                text = raw[name].format(count=len(ids), day=day)
                self.sources[f"findings:{name}"] = _of_findings("期限内" if name == "say" else "已过期限", ids)
                pieces = [[text.removesuffix("。"), f"findings:{name}"], ["。", ""]]
                yield Block("text", pieces=self._pieces(pieces))


def _is_bare(block: Block, after: Sequence[Block]) -> bool:
    """A heading of a part under which nothing stands, nor a place to be filled."""
    return block.kind == "heading" and (not after or (after[0].kind == "heading" and after[0].level <= block.level))
