"""Templates whose constant parts are worked out once, when they are read, instead of at every rendering.

Half of a page's time in the processor went into words, addresses and icons that are the same for everybody:
``{% translate "今天" %}``, ``{% url "homework:plan" %}``, ``{% static … %}``, ``{% icon "check" %}``. They become plain
text, and neighbouring texts one, for each language apart. What names a variable, or binds one with ``as``, stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from django.template import Context, Node, NodeList, Template
from django.template.base import FilterExpression, TextNode
from django.template.defaulttags import CommentNode, IfNode, LoadNode, URLNode
from django.template.library import SimpleNode
from django.template.loaders.base import Loader as BaseLoader
from django.template.loaders.cached import Loader as CachedLoader
from django.templatetags.i18n import TranslateNode
from django.templatetags.static import StaticNode
from django.utils.translation import get_language


class _FoldingLoader(BaseLoader):
    """Folds what it has read, before anybody else sees it."""

    def get_template(self, template_name: str, skip: list | None = None) -> Template:
        template = super().get_template(template_name, skip)
        fold(template.nodelist)
        return template


class Loader(CachedLoader, _FoldingLoader):
    """The cached loader of Django, with a folded template for each language."""

    def cache_key(self, template_name: str, skip: list | None = None) -> str:
        return f"{get_language()}-{super().cache_key(template_name, skip)}"


def constant(tag: Callable) -> Callable:
    """Mark a simple tag whose text depends on its arguments and the language alone."""
    tag.constant = True
    return tag


def fold(nodes: NodeList) -> None:
    """Put text in place of the constant nodes of ``nodes`` and of all lists inside them, in the present language."""
    for node in nodes:
        for inner in _lists_of(node):
            fold(inner)
    nodes[:] = _joined(_text_for(node) if _is_constant(node) else node for node in nodes)


def _lists_of(node: Node) -> Iterator[NodeList]:
    if isinstance(node, IfNode):
        yield from (inner for _, inner in node.conditions_nodelists)
    for name in node.child_nodelists:
        inner = getattr(node, name, None)
        if isinstance(inner, NodeList) and not isinstance(node, IfNode):
            yield inner


def _is_constant(node: Node) -> bool:
    match node:
        case CommentNode() | LoadNode():
            return True
        case TranslateNode():
            return not (node.asvar or node.noop or node.message_context) and _all_literal([node.filter_expression])
        case URLNode():
            return not (node.asvar or node.kwargs) and _all_literal([node.view_name, *node.args])
        case StaticNode():
            return node.varname is None and _all_literal([node.path])
        case SimpleNode():
            pure = getattr(node.func, "constant", False) and not node.takes_context and node.target_var is None
            return pure and not node.kwargs and _all_literal(node.args)
    return False


def _all_literal(expressions: Iterable[FilterExpression]) -> bool:
    return all(_is_literal(one) for one in expressions)


def _is_literal(expression: FilterExpression) -> bool:
    """A string or number as it stands in the template, without filters."""
    return not expression.filters and (not expression.is_var or expression.var.lookups is None)


def _text_for(node: Node) -> TextNode:
    text = TextNode(node.render(Context()))
    text.token, text.origin = node.token, node.origin
    return text


def _joined(nodes: Iterable[Node]) -> Iterator[Node]:
    """The nodes, with one text in place of several in a row and none in place of empty ones."""
    last = None
    for node in nodes:
        if isinstance(last, TextNode) and isinstance(node, TextNode):
            last.s += node.s
            continue
        if last is not None and not (isinstance(last, TextNode) and not last.s):
            yield last
        last = node
    if last is not None and not (isinstance(last, TextNode) and not last.s):
        yield last
