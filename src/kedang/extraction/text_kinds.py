"""Which kind of text a text is: a mail, a page, a table, contacts, plain words.

Only the beginning is looked at. The suffix of the name decides between kinds that the content leaves open
(Markdown, SQL and plain text; one-column CSV), never against the content.
"""

from __future__ import annotations

import json
import re

from kedang.extraction.delimiters import delimiter_of

HEAD_CHARACTERS = 16_384
MAIL_FIELDS = frozenset(
    """
    from to cc bcc subject date received message-id mime-version return-path sender reply-to delivered-to
    content-type content-transfer-encoding in-reply-to references x-mailer importance priority thread-topic
    thread-index user-agent dkim-signature received-spf authentication-results arc-seal envelope-to
    x-original-to list-id resent-from status content-class content-location snapshot-content-location
    x-priority x-sender posted-date
    """.split()  # noqa: SIM905 - a list of words reads better as words
)
# Two of these make a mail; a form that begins with "To:" and "Date:" has none of the machine-written ones.
MACHINE_FIELDS = MAIL_FIELDS - frozenset(
    ("from", "to", "cc", "subject", "date", "status", "priority", "sender", "importance", "references")
)
_FIELD = re.compile(r"([!-9;-~]{2,76}):")
_MBOX = re.compile(r"From \S.*\d{2}:\d{2}(?::\d{2})?.*\n(?:>?[!-9;-~]+:)", re.ASCII)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)\b[^<>]*>")
_HTML_TAGS = frozenset(
    """
    html head body title table tr td th div p br span a ul ol li h1 h2 h3 meta style script font img form
    center b
    """.split()  # noqa: SIM905 - a list of words reads better as words
)
_ROOT = re.compile(r"<([A-Za-z_\u0080-\U0010ffff][^\s<>/=]*)([^<>]*)")
_MARKDOWN = (
    re.compile(r"^#{1,6} \S", re.MULTILINE),
    re.compile(r"\[[^\]\n]+\]\([^)\n]+\)"),
    re.compile(r"^```", re.MULTILINE),
    re.compile(r"^\|.*\|\n\|[ :|-]+\|$", re.MULTILINE),
    re.compile(r"\*\*[^*\n]+\*\*"),
    re.compile(r"^[-*] \S", re.MULTILINE),
)
_SQL = re.compile(
    r"^\s*(?:CREATE TABLE|INSERT INTO|DROP TABLE|BEGIN TRANSACTION|CREATE DATABASE)\b",
    re.IGNORECASE | re.MULTILINE,
)


def text_kind(head: str, *, suffix: str, complete: bool) -> str:
    """The format name of a text, given its beginning; `complete` when the beginning is all of it."""
    body = head.lstrip("\ufeff \t\r\n")
    start = body[:32].lower()
    if start.startswith("begin:vcard"):
        return "vcard"
    if start.startswith("begin:vcalendar"):
        return "icalendar"
    if start.startswith("<"):
        found = _markup(body)
        if found is not None:
            return found
    mail = _mail(head.lstrip("\ufeff"), suffix)
    if mail is not None:
        return mail
    if start.startswith(("{", "[")):
        found = _json(body, complete=complete)
        if found is not None:
            return found
    return _plain(head, suffix=suffix, complete=complete)


def _markup(body: str) -> str | None:
    start = body[:2048]
    lowered = start.lower()
    if lowered.startswith(("<!doctype html", "<html")):
        return "html"
    plain = re.sub(
        r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", "", body[:HEAD_CHARACTERS], flags=re.DOTALL
    )
    root = _ROOT.match(plain.lstrip())
    if root is not None:
        kind = _root_kind(root.group(1), root.group(2), lowered)
        if kind is not None:
            return kind
    tags = [match.group(2).lower() for match in _TAG.finditer(body[:HEAD_CHARACTERS])]
    known = sum(tag in _HTML_TAGS for tag in tags)
    if known >= 2 and known >= len(tags) * 0.6:
        return "html"
    if lowered.startswith("<?xml"):
        return "xml"
    if root is not None and (f"</{root.group(1)}" in body or len(tags) > 4):
        return "xml"
    return None


