"""The API: its routes, its errors, its description."""

from __future__ import annotations

import json
from typing import Any

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.renderers import BaseRenderer
from ninja.responses import NinjaJSONEncoder

from kedang.entrypoints.api import cases, customers, deciding, records, working
from kedang.entrypoints.api.bearing import Bearer
from kedang.entrypoints.errors import NoSuchPage, fault_of
from kedang.entrypoints.web.faults import STATUS
from kedang.records.errors import KedangError, code_texts


class Readable(BaseRenderer):
    """JSON in UTF-8 that a person can read."""

    media_type = "application/json"
    charset = "utf-8"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """The document."""
        return json.dumps(data, ensure_ascii=False, cls=NinjaJSONEncoder).encode()


api = NinjaAPI(
    title="kedang 客档",
    version="1",
    description=(
        "Customer records of a closing company. Personal values are covered in every text. "
        "Tokens are made on the page “My account”."
    ),
    auth=Bearer(),
    renderer=Readable(),
    docs_url="/docs",
    urls_namespace="api",
)
api.add_router("/cases/{code}", cases.router, tags=["case"])
api.add_router("/cases/{code}/records", records.router, tags=["records"])
api.add_router("/cases/{code}/customers", customers.router, tags=["customers"])
api.add_router("/cases/{code}", working.router, tags=["work"])
api.add_router("/cases/{code}", deciding.router, tags=["decisions"])


@api.exception_handler(KedangError)
def told(request: HttpRequest, error: KedangError) -> HttpResponse:
    """A fault with its code, its sentence and the next step."""
    text = code_texts()[error.code]
    language = "en" if request.headers.get("Accept-Language", "").startswith("en") else "zh"
    said = {
        "code": error.code,
        "said": text.said(language),
        "next_step": text.next_step(language),
        "facts": error.facts,
    }
    answer: HttpResponse = api.create_response(request, said, status=STATUS[error.kind])
    return answer


@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Http404) -> HttpResponse:
    """There is nothing here, or nothing for this person."""
    return told(request, NoSuchPage())


@api.exception_handler(DatabaseError)
@api.exception_handler(OSError)
def unavailable(request: HttpRequest, error: OSError | DatabaseError) -> HttpResponse:
    """The system or the database could not."""
    return told(request, fault_of(error))
