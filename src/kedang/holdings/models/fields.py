"""Column types that several tables share."""

from __future__ import annotations

from typing import Any

from django.db import models

ID_DIGITS = 32  # hexadecimal digits of a 128-bit random id


class IdField(models.CharField):  # type: ignore[type-arg]  # not subscriptable at run time
    """An opaque random id: 32 hexadecimal digits."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = ID_DIGITS
        super().__init__(*args, **kwargs)
