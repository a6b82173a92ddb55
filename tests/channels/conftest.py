"""What the stories of channels need: Menuiserie Lefèvre owes FA-1 since 2 March 2026, and a policy of one step."""

from collections.abc import Callable
from datetime import date

import pytest

from encours.actions.run_dunning import run_dunning
from encours.actions.save_policy import save_policy
from encours.core.dunning.policy import Policy, Step
from encours.store.models import Company, Contact, Customer, Document, Message
from tests import cast
from tests.dunning.conftest import approve_all, bank_known

# Monday; a day later the first reminder is due
DUE = date(2026, 3, 2)
DAY = date(2026, 3, 3)


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.FILES_FOLDER = tmp_path / "files"
    settings.CHANNELS = {"email": {"folder": str(tmp_path / "mail")}}


@pytest.fixture
def lefevre(company) -> Customer:
    customer = cast.late_payer(company)
    Customer.objects.filter(pk=customer.pk).update(street="1 rue du Bois")
    Contact.objects.filter(customer=customer).update(phone="06 12 34 56 78")
    company.email = "compta@lumen.example"
    company.phone = "02 40 00 00 00"
    company.save()
    return customer


@pytest.fixture
def fa1(company, lefevre) -> Document:
    return cast.invoice(
        company, lefevre, "FA-1", payable_cents=120_000, issue_date=date(2026, 1, 31), due_date=DUE
    )


def policy_of(company: Company, *channels: str, template: str = "reminder_1") -> None:
    """One step a day after the due date, by these channels in their order."""
    step = Step(1, template, channels=channels)
    policy = Policy("standard", "Relance", min_gap_days=5, min_amount_cents=1_000, steps=(step,))
    save_policy(company=company, policy=policy, actor="test")


@pytest.fixture
def planned(company, fa1) -> Callable[..., Message]:
    """The reminder of FA-1, planned by these channels and approved."""

    def plan(*channels: str, template: str = "reminder_1", only: bool = True) -> Message | None:
        policy_of(company, *channels, template=template)
        bank_known(company, DAY)
        run_dunning(company=company, on=DAY, actor="test")
        approve_all(company)
        return Message.objects.get() if only else None

    return plan
