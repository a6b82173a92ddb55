"""Whose customers are whose: by hand before rules, the first rule that fits, and who stands in meanwhile."""

from datetime import date, timedelta

import pytest

from encours.actions.assign_portfolio import (
    UnableToAssign,
    WhichCustomers,
    add_rule,
    apply_rules,
    assign_by_hand,
    remove_rule,
    set_leave,
)
from encours.core.parties import bank_name
from encours.queries.collection_day import collection_day
from encours.queries.portfolios import portfolio_of, portfolio_rows, users_looked_after
from encours.store.models import Customer, Membership, PortfolioCustomer, User
from encours.store.tenancy import company_scope
from tests import cast

MAY = date(2026, 5, 4)


def member(company, name) -> User:
    user = User.objects.create_user(f"{name.lower()}@{company.slug}.example", "x", name=name)
    Membership.objects.create(company=company, user=user)
    return user


@pytest.fixture
def claire(company) -> User:
    return member(company, "Claire")


@pytest.fixture
def hugo(company) -> User:
    return member(company, "Hugo")


@pytest.fixture
def customers(company) -> dict[str, Customer]:
    found = [cast.good_payer(company), cast.late_payer(company), cast.public_buyer(company)]
    for customer in found:
        Customer.objects.filter(pk=customer.pk).update(search_name=bank_name(customer.name))
    return {customer.code: customer for customer in found}


def whose(company, customers) -> dict[str, str]:
    rows = {code: portfolio_of(company=company, customer_id=each.pk) for code, each in customers.items()}
    return {code: row.user.name for code, row in rows.items() if row}


def test_the_first_rule_that_fits_decides(company, claire, hugo, customers):
    add_rule(company=company, user_id=hugo.pk, which=WhichCustomers(segment="Public"), actor="t")
    add_rule(
        company=company,
        user_id=claire.pk,
        which=WhichCustomers(from_letters="a", until_letters="c"),
        actor="t",
    )
    assert whose(company, customers) == {"C0001": "Claire", "C0004": "Hugo"}  # Commune is Hugo's by segment


def test_letters_include_both_ends(company, claire, customers):
    add_rule(company=company, user_id=claire.pk, which=WhichCustomers("", "", "Com", "Men"), actor="t")
    assert whose(company, customers) == {"C0002": "Claire", "C0004": "Claire"}


def test_by_hand_no_rule_changes_it(company, claire, hugo, customers):
    assign_by_hand(company=company, codes=["C0001"], user_id=hugo.pk, actor="t")
    rule = add_rule(company=company, user_id=claire.pk, which=WhichCustomers(segment="PME"), actor="t")
    assert whose(company, customers) == {"C0001": "Hugo", "C0002": "Claire"}
    remove_rule(company=company, rule_id=rule.pk, actor="t")
    assert whose(company, customers) == {"C0001": "Hugo"}


def test_who_no_longer_owes_enough_leaves_with_the_next_morning(company, claire, customers):
    late = customers["C0002"]
    invoice = cast.invoice(company, late, "FA-1", payable_cents=900_000, issue_date=date(2026, 1, 5))
    add_rule(company=company, user_id=claire.pk, which=WhichCustomers(min_owed_cents=500_000), actor="t")
    assert whose(company, customers) == {"C0002": "Claire"}
    (row,) = [row for row in portfolio_rows(company=company, on=MAY) if row.customers]
    assert (row.name, row.overdue_customers, row.owed_cents, row.overdue_cents) == (
        "Claire",
        1,
        900_000,
        900_000,
    )
    type(invoice).objects.filter(pk=invoice.pk).update(open_cents=1)
    apply_rules(company=company, actor="worker")
    assert whose(company, customers) == {}


def test_all_codes_or_none(company, claire, customers):
    with pytest.raises(UnableToAssign):
        assign_by_hand(company=company, codes=["C0001", "C9999"], user_id=claire.pk, actor="t")
    assert not PortfolioCustomer.objects.exists()


def test_a_rule_without_a_condition_and_a_stranger_are_refused(company, other_company, claire):
    stranger = member(other_company, "Zoé")
    for user, which in ((claire, WhichCustomers()), (stranger, WhichCustomers(segment="PME"))):
        with pytest.raises(UnableToAssign):
            add_rule(company=company, user_id=user.pk, which=which, actor="t")


def test_somebody_stands_in_until_the_day(company, claire, hugo, customers):
    set_leave(
        company=company, user_id=claire.pk, from_date=MAY, until_date=MAY + timedelta(7),
        replaced_by_id=hugo.pk, actor="t",
    )  # fmt: skip
    assert users_looked_after(company=company, user_id=hugo.pk, on=MAY) == [hugo.pk, claire.pk]
    for day in (MAY - timedelta(1), MAY + timedelta(8)):
        assert users_looked_after(company=company, user_id=hugo.pk, on=day) == [hugo.pk]
    with pytest.raises(UnableToAssign):
        set_leave(
            company=company, user_id=claire.pk, from_date=None, until_date=MAY, replaced_by_id=claire.pk, actor="t"
        )  # fmt: skip


def test_the_day_is_one_s_own_portfolio(company, claire, customers):
    for code in ("C0001", "C0002"):
        cast.invoice(
            company, customers[code], f"FA-{code}", payable_cents=90_000, issue_date=date(2026, 1, 5)
        )
    assign_by_hand(company=company, codes=["C0002"], user_id=claire.pk, actor="t")
    mine = collection_day(company=company, on=MAY, size=9, user_ids=[claire.pk])
    assert [row.customer_name for row in mine.rows] == [customers["C0002"].name]


def test_another_company_s_rules_take_nobody(company, other_company, customers):
    zoe = member(other_company, "Zoé")
    with company_scope(other_company.pk):
        add_rule(company=other_company, user_id=zoe.pk, which=WhichCustomers(from_letters="A"), actor="t")
        assert not PortfolioCustomer.objects.exists()
    assert whose(company, customers) == {}
