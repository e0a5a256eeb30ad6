"""Addresses of the list of records."""

from __future__ import annotations

from django.urls import path

from kedang.entrypoints.web.archive import bulk, listing, saved, searching

urlpatterns = [
    path("archive/", listing.archive, name="archive"),
    path("archive/customers/", listing.customers, name="archive-customers"),
    path("archive/desks/", listing.desks, name="archive-desks"),
    path("archive/search/", searching.search, name="archive-search"),
    path("archive/views/", saved.save, name="archive-view-save"),
    path("archive/views/<str:view_id>/", saved.view, name="archive-view"),
    path("archive/effect/", bulk.effect, name="archive-effect"),
    path("archive/done/", bulk.done, name="archive-done"),
    path("archive/undo/<str:change_id>/", bulk.undo, name="archive-undo"),
]
