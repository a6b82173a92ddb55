"""Addresses of notices answer as `notices.yaml` says, whoever posts whatever, and the services themselves too."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from django.core.wsgi import get_wsgi_application
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from encours.store.models import Attempt, GatewayConnection, Message
from tests.backoffice.conftest import furnish
from tests.fuzzing import configuration, fuzzed, one_connection  # noqa: F401 (a fixture)
from tests.notices.services import SERVICES, Proven, Service

DOCUMENT = Path(__file__).parent / "notices.yaml"
ADDRESSES = {
    "payments": "/notifications/paiements/{company_id}/{hook_key}/",
    "banks": "/notifications/banques/{company_id}/{hook_key}/",
    "reports": "/notifications/envois/{company_id}/{hook_key}/",
    "mails": "/notifications/reponses/{company_id}/{hook_key}/",
    "whole_mails": "/notifications/reponses/{company_id}/{hook_key}/mime",
}
# a proven notice that is odd may be taken: it is read later, or not at all
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
application = get_wsgi_application()


def document() -> dict[str, Any]:
    return yaml.safe_load(DOCUMENT.read_text("utf-8"))


def loaded(told: dict[str, Any]) -> Any:
    made = schemathesis.openapi.from_dict(told, config=configuration())
    made.app = application
    return made


schema = loaded(document())


def operation_of(service: Service) -> Any:
    """The address as this service alone uses it."""
    told = document()
    address = ADDRESSES[service.operation]
    content = {service.media_type: {"schema": {"$ref": f"#/components/schemas/{service.schema}"}}}
    told["paths"][address]["post"]["requestBody"] = {"content": content, "required": True}
    return loaded(told)[address]["POST"]


@schema.parametrize()
@fuzzed(10)
def test_nobody_in_particular_is_answered_as_the_document_says(case, company, one_connection):  # noqa: F811
    if company_id := case.path_parameters.get("company_id"):
        case.path_parameters["company_id"] = company.pk if str(company_id)[-1:] in "13579" else company_id
    case.call_and_validate()


@pytest.fixture
def carried(company) -> Message:
    """A message of which services may tell something: they call it « known »."""
    furnish(company)
    GatewayConnection.objects.update(state="revoked")
    Attempt.objects.update(provider_id="known", handed_over_at="2026-03-02T10:00:00Z")
    return Message.objects.latest("pk")


@pytest.mark.parametrize("name", list(SERVICES))
def test_whatever_a_service_says_is_answered_as_the_document_says(name, company, carried, one_connection):  # noqa: F811
    service = SERVICES[name]
    connection = service.connect(company)
    Attempt.objects.update(provider=connection.provider)
    app = Proven(application, service.proof)
    operation = operation_of(service)
    taken = []

    @fuzzed(20)
    @given(
        case=st.one_of(
            operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
            operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
        )
    )
    def asked(case: Any) -> None:
        case.path_parameters = {"company_id": company.pk, "hook_key": connection.hook_key}
        taken.append(case.call_and_validate(app=app, checks=CHECKS).status_code)

    asked()
    assert {200, 204} & set(taken), "every one was refused: the proof is not that of the service"
