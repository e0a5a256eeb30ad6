"""Addresses of a record's pages."""

from __future__ import annotations

from django.urls import path

from kedang.entrypoints.web.record import originals, pictures, revealing, views

urlpatterns = [
    path("records/<str:record_id>/", views.record, name="record"),
    path("records/<str:record_id>/pages/<int:number>/", pictures.picture, name="record-page"),
    path("records/<str:record_id>/reveal/", revealing.reveal, name="record-reveal"),
    path("records/<str:record_id>/original/", originals.original, name="record-original"),
    path("records/<str:record_id>/sound/", originals.sound, name="record-sound"),
]
