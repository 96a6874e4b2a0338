"""``bench/pages`` fails where requests fail."""

import importlib.util
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"
GOOD = {"P50": 1.0, "P95": 2.0, "P99": 3.0, "RPS": 100.0, "CPU": 0.5, "ERRORS": 0.0}


@pytest.fixture
def pages(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(BENCH), *sys.path])
    spec = importlib.util.spec_from_file_location("bench_pages", BENCH / "pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("bad", "status"), [({}, 0), ({"ERRORS": 1.0}, 1), ({"RPS": 0.0}, 1)])
def test_one_failed_request_fails_the_bench(pages, capsys, bad, status):
    rows = [("static file", 20, GOOD), ("teacher page", 20, GOOD | bad)]
    assert pages.failures(rows) == status
    assert ("teacher page" in capsys.readouterr().err) == bool(status)


def test_a_page_that_leads_to_sign_in_is_not_measured(pages, monkeypatch):
    class Redirected:
        def __init__(self, *_address, **_more):
            self.status = 302

        def request(self, *_asked, **_more): ...

        def getresponse(self):
            return self

        def close(self): ...

    monkeypatch.setattr(pages.http.client, "HTTPConnection", Redirected)
    with pytest.raises(SystemExit, match="/today/ answers 302"):
        pages.opened([], ["expired"])
