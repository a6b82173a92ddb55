"""The rules of matching a company may set: what they are called, what each may be, and what differs from the defaults.

Stored as JSON by the names of the fields of `amounts.Rules` and `decide.Thresholds`; only what differs is kept, so
that a better default reaches every company that never chose otherwise.
"""

from collections.abc import Mapping
from dataclasses import fields
from math import isfinite
from typing import Any

from encours.core.matching.amounts import BANK_FEE, DIFFERENCE, DISCOUNT, Rules
from encours.core.matching.decide import Thresholds
from encours.core.money import Money, Rate
from encours.core.problems import Problem
from encours.core.wording import Sentence, Wording

# What may be closed without a person, in the order it is shown.
KINDS = (DIFFERENCE, DISCOUNT, BANK_FEE)
# At most a quarter of a debt is taken for kept back (`amounts`): a rate above it would never be recognised.
RATE_LIMITS = (1, 2_500)
MAX_RATES = 12
CENTS_LIMITS: Mapping[str, tuple[int, int]] = {"fee_cents": (0, 10_000), "difference_cents": (0, 1_000)}
# Below nine in ten a match by itself would be a guess; a probability of 1 is never reached (`decide` rounds to 0.9999).
SHARE_LIMITS: Mapping[str, tuple[float, float]] = {"probability": (0.9, 0.9999), "margin": (0.0, 0.9999)}

RULE_NAMES: Mapping[str, Wording] = {
    "discount_rates": Wording("rules.discount_rates", fr="Taux d'escompte reconnus", en="Discount rates recognised"),
    "fee_cents": Wording("rules.fee_cents", fr="Frais bancaires jusqu'à", en="Bank fees up to"),
    "difference_cents": Wording("rules.difference_cents", fr="Petits écarts jusqu'à", en="Small differences up to"),
    "automatic": Wording("rules.automatic", fr="Soldé sans personne", en="Closed without a person"),
    "probability": Wording("rules.probability", fr="Probabilité exigée", en="Probability required"),
    "margin": Wording("rules.margin", fr="Avance exigée", en="Lead required"),
}  # fmt: skip
RULE_HELPS: Mapping[str, Wording] = {
    "discount_rates": Wording(
        "rules.discount_rates_help",
        fr="Un règlement inférieur d'exactement un de ces taux est compris comme un escompte pour paiement anticipé."
        " Aucun taux : l'escompte n'est jamais reconnu.",
        en="A payment that is less by exactly one of these rates is understood as a discount for paying early."
        " No rate: discounts are never recognised.",
    ),
    "fee_cents": Wording(
        "rules.fee_cents_help",
        fr="Ce que les banques ont pu retenir en route, surtout sur les virements de l'étranger. Au-delà, le règlement"
        " est un paiement partiel ou reste inexpliqué.",
        en="What banks may have kept on the way, mostly of transfers from abroad. Beyond it the receipt is a part"
        " payment or stays unexplained.",
    ),
    "difference_cents": Wording(
        "rules.difference_cents_help",
        fr="Une différence dont personne ne parlerait, arrondi à l'euro compris.",
        en="A difference nobody would write about, rounding to whole euros included.",
    ),
    "automatic": Wording(
        "rules.automatic_help",
        fr="Le reste est seulement proposé, sauf si ce client le retient régulièrement.",
        en="The rest is only proposed, unless this customer keeps it back regularly.",
    ),
    "probability": Wording(
        "rules.probability_help",
        fr="Une ligne n'est rapprochée d'elle-même qu'à partir de cette probabilité. Plus bas : plus de lignes"
        " rapprochées d'elles-mêmes, et davantage d'erreurs à défaire.",
        en="A line is matched by itself only from this probability on. Lower: more lines matched by themselves, and more"
        " mistakes to undo.",
    ),
    "margin": Wording(
        "rules.margin_help",
        fr="L'explication retenue doit être plus probable que la suivante d'au moins autant : deux explications qui se"
        " valent sont laissées à une personne.",
        en="The explanation taken must be likelier than the next one by at least this much: two that are as good are"
        " left to a person.",
    ),
}
KIND_NAMES: Mapping[str, Wording] = {
    DIFFERENCE: Wording("rules.kind_difference", fr="les petits écarts", en="small differences"),
    DISCOUNT: Wording("rules.kind_discount", fr="les escomptes", en="discounts"),
    BANK_FEE: Wording("rules.kind_bank_fee", fr="les frais bancaires", en="bank fees"),
}

NONE = Wording("rules.none", fr="aucun", en="none")
UNKNOWN_RULE = Wording(
    "rules.unknown",
    fr="« {name} » n'est pas une règle de rapprochement : {names}.",
    en='"{name}" is no matching rule: {names}.',
)
NOT_CENTS = Wording(
    "rules.not_cents",
    fr="{rule} : « {said} » n'est pas un montant en centimes, de {least} à {most}.",
    en='{rule}: "{said}" is no amount in cents, from {least} to {most}.',
)
NOT_A_SHARE = Wording(
    "rules.not_a_share",
    fr="{rule} : « {said} » n'est pas une part de {least} à {most} (0,995 pour 99,5 %).",
    en='{rule}: "{said}" is no share from {least} to {most} (0.995 for 99.5%).',
)
OUT_OF_RANGE = Wording(
    "rules.out_of_range",
    fr="{rule} : {said} n'est pas possible, de {least} à {most}.",
    en="{rule}: {said} is not possible, from {least} to {most}.",
)
BAD_RATE = Wording(
    "rules.bad_rate",
    fr="« {said} » n'est pas un taux en points de base (2 % = 200).",
    en='"{said}" is no rate in basis points (2% = 200).',
)
NOT_A_LIST = Wording(
    "rules.not_a_list",
    fr="{rule} : une liste est attendue, pas « {said} ».",
    en='{rule}: a list is expected, not "{said}".',
)
TOO_MANY_RATES = Wording(
    "rules.too_many_rates",
    fr="{count} taux d'escompte, c'est trop : {limit} au plus. Plus il y en a, plus un hasard ressemble à un escompte.",
    en="{count} discount rates are too many: {limit} at most. The more there are, the more chance looks like a discount.",
)
UNKNOWN_KIND = Wording(
    "rules.unknown_kind",
    fr="« {said} » ne peut pas être soldé sans personne : {kinds}.",
    en='"{said}" cannot be closed without a person: {kinds}.',
)

