"""The published tariff: every line has its reason, and an estimate is the sum of its parts."""

import pytest

from qingfu.offices.hours import estimate, tariff
from qingfu.rulebook.words import KINDS
from qingfu.units.permissions import OFFICE_KINDS


def test_every_line_gives_its_reason_and_every_kind_has_a_line():
    data = tariff()
    assert all(line["reason"] for line in [*data["line"].values(), *data["extra"], data["default"], data["travel"]])
    assert set(data["line"]) >= OFFICE_KINDS and set(data["line"]) <= set(KINDS)


def minutes(kind, amounts=(), attributes=(), bearer="village", **more):
    return estimate(kind, dict(amounts), dict(attributes), bearer, **more).minutes


def test_a_meeting_costs_its_length_the_way_and_a_quarter_of_an_hour_for_each():
    assert minutes("meeting", {"minutes": 90}) == 105
    assert minutes("meeting", {"minutes": 90}, venue="county") == 105 + 2 * 60
    assert minutes("meeting", {"minutes": 90}, venue="county", people=2) == 2 * (105 + 120)


def test_a_county_may_say_how_far_a_village_lies():
    assert minutes("meeting", {"minutes": 60}, venue="county", travel={"county": 90}) == 75 + 180


def test_a_document_costs_by_its_length_and_a_report_that_it_demands_is_added():
    short, long = (minutes("document", {"characters": n}) for n in (1000, 6000))
    assert long - short == 20
    assert minutes("document", {"characters": 1000}, {"demands_report": True}) == short + 180


def test_an_attribute_of_several_values_adds_each():
    assert minutes("work_group", {}, {"asks": ["check_in_chain", "screenshots"]}) == minutes("work_group") + 20


@pytest.mark.parametrize("people", [0, 1, 7])
def test_the_sum_of_the_parts_is_the_whole(people):
    found = estimate("visit", {"minutes": 120}, {"demands": "heads"}, "township", people=people)
    assert found.minutes == sum(part.minutes for part in found.parts) == people * 150 + 240
