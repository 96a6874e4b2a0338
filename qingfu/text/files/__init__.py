"""Files with a report in them: opened whatever they are, and given back as Word with comments or tracked changes."""

from .limits import CannotRead
from .making import to_docx
from .marking import CannotRepair, Mark, Repair, why_not, with_comments, with_repairs
from .opening import Source, open_file, pasted

__all__ = [
    "CannotRead", "CannotRepair", "Mark", "Repair", "Source", "open_file", "pasted", "to_docx", "why_not",
    "with_comments", "with_repairs",
]  # fmt: skip
