"""Collect texts for translation and compile the English catalogue. Chinese is the source: msgids are Chinese.

Django's own makemessages needs the GNU tools, which a school's machine lacks; Babel needs nothing. Run it with
``make messages`` after adding texts; ``tests/test_messages.py`` fails where the catalogue lags behind.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "qingfu"
FOLDER = PACKAGE / "locale" / "en" / "LC_MESSAGES"
KEYWORDS = {
    "gettext": None, "gettext_lazy": None, "gettext_noop": None, "_": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}


def collected() -> Catalog:
    """Every text of the package, with the file it stands in (no line numbers: they change with every edit)."""
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure(USE_I18N=True)
    catalog = Catalog(locale="en", project="Qingfu", charset="utf-8")
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html")]):
        source = path.read_text()
        code = templatize(source, origin=str(path)) if path.suffix == ".html" else source
        for _, message, comments, context in extract("python", io.BytesIO(code.encode()), KEYWORDS):
            place = (str(path.relative_to(ROOT)), None)
            catalog.add(message, locations=[place], auto_comments=comments, context=context)
    return catalog


def translated(texts: Catalog) -> Catalog:
    """``texts`` with the translations that the catalogue in the tree has for them."""
    path = FOLDER / "django.po"
    known = read_po(path.open("rb"), locale="en") if path.exists() else Catalog(locale="en")
    known.update(texts, no_fuzzy_matching=True)
    known.obsolete.clear()
    return known


def missing() -> list[str]:
    """The texts that have no English yet."""
    return [str(m.id) for m in translated(collected()) if m.id and not (m.string if isinstance(m.string, str) else all(m.string))]


def main() -> None:
    catalog = translated(collected())
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "django.po").open("wb") as file:
        write_po(file, catalog, width=110, sort_output=True, include_lineno=False, omit_header=False)
    with (FOLDER / "django.mo").open("wb") as file:
        write_mo(file, catalog)
    lacking = [m for m in catalog if m.id and not m.string]
    print(f"{len(catalog)} texts, {len(lacking)} without English")


if __name__ == "__main__":
    sys.exit(main())
