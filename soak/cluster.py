"""A Spark standalone cluster on this machine, from the pyspark package: a master and some workers of one core each."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyspark

HERE = "127.0.0.1"
PATIENCE = 240  # seconds until the master and the workers must be there
MEMORY = "1500m"  # of a worker
SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"


@contextmanager
def cluster(workers: int) -> Iterator[str]:
    """The address of a cluster that lasts as long as the block. Ends the processes that it started, and no other."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        port, page = _free_port(), _free_port()
        address = f"spark://{HERE}:{port}"
        master = ["master.Master", "--host", HERE, "--port", str(port), "--webui-port", str(page)]
        _start(stack, home, "master", master, "I have been elected leader")
        for number in range(workers):
            one = ["worker.Worker", "--host", HERE, "--cores", "1", "--memory", MEMORY, "--work-dir", str(home),
                   "--webui-port", str(_free_port()), address]  # fmt: skip
            _start(stack, home, f"worker{number}", one, "Successfully registered with master")
        yield address


def _start(stack: ExitStack, home: Path, name: str, words: list[str], sign: str) -> None:
    """Start a process of the cluster, have the stack end it, and wait until its log has the sign that it is there."""
    log = home / f"{name}.log"
    environment = {**os.environ, "SPARK_LOCAL_IP": HERE, "SPARK_DAEMON_MEMORY": "256m"}
    with log.open("w") as file:
        command = [SPARK_CLASS, f"org.apache.spark.deploy.{words[0]}", *words[1:]]
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, env=environment)
    stack.callback(_stop, process)
    until = time.monotonic() + PATIENCE
    while sign not in log.read_text():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"Spark's {name} did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.2)


def _stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((HERE, 0))
        return one.getsockname()[1]
