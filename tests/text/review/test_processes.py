"""Several processes read together: the same answer as one, and nobody is left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from multiprocessing import active_children
from pathlib import Path

import pytest

from qingfu.cli import main
from qingfu.text.review import several
from qingfu.text.review.commands import _cores
from qingfu.text.review.processes import ProcessEnded, each

from . import strangers
from .reports import clean_reports

MANY = 40


@pytest.fixture(autouse=True)
def nobody_is_left():
    yield
    assert not active_children()


@pytest.fixture
def interruptible():
    """A run in the background may have been told to ignore Ctrl-C; so would its children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def folder(tmp_path):
    """Real reports as files: clean ones, collections by strangers, and one that copies another."""
    texts = {**strangers.texts(), **clean_reports()}
    copied = next(iter(clean_reports().values()))
    for name, text in {**texts, "copied.txt": copied}.items():
        (tmp_path / f"{Path(str(name)).stem}.txt").write_text(text, "utf-8")
    return tmp_path


def files_of(folder: Path) -> list[str]:
    return [str(path) for path in sorted(folder.iterdir())]


def test_the_answers_come_in_the_order_of_the_items_whoever_gave_them():
    def act(number: int) -> tuple[int, int]:
        time.sleep(0.02 if number % 3 else 0.05)
        return number, os.getpid()

    answers = each(act, range(MANY), 3)
    assert [number for number, _ in answers] == list(range(MANY))
    assert len({process for _, process in answers}) == 3 and os.getpid() not in {process for _, process in answers}


def test_one_process_or_one_item_is_done_here():
    assert set(each(lambda _: os.getpid(), range(MANY), 1)) == {os.getpid()}
    assert each(lambda _: os.getpid(), ["one"], 8) == [os.getpid()]
    assert each(str, [], 8) == []


def test_answers_larger_than_a_pipe_arrive():
    assert [len(answer) for answer in each(lambda number: "字" * number, [1_000_000] * 4, 2)] == [1_000_000] * 4


def test_a_process_that_is_killed_is_an_error_and_no_hang():
    def act(number: int) -> int:
        if number == 5:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    with pytest.raises(ProcessEnded, match="信号 9"):
        each(act, range(MANY), 2)


def test_a_process_that_is_killed_while_it_sends_is_an_error_and_no_hang():
    class Answer:
        def __reduce__(self):
            os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(ProcessEnded, match="信号 9"):
        each(lambda number: Answer() if number == 5 else number, range(MANY), 2)


@pytest.mark.parametrize("processes", [1, 2])
def test_how_many_are_answered_is_told_after_each(processes):
    heard = []
    assert each(lambda number: number, range(MANY), processes, heard.append) == [*range(MANY)]
    assert heard == [*range(1, MANY + 1)]


