# ruff: noqa: F401
"""Everything that this room changes, one module for each area, one function for one verb."""

from qingfu.offices.actions.baselines import change_baseline, freeze_from_ledger, import_baselines, name_successors
from qingfu.offices.actions.below import (
    answer_complaints,
    commit_sample,
    complain,
    draw_sample,
    picked,
    record_call,
    release_complaints,
)
from qingfu.offices.actions.blame import record_blame
from qingfu.offices.actions.channels import import_channels, register_channel, review_channel
from qingfu.offices.actions.documents import (
    Issuing,
    approve_document,
    drop_document,
    issue_document,
    keep_check,
    keep_of_drafts,
    merge_documents,
    one_project,
    propose_document,
    turn_down_document,
)
from qingfu.offices.actions.forms import REPEATED, BadFigures, Registered, give_figures, register_form, take_returns
from qingfu.offices.actions.inspections import (
    adopt_plan,
    answer_checklist,
    ask_visits,
    drop_visit,
    file_listed,
    keep_quiet,
    merge_visits,
    open_sealed,
    plan_visits,
    propose_listed,
    publish_caps,
    seal_visit,
    void_sealed,
)
from qingfu.offices.actions.lending import borrow, bring_back, extend
from qingfu.offices.actions.meetings import (
    NoSuchMeeting,
    calendar_link,
    call_meeting,
    drop_planned,
    plan_meeting,
    record_length,
)
from qingfu.offices.actions.posting import NotInPlace, Result, ask, receive, record_done, withdraw
from qingfu.offices.actions.receipts import circulate, handle_receipt, mark_read, pass_over
from qingfu.offices.actions.relaying import pass_on
from qingfu.offices.actions.reviewing import NotGranted, decline, grant, second_withdrawal
from qingfu.offices.actions.rights import Counted, count_cases, hand_down, take_back
from qingfu.offices.actions.tapping import sweep_taps
