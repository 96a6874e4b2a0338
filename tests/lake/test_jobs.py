"""Every night the installation's own lake is brought up to date."""

from __future__ import annotations

import pytest
from django.utils import timezone

from qingfu.lake import manifest
from qingfu.lake.actions import refresh_lake
from qingfu.lake.jobs import export_counties
from qingfu.lake.reading import lake_folder
from qingfu.units.models import Tenant
from qingfu.units.queries import Forbidden


def test_the_nightly_job_writes_every_county_and_leaves_what_did_not_change(county, tmp_path, monkeypatch):
    monkeypatch.setattr("django.conf.settings.LAKE_FOLDER", tmp_path)
    monkeypatch.setattr(Tenant.objects, "filter", lambda **kind: Tenant.objects.all().filter(pk=county.tenant_id))
    export_counties(0)
    first = manifest.read(lake_folder(), county.unit.code)
    assert first.rows["demands"] == 4
    export_counties(0)
    again = manifest.read(lake_folder(), county.unit.code)
    assert {piece.path for piece in again.pieces} == {piece.path for piece in first.pieces}


def test_whoever_may_export_may_refresh_and_nobody_else(county, tmp_path, monkeypatch):
    monkeypatch.setattr("django.conf.settings.LAKE_FOLDER", tmp_path)
    with pytest.raises(Forbidden):
        refresh_lake(county.actor("王丽"), county.unit)
    assert refresh_lake(county.actor("管理员"), county.unit).exported_at[:10] == timezone.localdate().isoformat()
