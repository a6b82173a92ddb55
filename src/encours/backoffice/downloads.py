"""Kept files on their way to a person."""

from django.http import FileResponse, Http404

from encours.queries.files import FileOnDisk


def download(stored: FileOnDisk | None, *, content_type: str = "application/octet-stream") -> FileResponse:
    """The file as it was kept; not found when there is none, or it is gone from the disk.

    Always a download: a file of somebody's must not run in our pages.
    """
    if stored is None or not stored.path.is_file():
        raise Http404
    return FileResponse(
        stored.path.open("rb"), as_attachment=True, filename=stored.name, content_type=content_type
    )
