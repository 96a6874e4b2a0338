"""Reports with defects of our own in them, put into the page."""

from pathlib import Path

import pytest

from tests.browser import chromium, live_site, page  # noqa: F401

CLEAN = Path(__file__).parents[1] / "text/review/clean"
FAULTY = "20xx年，我校(xiào)共有教师xx人，学(xué)生若干，家长满意率达到%。"


def clean(name: str = "primary_01") -> str:
    return (CLEAN / f"{name}.txt").read_text("utf-8")


def faulty(name: str = "primary_01") -> str:
    """A clean report with a sentence put behind its second paragraph."""
    lines = clean(name).split("\n")
    lines[2] += FAULTY
    return "\n".join(lines)


@pytest.fixture
def county(fresh_county):
    return fresh_county


@pytest.fixture(scope="module")
def reporting(cluster):
    """See tests/reports/county.py. Shared by a module."""
    from tests.reports.county import make_reporting_county

    return make_reporting_county()
