"""Addresses of the overview."""

from __future__ import annotations

from django.urls import path

from kedang.entrypoints.web.overview import views

urlpatterns = [
    path("", views.overview, name="overview"),
    path("overview/charts/", views.charts, name="overview-charts"),
    path("overview/map/", views.personal_map, name="overview-map"),
    path("overview/gates/<str:name>/", views.gate, name="gate"),
]
