"""One document before it has a format: what it says, and what is true of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from examples.sample_company.marks import Marked, marked_values, plain


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a document."""

    text: Marked


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: headers and rows of marked cells."""

    headers: tuple[Marked, ...]
    rows: tuple[tuple[Marked, ...], ...]
    name: str = "Sheet1"


Block = Marked | Heading | Grid


@dataclass(frozen=True, slots=True)
class Paper:
    """A document's content with what a careful archivist would find in it."""

    kind: str
    """The name of its builder: "sales_contract", "receipt" …"""
    title: Marked
    blocks: tuple[Block, ...]
    record_class: str
    day: date
    accounting: str | None = None
    also: tuple[str, ...] = ()
    """Other classes that would not be wrong."""
    secret: bool = False
    facts: tuple[tuple[str, str], ...] = ()
    customers: tuple[str, ...] = ()
    """Ids of the customers it speaks of, under whatever name."""
    rule: str = ""
    ends: date | None = None
    """The day of the rule's trigger, when the document tells it."""
    header: str = ""

    def lines(self) -> list[Marked]:
        """Each line of the document, marks included."""
        found: list[Marked] = [self.header] if self.header else []
        if self.title:
            found.append(self.title)
        for block in self.blocks:
            if isinstance(block, Heading):
                found.append(block.text)
            elif isinstance(block, Grid):
                found.append("\t".join(block.headers))
                found.extend("\t".join(row) for row in block.rows)
            else:
                found.append(block)
        return found

    def marked_text(self) -> Marked:
        """The whole text, marks included."""
        return "\n".join(self.lines())

    def text(self) -> str:
        """The whole text as a reader sees it."""
        return plain(self.marked_text())

    def findings(self) -> list[tuple[str, str]]:
        """The personal data in it, in the order of the text."""
        return marked_values(self.marked_text())


@dataclass(slots=True)
class Written:
    """One file to be put into the tree, with the truth of it and of everything inside it."""

    path: str
    """Path below the tree, with `/`; what cannot be UTF-8 is surrogate-escaped."""
    payload: bytes
    format: str
    paper: Paper | None = None
    problem: str | None = None
    text: str | None = None
    """The text when it is not the paper's: None means the paper's."""
    findings: list[tuple[str, str]] | None = None
    text_source: str = "embedded"
    modified: date | None = None
    inside: list[Written] = field(default_factory=list)
    note: str = ""
    charset: str = ""
    """Of a text: the codec that reads it."""
    family: str = ""
    """Papers with the same family are versions of one document."""
