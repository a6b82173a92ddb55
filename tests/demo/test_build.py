"""The whole way on a small company: files through the front door, the bank matched, reminders sent, doctor clean."""

from datetime import date

from encours.actions.build_demo import PASSWORD, TEAM, build_demo
from encours.queries.companies import company_with_id
from encours.queries.doctor import examine
from encours.store.models import (
    BankAccount,
    Customer,
    Document,
    ImportBatch,
    Membership,
    Message,
    Statement,
    Transaction,
    User,
)
from encours.store.tenancy import company_scope

ON = date(2026, 3, 18)


def test_the_demo_is_built_through_the_front_door(committed_db, tmp_path, settings):
    settings.CHANNELS = {"email": {"smtp_url": "", "folder": str(tmp_path / "mail")}}
    phases = []
    built = build_demo(
        folder=tmp_path / "files", seed=3, on=ON, scale=0.025, lived_days=2,
        progress=lambda phase, done, total: phases.append(phase),
    )  # fmt: skip
    assert list(dict.fromkeys(phases)) == ["files", "imports", "days", "today"]
    company = company_with_id(company_id=built.company_id)
    with company_scope(company.pk):
        assert [check.name for check in examine(company=company) if not check.ok] == []
        assert not ImportBatch.objects.exclude(state="done").exists()
        assert Customer.objects.count() == 10  # the customers of the e-invoices are those of the list
        assert Document.objects.count() == built.documents
        assert Transaction.objects.count() == built.transactions
        assert BankAccount.objects.count() == 2
        _assert_chained()
        # what is older than a week or so has been settled by somebody, or belongs to several customers
        old = Transaction.objects.filter(booked_date__lt=date(2026, 3, 1), amount_cents__gt=0)
        assert old.filter(state__in=["new", "proposed"]).count() <= 0.02 * old.count()
        sent = Message.objects.filter(state="sent")
        assert sent.count() == built.messages_sent > 0
        assert {message.sent_date for message in sent} <= {date(2026, 3, 16), date(2026, 3, 17)}
        assert all(message.recipient.endswith(".example") for message in sent)
        assert len(list((tmp_path / "mail").iterdir())) == built.messages_sent
    assert Membership.objects.filter(company=company).count() == len(TEAM)
    assert all(User.objects.get(email=email).check_password(PASSWORD) for email, *_ in TEAM)


def _assert_chained() -> None:
    """Each account's statements follow one another without a gap."""
    for account in BankAccount.objects.all():
        chain = list(Statement.objects.filter(account=account).order_by("closing_date", "id"))
        assert chain
        for before, after in zip(chain, chain[1:], strict=False):
            assert before.closing_cents == after.opening_cents
