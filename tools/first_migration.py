"""Writes the first migration of the tables: `python tools/first_migration.py` from the repository's root.

Each table is made in one step, after those that it names. `makemigrations` adds most columns, indexes and constraints
in steps of their own, after each of which Django describes every table anew: five seconds of each new case and of
each restore. Only until the first release: what is installed is changed by further migrations.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import django
from django.apps import apps
from django.db.migrations import Migration
from django.db.migrations.operations import CreateModel
from django.db.migrations.state import ModelState
from django.db.migrations.writer import MigrationWriter

FILE = Path(__file__).parents[1] / "src" / "kedang" / "holdings" / "migrations" / "0001_initial.py"


def steps() -> Iterator[CreateModel]:
    """The tables in the order in which they can be made; those that wait for the same by name."""
    models = {model._meta.label: model for model in apps.get_app_config("holdings").get_models()}
    named = {
        label: {there._meta.label for one in model._meta.local_fields if (there := one.related_model)}
        - {label}
        for label, model in models.items()
    }
    order = TopologicalSorter(named)
    order.prepare()
    while order.is_active():
        for label in sorted(ready := order.get_ready()):
            state = ModelState.from_model(models[label])
            yield CreateModel(
                state.name, list(state.fields.items()), state.options, state.bases, state.managers
            )
        order.done(*ready)


def written() -> str:
    """The whole file, as it should be."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kedang.entrypoints.settings")
    django.setup()
    kind = type("Migration", (Migration,), {"initial": True, "operations": list(steps())})
    made: str = MigrationWriter(kind("0001_initial", "holdings"), include_header=False).as_string()
    return f"# Made by tools/first_migration.py; not edited by hand.\n\n{made}"


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