NAMES = tuple(RULE_NAMES)


def rules_from(stored: Mapping[str, Any]) -> tuple[Rules, Thresholds]:
    """What stored values let matching do, the defaults where they say nothing. Names of another version are left out."""
    said = {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()}
    allowed: dict[str, Any] = {each.name: said[each.name] for each in fields(Rules) if each.name in said}
    limits: dict[str, Any] = {each.name: said[each.name] for each in fields(Thresholds) if each.name in said}
    return Rules(**allowed), Thresholds(**limits)


def values_of(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Every rule by name as JSON says it: cents, basis points, shares of 1, names of kinds."""
    rules, thresholds = rules_from(stored)
    held = {name: getattr(rules if hasattr(rules, name) else thresholds, name) for name in NAMES}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in held.items()}


def changed(
    stored: Mapping[str, Any], values: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """What is stored after `values` (JSON, by name) were set: what differs from the defaults; and what is wrong.

    A value of None goes back to the default. With problems, nothing of `values` is taken.
    """
    defaults = values_of({})
    after, problems = values_of(stored), []
    for name, said in values.items():
        if name not in NAMES:
            problems.append(Problem(UNKNOWN_RULE(name=name, names=", ".join(NAMES)), field=name))
        elif said is None:
            after[name] = defaults[name]
        else:
            after[name], sentence = _read(name, said)
            problems += [Problem(sentence, field=name)] if sentence else []
    if problems:
        after = values_of(stored)
    return {name: value for name, value in after.items() if value != defaults[name]}, tuple(problems)


def from_text(name: str, text: str) -> Any:
    """A rule as it is written on a command line, for `changed` to judge: lists by commas, nothing for the default."""
    text = text.strip()
    if not text:
        return None
    if name in ("discount_rates", "automatic"):
        words = [] if text == "-" else [word.strip() for word in text.split(",")]
        return [int(word) if word.isascii() and word.isdigit() else word for word in words]
    try:
        return float(text) if name in SHARE_LIMITS else int(text)
    except ValueError:
        return text


def shown(name: str, value: float) -> Money | Rate:
    """A number of a rule as a sentence tells it. Limits in cents are told in euros, whatever a line's currency."""
    if name in CENTS_LIMITS:
        return Money(int(value))
    return Rate(round(value if name == "discount_rates" else value * 10_000))


def in_words(name: str, value: Any, language: str) -> str:
    """A rule's value as a person reads it: `1 % ; 2 %`, `30,00 €`, `99,5 %`, or the kinds by their names.

    >>> in_words("discount_rates", [100, 250], "en")
    '1%; 2.5%'
    """
    if name == "automatic":
        told = [KIND_NAMES[kind]().say(language) for kind in value]
        return ", ".join(told) or NONE().say(language)
    if name == "discount_rates":
        rates = [Rate(rate).format(language) for rate in value]
        return (" ; " if language == "fr" else "; ").join(rates) or NONE().say(language)
    return shown(name, value).format(language)


def _read(name: str, said: Any) -> tuple[Any, Sentence | None]:
    if name == "discount_rates":
        return _rates(said)
    if name == "automatic":
        return _kinds(said)
    is_number = isinstance(said, int | float) and not isinstance(said, bool) and isfinite(said)
    least, most = CENTS_LIMITS[name] if name in CENTS_LIMITS else SHARE_LIMITS[name]
    if not is_number or (name in CENTS_LIMITS and said != int(said)):
        wording = NOT_CENTS if name in CENTS_LIMITS else NOT_A_SHARE
        return said, wording(rule=RULE_NAMES[name](), said=said, least=least, most=most)
    value = int(said) if name in CENTS_LIMITS else round(float(said), 4)
    return value, None if least <= value <= most else _out_of_range(name, value, least, most)


def _rates(said: Any) -> tuple[Any, Sentence | None]:
    name = "discount_rates"
    if not isinstance(said, list | tuple):
        return said, NOT_A_LIST(rule=RULE_NAMES[name](), said=said)
    for rate in said:
        if not isinstance(rate, int) or isinstance(rate, bool):
            return said, BAD_RATE(said=rate)
        if not RATE_LIMITS[0] <= rate <= RATE_LIMITS[1]:
            return said, _out_of_range(name, rate, *RATE_LIMITS)
    rates = sorted(set(said))
    if len(rates) > MAX_RATES:
        return said, TOO_MANY_RATES(count=len(rates), limit=MAX_RATES)
    return rates, None


def _kinds(said: Any) -> tuple[Any, Sentence | None]:
    if not isinstance(said, list | tuple):
        return said, NOT_A_LIST(rule=RULE_NAMES["automatic"](), said=said)
    strange = [kind for kind in said if kind not in KINDS]
    if strange:
        return said, UNKNOWN_KIND(said=strange[0], kinds=", ".join(KINDS))
    return [kind for kind in KINDS if kind in said], None


def _out_of_range(name: str, value: float, least: float, most: float) -> Sentence:
    told = {key: shown(name, each) for key, each in (("said", value), ("least", least), ("most", most))}
    return OUT_OF_RANGE(rule=RULE_NAMES[name](), **told)
