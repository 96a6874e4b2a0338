"""A new version of a frozen figure, who carries on what a unit did, and the list that somebody brings along."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from qingfu.ledger.actions import Figure
from qingfu.ledger.drafts import MOST
from qingfu.ledger.models import Baseline
from qingfu.offices.forms.shared import ListFilter, day_field, filter_field
from qingfu.offices.queries.baselines import ALL, CHANGED, MISSING, Line, settings
from qingfu.offices.tables import first_sheet, text_of
from qingfu.units.models import Unit
from qingfu.units.workbook.safety import WorkbookError, column_letters

COLUMNS = ("单位", "规定", "哪一年的数", "数", "出处")
"""Heads of the list, in its order."""


class ChangeForm(forms.Form):
    """A new version: the figure, who decided it, and why."""

    amount = forms.IntegerField(label=_("改成多少"), min_value=0, max_value=MOST)
    office = forms.CharField(label=_("哪个单位定的"), max_length=80)
    reason = forms.CharField(label=_("为什么改"), max_length=300, widget=forms.Textarea({"rows": 2}))


class SuccessorsForm(forms.Form):
    """单位合并、拆分: what a unit did until a day counts for others from then on."""

    before = forms.TypedChoiceField(label=_("哪个单位撤并、分出"), coerce=int)
    since = day_field(_("从哪天起"))
    office = forms.CharField(label=_("哪个单位定的"), max_length=80)

    def __init__(self, *args, units: Sequence[Unit], **kwargs):
        super().__init__(*args, **kwargs)
        choices = [("", gettext("请选")), *((unit.pk, unit.name) for unit in units)]
        self.fields["before"].choices = choices
        self.numbers = range(1, settings()["successors"] + 1)
        for n in self.numbers:
            needed = n == 1
            self.fields[f"unit_{n}"] = forms.TypedChoiceField(
                label=gettext("第 %(n)s 个接着做的单位") % {"n": n}, coerce=int, choices=choices, required=needed,
                empty_value=None,
            )  # fmt: skip
            self.fields[f"share_{n}"] = forms.IntegerField(
                label=gettext("占百分之几"), min_value=1, max_value=100, required=needed
            )

    def pairs(self) -> list:
        """The fields of each successor, side by side."""
        return [(self[f"unit_{n}"], self[f"share_{n}"]) for n in self.numbers]

    def clean(self) -> dict:
        said = super().clean()
        for n in self.numbers:
            if (said.get(f"unit_{n}") is None) != (said.get(f"share_{n}") is None) and f"share_{n}" not in self.errors:
                self.add_error(f"share_{n}", gettext("单位和百分比要一起写"))
        chosen = [said[f"unit_{n}"] for n in self.numbers if said.get(f"unit_{n}")]
        if len(set(chosen)) < len(chosen):
            self.add_error(None, gettext("同一个单位选了两次"))
        return said

    def shares(self) -> dict[int, int]:
        """Percent by unit, once the form is valid."""
        said = self.cleaned_data
        return {said[f"unit_{n}"]: said[f"share_{n}"] for n in self.numbers if said[f"unit_{n}"]}


class FilterForm(ListFilter):
    """Which figures a page shows."""

    what = filter_field((ALL, _("全部")), (MISSING, _("还缺的")), (CHANGED, _("改过的")))


def read_list(data: bytes, name: str, lines: Sequence[Line]) -> tuple[list[Figure], int, list[str]]:
    """(figures that are new, how many are frozen already with the same amount, what is wrong by row and column) of an
    .xlsx or .csv file; ``lines`` are the figures that its reader may freeze. Raises WorkbookError."""
    rows, formulas = (_csv_rows(data), set()) if name.lower().endswith(".csv") else first_sheet(data)
    heads = [text_of(cell) for cell in rows[0]] if rows else []
    missing = [head for head in COLUMNS if head not in heads]
    if missing:
        raise WorkbookError(gettext("第 1 行缺少这几列：%(heads)s。请用下载的模板。") % {"heads": "、".join(missing)})
    places = {head: heads.index(head) for head in COLUMNS}
    filled = [(number, row) for number, row in enumerate(rows[1:], start=2) if any(text_of(cell) for cell in row)]
    most = settings()["import_rows"]
    if len(filled) > most:
        counts = {"most": most, "count": len(filled)}
        raise WorkbookError(gettext("一次至多导入 %(most)s 行，这里有 %(count)s 行") % counts)
    return _read_rows(filled, places, formulas, lines)


def _read_rows(filled, places: dict[str, int], formulas: set[str], lines: Sequence[Line]):
    found, same, problems, seen = [], 0, [], {}
    for number, row in filled:
        said = {head: text_of(row[column]) if column < len(row) else "" for head, column in places.items()}
        where = {head: f"{column_letters(column + 1)}{number}" for head, column in places.items()}
        if not said["数"]:
            continue  # a line of the template that nobody filled in
        line, faults = _read_row(said, lines)
        faults += [(head, gettext("是公式，请粘贴成数值")) for head in COLUMNS if where[head] in formulas]
        if line is not None and not faults:
            amount = int(unicodedata.normalize("NFKC", said["数"]))
            if line.place in seen:
                faults.append(("单位", gettext("和第 %(row)s 行是同一个") % {"row": seen[line.place]}))
            elif line.latest is None:
                found.append(Figure(
                    line.unit.pk, line.limit.id, line.year, amount, Baseline.Origin.IMPORT.value, said["出处"]
                ))  # fmt: skip
            elif line.latest.amount == amount:
                same += 1
            else:
                now = {"amount": line.latest.amount}
                faults.append(("数", gettext("已经冻结为 %(amount)s，要改请在页面上写新版本") % now))
            seen.setdefault(line.place, number)
        problems += [f"{where[head]}：{text}" for head, text in faults]
    return found, same, problems


def _read_row(said: dict[str, str], lines: Sequence[Line]) -> tuple[Line | None, list[tuple[str, str]]]:
    faults = []
    mine = [one for one in lines if one.unit.name == said["单位"]]
    fitting = [one for one in mine if said["规定"] in (one.limit.title, one.limit.id)]
    if not mine:
        faults.append(("单位", gettext("没有“%(name)s”这个单位，或它不用上年的数") % {"name": said["单位"][:20]}))
    elif len(fitting) != 1:
        titles = "、".join(dict.fromkeys(one.limit.title for one in mine))
        faults.append(("规定", gettext("只能填：%(choices)s") % {"choices": titles}))
    year = lines[0].year - 1 if lines else None
    if unicodedata.normalize("NFKC", said["哪一年的数"]).removesuffix("年") != str(year):
        faults.append(("哪一年的数", gettext("今年用的是 %(year)s 年的数") % {"year": year}))
    amount = unicodedata.normalize("NFKC", said["数"])
    if not re.fullmatch(r"[0-9]{1,9}", amount) or int(amount) > MOST:
        faults.append(("数", gettext("应填 0 以上的整数")))
    if not 0 < len(said["出处"]) <= 200:
        faults.append(("出处", gettext("请写这个数从哪里来，200 字以内")))
    return (fitting[0] if len(fitting) == 1 else None), faults


def _csv_rows(data: bytes) -> list[list[str]]:
    """A .csv as Excel and WPS save it, in UTF-8 or GB 18030. Raises WorkbookError."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = io.StringIO(data.decode(encoding), newline="")
            return [[cell.strip() for cell in row] for row in csv.reader(text)]
        except UnicodeDecodeError:
            continue
        except csv.Error:
            break
    raise WorkbookError(gettext("读不出这个 .csv 文件，请另存为 .xlsx 再上传。"))
