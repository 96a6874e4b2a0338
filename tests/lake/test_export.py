"""The lake holds what the ledger holds: all of it, once, whatever happens to the export."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.utils import timezone

from qingfu.lake import files, manifest
from qingfu.lake.actions import export_lake
from qingfu.lake.manifest import LakeError
from qingfu.lake.reading import open_lake
from qingfu.lake.tables import tables
from qingfu.ledger.actions import post
from qingfu.ledger.drafts import Draft
from qingfu.ledger.models import Demand
from qingfu.notices.models import FamilyCount
from qingfu.units.queries import Forbidden, operator_actor
from qingfu.units.tenancy import as_tenant

from .conftest import WRITTEN
from .making import write_rows


@pytest.fixture
def lake(county, tmp_path) -> Path:
    export(county, tmp_path)
    return tmp_path


def export(county, lake: Path) -> manifest.Manifest:
    return export_lake(operator_actor(county.unit), county.unit, lake)


def rows_of(lake: Path, county, table: str) -> list[dict]:
    found = manifest.read(lake, county.unit.code)
    return [
        row for piece in found.pieces if piece.table == table for row in pq.read_table(lake / piece.path).to_pylist()
    ]


def test_every_demand_is_there_once_with_what_a_limit_looks_at(county, lake):
    rows = rows_of(lake, county, "demands")
    with as_tenant(county.tenant_id):
        kept = {demand.id: demand for demand in Demand.objects.filter(tenant_id=county.tenant_id)}
    assert sorted(row["demand_id"] for row in rows) == sorted(kept)
    for row in rows:
        demand = kept[row["demand_id"]]
        assert (row["bearer_id"], row["day"], row["minutes"]) == (demand.bearer_id, demand.day, demand.charged_minutes)
        assert (row["attribute_form"], row["attribute_required"]) == ("written", "true")
        assert row["month"] == demand.day.strftime("%Y-%m") and row["stands"]
        local = timezone.localtime(demand.posted_at)  # half past midnight is a day of its own, in UTC it is not
        assert (row["posted_day"], row["minute_of_day"]) == (local.date(), local.hour * 60 + local.minute)
    assert {row["origin"] for row in rows} == {"post", "record"}


def test_no_text_and_no_name_leaves_the_county(county, lake):
    everything = b"".join(path.read_bytes() for path in lake.rglob("*.parquet"))
    rows = [str(row) for table in tables() for row in rows_of(lake, county, table)]
    for secret in ("抄写第5课", "王丽", "李强"):
        assert secret.encode() not in everything and not any(secret in row for row in rows)


def test_what_families_said_is_told_by_the_week(county, tmp_path):
    one, monday = county.class_("三(1)班").pk, date(2026, 9, 7)
    said = [(monday, 4), (monday + timedelta(days=6), 3), (monday + timedelta(days=7), 2)]
    with as_tenant(county.tenant_id, using="owner"):
        for day, count in said:
            said_by = {"tenant_id": county.tenant_id, "unit_id": one, "day": day, "kind": "time", "band": "30-45"}
            FamilyCount.objects.using("owner").create(**said_by, count=count)
    export(county, tmp_path)
    rows = [(row["day"], row["band_from"], row["count"]) for row in rows_of(tmp_path, county, "answers")]
    assert sorted(rows) == [(monday, 30, 7), (monday + timedelta(days=7), 30, 2)]


def test_columns_are_those_that_the_schema_names(county, lake):
    for table in tables().values():
        for piece in (one for one in manifest.read(lake, county.unit.code).pieces if one.table == table.name):
            names = pq.read_schema(lake / piece.path).names
            own = [name for name in names if not name.startswith(("attribute_", "amount_"))]
            assert own == [one.name for one in table.columns]


def test_a_page_beside_the_files_says_what_each_column_means(lake):
    said = (lake / "schema.md").read_text("utf-8")
    for table in tables().values():
        assert all(f"| `{one.name}` |" in said and one.text in said for one in table.columns)


def test_units_carry_the_rules_and_the_calendar_that_they_go_by(county, lake):
    bearers = rows_of(lake, county, "bearers")
    assert {row["bearer_id"] for row in bearers} >= {unit.pk for unit in county.classes.values()}
    numbers = {row["rulebook"] for row in rows_of(lake, county, "rulebooks")}
    assert {row["rulebook"] for row in bearers} <= numbers
    assert {row["calendar"] for row in bearers} <= {row["calendar"] for row in rows_of(lake, county, "days")}


def test_only_months_that_changed_are_written_again(county, lake):
    before = manifest.read(lake, county.unit.code)
    stamps = {piece.path: (lake / piece.path).stat().st_mtime_ns for piece in before.pieces}
    assert export(county, lake).pieces == before.pieces
    with as_tenant(county.tenant_id):
        last = Demand.objects.filter(tenant_id=county.tenant_id).latest("day")
    draft = Draft(last.bearer_id, last.day, subject="数学", text="口算", minutes=5, attributes=WRITTEN)
    assert post(county.actor("李强"), draft.for_bearers([last.bearer_id]), f"more-{lake.name}").ok
    after = export(county, lake)
    changed = {(one.table, one.month) for one in after.pieces} - {
        (one.table, one.month) for one in after.pieces if stamps.get(one.path) == (lake / one.path).stat().st_mtime_ns
    }
    assert changed == {("demands", last.day.strftime("%Y-%m"))}
    assert set(lake.rglob("*.parquet")) == {lake / one.path for one in after.pieces}


def test_a_lake_of_another_format_is_told_and_written_anew(county, lake):
    path = manifest.file_of(lake, county.unit.code)
    older = json.loads(path.read_text("utf-8")) | {"format": 1}
    path.write_text(json.dumps(older), "utf-8")
    with pytest.raises(LakeError, match="再导出一次"):
        open_lake(lake)
    assert export(county, lake) == manifest.read(lake, county.unit.code)


def test_the_manifest_says_what_the_files_hold(county, lake):
    demands = next(one for one in manifest.read(lake, county.unit.code).pieces if one.table == "demands")
    rows = pq.read_table(lake / demands.path)
    assert demands.columns == tuple(rows.column_names)
    assert demands.filled == tuple(name for name in rows.column_names if rows[name].null_count < rows.num_rows)
    assert demands.kinds == {"homework": rows.num_rows}
    single = {name for name in rows.column_names if name.startswith(("attribute_", "amount_"))}
    yes = {name for name in ("stands", "is_split", "emergency", "late") if True in rows[name].to_pylist()}
    assert set(demands.said["homework"]) == single | yes
    assert not set(demands.lists) & {"kind", "attribute_form"}


def test_what_one_kind_says_is_not_said_of_another(tmp_path):
    rows = [
        {"county": "QH", "kind": "homework", "stands": True, "late": False, "attribute_form": "written"},
        {"county": "QH", "kind": "document", "stands": True, "late": True, "attribute_account": "department"},
    ]
    write_rows(tmp_path, "QH", {"demands": rows}, date(2026, 1, 1))
    lake = open_lake(tmp_path)
    assert lake.said("demands", "homework") == {"stands", "attribute_form"}
    assert lake.said("demands", "document") == {"stands", "late", "attribute_account"}
    assert lake.said("demands", "meeting") == set()


def test_a_missing_and_a_changed_file_are_told(county, lake):
    assert manifest.check(lake, [county.unit.code]) == []
    first, second, *_ = manifest.read(lake, county.unit.code).pieces
    (lake / first.path).unlink()
    (lake / second.path).write_bytes(b"PAR1")
    wrong = manifest.check(lake, [county.unit.code])
    assert len(wrong) == 2 and "缺文件" in wrong[0] and "被改动过" in wrong[1]
    assert export(county, lake) and "被改动过" in manifest.check(lake, [county.unit.code])[0]


def test_a_folder_with_other_things_in_it_is_left_alone(county, tmp_path):
    (tmp_path / "照片.jpg").write_bytes(b"x")
    with pytest.raises(LakeError, match="空的文件夹"):
        export(county, tmp_path)
    assert os.listdir(tmp_path) == ["照片.jpg"]


def test_who_is_no_county_administrator_exports_nothing(county, tmp_path):
    with pytest.raises(Forbidden):
        export_lake(county.actor("王丽"), county.unit, tmp_path)
    assert not (tmp_path / manifest.FOLDER).exists()


KILLED = """
import os, signal, sys
sys.path.insert(0, {root!r})
import django
django.setup()
from pathlib import Path
from qingfu.lake import actions, files
from qingfu.units.models import Unit
from qingfu.units.queries import operator_actor
from qingfu.units.tenancy import as_tenant
written, whole = [], files.write_piece
def one_more(*given):
    written.append(whole(*given))
    if len(written) == {after}:
        os.kill(os.getpid(), signal.SIGKILL)
    return written[-1]
