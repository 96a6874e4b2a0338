"""`qingfu document check FILE`: reads a draft of an official document and tells what the rules say of it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from qingfu.rulebook import Rulebook, RulebookError, Verdict, load_national, load_pack

from ..files import CannotRead, Source, open_file
from .check import Check, check_draft
from .corrected import corrected
from .judging import BROKEN, KEPT, OPEN, Judged
from .layout import Flaw
from .marked import MarkedSecret
from .signs import Sign
from .sizes import ESTIMATED, LAID_OUT, STORED
from .words import data

NOTHING, FOUND, UNREADABLE = 0, 1, 2
CARRIERS = {"red": "红头文件", "letter": "函（信函格式）", "memo": "便函", "white": "白头件", "minutes": "纪要"}
PAGES_FROM = {STORED: "Word 存的页数", LAID_OUT: "排出来的页数", ESTIMATED: "按每面 22 行、每行 28 字估算"}
STATES = {KEPT: "合", OPEN: "待定", BROKEN: "超"}


def add_parser(subparsers) -> None:
    """`qingfu document check FILE.docx [--against SUPERIOR.docx] [--on DAY] [--json]`."""
    document = subparsers.add_parser("document", help="公文：起草时查字数、文种、要求、变相和版式")
    verbs = document.add_subparsers(required=True, metavar="动作")
    parser = verbs.add_parser(
        "check",
        help="查一份公文草稿",
        epilog="涉密不上网：标有密级或内部的文件不读。退出码：0 没有问题，1 有，2 读不了或不能读。",
    )
    parser.add_argument("file", metavar="文件", help=".docx .doc .txt .pdf")
    parser.add_argument("--against", metavar="上级文件", help="逐段比对：照搬了多少，新写的占多少")
    parser.add_argument("--on", type=date.fromisoformat, metavar="日期", help="哪一天发，规定按这一天算（默认今天）")
    parser.add_argument("--pack", action="append", default=[], metavar="规则文件", help="地方的规则文件，可写多个")
    parser.add_argument("--assessed", action="store_true", help="已作过一致性评估")
    parser.add_argument("--issued", type=int, metavar="件数", help="今年已发的件数")
    parser.add_argument("--last-year", type=int, metavar="件数", help="去年全年的件数（与 --issued 一起写）")
    parser.add_argument("--corrected", metavar="文件.docx", help="另存一份按 GB/T 9704 排好的 Word")
    parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象")
    parser.set_defaults(run=check)


def check(arguments: argparse.Namespace) -> int:
    """Tells what was found; 1 where there is something, 2 where the file could not or may not be read."""
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        source, superior = _opened(arguments.file), arguments.against and _opened(arguments.against)
        found = check_draft(
            source,
            on=arguments.on or date.today(),
            rulebook=Rulebook([*load_national(), *map(load_pack, arguments.pack)]) if arguments.pack else None,
            superior=superior or None,
            assessed=arguments.assessed or None,
            issued=arguments.issued,
            last_year=arguments.last_year,
            lay_out=True,
        )
        if arguments.corrected:
            Path(arguments.corrected).write_bytes(corrected(source))
    except (CannotRead, RulebookError) as error:
        return _refused(str(error))
    except MarkedSecret as error:
        return _refused(f"不读 {arguments.file}：{error}")
    except OSError as error:
        return _refused(f"读不了或写不了 {error.filename}：{error.strerror}")
    for warning in source.warnings:
        print(f"{arguments.file}：{warning}", file=sys.stderr)
    if arguments.json:
        print(json.dumps(record(found), ensure_ascii=False))
    else:
        print("\n".join(told(found)))
    return FOUND if found.verdict > Verdict.PASS or found.layout else NOTHING


def _opened(path: str) -> Source:
    try:
        return open_file(path)
    except CannotRead as error:
        raise CannotRead(f"读不了 {path}：{error}") from None


def _refused(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return UNREADABLE


def record(found: Check) -> dict:
    """Everything as plain values; no text of the draft but the quotes of what was found."""
    kind, size = found.kind, found.size
    return {
        "file": found.draft.source.name,
        "on": found.day.isoformat(),
        "sha256": found.sha256,
        "verdict": found.verdict.code,
        "title": found.draft.title,
        "kind": {
            "form": kind.form, "name": kind.form_name, "types": list(kind.types), "carrier": kind.carrier,
            "deploys": kind.deploys, "to_grassroots": kind.to_grassroots, "required": found.required,
        },
        "size": {
            "characters": size.characters, "enclosed": size.enclosed, "attachments": size.attachments,
            "pages": size.pages, "pages_from": size.pages_from,
        },
        "limits": [_limit_record(it) for it in found.judged],
        "signs": [_sign_record(it) for it in found.signs],
        "disguises": [_sign_record(it) for it in found.disguises],
        "wrong_kind": [_sign_record(it) for it in found.wrong_kinds],
        "against": _against_record(found),
        "layout": [_flaw_record(it) for it in found.layout],
    }  # fmt: skip


def _limit_record(it: Judged) -> dict:
    return {
        "limit": it.limit, "title": it.title, "state": it.state, "verdict": it.verdict.code, "cap": it.cap,
        "amount": it.amount, "measure": it.measure, "document": it.citation, "clause": it.clause, "level": it.level,
        "reason": it.reason,
    }  # fmt: skip


def _sign_record(it: Sign) -> dict:
    return {
        "code": it.code, "name": it.name, "span": [it.start, it.end], "text": it.quote, "why": it.why,
        "advice": it.advice, "rows": list(it.rows),
    }  # fmt: skip


def _flaw_record(it: Flaw) -> dict:
    return {
        "code": it.code, "clause": it.clause, "name": it.name, "found": it.found, "due": it.due,
        "lines": list(it.lines), "mended": it.mended,
    }  # fmt: skip


def _against_record(found: Check) -> dict | None:
    it = found.comparison
    if it is None:
        return None
    return {
        "file": it.superior,
        "new_share": round(it.new_share, 3),
        "mostly_repeats": it.mostly_repeats,
        "requires": it.requires,
        "pairs": [
            {
                "span": [pair.start, pair.end], "text": pair.text, "identity": pair.identity,
                "superior_span": [pair.superior_start, pair.superior_end], "superior_text": pair.superior_text,
            }
            for pair in it.pairs
        ],
    }  # fmt: skip


def told(found: Check) -> Iterator[str]:
    """The same for a person, a line for each thing."""
    kind, size = found.kind, found.size
    yield f"{found.draft.title or found.draft.source.name}：{found.verdict.text}（按 {found.day} 的规定）"
    carrier = CARRIERS[kind.carrier] + ("，向下部署工作" if kind.deploys else "")
    yield f"文种：{kind.form_name}；{carrier}"
    enclosed = f"（其中印发的 {size.enclosed} 字）" if size.enclosed else ""
    yield f"正文 {size.characters} 字{enclosed}，附件 {size.attachments} 字"
    yield f"{size.pages} 页（{PAGES_FROM[size.pages_from]}）"
    for it in found.judged:
        amount = "" if it.amount is None else f"，这件 {it.amount}"
        yield f"  [{STATES[it.state]}] {it.title}：{it.rule}{amount}。{it.reason or it.citation + it.clause}"
    for it in (*found.disguises, *found.wrong_kinds, *found.signs):
        quote = f"“{it.quote}”" if it.quote else ""
        yield f"  ! {it.name}{quote}：{it.why}{it.advice}"
    yield from _told_against(found)
    if found.layout:
        yield f"版式（{data('layout')['standard']}）：{len(found.layout)} 处不合"
        for it in found.layout:
            where = f"第 {'、'.join(map(str, it.lines[:5]))}{'…' if len(it.lines) > 5 else ''} 行，" if it.lines else ""
            yield f"  · {it.name}：{where}现为 {it.found}，应为 {it.due}（{it.clause}）"


def _told_against(found: Check) -> Iterator[str]:
    it = found.comparison
    if it is None:
        return
    yield f"与《{it.superior}》相比：新写的占 {it.new_share:.0%}，相同 {len(it.pairs)} 处"
    if it.requires:
        yield f"  上级要求制定：“{it.requires}”"
    for pair in it.pairs:
        yield f"  = 本件：{pair.text}"
        yield f"    上级：{pair.superior_text}（相同 {pair.identity:.0%}）"
