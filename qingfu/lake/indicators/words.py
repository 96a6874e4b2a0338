"""How columns, codes and expressions are said to people: ``data/words.toml`` and the texts of the schema."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from functools import cache

from qingfu.lake.indicators.catalogue import Condition, Expression, Indicator, Measure
from qingfu.lake.tables import ROOM, tables
from qingfu.rulebook.words import VOCABULARY, word

ASIDE = re.compile(r"[（；，：].*")  # what a column's text says beyond its name


@cache
def words() -> dict[str, dict]:
    """``data/words.toml``."""
    return tomllib.loads((ROOM / "data" / "words.toml").read_text("utf-8"))


def head_of(table: str, column: str) -> str:
    """What a column of a table is called; its own name where nobody named it."""
    texts = {one.name: ASIDE.sub("", one.text) for one in tables()[table].columns}
    return words()["columns"].get(column) or texts.get(column, column)


def value_of(column: str, value) -> object:
    """A value as people say it: codes by their word, attributes without the marks of JSON."""
    if isinstance(value, str) and column.startswith("attribute_") and value in ("true", "false"):
        value = json.loads(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if not isinstance(value, str):
        return value
    if column == "kind" and value in VOCABULARY["kinds"]:
        return word("kinds", value)
    return words()["values"].get(value, value)


def query_of(one: Indicator) -> str:
    """How an indicator is worked out, as a sentence: from which rows, what of them, and how.

    从“事项”取种类是作业、没有撤销、不是应急的；其中登记时超出的规定里有“没有报批的或写了理由的或提示过的”的；算它的个数（承担方、日子相同的算一个）占全部的百分之几。
    """
    expression, said = one.expression, words()["query"]
    whole = expression.whole
    parts = [said["rows"].format(table=tables()[whole.table].title, where=_where(whole))]
    if not whole.dated:
        parts.append(said["lasts"])
    elif whole.dated != tables()[whole.table].dated:
        parts.append(said["dated"].format(column=head_of(whole.table, whole.dated)))
    more = [condition for condition in expression.part.where if condition not in whole.where]
    if more:
        parts.append(said["part"].format(part=_conditions(whole.table, more)))
    return "；".join([*parts, _form(expression)]) + "。"


def _form(expression: Expression) -> str:
    said = {"what": _taken(expression.part), "percent": expression.percent}
    if expression.form == "percentile" and not expression.part.each:
        said["what"] = head_of(expression.part.table, expression.part.sum)
    per = expression.per
    if per is not None:
        said |= {"table": tables()[per.table].title, "where": _where(per).removesuffix("的"), "per": _taken(per)}
    return words()["query"]["forms"][expression.form].format(**said)


def _where(measure: Measure) -> str:
    return f"{_conditions(measure.table, measure.where)}的" if measure.where else words()["query"]["all"]


def _taken(measure: Measure) -> str:
    """What is counted in the rows of a measure."""
    names = "、".join(head_of(measure.table, name) for name in measure.each)
    total = measure.sum and head_of(measure.table, measure.sum)
    name = "sums" if total and names else "sum" if total else "each" if names else "count"
    return words()["query"][name].format(each=names, sum=total)


def _conditions(table: str, conditions: Iterable[Condition]) -> str:
    return "、".join(_condition(table, one) for one in conditions)


def _condition(table: str, one: Condition) -> str:
    said, column = words()["tests"], head_of(table, one.column)
    if one.value in ((True,), (False,)):
        return said["yes" if one.value[0] else "no"].format(column=column)
    if one.test in ("is", "names"):
        values = "或".join(str(value_of(one.column, value)) for value in one.value)
        return said[one.test].format(column=column, value=values)
    if one.test == "stated":
        return said["stated" if one.value else "not_stated"].format(column=column)
    value = head_of(table, one.value) if one.test in ("not_after", "above") else one.value
    return said[one.test].format(column=column, value=value)
