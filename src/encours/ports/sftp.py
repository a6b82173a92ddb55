"""A session on an SFTP server: the one way to open it, and what its failures mean.

The server must present the key a person has confirmed: until then, and when it presents another one, neither name nor
password is sent. Nothing of the user's own SSH settings, keys or agent is used.
"""

import asyncio
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncssh

from encours.core.wording import Wording
from encours.ports.connections import (
    CHANGED_HOST_KEY,
    NO_FOLDER,
    NOT_LET_IN,
    NOT_REACHED,
    UNKNOWN_HOST_KEY,
    UnableToAsk,
    UnableToTrustHost,
)

T = TypeVar("T")

HOST_LABEL = Wording("sftp.host", fr="Serveur", en="Server")
PORT_LABEL = Wording("sftp.port", fr="Port", en="Port")
USER_LABEL = Wording("sftp.username", fr="Utilisateur", en="User")
HOST_KEY_LABEL = Wording("sftp.host_key", fr="Clé du serveur", en="Key of the server")
PASSWORD_LABEL = Wording("sftp.password", fr="Mot de passe", en="Password")
PRIVATE_KEY_LABEL = Wording("sftp.private_key", fr="Clé privée", en="Private key")
PRIVATE_KEY_HELP = Wording(
    "sftp.private_key_help",
    fr="Au format OpenSSH ou PEM. Un mot de passe ou une clé suffit.",
    en="In OpenSSH or PEM format. A password or a key will do.",
)
PASSPHRASE_LABEL = Wording("sftp.passphrase", fr="Phrase secrète de la clé", en="Passphrase of the key")
CONNECT_SECONDS, STEP_SECONDS, FETCH_SECONDS = 15, 30, 900


@dataclass(frozen=True, kw_only=True)
class SftpAccess:
    """Who asks whom. `host_key` is what a person confirmed (OpenSSH's public key line), "" before; `folder` is only
    named where it is missing."""

    host: str
    port: int
    username: str
    password: str
    private_key: str
    passphrase: str
    host_key: str
    folder: str


class SftpSession:
    """Opened once, then asked by `run`, in one thread."""

    def __init__(self, access: SftpAccess) -> None:
        self._access = access
        self._runner = asyncio.Runner()
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None

    @property
    def is_open(self) -> bool:
        return self._client is not None

    @property
    def client(self) -> asyncssh.SFTPClient:
        assert self._client is not None, "open it first"
        return self._client

    def open(self) -> None:
        """Raises `UnableToAsk`, and `UnableToTrustHost` while nobody has confirmed the server."""
        self.run(self._open(), CONNECT_SECONDS * 2)

    def run(self, work: Coroutine[Any, Any, T], seconds: int) -> T:
        """Everything that can go wrong on the wire, as an answer nobody gave: `UnableToAsk`."""
        host = self._access.host
        try:
            return self._runner.run(_within(work, seconds))
        except asyncssh.HostKeyNotVerifiable as error:
            presented = self._runner.run(_within(self._presented(), CONNECT_SECONDS))
            raise UnableToAsk(
                CHANGED_HOST_KEY(host=host, fingerprint=presented.get_fingerprint()), needs_person=True
            ) from error
        except (asyncssh.PermissionDenied, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
            raise UnableToAsk(NOT_LET_IN(host=host), needs_person=True) from error
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath) as error:
            raise UnableToAsk(NO_FOLDER(folder=self._access.folder), needs_person=True) from error
        except TimeoutError as error:
            raise UnableToAsk(NOT_REACHED(host=host, reason="timeout")) from error
        except (OSError, asyncssh.Error) as error:
            raise UnableToAsk(NOT_REACHED(host=host, reason=type(error).__name__)) from error

    def close(self) -> None:
        if self._connection is not None:
            self._connection.abort()
        self._runner.close()

    async def _presented(self) -> asyncssh.SSHKey:
        key = await asyncssh.get_server_host_key(self._access.host, self._access.port, config=None)
        if key is None:
            raise ConnectionError("no host key")
        return key

    async def _open(self) -> None:
        access = self._access
        if not access.host_key:
            key = await self._presented()
            line = key.export_public_key().decode().strip()
            sentence = UNKNOWN_HOST_KEY(host=access.host, fingerprint=key.get_fingerprint())
            raise UnableToTrustHost(sentence, host_key=line)
        own = None
        if access.private_key:
            own = [asyncssh.import_private_key(access.private_key, access.passphrase or None)]
        self._connection = await asyncssh.connect(
            access.host,
            access.port,
            known_hosts=([asyncssh.import_public_key(access.host_key)], [], []),
            username=access.username,
            password=access.password or None,
            client_keys=own,
            agent_path=None,
            config=None,
            gss_auth=False,
            gss_kex=False,
            connect_timeout=CONNECT_SECONDS,
            login_timeout=CONNECT_SECONDS,
        )
        self._client = await self._connection.start_sftp_client()


async def _within(work: Awaitable[T], seconds: int) -> T:
    return await asyncio.wait_for(work, seconds)
