"""Headers of every answer: nothing from elsewhere is loaded, nothing inline runs, nothing is kept by caches."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse

from kedang.entrypoints.web import surroundings


def _provider() -> tuple[str, ...]:
    """The origin of the provider of single sign-on, to which the form that begins it is led on."""
    parts = urlsplit(surroundings.SSO_ISSUER)
    return (f"{parts.scheme}://{parts.netloc}",) if parts.netloc else ()


POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "media-src 'self' blob:",
        " ".join(("form-action 'self'", *_provider())),
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
}
Answer = Callable[[HttpRequest], HttpResponse]


class Headers:
    """Puts them on, where a view has not said something stricter."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer with its headers."""
        response = self.answer(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
