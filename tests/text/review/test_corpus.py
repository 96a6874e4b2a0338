"""The index of copies: the same whatever the batches, complete after a kill, told for page and JSON."""

import os
import signal
import subprocess
import sys
from datetime import date

import pytest

from qingfu.text.files import open_file
from qingfu.text.files.making import to_docx
from qingfu.text.review import corpus
from qingfu.text.review.corpus import CorpusError, Index, Source
from qingfu.text.review.detectors.copies import across
from qingfu.text.review.layers import read_document

from .test_passages import FAR, OTHER, SENTENCE, drawn, edited

SLOW_BATCHES = """
import sys, time
from pathlib import Path
from qingfu.text.files import open_file
from qingfu.text.files.making import to_docx
from qingfu.text.review import corpus
folder = Path(sys.argv[1])
store = corpus._Batch.store
def slow(batch, db):
    store(batch, db)
    print("stored", flush=True)
    time.sleep(float(sys.argv[2]))
corpus._Batch.store = slow
with corpus.Index(folder / ".index", batch=400) as index:
    index.update(folder)
"""


def reports(number: int = 12) -> list[Source]:
    """Reports of lines without meaning; every third repeats a sentence of the one before it, with edits."""
    made = []
    for n in range(number):
        lines = [drawn(60, 100 * n + m) for m in range(4)]
        if n % 3 == 2:
            lines[1] = drawn(20, n) + edited(made[-1].text.split("\n")[2], 4, n)
        made.append(Source(f"{n:02}.txt", str(n), "\n".join(lines), date(2026, 1, 1 + n)))
    return made


def rows(folder, sources, batch) -> list[dict]:
    with Index(folder, batch=batch) as index:
        index.add(sources)
        return list(index.rows())


def test_a_copy_is_told_with_both_places(tmp_path):
    sources = [Source("a.txt", "1", f"开头\n{OTHER}。{SENTENCE}。"), Source("b.txt", "2", f"{FAR}:{SENTENCE}!")]
    (row,) = rows(tmp_path, sources, 1000)
    assert (row["file"], row["line"], row["text"]) == ("b.txt", 1, SENTENCE)
    assert (row["pair"]["file"], row["pair"]["line"], row["pair"]["text"]) == ("a.txt", 2, SENTENCE)
    assert row["sub"] == "passage"


def test_the_batches_make_no_difference(tmp_path):
    whole = rows(tmp_path / "whole", reports(), 1 << 20)
    assert len(whole) == 4
    assert rows(tmp_path / "each", reports(), 1) == whole
    assert rows(tmp_path / "some", reports(), 700) == whole


def test_the_arrays_find_what_the_reader_finds(tmp_path):
    sources = reports()
    told = {(row["file"], row["line"], row["start"], row["end"]) for row in rows(tmp_path, sources, 1 << 20)}
    documents = [read_document(source.text, file=source.name) for source in sources]
    read = set()
    for document, finding in across(documents):
        line = document.line_of(finding.start)
        first, _ = document.line_span(0, line)
        read.add((document.file, line + 1, finding.start - first, finding.end - first))
    assert told == read


def test_a_copy_in_traditional_script_is_found(tmp_path):
    old = "學校嚴格控制學生作業總量各年級組每周公示作業內容與時長由教導處抽查并向家長反饋"
    (row,) = rows(tmp_path, [Source("a.txt", "1", SENTENCE), Source("b.txt", "2", FAR + old)], 1000)
    assert row["text"] == old


def test_only_new_and_changed_reports_are_taken_in_and_gone_ones_dropped(tmp_path):
    for source in reports(6):
        (tmp_path / source.name).write_text(source.text, "utf-8")
    with Index(tmp_path / ".index") as index:
        assert index.update(tmp_path) == (6, 0, {})
        assert index.update(tmp_path) == (0, 0, {})
        (tmp_path / "02.txt").unlink()
        (tmp_path / "05.txt").write_text(SENTENCE, "utf-8")
        assert index.update(tmp_path) == (1, 1, {})
        assert len(index.known()) == 5
        assert not list(index.rows())


