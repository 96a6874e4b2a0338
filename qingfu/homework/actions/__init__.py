# ruff: noqa: F401
"""Everything that changes homework. One function for one verb; the ledger writes what is asked of classes."""

from qingfu.homework.actions.materials import AlreadyListed, list_material, unlist_material
from qingfu.homework.actions.plans import (
    BadPlan,
    DoesNotFit,
    PlanLine,
    approve_plan,
    copy_last_week,
    drop_item,
    end_of,
    file_plan,
    return_plan,
    switch_approval,
)
from qingfu.homework.actions.posting import NotHers, NothingToPost, post_homework, withdraw_homework
from qingfu.homework.actions.yielding import (
    CannotAsk,
    NotHeld,
    accept_request,
    ask_colleague,
    decline_request,
    withdraw_request,
)
