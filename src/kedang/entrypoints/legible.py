"""Text that was received, made safe to show: it can neither steer a terminal nor turn the words around it."""

from __future__ import annotations

import re

# Not allowed in HTML, or able to turn the text around them on screen.
UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def clean(text: str) -> str:
    """The text without control characters, direction overrides and lone surrogates (shown as �)."""
    return UNSAFE.sub("\ufffd", text)
