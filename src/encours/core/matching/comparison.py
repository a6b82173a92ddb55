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
    fr="Lignes rapprochées d'elles-mêmes depuis le {since} : {kept} en vigueur, {undone} défaite(s).",
    en="Lines matched by themselves since {since}: {kept} in force, {undone} undone.",
)
NOTHING_SAID = Wording(
    "rules.record_silent",
    fr="Rien de ce que des personnes ont accepté, refusé ou défait ne parle pour ou contre ce changement.",
    en="Nothing that people accepted, rejected or undid speaks for or against this change.",
)
STRICTER = Wording(
    "rules.record_stricter",
    fr="Moins probables que {probability}, elles auraient été seulement proposées : {kept} en vigueur, {undone} défaite(s).",
    en="Less probable than {probability}, these would only have been proposed: {kept} in force, {undone} undone.",
)
LOOSER = Wording(
    "rules.record_looser",
    fr="Propositions de {probability} à {before} : {kept} acceptée(s), {undone} refusée(s) ou défaite(s).",
    en="Proposals from {probability} to {before}: {kept} accepted, {undone} rejected or undone.",
)
KIND_ALLOWED = Wording(
    "rules.record_kind_allowed",
    fr="Propositions qui soldent {kind} : {kept} acceptée(s), {undone} refusée(s) ou défaite(s).",
    en="Proposals that close {kind}: {kept} accepted, {undone} rejected or undone.",
)
KIND_FORBIDDEN = Wording(
    "rules.record_kind_forbidden",
    fr="Lignes qui ont soldé {kind} d'elles-mêmes : {kept} en vigueur, {undone} défaite(s).",
    en="Lines that closed {kind} by themselves: {kept} in force, {undone} undone.",
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
    old, new = values_of(current), values_of(wanted)
    before, after = old["probability"], new["probability"]
    required = shown("probability", after)
    lessons: list[tuple[Wording, dict[str, Any], pl.DataFrame]] = []
    if after > before:
        lessons.append((STRICTER, {"probability": required}, by_itself.filter(pl.col("confidence") < after)))
    elif after < before:
        between = by_people.filter(pl.col("confidence").is_between(after, before, closed="left"))
        lessons.append((LOOSER, {"probability": required, "before": shown("probability", before)}, between))
    for wording, matches, kinds in (
        (KIND_ALLOWED, by_people, _missing(old["automatic"], new["automatic"])),
        (KIND_FORBIDDEN, by_itself, _missing(new["automatic"], old["automatic"])),
    ):
        for kind in kinds:
            of_kind = matches.filter(pl.col("pattern") == _PATTERNS[kind])
            lessons.append((wording, {"kind": _OF_KIND[kind]()}, of_kind))
    told = [wording(**params, **_counted(matches)) for wording, params, matches in lessons if matches.height]
    return [RECORD(since=since, **_counted(by_itself)), *(told or [NOTHING_SAID()])]


def _missing(from_these: Sequence[str], of_those: Sequence[str]) -> list[str]:
    return [kind for kind in of_those if kind not in from_these]


def _counted(matches: pl.DataFrame) -> dict[str, int]:
    kept, undone = (
        sum(matches.filter(pl.col("is_refused") == is_refused)["count"].to_list())
        for is_refused in (False, True)
    )
    return {"kept": kept, "undone": undone}
