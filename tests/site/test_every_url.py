"""Every address × every role. An address without a row here fails: who adds a page says who may open it.

The people of offices have a table of their own (tests/offices/test_addresses.py).

Columns: somebody without a session; the administrator of another county; the principal of another school; 陈静, who
teaches in grade 3; 李强, teacher and class teacher of 三(1)班; grade head, dean and principal of the school; officer
and administrator of the county.

    p a page          r on to another page       s to the sign-in page
    f forbidden       n no such page             u what was entered does not fit
    m the other verb only (GET or POST); a verb to which everybody gets this has no row

An f or n where a p might be expected is meant: nobody learns whether a thing outside her scope exists.
"""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, reverse

from tests.ledger.conftest import make_county
from tests.site import url_objects as of
from tests.site.test_pages import INLINE
from tests.units.browser import signed_in_as

PEOPLE = {
    "stranger": "吴校长", "teacher": "陈静", "class_teacher": "李强", "grade_head": "赵敏", "dean": "周涛",
    "principal": "孙校长", "officer": "刘科长", "admin": "管理员",
}  # fmt: skip
ROLES = ("nobody", "elsewhere", *PEOPLE)  # in the order of the columns
LETTERS = {200: "p", 403: "f", 404: "n", 405: "m", 400: "u", 409: "u", 422: "u"}

