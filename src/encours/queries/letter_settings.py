"""In whose name a company's letters are written, and how its interest is computed."""

from encours.store.models import Company, LetterSettings


def letter_settings(*, company: Company) -> LetterSettings:
    """The company's, or those that hold while it said nothing."""
    return LetterSettings.objects.filter(company=company).first() or LetterSettings(company=company)
