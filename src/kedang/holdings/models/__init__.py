"""Tables of the archive. Every table and unique constraint begins with the case."""

from kedang.holdings.models.case import Agent, Case
from kedang.holdings.models.copies import Copy, Snapshot
from kedang.holdings.models.customer import Customer, CustomerKey, Link, MentionKey
from kedang.holdings.models.fixity import FixityCheck, FixityRound
from kedang.holdings.models.intake import Accession, Occurrence, Source
from kedang.holdings.models.keys import ChangedPage, DoomedKey, EpochChange, KeyHolder
from kedang.holdings.models.orders import NewPart, Order, Ordered, Resealed
from kedang.holdings.models.places import KeyPlace, KeySlot
from kedang.holdings.models.proof import Checkpoint, LedgerHead, LedgerLeaf, LedgerNode, Witness
from kedang.holdings.models.question import Question
from kedang.holdings.models.record import Record, Segment, Series
from kedang.holdings.models.storage import IndexPart, KeyPage, Pack

__all__ = [
    "Accession",
    "Agent",
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
    "KeyHolder",
    "KeyPage",
    "KeyPlace",
    "KeySlot",
    "LedgerHead",
    "LedgerLeaf",
    "LedgerNode",
    "Link",
    "MentionKey",
    "NewPart",
    "Occurrence",
    "Order",
    "Ordered",
    "Pack",
    "Question",
    "Record",
    "Resealed",
    "Segment",
    "Series",
    "Snapshot",
    "Source",
    "Witness",
]
