# ruff: noqa: F401
"""Everything that changes units, people, roles, tokens and the trail. One function for one verb."""

from qingfu.units.actions.families import (
    SHORT,
    UnknownCode,
    code_of,
    join_family,
    print_slips,
    replace_family_code,
    seat_classes,
    split_family,
)
from qingfu.units.actions.founding import found_county
from qingfu.units.actions.links import (
    generation_of,
    hash_of,
    issue_link,
    link_text,
    replace_link,
)
from qingfu.units.actions.people import (
    add_person,
    appoint,
    end_role,
    forget_left_people,
    forget_sessions,
    leave,
)
from qingfu.units.actions.school_year import (
    EARLIEST,
    UNDO_WITHIN,
    NotNow,
    close_term,
    forget_graduated,
    promote,
    reopen_term,
    undo_promotion,
)
from qingfu.units.actions.sign_in import (
    begin_sign_in,
    change_own_password,
    change_password,
    cut_off_person,
    cut_off_session,
    enrol_code,
    finish_setup,
    give_code,
    issue_initial_passwords,
    lifetime_for,
    open_session,
    prove_password,
    remember,
    reset_code,
    sign_in_screen,
    sign_out,
    totp_of,
)
from qingfu.units.actions.trail import audit, audit_anonymous, publish_head, seal_audit
from qingfu.units.actions.tree import add_units, add_units_below, found_tenant, install_signing_key, pinyin
from qingfu.units.actions.tries import TooManyTries, count_try, forget_tries, give_back_try
from qingfu.units.actions.workbook import (
    NotReady,
    discard_upload,
    forget_uploads,
    import_workbook,
    take_upload,
    upload_workbook,
)
from qingfu.units.workbook.safety import MAX_BYTES