TABLE = """
home:start              GET   s  r  r  r  r  r  r  r  r  r
home:week               GET   s  n  p  p  p  p  p  p  n  n
home:class_day          GET   s  f  f  p  p  p  p  p  p  p
home:school             GET   s  f  f  f  f  f  p  p  p  p
home:county             GET   s  p  f  f  f  f  f  f  p  p
home:county_export      GET   s  p  f  f  f  f  f  f  p  p
home:county_school      GET   s  f  f  f  f  f  f  f  p  p

design                  GET   p  p  p  p  p  p  p  p  p  p
design                  POST  p  p  p  p  p  p  p  p  p  p
set_language            GET   r  r  r  r  r  r  r  r  r  r
set_language            POST  r  r  r  r  r  r  r  r  r  r

units:sign_in           GET   p  p  p  p  p  p  p  p  p  p
units:sign_in           POST  p  p  p  p  p  p  p  p  p  p
units:sign_in_code      GET   s  r  r  r  r  r  r  r  r  r
units:sign_in_code      POST  s  r  r  r  r  r  r  r  r  r
units:sign_in_setup     GET   s  r  r  r  r  r  r  r  r  r
units:sign_in_setup     POST  s  r  r  r  r  r  r  r  r  r
units:screen            GET   p  p  p  p  p  p  p  p  p  p
units:screen            POST  p  p  p  p  p  p  p  p  p  p
units:screen_confirm    GET   s  p  p  p  p  p  p  p  p  p
units:screen_confirm    POST  s  p  p  p  p  p  p  p  p  p
units:sign_out          POST  s  s  s  s  s  s  s  s  s  s
units:account           GET   s  p  p  p  p  p  p  p  p  p
units:account           POST  s  p  p  p  p  p  p  p  p  p
units:cut_off_session   POST  s  r  r  r  r  r  r  r  r  r
units:schools           GET   s  p  r  f  f  f  r  r  p  p
units:schools           POST  s  p  r  f  f  f  r  r  p  p
units:school            GET   s  f  f  f  f  f  p  p  p  p
units:school            POST  s  f  f  f  f  f  p  p  p  p
units:classes           GET   s  f  f  f  f  f  p  p  p  p
units:classes           POST  s  f  f  f  f  f  p  p  p  p
units:passwords         POST  s  f  f  f  f  f  p  p  f  p
units:person            GET   s  f  f  f  f  f  p  p  p  p
units:person            POST  s  f  f  f  f  f  p  p  p  p
units:cut_off           POST  s  f  f  f  f  f  r  r  f  r
units:new_password      POST  s  f  f  f  f  f  p  p  f  p
units:reset_code        POST  s  f  f  f  f  f  r  r  f  r
units:leave             POST  s  f  f  f  f  f  f  f  f  r
units:end_role          POST  s  f  f  f  f  f  f  f  f  r
units:links             GET   s  f  f  f  p  f  p  p  f  p
units:links             POST  s  f  f  f  p  f  p  p  f  p
units:replace_link      POST  s  f  f  f  r  f  r  r  f  r
units:slips             POST  s  f  f  f  f  f  p  p  f  p
units:join_family       POST  s  f  f  f  f  f  r  r  f  r
units:replace_family    POST  s  f  f  f  f  f  r  r  f  r
units:split_family      POST  s  f  f  f  f  f  r  r  f  r
units:upload            GET   s  p  f  f  f  f  f  f  f  p
units:upload            POST  s  p  f  f  f  f  f  f  f  p
units:template          GET   s  p  f  f  f  f  f  f  f  p
units:template          POST  s  p  f  f  f  f  f  f  f  p
units:preview           GET   s  r  f  f  f  f  f  f  f  p
units:preview           POST  s  r  f  f  f  f  f  f  f  p
units:discard           POST  s  r  r  r  r  r  r  r  r  r
units:year              GET   s  p  f  f  f  f  f  f  f  p
units:year              POST  s  p  f  f  f  f  f  f  f  p
units:promote           POST  s  r  r  r  r  r  r  r  r  r
units:undo_promotion    POST  s  f  f  f  f  f  f  f  f  r
units:close_term        POST  s  r  f  f  f  f  f  f  f  r
units:reopen_term       POST  s  r  f  f  f  f  f  f  f  r
units:trail             GET   s  p  p  f  f  f  f  p  f  p
units:heads             GET   p  p  p  p  p  p  p  p  p  p
units:trail             POST  s  p  p  f  f  f  f  p  f  p

ledger:rules            GET   s  p  p  p  p  p  p  p  p  p
ledger:packs            GET   s  p  p  p  p  p  p  p  p  p
ledger:pack             GET   s  n  n  p  p  p  p  p  p  p
ledger:edit_pack        GET   s  p  p  f  f  f  f  p  f  p
ledger:edit_pack        POST  s  u  u  f  f  f  f  u  f  u
ledger:calendar         GET   s  p  p  p  p  p  p  p  p  p
ledger:calendar_change  GET   s  n  n  p  p  p  p  p  p  p
ledger:confirm_calendar POST  s  n  n  f  f  f  f  f  f  r
ledger:change_calendar  GET   s  p  p  f  f  f  f  p  f  p
ledger:change_calendar  POST  s  u  u  f  f  f  f  u  f  u

findings:list           GET   s  p  p  p  p  p  p  p  p  p
findings:export         GET   s  p  p  p  p  p  p  p  p  p
findings:check          GET   s  p  p  f  f  p  p  p  p  p
findings:check          POST  s  u  u  f  f  r  r  r  u  u
findings:one            GET   s  n  n  n  p  p  p  p  p  p
findings:rectify        POST  s  n  n  n  r  r  r  r  f  f
findings:recheck        POST  s  n  n  n  f  f  r  r  r  r
findings:close          POST  s  n  n  n  f  f  r  r  r  r
findings:assign         POST  s  n  n  n  r  r  r  r  f  f

notices:parent          GET   p  p  p  p  p  p  p  p  p  p
notices:parent          POST  f  f  f  f  f  f  f  f  f  f
notices:school          GET   p  p  p  p  p  p  p  p  p  p
notices:poster          GET   p  p  p  p  p  p  p  p  p  p
notices:cost            GET   p  p  p  p  p  p  p  p  p  p
notices:board           GET   p  p  p  p  p  p  p  p  p  p
notices:privacy         GET   p  p  p  p  p  p  p  p  p  p
notices:answers         GET   s  f  f  f  p  f  f  f  f  f
notices:slips           GET   s  f  f  f  p  f  p  p  f  p

homework:today          GET   s  f  f  p  p  f  f  f  f  f
homework:new            GET   s  f  f  p  p  f  f  f  f  f
homework:read           POST  s  f  f  p  p  f  f  f  f  f
homework:lint           POST  s  f  f  p  p  f  f  f  f  f
homework:preview        POST  s  f  f  p  p  f  f  f  f  f
homework:post           POST  s  f  f  p  p  f  f  f  f  f
homework:confirm        POST  s  f  f  n  n  f  f  f  f  f
homework:withdraw       POST  s  f  f  r  r  r  r  r  f  f
homework:withdrawals    GET   s  f  p  f  p  p  p  p  f  f
homework:second         POST  s  f  f  f  r  r  r  r  f  f
homework:ask            POST  s  f  f  p  p  f  f  f  f  f
homework:answer         POST  s  f  f  f  r  f  f  f  f  f
homework:withdraw_ask   POST  s  f  f  r  f  f  f  f  f  f
homework:plan           GET   s  f  f  p  p  f  f  f  f  f
homework:plan           POST  s  f  f  p  p  f  f  f  f  f
homework:plan_preview   POST  s  f  f  p  p  f  f  f  f  f
homework:plan_copy      POST  s  f  f  r  r  f  f  f  f  f
homework:plan_print     GET   s  f  f  p  p  f  f  f  f  f
homework:plan_drop      POST  s  f  f  r  f  f  f  f  f  f
homework:plans          GET   s  f  f  f  f  p  p  f  f  f
homework:plan_approval  POST  s  f  f  f  f  f  r  f  f  f
homework:plan_decide    POST  s  f  f  f  f  r  r  f  f  f
homework:materials      GET   s  f  p  f  f  f  p  p  f  f
homework:materials      POST  s  f  p  f  f  f  p  p  f  f
homework:material_end   POST  s  f  f  f  f  f  r  r  f  f
homework:waivers        GET   s  p  p  f  f  f  f  p  f  p
homework:waivers        POST  s  p  p  f  f  f  f  p  f  p
homework:waiver_revoke  POST  s  f  f  f  f  f  f  r  f  r

offices:home            GET   s  f  f  f  f  f  f  f  f  f
offices:receive         GET   s  f  f  f  f  f  f  f  f  f
offices:receive         POST  s  f  f  f  f  f  f  f  f  f
offices:ask             GET   s  f  f  f  f  f  f  f  f  f
offices:withdraw        POST  s  f  f  f  f  f  f  f  f  f
offices:pass_on         GET   s  f  f  f  f  f  f  f  f  f
offices:pass_on         POST  s  f  f  f  f  f  f  f  f  f
offices:waiting         GET   s  f  f  f  f  f  f  f  f  f
offices:second          POST  s  f  f  f  f  f  f  f  f  f
offices:decide          POST  s  f  f  f  f  f  f  f  f  f
offices:below           GET   s  f  p  f  f  f  p  p  f  f
offices:inspections        GET   s  f  f  f  f  f  f  f  f  f
offices:inspection_new     GET   s  f  f  f  f  f  f  f  f  f
offices:inspection_new     POST  s  f  f  f  f  f  f  f  f  f
offices:inspection         GET   s  f  f  f  f  f  f  f  f  f
offices:inspection_file    POST  s  f  f  f  f  f  f  f  f  f
offices:inspection_plan    POST  s  f  f  f  f  f  f  f  f  f
offices:inspection_ask     POST  s  f  f  f  f  f  f  f  f  f
offices:inspection_seal    POST  s  f  f  f  f  f  f  f  f  f
offices:inspection_unseal  POST  s  f  f  f  f  f  f  f  f  f
offices:inspection_drop    POST  s  f  f  f  f  f  f  f  f  f
offices:inspection_emergency GET  s  f  f  f  f  f  f  f  f  f
offices:inspection_emergency POST s  f  f  f  f  f  f  f  f  f
offices:inspection_notices GET   s  f  p  f  f  f  p  p  f  f
offices:inspection_checklist GET  s  f  f  f  f  f  f  f  f  f
offices:inspection_checklist POST s  f  f  f  f  f  f  f  f  f
offices:enterprise_caps    GET   s  p  f  f  f  f  f  f  p  p
offices:enterprise_caps    POST  s  p  f  f  f  f  f  f  f  p
offices:merging            GET   s  f  f  f  f  f  f  f  f  f
offices:merging            POST  s  f  f  f  f  f  f  f  f  f
offices:merging_adopt      POST  s  f  f  f  f  f  f  f  f  f
offices:merging_published  GET   s  f  f  f  f  f  f  f  f  f
offices:merging_quiet      POST  s  f  f  f  f  f  f  f  f  f
offices:other           GET   s  f  f  f  f  f  f  f  f  f
offices:other           POST  s  f  f  f  f  f  f  f  f  f
offices:complain        POST  s  f  p  f  f  f  p  p  f  f
offices:county          GET   s  f  f  f  f  f  f  f  f  f
offices:complaints      GET   s  f  f  f  f  f  f  f  f  f
offices:complaint_answer POST s  f  f  f  f  f  f  f  f  f
offices:complaint_picture GET s  f  f  f  f  f  f  f  f  f
offices:samples         GET   s  f  f  f  f  f  f  f  f  f
offices:samples         POST  s  f  f  f  f  f  f  f  f  f
offices:sample_draw     POST  s  f  f  f  f  f  f  f  f  f
offices:sample_call     GET   s  f  f  f  f  f  f  f  f  f
offices:sample_call     POST  s  f  f  f  f  f  f  f  f  f
offices:meetings        GET   s  f  f  f  f  f  f  f  f  f
offices:meeting_new     GET   s  f  f  f  f  f  f  f  f  f
offices:meeting_new     POST  s  f  f  f  f  f  f  f  f  f
offices:meeting_plan    GET   s  f  f  f  f  f  f  f  f  f
offices:meeting_plan    POST  s  f  f  f  f  f  f  f  f  f
offices:meeting_drop    POST  s  f  f  f  f  f  f  f  f  f
offices:meeting         GET   s  f  f  f  f  f  f  f  f  f
offices:meeting_length  POST  s  f  f  f  f  f  f  f  f  f
offices:calendar        GET   s  f  p  f  f  f  p  p  f  f
offices:calendar        POST  s  f  r  f  f  f  r  r  f  f
offices:feed            GET   p  p  p  p  p  p  p  p  p  p
offices:documents       GET   s  f  f  f  f  f  f  f  f  f
offices:document_new    GET   s  f  f  f  f  f  f  f  f  f
offices:document_new    POST  s  f  f  f  f  f  f  f  f  f
offices:document_keeping POST s  f  f  f  f  f  f  f  f  f
offices:document_merge  POST  s  f  f  f  f  f  f  f  f  f
offices:document_merging GET  s  f  f  f  f  f  f  f  f  f
offices:draft_check     GET   s  f  f  f  f  f  f  f  f  f
offices:draft_check     POST  s  f  f  f  f  f  f  f  f  f
offices:draft_corrected POST  s  f  f  f  f  f  f  f  f  f
offices:document        GET   s  f  f  f  f  f  f  f  f  f
offices:document_check  POST  s  f  f  f  f  f  f  f  f  f
offices:document_decide POST  s  f  f  f  f  f  f  f  f  f
offices:document_issue  POST  s  f  f  f  f  f  f  f  f  f
offices:receipts        GET   s  f  f  f  f  f  f  f  f  f
offices:circulate       POST  s  f  f  f  f  f  f  f  f  f
offices:handle          POST  s  f  f  f  f  f  f  f  f  f
offices:receipt_read    POST  s  f  f  f  f  f  f  f  f  f
offices:receipt_away    POST  s  f  f  f  f  f  f  f  f  f
offices:forms           GET   s  f  f  f  f  f  f  f  f  f
offices:form_new        GET   s  f  f  f  f  f  f  f  f  f
offices:form_new        POST  s  f  f  f  f  f  f  f  f  f
offices:fields          GET   s  f  f  f  f  f  f  f  f  f
offices:form            GET   s  f  f  f  f  f  f  f  f  f
offices:form_data       GET   s  f  f  f  f  f  f  f  f  f
offices:form_returns    POST  s  f  f  f  f  f  f  f  f  f
offices:one_sheet       GET   s  f  p  f  f  f  p  p  f  f
offices:one_sheet       POST  s  f  r  f  f  f  r  r  f  f
offices:channels        GET  s  f  p  f  f  f  p  p  f  f
offices:channels_export GET  s  f  p  f  f  f  p  p  f  f
offices:channel_new     GET  s  f  f  f  f  f  f  f  f  f
offices:channel_new     POST  s  f  f  f  f  f  f  f  f  f
offices:channels_import GET  s  f  f  f  f  f  f  f  f  f
offices:channels_import POST  s  f  f  f  f  f  f  f  f  f
offices:channels_template GET  s  f  f  f  f  f  f  f  f  f
offices:channel_cleanup GET  s  f  f  f  f  f  f  f  f  f
offices:channel         GET  s  f  p  f  f  f  p  p  f  f
offices:channel_review  POST  s  f  f  f  f  f  f  f  f  f
offices:secondments     GET  s  f  p  f  f  f  p  p  f  f
offices:secondments_export GET  s  f  p  f  f  f  p  p  f  f
offices:secondment_new  GET  s  f  f  f  f  f  f  f  f  f
offices:secondment_new  POST  s  f  f  f  f  f  f  f  f  f
offices:secondment      GET  s  f  f  f  f  f  p  p  f  f
offices:secondment_extend POST  s  f  f  f  f  f  f  f  f  f
offices:secondment_back POST  s  f  f  f  f  f  f  f  f  f
offices:rights          GET  s  f  p  f  f  f  p  p  f  f
offices:rights_export   GET  s  f  p  f  f  f  p  p  f  f
offices:right_new       GET  s  f  f  f  f  f  f  f  f  f
offices:right_new       POST  s  f  f  f  f  f  f  f  f  f
offices:right           GET  s  f  f  f  f  f  p  p  f  f
offices:right_count     POST  s  f  f  f  f  f  p  p  f  f
offices:right_end       POST  s  f  f  f  f  f  f  f  f  f
offices:baselines       GET   s  p  p  f  f  f  f  p  f  p
offices:baselines_export GET  s  p  p  f  f  f  f  p  f  p
offices:baselines_template GET s  p  p  f  f  f  f  p  f  p
offices:baselines_import GET  s  p  p  f  f  f  f  p  f  p
offices:baselines_import POST s  p  p  f  f  f  f  p  f  p
offices:baseline_units  GET   s  p  p  f  f  f  f  p  f  p
offices:baseline_units  POST  s  p  p  f  f  f  f  p  f  p
offices:baseline        GET   s  f  f  f  f  f  f  p  f  p
offices:baseline        POST  s  f  f  f  f  f  f  p  f  p
offices:blame           GET  s  f  p  f  f  f  p  p  f  f
offices:blame           POST  s  f  f  f  f  f  f  f  f  f
offices:blame_export    GET  s  f  p  f  f  f  p  p  f  f

reports:review          GET   s  p  p  p  p  p  p  p  p  p
reports:review          POST  s  p  p  p  p  p  p  p  p  p
reports:download        POST  s  u  u  u  u  u  u  u  u  u
reports:claim_records   GET   s  n  n  f  f  f  n  n  n  n
reports:claim_records_excel GET s n n f f f n n n n
reports:home            GET   s  p  p  f  f  f  p  p  p  p
reports:home            POST  s  u  u  f  f  f  u  u  u  u
reports:report          GET   s  n  n  n  n  n  p  p  n  n
reports:write           POST  s  n  n  n  n  n  r  r  n  n
reports:again           POST  s  n  n  n  n  n  u  u  n  n
reports:problem         POST  s  n  n  n  n  n  u  u  n  n
reports:step            POST  s  n  n  n  n  n  u  u  n  n
reports:word            GET   s  n  n  n  n  n  p  p  n  n
reports:chart           GET   s  n  n  n  n  n  n  n  n  n
reports:source          GET   s  n  n  n  n  n  p  p  n  n
reports:source_excel    GET   s  n  n  n  n  n  n  n  n  n
reports:spare           POST  s  u  u  f  f  f  u  u  u  u
reports:withdraw        POST  s  f  f  f  f  f  r  r  f  f
reports:figures         GET   p  p  p  p  p  p  p  p  p  p
reports:figures_excel   GET   p  p  p  p  p  p  p  p  p  p
reports:whatif          GET   s  p  p  f  f  f  f  p  f  p
reports:whatif          POST  s  u  u  f  f  f  f  u  f  u
reports:trial           GET   s  f  f  f  f  f  f  p  f  p
reports:trial_chart     GET   s  f  f  f  f  f  f  n  f  n
reports:trial_excel     GET   s  f  f  f  f  f  f  n  f  n
reports:imports         GET   s  p  p  f  f  f  p  p  f  p
reports:imports         POST  s  u  u  f  f  f  u  u  f  u
reports:import          GET   s  f  f  f  f  f  p  p  f  p
reports:import_problems GET   s  f  f  f  f  f  p  p  f  p
reports:import_step     POST  s  f  f  f  f  f  r  r  f  r
reports:county          GET   s  p  f  f  f  f  f  f  p  p
reports:county_download GET   s  r  f  f  f  f  f  f  r  r
reports:county_indicator GET  s  p  f  f  f  f  f  f  p  p
reports:county_indicator_download GET s r f f f f f  f  r  r
reports:school          GET   s  p  p  f  f  f  p  p  p  p
reports:school_download GET   s  r  r  f  f  f  r  r  r  r
reports:school_indicator GET  s  p  p  f  f  f  p  p  p  p
reports:school_indicator_download GET s r r f f f r  r  r  r
reports:office          GET   s  f  f  f  f  f  f  f  f  f
reports:office_download GET   s  f  f  f  f  f  f  f  f  f
reports:office_indicator GET  s  f  f  f  f  f  f  f  f  f
reports:office_indicator_download GET s f f f f f f  f  f  f
reports:export          GET   s  p  p  f  f  f  p  p  p  p
reports:export          POST  s  r  f  f  f  f  f  f  f  r
"""

