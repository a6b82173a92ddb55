"""Files as they arrived, kept by content in the data folder."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from encours.store.models import Company, ImportBatch, StoredFile


@dataclass(frozen=True)
class FileOnDisk:
    name: str
    path: Path
    sha256: str
    size: int


def file_of_batch(*, company: Company, batch_id: int | None) -> FileOnDisk | None:
    """The file of an import; None when the company has no such import. The file may be gone from the disk."""
    batch = ImportBatch.objects.filter(company=company, pk=batch_id).select_related("file").first()
    if batch is None:
        return None
    return file_on_disk(batch.file)


def file_on_disk(stored: StoredFile) -> FileOnDisk:
    digest = stored.sha256
    path = Path(settings.FILES_FOLDER) / digest[:2] / digest[2:]
    return FileOnDisk(name=stored.name, path=path, sha256=digest, size=stored.size)
