"""A demonstration case thrown away whole, with its keys, rows and objects. No other case is touched."""

from __future__ import annotations

import shutil

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Model

from kedang.holdings.actions.jobs import UNENDED
from kedang.holdings.actions.snapshotting import kept_here, newest_snapshot
from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.kept_snapshots import blocks_name, snapshot_name
from kedang.holdings.adapters.names import is_demo
from kedang.holdings.models import Case, IndexPart, Job, KeyPage, OldPage, Pack, Snapshot, Upload
from kedang.holdings.people_errors import JobRunning, NotADemo
from kedang.records.errors import KedangError
from kedang.records.ids import KeyPageId, PackId
from kedang.vault import ring
from kedang.vault.pack import pack_name


def discard_demo(archive: Archive) -> None:
    """Nothing is left of the case when this returns; the archive that was given must be forgotten.

    Keys go first: whatever an interruption leaves of the rest can no longer be read.

    Raises:
        NotADemo: it is a real case.
        JobRunning: work is going on in it.
    """
    if not is_demo(archive):
        raise NotADemo()
    running = Job.objects.filter(case_id=archive.case_id, state__in=UNENDED).first()
    if running is not None:
        raise JobRunning(job=running.id)
    objects, parts = _objects(archive), _parts(archive)
    uploads = list(Upload.objects.filter(case_id=archive.case_id).values_list("id", flat=True))
    for folder in {*archive.places.sheets, archive.places.secrets}:
        for path in folder.glob(f"{archive.case_id}*"):
            path.unlink(missing_ok=True)
    with transaction.atomic():
        for model in _tables():
            model._default_manager.filter(case_id=archive.case_id)._raw_delete(DEFAULT_DB_ALIAS)
        Case.objects.filter(id=archive.case_id)._raw_delete(DEFAULT_DB_ALIAS)
    for name in objects:
        archive.store.delete(name)
    for upload in uploads:
        shutil.rmtree(archive.home.uploads / upload, ignore_errors=True)
    for part in parts:
        (archive.home.index / part).unlink(missing_ok=True)


def _tables() -> list[type[Model]]:
    """Every table that has rows of a case; foreign keys are looked at when the transaction ends."""
    models = apps.get_app_config("holdings").get_models()
    return [model for model in models if "case" in {field.name for field in model._meta.fields}]


def _objects(archive: Archive) -> list[str]:
    case = archive.case_id
    packs = Pack.objects.filter(case_id=case).values_list("id", flat=True)
    pages = KeyPage.objects.filter(case_id=case).values_list("stored", flat=True)
    old = OldPage.objects.filter(case_id=case).values_list("page", flat=True)
    snapshots = Snapshot.objects.filter(case_id=case).values_list("id", flat=True)
    return [
        *(pack_name(PackId(one)) for one in packs),
        *(ring.page_name(KeyPageId(one)) for one in {*pages, *old}),
        *_blocks(archive),
        *(snapshot_name(one) for one in snapshots),
    ]


def _blocks(archive: Archive) -> list[str]:
    """What the newest snapshot refers to: that of older ones lies in copies only."""
    row = newest_snapshot(archive.case_id)
    if row is None:
        return []
    try:
        return [blocks_name(one.id) for one in kept_here(archive, row).outline().objects]
    except (KedangError, KeyError):
        return []


def _parts(archive: Archive) -> list[str]:
    files = IndexPart.objects.filter(case_id=archive.case_id).values_list("file", flat=True)
    return [f"{one}.part" for one in files]