ARGUMENTS = {
    "home:class_day": {"class_id": of.class_id, "day": lambda county: of.TODAY},
    "home:school": {"school_id": of.school_id},
    "home:county_school": {"school_id": of.school_id},
    "reports:claim_records": {"indicator_id": lambda county: "homework_days_over"},
    "reports:claim_records_excel": {"indicator_id": lambda county: "homework_days_over"},
    **{
        f"reports:{place}_indicator{rest}": {"indicator_id": lambda county: "findings_open"}
        for place in ("county", "school", "office") for rest in ("", "_download")
    },
    "units:screen_confirm": {"code": lambda county: "nonsense"},
    "units:cut_off_session": {"token_id": of.token_id},
    "units:school": {"unit_id": of.school_id},
    "units:classes": {"unit_id": of.school_id},
    "units:passwords": {"unit_id": of.school_id},
    "units:links": {"unit_id": of.class_id},
    "units:replace_link": {"unit_id": of.class_id, "kind": lambda county: "board"},
    "units:slips": {"unit_id": of.class_id},
    "units:join_family": {"unit_id": of.class_id},
    "units:preview": {"upload_id": of.upload_id},
    "units:discard": {"upload_id": of.upload_id},
    "findings:recheck": {"finding_id": of.rectified_id},
    "ledger:pack": {"pk": of.pack_id},
    "ledger:calendar_change": {"pk": of.change_id},
    "ledger:confirm_calendar": {"pk": of.change_id},
    "offices:feed": {"token": of.link("calendar")},
    "offices:complaint_picture": {"complaint_id": lambda county: 1},
    "offices:sample_draw": {"sample_id": lambda county: 1},
    "offices:sample_call": {"sample_id": lambda county: 1, "unit_id": of.class_id},
    "offices:meeting": {"meeting_id": of.meeting_id},
    "offices:meeting_length": {"meeting_id": of.meeting_id},
    "offices:meeting_drop": {"plan_id": of.planned_meeting_id},
    "notices:parent": {"token": of.link("class")},
    "notices:school": {"token": of.link("school")},
    "notices:poster": {"token": of.link("school")},
    "notices:cost": {"token": of.link("school")},
    "notices:board": {"token": of.link("board")},
    "reports:chart": {"report_id": of.report_id, "number": lambda county: 1},
    "reports:source": {"report_id": of.report_id, "number": lambda county: 1},
    "reports:source_excel": {"report_id": of.report_id, "number": lambda county: 1},
    "reports:figures": {"token": of.figures_link},
    "reports:figures_excel": {"token": of.figures_link},
    "notices:answers": {"unit_id": of.class_id},
    "notices:slips": {"unit_id": of.class_id},
}
# What is posted, where posting nothing would stop at the form before anybody asks who may.
DATA = {
    "findings:rectify": {"text": "已调整"},
    "findings:recheck": {"kept": "yes"},
    "findings:close": {"reason": "登记错了班"},
    "findings:assign": {"person": lambda county: county.people["陈静"].pk},
    "findings:check": {"bearer": of.class_id, "summary": "公示晚了", "due_day": of.TODAY},
    "ledger:edit_pack": {"action": "publish", "version": 0, "working": "[pack]"},
    "ledger:change_calendar": {"action": "publish", "unit": of.school_id, "what": "rest_day"},
    "homework:withdraw": {"demand": of.demand_id, "reason": "记错了班", "key": of.key},
    "homework:second": {"demand": of.asked_back_id, "agree": "1", "key": of.key},
    "homework:plan_decide": {"approve": "1"},
    "reports:review": {"text": "二〇二五年春季学期，全校共有教师四十二人。"},
    "reports:download": {"what": "lines"},
    "units:close_term": {"term_id": of.term_id, "last_day": of.TODAY},
}
# Arguments that mean the same wherever they stand.
COMMON = {
    "finding_id": of.finding_id, "person_id": of.person_id, "membership_id": of.membership_id, "seat_id": of.seat_id,
    "promotion_id": of.promotion_id, "closed_id": of.closed_id, "request_id": of.yield_id, "item_id": of.item_id,
    "plan_id": of.plan_id, "material_id": of.material_id, "waiver_id": of.waiver_id, "ask_id": of.ask_id,
    "channel_id": of.channel_id, "secondment_id": of.secondment_id, "handed_id": of.handed_id,
    "baseline_id": of.baseline_id,
    "project_id": of.project_id, "receipt_id": of.receipt_id, "form_id": of.form_id,
    "report_id": of.report_id, "spared_id": of.spared_id,
    "listed_id": of.listed_id, "visit_id": of.visit_id, "sealed_id": of.sealed_id, "merged_id": of.merged_id,
    "import_id": of.import_id, "trial_id": of.trial_id,
}  # fmt: skip


