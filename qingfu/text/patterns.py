"""The patterns of data/lint.toml: its word lists, and gaps that stay within a clause or a sentence."""

import re

from .plain import CIRCLED
from .vocabulary import any_of, load

LINT = load("lint.toml")
SENTENCE_END = "。;!?\n" + CIRCLED
CLAUSE_END = SENTENCE_END + ",:+"
_WORDS = {name: any_of(words) for name, words in LINT["words"].items()}
_WHOLE_TITLE = r"《[^《》\n]{0,20}》"  # a gap steps over the name of a book, never into it
_PLACEHOLDER = re.compile(r"\{(?:([a-z_]+)|(~~?)(\d+))\}")


def pattern(find: str) -> re.Pattern:
    """A pattern of the data: {name} is a word list, {~8} a gap within the clause, {~~8} within the
    sentence.
    """
    once = _PLACEHOLDER.sub(_expand, find)
    return re.compile(_PLACEHOLDER.sub(_expand, once))  # word lists may use {number} and gaps themselves


def _expand(found: re.Match) -> str:
    name, gap, width = found.groups()
    if name:
        return _WORDS[name]
    inside = f"[^《{CLAUSE_END if gap == '~' else SENTENCE_END}]{{0,{width}}}?"
    return f"{inside}(?:{_WHOLE_TITLE}{inside})??"
