# ruff: noqa: F401
"""Everything that this room changes, one module for each area, one function for one verb."""

from qingfu.offices.actions.posting import NotInPlace, Result, ask, receive, withdraw
from qingfu.offices.actions.reviewing import NotGranted, decline, grant
