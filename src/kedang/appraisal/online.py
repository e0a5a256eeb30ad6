"""E-mail addresses, WeChat and QQ ids."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kedang.appraisal.labels import TableLabels, label_before
from kedang.records.content import Finding, FindingCategory

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-@/])[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+"
    r"[A-Za-z]{2,18}(?![A-Za-z0-9@])"
)
_EMAIL_SPACED = re.compile(
    r"(?<![A-Za-z0-9._%+\-@/])[A-Za-z0-9][A-Za-z0-9._%+\-]{1,63} ?@ ?[A-Za-z0-9\-]{2,40}(?: ?\. ?[a-z]{2,6}){1,2}(?![A-Za-z0-9@])"
)
_FILE_ENDINGS = frozenset({"png", "jpg", "jpeg", "gif", "webp", "svg", "css", "js", "map"})
_MESSAGE_ID = re.compile(
    r"(?:message-id|references|in-reply-to|content-id|cid)\s*:?[^\n:]{0,200}$", re.IGNORECASE
)
_WECHAT_WORD = re.compile(r"微信|wechat|weixin|\bvx\b|\bwx\b|V信", re.IGNORECASE)
_WECHAT_ID = re.compile(r"(?<![A-Za-z0-9_.@/\-])[A-Za-z][A-Za-z0-9_\-]{5,19}(?![A-Za-z0-9_@\-])")
_WXID = re.compile(r"(?<![A-Za-z0-9_])wxid_[a-z0-9]{8,20}(?![A-Za-z0-9_])")
_PLAIN_WORDS = re.compile(
    r"(?:wechat|weixin|official|service|number|iphone|android|windows|alipay|account|mobile|message|group)s?$",
    re.IGNORECASE,
)


def find_emails(text: str) -> Iterator[Finding]:
    """E-mail addresses; message ids, picture names and code hosts are none."""
    if "@" not in text:
        return
    ends: set[int] = set()
    for found in _EMAIL.finditer(text):
        address = found.group()
        if (
            address.rsplit(".", 1)[1].lower() in _FILE_ENDINGS
            or ".." in address
            or (text[found.end() : found.end() + 1] == ":" and address.startswith("git@"))
        ):
            continue
        if text[found.start() - 1 : found.start()] == "<" and _MESSAGE_ID.search(
            text[max(0, found.start() - 240) : found.start() - 1]
        ):
            continue
        ends.add(found.end())
        yield Finding(FindingCategory.EMAIL, found.start(), found.end(), 0.98)
    if " @" in text or "@ " in text:
        for found in _EMAIL_SPACED.finditer(text):
            if (
                " " in found.group()
                and found.end() not in ends
                and label_before(text, found.start()).kind == "email"
            ):
                yield Finding(FindingCategory.EMAIL, found.start(), found.end(), 0.7)


def find_wechat_ids(text: str, tables: TableLabels) -> Iterator[Finding]:
    """WeChat ids behind a label or in a column of them, and ids that begin with `wxid_`."""
    seen: set[int] = set()
    if "wxid_" in text:
        for found in _WXID.finditer(text):
            seen.add(found.start())
            yield Finding(FindingCategory.WECHAT_ID, found.start(), found.end(), 0.95)
    if not _WECHAT_WORD.search(text):
        return
    for found in _WECHAT_ID.finditer(text):
        if found.start() in seen or _PLAIN_WORDS.fullmatch(found.group()):
            continue
        label = tables.numeric_label_at(found.start())
        in_column = label is not None and label.kind == "wechat"
        written = label_before(text, found.start())
        distinct = any(letter.isdigit() or letter in "_-" for letter in found.group())
        if in_column or (
            written.kind == "wechat"
            and (
                (written.firm and (written.word[-1:] in "号D" or text[found.start() - 1] in ":： "))
                or distinct
            )
        ):
            yield Finding(FindingCategory.WECHAT_ID, found.start(), found.end(), 0.95 if distinct else 0.8)
