"""Files for the bank: what is in them, never twice, never more than announced, made whole or not at all."""

import os
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from lxml import etree

from encours.actions.charge_announced import charge_announced
from encours.actions.fetch_lost_events import fetch_lost_events
from encours.actions.follow_charge import follow_charge
from encours.actions.hand_in_direct_debit_file import (
    UnableToChangeFile,
    cancel_direct_debit_file,
    hand_in_direct_debit_file,
)
from encours.actions.hold_receivable import hold_receivable
from encours.actions.make_direct_debit_files import make_direct_debit_files
from encours.actions.revoke_mandate import BY_CUSTOMER, revoke_mandate
from encours.actions.write_direct_debit_file import UnableToMakeFiles
from encours.ports.connections import UnableToAsk
from encours.ports.direct_debits import Address, Collection, DirectDebit, UnableToWriteFile
from encours.providers.gateways.sepa_file import OLDER, SepaFile, SepaFileConfig
from encours.queries.direct_debits import direct_debit_file, direct_debit_file_content, direct_debit_files
from encours.store.models import (
    Charge,
    ChargeNotice,
    DirectDebitFile,
    GatewayConnection,
    Message,
    PaymentMandate,
    Payout,
)
from encours.store.tenancy import company_scope
from tests import cast
from tests.direct_debit.conftest import CREDITOR, DUE, IBANS, MADE, NOW, TODAY, announce, owed, sign
from tests.dunning.conftest import at

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).with_name("golden")


def make(company, on=MADE, **more):
    return make_direct_debit_files(
        company=company, on=on, now=at(on), actor="t", accept_bank_age=True, **more
    )


def content_of(company, file_id) -> bytes:
    found = direct_debit_file_content(company=company, file_id=file_id)
    assert found is not None
    return found[1].path.read_bytes()


def said(content: bytes, *names: str) -> list[tuple[str, ...]]:
    """Texts of these elements in each debit."""
    debits = etree.fromstring(content).iter("{*}DrctDbtTxInf")
    return [tuple(next(each.iter(f"{{*}}{name}")).text or "" for name in names) for each in debits]


def texts(content: bytes, name: str) -> list[str]:
    return [each.text or "" for each in etree.fromstring(content).iter(f"{{*}}{name}")]


def test_announced_two_weeks_before_and_put_into_a_file_in_time(company, dubois, mandate, post_office):
    owed(company, dubois)
    announce(company)
    message = Message.objects.get(template="charge_notice")
    for told in ("31/03/2026", "500,00", "0189", "RUM-0001", "FR72ZZZ123456", "FA-1"):
        assert told in message.text, told
    assert make(company, MADE - timedelta(days=1)).file_ids == ()
    [file_id] = make(company).file_ids
    content = content_of(company, file_id)
    charge = Charge.objects.get()
    assert said(content, "EndToEndId", "InstdAmt", "MndtId", "DtOfSgntr", "Nm", "IBAN", "Ustrd") == [
        (charge.reference, "500.00", "RUM-0001", "2026-01-15", "Boulangerie Dubois SARL", IBANS[0], "FA-1")
    ]
    assert texts(content, "ReqdColltnDt") == ["2026-03-31"]
    assert texts(content, "SeqTp") == ["FRST"]
    assert texts(content, "Cd")[:2] == ["SEPA", "CORE"]
    assert (charge.state, charge.collection_date, charge.sequence_type) == ("pending", DUE, "FRST")
    assert ChargeNotice.objects.get().state == "charged"
    found = direct_debit_file(company=company, file_id=file_id)
    assert found is not None
    assert (found.row.total_cents, found.row.charge_count, found.row.state) == (50_000, 1, "made")
    assert Payout.objects.get().amount_cents == 50_000


def test_made_again_nothing_more_and_the_same_bytes(company, dubois, mandate, post_office):
    owed(company, dubois)
    announce(company)
    [file_id] = make(company).file_ids
    before = content_of(company, file_id)
    assert make(company).file_ids == make(company, MADE + timedelta(days=4)).file_ids == ()
    assert content_of(company, file_id) == before
    # what charges by mandate at services, and what follows it, leaves it alone
    assert (
        charge_announced(company=company, on=DUE, now=at(DUE), actor="t", accept_bank_age=True).charge_ids
        == ()
    )
    fetch_lost_events(company=company, now=at(DUE))
    with pytest.raises(UnableToAsk):
        follow_charge(company=company, charge_id=Charge.objects.get().pk, now=at(DUE))
    assert [each.state for each in Charge.objects.all()] == ["pending"]


