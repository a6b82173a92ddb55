"""SEPA mandates on paper: what is refused and why, what is sealed, what ends them, a table of them."""

import json
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from encours.actions.change_credential_key import change_credential_key
from encours.actions.change_creditor import change_creditor
from encours.actions.give_mandates import UnableToGiveMandates, give_mandates
from encours.actions.new_connection import UnableToConnect
from encours.actions.read_mandates import read_mandates
from encours.actions.seal_mandate import account_of
from encours.cli import direct_debit, direct_debit_mandates
from encours.cli.main import app
from encours.core.payments.direct_debits import (
    add_target_days,
    collection_day,
    is_creditor_identifier,
    is_mandate_reference,
    plain,
    sequence_of,
)
from encours.ports.files import UnableToReadFile
from encours.queries.direct_debits import creditor
from encours.queries.mandates import mandates
from encours.store.models import GatewayConnection, PaymentMandate
from encours.store.tenancy import company_scope
from tests import cast
from tests.direct_debit.conftest import CREDITOR, IBANS, NOW, TODAY, given, sign

pytestmark = pytest.mark.django_db


def problems(company, customer, **details):
    done = give_mandates(company=company, entries=[given(customer, **details)], on=TODAY, now=NOW, actor="t")
    return [(each.field, each.code.removeprefix("direct_debit_mandate.")) for each in done.problems]


def test_a_mandate_is_in_force_and_its_account_is_sealed(company, dubois, bank):
    mandate = sign(company, dubois)
    assert (mandate.state, mandate.kind, mandate.last_digits, mandate.bank_country) == (
        "active",
        "sepa_core",
        "0189",
        "FR",
    )
    assert mandate.expires_date == date(2029, 1, 15)
    assert account_of(mandate) == IBANS[0]
    row = PaymentMandate.objects.filter(pk=mandate.pk).values().get()
    assert IBANS[0] not in json.dumps(row, default=str)
    assert mandate.evidence["said"] == "Mandat de prélèvement SEPA RUM-0001, signé le 15/01/2026"
    [told] = mandates(company=company, language="fr", provider="sepa_file")
    assert (told["reference"], told["means"]) == (
        "RUM-0001",
        "prélèvement SEPA sur le compte se terminant par 0189",
    )


def test_a_sealed_account_opens_in_its_own_row_only(company, dubois, bank):
    first, second = sign(company, dubois), sign(company, dubois, reference="RUM-2", iban=IBANS[1])
    second.sealed_iban = first.sealed_iban
    with pytest.raises(Exception, match="belong elsewhere"):
        account_of(second)


def test_accounts_are_sealed_again_with_a_new_key(company, dubois, bank):
    mandate = sign(company, dubois)
    before = mandate.sealed_iban
    change_credential_key(companies=[company], actor="t")
    change_credential_key(companies=[company], actor="t")
    mandate.refresh_from_db()
    assert mandate.sealed_iban != before
    assert account_of(mandate) == IBANS[0]


@pytest.mark.parametrize(
    ("details", "told"),
    [
        ({"iban": "FR7630006000011234567890188"}, [("iban", "iban")]),
        ({"iban": "US64SVBKUS6S3300958879"}, [("iban", "iban")]),
        ({"iban": IBANS[2]}, [("bic", "needs_bic")]),
        ({"iban": IBANS[2], "bic": "NWBKGB2L"}, []),
        ({"bic": "BNP"}, [("bic", "bic")]),
        ({"reference": "x" * 36}, [("reference", "reference")]),
        ({"reference": "Référence"}, [("reference", "reference")]),
        ({"reference": "A//B"}, [("reference", "reference")]),
        ({"holder_name": " "}, [("holder_name", "holder")]),
        ({"signed_date": None}, [("signed_date", "signed")]),
        ({"signed_date": date(2026, 3, 11)}, [("signed_date", "signed_later")]),
        ({"signed_date": date(2023, 3, 9)}, [("signed_date", "disused")]),
        ({"signed_date": date(2019, 3, 9), "last_used_date": date(2025, 3, 9)}, []),
        ({"kind": "sepa_b2b"}, [("bank_confirmed_date", "not_confirmed")]),
        ({"kind": "sepa_b2b", "bank_confirmed_date": date(2026, 2, 1)}, []),
        ({"pays_on_due_date": False, "pays_overdue": False}, [("purposes", "no_purpose")]),
    ],
)  # fmt: skip
def test_what_no_bank_would_take_is_refused_with_its_field(details, told, company, dubois, bank):
    assert problems(company, dubois, **details) == told
    assert PaymentMandate.objects.count() == (0 if told else 1)


