"""The drafting check of official documents: what a draft is, how long, what it asks of those below, and its layout.

    from qingfu.text.official import check_draft    # check_draft(source, on=day) -> Check
    from qingfu.text.official import corrected      # corrected(source) -> bytes of a .docx laid out by GB/T 9704
    from qingfu.text.official import composed       # composed(paper) -> bytes of a .docx that the program writes

A draft is read in memory (``qingfu.text.files``); one that is marked secret or internal is refused before anything
else is looked at. Files here are small: ``parts`` cuts a draft into its elements, ``sizes`` counts characters and
pages, ``kinds`` says what it is, ``signs`` what it demands and how it is disguised, ``against`` what it repeats of a
superior's document, ``judging`` asks the rulebook, ``layout`` compares with the standard. Numbers and words are data.
"""

from .check import Check, check_draft
from .composed import Paper, Paragraph, Picture, Said, Table, composed
from .corrected import corrected
from .marked import MarkedSecret, must_be_open

__all__ = [
    "Check", "MarkedSecret", "Paper", "Paragraph", "Picture", "Said", "Table", "check_draft", "composed", "corrected",
    "must_be_open",
]  # fmt: skip
