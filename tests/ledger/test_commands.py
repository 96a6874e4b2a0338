"""`qingfu rulebook … --school` asks the installation for the packs of the school."""

import json
from datetime import date

from qingfu import cli
from qingfu.ledger.actions import change_calendar, publish_pack
from qingfu.units.tenancy import as_tenant
from tests.factories import make_county

from .packs import county_pack, school_pack

SCHOOL = "青禾县实验小学"


def explained(capsys, school: str) -> tuple[int, list[tuple], str]:
    """Status, the steps (level, cap, whether it binds) of the first chain, and what was said of an error."""
    status = cli.main(["rulebook", "explain", "homework", "--school", school, "--grade", "4", "--json"])
    captured = capsys.readouterr()
    steps = [json.loads(line) for line in captured.out.splitlines()]
    return status, [(it["level"], it["cap"], it["binds"]) for it in steps if it["chain"] == 1], captured.err


def publish(county, who: str, unit, text: str) -> None:
    with as_tenant(county.tenant_id):
        publish_pack(county.actor(who), unit.pk, text)


def test_explain_shows_what_county_and_school_have_published(county, capsys):
    school = county.schools[SCHOOL]
    publish(county, "管理员", county.unit, county_pack(50))
    publish(county, "孙校长", school, school_pack(45))
    chain = [("nation", 60, False), ("county", 50, False), ("school", 45, True)]
    assert explained(capsys, school.code) == (0, chain, "")


def test_a_school_without_rules_of_its_own_has_the_nations(county, capsys):
    assert explained(capsys, county.schools[SCHOOL].code) == (0, [("nation", 60, True)], "")


def test_of_two_schools_of_one_name_the_code_is_asked_for(county, capsys):
    other = make_county()
    status, steps, error = explained(capsys, SCHOOL)
    assert (status, steps) == (2, [])
    assert county.schools[SCHOOL].code in error and other.schools[SCHOOL].code in error


def test_an_example_is_still_found_beside_an_installation(county, capsys):
    assert explained(capsys, "ls-07")[0] == 0


def test_a_school_that_is_nowhere_is_told(county, capsys):
    status, _steps, error = explained(capsys, "天上小学")
    assert status == 2 and "找不到学校“天上小学”" in error


def test_a_question_goes_by_the_calendar_that_the_school_has_declared(county, capsys, tmp_path):
    school, typhoon = county.schools[SCHOOL], date(2025, 11, 12)
    question = tmp_path / "question.jsonl"
    question.write_text('{"kind": "homework", "bearer": "grade 4", "on": "2025-11-12", "value": 50}')
    change_calendar(
        county.actor("管理员"), school.pk, typhoon, typhoon, day_kind="rest_day", name="台风停课", source="县防指通知"
    )
    told = []
    for more in ([], ["--school", school.code]):
        cli.main(["rulebook", "ask", *more, str(question)])
        told.append(json.loads(capsys.readouterr().out))
    assert [one["day"] for one in told] == ["school_day", "rest_day"]
    assert told[1]["day_source"] == "县防指通知"
