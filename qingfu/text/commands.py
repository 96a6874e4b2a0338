"""`qingfu homework lint FILE`: reads homework messages and answers items and forbidden kinds, one JSON
object a line.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from qingfu.rulebook import grade_in

from .homework import Item, read
from .lint import Flag, lint
from .minutes import propose
from .plain import TextTooLong

OK, BAD_INPUT = 0, 2
LOWEST_GRADE, HIGHEST_GRADE = 1, 9


class BadMessage(ValueError):
    """A message that cannot be read; its text says in Chinese what is wrong."""


def add_parser(subparsers) -> None:
    """`qingfu homework lint FILE [--json] [--on DATE]`."""
    homework = subparsers.add_parser("homework", help="作业：读作业消息，找不该布置的内容")
    verbs = homework.add_subparsers(required=True, metavar="动作")
    parser = verbs.add_parser("lint", help="逐条读作业消息（JSON 数组，或每行一个 JSON 对象）")
    parser.add_argument("file", help="文件名；- 表示标准输入")
    parser.add_argument("--json", action="store_true", help="每条消息输出一行 JSON")
    parser.add_argument(
        "--on", type=date.fromisoformat, default=None, metavar="日期", help="写消息的日期（默认今天）"
    )
    parser.set_defaults(run=lint_file)


def lint_file(arguments: argparse.Namespace) -> int:
    """Answers every message of a file, the bad ones by an error that names their place; 2 if there were
    any.
    """
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    show = _as_json if arguments.json else _as_text
    today = arguments.on or date.today()
    status = OK
    try:
        content = _content(arguments.file)
    except UnicodeDecodeError:
        print(f"读不了文件 {arguments.file}：不是 UTF-8 编码，请另存为 UTF-8", file=sys.stderr)
        return BAD_INPUT
    except OSError as error:
        print(f"读不了文件 {arguments.file}：{error}", file=sys.stderr)
        return BAD_INPUT
    if not content.strip():
        print(f"文件 {arguments.file} 里没有作业消息", file=sys.stderr)
    for place, message in _messages(content):
        try:
            answer = _answer(message, today)
        except (BadMessage, TextTooLong) as error:
            status = BAD_INPUT
            answer = {"error": f"{place}：{error}"}
            print(answer["error"], file=sys.stderr)
        if arguments.json or "error" not in answer:
            print(show(place, answer))
    return status


def _content(file: str) -> str:
    raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    return raw.decode("utf-8-sig")


def _messages(content: str) -> Iterator[tuple[str, object]]:
    """Each message with its place in the file: of a JSON array, of one object over several lines, or of JSON
    lines. A bad line is a BadMessage itself.
    """
    if content.lstrip().startswith("["):
        yield from _of_array(content)
        return
    if "\n" in content.strip() and isinstance(one := _parsed(content), dict):
        yield "整个文件", one
        return
    for number, line in enumerate(content.split("\n"), 1):
        if line.strip():
            yield f"第 {number} 行", _parsed(line)


def _of_array(content: str) -> Iterator[tuple[str, object]]:
    messages = _parsed(content)
    if isinstance(messages, BadMessage):
        yield "整个文件", messages
        return
    for number, message in enumerate(messages, 1):
        yield f"第 {number} 条", message


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        return BadMessage(f'不是 JSON，每行应是 {{"grade": 4, "text": "作业消息"}} 这样的对象（{error}）')


def _answer(message: object, today: date) -> dict:
    """Items and forbidden kinds of one message. Raises BadMessage, TextTooLong."""
    text, grade, subject, materials = _checked(message)
    reading = read(text, grade, subject=subject, today=today)
    flags = lint(text, grade, items=reading.items, materials=materials)
    return {
        "items": [_item(item, grade) for item in reading.items],
        "forbidden": [_flag(flag) for flag in flags],
    }


def _checked(message: object) -> tuple[str, int, str | None, list[str]]:
    if isinstance(message, BadMessage):
        raise message
    if not isinstance(message, dict):
        raise BadMessage("应是一个对象，有 grade 和 text")
    text, grade, subject = message.get("text"), message.get("grade"), message.get("subject")
    if not isinstance(text, str):
        raise BadMessage("缺 text（文字），或不是字符串")
    if grade is None:
        raise BadMessage(f"缺 grade（年级）；grade 应是 {LOWEST_GRADE} 到 {HIGHEST_GRADE}，或三年级、初二这样的写法")
    grade = grade_in(str(grade)) if type(grade) in (int, str) else None
    if grade is None or not LOWEST_GRADE <= grade <= HIGHEST_GRADE:
        raise BadMessage(
            f"grade 应是 {LOWEST_GRADE} 到 {HIGHEST_GRADE}，或三年级、初二这样的写法（现在是 {message['grade']!r}）"
        )
    if not isinstance(subject, str | None):
        raise BadMessage("subject 应是字符串")
    materials = message.get("materials", message.get("materials_listed")) or []
    if not (isinstance(materials, list) and all(isinstance(name, str) for name in materials)):
        raise BadMessage("materials 应是教辅书名的列表")
    return text, grade, subject, materials


def _item(item: Item, grade: int) -> dict:
    proposed, why = propose(item, grade)
    return {
        "subject": item.subject,
        "text": item.text,
        "span": [item.start, item.end],
        "form": item.form,
        "required": item.required,
        "place": item.place,
        "minutes": item.minutes,
        "minutes_from": item.minutes_from,
        "proposed_minutes": proposed,
        "why": why,
        "due": item.due.isoformat() if item.due else None,
        "due_phrase": item.due_phrase,
    }


def _flag(flag: Flag) -> dict:
    span = [flag.start, flag.end]
    return {"code": flag.code, "span": span, "text": flag.text, "why": flag.why_zh, "hint": flag.hint_zh}


def _as_json(place: str, answer: dict) -> str:
    return json.dumps(answer, ensure_ascii=False)


_FORM_NAMES = {"written": "书面", "oral": "口头", "practical": "实践"}


def _as_text(place: str, answer: dict) -> str:
    found = [*_item_lines(answer["items"]), *_flag_lines(answer["forbidden"])]
    return "\n".join([place, *(found or ["  没有读到作业"])])


def _item_lines(items: Iterable[dict]) -> Iterator[str]:
    for item in items:
        minutes = f"{item['minutes']} 分钟" if item["minutes"] else f"约 {item['proposed_minutes']} 分钟（估计）"
        words = [
            item["subject"] or "科目不明", item["text"], _FORM_NAMES[item["form"]],
            "" if item["required"] else "选做", minutes, item["place"] or "",
            f"{item['due'] or item['due_phrase']} 交" if item["due_phrase"] else "",
        ]
        yield "  · " + "，".join(word for word in words if word)


def _flag_lines(flags: Iterable[dict]) -> Iterator[str]:
    for flag in flags:
        yield f"  ! {flag['code']}「{flag['text']}」{flag['why']}{flag['hint']}"