def test_a_person_cannot_sign_a_business_mandate(company, bank):
    person = cast.customer(company, "P1", "Jeanne Petit", kind="person")
    assert ("scheme", "not_for_people") in problems(
        company, person, kind="sepa_b2b", bank_confirmed_date=date(2026, 2, 1)
    )


def test_given_again_it_is_unchanged_and_given_otherwise_refused(company, dubois, bank):
    sign(company, dubois)
    assert problems(company, dubois) == []
    assert problems(company, dubois, reference="rum-0001", iban=IBANS[1]) == [
        ("reference", "known_otherwise")
    ]
    twice = [given(dubois, reference="R9"), given(dubois, reference="r9")]
    done = give_mandates(company=company, entries=twice, on=TODAY, now=NOW, actor="t")
    assert ([each.code for each in done.problems], len(done.references)) == (
        ["direct_debit_mandate.given_twice"],
        1,
    )


def test_nothing_without_a_creditor_nor_for_another_companys_customer(company, other_company, dubois):
    with pytest.raises(UnableToGiveMandates):
        give_mandates(company=company, entries=[given(dubois)], on=TODAY, now=NOW, actor="t")
    with company_scope(other_company.pk):
        change_creditor(company=other_company, given=CREDITOR, actor="t")
        assert problems(other_company, dubois) == [("customer", "no_customer")]
        assert mandates(company=other_company, language="fr") == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"creditor_identifier": "FR73ZZZ123456"}, "sepa_file.bad_identifier"),
        ({"iban": "FR7630004000031234567890144"}, "sepa_file.bad_iban"),
        ({"bic": "BNP"}, "sepa_file.bad_bic"),
        ({"lead_days": 40}, "sepa_file.bad_lead"),
        ({"version": "pain.008.001.02", "bic": ""}, "sepa_file.bic_missing"),
        ({"version": "pain.009"}, "bank_connection.bad_setting"),
    ],
)
def test_a_creditor_no_bank_knows_is_refused(wrong, code, company):
    with pytest.raises(UnableToConnect) as refused:
        change_creditor(company=company, given={**CREDITOR, **wrong}, actor="t")
    assert refused.value.sentence.code == code
    assert creditor(company=company) is None


def test_another_account_of_the_creditor_keeps_its_mandates(company, dubois, bank):
    mandate = sign(company, dubois)
    change_creditor(company=company, given={"iban": IBANS[3], "bic": "GKCCBEBB"}, actor="t")
    told = creditor(company=company)
    assert told is not None
    assert (told.iban, told.identifier, told.connection_id) == (
        IBANS[3],
        "FR72ZZZ123456",
        mandate.connection_id,
    )
    assert GatewayConnection.objects.count() == 1


TABLE = """Code client;RUM;IBAN;Titulaire;Date de signature;Schéma;Confirmé par la banque le;Plafond
{code};RUM-1;FR76 3000 6000 0112 3456 7890 189;Dubois;15/01/2026;CORE;;
{code};RUM-2;FR7630006000011234567890188;Dubois;15/01/2026;;;
NIX;RUM-3;DE89370400440532013000;Nix;15/01/2026;;;
{code};RUM-4;DE89370400440532013000;Dubois;demain;B2B;;mille
{code};RUM-5;DE89370400440532013000;Dubois;15/01/2026;B2B;2026-02-01;1 500,00
{code};RUM-1;FR76 3000 6000 0112 3456 7890 189;Dubois;15/01/2026;CORE;;
"""


