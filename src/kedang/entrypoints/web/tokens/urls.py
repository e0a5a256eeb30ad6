"""Addresses of the tokens."""

from __future__ import annotations

from django.urls import path

from kedang.entrypoints.web.tokens import views

urlpatterns = [
    path("settings/tokens/", views.tokens, name="tokens"),
    path("settings/tokens/end/<str:token>/", views.end, name="token_end"),
]
