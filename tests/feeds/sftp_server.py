"""A real SFTP server on 127.0.0.1 over a folder of this machine."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import asyncssh


class SftpServer:
    """Lets `banque` in, by password or key. `connections` counts who came as far as giving a name."""

    def __init__(self, folder: Path, *, key: asyncssh.SSHKey | None = None) -> None:
        self.folder = folder
        self.key = key or asyncssh.generate_private_key("ssh-ed25519")
        self.password = "mot de passe très long"
        self.authorized: list[asyncssh.SSHKey] = []
        self.names_given: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    def __enter__(self) -> "SftpServer":
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def fingerprint(self) -> str:
        return self.key.get_fingerprint()

    async def _listen(self) -> Any:
        doors = self

        class Door(asyncssh.SSHServer):
            def begin_auth(self, username: str) -> bool:
                doors.names_given.append(username)
                return True

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                return (username, password) == ("banque", doors.password)

            def public_key_auth_supported(self) -> bool:
                return True

            def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
                return username == "banque" and key in doors.authorized

        def factory(channel: Any) -> asyncssh.SFTPServer:
            return asyncssh.SFTPServer(channel, chroot=str(doors.folder).encode())

        server = await asyncssh.create_server(
            Door, "127.0.0.1", self.port, server_host_keys=[self.key], sftp_factory=factory, family=2
        )
        self.port = server.get_port()
        return server

    async def _stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()
