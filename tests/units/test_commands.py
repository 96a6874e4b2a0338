"""``qingfu units …``: what it prints, what it stores, how it ends."""

import json

import pytest

from qingfu.cli import main
from qingfu.units.actions import audit, prove_password, seal_audit
from qingfu.units.models import Person, Unit
from qingfu.units.queries import verify_audit
from qingfu.units.tenancy import as_tenant
from qingfu.units.workbook.reading import read_workbook
from tests.units.books import book, small_county


@pytest.fixture
def file(fresh_county, tmp_path):
    path = tmp_path / "开学.xlsx"
    path.write_bytes(book(small_county(str(fresh_county.tenant_id))))
    return path


def run(*arguments) -> int:
    return main(["units", *map(str, arguments)])


def said(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_template_is_written(cluster, tmp_path):
    assert run("template", tmp_path / "模板.xlsx") == 0
    assert read_workbook((tmp_path / "模板.xlsx").read_bytes()).problems == []


def test_a_workbook_is_checked_and_stored_only_when_told(fresh_county, file, capsys):
    code = fresh_county.unit.code
    assert run("import", file, "--county", code) == 0
    out = capsys.readouterr().out
    assert "学校：新增 2" in out and "什么也没有保存" in out
    with as_tenant(fresh_county.tenant_id):
        assert not Unit.objects.filter(name="清水镇中心小学").exists()
    assert run("import", file, "--county", code, "--go-on") == 0
    assert "已保存" in capsys.readouterr().out
    with as_tenant(fresh_county.tenant_id):
        assert Unit.objects.filter(name="清水镇中心小学").exists()


def test_faults_come_as_json_lines_and_end_with_one(fresh_county, tmp_path, capsys):
    sheets = small_county(str(fresh_county.tenant_id))
    sheets["年级班级"].append((sheets["学校"][0][0], "高一", 1, "", 40))
    path = tmp_path / "a.xlsx"
    path.write_bytes(book(sheets))
    assert run("import", path, "--county", fresh_county.unit.code, "--go-on", "--json") == 1
    facts = said(capsys)
    assert facts[0]["kind"] == "problem" and (facts[0]["sheet"], facts[0]["place"]) == ("年级班级", "B6")
    assert facts[-1] == {"kind": "result", "stored": False, "problems": 1}
    assert run("import", path, "--county", fresh_county.unit.code, "--go-on", "--skip-bad", "--json") == 0
    assert said(capsys)[-1] == {"kind": "result", "stored": True, "problems": 1}


def test_what_is_no_workbook_and_what_is_no_county_are_told(fresh_county, tmp_path, capsys):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"hello")
    assert run("import", path, "--county", fresh_county.unit.code) == 1
    assert "不是 Excel" in capsys.readouterr().out
    assert run("import", path, "--county", "NOSUCH") == 2
    assert run("import", tmp_path / "none.xlsx", "--county", fresh_county.unit.code) == 1


def test_a_county_is_founded_with_somebody_who_can_sign_in(cluster, capsys):
    above = ("全国", "江南省", "临江市")
    assert run("county", "QSX9", "清水县", "--above", *above, "--admin", "boss") == 0
    plain = capsys.readouterr().out.strip().rpartition(" ")[2]
    tenant_id, _person = prove_password("QSX9", "boss", plain, "10.1.1.1")
    with as_tenant(tenant_id):
        assert Person.objects.get().memberships.get().role == "county_admin"


def test_a_locked_out_administrator_gets_a_new_password(fresh_county, capsys):
    assert run("password", "--unit", fresh_county.unit.code, "guanliyuan") == 0
    plain = capsys.readouterr().out.strip().rpartition("：")[2]
    assert prove_password(fresh_county.unit.code, "guanliyuan", plain, "10.1.1.2")
    assert run("password", "--unit", fresh_county.unit.code, "nobody") == 2
    assert run("password", "--unit", "NOSUCH", "nobody") == 2


def test_the_trail_of_every_county_is_verified(fresh_county, capsys):
    with as_tenant(fresh_county.tenant_id):
        audit(fresh_county.actor("王丽"), "test")
        seal_audit()
        assert verify_audit() is None
    run("audit", "verify", "--json")
    mine = next(fact for fact in said(capsys) if fact["tenant"] == fresh_county.tenant_id)
    assert mine["broken"] is None and len(mine["head"]) == 64
