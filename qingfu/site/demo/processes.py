"""The processes in which the county is filled side by side. Imports nothing of Django, so that they can load it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context


@contextmanager
def side_by_side(at_once: bool) -> Iterator[Executor]:
    """One process for each core, begun as there is work; ``at_once`` they load what they need beforehand."""
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, get_context("spawn"), _load) as processes:
        for _ in range(cores if at_once else 0):
            processes.submit(int)
        yield processes


def _load() -> None:
    import django

    django.setup()
    from qingfu.site.demo import fill  # noqa: F401
