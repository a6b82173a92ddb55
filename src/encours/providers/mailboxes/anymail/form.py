"""A notice as anymail's views look at it. A request of Django's own refuses a body larger than any form of ours may be."""

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import QueryDict
from django.http.multipartparser import MultiPartParser
from django.utils.datastructures import MultiValueDict

from encours.ports.notices import Notice

_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


@dataclass
class Form:
    """What these views read of a request."""

    body: bytes
    content_type: str
    META: dict[str, str] = field(default_factory=dict)
    POST: QueryDict = field(default_factory=QueryDict)
    FILES: MultiValueDict[str, Any] = field(default_factory=MultiValueDict)


def form_of(notice: Notice, *, encoding: str = "utf-8") -> Form:
    """The fields and files of a notice. Raises what Django's parsers raise for what is no form."""
    declared = notice.headers.get("content-type", "")
    kind = declared.partition(";")[0].strip().lower()
    form = Form(notice.body, kind)
    if kind == _URLENCODED:
        form.POST = QueryDict(notice.body, encoding=encoding)
    elif kind == _MULTIPART:
        meta = {"CONTENT_TYPE": declared, "CONTENT_LENGTH": str(len(notice.body))}
        parser = MultiPartParser(meta, BytesIO(notice.body), [TemporaryFileUploadHandler()], encoding)
        form.POST, form.FILES = parser.parse()
    return form
