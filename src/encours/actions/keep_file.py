"""Keeps a file by its content in the data folder."""

import os
from hashlib import file_digest, sha256
from pathlib import Path

from django.conf import settings

from encours.store.models import Company, StoredFile


def keep_file(*, company: Company, name: str, media_type: str, content: bytes) -> StoredFile:
    """The stored file; the same content is kept once. Written aside, then named: never half a file."""
    digest = sha256(content).hexdigest()
    path = Path(settings.FILES_FOLDER) / digest[:2] / digest[2:]
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{os.getpid()}.part")
        partial.write_bytes(content)
        os.replace(partial, path)
    stored, _ = StoredFile.objects.get_or_create(
        company=company,
        sha256=digest,
        defaults={"name": name, "media_type": media_type, "size": len(content)},
    )
    return stored


def keep_path(*, company: Company, name: str, media_type: str, path: Path) -> StoredFile:
    """The same of a file on the disk, which is moved: it may be large, and its folder is on the same disk."""
    with path.open("rb") as source:
        digest = file_digest(source, "sha256").hexdigest()
    size = path.stat().st_size
    target = Path(settings.FILES_FOLDER) / digest[:2] / digest[2:]
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)
    stored, _ = StoredFile.objects.get_or_create(
        company=company,
        sha256=digest,
        defaults={"name": name, "media_type": media_type, "size": size},
    )
    return stored