def test_files_by_scheme_and_day_batches_by_sequence(company, dubois, mandate, post_office):
    martin = cast.late_payer(company)
    sign(
        company,
        martin,
        reference="RUM-B2B",
        iban=IBANS[1],
        kind="sepa_b2b",
        bank_confirmed_date=date(2026, 2, 1),
    )
    petit = cast.customer(company, "P", "Petit SAS", email="petit@example.test")
    sign(company, petit, reference="RUM-P", iban=IBANS[3], last_used_date=date(2026, 2, 2))
    for number, customer, due in (
        ("1", dubois, DUE),
        ("2", dubois, DUE),
        ("3", petit, DUE),
        ("4", martin, DUE),
    ):
        owed(company, customer, number, 10_000, due)
    owed(company, petit, "5", 7_000, date(2026, 4, 1))
    announce(company)
    announce(company, date(2026, 3, 18))
    made = make(company, until=date(2026, 4, 1)).file_ids
    rows = [direct_debit_file(company=company, file_id=each) for each in made]
    assert [(each.row.scheme, each.row.collection_date, each.row.total_cents) for each in rows if each] == [
        ("sepa_b2b", DUE, 10_000), ("sepa_core", DUE, 30_000), ("sepa_core", date(2026, 4, 1), 7_000),
    ]  # fmt: skip
    content = content_of(company, made[1])
    assert texts(content, "SeqTp") == ["FRST", "RCUR"]
    assert texts(content, "CtrlSum") == ["300.00", "100.00", "200.00"]
    assert texts(content_of(company, made[0]), "Cd")[1] == "B2B"
    assert sorted(Payout.objects.values_list("amount_cents", flat=True)) == [7_000, 10_000, 10_000, 20_000]


@pytest.mark.parametrize("why", ["paid", "held", "mandate ended", "not told", "too late"])
def test_looked_at_once_more_when_the_file_is_made(why, company, dubois, mandate, post_office):
    document = owed(company, dubois)
    announce(company)
    on = MADE
    if why == "paid":
        type(document).objects.filter(pk=document.pk).update(open_cents=0)
    elif why == "held":
        hold_receivable(
            company=company, customer_id=dubois.pk, document_id=document.pk, kind="pause", reason="vu avec lui",
            from_date=TODAY, actor="t",
        )  # fmt: skip
    elif why == "mandate ended":
        revoke_mandate(company=company, mandate_id=mandate.pk, reason=BY_CUSTOMER(), now=NOW, actor="t")
    elif why == "not told":
        Message.objects.filter(template="charge_notice").update(state="failed")
    else:
        on = DUE + timedelta(days=10)
    assert make(company, on).file_ids == ()
    notice = ChargeNotice.objects.get()
    assert (notice.state, bool(notice.reason)) == ("canceled", True)
    assert not Charge.objects.exists()


def test_told_later_it_is_collected_later(company, dubois, mandate, post_office):
    owed(company, dubois)
    announce(company, TODAY + timedelta(days=9))  # 19 March: two weeks lead to 2 April
    [file_id] = make(company, date(2026, 3, 31)).file_ids
    assert texts(content_of(company, file_id), "ReqdColltnDt") == ["2026-04-02"]


def test_a_one_off_mandate_is_debited_once(company, dubois, bank, mandate, post_office):
    PaymentMandate.objects.update(is_one_off=True)
    owed(company, dubois, "FA-1"), owed(company, dubois, "FA-2")
    announce(company)
    [file_id] = make(company).file_ids
    assert texts(content_of(company, file_id), "SeqTp") == ["OOFF"]
    assert Charge.objects.count() == 1
    dropped = ChargeNotice.objects.get(state="canceled")
    assert dropped.reason is not None
    assert dropped.reason["code"] == "mandate.used_up"


def test_a_mandate_nothing_was_debited_by_for_three_years_is_over(company, dubois, mandate, post_office):
    owed(company, dubois)
    announce(company)
    PaymentMandate.objects.update(expires_date=MADE - timedelta(days=1))
    assert make(company).file_ids == ()
    mandate.refresh_from_db()
    assert (mandate.state, mandate.ended_reason["code"]) == ("expired", "mandate.disuse_ended")


def test_canceled_before_it_is_handed_in_all_goes_into_the_next(company, dubois, mandate, post_office):
    owed(company, dubois)
    announce(company)
    [file_id] = make(company).file_ids
    assert cancel_direct_debit_file(company=company, file_id=file_id, now=at(MADE), actor="t") == 1
    assert cancel_direct_debit_file(company=company, file_id=file_id, now=at(MADE), actor="t") == 0
    with pytest.raises(UnableToChangeFile):
        hand_in_direct_debit_file(company=company, file_id=file_id, now=at(MADE), actor="t")
    [again] = make(company).file_ids
    assert content_of(company, again) != content_of(company, file_id)
    assert texts(content_of(company, again), "SeqTp") == ["FRST"]
    assert hand_in_direct_debit_file(company=company, file_id=again, now=at(MADE), actor="t")
    assert not hand_in_direct_debit_file(company=company, file_id=again, now=at(MADE), actor="t")
    with pytest.raises(UnableToChangeFile):
        cancel_direct_debit_file(company=company, file_id=again, now=at(MADE), actor="t")
    assert sorted(Charge.objects.values_list("state", flat=True)) == ["canceled", "pending"]


