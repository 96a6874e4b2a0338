"""Some numbers of tests/rulebook/test_limits_of_policies.py once more, as an office meets them: through ``actions.ask``
and the real ledger, the last one that fits and the first one that does not."""

import pytest

from qingfu.offices import actions
from tests.offices.conftest import asking, new_key

CLERK, BUREAU = "文秘县农业农村局", "县农业农村局"
ASSESSED, VISITED = {"assessed": True}, {"planned": True, "approved": True, "listed_this_year": True}
ACTIVITY = {"social": True, "approved": True, "on_whitelist": True}


def put(county, kind: str, amounts: dict, says: dict):
    bearer = county["县第一中学" if kind in ("visit", "activity", "duty") else "清水镇"]
    what = asking(kind, bearer, amounts=amounts, attributes=says)
    return actions.ask(county.actor(CLERK), county[BUREAU], what, new_key()).answer


@pytest.mark.parametrize("limit, kind, within, over, says, outcome", [
    ("cn.documents.characters", "document", {"characters": 5000}, {"characters": 5001}, ASSESSED, "needs_reason"),
    ("cn.documents.characters.special", "document", {"characters": 4000}, {"characters": 4001},
     {**ASSESSED, "document_type": "special"}, "needs_reason"),
    ("cn.meetings.speech", "speech", {"minutes": 60}, {"minutes": 61}, {"speaker": "main_leader"}, "refused"),
    ("cn.meetings.speakers", "meeting", {"half_days": 1, "speakers": 1}, {"half_days": 1, "speakers": 2},
     {"both_heads": True}, "needs_reason"),
    ("cn.meetings.days.discussion", "meeting", {"half_days": 3}, {"half_days": 4}, {"group_discussion": True},
     "needs_waiver"),
    ("cn.meetings.days", "meeting", {"half_days": 1}, {"half_days": 2}, {}, "needs_reason"),
    ("cn.teachers.visits.notice", "visit", {"minutes": 120, "months_ahead": 1}, {"minutes": 120, "months_ahead": 0},
     {**VISITED, "visit_type": "comprehensive"}, "refused"),
])  # fmt: skip
def test_one_by_itself(county, limit, kind, within, over, says, outcome):
    assert put(county, kind, within, says).outcome == "posted"
    refused = put(county, kind, over, says)
    assert (refused.outcome, limit in {one.limit_id for one in refused.over}) == (outcome, True)


@pytest.mark.parametrize("limit, kind, most, says, outcome", [
    ("cn.meetings.system", "meeting", 1, {"meeting_type": "system"}, "needs_waiver"),
    ("cn.teachers.supervision", "visit", 1, {**VISITED, "visit_type": "comprehensive"}, "refused"),
])  # fmt: skip
def test_so_many_in_a_window_and_not_one_more(own_county, limit, kind, most, says, outcome):
    amounts = {"minutes": 60, "half_days": 1} if kind == "meeting" else {"minutes": 60, "months_ahead": 1}
    assert [put(own_county, kind, amounts, says).outcome for _ in range(most)] == ["posted"] * most
    refused = put(own_county, kind, amounts, says)
    assert (refused.outcome, [one.limit_id for one in refused.over]) == (outcome, [limit])
