"""The drafts written for the test, as Word files: short ones are texts in ``drafts/``, long ones made of long.toml."""

import tomllib
from io import BytesIO
from pathlib import Path

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH

from qingfu.text.files.numbering import chinese

HERE = Path(__file__).parent
BANK = tomllib.loads((HERE / "long.toml").read_text("utf-8"))
EXPECTED = tomllib.loads((HERE / "drafts.toml").read_text("utf-8"))["draft"]


def text_of(name: str) -> str:
    """The text of a draft by its name."""
    made = {
        "too_long_special": too_long_special,
        "comprehensive": comprehensive,
        "policy_too_long": lambda: policy(11),
        "policy_just_right": lambda: policy(9),
        "long_attachment": long_attachment,
    }
    return made[name]() if name in made else read(name)


def read(name: str) -> str:
    return (HERE / "drafts" / f"{name}.txt").read_text("utf-8")


def word_of(text: str) -> bytes:
    """As somebody types it into Word: the title centred, nothing else set."""
    document = docx.Document()
    for number, line in enumerate(text.rstrip("\n").split("\n")):
        paragraph = document.add_paragraph(line)
        if number in (2, 3) and len(line) < 40:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    held = BytesIO()
    document.save(held)
    return held.getvalue()


def filled(sentence: str, number: int, **words: str) -> str:
    """A sentence with figures that differ from place to place, always the same for the same number."""
    figures = {"a": number * 7 % 9 + 2, "b": number * 13 % 40 + 18, "c": number * 5 % 11 + 3, "d": number * 3 % 5 + 3}
    return sentence.format(**figures, e=number * 11 % 30 + 12, f=number * 17 % 27 + 2, **words)


def too_long_special() -> str:
    lines = opening("forest")
    for number, town in enumerate(BANK["townships"]):
        sentences = "".join(filled(one, number * 4 + n, t=town) for n, one in enumerate(BANK["forest"]))
        lines.append(f"（{chinese(number + 1)}）{town}。{sentences}")
    return "\n".join([*lines, *BANK["endings"]["forest"]])


def comprehensive() -> str:
    lines = opening("comprehensive")
    for number, (heading, *paragraphs) in enumerate(BANK["fields"]):
        lines.append(heading)
        lines += [filled(paragraph, number * 3 + n) for n, paragraph in enumerate(paragraphs)]
        trial, subject = BANK["trials"][0], heading.partition("、")[2]
        lines += [trial.format(t=town, h=subject) for town in BANK["townships"][number % 3 :: 3][:4]]
    return "\n".join(lines)


def policy(objects: int) -> str:
    lines = opening("policy")
    number = 0
    for place, name in enumerate(BANK["objects"][:objects]):
        for sentence in BANK["articles"]:
            number += 1
            lines.append(f"第{number}条 " + filled(sentence, number + place, n=name))
    return "\n".join([*lines, f"第{number + 1}条 本办法自2026年10月1日起施行。"])


def long_attachment() -> str:
    lines = read("long_attachment").rstrip("\n").split("\n")
    for number, town in enumerate(BANK["townships"]):
        lines.append("".join(filled(one, number, t=town) for one in BANK["housing"]))
    return "\n".join(lines)


def opening(name: str) -> list[str]:
    return list(BANK["openings"][name])
