"""Marks in the lines, notes beside them, repairs that were accepted."""

from hypothesis import given
from hypothesis import strategies as st

from qingfu.text.review.document import View
from qingfu.text.review.layers import read_document
from qingfu.text.review.marks import marked
from qingfu.text.review.repairs import apart, changes, repaired

TEXT = "工作汇报\n我校(xiào)有教师xx人，学(xué)生若干。\n网站文字\n全文完。\n"


def document():
    return read_document(TEXT)


def found(document, what: str, fix: str | None = "", kind: str = "stray_mark", safe: bool = True, nth: int = 0):
    start = -1
    for _ in range(nth + 1):
        start = document.raw.index(what, start + 1)
    return View(document, 0, 0, len(TEXT)).find(kind, "", start, start + len(what), "理由", fix=fix, safe=safe)


def shown(line) -> list[tuple[str, str]]:
    return [(piece.text, piece.severity) for piece in line.pieces]


def test_the_pieces_of_all_lines_are_the_text():
    here = document()
    lines = marked(here, {0: found(here, "(xiào)"), 1: found(here, "xx人，学"), 2: found(here, "人，学(xué)")})
    assert "\n".join("".join(piece.text for piece in line.pieces) for line in lines) == TEXT


def test_overlapping_marks_show_the_worse_and_each_ends_with_its_number():
    here = document()
    hint = found(here, "教师xx人", None, "empty_talk", safe=False)
    error = found(here, "xx", None, "placeholder", safe=False)
    line = marked(here, {0: hint, 1: error})[1]
    assert shown(line)[1:4] == [("教师", "hint"), ("xx", "error"), ("人", "hint")]
    assert [piece.ends for piece in line.pieces[1:4]] == [(), (2,), (1,)]


def test_what_is_mended_alike_in_one_line_is_one_note():
    here = document()
    line = marked(here, {4: found(here, "(xiào)"), 7: found(here, "(xué)")}, accepted={7})[1]
    (note,) = line.notes
    assert note.keys == [4, 7] and note.accepted == 1 and note.line == 2


def test_a_finding_of_a_whole_line_marks_the_line():
    here = document()
    line = marked(here, {0: found(here, "网站文字")})[2]
    assert line.whole == "warning" and shown(line) == [("网站文字", "")]


def test_a_finding_over_several_lines_marks_them_all_and_is_noted_once():
    here = document()
    lines = marked(here, {0: found(here, "网站文字\n全文", None)})
    assert lines[2].whole == "warning" and shown(lines[3]) == [("全文", "warning"), ("完。", "")]
    assert [len(line.notes) for line in lines] == [0, 0, 1, 0, 0]


def test_an_accepted_repair_is_shown_in_its_place():
    here = document()
    line = marked(here, {0: found(here, "xx", "30")}, accepted={0})[1]
    (piece,) = (piece for piece in line.pieces if piece.gone)
    assert (piece.text, piece.new) == ("xx", "30")


def test_a_point_is_marked_where_something_is_missing():
    here = document()
    view = View(here, 0, 0, len(TEXT))
    point = view.find("empty_figure", "", 5, 5, "缺数字")
    line = marked(here, {0: point})[1]
    assert [(p.text, p.ends) for p in line.pieces][:2] == [("", (1,)), ("我校(xiào)有教师xx人，学(xué)生若干。", ())]


def test_of_two_repairs_that_overlap_the_first_stays():
    here = document()
    first, second, beside = found(here, "(xiào)"), found(here, "校(xiào)"), found(here, "有")
    assert apart([first, second, beside]) == [first, beside]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 4)), max_size=20))
def test_accepted_repairs_never_touch_and_none_that_fits_is_left_out(spans):
    here = document()
    findings = [View(here, 0, 0, 34).find("stray_mark", "", start, start + size, "", fix="") for start, size in spans]
    chosen = apart(findings)
    for finding in findings:
        touched = [
            other for other in chosen
            if (other.start, other.end) == (finding.start, finding.end)
            or (other.start < finding.end and finding.start < other.end)
        ]  # fmt: skip
        assert touched == [finding] if any(one is finding for one in chosen) else touched


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 20)), max_size=8))
def test_whatever_overlaps_the_pieces_are_the_text_and_every_finding_is_noted_once(spans):
    here = document()
    ends = [(start, min(start + size, len(TEXT) - 1)) for start, size in spans]
    findings = {key: View(here, 0, 0, len(TEXT)).find("stray_mark", "", *span, "") for key, span in enumerate(ends)}
    lines = marked(here, findings)
    assert "\n".join("".join(piece.text for piece in line.pieces) for line in lines) == TEXT
    assert sorted(key for line in lines for note in line.notes for key in note.keys) == sorted(findings)


def test_repairs_are_carried_out_and_a_line_taken_out_leaves_no_blank():
    here = document()
    chosen = [found(here, "网站文字"), found(here, "(xiào)"), found(here, "xx", "30")]
    assert repaired(TEXT, chosen) == "工作汇报\n我校有教师30人，学(xué)生若干。\n全文完。\n"
    assert [change.new for change in changes(TEXT, chosen)] == ["", "30", ""]
