"""What the server room says to people: Chinese sentences from ``data/messages.toml``, found by code."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path


@cache
def _sentences() -> dict[str, str]:
    return tomllib.loads((Path(__file__).parent / "data" / "messages.toml").read_text("utf-8"))


def say(code: str, **facts: object) -> str:
    """The sentence ``code`` with ``facts`` filled in. Raises KeyError for a code that has no sentence."""
    return _sentences()[code].format(**facts)


class ServerError(RuntimeError):
    """Something the operator must know. ``code`` is for programs, the text is Chinese and says what to do."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(say(code, **facts))
        self.code = code
        self.facts = facts
