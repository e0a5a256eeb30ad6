"""The language of a page: what the person chose, else what the browser prefers, else Chinese."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

COOKIE = "language"
KNOWN = ("zh", "en")
Answer = Callable[[HttpRequest], HttpResponse]


class Languages:
    """Sets `request.language` ("zh" or "en") and Django's own language."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The page in that language."""
        language = language_of(request)
        request.language = language  # type: ignore[attr-defined]  # ours
        with translation.override("zh-hans" if language == "zh" else "en"):
            response = self.answer(request)
        response.headers.setdefault("Content-Language", "zh-CN" if language == "zh" else "en")
        return response


def language_of(request: HttpRequest) -> str:
    """ "zh" or "en"."""
    chosen = request.COOKIES.get(COOKIE, "")
    if chosen in KNOWN:
        return chosen
    first = request.headers.get("Accept-Language", "").split(",")[0].strip().lower()
    return "en" if first.startswith("en") else "zh"
