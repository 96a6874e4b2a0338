"""The clean reports: written by us, no real person, unit or place. See clean/README.md."""

from pathlib import Path

from opencc import OpenCC

CLEAN = Path(__file__).parent / "clean"


def clean_reports() -> dict[str, str]:
    """{file name: text} in the order of the names."""
    return {path.name: path.read_text("utf-8") for path in sorted(CLEAN.glob("*.txt"))}


def traditional_ones(reports: dict[str, str], count: int = 12) -> dict[str, str]:
    """Twelve of the reports, spread over the kinds of units, in traditional script."""
    convert = OpenCC("s2t").convert
    names = list(reports)[:: max(1, len(reports) // count)][:count]
    return {f"traditional_{name}": convert(reports[name]) for name in names}
