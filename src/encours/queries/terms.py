"""The payment terms that apply to a customer."""

from encours.core.terms import UnableToReadTerms, read_terms
from encours.core.wording import Sentence
from encours.store.models import Company, Customer


def terms_of(*, customer: Customer, company: Company) -> Sentence | None:
    """The customer's own terms, or the company's, in words; None when neither can be read."""
    for text in (customer.payment_terms, company.payment_terms):
        try:
            return read_terms(text).in_words()
        except UnableToReadTerms:
            continue
    return None
