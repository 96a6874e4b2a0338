"""Collect texts for translation and compile the English catalogue. Chinese is the source: msgids are Chinese.

Django's own makemessages needs the GNU tools, which a school's machine lacks; Babel needs nothing. Run it with
``make messages`` after adding texts; ``tests/test_messages.py`` fails where the catalogue lags behind.
"""

from __future__ import annotations

import ast
import io
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "qingfu"
FOLDER = PACKAGE / "locale" / "en" / "LC_MESSAGES"
# What a function takes: "m" a text, "p" its plural, "c" its context.
TAKES = {"_": "m", "gettext": "m", "ngettext": "mp", "pgettext": "cm", "npgettext": "cmp"}
FUNCTIONS = TAKES | {f"{name}_lazy": kinds for name, kinds in TAKES.items()} | {"gettext_noop": "m"}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3)}
# Texts of data that pages translate when they show them: the key whose values they are.
DATA = {"notices/data/answers.toml": "name"}
PUT_TOGETHER = (ast.JoinedStr, ast.BinOp, ast.Call)
HEADER = "# English of Qingfu. The Chinese texts are collected by bin/messages.py."


class Texts(Catalog):
    """A catalogue whose header holds no times and names, so that only changed texts show."""

    mime_headers = [
        ("Project-Id-Version", "Qingfu"),
        ("Language", "en"),
        ("Plural-Forms", "nplurals=2; plural=(n != 1);"),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
    ]


class NotATranslatableText(ValueError):
    """A call that asks to translate something put together at run time, such as an f-string."""


def of_python(source: str, place: str) -> Iterator[tuple[str, str | None, str | None]]:
    """(text, plural, context) of every call in ``source``, also of those inside f-strings."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        kinds = FUNCTIONS.get(name)
        if kinds is None:
            continue
        texts = dict(zip(kinds, node.args, strict=False))
        if any(isinstance(text, PUT_TOGETHER) for text in texts.values()):
            raise NotATranslatableText(f"{place}:{node.lineno}: {ast.unparse(node)}")
        if not all(isinstance(text, ast.Constant) for text in texts.values()):
            continue  # a variable: its texts are collected where they stand, or from DATA
        yield texts["m"].value, texts["p"].value if "p" in texts else None, texts["c"].value if "c" in texts else None


def of_template(source: str, place: str) -> Iterator[tuple[str, str | None, str | None]]:
    """(text, plural, context) of every tag, and of every ``_("…")`` in tags and filters."""
    code = templatize(source, origin=place).encode()
    for _line, found, _comments, context in extract("python", io.BytesIO(code), KEYWORDS):
        text, plural = (found[0], found[1]) if isinstance(found, tuple) else (found, None)
        yield text, plural, context


def of_data(value: object, key: str) -> Iterator[str]:
    """The texts under ``key``, however deep they lie in ``value``, the content of a TOML file."""
    if isinstance(value, dict):
        yield from (text for name, text in value.items() if name == key)
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from of_data(inner, key)


def collected() -> Texts:
    """Every text of the package, with the file it stands in (no line numbers: they change with every edit)."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
    catalog = new_catalog()
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html")]):
        place = path.relative_to(ROOT).as_posix()
        reader = of_python if path.suffix == ".py" else of_template
        for text, plural, context in reader(path.read_text(encoding="utf-8"), place):
            catalog.add((text, plural) if plural else text, locations=[(place, None)], context=context)
    for name, key in DATA.items():
        for text in of_data(tomllib.loads((PACKAGE / name).read_text(encoding="utf-8")), key):
            catalog.add(text, locations=[(f"qingfu/{name}", None)])
    return catalog


def new_catalog() -> Texts:
    return Texts(locale="en", project="Qingfu", charset="utf-8", header_comment=HEADER, fuzzy=False)


def stored() -> Texts:
    """The catalogue in the tree."""
    catalog, path = new_catalog(), FOLDER / "django.po"
    if path.exists():
        with path.open("rb") as file:
            for one in filter(lambda message: message.id, read_po(file, locale="en")):
                catalog.add(one.id, one.string, one.locations, one.flags, context=one.context)
    return catalog


def translated(texts: Texts) -> Texts:
    """``texts`` with the translations that the catalogue in the tree has for them."""
    known = stored()
    for message in texts:
        before = message.id and known.get(message.id, context=message.context)
        if before and bool(before.pluralizable) == bool(message.pluralizable):
            message.string = before.string
    return texts


def without_english(catalog: Catalog) -> list[str]:
    """The texts of ``catalog`` that have no English yet."""
    return [str(message.id) for message in catalog if message.id and not _is_translated(message.string)]


def _is_translated(english: str | tuple[str, ...] | list[str]) -> bool:
    return bool(english) if isinstance(english, str) else bool(english) and all(english)


def po_of(catalog: Catalog) -> bytes:
    """``catalog`` as the .po file."""
    file = io.BytesIO()
    write_po(file, catalog, width=110, sort_output=True, include_lineno=False)
    return file.getvalue()


def mo_of(catalog: Catalog) -> bytes:
    """``catalog`` as the .mo file that Django reads."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def main() -> None:
    catalog = translated(collected())
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "django.po").write_bytes(po_of(catalog))
    (FOLDER / "django.mo").write_bytes(mo_of(catalog))
    lacking = without_english(catalog)
    print(f"{len(catalog)} texts, {len(lacking)} without English", *lacking, sep="\n  ")


if __name__ == "__main__":
    sys.exit(main())
