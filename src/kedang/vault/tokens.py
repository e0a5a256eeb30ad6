"""Hardware tokens over PKCS#11: a slot's secret, encrypted by a key that never leaves the token.

The library and the module of the token's maker are native code: this module is loaded only when a token
is asked for. The PIN is sent once for each call and never again by itself, because tokens lock.

Which way of encryption is recorded in the slot's lock:

RSA-OAEP-SHA256, RSA-OAEP-SHA1   encrypted here with the public key, decrypted by the token (OAEP's hash may be
                                 SHA-1: it needs no collision resistance, and many tokens know no other)
AES-256-GCM                      encrypted and decrypted by the token: 12 bytes nonce, ciphertext, 16 bytes tag
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import Any

import pkcs11
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from kedang.vault.errors import (
    TokenFailed,
    TokenKeyMissing,
    TokenKeyUnfit,
    TokenLocked,
    TokenMissing,
    TokenModuleMissing,
    TokenPinWrong,
)
from kedang.vault.keysheet import TokenLock
from kedang.vault.suites import KEY_BYTES, NONCE_BYTES

RSA_BITS = 3072  # of a new key pair; 2048 where the token makes none larger
LEAST_RSA_BITS = 2048
AES_BITS = 256
_KEY_ID_BYTES = 16

RandomBytes = Callable[[int], bytes]


class Way(StrEnum):
    """How a token guards a secret; the text stands in the key sheet."""

    RSA_OAEP_SHA256 = "RSA-OAEP-SHA256"
    RSA_OAEP_SHA1 = "RSA-OAEP-SHA1"
    AES_256_GCM = "AES-256-GCM"


_OAEP: dict[Way, tuple[HashAlgorithm, tuple[Any, Any, None]]] = {
    Way.RSA_OAEP_SHA256: (SHA256(), (pkcs11.Mechanism.SHA256, pkcs11.MGF.SHA256, None)),
    Way.RSA_OAEP_SHA1: (SHA1(), (pkcs11.Mechanism.SHA_1, pkcs11.MGF.SHA1, None)),  # noqa: S303  # see above
}


@dataclass(frozen=True, slots=True)
class Token:
    """Which token, through which module, with which PIN."""

    module: str
    """Path of the maker's PKCS#11 module."""
    label: str | None
    """The token's label; None when only one is plugged in."""
    pin: str = field(repr=False)


def wrap_secret(token: Token, *, key_label: str, random_bytes: RandomBytes) -> tuple[bytes, TokenLock]:
    """A new secret, and the lock that only this token opens; both for `NewToken`.

    A key of that label on the token is used; where there is none, one is made there that cannot leave
    it: RSA, or AES where the token has no RSA. The token must give the secret back before it is used.

    Raises:
        TokenModuleMissing, TokenMissing, TokenPinWrong, TokenLocked, TokenFailed.
        TokenKeyUnfit: the key may leave the token, is too short, or the token cannot decrypt with it.
    """
    secret = random_bytes(KEY_BYTES)
    with _session(token, writes=True) as session:
        key = _key_labelled(session, key_label)
        if key is None:
            key = _make_key(session, key_label, random_bytes(_KEY_ID_BYTES))
        _require_kept_inside(key)
        for way in _ways(key):
            lock = TokenLock(
                way.value, bytes(key.id).hex(), _encrypted(session, key, way, secret, random_bytes)
            )
            if _decrypted_or_none(key, lock) == secret:
                return secret, lock
    raise TokenKeyUnfit(token_key=lock.token_key)


def unwrap(token: Token, lock: TokenLock) -> bytes:
    """The secret of a slot.

    Raises:
        TokenKeyMissing: another token than the slot's, or its key was deleted.
        TokenKeyUnfit: the key does not decrypt what the sheet holds.
        TokenModuleMissing, TokenMissing, TokenPinWrong, TokenLocked, TokenFailed.
    """
    with _session(token, writes=False) as session:
        key = _key_of_id(session, lock.token_key)
        if key is None:
            raise TokenKeyMissing(token_key=lock.token_key)
        secret = _decrypted_or_none(key, lock)
    if secret is None:
        raise TokenKeyUnfit(token_key=lock.token_key)
    return secret


