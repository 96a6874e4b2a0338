"""Reading a homework message: what a teacher pastes, and the items that are understood."""

from datetime import date

import pytest

from qingfu.text.homework import read

WEDNESDAY = date(2025, 11, 12)


def reading(text, subject=None, grade=4, **more):
    return read(text, grade, subject=subject, today=WEDNESDAY, **more)


def items(text, **more):
    return reading(text, **more).items


def only(text, **more):
    (item,) = items(text, **more)
    return item


def told(text, *names):
    return [tuple(getattr(item, name) for name in names) for item in items(text)]


def test_a_message_is_split_by_subject_and_mark():
    text = "语文：1.抄写第5课生字2遍 2.朗读课文三遍（口头） 数学：练习册P23-24，约20分钟"
    assert told(text, "subject", "text", "form", "minutes") == [
        ("语文", "抄写第5课生字2遍", "written", None),
        ("语文", "朗读课文三遍（口头）", "oral", None),
        ("数学", "练习册P23-24，约20分钟", "written", 20),
    ]


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("语文\n抄写生字\n数学\n口算一页", ["语文", "数学"]),
        ("【语文】抄写生字【数学】口算一页", ["语文", "数学"]),
        ("语文作业：抄写生字；数学（王老师）：口算一页", ["语文", "数学"]),
        ("語文：抄寫生字。數學：口算一頁", ["语文", "数学"]),
        ("📖语文：抄写生字 🔢数学：口算一页", ["语文", "数学"]),
        ("<p>语文：抄写生字</p><p>数学：口算一页</p>", ["语文", "数学"]),
        ("语：抄写生字 数：口算一页 英：读Unit 3", ["语文", "数学", "英语"]),
        ("语文课堂作业本18课数学课堂作业本51页英语读背M7", ["语文", "数学", "英语"]),
        ("道法采访一位劳动者，科学种下绿豆", ["道德与法治", "科学"]),
        ("今日作业 ①语文：背诵古诗 ②数学：练习册P3", ["语文", "数学"]),
    ],
)
def test_subjects_are_found_however_they_are_written(text, subjects):
    assert [item.subject for item in items(text)] == subjects


@pytest.mark.parametrize("text", ["用英语说一段话", "读一读科学家的故事", "数学老师请假，练习册P3"])
def test_a_subject_name_as_a_word_is_no_label(text):
    assert len(items(text)) == 1


def test_without_a_name_the_subject_is_the_callers_then_what_the_work_tells():
    assert only("练习册P3", subject="物理").subject == "物理"
    assert only("跳绳三组").subject == "体育"
    assert only("练习册P3").subject is None


def test_a_school_may_teach_other_subjects():
    subjects = {"蒙古语文": ["蒙语"], "数学": []}
    assert [item.subject for item in items("蒙语：抄写生字 数学：口算一页", subjects=subjects)] == ["蒙古语文", "数学"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("①抄写生字②朗读课文③练习册P3", 3),
        ("1⃣️抄写生字2⃣️朗读课文", 2),
        ("（1）课堂作业本第20课\n（2）背诵《伯牙鼓琴》", 2),
        ("1、抄写生字；2、朗读课文。", 2),
        ("一、抄写生字\n二、朗读课文", 2),
        ("- 抄写生字\n- 朗读课文", 2),
        ("抄写生字两遍，朗读课文三遍，预习第6课", 3),
        ("抄写生字，注意书写工整", 1),
        ("练习册P23、24，第3、5题", 1),
        ("完成练习3、练习4", 2),
        ("练习册P23（第1题、第2题，写过程）", 1),
        ("各位家长好！今天的作业如下：抄写生字。辛苦啦！", 1),
        ("今天没有书面作业，早点休息！", 0),
        ("数学：没有", 0),
    ],
)
def test_items_are_told_apart(text, count):
    assert len(items(text)) == count


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("抄写生字两遍", "written"), ("练习册P23", "written"), ("小练笔300字", "written"), ("订正错题", "written"),
        ("朗读课文", "oral"), ("背诵课文P22", "oral"), ("预习《习作：家乡》", "oral"), ("听录音跟读", "oral"),
        ("跳绳100个", "practical"), ("观察月亮，画下来", "practical"), ("做一份手抄报", "practical"),
        ("帮妈妈洗碗", "practical"), ("口算一页", "written"), ("朗读课文并抄写好词", "written"),
        ("生字组词（口头）", "oral"), ("看图写话，不动笔，说一说", "oral"), ("抄写改为组词游戏，说五个词", "oral"),
        ("复习词语，明天听写", "oral"),
    ],
)
def test_the_form_of_an_item(text, form):
    assert only(text).form == form


