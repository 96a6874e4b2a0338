"""Old Word files (.doc, .wps, .rtf, .odt) made .docx by LibreOffice, where it is installed."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from .limits import OFFICE_SECONDS, CannotRead

NO_OFFICE = (
    "这是旧版格式的文件（{kind}），要有 LibreOffice 才能读，这台机器上没有。"
    "请用 Word 或 WPS 打开，另存为 .docx 后再试。"
)
FAILED = "这个旧版格式的文件（{kind}）转换不了，可能坏了或加了密码。请用 Word 或 WPS 打开，另存为 .docx 后再试。"
# A profile of its own for each conversion: two may run at once. Macros never run, and nothing is fetched from a
# network.
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop>
</item>
</oor:items>
"""


def office() -> str | None:
    """The path of LibreOffice; None where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def converted(content: bytes, kind: str, to: str = "docx") -> bytes:
    """The bytes of the file in another format. `kind` is its suffix, `to` a suffix or a LibreOffice filter.
    Raises CannotRead in Chinese.
    """
    program = office()
    if program is None:
        raise CannotRead(NO_OFFICE.format(kind=f".{kind}"))
    with tempfile.TemporaryDirectory(prefix="qingfu-office-") as folder:
        profile = Path(folder, "profile", "user", "registrymodifications.xcu")
        profile.parent.mkdir(parents=True)
        profile.write_text(_PROFILE, encoding="utf-8")
        source = Path(folder, f"file.{kind}")
        source.write_bytes(content)
        out = Path(folder, "out")
        _run(
            [program, f"-env:UserInstallation={Path(folder, 'profile').as_uri()}", "--headless", "--norestore",
             "--convert-to", to, "--outdir", str(out), str(source)]
        )  # fmt: skip
        made = out / f"file.{to.partition(':')[0]}"
        if not made.exists():
            raise CannotRead(FAILED.format(kind=f".{kind}"))
        return made.read_bytes()


def _run(command: list[str]) -> None:
    """Runs LibreOffice in a group of its own, so that its children end with it."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, start_new_session=True, **quiet)
    try:
        process.wait(OFFICE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