def test_reports_of_every_kind_are_taken_in_and_what_cannot_be_read_is_named(tmp_path):
    (tmp_path / "甲").mkdir()
    (tmp_path / "甲" / "2024.docx").write_bytes(to_docx(f"开头\n{SENTENCE}"))
    (tmp_path / "2025.txt").write_bytes(f"{FAR}：{SENTENCE}".encode("gb18030"))
    (tmp_path / "照片.txt").write_bytes(b"\x89PNG\r\n\x1a\n0000")
    (tmp_path / "坏.docx").write_bytes(b"PK\x03\x04")
    (tmp_path / "密.txt").write_text(f"机密★三年\n{SENTENCE}", "utf-8")
    (tmp_path / "~$2025.docx").write_bytes(b"Wang")
    with Index(tmp_path / ".index") as index:
        changed = index.update(tmp_path)
        assert changed[:2] == (2, 0) and all(changed.left_out.values())
        assert set(changed.left_out) == {"照片.txt", "坏.docx", "密.txt"}
        (row,) = index.rows()
        assert {row["file"], row["pair"]["file"]} == set(index.known()) == {"2025.txt", "甲/2024.docx"}


def test_a_report_is_opened_again_only_when_it_has_changed(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(corpus, "open_file", lambda path: opened.append(path.name) or open_file(path))
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.docx").write_bytes(to_docx(SENTENCE + name))
    with Index(tmp_path / ".index") as index:
        assert index.update(tmp_path).taken_in == 3 and opened == ["a.docx", "b.docx", "c.docx"]
        assert index.update(tmp_path) == (0, 0, {}) and len(opened) == 3
    (tmp_path / "c.docx").write_bytes(b"PK\x03\x04")
    (tmp_path / "d.docx").write_bytes(to_docx(OTHER))
    with Index(tmp_path / ".index") as index:
        assert index.update(tmp_path)[:2] == (1, 1) and opened[3:] == ["c.docx", "d.docx"]
        assert set(index.known()) == {"a.docx", "b.docx", "d.docx"}
        assert [(row["pair"]["file"], row["file"]) for row in index.rows()] == [("a.docx", "b.docx")]


def test_who_copied_whom_is_said_only_where_the_days_are_known(tmp_path):
    undated = [Source("x.txt", "x", SENTENCE), Source("y.txt", "y", SENTENCE)]
    with Index(tmp_path) as index:
        index.add([*reports(3)[::-1], *undated])
        shares = {share["a"]: share for share in index.shares()}
        assert (shares["02.txt"]["from"], shares["02.txt"]["to"]) == ("01.txt", "02.txt")
        assert (shares["x.txt"]["from"], shares["x.txt"]["letters"]) == (None, len(SENTENCE))
        names, table = index.matrix()
        assert names == ["01.txt", "02.txt", "x.txt", "y.txt"]
        assert table[2][3] == table[3][2] == len(SENTENCE)
        assert index.graph()["nodes"] == names


@pytest.mark.parametrize("stored", [1, 3])
def test_killed_in_the_middle_it_ends_with_the_same_rows(tmp_path, stored):
    for source in reports():
        (tmp_path / source.name).write_text(source.text, "utf-8")
    begun = subprocess.Popen(
        [sys.executable, "-c", SLOW_BATCHES, str(tmp_path), "0.2"], stdout=subprocess.PIPE, env={**os.environ}
    )
    for _ in range(stored):
        assert begun.stdout.readline() == b"stored\n"
    begun.send_signal(signal.SIGKILL)
    begun.wait()
    begun.stdout.close()
    with Index(tmp_path / ".index", batch=400) as index:
        assert len(index.known()) == stored - 1
        index.update(tmp_path)
        resumed = list(index.rows())
    assert resumed == rows(tmp_path / ".again", reports(), 1 << 20)


def test_without_the_extra_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(CorpusError, match="lake"):
        corpus.Index(tmp_path)


@pytest.mark.parametrize("batch", [1, 1 << 20])
def test_a_report_copied_whole_is_told_line_by_line(tmp_path, batch):
    text = "\n".join(drawn(60, n) for n in range(20))
    told = rows(tmp_path, [Source("a.txt", "a", text), Source("b.txt", "b", text)], batch)
    lines = [(row["line"], row["pair"]["line"], row["sub"]) for row in told]
    assert lines == [(number, number, "paragraph") for number in range(1, 21)]
