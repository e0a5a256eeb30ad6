"""Registered copies as stores of sealed objects, and the ring's pages in them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from hmac import compare_digest
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.errors import CopyAbsent, CopyAddressMalformed, CopyDiffers
from kedang.holdings.models import Copy
from kedang.records.errors import KedangError, Kind
from kedang.vault import ring
from kedang.vault.errors import ObjectExists, ObjectMissing
from kedang.vault.folder_store import FolderStore
from kedang.vault.marks import fingerprint
from kedang.vault.store import BlobStore

MARK = "copy/" + "0" * 32
"""An object that every copy has, so that an empty mount point is never taken for a copy."""
BUCKET_SCHEME = "s3"
DEFAULT_REGION = "us-east-1"
ID_DIGITS = 32
OBJECTS_AT_ONCE = 8  # threads that wait for a disk or for the net
PAGE_HEAD_BYTES = 64  # where a key page says its epoch: docs/formats/key-page.md
CREDENTIALS = {
    "access_key_id": "AWS_ACCESS_KEY_ID",
    "secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "session_token": "AWS_SESSION_TOKEN",
}
"""What opens a bucket, and the variable of the environment that gives it, as other S3 clients name it."""


@dataclass(frozen=True, slots=True)
class CopyStore:
    """One copy, reached or not."""

    id: str
    store: BlobStore
    row: Copy = field(repr=False)
    mark: bytes = field(repr=False)
    said: Mapping[str, str] = field(repr=False)
    """Its description: name, path or address, credentials."""

    def answers(self) -> bool:
        """Whether the copy is there and is the one that was registered."""
        try:
            self.require_answer()
        except (KedangError, OSError):
            return False
        return True

    def require_answer(self) -> None:
        """Nothing when the copy is there and is the one that was registered.

        Raises:
            CopyAbsent: the place is there but not the copy: an empty mount point, another disk, another archive's.
            StoreUnavailable: the place is not reached.
        """
        try:
            found = self.store.read(MARK)
        except ObjectMissing as error:
            raise CopyAbsent(copy=self.id, found=False) from error
        if not compare_digest(found, self.mark):
            raise CopyAbsent(copy=self.id, found=True)

    def sizes(self, kind: str) -> dict[str, int]:
        """Every object of a kind with its length."""
        return dict(self.store.sizes(kind))

    @property
    def path(self) -> Path:
        """The folder of a copy that is one."""
        return Path(self.said["path"])

    @property
    def name(self) -> str:
        """What people call it; its address when they have not said."""
        return self.said.get("name") or self.address

    @property
    def address(self) -> str:
        """Where it is: a path, or s3://bucket/prefix."""
        if self.row.kind == "folder":
            return self.said["path"]
        return f"{BUCKET_SCHEME}://{self.said['bucket']}/{self.said['prefix']}"

    @property
    def place(self) -> str:
        """What it shares with other copies that it must not be written beside: a disk, a server."""
        if self.row.kind == "folder":
            return f"disk {_device(self.path)}"
        return f"server {urlsplit(self.said['endpoint']).netloc}"


def mark_of(archive: Archive, copy_id: str) -> bytes:
    """What lies in a copy as its mark: its id, and a MAC by which only this case knows it for its own."""
    return copy_id.encode() + fingerprint(archive.mac_key(), "copy", copy_id.encode()).hex().encode()


def marked_copy(archive: Archive, mark: bytes) -> str | None:
    """The id of the copy that a mark is of; None when it is not of this case."""
    said = mark.decode("ascii", errors="replace")[:ID_DIGITS]
    if re.fullmatch(rf"[0-9a-f]{{{ID_DIGITS}}}", said) and compare_digest(mark_of(archive, said), mark):
        return said
    return None


def open_copies(archive: Archive) -> Iterator[CopyStore]:
    """Every registered copy of the case, in order."""
    for row in Copy.objects.filter(case_id=archive.case_id).order_by("ordinal"):
        yield open_copy(archive, row)


def copies_to_mend_from(archive: Archive) -> list[CopyStore]:
    """Every registered copy; none when what they are sealed under is itself damaged, which is then a finding."""
    try:
        return list(open_copies(archive))
    except KedangError as error:
        if error.kind is not Kind.CORRUPT:
            raise
        return []


def open_copy(archive: Archive, row: Copy) -> CopyStore:
    """A registered copy."""
    said = archive.open(archive.case_key(), row.id, "copy.sealed", row.sealed)
    return CopyStore(row.id, store_of(row.kind, said), row, mark_of(archive, row.id), said)


