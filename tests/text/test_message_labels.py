"""The labelled homework messages are sound: spans, items, codes, sets, balance (rules: README.md here)."""

import json
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CODES = {
    "parent_work", "check_in", "phone_homework", "punitive", "mechanical",
    "self_marking", "grade12_written", "disguised_exam", "unlisted_material",
}
SUBJECTS = {
    "语文", "数学", "英语", "科学", "道法", "体育", "美术", "音乐", "劳动", "信息科技",
    "物理", "化学", "生物", "历史", "地理", None,
}
FORMS = {"written", "oral", "practical"}
AT_SCHOOL = {"课内", "课后服务", "晚自习"}
PLACES = AT_SCHOOL | {"家庭", None}
MESSAGE_KEYS = {"id", "grade", "text", "materials_listed", "items", "forbidden", "lookalike"}
ITEM_KEYS = {"subject", "text", "form", "required", "minutes", "due", "place"}
MINUTES_IN_WORDS = {
    1: ("一分",), 5: ("五分",), 10: ("十分",), 30: ("半小时",), 60: ("一小时", "一个小时", "1小时", "1个小时", "60 分"),
    120: ("2小时",),
}


def read(name):
    lines = (HERE / f"messages_{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


NAMES = ("dev", "released", *(f"released{number}" for number in range(2, 10)), "tenth")
SETS = {name: read(name) for name in NAMES}
MESSAGES = [message for messages in SETS.values() for message in messages]
RELEASED_LATER = {
    "released2": range(501, 741), "released3": range(801, 1001), "released4": range(4001, 4301),
    "released5": range(5001, 5201), "released6": range(6001, 6201),
    "released7": range(7001, 7201), "released8": range(8001, 8506), "released9": range(9001, 9515),
    "tenth": range(10001, 10501),
}


def codes_of(message):
    return {mark["code"] for mark in message["forbidden"]}


def places_of(text, part):
    """Every (start, end) at which `part` stands in `text`."""
    start = text.find(part)
    while start >= 0:
        yield start, start + len(part)
        start = text.find(part, start + 1)


def covered(message, item, code):
    spans = [mark["span"] for mark in message["forbidden"] if mark["code"] == code]
    where = list(places_of(message["text"], item["text"]))
    return any(a < end and start < b for a, b in spans for start, end in where)


def stated(minutes, text):
    forms = (f"{minutes}分", f"{minutes}min", f"（{minutes}）", *MINUTES_IN_WORDS.get(minutes, ()))
    return any(form in text for form in forms)


SHORT = 13  # shingles of a message so short that the name of one lesson or task fills half of it


def shingles(text, size=6):
    letters = "".join(text.split())
    return {letters[i:i + size] for i in range(len(letters) - size + 1)}


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message["id"])
def test_every_mark_and_item_is_literal_text(message):
    text = message["text"]
    for mark in message["forbidden"]:
        start, end = mark["span"]
        assert mark["code"] in CODES
        assert 0 <= start < end <= len(text)
        assert text[start:end] == mark["text"] == mark["text"].strip()
    for item in message["items"]:
        assert item.keys() == ITEM_KEYS
        assert item["text"] and item["text"] == item["text"].strip() and item["text"] in text
        assert item["subject"] in SUBJECTS and item["form"] in FORMS and item["place"] in PLACES
        assert isinstance(item["required"], bool)
        assert item["due"] is None or item["due"] in text
        assert item["minutes"] is None or stated(item["minutes"], text)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message["id"])
def test_grade_and_other_fields(message):
    assert 1 <= message["grade"] <= 9
    assert message["text"].strip()
    assert all(material.strip() for material in message.get("materials_listed", []))
    assert message.keys() <= MESSAGE_KEYS
    assert set(message.get("lookalike", [])) <= CODES
    assert not ("lookalike" in message and message["forbidden"]), "only a clean message is a hard negative"


def test_no_mark_is_given_twice():
    for message in MESSAGES:
        marks = [(mark["code"], tuple(mark["span"])) for mark in message["forbidden"]]
        assert len(marks) == len(set(marks)), message["id"]


def test_written_home_work_of_grades_1_and_2_is_always_marked_and_nothing_else_is():
    for message in MESSAGES:
        for item in message["items"]:
            at_home = item["form"] == "written" and item["place"] not in AT_SCHOOL
            expected = message["grade"] <= 2 and at_home
            assert covered(message, item, "grade12_written") == expected, (message["id"], item["text"])
    marked_grades = {message["grade"] for message in MESSAGES if "grade12_written" in codes_of(message)}
    assert marked_grades == {1, 2}


def test_material_that_the_school_has_listed_is_never_marked():
    for message in MESSAGES:
        for mark in message["forbidden"]:
            if mark["code"] == "unlisted_material":
                listed = message.get("materials_listed", [])
                assert not any(title in mark["text"] for title in listed), message["id"]


def test_sets_are_told_apart_by_their_ids():
    numbers = {name: [int(message["id"][1:]) for message in messages] for name, messages in SETS.items()}
    assert all(number % 2 == 1 for number in numbers["dev"])
    assert all(number % 2 == 0 for number in numbers["released"])
    tuned_with = sorted(numbers["dev"] + numbers["released"])
    assert tuned_with == list(range(1, len(tuned_with) + 1))
    for name, range_of_ids in RELEASED_LATER.items():
        assert numbers[name] == list(range_of_ids)


def test_no_message_repeats_one_of_another_set():
    assert len({message["text"] for message in MESSAGES}) == len(MESSAGES)
    pieces = {name: [(message["id"], shingles(message["text"])) for message in messages]
              for name, messages in SETS.items()}
    for one, two in combinations(pieces.values(), 2):
        for first, own in one:
            for other, theirs in two:
                shorter = min(len(own), len(theirs))
                assert shorter < SHORT or len(own & theirs) < 0.5 * shorter, (first, other)


def test_every_set_is_large_and_balanced():
    for messages in SETS.values():
        assert len(messages) >= 200
        clean = [message for message in messages if not message["forbidden"]]
        hard = [message for message in clean if "lookalike" in message]
        assert 0.42 <= len(clean) / len(messages) <= 0.58
        assert len(hard) >= len(clean) / 2
    assert {message["grade"] for message in MESSAGES} == set(range(1, 10))
    assert {item["subject"] for message in MESSAGES for item in message["items"]} == SUBJECTS


def test_every_code_is_in_at_least_11_messages_of_each_set():
    by_set = {name: Counter(code for message in messages for code in codes_of(message))
              for name, messages in SETS.items()}
    for code in CODES:
        assert all(counts[code] >= 11 for counts in by_set.values()), code
        lookalikes = sum(code in message.get("lookalike", []) for message in MESSAGES)
        assert lookalikes >= 8, code
