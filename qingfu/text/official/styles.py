"""How a run and a paragraph of a .docx look once styles, defaults and themes are added up (ECMA-376, part 1, 17.7)."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from ..files.names import PARAGRAPH_PROPERTIES, RUN_PROPERTIES, val, w
from ..files.word import Runs

_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_TWENTIETHS = 20
_DEFAULT_HALF_POINTS = "20"
# What an attribute of w:ind says in characters, and the one that says the same in twentieths of a point.
_INDENTS = {"first": ("firstLineChars", "firstLine"), "left": ("leftChars", "left"), "right": ("rightChars", "right")}


@dataclass(frozen=True)
class RunLook:
    """East Asian typeface ("" where nothing names one), size in points, colour as RRGGBB or auto."""

    font: str
    points: float
    colour: str


class Styles:
    """The styles of one document."""

    def __init__(self, runs: Runs):
        relations = dict(reversed(runs.package.relations(runs.main)))
        styles = runs.package.xml(relations["styles"]) if "styles" in relations else None
        theme = runs.package.xml(relations["theme"]) if "theme" in relations else None
        self._theme = _theme_fonts(theme)
        self._styles = {} if styles is None else {it.get(w("styleId"), ""): it for it in styles.iter(w("style"))}
        self._defaults = None if styles is None else styles.find(w("docDefaults"))
        usual = (name for name, it in self._styles.items() if it.get(w("type")) == "paragraph" and _is_default(it))
        self._usual = next(usual, "")

    def of_run(self, run: etree._Element, paragraph: etree._Element) -> RunLook:
        layers = [*self._layers(paragraph, RUN_PROPERTIES, "rPrDefault"), *self._run_layers(run)]
        font, size, colour = "", _DEFAULT_HALF_POINTS, "auto"
        for layer in layers:
            fonts = layer.find(w("rFonts"))
            if fonts is not None:
                named, themed = fonts.get(w("eastAsia")), fonts.get(w("eastAsiaTheme"))
                font = self._theme.get(themed, "") if themed else named or font
            size = val(layer.find(w("sz"))) or size
            colour = val(layer.find(w("color"))) or colour
        return RunLook(font, int(float(size)) / 2, colour)

    def align(self, paragraph: etree._Element) -> str:
        """left, center, right or both."""
        found = ""
        for layer in self._layers(paragraph, PARAGRAPH_PROPERTIES, "pPrDefault"):
            found = val(layer.find(w("jc"))) or found
        return {"": "left", "start": "left", "end": "right", "distribute": "both"}.get(found, found)

    def indent(self, paragraph: etree._Element, which: str, points: float) -> float:
        """The indent ("first", "left", "right") in characters of a size in points."""
        in_characters, in_twentieths = _INDENTS[which]
        found = 0.0
        for layer in self._layers(paragraph, PARAGRAPH_PROPERTIES, "pPrDefault"):
            indent = layer.find(w("ind"))
            if indent is None:
                continue
            chars, twips = indent.get(w(in_characters)), indent.get(w(in_twentieths))
            if chars not in (None, "0"):
                found = int(chars) / 100
            elif twips is not None:
                found = int(float(twips)) / _TWENTIETHS / points
            elif which == "first" and indent.get(w("hanging")):
                found = -int(float(indent.get(w("hanging")))) / _TWENTIETHS / points
        return found

    def line_pitch(self, paragraph: etree._Element) -> float | None:
        """The height of a line in points where the paragraph sets it exactly; None where the page's grid does."""
        found = None
        for layer in self._layers(paragraph, PARAGRAPH_PROPERTIES, "pPrDefault"):
            spacing = layer.find(w("spacing"))
            if spacing is not None and spacing.get(w("line")):
                exact = spacing.get(w("lineRule")) in ("exact", "atLeast")
                found = int(float(spacing.get(w("line")))) / _TWENTIETHS if exact else None
        return found

    def space_below(self, paragraph: etree._Element) -> float:
        """The space below a paragraph in points."""
        found = 0.0
        for layer in self._layers(paragraph, PARAGRAPH_PROPERTIES, "pPrDefault"):
            spacing = layer.find(w("spacing"))
            if spacing is not None and spacing.get(w("after")):
                found = int(float(spacing.get(w("after")))) / _TWENTIETHS
        return found

    def _layers(self, paragraph: etree._Element, name: str, default: str) -> list[etree._Element]:
        """The properties that add up for a paragraph, the weakest first."""
        layers = []
        if self._defaults is not None:
            layers.append(self._defaults.find(f"{w(default)}/{name}"))
        own = paragraph.find(PARAGRAPH_PROPERTIES)
        style = val(own.find(w("pStyle"))) if own is not None else ""
        layers += [it.find(name) for it in self._chain(style or self._usual)]
        if name == PARAGRAPH_PROPERTIES:
            layers.append(own)
        return [layer for layer in layers if layer is not None]

    def _run_layers(self, run: etree._Element) -> list[etree._Element]:
        own = run.find(RUN_PROPERTIES)
        if own is None:
            return []
        chain = self._chain(val(own.find(w("rStyle"))))
        return [*(layer for it in chain if (layer := it.find(RUN_PROPERTIES)) is not None), own]

    def _chain(self, style: str) -> list[etree._Element]:
        """A style and those that it is based on, the base first; a circle ends where it closes."""
        chain = []
        while style in self._styles and self._styles[style] not in chain:
            chain.append(self._styles[style])
            style = val(chain[-1].find(w("basedOn")))
        return chain[::-1]


def _is_default(style: etree._Element) -> bool:
    return style.get(w("default")) in ("1", "true", "on")


def _theme_fonts(theme: etree._Element | None) -> dict[str, str]:
    """East Asian typefaces of a theme: what w:eastAsiaTheme names."""
    found = {}
    if theme is None:
        return found
    for group in ("major", "minor"):
        font = next(theme.iter(f"{{{_DRAWING}}}{group}Font"), None)
        if font is not None:
            east = font.find(f"{{{_DRAWING}}}ea")
            named = east.get("typeface", "") if east is not None else ""
            chinese = next((it.get("typeface", "") for it in font if it.get("script") == "Hans"), "")
            found[f"{group}EastAsia"] = named or chinese
    return found
