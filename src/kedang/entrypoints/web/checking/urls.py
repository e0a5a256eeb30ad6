"""Addresses of checking."""

from __future__ import annotations

from django.urls import path

from kedang.entrypoints.web.checking import correcting, deciding, queue

urlpatterns = [
    path("checking/", queue.waiting, name="checking"),
    path("checking/next/", queue.following_one, name="checking-next"),
    path("checking/ready/", deciding.ready, name="checking-ready"),
    path("checking/records/<str:record_id>/", correcting.correcting, name="record-correct"),
    path("checking/undo/<str:correction_id>/", deciding.undo, name="correction-undo"),
    path("checking/<str:question_id>/", queue.question, name="question"),
    path("checking/<str:question_id>/answer/", deciding.answered, name="question-answer"),
    path("checking/<str:question_id>/assign/", deciding.assigned, name="question-assign"),
]
