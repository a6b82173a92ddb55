"""A signed-in person reads in the language they chose; others in their browser's (LocaleMiddleware)."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils import translation


class LanguageMiddleware:
    def __init__(self, get_response: Callable[[Any], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        if request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        response["Content-Language"] = translation.get_language() or "fr"
        return response


def language_of_reader() -> str:
    """`fr` or `en`: what sentences of the core are said in on this page."""
    return "en" if (translation.get_language() or "fr").startswith("en") else "fr"
