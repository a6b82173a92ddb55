"""`encours reconcile rules`: what matching may do by itself, and what other rules would change."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress

from encours.cli.help import french, help_text
from encours.cli.output import console, fail, finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.matching.comparison import CHANGES
from encours.core.matching.rules import RULE_NAMES, changed, from_text, in_words, values_of
from encours.core.money import Money
from encours.core.wording import Wording, format_date

if TYPE_CHECKING:
    from collections.abc import Mapping

    from encours.actions.preview_matching_rules import ChangedAnswer
    from encours.store.models import Company

NOT_A_RULE = Wording(
    "rules.not_a_pair",
    fr="« {text} » n'est pas une règle : NOM=VALEUR est attendu.",
    en='"{text}" is no rule: NAME=VALUE is expected.',
)
NOTHING_TO_TRY = Wording(
    "rules.nothing_to_try",
    fr="--preview compare d'autres règles : indiquez-les avec --set.",
    en="--preview compares other rules: say them with --set.",
)
_OUTCOMES = {
    "automatic": Wording("rules.outcome_automatic", fr="rapprochées d'elles-mêmes", en="matched by themselves"),
    "proposed": Wording("rules.outcome_proposed", fr="proposées", en="proposed"),
    "none": Wording("rules.outcome_none", fr="inexpliquées", en="unexplained"),
    "set_aside": Wording("rules.outcome_set_aside", fr="écartées", en="set aside"),
}  # fmt: skip
_CHANGES = {
    "matched_more": Wording("rules.matched_more", fr="rapprochée d'elle-même", en="matched by itself"),
    "matched_less": Wording("rules.matched_less", fr="plus rapprochée d'elle-même", en="no longer matched by itself"),
    "proposed_more": Wording("rules.proposed_more", fr="proposée", en="proposed"),
    "proposed_less": Wording("rules.proposed_less", fr="plus proposée", en="no longer proposed"),
    "otherwise": Wording("rules.otherwise", fr="autre réponse", en="answered otherwise"),
}  # fmt: skip
assert set(_CHANGES) == set(CHANGES)


@french("Montrer les règles de rapprochement, en changer, ou en essayer sur les lignes en attente.")
def rules(
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help=help_text(
                "rules.set",
                fr="NOM=VALEUR : centimes, points de base ou natures séparés par des virgules, parts de 1 ; rien pour la valeur par défaut.",
                en="NAME=VALUE: cents, basis points or kinds by commas, shares of 1; nothing for the default.",
            ),
            metavar="NAME=VALUE",
        ),
    ] = None,
    preview: Annotated[
        bool,
        typer.Option(
            "--preview",
            help=help_text(
                "rules.preview",
                fr="Dire ce qu'elles changeraient, ne rien enregistrer.",
                en="Say what they would change, save nothing.",
            ),
        ),
    ] = False,
    company_slug: CompanyOption = "",
    on: OnOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show the matching rules, change some, or try some on the lines that wait."""
    values = dict(_rule(text, as_json=as_json) for text in set_ or [])
    if preview and not values:
        fail(NOTHING_TO_TRY(), as_json=as_json)
    with company(company_slug, as_json=as_json) as chosen:
        if preview:
            _preview(chosen, values, on, as_json=as_json)
        if values:
            _save(chosen, values, as_json=as_json)
        told = values_of(chosen.matching_rules)
        if not as_json:
            for name, value in told.items():
                label = RULE_NAMES[name]().say(language())
                out.print(f"{label} [dim]({name})[/]  {in_words(name, value, language())}")
        finish({"rules": told}, as_json=as_json)


def _rule(text: str, *, as_json: bool) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign:
        fail(NOT_A_RULE(text=text), as_json=as_json)
    return name.strip(), from_text(name.strip(), value)


def _save(chosen: "Company", values: "Mapping[str, Any]", *, as_json: bool) -> None:
    from encours.actions.update_matching_rules import UnableToUpdateMatchingRules, update_matching_rules

    try:
        update_matching_rules(company=chosen, actor="cli", values=values)
    except UnableToUpdateMatchingRules as error:
        finish({}, problems=error.problems, as_json=as_json)


def _preview(chosen: "Company", values: "Mapping[str, Any]", on: str, *, as_json: bool) -> None:
    """Both rules on the lines that wait, at once: whoever calls waits for the answer. Ends the command."""
    from encours.actions.preview_matching_rules import changes_between, compare_rules, counts_of

    wanted, problems = changed(chosen.matching_rules, values)
    if problems:
        finish({}, problems=problems, as_json=as_json)
    today = day(on, as_json=as_json, company=chosen)
    with Progress(console=console, transient=True, disable=as_json) as progress:
        task = progress.add_task("", total=None)
        before, after = compare_rules(
            company=chosen,
            current=chosen.matching_rules,
            wanted=wanted,
            on=today,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )
    changes = list(changes_between(before=before, after=after))
    current_counts, wanted_counts = counts_of(before), counts_of(after)
    if not as_json:
        _show(changes, current_counts, wanted_counts)
    answer = {
        "rules": values_of(chosen.matching_rules),
        "wanted": values_of(wanted),
        "counts": {outcome: [current_counts[outcome], wanted_counts[outcome]] for outcome in current_counts},
        "changes": [_as_json(each) for each in changes],
    }
    finish(answer, as_json=as_json)


def _as_json(each: "ChangedAnswer") -> dict[str, Any]:
    told = {
        name: {"outcome": said.outcome, **said.answer.candidates[0].as_json(language())}
        for name, said in (("before", each.before), ("after", each.after))
    }
    line = each.after.answer
    return {
        "change": each.change,
        "bank_reference": line.bank_reference,
        "booked_date": line.booked_date.isoformat(),
        "amount_cents": line.amount.cents,
        "currency": line.amount.currency,
        **told,
    }


def _show(changes: "list[ChangedAnswer]", current: "Mapping[str, int]", wanted: "Mapping[str, int]") -> None:
    for each in changes:
        line = each.after.answer
        amount = Money(line.amount.cents, line.amount.currency).format(language())
        day_of_line = format_date(line.booked_date, language())
        said = _CHANGES[each.change]().say(language())
        out.print(f"[bold]{said}[/]  {day_of_line}  {amount}  {line.bank_reference}")
        out.print(f"    {each.before.answer.reason.say(language())}", markup=False)
        out.print(f"  → {each.after.answer.reason.say(language())}", markup=False)
    for outcome, name in _OUTCOMES.items():
        out.print(f"{current[outcome]} → {wanted[outcome]}  {name().say(language())}")
