"""The ledger's leaves in a copy: which bundles it lacks, and what they hold."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from kedang.holdings.adapters.archive import Archive
from kedang.holdings.adapters.copies import CopyStore
from kedang.holdings.adapters.plain_rows import raw_lines
from kedang.holdings.models import LedgerHead, LedgerLeaf
from kedang.preservation.copy_plans import ObjectKind
from kedang.preservation.leaf_bundles import (
    BundlePlan,
    LeafRange,
    encode_leaves,
    plan_bundles,
    read_bundle_name,
)
from kedang.preservation.snapshot_lines import PIECE_BYTES, Pieces
from kedang.records.ids import CaseId
from kedang.vault.blob import Binding, Role
from kedang.vault.errors import ObjectExists
from kedang.vault.stream import seal_stream
from kedang.vault.suites import SALT_BYTES

LEAVES = ObjectKind.LEAF_BUNDLE.value
AT_ONCE = 4096  # leaves read at once, and none is read while what is written has to wait


def lay_leaves(archive: Archive, copy: CopyStore) -> None:
    """The ledger's leaves of now in a copy: what has been destroyed since the last backup stands there too.

    Raises:
        StoreUnavailable: the copy is not reached.
    """
    copy.require_answer()
    head = LedgerHead.objects.get(case_id=archive.case_id)
    plan = leaves_lacking(copy.store.names(LEAVES), head.generation, head.size)
    for bundle in plan.to_write:
        with suppress(ObjectExists), copy.store.create(bundle.name) as sink:
            seal_bundle(archive, bundle, sink.write)
    for bundle in plan.superseded:
        copy.store.delete(bundle.name)


def leaves_lacking(present: Iterable[str], generation: int, size: int) -> BundlePlan:
    """What a copy that holds these objects lacks of the ledger, and what need not stay beside it."""
    here = [found for name in present if (found := read_bundle_name(name))]
    return plan_bundles(here, generation=generation, size=size)


def seal_bundle(archive: Archive, bundle: LeafRange, sink: Callable[[memoryview], object]) -> None:
    """A bundle as it lies in a copy, given to the sink piece by piece."""
    seal_stream(
        archive.leaves_key(),
        io.BufferedReader(Pieces(_encoded(archive.case_id, bundle)), PIECE_BYTES),
        sink,
        binding=bundle_binding(archive.case_id, bundle),
        salt=archive.random_bytes(SALT_BYTES),
        suite=archive.suite,
    )


def _encoded(case: CaseId, bundle: LeafRange) -> Iterator[bytes]:
    for first in range(bundle.first, bundle.end, AT_ONCE):
        within = LedgerLeaf.objects.filter(case_id=case, n__gte=first, n__lt=min(first + AT_ONCE, bundle.end))
        rows = within.order_by("n").values_list("leaf")
        yield encode_leaves([leaf for (leaf,) in raw_lines(rows)])


def bundle_binding(case: CaseId, bundle: LeafRange) -> Binding:
    """Whose blob a bundle of leaves is: its name's, so that none passes for another."""
    return Binding(case, bundle.name.partition("/")[2], Role.DESCRIPTION)