def rows() -> dict[tuple[str, str], str]:
    """(address, method) → the letters of the ten columns."""
    lines = [line.split() for line in TABLE.splitlines() if line.strip()]
    return {(name, method): "".join(letters) for name, method, *letters in lines}


def patterns(resolver=None, namespace: str = "") -> dict[str, list[str]]:
    """Every address of the site by its name, with the names of its arguments."""
    found = {}
    for pattern in (resolver or get_resolver()).url_patterns:
        if hasattr(pattern, "url_patterns"):
            inner = f"{pattern.namespace}:" if pattern.namespace else namespace
            found |= patterns(pattern, inner)
        else:
            found[f"{namespace}{pattern.name}"] = list(pattern.pattern.converters)
    return found


@pytest.fixture(scope="module")
def counties(national):
    return make_county(), make_county()


def client_of(role: str, counties) -> Client:
    county, other = counties
    if role == "nobody":
        return Client()
    return signed_in_as(other, "管理员") if role == "elsewhere" else signed_in_as(county, PEOPLE[role])


def address_of(name: str, county) -> str:
    makers = {**COMMON, **ARGUMENTS.get(name, {})}
    return reverse(name, kwargs={key: of.made(county, makers[key]) for key in patterns()[name]})


def data_of(name: str, county) -> dict:
    """What to post: values that are functions make an object of the county."""
    said = DATA.get(name, {})
    return {key: of.made(county, value) if callable(value) else value for key, value in said.items()}