def test_somebody_who_looks_on_sees_how_far_the_reading_is(folder, capsys, monkeypatch):
    monkeypatch.setattr(several, "WORTH_PROCESSES", 0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    main(["review", *files_of(folder), "--json", "--processes", "2"])
    *told, after = capsys.readouterr().err.split("\r")
    percents = [int(one.removeprefix("审读 ").removesuffix("%")) for one in told[:-1]]
    assert percents == sorted(set(percents)) and percents[0] < 20 and percents[-1] >= 90
    assert (told[-1], after) == ("\033[K", "")  # nothing is left of it


def test_an_error_in_a_process_is_told_and_ends_all(capfd):
    with pytest.raises(ProcessEnded, match="出错"):
        each(lambda number: 1 // (number - 5), range(MANY), 2)
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_an_interruption_here_ends_the_others_at_once(interruptible):
    def act(number: int) -> None:
        if number == 0:
            time.sleep(1)  # until it waits: a thread that another test left there may take the signal before, unnoticed
            os.kill(os.getppid(), signal.SIGINT)
        time.sleep(60)

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        each(act, range(MANY), 2)
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize("kind", ["--json", "told"])
def test_the_command_says_the_same_with_one_process_and_with_three(folder, capsys, kind):
    files = [*files_of(folder), str(folder / "gone.txt")]
    said = []
    for number in ("1", "3"):
        status = main(["review", *files, "--processes", number, *(["--json"] if kind == "--json" else [])])
        said.append((status, *capsys.readouterr()))
    assert said[0] == said[1]
    status, out, err = said[0]
    assert status == 2 and "gone.txt" in err
    if kind == "--json":
        rows = [json.loads(line) for line in out.splitlines()]
        pairs = {(Path(row["file"]).name, Path(row["pair"]["file"]).name) for row in rows if "pair" in row}
        assert any(a != b for a, b in pairs) and len(rows) > 300


def test_one_file_of_many_reports_is_read_by_several(monkeypatch):
    monkeypatch.setattr(several, "WORTH_PROCESSES", 0)
    for name, text in strangers.texts().items():
        alone, together = (several.review_together([(name, text)], processes=number) for number in (1, 3))
        assert len(alone[0].document.reports) > 3
        assert list(several.rows_of(alone)) == list(several.rows_of(together))
        assert alone[0].findings == several.review_text(text, file=name).findings


def test_a_process_that_dies_while_reports_are_read_is_told_on_stderr(folder, capsys, monkeypatch):
    real, parent = several._in_file, os.getpid()

    def dying(documents, place):
        if place == 3 and os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(documents, place)

    monkeypatch.setattr(several, "_in_file", dying)
    assert main(["review", *files_of(folder), "--json", "--processes", "2"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and "--processes 1" in err


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_ended_command_leaves_no_process_behind(folder, interruptible, how):
    large = folder / "large.txt"
    large.write_text("\n".join(clean_reports().values()) * 60, "utf-8")
    files = [*files_of(folder), *[str(path) for path in _copies_of(large, 8)]]
    command = [sys.executable, "-m", "qingfu.cli", "review", "--json", "--processes", "2", *files]
    with subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as run:
        _until(lambda: len(_members(run.pid)) > 2 or run.poll() is not None, 120)
        assert run.returncode is None
        if how == signal.SIGINT:
            os.killpg(run.pid, how)  # as a terminal does
        else:
            run.kill()
        run.wait(30)
        _until(lambda: not _members(run.pid), 120)
        assert run.stderr.read() == ("已中断，没有读完。\n" if how == signal.SIGINT else "")


def _copies_of(path: Path, number: int) -> list[Path]:
    text = path.read_text("utf-8")
    made = [path.with_name(f"more_{place}.txt") for place in range(number)]
    for place, copy in enumerate(made):
        copy.write_text(f"第{place}份\n{text}", "utf-8")
    return made


def _members(session: int) -> list[int]:
    """The processes of a session that have not ended."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, its_session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its_session) == session and state != "Z":
            found.append(int(folder.name))
    return found


def _until(holds, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_little_text_stays_in_one_process_and_whoever_does_not_ask_gets_one(monkeypatch):
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("forked"))
    little = list(clean_reports().items())[:4]
    several.review_together(little, processes=8)
    monkeypatch.setattr(several, "WORTH_PROCESSES", 0)
    several.review_together(little)
    with pytest.raises(pytest.fail.Exception, match="forked"):
        several.review_together(little, processes=8)


def test_what_is_read_once_is_there_before_the_others_begin(monkeypatch):
    order = []
    monkeypatch.setattr(several, "WORTH_PROCESSES", 0)
    monkeypatch.setattr(several, "review_text", lambda text: order.append("word lists"))

    def alone(act, items, processes, done):
        order.append(processes)
        return list(map(act, items))

    monkeypatch.setattr(several, "each", alone)
    several.review_together(list(clean_reports().items())[:2], processes=2)
    assert order == ["word lists", 2, 2]


def test_all_processors_are_used_on_linux_and_one_elsewhere(monkeypatch):
    assert _cores() == len(os.sched_getaffinity(0))
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.delattr(os, "sched_getaffinity")
    assert _cores() == 1


def test_the_number_of_processes_is_checked(capsys):
    for wrong in ("0", "-1", "两个"):
        with pytest.raises(SystemExit):
            main(["review", "a.txt", f"--processes={wrong}"])
        assert "1 或更大" in capsys.readouterr().err
