"""Addresses of this room, in the namespace ``units``."""

from __future__ import annotations

from django.urls import path

from qingfu.units.views import links, people, sign_in, trail, workbook, year

app_name = "units"

urlpatterns = [
    path("login/", sign_in.sign_in, name="sign_in"),
    path("login/code/", sign_in.sign_in_code, name="sign_in_code"),
    path("login/setup/", sign_in.sign_in_setup, name="sign_in_setup"),
    path("login/screen/", sign_in.screen, name="screen"),
    path("login/screen/<str:code>/", sign_in.screen_confirm, name="screen_confirm"),
    path("logout/", sign_in.sign_out, name="sign_out"),
    path("me/", sign_in.account, name="account"),
    path("me/sessions/<int:token_id>/cut/", sign_in.cut_off_session, name="cut_off_session"),
    path("manage/", people.schools, name="schools"),
    path("manage/units/<int:unit_id>/", people.school, name="school"),
    path("manage/units/<int:unit_id>/classes/", people.classes, name="classes"),
    path("manage/units/<int:unit_id>/passwords/", people.passwords, name="passwords"),
    path("manage/people/<int:person_id>/", people.person, name="person"),
    path("manage/people/<int:person_id>/cut/", people.cut_off, name="cut_off"),
    path("manage/people/<int:person_id>/password/", people.new_password, name="new_password"),
    path("manage/people/<int:person_id>/code/", people.reset_code, name="reset_code"),
    path("manage/people/<int:person_id>/leave/", people.leave, name="leave"),
    path("manage/roles/<int:membership_id>/end/", people.end_role, name="end_role"),
    path("manage/units/<int:unit_id>/links/", links.unit_links, name="links"),
    path("manage/units/<int:unit_id>/links/<slug:kind>/replace/", links.replace, name="replace_link"),
    path("manage/units/<int:unit_id>/slips/", links.slips, name="slips"),
    path("manage/units/<int:unit_id>/families/join/", links.join, name="join_family"),
    path("manage/seats/<int:seat_id>/replace/", links.replace_family, name="replace_family"),
    path("manage/seats/<int:seat_id>/split/", links.split, name="split_family"),
    path("manage/import/", workbook.upload, name="upload"),
    path("manage/import/template/", workbook.template, name="template"),
    path("manage/import/<int:upload_id>/", workbook.preview, name="preview"),
    path("manage/import/<int:upload_id>/discard/", workbook.discard, name="discard"),
    path("manage/year/", year.year, name="year"),
    path("manage/year/promote/", year.promote, name="promote"),
    path("manage/year/promotions/<int:promotion_id>/undo/", year.undo_promotion, name="undo_promotion"),
    path("manage/year/close/", year.close_term, name="close_term"),
    path("manage/year/terms/<int:closed_id>/reopen/", year.reopen_term, name="reopen_term"),
    path("manage/trail/", trail.trail, name="trail"),
    path("heads/", trail.heads, name="heads"),
]