def test_a_mandate_that_is_presented_lives_for_another_three_years(company, dubois, mandate, post_office):
    owed(company, dubois)
    announce(company)
    [file_id] = make(company).file_ids
    mandate.refresh_from_db()
    assert (mandate.last_used_date, mandate.expires_date) == (None, date(2029, 1, 15))
    hand_in_direct_debit_file(company=company, file_id=file_id, now=at(MADE), actor="t")
    mandate.refresh_from_db()
    assert (mandate.first_used_date, mandate.last_used_date, mandate.expires_date) == (
        DUE,
        DUE,
        date(2029, 3, 31),
    )


def test_nothing_while_it_is_paused_in_test_mode_or_the_bank_is_unknown(
    company, dubois, mandate, post_office
):
    owed(company, dubois)
    announce(company)
    GatewayConnection.objects.update(state="paused")
    with pytest.raises(UnableToMakeFiles):
        make(company)
    GatewayConnection.objects.update(state="active")
    company.is_test_mode = True
    company.save()
    assert make(company).warning is not None
    assert not DirectDebitFile.objects.exists()


def test_another_company_sees_nothing(company, other_company, dubois, mandate, post_office):
    owed(company, dubois)
    announce(company)
    [file_id] = make(company).file_ids
    with company_scope(other_company.pk):
        assert direct_debit_files(company=other_company, number=1, size=10).count == 0
        assert direct_debit_file(company=other_company, file_id=file_id) is None
        assert direct_debit_file_content(company=other_company, file_id=file_id) is None
        with pytest.raises(DirectDebitFile.DoesNotExist):
            cancel_direct_debit_file(company=other_company, file_id=file_id, now=NOW, actor="t")


def collection(*debits: DirectDebit, scheme="CORE") -> Collection:
    return Collection("EC260327ABCDEF012345", at(MADE), scheme, DUE, debits)


def debit(rank: int = 1, **details) -> DirectDebit:
    values = {
        "reference": f"EC{rank:016d}", "amount_cents": 12_345, "sequence_type": "RCUR", "mandate_reference": "RUM-1",
        "signed_date": date(2026, 1, 15), "holder_name": "Œuvre & Fils <Société>", "iban": IBANS[0], "label": "FA-1",
    }  # fmt: skip
    return DirectDebit(**{**values, **details})


def bank_of(**details) -> SepaFile:
    return SepaFile(SepaFileConfig(**{**CREDITOR, **details}))


@pytest.mark.parametrize(
    ("name", "version", "scheme"),
    [("core_08", None, "CORE"), ("b2b_08", None, "B2B"), ("core_02", OLDER, "CORE")],
)
def test_the_same_collection_is_the_same_bytes(name, version, scheme):
    told = collection(
        debit(1, sequence_type="FRST", bic="AGRIFRPP"),
        debit(2, iban=IBANS[1], amount_cents=1),
        debit(3, iban=IBANS[2], bic="NWBKGB2L", address=Address("1 High St", "N1 1AA", "London", "GB")),
        scheme=scheme,
    )
    content = bank_of(**({"version": version} if version else {})).write(told)
    path = GOLDEN / f"{name}.xml"
    if os.environ.get("ENCOURS_RECORD"):
        path.write_bytes(content)
    assert content == path.read_bytes()


def test_what_the_standard_does_not_allow_is_not_written():
    with pytest.raises(UnableToWriteFile):
        bank_of().write(collection(debit(iban="nonsense")))
    with pytest.raises(UnableToWriteFile):
        bank_of().write(collection(debit(mandate_reference="x" * 36)))


@settings(max_examples=20, deadline=None)
@drawn(
    st.lists(
        st.tuples(st.integers(1, 99_999_999_999), st.sampled_from(["FRST", "RCUR", "OOFF", "FNAL"])),
        min_size=1,
        max_size=30,
    ),
    st.text(min_size=1, max_size=90),
)
def test_no_cent_is_lost_and_whatever_the_name_the_file_is_valid(amounts, name):
    debits = [
        debit(rank, amount_cents=cents, sequence_type=kind, holder_name=f"A{name}", label=name)
        for rank, (cents, kind) in enumerate(amounts)
        if name.isprintable() and any(each.isascii() and each.isalnum() for each in name)
    ]
    if not debits:
        return
    content = bank_of().write(collection(*debits))
    total = sum(cents for cents, _ in amounts)
    assert int(Decimal(texts(content, "CtrlSum")[0]) * 100) == total
    assert sum(int(Decimal(each) * 100) for each in texts(content, "InstdAmt")) == total
    assert texts(content, "NbOfTxs")[0] == str(len(amounts))
