"""Refusals as RFC 9457 tells them, with the code, the field and the sentence the whole product uses.

`code` is for programs and never changes; `detail` and `message` are for people, in the language of Accept-Language.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation.trans_real import parse_accept_lang_header

from encours.core.problems import Problem
from encours.core.wording import Sentence, Wording

MEDIA_TYPE = "application/problem+json"

NOT_FOUND = Wording(
    "not_found",
    fr="Il n'y a rien ici pour ce jeton : vérifiez l'adresse et le numéro.",
    en="There is nothing here for this token: check the address and the number.",
)
METHOD_REFUSED = Wording(
    "method_refused",
    fr="Cette adresse ne connaît pas la méthode {method}.",
    en="This address does not know the method {method}.",
)
NOT_READ = Wording(
    "request_not_read",
    fr="La requête n'est pas lisible : envoyez du JSON en UTF-8.",
    en="The request cannot be read: send JSON in UTF-8.",
)
VALUE_REFUSED = Wording(
    "value_refused",
    fr="{field} : la valeur n'est pas acceptée ({rule}).",
    en="{field}: the value is not accepted ({rule}).",
)
TOO_LARGE = Wording(
    "request_too_large",
    fr="La requête dépasse {limit} Kio.",
    en="The request is larger than {limit} KiB.",
)
FAILED = Wording(
    "request_failed",
    fr="Quelque chose n'a pas marché de notre côté ; rien n'a été fait. Réessayez plus tard.",
    en="Something went wrong on our side; nothing was done. Try again later.",
)
_BY_STATUS = {404: NOT_FOUND, 413: TOO_LARGE}


class ApiProblem(Exception):
    """Ends a request. `problems` say why; `headers` go with the answer."""

    def __init__(self, status: int, *problems: Problem, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status, self.problems, self.headers = status, problems, dict(headers or {})


def refused(status: int, sentence: Sentence, *, field: str = "", **headers: str) -> ApiProblem:
    """A refusal for one reason; header names with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ApiProblem(status, Problem(sentence, field=field), headers=named)


def language_of(request: HttpRequest) -> str:
    """`fr` or `en`, as Accept-Language prefers (RFC 9110, 12.5.4)."""
    for name, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if name[:2] in ("fr", "en"):
            return name[:2]
    return settings.LANGUAGE_CODE


def problem_response(
    request: HttpRequest, status: int, problems: Sequence[Problem], headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """The answer; the first problem gives its detail."""
    language, first = language_of(request), problems[0]
    body: dict[str, Any] = {
        "type": f"urn:encours:problem:{first.code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": first.sentence.say(language),
        "code": first.code,
        "field": first.field,
        "problems": [
            {"field": each.field, "code": each.code, "message": each.sentence.say(language)}
            for each in problems
        ],
    }
    return JsonResponse(body, status=status, headers=dict(headers or {}), content_type=MEDIA_TYPE)


def plain_problem(request: HttpRequest, status: int) -> Problem:
    """What a status alone says, for answers that come from below the API."""
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return Problem(METHOD_REFUSED(method=request.method or ""))
    if status in _BY_STATUS:
        return Problem(_BY_STATUS[status]())
    return Problem((FAILED if status >= 500 else NOT_READ)())
