"""Addresses of labels, lists and boxes."""

from __future__ import annotations

from django.urls import path

from kedang.entrypoints.web.labels import boxing, making, views

urlpatterns = [
    path("labels/", views.labels, name="labels"),
    path("labels/make/", making.make, name="labels-make"),
    path("labels/boxes/", boxing.fill, name="boxes-fill"),
    path("labels/boxes/<int:number>/", boxing.change, name="box-change"),
    path("labels/boxes/<int:number>/empty/", boxing.empty, name="box-empty"),
]
