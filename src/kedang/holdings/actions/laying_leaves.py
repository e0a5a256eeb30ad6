"""The ledger's leaves in a copy: which bundles it lacks, and what they hold."""

from __future__ import annotations

from collections.abc import Iterable
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
from kedang.records.ids import CaseId
from kedang.vault.blob import Binding, Role, seal_bytes
from kedang.vault.errors import ObjectExists
from kedang.vault.suites import SALT_BYTES

LEAVES = ObjectKind.LEAF_BUNDLE.value


def lay_leaves(archive: Archive, copy: CopyStore) -> None:
    """The ledger's leaves of now in a copy: what has been destroyed since the last backup stands there too.

    Raises:
        StoreUnavailable: the copy is not reached.
    """
    copy.require_answer()
    head = LedgerHead.objects.get(case_id=archive.case_id)
    plan = leaves_lacking(copy.store.names(LEAVES), head.generation, head.size)
    for bundle in plan.to_write:
        with suppress(ObjectExists):
            copy.store.put(bundle.name, sealed_bundle(archive, bundle))
    for bundle in plan.superseded:
        copy.store.delete(bundle.name)


def leaves_lacking(present: Iterable[str], generation: int, size: int) -> BundlePlan:
    """What a copy that holds these objects lacks of the ledger, and what need not stay beside it."""
    here = [found for name in present if (found := read_bundle_name(name))]
    return plan_bundles(here, generation=generation, size=size)


def sealed_bundle(archive: Archive, bundle: LeafRange) -> bytes:
    """A bundle as it lies in a copy."""
    rows = LedgerLeaf.objects.filter(case_id=archive.case_id, n__gte=bundle.first, n__lt=bundle.end)
    leaves = [leaf for (leaf,) in raw_lines(rows.order_by("n").values_list("leaf"))]
    return seal_bytes(
        archive.leaves_key(),
        encode_leaves(leaves),
        binding=bundle_binding(archive.case_id, bundle),
        salt=archive.random_bytes(SALT_BYTES),
        suite=archive.suite,
    )


def bundle_binding(case: CaseId, bundle: LeafRange) -> Binding:
    """Whose blob a bundle of leaves is: its name's, so that none passes for another."""
    return Binding(case, bundle.name.partition("/")[2], Role.DESCRIPTION)