def test_a_table_of_mandates_tells_each_refused_line(company, dubois, bank, tmp_path, encours):
    path = tmp_path / "mandats.csv"
    path.write_text(TABLE.format(code=dubois.code), encoding="utf-8")
    code, told = encours("mandate", "import", str(path), "--on", "2026-03-10")
    assert (code, told["created"], told["unchanged"], told["refused"]) == (1, 2, 0, 4)
    where = [
        (each["file"], each["line"], each["field"], each["code"].split(".")[1]) for each in told["problems"]
    ]
    assert where == [
        ("mandats.csv", 3, "iban", "iban"),
        ("mandats.csv", 4, "code", "unknown_customer"),
        ("mandats.csv", 5, "signed_date", "no_date"),
        ("mandats.csv", 5, "max_cents", "no_amount"),
        ("mandats.csv", 7, "reference", "given_twice"),
    ]
    assert "30006" not in json.dumps(told)
    second = PaymentMandate.objects.get(reference="RUM-5")
    assert (second.kind, second.max_cents, second.bank_confirmed_date) == (
        "sepa_b2b",
        150_000,
        date(2026, 2, 1),
    )
    assert encours("mandate", "import", str(path), "--on", "2026-03-10")[1]["unchanged"] == 3


@pytest.mark.parametrize(
    "content", [b"", b"a;b\n1;2\n", b"\x00\xff" * 50, b"<Document/>", b"PK\x03\x04" + b"0" * 40]
)
def test_what_is_no_table_of_mandates_is_refused_whole(content, company, bank, tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(UnableToReadFile):
        read_mandates(company=company, path=path)


@pytest.fixture
def encours(company, monkeypatch):
    """Runs `encours direct-debit` in this process, in the company's scope; what it answers."""

    @contextmanager
    def chosen(slug: str, *, as_json: bool):
        yield company

    for module in (direct_debit, direct_debit_mandates):
        monkeypatch.setattr(module, "company", chosen)
    monkeypatch.setenv("ENCOURS_LANGUAGE", "en")

    def run(*given: str):
        result = CliRunner().invoke(app, ["direct-debit", *given, "--json"])
        return result.exit_code, json.loads(result.stdout)

    return run


def test_from_the_command_line(company, dubois, encours):
    assert encours("creditor")[0] == 2
    code, told = encours(
        "creditor", "--name", "Ventalune", "--identifier", "fr72 zzz 123456", "--iban", CREDITOR["iban"]
    )
    assert (code, told["identifier"]) == (0, "FR72ZZZ123456")
    code, told = encours(
        "mandate", "add", "--customer", dubois.code, "--iban", IBANS[0], "--signed", "2026-01-15", "--holder", "Dubois",
        "--on", "2026-03-10",
    )  # fmt: skip
    assert (code, told["unchanged"]) == (0, 0)
    [reference] = told["references"]
    assert is_mandate_reference(reference)
    assert encours("mandate", "revoke", reference)[1]["state"] == "revoked"
    assert [each["state"] for each in encours("mandate", "list")[1]["mandates"]] == ["revoked"]
    code, told = encours(
        "mandate",
        "add",
        "--customer",
        dubois.code,
        "--iban",
        "FR00",
        "--signed",
        "2026-01-15",
        "--holder",
        "Dubois",
    )
    assert (code, told["problems"][0]["field"]) == (1, "iban")


def test_identifiers_known_to_be_right():
    """The Bundesbank's example, and those of the EPC's own guide."""
    assert is_creditor_identifier("DE98ZZZ09999999999")
    assert is_creditor_identifier("DE98ABC09999999999"), "the business code is no part of the key"
    assert not is_creditor_identifier("DE98ZZZ09999999998")
    assert not is_creditor_identifier("FR72ZZZ1234567")


def test_days_and_sequences():
    good_friday, monday = date(2026, 4, 3), date(2026, 4, 7)
    assert add_target_days(date(2026, 4, 2), 1) == monday
    assert add_target_days(good_friday, 0) == monday
    days = {
        "announced_date": date(2026, 3, 31),
        "told_date": date(2026, 3, 17),
        "notice_days": 14,
        "lead_days": 2,
    }
    assert collection_day(**days, on=date(2026, 3, 27)) == date(2026, 3, 31)
    assert collection_day(**days, on=date(2026, 3, 30)) == date(2026, 4, 1)
    assert collection_day(**{**days, "told_date": date(2026, 3, 20)}, on=date(2026, 3, 27)) == monday
    assert sequence_of(is_one_off=True, is_ending=False, was_collected=False) == "OOFF"
    assert sequence_of(is_one_off=False, is_ending=False, was_collected=False) == "FRST"
    assert sequence_of(is_one_off=False, is_ending=False, was_collected=True) == "RCUR"
    assert sequence_of(is_one_off=False, is_ending=True, was_collected=True) == "FNAL"
    assert plain("Ça coûte 5 € <b>", 70) == "Ca coute 5 b"
