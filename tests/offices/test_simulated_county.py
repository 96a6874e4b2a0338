"""A county of three bureaus, three townships and nine villages over two months of two years (bench/county.py): what
the pages say was really registered, and the product's advice makes the hours fall."""

import sys
from pathlib import Path

import pytest
from django.utils import timezone

from tests.factories import _above

sys.path.append(str(Path(__file__).parents[2] / "bench"))
import county as bench  # noqa: E402
import county_wants  # noqa: E402

MONTHS = range(3, 5)


@pytest.fixture(scope="module")
def run(national):
    return bench.simulate("test", timezone.localdate().year, MONTHS, _above())


@pytest.mark.parametrize("year", ["before", "rules", "advice"])
def test_the_pages_say_of_every_village_what_was_registered(run, year):
    told = getattr(run, year)
    assert told.differs == []
    for kind in bench.KINDS:
        assert told.page.by_kind.get(kind, (0, 0))[1] == told.truth.total(kind)[1], kind


def test_the_rules_make_the_hours_fall_and_advice_makes_them_fall_further(run):
    pages = [one.page.minutes for one in (run.before, run.rules, run.advice)]
    needed = [one.truth.needed() for one in (run.before, run.rules, run.advice)]
    assert pages == sorted(pages, reverse=True) and len(set(pages)) == 3
    assert needed == sorted(needed, reverse=True)


def test_relays_are_one_thing_only_where_they_are_passed_on(run):
    assert run.advice.page.count < min(run.rules.page.count, run.before.page.count)


def test_the_telephone_says_what_nobody_registered(run):
    """Nine villages: all of them are called, so that only those who were not reached make a difference."""
    for told in (run.before, run.rules, run.advice):
        registered, unregistered = (
            sum(of(month=month)[0] for month in MONTHS) for of in (told.truth.total, told.truth.not_registered)
        )
        assert told.correction.unregistered == pytest.approx(100 * unregistered / registered, rel=0.1)


def test_the_same_seed_wants_the_same():
    county = county_wants.layout("test")
    first, again = (county_wants.wants(county, 2026, MONTHS) for _ in range(2))
    assert first == again and len(first) > 50
    more = county_wants.wants(county, 2026, MONTHS, 0.5)
    assert len(more) > len(first)
