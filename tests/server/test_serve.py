"""``qingfu serve`` keeps everything running, and takes everything down with it."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from qingfu.server import processes
from qingfu.server.postgres import local_cluster
from qingfu.server.supervise import LONGEST_PAUSE, BackOff
from tests.template import give_tables

PORT = 54877
ADDRESS = f"http://127.0.0.1:{PORT}/"


def serve(*options):
    """A running ``qingfu serve`` that has said that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "qingfu.cli", "serve", "--port", str(PORT), "--workers", "1", *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    said = []
    for line in process.stdout:
        said.append(line)
        if f":{PORT}" in line:
            return process
    raise AssertionError("".join(said))


def status():
    """The HTTP status of the first page, or None while nobody answers."""
    try:
        return urllib.request.urlopen(ADDRESS, timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def until(true):
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.1)


def parts(home):
    """Process groups that ``serve`` has noted, and their commands."""
    noted = json.loads((home / "serve.lock").read_text())["parts"]
    return {int(group): command for group, command in noted.items()}


def web(home):
    return next(group for group, command in parts(home).items() if "granian" in command)


def alive(group, command):
    return any(
        os.getpgid(pid) == group for pid in processes._all_pids() if processes.command_line(pid) == command
    )


@pytest.fixture
def home(home):
    """With its tables: how they are made at the first start is seen in tests/test_core_install.py."""
    give_tables(local_cluster())
    return home


@pytest.fixture
def serving(home):
    process = serve()
    yield process
    process.terminate()
    process.wait()


def test_what_dies_comes_back(serving, home):
    assert status() is not None
    server = local_cluster()
    old = server.postmaster()
    os.kill(old, signal.SIGKILL)
    until(lambda: server.postmaster() not in (None, old) and server.healthy())

    group = web(home)
    command = parts(home)[group]
    os.kill(group, signal.SIGKILL)
    until(lambda: web(home) != group and status() is not None)
    assert not alive(group, command)  # no worker of the dead master goes on answering


def test_a_second_one_is_refused(serving):
    second = subprocess.run(
        [sys.executable, "-m", "qingfu.cli", "serve", "--port", str(PORT + 1)], capture_output=True, text=True
    )
    assert second.returncode == 1
    assert str(serving.pid) in second.stderr


def test_all_goes_down_with_it_and_a_killed_one_is_taken_over(home):
    killed = serve()
    left = parts(home)
    killed.kill()
    killed.wait()
    second = serve()
    until(lambda: not any(alive(*part) for part in left.items()))
    assert status() is not None
    second.terminate()
    assert second.wait() == 0
    assert local_cluster().postmaster() is None
    assert status() is None
    assert not any(alive(*part) for part in parts(home).items())


def test_with_tls_it_answers_devices_that_have_the_authority(home):
    process = serve("--tls")
    trusting = ssl.create_default_context(cafile=home / "tls" / "authority.crt")
    with socket.create_connection(("127.0.0.1", PORT)) as plain:
        link = trusting.wrap_socket(plain, server_hostname="localhost")
        link.sendall(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
        answer = link.recv(4096).decode()
    assert answer.startswith("HTTP/1.0")
    assert "location: https://localhost" not in answer.lower()  # it knows that it is served over TLS
    process.terminate()
    assert process.wait() == 0


def test_pauses_double_up_to_a_limit_and_are_short_again_after_a_steady_run():
    back_off = BackOff()
    pauses = []
    for _ in range(7):
        back_off.died(ran=0.1)
        pauses.append(back_off.pause)
    assert pauses == [2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]
    assert not back_off.ready()
    back_off.died(ran=3600)
    assert back_off.pause == 1
