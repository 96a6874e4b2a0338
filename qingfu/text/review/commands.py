"""`qingfu review FILE…`: reads reports and tells what an editor would say of them."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from ..files import CannotRead, Mark, Repair, Source, open_file, why_not, with_comments, with_repairs
from .corpus import INDEX, CorpusError, Index, read_report, report_files, why_unread
from .finding import SEVERITY_NAMES, Finding, kinds
from .html import as_html, folder_as_html
from .processes import ProcessEnded
from .reader import Review, as_row, in_order
from .repairs import apart, changes, safe
from .secrecy import why_secret
from .several import review_together, rows_of
from .summary import above_hint, show, told, told_claims, told_shares

NOTHING, FOUND, UNREADABLE = 0, 1, 2


def add_parser(subparsers, *, check_claims=None) -> None:
    """`qingfu review FILE… [--json] [--on DATE] [--word OUT] [--clean OUT] [--html OUT] [--corpus DIR]
    [--processes N] [--unit [NAME] [--period WORDS] [--lake DIR]]`, or
    `qingfu review --corpus DIR [--json] [--html OUT]`.

    ``check_claims(documents, unit, period, lake)`` sets the figures of each document against a ledger, of which this
    room knows none: of the unit, or for "" of the one that the document names. It gives for each the unit's name, "" if
    there is none, and claims with ``verdict``, ``is_known``, ``finding()`` and ``as_row()``; and raises ValueError.
    """
    parser = subparsers.add_parser(
        "review",
        help="审读：找出报告里抄来的、没填的、坏掉的、与规定不符的地方",
        epilog="退出码：0 没有要改的（至多是可斟酌的），1 有必须改或要核对的，2 有文件读不了或写不出。",
    )
    parser.add_argument("files", nargs="*", metavar="文件", help=".txt .docx .doc .pdf；几个一起读时也查彼此雷同")
    parser.add_argument("--json", action="store_true", help="每条问题一行 JSON")
    parser.add_argument(
        "--on", type=date.fromisoformat, metavar="日期", help="报告写成的日子（年-月-日），规定按这一天算"
    )
    parser.add_argument("--word", metavar="文件.docx", help="另存一份带批注的 Word（只能读一个文件时用）")
    parser.add_argument("--clean", metavar="文件.docx", help="另存一份以修订方式改好稳妥之处的 Word（同上）")
    saved = "另存为网页：正文带标记，旁边是说明；比对目录时是谁抄谁的图和表"
    parser.add_argument("--html", metavar="文件.html", help=saved)
    parser.add_argument(
        "--corpus", metavar="目录", help="以前的报告：文件抄了其中哪些，也指出来；不给文件，就比对目录里所有的报告"
    )
    whose = "与台账核对：报告是哪个单位的（编号、代码或名称）；不写单位，就是各份文中最先出现名称的那个单位"
    parser.add_argument("--unit", nargs="?", const="", metavar="单位", help=whose)
    when = "核对哪段时间：2026年秋季学期、2026年9月、2026-09-01..2026-11-30；不写就从文中看"
    parser.add_argument("--period", metavar="期间", help=when)
    parser.add_argument("--lake", metavar="文件夹", help="qingfu lake export 写出的文件夹；不写就用本机的")
    several = "用几个进程一起读，不写就用这台机器给的全部处理器；1 是只用一个"
    parser.add_argument("--processes", type=_number, metavar="个数", default=_cores(), help=several)
    parser.set_defaults(run=review_files, check_claims=check_claims)


def _cores() -> int:
    """The processors that this process may use; 1 where a process cannot be forked without harm."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}”不是进程的个数，请写 1 或更大的整数")
    return int(text)


def review_files(arguments: argparse.Namespace) -> int:
    """Reads every file that can be read, tells of the others on stderr, and writes what was asked for."""
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    if not arguments.files:
        return compare_folder(arguments)
    if arguments.corpus and not Path(arguments.corpus).is_dir():
        return _refused(f"--corpus：没有 {arguments.corpus} 这个目录。")
    if (arguments.word or arguments.clean) and len(arguments.files) > 1:
        return _refused("--word 和 --clean 一次只对一个文件。请一个一个来，或用 --html。")
    sources = dict(_sources(arguments.files))
    corpus = dict(_corpus(arguments.corpus, arguments.files)) if arguments.corpus else {}
    files = [(name, source.text) for name, source in sources.items()]
    try:
        reviews = review_together(
            files, on=arguments.on, corpus=list(corpus.items()), processes=arguments.processes,
            progress=_progress() if len(files) > 1 else lambda _: None,
        ) if files else []  # fmt: skip
        claimed = _claimed(arguments, reviews)
    except KeyboardInterrupt:
        return _refused("已中断，没有读完。")
    except (ProcessEnded, ValueError) as error:
        return _refused(str(error))
    if arguments.json:
        for row in _rows(reviews, claimed):
            print(json.dumps(row, ensure_ascii=False))
    reviews = [_with_claims(review, claims) for review, (_, claims) in zip(reviews, claimed, strict=True)]
    if not arguments.json:
        show((row for review in reviews for row in told(review)), sys.stdout)
        if arguments.unit is not None:
            show(told_claims(list(sources), claimed), sys.stdout)
    try:
        _write(arguments, list(sources.values()), reviews)
    except (OSError, CannotRead) as error:
        return _refused(f"写不出要的文件：{error}")
    nameless = _told_nameless(arguments, list(sources), claimed)
    if nameless or len(sources) < len(dict.fromkeys(arguments.files)):
        return UNREADABLE
    return FOUND if above_hint(reviews) else NOTHING


