"""Version 1 of the API: its routes, how refusals are told, and its OpenAPI document."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation

from encours.actions.unable_to_match import UnableToMatch
from encours.api import bank_lines, matches, orders, receipts, reconciliations
from encours.api.access import KEY_HEADER, MAX_KEY_LENGTH, SCHEME
from encours.api.problems import MEDIA_TYPE, VALUE_REFUSED, ApiProblem, plain_problem, problem_response
from encours.core.problems import Problem

DESCRIPTION = """\
What other programs ask of one company: its bank lines with what explains them, its receipts, runs of reconciliation,
orders and deliveries with what is invoiced of them.

A token belongs to one company and sees nothing of another. Amounts are integer cents under names that end in `_cents`,
signed as the ledger signs them; dates are ISO 8601. Refusals are `application/problem+json` (RFC 9457) with a `code` that
never changes and sentences in the language of `Accept-Language` (fr or en). Lists go on at `next_cursor`. A POST with an
`Idempotency-Key` counts once: the same request again is answered with the answer it had.
"""
_PROBLEMS = {
    "400": "The request cannot be read",
    "401": "No valid token",
    "403": "The token lacks the scope",
    "404": "Nothing of this number in the company",
    "409": "It cannot be done as things stand",
    "413": "The request is too large",
    "422": "A value is not accepted",
    "429": "Too many requests: see Retry-After",
}
_PROBLEM_SCHEMA = {
    "type": "object",
    "description": "A refusal (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "field", "problems"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "The first problem in words."},
        "code": {"type": "string", "description": "The first problem's code."},
        "field": {"type": "string"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "message")},
            },
        },
    },
}


class EncoursApi(NinjaAPI):
    """Names operations as their functions and completes the document with what is true of all of them."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **options: Any) -> Any:
        document = super().get_openapi_schema(**options)
        document["components"]["securitySchemes"] = {
            SCHEME: {"type": "http", "scheme": "bearer", "description": "`encours api token create`"}
        }
        document["components"]["schemas"]["Problem"] = _PROBLEM_SCHEMA
        for methods in document["paths"].values():
            for method, operation in methods.items():
                _complete(method, operation)
        return document


def _complete(method: str, operation: dict[str, Any]) -> None:
    for parameter in operation["parameters"]:
        # what is left out is any: there is no way to write null in an address
        schema = parameter["schema"]
        if "anyOf" in schema:
            (given,) = [each for each in schema.pop("anyOf") if each != {"type": "null"}]
            schema |= given
    if method == "post":
        operation["parameters"].append(
            {
                "in": "header",
                "name": KEY_HEADER,
                "required": False,
                "description": "Any text of yours: the same request again counts once (kept for two days).",
                "schema": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": MAX_KEY_LENGTH,
                    "pattern": "^[!-~]+$",
                },
            }
        )
    for status, description in _PROBLEMS.items():
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        operation["responses"][status] = {"description": description, "content": content}


api = EncoursApi(
    title="Encours",
    version="1",
    description=DESCRIPTION,
    docs_url=None,
    urls_namespace="api-v1",
    servers=[{"url": "/"}],
)
for module in (bank_lines, matches, orders, receipts, reconciliations):
    api.add_router("", module.router)


@api.exception_handler(ApiProblem)
def _refused(request: HttpRequest, error: ApiProblem) -> HttpResponse:
    return problem_response(request, error.status, error.problems, error.headers)


@api.exception_handler(UnableToMatch)
def _not_matched(request: HttpRequest, error: UnableToMatch) -> HttpResponse:
    return problem_response(request, 409, [Problem(error.sentence)])


@api.exception_handler(ValidationError)
def _values_refused(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem_response(request, 422, [_value_refused(each) for each in error.errors])


@api.exception_handler(HttpError)
def _not_read(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem_response(request, error.status_code, [plain_problem(request, error.status_code)])


def _value_refused(told: dict[str, Any]) -> Problem:
    """A rule of the document that a value broke. Its name is that of pydantic; places in the code are left out."""
    field = ".".join(str(part) for part in told["loc"][1:] if part not in ("wanted",)) or str(told["loc"][0])
    return Problem(VALUE_REFUSED(field=field, rule=told["type"]), field=field)
