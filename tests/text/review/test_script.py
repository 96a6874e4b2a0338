from qingfu.text.review.reader import review_text

TRADITIONAL = "各鄉鎮認真學習貫徹會議精神，對學校開展減負工作進行檢查。"
SIMPLIFIED = "各乡镇认真学习贯彻会议精神，对学校开展减负工作进行检查。"


def mixed(text: str) -> list[tuple[int, str, str]]:
    return [(f.start, text[f.start : f.end], f.fix) for f in review_text(text).findings if f.kind == "mixed_script"]


def test_a_character_that_the_converter_left_is_found_with_the_right_one():
    assert mixed(TRADITIONAL + "關于規范的意見") == [(29, "于", "於"), (31, "范", "範")]


def test_a_simplified_character_in_a_traditional_text_is_found():
    assert mixed(TRADITIONAL + "經濟发展") == [(30, "发", "發")]


def test_a_traditional_character_in_a_simplified_text_is_found():
    assert mixed(SIMPLIFIED + "經济发展") == [(28, "經", "经")]


def test_both_forms_that_are_in_use_stay():
    assert mixed(TRADITIONAL + "匯報與公布每周進行一次，為了學生。") == []


def test_a_clean_text_of_either_script_has_none():
    assert mixed(TRADITIONAL) == mixed(SIMPLIFIED) == []
