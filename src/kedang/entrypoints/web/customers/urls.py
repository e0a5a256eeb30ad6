"""Addresses of the customers' pages."""

from __future__ import annotations

from django.urls import path

from kedang.entrypoints.web.customers import (
    auditing,
    changing,
    columns,
    judging,
    listing,
    reconciling,
    showing,
    tables,
)

urlpatterns = [
    path("customers/", listing.customers, name="customers"),
    path("customers/judging/", judging.judging, name="judging"),
    path("customers/judging/undo/", judging.take_back, name="judging-undo"),
    path("customers/audit/", auditing.audit, name="audit"),
    path("customers/audit/new/", auditing.draw, name="audit-new"),
    path("customers/reconciliation/", reconciling.reconciliation, name="reconciliation"),
    path("customers/tables/", tables.tables, name="tables"),
    path("customers/tables/<str:reference>/columns/", columns.columns, name="columns"),
    path("customers/tables/<str:reference>/<str:act>/", tables.act, name="table-act"),
    path("customers/judgements/<int:ordinal>/undo/", changing.undo, name="judgement-undo"),
    path("customers/records/<str:record_id>/", changing.of_record, name="customer-of-record"),
    path("customers/<int:number>/", showing.customer, name="customer"),
    path("customers/<int:number>/value/", showing.reveal, name="customer-value"),
    path("customers/<int:number>/file/<str:form>/", showing.download, name="customer-download"),
    path("customers/<int:number>/changes/", changing.changes, name="customer-changes"),
    path("customers/<int:number>/merge/", changing.merge, name="customer-merge"),
    path("customers/<int:number>/move/", changing.move, name="customer-move"),
    path("customers/<int:number>/rows/", tables.rows_of, name="customer-rows"),
]
