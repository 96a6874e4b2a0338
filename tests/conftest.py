"""One PostgreSQL for the whole run, used as the application uses it: role app, real commits, row security on.

Tests are kept apart by counties, not by rollbacks: whoever needs rows founds a county of her own
(``fresh_county``), and row security keeps everybody else's away. So what a test sees is what production sees.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no fault of the code: no test has a clock.
settings.register_profile("qingfu", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("qingfu")

HOME = Path(tempfile.mkdtemp(prefix="qingfu-test-"))
HOME.chmod(0o755)  # the service user of PostgreSQL must get in
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ["QINGFU_HOME"] = str(HOME)
os.environ["QINGFU_POOL"] = "0"
os.environ.pop("DATABASE_URL", None)
os.environ["DJANGO_SETTINGS_MODULE"] = "qingfu.site.settings"

from qingfu.server.postgres import Cluster, version_of_new_cluster  # noqa: E402
from qingfu.server.testing import UNSAFE_AND_FAST  # noqa: E402
from tests import chain, template  # noqa: E402

template.open_folder()
VERSION = version_of_new_cluster()
CLUSTER = Cluster(HOME / "postgres" / str(VERSION), VERSION, settings=UNSAFE_AND_FAST)

import django  # noqa: E402

django.setup()

from django.test.utils import setup_test_environment  # noqa: E402

from qingfu.units.actions import install_signing_key  # noqa: E402

setup_test_environment()
chain.share()


# They mostly wait for programs to start, die and start again: begun first, the other processes work meanwhile.
# The longest file, every address for every role, comes before them, so that nobody waits for it at the end.
FIRST = ("tests/site/test_every_url.py",)
WAITING = (
    "tests/ledger/test_crashes.py", "tests/test_core_install.py", "tests/server/", "tests/units/test_restore.py",
    "tests/lake/test_export.py",
)  # fmt: skip


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: (not item.nodeid.startswith(FIRST), not item.nodeid.startswith(WAITING)))


@pytest.fixture(scope="session")
def cluster():
    """The running embedded server of this test run, migrated."""
    template.give_tables(CLUSTER)
    CLUSTER.start(die_with_parent=True)
    install_signing_key()  # each process has keys of its own
    yield CLUSTER
    CLUSTER.stop("immediate")


@pytest.fixture
def fresh_county(cluster):
    """A county of its own: two schools, classes, teachers. See tests/factories.py."""
    from tests.factories import make_county

    return make_county()
