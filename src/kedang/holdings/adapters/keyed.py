"""Tables whose rows name a key page, and those whose rows name a pack."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db.models import Model


def keyed_models() -> Iterator[type[Model]]:
    """Every table with a column `key_page`."""
    return (model for model in apps.get_app_config("holdings").get_models() if "key_page" in _columns(model))


def pack_columns() -> Iterator[tuple[type[Model], str]]:
    """Every column that says in which pack something lies, with its table."""
    for model in apps.get_app_config("holdings").get_models():
        for name in _columns(model):
            if name == "pack" or name.endswith("_pack"):
                yield model, name


def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]
