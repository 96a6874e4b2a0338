"""`qingfu rulebook show|explain|check|ask`."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import NamedTuple

from .ask import QuestionError, ask
from .calendar import Calendar, load_calendar
from .check import check
from .explain import explain_each, heading, lines, records, step_record
from .loader import load_examples, load_national, load_not_checkable, load_pack, load_unrecorded
from .model import InForce, Pack, RulebookError
from .question import read_code, read_day, read_grade
from .rulebook import Rulebook
from .sentences import TEMPLATES, rule_text
from .words import BEARERS, KINDS, STAGES, word

BAD_INPUT = 2  # exit status


class SchoolRules(NamedTuple):
    """What a school goes by: its packs from its county down, and the calendar with what county and school declared."""

    packs: list[Pack]
    calendar: Calendar


# Finds what a school goes by, by its name; None where there is no such school.
FindSchool = Callable[[str], SchoolRules | None]


def add_parser(subparsers, find_school: FindSchool | None = None) -> None:
    """Adds `rulebook` to the command line. `find_school` looks schools up where there is a database."""
    parser = subparsers.add_parser("rulebook", help="规则库：查看、追溯、体检、提问")
    commands = parser.add_subparsers(required=True, metavar="命令")
    show_parser = _add(commands, "show", show, "列出规定", find_school, _who, partial(_kind, nargs="?"))
    show_parser.add_argument(
        "--people",
        action="store_true",
        help="改为列出机器不能判断的国家规定：要由人判断的，和没有人登记做了多少的，写明原因",
    )
    _add(
        commands, "explain", explain_command, "从国家到学校逐级列出，标明哪一条最严", find_school, _kind, _who
    )
    _add(commands, "check", check_command, "找出比上级宽、漏掉年级、和上级冲突的规定", find_school)
    ask_parser = _add(commands, "ask", ask_command, "逐行回答 JSON 问题", find_school)
    ask_parser.add_argument(
        "file", nargs="?", default="-", help="每行一个问题的文件；省略或写 - 则读标准输入"
    )


def _add(commands, name: str, run, text: str, find_school, *more) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=partial(_guarded, run), find_school=find_school)
    parser.add_argument(
        "--pack", action="append", default=[], metavar="FILE", help="地方或学校的规则文件，可写多个"
    )
    parser.add_argument("--school", help="学校名称或代码（有数据库时），或自带示例的编号")
    day = _read(partial(read_day, field="日期"))
    parser.add_argument("--on", type=day, default=date.today(), metavar="日期", help="哪一天，默认今天")
    parser.add_argument("--json", action="store_true", help="输出 JSON，每行一个对象")
    for add in more:
        add(parser)
    return parser


def _kind(parser, **options) -> None:
    parser.add_argument(
        "kind", type=_told("kinds", KINDS, "事项"), metavar="事项", help="如 homework、exam、作业、文件", **options
    )


def _who(parser) -> None:
    parser.add_argument("--grade", type=_read(read_grade), metavar="年级", help="4、四年级、初二")
    parser.add_argument(
        "--stage", type=_told("stages", STAGES, "学段"), metavar="学段", help="primary、小学、初中、高中"
    )
    parser.add_argument(
        "--bearer", type=_told("bearers", BEARERS, "承担方"), metavar="承担方", help="class、school、部门、乡镇"
    )


def _read(reader: Callable) -> Callable:
    """A reader of questions as a type of arguments."""

    def read(text: str):
        try:
            return reader(text)
        except QuestionError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read


def _told(group: str, known, name: str) -> Callable:
    return _read(lambda text: read_code(group, text, known, name))


def _guarded(run, parsed) -> int:
    """Runs a command; what is wrong with its input is told on one line."""
    try:
        status = run(parsed) or 0
        sys.stdout.flush()
        return status
    except RulebookError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:  # the reader has seen enough; keep Python from flushing into it again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def packs_of(parsed) -> list[Pack]:
    """The national packs, those of the school, and the files given. Raises RulebookError."""
    return rules_of(parsed).packs


def rules_of(parsed) -> SchoolRules:
    """``packs_of``, with the calendar of the school; the national one without a school. Raises RulebookError."""
    given = [load_pack(path) for path in parsed.pack]
    school = _school(parsed.school, parsed.find_school) if parsed.school else SchoolRules([], load_calendar())
    return SchoolRules([*load_national(), *given, *school.packs], school.calendar)


def _school(name: str, find_school: FindSchool | None) -> SchoolRules:
    found = find_school(name) if find_school else None
    if found is not None:
        return found
    examples = [pack for pack in load_examples() if name in (pack.id, pack.file.removesuffix(".toml"))]
    if not examples:
        raise RulebookError(f"找不到学校“{name}”。请检查名称，或用 --pack 给出它的规则文件")
    return SchoolRules(examples, load_calendar())


def show(parsed) -> None:
    """Lists the limits in force on a day, of one kind and one grade where these are given; or those left to people."""
    if parsed.people:
        _show_people(parsed)
        return
    rulebook = Rulebook(packs_of(parsed))
    for in_force in _shown(rulebook, parsed):
        if parsed.json:
            _print_json(step_record(in_force, False))
        else:
            print(_show_line(in_force))


def _show_people(parsed) -> None:
    for row, reason in load_not_checkable().items():
        if parsed.json:
            _print_json({"row": row, "reason": reason})
        else:
            print(f"{row}｜{reason}")
    for limit, reason in load_unrecorded():
        for row in limit.rows:
            if parsed.json:
                _print_json({"row": row, "limit": limit.id, "reason": reason})
            else:
                print(f"{row}｜{limit.title}（{limit.id}）：{reason}")


def _shown(rulebook: Rulebook, parsed) -> list[InForce]:
    return [
        in_force
        for in_force in rulebook.in_force(parsed.on)
        if parsed.kind in (None, in_force.limit.kind)
        and (parsed.grade is None or parsed.grade in in_force.limit.applies.all_grades)
    ]


def _show_line(in_force: InForce) -> str:
    limit = in_force.limit
    return "｜".join(
        [
            word("levels", in_force.level),
            word("kinds", limit.kind),
            limit.title + (f"（{limit.applies.text}）" if limit.applies.text else ""),
            rule_text(in_force),
            word("forces", limit.force),
            in_force.citation,
            limit.id,
        ]
    )


def explain_command(parsed) -> None:
    """The chain from the nation to the school for a kind of demand."""
    rulebook = Rulebook(packs_of(parsed))
    found = explain_each(rulebook, parsed.kind, parsed.on, parsed.bearer, parsed.grade, parsed.stage)
    if parsed.json:
        for grades, explanation in found:
            for record in records(explanation):
                _print_json({**record, "bearer": explanation.bearer.kind, "grades": list(grades)})
        return
    told = len(found) == 1 and found[0][1].bearer.kind == (parsed.bearer or "class")
    for grades, explanation in found:
        if not told:
            print(heading(grades, explanation))
        print(*lines(explanation), sep="\n")
    if not found:
        print(TEMPLATES["ask"]["free"])


def check_command(parsed) -> int:
    """The problems of the packs given (of the examples, where none is), 1 as exit status if there are any."""
    problems = (
        check(packs_of(parsed), parsed.on) if parsed.pack or parsed.school else _check_examples(parsed.on)
    )
    for problem in problems:
        if parsed.json:
            _print_json(
                {
                    "kind": problem.kind,
                    "pack": problem.pack_id,
                    "limit": problem.limit_id,
                    "superior": problem.superior_id,
                    "verdict": problem.verdict.code,
                    "text": problem.text_zh,
                }
            )
        else:
            print(f"· {problem.text_zh}")
    if not parsed.json:
        print(TEMPLATES["check"]["total"].format(number=len(problems)))
    return int(bool(problems))


def _check_examples(on: date) -> list:
    """Each example by itself under the national rules: they come from different places."""
    return [problem for pack in load_examples() for problem in check([*load_national(), pack], on)]


def ask_command(parsed) -> int:
    """Answers questions, one JSON object a line, or all of a JSON array; one that cannot be read is answered
    with its error.
    """
    rules = rules_of(parsed)
    rulebook = Rulebook(rules.packs)
    status = 0
    for number, question in _questions(parsed.file):
        try:
            if isinstance(question, QuestionError):
                raise question
            answer = ask(question, rulebook, rules.calendar, today=parsed.on)
        except (QuestionError, RulebookError) as error:
            answer, status = {"error": str(error)}, BAD_INPUT
        _print_json({"line": number, **answer})
    return status


def _questions(file: str) -> Iterable[tuple[int, object]]:
    """The questions of a file with their numbers: of a line each, or of one array. A bad one is a QuestionError."""
    lines_of_file = enumerate(_lines(file), 1)
    for number, line in lines_of_file:
        if number == 1 and line.lstrip().startswith(b"["):
            whole = _question(line + b"".join(rest for _, rest in lines_of_file))
            yield from enumerate(whole if isinstance(whole, list) else [whole], 1)
        elif line.strip():
            yield number, _question(line)


def _lines(file: str) -> Iterable[bytes]:
    if file == "-":
        yield from sys.stdin.buffer
        return
    try:
        with open(file, "rb") as lines_of_file:
            yield from lines_of_file
    except OSError as error:
        raise RulebookError(f"读不出这个文件，请检查路径（{error}）", file=file) from error


def _question(line: bytes):
    try:
        return json.loads(line)
    except UnicodeDecodeError:
        return QuestionError("不是 UTF-8 编码，请另存为 UTF-8")
    except (ValueError, RecursionError) as error:
        return QuestionError(f"不是合格的 JSON：{error}")


def _print_json(record) -> None:
    print(json.dumps(record, ensure_ascii=False))
