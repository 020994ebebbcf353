"""Secrets at rest, in Pulumi's passphrase scheme: its CLI reads what this engine writes, and the reverse."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .errors import EngineError
from .values import SECRET, SIGNATURE, is_secret, mapped

# sdk/go/common/resource/config/crypt.go in pulumi/pulumi.
_ITERATIONS = 1_000_000
_KEY_BYTES = 32
_NONCE_BYTES = 12
_SALT_BYTES = 8
_PROOF = "pulumi"


class Crypter:
    """Encrypts and decrypts with the passphrase in PULUMI_CONFIG_PASSPHRASE; its key is made when needed."""

    def __init__(self, salt: str | None) -> None:
        """Takes the `encryptionsalt` of the stack, or None to make one when it is needed."""
        self.salt = salt
        self._cipher: AESGCM | None = None

    def encrypt(self, text: str) -> str:
        """Gives `v1:<nonce>:<ciphertext>`."""
        return _sealed(self._opened(), text)

    def decrypt(self, sealed: str) -> str:
        """Reads what `encrypt` gave.

        Raises:
            EngineError: it is of another form, or was sealed with another passphrase.
        """
        return _unsealed(self._opened(), sealed)

    def sealed(self, value: Any) -> Any:
        """The value with its secrets encrypted, as the deployment has them."""

        def seal(each: Any) -> Any:
            if is_secret(each) and "value" in each:
                return {SIGNATURE: SECRET, "ciphertext": self.encrypt(json.dumps(each["value"]))}
            return each

        return mapped(value, seal)

    def unsealed(self, value: Any) -> Any:
        """The value with its secrets' plain values inside their wrapping."""

        def unseal(each: Any) -> Any:
            if is_secret(each) and "ciphertext" in each:
                return {SIGNATURE: SECRET, "value": json.loads(self.decrypt(each["ciphertext"]))}
            if is_secret(each) and "plaintext" in each:
                return {SIGNATURE: SECRET, "value": json.loads(each["plaintext"])}
            return each

        return mapped(value, unseal)

    def _opened(self) -> AESGCM:
        if self._cipher is not None:
            return self._cipher
        if self.salt is None:
            salt = os.urandom(_SALT_BYTES)
            cipher = AESGCM(_key(_passphrase(), salt))
            self.salt = f"v1:{base64.b64encode(salt).decode()}:{_sealed(cipher, _PROOF)}"
        else:
            version, _, rest = self.salt.partition(":")
            encoded, _, proof = rest.partition(":")
            if version != "v1" or not proof:
                raise EngineError("the stack's encryption salt is of an unknown form")
            cipher = AESGCM(_key(_passphrase(), base64.b64decode(encoded)))
            _unsealed(cipher, proof)
        self._cipher = cipher
        return cipher


def _passphrase() -> str:
    return os.environ.get("PULUMI_CONFIG_PASSPHRASE", "")


@functools.cache  # a third of a second each, and a stack's settings and its state mostly have one salt
def _key(passphrase: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, _ITERATIONS, _KEY_BYTES)


def _sealed(cipher: AESGCM, text: str) -> str:
    nonce = os.urandom(_NONCE_BYTES)
    sealed = cipher.encrypt(nonce, text.encode(), None)
    return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(sealed).decode()}"


def _unsealed(cipher: AESGCM, sealed: str) -> str:
    parts = sealed.split(":")
    if len(parts) != 3 or parts[0] != "v1":
        raise EngineError("an encrypted value is of an unknown form")
    try:
        return cipher.decrypt(base64.b64decode(parts[1]), base64.b64decode(parts[2]), None).decode()
    except (InvalidTag, ValueError) as error:
        raise EngineError("incorrect passphrase: set PULUMI_CONFIG_PASSPHRASE to the stack's") from error
