"""Every route of the web door as JSON: `python -m tests.web.routes`, with KEDANG_HOME of a home that may be made."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from typing import Any

import django


def filled(pattern: str) -> str:
    """A pattern with something in place of each part."""
    pattern = re.sub(r"<(?:\w+:)?code>", "Q001", pattern)
    pattern = re.sub(r"<int:\w+>", "1", pattern)
    pattern = re.sub(r"<(?:\w+:)?\w+>", "0" * 32, pattern)
    pattern = re.sub(r"\(\?P<provider_id>[^)]*\)", "sso", pattern)
    return pattern.replace("^", "").replace("$", "")


def routes(patterns: Any, before: str = "") -> Iterator[dict[str, Any]]:
    """All of them, with the act that each needs."""
    for one in patterns:
        address = before + filled(str(one.pattern))
        if hasattr(one, "url_patterns"):
            yield from routes(one.url_patterns, address)
            continue
        act = getattr(one.callback, "act", None)
        yield {
            "name": one.name or "",
            "path": f"/{address}",
            "act": act.value if act else "",
            "own": bool(getattr(one.callback, "own", False)),
        }


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "kedang.entrypoints.web.settings"
    django.setup()
    from django.urls import get_resolver

    json.dump(list(routes(get_resolver().url_patterns)), sys.stdout)