def _progress() -> Callable[[float], None]:
    """Says on stderr how far the reading is, in whole percents and where somebody looks at it. What is said next, after
    Ctrl-C too, takes its place."""
    if not sys.stderr.isatty():
        return lambda _: None
    said = -1

    def tell(share: float) -> None:
        nonlocal said
        if (percent := int(100 * share)) != said:
            said = percent
            print(f"审读 {percent}%" if percent < 100 else "\033[K", end="\r", file=sys.stderr, flush=True)

    return tell


def _claimed(arguments: argparse.Namespace, reviews: list[Review]) -> list[tuple[str, list]]:
    """What each report claims beside the ledger, with the unit's name, where that was asked for. Raises ValueError."""
    if arguments.unit is None:
        if arguments.period or arguments.lake:
            raise ValueError("与台账核对，还要写 --unit。")
        return [("", [])] * len(reviews)
    documents = [review.document for review in reviews]
    return arguments.check_claims(documents, arguments.unit, arguments.period, arguments.lake)


def _told_nameless(arguments: argparse.Namespace, names: list[str], claimed: list[tuple[str, list]]) -> bool:
    """Tells which reports name no unit of the ledger, where that is asked of them."""
    if arguments.unit is None:
        return False
    nameless = [name for name, (unit, _) in zip(names, claimed, strict=True) if not unit]
    for name in nameless:
        _refused(f"没有核对 {name}：文中没有记录里哪个单位的名称，或者同名的有几个。请单独读它，用 --unit 写明单位。")
    return bool(nameless)


def _rows(reviews: list[Review], claimed: list[tuple[str, list]]) -> Iterator[dict]:
    """The rows of the findings, then those of the claims, which have more to say."""
    yield from rows_of(reviews)
    for review, (unit, claims) in zip(reviews, claimed, strict=True):
        for one in claims:
            yield as_row(review.document, one.finding()) | {"claim": {"unit": unit, **one.as_row()}}


def _with_claims(review: Review, claims: list) -> Review:
    """The review with what the ledger says otherwise, or should say and cannot."""
    more = [one.finding() for one in claims if one.is_known and one.verdict != "agrees"]
    return Review(review.document, in_order([*review.findings, *more]))


def compare_folder(arguments: argparse.Namespace) -> int:
    """Brings the index of copies of a folder up to date, and tells which of its reports share what."""
    folder = Path(arguments.corpus or "")
    if not arguments.corpus or arguments.word or arguments.clean:
        return _refused("请给出要审读的文件；只比对一个目录，用 --corpus 目录。")
    if not folder.is_dir():
        return _refused(f"--corpus：没有 {folder} 这个目录。")
    try:
        with Index(folder / INDEX) as index:
            changed = index.update(folder)
            for name, why in changed.left_out.items():
                _refused(f"没有比对 {folder / name}：{why}")
            shares = index.shares()
            if arguments.html:
                Path(arguments.html).write_text(folder_as_html(*index.matrix(), shares), encoding="utf-8")
            if arguments.json:
                for row in index.rows():
                    print(json.dumps(row, ensure_ascii=False))
            else:
                show(told_shares(shares, changed.taken_in, changed.dropped), sys.stdout)
    except (OSError, CorpusError) as error:
        return _refused(str(error))
    return FOUND if shares else NOTHING


def _refused(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return UNREADABLE


def _sources(paths: list[str]) -> Iterator[tuple[str, Source]]:
    for path in dict.fromkeys(paths):
        try:
            source = open_file(path)
        except (OSError, CannotRead) as error:
            _refused(f"读不了 {path}：{why_unread(error)}")
            continue
        if secret := why_secret(source.text):
            _refused(f"不读 {path}：{secret}")
            continue
        for warning in source.warnings:
            print(f"{path}：{warning}", file=sys.stderr)
        yield path, source


def _corpus(folder: str, new: list[str]) -> Iterator[tuple[str, str]]:
    """The reports below a folder that can be read, without the new ones."""
    new_ones = {Path(path).resolve() for path in new}
    for path in report_files(Path(folder)):
        if path.resolve() not in new_ones:
            try:
                yield str(path), read_report(path)
            except (OSError, CannotRead) as error:
                _refused(f"没有比对 {path}：{why_unread(error)}")


def _write(arguments: argparse.Namespace, sources: list[Source], reviews: list[Review]) -> None:
    if arguments.html:
        Path(arguments.html).write_text(as_html(reviews), encoding="utf-8")
    for source, review in zip(sources, reviews, strict=True):
        if arguments.word:
            Path(arguments.word).write_bytes(commented(source, review.findings))
        if arguments.clean:
            Path(arguments.clean).write_bytes(cleaned(source, safe(review.findings)))


def commented(source: Source, findings: list[Finding]) -> bytes:
    """The .docx with a comment for each finding. Raises CannotRead."""
    return with_comments(source, [Mark(finding.start, finding.end, _comment(finding)) for finding in findings])


def cleaned(source: Source, findings: list[Finding]) -> bytes:
    """The .docx with the repairs of ``findings`` as tracked changes; those that cannot be tracked are left out.
    Raises CannotRead.
    """
    repairs = [Repair(*change) for change in changes(source.text, apart(findings))]
    return with_repairs(source, [repair for repair in repairs if not why_not(source, repair)])


def _comment(finding: Finding) -> str:
    name = kinds()[finding.kind].name_of(finding.sub)
    fix = "" if finding.fix is None else f"\n建议：{finding.fix or '删去'}"
    return f"{SEVERITY_NAMES[finding.severity]} · {name}\n{finding.note}{fix}"
