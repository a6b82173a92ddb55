"""Brings a backup into an empty installation."""

import shutil
import tarfile
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from encours.actions.back_up import ABOUT, DATABASE, FILES
from encours.actions.migrate_store import migrate_store
from encours.core.wording import Sentence, Wording
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
            archive.extractall(folder, filter="data")  # refuses links and paths that leave the folder
    except (OSError, tarfile.TarError) as error:
        raise UnableToRestore(
            NO_BACKUP(file=str(source), detail=getattr(error, "strerror", None) or str(error))
        ) from error
    if not all((folder / name).is_file() for name in (ABOUT, DATABASE)):
        raise UnableToRestore(NO_BACKUP(file=str(source), detail=f"{ABOUT}, {DATABASE} ?"))
