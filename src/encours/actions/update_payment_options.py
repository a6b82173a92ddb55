"""Says which ways of paying a company offers, to whom, for how much and through which service."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import transaction

from encours.actions.journal import record
from encours.core.money import Money
from encours.core.payments.methods import METHODS, TRANSFER
from encours.core.wording import Sentence, Wording
from encours.ports.registry import gateways
from encours.store.models import Company, GatewayConnection, PaymentOption

NO_SERVICE = Wording(
    "payment_options.no_service",
    fr="{method} : aucun service connecté ne le propose.",
    en="{method}: no connected service offers it.",
)
WRONG_ORDER = Wording(
    "payment_options.wrong_order",
    fr="{method} : le montant minimal dépasse le maximal.",
    en="{method}: the lowest amount is above the highest.",
)
ABOVE_LIMIT = Wording(
    "payment_options.above_limit",
    fr="{method} : le service ne prend pas plus de {limit} par paiement.",
    en="{method}: the service takes no more than {limit} in one payment.",
)
BAD_COUNTRY = Wording(
    "payment_options.bad_country",
    fr="{method} : « {country} » n'est pas un code de pays à deux lettres.",
    en='{method}: "{country}" is no country code of two letters.',
)


class UnableToUpdateOptions(Exception):
    """Nothing was changed; `method` and `sentence` say where and why."""

    def __init__(self, method: str, sentence: Sentence) -> None:
        super().__init__(sentence.code)
        self.method, self.sentence = method, sentence


@dataclass(frozen=True)
class PaymentChoice:
    """A way of paying as the company wants it. Empty `countries` and `segments` are all; `max_cents` None is the service's."""

    method: str
    is_offered: bool
    connection_id: int | None
    min_cents: int = 0
    max_cents: int | None = None
    countries: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    fixed_cost_cents: int = 0
    cost_basis_points: int = 0


@transaction.atomic
def update_payment_options(*, company: Company, choices: Sequence[PaymentChoice], actor: str) -> None:
    """Those given; others stay as they are. A plain transfer is always offered, to everybody, without a service.

    Payments that are open or on their way go on as they began. Raises `UnableToUpdateOptions`.
    """
    kept = GatewayConnection.objects.filter(company=company).exclude(state=GatewayConnection.State.REVOKED)
    providers = dict(kept.values_list("pk", "provider"))
    for choice in choices:
        _check(choice, providers.get(choice.connection_id or 0), company.currency)
    rows = PaymentOption.objects.select_for_update().filter(company=company)
    before = {row.method: row for row in rows}
    changed = []
    for choice in choices:
        values = asdict(choice) | {"countries": list(choice.countries), "segments": list(choice.segments)}
        row = before.get(choice.method) or PaymentOption(company=company, method=choice.method)
        if any(getattr(row, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(row, name, value)
            row.save()
            changed.append(values)
    if changed:
        record(
            company=company,
            actor=actor,
            action="payment_options.changed",
            subject_type="company",
            subject_id=company.pk,
            data={"options": changed},
        )


def _check(choice: PaymentChoice, provider: str | None, currency: str) -> None:
    name = METHODS[choice.method]()
    if choice.method == TRANSFER:
        assert choice.connection_id is None
        assert choice.is_offered
    elif provider is None:
        if choice.is_offered or choice.connection_id is not None:
            raise UnableToUpdateOptions(choice.method, NO_SERVICE(method=name))
    else:
        made = gateways().get(provider)
        if made is None or choice.method not in made.methods:
            raise UnableToUpdateOptions(choice.method, NO_SERVICE(method=name))
        limit = made.limits_cents.get(choice.method)
        highest = max(choice.min_cents, choice.max_cents or 0)
        if limit is not None and highest > limit:
            raise UnableToUpdateOptions(choice.method, ABOVE_LIMIT(method=name, limit=Money(limit, currency)))
    if choice.max_cents is not None and choice.max_cents < choice.min_cents:
        raise UnableToUpdateOptions(choice.method, WRONG_ORDER(method=name))
    for country in choice.countries:
        if not (len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()):
            raise UnableToUpdateOptions(choice.method, BAD_COUNTRY(method=name, country=country[:20]))
