"""`encours dunning conversion | hold-out`: what becomes of what each step asks for, and what is held back to tell."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from encours.cli.help import french, help_text
from encours.cli.output import finish, language, out
from encours.cli.session import CompanyOption, JsonOption, OnOption, company, day
from encours.core.dunning.policy import CHANNEL_NAMES
from encours.core.problems import Problem
from encours.core.wording import Sentence, Wording

if TYPE_CHECKING:
    from encours.core.dunning.conversion import Conversion, Effect, Rate

_RATE = Wording(
    "conversion.rate",
    fr="{step} {channel} {template} ({policy} v{version}) : {paid} sur {count} payées sous {days} j, {percent} % (entre {low} et {high})",
    en="{step} {channel} {template} ({policy} v{version}): {paid} of {count} paid within {days} d, {percent} % (between {low} and {high})",
)
_EFFECT = Wording(
    "conversion.effect", fr="{step} sous {days} j : {said}", en="{step} within {days} d: {said}"
)


@french(
    "Ce que devient chaque étape : part payée sous 7, 15 et 30 jours, et l’effet mesuré contre le tirage au sort."
)
def conversion(on: OnOption = "", company_slug: CompanyOption = "", as_json: JsonOption = False) -> None:
    """What becomes of each step: the share paid within 7, 15 and 30 days, and the effect against what was held back."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.core.dunning.conversion import NOT_ALLOWED, conversions, effects
        from encours.queries.conversion import steps_done
        from encours.queries.hold_out import hold_out_rule

        today = day(on, as_json=as_json, company=chosen)
        steps = steps_done(company=chosen)
        rates, found = conversions(steps=steps, on=today), effects(steps=steps, on=today)
        rule = hold_out_rule(company=chosen)
    if not as_json:
        for each in rates:
            if each.measured.count:
                out.print(_rate_said(each), markup=False)
        for each in found or [NOT_ALLOWED()]:
            said = (
                each
                if isinstance(each, Sentence)
                else _EFFECT(step=each.step_code, days=each.days, said=each.sentence)
            )
            out.print(said.say(language()), markup=False)
    finish(
        {
            "on": today,
            "hold_out": {
                "percent": rule.percent if rule else 0,
                "max_amount_cents": rule.max_amount_cents if rule else 0,
            },
            "conversion": [_rate_told(each) for each in rates],
            "effects": [_effect_told(each) for each in found],
        },
        as_json=as_json,
    )


@french("Laisser retenir au hasard une part des relances, pour en mesurer l’effet ; 0 n’en retient plus.")
def hold_out(
    percent: Annotated[
        int,
        typer.Option(
            "--percent",
            help=help_text(
                "hold_out.percent", fr="Part retenue, de 0 à 50 %.", en="Share held back, 0 to 50 %."
            ),
        ),
    ],
    max_amount_cents: Annotated[
        int,
        typer.Option(
            "--max-amount-cents",
            help=help_text(
                "hold_out.max_amount",
                fr="Montant dû, en centimes, au-delà duquel on relance toujours.",
                en="Amount left to pay, in cents, above which a reminder always goes.",
            ),
        ),
    ] = 50_000,
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Let a share of reminders be held back at random, to measure what they do; 0 holds none back any more."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.allow_hold_out import UnableToAllowHoldOut, allow_hold_out

        try:
            allow_hold_out(company=chosen, percent=percent, max_amount_cents=max_amount_cents, actor="cli")
        except UnableToAllowHoldOut as error:
            finish({}, problems=[Problem(error.sentence)], as_json=as_json)
    finish({"percent": percent, "max_amount_cents": max_amount_cents}, as_json=as_json)


def _rate_told(each: "Conversion") -> dict[str, Any]:
    return {
        "step": each.step_code,
        "channel": each.channel,
        "template": each.template,
        "policy": each.policy,
        "version": each.version,
        "days": each.days,
        **_measured(each.measured),
    }


def _measured(rate: "Rate") -> dict[str, Any]:
    return {
        "count": rate.count,
        "paid": rate.paid,
        "rate": None if rate.rate is None else round(rate.rate, 4),
        "low": round(rate.low, 4),
        "high": round(rate.high, 4),
    }


def _effect_told(each: "Effect") -> dict[str, Any]:
    return {
        "step": each.step_code,
        "days": each.days,
        "sent": _measured(each.sent),
        "held_out": _measured(each.held_out),
        "effect": None if each.effect is None else round(each.effect, 4),
        "low": None if each.low is None else round(each.low, 4),
        "high": None if each.high is None else round(each.high, 4),
        "said": each.sentence.say(language()),
    }


def _rate_said(each: "Conversion") -> str:
    rate = each.measured
    return _RATE(
        step=each.step_code,
        channel=CHANNEL_NAMES[each.channel](),
        template=each.template,
        policy=each.policy,
        version=each.version,
        paid=rate.paid,
        count=rate.count,
        days=each.days,
        percent=round(100 * (rate.rate or 0)),
        low=round(100 * rate.low),
        high=round(100 * rate.high),
    ).say(language())
