from hypothesis import given
from hypothesis import strategies as st

from qingfu.text.review.document import Document
from qingfu.text.review.offsets import Edit, rewrite


def test_a_character_leads_back_to_where_it_stood():
    text, way = rewrite("縣區(qū)基層", [Edit(2, 6, "")])
    assert text == "縣區基層"
    assert way.back(1, 2) == (1, 2)
    assert way.back(2, 3) == (6, 7)


def test_what_was_taken_out_inside_a_span_is_within_it():
    _, way = rewrite("縣區(qū)基層", [Edit(2, 6, "")])
    assert way.back(0, 4) == (0, 8)


def test_a_rewritten_piece_leads_back_as_a_whole():
    text, way = rewrite("學！皽p負", [Edit(1, 4, "校“減")])
    assert text == "學校“減負"
    assert way.back(2, 3) == (1, 4)


@st.composite
def edited_texts(draw):
    text = draw(st.text("减负作业(qū)x", max_size=40))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return text, [Edit(a, b, draw(st.text("改字", max_size=3))) for a, b in pairs]


@given(edited_texts())
def test_every_span_leads_back_inside_the_text_and_kept_characters_to_themselves(case):
    text, edits = case
    rewritten, way = rewrite(text, edits)
    for start in range(len(rewritten) + 1):
        for end in range(start, len(rewritten) + 1):
            low, high = way.back(start, end)
            assert 0 <= low <= high <= len(text)
    if not any(edit.replacement for edit in edits):
        for place, character in enumerate(rewritten):
            assert text[slice(*way.back(place, place + 1))] == character


@given(edited_texts(), edited_texts())
def test_a_span_leads_back_through_all_layers(first, second):
    text, edits = first
    document = Document(text)
    document.add_layer(edits)
    above = document.layers[1].text
    document.add_layer([edit for edit in second[1] if edit.end <= len(above)])
    for start in range(len(document.layers[2].text) + 1):
        low, high = document.raw_span(2, start, len(document.layers[2].text))
        assert 0 <= low <= high <= len(text)
