"""Addresses of this room, in the namespace ``units``."""

from __future__ import annotations

from django.urls import path

from qingfu.units import views

app_name = "units"

urlpatterns = [
    path("login/", views.sign_in, name="sign_in"),
    path("login/code/", views.sign_in_code, name="sign_in_code"),
    path("login/setup/", views.sign_in_setup, name="sign_in_setup"),
    path("login/screen/", views.screen, name="screen"),
    path("login/screen/<str:code>/", views.screen_confirm, name="screen_confirm"),
    path("logout/", views.sign_out, name="sign_out"),
    path("me/", views.account, name="account"),
    path("me/sessions/<int:token_id>/cut/", views.cut_off_session, name="cut_off_session"),
]
