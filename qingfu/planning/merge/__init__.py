"""Visits of several authorities to the same places within their windows, merged. docs/merge.md."""

from .merge import Result, merge, seal

__all__ = ["Result", "merge", "seal"]
