"""Credentials at rest: sealed with AES-256-GCM, each bound to the row it belongs to.

The keys lie outside the database (`credential_keys` in the data folder, or `ENCOURS_CREDENTIAL_KEYS`), so that neither a
backup nor a reader of the database can open a credential. A sealed text names its key: keys are changed by adding one,
sealing everything again, and dropping the oldest. This is the only module that sees both keys and plain secrets.
"""

import base64
import contextlib
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_SCHEME = "aesgcm1"
_NONCE_BYTES = 12
# the key before the current one stays: somebody may just have sealed with it
_KEPT_KEYS = 2


class UnableToUnseal(Exception):
    """The key is not here any more, or the sealed text is another row's or was changed."""


def seal(secret: Mapping[str, str], *, owner: str) -> str:
    """Text to store. `owner` names the row ("bank_connection:12"): only under the same name it opens again."""
    key = _keys()[0]
    nonce = os.urandom(_NONCE_BYTES)
    plain = json.dumps(dict(secret), ensure_ascii=False, sort_keys=True).encode()
    sealed = AESGCM(key).encrypt(nonce, plain, owner.encode())
    return ".".join([_SCHEME, key_id(key), base64.urlsafe_b64encode(nonce + sealed).decode()])


def unseal(sealed: str, *, owner: str) -> dict[str, str]:
    """What was sealed; nothing for an empty text. Raises `UnableToUnseal`, whose text tells nothing secret."""
    if not sealed:
        return {}
    scheme, _, rest = sealed.partition(".")
    name, _, body = rest.partition(".")
    key = next((key for key in _keys() if key_id(key) == name), None)
    if scheme != _SCHEME or key is None:
        raise UnableToUnseal(f"credentials of {owner} are sealed with a key that is not here ({name})")
    try:
        raw = base64.urlsafe_b64decode(body)
        return json.loads(AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], owner.encode()))
    except (InvalidTag, ValueError) as error:
        raise UnableToUnseal(f"credentials of {owner} were changed or belong elsewhere") from error


def is_sealed_with_current_key(sealed: str) -> bool:
    return sealed.startswith(f"{_SCHEME}.{key_id(_keys()[0])}.")


def key_id(key: bytes) -> str:
    """A name for a key that tells nothing of it."""
    return sha256(b"encours credential key" + key).hexdigest()[:8]


def add_key() -> None:
    """A new key, used from now on. Nothing when the keys come from the environment: there the operator puts it first."""
    if not settings.CREDENTIAL_KEYS:
        _write([secrets.token_bytes(32), *_keys()])


def drop_old_keys() -> None:
    """Forget all keys but the current and the one before."""
    if not settings.CREDENTIAL_KEYS:
        _write(_keys()[:_KEPT_KEYS])


def _keys() -> list[bytes]:
    """The current one first. Read each time: another process may have added one."""
    given = settings.CREDENTIAL_KEYS
    if given:
        return [_decoded(text) for text in given.split(",")]
    path = Path(settings.CREDENTIAL_KEYS_FILE)
    if not path.exists():
        made = _written([secrets.token_bytes(32)])
        with contextlib.suppress(FileExistsError):
            os.link(made, path)  # of two processes that start together one names its key, the other reads it
        os.unlink(made)
    return [_decoded(line) for line in path.read_text().split()]


def _decoded(text: str) -> bytes:
    key = base64.urlsafe_b64decode(text.strip())
    if len(key) != 32:
        raise UnableToUnseal("a credential key is not 32 bytes in base64")
    return key


def _write(keys: list[bytes]) -> None:
    os.replace(_written(keys), settings.CREDENTIAL_KEYS_FILE)


def _written(keys: list[bytes]) -> str:
    """A file of its own beside the final one, readable by nobody else."""
    folder = Path(settings.CREDENTIAL_KEYS_FILE).parent
    descriptor, path = tempfile.mkstemp(dir=folder, prefix="credential_keys-")
    with os.fdopen(descriptor, "w") as file:
        file.write("".join(base64.urlsafe_b64encode(key).decode() + "\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    return path
