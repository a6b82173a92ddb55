"""The account a SEPA mandate is for, sealed at rest: of a mandate only the last four characters are shown."""

from encours.store.models import Company, PaymentMandate
from encours.store.secrets import is_sealed_with_current_key, seal, unseal


def seal_account(mandate: PaymentMandate, *, iban: str) -> None:
    """Keeps the IBAN in the row, not saved yet; its reference is there and never changes."""
    mandate.sealed_iban = seal({"iban": iban}, owner=_owner(mandate))
    mandate.last_digits, mandate.bank_country = iban[-4:], iban[:2]


def account_of(mandate: PaymentMandate) -> str:
    """Its IBAN. Raises `UnableToUnseal`."""
    return unseal(mandate.sealed_iban, owner=_owner(mandate)).get("iban", "")


def seal_accounts_again(*, company: Company) -> int:
    """Seals with the current key what an older one sealed; how many. In a transaction."""
    rows = PaymentMandate.objects.select_for_update(no_key=True).filter(company=company)
    stale = [
        each
        for each in rows.exclude(sealed_iban="").order_by("pk")
        if not is_sealed_with_current_key(each.sealed_iban)
    ]
    for each in stale:
        seal_account(each, iban=account_of(each))
    PaymentMandate.objects.bulk_update(stale, ["sealed_iban"], batch_size=1_000)
    return len(stale)


def _owner(mandate: PaymentMandate) -> str:
    return f"payment_mandate:{mandate.company_id}:{mandate.reference}"
