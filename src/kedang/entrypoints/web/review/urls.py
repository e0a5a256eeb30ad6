"""Addresses of the review."""

from __future__ import annotations

from django.urls import path

from kedang.entrypoints.web.review import batches, deciding, waiting

urlpatterns = [
    path("review/", waiting.reviews, name="reviews"),
    path("review/next/", deciding.following, name="review-next"),
    path("review/draw/", batches.drawn, name="review-draw"),
    path("review/batches/<str:batch_id>/", batches.batch, name="review-batch"),
    path("review/batches/<str:batch_id>/end/", batches.ended, name="review-batch-end"),
    path("review/<str:record_id>/", waiting.review, name="review"),
    path("review/<str:record_id>/decide/", deciding.decided, name="review-decide"),
    path("review/<str:record_id>/look/", deciding.looked, name="review-look"),
]
