"""`encours dunning simulate | replay`: what policies will do, and what they would have done."""

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from encours.cli.help import french, help_text
from encours.cli.output import fail, finish, language, out
from encours.cli.policies import NO_POLICY, NOT_READ
from encours.cli.session import BAD_DATE, CompanyOption, JsonOption, OnOption, company, day
from encours.core.dunning.policy import CHANNEL_NAMES
from encours.core.money import format_cents
from encours.core.wording import Wording, format_date
from encours.ports.files import system_reason

if TYPE_CHECKING:
    import polars as pl

    from encours.core.dunning import Policy
    from encours.store.models import Company

SHOWN = 40
# a replay without dates: long enough for every step of most policies to come
REPLAYED_DAYS = 180
PAYS = ("nobody", "habits")

BAD_PAYS = Wording(
    "simulation.bad_pays",
    fr="--pays : « {value} » n’est pas {known}",
    en='--pays: "{value}" is not one of {known}',
)
BAD_SPAN = Wording(
    "simulation.bad_span",
    fr="Le premier jour doit précéder le dernier, d’au plus {days} jours",
    en="The first day must come before the last, by at most {days} days",
)
NOTHING_PAST = Wording(
    "simulation.nothing_past",
    fr="Aucune facture : il n’y a pas encore de passé à rejouer",
    en="There is no invoice: there is no past to live through again yet",
)
_TOTAL = Wording(
    "simulation.total",
    fr="{policy} : {messages} envoi(s) à {customers} client(s), dont {letters} courrier(s) ; coût {cost}",
    en="{policy}: {messages} messages to {customers} customers, {letters} of them letters; cost {cost}",
)
_BY_ITSELF = Wording(
    "simulation.by_itself",
    fr="{count} des {lines} créances évoquées ont été réglées d’elles-mêmes : {soon} sous 7 j, {later} sous 30 j",
    en="{count} of the {lines} receivables asked for were paid by themselves: {soon} within 7 d, {later} within 30 d",
)
_AS_THEY_ARE = Wording("simulation.in_force", fr="scénarios en vigueur", en="policies in force")
_TITLES = (
    Wording("simulation.title_week", fr="semaine du", en="week of"),
    Wording("simulation.title_step", fr="étape", en="step"),
    Wording("simulation.title_channel", fr="canal", en="channel"),
    Wording("simulation.title_messages", fr="envois", en="messages"),
    Wording("simulation.title_cost", fr="coût", en="cost"),
)

PolicyOption = Annotated[
    str,
    typer.Option(
        "--policy",
        help=help_text(
            "simulation.policy",
            fr="Un scénario au lieu de ceux en vigueur : un fichier YAML, ou son nom court.",
            en="A policy instead of those in force: a YAML file, or its slug.",
        ),
        metavar="FILE|SLUG",
    ),
]
AgainstOption = Annotated[
    str,
    typer.Option(
        "--against",
        help=help_text(
            "simulation.against",
            fr="Un second scénario, à côté du premier.",
            en="A second policy, beside the first.",
        ),
        metavar="FILE|SLUG",
    ),
]


