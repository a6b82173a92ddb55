"""Where uploads land while they arrive: on disk, within the limit, and only from people who may send them.

The limit is counted in bytes received. What a browser says of a file's size is not believed, and nothing of a
request from somebody who is not signed in is written to the disk.
"""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Files of one request, together at most `settings.IMPORT_MAX_BYTES`; `request.refused_uploads` names the others."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self._received = 0
        self._refused: list[str] = []
        setattr(self.request, "refused_uploads", self._refused)  # noqa: B010 (no attribute HttpRequest declares)
        super().handle_raw_input(*args, **kwargs)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated or getattr(self.request, "company", None) is None:
            raise SkipFile
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._received += len(raw_data)
        if self._received > settings.IMPORT_MAX_BYTES:
            # what came of it is deleted by Django; the files before it stay
            self._received -= start + len(raw_data)
            self._refused.append(self.file_name or "")
            raise SkipFile
        super().receive_data_chunk(raw_data, start)
