"""The company the demo is about: an engineering and IT services firm that does not exist."""

from dataclasses import dataclass
from random import Random

from encours.demo import identifiers


@dataclass(frozen=True)
class Account:
    """One of the company's bank accounts. `opening_cents` is its balance before the first statement."""

    key: str
    bank: str
    bank_code: str
    branch: str
    number: str
    opening_cents: int

    @property
    def iban(self) -> str:
        return identifiers.french_iban(self.bank_code, self.branch, self.number)


@dataclass(frozen=True)
class DemoCompany:
    name: str
    legal_form: str
    siren: str
    street: str
    postcode: str
    city: str
    email: str
    phone: str
    accounts: tuple[Account, Account]

    @property
    def vat_number(self) -> str:
        return identifiers.french_vat(self.siren)

    def account(self, key: str) -> Account:
        return next(account for account in self.accounts if account.key == key)


def demo_company() -> DemoCompany:
    """Always the same, whatever the seed."""
    return DemoCompany(
        name="Ventalune Ingénierie",
        legal_form="SAS",
        siren=identifiers.siren(Random("ventalune"), prefix="990"),
        street="14 quai du Port",
        postcode="69002",
        city="Lyon",
        email="relances@ventalune.example",
        phone="04 65 71 14 14",
        accounts=(
            Account("A", "Crédit d'Ainay", "39991", "00014", "02107745618", 31_480_275),
            Account("B", "Banque du Confluent", "39992", "00203", "61840029937", 12_906_410),
        ),
    )