def _root_kind(name: str, attributes: str, head: str) -> str | None:
    local = name.rpartition(":")[2]
    if local.lower() == "html":
        return "html"
    if local == "svg":
        return "svg"
    if local == "wordDocument" and "schemas.microsoft.com/office/word" in attributes:
        return "word-xml"
    if local == "Workbook" and "urn:schemas-microsoft-com:office:spreadsheet" in attributes:
        return "excel-xml"
    if name == "office:document" and "opendocument" in attributes:
        return "flat-odf"
    return "xml" if head.startswith("<?xml") or "xmlns" in attributes else None


def _mail(head: str, suffix: str) -> str | None:
    first, _, rest = head.partition("\n")
    if first.strip().isdigit() and len(first.strip()) <= 12 and _is_mail_head(rest):
        return "emlx"
    if first.startswith("From ") and suffix == "eml" and "\nFrom " not in head and _is_mail_head(rest):
        return "eml"
    if first.startswith("From ") and (_MBOX.match(head.replace("\r\n", "\n")) or _is_mail_head(rest)):
        return "mbox"
    if first.startswith(">From ") and _is_mail_head(rest):
        return "eml"
    if not _is_mail_head(head.lstrip("\r\n")):
        return None
    lowered = head[:4096].lower()
    saved = (
        "snapshot-content-location:" in lowered
        or "<saved by" in lowered
        or "x-mimeole: produced by microsoft mhtml" in lowered
    )
    return (
        "mhtml"
        if saved
        or ("multipart/related" in lowered and "\nreceived:" not in lowered and "\nto:" not in lowered)
        else "eml"
    )


def _is_mail_head(head: str) -> bool:
    """Whether the text opens with mail header fields: two known ones, or one that only machines write."""
    known: set[str] = set()
    for number, line in enumerate(head[:HEAD_CHARACTERS].splitlines()):
        if not line.strip() or number > 120:
            break
        if line[0] in " \t":
            if number == 0:
                return False
            continue
        field = _FIELD.match(line)
        if field is None:
            if number == 0:
                return False
            break
        known.add(field.group(1).lower())
    mail = known & MAIL_FIELDS
    return len(mail) >= 2 and (
        bool(mail & MACHINE_FIELDS) or {"from", "subject"} <= mail or {"from", "to"} <= mail
    )


def _json(body: str, *, complete: bool) -> str | None:
    if complete:
        try:
            json.loads(body)
        except (ValueError, RecursionError):
            pass
        else:
            return "json"
    lines = [line for line in body.splitlines() if line.strip()][:5]
    if (
        len(lines) > 1
        and all(_loads(line) for line in lines[: -1 if not complete else None])
        and lines[0].startswith("{")
    ):
        return "jsonl"
    looks = re.match(r'(?:\{\s*"[^"\n]*"\s*:|\[\s*(?:\{\s*"|\[|"[^"]*"\s*,|-?\d))', body)
    return "json" if looks is not None and not complete else "json" if body[:400].count("[") > 300 else None


def _loads(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _plain(head: str, *, suffix: str, complete: bool) -> str:
    if suffix in ("md", "markdown"):
        return "markdown"
    if suffix == "sql" or (suffix != "txt" and len(_SQL.findall(head)) > 2):
        return "sql"
    delimiter = delimiter_of(head, complete=complete, expected=suffix in ("csv", "tsv"))
    if delimiter is not None:
        return "tsv" if delimiter == "\t" else "csv"
    if suffix == "csv":
        return "csv"
    features = [bool(pattern.search(head)) for pattern in _MARKDOWN]
    return "markdown" if (features[0] or features[3]) and sum(features) >= 3 and suffix != "txt" else "text"
