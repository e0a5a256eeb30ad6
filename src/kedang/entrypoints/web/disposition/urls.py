"""Addresses of disposition."""

from __future__ import annotations

from django.urls import path

from kedang.entrypoints.web.disposition import orders, overview, rows

urlpatterns = [
    path("disposition/", overview.disposition, name="disposition"),
    path("disposition/orders/", orders.orders, name="orders"),
    path("disposition/orders/rows/", rows.rows, name="order_rows"),
    path("disposition/orders/plan/", orders.plan, name="order_plan"),
    path("disposition/orders/give/", orders.give, name="order_give"),
    path("disposition/orders/resume/", orders.resume, name="order_resume"),
    path("disposition/orders/<str:order_id>/", orders.order, name="order"),
    path("disposition/orders/<str:order_id>/data/", orders.data, name="order_data"),
]
