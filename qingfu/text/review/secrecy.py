"""Files that say of themselves that they are secret or internal: not read on a connected machine (涉密不上网)."""

from __future__ import annotations

import re

from .words import data


def why_secret(text: str) -> str:
    """Why a text is not to be read, in Chinese, quoting its mark; "" where it bears none. Looks at first lines only."""
    marks = data("secrecy")
    lines = [line.strip() for line in text[: marks["lines"] * 200].split("\n") if line.strip()][: marks["lines"]]
    for line in lines:
        found = re.search(marks["starred"], line)
        bare = line.strip(marks["brackets"])
        if not found and len(bare) <= marks["longest"]:
            found = re.fullmatch(marks["alone"], bare) or re.match(marks["internal"], bare)
        if found:
            return f"开头标着“{found[0]}”：标有密级或内部的文件不在联网的机器上审读，没有读下去。"
    return ""
