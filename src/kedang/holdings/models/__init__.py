"""Tables of the archive. Every table and unique constraint begins with the case."""

from kedang.holdings.models.case import Agent, Case
from kedang.holdings.models.copies import Copy, Snapshot
from kedang.holdings.models.customer import Customer, CustomerKey, KeptComparison, Link, MentionKey, NameList
from kedang.holdings.models.fixity import FixityCheck, FixityRound
from kedang.holdings.models.intake import Accession, Occurrence, Source
from kedang.holdings.models.judgement import Audit, Judgement, Proposal
from kedang.holdings.models.keys import ChangedPage, DoomedKey, EpochChange, KeyHolder, OldPage, SealingAnew
from kedang.holdings.models.orders import NewPart, Order, Ordered, Resealed
from kedang.holdings.models.places import KeyPlace, KeySlot
from kedang.holdings.models.proof import Checkpoint, LedgerHead, LedgerLeaf, LedgerNode, Witness
from kedang.holdings.models.question import Question
from kedang.holdings.models.record import Record, Segment, Series
from kedang.holdings.models.row_sets import RowChunk, RowSet, SplitTable
from kedang.holdings.models.storage import IndexPart, KeyPage, Pack

__all__ = [
    "Accession",
    "Agent",
    "Audit",
    "Case",
    "ChangedPage",
    "Checkpoint",
    "Copy",
    "Customer",
    "CustomerKey",
    "DoomedKey",
    "EpochChange",
    "FixityCheck",
    "FixityRound",
    "IndexPart",
    "Judgement",
    "KeptComparison",
    "KeyHolder",
    "KeyPage",
    "KeyPlace",
    "KeySlot",
    "LedgerHead",
    "LedgerLeaf",
    "LedgerNode",
    "Link",
    "MentionKey",
    "NameList",
    "NewPart",
    "Occurrence",
    "OldPage",
    "Order",
    "Ordered",
    "Pack",
    "Proposal",
    "Question",
    "Record",
    "Resealed",
    "RowChunk",
    "RowSet",
    "SealingAnew",
    "Segment",
    "Series",
    "Snapshot",
    "Source",
    "SplitTable",
    "Witness",
]
