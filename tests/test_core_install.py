"""The core alone, installed as a school installs it: small, complete, and it serves."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MOST_MEGABYTES = 250
TOOLS = ("pip", "setuptools", "pkg_resources", "_distutils_hack")
PATIENCE_SECONDS = 90


@pytest.fixture(scope="module")
def core(tmp_path_factory) -> Path:
    """A virtual environment with Qingfu and what it needs, without tests, benches or extras."""
    folder = tmp_path_factory.mktemp("core")
    folder.chmod(0o755)
    source = folder / "source"
    # A copy: installing builds in place, and the tree under test is to stay as it is.
    shutil.copytree(ROOT / "qingfu", source / "qingfu", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "constraints.txt"):
        shutil.copy(ROOT / name, source / name)
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    pip = [folder / "venv/bin/pip", "install", "--disable-pip-version-check", "-q", "-c", source / "constraints.txt"]
    subprocess.run([*pip, source], check=True, capture_output=True, env=clean_environment())
    return folder / "venv"


def clean_environment(**more: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("QINGFU_", "DJANGO_"))}
    ours.pop("PYTHONPATH", None)
    return {**ours, **more}


def test_the_core_is_small(core):
    packages = next((core / "lib").glob("python3*/site-packages"))
    tools = tuple(packages / tool for tool in TOOLS)
    files = [path for path in packages.rglob("*") if path.is_file() and not any(t in path.parents for t in tools)]
    assert sum(path.stat().st_size for path in files) / 1e6 < MOST_MEGABYTES


def test_the_core_answers_on_the_command_line(core):
    asked = '{"kind": "homework", "bearer": "grade 4", "on": "2025-11-12", "value": 61}\n'
    answer = subprocess.run(
        [core / "bin/qingfu", "rulebook", "ask", "-"], input=asked, capture_output=True, text=True, cwd="/",
        env=clean_environment(), check=True,
    )  # fmt: skip
    assert '"refuse"' in answer.stdout


def test_the_core_says_what_a_pdf_needs(core, tmp_path):
    report = tmp_path / "报告.pdf"
    report.write_bytes(b"%PDF-1.7")
    command = [core / "bin/qingfu", "review", report]
    answer = subprocess.run(command, capture_output=True, text=True, cwd="/", env=clean_environment())
    assert answer.returncode and "pip install 'qingfu[pdf]'" in answer.stdout + answer.stderr


def test_the_core_serves(core, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o755)
    for folder in (home, *home.parents):  # the service user of PostgreSQL must get in
        if folder.stat().st_mode & 0o005 != 0o005 and folder.owner() == home.owner() and folder != Path("/"):
            folder.chmod(0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [core / "bin/qingfu", "serve", "--port", str(port)], cwd="/", env=clean_environment(QINGFU_HOME=str(home))
    )
    try:
        assert b"<!doctype html>" in fetched(f"http://127.0.0.1:{port}/login/")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def fetched(address: str) -> bytes:
    """What the address answers, once it does."""
    begun = time.monotonic()
    while True:
        try:
            return urllib.request.urlopen(address, timeout=5).read()
        except OSError:
            if time.monotonic() - begun > PATIENCE_SECONDS:
                raise
            time.sleep(0.5)
