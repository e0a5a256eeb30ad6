"""Addresses of the ledger."""

from __future__ import annotations

from django.urls import path

from kedang.entrypoints.web.ledger import browsing, held, proofs

urlpatterns = [
    path("ledger/", browsing.ledger, name="ledger"),
    path("ledger/export/", browsing.export, name="ledger_export"),
    path("ledger/verify/", proofs.verify, name="ledger_verify"),
    path("ledger/witness/", proofs.witness, name="ledger_witness"),
    path("ledger/check/", held.check, name="ledger_check"),
    path("ledger/growth/", held.growth, name="ledger_growth"),
    path("ledger/receipt/", proofs.receipt, name="ledger_receipt"),
    path("ledger/verifier/", proofs.verifier, name="ledger_verifier"),
    path("ledger/heads/", proofs.heads, name="ledger_heads"),
    path("ledger/<int:n>/", browsing.event, name="ledger_event"),
]
