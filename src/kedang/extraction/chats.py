"""Messages of an exported chat: who said what when.

Layouts known: a head line with time and sender and the message on the lines below (WeChat, WeCom, QQ
exports), and one line a message with the time first. Both orders of time and sender occur.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MIN_MESSAGES = 3
MIN_HEAD_SHARE = 0.12  # of the lines with text: a log or a diary with dates has other lines between
HEAD_CHARACTERS = 20_000
LOG_LEVELS = frozenset(("INFO", "WARN", "WARNING", "ERROR", "DEBUG", "TRACE", "FATAL", "NOTICE", "CRITICAL"))

_TIME = (
    r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?[ T]*(?:(?:星期|周)[一二三四五六日天] *)?"
    r"(?:[上下]午|AM|PM)? *\d{1,2}:\d{2}(?::\d{2})?(?: [AP]M)?)"
)
_SENDER = r"[^\s:：\[\]|,，\t][^:：\[\]|\t\n]{0,38}?"
_HEAD_FIRST = re.compile(
    rf"^[\[【(]?({_TIME})[\]】)]?[ \t]+({_SENDER})(?:\(\d{{5,12}}\)|<[^<>\n]{{3,60}}>)?[:：]?$", re.MULTILINE
)
_SENDER_FIRST = re.compile(
    rf"^({_SENDER})(?:\(\d{{5,12}}\)|<[^<>\n]{{3,60}}>)?[:：]?[ \t]+[\[【(]?({_TIME})[\]】)]?[:：]?$",
    re.MULTILINE,
)
_ONE_LINE = re.compile(
    rf"^[\[【(]?({_TIME})[\]】)]?[ \t,，|-]*({_SENDER}) ?[:：] ?(.*)$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message and where it begins in the text."""

    row: tuple[str, str, str]
    start: int


def messages_of(text: str) -> tuple[ChatMessage, ...]:
    """The messages of a chat export, in the order of the text; empty when the text is none."""
    head = text[:HEAD_CHARACTERS]
    lines = sum(1 for line in head.splitlines() if line.strip())
    for pattern, reader in (
        (_ONE_LINE, _one_line),
        (_HEAD_FIRST, _head_first),
        (_SENDER_FIRST, _sender_first),
    ):
        found = sum(1 for _ in pattern.finditer(head))
        share = 0.5 if pattern is _ONE_LINE else MIN_HEAD_SHARE
        if found >= MIN_MESSAGES and found >= lines * share:
            messages = reader(text)
            return messages if _is_talk(messages) else ()
    return ()


def _is_talk(messages: tuple[ChatMessage, ...]) -> bool:
    """Whether people wrote these: most messages say something, no sender is the level of a log."""
    said = sum(bool(message.row[2]) for message in messages)
    levels = any(message.row[1].upper() in LOG_LEVELS for message in messages)
    return said * 2 >= len(messages) and not levels


def _one_line(text: str) -> tuple[ChatMessage, ...]:
    heads = list(_ONE_LINE.finditer(text))
    messages: list[ChatMessage] = []
    for number, head in enumerate(heads):
        end = heads[number + 1].start() if number + 1 < len(heads) else len(text)
        said = head.group(3) + text[head.end() : end].rstrip()
        messages.append(ChatMessage((head.group(1), head.group(2).strip(), said), head.start()))
    return tuple(messages)


def _head_first(text: str) -> tuple[ChatMessage, ...]:
    return _below_heads(text, list(_HEAD_FIRST.finditer(text)), time=1, sender=2)


def _sender_first(text: str) -> tuple[ChatMessage, ...]:
    return _below_heads(text, list(_SENDER_FIRST.finditer(text)), time=2, sender=1)


def _below_heads(text: str, heads: list[re.Match[str]], *, time: int, sender: int) -> tuple[ChatMessage, ...]:
    messages: list[ChatMessage] = []
    for number, head in enumerate(heads):
        end = heads[number + 1].start() if number + 1 < len(heads) else len(text)
        row = (head.group(time), head.group(sender).strip(), text[head.end() : end].strip())
        messages.append(ChatMessage(row, head.start()))
    return tuple(messages)
