"""What every request below /api/ meets before anything else: no cookie, no large body, and refusals as problem+json."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from encours.api.problems import MEDIA_TYPE, TOO_LARGE, language_of, plain_problem, problem_response
from encours.core.problems import Problem

PREFIX = "/api/"
MAX_BODY_BYTES = 64 << 10


class ApiMiddleware:
    """Stands before sessions and sign-in: a browser that is signed in is nobody here, only a token is somebody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        if _length(request) > MAX_BODY_BYTES:
            problem = Problem(TOO_LARGE(limit=MAX_BODY_BYTES >> 10))
            response = problem_response(request, 413, [problem])
        else:
            response = _as_problem(request, self.get_response(request))
        response["Content-Language"] = language_of(request)
        response["Cache-Control"] = "no-store"
        response["Vary"] = "Accept-Language, Authorization"
        return response


def _length(request: HttpRequest) -> int:
    """Bytes of the body. Without a length there is none: what is not announced is not read."""
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0


def _as_problem(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Pages that say what went wrong are for people; a program gets the same as a problem."""
    if response.status_code < 400 or response.headers.get("Content-Type", "").startswith(MEDIA_TYPE):
        return response
    kept = {name: response[name] for name in ("Allow", "Retry-After") if response.has_header(name)}
    return problem_response(
        request, response.status_code, [plain_problem(request, response.status_code)], kept
    )
