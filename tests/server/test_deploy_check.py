"""What ``qingfu serve`` runs has nothing that Django's own check of a deployment would warn of."""

import subprocess
import sys

from qingfu.server import supervise


def test_the_site_as_served_with_tls_has_no_warnings(tmp_path):
    paths = supervise.Certificate(tmp_path / "site.crt", tmp_path / "site.key")
    environment = supervise._environment(supervise.Options(certificate=paths))
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # set by the browser tests alone
    checked = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (checked.returncode, "WARNINGS" in checked.stderr) == (0, False), checked.stderr
