"""What `kedang verify` mends with; it loads much that looking does without."""

from __future__ import annotations

from kedang.holdings.actions.healing import heal, with_copies
from kedang.holdings.actions.reclaiming import reclaim
from kedang.holdings.intake.indexing import index_records

__all__ = ["heal", "index_records", "reclaim", "with_copies"]
