"""Who wants to hear what happened in the ledger. Rooms above subscribe when their app is ready."""

from __future__ import annotations

import json
from collections.abc import Callable

TOPICS = ("post", "record", "hold", "release", "withdraw", "move", "pack", "calendar")

Subscriber = Callable[[int, int], None]

_subscribers: dict[str, list[Subscriber]] = {topic: [] for topic in TOPICS}


def subscribe(topic: str, subscriber: Subscriber) -> None:
    """Call ``subscriber(tenant_id, object_id)`` for each message of a topic, inside the tenant's transaction.

    The object is an Attempt; for "pack" a Pack, for "calendar" a CalendarChange. A message may come twice.
    Raises KeyError for a topic that is not in TOPICS.
    """
    if subscriber not in _subscribers[topic]:
        _subscribers[topic].append(subscriber)


def deliver(tenant_id: int, topic: str, object_id: int) -> None:
    """Tell everybody who subscribed to a topic."""
    for subscriber in _subscribers[topic]:
        subscriber(tenant_id, object_id)


def read_json(value):
    """A jsonb value of a raw cursor, which Django leaves as text."""
    return json.loads(value) if isinstance(value, str) else value
