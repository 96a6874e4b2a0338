"""Packs that the tests of this folder publish."""

HOMEWORK = """
[pack]
id = "{place}.homework"
level = "{level}"
title = "{title}"

[documents.own]
title = "{title}"
issued = 2026-09-01

[[limit]]
id = "{place}.homework.written"
title = "{title}"
kind = "homework"
where = {{ form = "written", required = true }}
bearer = "class"
form = "at_most"
measure = "minutes"
window = "school_day"
force = "{force}"
[[limit.value]]
from = 2026-09-01
cap = {cap}
document = "own"
clause = "第二条"
confidence = "verbatim"
"""


def school_pack(cap: int, force: str = "must", place: str = "school") -> str:
    """A school's own cap on written homework, in minutes a school day."""
    return HOMEWORK.format(place=place, level="school", title="本校每天书面作业总时长", cap=cap, force=force)


def county_pack(cap: int, force: str = "must") -> str:
    """A county's cap."""
    return HOMEWORK.format(place="county", level="county", title="本县每天书面作业总时长", cap=cap, force=force)