def unwrapping(token: Token) -> Callable[[TokenLock], bytes | None]:
    """For `unlock_with_token`: `unwrap`, with None for the slots of other tokens."""

    def unwrapped(lock: TokenLock) -> bytes | None:
        try:
            return unwrap(token, lock)
        except TokenKeyMissing:
            return None

    return unwrapped


_one_at_a_time = Lock()  # protects the module, which is initialised and ended around each use


@contextmanager
def _session(token: Token, *, writes: bool) -> Iterator[Any]:
    """The token, logged in. Afterwards the module is ended, so that nobody stays logged in."""
    with _one_at_a_time:
        try:
            module = pkcs11.lib(token.module)
        except (pkcs11.PKCS11Error, OSError, ValueError) as error:
            raise TokenModuleMissing() from error
        try:
            with _logged_in(module, token, writes=writes) as session:
                yield session
        except pkcs11.PKCS11Error as error:
            raise TokenFailed(fault=type(error).__name__) from error
        finally:
            module.finalize()


def _logged_in(module: Any, token: Token, *, writes: bool) -> Any:
    found = [one for one in module.get_tokens() if token.label in (None, one.label)]
    usable = [one for one in found if one.flags & pkcs11.TokenFlag.TOKEN_INITIALIZED]
    if len(usable) != 1:
        raise TokenMissing(found=len(usable))
    try:
        return usable[0].open(rw=writes, user_pin=token.pin)
    except pkcs11.PKCS11Error as error:
        raise _login_refused(error) from error


def _login_refused(error: pkcs11.PKCS11Error) -> TokenPinWrong | TokenLocked | TokenFailed:
    if isinstance(error, pkcs11.PinIncorrect | pkcs11.PinInvalid | pkcs11.PinLenRange | pkcs11.ArgumentsBad):
        return TokenPinWrong()  # some modules say of an empty PIN that the argument is bad
    if isinstance(error, pkcs11.PinLocked | pkcs11.PinExpired | pkcs11.UserPinNotInitialized):
        return TokenLocked(fault=type(error).__name__)
    return TokenFailed(fault=type(error).__name__)


def _key_labelled(session: Any, label: str) -> Any | None:
    return _only_key(session, {pkcs11.Attribute.LABEL: label})


def _key_of_id(session: Any, token_key: str) -> Any | None:
    return _only_key(session, {pkcs11.Attribute.ID: bytes.fromhex(token_key)})


def _only_key(session: Any, wanted: dict[Any, Any]) -> Any | None:
    """The one private or secret key that fits; None when there is none."""
    classes = (pkcs11.ObjectClass.PRIVATE_KEY, pkcs11.ObjectClass.SECRET_KEY)
    found = [
        key
        for kind in classes
        for key in session.get_objects({pkcs11.Attribute.CLASS: kind, **wanted})
        if key.id
    ]
    if len(found) > 1:
        raise TokenKeyUnfit(found=len(found))
    return found[0] if found else None


def _make_key(session: Any, label: str, key_id: bytes) -> Any:
    """A key that is made on the token, stays there, and only decrypts (AES: and encrypts)."""
    inside = {
        pkcs11.Attribute.SENSITIVE: True,
        pkcs11.Attribute.EXTRACTABLE: False,
        pkcs11.Attribute.PRIVATE: True,
    }
    flags = pkcs11.MechanismFlag
    mechanisms = session.token.slot.get_mechanisms()
    if {pkcs11.Mechanism.RSA_PKCS_KEY_PAIR_GEN, pkcs11.Mechanism.RSA_PKCS_OAEP} <= set(mechanisms):
        longest = session.token.slot.get_mechanism_info(pkcs11.Mechanism.RSA_PKCS_KEY_PAIR_GEN).max_key_length
        _, private = session.generate_keypair(
            pkcs11.KeyType.RSA,
            RSA_BITS if longest >= RSA_BITS else LEAST_RSA_BITS,
            id=key_id,
            label=label,
            store=True,
            capabilities=flags.ENCRYPT | flags.DECRYPT,
            private_template=inside,
        )
        return private
    if {pkcs11.Mechanism.AES_KEY_GEN, pkcs11.Mechanism.AES_GCM} <= set(mechanisms):
        return session.generate_key(
            pkcs11.KeyType.AES,
            AES_BITS,
            id=key_id,
            label=label,
            store=True,
            capabilities=flags.ENCRYPT | flags.DECRYPT,
            template=inside,
        )
    raise TokenKeyUnfit(mechanisms=len(mechanisms))


