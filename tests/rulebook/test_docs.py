"""The examples of docs/rulebook.md are packs that load, one for each of the nine forms."""

import re
from pathlib import Path

from qingfu.rulebook import FORMS, Pack
from qingfu.rulebook import loader as schema

PAGE = (Path(__file__).parents[2] / "docs" / "rulebook.md").read_text("utf-8")
HEAD = """
[pack]
id = "docs"
level = "nation"
title = "例子"
[documents.d]
title = "文件"
"""


def test_each_of_the_nine_examples_loads():
    examples = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    limits = [Pack.from_toml(HEAD + example).limits[0] for example in examples]
    assert [limit.id for limit in limits] == [f"form.{number}" for number in range(1, 10)]


def test_every_form_and_every_key_of_the_schema_is_on_the_page():
    keys = (
        schema.PACK_KEYS | schema.DOCUMENT_KEYS | schema.LIMIT_KEYS | schema.APPLIES_KEYS | schema.VALUE_KEYS
        | schema.WHEN_KEYS | schema.WITHIN_KEYS | schema.LIST_KEYS | schema.TIMES_KEYS | schema.PRACTICE_KEYS
    )  # fmt: skip
    assert [word for word in sorted(keys | set(FORMS)) if word not in PAGE] == []
