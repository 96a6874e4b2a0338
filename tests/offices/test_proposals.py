"""What could be done instead of a meeting, on cases small enough to count by hand. Pure."""

from datetime import date

from qingfu.offices.proposals import Other, Wanted, clashes, propose

WED = date(2026, 11, 25)
THU = date(2026, 11, 26)
MORNING, OTHER_MORNING = (WED, "am"), (THU, "am")


def wanted(*units, note=None, way=90, around=15) -> Wanted:
    invited = frozenset(units)
    return Wanted(
        (MORNING,), invited, len(units) * (60 + way + around), dict.fromkeys(invited, around),
        dict.fromkeys(invited, way), note,
    )  # fmt: skip


def kinds(found) -> list[str]:
    return [one.kind for one in found]


def test_an_own_meeting_of_the_same_people_is_to_be_merged_with_and_saves_the_way_and_all_around_it():
    own = Other((OTHER_MORNING,), frozenset({1, 2, 3}), True, ask_id=7)
    found = propose(wanted(1, 2, 3, 4), [own], [], {})
    assert (found[0].kind, found[0].ask_id, found[0].shared, found[0].saves) == ("video", None, 4, 360)
    assert (found[1].kind, found[1].ask_id, found[1].shared, found[1].saves) == ("merge", 7, 3, 3 * 105)


def test_half_of_those_invited_must_be_the_same():
    own = Other((OTHER_MORNING,), frozenset({1}), True, ask_id=7)
    assert "merge" not in kinds(propose(wanted(1, 2, 3), [own], [], {}))
    assert "merge" in kinds(propose(wanted(1, 2), [own], [], {}))


def test_a_meeting_of_another_office_on_the_spot_is_to_be_appended_to_and_saves_the_way():
    other = Other((MORNING,), frozenset({1, 2}), True)
    found = {one.kind: one for one in propose(wanted(1, 2), [other], [], {})}
    assert (found["append"].saves, found["append"].half, found["append"].ask_id) == (180, MORNING, None)
    assert "append" not in kinds(propose(wanted(1, 2), [Other((MORNING,), frozenset({1, 2}), False)], [], {}))


def test_it_is_moved_to_the_nearest_half_day_with_fewest_clashes_if_that_is_fewer():
    busy = {MORNING: frozenset({1, 2, 9}), OTHER_MORNING: frozenset({1})}
    assert clashes(wanted(1, 2, 3), busy) == {1, 2}
    free = [(date(2026, 12, 2), "am"), (THU, "pm"), OTHER_MORNING]
    (move,) = [one for one in propose(wanted(1, 2, 3), [], free, busy) if one.kind == "move"]
    assert (move.half, move.clashes, move.shared) == ((THU, "pm"), 0, 2)
    assert "move" not in kinds(propose(wanted(3), [], free, busy))


def test_a_note_is_proposed_only_where_it_takes_less():
    assert "note" in kinds(propose(wanted(1, 2, note=40), [], [], {}))
    assert "note" not in kinds(propose(wanted(1, 2, note=10_000), [], [], {}))


def test_nothing_is_proposed_for_a_video_meeting_that_meets_nobody():
    assert propose(wanted(1, 2, way=0), [], [OTHER_MORNING], {}) == []
