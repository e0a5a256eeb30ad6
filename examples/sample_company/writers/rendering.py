"""What a writer is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from examples.sample_company.paper import Paper, Written
from examples.sample_company.papers.parts import Setting


@dataclass(frozen=True, slots=True)
class Rendered:
    """A paper as bytes, with what a reader of these bytes should see."""

    payload: bytes
    extension: str
    format: str
    paper: Paper
    text: str | None = None
    findings: list[tuple[str, str]] | None = None
    text_source: str = "embedded"
    inside: list[Written] = field(default_factory=list)
    charset: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A paper that wants writing, with the option behind the slash of its style."""

    paper: Paper
    option: str
    setting: Setting


Writer = Callable[[Job], Rendered]
