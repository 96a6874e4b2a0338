"""One act on many things, by several processes that share what this one has read.

Each process is forked from this one, so that it has the word lists and the things themselves without a copy; it takes
the next thing whose turn it is, and sends back what came of it. So only the answers travel. Not for a process with
threads or open connections, such as the web server.
"""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import connection, get_context
from typing import TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class ProcessEnded(Exception):
    """One of the processes ended before its work was done; says in Chinese what to do."""


def each(
    act: Callable[[Item], Answer], items: Sequence[Item], processes: int, done: Callable[[int], None] = lambda _: None
) -> list[Answer]:
    """What ``act`` answers for each of ``items``, in their order; by at most so many ``processes``. After each
    ``done`` hears how many have been answered.

    With 1, or for a single item, this process does it all. None of the others is left behind, whatever happens here;
    where this one is killed they end with the item that they are at. Raises ProcessEnded.
    """
    processes = min(processes, len(items))
    if processes < 2:
        return list(_one_by_one(act, items, done))
    fork, workers = get_context("fork"), {}
    turn = fork.Value("l", 0)
    try:
        with _uninterrupted():
            for _ in range(processes):
                answers, sender = fork.Pipe(duplex=False)
                worker = fork.Process(target=_work, args=(act, items, turn, sender, [*workers, answers]), daemon=True)
                workers[answers] = worker
                worker.start()
                sender.close()
        return _gathered(workers, len(items), done)
    finally:
        for worker in workers.values():
            if worker.pid:
                worker.kill()
                worker.join()


def _one_by_one(act: Callable[[Item], Answer], items: Sequence[Item], done: Callable[[int], None]) -> Iterator[Answer]:
    for number, item in enumerate(items, start=1):
        yield act(item)
        done(number)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until this is done, and is kept for good from processes forked here: it reaches all at once, and
    the first one ends the others.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(act: Callable, items: Sequence, turn, sender: connection.Connection, others: list) -> None:
    """The life of a process: item by item, until there is none left or nobody who asks."""
    gc.freeze()  # what was there before is not walked through, which would copy it
    for end in others:
        end.close()  # so that nobody reads when the first process is gone
    with suppress(BrokenPipeError):
        while (place := _next(turn)) < len(items):
            sender.send((place, act(items[place])))


def _next(turn) -> int:
    with turn.get_lock():
        turn.value += 1
        return turn.value - 1


def _gathered(workers: dict, count: int, done: Callable[[int], None]) -> list:
    """The answers to all items, in order, from the pipes of the ``workers``."""
    answers: dict[int, object] = {}
    at_work = set(workers)
    while len(answers) < count:
        for end in connection.wait(at_work):
            try:
                place, answer = end.recv()
            except (EOFError, OSError):
                at_work.remove(end)
                workers[end].join()
                if status := workers[end].exitcode:
                    raise ProcessEnded(_why(status)) from None
            else:
                answers[place] = answer
                done(len(answers))
    return [answers[place] for place in range(count)]


def _why(status: int) -> str:
    how = f"被信号 {-status} 终止，多半是内存不够" if status < 0 else f"出错退出（{status}）"
    return f"一个审读进程{how}，没有读完。请用 --processes 1 再读一次，或分几次读。"
