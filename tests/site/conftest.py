"""A county under the real national rulebook, with some homework."""

from tests.ledger.conftest import county, national, rows  # noqa: F401
