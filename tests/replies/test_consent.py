"""A mailbox at Microsoft 365 or Google is read on a person's behalf: asked once, renewed by itself, and told when a person must act."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connections

from encours.actions.authorise_mailbox import (
    UnableToTakeConsent,
    ask_for_consent,
    open_mailbox,
    take_consent,
)
from encours.actions.change_connection import replace_secrets, revoke_connection
from encours.actions.change_credential_key import change_credential_key
from encours.actions.connect_mailbox import check_mailbox, connect_mailbox
from encours.actions.read_mailbox import MailboxRead, read_mailbox
from encours.ports.connections import ConnectionKind, UnableToAsk
from encours.queries.connections import due_connections
from encours.store.models import Company, JournalEntry, Mailbox, MailboxConsent, Reply
from encours.store.secrets import unseal
from encours.store.tenancy import company_scope
from tests.replies.identity_service import CLIENT_ID, CLIENT_SECRET, IdentityService
from tests.replies.imap_server import ImapServer, imap_server
from tests.replies.mails import NOON, mail

BACK = "https://encours.example/reglages/boites/accord/"
CLAIRE, KARIM = 7, 8


@pytest.fixture
def identity() -> Iterator[IdentityService]:
    with IdentityService() as running:
        yield running


@pytest.fixture
def server() -> Iterator[ImapServer]:
    with imap_server() as running:
        running.bearer = "nobody has it yet"
        yield running


def added(
    company: Company, server: ImapServer, identity: IdentityService, provider: str = "microsoft"
) -> Mailbox:
    given = {
        "username": server.username, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "tenant": "lumen.example",
    }  # fmt: skip
    mailbox = connect_mailbox(company=company, provider=provider, name="Relances", given=given, actor="test")
    tenant = "/{tenant}" if provider == "microsoft" else ""
    mailbox.settings |= {
        "host": "localhost", "port": server.port, "certificate": server.certificate,
        "authorize_url": f"https://login.example{tenant}/authorize", "token_url": f"{identity.url}{tenant}/token",
    }  # fmt: skip
    mailbox.save()
    return mailbox


def asked(mailbox: Mailbox, *, person: int = CLAIRE, minutes: float = 0) -> str:
    return ask_for_consent(
        company=mailbox.company, mailbox_id=mailbox.pk, redirect_url=BACK, person_id=person,
        now=NOON + timedelta(minutes=minutes),
    )  # fmt: skip


def brought(company: Company, state: str, code: str, **more: Any) -> Mailbox:
    about: dict[str, Any] = {"refusal": "", "person_id": CLAIRE, "now": NOON, "actor": "claire", **more}
    return take_consent(company=company, state=state, code=code, **about)


def authorised(
    company: Company, server: ImapServer, identity: IdentityService, provider: str = "microsoft"
) -> Mailbox:
    mailbox = added(company, server, identity, provider)
    state, code = identity.person_says_yes(asked(mailbox))
    mailbox = brought(company, state, code)
    server.bearer = identity.access_token
    return mailbox


def read(mailbox: Mailbox, *, minutes: float = 0) -> MailboxRead:
    now = NOON + timedelta(minutes=minutes)
    return read_mailbox(company=mailbox.company, mailbox_id=mailbox.pk, now=now, actor="worker")


def kept(mailbox: Mailbox) -> dict[str, str]:
    mailbox.refresh_from_db()
    return unseal(mailbox.sealed, owner=mailbox.seal_owner)


@pytest.mark.parametrize("provider", ["microsoft", "google"])
@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_a_person_says_yes_and_mail_comes_in(
    company: Company, server: ImapServer, identity: IdentityService, provider: str, mechanism: str
) -> None:
    server.offers_bearer = mechanism
    server.put(mail("Je paie vendredi."), received_at=NOON)
    mailbox = added(company, server, identity, provider)
    assert mailbox.state == "pending"
    assert due_connections(kind=ConnectionKind.MAILBOX, company=company, now=NOON) == []

    state, code = identity.person_says_yes(asked(mailbox))
    mailbox = brought(company, state, code)
    server.bearer = identity.access_token

    assert mailbox.state == "active"
    assert due_connections(kind=ConnectionKind.MAILBOX, company=company, now=NOON) == [mailbox.pk]
    assert check_mailbox(company=company, mailbox_id=mailbox.pk, now=NOON) == 1
    assert len(read(mailbox).reply_ids) == 1
    assert Reply.objects.get().text == "Je paie vendredi."
    assert JournalEntry.objects.filter(company=company, action="mailbox.authorised").count() == 1


def test_the_question_names_the_mailbox_and_asks_for_what_can_be_renewed(
    company: Company, server: ImapServer, identity: IdentityService
) -> None:
    url = urlsplit(asked(added(company, server, identity)))
    told = dict(parse_qsl(url.query))
    assert (url.netloc, url.path) == ("login.example", "/lumen.example/authorize")
    assert told["login_hint"] == server.username
    assert "offline_access" in told["scope"]
    assert told["redirect_uri"] == BACK
    told = dict(parse_qsl(urlsplit(asked(added(company, server, identity, "google"))).query))
    assert (told["access_type"], told["prompt"]) == ("offline", "consent")


def test_tokens_are_sealed_and_nowhere_else(
    company: Company, server: ImapServer, identity: IdentityService
) -> None:
    mailbox = authorised(company, server, identity)
    row = Mailbox.objects.filter(pk=mailbox.pk).values().get()
    for secret in (identity.access_token, identity.refresh_token, CLIENT_SECRET):
        assert secret not in repr(row)
        assert secret not in repr(list(JournalEntry.objects.values()))
        assert secret not in repr(open_mailbox(mailbox=mailbox, now=NOON)._config)
    assert kept(mailbox)["refresh_token"] == identity.refresh_token


def test_an_answer_counts_once_and_only_of_who_was_sent(
    company: Company, other_company: Company, server: ImapServer, identity: IdentityService
) -> None:
    mailbox = added(company, server, identity)
    state, code = identity.person_says_yes(asked(mailbox))
    guesses: list[dict[str, Any]] = [
        {"person_id": KARIM},
        {"now": NOON + timedelta(minutes=16)},
        {"state": f"{mailbox.pk}.guessed"},
        {"state": state[:-1]},
        {"state": ""},
        {"state": "9" * 30 + ".x"},
    ]
    for guess in guesses:
        with pytest.raises(UnableToTakeConsent):
            brought(company, guess.pop("state", state), code, **guess)
    with company_scope(other_company.pk), pytest.raises(UnableToTakeConsent):
        brought(other_company, state, code)
    assert brought(company, state, code).state == "active"
    with pytest.raises(UnableToTakeConsent):
        brought(company, state, code)
    assert identity.granted == 1


def test_asked_again_only_the_last_question_counts(
    company: Company, server: ImapServer, identity: IdentityService
) -> None:
    mailbox = added(company, server, identity)
    first = identity.person_says_yes(asked(mailbox))
    second = identity.person_says_yes(asked(mailbox))
    with pytest.raises(UnableToTakeConsent):
        brought(company, *first)
    assert brought(company, *second).state == "active"


def test_a_code_stolen_on_its_way_is_worth_nothing_elsewhere(
    company: Company, server: ImapServer, identity: IdentityService
) -> None:
    """PKCE: a code is exchanged by who asked for it, with the verifier only that side knows."""
    victim, thief = added(company, server, identity), added(company, server, identity)
    _, code = identity.person_says_yes(asked(victim))
    state, _ = identity.person_says_yes(asked(thief))
    with pytest.raises(UnableToAsk):
        brought(company, state, code)
    assert identity.granted == 0


def test_a_no_changes_nothing_and_is_told(
    company: Company, server: ImapServer, identity: IdentityService
) -> None:
    mailbox = added(company, server, identity)
    state, _ = identity.person_says_yes(asked(mailbox))
    with pytest.raises(UnableToTakeConsent) as raised:
        brought(company, state, "", refusal="access_denied")
    assert raised.value.mailbox_id == mailbox.pk
    assert "access_denied" in raised.value.sentence.say("fr")
    mailbox.refresh_from_db()
    assert mailbox.state == "pending"
    assert MailboxConsent.objects.count() == 0


def test_access_is_renewed_before_it_ends_and_the_new_token_kept(
    company: Company, server: ImapServer, identity: IdentityService
) -> None:
    mailbox = authorised(company, server, identity)
    first = identity.refresh_token
    read(mailbox, minutes=30)
    assert identity.granted == 1
    server.bearer = "access-2"
    assert read(mailbox, minutes=56).problem is None
    assert kept(mailbox)["refresh_token"] == identity.refresh_token != first
    server.bearer = "access-3"
    assert read(mailbox, minutes=150).problem is None
    assert identity.granted == 3


def test_a_service_that_does_not_rotate_keeps_its_token(
    company: Company, server: ImapServer, identity: IdentityService
) -> None:
    identity.rotates = False
    mailbox = authorised(company, server, identity, "google")
    for minutes, token in ((60, "access-2"), (120, "access-3")):
        server.bearer = token
        assert read(mailbox, minutes=minutes).problem is None
    assert kept(mailbox)["refresh_token"] == "refresh-1"


def test_a_rotated_token_is_kept_though_the_mailbox_does_not_answer(
    company: Company, server: ImapServer, identity: IdentityService
) -> None:
    mailbox = authorised(company, server, identity)
    server.bearer = "not this one"
    assert read(mailbox, minutes=60).problem is not None
    assert kept(mailbox)["refresh_token"] == identity.refresh_token == "refresh-2"


@pytest.mark.parametrize(
    ("error", "description", "code", "said"),
    [
        ("invalid_grant", "AADSTS700082: The refresh token has expired due to inactivity.", "mailbox_consent.over", "AADSTS700082"),
        ("invalid_grant", "Token has been expired or revoked.", "mailbox_consent.over", "invalid_grant"),
        ("interaction_required", "AADSTS50076: multi-factor", "mailbox_consent.over", "AADSTS50076"),
        ("unauthorized_client", "AADSTS700016: not found", "mailbox_consent.app_refused", "AADSTS700016"),
    ],
)  # fmt: skip
def test_a_consent_that_is_over_says_what_a_person_must_do(
    company: Company,
    server: ImapServer,
    identity: IdentityService,
    error: str,
    description: str,
    code: str,
    said: str,
) -> None:
    mailbox = authorised(company, server, identity)
    identity.refuses = (error, description)
    problem = read(mailbox, minutes=60).problem
    assert problem is not None
    assert problem.code == code
    assert said in problem.say("fr")
    assert due_connections(kind=ConnectionKind.MAILBOX, company=company, now=NOON + timedelta(hours=5)) == []
    # the person says yes again, and what came meanwhile is read
    identity.refuses = None
    server.put(mail("Payé."), received_at=NOON)
    state, answer = identity.person_says_yes(asked(mailbox, minutes=61))
    mailbox = brought(company, state, answer, now=NOON + timedelta(minutes=62))
    assert mailbox.problem is None
    server.bearer = identity.access_token
    assert len(read(mailbox, minutes=63).reply_ids) == 1


def test_a_secret_that_expired_is_replaced_without_a_new_consent(
    company: Company, server: ImapServer, identity: IdentityService
) -> None:
    mailbox = authorised(company, server, identity)
    which: dict[str, Any] = {
        "kind": ConnectionKind.MAILBOX,
        "company": company,
        "connection_id": mailbox.pk,
        "actor": "test",
    }
    replace_secrets(**which, given={"client_secret": "expired"})
    problem = read(mailbox, minutes=60).problem
    assert problem is not None
    assert problem.code == "mailbox_consent.app_refused"
    replace_secrets(**which, given={"client_secret": CLIENT_SECRET})
    server.bearer = "access-2"
    assert read(mailbox, minutes=61).problem is None


@pytest.mark.parametrize("trouble", [500, 503, 429, "cut"])
def test_a_service_that_is_away_is_asked_again(
    company: Company, server: ImapServer, identity: IdentityService, trouble: Any
) -> None:
    mailbox = authorised(company, server, identity)
    identity.troubles = [trouble]
    problem = read(mailbox, minutes=60).problem
    assert problem is not None
    assert problem.code in ("bank_connection.not_reached", "bank_connection.not_understood")
    assert due_connections(
        kind=ConnectionKind.MAILBOX, company=company, now=NOON + timedelta(minutes=66)
    ) == [mailbox.pk]


def test_access_that_was_withdrawn_early_is_renewed_at_the_next_look(
    company: Company, server: ImapServer, identity: IdentityService
) -> None:
    mailbox = authorised(company, server, identity)
    server.bearer = "access-2"  # a password was changed: what we hold no longer lets in
    with pytest.raises(UnableToAsk) as raised:
        check_mailbox(company=company, mailbox_id=mailbox.pk, now=NOON)
    assert raised.value.sentence.code == "mailbox_consent.mailbox_refused"
    assert check_mailbox(company=company, mailbox_id=mailbox.pk, now=NOON) == 0


def test_an_access_without_renewal_is_not_taken(
    company: Company, server: ImapServer, identity: IdentityService
) -> None:
    identity.renews = False
    state, code = identity.person_says_yes(asked(added(company, server, identity)))
    with pytest.raises(UnableToAsk) as raised:
        brought(company, state, code)
    assert raised.value.sentence.code == "mailbox_consent.no_renewal"


def test_a_server_without_such_a_way_in_says_so(
    company: Company, server: ImapServer, identity: IdentityService
) -> None:
    mailbox = authorised(company, server, identity)
    server.bearer = ""
    problem = read(mailbox).problem
    assert problem is not None
    assert problem.code == "mailbox_consent.no_bearer"


def test_a_revoked_mailbox_forgets_its_tokens_and_takes_no_answer(
    company: Company, server: ImapServer, identity: IdentityService
) -> None:
    mailbox = authorised(company, server, identity)
    state, code = identity.person_says_yes(asked(mailbox))
    revoke_connection(kind=ConnectionKind.MAILBOX, company=company, connection_id=mailbox.pk, actor="test")
    with pytest.raises(UnableToTakeConsent):
        brought(company, state, code)
    assert kept(mailbox) == {}


def test_a_new_key_seals_the_tokens_again(
    company: Company, server: ImapServer, identity: IdentityService
) -> None:
    mailbox = authorised(company, server, identity)
    change_credential_key(companies=[company], actor="test")
    assert kept(mailbox)["refresh_token"] == identity.refresh_token


def test_two_that_need_access_at_once_use_a_token_once(
    committed_db: None, server: ImapServer, identity: IdentityService
) -> None:
    from encours.actions.create_company import create_company

    company = create_company(name="Atelier Lumen SAS", siren="732829320", slug="lumen", actor="test")
    with company_scope(company.pk):
        mailbox = authorised(company, server, identity)
    problems: list[BaseException] = []
    ready = threading.Barrier(4)

    def open_one() -> None:
        try:
            with company_scope(company.pk):
                own = Mailbox.objects.get(pk=mailbox.pk)
                ready.wait(10)
                open_mailbox(mailbox=own, now=NOON + timedelta(minutes=60))
        except BaseException as error:  # noqa: BLE001  # shown below
            problems.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=open_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert problems == []
    assert identity.granted == 2
    with company_scope(company.pk):
        assert kept(mailbox)["refresh_token"] == identity.refresh_token
