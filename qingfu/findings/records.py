"""The records behind a finding. Rooms above say how theirs are found; this room knows none of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qingfu.findings.models import Finding


@dataclass(frozen=True)
class Record:
    """One record as a line: what it is, more about it, and its page."""

    title: str
    meta: str = ""
    href: str = ""


Find = Callable[[Finding, Sequence[int]], list[Record]]

_finders: dict[str, Find] = {}


def register(object_kind: str, find: Find) -> None:
    """``find(finding, ids)`` gives records of a kind in a fixed number of queries, inside the tenant."""
    _finders[object_kind] = find


def records_of(finding: Finding, ids: Sequence[int]) -> list[Record]:
    """Those of the records that a finding names; none for a kind that nobody registered."""
    find = _finders.get(finding.object_kind)
    return find(finding, ids) if find and ids else []
