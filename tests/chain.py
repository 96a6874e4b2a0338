"""One chain of middleware for all test clients.

Each client would load a chain of its own, and for it look through all static files: a third of the time that a request
of a test takes. The site itself loads it once for each process too.
"""

from __future__ import annotations

from django.test.client import ClientHandler
from django.test.signals import setting_changed

_load = ClientHandler.load_middleware
_kept: dict[bool, ClientHandler] = {}


def share() -> None:
    """From now on clients use the chain of the first one; a changed setting makes a new one."""
    ClientHandler.load_middleware = load_once
    setting_changed.connect(forget)


def load_once(handler: ClientHandler, is_async: bool = False) -> None:
    if is_async not in _kept:
        _load(handler, is_async)
        _kept[is_async] = handler
    handler._middleware_chain = _kept[is_async]._middleware_chain


def forget(**_setting) -> None:
    _kept.clear()
