"""Who is named in a record, in which part, and with which numbers beside the name.

A mention is a name with the identifiers that stand in its row, its party block or its signature. It is not yet a
customer: `links` decides what is certain, and the probabilistic matching compares the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kedang.records.content import Appraisal, Extraction, Finding, RecordClass
from kedang.resolution.columns import Overrides
from kedang.resolution.mention import Mention as Mention
from kedang.resolution.mention import MentionKind as MentionKind
from kedang.resolution.paths import in_path
from kedang.resolution.roles import Role as Role
from kedang.resolution.row_mentions import RowMentions
from kedang.resolution.text_mentions import TextMentions, in_headers


def mentions_of(
    extraction: Extraction,
    appraisal: Appraisal,
    *,
    path: Sequence[str] = (),
    overrides: Overrides | None = None,
) -> tuple[Mention, ...]:
    """Every person and organisation named in a record: headers of messages, then the text, then rows, then the path.

    Each group is in the order in which it stands. `path` are the folders and the file's name, nearest last;
    `overrides` what a person has said of the columns of this source.
    """
    rows = RowMentions(
        extraction,
        appraisal.title,
        is_personal=appraisal.record_class is RecordClass.PERSONAL,
        overrides=overrides,
    )
    text = TextMentions(
        extraction.text,
        is_contract=appraisal.record_class is RecordClass.CONTRACT,
        is_message=any(name == "from" for name, _ in extraction.metadata),
    )
    by_row: dict[tuple[int, int], list[Finding]] = {}
    loose: list[Finding] = []
    for finding in appraisal.findings:
        row = rows.row_at(finding.start)
        (loose if row is None else by_row.setdefault(row, [])).append(finding)
    return (
        *in_headers(extraction.metadata),
        *text.of(loose),
        *_of_their_kind(rows.of(by_row)),
        *in_path(path),
    )


def mentions_of_rows(
    extraction: Extraction,
    findings: Sequence[Finding],
    *,
    title: str,
    is_personal: bool,
    overrides: Overrides | None = None,
) -> tuple[Mention, ...]:
    """Everybody named in the rows of tables, in their order: the same as `mentions_of` finds in rows."""
    rows = RowMentions(extraction, title, is_personal=is_personal, overrides=overrides)
    by_row: dict[tuple[int, int], list[Finding]] = {}
    for finding in findings:
        if (row := rows.row_at(finding.start)) is not None:
            by_row.setdefault(row, []).append(finding)
    return tuple(_of_their_kind(rows.of(by_row)))


def _of_their_kind(mentions: Iterable[Mention]) -> Iterator[Mention]:
    """A row that only has a customer's number is of the kind of the customer who bears it elsewhere in the record."""
    mentions = tuple(mentions)
    kinds = {key: mention.kind for mention in mentions if mention.raw for key in mention.keys}
    for mention in mentions:
        kind = next((kinds[key] for key in mention.keys if key in kinds), mention.kind)
        yield mention if mention.raw or kind is mention.kind else replace(mention, kind=kind)
