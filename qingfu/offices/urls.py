"""Addresses of this room, in the namespace ``offices``."""

from __future__ import annotations

from django.urls import path

from qingfu.offices.views import below, documents, forms, home, meetings, receipts, review

app_name = "offices"

urlpatterns = [
    path("offices/", home.home, name="home"),
    path("offices/receive/", home.receive, name="receive"),
    path("offices/ask/<int:ask_id>/", home.ask, name="ask"),
    path("offices/ask/<int:ask_id>/withdraw/", home.withdraw, name="withdraw"),
    path("offices/waiting/", review.waiting, name="waiting"),
    path("offices/waiting/<int:ask_id>/", review.decide, name="decide"),
    path("offices/below/", below.below, name="below"),
    path("offices/meetings/", meetings.listed, name="meetings"),
    path("offices/meetings/new/", meetings.new, name="meeting_new"),
    path("offices/meetings/plan/", meetings.plan, name="meeting_plan"),
    path("offices/meetings/plan/<int:plan_id>/drop/", meetings.drop, name="meeting_drop"),
    path("offices/meetings/<int:meeting_id>/", meetings.one, name="meeting"),
    path("offices/meetings/<int:meeting_id>/length/", meetings.length, name="meeting_length"),
    path("offices/calendar/", meetings.calendar, name="calendar"),
    path("offices/calendar/<slug:token>.ics", meetings.feed, name="feed"),
    path("offices/documents/", documents.plan, name="documents"),
    path("offices/documents/new/", documents.new, name="document_new"),
    path("offices/documents/merge/", documents.merge, name="document_merge"),
    path("offices/documents/merging/", documents.merging, name="document_merging"),
    path("offices/documents/check/", documents.check, name="draft_check"),
    path("offices/documents/corrected/", documents.corrected_copy, name="draft_corrected"),
    path("offices/documents/<int:project_id>/", documents.project, name="document"),
    path("offices/documents/<int:project_id>/check/", documents.check_project, name="document_check"),
    path("offices/documents/<int:project_id>/decide/", documents.decide, name="document_decide"),
    path("offices/documents/<int:project_id>/issue/", documents.issue, name="document_issue"),
    path("offices/receipts/", receipts.receipts, name="receipts"),
    path("offices/receipts/<int:ask_id>/", receipts.circulate, name="circulate"),
    path("offices/receipts/<int:ask_id>/handle/", receipts.handle, name="handle"),
    path("offices/receipts/<int:receipt_id>/read/", receipts.read, name="receipt_read"),
    path("offices/receipts/<int:receipt_id>/away/", receipts.away, name="receipt_away"),
    path("offices/forms/", forms.forms, name="forms"),
    path("offices/forms/new/", forms.new, name="form_new"),
    path("offices/forms/fields/", forms.fields, name="fields"),
    path("offices/forms/<int:form_id>/", forms.form, name="form"),
    path("offices/forms/<int:form_id>/data/", forms.data_file, name="form_data"),
    path("offices/forms/<int:form_id>/returns/", forms.returns, name="form_returns"),
    path("offices/one-sheet/", forms.one_sheet, name="one_sheet"),
]
