"""The idempotency key that a form sends back."""

import pytest

from tests.factories import make_county
from tests.units.browser import signed_in_as


@pytest.mark.parametrize("key", ["a\0b", "\0", "键" * 200, ""])
def test_a_key_that_was_tampered_with_is_answered_and_breaks_nothing(national, key):
    response = signed_in_as(make_county(), "王丽").post("/homework/withdraw/", {"demand": "1", "key": key})
    assert response.status_code < 500
