"""Brings a backup into an empty installation."""

import shutil
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.db import DatabaseError, connection

from encours.actions.back_up import ABOUT, DATABASE, FILES
from encours.actions.migrate_store import migrate_store
from encours.core.wording import Sentence, Wording
from encours.ports.files import system_reason
from encours.store.postgres.dumps import UnableToPlayDump, play_dump
from encours.store.roles import UnableToTakeRole, create_app_role
from encours.store.tenancy import as_owner

NOT_EMPTY = Wording(
    "restore_not_empty",
    fr="La base n'est pas vide : restaurez dans un nouveau dossier (ENCOURS_HOME).",
    en="The database is not empty: restore into a new folder (ENCOURS_HOME).",
)
NO_BACKUP = Wording(
    "restore_no_backup",
    fr="{file} n'est pas une sauvegarde d'Encours ({detail}).",
    en="{file} is no backup of Encours ({detail}).",
)
NOT_RESTORED = Wording(
    "not_restored",
    fr="La sauvegarde n'a pas été restaurée : {detail}",
    en="The backup was not restored: {detail}",
)


class UnableToRestore(Exception):
    """`sentence` says why. The installation is as it was."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence.say("en"))
        self.sentence = sentence


def restore(*, source: Path) -> None:
    """Database and files as they were, then brought to this version. Only into a database without tables."""
    with tempfile.TemporaryDirectory(dir=settings.DATA_FOLDER) as temporary:
        folder = Path(temporary)
        _unpack(source, folder)
        with as_owner(), connection.cursor() as cursor:
            if connection.introspection.table_names(cursor):
                raise UnableToRestore(NOT_EMPTY())
            try:
                create_app_role(cursor)
                play_dump(folder / DATABASE)
            except UnableToTakeRole as error:
                raise UnableToRestore(error.sentence) from error
            except (UnableToPlayDump, DatabaseError) as error:
                raise UnableToRestore(NOT_RESTORED(detail=str(error).strip())) from error
        if (folder / FILES).is_dir():
            shutil.copytree(folder / FILES, settings.FILES_FOLDER, dirs_exist_ok=True)
    migrate_store()


def _unpack(source: Path, folder: Path) -> None:
    try:
        with tarfile.open(source) as archive:
            for member in archive:
                _unpack_member(archive, member, folder)
    except OSError as error:
        raise UnableToRestore(NO_BACKUP(file=str(source), detail=system_reason(error))) from error
    except tarfile.TarError as error:
        raise UnableToRestore(NO_BACKUP(file=str(source), detail=str(error))) from error
    if not all((folder / name).is_file() for name in (ABOUT, DATABASE)):
        raise UnableToRestore(NO_BACKUP(file=str(source), detail=f"{ABOUT}, {DATABASE} ?"))


def _unpack_member(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """A file or a folder below the given one: no backup holds links, devices or names that lead out of it.

    By hand, since the filters of `tarfile` came with Python 3.11.4 and Debian 12 has 3.11.2.
    """
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts or not (member.isfile() or member.isdir()):
        raise tarfile.TarError(member.name)
    target = folder / name
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        target.chmod(member.mode & 0o755 | 0o700)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    content = archive.extractfile(member)
    assert content is not None, "a file has content"
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)
    target.chmod(member.mode & 0o644 | 0o600)
