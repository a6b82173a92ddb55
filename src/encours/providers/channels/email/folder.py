"""Where mail goes while no server is set: files that any mail program opens. Nothing leaves by accident."""

import os
from email.message import EmailMessage
from pathlib import Path

from encours.ports.channels import HandedOver, UnableToReachProvider


class Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self) -> None:
        if self._folder == Path():
            raise UnableToReachProvider("no server and no folder")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnableToReachProvider(str(error)) from error

    def send(self, message: EmailMessage, **envelope: object) -> HandedOver:  # noqa: ARG002 (a file has none)
        """The file is named after the Message-ID: handing the same message over again changes nothing."""
        key = str(message["Message-ID"]).strip("<>").partition("@")[0]
        path = self._folder / f"{key}.eml"
        partial = path.with_suffix(".part")
        partial.write_bytes(message.as_bytes())
        os.replace(partial, path)
        return HandedOver("accepted", provider_id=path.name)

    def close(self) -> None:
        return
