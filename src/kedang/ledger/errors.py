"""What can be wrong with a ledger, its leaves, its proofs and its signatures."""

from __future__ import annotations

from kedang.records.errors import KedangError, Kind


class ActUnknown(KedangError):
    """The act is not in the schema; only acts of acts.toml may be recorded."""

    code = "KD-L101"
    kind = Kind.MALFORMED


class FactsMalformed(KedangError):
    """A fact is missing, not allowed for this act or not of its type; facts are never free text."""

    code = "KD-L102"
    kind = Kind.MALFORMED


class ObjectsMalformed(KedangError):
    """Actor or objects are not opaque ids of the kinds and numbers that this act names."""

    code = "KD-L103"
    kind = Kind.MALFORMED


class LeafTooLarge(KedangError):
    """The leaf does not fit into an entry bundle; split the event into several."""

    code = "KD-L104"
    kind = Kind.MALFORMED


class TimeWithoutZone(KedangError):
    """The time carries no zone; the ledger is kept in UTC and needs to know."""

    code = "KD-L105"
    kind = Kind.MALFORMED


class SchemaMalformed(KedangError):
    """acts.toml names a type that does not exist or writes a name that a leaf may not carry."""

    code = "KD-L106"
    kind = Kind.MALFORMED


class LeafMalformed(KedangError):
    """The stored leaf is not the canonical JSON of an event of the schema; it was altered."""

    code = "KD-L201"
    kind = Kind.CORRUPT


class LeafOutOfOrder(KedangError):
    """The leaf's number is not its place in the ledger; leaves were cut, added or reordered."""

    code = "KD-L202"
    kind = Kind.CORRUPT


class TimeWentBack(KedangError):
    """The leaf is dated before the leaf it follows; the ledger's clock never goes back."""

    code = "KD-L203"
    kind = Kind.CORRUPT


class FrontierMalformed(KedangError):
    """The stored frontier does not have one hash for each complete subtree of its size."""

    code = "KD-L204"
    kind = Kind.CORRUPT


class RootMismatch(KedangError):
    """The leaves do not give the root of the signed head at its size; the ledger was altered."""

    code = "KD-L205"
    kind = Kind.CORRUPT


class LeavesMissing(KedangError):
    """The ledger holds fewer leaves than a signed head of it says; its end was cut off."""

    code = "KD-L206"
    kind = Kind.CORRUPT


class OutOfRange(KedangError):
    """No such leaf or size in this ledger; ask within its size."""

    code = "KD-L301"
    kind = Kind.NOT_FOUND


class InclusionNotProven(KedangError):
    """The proof does not lead from the leaf to the root."""

    code = "KD-L302"
    kind = Kind.CORRUPT


class ConsistencyNotProven(KedangError):
    """The proof does not show that the later ledger continues the earlier one."""

    code = "KD-L303"
    kind = Kind.CORRUPT


class ReceiptMalformed(KedangError):
    """The receipt is not in the form c2sp.org/tlog-proof@v1."""

    code = "KD-L304"
    kind = Kind.MALFORMED


class NoteMalformed(KedangError):
    """The text is not a signed note; it was cut, re-encoded or typed off with a mistake."""

    code = "KD-L401"
    kind = Kind.MALFORMED


class SignatureInvalid(KedangError):
    """A signature of the expected signer does not belong to this text; the text was altered."""

    code = "KD-L402"
    kind = Kind.CORRUPT


class SignerMissing(KedangError):
    """The note is not signed by the expected key; check the verification key and the origin."""

    code = "KD-L403"
    kind = Kind.REFUSED


class CheckpointMalformed(KedangError):
    """The note does not hold a ledger head: origin, size and root, each on its line."""

    code = "KD-L404"
    kind = Kind.MALFORMED


class OriginMismatch(KedangError):
    """The head belongs to another ledger or to another generation of this one."""

    code = "KD-L405"
    kind = Kind.REFUSED


class HeadNotExtending(KedangError):
    """The ledger does not continue the head that was signed last; it is not signed."""

    code = "KD-L406"
    kind = Kind.CORRUPT


class VerificationKeyMalformed(KedangError):
    """The text is not a verification key of the form name+id+key."""

    code = "KD-L407"
    kind = Kind.MALFORMED


class NodeMismatch(KedangError):
    """A stored node of the tree is not what the leaves give; proofs made from it would fail."""

    code = "KD-L207"
    kind = Kind.CORRUPT


class ProofFileMalformed(KedangError):
    """The file is not a proof file, a receipt or a signed head."""

    code = "KD-L305"
    kind = Kind.MALFORMED


class ShortCodeMalformed(KedangError):
    """The text is not the short code of a head; a character was typed wrongly."""

    code = "KD-L306"
    kind = Kind.MALFORMED


class BindingNotProven(KedangError):
    """The data of the file are not those that its leaf speaks of."""

    code = "KD-L307"
    kind = Kind.CORRUPT


class ShortCodeMismatch(KedangError):
    """The ledger at this size has another short code than the one that was printed."""

    code = "KD-L408"
    kind = Kind.CORRUPT


class HeadOrphaned(KedangError):
    """The head is of an earlier generation and this ledger no longer holds what it covered."""

    code = "KD-L409"
    kind = Kind.CONFLICT


class TimestampRefused(KedangError):
    """The time-stamping authority did not grant a time-stamp."""

    code = "KD-L601"
    kind = Kind.REFUSED


class TimestampInvalid(KedangError):
    """The time-stamp is not of this head, or not signed under the certificates that are trusted."""

    code = "KD-L602"
    kind = Kind.CORRUPT


class AuthorityUnreachable(KedangError):
    """The time-stamping authority could not be reached."""

    code = "KD-L603"
    kind = Kind.UNAVAILABLE


class ClockBehind(KedangError):
    """A time-stamp is later than this computer's clock; the clock is wrong, or was set back."""

    code = "KD-L604"
    kind = Kind.CONFLICT


class WitnessMissing(KedangError):
    """The ledger says that a head was time-stamped, but the time-stamp is missing or another."""

    code = "KD-L605"
    kind = Kind.CORRUPT


class CertificateMalformed(KedangError):
    """The file does not hold certificates in PEM form."""

    code = "KD-L606"
    kind = Kind.MALFORMED
