"""What other rules would change: two answers for the same bank line set side by side, and what the record says.

Nothing is decided here. A person compares, and then saves the rules or leaves them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import polars as pl

from encours.core.matching.amounts import BANK_FEE, DIFFERENCE, DISCOUNT
from encours.core.matching.decide import Outcome
from encours.core.matching.rules import shown, values_of
from encours.core.wording import Sentence, Wording

Change = Literal["matched_more", "matched_less", "proposed_more", "proposed_less", "otherwise"]
CHANGES: tuple[Change, ...] = ("matched_more", "matched_less", "proposed_more", "proposed_less", "otherwise")
OUTCOMES: tuple[Outcome, ...] = ("automatic", "proposed", "none", "set_aside")
# the pattern (`amounts.Reading`) that closes something of a kind
_PATTERNS = {DIFFERENCE: "difference", DISCOUNT: "discount", BANK_FEE: "fee"}
# Matches by how they came about and what became of them: `is_by_person` says who applied or refused them, `is_refused`
# that they were undone or rejected.
ANSWERED = pl.Schema(
    {"pattern": pl.String, "confidence": pl.Float64, "is_by_person": pl.Boolean, "is_refused": pl.Boolean, "count": pl.Int64}
)  # fmt: skip

RECORD = Wording(
    "rules.record",
    fr="Rapprochées d'elles-mêmes depuis le {since} : {kept} lignes tiennent, {undone} ont été défaites.",
    en="Matched by themselves since {since}: {kept} lines stand, {undone} were undone.",
)
STRICTER = Wording(
    "rules.record_stricter",
    fr="Moins probables que {probability}, {kept} de celles qui tiennent et {undone} de celles qui ont été défaites"
    " auraient été seulement proposées.",
    en="Less probable than {probability}, {kept} of those that stand and {undone} of those undone would only have been"
    " proposed.",
)
LOOSER = Wording(
    "rules.record_looser",
    fr="Des propositions de {probability} à {before}, des personnes ont accepté {kept} et refusé ou défait {undone}.",
    en="Of proposals from {probability} to {before}, people accepted {kept} and rejected or undid {undone}.",
)
KIND_ALLOWED = Wording(
    "rules.record_kind_allowed",
    fr="Des propositions qui soldent {kind}, des personnes ont accepté {kept} et refusé ou défait {undone}.",
    en="Of proposals that close {kind}, people accepted {kept} and rejected or undid {undone}.",
)
KIND_FORBIDDEN = Wording(
    "rules.record_kind_forbidden",
    fr="De celles qui ont soldé {kind} d'elles-mêmes, {kept} tiennent et {undone} ont été défaites.",
    en="Of those that closed {kind} by themselves, {kept} stand and {undone} were undone.",
)

_OF_KIND: Mapping[str, Wording] = {
    DIFFERENCE: Wording("rules.a_difference", fr="un petit écart", en="a small difference"),
    DISCOUNT: Wording("rules.a_discount", fr="un escompte", en="a discount"),
    BANK_FEE: Wording("rules.a_bank_fee", fr="des frais bancaires", en="bank fees"),
}


@dataclass(frozen=True)
class Verdict:
    """What one run says of one line. `explanations` holds for each candidate, the likeliest first, what it settles and
    closes: anything that is equal when they are the same."""

    outcome: Outcome
    explanations: tuple[Any, ...] = ()


def change_of(before: Verdict, after: Verdict) -> Change | None:
    """What becomes of a line under the wanted rules, None when nothing does. Reasons and probabilities alone are no change."""
    if before == after:
        return None
    if before.outcome == after.outcome:
        # a line without an answer has nothing that could be otherwise
        return "otherwise" if after.outcome in ("automatic", "proposed") else None
    if "automatic" in (before.outcome, after.outcome):
        return "matched_more" if after.outcome == "automatic" else "matched_less"
    if "proposed" in (before.outcome, after.outcome):
        return "proposed_more" if after.outcome == "proposed" else "proposed_less"
    return "otherwise"


def record_of(
    *, answered: pl.DataFrame, current: Mapping[str, Any], wanted: Mapping[str, Any], since: date
) -> list[Sentence]:
    """What became of the matches made since a day (schema `ANSWERED`), as far as it speaks for or against the change.

    Only what was really answered counts: of automatic matches what was undone, of proposals what people said to them.
    Rules are as stored.
    """
    by_itself = answered.filter(~pl.col("is_by_person"))
    by_people = answered.filter("is_by_person")
    if answered.is_empty():
        return []
    told = [RECORD(since=since, **_counted(by_itself))]
    old, new = values_of(current), values_of(wanted)
    before, after = old["probability"], new["probability"]
    probable = {"probability": shown("probability", after), "before": shown("probability", before)}
    if after > before:
        told.append(
            STRICTER(
                probability=probable["probability"],
                **_counted(by_itself.filter(pl.col("confidence") < after)),
            )
        )
    elif after < before:
        between = by_people.filter(pl.col("confidence").is_between(after, before, closed="left"))
        told.append(LOOSER(**probable, **_counted(between)))
    for wording, matches, kinds in (
        (KIND_ALLOWED, by_people, _missing(old["automatic"], new["automatic"])),
        (KIND_FORBIDDEN, by_itself, _missing(new["automatic"], old["automatic"])),
    ):
        for kind in kinds:
            counts = _counted(matches.filter(pl.col("pattern") == _PATTERNS[kind]))
            told.append(wording(kind=_OF_KIND[kind](), **counts))
    return told


def _missing(from_these: Sequence[str], of_those: Sequence[str]) -> list[str]:
    return [kind for kind in of_those if kind not in from_these]


def _counted(matches: pl.DataFrame) -> dict[str, int]:
    kept, undone = (
        sum(matches.filter(pl.col("is_refused") == is_refused)["count"].to_list())
        for is_refused in (False, True)
    )
    return {"kept": kept, "undone": undone}
