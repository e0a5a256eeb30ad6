"""Sessions in the database, sealed: who is signed in, and what allauth notes of how, does not stand there in clear."""

from __future__ import annotations

import base64
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as InDatabase

from kedang.holdings.adapters.door_key import DoorKey, door_key
from kedang.records.errors import KedangError

ROW = "session"


class SessionStore(InDatabase):
    """Django's database sessions, whose payload is a sealed column."""

    @classmethod
    def get_model_class(cls) -> Any:
        """Django's own table."""
        return super().get_model_class()

    def encode(self, session_dict: dict[str, Any]) -> str:
        """The payload as text."""
        return base64.b64encode(_door().seal(ROW, "session.session_data", session_dict)).decode()

    def decode(self, session_data: str | bytes) -> dict[str, Any]:
        """What was in it; nothing when it was altered or is of another home."""
        try:
            return _door().open(ROW, "session.session_data", base64.b64decode(session_data))
        except (KedangError, ValueError):
            return {}


def _door() -> DoorKey:
    return door_key(settings.HOME)
