"""Tables of the archive. Every table and unique constraint begins with the case."""

from kedang.holdings.models.boxes import Box, Folder
from kedang.holdings.models.case import Agent, Case
from kedang.holdings.models.checking import Correction, LearntModel, Review, ReviewBatch
from kedang.holdings.models.columns import ColumnMeaning
from kedang.holdings.models.copies import Copy, Snapshot
from kedang.holdings.models.customer import Customer, CustomerKey, KeptComparison, Link, MentionKey, NameList
from kedang.holdings.models.fixity import FixityCheck, FixityRound
from kedang.holdings.models.gate import Gate
from kedang.holdings.models.intake import Accession, Occurrence, Source
from kedang.holdings.models.job import Job
from kedang.holdings.models.judgement import Audit, Judgement, Proposal
from kedang.holdings.models.keys import ChangedPage, DoomedKey, EpochChange, KeyHolder, OldPage, SealingAnew
from kedang.holdings.models.orders import NewPart, Order, Ordered, Resealed
from kedang.holdings.models.people import Account, FailedSignIn, Membership, SignIn
from kedang.holdings.models.places import KeyPlace, KeySlot
from kedang.holdings.models.proof import Checkpoint, LedgerHead, LedgerLeaf, LedgerNode, Witness
from kedang.holdings.models.question import Question
from kedang.holdings.models.record import Record, Segment, Series
from kedang.holdings.models.reveal import Reveal
from kedang.holdings.models.row_sets import RowChunk, RowSet, SplitTable
from kedang.holdings.models.saved_view import SavedView
from kedang.holdings.models.storage import IndexPart, KeyPage, Pack
from kedang.holdings.models.token import Token
from kedang.holdings.models.upload import Upload, UploadedFile

__all__ = [
    "Accession",
    "Account",
    "Agent",
    "Audit",
    "Box",
    "Case",
    "ChangedPage",
    "Checkpoint",
    "ColumnMeaning",
    "Copy",
    "Correction",
    "Customer",
    "CustomerKey",
    "DoomedKey",
    "EpochChange",
    "FailedSignIn",
    "FixityCheck",
    "FixityRound",
    "Folder",
    "Gate",
    "IndexPart",
    "Job",
    "Judgement",
    "KeptComparison",
    "KeyHolder",
    "KeyPage",
    "KeyPlace",
    "KeySlot",
    "LearntModel",
    "LedgerHead",
    "LedgerLeaf",
    "LedgerNode",
    "Link",
    "Membership",
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
    "Reveal",
    "Review",
    "ReviewBatch",
    "RowChunk",
    "RowSet",
    "SavedView",
    "SealingAnew",
    "Segment",
    "Series",
    "SignIn",
    "Snapshot",
    "Source",
    "SplitTable",
    "Token",
    "Upload",
    "UploadedFile",
    "Witness",
]
