"""Tables of the archive. Every table and unique constraint begins with the case."""

from kedang.holdings.models.case import Agent, Case
from kedang.holdings.models.customer import Customer, CustomerKey, Link, MentionKey
from kedang.holdings.models.intake import Accession, Occurrence, Source
from kedang.holdings.models.proof import Checkpoint, LedgerHead, LedgerLeaf
from kedang.holdings.models.question import Question
from kedang.holdings.models.record import Record, Segment, Series
from kedang.holdings.models.storage import IndexPart, KeyPage, Pack

__all__ = [
    "Accession",
    "Agent",
    "Case",
    "Checkpoint",
    "Customer",
    "CustomerKey",
    "IndexPart",
    "KeyPage",
    "LedgerHead",
    "LedgerLeaf",
    "Link",
    "MentionKey",
    "Occurrence",
    "Pack",
    "Question",
    "Record",
    "Segment",
    "Series",
    "Source",
]
