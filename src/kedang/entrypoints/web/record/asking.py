"""What the address of a record's page asks for."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest

MOST = 2**31


def number_asked(request: HttpRequest) -> Callable[[str, int], int]:
    """Gives the whole number of a name in the address; the one beside it when there is none.

    Raises:
        Http404: it is no number.
    """

    def asked(name: str, otherwise: int) -> int:
        said = request.GET.get(name, "")
        if not said:
            return otherwise
        if not said.isascii() or not said.isdecimal() or int(said[:12]) > MOST:
            raise Http404
        return int(said)

    return asked
