"""Who is let in: a token of the company, in force, with the scope, not too often; nobody by a cookie."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from encours.actions.create_token import UnableToCreateToken, create_token, digest_of, revoke_token
from encours.actions.use_token import UnableToKeepUp, use_token
from encours.api.middleware import MAX_BODY_BYTES
from encours.store.models import ApiToken, JournalEntry, Membership
from encours.store.tenancy import company_scope
from tests.api.conftest import Program, token_of

NOON = datetime(2026, 3, 2, 12, 0, 10, tzinfo=UTC)


def refusal(response):
    """(status, code) of an answer that must be a problem as RFC 9457 tells them."""
    assert response["Content-Type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == response.status_code
    assert told["type"] == f"urn:encours:problem:{told['code']}"
    assert told["detail"] == told["problems"][0]["message"]
    return response.status_code, told["code"]


def test_a_token_lets_its_program_in(program, paid_line):
    response = program.get("bank-lines")
    assert response.status_code == 200
    assert [line["id"] for line in response.json()["lines"]] == [paid_line.pk]
    assert (response["Cache-Control"], response["Content-Language"]) == ("no-store", "en")
    assert ApiToken.objects.get().last_used_at is not None


def test_the_text_of_a_token_is_not_kept(company):
    text = token_of(company, "receipts:read")
    token = ApiToken.objects.get()
    assert token.digest == digest_of(text)
    kept = [str(value) for value in vars(token).values()] + [str(JournalEntry.objects.latest("pk").data)]
    assert not any(text[-20:] in value for value in kept)


@pytest.mark.parametrize(
    "spoil", ["", "encours_1_x", "encours_99999999999999999999_x", "encours__x", "ünïcode", "x" * 5000]
)
def test_no_token_is_refused_alike(program, spoil):
    program.token = spoil
    response = program.get("bank-lines")
    assert refusal(response) == (401, "token_refused")
    assert response["WWW-Authenticate"] == 'Bearer realm="encours"'


def test_a_token_with_another_companys_number_opens_nothing(company, other_company, program):
    program.token = program.token.replace(f"_{company.pk}_", f"_{other_company.pk}_")
    assert refusal(program.get("bank-lines")) == (401, "token_refused")


def test_a_revoked_token_is_refused_from_then_on(company, program):
    token = ApiToken.objects.get()
    assert revoke_token(company=company, token_id=token.pk, now=NOON, actor="user:1")
    assert not revoke_token(company=company, token_id=token.pk, now=NOON, actor="user:1")
    assert refusal(program.get("bank-lines")) == (401, "token_refused")
    assert JournalEntry.objects.filter(action="api_token.revoked").count() == 1


def test_another_company_cannot_revoke_it(company, other_company, program):
    token = ApiToken.objects.get()
    with company_scope(other_company.pk):
        assert not revoke_token(company=other_company, token_id=token.pk, now=NOON, actor="user:1")
        assert not revoke_token(company=company, token_id=token.pk, now=NOON, actor="user:1")
    assert program.get("bank-lines").status_code == 200


def test_a_token_ends_with_its_last_day_where_the_company_is(company):
    created = create_token(
        company=company, name="ERP", scopes=["reconcile"], last_day=date(2026, 3, 2), now=NOON, actor="cli"
    )
    last_minute = datetime(2026, 3, 2, 22, 59, tzinfo=UTC)  # 23:59 in Paris
    assert use_token(text=created.text, now=last_minute, per_minute=5).company == company
    ApiToken.objects.update(expires_at=NOON)
    assert refusal(Program(created.text).get("bank-lines")) == (401, "token_refused")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": "  "}, "api_token.no_name"),
        ({"name": "x" * 81}, "api_token.no_name"),
        ({"scopes": []}, "api_token.no_scope"),
        ({"scopes": ["receipts:read", "everything"]}, "api_token.unknown_scope"),
        ({"last_day": date(2026, 3, 1)}, "api_token.expired_already"),
    ],
)
def test_what_makes_no_token(company, changed, code):
    asked = {"name": "ERP", "scopes": ["reconcile"], "last_day": None} | changed
    with pytest.raises(UnableToCreateToken) as refused:
        create_token(company=company, now=NOON, actor="cli", **asked)
    assert refused.value.sentence.code == code
    assert not ApiToken.objects.exists()


def test_a_scope_holds_no_other(company, paid_line):
    reader = Program(token_of(company, "receipts:read"))
    assert reader.get(f"bank-lines/{paid_line.pk}").status_code == 200
    assert refusal(reader.post("reconciliations")) == (403, "scope_missing")
    assert refusal(reader.post("matches/1/accept")) == (403, "scope_missing")
    writer = Program(token_of(company, "receipts:write", "reconcile"))
    assert refusal(writer.get("bank-lines")) == (403, "scope_missing")


def test_requests_of_a_token_are_counted_by_the_minute(company):
    text = token_of(company, "receipts:read")
    for _ in range(3):
        use_token(text=text, now=NOON, per_minute=3)
    with pytest.raises(UnableToKeepUp) as refused:
        use_token(text=text, now=NOON, per_minute=3)
    assert 50 <= refused.value.retry_after_seconds <= 51
    use_token(text=text, now=NOON + timedelta(seconds=50), per_minute=3)
    other = token_of(company, "receipts:read")
    use_token(text=other, now=NOON, per_minute=3)


def test_asking_too_often_is_told_when_to_come_back(program, settings):
    settings.API_REQUESTS_PER_MINUTE = 0
    response = program.get("bank-lines")
    assert refusal(response) == (429, "too_many_requests")
    assert 1 <= int(response["Retry-After"]) <= 61


def test_who_is_signed_in_is_nobody_here(company, paid_line):
    person = get_user_model().objects.create_user("admin@lumen.example", "a-long-enough-password")
    Membership.objects.create(user=person, company=company, role="admin")
    browser = Client()
    browser.force_login(person)
    assert refusal(browser.get("/api/v1/bank-lines")) == (401, "token_refused")
    assert browser.get("/").status_code == 200


def test_no_cookie_and_no_other_origin_is_let_in(program):
    response = program.get("bank-lines")
    assert not response.cookies
    assert not any(name.lower().startswith("access-control") for name in response.headers)


def test_a_large_body_is_not_read(program):
    response = program.post("reconciliations", {"padding": "x" * MAX_BODY_BYTES})
    assert refusal(response) == (413, "request_too_large")


def test_an_unknown_address_and_method_are_problems_too(program):
    assert refusal(program.get("nothing")) == (404, "not_found")
    response = Client().delete("/api/v1/bank-lines")
    assert refusal(response) == (405, "method_refused")
    assert response["Allow"] == "GET"


def test_what_is_no_json_is_a_problem(program):
    response = Client().post(
        "/api/v1/reconciliations", "{", content_type="application/json",
        headers={"Authorization": f"Bearer {program.token}"},
    )  # fmt: skip
    assert refusal(response) == (400, "request_not_read")


def test_a_fault_of_ours_tells_nothing_of_it(program, monkeypatch):
    def broken(**_):
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr("encours.api.bank_lines.lines_after", broken)
    client = Client(raise_request_exception=False)
    response = client.get("/api/v1/bank-lines", headers={"Authorization": f"Bearer {program.token}"})
    assert refusal(response) == (500, "request_failed")
    assert b"swordfish" not in response.content


@pytest.mark.parametrize(
    ("asked", "language", "word"),
    [
        ("fr-CA,en;q=0.5", "fr", "jeton"),
        ("de,en;q=0.5", "en", "token"),
        ("de", "fr", "jeton"),
        ("", "fr", "jeton"),
    ],
)
def test_refusals_speak_the_readers_language(db, asked, language, word):
    response = Client().get("/api/v1/bank-lines", headers={"Accept-Language": asked})
    assert response["Content-Language"] == language
    assert word in response.json()["detail"]
