"""Letters in a company's own words, and in whose name they are written."""

from typing import ClassVar

from django.db import models

from encours.store.models.scoped import Scoped


class LetterTemplate(Scoped):
    """A company's own text of a letter. A version is never changed: a change is a new one, messages keep theirs.

    Without an active version of a template, tone and language the standard text holds (`ports.letter_files`).
    """

    template = models.CharField(max_length=40)
    tone = models.CharField(max_length=20)
    language = models.CharField(max_length=2)
    version = models.PositiveIntegerField()
    text = models.TextField()
    is_active = models.BooleanField(default=True)
    saved_by = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["company", "template", "tone", "language", "version"], name="letter_template_version"
            ),
            models.UniqueConstraint(
                fields=["company", "template", "tone", "language"],
                condition=models.Q(is_active=True),
                name="one_active_letter_template",
            ),
        ]


class LetterSettings(Scoped):
    """Who collects, how long a formal notice leaves, how interest is computed, whether thanks are said."""

    class Collector(models.TextChoices):
        CREDITOR = "creditor"
        THIRD_PARTY = "third_party"  # under a written mandate: CPCE, art. R124-1 to R124-7

    collector = models.CharField(max_length=12, choices=Collector, default=Collector.CREDITOR)
    third_party_name = models.CharField(max_length=200, blank=True)
    third_party_siren = models.CharField(max_length=9, blank=True)
    third_party_street = models.CharField(max_length=200, blank=True)
    third_party_postcode = models.CharField(max_length=12, blank=True)
    third_party_city = models.CharField(max_length=100, blank=True)
    third_party_email = models.EmailField(blank=True)
    third_party_phone = models.CharField(max_length=40, blank=True)
    mandate_date = models.DateField(null=True, blank=True)
    days_to_pay = models.PositiveSmallIntegerField(default=8)
    # core.interest.InterestTerms and the order of imputation
    agreed_basis_points = models.PositiveIntegerField(null=True, blank=True)
    day_count = models.CharField(max_length=20, default="actual/365")
    imputation = models.CharField(max_length=20, default="interest")
    says_thanks = models.BooleanField(default=False)
    thanks_min_cents = models.BigIntegerField(default=10_000)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["company"], name="one_letter_settings"),
        ]
