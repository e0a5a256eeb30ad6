"""Addresses of keeping."""

from __future__ import annotations

from django.urls import path

from kedang.entrypoints.web.keeping import checks, copies, drills

urlpatterns = [
    path("keeping/", copies.keeping, name="keeping"),
    path("keeping/add/", copies.add, name="copy_add"),
    path("keeping/backup/", copies.backup, name="copy_backup"),
    path("keeping/drill/", drills.begin, name="drill"),
    path("keeping/drills/<str:job_id>/<str:copy_id>/", drills.result, name="drill_result"),
    path("keeping/copies/<str:copy_id>/", copies.copy, name="copy"),
    path("keeping/copies/<str:copy_id>/remove/", copies.remove, name="copy_remove"),
    path("keeping/copies/<str:copy_id>/full/", drills.full, name="drill_full"),
    path("keeping/checks/", checks.checks, name="checks"),
    path("keeping/checks/verify/", checks.verify, name="verify"),
    path("keeping/checks/round/", checks.go_on, name="fixity"),
]
