"""Conditions of a step: a typed tree of comparisons, compiled to one expression over the frame of receivables.

Three-valued: a comparison with something that is not known (a customer without a segment, no payment history yet) is
neither true nor false. `all`, `any` and `not` follow Kleene: false wins in `all`, true wins in `any`, otherwise what is
unknown stays so; not unknown is unknown. A step applies only where its condition is true. `known` asks whether a
field is known, and is always true or false.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Literal, cast

import polars as pl

from encours.core.wording import Sentence, Wording

Kind = Literal["money", "number", "text", "flag"]
Operator = Literal["at_least", "at_most", "above", "below", "is", "in", "known"]
Value = int | str | bool | tuple[str, ...]

OPERATORS: Mapping[Kind, tuple[Operator, ...]] = {
    "money": ("at_least", "at_most", "above", "below", "known"),
    "number": ("at_least", "at_most", "above", "below", "is", "known"),
    "text": ("is", "in", "known"),
    "flag": ("is", "known"),
}


@dataclass(frozen=True)
class Field:
    """Something known of a receivable or of its customer. Money is in cents of the document's currency."""

    kind: Kind
    name: Wording
    pattern: str = ""  # what a text must look like
    needs: Literal["plan", "document", "customer", "history", "first_document", "score"] = "customer"
    values: str = ""  # where its values have names: what the codes of their wordings begin with


def _named(code: str, fr: str, en: str) -> Wording:
    return Wording(f"condition.field.{code}", fr=fr, en=en)


FIELDS: Mapping[str, Field] = {
    "amount": Field("money", _named("amount", "reste dû de la créance", "amount left to pay"), needs="plan"),
    "invoice_amount": Field("money", _named("invoice_amount", "montant de la créance", "invoice amount"), needs="document"),
    "days_late": Field("number", _named("days_late", "jours de retard", "days late"), needs="plan"),
    "overdue_total": Field("money", _named("overdue_total", "total en retard du client", "customer's overdue total"), needs="plan"),
    "currency": Field("text", _named("currency", "devise", "currency"), r"[A-Z]{3}", needs="plan"),
    "product_type": Field("text", _named("product_type", "type de produit", "product type"), needs="document"),
    "segment": Field("text", _named("segment", "segment", "segment")),
    "sector": Field("text", _named("sector", "secteur", "sector")),
    "country": Field("text", _named("country", "pays", "country"), r"[A-Z]{2}"),
    "language": Field("text", _named("language", "langue", "language"), r"[a-z]{2}"),
    "salesperson": Field("text", _named("salesperson", "commercial", "salesperson")),
    "preferred_channel": Field("text", _named("preferred_channel", "canal préféré", "preferred channel"), r"email|sms|letter|registered", values="channel"),
    "public_buyer": Field("flag", _named("public_buyer", "acheteur public", "public buyer")),
    "consumer": Field("flag", _named("consumer", "particulier", "private person")),
    "average_days_late": Field("number", _named("average_days_late", "retard moyen de paiement (jours)", "average days late"), needs="history"),
    "share_paid_late": Field("number", _named("share_paid_late", "part payée en retard (%)", "share paid late (%)"), needs="history"),
    # of the last two years, those kept in part only among them
    "broken_promises": Field("number", _named("broken_promises", "promesses non tenues", "broken promises"), needs="history"),
    # out of 100, the best payers 100: the latest valid one, the program's own before those of others
    "score": Field("number", _named("score", "score de risque (0 à 100)", "risk score (0 to 100)"), needs="score"),
    "relationship_months": Field("number", _named("relationship_months", "ancienneté de la relation (mois)", "relationship age in months"), needs="first_document"),
}  # fmt: skip

# What a policy may well want to know and nothing here can tell yet.
WITHOUT_DATA: Mapping[str, Wording] = {
    "credit_limit": _named("credit_limit", "plafond d’encours", "credit limit"),
    "service": _named("service", "prestation", "service"),
}


@dataclass(frozen=True)
class Comparison:
    """`value` is cents for money, a whole number, a text, several texts for `in`, or a yes or no."""

    field: str
    operator: Operator
    value: Value


@dataclass(frozen=True)
class All:
    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True)
class Any:
    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True)
class Not:
    condition: "Condition"


Condition = Comparison | All | Any | Not


def compiled(condition: Condition) -> pl.Expr:
    """True, false or null for each row of a frame that has a column for each of the condition's fields."""
    match condition:
        case All(conditions):
            return reduce(and_, map(compiled, conditions))
        case Any(conditions):
            return reduce(or_, map(compiled, conditions))
        case Not(inner):
            return ~compiled(inner)
        case Comparison(field, operator, value):
            return _comparison(pl.col(field), operator, value)