files.write_piece = one_more
with as_tenant({tenant}):
    county = Unit.objects.get(pk={tenant})
actions.export_lake(operator_actor(county), county, Path({lake!r}))
"""


@pytest.mark.parametrize("after", [1, 4])
def test_killed_in_the_middle_it_starts_over_without_a_doubled_or_lost_record(county, tmp_path, after):
    root = str(Path(__file__).parents[2])
    code = KILLED.format(root=root, after=after, tenant=county.tenant_id, lake=str(tmp_path))
    ended = subprocess.run([sys.executable, "-c", code], env=os.environ, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    assert list(tmp_path.rglob("*.parquet")) and manifest.read(tmp_path, county.unit.code) is None
    export(county, tmp_path)
    assert manifest.check(tmp_path, [county.unit.code]) == []
    ids = [row["demand_id"] for row in rows_of(tmp_path, county, "demands")]
    with as_tenant(county.tenant_id):
        assert sorted(ids) == sorted(Demand.objects.filter(tenant_id=county.tenant_id).values_list("id", flat=True))
    assert not list(tmp_path.rglob("*.part"))


def test_all_tables_are_of_one_moment(county, tmp_path, monkeypatch):
    """What is posted while the export runs is in none of its tables."""
    one, whole = county.class_("三(1)班").pk, files.write_piece
    with as_tenant(county.tenant_id):
        last = Demand.objects.filter(tenant_id=county.tenant_id).latest("day").day
        before = Demand.objects.filter(tenant_id=county.tenant_id).count()
    posted = []

    def meanwhile(*given):
        if not posted:
            posted.append(subprocess.run([sys.executable, "-c", MEANWHILE.format(
                root=str(Path(__file__).parents[2]), tenant=county.tenant_id, bearer=one, day=last.isoformat(),
                person=county.people["王丽"].pk,
            )], env=os.environ, check=True))  # fmt: skip
        return whole(*given)

    monkeypatch.setattr(files, "write_piece", meanwhile)
    assert export(county, tmp_path).rows["demands"] == before
    with as_tenant(county.tenant_id), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_demand WHERE tenant_id = %s", [county.tenant_id])
        assert cursor.fetchone()[0] == before + 1


MEANWHILE = """
import sys
sys.path.insert(0, {root!r})
import django
django.setup()
from datetime import date
from qingfu.ledger.actions import post
from qingfu.ledger.drafts import Draft
from qingfu.units.queries import actor_of
from qingfu.units.tenancy import as_tenant
with as_tenant({tenant}):
    actor = actor_of({person})
draft = Draft({bearer}, date.fromisoformat({day!r}), subject="语文", text="朗读", minutes=1,
              attributes={{"form": "written", "required": True, "place": "家庭"}})
assert post(actor, draft.for_bearers([{bearer}]), "meanwhile").ok
"""


def test_a_column_that_came_to_be_asked_for_is_in_months_that_did_not_change(county, lake, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("qingfu.lake.actions.attributes_asked", set)
        patched.setattr("qingfu.lake.actions.attribute_keys", lambda rulebooks: [])
        export(county, lake)
    assert not any("attribute_form" in row for row in rows_of(lake, county, "demands"))
    export(county, lake)
    assert all(row["attribute_form"] == "written" for row in rows_of(lake, county, "demands"))


def test_what_no_demand_of_a_month_states_is_no_column_of_its_file(county, lake):
    pieces = [one for one in manifest.read(lake, county.unit.code).pieces if one.table == "demands"]
    for piece in pieces:
        single = {name for name in piece.columns if name.startswith(("attribute_", "amount_"))}
        assert "attribute_form" in single and single <= set(piece.filled)
