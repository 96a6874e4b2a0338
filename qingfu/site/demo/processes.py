"""The processes in which the county is filled side by side. Imports nothing of Django, so that they can load it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context


@contextmanager
def side_by_side() -> Iterator[Executor]:
    """One process for each core. They begin at once to load what they need, to be ready when there is work."""
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, get_context("spawn"), _load) as processes:
        for _ in range(cores):
            processes.submit(int)
        yield processes


def _load() -> None:
    import django

    django.setup()
    from qingfu.site.demo import fill  # noqa: F401