def _comparison(column: pl.Expr, operator: Operator, value: Value) -> pl.Expr:
    if isinstance(value, tuple):
        # spelt out: what `is_in` says of null differs between versions
        return reduce(or_, (column.eq(text) for text in value))
    if operator == "known":
        return column.is_not_null() if value else column.is_null()
    compare = {
        "at_least": pl.Expr.ge,
        "at_most": pl.Expr.le,
        "above": pl.Expr.gt,
        "below": pl.Expr.lt,
        "is": pl.Expr.eq,
    }[operator]
    return compare(column, value)


def fields_of(condition: Condition | None) -> Iterator[str]:
    """The fields a condition looks at, some of them more than once."""
    match condition:
        case All(conditions) | Any(conditions):
            for inner in conditions:
                yield from fields_of(inner)
        case Not(inner):
            yield from fields_of(inner)
        case Comparison(field):
            yield field


def stored(condition: Condition) -> dict[str, object]:
    """What the database keeps of a condition; `restored` brings it back."""
    match condition:
        case All(conditions):
            return {"all": [stored(inner) for inner in conditions]}
        case Any(conditions):
            return {"any": [stored(inner) for inner in conditions]}
        case Not(inner):
            return {"not": stored(inner)}
        case Comparison(field, operator, value):
            return {"field": field, "operator": operator, "value": value}


def restored(kept: Mapping[str, object]) -> Condition:
    match kept:
        case {"all": list(conditions)}:
            return All(tuple(restored(inner) for inner in conditions))
        case {"any": list(conditions)}:
            return Any(tuple(restored(inner) for inner in conditions))
        case {"not": dict(inner)}:
            return Not(restored(inner))
        case {"field": str(field), "operator": str(operator), "value": value}:
            value = tuple(value) if isinstance(value, list) else value
            return Comparison(field, cast(Operator, operator), cast(Value, value))
        case _:
            raise ValueError(f"no condition: {kept}")


# -- in words

_AND = Wording("condition.and", fr="{left} et {right}", en="{left} and {right}")
_OR = Wording("condition.or", fr="{left} ou {right}", en="{left} or {right}")
_NOT = Wording("condition.not", fr="sauf si {condition}", en="unless {condition}")
_IN_BRACKETS = Wording("condition.brackets", fr="({condition})", en="({condition})")
_LIST = Wording("condition.list", fr="{left}, {right}", en="{left}, {right}")
_CENTS = Wording("condition.cents", fr="{whole},{part}", en="{whole}.{part}")
_IS_SO = Wording("condition.is_so", fr="{field}", en="{field}")
_IS_NOT_SO = Wording("condition.is_not_so", fr="{field} : non", en="not a {field}")
_KNOWN = Wording("condition.known", fr="{field} : connu", en="{field} known")
_UNKNOWN = Wording("condition.unknown", fr="{field} : inconnu", en="{field} unknown")
_COMPARED: Mapping[Operator, Wording] = {
    "at_least": Wording("condition.at_least", fr="{field} ≥ {value}", en="{field} ≥ {value}"),
    "at_most": Wording("condition.at_most", fr="{field} ≤ {value}", en="{field} ≤ {value}"),
    "above": Wording("condition.above", fr="{field} > {value}", en="{field} > {value}"),
    "below": Wording("condition.below", fr="{field} < {value}", en="{field} < {value}"),
    "is": Wording("condition.is", fr="{field} = {value}", en="{field} = {value}"),
    "in": Wording("condition.in", fr="{field} parmi {value}", en="{field} among {value}"),
}


def in_words(condition: Condition) -> Sentence:
    """The condition as a person reads it."""
    match condition:
        case All(conditions):
            return reduce(lambda left, right: _AND(left=left, right=right), map(_inner, conditions))
        case Any(conditions):
            return reduce(lambda left, right: _OR(left=left, right=right), map(_inner, conditions))
        case Not(inner):
            return _NOT(condition=_inner(inner))
        case Comparison(field, "known", value):
            return (_KNOWN if value else _UNKNOWN)(field=FIELDS[field].name())
        case Comparison(field, "is", bool(value)):
            return (_IS_SO if value else _IS_NOT_SO)(field=FIELDS[field].name())
        case Comparison(field, operator, value):
            return _COMPARED[operator](field=FIELDS[field].name(), value=_shown(FIELDS[field], value))


def _inner(condition: Condition) -> Sentence:
    said = in_words(condition)
    return said if isinstance(condition, Comparison) else _IN_BRACKETS(condition=said)


def _shown(field: Field, value: Value) -> Sentence | str:
    if field.values:
        named = [
            Sentence(f"{field.values}.{each}", {})
            for each in (value if isinstance(value, tuple) else (value,))
        ]
        return reduce(lambda left, right: _LIST(left=left, right=right), named)
    if field.kind == "money" and isinstance(value, int):
        return _CENTS(whole=str(value // 100), part=f"{value % 100:02d}")
    return ", ".join(value) if isinstance(value, tuple) else str(value)