def letter(response) -> str:
    if response.status_code in (301, 302):
        return "s" if response.headers["Location"].startswith("/login/") else "r"
    return LETTERS[response.status_code]


def observed(name: str, method: str, counties) -> str:
    """What each role gets, each at an address of its own, so that nobody stumbles over what another did."""
    found = ""
    for role in ROLES:
        client = client_of(role, counties)
        address = address_of(name, counties[0])
        response = client.get(address) if method == "GET" else client.post(address, data_of(name, counties[0]))
        assert not has_inline(response), address
        found += letter(response)
    return found


def has_inline(response) -> bool:
    """Whether a page has script or style in it, which the content policy would refuse."""
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    return is_page and bool(INLINE.search(response.content.decode()))


def test_every_address_has_its_rows():
    assert not settings.DEMO
    assert {name for name, _method in rows()} == set(patterns())


def test_a_verb_without_a_row_is_refused_to_everybody(counties):
    others = {(name, method) for name in patterns() for method in ("GET", "POST")} - set(rows())
    taken = {one: observed(*one, counties) for one in sorted(others)}
    assert {one: letters for one, letters in taken.items() if set(letters) != {"m"}} == {}


@pytest.mark.parametrize("name, method", rows())
def test_who_gets_what(name, method, counties):
    assert observed(name, method, counties) == rows()[name, method]
