"""Writes the whole installation, every company, into one archive."""

import io
import json
import os
import subprocess
import tarfile
import tempfile
from datetime import datetime
from pathlib import Path

from django.conf import settings

import encours
from encours.core.wording import Sentence, Wording
from encours.ports.files import system_reason
from encours.store.postgres.programs import connecting_program, connection_environment
from encours.store.tenancy import as_owner

DATABASE, FILES, ABOUT = "database.dump", "files", "about.json"


EXISTS = Wording(
    "backup_exists",
    fr="{file} existe déjà : choisissez un autre nom.",
    en="{file} exists already: choose another name.",
)
NOT_BACKED_UP = Wording(
    "not_backed_up",
    fr="La sauvegarde n'a pas été faite : {detail}",
    en="The backup was not made: {detail}",
)


class UnableToBackUp(Exception):
    """`sentence` says why. No archive was written."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.say("en"))
        self.sentence = sentence


def back_up(*, target: Path, now: datetime) -> int:
    """Size of the archive in bytes. Work may go on meanwhile.

    The database is read at one instant, and before the files, which are only ever added: no document of the archive
    lacks its file. The secret key is left out, so that who finds the archive cannot read stored credentials.
    """
    if target.exists():
        raise UnableToBackUp(EXISTS(file=str(target)))
    try:
        return _write(target, now)
    except OSError as error:
        raise UnableToBackUp(NOT_BACKED_UP(detail=system_reason(error))) from error


def _write(target: Path, now: datetime) -> int:
    part = target.with_name(target.name + ".part")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        dump = Path(folder) / DATABASE
        with as_owner(), dump.open("wb") as file:
            try:
                pg_dump = connecting_program("pg_dump")
            except FileNotFoundError as error:
                raise UnableToBackUp(NOT_BACKED_UP(detail=str(error))) from error
            done = subprocess.run(
                [str(pg_dump), "--format=custom", "--compress=6", "--no-owner"],
                env=os.environ | connection_environment(), stdout=file, stderr=subprocess.PIPE, check=False,
            )  # fmt: skip
        if done.returncode != 0:
            raise UnableToBackUp(NOT_BACKED_UP(detail=done.stderr.decode(errors="replace").strip()))
        about = {"version": encours.__version__, "made_at": now.isoformat()}
        with tarfile.open(part, "w") as archive:
            _add_text(archive, ABOUT, json.dumps(about), now)
            archive.add(dump, DATABASE)
            if settings.FILES_FOLDER.is_dir():
                archive.add(settings.FILES_FOLDER, FILES)
    part.replace(target)
    return target.stat().st_size


def _add_text(archive: tarfile.TarFile, name: str, text: str, now: datetime) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime = len(text.encode()), int(now.timestamp())
    archive.addfile(entry, io.BytesIO(text.encode()))
