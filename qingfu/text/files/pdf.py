"""The text of a PDF, page by page, read by pypdf in a process of its own: a broken file can make it run or grow for
ever.

`python -m qingfu.text.files.pdf` reads a PDF from standard input and answers one JSON object: pages (a list of
texts), or error (a Chinese sentence).
"""

import json
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

from .decode import tidy, width
from .limits import MOST_PAGES, PDF_MEMORY, PDF_SECONDS, CannotRead

IS_PICTURE = "这份 PDF 是图片，没有文字。请找原来的 Word 文件，或先用文字识别（OCR）转成文字再试。"
HAS_PASSWORD = "这份 PDF 加了打开密码，读不了。请去掉密码后再试。"
IS_BROKEN = "这份 PDF 坏了或没有传完，读不了。请重新复制或重新上传；还不行，请用阅读软件打开后另存一份再试。"
TAKES_TOO_LONG = f"这份 PDF 读了 {PDF_SECONDS} 秒还没有读完，或要用的内存太多。请分成几份，或换成 Word 文件再试。"
NEEDS_EXTRA = "读 PDF 需要扩展 pdf。请系统维护人员运行：pip install 'qingfu[pdf]'；也可以先把文件另存为 Word 再试。"
_ROOT = Path(__file__).parents[3]
_ENDS_SENTENCE = re.compile(r"[。！？；：!?;:…”』」》）)]\s*$")
_PAGE_NUMBER = re.compile(r"\s*[-—–－]?\s*\d{1,4}\s*[-—–－]?\s*")
_FULL = 0.9  # of the width of the widest lines: a line so wide goes on in the next, unless a sentence ends


def read_pdf(content: bytes) -> tuple[str, list[int], list[str]]:
    """(text, offset at which each page begins, warnings). Lines that the layout broke are joined.
    Raises CannotRead in Chinese.
    """
    pages = _pages(content)
    if not any(page.strip() for page in pages):
        raise CannotRead(IS_PICTURE)
    texts = [joined_lines(tidy(page)) for page in pages]
    starts = [0]
    for text in texts:
        starts.append(starts[-1] + len(text))
    empty = [str(number) for number, text in enumerate(texts, 1) if not text.strip()]
    warnings = [f"第 {'、'.join(empty)} 页没有文字，可能是图片，没有读。"] if empty else []
    return "".join(texts), starts[:-1], warnings


def _pages(content: bytes) -> list[str]:
    """What the reading process answers."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__], input=content, capture_output=True, timeout=PDF_SECONDS, cwd=_ROOT
        )
        answer = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        raise CannotRead(TAKES_TOO_LONG) from None
    if "error" in answer:
        raise CannotRead(answer["error"])
    return answer["pages"]


def joined_lines(page: str) -> str:
    """The lines of a page made paragraphs: a line as wide as the widest goes on in the next unless a sentence ends
    there. A page number at the end stands in a line of its own.
    """
    lines = [line.strip() for line in page.split("\n")]
    lines = [line for line in lines if line]
    if not lines:
        return ""
    full = _FULL * max(map(width, lines))
    text = ""
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        goes_on = (
            after and width(line) >= full and not _ENDS_SENTENCE.search(line) and not _PAGE_NUMBER.fullmatch(after)
        )
        text += line + ("" if goes_on else "\n")
    return text


def main() -> None:
    """Reads standard input under limits of time and memory, answers on standard output."""
    _limit()
    try:
        answer = {"pages": _extracted(sys.stdin.buffer.read())}
    except CannotRead as error:
        answer = {"error": str(error)}
    except MemoryError:
        answer = {"error": TAKES_TOO_LONG}
    except ModuleNotFoundError:
        answer = {"error": NEEDS_EXTRA}
    except Exception:  # pypdf raises of everything on a broken file
        answer = {"error": IS_BROKEN}
    sys.stdout.write(json.dumps(answer))


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows has none; there the time of the caller is the limit
        return
    resource.setrlimit(resource.RLIMIT_AS, (PDF_MEMORY, PDF_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PDF_SECONDS, PDF_SECONDS))


def _extracted(content: bytes) -> list[str]:
    import logging

    import pypdf

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = pypdf.PdfReader(BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise CannotRead(HAS_PASSWORD)
    if len(reader.pages) > MOST_PAGES:
        raise CannotRead(f"这份 PDF 有 {len(reader.pages)} 页，最多读 {MOST_PAGES} 页。请分成几份再试。")
    return [page.extract_text() for page in reader.pages]


if __name__ == "__main__":
    main()
