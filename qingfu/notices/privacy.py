"""What is collected, why, who sees it, how long it is kept: the one source of page and document."""

from __future__ import annotations

import tomllib

from qingfu.notices.answers import DATA

COLUMNS = ("data", "why", "who", "kept")


def privacy_rows(language: str) -> list[dict[str, str]]:
    """The rows in the order of the page, each with COLUMNS, in Chinese or (``language`` "en…") in English."""
    said = tomllib.loads((DATA / "privacy.toml").read_text("utf-8"))
    own = "en" if (language or "").startswith("en") else "zh"
    return [row[own] for row in said["row"]]
