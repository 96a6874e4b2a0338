"""The drafting check in a real browser: the result appears beside the form, which keeps the file for the copy."""

from pathlib import Path

import pytest

from qingfu.text.files import open_file
from tests.browser import DESK, chromium, live_site, page, sign_in  # noqa: F401
from tests.offices import test_documents as of
from tests.text.official.making import text_of, word_of

pytestmark = pytest.mark.browser


def test_a_draft_is_checked_and_its_corrected_copy_fetched_without_choosing_it_again(county, live_site, page, tmp_path):  # noqa: F811
    found = of.project(county)
    draft = tmp_path / "通知.docx"
    draft.write_bytes(word_of(text_of("demands_report")))
    sign_in(page, live_site, county, of.HEAD)
    page.set_viewport_size(DESK)
    page.goto(f"{live_site}/offices/documents/{found.pk}/")
    page.set_input_files("input[name=draft]", draft)
    page.get_by_role("button", name="查一遍").click()
    page.get_by_text("要求报送", exact=False).first.wait_for()
    page.get_by_role("button", name="发出", exact=True).wait_for()  # the check that is kept can be issued at once
    with page.expect_download() as fetched:
        page.get_by_role("button", name="取一份改好版式的").click()
    assert open_file(Path(fetched.value.path()).read_bytes()).text.startswith("云溪县农业农村局文件")
