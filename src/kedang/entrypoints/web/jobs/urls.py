"""Addresses of long work."""

from __future__ import annotations

from django.urls import path

from kedang.entrypoints.web.jobs import views

urlpatterns = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<str:job_id>/", views.job, name="job"),
    path("jobs/<str:job_id>/part/", views.part, name="job_part"),
    path("jobs/<str:job_id>/stop/", views.stop, name="job_stop"),
]