def test_labels_give_form_duty_and_place():
    text = "数学\n必做：练习册P3\n选做：思考题一道\n英语\n口头作业：第3课单词\n课后服务：抄写单词"
    assert told(text, "form", "required", "place") == [
        ("written", True, None),
        ("written", False, None),
        ("oral", True, None),
        ("written", True, "课后服务"),
    ]


@pytest.mark.parametrize(
    "text", ["练习册P3（选做）", "学有余力的同学写一篇日记", "感兴趣的可以观察月亮", "P36拓展题选做"]
)
def test_what_is_optional(text):
    assert not only(text).required


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("练习册P3，课后服务时完成", "课后服务"), ("晚自习默写单词", "晚自习"), ("回家测量桌子", "家庭"),
        ("练习册P3，课堂上完成", "课内"), ("口算本P20，晚托已做完", "课后服务"), ("课堂作业本P3", None),
    ],
)
def test_where_it_is_done(text, place):
    assert only(text).place == place


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("口算一页，约20分钟", 20), ("口算一页（15-20分钟）", 20), ("口算一页，半小时", 30), ("口算一页，一刻钟", 15),
        ("阅读1小时", 60), ("阅读一个半小时", 90), ("阅读1小时20分钟", 80), ("口算一页 20min", 20), ("口算一页20'", 20),
        ("口算一页（约10分）", 10), ("口算一页，２０分钟", 20), ("练习册P3，二十分钟", 20), ("阅读1.5小时", 90),
        ("一分钟跳绳三组", None), ("跳绳3组，每组1分钟", None), ("8点30分前交口算", None), ("口算一页，得90分", None),
    ],
)
def test_stated_minutes(text, minutes):
    assert only(text).minutes == minutes


def test_a_total_after_a_subject_is_divided_over_its_items():
    text = "语文（约31分钟）：①抄写生字②朗读课文③背诵古诗，10分钟 数学：练习册P3"
    assert told(text, "minutes", "minutes_from") == [
        (11, "shared"), (10, "shared"), (10, "stated"), (None, None),
    ]


def test_a_total_on_the_last_item_is_all_items():
    text = "语文：1.抄写生字 2.朗读课文（共约20分钟）"
    assert told(text, "minutes", "minutes_from") == [(10, "shared"), (10, "shared")]


def test_a_total_on_a_line_of_its_own_is_the_messages():
    text = "语文：抄写生字\n数学：口算一页，5分钟\n以上作业共约25分钟"
    assert told(text, "minutes", "minutes_from") == [(20, "shared"), (5, "stated")]


def test_optional_items_take_no_part_of_a_total():
    text = "数学（约20分钟）：练习册P3；思考题一道（选做）"
    assert told(text, "minutes", "minutes_from") == [(20, "shared"), (None, None)]


def test_due_dates_of_an_item_and_of_all():
    assert only("日记一篇，下周一交").due == date(2025, 11, 17)
    both = items("采访一位劳动者，种下绿豆，都是周五前交")
    assert [item.due for item in both] == [date(2025, 11, 14)] * 2


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("练习册P23-24", {"pages": 2}), ("练习册第23页到25页", {"pages": 3}), ("练习册第23页", {"pages": 1}),
        ("抄写第5课生字2遍", {"lessons": 1, "times": 2}), ("小练笔300字", {"characters": 300}),
        ("第3-5题", {"questions": 3}), ("抄写8个生字", {"signs": 8}), ("生字8个，每个写两遍", {"signs": 8, "times": 2}),
        ("背单词20个", {"words": 20}), ("跳绳3组", {"groups": 3}), ("读《童年》前五章", {"chapters": 5}),
    ],
)
def test_amounts(text, amounts):
    assert {amount.kind: amount.number for amount in only(text).amounts} == amounts


def test_spans_are_exactly_the_text():
    text = "🎒語文：①抄\u200b写第５课生字\n數學：<b>练习册</b>Ｐ２３"
    for part in (*reading(text).items, *reading(text).remarks):
        assert text[part.start:part.end] == part.text


def test_what_is_no_work_is_kept_as_a_remark():
    result = reading("各位家长好！抄写生字。明天降温，请多穿衣服。")
    assert [item.text for item in result.items] == ["抄写生字"]
    assert [remark.text for remark in result.remarks] == ["各位家长好", "明天降温", "请多穿衣服"]
