"""Addresses of taking in."""

from __future__ import annotations

from django.urls import path

from kedang.entrypoints.web.taking_in import capturing, outcomes, sending, sources, work

urlpatterns = [
    path("taking-in/", sources.register, name="sources"),
    path("taking-in/running/", work.running, name="taking_in_running"),
    path("taking-in/new/", sources.new, name="source_new"),
    path("taking-in/folder/", work.folder, name="take_in_folder"),
    path("taking-in/work/<str:job_id>/again/", work.again, name="taking_in_again"),
    path("taking-in/work/<str:job_id>/pause/", work.pause, name="taking_in_pause"),
    path("taking-in/sources/<str:source_id>/", sources.source, name="source"),
    path("taking-in/sources/<str:source_id>/sign/", sources.sign, name="source_sign"),
    path("taking-in/sources/<str:source_id>/send/", sending.begin, name="upload_begin"),
    path("taking-in/uploads/<str:upload_id>/", sending.upload, name="upload"),
    path("taking-in/uploads/<str:upload_id>/files/", sending.files, name="upload_files"),
    path(
        "taking-in/uploads/<str:upload_id>/files/<int:ordinal>/<int:piece>/",
        sending.piece,
        name="upload_piece",
    ),
    path(
        "taking-in/uploads/<str:upload_id>/files/<int:ordinal>/take-back/",
        sending.take_back,
        name="upload_take_back",
    ),
    path("taking-in/uploads/<str:upload_id>/unreadable/", sending.unreadable, name="upload_unreadable"),
    path("taking-in/uploads/<str:upload_id>/give/", sending.give, name="upload_give"),
    path("taking-in/uploads/<str:upload_id>/drop/", sending.drop, name="upload_drop"),
    path("taking-in/uploads/<str:upload_id>/paper/", capturing.paper, name="paper"),
    path("taking-in/uploads/<str:upload_id>/paper/look/", capturing.look, name="paper_look"),
    path("taking-in/uploads/<str:upload_id>/paper/join/", capturing.join, name="paper_join"),
    path("taking-in/accessions/<str:accession_id>/", outcomes.accession, name="accession"),
]
