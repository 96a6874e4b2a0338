from hypothesis import given, settings
from hypothesis import strategies as st

from qingfu.text.review.document import PLAIN, RAW, REPAIRED, SIMPLE
from qingfu.text.review.layers import read_document
from qingfu.text.review.script import to_simplified

PIECES = st.sampled_from(
    [
        "鄉(xiāng)鎮",
        "規(guī)定",
        "學!皽p負",
        "績?yōu)橐罁?jù)",
        "顒涌偭",
        "\n",
        "\r\n",
        "為了",
        "开展",
        "。",
        "a?b",
        "犇",
        "\ue000",
        "�",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES).map("".join))


@settings(deadline=None, max_examples=50)
@given(TEXTS)
def test_every_character_of_every_layer_leads_back_into_the_raw_text(text):
    document = read_document(text)
    for layer in (PLAIN, REPAIRED, SIMPLE):
        reached = 0
        for at in range(len(document.layers[layer].text)):
            start, end = document.raw_span(layer, at, at + 1)
            assert 0 <= start <= end <= len(text) and start >= reached - 100
            reached = max(reached, start)


@settings(deadline=None, max_examples=50)
@given(TEXTS)
def test_no_layer_adds_or_takes_out_a_line_end(text):
    document = read_document(text)
    assert len({layer.text.count("\n") for layer in document.layers}) == 1


def test_each_layer_does_its_own_work():
    document = read_document("在業(yè)務會議上發(fā)言")
    assert document.layers[RAW].text == "在業(yè)務會議上發(fā)言"
    assert document.layers[PLAIN].text == "在業務會議上發言"
    assert document.layers[SIMPLE].text == "在业务会议上发言"


def test_a_character_simplified_behind_an_annotation_knows_its_raw_place():
    document = read_document("在業(yè)務會議")
    at = document.layers[SIMPLE].text.index("务")
    assert document.raw_span(SIMPLE, at, at + 1) == (6, 7)


def test_clean_simplified_text_is_the_same_in_all_layers():
    text = "全县各乡镇认真落实基层减负各项工作，会议同比减少三成。\n乾隆年间的古桥已修缮。"
    assert {layer.text for layer in read_document(text).layers} == {text}


def test_a_phrase_that_keeps_its_traditional_character_keeps_it():
    assert to_simplified("乾隆年間，乾燥") == "乾隆年间，干燥"
