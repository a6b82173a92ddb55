"""Who asks: a token in `Authorization: Bearer …`, its company in scope, its scopes checked, its requests counted."""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from encours.actions.answer_once import Answer, UnableToAnswerOnce, answer_once
from encours.actions.use_token import Access, UnableToKeepUp, UnableToUseToken, use_token
from encours.api.clock import now
from encours.api.problems import refused
from encours.core.wording import Wording
from encours.store.tenancy import company_scope

SCHEME = "Token"
KEY_HEADER = "Idempotency-Key"
MAX_KEY_LENGTH = 255

TOKEN_REFUSED = Wording(
    "token_refused",
    fr="Il manque un jeton valable : Authorization: Bearer …, créé dans Réglages → API ou par `encours api token create`.",
    en="A valid token is missing: Authorization: Bearer …, made in Settings → API or by `encours api token create`.",
)
SCOPE_MISSING = Wording(
    "scope_missing",
    fr="Ce jeton n'a pas le droit « {scope} ».",
    en='This token lacks the scope "{scope}".',
)
TOO_MANY = Wording(
    "too_many_requests",
    fr="Plus de {limit} requêtes en une minute : réessayez dans {seconds} s.",
    en="More than {limit} requests in a minute: try again in {seconds} s.",
)
KEY_REFUSED = Wording(
    "idempotency_key_refused",
    fr="Idempotency-Key : entre 1 et 255 caractères ASCII visibles.",
    en="Idempotency-Key: between 1 and 255 visible ASCII characters.",
)
KEY_REUSED = Wording(
    "idempotency_key_reused",
    fr="Cette Idempotency-Key a servi à une autre requête : prenez-en une nouvelle.",
    en="This Idempotency-Key was used for another request: take a new one.",
)


UNKNOWN_PARAMETER = Wording(
    "parameter_unknown",
    fr="{name} : cette adresse ne connaît pas ce paramètre.",
    en="{name}: this address does not know this parameter.",
)


def scoped(scope: str) -> dict[str, Any]:
    """What an operation's route needs to be open to tokens of this scope only, and to say so in the document."""
    return {"auth": _Bearer(scope), "openapi_extra": {"security": [{SCHEME: [scope]}]}}


class _Bearer:
    def __init__(self, scope: str) -> None:
        self._scope = scope

    def __call__(self, request: HttpRequest) -> Access:
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        limit = settings.API_REQUESTS_PER_MINUTE
        try:
            if kind.lower() != "bearer":
                raise UnableToUseToken
            access = use_token(text=text.strip(), now=now(), per_minute=limit)
        except UnableToUseToken:
            raise refused(401, TOKEN_REFUSED(), WWW_Authenticate='Bearer realm="encours"') from None
        except UnableToKeepUp as error:
            seconds = error.retry_after_seconds
            sentence = TOO_MANY(limit=limit, seconds=seconds)
            raise refused(429, sentence, Retry_After=str(seconds)) from None
        if self._scope not in access.scopes:
            raise refused(403, SCOPE_MISSING(scope=self._scope))
        return access


def within_company(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Runs an operation in the scope of the token's company. One that writes gives an `Answer`, once for each key.

    What an operation takes in its query is one argument, `wanted`.
    """

    @wraps(operation)
    def run(request: Any, **values: Any) -> Any:
        access: Access = request.auth
        _refuse_unknown(request, values)
        with company_scope(access.company.pk):
            if request.method != "POST":
                return operation(request, **values)
            return _answered(_once(request, access, lambda: operation(request, **values)))

    return run


def _refuse_unknown(request: Any, values: dict[str, Any]) -> None:
    """A mistyped filter must not mean all."""
    is_read = request.method == "GET" and "wanted" in values
    known = type(values["wanted"]).model_fields if is_read else {}
    for name in request.GET:
        if name not in known:
            raise refused(422, UNKNOWN_PARAMETER(name=name), field=name)


def _once(request: Any, access: Access, work: Callable[[], Answer]) -> Answer:
    key = request.headers.get(KEY_HEADER)
    if key is None:
        return work()
    if not (0 < len(key) <= MAX_KEY_LENGTH and all("!" <= sign <= "~" for sign in key)):
        raise refused(422, KEY_REFUSED(), field=KEY_HEADER)
    said = f"{request.method} {request.get_full_path()}\n".encode() + request.body
    try:
        return answer_once(
            company=access.company,
            token_id=access.token_id,
            key=key,
            request_digest=sha256(said).hexdigest(),
            now=now(),
            work=work,
        )
    except UnableToAnswerOnce:
        raise refused(422, KEY_REUSED(), field=KEY_HEADER) from None


def _answered(answer: Answer) -> HttpResponse:
    response = JsonResponse(answer.body, status=answer.status)
    if answer.status == 202:
        response["Location"] = answer.body["url"]
    if answer.is_repeated:
        response["Idempotency-Replayed"] = "true"
    return response
