"""The data folder: everything an installation keeps lies in it."""

import os
import secrets
from pathlib import Path

import platformdirs


def data_folder() -> Path:
    """`ENCOURS_HOME`, or the user's data directory; created when missing."""
    folder = Path(os.environ.get("ENCOURS_HOME") or platformdirs.user_data_dir("encours")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def secret_key(folder: Path) -> str:
    """Key of sessions and stored credentials: `ENCOURS_SECRET_KEY`, or made once and kept in the folder."""
    given = os.environ.get("ENCOURS_SECRET_KEY")
    if given:
        return given
    path = folder / "secret_key"
    try:
        # exclusive creation: of two processes that start together one writes, the other reads
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        key = secrets.token_urlsafe(50)
        file.write(key)
    return key
