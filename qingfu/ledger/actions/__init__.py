# ruff: noqa: F401
"""Everything that changes the ledger. One function for one verb, each one transaction with its audit record."""

from qingfu.ledger.actions.baselines import Figure, NotFrozen, change_baselines, freeze_baseline, freeze_baselines
from qingfu.ledger.actions.calendar import CalendarMove, change_calendar, confirm_calendar, touched_by
from qingfu.ledger.actions.closing import close_windows
from qingfu.ledger.actions.correcting import confirm_withdrawal, take_back_import, withdraw
from qingfu.ledger.actions.keeping import drain_outbox, meter, sweep
from qingfu.ledger.actions.posting import hold, hold_all, post, record, release, take_over
from qingfu.ledger.actions.rules import (
    CannotBeWaived,
    grant_waiver,
    publish_pack,
    revoke_waiver,
    sync_national,
)
from qingfu.ledger.asking import KeyReused, Overtaken, answered
from qingfu.ledger.drafts import BadFigure
from qingfu.ledger.reckoning import Unknown