def _require_kept_inside(key: Any) -> None:
    if key[pkcs11.Attribute.EXTRACTABLE] or not key[pkcs11.Attribute.SENSITIVE]:
        raise TokenKeyUnfit(token_key=bytes(key.id).hex(), extractable=True)


def _ways(key: Any) -> tuple[Way, ...]:
    """What may work with this key, the best first."""
    kind = key.key_type
    if kind == pkcs11.KeyType.RSA and key.key_length >= LEAST_RSA_BITS:
        return (Way.RSA_OAEP_SHA256, Way.RSA_OAEP_SHA1)
    if kind == pkcs11.KeyType.AES and key.key_length == AES_BITS:
        return (Way.AES_256_GCM,)
    raise TokenKeyUnfit(token_key=bytes(key.id).hex(), bits=key.key_length)


def _encrypted(session: Any, key: Any, way: Way, secret: bytes, random_bytes: RandomBytes) -> bytes:
    if way is Way.AES_256_GCM:
        nonce = random_bytes(NONCE_BYTES)
        sealed = key.encrypt(
            secret, mechanism=pkcs11.Mechanism.AES_GCM, mechanism_param=pkcs11.GCMParams(nonce)
        )
        return nonce + bytes(sealed)
    wanted = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PUBLIC_KEY, pkcs11.Attribute.ID: key.id}
    public = next(iter(list(session.get_objects(wanted))), key)  # some tokens keep both in the private one
    modulus = int.from_bytes(public[pkcs11.Attribute.MODULUS])
    exponent = int.from_bytes(public[pkcs11.Attribute.PUBLIC_EXPONENT])
    algorithm = _OAEP[way][0]
    oaep = padding.OAEP(padding.MGF1(algorithm), algorithm, None)
    return rsa.RSAPublicNumbers(exponent, modulus).public_key().encrypt(secret, oaep)


def _decrypted_or_none(key: Any, lock: TokenLock) -> bytes | None:
    """The secret; None when this key with this mechanism does not give one."""
    try:
        way = Way(lock.mechanism)
        if way is Way.AES_256_GCM:
            nonce, sealed = lock.wrapped_secret[:NONCE_BYTES], lock.wrapped_secret[NONCE_BYTES:]
            secret = key.decrypt(
                sealed, mechanism=pkcs11.Mechanism.AES_GCM, mechanism_param=pkcs11.GCMParams(nonce)
            )
        else:
            mechanism, parameters = pkcs11.Mechanism.RSA_PKCS_OAEP, _OAEP[way][1]
            secret = key.decrypt(lock.wrapped_secret, mechanism=mechanism, mechanism_param=parameters)
    except (ValueError, AttributeError, *_CANNOT_DECRYPT):
        return None
    return bytes(secret) if len(secret) == KEY_BYTES else None


_CANNOT_DECRYPT = (
    pkcs11.exceptions.ArgumentsBad,
    pkcs11.exceptions.DataInvalid,
    pkcs11.exceptions.DataLenRange,
    pkcs11.exceptions.EncryptedDataInvalid,
    pkcs11.exceptions.EncryptedDataLenRange,
    pkcs11.exceptions.FunctionFailed,
    pkcs11.exceptions.GeneralError,  # what SoftHSM says of a wrong padding or tag
    pkcs11.exceptions.KeyTypeInconsistent,
    pkcs11.exceptions.MechanismInvalid,
    pkcs11.exceptions.MechanismParamInvalid,
)
