"""The demonstration county for benches: a data folder of its own under var/bench, filled once."""

import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
HOME = ROOT / "var" / "bench" / "county"


def use_home(home: Path = HOME) -> None:
    """Make ``home`` the data folder of this process and its children. Call it before anything of qingfu."""
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        QINGFU_HOME=str(home), DATABASE_URL="", QINGFU_POOL="0", DJANGO_SETTINGS_MODULE="qingfu.site.settings"
    )


def filled() -> tuple[int, float]:
    """(tenant id, seconds): 青禾县 in the embedded server of the data folder; no time if it was there."""
    from qingfu.site.commands import fill_demo

    begun = time.perf_counter()
    tenant_id = fill_demo()
    return tenant_id, time.perf_counter() - begun
