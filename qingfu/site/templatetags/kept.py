"""Parts of pages that are rendered once for what they show.

`{% kept nav=nav place=place %} … {% endkept %}`: the body sees the named inputs and nothing else of the page, so what
it says is decided by them and by the language. Rendered once, its text is kept for these inputs: asked for again with
equal ones, it is given without rendering; with any other it is rendered. So nothing kept can be out of date, and
nothing need be thrown away when something changes: the page reads its inputs anew each time.

Inputs are values: text, numbers, tuples, frozen dataclasses of those, objects that never change and are equal only to
themselves; or an object that works out all that it says from its `inputs`, which are such values. A row of the database
is none (two versions of it are equal). What no two pages share (the token against
forged requests, the key of a form) is put in afterwards, wherever the body asks for `csrf_token` or `key`.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from threading import Lock

from django import template
from django.db.models import Model
from django.template.base import FilterExpression, token_kwargs
from django.template.loader_tags import BlockNode
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()

MOST_PARTS = 4000  # in one process; a page has two or three, of some five thousand letters each
LONGEST = 20_000  # letters
# What stands for them in a kept text: nobody can write it, since nobody knows it.
FRESH = {name: f"{name}-{secrets.token_hex(16)}" for name in ("csrf_token", "key")}


class _Shelf:
    """The texts asked for of late. Threads may take from it and put on it at any time."""

    def __init__(self, most: int):
        self._most = most
        self._lock = Lock()
        self._texts: OrderedDict[Hashable, str] = OrderedDict()

    def find(self, key: Hashable) -> str | None:
        with self._lock:
            if key in self._texts:
                self._texts.move_to_end(key)
            return self._texts.get(key)

    def put(self, key: Hashable, text: str) -> None:
        with self._lock:
            self._texts[key] = text
            if len(self._texts) > self._most:
                self._texts.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._texts.clear()


shelf = _Shelf(MOST_PARTS)


class KeptNode(template.Node):
    def __init__(self, inputs: Mapping[str, FilterExpression], nodelist: template.NodeList):
        self.inputs = inputs
        self.nodelist = nodelist

    def render(self, context: template.Context) -> SafeString:
        values = {name: expression.resolve(context, ignore_failures=True) for name, expression in self.inputs.items()}
        key = self, get_language(), tuple(_known_by(value) for value in values.values())
        text = shelf.find(key)
        if text is None:
            _refuse_rows(key)
            text = self.nodelist.render(context.new({**values, **FRESH}))
            if len(text) <= LONGEST:
                shelf.put(key, text)
        for name, mark in FRESH.items():
            if mark in text:
                text = text.replace(mark, str(context.get(name, "")))
        return mark_safe(text)


def _known_by(value: object) -> Hashable:
    return type(value), getattr(value, "inputs", value)


def _refuse_rows(key: Hashable) -> None:
    """Raises TypeError: what is read of a row may differ where the rows are equal."""
    if isinstance(key, Model):
        raise TypeError(f"{{% kept %}} of a row of the database: {key!r}")
    for inner in key if isinstance(key, tuple) else ():
        _refuse_rows(inner)


@register.tag
def kept(parser: template.base.Parser, token: template.base.Token) -> KeptNode:
    """`{% kept name=value … %} … {% endkept %}`. No block inside: what a page puts there is none of the inputs."""
    tag, *bits = token.split_contents()
    inputs = token_kwargs(bits, parser)
    if bits or not inputs:
        raise template.TemplateSyntaxError(f"{tag} takes inputs as name=value: {token.contents}")
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    if nodelist.get_nodes_by_type(BlockNode):
        raise template.TemplateSyntaxError(f"no block inside {tag}: {token.contents}")
    return KeptNode(inputs, nodelist)
