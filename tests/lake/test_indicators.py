"""Indicators say what the records hold: for a unit and all below it, or that there are none."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from qingfu import rulebook
from qingfu.cli import main
from qingfu.findings.models import Finding, FindingStep
from qingfu.lake import reading
from qingfu.lake.actions import export_lake
from qingfu.lake.indicators import catalogue, digest, figures, page, records
from qingfu.lake.indicators.catalogue import CatalogueError, read_indicator
from qingfu.lake.indicators.sheets import csv_text
from qingfu.lake.manifest import LakeError
from qingfu.lake.reading import open_lake
from qingfu.units.queries import operator_actor
from qingfu.units.tenancy import as_tenant

NATIONAL = Path(rulebook.__file__).parent / "data" / "national"
SPAN = timezone.localdate(), timezone.localdate() + timedelta(days=100)


@pytest.fixture(scope="module")
def lake(county, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lake")
    export_lake(operator_actor(county.unit), county.unit, folder)
    return open_lake(folder)


def only(lake, id, unit_id, by=(), span=SPAN):
    found = figures(lake, [id], unit_id, *span, by)
    assert len(found) == 1
    return found[0]


def test_a_share_counts_each_class_on_each_day_once(county, lake):
    over = only(lake, "homework_days_over", county.unit.pk)
    assert (over.value, over.numerator, over.denominator, over.records) == (Decimal("33.33"), 1, 3, 4)
    quiet = only(lake, "homework_days_over", county.class_("三(2)班").pk)
    assert (quiet.value, quiet.state) == (Decimal("0.00"), "shown")


def test_percentiles_are_of_the_sums_of_class_days(county, lake):
    assert only(lake, "homework_minutes_median", county.unit.pk).value == 35  # of 20, 35 and 70
    assert only(lake, "homework_minutes_p90", county.unit.pk).value == 70


def test_what_has_no_records_is_missing_and_never_nought(county, lake):
    for id in ("documents_issued", "documents_change", "homework_marked", "real_minutes_median"):
        figure = only(lake, id, county.unit.pk)
        assert (figure.value, figure.state, figure.records) == (None, "missing", 0)
    weeks_ago = SPAN[0] - timedelta(days=40), SPAN[0] - timedelta(days=10)
    assert only(lake, "real_minutes_median", county.unit.pk, span=weeks_ago).state == "missing"


def test_the_records_behind_a_figure_show_the_part_first_and_nobody(county, lake):
    rows = records(lake, "homework_days_over", county.unit.pk, *SPAN)
    assert [row["counted"] for row in rows] == [True, False, False, False]
    assert (rows[0]["unit_name"], rows[0]["minutes"]) == ("青禾县实验小学三(1)班", 70)
    assert not {"issuer_id", "attempt_id", "minute_of_day"} & set(rows[0])


def test_a_statement_that_was_kept_says_what_a_fresh_one_says(county, lake, tmp_path, monkeypatch):
    """Of another unit, of other days, told by months, and of a lake that came to hold more columns since."""
    with monkeypatch.context() as patched:
        patched.setattr("qingfu.lake.actions.attributes_asked", set)
        patched.setattr("qingfu.lake.actions.attribute_keys", lambda rulebooks: ["form"])
        export_lake(operator_actor(county.unit), county.unit, tmp_path)
    ids = ["homework_days_over", "homework_minutes_median", "findings_open"]
    one, other, two_days = county.unit.pk, county.class_("三(1)班").pk, (SPAN[0], SPAN[0] + timedelta(days=1))
    askings = [(one, SPAN, ("month",)), (one, two_days, ()), (other, two_days, ()), (other, two_days, ("month",))]

    def told(fresh: bool) -> list:
        found = []
        for one in (open_lake(tmp_path), open_lake(lake.folder)):
            for unit, span, by in askings:
                if fresh:
                    reading.STATEMENTS.clear()
                found.append(figures(one, ids, unit, *span, by))
        return found

    wanted = told(fresh=True)
    reading.STATEMENTS.clear()
    assert told(fresh=False) == wanted
    number = len(reading.STATEMENTS)
    assert told(fresh=False) == wanted and len(reading.STATEMENTS) == number


def test_a_finding_that_is_open_again_was_not_put_right(county, tmp_path):
    """Its new day is later than the day on which it had been put right for a while."""
    with as_tenant(county.tenant_id):
        for state in ("open", "rectified"):
            finding = Finding.objects.create(
                bearer=county.class_("三(1)班"), kind="check", summary=state, responsible_unit=county.unit, state=state,
                role="class_teacher", due_day=SPAN[0], rectified_level=0 if state == "rectified" else None,
            )  # fmt: skip
            FindingStep.objects.create(finding=finding, what="rectified", state="rectified")
    export_lake(operator_actor(county.unit), county.unit, tmp_path)
    table = open_lake(tmp_path).table("findings")
    rows = table.filter(table.kind == "check").select("state", "rectified_day").to_pyarrow().to_pylist()
    assert {row["state"]: row["rectified_day"] for row in rows} == {"open": None, "rectified": SPAN[0]}


def test_a_finding_is_closed_where_it_held_and_dropped_where_nothing_was_put_right(county, tmp_path):
    """Looked back at and kept, it is closed that day; closed as a mistake, what was put right before does not count."""
    ways = {"held": ("rectified", "kept"), "mistake": ("rectified", "again", "closed")}
    with as_tenant(county.tenant_id):
        for summary, steps in ways.items():
            finding = Finding.objects.create(
                bearer=county.class_("三(2)班"), kind="check", summary=summary, responsible_unit=county.unit,
                limit_id=summary, state="closed", role="class_teacher", due_day=SPAN[0], rectified_level=0,
            )  # fmt: skip
            FindingStep.objects.bulk_create(FindingStep(finding=finding, what=what, state="closed") for what in steps)
    export_lake(operator_actor(county.unit), county.unit, tmp_path)
    table = open_lake(tmp_path).table("findings")
    rows = table.filter(table.limit_id.isin(list(ways))).to_pyarrow().to_pylist()
    today = timezone.localdate()
    assert {row["limit_id"]: (row["rectified_day"], row["closed_day"], row["dropped"]) for row in rows} == {
        "held": (today, today, False), "mistake": (None, today, True),
    }


def test_what_is_not_there_is_refused_in_words(county, lake):
    for wrong in (
        lambda: figures(lake, ["happiness"], county.unit.pk, *SPAN),
        lambda: figures(lake, ["findings_opened"], 10**9, *SPAN),
        lambda: figures(lake, ["findings_opened"], county.unit.pk, *SPAN, by=("teacher",)),
        lambda: figures(lake, ["findings_opened"], county.unit.pk, *SPAN, by=("week", "month")),
        lambda: figures(lake, ["findings_opened"], county.unit.pk, SPAN[1], SPAN[0]),
    ):
        with pytest.raises(LakeError):
            wrong()


def test_the_digest_names_the_county_and_changes_with_its_files(county, lake):
    assert digest(lake).startswith(f"{county.unit.code} 20")


def test_all_indicators_are_worked_out_together(county, lake):
    found = figures(lake, catalogue(), county.unit.pk, *SPAN)
    assert [one.indicator.id for one in found] == list(catalogue())


def test_every_indicator_says_what_it_is_and_names_rules_that_are_in_the_rulebook():
    texts = [path.read_text("utf-8") for path in (*NATIONAL.glob("*.toml"), NATIONAL.parent / "not_checkable.toml")]
    known = {row for text in texts for row in re.findall(r'"([A-Z]{2}-\d+)"', text)}
    assert len(catalogue()) >= 30
    for one in catalogue().values():
        assert one.definition.endswith("。") and one.source and one.section and one.unit, one.id
        assert set(one.rows) <= known, one.id


def test_every_report_that_states_a_figure_of_burden_has_an_indicator():
    """Those of schools and counties that the product comes from; 1, 3 and 7 of the schools are about something else."""
    sources = " ".join(one.source for one in catalogue().values())
    schools = {int(one) for one in re.findall(r"篇(\d+)", sources)}
    counties = {int(one) for several in re.findall(r"县区汇报(\d(?:、\d)*)", sources) for one in several.split("、")}
    assert schools >= {2, 4, 5, 6, 8, 9, 10} and counties >= {1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    "change",
    [{"form": "sum_of"}, {"table": "nowhere"}, {"direction": "up"}, {"where": {"nothing": 1}}, {"spam": 1},
     {"where": {"kind": {"like": "x"}}}],
)  # fmt: skip
def test_an_indicator_that_is_not_written_right_is_refused_by_name(change):
    right = {
        "name": "问题", "definition": "个数。", "unit": "个", "source": "x", "section": "x", "since": SPAN[0],
        "direction": "none", "form": "count", "table": "findings",
    }  # fmt: skip
    assert read_indicator("one", right).name == "问题"
    with pytest.raises(CatalogueError, match="one"):
        read_indicator("one", right | change)


def test_the_docs_list_every_indicator_as_the_catalogue_has_it():
    assert page.PAGE.read_text("utf-8") == page.page()


def test_the_command_lists_the_catalogue_and_writes_figures(county, lake, tmp_path, capsys):
    assert main(["indicators", "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(catalogue())
    span = ["--from", SPAN[0].isoformat(), "--to", SPAN[1].isoformat()]
    assert main(["indicators", str(lake.folder), "--unit", county.unit.code, *span, "--id", "homework_days_over"]) == 0
    assert "33.33 %" in capsys.readouterr().out
    for name in ("f.csv", "f.xlsx"):
        assert main(["indicators", str(lake.folder), *span, "--by", "unit", "--out", str(tmp_path / name)]) == 0
    text = (tmp_path / "f.csv").read_text("utf-8-sig")
    assert "作业超过规定的班日比例,青禾县实验小学" in text and "没有记录" in text
    sheet = CalamineWorkbook.from_path(tmp_path / "f.xlsx").get_sheet_by_name("指标").to_python()
    assert sheet[1][:2] == ["作业超过规定的班日比例", "青禾县实验小学"] and sheet[1][5] == 33.33


def test_the_command_says_what_is_wrong(lake, capsys):
    for wrong in (["nowhere"], [str(lake.folder), "--unit", "三年级二班"], [str(lake.folder), "--out", "x.doc"]):
        assert main(["indicators", *wrong]) == 2
        assert capsys.readouterr().err


def test_months_that_are_still_to_come_have_no_figure(county, lake):
    ahead = SPAN[1] + timedelta(days=60), SPAN[1] + timedelta(days=120)
    found = figures(lake, ["homework_minutes_median", "documents_change"], county.unit.pk, *ahead, ("month",))
    assert {figure.state for figure in found} <= {"missing"}


def test_a_name_that_excel_would_take_for_a_formula_stands_as_text(county, lake):
    figure = replace(only(lake, "homework_days_over", county.unit.pk), unit_name="=cmd|' /C calc'!A0")
    assert "'=cmd|" in csv_text([figure])