def store_of(kind: str, said: Mapping[str, str]) -> BlobStore:
    """The store that a copy's description names."""
    if kind == "folder":
        return FolderStore(Path(said["path"]))
    if kind != BUCKET_SCHEME:
        raise ValueError(f"no such kind of copy: {kind}")
    return _in_bucket(said)


def _in_bucket(said: Mapping[str, str]) -> BlobStore:
    bucket = import_module("kedang.vault.bucket")  # loads native code, for buckets alone
    found = bucket.Bucket(
        endpoint=said["endpoint"],
        name=said["bucket"],
        prefix=said["prefix"],
        region=said["region"],
        path_style=said["addressing"] == "path",
    )
    credentials = bucket.BucketCredentials(
        said["access_key_id"], said["secret_access_key"], said.get("session_token") or None
    )
    objects = import_module("kedang.vault.object_store")
    store: BlobStore = objects.ObjectStore(found, credentials, random_bytes=os.urandom)
    return store


def described(
    address: str, *, environment: Mapping[str, str], endpoint: str | None = None, addressing: str = "path"
) -> tuple[str, dict[str, str]]:
    """Kind and description of the copy at an address: a folder, or s3://bucket/prefix.

    Credentials and region are those of the environment.

    Raises:
        CopyAddressMalformed: no bucket is named, or the environment has no credentials for it.
    """
    if "://" not in address:
        return "folder", {"path": str(Path(address).expanduser().resolve())}
    parts = urlsplit(address)
    if parts.scheme != BUCKET_SCHEME or not parts.netloc:
        raise CopyAddressMalformed(field="address")
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
    named = endpoint or environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL")
    said = {
        "endpoint": (named or f"https://s3.{region}.amazonaws.com").rstrip("/"),
        "bucket": parts.netloc,
        "prefix": parts.path.strip("/"),
        "region": region,
        "addressing": addressing,
    }
    if urlsplit(said["endpoint"]).scheme not in ("http", "https") or addressing not in ("path", "host"):
        raise CopyAddressMalformed(field="endpoint")
    said |= {name: environment.get(variable, "") for name, variable in CREDENTIALS.items()}
    if not (said["access_key_id"] and said["secret_access_key"]):
        raise CopyAddressMalformed(field="credentials")
    return BUCKET_SCHEME, said


def store_at(address: str, *, environment: Mapping[str, str] = os.environ) -> BlobStore:
    """The store at an address, for whoever has no row of it yet."""
    return store_of(*described(address, environment=environment))


def lies_beside(path: Path, home: Path) -> bool:
    """Whether a folder, or what it will be made in, is on the same disk as the home."""
    return _device(path) == _device(home)


def _device(path: Path) -> int:
    for place in (path, *path.parents):
        with suppress(OSError):
            return place.stat().st_dev
    return 0


def lay_ring(archive: Archive, copy: CopyStore, names: Iterable[str], *, drop_others: bool = False) -> None:
    """The pages with these names in the copy, read back; with `drop_others` no page of an older epoch stays.

    Others of this epoch or a newer one may have come meanwhile: intake adds pages, the next change lays its own.

    Raises:
        StoreUnavailable, CopyAbsent: the copy is not reached.
        CopyDiffers: it does not give back what was written.
    """
    copy.require_answer()
    wanted = set(names)
    present = set(copy.store.names(ring.KIND))
    for_each(partial(_lay, archive, copy), sorted(wanted - present))
    if drop_others:
        drop_older_pages(copy.store, present - wanted, archive.epoch)


def for_each(act: Callable[[str], object], names: Sequence[str]) -> None:
    """Do something with every object, several at a time; a store that stopped answering is waited for once."""
    with ThreadPoolExecutor(OBJECTS_AT_ONCE) as threads:
        for start in range(0, len(names), OBJECTS_AT_ONCE):
            list(threads.map(act, names[start : start + OBJECTS_AT_ONCE]))


def _lay(archive: Archive, copy: CopyStore, name: str) -> None:
    stored = archive.store.read(name)
    with suppress(ObjectExists):  # another process was faster
        copy.store.put(name, stored)
    if copy.store.read(name) != stored:
        raise CopyDiffers(copy=copy.id, object=name)


def drop_older_pages(store: BlobStore, names: Iterable[str], epoch: int) -> int:
    """Take away those of the pages that are of an epoch before this one, or that do not say; how many."""
    older = list(filter(partial(_is_older, store, epoch), sorted(names)))
    for_each(store.delete, older)
    return len(older)


def _is_older(store: BlobStore, epoch: int, name: str) -> bool:
    try:
        return ring.page_epoch(store.read(name, 0, PAGE_HEAD_BYTES)) < epoch
    except ObjectMissing:
        return False
    except KedangError as error:
        if error.kind is Kind.CORRUPT:
            return True
        raise
