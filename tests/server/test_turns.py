"""Requests of one web process take turns, and each web process keeps to a core of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from queue import Empty, Queue
from threading import Thread

import pytest
from django.http import HttpResponse, StreamingHttpResponse

from qingfu.server import rows
from qingfu.server.turns import TakingTurns, Turns

PATIENCE = 20  # seconds until a test that waits for a thread fails
NEVER = 3600


def in_thread(work: Callable) -> Thread:
    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_one_goes_on_at_a_time_in_the_order_of_their_coming():
    turns, begun, ended = Turns(NEVER), Queue(), []

    def request(number: int) -> None:
        mine = turns.take()
        begun.put(number)
        ended.append(number)
        turns.give_back(mine)

    first = turns.take()
    threads = []
    for number in range(5):
        threads.append(in_thread(lambda number=number: request(number)))
        while len(turns._row) <= number:  # it stands in the row
            pass
    assert begun.empty()
    turns.give_back(first)
    for thread in threads:
        thread.join(PATIENCE)
    assert ended == [0, 1, 2, 3, 4]


def test_who_is_slow_has_had_her_turn():
    turns, come = Turns(0.01), Queue()
    slow = turns.take()
    in_thread(lambda: [come.put(turns.take()) for _ in range(3)])
    others = [come.get(timeout=PATIENCE) for _ in range(3)]
    turns.give_back(slow)  # ends nobody else's turn
    assert turns._now is others[-1]


def test_all_who_wait_behind_slow_ones_come_in_the_end():
    turns, come = Turns(0.01), Queue()
    for _ in range(6):
        in_thread(lambda: come.put(turns.take()))  # none gives back
    assert len({come.get(timeout=PATIENCE) for _ in range(6)}) == 6


def test_no_more_go_on_beside_each_other_than_find_a_connection():
    turns, come = Turns(0.01, most=2), Queue()
    slow, _ = turns.take(), turns.take()
    in_thread(lambda: come.put(turns.take()))
    with pytest.raises(Empty):
        come.get(timeout=0.2)
    turns.give_back(slow)
    come.get(timeout=PATIENCE)


def test_the_pace_is_that_of_the_last_requests():
    turns = Turns(NEVER)
    for took in [0.5] * 200:
        mine = turns.take()
        mine.began -= took
        turns.give_back(mine)
    assert turns.pace == pytest.approx(0.5, abs=0.01)


def called(application: Callable) -> tuple:
    turns = Turns(NEVER)
    answer = TakingTurns(application, turns)({}, lambda *_: None)
    assert turns._now is None
    return answer


def test_a_page_is_handed_over_whole_and_closed_within_its_turn():
    page = HttpResponse("今天".encode())
    assert called(lambda *_: page) == ["今天".encode()]
    assert page.closed


def test_what_streams_is_read_after_its_turn():
    stream = StreamingHttpResponse(iter([b"a", b"b"]))
    assert called(lambda *_: stream) is stream
    assert not stream.closed


def test_a_turn_ends_with_an_error():
    def fails(*_):
        raise KeyError("x")

    turns = Turns(NEVER)
    with pytest.raises(KeyError):
        TakingTurns(fails, turns)({}, lambda *_: None)
    assert turns._now is None


@pytest.fixture
def two_rows(tmp_path):
    """The rows of two processes, in a file with place for three."""
    file = tmp_path / "web.rows"
    rows.lay_out(file, 3)
    return rows.Rows(file, 0), rows.Rows(file, 2)


def test_where_one_waits_clearly_longer_than_elsewhere_is_known_in_the_process(two_rows):
    here, there = two_rows
    there.tell(8, 0.01)
    assert [here.tell(waiting, 0.01) for waiting in (0, 8, 9, 10)] == [False, False, False, True]
    there.tell(0, 0.01)
    assert [here.tell(waiting, 0.01) for waiting in (0, 2, 3)] == [False, False, True]


def test_a_row_as_long_is_a_longer_wait_on_a_slower_core(two_rows):
    here, there = two_rows
    there.tell(8, 0.006)
    assert here.tell(8, 0.009)
    assert not there.tell(8, 0.006)


def test_the_longest_wait_has_room_in_its_place(two_rows):
    here, there = two_rows
    there.tell(63, 3600)
    assert here.tell(63, 7200)


def test_where_nobody_is_there_is_no_row_to_go_to(tmp_path):
    file = tmp_path / "web.rows"
    rows.lay_out(file, 3)
    assert not rows.Rows(file, 1).tell(50, 0.01)


@pytest.mark.parametrize(
    ("protocol", "elsewhere", "closes"), [("HTTP/1.1", 0, True), ("HTTP/1.1", 5, False), ("HTTP/2", 0, False)]
)
def test_the_connection_of_a_page_is_closed_where_the_row_elsewhere_is_shorter(two_rows, protocol, elsewhere, closes):
    here, there = two_rows
    there.tell(elsewhere, 0.01)
    turns, told = Turns(NEVER), []
    turns.pace = 0.01

    def page(environ: dict, start_response: Callable) -> HttpResponse:
        turns._row.extend([None] * 4)  # so many have come in the meantime
        start_response("200 OK", [("Content-Type", "text/html")])
        turns._row.clear()
        return HttpResponse("今天")

    TakingTurns(page, turns, here)({"SERVER_PROTOCOL": protocol}, lambda status, headers: told.extend(headers))
    assert (("Connection", "close") in told) == closes
    assert ("Content-Type", "text/html") in told


KEEPS = """
import os, sys
from qingfu.server.processes import keep_to_a_core
held = keep_to_a_core(sys.argv[1])
print(*sorted(os.sched_getaffinity(0)), flush=True)
sys.stdin.read()
"""


def test_each_process_has_a_core_of_its_own_while_there_are_any():
    all_cores, name = sorted(os.sched_getaffinity(0)), f"test {os.getpid()}"
    command = [sys.executable, "-c", KEEPS, name]
    processes, cores = [], []
    try:
        for _ in range(len(all_cores) + 1):
            processes.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            cores.append([int(core) for core in processes[-1].stdout.readline().split()])
    finally:
        for process in processes:
            process.communicate()
    kept = [[core] for core in all_cores] if len(all_cores) > 1 else [all_cores]
    assert cores == [*kept, all_cores]
    ended = subprocess.run(command, input="", capture_output=True, text=True, check=True)
    assert ended.stdout.split() == [str(core) for core in kept[0]]  # free again