@french("Ce qui partirait dans les jours à venir, étape par étape, et ce que cela coûte. N’écrit rien.")
def simulate(
    days: Annotated[
        int,
        typer.Option(
            "--days",
            min=1,
            max=366,
            help=help_text("simulation.days", fr="Nombre de jours.", en="How many days."),
        ),
    ] = 90,
    policy: PolicyOption = "",
    against: AgainstOption = "",
    pays: Annotated[
        str,
        typer.Option(
            "--pays",
            help=help_text(
                "simulation.pays",
                fr="Qui paie d’ici là : nobody (personne, par prudence) ou habits (chacun avec son retard habituel).",
                en="Who pays meanwhile: nobody (to be cautious), or habits (each as late as usual).",
            ),
        ),
    ] = "nobody",
    approval_days: Annotated[
        int,
        typer.Option(
            "--approval-days",
            min=0,
            max=30,
            help=help_text(
                "simulation.approval_days",
                fr="Jours ouvrés qu’il faut pour approuver.",
                en="Business days approvals take.",
            ),
        ),
    ] = 1,
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """What would go out over the days to come, step by step, and what it costs. Writes nothing."""
    if pays not in PAYS:
        fail(BAD_PAYS(value=pays, known=", ".join(PAYS)), as_json=as_json)
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.simulate_dunning import simulate_dunning
        from encours.core.dunning.outlook import told

        today = day(on, as_json=as_json, company=chosen)
        sides, frames = [], []
        for slug, wanted in _sides(chosen, policy, against, as_json=as_json):
            found = simulate_dunning(
                company=chosen,
                on=today,
                days=days,
                policy=wanted,
                pays=pays,  # type: ignore[arg-type]
                approval_days=approval_days,
            )
            frames.append(found.messages)
            listed = _messages(chosen, found.messages, found.lines) if as_json else []
            sides.append(
                {
                    "policy": slug,
                    **told(found.messages),
                    "called_off": found.simulation.called_off,
                    "waiting": found.simulation.waiting,
                    "held_out": found.simulation.held_out,
                    "messages": listed,
                }
            )
        answer = _answer(chosen, sides, frames)
    if not as_json:
        _print(sides, frames, chosen.currency)
    finish(
        {"on": today, "days": days, "pays": pays, "approval_days": approval_days, **answer}, as_json=as_json
    )


@french(
    "Un scénario sur le passé de la société : ce qu’il aurait envoyé, et à des factures réglées d’elles-mêmes. N’écrit"
    " rien."
)
def replay(
    policy: PolicyOption = "",
    against: AgainstOption = "",
    from_date: Annotated[
        str,
        typer.Option(
            "--from",
            help=help_text("simulation.from", fr="Premier jour, AAAA-MM-JJ.", en="First day, YYYY-MM-DD."),
            metavar="DATE",
        ),
    ] = "",
    to_date: Annotated[
        str,
        typer.Option(
            "--to",
            help=help_text("simulation.to", fr="Dernier jour, AAAA-MM-JJ.", en="Last day, YYYY-MM-DD."),
            metavar="DATE",
        ),
    ] = "",
    on: OnOption = "",
    company_slug: CompanyOption = "",
    as_json: JsonOption = False,
) -> None:
    """A policy over the company's own past: what it would have sent, and to invoices paid by themselves. Writes nothing."""
    with company(company_slug, as_json=as_json) as chosen:
        from encours.actions.replay_dunning import replay_dunning
        from encours.core.dunning.outlook import told

        today = day(on, as_json=as_json, company=chosen)
        since, until = _span(chosen, from_date, to_date, today, as_json=as_json)
        sides, frames = [], []
        for slug, wanted in _sides(chosen, policy, against, as_json=as_json):
            found = replay_dunning(company=chosen, since=since, until=until, policy=wanted)
            frames.append(found.messages)
            listed = _messages(chosen, found.messages, found.lines) if as_json else []
            sides.append(
                {
                    "policy": slug,
                    **told(found.messages),
                    "paid_by_themselves": found.within,
                    "messages": listed,
                }
            )
        answer = _answer(chosen, sides, frames)
    if not as_json:
        _print(sides, frames, chosen.currency)
    finish({"from": since, "to": until, **answer}, as_json=as_json)


def _span(
    chosen: "Company", from_date: str, to_date: str, today: date, *, as_json: bool
) -> tuple[date, date]:
    """The last half year up to yesterday unless said; not before the first invoice."""
    from encours.actions.replay_dunning import MAX_DAYS
    from encours.queries.replay import first_invoice_date

    def read(value: str, otherwise: date) -> date:
        try:
            return date.fromisoformat(value) if value else otherwise
        except ValueError:
            fail(BAD_DATE(value=value), as_json=as_json)

    first = first_invoice_date(company=chosen)
    if first is None:
        fail(NOTHING_PAST(), as_json=as_json)
    until = read(to_date, today - timedelta(days=1))
    since = read(from_date, max(first, until - timedelta(days=REPLAYED_DAYS - 1)))
    if not 0 <= (until - since).days < MAX_DAYS:
        fail(BAD_SPAN(days=MAX_DAYS), as_json=as_json)
    return since, until


def _sides(
    chosen: "Company", policy: str, against: str, *, as_json: bool
) -> "list[tuple[str, Policy | None]]":
    """The policies to try, by slug; what is in force has none."""
    first = [(wanted.slug if wanted else "", wanted) for wanted in [_policy(chosen, policy, as_json)]]
    second = [(wanted.slug if wanted else "", wanted) for wanted in [_policy(chosen, against, as_json)]]
    return first + (second if against else [])


def _policy(chosen: "Company", said: str, as_json: bool) -> "Policy | None":
    """A file's, the one in force, or a ready-made one; None for nothing said."""
    from encours.ports.policy_files import MAX_BYTES, read_policy_file, ready_policies
    from encours.queries.policies import active_policy_values

    if not said:
        return None
    file = Path(said)
    if file.suffix in (".yaml", ".yml") or file.is_file():
        try:
            with file.open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
        except OSError as error:
            fail(NOT_READ(path=said, reason=system_reason(error)), as_json=as_json)
        found, problems = read_policy_file(content, name=file.name)
        if found is None:
            finish({}, problems=problems, as_json=as_json)
        return found
    known = ready_policies() | {value.slug: value for value in active_policy_values(company=chosen).values()}
    if said not in known:
        fail(NO_POLICY(slug=said, known=", ".join(sorted(known))), as_json=as_json)
    return known[said]


def _answer(chosen: "Company", sides: list[dict[str, Any]], frames: "list[pl.DataFrame]") -> dict[str, Any]:
    """One side is the answer itself, with the second and what differs beside it."""
    from encours.core.dunning.costs import message_costs
    from encours.core.dunning.outlook import differences

    costs = [
        {"channel": each.channel, "cost_cents": each.cents, "assumed": each.is_assumed}
        for each in message_costs(chosen.channel_costs)
    ]
    answer = {**sides[0], "costs": costs}
    if len(sides) == 2:
        answer |= {"against": sides[1], "differences": differences(frames[0], frames[1])}
    return answer


def _messages(chosen: "Company", messages: "pl.DataFrame", lines: "pl.DataFrame") -> list[dict[str, Any]]:
    import polars as pl

    from encours.queries.dunning import customer_names, numbers_of

    names = customer_names(company=chosen, customer_ids=messages["customer_id"])
    numbers = numbers_of(company=chosen, document_ids=lines["document_id"])
    documents: dict[int, list[str]] = {
        message: [numbers[each] for each in ids]
        for message, ids in lines.group_by("message").agg(pl.col("document_id").unique().sort()).iter_rows()
    }
    return [
        {
            "date": row["sent_date"],
            "customer": names[row["customer_id"]][0],
            "customer_name": names[row["customer_id"]][1],
            "step": row["step_code"],
            "channel": row["channel"],
            "template": row["template"],
            "currency": row["currency"],
            "amount_cents": row["amount_cents"],
            "cost_cents": row["cost_cents"],
            "documents": documents[row["message"]],
            **(
                {"paid_by_themselves": row["by_itself_count"], "within_days": row["by_itself_days"]}
                if "by_itself_count" in row
                else {}
            ),
        }
        for row in messages.iter_rows(named=True)
    ]


def _print(sides: list[dict[str, Any]], frames: "list[pl.DataFrame]", currency: str) -> None:
    import polars as pl

    for side, messages in zip(sides, frames, strict=True):
        out.print(
            _TOTAL(
                policy=side["policy"] or _AS_THEY_ARE(),
                messages=side["messages_count"],
                customers=side["customers"],
                letters=side["letters"],
                cost=format_cents(side["cost_cents"], currency, language()),
            ).say(language())
        )
        if "paid_by_themselves" in side:
            within = side["paid_by_themselves"]
            out.print(
                _BY_ITSELF(
                    count=within["by_themselves"],
                    lines=within["lines"],
                    soon=within["within_7_days"],
                    later=within["within_30_days"],
                ).say(language())
            )
        table = Table(box=None, header_style="bold")
        for place, title in enumerate(_TITLES):
            table.add_column(title().say(language()), justify="right" if place > 2 else "left")
        weeks = (
            messages.group_by(pl.col("sent_date").dt.truncate("1w"), "step_code", "channel")
            .agg(pl.len(), pl.col("cost_cents").sum())
            .sort("sent_date", "step_code", "channel")
        )
        for week, step, channel, count, cost in weeks.head(SHOWN).iter_rows():
            table.add_row(
                format_date(week, language()),
                step,
                CHANNEL_NAMES[channel]().say(language()),
                str(count),
                format_cents(cost, currency, language()),
            )
        out.print(table)
